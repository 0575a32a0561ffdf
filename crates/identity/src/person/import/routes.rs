//! `/api/v1/people/import`.

use axum::body::Bytes;
use axum::extract::State;
use kernel::FieldError;
use platform::App;
use platform::http::{ApiError, Caller, Json, Query};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::super::PersonError;
use super::Report;
use super::service::{self, How};

/// The operation.
pub(in crate::person) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(import_people))
}

/// How a file is put in.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ImportQuery {
    /// Only say what would become of it.
    #[serde(default)]
    dry_run: bool,
    /// Leave out wrong rows; else nothing is put in when a row is wrong.
    #[serde(default)]
    skip_errors: bool,
}

/// Puts people in from a file of comma-separated values: columns `email`, `name`, and `role` (agent or customer),
/// `teams` (names with semicolons between), `time_zone`. New people are invited by mail.
#[utoipa::path(post, path = "/api/v1/people/import", tag = "people", params(ImportQuery),
    request_body(content = String, content_type = "text/csv"),
    responses((status = 200, body = Report)), security(("session" = []), ("token" = [])))]
async fn import_people(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(query): Query<ImportQuery>,
    body: Bytes,
) -> Result<Json<Report>, ApiError> {
    service::require(&ctx)?;
    let text = std::str::from_utf8(&body).map_err(|_| {
        let message = "The file is not text in UTF-8; save it as \"CSV UTF-8\".";
        PersonError::Invalid(vec![FieldError::new("file", message)])
    })?;
    let how = How { dry_run: query.dry_run, skip_errors: query.skip_errors };
    Ok(Json(service::import(&app, &ctx, text, how).await?))
}
