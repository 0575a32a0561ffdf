//! What can go wrong with an alert.

use domain::alert as rules;
use domain::query::QueryError;
use kernel::{ErrorKind, FieldError, KindedError};
use platform::{DbError, Denied, WorkError};

/// Why an alert could not be raised, read or changed.
#[derive(Debug, thiserror::Error)]
pub enum AlertError {
    /// No such alert, or none that the caller may see.
    #[error("there is no such alert, or you may not see it")]
    NotFound,
    /// The alert's state does not allow it, or the input is wrong.
    #[error(transparent)]
    Refused(#[from] rules::AlertError),
    /// An incident stands already.
    #[error("the alert belongs to an incident already")]
    HasIncident,
    /// Somebody else changed it meanwhile.
    #[error("the alert was changed meanwhile and is at version {current}: read it again and repeat your change")]
    Stale {
        /// The version that stands.
        current: i64,
    },
    /// The query of a list cannot be understood.
    #[error("the query cannot be understood")]
    Queries(Vec<QueryError>),
    /// The query of a compatible client cannot be read.
    #[error("the query cannot be read: {0}")]
    Query(String),
    /// The caller lacks a permission.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl AlertError {
    /// One wrong field.
    pub fn invalid(field: &str, message: impl Into<String>) -> Self {
        Self::wrong(vec![FieldError::new(field, message)])
    }

    /// Several wrong fields.
    pub fn wrong(fields: Vec<FieldError>) -> Self {
        Self::Refused(rules::AlertError::Invalid(fields))
    }
}

impl KindedError for AlertError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound => ErrorKind::NotFound,
            Self::HasIncident | Self::Stale { .. } => ErrorKind::Conflict,
            Self::Queries(wrong) => {
                ErrorKind::Invalid(wrong.iter().map(|wrong| FieldError::new("query", wrong.to_string())).collect())
            }
            Self::Query(message) => ErrorKind::Invalid(vec![FieldError::new("query", message.clone())]),
            Self::Refused(refused) => refused.kind(),
            Self::Denied(denied) => denied.kind(),
            Self::Db(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "alert_not_found",
            Self::HasIncident => "alert_has_incident",
            Self::Stale { .. } => "version_conflict",
            Self::Query(_) | Self::Queries(_) => "query_invalid",
            Self::Refused(refused) => refused.code(),
            Self::Denied(denied) => denied.code(),
            Self::Db(error) => error.code(),
        }
    }
}

impl From<AlertError> for WorkError {
    fn from(error: AlertError) -> Self {
        match error {
            AlertError::Db(error) => Self::Db(error),
            error => Self::Failed(error.to_string()),
        }
    }
}
