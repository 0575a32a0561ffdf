//! `/api/v1/escalation-policies` and `/api/v1/teams/{id}/routing`.

use axum::extract::State;
use http::StatusCode;
use kernel::{Page, TeamId};
use platform::{
    App,
    http::{ApiError, Caller, IfMatch, Json, PageQuery, Path, Query, Versioned},
};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    PolicyError,
    api::{PolicyBody, PolicyDto, PolicyVersions, Rehearsal, RehearseBody, TeamRouting},
    rehearsal, service, view,
};

/// The operations on policies and team routing.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_escalation_policies, create_escalation_policy))
        .routes(routes!(get_escalation_policy, change_escalation_policy, delete_escalation_policy))
        .routes(routes!(list_escalation_policy_versions))
        .routes(routes!(rehearse_escalation_policy))
        .routes(routes!(get_team_routing, set_team_routing))
}

/// A stale version is 412, as with every record; everything else by its kind.
fn refused(error: PolicyError) -> ApiError {
    match error {
        PolicyError::Stale { current } => ApiError::version_conflict(current),
        other => other.into(),
    }
}

/// Escalation policies.
#[utoipa::path(get, path = "/api/v1/escalation-policies", tag = "on-call", params(PageQuery),
    responses((status = 200, body = Page<PolicyDto>)), security(("session" = []), ("token" = [])))]
async fn list_escalation_policies(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<PolicyDto>>, ApiError> {
    Ok(Json(view::list(&app, &ctx, page.request()?).await?))
}

/// Adds an escalation policy.
#[utoipa::path(post, path = "/api/v1/escalation-policies", tag = "on-call", request_body = PolicyBody,
    responses((status = 201, body = PolicyDto)), security(("session" = []), ("token" = [])))]
async fn create_escalation_policy(
    State(app): State<App>,
    Caller(ctx): Caller,
    Json(body): Json<PolicyBody>,
) -> Result<(StatusCode, Json<PolicyDto>), ApiError> {
    let id = service::create(&app, &ctx, body).await?;
    Ok((StatusCode::CREATED, Json(view::get(&app, &ctx, id).await?)))
}

/// One escalation policy.
#[utoipa::path(get, path = "/api/v1/escalation-policies/{id}", tag = "on-call", params(("id" = Uuid, Path)),
    responses((status = 200, body = PolicyDto)), security(("session" = []), ("token" = [])))]
async fn get_escalation_policy(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
) -> Result<Versioned<PolicyDto>, ApiError> {
    let policy = view::get(&app, &ctx, id).await?;
    let version = policy.version;
    Ok(Versioned(policy, version))
}

/// Replaces the content of a policy. Running escalations keep the policy they started with.
#[utoipa::path(put, path = "/api/v1/escalation-policies/{id}", tag = "on-call", params(("id" = Uuid, Path)),
    request_body = PolicyBody, responses((status = 200, body = PolicyDto)), security(("session" = []), ("token" = [])))]
async fn change_escalation_policy(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    IfMatch(expected): IfMatch,
    Json(body): Json<PolicyBody>,
) -> Result<Versioned<PolicyDto>, ApiError> {
    service::change(&app, &ctx, id, expected, body).await.map_err(refused)?;
    let policy = view::get(&app, &ctx, id).await?;
    let version = policy.version;
    Ok(Versioned(policy, version))
}

/// Removes a policy that no service and no team uses.
#[utoipa::path(delete, path = "/api/v1/escalation-policies/{id}", tag = "on-call", params(("id" = Uuid, Path)),
    responses((status = 204)), security(("session" = []), ("token" = [])))]
async fn delete_escalation_policy(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, ApiError> {
    service::remove(&app, &ctx, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The versions of a policy, newest first.
#[utoipa::path(get, path = "/api/v1/escalation-policies/{id}/versions", tag = "on-call", params(("id" = Uuid, Path)),
    responses((status = 200, body = PolicyVersions)), security(("session" = []), ("token" = [])))]
async fn list_escalation_policy_versions(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
) -> Result<Json<PolicyVersions>, ApiError> {
    Ok(Json(view::versions(&app, &ctx, id).await?))
}

/// What the policy would do, and whom it would reach. Sends nothing.
#[utoipa::path(post, path = "/api/v1/escalation-policies/{id}/rehearse", tag = "on-call", params(("id" = Uuid, Path)),
    request_body = RehearseBody, responses((status = 200, body = Rehearsal)), security(("session" = []), ("token" = [])))]
async fn rehearse_escalation_policy(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    Json(body): Json<RehearseBody>,
) -> Result<Json<Rehearsal>, ApiError> {
    Ok(Json(rehearsal::rehearse(&app, &ctx, id, body).await?))
}

/// Which policy a team's alerts use when their service names none.
#[utoipa::path(get, path = "/api/v1/teams/{id}/routing", tag = "on-call", params(("id" = TeamId, Path)),
    responses((status = 200, body = TeamRouting)), security(("session" = []), ("token" = [])))]
async fn get_team_routing(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<TeamId>,
) -> Result<Json<TeamRouting>, ApiError> {
    Ok(Json(view::routing(&app, &ctx, id).await?))
}

/// Names the policy that a team's alerts use when their service names none.
#[utoipa::path(put, path = "/api/v1/teams/{id}/routing", tag = "on-call", params(("id" = TeamId, Path)),
    request_body = TeamRouting, responses((status = 200, body = TeamRouting)), security(("session" = []), ("token" = [])))]
async fn set_team_routing(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<TeamId>,
    Json(body): Json<TeamRouting>,
) -> Result<Json<TeamRouting>, ApiError> {
    service::set_routing(&app, &ctx, id, body.escalation_policy_id).await?;
    Ok(Json(view::routing(&app, &ctx, id).await?))
}
