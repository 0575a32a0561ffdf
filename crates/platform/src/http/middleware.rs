//! What wraps every request: its id, the log line, its measures, and the body's hash for idempotency.

use axum::{
    body::Body,
    extract::{MatchedPath, Request},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, Method, StatusCode};
use http_body_util::BodyExt;
use sha2::{Digest, Sha256};
use tracing::Instrument;

use super::{ApiError, extract::BodyHash};
use crate::{
    measure::{REQUEST_SECONDS, REQUESTS, Stopwatch},
    secret, trace,
};

tokio::task_local! {
    static REQUEST_ID: String;
}

/// The id of the request that this task answers.
pub(crate) fn current_request_id() -> Option<String> {
    REQUEST_ID.try_with(Clone::clone).ok()
}

/// The id of a request, given back as `X-Request-Id`.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// Bodies up to this size are read to be hashed.
const LARGEST_BODY: usize = 2 * 1024 * 1024;

/// Gives each request an id (the caller's own `X-Request-Id` when it is harmless), a span, and a log line without
/// query strings, bodies or credentials.
pub async fn layer(mut request: Request, next: Next) -> Response {
    let given = request.headers().get("x-request-id").and_then(|value| value.to_str().ok());
    let id = match given {
        Some(text)
            if text.len() <= 64
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
                && !text.is_empty() =>
        {
            text.to_owned()
        }
        _ => secret::hex(&secret::random_bytes::<12>()),
    };
    request.extensions_mut().insert(RequestId(id.clone()));
    let method = request.method().clone();
    let path = shown_path(request.uri().path());
    let span = tracing::info_span!("request", id, %method, path);
    let watch = Stopwatch::start();
    let route =
        request.extensions().get::<MatchedPath>().map_or("(interface)".to_owned(), |path| path.as_str().to_owned());
    let traced = trace::request_span(&method, &route, request.headers());
    let answered = async {
        match hash_body(request).await {
            Ok(request) => next.run(request).await,
            Err(error) => error.into_response(),
        }
    };
    let mut response = REQUEST_ID.scope(id.clone(), answered.instrument(traced.clone()).instrument(span.clone())).await;
    span.in_scope(|| tracing::debug!(status = response.status().as_u16(), "answered"));
    trace::answered(&traced, response.status().as_u16());
    drop(traced);
    let status = response.status().as_u16().to_string();
    let method = metered(&method);
    metrics::counter!(REQUESTS, "method" => method, "route" => route.clone(), "status" => status).increment(1);
    metrics::histogram!(REQUEST_SECONDS, "method" => method, "route" => route).record(watch.elapsed());
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert("x-request-id", value);
    }
    response
}

/// The method as a label: what a client makes up is not one.
fn metered(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        _ => "other",
    }
}

/// Paths that carry a secret are shown without it.
fn shown_path(path: &str) -> String {
    for prefix in
        ["/ack/", "/in/v1/alertmanager/", "/in/v1/generic/", "/api/v1/invitations/", "/api/v1/password-resets/"]
    {
        if path.starts_with(prefix) {
            return format!("{prefix}…");
        }
    }
    path.to_owned()
}

fn is_form(request: &Request) -> bool {
    let kind = request.headers().get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("multipart/form-data"))
}

async fn hash_body(request: Request) -> Result<Request, ApiError> {
    // A file is hashed while it is stored: its route adds that to the key.
    if !request.headers().contains_key("idempotency-key") || is_form(&request) {
        return Ok(request);
    }
    let (mut parts, body) = request.into_parts();
    let limited = http_body_util::Limited::new(body, LARGEST_BODY);
    let bytes = limited
        .collect()
        .await
        .map_err(|_| ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", "The body is larger than 2 MiB."))?
        .to_bytes();
    parts.extensions.insert(BodyHash(secret::hex(&Sha256::digest(&bytes))));
    Ok(Request::from_parts(parts, Body::from(bytes)))
}
