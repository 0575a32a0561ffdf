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

use super::demo::{self, Administrator};
use super::service;
use super::steps::{State as StepState, Step};

/// The operations.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_setup_checklist, put_setup_checklist))
        .routes(routes!(test_setup_step))
        .routes(routes!(send_test_page))
        .routes(routes!(remove_demo))
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
    /// The demo company, when it is in the database: it can be removed.
    #[schema(examples("Nordhaven"))]
    demo: Option<&'static str>,
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

/// What to put in the place of the demo.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RemoveDemo {
    /// The demo company's name, to confirm.
    #[schema(examples("Nordhaven"))]
    confirm: String,
    /// Who begins anew.
    administrator: FirstAdministrator,
}

/// Who begins anew.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FirstAdministrator {
    /// Full name.
    name: String,
    /// Sign-in address.
    email: String,
    /// Password, at least 10 characters.
    #[schema(format = Password)]
    password: String,
}

/// What went with the demo.
#[derive(Debug, Serialize, ToSchema)]
struct DemoRemoved {
    /// People.
    people: i64,
    /// Tickets.
    tickets: i64,
    /// Alerts.
    alerts: i64,
    /// Services.
    services: i64,
}

/// Removes the demo company and everything else in this database, what was added since too, and makes a first
/// administrator, who signs in anew: all sessions, tokens and integration keys end.
#[utoipa::path(post, path = "/api/v1/setup/remove-demo", tag = "setup", request_body = RemoveDemo,
    responses((status = 200, body = DemoRemoved), (status = 409, description = "The demo did not fill this database")),
    security(("session" = []), ("token" = [])))]
async fn remove_demo(
    State(app): State<App>,
    Caller(ctx): Caller,
    Json(body): Json<RemoveDemo>,
) -> Result<Json<DemoRemoved>, ApiError> {
    let FirstAdministrator { name, email, password } = body.administrator;
    let removed = demo::remove(&app, &ctx, &body.confirm, Administrator { name, email, password }).await?;
    let super::store::Removed { people, tickets, alerts, services } = removed;
    Ok(Json(DemoRemoved { people, tickets, alerts, services }))
}
