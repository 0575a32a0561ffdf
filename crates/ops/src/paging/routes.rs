//! The trail of an alert, and the signed link.

use axum::{extract::State, response::Response};
use kernel::AlertId;
use platform::{
    App,
    http::{ApiError, Caller, Json, Path},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{link, link_page, trail};

/// The operations of paging.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_alert_notifications))
        .routes(routes!(show_acknowledge_link, use_acknowledge_link))
}

/// Who was told of an alert, when, how and why; who was not; what comes next.
#[utoipa::path(get, path = "/api/v1/alerts/{id}/notifications", tag = "alerts", params(("id" = AlertId, Path)),
    responses((status = 200, body = trail::Trail)), security(("session" = []), ("token" = [])))]
async fn list_alert_notifications(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<AlertId>,
) -> Result<Json<trail::Trail>, ApiError> {
    Ok(Json(trail::of_alert(&app, &ctx, id).await?))
}

/// The page behind the link in a message. Opening it changes nothing.
#[utoipa::path(get, path = "/ack/{token}", tag = "alerts", params(("token" = String, Path)),
    responses((status = 200, body = String, content_type = "text/html"), (status = 404, body = String, content_type = "text/html")),
    security(()))]
async fn show_acknowledge_link(State(app): State<App>, Path(token): Path<String>) -> Result<Response, ApiError> {
    Ok(link_page::page(link::view(&app, &token).await?.as_ref()))
}

/// Acknowledges the alert as the person to whom the message was sent.
#[utoipa::path(post, path = "/ack/{token}", tag = "alerts", params(("token" = String, Path)),
    responses((status = 200, body = String, content_type = "text/html"), (status = 404, body = String, content_type = "text/html")),
    security(()))]
async fn use_acknowledge_link(State(app): State<App>, Path(token): Path<String>) -> Result<Response, ApiError> {
    Ok(link_page::page(link::acknowledge(&app, &token).await?.as_ref()))
}
