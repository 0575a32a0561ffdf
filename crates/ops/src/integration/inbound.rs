//! The doors for sources: a payload with a key.

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Extension, State};
use axum::http::{HeaderMap, StatusCode};
use platform::http::{Json, Path, RequestId};
use platform::{ApiError, App};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::api::Accepted;
use super::credential::{authenticate, key_of};
use super::error::IntegrationError;
use super::intake::Intake;
use super::reading::Kind;

/// Bytes of a payload.
pub const BODY_LIMIT: usize = 1024 * 1024;

/// The routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(receive_alertmanager))
        .routes(routes!(receive_alertmanager_by_path))
        .routes(routes!(receive_generic))
        .routes(routes!(receive_generic_by_path))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(Extension(Intake::default()))
}

type Answer = Result<(StatusCode, Json<Accepted>), ApiError>;

async fn receive(
    app: App,
    intake: Intake,
    kind: Kind,
    key: Option<String>,
    request: Option<Extension<RequestId>>,
    body: Result<Bytes, axum::extract::rejection::BytesRejection>,
) -> Answer {
    let key = key.ok_or(IntegrationError::UnknownKey)?;
    let request_id = request.map(|Extension(id)| id.0);
    let body = match body {
        Ok(body) => body,
        Err(rejection) => {
            authenticate(&app, &key, kind, request_id).await?;
            let status = rejection.status();
            let detail = if status == StatusCode::PAYLOAD_TOO_LARGE {
                format!("The payload is larger than {} KiB; send fewer alerts at once.", BODY_LIMIT / 1024)
            } else {
                rejection.body_text()
            };
            return Err(ApiError::new(status, "payload_too_large", detail));
        }
    };
    let outcome = intake.take(&app, key, kind, request_id, body).await?;
    Ok((StatusCode::ACCEPTED, Json(Accepted { accepted: outcome.accepted, alerts: outcome.alerts })))
}

type Body = Result<Bytes, axum::extract::rejection::BytesRejection>;

/// Takes the webhook of Prometheus Alertmanager, with the key as `Authorization: Bearer`.
#[utoipa::path(post, path = "/in/v1/alertmanager", tag = "inbound", request_body = serde_json::Value,
    responses((status = 202, body = Accepted)), security(("integration_key" = [])))]
async fn receive_alertmanager(
    State(app): State<App>,
    Extension(intake): Extension<Intake>,
    request: Option<Extension<RequestId>>,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    receive(app, intake, Kind::Alertmanager, key_of(&headers), request, body).await
}

/// Takes the webhook of Prometheus Alertmanager, with the key in the path.
#[utoipa::path(post, path = "/in/v1/alertmanager/{key}", tag = "inbound", params(("key" = String, Path)), request_body = serde_json::Value,
    responses((status = 202, body = Accepted)), security(("integration_key" = [])))]
async fn receive_alertmanager_by_path(
    State(app): State<App>,
    Extension(intake): Extension<Intake>,
    Path(key): Path<String>,
    request: Option<Extension<RequestId>>,
    body: Body,
) -> Answer {
    receive(app, intake, Kind::Alertmanager, Some(key), request, body).await
}

/// Takes any JSON that the integration's mapping reads, with the key as `Authorization: Bearer` or `X-API-Key`.
#[utoipa::path(post, path = "/in/v1/generic", tag = "inbound", request_body = serde_json::Value,
    responses((status = 202, body = Accepted)), security(("integration_key" = [])))]
async fn receive_generic(
    State(app): State<App>,
    Extension(intake): Extension<Intake>,
    request: Option<Extension<RequestId>>,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    receive(app, intake, Kind::Generic, key_of(&headers), request, body).await
}

/// Takes any JSON that the integration's mapping reads, with the key in the path.
#[utoipa::path(post, path = "/in/v1/generic/{key}", tag = "inbound", params(("key" = String, Path)), request_body = serde_json::Value,
    responses((status = 202, body = Accepted)), security(("integration_key" = [])))]
async fn receive_generic_by_path(
    State(app): State<App>,
    Extension(intake): Extension<Intake>,
    Path(key): Path<String>,
    request: Option<Extension<RequestId>>,
    body: Body,
) -> Answer {
    receive(app, intake, Kind::Generic, Some(key), request, body).await
}
