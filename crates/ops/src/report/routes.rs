//! The REST door of the report.

use axum::extract::State;
use kernel::Page;
use platform::http::{Caller, Json, PageQuery, Query};
use platform::{ApiError, App};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::api::{AlertReport, RecordsQuery, ReportQuery, ReportedAlert};
use super::service;

/// The routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(report_alerts)).routes(routes!(list_reported_alerts))
}

/// Alerts over a span: how many, and the mean time to acknowledge.
#[utoipa::path(get, path = "/api/v1/reports/alerts", tag = "reports", params(ReportQuery),
    responses((status = 200, body = AlertReport)), security(("session" = []), ("token" = [])))]
async fn report_alerts(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(query): Query<ReportQuery>,
) -> Result<Json<AlertReport>, ApiError> {
    Ok(Json(service::report(&app, &ctx, query).await?))
}

/// The alerts behind a number of the report, the last raised first.
#[utoipa::path(get, path = "/api/v1/reports/alerts/records", tag = "reports", params(RecordsQuery, PageQuery),
    responses((status = 200, body = Page<ReportedAlert>)), security(("session" = []), ("token" = [])))]
async fn list_reported_alerts(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(query): Query<RecordsQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<ReportedAlert>>, ApiError> {
    Ok(Json(service::records(&app, &ctx, query, page.request()?).await?))
}
