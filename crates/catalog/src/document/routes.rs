//! `/api/v1/documents`: read any version, restore it.

use axum::Extension;
use axum::extract::State;
use kernel::Page;
use platform::App;
use platform::http::{ApiError, Caller, Json, PageQuery, Path, Query, Versioned};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::api::{DocumentDto, DocumentVersionDto};
use super::{Kinds, service};

/// The operations on documents; `kinds` may be restored.
pub(crate) fn routes(kinds: Kinds) -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_document))
        .routes(routes!(list_document_versions))
        .routes(routes!(get_document_version))
        .routes(routes!(restore_document_version))
        .layer(Extension(kinds))
}

/// The version in force.
#[utoipa::path(get, path = "/api/v1/documents/{kind}/{key}", tag = "documents",
    params(("kind" = String, Path), ("key" = String, Path)),
    responses((status = 200, body = DocumentDto)), security(("session" = []), ("token" = [])))]
async fn get_document(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path((kind, key)): Path<(String, String)>,
) -> Result<Versioned<DocumentDto>, ApiError> {
    let document = service::find(&app, &ctx, &kind, &key, None).await?;
    let version = document.version;
    Ok(Versioned(document, version))
}

/// All versions, newest first.
#[utoipa::path(get, path = "/api/v1/documents/{kind}/{key}/versions", tag = "documents",
    params(("kind" = String, Path), ("key" = String, Path), PageQuery),
    responses((status = 200, body = Page<DocumentVersionDto>)), security(("session" = []), ("token" = [])))]
async fn list_document_versions(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path((kind, key)): Path<(String, String)>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<DocumentVersionDto>>, ApiError> {
    Ok(Json(service::versions(&app, &ctx, &kind, &key, page.request()?).await?))
}

/// One version.
#[utoipa::path(get, path = "/api/v1/documents/{kind}/{key}/versions/{version}", tag = "documents",
    params(("kind" = String, Path), ("key" = String, Path), ("version" = i64, Path)),
    responses((status = 200, body = DocumentDto)), security(("session" = []), ("token" = [])))]
async fn get_document_version(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path((kind, key, version)): Path<(String, String, i64)>,
) -> Result<Json<DocumentDto>, ApiError> {
    Ok(Json(service::find(&app, &ctx, &kind, &key, Some(version)).await?))
}

/// Makes an old version the newest one.
#[utoipa::path(post, path = "/api/v1/documents/{kind}/{key}/versions/{version}/restore", tag = "documents",
    params(("kind" = String, Path), ("key" = String, Path), ("version" = i64, Path)),
    responses((status = 200, body = DocumentDto)), security(("session" = []), ("token" = [])))]
async fn restore_document_version(
    State(app): State<App>,
    Extension(kinds): Extension<Kinds>,
    Caller(ctx): Caller,
    Path((kind, key, version)): Path<(String, String, i64)>,
) -> Result<Versioned<DocumentDto>, ApiError> {
    service::restore(&app, &ctx, &kinds, &kind, &key, version).await?;
    let document = service::find(&app, &ctx, &kind, &key, None).await?;
    let version = document.version;
    Ok(Versioned(document, version))
}
