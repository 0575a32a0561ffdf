//! Extractors that answer with problem+json, and response wrappers.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::{ConnectInfo, FromRequest, FromRequestParts, Request, rejection::JsonRejection},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts};
use kernel::PageRequest;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

use super::{ApiError, idempotency::IdempotencyKey, middleware::current_request_id};
use crate::{
    App,
    auth::{Credentials, Ctx},
    secret,
};

/// The authenticated caller; without valid credentials the answer is 401.
pub struct Caller(pub Ctx);

/// The caller, or nobody: for operations open to all.
pub struct MaybeCaller(pub Option<Ctx>);

async fn caller(parts: &mut Parts, app: &App) -> Result<Option<Ctx>, ApiError> {
    match app.authenticator.authenticate(parts).await? {
        Credentials::None => Ok(None),
        Credentials::Refused(why) => Err(ApiError::unauthenticated(why)),
        Credentials::Known(mut ctx) => {
            ctx.request_id = current_request_id();
            ctx.idempotency = IdempotencyKey::of(parts, &ctx)?;
            Ok(Some(*ctx))
        }
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let caller = caller(parts, app).await?;
        caller
            .map(Self)
            .ok_or_else(|| ApiError::unauthenticated("Sign in, or send a token as `Authorization: Bearer ...`."))
    }
}

impl FromRequestParts<App> for MaybeCaller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        caller(parts, app).await.map(Self)
    }
}

/// A JSON body; what cannot be read is answered with its place.
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> Result<Self, ApiError> {
        match axum::Json::<T>::from_request(request, app).await {
            Ok(axum::Json(value)) => Ok(Self(value)),
            Err(JsonRejection::JsonDataError(error)) => {
                Err(ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", root(&error)))
            }
            Err(JsonRejection::JsonSyntaxError(error)) => Err(ApiError::new(
                StatusCode::BAD_REQUEST,
                "not_json",
                format!("The body is not JSON: {}", root(&error)),
            )),
            Err(JsonRejection::MissingJsonContentType(_)) => Err(ApiError::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "not_json",
                "Send the body as JSON with the header `Content-Type: application/json`.",
            )),
            Err(other) => Err(ApiError::new(other.status(), "bad_body", other.body_text())),
        }
    }
}

/// The innermost source of an error, which names line, column and field.
fn root(error: &dyn std::error::Error) -> String {
    let mut inner = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner.to_string()
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

/// Query parameters; what cannot be read is a 422.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<App> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        axum::extract::Query::<T>::from_request_parts(parts, app)
            .await
            .map(|axum::extract::Query(value)| Self(value))
            .map_err(|error| ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_query", root(&error)))
    }
}

/// Path parameters; an id that cannot be one names nothing: 404.
#[derive(Clone, Copy, Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        axum::extract::Path::<T>::from_request_parts(parts, app)
            .await
            .map(|axum::extract::Path(value)| Self(value))
            .map_err(|_| ApiError::not_found("record"))
    }
}

/// `?limit=50&cursor=...`
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
pub struct PageQuery {
    /// Records in a page, 1 to 200; 50 unless given.
    pub limit: Option<u32>,
    /// `next` of the page before.
    pub cursor: Option<String>,
}

impl PageQuery {
    /// What was asked for.
    ///
    /// # Errors
    /// 422 when the cursor did not come from us.
    pub fn request(&self) -> Result<PageRequest, ApiError> {
        let before = match &self.cursor {
            None => None,
            Some(text) => Some(text.parse().map_err(|_| {
                ApiError::invalid(vec![kernel::FieldError::new(
                    "cursor",
                    "is not one of ours; pass `next` of the page before",
                )])
            })?),
        };
        Ok(PageRequest { before, ..PageRequest::first(self.limit.unwrap_or(50)) })
    }
}

/// An answer with the record's version as `ETag`.
pub struct Versioned<T>(pub T, pub i64);

impl<T: Serialize> IntoResponse for Versioned<T> {
    fn into_response(self) -> Response {
        let mut response = axum::Json(self.0).into_response();
        if let Ok(tag) = HeaderValue::from_str(&format!("\"{}\"", self.1)) {
            response.headers_mut().insert(header::ETAG, tag);
        }
        response
    }
}

/// The version in `If-Match`, when the caller sent one.
#[derive(Clone, Copy, Debug)]
pub struct IfMatch(pub Option<i64>);

impl IfMatch {
    /// Refuses when the record has moved on.
    ///
    /// # Errors
    /// 412 with the current version.
    pub fn check(self, current: i64) -> Result<(), ApiError> {
        match self.0 {
            Some(expected) if expected != current => Err(ApiError::version_conflict(current)),
            _ => Ok(()),
        }
    }
}

impl FromRequestParts<App> for IfMatch {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _app: &App) -> Result<Self, ApiError> {
        let Some(value) = parts.headers.get(header::IF_MATCH) else {
            return Ok(Self(None));
        };
        let text = value.to_str().unwrap_or_default().trim_start_matches("W/").trim_matches('"');
        if text == "*" {
            return Ok(Self(None));
        }
        let version = text.parse().map_err(|_| {
            ApiError::new(
                StatusCode::BAD_REQUEST,
                "bad_if_match",
                "`If-Match` must hold the `ETag` of the record, such as \"3\".",
            )
        })?;
        Ok(Self(Some(version)))
    }
}

impl IdempotencyKey {
    /// From the headers of a request, bound to principal, method and path. The body's hash is put in by [`super::layer`].
    fn of(parts: &Parts, ctx: &Ctx) -> Result<Option<Self>, ApiError> {
        let Some(value) = parts.headers.get("idempotency-key") else {
            return Ok(None);
        };
        let key = value.to_str().unwrap_or_default();
        if key.is_empty() || key.len() > 200 {
            return Err(ApiError::new(
                StatusCode::BAD_REQUEST,
                "bad_idempotency_key",
                "`Idempotency-Key` must be 1 to 200 visible characters.",
            ));
        }
        let body = parts.extensions.get::<BodyHash>().map_or("", |hash| hash.0.as_str());
        let request = format!("{} {} {body}", parts.method, parts.uri);
        Ok(Some(Self {
            principal: format!("{}:{}", ctx.actor.kind(), ctx.actor.key()),
            key: key.to_owned(),
            request_hash: secret::hex(&Sha256::digest(request.as_bytes())),
        }))
    }
}

/// The SHA-256 of the body of a request that came with an `Idempotency-Key`.
#[derive(Clone)]
pub(super) struct BodyHash(pub String);

/// The caller's address, by the connection, or by `X-Forwarded-For` from a trusted proxy.
pub fn client_address(app: &App, headers: &HeaderMap, connection: Option<&ConnectInfo<SocketAddr>>) -> IpAddr {
    let peer = connection.map_or(IpAddr::from([127, 0, 0, 1]), |info| info.0.ip());
    if !app.settings.trusted_proxies.contains(&peer) {
        return peer;
    }
    headers
        .get("x-forwarded-for")
        .and_then(|value| value.to_str().ok())
        .and_then(|list| list.rsplit(',').next())
        .and_then(|address| address.trim().parse().ok())
        .unwrap_or(peer)
}
