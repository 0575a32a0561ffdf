//! Rows of comments. Who may see them follows from the ticket, which the caller has found under its scope, and from
//! whether internal ones are asked for.

use kernel::{Actor, CommentId, TicketId};
use platform::db::{FromRow, placeholders};
use platform::{DbError, Sql, Tx, params};
use sea_orm::Value;
use uuid::Uuid;

/// A comment as stored.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct CommentRow {
    pub id: Uuid,
    pub author_kind: String,
    pub author_key: String,
    pub visibility: String,
    pub body: String,
    pub created_at: i64,
    pub edited_at: Option<i64>,
}

impl CommentRow {
    /// Who wrote it.
    pub fn author(&self) -> Actor {
        Actor::stored(&self.author_kind, &self.author_key)
    }
}

const COLUMNS: &str = "id, author_kind, author_key, visibility, body, created_at, edited_at";

/// These comments of a ticket; internal ones only when `internal`.
pub(crate) async fn list(
    sql: &impl Sql,
    ticket: TicketId,
    ids: &[Uuid],
    internal: bool,
) -> Result<Vec<CommentRow>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut values = params![ticket];
    values.extend(ids.iter().map(|id| Value::from(*id)));
    let narrowed = if internal { "" } else { " AND visibility = 'public'" };
    let text = format!(
        "SELECT {COLUMNS} FROM ticket_comments WHERE ticket_id = $1 AND id IN ({}){narrowed}",
        placeholders(2, ids.len())
    );
    sql.all(&text, values).await
}

/// One comment of a ticket.
pub(super) async fn find(sql: &impl Sql, ticket: TicketId, id: CommentId) -> Result<Option<CommentRow>, DbError> {
    let text = format!("SELECT {COLUMNS} FROM ticket_comments WHERE ticket_id = $1 AND id = $2");
    sql.one(&text, params![ticket, id]).await
}

/// Adds a comment.
pub(super) async fn insert(
    tx: &Tx,
    ticket: TicketId,
    id: CommentId,
    author: &Actor,
    visibility: &str,
    body: &str,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO ticket_comments (id, ticket_id, author_kind, author_key, visibility, body, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        params![id, ticket, author.kind(), author.key(), visibility, body, tx.now()],
    )
    .await?;
    Ok(())
}

/// Changes a comment's text.
pub(super) async fn update(tx: &Tx, id: CommentId, body: &str) -> Result<(), DbError> {
    let text = "UPDATE ticket_comments SET body = $2, edited_at = $3 WHERE id = $1";
    tx.execute(text, params![id, body, tx.now()]).await?;
    Ok(())
}
