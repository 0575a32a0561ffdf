//! The organisation itself: its name, and the time zone and language that its people start with.
//!
//! **Invariant**: until somebody changes it, it is what the configuration file says, in UTC and English, at version 0.

pub mod service;
mod store;

use kernel::{ErrorKind, FieldError, KindedError};
use platform::{DbError, Denied};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use service::current;

/// The organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Organisation {
    /// Its name, in mails and beside one-time passwords.
    pub name: String,
    /// Where its office hours and its people are, unless they say otherwise: an IANA zone.
    #[schema(examples("Europe/Oslo"))]
    pub time_zone: String,
    /// The language that its people start with: a language tag.
    #[schema(examples("en"))]
    pub locale: String,
    /// Counts its changes.
    #[serde(default)]
    #[schema(read_only)]
    pub version: i64,
}

/// Why it could not be changed.
#[derive(Debug, thiserror::Error)]
pub enum OrganisationError {
    /// The input is wrong.
    #[error("some fields are wrong")]
    Invalid(Vec<FieldError>),
    /// Somebody else changed it meanwhile.
    #[error("the organisation was changed meanwhile; load it again")]
    Stale,
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
            Self::Stale => ErrorKind::Conflict,
            Self::Denied(denied) => denied.kind(),
            Self::Db(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "invalid",
            Self::Stale => "version_conflict",
            Self::Denied(denied) => denied.code(),
            Self::Db(error) => error.code(),
        }
    }
}
