//! `/api/v1/people/{id}/access`.

use axum::extract::State;
use kernel::{FieldError, Permission, PersonId, Scope};
use platform::{
    App, Caller,
    http::{ApiError, Json, Path, Query},
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{AccessAnswer, Asked, explain};
use crate::person;

/// What to ask.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AccessQuery {
    /// The permission, such as `tickets:write`.
    // Read as optional, so that who may not ask is told so before what is missing.
    #[param(required = true)]
    permission: Option<String>,
    /// The kind of a record, such as `ticket`.
    record_kind: Option<String>,
    /// Its id.
    record_id: Option<Uuid>,
}

/// The operation.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(explain_access))
}

/// Whether a person may do something, and why.
#[utoipa::path(get, path = "/api/v1/people/{id}/access", tag = "people", params(("id" = PersonId, Path), AccessQuery),
    responses((status = 200, body = AccessAnswer)), security(("session" = []), ("token" = [])))]
async fn explain_access(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<PersonId>,
    Query(query): Query<AccessQuery>,
) -> Result<Json<AccessAnswer>, ApiError> {
    ctx.require(Permission::AuditRead)?;
    let wrong = |field: &str, text: &str| ApiError::invalid(vec![FieldError::new(field, text)]);
    let permission = query.permission.as_deref().and_then(Permission::parse);
    let permission = permission.ok_or_else(|| wrong("permission", "must be a permission such as tickets:write"))?;
    let record = match (query.record_kind, query.record_id) {
        (Some(kind), Some(id)) => Some(Asked { kind, id }),
        (None, None) => None,
        _ => return Err(wrong("record_id", "give the kind and the id of a record, or neither")),
    };
    let person = person::store::find(&app.db.read(), &Scope::All, id).await?;
    let person = person.ok_or_else(|| ApiError::not_found("person"))?;
    let answer = explain(&app, &person.name, id, permission, record).await?;
    Ok(Json(answer.ok_or_else(|| ApiError::not_found("record"))?))
}
