//! Giving a blob out as a file to be saved.
//!
//! **Invariants**: nothing is ever shown inline by the answer's own word: it is an attachment, its type is not guessed
//! (`nosniff`), and should a browser open it all the same, the sandbox policy lets it run nothing.

use std::ops::Range;

use axum::{body::Body, response::Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::ApiError;
use crate::{
    App,
    blob::{Blob, BlobError, media},
};

/// What a browser may do with a file that it shows although it was told to save it: nothing.
const POLICY: &str = "sandbox; default-src 'none'; frame-ancestors 'none'";

/// Answers with a blob under a name; honours `Range`, `If-None-Match` and `If-Range`. `tag` names this content for good.
///
/// # Errors
/// 416 for a range outside the file; when the store fails.
pub async fn file(
    app: &App,
    asked: &HeaderMap,
    blob: &Blob,
    tag: &str,
    name: &str,
    media_type: &str,
) -> Result<Response, ApiError> {
    let tag = format!("\"{tag}\"");
    let text = |name: header::HeaderName| asked.get(name).and_then(|value| value.to_str().ok());
    let matches =
        |tags: &str| tags.split(',').any(|one| one.trim().trim_start_matches("W/") == tag || one.trim() == "*");
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    let served = HeaderValue::from_str(media::served_as(media_type));
    headers.insert(header::CONTENT_TYPE, served.unwrap_or(HeaderValue::from_static(media::BYTES)));
    headers.insert(header::CONTENT_DISPOSITION, media::disposition(name));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    // Whether the caller may see it is asked anew each time.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.extend(HeaderValue::from_str(&tag).ok().map(|tag| (header::ETAG, tag)));
    if text(header::IF_NONE_MATCH).is_some_and(matches) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return Ok(response);
    }
    let unchanged = text(header::IF_RANGE).is_none_or(|one| one == tag);
    let range = match text(header::RANGE).filter(|_| unchanged) {
        None => None,
        Some(range) => match parse(range, blob.size) {
            Asked::Whole => None,
            Asked::Part(range) => Some(range),
            Asked::Outside => {
                *response.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
                let size = HeaderValue::from_str(&format!("bytes */{}", blob.size));
                response.headers_mut().extend(size.ok().map(|size| (header::CONTENT_RANGE, size)));
                return Ok(response);
            }
        },
    };
    if blob.size == 0 {
        return Ok(response);
    }
    let content = app.blobs.content(blob, range.clone()).await?;
    let length = content.range.end - content.range.start;
    if length != range.as_ref().map_or(blob.size, |range| range.end - range.start) {
        // The store holds something else than what was put into it.
        return Err(BlobError::Missing.into());
    }
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    if let Some(range) = range {
        let shown = HeaderValue::from_str(&format!("bytes {}-{}/{}", range.start, range.end - 1, blob.size));
        headers.extend(shown.ok().map(|shown| (header::CONTENT_RANGE, shown)));
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    *response.body_mut() = Body::from_stream(content.stream);
    Ok(response)
}

#[derive(Debug, PartialEq, Eq)]
enum Asked {
    /// What cannot be understood, and several ranges at once: all of it.
    Whole,
    Part(Range<u64>),
    Outside,
}

/// Reads `Range` (RFC 9110, 14.2): one range of bytes.
fn parse(range: &str, size: u64) -> Asked {
    let Some((first, last)) = range.strip_prefix("bytes=").and_then(|range| range.trim().split_once('-')) else {
        return Asked::Whole;
    };
    let number = |text: &str| text.parse::<u64>().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
    match (number(first), number(last)) {
        (None, Some(count)) if first.is_empty() => match count.min(size) {
            0 => Asked::Outside,
            count => Asked::Part(size - count..size),
        },
        (Some(first), _) if last.is_empty() || number(last).is_some() => {
            let end = number(last).map_or(size, |last| last.saturating_add(1).min(size));
            if first >= size {
                Asked::Outside
            } else if end <= first {
                Asked::Whole
            } else {
                Asked::Part(first..end)
            }
        }
        _ => Asked::Whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read() {
        let cases = [
            ("bytes=0-3", Asked::Part(0..4)),
            ("bytes=5-", Asked::Part(5..10)),
            ("bytes=-4", Asked::Part(6..10)),
            ("bytes=-40", Asked::Part(0..10)),
            ("bytes=8-99", Asked::Part(8..10)),
            ("bytes=10-", Asked::Outside),
            ("bytes=-0", Asked::Outside),
            ("bytes=4-2", Asked::Whole),
            ("bytes=0-1,4-5", Asked::Whole),
            ("items=0-1", Asked::Whole),
            ("bytes=a-b", Asked::Whole),
            ("bytes=-", Asked::Whole),
            ("bytes=0-18446744073709551615", Asked::Part(0..10)),
        ];
        for (range, expected) in cases {
            assert_eq!(parse(range, 10), expected, "{range}");
        }
        assert_eq!(parse("bytes=0-", 0), Asked::Outside);
    }
}
