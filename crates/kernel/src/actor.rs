//! Who does something, and through which door.

use serde::{Deserialize, Serialize};

use crate::{IntegrationId, PersonId};

/// Who makes a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Actor {
    /// A person, signed in or by a token or a signed link.
    Person {
        /// The person.
        id: PersonId,
    },
    /// An integration with its own key, such as a monitor.
    Integration {
        /// The integration.
        id: IntegrationId,
    },
    /// Bridgewatch itself: a timer, a rule, a reader of the event log.
    System {
        /// Which part acts, such as `escalation`.
        part: String,
    },
}

impl Actor {
    /// The person behind the change, if a person is.
    pub fn person(&self) -> Option<PersonId> {
        match self {
            Self::Person { id } => Some(*id),
            _ => None,
        }
    }

    /// `person`, `integration` or `system`: how the event log stores the kind.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Person { .. } => "person",
            Self::Integration { .. } => "integration",
            Self::System { .. } => "system",
        }
    }

    /// The id or the part's name, as text.
    pub fn key(&self) -> String {
        match self {
            Self::Person { id } => id.to_string(),
            Self::Integration { id } => id.to_string(),
            Self::System { part } => part.clone(),
        }
    }

    /// Reads what [`Actor::kind`] and [`Actor::key`] gave.
    pub fn stored(kind: &str, key: &str) -> Self {
        match (kind, key.parse::<uuid::Uuid>()) {
            ("person", Ok(id)) => Self::Person { id: id.into() },
            ("integration", Ok(id)) => Self::Integration { id: id.into() },
            _ => Self::system(key),
        }
    }

    /// Bridgewatch itself, acting through the named part.
    pub fn system(part: &str) -> Self {
        Self::System { part: part.to_owned() }
    }
}

/// The door a change came through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The browser, with a session cookie.
    Web,
    /// The REST API, with a token.
    Api,
    /// A compatible API or an inbound webhook.
    Integration,
    /// A signed link in a message.
    SignedLink,
    /// The command line.
    Cli,
    /// A timer, job or reader.
    System,
}

impl Origin {
    /// The stored spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Api => "api",
            Self::Integration => "integration",
            Self::SignedLink => "signed_link",
            Self::Cli => "cli",
            Self::System => "system",
        }
    }
}
