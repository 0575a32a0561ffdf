//! What can go wrong with a ticket.

use catalog::document::DocumentError;
use domain::query::QueryError;
use kernel::{ErrorKind, FieldError, KindedError};
use platform::{BlobError, DbError, Denied, WorkError};

/// What can go wrong with a ticket.
#[derive(Debug, thiserror::Error)]
pub enum TicketError {
    /// No such ticket, or none that the caller may see.
    #[error("There is no such ticket.")]
    NotFound,
    /// No such comment on this ticket.
    #[error("There is no such comment on this ticket.")]
    CommentNotFound,
    /// No such file, or none that the caller may see.
    #[error("There is no such file.")]
    AttachmentNotFound,
    /// A file is of a kind that is not taken.
    #[error(
        "Files of the type {0} are not taken. An administrator can change that with the setting `attachments.refused`."
    )]
    FileRefused(String),
    /// The file store failed, or the file is too large.
    #[error(transparent)]
    Blob(#[from] BlobError),
    /// Somebody changed it since the caller read it.
    #[error("The ticket is at version {current} by now; read it again and repeat the change.")]
    VersionConflict {
        /// Its version now.
        current: i64,
    },
    /// The caller may see it but not do this to it.
    #[error("{0}")]
    Refused(String),
    /// The workflow does not allow this step.
    #[error("{0}")]
    Transition(String),
    /// Fields are wrong.
    #[error("The ticket is not valid.")]
    Invalid(Vec<FieldError>),
    /// A query cannot be understood.
    #[error("The query cannot be understood.")]
    Query(Vec<QueryError>),
    /// The workflow or matrix could not be read or stored.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// The caller lacks a permission.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl KindedError for TicketError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound | Self::CommentNotFound | Self::AttachmentNotFound => ErrorKind::NotFound,
            Self::FileRefused(_) => ErrorKind::Unsupported,
            Self::Blob(error) => error.kind(),
            Self::VersionConflict { .. } | Self::Transition(_) => ErrorKind::Conflict,
            Self::Refused(_) => ErrorKind::Forbidden,
            Self::Invalid(fields) => ErrorKind::Invalid(fields.clone()),
            Self::Query(wrong) => {
                ErrorKind::Invalid(wrong.iter().map(|wrong| FieldError::new("query", wrong.to_string())).collect())
            }
            Self::Document(error) => error.kind(),
            Self::Denied(error) => error.kind(),
            Self::Db(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "ticket_not_found",
            Self::CommentNotFound => "comment_not_found",
            Self::AttachmentNotFound => "attachment_not_found",
            Self::FileRefused(_) => "file_refused",
            Self::Blob(error) => error.code(),
            Self::VersionConflict { .. } => "version_conflict",
            Self::Transition(_) => "transition_refused",
            Self::Refused(_) => "ticket_refused",
            Self::Invalid(_) => "ticket_invalid",
            Self::Query(_) => "query_invalid",
            Self::Document(error) => error.code(),
            Self::Denied(error) => error.code(),
            Self::Db(error) => error.code(),
        }
    }
}

impl From<TicketError> for WorkError {
    fn from(error: TicketError) -> Self {
        match error {
            TicketError::Db(error) => Self::Db(error),
            error => Self::Failed(error.to_string()),
        }
    }
}
