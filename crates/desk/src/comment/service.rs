//! Writing and changing comments.

use kernel::{AttachmentId, CommentId, Event, FieldError, RecordKind, Role, TicketId};
use platform::{App, Ctx, Lane, Tx};
use serde_json::{Map, json};

use super::{Visibility, store};
use crate::attachment;
use crate::ticket::{self, Access, Changes, TicketError};

fn checked(body: &str) -> Result<(), TicketError> {
    let length = body.trim().chars().count();
    if length == 0 || length > 100_000 {
        let message = "Write a comment of 1 to 100,000 characters.";
        return Err(TicketError::Invalid(vec![FieldError::new("body", message)]));
    }
    Ok(())
}

/// Comments on a ticket that the caller may see.
pub(super) async fn comment(
    app: &App,
    ctx: &Ctx,
    ticket: TicketId,
    visibility: Visibility,
    body: String,
    files: Vec<AttachmentId>,
) -> Result<CommentId, TicketError> {
    app.db
        .write_once(ctx, "ticket.comment", Lane::Front, move |tx| {
            Box::pin(async move {
                let found = ticket::lock(tx, ticket, None).await?;
                let access = Access::find(&*tx, tx.ctx(), found.project).await?;
                match visibility {
                    Visibility::Public => access.require_comment()?,
                    Visibility::Internal => access.require_work()?,
                }
                let comment = comment_in(tx, ticket, visibility, body).await?;
                attachment::attach_in(tx, ticket, comment, visibility, &files).await?;
                Ok(comment)
            })
        })
        .await
}

/// As `comment`, inside a transaction whose caller has authorised it.
pub async fn comment_in(
    tx: &mut Tx,
    ticket: TicketId,
    visibility: Visibility,
    body: String,
) -> Result<CommentId, TicketError> {
    checked(&body)?;
    let found = ticket::lock(tx, ticket, None).await?;
    let id = CommentId(tx.new_id());
    let actor = tx.ctx().actor.clone();
    store::insert(tx, ticket, id, &actor, visibility.as_str(), &body).await?;
    ticket::words::update_comments(tx, ticket).await?;
    let after = found.commented(visibility == Visibility::Public, actor.person(), tx.now());
    let responded = after.first_response_at != found.first_response_at;
    let mut data = Map::new();
    data.insert("comment".to_owned(), json!(id));
    data.insert("visibility".to_owned(), json!(visibility));
    data.insert("first_response".to_owned(), json!(responded));
    ticket::save(tx, &after, Changes::default(), "TicketCommented", data).await?;
    Ok(id)
}

/// Changes the text of a comment: its author may, and administrators.
pub(super) async fn edit(
    app: &App,
    ctx: &Ctx,
    ticket: TicketId,
    id: CommentId,
    body: String,
) -> Result<(), TicketError> {
    checked(&body)?;
    app.db
        .write(ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                let mut found = ticket::lock(tx, ticket, None).await?;
                let access = Access::find(&*tx, tx.ctx(), found.project).await?;
                access.require_comment()?;
                let comment = store::find(&*tx, ticket, id).await?.ok_or(TicketError::CommentNotFound)?;
                if comment.visibility != Visibility::Public.as_str() && !access.sees_internal {
                    return Err(TicketError::CommentNotFound);
                }
                if comment.author() != tx.ctx().actor && tx.ctx().role != Some(Role::Admin) {
                    let reason = "Only its author and administrators may change a comment.";
                    return Err(TicketError::Refused(reason.to_owned()));
                }
                if comment.body == body {
                    return Ok(());
                }
                let before = tx.new_id();
                ticket::store::insert_text(tx, before, ticket, &comment.body).await?;
                store::update(tx, id, &body).await?;
                ticket::words::update_comments(tx, ticket).await?;
                found.version += 1;
                found.updated_at = tx.now();
                ticket::store::update(tx, &found, false).await?;
                let data = json!({"comment": id, "visibility": comment.visibility, "before": {"text": before}});
                tx.emit(Event::new("TicketCommentEdited", RecordKind::TICKET, ticket, found.version, data));
                Ok(())
            })
        })
        .await
}
