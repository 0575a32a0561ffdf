//! `/api/v1/incident-rules`.

use axum::extract::State;
use catalog::document::DocumentError;
use kernel::Permission;
use platform::{
    App, Caller, Lane,
    http::{ApiError, IfMatch, Json, Versioned},
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{IncidentRules, current, put_in};

/// The rules with their version.
#[derive(Serialize, ToSchema)]
pub struct ShownIncidentRules {
    version: i64,
    #[serde(flatten)]
    rules: IncidentRules,
}

/// The operations.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_incident_rules, put_incident_rules))
}

/// When alerts open incidents.
#[utoipa::path(get, path = "/api/v1/incident-rules", tag = "services",
    responses((status = 200, body = ShownIncidentRules)), security(("session" = []), ("token" = [])))]
async fn get_incident_rules(
    State(app): State<App>,
    Caller(ctx): Caller,
) -> Result<Versioned<ShownIncidentRules>, ApiError> {
    ctx.require(Permission::ServicesRead)?;
    let (rules, version) = current(&app.db.read()).await?;
    Ok(Versioned(ShownIncidentRules { version, rules }, version))
}

/// Puts other rules into force as a new version.
#[utoipa::path(put, path = "/api/v1/incident-rules", tag = "services", request_body = IncidentRules,
    responses((status = 200, body = ShownIncidentRules)), security(("session" = []), ("token" = [])))]
async fn put_incident_rules(
    State(app): State<App>,
    Caller(ctx): Caller,
    IfMatch(expected): IfMatch,
    Json(rules): Json<IncidentRules>,
) -> Result<Versioned<ShownIncidentRules>, ApiError> {
    ctx.require(Permission::ServicesManage)?;
    let stored = rules.clone();
    let version: Result<i64, DocumentError> =
        app.db.write(&ctx, Lane::Front, move |tx| Box::pin(async move { put_in(tx, stored, expected).await })).await;
    let version = version?;
    Ok(Versioned(ShownIncidentRules { version, rules }, version))
}
