//! `/api/v1/service-rules`.

use axum::extract::State;
use kernel::ServiceId;
use platform::http::{ApiError, Caller, IfMatch, Json, Versioned};
use platform::{App, Ctx};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::api::{PutRules, RuleTest, ShownRules, TestRules};
use super::{RuleError, service};

/// The operations on service rules.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_service_rules, put_service_rules)).routes(routes!(test_service_rules))
}

async fn shown(app: &App, ctx: &Ctx) -> Result<Versioned<ShownRules>, ApiError> {
    let (rules, version) = service::read(app, ctx).await?;
    let ids: Vec<ServiceId> = rules.rules.iter().map(|rule| rule.service_id).collect();
    let names = crate::service::names(&app.db.read(), &ctx.scope, &ids).await.map_err(RuleError::Db)?;
    Ok(Versioned(ShownRules::of(rules, version, &names), version))
}

/// The rules in force.
#[utoipa::path(get, path = "/api/v1/service-rules", tag = "services",
    responses((status = 200, body = ShownRules)), security(("session" = []), ("token" = [])))]
async fn get_service_rules(State(app): State<App>, Caller(ctx): Caller) -> Result<Versioned<ShownRules>, ApiError> {
    shown(&app, &ctx).await
}

/// Puts rules into force as a new version.
#[utoipa::path(put, path = "/api/v1/service-rules", tag = "services", request_body = PutRules,
    responses((status = 200, body = ShownRules)), security(("session" = []), ("token" = [])))]
async fn put_service_rules(
    State(app): State<App>,
    Caller(ctx): Caller,
    IfMatch(expected): IfMatch,
    Json(body): Json<PutRules>,
) -> Result<Versioned<ShownRules>, ApiError> {
    service::put(&app, &ctx, body.into(), expected).await?;
    shown(&app, &ctx).await
}

/// Tries the rules out on some labels; changes nothing.
#[utoipa::path(post, path = "/api/v1/service-rules/test", tag = "services", request_body = TestRules,
    responses((status = 200, body = RuleTest)), security(("session" = []), ("token" = [])))]
async fn test_service_rules(
    State(app): State<App>,
    Caller(ctx): Caller,
    Json(body): Json<TestRules>,
) -> Result<Json<RuleTest>, ApiError> {
    Ok(Json(service::test(&app, &ctx, &body.labels).await?.into()))
}
