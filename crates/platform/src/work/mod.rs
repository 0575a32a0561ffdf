//! What runs by itself: readers of the event log, and jobs (timers are jobs that are due later).
//!
//! **Invariants**
//! - A reader handles events in order, in the transaction that moves its stored position: every effect in the
//!   database happens exactly once. An event that fails [`Reader`] many times is put aside as a dead job.
//! - A job is claimed under a lease with a fencing number; the transaction that ends it checks the number. A job
//!   that fails is tried again later and later, and at last stands among the dead jobs, where a person can run it
//!   again.
//! - Nothing here decides by an in-memory timer: [`Work::step`] does what is due at the database's clock, so that a
//!   simulated clock drives everything.

pub mod hold;
pub mod routes;
mod run;
pub mod state;
pub(crate) mod store;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use kernel::JobId;
use serde_json::Value;

use crate::{DbError, StoredEvent, Tx};

/// Why a reader or job could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum WorkError {
    /// The database failed, or the lease was lost.
    #[error(transparent)]
    Db(#[from] DbError),
    /// Try again later.
    #[error("{0}")]
    Failed(String),
    /// Trying again is pointless: put it aside at once.
    #[error("{0}")]
    Dead(String),
}

/// Follows the event log from a stored position.
#[async_trait]
pub trait Reader: Send + Sync + 'static {
    /// Its name; the position is stored under it.
    fn name(&self) -> &'static str;
    /// Whether events of this kind on records of this kind are for it; it is neither woken for others nor handed them.
    fn concerns(&self, record_kind: &str, kind: &str) -> bool;
    /// Handles one event, in the transaction that moves the position.
    async fn handle(&self, tx: &mut Tx, event: &StoredEvent) -> Result<(), WorkError>;
    /// Handles events that came together, in order and in one transaction; for readers that can do many at once.
    async fn handle_all(&self, tx: &mut Tx, events: &[StoredEvent]) -> Result<(), WorkError> {
        for event in events {
            self.handle(tx, event).await?;
        }
        Ok(())
    }
}

/// A claimed job.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// What to do, such as `mail.send`.
    pub kind: String,
    /// Unique within the kind.
    pub key: String,
    /// When it was due.
    pub due_at: Timestamp,
    /// What it needs.
    pub payload: Value,
    /// 1 on the first attempt.
    pub attempt: i64,
    /// After this many it is dead.
    pub max_attempts: i64,
    pub(crate) fence: i64,
}

/// A job to schedule. One exists per kind and key: scheduling again replaces it.
#[derive(Clone, Debug)]
pub struct NewJob {
    pub(crate) kind: &'static str,
    pub(crate) key: String,
    pub(crate) due_at: Option<Timestamp>,
    pub(crate) payload: Value,
    pub(crate) max_attempts: i64,
}

impl NewJob {
    /// Due at once.
    pub fn now(kind: &'static str, key: impl Into<String>, payload: Value) -> Self {
        Self { kind, key: key.into(), due_at: None, payload, max_attempts: 12 }
    }

    /// Due later: a timer.
    pub fn at(kind: &'static str, key: impl Into<String>, due_at: Timestamp, payload: Value) -> Self {
        Self { due_at: Some(due_at), ..Self::now(kind, key, payload) }
    }

    /// How often it may be tried; 12 unless said otherwise, which takes about six hours.
    #[must_use]
    pub fn max_attempts(self, max_attempts: i64) -> Self {
        Self { max_attempts, ..self }
    }
}

/// Proof that a job was ended in a transaction: only [`Tx::finish`] makes it.
#[derive(Debug)]
pub struct Finished(pub(crate) ());

/// Does jobs of one kind. Outside work comes first; then one transaction stores the outcome and ends the job.
#[async_trait]
pub trait JobHandler: Send + Sync + 'static {
    /// The kind it does.
    fn kind(&self) -> &'static str;
    /// Whether it sends something out of the house, which a [`hold`] stops.
    fn outgoing(&self) -> bool {
        false
    }
    /// Does the job. Must be safe to repeat: a crash before the commit runs it again.
    async fn run(&self, job: &Job) -> Result<Finished, WorkError>;
}

/// All readers and job handlers of a server.
#[derive(Clone, Default)]
pub struct Work {
    readers: Vec<Arc<dyn Reader>>,
    handlers: Vec<Arc<dyn JobHandler>>,
    /// How far this process has seen for each reader that nothing concerns it; the stored position follows later.
    seen: Arc<Mutex<HashMap<&'static str, i64>>>,
}

impl Work {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a reader.
    #[must_use]
    pub fn reader(mut self, reader: impl Reader) -> Self {
        self.readers.push(Arc::new(reader));
        self
    }

    /// Adds a job handler.
    #[must_use]
    pub fn job(mut self, handler: impl JobHandler) -> Self {
        self.handlers.push(Arc::new(handler));
        self
    }

    /// Joins another set.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.readers.extend(other.readers);
        self.handlers.extend(other.handlers);
        self
    }
}

/// How long to wait after the nth failed attempt: 5 s, 10 s, 20 s ... at most an hour.
pub fn back_off(attempt: i64) -> SignedDuration {
    let doublings = u32::try_from(attempt.saturating_sub(1)).unwrap_or(0).min(10);
    SignedDuration::from_secs(5_i64 << doublings).min(SignedDuration::from_hours(1))
}
