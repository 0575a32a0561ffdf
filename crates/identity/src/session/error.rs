//! What can go wrong at sign-in and with passwords.

use kernel::{ErrorKind, FieldError, KindedError};
use platform::{DbError, Denied};

use crate::{mail::PostError, password::HashError, person::PersonError, totp::TotpError};

/// Failures of this capability.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// Wrong address, password or code, or an account that cannot sign in: never says which.
    #[error("the address, password or code is wrong")]
    InvalidCredentials,
    /// The password is right, and the second factor is on.
    #[error("enter the code of your authenticator app, or a recovery code")]
    TotpRequired,
    /// Too many failed attempts.
    #[error("too many attempts; wait a little")]
    Throttled {
        /// Seconds to wait.
        retry_after_s: u64,
    },
    /// Nobody is signed in by a browser session.
    #[error("nobody is signed in")]
    SignedOut,
    /// The caller has no such session.
    #[error("you have no such session")]
    NotFound,
    /// The one-time link is unknown, used or too old.
    #[error("this link was used already or is too old; ask for a new one")]
    LinkInvalid,
    /// The input is wrong.
    #[error("some fields are wrong")]
    Invalid(Vec<FieldError>),
    /// The present password is wrong.
    #[error(transparent)]
    Password(#[from] PasswordRefused),
    /// The caller may not do this.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// A defect in storing the person.
    #[error(transparent)]
    Person(#[from] PersonError),
    /// A defect in checking the second factor.
    #[error(transparent)]
    Totp(#[from] TotpError),
    /// Hashing failed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The vault did not seal a mail.
    #[error("the vault is not usable")]
    Vault,
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<PostError> for SessionError {
    fn from(error: PostError) -> Self {
        match error {
            PostError::Vault(_) => Self::Vault,
            PostError::Db(error) => Self::Db(error),
        }
    }
}

impl KindedError for SessionError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::InvalidCredentials | Self::TotpRequired | Self::SignedOut => ErrorKind::Unauthenticated,
            Self::Throttled { retry_after_s } => ErrorKind::TooMany { retry_after_s: *retry_after_s },
            Self::NotFound | Self::LinkInvalid => ErrorKind::NotFound,
            Self::Invalid(fields) => ErrorKind::Invalid(fields.clone()),
            Self::Password(refused) => refused.kind(),
            Self::Denied(denied) => denied.kind(),
            Self::Person(error) => error.kind(),
            Self::Totp(error) => error.kind(),
            Self::Hash(_) | Self::Vault => ErrorKind::Internal,
            Self::Db(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::InvalidCredentials => "invalid_credentials",
            Self::TotpRequired => "totp_required",
            Self::Throttled { .. } => "throttled",
            Self::SignedOut => "unauthenticated",
            Self::NotFound => "session_not_found",
            Self::LinkInvalid => "link_invalid",
            Self::Invalid(_) => "invalid",
            Self::Password(refused) => refused.code(),
            Self::Denied(denied) => denied.code(),
            Self::Person(error) => error.code(),
            Self::Totp(error) => error.code(),
            Self::Hash(_) | Self::Vault => "internal",
            Self::Db(error) => error.code(),
        }
    }
}

/// The password that a signed-in person entered again was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum PasswordRefused {
    /// It is wrong.
    #[error("this is not your password")]
    Wrong,
    /// Too many wrong ones.
    #[error("too many attempts; wait a little")]
    Throttled {
        /// Seconds to wait.
        retry_after_s: u64,
    },
    /// Hashing failed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl KindedError for PasswordRefused {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Wrong => ErrorKind::Invalid(vec![FieldError::new("password", "This is not your password.")]),
            Self::Throttled { retry_after_s } => ErrorKind::TooMany { retry_after_s: *retry_after_s },
            Self::Hash(_) => ErrorKind::Internal,
            Self::Db(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Wrong => "wrong_password",
            Self::Throttled { .. } => "throttled",
            Self::Hash(_) => "internal",
            Self::Db(error) => error.code(),
        }
    }
}
