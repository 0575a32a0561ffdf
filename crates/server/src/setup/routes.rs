//! Routes of the set-up.

use axum::extract::State;
use http::{HeaderMap, StatusCode, header};
use identity::organisation::Organisation;
use kernel::Permission;
use platform::http::{ApiError, IfMatch, Json, Path, Versioned};
use platform::{App, Caller};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::api::{PutSetup, RemoveDemo, Removed, Setup, TestPage, TestResult};
use super::{demo, service};

/// All of them.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_setup, put_setup))
        .routes(routes!(test_setup_step))
        .routes(routes!(send_test_page))
        .routes(routes!(remove_demo))
        .routes(routes!(get_organisation, put_organisation))
}

/// How far the set-up is.
#[utoipa::path(get, path = "/api/v1/setup", tag = "platform", responses((status = 200, body = Setup)),
    security(("session" = []), ("token" = [])))]
async fn get_setup(State(app): State<App>, Caller(ctx): Caller) -> Result<Json<Setup>, ApiError> {
    Ok(Json(service::get(&app, &ctx).await?))
}

/// Puts the list of steps away, or back.
#[utoipa::path(put, path = "/api/v1/setup", tag = "platform", request_body = PutSetup, responses((status = 200, body = Setup)),
    security(("session" = []), ("token" = [])))]
async fn put_setup(
    State(app): State<App>,
    Caller(ctx): Caller,
    Json(body): Json<PutSetup>,
) -> Result<Json<Setup>, ApiError> {
    service::put(&app, &ctx, body.dismissed).await?;
    Ok(Json(service::get(&app, &ctx).await?))
}

/// Tests a step: `base_url` looks by which address this request came, `mail` sends a mail to the caller.
#[utoipa::path(post, path = "/api/v1/setup/steps/{key}/test", tag = "platform", params(("key" = String, Path)),
    responses((status = 200, body = TestResult)), security(("session" = []), ("token" = [])))]
async fn test_setup_step(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(key): Path<String>,
    headers: HeaderMap,
) -> Result<Json<TestResult>, ApiError> {
    // Browsers send their origin with every POST; other programs at least the host.
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let scheme = if app.settings.base_url.starts_with("https:") { "https" } else { "http" };
    let came_by = text(header::ORIGIN).or_else(|| text(header::HOST).map(|host| format!("{scheme}://{host}")));
    Ok(Json(service::test(&app, &ctx, &key, came_by).await?))
}

/// Pages the caller, by the way that every page takes.
#[utoipa::path(post, path = "/api/v1/setup/test-page", tag = "platform", responses((status = 201, body = TestPage)),
    security(("session" = []), ("token" = [])))]
async fn send_test_page(State(app): State<App>, Caller(ctx): Caller) -> Result<(StatusCode, Json<TestPage>), ApiError> {
    let alert_id = service::test_page(&app, &ctx).await?;
    Ok((StatusCode::CREATED, Json(TestPage { alert_id })))
}

/// Removes everything in a database that the demo filled, and makes a new administrator. All sessions end.
#[utoipa::path(post, path = "/api/v1/setup/remove-demo", tag = "platform", request_body = RemoveDemo,
    responses((status = 200, body = Removed)), security(("session" = []), ("token" = [])))]
async fn remove_demo(
    State(app): State<App>,
    Caller(ctx): Caller,
    Json(body): Json<RemoveDemo>,
) -> Result<Json<Removed>, ApiError> {
    Ok(Json(Removed { removed: demo::remove(&app, &ctx, body).await? }))
}

/// The organisation.
#[utoipa::path(get, path = "/api/v1/organisation", tag = "platform", responses((status = 200, body = Organisation)),
    security(("session" = []), ("token" = [])))]
async fn get_organisation(State(app): State<App>, Caller(ctx): Caller) -> Result<Versioned<Organisation>, ApiError> {
    ctx.require(Permission::OwnProfile)?;
    let organisation = service::organisation(&app).await?;
    let version = organisation.version;
    Ok(Versioned(organisation, version))
}

/// Changes the organisation. Office hours that nobody edited follow its zone.
#[utoipa::path(put, path = "/api/v1/organisation", tag = "platform", request_body = Organisation,
    responses((status = 200, body = Organisation)), security(("session" = []), ("token" = [])))]
async fn put_organisation(
    State(app): State<App>,
    Caller(ctx): Caller,
    IfMatch(expected): IfMatch,
    Json(body): Json<Organisation>,
) -> Result<Versioned<Organisation>, ApiError> {
    service::put_organisation(&app, &ctx, body, expected).await?;
    let organisation = service::organisation(&app).await?;
    let version = organisation.version;
    Ok(Versioned(organisation, version))
}
