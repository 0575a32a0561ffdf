//! Projects: homes of tickets. The project's key starts the keys of its tickets, such as `INC-12`.
//!
//! **Vocabulary.** A *member* is a person or a team with a *project role*: a manager also changes the project and
//! its members, an agent works on tickets, a viewer only reads.
//!
//! **Invariants**
//! - A private project is seen only by its members (and administrators).
//! - In a project that is not private every agent works as an agent, unless named as a viewer.
//! - A project's key never changes: old ticket keys stay true.
//! - Ticket numbers of a project are given out under its row lock: 1, 2, 3 ... without repeats.

mod api;
mod routes;
mod service;
mod store;

use kernel::{ErrorKind, FieldError, KindedError};
use platform::{DbError, Denied};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(crate) use routes::routes;
pub(crate) use service::any_exists;
pub use service::{CreateProject, create, create_in};
pub use store::hidden_projects;
pub(crate) use store::{Project, find, find_by_key, list_named, role_of, roles_of, take_number};

/// What a member may do in a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProjectRole {
    /// Reads.
    Viewer,
    /// Works on tickets.
    Agent,
    /// Also changes the project and its members.
    Manager,
}

impl ProjectRole {
    /// The stored spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Agent => "agent",
            Self::Manager => "manager",
        }
    }

    /// Reads the stored spelling.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Viewer, Self::Agent, Self::Manager].into_iter().find(|role| role.as_str() == text)
    }
}

/// What a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PrincipalKind {
    /// A person.
    Person,
    /// A team: all its members.
    Team,
}

impl PrincipalKind {
    /// The stored spelling, which is also the kind of record.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Team => "team",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Person, Self::Team].into_iter().find(|kind| kind.as_str() == text)
    }
}

/// What can go wrong with a project.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// No such project, or none that the caller may see.
    #[error("There is no such project.")]
    NotFound,
    /// Another project has this key.
    #[error("Another project has the key {0}; choose a different one.")]
    KeyTaken(String),
    /// Somebody changed it since the caller read it.
    #[error("The project is at version {current} by now; read it again and repeat the change.")]
    VersionConflict {
        /// Its version now.
        current: i64,
    },
    /// The caller is neither a manager of the project nor may manage all projects.
    #[error("Only managers of the project, and those with the permission projects:manage, may change it.")]
    NotManager,
    /// Fields are wrong.
    #[error("The project is not valid.")]
    Invalid(Vec<FieldError>),
    /// The caller lacks a permission.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl KindedError for ProjectError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound => ErrorKind::NotFound,
            Self::KeyTaken(_) | Self::VersionConflict { .. } => ErrorKind::Conflict,
            Self::NotManager => ErrorKind::Forbidden,
            Self::Invalid(fields) => ErrorKind::Invalid(fields.clone()),
            Self::Denied(error) => error.kind(),
            Self::Db(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "project_not_found",
            Self::KeyTaken(_) => "project_key_taken",
            Self::VersionConflict { .. } => "version_conflict",
            Self::NotManager => "project_manager_only",
            Self::Invalid(_) => "project_invalid",
            Self::Denied(error) => error.code(),
            Self::Db(error) => error.code(),
        }
    }
}

/// Everything that is wrong with these fields.
fn complaints(key: Option<&str>, name: &str) -> Vec<FieldError> {
    let mut wrong = Vec::new();
    if let Some(key) = key {
        let mut chars = key.chars();
        let good = chars.next().is_some_and(|c| c.is_ascii_uppercase())
            && chars.all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
            && (2..=10).contains(&key.len());
        if !good {
            wrong.push(FieldError::new("key", "Use 2 to 10 capital letters and digits, starting with a letter."));
        }
    }
    if name.trim().is_empty() || name.chars().count() > 120 {
        wrong.push(FieldError::new("name", "Give a name of 1 to 120 characters."));
    }
    wrong
}
