//! `/api/v1/alerts`: lists and counts, and `/api/v1/alerts/query`.

use axum::extract::State;
use catalog::query::{CheckQuery, CheckedQuery, CompleteQuery, RecordCount};
use domain::query::Completion;
use kernel::{Page, Permission};
use platform::http::{Caller, Json, PageQuery, Query};
use platform::{ApiError, App};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::api::{Alert, AlertFilterQuery};
use super::super::error::AlertError;
use super::super::search::AlertFilter;
use super::Asked;

/// The operations.
pub(in crate::alert) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_alerts))
        .routes(routes!(count_alerts))
        .routes(routes!(check_alert_query))
        .routes(routes!(complete_alert_query))
}

fn asked(filter: AlertFilterQuery, page: PageQuery) -> Result<Asked, AlertError> {
    let (text, query) = (filter.text.clone().unwrap_or_default(), filter.query.clone().unwrap_or_default());
    let limit = page.limit.unwrap_or(50);
    Ok(Asked { filter: AlertFilter::read(filter)?, text, query, limit, cursor: page.cursor })
}

/// Lists alerts, newest first unless the query says otherwise.
#[utoipa::path(get, path = "/api/v1/alerts", tag = "alerts", params(AlertFilterQuery, PageQuery),
    responses((status = 200, body = Page<Alert>)), security(("session" = []), ("token" = [])))]
async fn list_alerts(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(filter): Query<AlertFilterQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<Alert>>, ApiError> {
    Ok(Json(super::list(&app, &ctx, &asked(filter, page)?).await?))
}

/// How many alerts a list has, exactly up to 1,000.
#[utoipa::path(get, path = "/api/v1/alerts/count", tag = "alerts", params(AlertFilterQuery),
    responses((status = 200, body = RecordCount)), security(("session" = []), ("token" = [])))]
async fn count_alerts(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(filter): Query<AlertFilterQuery>,
) -> Result<Json<RecordCount>, ApiError> {
    Ok(Json(super::count(&app, &ctx, &asked(filter, PageQuery::default())?).await?))
}

/// What is wrong with a query while it is being written.
#[utoipa::path(post, path = "/api/v1/alerts/query/check", tag = "alerts", request_body = CheckQuery,
    responses((status = 200, body = CheckedQuery)), security(("session" = []), ("token" = [])))]
async fn check_alert_query(
    State(app): State<App>,
    Caller(ctx): Caller,
    Json(body): Json<CheckQuery>,
) -> Result<Json<CheckedQuery>, ApiError> {
    ctx.require(Permission::AlertsRead)?;
    let typed = super::understand(&app, &ctx, &body.query).await.map_err(AlertError::from)?;
    Ok(Json(CheckedQuery::of(&body.query, typed)))
}

/// What can stand at the cursor of an unfinished query.
#[utoipa::path(post, path = "/api/v1/alerts/query/complete", tag = "alerts", request_body = CompleteQuery,
    responses((status = 200, body = Completion)), security(("session" = []), ("token" = [])))]
async fn complete_alert_query(
    State(app): State<App>,
    Caller(ctx): Caller,
    Json(body): Json<CompleteQuery>,
) -> Result<Json<Completion>, ApiError> {
    ctx.require(Permission::AlertsRead)?;
    Ok(Json(super::complete(&app, &ctx, &body).await.map_err(AlertError::from)?))
}
