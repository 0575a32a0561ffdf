//! `/api/v1/tickets/{id}/activity`.

use axum::extract::State;
use kernel::Page;
use platform::App;
use platform::http::{ApiError, Caller, Json, PageQuery, Path, Query};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::service::{self, ActivityEntry};

/// The operation on the feed.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_ticket_activity))
}

/// Comments and events of a ticket. The first page holds the newest; within a page the newest stands last; `next`
/// leads to older ones.
#[utoipa::path(get, path = "/api/v1/tickets/{id}/activity", tag = "tickets",
    params(("id" = String, Path), PageQuery), responses((status = 200, body = Page<ActivityEntry>)),
    security(("session" = []), ("token" = [])))]
async fn list_ticket_activity(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<String>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<ActivityEntry>>, ApiError> {
    Ok(Json(service::feed(&app, &ctx, &id, page.request()?).await?))
}
