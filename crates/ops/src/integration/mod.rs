//! Integrations: sources of alerts, each with a key.
//!
//! **Vocabulary.** *Kind*: which payload it sends (`alertmanager`, `generic` JSON with a mapping, `opsgenie` through
//! the compatible API). *Key*: its secret; only a hash stands in the database, with a prefix to recognise it by.
//! *Event*: one payload that came, kept with what became of it. *Backlog*: payloads that were answered and wait for
//! their turn.
//!
//! **Invariants**
//! - A payload that was accepted is durable before the answer is sent: with its alerts, or in the backlog.
//! - What an integration sends to one server, one after the other, is done in that order.
//! - A payload that cannot be read is kept with the reason and the place, and can be run again after the mapping was
//!   repaired. The last 50 events of an integration are kept.
//! - An integration acts with an actor of its own. With a team it sees that team's alerts only; without one it sees
//!   what an agent sees who is in no private team.
//! - Its own keys and settings never enter the event log; its payloads are shown to those who may read integrations.
//!
//! **One request walked through.** `POST /in/v1/alertmanager/{key}`: `inbound` hands it to `intake`, which finds the
//! integration by the hash of the key and takes a token from its bucket; `reading` turns the payload into commands
//! (`domain::ingest`); `run` does them, keeps the event and counts it, in one transaction of the bulk lane with the other
//! payloads that arrived at the same time; then 202 names the alerts. In a storm `backlog` stores the payload, 202 names
//! none, and `run` follows.

pub mod api;
mod backlog;
pub mod credential;
mod error;
mod inbound;
mod intake;
mod limit;
mod reading;
mod routes;
mod run;
pub mod service;
mod store;
mod titles;

use platform::{App, Work};
use utoipa_axum::router::OpenApiRouter;

pub use error::IntegrationError;
pub use reading::Kind;
pub use store::{Backlog, count_waiting};
pub use titles::IntegrationTitles;

/// The jobs of integrations.
pub fn work(app: &App) -> Work {
    Work::new().job(backlog::HandOn::new(app))
}

/// The routes of integrations: theirs for people, and the doors for sources.
pub fn routes() -> OpenApiRouter<App> {
    routes::routes().merge(inbound::routes())
}
