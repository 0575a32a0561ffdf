//! Rows of attachments.

use kernel::{Actor, AttachmentId, BlobId, CommentId, Scope, TicketId};
use platform::db::{FromRow, placeholders, scope_project};
use platform::{DbError, Sql, Tx, params};
use sea_orm::Value;
use uuid::Uuid;

/// An attachment as stored.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Row {
    pub id: Uuid,
    pub ticket_id: Uuid,
    pub comment_id: Option<Uuid>,
    blob_id: Uuid,
    small_id: Option<Uuid>,
    pub name: String,
    pub media_type: String,
    pub size: i64,
    pub internal: bool,
    pub width: Option<i64>,
    pub height: Option<i64>,
    pub small_type: Option<String>,
    author_kind: String,
    author_key: String,
    pub created_at: i64,
}

impl Row {
    /// Who attached it.
    pub fn author(&self) -> Actor {
        Actor::stored(&self.author_kind, &self.author_key)
    }

    /// Its content.
    pub fn blob(&self) -> BlobId {
        BlobId(self.blob_id)
    }

    /// The small picture.
    pub fn small(&self) -> Option<BlobId> {
        self.small_id.map(BlobId)
    }
}

const COLUMNS: &str = "a.id, a.ticket_id, a.comment_id, a.blob_id, a.small_id, a.name, a.media_type, a.size, a.internal, \
                       a.width, a.height, a.small_type, a.author_kind, a.author_key, a.created_at";

/// An attachment of a ticket within the scope; internal ones too, which the caller has to keep from customers.
pub(super) async fn find(sql: &impl Sql, scope: &Scope, id: AttachmentId) -> Result<Option<Row>, DbError> {
    let mut values = params![id];
    let seen = scope_project(scope, "t.project_id", "t.reporter_id", &mut values);
    let text =
        format!("SELECT {COLUMNS} FROM attachments a JOIN tickets t ON t.id = a.ticket_id WHERE a.id = $1 AND {seen}");
    sql.one(&text, values).await
}

fn narrowed(internal: bool) -> &'static str {
    if internal { "" } else { " AND NOT a.internal" }
}

/// The attachments of a ticket that the caller has found under its scope, oldest first.
pub(super) async fn list(sql: &impl Sql, ticket: TicketId, internal: bool) -> Result<Vec<Row>, DbError> {
    let text =
        format!("SELECT {COLUMNS} FROM attachments a WHERE a.ticket_id = $1{} ORDER BY a.seq", narrowed(internal));
    sql.all(&text, params![ticket]).await
}

/// The attachments of these comments of a ticket that the caller has found under its scope, oldest first.
pub(super) async fn list_of_comments(
    sql: &impl Sql,
    ticket: TicketId,
    comments: &[Uuid],
    internal: bool,
) -> Result<Vec<Row>, DbError> {
    if comments.is_empty() {
        return Ok(Vec::new());
    }
    let mut values = params![ticket];
    values.extend(comments.iter().map(|id| Value::from(*id)));
    let text = format!(
        "SELECT {COLUMNS} FROM attachments a WHERE a.ticket_id = $1 AND a.comment_id IN ({}){} ORDER BY a.seq",
        placeholders(2, comments.len()),
        narrowed(internal)
    );
    sql.all(&text, values).await
}

/// These attachments of a ticket.
pub(super) async fn list_by_id(sql: &impl Sql, ticket: TicketId, ids: &[Uuid]) -> Result<Vec<Row>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut values = params![ticket];
    values.extend(ids.iter().map(|id| Value::from(*id)));
    let text = format!(
        "SELECT {COLUMNS} FROM attachments a WHERE a.ticket_id = $1 AND a.id IN ({}) ORDER BY a.seq",
        placeholders(2, ids.len())
    );
    sql.all(&text, values).await
}

#[derive(FromRow)]
struct Count {
    count: i64,
}

/// How many attachments a ticket has.
pub(super) async fn count(sql: &impl Sql, ticket: TicketId) -> Result<i64, DbError> {
    let row: Option<Count> =
        sql.one("SELECT COUNT(*) AS count FROM attachments WHERE ticket_id = $1", params![ticket]).await?;
    Ok(row.map_or(0, |row| row.count))
}

/// A new attachment.
pub(super) struct New<'a> {
    pub id: AttachmentId,
    pub ticket: TicketId,
    pub blob: BlobId,
    pub name: &'a str,
    pub media_type: &'a str,
    pub size: i64,
    pub internal: bool,
    pub picture: Option<(BlobId, i64, i64, &'static str)>,
}

/// Adds an attachment by whoever acts.
pub(super) async fn insert(tx: &Tx, new: New<'_>) -> Result<(), DbError> {
    let author = &tx.ctx().actor;
    tx.execute(
        "INSERT INTO attachments (id, ticket_id, blob_id, small_id, name, media_type, size, internal, width, height, \
         small_type, author_kind, author_key, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        params![
            new.id,
            new.ticket,
            new.blob,
            new.picture.map(|(small, ..)| small),
            new.name,
            new.media_type,
            new.size,
            new.internal,
            new.picture.map(|(_, width, ..)| width),
            new.picture.map(|(_, _, height, _)| height),
            new.picture.map(|(.., kind)| kind),
            author.kind(),
            author.key(),
            tx.now()
        ],
    )
    .await?;
    Ok(())
}

/// Makes an attachment one of a comment.
pub(super) async fn update_comment(tx: &Tx, id: Uuid, comment: CommentId, internal: bool) -> Result<(), DbError> {
    let text = "UPDATE attachments SET comment_id = $2, internal = $3 WHERE id = $1";
    tx.execute(text, params![id, comment, internal]).await?;
    Ok(())
}

/// Removes an attachment.
pub(super) async fn delete(tx: &Tx, id: AttachmentId) -> Result<(), DbError> {
    tx.execute("DELETE FROM attachments WHERE id = $1", params![id]).await?;
    Ok(())
}
