//! What can go wrong with custom fields.

use catalog::document::DocumentError;
use kernel::{ErrorKind, KindedError};
use platform::{DbError, Denied};

/// What can go wrong with custom fields.
#[derive(Debug, thiserror::Error)]
pub enum CustomFieldError {
    /// No such field, or none that the caller may see.
    #[error("There is no such field.")]
    NotFound,
    /// The document could not be stored.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// The caller lacks a permission.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl KindedError for CustomFieldError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound => ErrorKind::NotFound,
            Self::Document(error) => error.kind(),
            Self::Denied(error) => error.kind(),
            Self::Db(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "field_not_found",
            Self::Document(DocumentError::Invalid(_)) => "field_invalid",
            Self::Document(error) => error.code(),
            Self::Denied(error) => error.code(),
            Self::Db(error) => error.code(),
        }
    }
}
