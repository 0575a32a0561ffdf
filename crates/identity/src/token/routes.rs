//! Routes of the caller's API tokens.

use axum::extract::State;
use http::StatusCode;
use kernel::TokenId;
use platform::{
    ApiError, App, Caller,
    http::{Json, Path},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    api::{CreateToken, Token, TokenWithSecret, Tokens},
    service,
};

/// All of them.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_tokens, create_token)).routes(routes!(remove_token))
}

/// The caller's API tokens, newest first.
#[utoipa::path(get, path = "/api/v1/me/tokens", tag = "me",
    responses((status = 200, body = Tokens)), security(("session" = []), ("token" = [])))]
async fn list_tokens(State(app): State<App>, Caller(ctx): Caller) -> Result<Json<Tokens>, ApiError> {
    let items = service::list(&app, &ctx).await?.into_iter().map(Token::from).collect();
    Ok(Json(Tokens { items }))
}

/// Makes an API token; its secret is in this answer only. Needs a browser session.
#[utoipa::path(post, path = "/api/v1/me/tokens", tag = "me", request_body = CreateToken,
    responses((status = 201, body = TokenWithSecret)), security(("session" = [])))]
async fn create_token(
    State(app): State<App>,
    Caller(ctx): Caller,
    Json(body): Json<CreateToken>,
) -> Result<(StatusCode, Json<TokenWithSecret>), ApiError> {
    let made = service::create(&app, &ctx, body.try_into()?).await?;
    let token = service::get(&app, &ctx, made.id).await?.into();
    Ok((StatusCode::CREATED, Json(TokenWithSecret { token, secret: made.secret })))
}

/// Removes an API token: it stops working at once. Needs a browser session.
#[utoipa::path(delete, path = "/api/v1/me/tokens/{id}", tag = "me", params(("id" = TokenId, Path)),
    responses((status = 204)), security(("session" = [])))]
async fn remove_token(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<TokenId>,
) -> Result<StatusCode, ApiError> {
    service::remove(&app, &ctx, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
