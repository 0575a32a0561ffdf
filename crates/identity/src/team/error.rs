//! What can go wrong with teams.

use kernel::{ErrorKind, FieldError, KindedError};
use platform::{DbError, Denied};

/// Failures of this capability.
#[derive(Debug, thiserror::Error)]
pub enum TeamError {
    /// No such team, or not visible to the caller.
    #[error("there is no such team")]
    NotFound,
    /// No such person, or not visible to the caller.
    #[error("there is no such person")]
    PersonNotFound,
    /// The person is not a member.
    #[error("this person is not a member of the team")]
    NotMember,
    /// Customers do not work in teams.
    #[error("customers cannot be members of a team; change the role of the person first")]
    CustomerMember,
    /// The input is wrong.
    #[error("some fields are wrong")]
    Invalid(Vec<FieldError>),
    /// Another team has this name.
    #[error("another team has this name")]
    NameTaken,
    /// The record was changed meanwhile.
    #[error("this team was changed meanwhile; load it again")]
    Stale,
    /// The caller may not do this.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl KindedError for TeamError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound | Self::PersonNotFound | Self::NotMember => ErrorKind::NotFound,
            Self::Invalid(fields) => ErrorKind::Invalid(fields.clone()),
            Self::NameTaken | Self::Stale | Self::CustomerMember => ErrorKind::Conflict,
            Self::Denied(denied) => denied.kind(),
            Self::Db(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "team_not_found",
            Self::PersonNotFound => "person_not_found",
            Self::NotMember => "not_a_member",
            Self::CustomerMember => "customer_member",
            Self::Invalid(_) => "invalid",
            Self::NameTaken => "team_name_taken",
            Self::Stale => "version_conflict",
            Self::Denied(denied) => denied.code(),
            Self::Db(error) => error.code(),
        }
    }
}
