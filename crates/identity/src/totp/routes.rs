//! Routes of the second factor.

use axum::extract::State;
use http::StatusCode;
use platform::{ApiError, App, Caller, http::Json};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    api::{ConfirmTotp, RecoveryCodes, SwitchOffTotp, TotpEnrolment},
    service,
};

/// All of them.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(enrol_totp, switch_off_totp)).routes(routes!(confirm_totp))
}

/// Makes a secret for an authenticator app. It does nothing until it is confirmed. Needs a browser session.
#[utoipa::path(post, path = "/api/v1/me/totp", tag = "me",
    responses((status = 200, body = TotpEnrolment)), security(("session" = [])))]
async fn enrol_totp(State(app): State<App>, Caller(ctx): Caller) -> Result<Json<TotpEnrolment>, ApiError> {
    Ok(Json(service::enrol(&app, &ctx).await?.into()))
}

/// Switches two-step sign-in on. Needs a browser session.
#[utoipa::path(post, path = "/api/v1/me/totp/confirm", tag = "me", request_body = ConfirmTotp,
    responses((status = 200, body = RecoveryCodes)), security(("session" = [])))]
async fn confirm_totp(
    State(app): State<App>,
    Caller(ctx): Caller,
    Json(body): Json<ConfirmTotp>,
) -> Result<Json<RecoveryCodes>, ApiError> {
    Ok(Json(RecoveryCodes { recovery_codes: service::confirm(&app, &ctx, &body.code).await? }))
}

/// Switches two-step sign-in off, by the password. Needs a browser session.
#[utoipa::path(delete, path = "/api/v1/me/totp", tag = "me", request_body = SwitchOffTotp,
    responses((status = 204)), security(("session" = [])))]
async fn switch_off_totp(
    State(app): State<App>,
    Caller(ctx): Caller,
    Json(body): Json<SwitchOffTotp>,
) -> Result<StatusCode, ApiError> {
    service::switch_off(&app, &ctx, body.password).await?;
    Ok(StatusCode::NO_CONTENT)
}
