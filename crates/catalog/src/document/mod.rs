//! Versioned configuration documents: `(kind, key)` names one, every version of it stays and can be restored.
//!
//! A slice that owns a kind writes it inside its own transaction with [`write()`], reads it with [`current`] or, for
//! running work that froze a version, [`version_of`]. It registers the kind as a [`DocumentKind`] so that any old
//! version can be brought back through the API by the same checks as an edit.
//!
//! **Invariants**
//! - Versions of a document count 1, 2, 3 ... without gaps: the head row is locked before a version is added.
//! - A version never changes. Restoring adds a new version with the old body.
//! - Writing a body equal to the current one adds nothing.

mod api;
mod kept;
mod routes;
mod service;
mod store;

use async_trait::async_trait;
use kernel::{ErrorKind, FieldError, KindedError, Permission};
use platform::auth::Denied;
use platform::db::{DbError, Tx};
use serde_json::Value;
use std::sync::Arc;
use uuid::Uuid;

pub use api::{DocumentDto, DocumentVersionDto};
pub use kept::{Kept, heads};
pub(crate) use routes::routes;
pub use service::{restore, write, write_if_absent};
pub use store::{Head, current, list_current, version_of};

/// One version of a document.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// Names the document over all its versions.
    pub id: Uuid,
    /// What it configures, such as `service_rules`.
    pub kind: String,
    /// Which one of its kind.
    pub key: String,
    /// 1, 2, 3 ...
    pub version: i64,
    /// Version of the body's shape.
    pub schema_version: i64,
    /// The configuration itself.
    pub body: Value,
}

/// What can go wrong with a document.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// No such document or version.
    #[error("There is no such document or version.")]
    NotFound,
    /// Somebody changed it since the caller read it.
    #[error("The document is at version {current} by now; read it again and repeat the change.")]
    VersionConflict {
        /// Its version now.
        current: i64,
    },
    /// Nobody registered how this kind is put into force.
    #[error("Documents of kind {0} cannot be restored through this operation.")]
    NotRestorable(String),
    /// The body does not pass the checks of its kind.
    #[error("The document is not valid: {}", .0.iter().map(|e| format!("{}: {}", e.field, e.message)).collect::<Vec<_>>().join("; "))]
    Invalid(Vec<FieldError>),
    /// The caller lacks a permission.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl KindedError for DocumentError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound => ErrorKind::NotFound,
            Self::VersionConflict { .. } | Self::NotRestorable(_) => ErrorKind::Conflict,
            Self::Invalid(fields) => ErrorKind::Invalid(fields.clone()),
            Self::Denied(_) => ErrorKind::Forbidden,
            Self::Db(_) => ErrorKind::Internal,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "document_not_found",
            Self::VersionConflict { .. } => "version_conflict",
            Self::NotRestorable(_) => "document_not_restorable",
            Self::Invalid(_) => "document_invalid",
            Self::Denied(_) => "forbidden",
            Self::Db(_) => "internal",
        }
    }
}

/// A kind of document whose old versions can be brought back.
#[async_trait]
pub trait DocumentKind: Send + Sync + 'static {
    /// The kind's name, such as `service_rules`.
    fn kind(&self) -> &'static str;
    /// What the caller needs to change documents of this kind.
    fn manage(&self) -> Permission;
    /// Puts `body` into force under `key` as a new version, by the same checks and the same function as an edit.
    async fn put(&self, tx: &mut Tx, key: &str, body: Value) -> Result<(), DocumentError>;
}

/// The kinds of documents that can be restored through the API.
#[derive(Clone, Default)]
pub struct Kinds(Vec<Arc<dyn DocumentKind>>);

impl Kinds {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a kind.
    #[must_use]
    pub fn with(mut self, kind: impl DocumentKind) -> Self {
        self.0.push(Arc::new(kind));
        self
    }

    /// Adds the kinds of another slice.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    fn find(&self, kind: &str) -> Option<Arc<dyn DocumentKind>> {
        self.0.iter().find(|known| known.kind() == kind).cloned()
    }
}
