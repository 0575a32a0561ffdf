//! `/api/v1/schedules` and `/api/v1/on-call`.

use axum::extract::State;
use http::StatusCode;
use jiff::Timestamp;
use kernel::Page;
use platform::{
    App,
    http::{ApiError, Caller, IfMatch, Json, PageQuery, Path, Query, Versioned},
};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    ScheduleError,
    api::{MyOnCall, OnCallNow, OverrideDto, OverrideList, ScheduleBody, ScheduleDto, TimelineDto},
    overrides::{self, OverrideBody},
    service, watch,
};

/// The operations on schedules.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_schedules, create_schedule))
        .routes(routes!(get_schedule, change_schedule, delete_schedule))
        .routes(routes!(get_schedule_timeline))
        .routes(routes!(list_schedule_overrides, add_schedule_override))
        .routes(routes!(delete_schedule_override))
        .routes(routes!(get_on_call))
        .routes(routes!(get_my_on_call))
}

/// A stale version is 412, as with every record; everything else by its kind.
fn refused(error: ScheduleError) -> ApiError {
    match error {
        ScheduleError::Stale { current } => ApiError::version_conflict(current),
        other => other.into(),
    }
}

/// Schedules with who is on call now.
#[utoipa::path(get, path = "/api/v1/schedules", tag = "on-call", params(PageQuery),
    responses((status = 200, body = Page<ScheduleDto>)), security(("session" = []), ("token" = [])))]
async fn list_schedules(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<ScheduleDto>>, ApiError> {
    Ok(Json(watch::list(&app, &ctx, page.request()?).await?))
}

/// Adds a schedule.
#[utoipa::path(post, path = "/api/v1/schedules", tag = "on-call", request_body = ScheduleBody,
    responses((status = 201, body = ScheduleDto)), security(("session" = []), ("token" = [])))]
async fn create_schedule(
    State(app): State<App>,
    Caller(ctx): Caller,
    Json(body): Json<ScheduleBody>,
) -> Result<(StatusCode, Json<ScheduleDto>), ApiError> {
    let id = service::create(&app, &ctx, body).await?;
    Ok((StatusCode::CREATED, Json(watch::get(&app, &ctx, id).await?)))
}

/// One schedule with who is on call now.
#[utoipa::path(get, path = "/api/v1/schedules/{id}", tag = "on-call", params(("id" = Uuid, Path)),
    responses((status = 200, body = ScheduleDto)), security(("session" = []), ("token" = [])))]
async fn get_schedule(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
) -> Result<Versioned<ScheduleDto>, ApiError> {
    let schedule = watch::get(&app, &ctx, id).await?;
    let version = schedule.version;
    Ok(Versioned(schedule, version))
}

/// Replaces the definition of a schedule.
#[utoipa::path(put, path = "/api/v1/schedules/{id}", tag = "on-call", params(("id" = Uuid, Path)),
    request_body = ScheduleBody, responses((status = 200, body = ScheduleDto)), security(("session" = []), ("token" = [])))]
async fn change_schedule(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    IfMatch(expected): IfMatch,
    Json(body): Json<ScheduleBody>,
) -> Result<Versioned<ScheduleDto>, ApiError> {
    service::change(&app, &ctx, id, expected, body).await.map_err(refused)?;
    let schedule = watch::get(&app, &ctx, id).await?;
    let version = schedule.version;
    Ok(Versioned(schedule, version))
}

/// Removes a schedule that no policy notifies.
#[utoipa::path(delete, path = "/api/v1/schedules/{id}", tag = "on-call", params(("id" = Uuid, Path)),
    responses((status = 204)), security(("session" = []), ("token" = [])))]
async fn delete_schedule(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, ApiError> {
    service::remove(&app, &ctx, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, utoipa::IntoParams)]
struct TimelineQuery {
    /// From when; now unless given.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Until when; 14 days later unless given.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
}

/// What a schedule says about a stretch of time: base, overrides, final and gaps.
#[utoipa::path(get, path = "/api/v1/schedules/{id}/timeline", tag = "on-call",
    params(("id" = Uuid, Path), TimelineQuery),
    responses((status = 200, body = TimelineDto)), security(("session" = []), ("token" = [])))]
async fn get_schedule_timeline(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    Query(query): Query<TimelineQuery>,
) -> Result<Json<TimelineDto>, ApiError> {
    Ok(Json(watch::timeline(&app, &ctx, id, query.from, query.to).await?))
}

/// Overrides that have not ended.
#[utoipa::path(get, path = "/api/v1/schedules/{id}/overrides", tag = "on-call", params(("id" = Uuid, Path)),
    responses((status = 200, body = OverrideList)), security(("session" = []), ("token" = [])))]
async fn list_schedule_overrides(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
) -> Result<Json<OverrideList>, ApiError> {
    Ok(Json(watch::list_overrides(&app, &ctx, id).await?))
}

/// Puts one person on call for a while.
#[utoipa::path(post, path = "/api/v1/schedules/{id}/overrides", tag = "on-call", params(("id" = Uuid, Path)),
    request_body = OverrideBody, responses((status = 201, body = OverrideDto)), security(("session" = []), ("token" = [])))]
async fn add_schedule_override(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    Json(body): Json<OverrideBody>,
) -> Result<(StatusCode, Json<OverrideDto>), ApiError> {
    let new = overrides::add_override(&app, &ctx, id, body).await?;
    Ok((StatusCode::CREATED, Json(watch::get_override(&app, &ctx, id, new).await?)))
}

/// Removes an override.
#[utoipa::path(delete, path = "/api/v1/schedules/{id}/overrides/{oid}", tag = "on-call",
    params(("id" = Uuid, Path), ("oid" = Uuid, Path)),
    responses((status = 204)), security(("session" = []), ("token" = [])))]
async fn delete_schedule_override(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path((id, override_id)): Path<(Uuid, Uuid)>,
) -> Result<StatusCode, ApiError> {
    overrides::remove_override(&app, &ctx, id, override_id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Who is on call now on every schedule, with the gaps of the next 14 days.
#[utoipa::path(get, path = "/api/v1/on-call", tag = "on-call",
    responses((status = 200, body = OnCallNow)), security(("session" = []), ("token" = [])))]
async fn get_on_call(State(app): State<App>, Caller(ctx): Caller) -> Result<Json<OnCallNow>, ApiError> {
    Ok(Json(watch::now(&app, &ctx).await?))
}

/// When the caller is on call: now, and in the next 14 days.
#[utoipa::path(get, path = "/api/v1/on-call/me", tag = "on-call",
    responses((status = 200, body = MyOnCall)), security(("session" = []), ("token" = [])))]
async fn get_my_on_call(State(app): State<App>, Caller(ctx): Caller) -> Result<Json<MyOnCall>, ApiError> {
    Ok(Json(watch::mine(&app, &ctx).await?))
}
