//! Service levels on tickets: their clocks follow every change, warn in time and can say why they show what they do.
//!
//! **Vocabulary.** `domain::sla` has the words. The *terms* ([`terms::Terms`]) are a service level as it is configured: the
//! definition and the projects whose tickets it is for. A *snapshot* ([`Snapshot`]) is what the goals' queries can ask
//! about a ticket, as it was at one change.
//!
//! **Invariants**
//! - A clock is written in the transaction of the change that moved it, under the lock of the ticket's row.
//! - Everything that a clock is folded from stands in the event log: the snapshot after each change, and who
//!   commented. Rows of clocks and cycles are its cache; [`apply::fold_history`] gives them again.
//! - A clock goes on by the versions of the documents that it was folded with until the re-computation reaches it.
//! - People are told of a mark once: by the timer, by the change that comes before a late timer, or by a
//!   re-computation. A service level that is new to a ticket tells nothing of what was over before.
//! - Documents are never removed, since clocks name their versions: an empty body says that one was deleted.
//!
//! **One ticket walked through.** `ticket::save` stores a change, puts the snapshot into its event and calls
//! [`apply::follow`]. That loads the ticket's clocks, lets `domain::sla` apply the change, stores clocks and cycles,
//! and sets a timer `sla.mark` for the next mark. When it is due, [`jobs::MarkJob`] notes the mark and emits
//! `SlaWarned` or `SlaBreached`. An edited document makes a job `sla.recompute` per service level, which works out the
//! clocks that name old versions anew, a few tickets at a time.

mod api;
pub(crate) mod apply;
mod documents;
mod error;
mod jobs;
mod manage;
mod read;
mod reader;
mod report;
mod routes;
mod snapshot;
mod store;
pub(crate) mod terms;

pub(crate) use api::TicketSla;
pub(crate) use documents::{CALENDAR, SLA};
pub use documents::{CalendarKind, SlaDocument, SlaKind, seed_in};
pub use error::SlaConfigError;
pub(crate) use jobs::work;
pub(crate) use read::summaries;
pub(crate) use routes::routes;
pub(crate) use snapshot::{Snapshot, history};
pub(crate) use store::events_of;
#[cfg(test)]
pub(crate) use store::latest_cycles_query;
