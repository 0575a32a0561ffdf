//! Tickets: incidents and requests, from opening to resolution.
//!
//! **Vocabulary**
//! - An *incident* is something broken; a *request* is something wanted.
//! - The *workflow* gives the statuses and the transitions between them; it is a versioned document, and a ticket
//!   keeps the version it started with.
//! - The *priority* comes from impact and urgency by a matrix, with its reason; an agent may *override* it.
//!
//! **Invariants**
//! - A ticket is seen by those who see its project, and by the customer who raised it.
//! - `resolved` is set exactly while the status is of the category done.
//! - Events carry ids and small values. Summaries, descriptions and reasons stand in rows of their own, to which
//!   events point, so that they can be erased.
//! - Every change locks the ticket's row first: its events stand in the log in the order of its versions.

pub(crate) mod access;
mod api;
mod bulk;
mod error;
mod open;
pub(crate) mod past;
#[cfg(test)]
mod plan_tests;
pub(crate) mod query;
mod record;
mod routes;
mod service;
pub(crate) mod store;
mod view;
pub(crate) mod vocabulary;
pub(crate) mod words;
pub(crate) mod workflow;

use domain::priority::{Impact, Priority, Sourced, Urgency};
use jiff::Timestamp;
use kernel::{AlertId, PersonId, ProjectId, ServiceId, TeamId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::field::Values;

pub(crate) use access::Access;
pub use error::TicketError;
pub use open::{open, open_in};
pub use record::{Changes, Resolved, ServiceFacts, Ticket};
pub(crate) use routes::routes;
pub use service::{assign_if_free_in, find_in, find_visible, transition_in};
pub(crate) use service::{lock, save};
pub(crate) use view::count_typed;
pub use workflow::{MatrixKind, WorkflowKind};

/// What a ticket is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Something is broken.
    Incident,
    /// Something is wanted.
    Request,
}

impl Kind {
    /// The stored spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Incident => "incident",
            Self::Request => "request",
        }
    }

    /// Reads the stored spelling.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Incident, Self::Request].into_iter().find(|kind| kind.as_str() == text)
    }
}

/// Which project a ticket goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProjectChoice {
    /// The project with this id.
    Id(ProjectId),
    /// The project with this key.
    Key(String),
}

/// What made somebody open a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A person raised it.
    Raised,
    /// An alert did.
    Alert {
        /// The alert.
        alert: AlertId,
        /// Its priority.
        priority: Priority,
    },
}

/// Opens a ticket.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenTicket {
    /// Where it goes.
    pub project: ProjectChoice,
    /// Incident or request.
    pub kind: Kind,
    /// One line.
    pub summary: String,
    /// Everything else.
    pub description: String,
    /// How much is affected; follows the service's tier when absent.
    pub impact: Option<Sourced<Impact>>,
    /// How fast it must be fixed; medium when absent.
    pub urgency: Option<Sourced<Urgency>>,
    /// The affected service.
    pub service: Option<ServiceId>,
    /// Which team works on it.
    pub team: Option<TeamId>,
    /// Who works on it.
    pub assignee: Option<PersonId>,
    /// Who raised it.
    pub reporter: Option<PersonId>,
    /// Labels.
    pub labels: Vec<String>,
    /// When it is due.
    pub due: Option<Timestamp>,
    /// Values of custom fields.
    pub fields: Values,
    /// Why it is opened.
    pub cause: Cause,
}

impl OpenTicket {
    /// With a summary, and nothing else said.
    pub fn new(project: ProjectChoice, kind: Kind, summary: impl Into<String>) -> Self {
        Self {
            project,
            kind,
            summary: summary.into(),
            description: String::new(),
            impact: None,
            urgency: None,
            service: None,
            team: None,
            assignee: None,
            reporter: None,
            labels: Vec::new(),
            due: None,
            fields: Values::new(),
            cause: Cause::Raised,
        }
    }
}
