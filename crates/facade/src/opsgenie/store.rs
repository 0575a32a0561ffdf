//! SQL of requests, and the mail addresses by which Opsgenie's clients know people.

use kernel::{Actor, Scope};
use platform::db::{FromRow, Sql, placeholders};
use platform::{DbError, Tx, params};
use sea_orm::Value;
use uuid::Uuid;

/// What became of a request.
#[derive(Clone, Debug, FromRow)]
pub struct RequestRow {
    pub id: Uuid,
    pub at: i64,
    pub owner_kind: String,
    pub owner_key: String,
    pub action: String,
    pub success: bool,
    pub status: String,
    pub alert_id: Option<Uuid>,
    pub alias: Option<String>,
}

/// How long the status of a request is kept: 7 days, in microseconds.
const KEPT: i64 = 7 * 24 * 3_600_000_000;

/// Keeps what became of a request, and lets old ones go.
pub async fn insert_request(tx: &Tx, row: &RequestRow) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO opsgenie_requests (id, at, owner_kind, owner_key, action, success, status, alert_id, alias) \
         VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)",
        params![
            row.id,
            row.at,
            row.owner_kind.clone(),
            row.owner_key.clone(),
            row.action.clone(),
            row.success,
            row.status.clone(),
            row.alert_id,
            row.alias.clone()
        ],
    )
    .await?;
    tx.execute("DELETE FROM opsgenie_requests WHERE at < $1", params![row.at - KEPT]).await?;
    Ok(())
}

/// The request, if this caller made it.
pub async fn find_request(sql: &impl Sql, actor: &Actor, id: Uuid) -> Result<Option<RequestRow>, DbError> {
    sql.one(
        "SELECT id, at, owner_kind, owner_key, action, success, status, alert_id, alias FROM opsgenie_requests \
         WHERE id = $1 AND owner_kind = $2 AND owner_key = $3",
        params![id, actor.kind(), actor.key()],
    )
    .await
}

/// A person's mail address.
#[derive(Clone, Debug, FromRow)]
pub struct MailRow {
    pub id: Uuid,
    pub email: String,
}

/// The mail addresses of these people. Customers see none.
pub async fn list_mails(sql: &impl Sql, scope: &Scope, people: &[Uuid]) -> Result<Vec<MailRow>, DbError> {
    if people.is_empty() || matches!(scope, Scope::Customer(_)) {
        return Ok(Vec::new());
    }
    sql.all(
        &format!("SELECT id, email FROM people WHERE id IN ({})", placeholders(1, people.len())),
        people.iter().map(|id| Value::from(*id)).collect(),
    )
    .await
}
