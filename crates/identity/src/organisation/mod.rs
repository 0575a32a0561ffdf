//! The organisation: the time zone and the language that new people begin with.
//!
//! **Invariants**
//! - Its name is part of the configuration, since mails and the sign-in page show it before there is anything else.
//! - What it says counts for people who are added from then on; nobody's own settings change.

mod routes;
mod service;
mod store;

use kernel::{ErrorKind, FieldError, KindedError};
use platform::{DbError, Denied};

pub(crate) use routes::routes;
pub use service::{Organisation, find};

/// Failures of this capability.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OrganisationError {
    /// The input is wrong.
    #[error("some fields are wrong")]
    Invalid(Vec<FieldError>),
    /// Somebody changed it since the caller read it.
    #[error("the organisation is at version {current} by now; read it again and repeat the change")]
    VersionConflict {
        /// Its version now.
        current: i64,
    },
    /// The caller may not do this.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl KindedError for OrganisationError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Invalid(fields) => ErrorKind::Invalid(fields.clone()),
            Self::VersionConflict { .. } => ErrorKind::Conflict,
            Self::Denied(error) => error.kind(),
            Self::Db(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "organisation_invalid",
            Self::VersionConflict { .. } => "version_conflict",
            Self::Denied(error) => error.code(),
            Self::Db(error) => error.code(),
        }
    }
}
