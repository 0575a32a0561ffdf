//! What can go wrong with the second factor.

use kernel::{ErrorKind, FieldError, KindedError};
use platform::{DbError, Denied};

use crate::{mail::PostError, password::HashError, session::PasswordRefused};

/// Failures of this capability.
#[derive(Debug, thiserror::Error)]
pub enum TotpError {
    /// It is on already.
    #[error("two-step sign-in is on already; switch it off first")]
    AlreadyOn,
    /// It is off.
    #[error("two-step sign-in is off")]
    Off,
    /// The code does not fit.
    #[error("the code is wrong; check that the clock of your device is right")]
    WrongCode,
    /// Only a signed-in person has a second factor.
    #[error("sign in with the browser to change two-step sign-in; a token cannot do it")]
    NeedsSession,
    /// The password is wrong.
    #[error(transparent)]
    Password(#[from] PasswordRefused),
    /// The caller may not do this.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The stored secret cannot be used.
    #[error("the stored second factor cannot be read: the vault key is another, or the value is damaged")]
    Vault,
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<PostError> for TotpError {
    fn from(error: PostError) -> Self {
        match error {
            PostError::Vault(_) => Self::Vault,
            PostError::Db(error) => Self::Db(error),
        }
    }
}

impl From<HashError> for TotpError {
    fn from(error: HashError) -> Self {
        Self::Password(PasswordRefused::Hash(error))
    }
}

impl KindedError for TotpError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::AlreadyOn | Self::Off => ErrorKind::Conflict,
            Self::WrongCode => ErrorKind::Invalid(vec![FieldError::new(
                "code",
                "The code is wrong; check that the clock of your device is right.",
            )]),
            Self::NeedsSession => ErrorKind::Forbidden,
            Self::Password(refused) => refused.kind(),
            Self::Denied(denied) => denied.kind(),
            Self::Vault => ErrorKind::Internal,
            Self::Db(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::AlreadyOn => "totp_on",
            Self::Off => "totp_off",
            Self::WrongCode => "wrong_code",
            Self::NeedsSession => "session_needed",
            Self::Password(refused) => refused.code(),
            Self::Denied(denied) => denied.code(),
            Self::Vault => "internal",
            Self::Db(error) => error.code(),
        }
    }
}
