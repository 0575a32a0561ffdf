//! `/api/v1/fields`.

use axum::extract::State;
use axum::http::StatusCode;
use platform::http::{ApiError, Caller, IfMatch, Json, Path, Versioned};
use platform::{App, Ctx};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::api::{FieldDto, FieldsDto};
use super::definition::FieldBody;
use super::manage;

/// The operations on custom fields.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_fields)).routes(routes!(get_field, put_field, delete_field))
}

async fn shown(app: &App, ctx: &Ctx, key: &str) -> Result<Versioned<FieldDto>, ApiError> {
    let field = manage::find(app, ctx, key).await?;
    let version = field.version;
    Ok(Versioned(field, version))
}

/// Custom fields of tickets. Customers get those that they may see.
#[utoipa::path(get, path = "/api/v1/fields", tag = "fields", responses((status = 200, body = FieldsDto)),
    security(("session" = []), ("token" = [])))]
async fn list_fields(State(app): State<App>, Caller(ctx): Caller) -> Result<Json<FieldsDto>, ApiError> {
    Ok(Json(FieldsDto { items: manage::list(&app, &ctx).await? }))
}

/// One custom field.
#[utoipa::path(get, path = "/api/v1/fields/{key}", tag = "fields", params(("key" = String, Path)),
    responses((status = 200, body = FieldDto)), security(("session" = []), ("token" = [])))]
async fn get_field(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(key): Path<String>,
) -> Result<Versioned<FieldDto>, ApiError> {
    shown(&app, &ctx, &key).await
}

/// Creates or changes a custom field. `If-Match: "0"` only creates.
#[utoipa::path(put, path = "/api/v1/fields/{key}", tag = "fields", params(("key" = String, Path)),
    request_body = FieldBody, responses((status = 200, body = FieldDto)),
    security(("session" = []), ("token" = [])))]
async fn put_field(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(key): Path<String>,
    IfMatch(expected): IfMatch,
    Json(body): Json<FieldBody>,
) -> Result<Versioned<FieldDto>, ApiError> {
    manage::put(&app, &ctx, key.clone(), body, expected).await?;
    shown(&app, &ctx, &key).await
}

/// Takes a custom field away. Its values are neither shown nor found any more; they come back with it.
#[utoipa::path(delete, path = "/api/v1/fields/{key}", tag = "fields", params(("key" = String, Path)),
    responses((status = 204)), security(("session" = []), ("token" = [])))]
async fn delete_field(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(key): Path<String>,
    IfMatch(expected): IfMatch,
) -> Result<StatusCode, ApiError> {
    manage::delete(&app, &ctx, key, expected).await?;
    Ok(StatusCode::NO_CONTENT)
}
