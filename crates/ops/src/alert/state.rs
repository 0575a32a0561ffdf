//! From rows to the rules of `domain::alert` and back.

use std::collections::BTreeMap;

use domain::alert::{Acknowledged, Alert, AlertError as Refused, AlertEvent, Snoozed, Status};
use domain::priority::Priority;
use jiff::Timestamp;
use kernel::{Actor, PersonId, TicketId, micros, timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

use super::error::AlertError;
use super::store::{AlertRow, StoredActor, actor};

/// How an alert stands to incidents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IncidentState {
    /// No incident.
    None,
    /// The alert opened its incident.
    Opened,
    /// An incident is proposed to the people on call.
    Proposed,
    /// A storm cap folded the alert into an incident that collects it.
    Folded,
    /// The alert joined an incident that its service had already.
    Joined,
}

impl IncidentState {
    /// The stored spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Opened => "opened",
            Self::Proposed => "proposed",
            Self::Folded => "folded",
            Self::Joined => "joined",
        }
    }

    /// Reads the stored spelling; what nothing writes counts as none.
    pub fn parse(text: &str) -> Self {
        [Self::Opened, Self::Proposed, Self::Folded, Self::Joined]
            .into_iter()
            .find(|state| state.as_str() == text)
            .unwrap_or(Self::None)
    }

    fn log_text(self) -> &'static str {
        match self {
            Self::None => "No longer part of an incident",
            Self::Opened => "Opened an incident",
            Self::Proposed => "An incident is proposed",
            Self::Folded => "Folded into the incident that collects a storm",
            Self::Joined => "Joined the open incident of its service",
        }
    }
}

/// Something to do to an alert.
#[derive(Clone, Debug)]
pub enum Verb {
    /// Take it.
    Acknowledge,
    /// Give it back: paging starts again.
    Unacknowledge,
    /// The acknowledge time-out of its policy is up: paging starts again.
    TimeOutAcknowledgement,
    /// It is over.
    Close,
    /// Stay quiet until then.
    Snooze(Timestamp),
    /// Stop being quiet.
    Unsnooze,
    /// The time of the snooze has come.
    EndSnooze,
    /// A person looks at it.
    See,
    /// Run the next step of the escalation now.
    Escalate,
    /// Give it to a person, named for the log.
    Assign(PersonId, String),
    /// Add tags.
    AddTags(Vec<String>),
    /// Add the tags that fit, for compatible clients.
    AddFittingTags(Vec<String>),
    /// Take tags away.
    RemoveTags(Vec<String>),
    /// Add or replace details.
    AddDetails(BTreeMap<String, String>),
    /// Add or replace the details that fit, for compatible clients.
    AddFittingDetails(BTreeMap<String, String>),
    /// Take details away.
    RemoveDetails(Vec<String>),
    /// Replace all details.
    ReplaceDetails(BTreeMap<String, String>),
    /// Another message.
    ChangeMessage(String),
    /// Another description.
    ChangeDescription(String),
    /// Another priority.
    ChangePriority(Priority),
    /// Write a note.
    AddNote(String),
    /// Name somebody on the alert: kind, id, and the name for the log.
    AddResponder(String, Uuid, String),
    /// Ask for an incident: accepts a proposal, or opens one by hand.
    RequestIncident,
    /// An incident was opened, proposed, joined.
    SetIncident(IncidentState, Option<TicketId>),
}

/// What was done: how it is stored in the event log and shown in the alert's log.
#[derive(Clone, Debug, PartialEq)]
pub struct Done {
    /// The event, in the past tense.
    pub event: &'static str,
    /// Facts for the event.
    pub data: Value,
    /// Kind of the log line, such as `acknowledged`.
    pub kind: String,
    /// The log line.
    pub text: String,
}

impl Done {
    fn new(event: &'static str, text: impl Into<String>, data: Value) -> Self {
        Self { event, data, kind: log_kind(event), text: text.into() }
    }
}

/// `AlertSnoozeEnded` becomes `snooze_ended`.
fn log_kind(event: &str) -> String {
    let mut kind = String::with_capacity(event.len());
    for letter in event.trim_start_matches("Alert").chars() {
        if letter.is_ascii_uppercase() && !kind.is_empty() {
            kind.push('_');
        }
        kind.push(letter.to_ascii_lowercase());
    }
    kind
}

impl AlertRow {
    /// Whether it is open.
    pub fn is_open(&self) -> bool {
        self.status == "open"
    }

    /// Its tags.
    pub fn tag_list(&self) -> Vec<String> {
        serde_json::from_value(self.tags.clone()).unwrap_or_default()
    }

    /// Its details.
    pub fn detail_map(&self) -> BTreeMap<String, String> {
        serde_json::from_value(self.details.clone()).unwrap_or_default()
    }

    /// Its priority.
    pub fn priority(&self) -> Priority {
        Priority::parse(&self.priority).unwrap_or(Priority::P3)
    }

    /// The alert that the rules know. Responders stand in rows of their own and are left out.
    pub fn alert(&self) -> Alert {
        let closed = actor(self.closed_by_kind.as_deref(), self.closed_by, self.closed_by_part.as_deref());
        let acknowledged =
            actor(self.acknowledged_by_kind.as_deref(), self.acknowledged_by, self.acknowledged_by_part.as_deref());
        let snoozed = actor(self.snoozed_by_kind.as_deref(), self.snoozed_by, self.snoozed_by_part.as_deref());
        Alert {
            alias: self.alias.clone(),
            message: self.message.clone(),
            description: self.description.clone(),
            priority: self.priority(),
            source: self.source.clone(),
            entity: self.entity.clone(),
            tags: self.tag_list(),
            details: self.detail_map(),
            actions: serde_json::from_value(self.actions.clone()).unwrap_or_default(),
            status: match (closed, self.closed_at) {
                (Some(by), Some(at)) => Status::Closed { by, at: timestamp(at) },
                _ => Status::Open,
            },
            acknowledged: acknowledged.zip(self.acknowledged_at).map(|(by, at)| Acknowledged { by, at: timestamp(at) }),
            snoozed: snoozed.zip(self.snoozed_until).map(|(by, until)| Snoozed { by, until: timestamp(until) }),
            seen: self.seen,
            owner: self.owner_id.map(PersonId),
            responders: Vec::new(),
            count: self.count,
            created_at: timestamp(self.created_at),
            updated_at: timestamp(self.updated_at),
            last_occurred_at: timestamp(self.last_occurred_at),
            first_acknowledged_at: self.first_acknowledged_at.map(timestamp),
        }
    }

    /// Takes over what the rules changed.
    pub fn take(&mut self, alert: Alert) {
        let (closed_by, closed_at) = match alert.status {
            Status::Open => (None, None),
            Status::Closed { by, at } => (Some(by), Some(micros(at))),
        };
        if closed_at.is_some() { "closed" } else { "open" }.clone_into(&mut self.status);
        self.closed_at = closed_at;
        (self.closed_by_kind, self.closed_by, self.closed_by_part) = columns(closed_by.as_ref());
        self.acknowledged_at = alert.acknowledged.as_ref().map(|acknowledged| micros(acknowledged.at));
        (self.acknowledged_by_kind, self.acknowledged_by, self.acknowledged_by_part) =
            columns(alert.acknowledged.as_ref().map(|acknowledged| &acknowledged.by));
        self.snoozed_until = alert.snoozed.as_ref().map(|snoozed| micros(snoozed.until));
        (self.snoozed_by_kind, self.snoozed_by, self.snoozed_by_part) =
            columns(alert.snoozed.as_ref().map(|snoozed| &snoozed.by));
        self.first_acknowledged_at = alert.first_acknowledged_at.map(micros);
        self.message = alert.message;
        self.description = alert.description;
        alert.priority.as_str().clone_into(&mut self.priority);
        self.tags = json!(alert.tags);
        self.details = json!(alert.details);
        self.seen = alert.seen;
        self.owner_id = alert.owner.map(|owner| owner.0);
        self.count = alert.count;
        self.updated_at = micros(alert.updated_at);
        self.last_occurred_at = micros(alert.last_occurred_at);
    }

    /// Does the verb: changes this row, and says what was done; nothing, when nothing was left to do.
    ///
    /// `by` is who stands behind it: a person, an integration, or ourselves.
    pub fn apply(&mut self, verb: &Verb, by: &Actor, at: Timestamp) -> Result<Vec<Done>, AlertError> {
        let done = match self.decide(verb, by, at)? {
            Decided::Rules(alert, events) => {
                let done =
                    events.iter().map(|event| Done::new(event.kind(), log_text(event, verb), event.data())).collect();
                self.take(*alert);
                done
            }
            Decided::Own(done) => vec![done],
            Decided::Nothing => Vec::new(),
        };
        if !done.is_empty() {
            self.updated_at = micros(at);
            self.version += 1;
        }
        Ok(done)
    }

    fn decide(&mut self, verb: &Verb, by: &Actor, at: Timestamp) -> Result<Decided, AlertError> {
        let alert = self.alert();
        let changed = match verb {
            Verb::Acknowledge => match alert.acknowledge(by, at) {
                Err(Refused::AlreadyAcknowledged { by: first, .. }) if &first == by => return Ok(Decided::Nothing),
                other => other,
            },
            Verb::Unacknowledge => alert.unacknowledge(at),
            Verb::TimeOutAcknowledgement => alert.time_out_acknowledgement(at),
            Verb::Close => alert.close(by, at),
            Verb::Snooze(until) => alert.snooze(by, *until, at),
            Verb::Unsnooze => alert.unsnooze(at),
            Verb::EndSnooze => match alert.expire_snooze(at) {
                Err(Refused::NotSnoozed | Refused::Closed { .. }) => return Ok(Decided::Nothing),
                other => other,
            },
            Verb::See => alert.see(at),
            Verb::Assign(person, _) => alert.assign(Some(*person), at),
            Verb::AddTags(tags) => alert.add_tags(tags.clone(), at),
            Verb::AddFittingTags(tags) => alert.add_fitting_tags(tags.clone(), at),
            Verb::RemoveTags(tags) => alert.remove_tags(tags, at),
            Verb::AddDetails(details) => alert.add_details(details.clone(), at),
            Verb::AddFittingDetails(details) => alert.add_fitting_details(details.clone(), at),
            Verb::RemoveDetails(names) => alert.remove_details(names, at),
            Verb::ReplaceDetails(details) => alert.set_details(details.clone(), at),
            Verb::ChangeMessage(text) => alert.set_message(text, at),
            Verb::ChangeDescription(text) => alert.set_description(text, at),
            Verb::ChangePriority(priority) => alert.set_priority(*priority, at),
            Verb::AddNote(text) => alert.add_note(text, at),
            Verb::Escalate => {
                // The snooze check and the next step are paging's; a closed alert has no steps.
                must_be_open(&alert)?;
                return Ok(Decided::Own(Done::new("AlertEscalated", "Escalated to the next step", json!({}))));
            }
            Verb::AddResponder(kind, id, name) => {
                must_be_open(&alert)?;
                let data = json!({"kind": kind, "id": id});
                return Ok(Decided::Own(Done::new("AlertResponderAdded", format!("Added {name} as responder"), data)));
            }
            Verb::RequestIncident if self.incident_id.is_some() => return Err(AlertError::HasIncident),
            Verb::RequestIncident => {
                return Ok(Decided::Own(Done::new("AlertIncidentRequested", "Asked for an incident", json!({}))));
            }
            Verb::SetIncident(state, ticket) => return Ok(self.set_incident(*state, *ticket)),
        };
        let (alert, events) = changed?;
        Ok(if events.is_empty() { Decided::Nothing } else { Decided::Rules(Box::new(alert), events) })
    }

    fn set_incident(&mut self, state: IncidentState, ticket: Option<TicketId>) -> Decided {
        let ticket_id = ticket.map(|ticket| ticket.0);
        if self.incident_state == state.as_str() && self.incident_id == ticket_id {
            return Decided::Nothing;
        }
        state.as_str().clone_into(&mut self.incident_state);
        self.incident_id = ticket_id;
        let data = json!({"state": state.as_str(), "ticket_id": ticket});
        Decided::Own(Done::new("AlertIncidentChanged", state.log_text(), data))
    }
}

enum Decided {
    Rules(Box<Alert>, Vec<AlertEvent>),
    Own(Done),
    Nothing,
}

fn must_be_open(alert: &Alert) -> Result<(), AlertError> {
    match &alert.status {
        Status::Open => Ok(()),
        Status::Closed { by, at } => Err(Refused::Closed { by: by.clone(), at: *at }.into()),
    }
}

/// What the alert's log says: notes in full, since the log is the alert's own row; names where they are known.
fn log_text(event: &AlertEvent, verb: &Verb) -> String {
    match verb {
        Verb::AddNote(text) => text.clone(),
        Verb::Assign(_, name) => format!("Assigned to {name}"),
        Verb::ChangeMessage(text) => format!("Message changed to \"{text}\""),
        _ => event.log_text(),
    }
}

/// The three columns of an actor.
fn columns(actor: Option<&Actor>) -> (Option<String>, Option<Uuid>, Option<String>) {
    match actor.map(StoredActor::from) {
        Some(StoredActor { kind, id, part }) => (Some(kind), id, part),
        None => (None, None, None),
    }
}

#[cfg(test)]
mod tests {
    use super::log_kind;

    #[test]
    fn log_kinds_are_the_events_in_snake_case() {
        assert_eq!(log_kind("AlertSnoozeEnded"), "snooze_ended");
        assert_eq!(log_kind("AlertRaised"), "raised");
    }
}
