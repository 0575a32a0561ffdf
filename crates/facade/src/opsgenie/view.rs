//! Alerts, notes and log lines as Opsgenie's clients know them.

use std::collections::HashMap;

use jiff::Timestamp;
use ops::alert::api::{ActorView, Alert, LogLine, Note};
use platform::{App, Ctx, DbError};
use serde_json::{Value, json};
use uuid::Uuid;

use super::store::{self, RequestRow};

/// The highest count that clients expect.
const COUNT_SHOWN: i64 = 100;

/// Mail addresses by person: what clients call a user name.
pub struct Mails(HashMap<Uuid, String>);

impl Mails {
    /// Those of everybody on these alerts.
    pub async fn of(app: &App, ctx: &Ctx, alerts: &[Alert]) -> Result<Self, DbError> {
        let mut people: Vec<Uuid> = alerts
            .iter()
            .flat_map(|alert| {
                let owner = alert.owner.as_ref().map(|owner| owner.id);
                let acker = alert.acknowledged_by.as_ref().map(|person| person.id);
                let closer = alert.closed_by.as_ref().and_then(person);
                [owner, acker, closer].into_iter().flatten()
            })
            .collect();
        people.sort_unstable();
        people.dedup();
        let rows = store::list_mails(&app.db.read(), &ctx.scope, &people).await?;
        Ok(Self(rows.into_iter().map(|row| (row.id, row.email)).collect()))
    }

    fn user(&self, id: Uuid, name: &str) -> String {
        self.0.get(&id).cloned().unwrap_or_else(|| name.to_owned())
    }
}

fn person(actor: &ActorView) -> Option<Uuid> {
    actor.id.filter(|_| actor.kind == "person")
}

fn millis_between(from: &str, to: &str) -> Option<i64> {
    let (from, to): (Timestamp, Timestamp) = (from.parse().ok()?, to.parse().ok()?);
    Some(to.as_millisecond() - from.as_millisecond())
}

/// An alert; `full` as one alert is read, else as lists show it.
pub fn alert(alert: &Alert, mails: &Mails, full: bool) -> Value {
    let responders: Vec<Value> = alert
        .responders
        .iter()
        .map(|responder| json!({"type": responder_type(&responder.kind), "id": responder.id, "name": responder.name}))
        .collect();
    let mut report = serde_json::Map::new();
    if let Some(at) = &alert.acknowledged_at {
        report.insert("ackTime".to_owned(), json!(millis_between(&alert.created_at, at)));
    }
    if let Some(by) = &alert.acknowledged_by {
        report.insert("acknowledgedBy".to_owned(), json!(mails.user(by.id, &by.name)));
    }
    if let Some(at) = &alert.closed_at {
        report.insert("closeTime".to_owned(), json!(millis_between(&alert.created_at, at)));
    }
    if let Some(by) = &alert.closed_by {
        let user = person(by).map_or_else(|| by.name.clone(), |id| mails.user(id, &by.name));
        report.insert("closedBy".to_owned(), json!(user));
    }
    let mut shown = json!({
        "id": alert.id,
        "tinyId": alert.tiny_id,
        "alias": alert.alias,
        "message": alert.message,
        "status": alert.status,
        "acknowledged": alert.acknowledged,
        "isSeen": alert.seen,
        "tags": alert.tags,
        "snoozed": alert.snoozed_until.is_some(),
        "count": alert.count.min(COUNT_SHOWN),
        "lastOccurredAt": alert.last_occurred_at,
        "createdAt": alert.created_at,
        "updatedAt": alert.updated_at,
        "source": alert.source,
        "owner": alert.owner.as_ref().map_or_else(String::new, |owner| mails.user(owner.id, &owner.name)),
        "priority": alert.priority,
        "teams": alert.team.iter().map(|team| json!({"id": team.id})).collect::<Vec<_>>(),
        "responders": responders,
        "integration": alert.integration.as_ref().map_or_else(
            || json!({"id": null, "name": "API", "type": "API"}),
            |integration| json!({"id": integration.id, "name": integration.name, "type": "API"}),
        ),
        "report": report,
    });
    if let Value::Object(shown) = &mut shown {
        if let Some(until) = &alert.snoozed_until {
            shown.insert("snoozedUntil".to_owned(), json!(until));
        }
        if let Some(owner) = &alert.owner {
            shown.insert("ownerTeamId".to_owned(), json!(alert.team.as_ref().map(|team| team.id)));
            shown.insert("ownerId".to_owned(), json!(owner.id));
        }
        if full {
            shown.insert("actions".to_owned(), json!([]));
            shown.insert("entity".to_owned(), json!(alert.entity));
            shown.insert("description".to_owned(), json!(alert.description));
            shown.insert("details".to_owned(), json!(alert.details));
        }
    }
    shown
}

fn responder_type(kind: &str) -> &str {
    match kind {
        "person" => "user",
        "policy" => "escalation",
        other => other,
    }
}

/// A note.
pub fn note(note: &Note) -> Value {
    json!({"note": note.text, "owner": note.author.name, "createdAt": note.at, "offset": note.id})
}

/// A line of the log.
pub fn log_line(line: &LogLine) -> Value {
    json!({"log": line.text, "type": line.actor.kind, "owner": line.actor.name, "createdAt": line.at, "offset": line.id})
}

/// The status of a request.
pub fn request(row: &RequestRow) -> Value {
    let integration = (row.owner_kind == "integration").then_some(&row.owner_key);
    json!({
        "success": row.success,
        "action": row.action,
        "processedAt": kernel::timestamp(row.at).to_string(),
        "integrationId": integration.map_or("", String::as_str),
        "isSuccess": row.success,
        "status": row.status,
        "alertId": row.alert_id.map_or_else(String::new, |id| id.to_string()),
        "alias": row.alias.as_deref().unwrap_or_default(),
    })
}
