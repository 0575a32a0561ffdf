//! `/api/v1/tickets/{id}/comments`.

use axum::extract::State;
use axum::http::StatusCode;
use kernel::{AttachmentId, CommentId};
use platform::App;
use platform::http::{ApiError, Caller, Json, Path};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Visibility, service};
use crate::ticket;

/// The operations on comments.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(comment_on_ticket)).routes(routes!(edit_ticket_comment))
}

/// A new comment.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CommentBody {
    /// The text.
    body: String,
    /// Who sees it; the public unless given.
    visibility: Option<Visibility>,
    /// Files that the author attached to the ticket for this comment.
    #[serde(default)]
    attachment_ids: Vec<AttachmentId>,
}

/// A comment's new text.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EditCommentBody {
    /// The text.
    body: String,
}

/// A comment that was written.
#[derive(Debug, Serialize, ToSchema)]
struct WrittenComment {
    /// Its id.
    id: CommentId,
}

/// Comments on a ticket.
#[utoipa::path(post, path = "/api/v1/tickets/{id}/comments", tag = "tickets", params(("id" = String, Path)),
    request_body = CommentBody, responses((status = 201, body = WrittenComment)),
    security(("session" = []), ("token" = [])))]
async fn comment_on_ticket(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<String>,
    Json(body): Json<CommentBody>,
) -> Result<(StatusCode, Json<WrittenComment>), ApiError> {
    let ticket = ticket::find_visible(&app, &ctx, &id).await?;
    let visibility = body.visibility.unwrap_or(Visibility::Public);
    let id = service::comment(&app, &ctx, ticket.id, visibility, body.body, body.attachment_ids).await?;
    Ok((StatusCode::CREATED, Json(WrittenComment { id })))
}

/// Changes the text of a comment.
#[utoipa::path(patch, path = "/api/v1/tickets/{id}/comments/{comment}", tag = "tickets",
    params(("id" = String, Path), ("comment" = Uuid, Path)), request_body = EditCommentBody,
    responses((status = 204)), security(("session" = []), ("token" = [])))]
async fn edit_ticket_comment(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path((id, comment)): Path<(String, CommentId)>,
    Json(body): Json<EditCommentBody>,
) -> Result<StatusCode, ApiError> {
    let ticket = ticket::find_visible(&app, &ctx, &id).await?;
    service::edit(&app, &ctx, ticket.id, comment, body.body).await?;
    Ok(StatusCode::NO_CONTENT)
}
