//! What can go wrong with integrations and what they send.

use domain::ingest::Unreadable;
use kernel::{ErrorKind, FieldError, KindedError};
use platform::{DbError, Denied};

use crate::alert::AlertError;

/// Why an integration could not be changed, or its payload not be taken.
#[derive(Debug, thiserror::Error)]
pub enum IntegrationError {
    /// No such integration, or none that the caller may see.
    #[error("there is no such integration, or you may not see it")]
    NotFound,
    /// No such event.
    #[error("there is no such event; only the last 50 are kept")]
    EventNotFound,
    /// Somebody else changed it meanwhile.
    #[error("the integration was changed meanwhile: read it again and repeat your change")]
    Stale,
    /// The input is wrong.
    #[error("the integration cannot be stored as it is")]
    Invalid(Vec<FieldError>),
    /// The key names no integration, or one that is switched off.
    #[error("the key names no integration that is switched on; copy the key from the integration's page")]
    UnknownKey,
    /// The key belongs to an integration of another kind.
    #[error("the key belongs to an integration of kind `{0}`, which sends to another address")]
    WrongKind(String),
    /// It sends too fast.
    #[error("the integration sends too fast; try again in {retry_after_s} s")]
    TooMany {
        /// Seconds to wait.
        retry_after_s: u64,
    },
    /// The payload cannot be read.
    #[error("the payload cannot be read: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Unreadable(Vec<Unreadable>),
    /// Only the beginning of the payload was kept.
    #[error("only the beginning of this payload was kept, so it cannot be run again")]
    Truncated,
    /// What it asks of an alert failed.
    #[error(transparent)]
    Alert(#[from] AlertError),
    /// The caller lacks a permission.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl KindedError for IntegrationError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound | Self::EventNotFound => ErrorKind::NotFound,
            Self::Stale | Self::Truncated => ErrorKind::Conflict,
            Self::Invalid(fields) => ErrorKind::Invalid(fields.clone()),
            Self::UnknownKey => ErrorKind::Unauthenticated,
            Self::WrongKind(_) => ErrorKind::Forbidden,
            Self::TooMany { retry_after_s } => ErrorKind::TooMany { retry_after_s: *retry_after_s },
            Self::Unreadable(places) => ErrorKind::Invalid(
                places.iter().map(|one| FieldError::new(one.place.clone(), one.message.clone())).collect(),
            ),
            Self::Alert(error) => error.kind(),
            Self::Denied(denied) => denied.kind(),
            Self::Db(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "integration_not_found",
            Self::EventNotFound => "integration_event_not_found",
            Self::Stale => "version_conflict",
            Self::Invalid(_) => "integration_invalid",
            Self::UnknownKey => "integration_key_unknown",
            Self::WrongKind(_) => "integration_kind_wrong",
            Self::TooMany { .. } => "too_many_requests",
            Self::Unreadable(_) => "payload_unreadable",
            Self::Truncated => "payload_truncated",
            Self::Alert(error) => error.code(),
            Self::Denied(denied) => denied.code(),
            Self::Db(error) => error.code(),
        }
    }
}
