//! Forms with files (`multipart/form-data`), read piece by piece.
//!
//! A route takes the whole `Request` and opens the form when it knows that the caller may send it: nobody's file is read
//! before that.

use std::time::Duration;

use axum::{body::Bytes, extract::Request};
use http::{StatusCode, header};
use multer::{Constraints, Field, Multipart, SizeLimit};

use super::ApiError;

/// A sender that says nothing for this long is cut off.
const SILENCE: Duration = Duration::from_secs(30);
/// What a form may hold beside its files.
const REST: u64 = 256 << 10;

/// A form that is being read.
pub struct Form {
    parts: Multipart<'static>,
}

/// One part of it.
pub struct Part {
    field: Field<'static>,
}

/// Waits for the sender.
async fn patiently<T>(step: impl Future<Output = multer::Result<T>>) -> Result<T, ApiError> {
    match tokio::time::timeout(SILENCE, step).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(multer::Error::StreamSizeExceeded { .. } | multer::Error::FieldSizeExceeded { .. })) => {
            Err(ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "The form is larger than is taken."))
        }
        Ok(Err(error)) => Err(ApiError::new(
            StatusCode::BAD_REQUEST,
            "bad_form",
            format!("The form could not be read to its end: {error}"),
        )),
        Err(_) => Err(ApiError::new(
            StatusCode::REQUEST_TIMEOUT,
            "too_slow",
            "Nothing came for half a minute; send the file again.",
        )),
    }
}

impl Form {
    /// Opens the form of a request whose file may have so many bytes.
    ///
    /// # Errors
    /// 415 when it is no form, 413 when its length says that it is too large.
    pub fn open(request: Request, largest_file: u64) -> Result<Self, ApiError> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let boundary = kind.and_then(|kind| multer::parse_boundary(kind).ok()).ok_or_else(|| {
            ApiError::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "not_a_form",
                "Send a form (`multipart/form-data`) with the file in the part `file`.",
            )
        })?;
        let limit = largest_file.saturating_add(REST);
        let length = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
        if length.is_some_and(|length: u64| length > limit) {
            return Err(crate::BlobError::TooLarge { limit: largest_file }.into());
        }
        let constraints = Constraints::new().size_limit(SizeLimit::new().whole_stream(limit));
        let body = request.into_body().into_data_stream();
        Ok(Self { parts: Multipart::with_constraints(body, boundary, constraints) })
    }

    /// The next part; none after the last. The part before must have been read or dropped.
    ///
    /// # Errors
    /// 400 when the form is damaged or cut off, 408 when nothing comes.
    pub async fn next(&mut self) -> Result<Option<Part>, ApiError> {
        let field = patiently(self.parts.next_field()).await?;
        Ok(field.map(|field| Part { field }))
    }
}

impl Part {
    /// Its name.
    pub fn name(&self) -> &str {
        self.field.name().unwrap_or_default()
    }

    /// What the client calls the file, when it is one.
    pub fn file_name(&self) -> Option<&str> {
        self.field.file_name()
    }

    /// What the client says that it is.
    pub fn declared(&self) -> Option<String> {
        self.field.content_type().map(ToString::to_string)
    }

    /// The next bytes; none at the end.
    ///
    /// # Errors
    /// As [`Form::next`].
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, ApiError> {
        patiently(self.field.chunk()).await
    }

    /// A short text.
    ///
    /// # Errors
    /// As [`Form::next`]; 422 when it is longer than `longest` bytes or no text.
    pub async fn text(mut self, longest: usize) -> Result<String, ApiError> {
        let mut text = Vec::new();
        let name = self.name().to_owned();
        let wrong = |message: &str| ApiError::invalid(vec![kernel::FieldError::new(name.clone(), message)]);
        while let Some(piece) = self.chunk().await? {
            text.extend_from_slice(&piece);
            if text.len() > longest {
                return Err(wrong("is too long"));
            }
        }
        String::from_utf8(text).map_err(|_| wrong("is no text"))
    }
}
