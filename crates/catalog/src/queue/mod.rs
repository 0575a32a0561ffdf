//! Queues: saved queries over tickets, alerts or other records, with the columns that their list shows.
//!
//! **Vocabulary.** A queue is *over* one kind of record; it is *private* (its owner's), shared with *teams*, or with
//! *everyone*. Queues of the first start have no owner. Queues stand below the slices whose records they are over: each
//! slice brings a [`QueuedRecords`] that checks and counts.
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
mod titles;

use std::sync::Arc;

use async_trait::async_trait;
use domain::query::QueryError;
use kernel::{ErrorKind, FieldError, KindedError, Permission, RecordKind};
use platform::{App, Ctx, DbError, Denied};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::query::RecordCount;

pub use routes::routes;
pub use service::{Seeds, seed_in};
pub use titles::QueueTitles;

/// The kind of record that queues are.
const QUEUE: RecordKind = RecordKind("queue");

/// A kind of record that queues are over.
#[async_trait]
pub trait QueuedRecords: Send + Sync + 'static {
    /// What the records are called, such as `tickets`.
    fn over(&self) -> &'static str;
    /// What seeing the records needs.
    fn read(&self) -> Permission;
    /// What keeping shared queues needs.
    fn manage(&self) -> Permission;
    /// Columns where none are named.
    fn usual_columns(&self) -> &'static [&'static str];
    /// The columns that every list can show.
    fn columns(&self) -> &'static [&'static str];
    /// How further columns are written, if there are some.
    fn further_columns(&self) -> Option<&'static str> {
        None
    }
    /// Whether a list can show this column.
    fn has_column(&self, column: &str) -> bool {
        self.columns().contains(&column)
    }
    /// What is wrong with a query for this caller; nothing if it can be understood.
    async fn check(&self, app: &App, ctx: &Ctx, query: &str) -> Result<Vec<QueryError>, DbError>;
    /// How many records each of these queries has for this caller, or why that cannot be said.
    async fn count(
        &self,
        app: &App,
        ctx: &Ctx,
        queries: &[&str],
    ) -> Result<Vec<Result<RecordCount, Vec<QueryError>>>, DbError>;
}

/// All kinds of records that queues are over.
#[derive(Clone, Default)]
pub struct QueueKinds(Arc<Vec<Arc<dyn QueuedRecords>>>);

impl QueueKinds {
    /// These; the first is meant where a caller names none.
    pub fn new(kinds: Vec<Arc<dyn QueuedRecords>>) -> Self {
        Self(Arc::new(kinds))
    }

    fn find(&self, over: Option<&str>) -> Option<&dyn QueuedRecords> {
        let mut kinds = self.0.iter().map(AsRef::as_ref);
        match over {
            None => kinds.next(),
            Some(over) => kinds.find(|kind| kind.over() == over),
        }
    }

    fn iter(&self) -> impl Iterator<Item = &dyn QueuedRecords> {
        self.0.iter().map(AsRef::as_ref)
    }
}

/// Who sees a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = QueueVisibility)]
pub enum Visibility {
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
pub enum QueueError {
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
    Refused(String),
    /// Its query cannot be understood.
    #[error("The query cannot be understood.")]
    Query(Vec<QueryError>),
    /// Fields are wrong.
    #[error("The queue is not valid.")]
    Invalid(Vec<FieldError>),
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
            Self::Denied(error) => error.code(),
            Self::Db(error) => error.code(),
        }
    }
}
