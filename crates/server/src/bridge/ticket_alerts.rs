//! The alerts of a ticket.

use axum::extract::State;
use kernel::Permission;
use platform::{
    App, Caller,
    http::{ApiError, Json, Path},
};
use serde::Serialize;
use utoipa::ToSchema;

/// The alerts that belong to a ticket.
#[derive(Serialize, ToSchema)]
pub struct TicketAlerts {
    items: Vec<ops::alert::api::IncidentAlert>,
}

/// The alerts that opened or joined an incident, newest first.
#[utoipa::path(get, path = "/api/v1/tickets/{id}/alerts", tag = "tickets", params(("id" = String, Path, description = "Id or key")),
    responses((status = 200, body = TicketAlerts)), security(("session" = []), ("token" = [])))]
pub async fn list_ticket_alerts(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<String>,
) -> Result<Json<TicketAlerts>, ApiError> {
    ctx.require(Permission::TicketsRead)?;
    ctx.require(Permission::AlertsRead)?;
    let ticket = desk::ticket::find_visible(&app, &ctx, &id).await?;
    let items = ops::alert::service::list_of_incident(&app, &ctx.scope, ticket.id).await?;
    Ok(Json(TicketAlerts { items }))
}
