//! Health and readiness, and what the interface needs to know about the server.

use axum::{Router, extract::State, response::IntoResponse, routing::get};
use http::StatusCode;
use platform::App;

/// `/healthz`: the process answers. `/readyz`: it can reach its database and is not draining.
pub fn routes() -> Router<App> {
    Router::new().route("/healthz", get(|| async { "ok\n" })).route("/readyz", get(ready))
}

async fn ready(State(app): State<App>) -> impl IntoResponse {
    if app.stopping.is_stopping() {
        return (StatusCode::SERVICE_UNAVAILABLE, "draining\n");
    }
    match platform::history::ping(&app).await {
        Ok(()) => (StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "the database does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
        }
    }
}
