//! A ticket and its changes, without any database: each change is a method that gives the ticket after it and what
//! it changed.

use domain::priority::{Assessed, Impact, Matrix, Priority, Reason, Sourced, Urgency, impact_of_service};
use domain::workflow::{Category, Workflow};
use jiff::Timestamp;
use kernel::{FieldError, PersonId, ProjectId, ServiceId, TeamId, TicketId};
use serde_json::{Map, Value, json};

use super::Kind;
use crate::field::{Filled, PREFIX, Values};

/// Where a ticket got its workflow: running tickets keep the version they started with.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WorkflowRef {
    /// Key of the document.
    pub key: String,
    /// Its version.
    pub version: i64,
}

/// That a ticket is done: when, and with which resolution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// When.
    pub at: Timestamp,
    /// How, such as `fixed`; only statuses that ask for one have one.
    pub resolution: Option<String>,
}

/// A ticket as stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Ticket {
    /// Its id.
    pub id: TicketId,
    /// The project it lives in.
    pub project: ProjectId,
    /// Such as `INC-12`.
    pub key: String,
    /// Incident or request.
    pub kind: Kind,
    /// One line.
    pub summary: String,
    /// Everything else.
    pub description: String,
    /// Its workflow.
    pub workflow: WorkflowRef,
    /// Key of its status in that workflow.
    pub status: String,
    /// Category of that status.
    pub category: Category,
    /// Set exactly while the category is done.
    pub resolved: Option<Resolved>,
    /// How much is affected, and where that came from.
    pub impact: Sourced<Impact>,
    /// How fast it must be fixed, and where that came from.
    pub urgency: Sourced<Urgency>,
    /// The priority with its reason.
    pub priority: Assessed,
    /// Who works on it.
    pub assignee: Option<PersonId>,
    /// Who raised it, if a person did.
    pub reporter: Option<PersonId>,
    /// Which team works on it.
    pub team: Option<TeamId>,
    /// The affected service.
    pub service: Option<ServiceId>,
    /// Sorted.
    pub labels: Vec<String>,
    /// When it is due.
    pub due: Option<Timestamp>,
    /// Its values of custom fields.
    pub fields: Values,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When somebody other than the reporter first answered in public.
    pub first_response_at: Option<Timestamp>,
    /// Counts its changes.
    pub version: i64,
}

/// A free text that changed; events point to it by id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextChange {
    /// The field.
    pub field: String,
    /// Before.
    pub before: String,
    /// After.
    pub after: String,
}

/// What a change did to the fields.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    /// `{field: {before, after}}` for values that may stand in events.
    pub fields: Map<String, Value>,
    /// Free texts.
    pub texts: Vec<TextChange>,
    /// Custom fields, whose typed rows change too.
    pub(crate) filled: Vec<Filled>,
}

impl Changes {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.texts.is_empty()
    }

    fn note(&mut self, field: &str, before: Value, after: Value) {
        if before != after {
            self.fields.insert(field.to_owned(), json!({"before": before, "after": after}));
        }
    }

    fn note_text(&mut self, field: &str, before: &str, after: &str) {
        if before != after {
            self.texts.push(TextChange { field: field.to_owned(), before: before.to_owned(), after: after.to_owned() });
        }
    }
}

/// What a ticket's service says about it.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceFacts {
    /// The service.
    pub id: ServiceId,
    /// Its name, for the priority's reason.
    pub name: String,
    /// Its tier, which gives the impact.
    pub tier: i64,
}

/// Fields to change; `None` keeps.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Edit {
    /// One line.
    pub summary: Option<String>,
    /// Everything else.
    pub description: Option<String>,
    /// How much is affected.
    pub impact: Option<Impact>,
    /// How fast it must be fixed.
    pub urgency: Option<Urgency>,
    /// The affected service, or none.
    pub service: Option<Option<ServiceFacts>>,
    /// Which team works on it, or none.
    pub team: Option<Option<TeamId>>,
    /// Who works on it, or nobody.
    pub assignee: Option<Option<PersonId>>,
    /// All labels.
    pub labels: Option<Vec<String>>,
    /// When it is due, or never.
    pub due: Option<Option<Timestamp>>,
    /// Custom fields that get another value.
    pub(crate) fields: Vec<Filled>,
}

/// The impact that holds: what a person stated, else the service's tier, else moderate.
pub fn impact_of(stated: Option<Impact>, service: Option<&ServiceFacts>) -> Sourced<Impact> {
    match (stated, service) {
        (Some(stated), _) => Sourced::stated(stated),
        (None, Some(service)) => impact_of_service(&service.name, i16::try_from(service.tier).unwrap_or(4)),
        (None, None) => Sourced::by_default(Impact::Moderate),
    }
}

/// Trims and sorts labels and drops repeats.
pub fn tidy_labels(labels: Vec<String>) -> Vec<String> {
    let mut labels: Vec<String> = labels.into_iter().map(|label| label.trim().to_owned()).collect();
    labels.retain(|label| !label.is_empty());
    labels.sort_unstable();
    labels.dedup();
    labels
}

/// Everything that is wrong with these fields.
pub fn complaints(summary: Option<&str>, description: Option<&str>, labels: Option<&[String]>) -> Vec<FieldError> {
    let mut wrong = Vec::new();
    if let Some(summary) = summary {
        let length = summary.trim().chars().count();
        if length == 0 || length > 255 || summary.contains('\n') {
            wrong.push(FieldError::new("summary", "Say in one line of 1 to 255 characters what it is about."));
        }
    }
    if description.is_some_and(|text| text.chars().count() > 100_000) {
        wrong.push(FieldError::new("description", "Keep the description under 100,000 characters."));
    }
    if let Some(labels) = labels {
        if labels.len() > 50 {
            wrong.push(FieldError::new("labels", "Use at most 50 labels."));
        }
        for (n, label) in labels.iter().enumerate() {
            if label.chars().count() > 60 || label.contains(',') {
                wrong.push(FieldError::new(format!("labels[{n}]"), "A label has up to 60 characters and no comma."));
            }
        }
    }
    wrong
}

/// What came of a transition.
#[derive(Clone, Debug, PartialEq)]
pub struct Moved {
    /// The ticket after it.
    pub ticket: Ticket,
    /// What changed.
    pub changes: Changes,
    /// Whether it became done.
    pub resolved: bool,
    /// Whether it was done and no longer is.
    pub reopened: bool,
}

impl Ticket {
    /// The next version of the ticket, if anything changed.
    fn next(&self, at: Timestamp, changes: &Changes) -> (i64, Timestamp) {
        if changes.is_empty() { (self.version, self.updated_at) } else { (self.version + 1, at) }
    }

    /// Changes fields. Impact that came from a service follows the service; the priority follows both, except where
    /// a person set it.
    #[must_use]
    pub fn edited(&self, edit: Edit, matrix: &Matrix, at: Timestamp) -> (Self, Changes) {
        let mut after = self.clone();
        let mut changes = Changes::default();
        after.summary = edit.summary.map_or(after.summary, |summary| summary.trim().to_owned());
        after.description = edit.description.unwrap_or(after.description);
        after.team = edit.team.unwrap_or(after.team);
        after.assignee = edit.assignee.unwrap_or(after.assignee);
        after.labels = edit.labels.map_or(after.labels, tidy_labels);
        after.due = edit.due.unwrap_or(after.due);
        after.fill(edit.fields, &mut changes);
        if let Some(service) = &edit.service {
            after.service = service.as_ref().map(|service| service.id);
            if after.impact.from != domain::priority::Source::Stated {
                after.impact = impact_of(None, service.as_ref());
            }
        }
        after.impact = edit.impact.map_or(after.impact, Sourced::stated);
        after.urgency = edit.urgency.map_or(after.urgency, Sourced::stated);
        after.priority = self.priority.reassess(matrix, after.impact.clone(), after.urgency.clone());
        changes.note_text("summary", &self.summary, &after.summary);
        changes.note_text("description", &self.description, &after.description);
        changes.note("service", json!(self.service), json!(after.service));
        changes.note("team", json!(self.team), json!(after.team));
        changes.note("assignee", json!(self.assignee), json!(after.assignee));
        changes.note("labels", json!(self.labels), json!(after.labels));
        changes.note("due", json!(self.due), json!(after.due));
        changes.note("impact", json!(self.impact.value), json!(after.impact.value));
        changes.note("urgency", json!(self.urgency.value), json!(after.urgency.value));
        changes.note("priority", json!(self.priority.priority), json!(after.priority.priority));
        (after.version, after.updated_at) = self.next(at, &changes);
        (after, changes)
    }

    /// Puts values into custom fields. What changed is noted, free texts apart.
    pub(crate) fn fill(&mut self, filled: Vec<Filled>, changes: &mut Changes) {
        for field in filled {
            let before = match &field.value {
                Some(value) => self.fields.insert(field.key.clone(), value.clone()),
                None => self.fields.remove(&field.key),
            };
            let name = format!("{PREFIX}{}", field.key);
            if field.kind.is_free_text() {
                let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
                changes.note_text(&name, &text(before.as_ref()), &text(field.value.as_ref()));
            } else {
                changes.note(&name, json!(before), json!(field.value));
            }
            changes.filled.push(field);
        }
    }

    /// Moves the ticket along its workflow.
    pub fn moved(
        &self,
        workflow: &Workflow,
        to: &str,
        resolution: Option<&str>,
        at: Timestamp,
    ) -> Result<Moved, domain::workflow::Refused> {
        let step = workflow.step(&self.status, to, resolution)?;
        let mut after = self.clone();
        let done = step.category == Category::Done;
        let was_done = self.resolved.is_some();
        after.status = step.to.clone();
        after.category = step.category;
        after.resolved = done.then(|| Resolved {
            at: self.resolved.as_ref().map_or(at, |resolved| resolved.at),
            resolution: step.resolution.clone().or_else(|| self.resolved.as_ref().and_then(|r| r.resolution.clone())),
        });
        let mut changes = Changes::default();
        changes.note("status", json!(self.status), json!(after.status));
        changes.note(
            "resolution",
            json!(self.resolved.as_ref().and_then(|r| r.resolution.as_ref())),
            json!(after.resolved.as_ref().and_then(|r| r.resolution.as_ref())),
        );
        (after.version, after.updated_at) = self.next(at, &changes);
        Ok(Moved { ticket: after, changes, resolved: done && !was_done, reopened: was_done && !done })
    }

    /// A person sets the priority, with a reason.
    pub fn with_priority(
        &self,
        priority: Priority,
        by: PersonId,
        reason: &str,
        at: Timestamp,
    ) -> Result<(Self, Changes), FieldError> {
        let mut after = self.clone();
        after.priority = self.priority.override_with(priority, by, reason)?;
        let mut changes = Changes::default();
        changes.note("priority", json!(self.priority.priority), json!(after.priority.priority));
        changes.note("priority_overridden", json!(self.priority.is_override()), json!(true));
        changes.note_text("priority_reason", &self.override_reason(), &after.override_reason());
        (after.version, after.updated_at) = self.next(at, &changes);
        Ok((after, changes))
    }

    /// Lets the matrix give the priority again.
    #[must_use]
    pub fn without_override(&self, matrix: &Matrix, at: Timestamp) -> (Self, Changes) {
        let mut after = self.clone();
        after.priority = Assessed::assess(matrix, self.impact.clone(), self.urgency.clone());
        let mut changes = Changes::default();
        changes.note("priority", json!(self.priority.priority), json!(after.priority.priority));
        changes.note("priority_overridden", json!(self.priority.is_override()), json!(false));
        (after.version, after.updated_at) = self.next(at, &changes);
        (after, changes)
    }

    fn override_reason(&self) -> String {
        match &self.priority.reason {
            Reason::Override { reason, .. } => reason.clone(),
            Reason::Matrix { .. } => String::new(),
        }
    }

    /// Notes that somebody commented. The first public answer by a person other than the reporter is the first
    /// response.
    #[must_use]
    pub fn commented(&self, public: bool, author: Option<PersonId>, at: Timestamp) -> Self {
        let mut after = self.clone();
        let answers = public && author.is_some() && author != self.reporter;
        if answers && after.first_response_at.is_none() {
            after.first_response_at = Some(at);
        }
        after.version += 1;
        after.updated_at = at;
        after
    }
}
