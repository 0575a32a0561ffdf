//! `/api/v1/setup/...`: the list, its tests, and the test page.

use axum::extract::State;
use http::{HeaderMap, StatusCode, header};
use kernel::AlertId;
use platform::App;
use platform::http::{ApiError, Caller, Json, Path};
use platform::measure::Stopwatch;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::service;
use super::steps::{State as StepState, Step};

/// The operations.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_setup_checklist, put_setup_checklist))
        .routes(routes!(test_setup_step))
        .routes(routes!(send_test_page))
}

/// What is left to do until the first page arrives.
#[derive(Debug, Serialize, ToSchema)]
struct SetupChecklist {
    /// Steps that are done.
    done: usize,
    /// All steps.
    total: usize,
    /// Whether an administrator has put the list away.
    dismissed: bool,
    /// Whether the demo company is in the database.
    demo: bool,
    /// The steps, in the order in which they are best done.
    steps: Vec<Step>,
}

/// Whether to put the list away.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PutSetupChecklist {
    /// Put it away, or take it out again.
    dismissed: bool,
}

/// What came of a test.
#[derive(Debug, Serialize, ToSchema)]
struct SetupTest {
    /// Whether it works.
    ok: bool,
    /// What was found.
    detail: String,
    /// Milliseconds that it took.
    took_ms: u64,
}

/// A test page that is on its way.
#[derive(Debug, Serialize, ToSchema)]
struct TestPage {
    /// Its alert.
    alert_id: AlertId,
}

async fn shown(app: &App, ctx: &platform::Ctx) -> Result<Json<SetupChecklist>, ApiError> {
    let list = service::checklist(app, ctx).await?;
    let done = list.steps.iter().filter(|step| step.state == StepState::Done).count();
    let (total, dismissed, demo) = (list.steps.len(), list.dismissed, list.demo);
    Ok(Json(SetupChecklist { done, total, dismissed, demo, steps: list.steps }))
}

/// What is left to do until the first page arrives.
#[utoipa::path(get, path = "/api/v1/setup/checklist", tag = "setup", responses((status = 200, body = SetupChecklist)),
    security(("session" = []), ("token" = [])))]
async fn get_setup_checklist(State(app): State<App>, Caller(ctx): Caller) -> Result<Json<SetupChecklist>, ApiError> {
    shown(&app, &ctx).await
}

/// Puts the list away, or takes it out again.
#[utoipa::path(put, path = "/api/v1/setup/checklist", tag = "setup", request_body = PutSetupChecklist,
    responses((status = 200, body = SetupChecklist)), security(("session" = []), ("token" = [])))]
async fn put_setup_checklist(
    State(app): State<App>,
    Caller(ctx): Caller,
    Json(body): Json<PutSetupChecklist>,
) -> Result<Json<SetupChecklist>, ApiError> {
    service::dismiss(&app, &ctx, body.dismissed).await?;
    shown(&app, &ctx).await
}

/// Tests a step: whether links lead to where the caller is (`base_url`), whether a mail is taken (`mail`).
#[utoipa::path(post, path = "/api/v1/setup/steps/{key}/test", tag = "setup", params(("key" = String, Path)),
    responses((status = 200, body = SetupTest)), security(("session" = []), ("token" = [])))]
async fn test_setup_step(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(key): Path<String>,
    headers: HeaderMap,
) -> Result<Json<SetupTest>, ApiError> {
    let watch = Stopwatch::start();
    let header = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    // Behind a proxy the page that asks knows best where it is.
    let host = header(header::ORIGIN).filter(|origin| origin.contains("://")).or_else(|| header(header::HOST));
    let (ok, detail) = service::test(&app, &ctx, &key, host).await?;
    Ok(Json(SetupTest { ok, detail, took_ms: u64::try_from(watch.elapsed().as_millis()).unwrap_or(u64::MAX) }))
}

/// Pages the caller the way that every page goes. The step is done when the page was delivered.
#[utoipa::path(post, path = "/api/v1/setup/test-page", tag = "setup", responses((status = 202, body = TestPage)),
    security(("session" = []), ("token" = [])))]
async fn send_test_page(State(app): State<App>, Caller(ctx): Caller) -> Result<(StatusCode, Json<TestPage>), ApiError> {
    let alert_id = service::test_page(&app, &ctx).await?;
    Ok((StatusCode::ACCEPTED, Json(TestPage { alert_id })))
}
