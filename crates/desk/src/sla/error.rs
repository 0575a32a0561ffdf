//! What can go wrong with calendars and service levels.

use catalog::document::DocumentError;
use kernel::{ErrorKind, FieldError, KindedError};
use platform::{DbError, Denied};

use crate::ticket::TicketError;

/// What can go wrong with calendars and service levels.
#[derive(Debug, thiserror::Error)]
pub enum SlaConfigError {
    /// No such calendar.
    #[error("There is no such calendar.")]
    CalendarNotFound,
    /// No such service level.
    #[error("There is no such SLA.")]
    SlaNotFound,
    /// Clocks count by the calendar.
    #[error("{0}")]
    CalendarInUse(String),
    /// It does not fit.
    #[error("It is not valid.")]
    Invalid(Vec<FieldError>),
    /// The document could not be stored.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// The ticket cannot be read.
    #[error(transparent)]
    Ticket(#[from] TicketError),
    /// The caller lacks a permission.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl KindedError for SlaConfigError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::CalendarNotFound | Self::SlaNotFound => ErrorKind::NotFound,
            Self::CalendarInUse(_) => ErrorKind::Conflict,
            Self::Invalid(fields) => ErrorKind::Invalid(fields.clone()),
            Self::Document(error) => error.kind(),
            Self::Ticket(error) => error.kind(),
            Self::Denied(error) => error.kind(),
            Self::Db(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::CalendarNotFound => "calendar_not_found",
            Self::SlaNotFound => "sla_not_found",
            Self::CalendarInUse(_) => "calendar_in_use",
            Self::Invalid(_) => "sla_invalid",
            Self::Document(error) => error.code(),
            Self::Ticket(error) => error.code(),
            Self::Denied(error) => error.code(),
            Self::Db(error) => error.code(),
        }
    }
}
