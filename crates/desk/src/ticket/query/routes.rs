//! `/api/v1/tickets/count` and `/api/v1/tickets/query`.

use axum::extract::State;
use catalog::query::{CheckQuery, CheckedQuery, CompleteQuery, RecordCount};
use domain::query::Completion;
use platform::App;
use platform::http::{ApiError, Caller, Json, Query};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::api::TicketQuery;
use super::super::error::TicketError;
use super::super::view;
use super::super::view::require_read;

/// The operations on queries.
pub(in crate::ticket) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(count_tickets))
        .routes(routes!(check_ticket_query))
        .routes(routes!(complete_ticket_query))
}

/// How many tickets a list has, exactly up to 1,000.
#[utoipa::path(get, path = "/api/v1/tickets/count", tag = "tickets", params(TicketQuery),
    responses((status = 200, body = RecordCount)), security(("session" = []), ("token" = [])))]
async fn count_tickets(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(query): Query<TicketQuery>,
) -> Result<Json<RecordCount>, ApiError> {
    let asked = query.asked(&ctx).map_err(TicketError::Invalid)?;
    Ok(Json(view::count(&app, &ctx, asked).await?))
}

/// What is wrong with a query while it is being written.
#[utoipa::path(post, path = "/api/v1/tickets/query/check", tag = "tickets", request_body = CheckQuery,
    responses((status = 200, body = CheckedQuery)), security(("session" = []), ("token" = [])))]
async fn check_ticket_query(
    State(app): State<App>,
    Caller(ctx): Caller,
    Json(body): Json<CheckQuery>,
) -> Result<Json<CheckedQuery>, ApiError> {
    require_read(&ctx)?;
    let vocabulary = super::vocabulary(&app.db.read(), &ctx.scope).await.map_err(TicketError::from)?;
    let typed = super::understand(&app, &ctx, &vocabulary, &body.query).await.map_err(TicketError::from)?;
    Ok(Json(CheckedQuery::of(&body.query, typed)))
}

/// What can stand at the cursor of an unfinished query.
#[utoipa::path(post, path = "/api/v1/tickets/query/complete", tag = "tickets", request_body = CompleteQuery,
    responses((status = 200, body = Completion)), security(("session" = []), ("token" = [])))]
async fn complete_ticket_query(
    State(app): State<App>,
    Caller(ctx): Caller,
    Json(body): Json<CompleteQuery>,
) -> Result<Json<Completion>, ApiError> {
    require_read(&ctx)?;
    Ok(Json(super::complete(&app, &ctx, &body).await.map_err(TicketError::from)?))
}
