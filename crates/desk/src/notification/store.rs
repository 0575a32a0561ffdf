//! What notifications need read: tickets under the scope of whoever reads, texts, and who commented.

use kernel::{PersonId, Scope, TicketId};
use platform::db::{FromRow, placeholders, scope_project};
use platform::{DbError, Sql, params};
use sea_orm::Value;
use uuid::Uuid;

/// A ticket as notifications show it.
#[derive(Clone, Debug, FromRow)]
pub(super) struct TicketRow {
    pub id: Uuid,
    pub key: String,
    pub summary: String,
    pub description: String,
}

/// A comment as notifications show it.
#[derive(Clone, Debug, FromRow)]
pub(super) struct CommentRow {
    pub id: Uuid,
    pub ticket_id: Uuid,
    pub visibility: String,
    pub body: String,
    pub edited_at: Option<i64>,
}

/// Those of these tickets that the scope sees.
pub(super) async fn tickets(sql: &impl Sql, scope: &Scope, ids: &[Uuid]) -> Result<Vec<TicketRow>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut values: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    let visible = scope_project(scope, "t.project_id", "t.reporter_id", &mut values);
    let list = placeholders(1, ids.len());
    let text =
        format!("SELECT t.id, t.key, t.summary, t.description FROM tickets t WHERE t.id IN ({list}) AND {visible}");
    sql.all(&text, values).await
}

/// These comments, whose tickets the caller has found under its scope; internal ones only when `internal`.
pub(super) async fn comments(sql: &impl Sql, ids: &[Uuid], internal: bool) -> Result<Vec<CommentRow>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let values = ids.iter().map(|id| Value::from(*id)).collect();
    let narrowed = if internal { "" } else { " AND visibility = 'public'" };
    let list = placeholders(1, ids.len());
    let text = format!(
        "SELECT id, ticket_id, visibility, body, edited_at FROM ticket_comments WHERE id IN ({list}){narrowed}"
    );
    sql.all(&text, values).await
}

#[derive(FromRow)]
struct AuthorRow {
    author_key: String,
}

/// The people who commented on a ticket, up to 200.
pub(super) async fn commenters(sql: &impl Sql, ticket: TicketId) -> Result<Vec<PersonId>, DbError> {
    let text = "SELECT DISTINCT author_key FROM ticket_comments WHERE ticket_id = $1 AND author_kind = 'person' \
                ORDER BY author_key LIMIT 200";
    let rows = sql.all::<AuthorRow>(text, params![ticket]).await?;
    Ok(rows.into_iter().filter_map(|row| row.author_key.parse().ok()).collect())
}
