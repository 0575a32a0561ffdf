//! What clients send.

use std::collections::BTreeMap;

use axum::body::Bytes;
use http::StatusCode;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::answer::GenieError;

/// Reads a body; an empty one counts as `{}`, whatever its content type says.
pub fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, GenieError> {
    let text: &[u8] = if body.iter().all(u8::is_ascii_whitespace) { b"{}" } else { body };
    serde_json::from_slice(text).map_err(|error| {
        if error.is_data() {
            GenieError::field("body", &error.to_string())
        } else {
            GenieError::new(StatusCode::BAD_REQUEST, format!("Could not parse json body: {error}"))
        }
    })
}

/// Somebody, as clients name them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Recipient {
    /// `user`, `team`, `escalation`, `schedule`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// An id.
    pub id: Option<String>,
    /// A name.
    pub name: Option<String>,
    /// A mail address.
    pub username: Option<String>,
}

/// A new alert.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct CreateAlert {
    pub message: Option<String>,
    pub alias: Option<String>,
    pub description: Option<String>,
    pub responders: Option<Vec<Recipient>>,
    /// The older name of responders.
    pub teams: Option<Vec<Recipient>>,
    pub actions: Option<Vec<String>>,
    pub tags: Option<Vec<String>>,
    pub details: Option<BTreeMap<String, Value>>,
    pub entity: Option<String>,
    pub source: Option<String>,
    pub priority: Option<String>,
    pub user: Option<String>,
    pub note: Option<String>,
}

/// What every verb may carry, and what single verbs need.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct VerbBody {
    pub user: Option<String>,
    pub note: Option<String>,
    pub source: Option<String>,
    /// Of a snooze.
    pub end_time: Option<String>,
    /// Of an assignment.
    pub owner: Option<Recipient>,
    /// Of an added responder.
    pub responder: Option<Recipient>,
    /// Of an added team.
    pub team: Option<Recipient>,
    /// Of an escalation.
    pub escalation: Option<Recipient>,
    /// Of added tags.
    pub tags: Option<Vec<String>>,
    /// Of added details.
    pub details: Option<BTreeMap<String, Value>>,
    /// Of another message.
    pub message: Option<String>,
    /// Of another description.
    pub description: Option<String>,
    /// Of another priority.
    pub priority: Option<String>,
}

/// Details as texts: what is not a text is written as JSON.
pub fn texts(details: BTreeMap<String, Value>) -> BTreeMap<String, String> {
    let text = |value: Value| match value {
        Value::String(text) => text,
        Value::Null => String::new(),
        other => other.to_string(),
    };
    details.into_iter().map(|(name, value)| (name, text(value))).collect()
}
