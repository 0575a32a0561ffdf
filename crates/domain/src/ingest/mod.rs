//! Reading what monitors send: a payload in, commands for alerts out.
//!
//! [`alertmanager`] reads the webhook of Prometheus Alertmanager; [`mapping`] reads any JSON by a mapping that people
//! write. Both give a [`Reading`].
//!
//! **Invariants**
//! - Every complaint names its place, in the payload (`alerts[2].labels`) or in the mapping (`mapping.message`).
//! - One bad item never hides the good ones beside it.
//! - Commands come in the order of the payload.
//! - What is too long is cut, never refused: a monitor cannot correct itself.

pub mod alertmanager;
pub mod mapping;

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::alert::Raise;

/// What a monitor wants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum AlertCommand {
    /// Something is wrong.
    Raise(Raise),
    /// It is over.
    Close {
        /// Of which alert.
        alias: String,
    },
    /// Somebody works on it, says the monitor.
    Acknowledge {
        /// Which alert.
        alias: String,
    },
    /// Nothing is to be done.
    Ignore {
        /// Why.
        because: String,
    },
}

/// A command, and which part of the payload asked for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Placed {
    /// The part, such as `alerts[2]`; empty for the whole payload.
    pub place: String,
    /// The command.
    #[serde(flatten)]
    pub command: AlertCommand,
}

/// Something that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Unreadable {
    /// Where, such as `alerts[2].labels` or `mapping.message`; empty for the whole payload.
    pub place: String,
    /// What is wrong there.
    pub message: String,
}

impl Unreadable {
    /// A complaint about a place.
    pub fn new(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self { place: place.into(), message: message.into() }
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.place.is_empty() { f.write_str(&self.message) } else { write!(f, "{}: {}", self.place, self.message) }
    }
}

/// What became of a payload.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reading {
    /// What is to be done, in order.
    pub commands: Vec<Placed>,
    /// What could not be read.
    pub errors: Vec<Unreadable>,
}

impl Reading {
    /// Whether nothing at all can be done with the payload.
    pub fn is_rejected(&self) -> bool {
        self.commands.is_empty() && !self.errors.is_empty()
    }

    fn failed(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self { commands: Vec::new(), errors: vec![Unreadable::new(place, message)] }
    }

    fn command(&mut self, place: &str, command: AlertCommand) {
        self.commands.push(Placed { place: place.to_owned(), command });
    }
}

/// Reads the body as JSON, or says where it stops being JSON.
pub fn parse(body: &[u8]) -> Result<serde_json::Value, Unreadable> {
    serde_json::from_slice(body).map_err(|error| {
        let text = error.to_string();
        let what = text.split(" at line ").next().unwrap_or(&text);
        Unreadable::new("", format!("not JSON: line {}, column {}: {what}", error.line(), error.column()))
    })
}

/// What kind of value it is, for complaints.
fn kind_of(value: &serde_json::Value) -> &'static str {
    match value {
        serde_json::Value::Null => "null",
        serde_json::Value::Bool(_) => "true or false",
        serde_json::Value::Number(_) => "a number",
        serde_json::Value::String(_) => "a text",
        serde_json::Value::Array(_) => "a list",
        serde_json::Value::Object(_) => "an object",
    }
}
