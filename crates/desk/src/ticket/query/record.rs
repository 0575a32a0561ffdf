//! A ticket as the query language sees it in memory: what the plans are held against.

use domain::query::{self, FieldKey, Record, TypedCall, Value};
use domain::sla::{Calendars, Clock, Function};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::super::record::Ticket;
use super::super::vocabulary::{SLA_DUE, SLA_PREFIX, custom_field_key};
use crate::field::FieldKind;

/// A ticket, with what stands beside its row.
#[derive(Clone, Debug)]
pub(crate) struct TicketRecord<'t> {
    /// The ticket.
    pub ticket: &'t Ticket,
    /// Texts of the comments that may be found.
    pub comments: &'t [String],
    /// Texts of custom fields that may be found.
    pub texts: &'t [String],
    /// The teams of its assignee and reporter: pairs of team and person.
    pub members: &'t [(Uuid, Uuid)],
    /// Its clocks, by the keys of their service levels.
    pub clocks: &'t [(String, Clock)],
    /// What its fields held.
    pub past: &'t [(String, query::Held)],
    /// The calendars by which they count.
    pub calendars: &'t Calendars,
    /// When they are looked at.
    pub now: Timestamp,
}

impl TicketRecord<'_> {
    /// When the next of the clocks that run runs out.
    fn sla_due(&self) -> Option<Timestamp> {
        let latest =
            self.clocks.iter().filter_map(|(_, clock)| clock.cycles.iter().rfind(|cycle| cycle.goal.is_some()));
        latest.filter(|cycle| cycle.phase.as_str() == "running").filter_map(|cycle| cycle.breach_at).min()
    }

    /// The values of a custom field.
    fn custom(&self, field: &FieldKey) -> Option<Vec<Value>> {
        let (kind, key) = custom_field_key(field)?;
        let value = self.ticket.fields.get(key)?;
        let string = || value.as_str().expect("a text");
        Some(match kind {
            FieldKind::Text | FieldKind::LongText | FieldKind::Url => vec![text(string())],
            FieldKind::Number => vec![Value::Number(value.as_f64().expect("a number"))],
            FieldKind::Date => vec![Value::Date(string().parse().expect("a day"))],
            FieldKind::Instant => vec![Value::Instant(string().parse().expect("an instant"))],
            FieldKind::Checkbox => vec![Value::Flag(value.as_bool().expect("true or false"))],
            FieldKind::Choice => vec![choice(string())],
            FieldKind::Choices => {
                value.as_array().expect("a list").iter().map(|key| choice(key.as_str().expect("a key"))).collect()
            }
            FieldKind::Person | FieldKind::Team | FieldKind::Service => {
                vec![Value::Reference(string().parse().expect("an id"))]
            }
        })
    }

    /// What a clock shows, as `domain::sla` says.
    fn shown(&self, clock: &Clock) -> Option<query::Clock> {
        let answer = |function| clock.answer(function, self.calendars, self.now).expect("its calendar is there");
        let latest = clock.cycles.iter().rfind(|cycle| cycle.goal.is_some())?;
        let reading = latest.read(self.calendars, self.now).expect("its calendar is there")?;
        let ongoing = |us: i64| latest.is_ongoing().then(|| SignedDuration::from_micros(us));
        Some(query::Clock {
            breached: answer(Function::Breached)?,
            ever_breached: answer(Function::EverBreached)?,
            completed: answer(Function::Completed)?,
            running: answer(Function::Running)?,
            paused: answer(Function::Paused)?,
            within_calendar_hours: answer(Function::WithinCalendarHours)?,
            elapsed: ongoing(reading.elapsed_us),
            remaining: ongoing(reading.remaining_us),
        })
    }
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn choice(key: &str) -> Value {
    Value::Choice(key.to_owned())
}

fn reference(id: Option<impl Into<Uuid>>) -> Vec<Value> {
    id.map(|id| Value::Reference(id.into())).into_iter().collect()
}

fn instant(at: Option<Timestamp>) -> Vec<Value> {
    at.map(Value::Instant).into_iter().collect()
}

impl Record for TicketRecord<'_> {
    fn values(&self, field: &FieldKey) -> Vec<Value> {
        let ticket = self.ticket;
        let comments = || self.comments.iter().map(|comment| text(comment));
        match field.as_str() {
            "key" => vec![text(&ticket.key)],
            "project" => vec![Value::Reference(ticket.project.0)],
            "kind" => vec![choice(ticket.kind.as_str())],
            "status" => vec![choice(&ticket.status)],
            "statusCategory" => vec![choice(ticket.category.as_str())],
            "priority" => vec![choice(ticket.priority.priority.as_str())],
            "impact" => vec![choice(ticket.impact.value.as_str())],
            "urgency" => vec![choice(ticket.urgency.value.as_str())],
            "resolution" => {
                let resolution = ticket.resolved.as_ref().and_then(|resolved| resolved.resolution.as_deref());
                resolution.map(choice).into_iter().collect()
            }
            "assignee" => reference(ticket.assignee),
            "reporter" => reference(ticket.reporter),
            "team" => reference(ticket.team),
            "service" => reference(ticket.service),
            "labels" => ticket.labels.iter().map(|label| text(label)).collect(),
            "summary" => vec![text(&ticket.summary)],
            // An empty text is searched too: a ticket without comments is one whose comments lack the word.
            "description" => vec![text(&ticket.description)],
            "comment" => comments().collect(),
            "text" => {
                let custom = self.texts.iter().map(|custom| text(custom));
                let own = [text(&ticket.summary), text(&ticket.description)].into_iter();
                own.chain(comments()).chain(custom).collect()
            }
            "created" => instant(Some(ticket.created_at)),
            "updated" => instant(Some(ticket.updated_at)),
            "resolved" => instant(ticket.resolved.as_ref().map(|resolved| resolved.at)),
            "responded" => instant(ticket.first_response_at),
            SLA_DUE => instant(self.sla_due()),
            "due" => instant(ticket.due),
            _ => self.custom(field).unwrap_or_default(),
        }
    }

    fn held(&self, field: &FieldKey) -> Vec<query::Held> {
        let held = self.past.iter().filter(|(of, _)| of == field.as_str());
        held.map(|(_, held)| held.clone()).collect()
    }

    fn clocks(&self, field: &FieldKey) -> Vec<query::Clock> {
        let Some(key) = field.as_str().strip_prefix(SLA_PREFIX) else { return Vec::new() };
        let clock = self.clocks.iter().find(|(known, _)| known == key);
        clock.and_then(|(_, clock)| self.shown(clock)).into_iter().collect()
    }

    fn ask(&self, field: &FieldKey, call: &TypedCall) -> Option<bool> {
        let person = match field.as_str() {
            "assignee" => self.ticket.assignee?,
            "reporter" => self.ticket.reporter?,
            _ => return None,
        };
        let teams = call.references(0);
        Some(self.members.iter().any(|(team, member)| *member == person.0 && teams.contains(team)))
    }
}
