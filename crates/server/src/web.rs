//! The embedded web interface, with caching and a strict content security policy.

use axum::{
    extract::Request,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, Method, StatusCode, header};
use platform::ApiError;
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "../../web/dist"]
struct Dist;

/// Only our own scripts, styles, fonts and pictures; style *attributes* are allowed because the component library sets
/// positions with them. No frames, no plugins, no forms to elsewhere.
pub const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Answers whatever no API route took: a file of the interface, or its page for the browser's own routes.
pub async fn interface(request: Request) -> Response {
    let path = request.uri().path();
    if path.starts_with("/api/") || path.starts_with("/v2/") || path.starts_with("/v1/") || path.starts_with("/in/") {
        return ApiError::new(
            StatusCode::NOT_FOUND,
            "no_such_operation",
            format!("There is no operation at {path}. The description is at /openapi.json."),
        )
        .into_response();
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "Pages can only be read.")
            .into_response();
    }
    let name = path.trim_start_matches('/');
    match Dist::get(name) {
        Some(file) => answer(name, file),
        // A missing asset must not be answered with a page.
        None if name.starts_with("static/") => StatusCode::NOT_FOUND.into_response(),
        None => match Dist::get("index.html") {
            Some(file) => answer("index.html", file),
            None => (
                StatusCode::SERVICE_UNAVAILABLE,
                "The web interface was not built into this binary: run `make web`, then build again.\n",
            )
                .into_response(),
        },
    }
}

fn answer(name: &str, file: rust_embed::EmbeddedFile) -> Response {
    // Files under static/ have their hash in the name: they never change.
    let cache = if name.starts_with("static/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut response = file.data.into_response();
    let headers = response.headers_mut();
    if let Ok(kind) = HeaderValue::from_str(file.metadata.mimetype()) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    response
}
