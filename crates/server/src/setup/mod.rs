//! The first thirty minutes: what is left to do until the first page arrives, each step with its state and a test.
//!
//! **Vocabulary.** A *step* is *done*, *to do*, or *failing* when its last test failed. A *test page* is an alert that
//! names one responder: it goes the way of every page.
//!
//! **Invariants**
//! - States are read from what is there: nobody ticks a step off.
//! - It stands in the server, since its steps ask several slices.

mod routes;
mod service;
mod steps;
mod store;

use kernel::{ErrorKind, FieldError, KindedError};
use platform::{DbError, Denied, Migration};

pub use routes::routes;

/// The tables of the server itself.
pub const MIGRATIONS: &[Migration] =
    &[Migration { name: "server_0001_setup", sql: include_str!("../../migrations/0001_setup.sql") }];

/// Failures of this capability.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SetupError {
    /// There is no such step.
    #[error("there is no such step")]
    NotFound,
    /// The step has no test of its own.
    #[error("this step cannot be tested; it is done when what it names is there")]
    NotTestable,
    /// Only a person can be paged.
    #[error("only a person can be paged")]
    NoPerson,
    /// The test page could not be raised.
    #[error(transparent)]
    Alert(#[from] ops::alert::AlertError),
    /// The caller may not do this.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl KindedError for SetupError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound => ErrorKind::NotFound,
            Self::NotTestable => ErrorKind::Invalid(vec![FieldError::new("step", self.to_string())]),
            Self::NoPerson => ErrorKind::Forbidden,
            Self::Alert(error) => error.kind(),
            Self::Denied(error) => error.kind(),
            Self::Db(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "setup_step_not_found",
            Self::NotTestable => "setup_step_not_testable",
            Self::NoPerson => "no_person",
            Self::Alert(error) => error.code(),
            Self::Denied(error) => error.code(),
            Self::Db(error) => error.code(),
        }
    }
}
