//! Everything that touches the outside world, and nothing that knows the trade: the database and its
//! transactions, the event log, timers and jobs, authorisation, secrets, files, outgoing mail and HTTP, the HTTP
//! toolkit and live updates.
//!
//! **Vocabulary.** A [`Tx`] is one unit of change: it carries actor, scope, clock and the events to write. A
//! *reader* ([`work::Reader`]) follows the event log from a stored position. A *job* ([`work::Job`]) is a row
//! with a due time; a timer is a job that is due later.
//!
//! **Invariants**
//! - [`Db::write`] answers after the commit: what it returned is durable.
//! - Only this crate reads the clock or makes random numbers.
//! - Inside a `Tx` only the database is awaited. A caller that hangs up never cancels one.
//! - Absent on purpose: in-memory timers that decide anything, and NOTIFY inside a writing transaction.
//!
//! **One request walked through.** `http::Caller` turns a cookie or token into a [`Ctx`]; the slice's service
//! authorises with [`Ctx::require`], then calls [`Db::write`]; its closure loads rows, decides, stores and
//! calls [`Tx::emit`]; the writer commits; readers and the live stream are woken; the route answers.

// What `derive` writes names this crate.
extern crate self as platform;

pub mod app;
pub mod audit;
pub mod auth;
pub mod backup;
pub mod blob;
pub mod db;
pub mod event_log;
pub mod history;
pub mod http;
pub mod live;
pub mod measure;
pub mod outgoing;
pub mod records;
pub mod secret;
pub mod secret_proof;
pub mod time;
pub mod trace;
pub mod work;

pub use app::{App, Settings};
pub use auth::{Authenticator, Ctx, Denied};
pub use blob::{BlobError, Blobs};
pub use db::{Backend, Db, DbError, Lane, Migration, Read, Sql, Tx};
pub use event_log::StoredEvent;
pub use http::{ApiError, Caller, MaybeCaller};
pub use outgoing::{Mail, Mailer, SendError, Webhook, WebhookSender};
pub use records::{RecordTally, RecordTitles, Records, Tally, Title};
pub use work::{Finished, Job, JobHandler, NewJob, Reader, Work, WorkError};

/// The tables of this crate.
pub const MIGRATIONS: &[Migration] = &[
    Migration { name: "platform_0001_foundation", sql: include_str!("../migrations/0001_foundation.sql") },
    Migration { name: "platform_0002_hold", sql: include_str!("../migrations/0002_hold.sql") },
    Migration { name: "platform_0003_audit", sql: include_str!("../migrations/0003_audit.sql") },
    Migration { name: "platform_0004_blobs", sql: include_str!("../migrations/0004_blobs.sql") },
    Migration { name: "platform_0005_jobs_due", sql: include_str!("../migrations/0005_jobs_due.sql") },
];
