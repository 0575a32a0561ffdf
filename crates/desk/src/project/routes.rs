//! `/api/v1/projects`.

use axum::extract::State;
use axum::http::StatusCode;
use kernel::{Page, ProjectId};
use platform::http::{ApiError, Caller, IfMatch, Json, PageQuery, Path, Query, Versioned};
use platform::{App, Ctx};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::api::{self, CreateBody, EditBody, MemberBody, ProjectDto};
use super::service::{self, CreateProject, EditProject};
use super::{PrincipalKind, ProjectError};
use crate::ticket::Kind;

/// The operations on projects.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_projects, create_project))
        .routes(routes!(get_project, edit_project))
        .routes(routes!(put_project_member, remove_project_member))
}

async fn shown(app: &App, ctx: &Ctx, id: ProjectId) -> Result<ProjectDto, ApiError> {
    let project = service::find(app, ctx, id).await?;
    let shown = api::show(app, ctx, vec![project]).await.map_err(ProjectError::Db)?.pop();
    Ok(shown.ok_or(ProjectError::NotFound)?)
}

/// Projects, newest first.
#[utoipa::path(get, path = "/api/v1/projects", tag = "projects", params(PageQuery),
    responses((status = 200, body = Page<ProjectDto>)), security(("session" = []), ("token" = [])))]
async fn list_projects(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<ProjectDto>>, ApiError> {
    let page = service::list(&app, &ctx, page.request()?).await?;
    let items = api::show(&app, &ctx, page.items).await.map_err(ProjectError::Db)?;
    Ok(Json(Page { items, next: page.next }))
}

/// Creates a project.
#[utoipa::path(post, path = "/api/v1/projects", tag = "projects", request_body = CreateBody,
    responses((status = 201, body = ProjectDto)), security(("session" = []), ("token" = [])))]
async fn create_project(
    State(app): State<App>,
    Caller(ctx): Caller,
    Json(body): Json<CreateBody>,
) -> Result<(StatusCode, Versioned<ProjectDto>), ApiError> {
    let cmd = CreateProject {
        key: body.key,
        name: body.name,
        private: body.private,
        default_kind: body.default_kind.unwrap_or(Kind::Incident),
    };
    let id = service::create(&app, &ctx, cmd).await?;
    let project = shown(&app, &ctx, id).await?;
    let version = project.version;
    Ok((StatusCode::CREATED, Versioned(project, version)))
}

/// One project.
#[utoipa::path(get, path = "/api/v1/projects/{id}", tag = "projects", params(("id" = Uuid, Path)),
    responses((status = 200, body = ProjectDto)), security(("session" = []), ("token" = [])))]
async fn get_project(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<ProjectId>,
) -> Result<Versioned<ProjectDto>, ApiError> {
    let project = shown(&app, &ctx, id).await?;
    let version = project.version;
    Ok(Versioned(project, version))
}

/// Changes fields of a project.
#[utoipa::path(patch, path = "/api/v1/projects/{id}", tag = "projects", params(("id" = Uuid, Path)),
    request_body = EditBody, responses((status = 200, body = ProjectDto)), security(("session" = []), ("token" = [])))]
async fn edit_project(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<ProjectId>,
    IfMatch(expected): IfMatch,
    Json(body): Json<EditBody>,
) -> Result<Versioned<ProjectDto>, ApiError> {
    let edit = EditProject { name: body.name, private: body.private, default_kind: body.default_kind };
    service::edit(&app, &ctx, id, expected, edit).await?;
    let project = shown(&app, &ctx, id).await?;
    let version = project.version;
    Ok(Versioned(project, version))
}

/// Adds a member, or changes their role.
#[utoipa::path(put, path = "/api/v1/projects/{id}/members/{kind}/{principal_id}", tag = "projects",
    params(("id" = Uuid, Path), ("kind" = PrincipalKind, Path), ("principal_id" = Uuid, Path)),
    request_body = MemberBody, responses((status = 200, body = ProjectDto)),
    security(("session" = []), ("token" = [])))]
async fn put_project_member(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path((id, kind, principal)): Path<(ProjectId, PrincipalKind, Uuid)>,
    Json(body): Json<MemberBody>,
) -> Result<Versioned<ProjectDto>, ApiError> {
    service::put_member(&app, &ctx, id, kind, principal, body.role).await?;
    let project = shown(&app, &ctx, id).await?;
    let version = project.version;
    Ok(Versioned(project, version))
}

/// Removes a member.
#[utoipa::path(delete, path = "/api/v1/projects/{id}/members/{kind}/{principal_id}", tag = "projects",
    params(("id" = Uuid, Path), ("kind" = PrincipalKind, Path), ("principal_id" = Uuid, Path)),
    responses((status = 204)), security(("session" = []), ("token" = [])))]
async fn remove_project_member(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path((id, kind, principal)): Path<(ProjectId, PrincipalKind, Uuid)>,
) -> Result<StatusCode, ApiError> {
    service::delete_member(&app, &ctx, id, kind, principal).await?;
    Ok(StatusCode::NO_CONTENT)
}
