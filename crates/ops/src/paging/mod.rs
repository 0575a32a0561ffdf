//! Paging: an alert becomes messages to people, one by one, until somebody takes it.
//!
//! **Vocabulary.** A *flow* is one run of an alert's escalation; un-acknowledging and the end of a snooze start the
//! next one and make everything of the old one void. A *page* is one intended message: flow, round, step and
//! contact. The *trail* says who was told, when, how and why, who was not, and what comes next. The *auditor* looks
//! for alerts that wait for an answer with nothing to come.
//!
//! **Stages**, each recording why: [`route`] chooses the policy → [`flow`] freezes it onto the alert and runs steps
//! as they fall due → [`people`] looks up who is behind a step and how they want to be told → [`deliver`] hands each
//! page over → [`link`] lets the person acknowledge with one click.
//!
//! **Invariants**
//! - The policy is frozen onto the flow; the people are looked up when a step runs.
//! - A page exists exactly once (a unique key); it is handed over at least once, with its id as Message-ID or
//!   `Idempotency-Key`. Nothing is sent inside a transaction.
//! - The alert's row is locked before its flow or its pages are changed, so that a late step and an acknowledgement
//!   never overlap.
//! - Each step is a timer row; running it, its pages, their delivery jobs and the next timer are one transaction.
//! - A message that cannot be handed over is tried again for as long as the alert waits. Meanwhile the person's next
//!   method is used, and then the next step.
//! - Absent on purpose: a cache of who is on call.
//!
//! **One page walked through.** `AlertRaised` → [`reader`] chooses the policy, stores the flow, runs its first step
//! and stores a page for Ana's mail → the job `page.deliver` sends the mail and marks the page → five minutes later
//! the job `escalation.step` finds nobody has acknowledged and pages Ben → Ben opens the link and presses the button
//! → the alert is acknowledged → the reader cancels what is still waiting.

mod audit;
mod deliver;
mod flow;
mod jobs;
mod link;
mod link_page;
mod message;
pub(crate) mod people;
mod reader;
mod route;
mod routes;
pub(crate) mod store;
mod trail;

use std::collections::HashMap;

use kernel::AlertId;
use platform::{App, DbError, Sql, Work};

use crate::alert::api::AlertEscalation;

pub use audit::{AlarmedAlert, OnCallAlarm, list_alarms};
pub use link::ack_token;
pub use routes::routes;

/// What can go wrong while paging.
#[derive(Debug, thiserror::Error)]
pub enum PagingError {
    /// The alert refused.
    #[error(transparent)]
    Alert(#[from] crate::alert::AlertError),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl kernel::KindedError for PagingError {
    fn kind(&self) -> kernel::ErrorKind {
        match self {
            Self::Alert(error) => error.kind(),
            Self::Db(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Alert(error) => error.code(),
            Self::Db(error) => error.code(),
        }
    }
}

impl From<PagingError> for platform::WorkError {
    fn from(error: PagingError) -> Self {
        match error {
            PagingError::Db(error) => Self::Db(error),
            PagingError::Alert(error) => error.into(),
        }
    }
}

/// The reader and the jobs of paging.
pub fn work(app: &App) -> Work {
    Work::new()
        .reader(reader::Paging)
        .job(jobs::RunStep::new(app))
        .job(jobs::EndAcknowledgement::new(app))
        .job(deliver::Deliver::new(app))
        .job(audit::Audit::new(app))
}

/// Starts the auditor's timer when it does not run yet; the server calls it once at its start.
///
/// # Errors
/// When the database fails.
pub async fn start_auditor(app: &App) -> Result<(), DbError> {
    audit::start(app).await
}

/// How the escalation of each of these alerts stands. Whoever calls has checked that the caller sees the alerts.
///
/// # Errors
/// When the database fails.
pub async fn escalations_of(sql: &impl Sql, alerts: &[AlertId]) -> Result<HashMap<AlertId, AlertEscalation>, DbError> {
    trail::escalations_of(sql, alerts).await
}
