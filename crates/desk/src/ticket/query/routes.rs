//! `/api/v1/tickets/count` and `/api/v1/tickets/query`.

use axum::extract::State;
use domain::query::{self, Completion};
use platform::App;
use platform::http::{ApiError, Caller, Json, Query};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::api::TicketQuery;
use super::super::error::TicketError;
use super::super::view;
use super::super::view::require_read;
use super::api::{CheckBody, CheckedDto, CompleteBody, CountDto};

/// The operations on queries.
pub(in crate::ticket) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(count_tickets))
        .routes(routes!(check_ticket_query))
        .routes(routes!(complete_ticket_query))
}

/// How many tickets a list has, exactly up to 1,000.
#[utoipa::path(get, path = "/api/v1/tickets/count", tag = "tickets", params(TicketQuery),
    responses((status = 200, body = CountDto)), security(("session" = []), ("token" = [])))]
async fn count_tickets(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(query): Query<TicketQuery>,
) -> Result<Json<CountDto>, ApiError> {
    let asked = query.asked(&ctx).map_err(TicketError::Invalid)?;
    let (count, capped) = view::count(&app, &ctx, asked).await?;
    Ok(Json(CountDto { count, capped }))
}

/// What is wrong with a query while it is being written.
#[utoipa::path(post, path = "/api/v1/tickets/query/check", tag = "tickets", request_body = CheckBody,
    responses((status = 200, body = CheckedDto)), security(("session" = []), ("token" = [])))]
async fn check_ticket_query(
    State(app): State<App>,
    Caller(ctx): Caller,
    Json(body): Json<CheckBody>,
) -> Result<Json<CheckedDto>, ApiError> {
    require_read(&ctx)?;
    let vocabulary = super::vocabulary(&app.db.read(), &ctx.scope).await.map_err(TicketError::from)?;
    let typed = super::understand(&app, &ctx, &vocabulary, &body.query).await.map_err(TicketError::from)?;
    let canonical = query::parse(&body.query).ok().filter(|_| typed.is_ok()).map(|query| query.to_string());
    Ok(Json(CheckedDto { canonical, problems: typed.err().unwrap_or_default() }))
}

/// What can stand at the cursor of an unfinished query.
#[utoipa::path(post, path = "/api/v1/tickets/query/complete", tag = "tickets", request_body = CompleteBody,
    responses((status = 200, body = Completion)), security(("session" = []), ("token" = [])))]
async fn complete_ticket_query(
    State(app): State<App>,
    Caller(ctx): Caller,
    Json(body): Json<CompleteBody>,
) -> Result<Json<Completion>, ApiError> {
    require_read(&ctx)?;
    Ok(Json(super::complete(&app, &ctx, &body.text, body.cursor).await.map_err(TicketError::from)?))
}
