//! Escalation policies: whom an alert reaches, in which order, and how long each step waits.
//!
//! **Vocabulary.** A *policy* has *steps*; a step waits `delay_min` minutes after the step before, has a
//! condition (`if_not_acked` or `if_not_closed`) and notifies a person, a schedule or a team. `repeat` runs all
//! steps again. A *team's routing* names the policy for alerts whose service names none.
//!
//! The rules of a running escalation are in [`domain::escalation`].
//!
//! **Invariants**
//! - Every change is a new version of the document `escalation_policy/<id>`, in the same transaction as the row.
//! - A running escalation never sees an edit: it carries the policy it started with (see [`crate::paging`]).
//! - A policy without steps notifies nobody, on purpose.
//! - A policy that a service or a team still uses cannot be deleted.
//!
//! **One request.** `PUT /escalation-policies/{id}` → [`service::change`] authorises, checks the steps against
//! people, schedules and teams that exist, locks the row, compares the version, writes row, document and event.

mod api;
mod rehearsal;
mod routes;
mod service;
pub(crate) mod store;
mod titles;
mod view;

pub(crate) use api::target_name;
pub use api::{PolicyBody, PolicyDto};
pub use routes::routes;
pub(crate) use service::target_names;
pub use service::{PolicyDocuments, PolicyError, change, create, remove, set_routing};
pub use titles::PolicyTitles;
