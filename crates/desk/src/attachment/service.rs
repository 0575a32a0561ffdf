//! Attaching files, and finding and removing them.

use std::collections::HashMap;

use kernel::{Action, AttachmentId, BlobId, CommentId, Event, FieldError, RecordKind, Ref, Role, TicketId, timestamp};
use platform::blob::{self, Blob, BlobError, Drafted, Kept, thumbnail};
use platform::history::shown_actors;
use platform::{App, Ctx, DbError, Lane, Sql, Tx};
use serde_json::json;
use uuid::Uuid;

use super::api::Attachment;
use super::store::{self, Row};
use crate::comment::Visibility;
use crate::ticket::{self, Access, Ticket, TicketError};

/// A file that has come in whole.
pub(super) struct File {
    /// Its name, made harmless.
    pub name: String,
    /// What it is.
    pub media_type: String,
    /// Its content.
    pub content: Drafted,
}

fn complaint(field: &str, message: impl Into<String>) -> TicketError {
    TicketError::Invalid(vec![FieldError::new(field, message)])
}

/// Refuses callers who may not attach a file to this ticket, and tickets that take no more.
pub(super) async fn require(app: &App, ctx: &Ctx, ticket: &Ticket, internal: bool) -> Result<(), TicketError> {
    let read = app.db.read();
    let access = Access::find(&read, ctx, ticket.project).await?;
    allowed(&access, internal)?;
    room(&read, app.settings.attachments.per_record, ticket.id).await
}

fn allowed(access: &Access, internal: bool) -> Result<(), TicketError> {
    if internal { access.require_work() } else { access.require_comment() }
}

async fn room(sql: &impl Sql, most: u32, ticket: TicketId) -> Result<(), TicketError> {
    if store::count(sql, ticket).await? >= i64::from(most) {
        return Err(complaint("file", format!("the ticket has {most} files already, which is the limit")));
    }
    Ok(())
}

/// Attaches a file. Its content is durable before the row says that it is there.
pub(super) async fn attach(
    app: &App,
    ctx: &Ctx,
    ticket: TicketId,
    file: File,
    internal: bool,
) -> Result<Attachment, TicketError> {
    if app.settings.attachments.refused.contains(&file.media_type) {
        return Err(TicketError::FileRefused(file.media_type));
    }
    let in_memory = file.content.bytes();
    let kept = app.blobs.keep(&app.db, file.content).await?;
    let picture = picture(app, &kept, in_memory, &file.media_type).await?;
    let (name, media_type, most) = (file.name, file.media_type, app.settings.attachments.per_record);
    let id: AttachmentId = app
        .db
        .write_once(ctx, "ticket.attach", Lane::Front, move |tx| {
            Box::pin(async move {
                let mut found = ticket::lock(tx, ticket, None).await?;
                let access = Access::find(&*tx, tx.ctx(), found.project).await?;
                allowed(&access, internal)?;
                room(&*tx, most, ticket).await?;
                let id = AttachmentId(tx.new_id());
                let size = i64::try_from(kept.size).unwrap_or(i64::MAX);
                blob::refer(tx, kept.id, id, "file").await?;
                if let Some((small, ..)) = picture {
                    blob::refer(tx, small, id, "thumbnail").await?;
                }
                let new = store::New {
                    id,
                    ticket,
                    blob: kept.id,
                    name: &name,
                    media_type: &media_type,
                    size,
                    internal,
                    picture,
                };
                store::insert(tx, new).await?;
                let data = json!({"attachment": id, "media_type": media_type, "size": size, "internal": internal});
                changed(tx, &mut found, "TicketFileAttached", data).await?;
                Ok::<_, TicketError>(id)
            })
        })
        .await?;
    get(app, ctx, id).await
}

/// The ticket moves on by a version.
async fn changed(
    tx: &mut Tx,
    ticket: &mut Ticket,
    event: &'static str,
    data: serde_json::Value,
) -> Result<(), DbError> {
    ticket.version += 1;
    ticket.updated_at = tx.now();
    ticket::store::update(tx, ticket, false).await?;
    tx.emit(Event::new(event, RecordKind::TICKET, ticket.id, ticket.version, data));
    Ok(())
}

type Small = (BlobId, i64, i64, &'static str);

/// The small picture of a picture, kept as a blob of its own.
async fn picture(
    app: &App,
    kept: &Kept,
    in_memory: Option<axum::body::Bytes>,
    media_type: &str,
) -> Result<Option<Small>, TicketError> {
    if !thumbnail::is_picture(media_type) || kept.size > thumbnail::LARGEST_FILE {
        return Ok(None);
    }
    let content = match in_memory {
        Some(content) => content,
        None => app.blobs.bytes(&self::content(app, kept.id).await?).await?,
    };
    let Some(made) = thumbnail::make(content, media_type).await else { return Ok(None) };
    let small = app.blobs.keep(&app.db, app.blobs.drafted(made.small)).await?;
    Ok(Some((small.id, i64::from(made.width), i64::from(made.height), made.media_type)))
}

/// The blob of an attachment that the caller has found.
pub(super) async fn content(app: &App, id: BlobId) -> Result<Blob, TicketError> {
    Ok(blob::find(&app.db.read(), id).await?.ok_or(BlobError::Missing)?)
}

/// An attachment that the caller may see.
pub(super) async fn find(app: &App, ctx: &Ctx, id: AttachmentId) -> Result<Row, TicketError> {
    let read = app.db.read();
    let row = store::find(&read, &ctx.scope, id).await?.ok_or(TicketError::AttachmentNotFound)?;
    // The ticket is found by the same rules as everywhere; they may ask for more than the scope.
    let ticket = ticket::find_visible(app, ctx, &row.ticket_id.to_string()).await?;
    if row.internal && !Access::find(&read, ctx, ticket.project).await?.sees_internal {
        return Err(TicketError::AttachmentNotFound);
    }
    Ok(row)
}

/// An attachment that the caller may see, as it is shown.
pub(super) async fn get(app: &App, ctx: &Ctx, id: AttachmentId) -> Result<Attachment, TicketError> {
    let row = find(app, ctx, id).await?;
    let shown = shown(app, ctx, vec![row]).await?;
    shown.into_iter().next().ok_or(TicketError::AttachmentNotFound)
}

/// The attachments of a ticket that the caller may see.
pub(super) async fn list(app: &App, ctx: &Ctx, id_or_key: &str) -> Result<Vec<Attachment>, TicketError> {
    let ticket = ticket::find_visible(app, ctx, id_or_key).await?;
    let read = app.db.read();
    let access = Access::find(&read, ctx, ticket.project).await?;
    let rows = store::list(&read, ticket.id, access.sees_internal).await?;
    shown(app, ctx, rows).await
}

/// The attachments of these comments of a ticket that the caller has found.
pub(crate) async fn of_comments(
    app: &App,
    ctx: &Ctx,
    ticket: TicketId,
    comments: &[Uuid],
    internal: bool,
) -> Result<HashMap<Uuid, Vec<Attachment>>, TicketError> {
    let rows = store::list_of_comments(&app.db.read(), ticket, comments, internal).await?;
    let mut by_comment: HashMap<Uuid, Vec<Attachment>> = HashMap::new();
    for one in shown(app, ctx, rows).await? {
        if let Some(comment) = one.comment_id {
            by_comment.entry(comment.0).or_default().push(one);
        }
    }
    Ok(by_comment)
}

/// The names of these attachments of a ticket, for agents; those that were removed have none.
pub(crate) async fn names(sql: &impl Sql, ticket: TicketId, ids: &[Uuid]) -> Result<HashMap<Uuid, String>, DbError> {
    let rows = store::list_by_id(sql, ticket, ids).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

async fn shown(app: &App, ctx: &Ctx, rows: Vec<Row>) -> Result<Vec<Attachment>, TicketError> {
    let authors: Vec<_> = rows.iter().map(Row::author).collect();
    let people = shown_actors(app, &ctx.scope, &authors).await?;
    let shown = rows.into_iter().zip(people).map(|(row, author)| Attachment {
        actions: vec![Action::new("delete", refusal(ctx, &row))],
        created_by: Ref::new(author.id.unwrap_or_default(), author.name.unwrap_or_else(|| "(hidden)".to_owned())),
        thumbnail: row.small().is_some(),
        id: AttachmentId(row.id),
        comment_id: row.comment_id.map(CommentId),
        created_at: timestamp(row.created_at),
        name: row.name,
        media_type: row.media_type,
        size: row.size,
        internal: row.internal,
        width: row.width,
        height: row.height,
    });
    Ok(shown.collect())
}

/// Why the caller may not remove it, if so.
fn refusal(ctx: &Ctx, row: &Row) -> Option<String> {
    let may = row.author() == ctx.actor || ctx.role == Some(Role::Admin);
    (!may).then(|| "Only whoever attached it and administrators may remove a file.".to_owned())
}

/// Removes an attachment. Its content is swept when nothing else uses it.
pub(super) async fn delete(app: &App, ctx: &Ctx, id: AttachmentId) -> Result<(), TicketError> {
    let row = find(app, ctx, id).await?;
    let ticket = TicketId(row.ticket_id);
    app.db
        .write(ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                let mut found = ticket::lock(tx, ticket, None).await?;
                let access = Access::find(&*tx, tx.ctx(), found.project).await?;
                // Another request may have removed it or made it internal meanwhile.
                let row = store::find(&*tx, &tx.ctx().scope, id).await?.ok_or(TicketError::AttachmentNotFound)?;
                if row.internal && !access.sees_internal {
                    return Err(TicketError::AttachmentNotFound);
                }
                allowed(&access, row.internal)?;
                if let Some(reason) = refusal(tx.ctx(), &row) {
                    return Err(TicketError::Refused(reason));
                }
                store::delete(tx, id).await?;
                blob::release(tx, id).await?;
                let data = json!({"attachment": id, "media_type": row.media_type, "size": row.size,
                    "internal": row.internal});
                Ok(changed(tx, &mut found, "TicketFileRemoved", data).await?)
            })
        })
        .await
}

/// Makes files of the ticket files of a new comment, for a caller that has authorised it: they must be the author's own,
/// and of no comment yet. They take its visibility: what an author attaches for agents only while they write becomes
/// public with the comment, when they send it as a public one.
pub(crate) async fn attach_in(
    tx: &Tx,
    ticket: TicketId,
    comment: CommentId,
    visibility: Visibility,
    ids: &[AttachmentId],
) -> Result<(), TicketError> {
    let wanted: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = store::list_by_id(tx, ticket, &wanted).await?;
    for (place, id) in wanted.iter().enumerate() {
        let field = format!("attachment_ids[{place}]");
        let own = rows.iter().find(|row| row.id == *id && row.author() == tx.ctx().actor);
        let row = own.ok_or_else(|| complaint(&field, "is no file that you attached to this ticket"))?;
        if row.comment_id.is_some_and(|other| other != comment.0) {
            return Err(complaint(&field, "is of another comment already"));
        }
        store::update_comment(tx, *id, comment, visibility == Visibility::Internal).await?;
    }
    Ok(())
}
