//! The first thirty minutes: what a new organisation has to set up, shown as steps that test themselves.
//!
//! **Vocabulary.** A *step* is done when stored facts show it: a team exists, an alert source has sent something, a test
//! page was delivered. Two steps are tests that a person starts: whether the configured address is the one by which people
//! come, and whether mail goes out; their last result is kept. The *demo* is the made-up company that `--demo` makes.
//!
//! **Invariants**
//! - A step never trusts a setting: it looks at what happened.
//! - Removing the demo removes everything in the database in one transaction, and leaves an administrator who can sign in.

mod api;
mod demo;
mod routes;
mod service;
mod store;

use kernel::{ErrorKind, FieldError, KindedError};
use platform::{DbError, Denied, Migration};

pub(crate) use demo::mark as mark_demo;
pub(crate) use routes::routes;

/// The tables of the server itself.
pub(crate) const MIGRATIONS: &[Migration] =
    &[Migration { name: "server_0001_setup", sql: include_str!("../../migrations/0001_setup.sql") }];

/// What can go wrong with the set-up.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// No such step.
    #[error("there is no such step")]
    UnknownStep,
    /// Stored facts decide about the step.
    #[error("this step needs no test: it is done as soon as what it asks for is there")]
    NotTestable,
    /// The database was not filled by the demo.
    #[error("this database was not filled by the demo; nothing was removed")]
    NoDemo,
    /// The input is wrong.
    #[error("some fields are wrong")]
    Invalid(Vec<FieldError>),
    /// The caller may not do this.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The new administrator cannot be stored.
    #[error(transparent)]
    Person(#[from] identity::person::PersonError),
    /// The organisation cannot be changed.
    #[error(transparent)]
    Organisation(#[from] identity::organisation::OrganisationError),
    /// Office hours could not follow the zone.
    #[error(transparent)]
    Calendar(#[from] catalog::document::DocumentError),
    /// The test page could not be raised.
    #[error(transparent)]
    Alert(#[from] ops::alert::AlertError),
    /// What a new organisation begins with could not be stored; the next start does it.
    #[error(transparent)]
    Seed(#[from] desk::TicketError),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl KindedError for SetupError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::UnknownStep => ErrorKind::NotFound,
            Self::NotTestable | Self::NoDemo => ErrorKind::Conflict,
            Self::Invalid(fields) => ErrorKind::Invalid(fields.clone()),
            Self::Denied(error) => error.kind(),
            Self::Person(error) => error.kind(),
            Self::Organisation(error) => error.kind(),
            Self::Calendar(error) => error.kind(),
            Self::Alert(error) => error.kind(),
            Self::Seed(error) => error.kind(),
            Self::Db(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::UnknownStep => "record_not_found",
            Self::NotTestable => "step_not_testable",
            Self::NoDemo => "no_demo",
            Self::Invalid(_) => "invalid",
            Self::Denied(error) => error.code(),
            Self::Person(error) => error.code(),
            Self::Organisation(error) => error.code(),
            Self::Calendar(error) => error.code(),
            Self::Alert(error) => error.code(),
            Self::Seed(error) => error.code(),
            Self::Db(error) => error.code(),
        }
    }
}
