//! What can go wrong with API tokens.

use kernel::{ErrorKind, FieldError, KindedError};
use platform::{DbError, Denied};

/// Failures of this capability.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The caller has no such token.
    #[error("you have no such token")]
    NotFound,
    /// The person does not exist or is disabled.
    #[error("there is no active person with this address")]
    NoPerson,
    /// Tokens cannot make or remove tokens.
    #[error("sign in with the browser to manage tokens; a token cannot do it")]
    NeedsSession,
    /// The input is wrong.
    #[error("some fields are wrong")]
    Invalid(Vec<FieldError>),
    /// A repeated request: its token was shown once.
    #[error(
        "this request made a token already, whose secret was shown then; make another one with a new Idempotency-Key"
    )]
    ShownOnce,
    /// The caller may not do this.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl KindedError for TokenError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound | Self::NoPerson => ErrorKind::NotFound,
            Self::NeedsSession => ErrorKind::Forbidden,
            Self::Invalid(fields) => ErrorKind::Invalid(fields.clone()),
            Self::ShownOnce => ErrorKind::Conflict,
            Self::Denied(denied) => denied.kind(),
            Self::Db(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "token_not_found",
            Self::NoPerson => "person_not_found",
            Self::NeedsSession => "session_needed",
            Self::Invalid(_) => "invalid",
            Self::ShownOnce => "token_shown_once",
            Self::Denied(denied) => denied.code(),
            Self::Db(error) => error.code(),
        }
    }
}
