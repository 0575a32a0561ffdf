//! Queues: saved queries over tickets, with the columns that their list shows.
//!
//! **Vocabulary.** A queue is *private* (its owner's), shared with *teams*, or with *everyone*. Queues of the first
//! start have no owner.
//!
//! **Invariants**
//! - A queue keeps the text of its query, in its regular spelling; each look understands it anew for whoever looks, so
//!   that `currentUser()` is them and no queue shows what they may not see.
//! - Private queues are seen by their owner alone, not by administrators either.
//! - Customers have no queues.

mod api;
mod routes;
mod service;
mod store;

use domain::query::QueryError;
use kernel::{ErrorKind, FieldError, KindedError, RecordKind};
use platform::{DbError, Denied};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ticket::TicketError;

pub(crate) use routes::routes;
pub(crate) use service::seed;
#[cfg(test)]
pub(crate) use service::{FIRST, LATER};
pub(crate) use store::list_shared_names;

/// The kind of record that queues are.
const QUEUE: RecordKind = RecordKind("queue");

/// Columns that a list of tickets can show.
pub(crate) const COLUMNS: [&str; 16] = [
    "key", "kind", "summary", "status", "priority", "impact", "urgency", "assignee", "reporter", "team", "service",
    "labels", "created", "updated", "resolved", "due",
];
/// Columns where none are named.
const DEFAULT_COLUMNS: [&str; 6] = ["key", "summary", "status", "priority", "assignee", "updated"];

/// Who sees a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = QueueVisibility)]
pub(crate) enum Visibility {
    /// Its owner.
    Private,
    /// Its owner and the members of some teams.
    Teams,
    /// All agents.
    Everyone,
}

impl Visibility {
    /// The stored spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Teams => "teams",
            Self::Everyone => "everyone",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Private, Self::Teams, Self::Everyone].into_iter().find(|one| one.as_str() == text)
    }
}

/// What can go wrong with a queue.
#[derive(Debug, thiserror::Error)]
pub(crate) enum QueueError {
    /// No such queue, or none that the caller may see.
    #[error("There is no such queue.")]
    NotFound,
    /// Somebody changed it since the caller read it.
    #[error("The queue is at version {current} by now; read it again and repeat the change.")]
    VersionConflict {
        /// Its version now.
        current: i64,
    },
    /// The caller may see it but not do this to it.
    #[error("{0}")]
    Refused(&'static str),
    /// Its query cannot be understood.
    #[error("The query cannot be understood.")]
    Query(Vec<QueryError>),
    /// Fields are wrong.
    #[error("The queue is not valid.")]
    Invalid(Vec<FieldError>),
    /// Its tickets could not be read.
    #[error(transparent)]
    Tickets(#[from] TicketError),
    /// The caller lacks a permission.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl KindedError for QueueError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound => ErrorKind::NotFound,
            Self::VersionConflict { .. } => ErrorKind::Conflict,
            Self::Refused(_) => ErrorKind::Forbidden,
            Self::Query(wrong) => {
                ErrorKind::Invalid(wrong.iter().map(|wrong| FieldError::new("query", wrong.to_string())).collect())
            }
            Self::Invalid(fields) => ErrorKind::Invalid(fields.clone()),
            Self::Tickets(error) => error.kind(),
            Self::Denied(error) => error.kind(),
            Self::Db(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "queue_not_found",
            Self::VersionConflict { .. } => "version_conflict",
            Self::Refused(_) => "queue_refused",
            Self::Query(_) => "query_invalid",
            Self::Invalid(_) => "queue_invalid",
            Self::Tickets(error) => error.code(),
            Self::Denied(error) => error.code(),
            Self::Db(error) => error.code(),
        }
    }
}
