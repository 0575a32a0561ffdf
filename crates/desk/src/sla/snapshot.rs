//! What goals can ask about a ticket, as it was at one change; and the changes of a ticket from its events.

use std::collections::HashMap;

use domain::priority::{Impact, Priority, Urgency};
use domain::query::{FieldKey, Record, Value};
use domain::sla::{Change, Comment, CommentBy, Facts};
use domain::workflow::Category;
use jiff::Timestamp;
use kernel::{Actor, EventId, PersonId, ProjectId, ServiceId, TeamId, micros, timestamp};
use platform::StoredEvent;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::ticket::{Kind, Ticket};

/// Where events keep the snapshot.
pub(crate) const STATE: &str = "state";
/// Where events keep who commented.
pub(crate) const COMMENT_BY: &str = "comment_by";

/// A ticket's small values after a change, with those of other records that goals can ask.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Snapshot {
    pub key: String,
    pub project: ProjectId,
    pub kind: Kind,
    pub status: String,
    pub category: Category,
    pub priority: Priority,
    pub impact: Impact,
    pub urgency: Urgency,
    #[serde(default)]
    pub resolution: Option<String>,
    pub assignee: Option<PersonId>,
    pub reporter: Option<PersonId>,
    pub team: Option<TeamId>,
    pub service: Option<ServiceId>,
    #[serde(default)]
    pub service_tier: Option<i64>,
    #[serde(default)]
    pub labels: Vec<String>,
    /// In microseconds.
    #[serde(default)]
    pub due_at: Option<i64>,
    /// In microseconds.
    pub created_at: i64,
}

impl Snapshot {
    /// The ticket as it is; `service_tier` is that of its service.
    pub fn of(ticket: &Ticket, service_tier: Option<i64>) -> Self {
        Self {
            key: ticket.key.clone(),
            project: ticket.project,
            kind: ticket.kind,
            status: ticket.status.clone(),
            category: ticket.category,
            priority: ticket.priority.priority,
            impact: ticket.impact.value,
            urgency: ticket.urgency.value,
            resolution: ticket.resolved.as_ref().and_then(|resolved| resolved.resolution.clone()),
            assignee: ticket.assignee,
            reporter: ticket.reporter,
            team: ticket.team,
            service: ticket.service,
            service_tier,
            labels: ticket.labels.clone(),
            due_at: ticket.due.map(micros),
            created_at: micros(ticket.created_at),
        }
    }

    /// What clocks care about.
    pub fn facts(&self) -> Facts {
        Facts {
            status: self.status.clone(),
            category: self.category,
            assignee: self.assignee,
            team: self.team,
            // A day of UTC: whether there is a due date, and that it changed, is what clocks care about.
            due: self.due_at.map(|at| timestamp(at).to_zoned(jiff::tz::TimeZone::UTC).date()),
            resolved: self.category == Category::Done,
        }
    }
}

impl Record for Snapshot {
    fn values(&self, field: &FieldKey) -> Vec<Value> {
        let choice = |key: &str| vec![Value::Choice(key.to_owned())];
        let reference = |id: Option<uuid::Uuid>| id.map(Value::Reference).into_iter().collect();
        match field.as_str() {
            "key" => vec![Value::Text(self.key.clone())],
            "project" => reference(Some(self.project.0)),
            "kind" => choice(self.kind.as_str()),
            "status" => choice(&self.status),
            "statusCategory" => choice(self.category.as_str()),
            "priority" => choice(self.priority.as_str()),
            "impact" => choice(self.impact.as_str()),
            "urgency" => choice(self.urgency.as_str()),
            "resolution" => self.resolution.iter().cloned().map(Value::Choice).collect(),
            "assignee" => reference(self.assignee.map(|id| id.0)),
            "reporter" => reference(self.reporter.map(|id| id.0)),
            "team" => reference(self.team.map(|id| id.0)),
            "service" => reference(self.service.map(|id| id.0)),
            "serviceTier" => self.service_tier.map(Value::Integer).into_iter().collect(),
            "labels" => self.labels.iter().cloned().map(Value::Text).collect(),
            "created" => vec![Value::Instant(timestamp(self.created_at))],
            "due" => self.due_at.map(|at| Value::Instant(timestamp(at))).into_iter().collect(),
            _ => Vec::new(),
        }
    }
}

/// A snapshot and when it was taken: queries of goals are asked as of then.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Taken {
    pub at: Timestamp,
    pub snapshot: Snapshot,
}

/// Who wrote a comment, as far as clocks care. `customer` says that the writer's role is that of a customer.
pub(crate) fn comment_by(actor: &Actor, customer: bool, reporter: Option<PersonId>) -> CommentBy {
    match actor.person() {
        Some(person) if customer || Some(person) == reporter => CommentBy::Customer,
        Some(_) => CommentBy::Agent,
        None => CommentBy::Automation,
    }
}

/// One change, as clocks take it.
pub(crate) fn change(event: EventId, at: Timestamp, snapshot: Snapshot, comment: Option<Comment>) -> Change<Taken> {
    Change { event, at, facts: snapshot.facts(), comment, snapshot: Taken { at, snapshot } }
}

fn field<T: DeserializeOwned>(event: &StoredEvent, name: &str) -> Option<T> {
    event.data.get(name).and_then(|value| serde_json::from_value(value.clone()).ok())
}

/// The changes of a ticket from its events, oldest first. Events of earlier versions have no snapshot: it follows from
/// what they say changed.
pub(crate) fn history(events: &[StoredEvent]) -> Vec<Change<Taken>> {
    let mut changes = Vec::new();
    let mut last: Option<Snapshot> = None;
    for event in events.iter().filter(|event| is_change(&event.kind)) {
        let snapshot = field(event, STATE).or_else(|| match &last {
            None => opened(event),
            Some(before) => Some(changed(before, event)),
        });
        let Some(snapshot) = snapshot else { continue };
        let comment = (event.kind == "TicketCommented").then(|| Comment {
            by: field(event, COMMENT_BY).unwrap_or_else(|| comment_by(&event.actor, false, snapshot.reporter)),
            public: event.data.get("visibility").and_then(|visibility| visibility.as_str()) == Some("public"),
        });
        last = Some(snapshot.clone());
        changes.push(change(EventId(event.id), event.at, snapshot, comment));
    }
    changes
}

/// Whether the event is a change of the ticket, and not what a change or time brought with it.
fn is_change(kind: &str) -> bool {
    matches!(
        kind,
        "TicketOpened"
            | "TicketFieldChanged"
            | "TicketTransitioned"
            | "TicketCommented"
            | "TicketPriorityOverridden"
            | "TicketPriorityOverrideDropped"
    )
}

/// The snapshot after an opening that did not store one.
fn opened(event: &StoredEvent) -> Option<Snapshot> {
    let mut data = event.data.as_object()?.clone();
    data.insert("created_at".to_owned(), json!(micros(event.at)));
    serde_json::from_value(serde_json::Value::Object(data)).ok()
}

/// The snapshot after a change that did not store one.
fn changed(before: &Snapshot, event: &StoredEvent) -> Snapshot {
    let mut after = before.clone();
    let changes: HashMap<String, serde_json::Value> = event
        .data
        .get("changes")
        .and_then(|changes| changes.as_object())
        .map(|changes| changes.iter().map(|(name, change)| (name.clone(), change["after"].clone())).collect())
        .unwrap_or_default();
    fn set<T: DeserializeOwned>(place: &mut T, value: Option<&serde_json::Value>) {
        if let Some(value) = value.and_then(|value| serde_json::from_value(value.clone()).ok()) {
            *place = value;
        }
    }
    set(&mut after.status, changes.get("status"));
    set(&mut after.category, event.data.get("category"));
    set(&mut after.resolution, changes.get("resolution"));
    set(&mut after.priority, changes.get("priority"));
    set(&mut after.impact, changes.get("impact"));
    set(&mut after.urgency, changes.get("urgency"));
    set(&mut after.assignee, changes.get("assignee"));
    set(&mut after.team, changes.get("team"));
    set(&mut after.service, changes.get("service"));
    set(&mut after.labels, changes.get("labels"));
    after
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(kind: &str, at: &str, data: serde_json::Value) -> StoredEvent {
        StoredEvent {
            id: uuid::Uuid::from_u128(1),
            position: 1,
            at: at.parse().expect("an instant"),
            kind: kind.to_owned(),
            version: 1,
            record_kind: "ticket".to_owned(),
            record: uuid::Uuid::nil(),
            record_version: 1,
            actor: Actor::Person { id: PersonId(uuid::Uuid::from_u128(7)) },
            origin: "web".to_owned(),
            request_id: None,
            data,
        }
    }

    #[test]
    fn events_of_earlier_versions_give_their_snapshots() {
        let nil = uuid::Uuid::nil();
        let opened = json!({"key": "INC-1", "project": nil, "kind": "incident", "status": "open", "category": "todo",
            "priority": "P3", "impact": "moderate", "urgency": "medium", "service": null, "team": null,
            "assignee": null, "reporter": null, "workflow_version": 1, "raised_by": "hand", "alert": null});
        let moved = json!({"from": "open", "to": "resolved", "category": "done", "changes": {
            "status": {"before": "open", "after": "resolved"}, "resolution": {"before": null, "after": "fixed"}}});
        let events = [
            event("TicketOpened", "2026-03-02T09:00:00Z", opened),
            event(
                "TicketFieldChanged",
                "2026-03-02T10:00:00Z",
                json!({"changes": {"priority": {"before": "P3", "after": "P1"}}}),
            ),
            event("TicketCommented", "2026-03-02T10:30:00Z", json!({"visibility": "public", "changes": {}})),
            event("TicketTransitioned", "2026-03-02T11:00:00Z", moved),
            event("TicketResolved", "2026-03-02T11:00:00Z", json!({"resolution": "fixed"})),
        ];
        let changes = history(&events);
        let seen: Vec<_> = changes
            .iter()
            .map(|change| {
                let snapshot = &change.snapshot.snapshot;
                (snapshot.priority, snapshot.status.as_str(), change.facts.resolved, change.comment.map(|c| c.by))
            })
            .collect();
        assert_eq!(
            seen,
            [
                (Priority::P3, "open", false, None),
                (Priority::P1, "open", false, None),
                (Priority::P1, "open", false, Some(CommentBy::Agent)),
                (Priority::P1, "resolved", true, None),
            ]
        );
    }
}
