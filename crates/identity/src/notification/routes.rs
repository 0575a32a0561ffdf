//! `/api/v1/me/notifications` and `/api/v1/me/notification-choices`.

use axum::Extension;
use axum::extract::State;
use platform::http::{ApiError, Caller, IfMatch, Json, PageQuery, Query, Versioned};
use platform::{App, Ctx};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Sources;
use super::api::{
    NotificationChoices, NotificationDto, Notifications, NotificationsQuery, PutNotificationChoices, ReadBody, Unread,
    UnreadBody,
};
use super::service::{self, Marked};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_notifications))
        .routes(routes!(read_notifications))
        .routes(routes!(unread_notifications))
        .routes(routes!(get_notification_choices, put_notification_choices))
}

/// What the caller was told, newest first.
#[utoipa::path(get, path = "/api/v1/me/notifications", tag = "me", params(NotificationsQuery, PageQuery),
    responses((status = 200, body = Notifications)), security(("session" = []), ("token" = [])))]
async fn list_notifications(
    State(app): State<App>,
    Extension(sources): Extension<Sources>,
    Caller(ctx): Caller,
    Query(query): Query<NotificationsQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Notifications>, ApiError> {
    let found = service::list(&app, &ctx, &sources, query.unread, page.request()?).await?;
    let items = found.items.into_iter().map(NotificationDto::of).collect();
    Ok(Json(Notifications { items, next: found.next, unread: found.unread }))
}

/// Marks notifications as read.
#[utoipa::path(post, path = "/api/v1/me/notifications/read", tag = "me", request_body = ReadBody,
    responses((status = 200, body = Unread)), security(("session" = []), ("token" = [])))]
async fn read_notifications(
    State(app): State<App>,
    Caller(ctx): Caller,
    Json(body): Json<ReadBody>,
) -> Result<Json<Unread>, ApiError> {
    let marked = if body.all { Marked::Until(body.until.unwrap_or_else(|| app.now())) } else { Marked::Some(body.ids) };
    Ok(Json(Unread { unread: service::read(&app, &ctx, marked).await? }))
}

/// Marks notifications as not read.
#[utoipa::path(post, path = "/api/v1/me/notifications/unread", tag = "me", request_body = UnreadBody,
    responses((status = 200, body = Unread)), security(("session" = []), ("token" = [])))]
async fn unread_notifications(
    State(app): State<App>,
    Caller(ctx): Caller,
    Json(body): Json<UnreadBody>,
) -> Result<Json<Unread>, ApiError> {
    Ok(Json(Unread { unread: service::unread(&app, &ctx, body.ids).await? }))
}

async fn shown(app: &App, ctx: &Ctx, sources: &Sources) -> Result<Versioned<NotificationChoices>, ApiError> {
    let choices = NotificationChoices::of(sources, service::choices(app, ctx).await?);
    let version = choices.version;
    Ok(Versioned(choices, version))
}

/// What the caller wants to be told, and how.
#[utoipa::path(get, path = "/api/v1/me/notification-choices", tag = "me",
    responses((status = 200, body = NotificationChoices)), security(("session" = []), ("token" = [])))]
async fn get_notification_choices(
    State(app): State<App>,
    Extension(sources): Extension<Sources>,
    Caller(ctx): Caller,
) -> Result<Versioned<NotificationChoices>, ApiError> {
    shown(&app, &ctx, &sources).await
}

/// Chooses what to be told, and how.
#[utoipa::path(put, path = "/api/v1/me/notification-choices", tag = "me", request_body = PutNotificationChoices,
    responses((status = 200, body = NotificationChoices)), security(("session" = []), ("token" = [])))]
async fn put_notification_choices(
    State(app): State<App>,
    Extension(sources): Extension<Sources>,
    Caller(ctx): Caller,
    IfMatch(expected): IfMatch,
    Json(body): Json<PutNotificationChoices>,
) -> Result<Versioned<NotificationChoices>, ApiError> {
    service::choose(&app, &ctx, &sources, body.choices, expected).await?;
    shown(&app, &ctx, &sources).await
}
