//! Errors as `application/problem+json` (RFC 9457).

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use kernel::{ErrorKind, FieldError, KindedError};
use serde::Serialize;

use super::middleware::current_request_id;

/// The body of an error.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// Always `about:blank`: `code` tells what it is.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The status in words.
    title: String,
    /// The HTTP status.
    status: u16,
    /// A stable code, such as `ticket_not_found`.
    code: String,
    /// What is wrong, where, and what to do.
    detail: String,
    /// Quote it when you ask for help.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    /// Which fields are wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
}

/// An error on its way to the caller.
#[derive(Debug)]
pub struct ApiError {
    status: StatusCode,
    code: String,
    detail: String,
    errors: Vec<FieldError>,
    retry_after_s: Option<u64>,
}

impl ApiError {
    /// An error with a status, a stable code and a sentence.
    pub fn new(status: StatusCode, code: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { status, code: code.into(), detail: detail.into(), errors: Vec::new(), retry_after_s: None }
    }

    /// 401: no credentials, or wrong ones.
    pub fn unauthenticated(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", detail)
    }

    /// 404 for a kind of record.
    pub fn not_found(what: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            format!("{what}_not_found"),
            format!("There is no such {what}, or you may not see it."),
        )
    }

    /// 422 with the fields that are wrong.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let detail = match errors.as_slice() {
            [one] => format!("{}: {}", one.field, one.message),
            many => format!("{} fields are wrong; `errors` names them.", many.len()),
        };
        Self { errors, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", detail) }
    }

    /// 412: the record was changed since the caller read it.
    pub fn version_conflict(current: i64) -> Self {
        Self::new(
            StatusCode::PRECONDITION_FAILED,
            "version_conflict",
            format!(
                "The record was changed meanwhile and is at version {current}. Read it again and repeat your change."
            ),
        )
    }

    /// The status it will be answered with.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The stable code.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The sentence.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The wrong fields.
    pub fn errors(&self) -> &[FieldError] {
        &self.errors
    }

    /// Seconds to wait, with 429.
    pub fn retry_after_s(&self) -> Option<u64> {
        self.retry_after_s
    }
}

impl<E: KindedError> From<E> for ApiError {
    fn from(error: E) -> Self {
        let code = error.code();
        match error.kind() {
            ErrorKind::NotFound => Self::new(StatusCode::NOT_FOUND, code, error.to_string()),
            ErrorKind::Unauthenticated => Self::new(StatusCode::UNAUTHORIZED, code, error.to_string()),
            ErrorKind::Forbidden => Self::new(StatusCode::FORBIDDEN, code, error.to_string()),
            // A record that moved on since the caller read it is a failed precondition (RFC 9110).
            ErrorKind::Conflict if code == "version_conflict" => {
                Self::new(StatusCode::PRECONDITION_FAILED, code, error.to_string())
            }
            ErrorKind::Conflict => Self::new(StatusCode::CONFLICT, code, error.to_string()),
            ErrorKind::Invalid(errors) if errors.is_empty() => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, error.to_string())
            }
            ErrorKind::Invalid(errors) => Self { code: code.to_owned(), ..Self::invalid(errors) },
            ErrorKind::TooMany { retry_after_s } => Self {
                retry_after_s: Some(retry_after_s),
                ..Self::new(StatusCode::TOO_MANY_REQUESTS, code, error.to_string())
            },
            ErrorKind::TooLarge => Self::new(StatusCode::PAYLOAD_TOO_LARGE, code, error.to_string()),
            ErrorKind::Unsupported => Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, code, error.to_string()),
            ErrorKind::Unavailable => Self::new(StatusCode::SERVICE_UNAVAILABLE, code, error.to_string()),
            ErrorKind::Internal => {
                tracing::error!(error = &error as &dyn std::error::Error, "a request failed");
                let detail = "Something broke on our side. The log holds the details under this request id.";
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, code, detail)
            }
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = Problem {
            kind: "about:blank",
            title: self.status.canonical_reason().unwrap_or("Error").to_owned(),
            status: self.status.as_u16(),
            code: self.code,
            detail: self.detail,
            request_id: current_request_id(),
            errors: self.errors,
        };
        let mut response = (self.status, axum::Json(body)).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
