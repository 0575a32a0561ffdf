//! Database failures in words that callers can act on.

use kernel::{ErrorKind, KindedError};

/// What a driver said.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// What went wrong in the data layer.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// A unique rule was violated; the text names the table and columns.
    #[error("a record with the same key exists already")]
    Unique(#[source] Cause),
    /// The database refused or broke.
    #[error("the database failed")]
    Database(#[source] Cause),
    /// The writer has stopped (shut-down).
    #[error("the server is shutting down; try again")]
    Closed,
    /// The database address is wrong or unreachable.
    #[error("cannot open the database {address}: {reason}")]
    Connect {
        /// The address without credentials.
        address: String,
        /// What failed.
        reason: String,
    },
    /// The database was made by a newer version.
    #[error(
        "the database holds the migration `{0}`, which this version does not know: it was made by a newer Bridgewatch; start that version or restore a backup"
    )]
    NewerDatabase(String),
    /// Another node took the job over, or it was cancelled or rescheduled meanwhile.
    #[error("the lease on the job was lost")]
    LeaseLost,
    /// The same Idempotency-Key came with another request.
    #[error("this Idempotency-Key was used before with a different request; use a new key")]
    IdempotencyMismatch,
    /// A stored value could not be read.
    #[error("a stored value is damaged: {0}")]
    Corrupt(String),
    /// A change panicked.
    #[error("the change failed unexpectedly")]
    Panicked,
}

impl DbError {
    /// Whether two transactions waited for each other and this one gave way: doing it again is all that is needed.
    pub fn is_deadlock(&self) -> bool {
        let error = self.driver().and_then(sqlx::Error::as_database_error);
        error.and_then(|error| error.code()).is_some_and(|code| code == "40P01")
    }

    /// Whether the connection to PostgreSQL is of no use any more: it broke, or the server is going down.
    pub(super) fn is_dead_connection(&self) -> bool {
        match self.driver() {
            Some(sqlx::Error::Database(error)) => error.code().is_some_and(|code| code.starts_with("57P")),
            Some(sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_)) => true,
            _ => false,
        }
    }

    /// What PostgreSQL's driver said.
    fn driver(&self) -> Option<&sqlx::Error> {
        use sea_orm::{DbErr, RuntimeErr};
        let Self::Database(cause) = self else { return None };
        match cause.downcast_ref()? {
            DbErr::Conn(RuntimeErr::SqlxError(error))
            | DbErr::Exec(RuntimeErr::SqlxError(error))
            | DbErr::Query(RuntimeErr::SqlxError(error)) => Some(error),
            _ => None,
        }
    }

    /// Whether a unique rule was violated.
    pub fn is_unique(&self) -> bool {
        matches!(self, Self::Unique(_))
    }
}

impl From<sea_orm::DbErr> for DbError {
    fn from(error: sea_orm::DbErr) -> Self {
        match error.sql_err() {
            Some(sea_orm::SqlErr::UniqueConstraintViolation(_)) => Self::Unique(error.into()),
            _ => Self::Database(error.into()),
        }
    }
}

impl From<rusqlite::Error> for DbError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ffi::{SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_ROWID, SQLITE_CONSTRAINT_UNIQUE};
        const UNIQUE: [i32; 3] = [SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_ROWID, SQLITE_CONSTRAINT_UNIQUE];
        match error.sqlite_error() {
            Some(code) if UNIQUE.contains(&code.extended_code) => Self::Unique(error.into()),
            _ => Self::Database(error.into()),
        }
    }
}

impl KindedError for DbError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Unique(_) | Self::IdempotencyMismatch | Self::LeaseLost => ErrorKind::Conflict,
            Self::Closed => ErrorKind::Unavailable,
            _ => ErrorKind::Internal,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unique(_) => "already_exists",
            Self::IdempotencyMismatch => "idempotency_key_reused",
            Self::LeaseLost => "lease_lost",
            Self::Closed => "shutting_down",
            _ => "internal",
        }
    }
}
