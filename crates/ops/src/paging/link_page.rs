//! The page behind a signed link: plain HTML, one button, no script.

use axum::response::{Html, IntoResponse, Response};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderValue, StatusCode, header};
use sha2::{Digest, Sha256};

use super::{
    link::{Stand, View},
    message::escape,
};

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;margin:0;background:#f4f2ec;color:#1b2430}\
main{max-width:34rem;margin:8vh auto;padding:0 1.25rem}h1{font-size:1.35rem;line-height:1.3}\
dl{display:grid;grid-template-columns:max-content 1fr;gap:.35rem 1rem}dt{color:#5b6470}dd{margin:0}\
button{font:inherit;font-weight:600;min-height:48px;width:100%;border:0;border-radius:6px;background:#1f4f7a;color:#fff;cursor:pointer}\
button:focus-visible,a:focus-visible{outline:3px solid #b98a2f;outline-offset:2px}a{color:#1f4f7a}\
@media(prefers-color-scheme:dark){body{background:#10161d;color:#e6e3da}dt{color:#9aa5b1}a{color:#8fbce6}button{background:#8fbce6;color:#10161d}}";

/// The page; a link that is not ours gets one that says so.
pub(super) fn page(view: Option<&View>) -> Response {
    let (status, title, body) = match view {
        None => (
            StatusCode::NOT_FOUND,
            "This link does not work".to_owned(),
            "<p>It is incomplete, or the account it was sent to is no longer active. Open the newest message, or sign \
             in and look at the alerts.</p>"
                .to_owned(),
        ),
        Some(view) => (StatusCode::OK, format!("{} {}", view.priority, view.message), body(view)),
    };
    let title = escape(&title);
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><meta name=\"robots\" content=\"noindex\">\
         <title>{title}</title><style>{STYLE}</style></head><body><main><h1>{title}</h1>{body}</main></body></html>"
    );
    let mut response = (status, Html(html)).into_response();
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        STANDARD.encode(Sha256::digest(STYLE.as_bytes()))
    );
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

fn body(view: &View) -> String {
    let mut rows = String::new();
    let mut row = |label: &str, value: &str| rows.push_str(&format!("<dt>{label}</dt><dd>{}</dd>", escape(value)));
    if let Some(service) = &view.service {
        row("Service", service);
    }
    row("Since", &view.since);
    row("You are", &view.person);
    row("Why you", &view.because);
    let act = match &view.stand {
        Stand::Waits => "<form method=\"post\"><button type=\"submit\">Acknowledge</button></form>\
             <p>You become its owner, and nobody else is called.</p>"
            .to_owned(),
        Stand::Taken { yours: true, at, .. } => {
            format!("<p><strong>You have acknowledged this alert</strong> ({}).</p>", escape(at))
        }
        Stand::Taken { by, at, .. } => {
            let by = by.as_deref().unwrap_or("An integration");
            format!("<p><strong>{} has acknowledged this alert</strong> ({}).</p>", escape(by), escape(at))
        }
        Stand::Closed => "<p><strong>This alert is closed.</strong> The link has ended with it.</p>".to_owned(),
    };
    format!("<dl>{rows}</dl>{act}<p><a href=\"{}\">Open the alert</a></p>", escape(&view.alert_url))
}
