//! Schedules: who is on call, kept as rotations and overrides and worked out by [`domain::schedule`].
//!
//! **Vocabulary.** A *rotation* passes a shift from participant to participant in the schedule's zone; rotations
//! are cumulative. An *override* puts one person on call for a while and beats the rotations. A *gap* is a stretch
//! in which nobody is on call and nobody meant it so.
//!
//! **Invariants**
//! - Nothing about "who is on call" is stored: it is worked out from the definition for the instant asked about.
//! - Every change of a definition is a new version of the document `schedule/<id>`, in the same transaction.
//!   Overrides are rows of their own; each one added or removed is an event of the schedule.
//! - A schedule that a policy notifies cannot be deleted.
//!
//! **One request.** `GET /schedules/{id}/timeline` → [`routes`] loads the definition and the overrides through the
//! caller's scope → [`domain::schedule::timeline`] → names are added in one query.

mod api;
mod overrides;
mod routes;
mod service;
pub(crate) mod store;
mod titles;
mod watch;

pub use api::{OnCallDto, ScheduleBody, ScheduleDto};
pub use overrides::{OverrideBody, add_override, remove_override};
pub use routes::routes;
pub use service::{ScheduleDocuments, ScheduleError, change, create, remove};
pub use titles::ScheduleTitles;
