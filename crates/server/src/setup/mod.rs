//! The first thirty minutes: what is left to do until the first page arrives, each step with its state and a test.
//!
//! **Vocabulary.** A *step* is *done*, *to do*, or *failing* when its last test failed. A *test page* is an alert that
//! names one responder: it goes the way of every page.
//!
//! **Invariants**
//! - States are read from what is there: nobody ticks a step off.
//! - It stands in the server, since its steps ask several slices.

pub(crate) mod demo;
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
    /// The input is wrong.
    #[error("some fields are wrong")]
    Invalid(Vec<FieldError>),
    /// The demo did not fill this database.
    #[error("the demo company is not in this database")]
    NoDemo,
    /// The new administrator could not be made.
    #[error(transparent)]
    Person(#[from] identity::person::PersonError),
    /// What an empty database begins with could not be made.
    #[error(transparent)]
    Seed(#[from] desk::TicketError),
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
            Self::Invalid(fields) => ErrorKind::Invalid(fields.clone()),
            Self::NoDemo => ErrorKind::Conflict,
            Self::Person(error) => error.kind(),
            Self::Seed(error) => error.kind(),
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
            Self::Invalid(_) => "invalid",
            Self::NoDemo => "no_demo",
            Self::Person(error) => error.code(),
            Self::Seed(error) => error.code(),
            Self::Alert(error) => error.code(),
            Self::Denied(error) => error.code(),
            Self::Db(error) => error.code(),
        }
    }
}
