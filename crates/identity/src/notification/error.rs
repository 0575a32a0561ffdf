//! What can go wrong with notifications.

use kernel::{ErrorKind, FieldError, KindedError};
use platform::{DbError, Denied};

/// Failures of this capability.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotificationError {
    /// Tokens of integrations are told nothing.
    #[error("only a person has notifications")]
    NoPerson,
    /// The input is wrong.
    #[error("some fields are wrong")]
    Invalid(Vec<FieldError>),
    /// The choices were changed meanwhile.
    #[error("your choices are at version {current} by now; read them again and repeat the change")]
    VersionConflict {
        /// Their version now.
        current: i64,
    },
    /// The caller may not do this.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl KindedError for NotificationError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NoPerson => ErrorKind::Forbidden,
            Self::Invalid(fields) => ErrorKind::Invalid(fields.clone()),
            Self::VersionConflict { .. } => ErrorKind::Conflict,
            Self::Denied(error) => error.kind(),
            Self::Db(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NoPerson => "no_person",
            Self::Invalid(_) => "notification_invalid",
            Self::VersionConflict { .. } => "version_conflict",
            Self::Denied(error) => error.code(),
            Self::Db(error) => error.code(),
        }
    }
}
