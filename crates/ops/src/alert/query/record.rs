//! An alert as the query language sees it in memory: what the plans are held against.

use domain::query::{FieldKey, Record, TypedCall, Value};
use kernel::timestamp;
use uuid::Uuid;

use super::super::store::AlertRow;
use super::super::words;

/// An alert, with what stands beside its row.
#[derive(Clone, Copy, Debug)]
pub(super) struct AlertRecord<'a> {
    /// The alert.
    pub row: &'a AlertRow,
    /// Pairs of team and person.
    pub members: &'a [(Uuid, Uuid)],
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn reference(id: Option<Uuid>) -> Vec<Value> {
    id.map(Value::Reference).into_iter().collect()
}

fn instant(at: Option<i64>) -> Vec<Value> {
    at.map(|at| Value::Instant(timestamp(at))).into_iter().collect()
}

impl Record for AlertRecord<'_> {
    fn values(&self, field: &FieldKey) -> Vec<Value> {
        let row = self.row;
        match field.as_str() {
            "number" => vec![Value::Integer(row.seq)],
            "status" => vec![Value::Choice(row.status.clone())],
            "acknowledged" => vec![Value::Flag(row.acknowledged_at.is_some())],
            "snoozed" => vec![Value::Flag(row.snoozed_until.is_some())],
            "priority" => vec![Value::Choice(row.priority.clone())],
            "incidentState" => vec![Value::Choice(row.incident_state.clone())],
            "title" => vec![text(&row.message)],
            "description" => vec![text(&row.description)],
            "text" => {
                let written = [text(&row.message), text(&row.description)].into_iter();
                written.chain(words::others(row).iter().map(|other| text(other))).collect()
            }
            "service" => reference(row.service_id),
            "team" => reference(row.team_id),
            "owner" => reference(row.owner_id),
            "acknowledgedBy" => reference(row.acknowledged_by),
            "integration" => reference(row.integration_id),
            "incident" => reference(row.incident_id),
            "source" => vec![text(&row.source)],
            "entity" => vec![text(&row.entity)],
            "alias" => vec![text(&row.alias)],
            "tags" => row.tag_list().iter().map(|tag| text(tag)).collect(),
            "count" => vec![Value::Integer(row.count)],
            "created" => instant(Some(row.created_at)),
            "last" => instant(Some(row.last_occurred_at)),
            "updated" => instant(Some(row.updated_at)),
            "closed" => instant(row.closed_at),
            "acknowledgedAt" => instant(row.acknowledged_at),
            "snoozedUntil" => instant(row.snoozed_until),
            _ => Vec::new(),
        }
    }

    fn ask(&self, field: &FieldKey, call: &TypedCall) -> Option<bool> {
        let person = match field.as_str() {
            "owner" => self.row.owner_id?,
            "acknowledgedBy" => self.row.acknowledged_by?,
            _ => return None,
        };
        let teams = call.references(0);
        Some(self.members.iter().any(|(team, member)| *member == person && teams.contains(team)))
    }
}
