//! SQL of what hangs on an alert: tags, responders.

use kernel::AlertId;
use platform::db::{FromRow, Sql, placeholders};
use platform::{DbError, Tx, params};
use sea_orm::Value;
use uuid::Uuid;

use super::IdRow;

/// Adds tag rows; those that stand already stay.
pub async fn insert_tags(tx: &Tx, tags: &[(Uuid, String)]) -> Result<(), DbError> {
    let values = tags.iter().flat_map(|(alert, tag)| params![*alert, tag]).collect();
    tx.insert_rows("INSERT INTO alert_tags (alert_id, tag)", values, "ON CONFLICT DO NOTHING").await.map(drop)
}

/// Takes tag rows away.
pub async fn delete_tags(tx: &Tx, alert: AlertId, tags: &[String]) -> Result<(), DbError> {
    for tag in tags {
        tx.execute("DELETE FROM alert_tags WHERE alert_id = $1 AND tag = $2", params![alert, tag.clone()]).await?;
    }
    Ok(())
}

/// A responder of an alert.
#[derive(Clone, Debug, FromRow)]
pub struct ResponderRow {
    pub alert_id: Uuid,
    pub kind: String,
    pub responder_id: Uuid,
    pub name: Option<String>,
}

/// Adds responders `(alert, kind, id)`; gives how many were new.
pub async fn insert_responders(tx: &Tx, responders: &[(Uuid, String, Uuid)], at: i64) -> Result<u64, DbError> {
    let values = responders.iter().flat_map(|(alert, kind, id)| params![*alert, kind, *id, at]).collect();
    let head = "INSERT INTO alert_responders (alert_id, kind, responder_id, added_at)";
    tx.insert_rows(head, values, "ON CONFLICT DO NOTHING").await
}

/// The responders of these alerts with their names, in the order they were added.
pub async fn list_responders(sql: &impl Sql, alerts: &[Uuid]) -> Result<Vec<ResponderRow>, DbError> {
    if alerts.is_empty() {
        return Ok(Vec::new());
    }
    sql.all(
        &format!(
            "SELECT r.alert_id, r.kind, r.responder_id, COALESCE(p.name, t.name, s.name, e.name) AS name \
             FROM alert_responders r \
             LEFT JOIN people p ON r.kind = 'person' AND p.id = r.responder_id \
             LEFT JOIN teams t ON r.kind = 'team' AND t.id = r.responder_id \
             LEFT JOIN schedules s ON r.kind = 'schedule' AND s.id = r.responder_id \
             LEFT JOIN escalation_policies e ON r.kind = 'policy' AND e.id = r.responder_id \
             WHERE r.alert_id IN ({}) ORDER BY r.added_at, r.kind, r.responder_id",
            placeholders(1, alerts.len())
        ),
        alerts.iter().map(|id| Value::from(*id)).collect(),
    )
    .await
}

#[derive(FromRow)]
struct NameRow {
    name: String,
}

/// Table of a kind of responder.
fn responder_table(kind: &str) -> Option<&'static str> {
    match kind {
        "person" => Some("people"),
        "team" => Some("teams"),
        "schedule" => Some("schedules"),
        "policy" => Some("escalation_policies"),
        _ => None,
    }
}

/// The name of somebody that can be told: a person, a team, a schedule or a policy.
pub async fn find_responder(sql: &impl Sql, kind: &str, id: Uuid) -> Result<Option<String>, DbError> {
    let Some(table) = responder_table(kind) else { return Ok(None) };
    let row: Option<NameRow> = sql.one(&format!("SELECT name FROM {table} WHERE id = $1"), params![id]).await?;
    Ok(row.map(|row| row.name))
}

/// The responder with this name (or, for a person, this mail address): how compatible clients name them.
pub async fn find_responder_by_name(sql: &impl Sql, kind: &str, name: &str) -> Result<Option<Uuid>, DbError> {
    let Some(table) = responder_table(kind) else { return Ok(None) };
    let or_mail = if kind == "person" { " OR LOWER(email) = LOWER($1)" } else { "" };
    let statement = format!("SELECT id FROM {table} WHERE LOWER(name) = LOWER($1){or_mail} ORDER BY id LIMIT 1");
    let row: Option<IdRow> = sql.one(&statement, params![name]).await?;
    Ok(row.map(|row| row.id))
}
