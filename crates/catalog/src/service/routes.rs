//! `/api/v1/services`.

use axum::extract::State;
use axum::http::StatusCode;
use kernel::{Page, ServiceId};
use platform::http::{ApiError, Caller, IfMatch, Json, PageQuery, Path, Query, Versioned};
use platform::{App, Ctx};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::api::{self, CreateService, EditService, ServiceDto, ServiceFilter};
use super::service;

/// The operations on services.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_services, create_service)).routes(routes!(
        get_service,
        edit_service,
        delete_service
    ))
}

async fn shown(app: &App, ctx: &Ctx, id: ServiceId) -> Result<ServiceDto, ApiError> {
    let listed = service::find(app, ctx, id).await?;
    let shown = api::show(app, ctx, vec![listed]).await.map_err(super::ServiceError::Db)?.pop();
    Ok(shown.ok_or(super::ServiceError::NotFound)?)
}

/// Services, newest first.
#[utoipa::path(get, path = "/api/v1/services", tag = "services", params(ServiceFilter, PageQuery),
    responses((status = 200, body = Page<ServiceDto>)), security(("session" = []), ("token" = [])))]
async fn list_services(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(filter): Query<ServiceFilter>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<ServiceDto>>, ApiError> {
    let page = service::list(&app, &ctx, filter.query.as_deref(), page.request()?).await?;
    let items = api::show(&app, &ctx, page.items).await.map_err(super::ServiceError::Db)?;
    Ok(Json(Page { items, next: page.next }))
}

/// Creates a service.
#[utoipa::path(post, path = "/api/v1/services", tag = "services", request_body = CreateService,
    responses((status = 201, body = ServiceDto)), security(("session" = []), ("token" = [])))]
async fn create_service(
    State(app): State<App>,
    Caller(ctx): Caller,
    Json(body): Json<CreateService>,
) -> Result<(StatusCode, Versioned<ServiceDto>), ApiError> {
    let id = service::create(&app, &ctx, body.into()).await?;
    let service = shown(&app, &ctx, id).await?;
    let version = service.version;
    Ok((StatusCode::CREATED, Versioned(service, version)))
}

/// One service.
#[utoipa::path(get, path = "/api/v1/services/{id}", tag = "services", params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = ServiceDto)), security(("session" = []), ("token" = [])))]
async fn get_service(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<ServiceId>,
) -> Result<Versioned<ServiceDto>, ApiError> {
    let service = shown(&app, &ctx, id).await?;
    let version = service.version;
    Ok(Versioned(service, version))
}

/// Changes fields of a service.
#[utoipa::path(patch, path = "/api/v1/services/{id}", tag = "services", params(("id" = uuid::Uuid, Path)),
    request_body = EditService, responses((status = 200, body = ServiceDto)), security(("session" = []), ("token" = [])))]
async fn edit_service(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<ServiceId>,
    IfMatch(expected): IfMatch,
    Json(body): Json<EditService>,
) -> Result<Versioned<ServiceDto>, ApiError> {
    service::edit(&app, &ctx, id, expected, move |draft| body.apply(draft)).await?;
    let service = shown(&app, &ctx, id).await?;
    let version = service.version;
    Ok(Versioned(service, version))
}

/// Deletes a service that no rule points to.
#[utoipa::path(delete, path = "/api/v1/services/{id}", tag = "services", params(("id" = uuid::Uuid, Path)),
    responses((status = 204)), security(("session" = []), ("token" = [])))]
async fn delete_service(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<ServiceId>,
    IfMatch(expected): IfMatch,
) -> Result<StatusCode, ApiError> {
    service::delete(&app, &ctx, id, expected).await?;
    Ok(StatusCode::NO_CONTENT)
}
