//! What can go wrong with contacts and notification rules.

use kernel::{ErrorKind, FieldError, KindedError};
use platform::{DbError, Denied};

use crate::mail::PostError;

/// Failures of this capability.
#[derive(Debug, thiserror::Error)]
pub enum ContactError {
    /// The caller has no such contact.
    #[error("you have no such contact")]
    NotFound,
    /// Tokens of integrations have no contacts.
    #[error("only a person has contacts")]
    NoPerson,
    /// The input is wrong.
    #[error("some fields are wrong")]
    Invalid(Vec<FieldError>),
    /// The person has this contact already.
    #[error("you have this contact already")]
    Exists,
    /// The person has too many contacts.
    #[error("you have 20 contacts already; remove one first")]
    TooManyContacts,
    /// It is verified already.
    #[error("this contact is verified already")]
    Verified,
    /// It is not verified yet.
    #[error("verify this contact first")]
    NotVerified,
    /// The code is wrong, too old, or was guessed too often.
    #[error("the code is wrong or too old; have a new one sent")]
    WrongCode,
    /// The rules use it.
    #[error("your notification rules use this contact; change them first")]
    InUse,
    /// Nothing verified would remain.
    #[error("this is your last verified contact; add another one first")]
    Last,
    /// Too many messages were asked for.
    #[error("too many messages; wait a little")]
    Throttled {
        /// Seconds to wait.
        retry_after_s: u64,
    },
    /// The record was changed meanwhile.
    #[error("your notification rules were changed meanwhile; load them again")]
    Stale,
    /// The caller may not do this.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The vault did not seal the mail.
    #[error("the vault is not usable")]
    Vault,
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<PostError> for ContactError {
    fn from(error: PostError) -> Self {
        match error {
            PostError::Vault(_) => Self::Vault,
            PostError::Db(error) => Self::Db(error),
        }
    }
}

impl KindedError for ContactError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound => ErrorKind::NotFound,
            Self::NoPerson => ErrorKind::Forbidden,
            Self::Invalid(fields) => ErrorKind::Invalid(fields.clone()),
            Self::WrongCode => {
                ErrorKind::Invalid(vec![FieldError::new("code", "The code is wrong or too old; have a new one sent.")])
            }
            Self::Exists
            | Self::TooManyContacts
            | Self::Verified
            | Self::NotVerified
            | Self::InUse
            | Self::Last
            | Self::Stale => ErrorKind::Conflict,
            Self::Throttled { retry_after_s } => ErrorKind::TooMany { retry_after_s: *retry_after_s },
            Self::Denied(denied) => denied.kind(),
            Self::Vault => ErrorKind::Internal,
            Self::Db(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "contact_not_found",
            Self::NoPerson => "no_person",
            Self::Invalid(_) => "invalid",
            Self::Exists => "contact_exists",
            Self::TooManyContacts => "too_many_contacts",
            Self::Verified => "contact_verified",
            Self::NotVerified => "contact_not_verified",
            Self::WrongCode => "wrong_code",
            Self::InUse => "contact_in_use",
            Self::Last => "last_contact",
            Self::Throttled { .. } => "throttled",
            Self::Stale => "version_conflict",
            Self::Denied(denied) => denied.code(),
            Self::Vault => "internal",
            Self::Db(error) => error.code(),
        }
    }
}
