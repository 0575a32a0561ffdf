//! `/api/v1/tickets`. `{id}` is the id or the key of a ticket.

use axum::extract::State;
use axum::http::StatusCode;
use kernel::{FieldError, Page};
use platform::http::{ApiError, Caller, IfMatch, Json, Path, Query, Versioned};
use platform::{App, Ctx};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::api::{BulkBody, EditBody, OpenBody, PriorityBody, TicketQuery, TransitionBody};
use super::bulk::{self, BulkOutcome};
use super::error::TicketError;
use super::service;
use super::view::{self, TicketDto};

/// The operations on tickets.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_tickets, open_ticket))
        .routes(routes!(bulk_edit_tickets))
        .routes(routes!(get_ticket, edit_ticket))
        .routes(routes!(transition_ticket))
        .routes(routes!(override_ticket_priority, drop_ticket_priority))
        .merge(super::query::routes())
}

async fn shown(app: &App, ctx: &Ctx, id_or_key: &str) -> Result<Versioned<TicketDto>, ApiError> {
    let ticket = view::one(app, ctx, id_or_key).await?;
    let version = ticket.version;
    Ok(Versioned(ticket, version))
}

/// Tickets that the caller may see.
#[utoipa::path(get, path = "/api/v1/tickets", tag = "tickets", params(TicketQuery),
    responses((status = 200, body = Page<TicketDto>)), security(("session" = []), ("token" = [])))]
async fn list_tickets(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(query): Query<TicketQuery>,
) -> Result<Json<Page<TicketDto>>, ApiError> {
    let asked = query.asked(&ctx).map_err(TicketError::Invalid)?;
    Ok(Json(view::list(&app, &ctx, asked).await?))
}

/// Opens a ticket. Customers raise requests.
#[utoipa::path(post, path = "/api/v1/tickets", tag = "tickets", request_body = OpenBody,
    responses((status = 201, body = TicketDto)), security(("session" = []), ("token" = [])))]
async fn open_ticket(
    State(app): State<App>,
    Caller(ctx): Caller,
    Json(body): Json<OpenBody>,
) -> Result<(StatusCode, Versioned<TicketDto>), ApiError> {
    let cmd = body.command().map_err(|wrong: FieldError| TicketError::Invalid(vec![wrong]))?;
    let id = super::open(&app, &ctx, cmd).await?;
    Ok((StatusCode::CREATED, shown(&app, &ctx, &id.to_string()).await?))
}

/// Makes the same change to up to 200 tickets, each on its own: what is refused for one stops no other.
#[utoipa::path(post, path = "/api/v1/tickets/bulk", tag = "tickets", request_body = BulkBody,
    responses((status = 200, body = BulkOutcome)), security(("session" = []), ("token" = [])))]
async fn bulk_edit_tickets(
    State(app): State<App>,
    Caller(ctx): Caller,
    Json(body): Json<BulkBody>,
) -> Result<Json<BulkOutcome>, ApiError> {
    Ok(Json(bulk::change(&app, &ctx, body.ids, body.change.into()).await?))
}

/// One ticket.
#[utoipa::path(get, path = "/api/v1/tickets/{id}", tag = "tickets", params(("id" = String, Path)),
    responses((status = 200, body = TicketDto)), security(("session" = []), ("token" = [])))]
async fn get_ticket(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<String>,
) -> Result<Versioned<TicketDto>, ApiError> {
    shown(&app, &ctx, &id).await
}

/// Changes fields of a ticket.
#[utoipa::path(patch, path = "/api/v1/tickets/{id}", tag = "tickets", params(("id" = String, Path)),
    request_body = EditBody, responses((status = 200, body = TicketDto)), security(("session" = []), ("token" = [])))]
async fn edit_ticket(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<String>,
    IfMatch(expected): IfMatch,
    Json(body): Json<EditBody>,
) -> Result<Versioned<TicketDto>, ApiError> {
    let ticket = super::find_visible(&app, &ctx, &id).await?;
    service::edit(&app, &ctx, ticket.id, expected, body.into()).await?;
    shown(&app, &ctx, &id).await
}

/// Moves a ticket along its workflow.
#[utoipa::path(post, path = "/api/v1/tickets/{id}/transition", tag = "tickets", params(("id" = String, Path)),
    request_body = TransitionBody, responses((status = 200, body = TicketDto)),
    security(("session" = []), ("token" = [])))]
async fn transition_ticket(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<String>,
    Json(body): Json<TransitionBody>,
) -> Result<Versioned<TicketDto>, ApiError> {
    let ticket = super::find_visible(&app, &ctx, &id).await?;
    service::transition(&app, &ctx, ticket.id, body.to, body.resolution, body.comment).await?;
    shown(&app, &ctx, &id).await
}

/// Sets the priority by hand.
#[utoipa::path(post, path = "/api/v1/tickets/{id}/priority", tag = "tickets", params(("id" = String, Path)),
    request_body = PriorityBody, responses((status = 200, body = TicketDto)),
    security(("session" = []), ("token" = [])))]
async fn override_ticket_priority(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<String>,
    Json(body): Json<PriorityBody>,
) -> Result<Versioned<TicketDto>, ApiError> {
    let ticket = super::find_visible(&app, &ctx, &id).await?;
    service::override_priority(&app, &ctx, ticket.id, body.priority, body.reason).await?;
    shown(&app, &ctx, &id).await
}

/// Lets the matrix give the priority again.
#[utoipa::path(delete, path = "/api/v1/tickets/{id}/priority", tag = "tickets", params(("id" = String, Path)),
    responses((status = 200, body = TicketDto)), security(("session" = []), ("token" = [])))]
async fn drop_ticket_priority(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<String>,
) -> Result<Versioned<TicketDto>, ApiError> {
    let ticket = super::find_visible(&app, &ctx, &id).await?;
    service::drop_override(&app, &ctx, ticket.id).await?;
    shown(&app, &ctx, &id).await
}
