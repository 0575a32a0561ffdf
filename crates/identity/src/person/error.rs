//! What can go wrong with people.

use kernel::{ErrorKind, FieldError, KindedError};
use platform::{DbError, Denied};

use crate::{mail::PostError, password::HashError, team::TeamError};

/// Failures of this capability.
#[derive(Debug, thiserror::Error)]
pub enum PersonError {
    /// No such person, or not visible to the caller.
    #[error("there is no such person")]
    NotFound,
    /// The input is wrong.
    #[error("some fields are wrong")]
    Invalid(Vec<FieldError>),
    /// Somebody signs in with this address already.
    #[error("somebody with this mail address exists already")]
    EmailTaken,
    /// It would leave nobody who can administer.
    #[error("this is the last active administrator; make somebody else administrator first")]
    LastAdmin,
    /// The person accepted the invitation long ago.
    #[error("this person has accepted the invitation already; they can ask for a new password on the sign-in page")]
    NotInvited,
    /// The account is disabled.
    #[error("this account is disabled; enable it first")]
    Disabled,
    /// The one-time link is unknown, used or too old.
    #[error("this link was used already or is too old; ask for a new one")]
    LinkInvalid,
    /// The record was changed meanwhile.
    #[error("this person was changed meanwhile; load it again")]
    Stale,
    /// The caller may not do this.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// A team could not be joined.
    #[error(transparent)]
    Team(#[from] TeamError),
    /// Hashing failed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The vault could not seal the mail.
    #[error("the vault is not usable")]
    Vault,
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<PostError> for PersonError {
    fn from(error: PostError) -> Self {
        match error {
            PostError::Vault(_) => Self::Vault,
            PostError::Db(error) => Self::Db(error),
        }
    }
}

impl KindedError for PersonError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound | Self::LinkInvalid => ErrorKind::NotFound,
            Self::Invalid(fields) => ErrorKind::Invalid(fields.clone()),
            Self::EmailTaken | Self::LastAdmin | Self::NotInvited | Self::Disabled | Self::Stale => ErrorKind::Conflict,
            Self::Denied(denied) => denied.kind(),
            Self::Team(error) => error.kind(),
            Self::Hash(_) | Self::Vault => ErrorKind::Internal,
            Self::Db(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "person_not_found",
            Self::Invalid(_) => "invalid",
            Self::EmailTaken => "email_taken",
            Self::LastAdmin => "last_admin",
            Self::NotInvited => "not_invited",
            Self::Disabled => "person_disabled",
            Self::LinkInvalid => "link_invalid",
            Self::Stale => "version_conflict",
            Self::Denied(denied) => denied.code(),
            Self::Team(error) => error.code(),
            Self::Hash(_) | Self::Vault => "internal",
            Self::Db(error) => error.code(),
        }
    }
}
