//! What everybody who is signed in may know about the server.

use axum::extract::State;
use jiff::Timestamp;
use kernel::{Event, Permission, RecordKind};
use platform::{
    App, Caller, DbError, Lane,
    http::{ApiError, Json},
    work::hold,
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
    /// Bytes that an attached file may have.
    attachment_limit_bytes: u64,
    /// Since when messages are held, after a restore. An administrator releases them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    outgoing_held_since: Option<Timestamp>,
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
        attachment_limit_bytes: app.settings.attachments.bytes,
        outgoing_held_since: hold::since(&app.db.read()).await?,
        on_call_alarms,
    }))
}

/// Whether anything was held.
#[derive(Serialize, ToSchema)]
pub struct Released {
    released: bool,
}

/// Lets messages go out again that are held since a restore.
#[utoipa::path(post, path = "/api/v1/system/release-outgoing", tag = "platform", responses((status = 200, body = Released)),
    security(("session" = []), ("token" = [])))]
pub async fn release_outgoing(State(app): State<App>, Caller(ctx): Caller) -> Result<Json<Released>, ApiError> {
    ctx.require(Permission::SystemManage)?;
    Ok(Json(Released { released: release(&app.db, &ctx).await? }))
}

/// Ends the hold; false when there was none.
///
/// # Errors
/// When the database fails.
pub async fn release(db: &platform::Db, ctx: &platform::Ctx) -> Result<bool, DbError> {
    db.write(ctx, Lane::Front, |tx| {
        Box::pin(async move {
            let released = hold::release(tx).await?;
            if released {
                tx.emit(Event::new(
                    "OutgoingReleased",
                    RecordKind::SERVER,
                    uuid::Uuid::nil(),
                    1,
                    serde_json::json!({}),
                ));
            }
            Ok(released)
        })
    })
    .await
}
