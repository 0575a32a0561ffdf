//! An alert: what a monitor said, and what became of it.
//!
//! Open or closed is the [`Status`]; acknowledged, snoozed and seen are separate facts. Every change is a method that
//! returns the new alert and its [`AlertEvent`]s, or an [`AlertError`] that says why not.
//!
//! **Invariants**
//! - A duplicate adds one to `count` and moves `last_occurred_at`; it never overwrites what the alert says.
//! - Whoever acknowledges first wins; the second one is told who and when. A person who acknowledges becomes owner.
//! - The end of a snooze and un-acknowledging leave the alert un-acknowledged, so that paging starts over.
//! - A closed alert keeps its history and takes notes, tags and details; it never opens again.
//! - Events carry no free text: notes and messages stay in their own rows.

mod change;
mod event;
mod limit;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::Timestamp;
use kernel::{Actor, ErrorKind, FieldError, KindedError, PersonId, ScheduleId, TeamId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use event::AlertEvent;
pub use limit::{
    ACTION_MAX, ACTIONS_MAX, ALIAS_MAX, DESCRIPTION_MAX, DETAILS_MAX, ENTITY_MAX, MESSAGE_MAX, NOTE_MAX, SOURCE_MAX,
    TAG_MAX, TAGS_MAX, fit_alias, fit_note, fit_text,
};

use crate::priority::Priority;

/// An alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// What it is de-duplicated by.
    pub alias: String,
    /// One line.
    pub message: String,
    /// More lines.
    pub description: String,
    /// How pressing it is.
    pub priority: Priority,
    /// Who or what said it, such as a monitor's name.
    pub source: String,
    /// What it is about, such as a host.
    pub entity: String,
    /// Its tags, in the order they came.
    pub tags: Vec<String>,
    /// Its details.
    pub details: BTreeMap<String, String>,
    /// Names of custom actions that its source offers.
    pub actions: Vec<String>,
    /// Open or closed.
    pub status: Status,
    /// Who acknowledged it, if anybody.
    pub acknowledged: Option<Acknowledged>,
    /// Until when it is snoozed, if it is.
    pub snoozed: Option<Snoozed>,
    /// Whether a person has looked at it.
    pub seen: bool,
    /// Who looks after it.
    pub owner: Option<PersonId>,
    /// Who is asked to respond, beside the escalation.
    pub responders: Vec<Responder>,
    /// How often it occurred.
    pub count: i64,
    /// When it first occurred.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it last occurred.
    pub last_occurred_at: Timestamp,
    /// When it was first acknowledged, whatever happened since.
    pub first_acknowledged_at: Option<Timestamp>,
}

/// Open or closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Status {
    /// Something is wrong.
    Open,
    /// It is over.
    Closed {
        /// Who closed it.
        by: Actor,
        /// When.
        at: Timestamp,
    },
}

/// Somebody works on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledged {
    /// Who.
    pub by: Actor,
    /// Since when.
    pub at: Timestamp,
}

/// Nobody is paged until then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snoozed {
    /// Who snoozed it.
    pub by: Actor,
    /// Until when.
    pub until: Timestamp,
}

/// Somebody who is asked to respond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[schema(as = AlertResponder)]
pub enum Responder {
    /// A person.
    Person {
        /// Which.
        id: PersonId,
    },
    /// A team.
    Team {
        /// Which.
        id: TeamId,
    },
    /// Whoever is on call.
    Schedule {
        /// Which schedule.
        id: ScheduleId,
    },
}

/// What a source says when it raises an alert.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Raise {
    /// What to de-duplicate by; the alert's id, if absent.
    pub alias: Option<String>,
    /// One line.
    pub message: String,
    /// More lines.
    pub description: String,
    /// How pressing; P3, if absent.
    pub priority: Option<Priority>,
    /// Who or what says it.
    pub source: String,
    /// What it is about.
    pub entity: String,
    /// Tags.
    pub tags: Vec<String>,
    /// Details; also the labels by which the service is found.
    pub details: BTreeMap<String, String>,
    /// Names of custom actions.
    pub actions: Vec<String>,
}

/// What a new alert's priority is if nobody says.
pub const DEFAULT_PRIORITY: Priority = Priority::P3;

/// A change of an alert: the alert after it, and what happened.
pub type Changed = Result<(Alert, Vec<AlertEvent>), AlertError>;

/// Why an alert cannot change.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AlertError {
    /// It is closed.
    #[error("the alert was closed at {at}; a new occurrence opens a new alert")]
    Closed {
        /// Who closed it.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Somebody was faster.
    #[error("the alert was acknowledged at {at} already")]
    AlreadyAcknowledged {
        /// Who.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// There is no acknowledgement to take back.
    #[error("the alert is not acknowledged")]
    NotAcknowledged,
    /// There is no snooze to end.
    #[error("the alert is not snoozed")]
    NotSnoozed,
    /// The input is wrong.
    #[error("the alert is not valid: {}", fields(.0))]
    Invalid(Vec<FieldError>),
}

impl KindedError for AlertError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Invalid(fields) => ErrorKind::Invalid(fields.clone()),
            _ => ErrorKind::Conflict,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Closed { .. } => "alert_closed",
            Self::AlreadyAcknowledged { .. } => "alert_already_acknowledged",
            Self::NotAcknowledged => "alert_not_acknowledged",
            Self::NotSnoozed => "alert_not_snoozed",
            Self::Invalid(_) => "alert_invalid",
        }
    }
}

fn fields(errors: &[FieldError]) -> String {
    errors.iter().map(|error| format!("{}: {}", error.field, error.message)).collect::<Vec<_>>().join("; ")
}
