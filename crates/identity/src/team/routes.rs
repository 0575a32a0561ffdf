//! Routes of teams.

use axum::extract::State;
use http::StatusCode;
use kernel::{Page, PersonId, TeamId};
use platform::{
    ApiError, App, Caller,
    http::{IfMatch, Json, PageQuery, Path, Query, Versioned},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    api::{CreateTeam, PatchTeam, PutTeamMember, Team},
    service,
};

/// All of them.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_teams, create_team))
        .routes(routes!(get_team, change_team, delete_team))
        .routes(routes!(put_team_member, remove_team_member))
}

/// Teams that the caller may see, newest first.
#[utoipa::path(get, path = "/api/v1/teams", tag = "people", params(PageQuery),
    responses((status = 200, body = Page<Team>)), security(("session" = []), ("token" = [])))]
async fn list_teams(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<Team>>, ApiError> {
    let page = page.request()?;
    let teams = service::list(&app, &ctx, &page).await?;
    Ok(Json(page.page(teams, |found| found.team.seq, |found| Team::of(&ctx, found))))
}

/// Makes a team.
#[utoipa::path(post, path = "/api/v1/teams", tag = "people", request_body = CreateTeam,
    responses((status = 201, body = Team)), security(("session" = []), ("token" = [])))]
async fn create_team(
    State(app): State<App>,
    Caller(ctx): Caller,
    Json(body): Json<CreateTeam>,
) -> Result<(StatusCode, Versioned<Team>), ApiError> {
    let id = service::create(&app, &ctx, body.into()).await?;
    Ok((StatusCode::CREATED, shown(&app, &ctx, id).await?))
}

/// One team.
#[utoipa::path(get, path = "/api/v1/teams/{id}", tag = "people", params(("id" = TeamId, Path)),
    responses((status = 200, body = Team)), security(("session" = []), ("token" = [])))]
async fn get_team(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<TeamId>,
) -> Result<Versioned<Team>, ApiError> {
    shown(&app, &ctx, id).await
}

/// Changes a team. For administrators, and for the team's own.
#[utoipa::path(patch, path = "/api/v1/teams/{id}", tag = "people", params(("id" = TeamId, Path)), request_body = PatchTeam,
    responses((status = 200, body = Team)), security(("session" = []), ("token" = [])))]
async fn change_team(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<TeamId>,
    IfMatch(expected): IfMatch,
    Json(body): Json<PatchTeam>,
) -> Result<Versioned<Team>, ApiError> {
    service::change(&app, &ctx, id, body.into(), expected).await?;
    shown(&app, &ctx, id).await
}

/// Removes a team with its memberships and the tokens bound to it.
#[utoipa::path(delete, path = "/api/v1/teams/{id}", tag = "people", params(("id" = TeamId, Path)),
    responses((status = 204)), security(("session" = []), ("token" = [])))]
async fn delete_team(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<TeamId>,
    IfMatch(expected): IfMatch,
) -> Result<StatusCode, ApiError> {
    service::delete(&app, &ctx, id, expected).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Adds a member, or changes what the member is. For administrators, and for the team's own.
#[utoipa::path(put, path = "/api/v1/teams/{id}/members/{person_id}", tag = "people", params(("id" = TeamId, Path), ("person_id" = PersonId, Path)), request_body = PutTeamMember,
    responses((status = 200, body = Team)), security(("session" = []), ("token" = [])))]
async fn put_team_member(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path((id, person)): Path<(TeamId, PersonId)>,
    Json(body): Json<PutTeamMember>,
) -> Result<Versioned<Team>, ApiError> {
    service::put_member(&app, &ctx, id, person, body.role).await?;
    shown(&app, &ctx, id).await
}

/// Removes a member. For administrators, and for the team's own.
#[utoipa::path(delete, path = "/api/v1/teams/{id}/members/{person_id}", tag = "people", params(("id" = TeamId, Path), ("person_id" = PersonId, Path)),
    responses((status = 204)), security(("session" = []), ("token" = [])))]
async fn remove_team_member(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path((id, person)): Path<(TeamId, PersonId)>,
) -> Result<StatusCode, ApiError> {
    service::remove_member(&app, &ctx, id, person).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn shown(app: &App, ctx: &platform::Ctx, id: TeamId) -> Result<Versioned<Team>, ApiError> {
    let found = service::get(app, ctx, id).await?;
    let version = found.team.version;
    Ok(Versioned(Team::of(ctx, found), version))
}
