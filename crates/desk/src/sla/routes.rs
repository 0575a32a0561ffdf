//! `/api/v1/calendars`, `/api/v1/slas` and `/api/v1/tickets/{id}/slas`.

use axum::extract::State;
use axum::http::StatusCode;
use domain::calendar::CalendarBody;
use platform::App;
use platform::http::{ApiError, Caller, IfMatch, Json, Path, Versioned};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::api::{CalendarDto, CalendarPreview, ClockTimeline, PreviewBody, PutSlaBody, SlaDto, TicketClocks};
use super::{manage, read, report};

/// The operations on calendars, service levels and clocks.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_calendars))
        .routes(routes!(preview_calendar))
        .routes(routes!(get_calendar, put_calendar, delete_calendar))
        .routes(routes!(list_slas))
        .routes(routes!(get_sla, put_sla, delete_sla))
        .routes(routes!(list_ticket_slas))
        .routes(routes!(get_ticket_sla_timeline))
        .merge(report::routes())
}

/// All calendars.
#[derive(Debug, Serialize, ToSchema)]
struct Calendars {
    /// By key.
    items: Vec<CalendarDto>,
}

/// All service levels.
#[derive(Debug, Serialize, ToSchema)]
struct Slas {
    /// By key.
    items: Vec<SlaDto>,
}

async fn shown_calendar(app: &App, ctx: &platform::Ctx, key: &str) -> Result<Versioned<CalendarDto>, ApiError> {
    let calendar = manage::calendar(app, ctx, key).await?;
    let version = calendar.version;
    Ok(Versioned(calendar, version))
}

async fn shown_sla(app: &App, ctx: &platform::Ctx, key: &str) -> Result<Versioned<SlaDto>, ApiError> {
    let sla = manage::sla(app, ctx, key).await?;
    let version = sla.version;
    Ok(Versioned(sla, version))
}

/// Calendars by which service levels count.
#[utoipa::path(get, path = "/api/v1/calendars", tag = "slas", responses((status = 200, body = Calendars)),
    security(("session" = []), ("token" = [])))]
async fn list_calendars(State(app): State<App>, Caller(ctx): Caller) -> Result<Json<Calendars>, ApiError> {
    Ok(Json(Calendars { items: manage::calendars(&app, &ctx).await? }))
}

/// One calendar.
#[utoipa::path(get, path = "/api/v1/calendars/{key}", tag = "slas", params(("key" = String, Path)),
    responses((status = 200, body = CalendarDto)), security(("session" = []), ("token" = [])))]
async fn get_calendar(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(key): Path<String>,
) -> Result<Versioned<CalendarDto>, ApiError> {
    shown_calendar(&app, &ctx, &key).await
}

/// Creates or changes a calendar; clocks that count by it are worked out anew. `If-Match: "0"` only creates.
#[utoipa::path(put, path = "/api/v1/calendars/{key}", tag = "slas", params(("key" = String, Path)),
    request_body = CalendarBody, responses((status = 200, body = CalendarDto)),
    security(("session" = []), ("token" = [])))]
async fn put_calendar(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(key): Path<String>,
    IfMatch(expected): IfMatch,
    Json(body): Json<CalendarBody>,
) -> Result<Versioned<CalendarDto>, ApiError> {
    manage::put_calendar(&app, &ctx, key.clone(), body, expected).await?;
    shown_calendar(&app, &ctx, &key).await
}

/// Removes a calendar that nothing counts by.
#[utoipa::path(delete, path = "/api/v1/calendars/{key}", tag = "slas", params(("key" = String, Path)),
    responses((status = 204)), security(("session" = []), ("token" = [])))]
async fn delete_calendar(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(key): Path<String>,
    IfMatch(expected): IfMatch,
) -> Result<StatusCode, ApiError> {
    manage::delete_calendar(&app, &ctx, key, expected).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Works out when business time is over, by a stored calendar or one that is not saved yet.
#[utoipa::path(post, path = "/api/v1/calendars/preview", tag = "slas", request_body = PreviewBody,
    responses((status = 200, body = CalendarPreview)), security(("session" = []), ("token" = [])))]
async fn preview_calendar(
    State(app): State<App>,
    Caller(ctx): Caller,
    Json(body): Json<PreviewBody>,
) -> Result<Json<CalendarPreview>, ApiError> {
    Ok(Json(manage::preview(&app, &ctx, body).await?))
}

/// Service levels.
#[utoipa::path(get, path = "/api/v1/slas", tag = "slas", responses((status = 200, body = Slas)),
    security(("session" = []), ("token" = [])))]
async fn list_slas(State(app): State<App>, Caller(ctx): Caller) -> Result<Json<Slas>, ApiError> {
    Ok(Json(Slas { items: manage::slas(&app, &ctx).await? }))
}

/// One service level.
#[utoipa::path(get, path = "/api/v1/slas/{key}", tag = "slas", params(("key" = String, Path)),
    responses((status = 200, body = SlaDto)), security(("session" = []), ("token" = [])))]
async fn get_sla(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(key): Path<String>,
) -> Result<Versioned<SlaDto>, ApiError> {
    shown_sla(&app, &ctx, &key).await
}

/// Creates or changes a service level; its clocks are worked out anew. `If-Match: "0"` only creates.
#[utoipa::path(put, path = "/api/v1/slas/{key}", tag = "slas", params(("key" = String, Path)),
    request_body = PutSlaBody, responses((status = 200, body = SlaDto)),
    security(("session" = []), ("token" = [])))]
async fn put_sla(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(key): Path<String>,
    IfMatch(expected): IfMatch,
    Json(body): Json<PutSlaBody>,
) -> Result<Versioned<SlaDto>, ApiError> {
    manage::put_sla(&app, &ctx, key.clone(), body, expected).await?;
    shown_sla(&app, &ctx, &key).await
}

/// Removes a service level: clocks that go on stop to be, completed cycles stay in reports.
#[utoipa::path(delete, path = "/api/v1/slas/{key}", tag = "slas", params(("key" = String, Path)),
    responses((status = 204)), security(("session" = []), ("token" = [])))]
async fn delete_sla(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(key): Path<String>,
    IfMatch(expected): IfMatch,
) -> Result<StatusCode, ApiError> {
    manage::delete_sla(&app, &ctx, key, expected).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The clocks of a ticket. Customers see those of service levels with customers, without their inner workings.
#[utoipa::path(get, path = "/api/v1/tickets/{id}/slas", tag = "slas", params(("id" = String, Path)),
    responses((status = 200, body = TicketClocks)), security(("session" = []), ("token" = [])))]
async fn list_ticket_slas(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<String>,
) -> Result<Json<TicketClocks>, ApiError> {
    Ok(Json(read::clocks(&app, &ctx, &id).await?))
}

/// Why the clocks of a ticket show what they show.
#[utoipa::path(get, path = "/api/v1/tickets/{id}/slas/timeline", tag = "slas", params(("id" = String, Path)),
    responses((status = 200, body = ClockTimeline)), security(("session" = []), ("token" = [])))]
async fn get_ticket_sla_timeline(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<String>,
) -> Result<Json<ClockTimeline>, ApiError> {
    Ok(Json(read::timeline(&app, &ctx, &id).await?))
}
