//! Typed links between any two records: "this alert is an *alert of* incident INC-4".
//!
//! **Invariants**
//! - A link is seen only by callers who may see both of its ends.
//! - The same two records are linked at most once with the same type and direction.

mod routes;
mod service;
mod store;

use kernel::{ErrorKind, FieldError, KindedError};
use platform::{DbError, Denied};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

pub(crate) use routes::routes;
pub use service::{add, add_in, remove};

/// What a link says about its first record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LinkType {
    /// It was caused by the second.
    CausedBy,
    /// It has to do with the second.
    RelatesTo,
    /// It says the same as the second.
    Duplicates,
    /// It is an alert of the second, an incident.
    AlertOf,
    /// The second cannot go on before it is done.
    Blocks,
}

impl LinkType {
    const ALL: &'static [Self] = &[Self::CausedBy, Self::RelatesTo, Self::Duplicates, Self::AlertOf, Self::Blocks];

    /// The stored spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CausedBy => "caused_by",
            Self::RelatesTo => "relates_to",
            Self::Duplicates => "duplicates",
            Self::AlertOf => "alert_of",
            Self::Blocks => "blocks",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == text)
    }
}

/// One end of a link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = LinkEnd)]
pub struct End {
    /// Kind of the record, such as `ticket`.
    pub kind: String,
    /// Its id.
    pub id: Uuid,
}

impl End {
    /// The record `id` of `kind`.
    pub fn new(kind: kernel::RecordKind, id: impl Into<Uuid>) -> Self {
        Self { kind: kind.0.to_owned(), id: id.into() }
    }
}

/// What can go wrong with links.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// No such link, or none that the caller may see.
    #[error("There is no such link.")]
    NotFound,
    /// The link cannot be made.
    #[error("The link is not valid.")]
    Invalid(Vec<FieldError>),
    /// The caller lacks a permission.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl KindedError for LinkError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound => ErrorKind::NotFound,
            Self::Invalid(fields) => ErrorKind::Invalid(fields.clone()),
            Self::Denied(error) => error.kind(),
            Self::Db(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "link_not_found",
            Self::Invalid(_) => "link_invalid",
            Self::Denied(error) => error.code(),
            Self::Db(error) => error.code(),
        }
    }
}
