//! Routes of sessions, passwords and set-up.

use std::net::SocketAddr;

use axum::{
    extract::{ConnectInfo, FromRequestParts, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts};
use kernel::SessionId;
use platform::{
    ApiError, App, Caller,
    http::{Json, Path, client_address},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Browser, COOKIE, Opened, SessionError,
    api::{
        ChangePassword, OpenSession, RequestReset, ResetPassword, Session, SessionInfo, Sessions, SetUp, SetupState,
    },
    csrf_token,
    service::{self, SignIn},
    setup, token_in,
};
use crate::person::{self, api::Me};

/// All of them.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_setup, set_up))
        .routes(routes!(get_session, sign_in, sign_out))
        .routes(routes!(list_sessions, sign_out_everywhere))
        .routes(routes!(end_session))
        .routes(routes!(change_password))
        .routes(routes!(request_password_reset))
        .routes(routes!(reset_password))
}

impl FromRequestParts<App> for Browser {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let connection = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let ip = client_address(app, &parts.headers, connection).to_string();
        let user_agent = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).map(str::to_owned);
        Ok(Self { ip: Some(ip), user_agent })
    }
}

/// The answer to a sign-in: the session, and its cookie.
pub(crate) struct SignedIn {
    session: Session,
    cookie: String,
}

impl SignedIn {
    pub(crate) async fn of(app: &App, opened: Opened) -> Result<Self, ApiError> {
        let person = person::service::get_me(app, opened.person, None).await?;
        Ok(Self {
            cookie: cookie(app, &opened.token, 30 * 24 * 3600),
            session: Session {
                person: Me::of(person),
                csrf_token: csrf_token(&opened.token),
                expires_at: opened.expires_at,
            },
        })
    }
}

impl IntoResponse for SignedIn {
    fn into_response(self) -> Response {
        let mut response = Json(self.session).into_response();
        set_cookie(&mut response, &self.cookie);
        response
    }
}

fn set_cookie(response: &mut Response, cookie: &str) {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
}

fn cookie(app: &App, token: &str, max_age_s: u32) -> String {
    let secure = if app.settings.base_url.starts_with("https://") { "; Secure" } else { "" };
    format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age_s}{secure}")
}

/// 204, and the browser forgets the session.
fn signed_out(app: &App) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    set_cookie(&mut response, &cookie(app, "", 0));
    response
}

/// Whether the first administrator is still to be made.
#[utoipa::path(get, path = "/api/v1/setup", tag = "session", responses((status = 200, body = SetupState)), security(()))]
async fn get_setup(State(app): State<App>) -> Result<Json<SetupState>, ApiError> {
    Ok(Json(SetupState { needed: setup::needed(&app.db).await? }))
}

/// Makes the first administrator, with the one-time token that the server printed, and signs them in.
#[utoipa::path(post, path = "/api/v1/setup", tag = "session", request_body = SetUp,
    responses((status = 200, body = Session)), security(()))]
async fn set_up(State(app): State<App>, browser: Browser, Json(body): Json<SetUp>) -> Result<SignedIn, ApiError> {
    let opened = setup::set_up(&app, browser, body.token, body.name, body.email, body.password).await?;
    SignedIn::of(&app, opened).await
}

/// Signs in.
#[utoipa::path(post, path = "/api/v1/session", tag = "session", request_body = OpenSession,
    responses((status = 200, body = Session), (status = 401, description = "`invalid_credentials` or `totp_required`"),
        (status = 429, description = "`throttled`")), security(()))]
async fn sign_in(
    State(app): State<App>,
    browser: Browser,
    Json(body): Json<OpenSession>,
) -> Result<SignedIn, ApiError> {
    let given = SignIn { email: body.email, password: body.password, totp: body.totp };
    let opened = service::sign_in(&app, browser, given).await?;
    SignedIn::of(&app, opened).await
}

/// The caller's session.
#[utoipa::path(get, path = "/api/v1/session", tag = "session", responses((status = 200, body = Session)), security(("session" = [])))]
async fn get_session(
    State(app): State<App>,
    Caller(ctx): Caller,
    headers: HeaderMap,
) -> Result<Json<Session>, ApiError> {
    let row = service::current(&app, &ctx).await?;
    let token = token_in(&headers).ok_or(SessionError::SignedOut)?;
    let me = ctx.person().ok_or(SessionError::SignedOut)?;
    Ok(Json(Session {
        person: Me::of(person::service::get_me(&app, me, Some(&ctx)).await?),
        csrf_token: csrf_token(token),
        expires_at: kernel::timestamp(row.expires_at),
    }))
}

/// Signs out.
#[utoipa::path(delete, path = "/api/v1/session", tag = "session", responses((status = 204)), security(("session" = [])))]
async fn sign_out(State(app): State<App>, Caller(ctx): Caller) -> Result<Response, ApiError> {
    service::sign_out(&app, &ctx).await?;
    Ok(signed_out(&app))
}

/// The caller's sessions, last used first.
#[utoipa::path(get, path = "/api/v1/me/sessions", tag = "me", responses((status = 200, body = Sessions)), security(("session" = [])))]
async fn list_sessions(State(app): State<App>, Caller(ctx): Caller) -> Result<Json<Sessions>, ApiError> {
    let rows = service::list(&app, &ctx).await?;
    Ok(Json(Sessions { items: rows.into_iter().map(|row| SessionInfo::of(row, ctx.session)).collect() }))
}

/// Signs out everywhere: ends all the caller's sessions, this one too.
#[utoipa::path(delete, path = "/api/v1/me/sessions", tag = "me", responses((status = 204)), security(("session" = [])))]
async fn sign_out_everywhere(State(app): State<App>, Caller(ctx): Caller) -> Result<Response, ApiError> {
    service::sign_out_everywhere(&app, &ctx).await?;
    Ok(signed_out(&app))
}

/// Ends one of the caller's sessions.
#[utoipa::path(delete, path = "/api/v1/me/sessions/{id}", tag = "me", params(("id" = SessionId, Path)),
    responses((status = 204)), security(("session" = [])))]
async fn end_session(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<SessionId>,
) -> Result<StatusCode, ApiError> {
    service::end_session(&app, &ctx, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Changes the caller's password and ends their other sessions.
#[utoipa::path(post, path = "/api/v1/me/password", tag = "me", request_body = ChangePassword,
    responses((status = 204)), security(("session" = [])))]
async fn change_password(
    State(app): State<App>,
    Caller(ctx): Caller,
    Json(body): Json<ChangePassword>,
) -> Result<StatusCode, ApiError> {
    service::change_password(&app, &ctx, body.current, body.new).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Mails a link for a new password, if there is such an account. The answer is always the same.
#[utoipa::path(post, path = "/api/v1/password-resets", tag = "session", request_body = RequestReset,
    responses((status = 202)), security(()))]
async fn request_password_reset(
    State(app): State<App>,
    browser: Browser,
    Json(body): Json<RequestReset>,
) -> Result<StatusCode, ApiError> {
    service::request_reset(&app, browser, &body.email).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Stores a new password by a mailed link, and ends all sessions of that person.
#[utoipa::path(post, path = "/api/v1/password-resets/{token}", tag = "session", params(("token" = String, Path)), request_body = ResetPassword,
    responses((status = 204)), security(()))]
async fn reset_password(
    State(app): State<App>,
    Path(token): Path<String>,
    Json(body): Json<ResetPassword>,
) -> Result<StatusCode, ApiError> {
    service::reset_password(&app, token, body.password).await?;
    Ok(StatusCode::NO_CONTENT)
}
