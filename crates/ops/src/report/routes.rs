//! The REST door of the report.

use axum::extract::State;
use platform::http::{Caller, Json, Query};
use platform::{ApiError, App};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::api::{AlertReport, ReportQuery};
use super::service;

/// The routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(report_alerts))
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
