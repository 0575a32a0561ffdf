//! The shapes of all answers: results, data, errors, each with `took` and `requestId`.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode};
use jiff::Timestamp;
use kernel::{ErrorKind, KindedError};
use platform::ApiError;
use serde_json::{Map, Value, json};

/// An error as Opsgenie's clients know it.
#[derive(Debug)]
pub struct GenieError {
    status: StatusCode,
    message: String,
    errors: Map<String, Value>,
    retry_after_s: Option<u64>,
}

impl GenieError {
    /// An error with a status and a sentence.
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), errors: Map::new(), retry_after_s: None }
    }

    /// A wrong field.
    pub fn field(field: &str, message: &str) -> Self {
        let mut error =
            Self::new(StatusCode::UNPROCESSABLE_ENTITY, "Request body is not processable. Please check the errors.");
        error.errors.insert(field.to_owned(), json!(message));
        error
    }

    /// No such alert.
    pub fn no_alert() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Alert does not exist")
    }
}

impl<E: KindedError> From<E> for GenieError {
    fn from(error: E) -> Self {
        match error.kind() {
            ErrorKind::Unauthenticated => Self::new(StatusCode::UNAUTHORIZED, "Could not authenticate"),
            ErrorKind::Invalid(fields) => {
                let mut answer = Self::new(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    "Request body is not processable. Please check the errors.",
                );
                answer.errors = fields.into_iter().map(|field| (field.field, json!(field.message))).collect();
                answer
            }
            ErrorKind::TooMany { retry_after_s } => Self {
                retry_after_s: Some(retry_after_s),
                ..Self::new(StatusCode::TOO_MANY_REQUESTS, "You are making too many requests!")
            },
            // The shared mapping logs what is ours and keeps it from the caller.
            _ => {
                let error = ApiError::from(error);
                Self::new(error.status(), error.detail())
            }
        }
    }
}

impl IntoResponse for GenieError {
    fn into_response(self) -> Response {
        let mut body = json!({"message": self.message, "took": 0.0, "requestId": platform::secret::random_token()});
        if self.status == StatusCode::UNPROCESSABLE_ENTITY
            && let Value::Object(body) = &mut body
        {
            body.insert("errors".to_owned(), Value::Object(self.errors));
        }
        let mut response = (self.status, Json(body)).into_response();
        let limited = self.status == StatusCode::TOO_MANY_REQUESTS;
        set(&mut response, "x-ratelimit-state", if limited { "THROTTLED" } else { "OK" });
        if limited {
            set(&mut response, "x-ratelimit-reason", "ACCOUNT");
            set(&mut response, "x-ratelimit-period-in-sec", "1");
        }
        if let Some(seconds) = self.retry_after_s {
            set(&mut response, "retry-after", &seconds.to_string());
        }
        response
    }
}

fn set(response: &mut Response, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(HeaderName::from_static(name), value);
    }
}

/// Seconds since the request came, as a number.
fn took(began: Timestamp, now: Timestamp) -> f64 {
    now.duration_since(began).as_secs_f64().max(0.0)
}

fn finish(status: StatusCode, mut body: Value, id: String, took: f64) -> Response {
    if let Value::Object(body) = &mut body {
        body.insert("took".to_owned(), json!(took));
        body.insert("requestId".to_owned(), json!(id));
    }
    let mut response = (status, Json(body)).into_response();
    set(&mut response, "x-response-time", &format!("{took:.3}"));
    set(&mut response, "x-ratelimit-state", "OK");
    response
}

/// 202 for a change; `id` is the request's.
pub fn accepted(id: uuid::Uuid, began: Timestamp, now: Timestamp) -> Response {
    finish(StatusCode::ACCEPTED, json!({"result": "Request will be processed"}), id.to_string(), took(began, now))
}

/// 200 with data, and paging where there is one.
pub fn data(data: Value, paging: Option<Value>, began: Timestamp, now: Timestamp) -> Response {
    let mut body = json!({ "data": data });
    if let (Some(paging), Value::Object(body)) = (paging, &mut body) {
        body.insert("paging".to_owned(), paging);
    }
    finish(StatusCode::OK, body, platform::secret::random_token(), took(began, now))
}
