//! `/api/v1/tickets/{id}/attachments` and `/api/v1/attachments/{id}`.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use kernel::{AttachmentId, FieldError};
use platform::blob::Drafted;
use platform::http::{ApiError, Caller, Form, Json, Part, Path, file};
use platform::{App, blob};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::api::{Attachment, AttachmentForm, Attachments};
use super::service::{self, File};
use super::store::Row;
use crate::ticket::{self, TicketError};

/// The operations on attachments.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_ticket_attachments, attach_to_ticket))
        .routes(routes!(get_attachment, delete_attachment))
        .routes(routes!(get_attachment_content))
        .routes(routes!(get_attachment_thumbnail))
}

/// The files of a ticket that the caller may see, oldest first.
#[utoipa::path(get, path = "/api/v1/tickets/{id}/attachments", tag = "tickets", params(("id" = String, Path)),
    responses((status = 200, body = Attachments)), security(("session" = []), ("token" = [])))]
async fn list_ticket_attachments(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<String>,
) -> Result<Json<Attachments>, ApiError> {
    Ok(Json(Attachments { items: service::list(&app, &ctx, &id).await? }))
}

/// Attaches a file to a ticket. Its type is told by its content; programs are refused with 415, and a file above the limit
/// with 413. To a comment: attach it here, then name it in `attachment_ids` of the comment.
#[utoipa::path(post, path = "/api/v1/tickets/{id}/attachments", tag = "tickets", params(("id" = String, Path)),
    request_body(content = AttachmentForm, content_type = "multipart/form-data"),
    responses((status = 201, body = Attachment)), security(("session" = []), ("token" = [])))]
async fn attach_to_ticket(
    State(app): State<App>,
    Caller(mut ctx): Caller,
    Path(id): Path<String>,
    request: Request,
) -> Result<(StatusCode, Json<Attachment>), ApiError> {
    let ticket = ticket::find_visible(&app, &ctx, &id).await?;
    // Nobody's file is read who may not attach one.
    service::require(&app, &ctx, &ticket, false).await?;
    let limit = app.settings.attachments.bytes;
    let mut form = Form::open(request, limit)?;
    let (mut file, mut internal) = (None, false);
    while let Some(part) = form.next().await? {
        match part.name() {
            "file" if file.is_some() => return Err(wrong("file", "send one file at a time")),
            "file" => file = Some(read(&app, part, limit).await?),
            "internal" => internal = flag(&part.text(16).await?)?,
            other => {
                let other: String = other.chars().take(40).collect();
                return Err(wrong(&other, "is no part of this form; it has `file` and `internal`"));
            }
        }
    }
    let file = file.ok_or_else(|| wrong("file", "is missing"))?;
    ctx.idempotency =
        ctx.idempotency.map(|key| key.bound_to(&format!("{} {} {internal}", file.content.hash, file.name)));
    let made = service::attach(&app, &ctx, ticket.id, file, internal).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

fn wrong(field: &str, message: &str) -> ApiError {
    TicketError::Invalid(vec![FieldError::new(field, message)]).into()
}

fn flag(text: &str) -> Result<bool, ApiError> {
    match text {
        "true" => Ok(true),
        "false" | "" => Ok(false),
        _ => Err(wrong("internal", "must be `true` or `false`")),
    }
}

/// Takes a file in, while its bytes are counted and hashed.
async fn read(app: &App, mut part: Part, limit: u64) -> Result<File, ApiError> {
    let Some(given) = part.file_name().map(str::to_owned) else {
        return Err(wrong("file", "must be a file with a name"));
    };
    let declared = part.declared();
    let mut draft = app.blobs.draft(limit);
    while let Some(piece) = part.chunk().await? {
        draft.write(piece).await?;
    }
    let content: Drafted = draft.finish().await?;
    if content.size == 0 {
        return Err(wrong("file", "is empty"));
    }
    let media_type = blob::media::sniff(&content.head, declared.as_deref());
    Ok(File { name: blob::media::safe_name(&given), media_type, content })
}

/// What is known about a file.
#[utoipa::path(get, path = "/api/v1/attachments/{id}", tag = "tickets", params(("id" = Uuid, Path)),
    responses((status = 200, body = Attachment)), security(("session" = []), ("token" = [])))]
async fn get_attachment(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<AttachmentId>,
) -> Result<Json<Attachment>, ApiError> {
    Ok(Json(service::get(&app, &ctx, id).await?))
}

/// Removes a file: whoever attached it may, and administrators.
#[utoipa::path(delete, path = "/api/v1/attachments/{id}", tag = "tickets", params(("id" = Uuid, Path)),
    responses((status = 204)), security(("session" = []), ("token" = [])))]
async fn delete_attachment(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<AttachmentId>,
) -> Result<StatusCode, ApiError> {
    service::delete(&app, &ctx, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The file itself, to be saved. Takes `Range` and `If-None-Match`.
#[utoipa::path(get, path = "/api/v1/attachments/{id}/content", tag = "tickets", params(("id" = Uuid, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"), (status = 206), (status = 304)),
    security(("session" = []), ("token" = [])))]
async fn get_attachment_content(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<AttachmentId>,
    asked: HeaderMap,
) -> Result<Response, ApiError> {
    let row = service::find(&app, &ctx, id).await?;
    let blob = service::content(&app, row.blob()).await?;
    file(&app, &asked, &blob, &id.to_string(), &row.name, &row.media_type).await
}

/// A small picture of the file, up to 320 pixels wide and high; 404 when there is none.
#[utoipa::path(get, path = "/api/v1/attachments/{id}/thumbnail", tag = "tickets", params(("id" = Uuid, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "image/png"), (status = 304)),
    security(("session" = []), ("token" = [])))]
async fn get_attachment_thumbnail(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<AttachmentId>,
    asked: HeaderMap,
) -> Result<Response, ApiError> {
    let row: Row = service::find(&app, &ctx, id).await?;
    let (Some(small), Some(kind)) = (row.small(), &row.small_type) else {
        return Err(ApiError::not_found("thumbnail"));
    };
    let blob = service::content(&app, small).await?;
    file(&app, &asked, &blob, &format!("{id}-small"), "thumbnail", kind).await
}
