//! The vocabulary that every crate shares: typed ids, actors, scope, permissions, error kinds, pages,
//! the clock port and the event envelope.
//!
//! **Invariants**
//! - No input or output happens here, and nothing reads the time: a [`Clock`] is passed in.
//! - A [`Scope`] is only made from an authenticated caller (or explicitly for the system itself), and
//!   every store function that returns records takes one.
//! - An [`Event`] carries ids and small facts. Free text and personal data stay in their own rows,
//!   so that they can be erased.

mod actor;
mod clock;
mod error;
mod event;
mod id;
mod page;
mod permission;
mod scope;
mod wire;

pub use actor::{Actor, Origin};
pub use clock::{Clock, ManualClock, micros, timestamp};
pub use error::{ErrorKind, FieldError, KindedError};
pub use event::{Event, RecordKind};
pub use id::{
    AlertId, AttachmentId, BlobId, CommentId, ContactId, DocumentId, EventId, IntegrationId, JobId, LinkId, PageId,
    PersonId, ProjectId, ScheduleId, ServiceId, SessionId, TeamId, TicketId, TokenId,
};
pub use page::{Cursor, Page, PageRequest};
pub use permission::{Permission, Role};
pub use scope::Scope;
pub use wire::{Action, Ref, nullable};
