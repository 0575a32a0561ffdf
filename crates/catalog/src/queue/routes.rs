//! `/api/v1/queues`.

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use kernel::Page;
use platform::http::{ApiError, Caller, IfMatch, Json, Path, Query, Versioned};
use platform::{App, Ctx};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::api::{self, CreateBody, EditBody, QueueDto, QueuesQuery};
use super::{QueueError, QueueKinds, service};

/// The operations on queues over these kinds of records.
pub fn routes(kinds: QueueKinds) -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_queues, create_queue))
        .routes(routes!(get_queue, edit_queue, delete_queue))
        .layer(Extension(kinds))
}

async fn shown(app: &App, ctx: &Ctx, kinds: &QueueKinds, id: Uuid) -> Result<Versioned<QueueDto>, ApiError> {
    let queue = service::find(app, ctx, kinds, id).await?;
    let shown = api::show(app, ctx, kinds, vec![queue], true).await?.pop().ok_or(QueueError::NotFound)?;
    let version = shown.version;
    Ok(Versioned(shown, version))
}

/// Queues that the caller may see, in their order: all on one page.
#[utoipa::path(get, path = "/api/v1/queues", tag = "queues", params(QueuesQuery),
    responses((status = 200, body = Page<QueueDto>)), security(("session" = []), ("token" = [])))]
async fn list_queues(
    State(app): State<App>,
    Extension(kinds): Extension<QueueKinds>,
    Caller(ctx): Caller,
    Query(query): Query<QueuesQuery>,
) -> Result<Json<Page<QueueDto>>, ApiError> {
    let queues = service::list(&app, &ctx, &kinds, query.over.as_deref()).await?;
    let items = api::show(&app, &ctx, &kinds, queues, query.counts).await?;
    Ok(Json(Page { items, next: None }))
}

/// Saves a queue.
#[utoipa::path(post, path = "/api/v1/queues", tag = "queues", request_body = CreateBody,
    responses((status = 201, body = QueueDto)), security(("session" = []), ("token" = [])))]
async fn create_queue(
    State(app): State<App>,
    Extension(kinds): Extension<QueueKinds>,
    Caller(ctx): Caller,
    Json(body): Json<CreateBody>,
) -> Result<(StatusCode, Versioned<QueueDto>), ApiError> {
    let over = body.over.clone();
    let id = service::create(&app, &ctx, &kinds, over.as_deref(), body.into()).await?;
    Ok((StatusCode::CREATED, shown(&app, &ctx, &kinds, id).await?))
}

/// One queue.
#[utoipa::path(get, path = "/api/v1/queues/{id}", tag = "queues", params(("id" = Uuid, Path)),
    responses((status = 200, body = QueueDto)), security(("session" = []), ("token" = [])))]
async fn get_queue(
    State(app): State<App>,
    Extension(kinds): Extension<QueueKinds>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
) -> Result<Versioned<QueueDto>, ApiError> {
    shown(&app, &ctx, &kinds, id).await
}

/// Changes a queue.
#[utoipa::path(patch, path = "/api/v1/queues/{id}", tag = "queues", params(("id" = Uuid, Path)),
    request_body = EditBody, responses((status = 200, body = QueueDto)), security(("session" = []), ("token" = [])))]
async fn edit_queue(
    State(app): State<App>,
    Extension(kinds): Extension<QueueKinds>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    IfMatch(expected): IfMatch,
    Json(body): Json<EditBody>,
) -> Result<Versioned<QueueDto>, ApiError> {
    service::edit(&app, &ctx, kinds.clone(), id, expected, body.into()).await?;
    shown(&app, &ctx, &kinds, id).await
}

/// Takes a queue away.
#[utoipa::path(delete, path = "/api/v1/queues/{id}", tag = "queues", params(("id" = Uuid, Path)),
    responses((status = 204)), security(("session" = []), ("token" = [])))]
async fn delete_queue(
    State(app): State<App>,
    Extension(kinds): Extension<QueueKinds>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    IfMatch(expected): IfMatch,
) -> Result<StatusCode, ApiError> {
    service::delete(&app, &ctx, kinds, id, expected).await?;
    Ok(StatusCode::NO_CONTENT)
}
