//! What everybody who is signed in may know about the server.

use axum::extract::State;
use kernel::Permission;
use platform::{
    App, Caller,
    http::{ApiError, Json},
};
use serde::Serialize;
use utoipa::ToSchema;

/// The server's state.
#[derive(Serialize, ToSchema)]
pub struct SystemStatus {
    /// Version of the binary.
    version: &'static str,
    /// Where it is reached.
    base_url: String,
    /// The organisation's name.
    organisation: String,
    /// Whether outgoing mail is configured.
    mail_configured: bool,
    /// Open alerts that nobody would be paged for. Empty for callers without sight of on-call.
    on_call_alarms: Vec<ops::paging::OnCallAlarm>,
}

/// Version, address, and what is wrong with paging.
#[utoipa::path(get, path = "/api/v1/system/status", tag = "platform", responses((status = 200, body = SystemStatus)),
    security(("session" = []), ("token" = [])))]
pub async fn get_system_status(State(app): State<App>, Caller(ctx): Caller) -> Result<Json<SystemStatus>, ApiError> {
    let on_call_alarms =
        if ctx.allows(Permission::OncallRead) { ops::paging::list_alarms(&app, &ctx.scope).await? } else { vec![] };
    Ok(Json(SystemStatus {
        version: app.settings.version,
        base_url: app.settings.base_url.clone(),
        organisation: app.settings.organisation.clone(),
        mail_configured: app.settings.mail_configured,
        on_call_alarms,
    }))
}
