//! What integrations look like in the API.

use kernel::{Action, AlertId, IntegrationId, Ref, TeamId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::alert::api::AlertRef;

/// How many events an integration took.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EventCounts {
    /// Taken.
    pub accepted: i64,
    /// Refused.
    pub rejected: i64,
    /// Payloads that were answered and wait for their turn, because many came at once.
    pub waiting: i64,
}

/// A source of alerts.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Integration {
    /// Its id.
    pub id: IntegrationId,
    /// Its name.
    pub name: String,
    /// `alertmanager`, `generic` or `opsgenie`.
    pub kind: String,
    /// The team whose alerts it raises; absent for the whole organisation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team: Option<Ref>,
    /// Whether its key works.
    pub enabled: bool,
    /// The beginning of its key, to recognise it by.
    pub key_prefix: String,
    /// Where the source sends to.
    pub url: String,
    /// Settings of its kind.
    pub settings: Value,
    /// How a generic payload becomes an alert.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mapping: Option<Value>,
    /// When it last sent something.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_event_at: Option<String>,
    /// How much it sent.
    pub event_counts: EventCounts,
    /// Counts its changes.
    pub version: i64,
    /// What the caller may do to it.
    pub actions: Vec<Action>,
}

/// An integration with its key, which is shown once.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct IntegrationWithKey {
    /// The integration.
    #[serde(flatten)]
    pub integration: Integration,
    /// The key; absent when this creation was repeated by its idempotency key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// A new key, which is shown once.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NewKey {
    /// The key.
    pub key: String,
}

/// A new integration.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct CreateIntegrationBody {
    /// Its name.
    pub name: String,
    /// `alertmanager`, `generic` or `opsgenie`.
    pub kind: String,
    /// The team whose alerts it raises.
    pub team_id: Option<TeamId>,
    /// Settings of its kind.
    pub settings: Option<Value>,
    /// How a generic payload becomes an alert.
    pub mapping: Option<Value>,
}

/// A change of an integration; what is absent stays.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct ChangeIntegrationBody {
    /// Its name.
    pub name: Option<String>,
    /// Whether its key works.
    pub enabled: Option<bool>,
    /// The team; null for the whole organisation.
    #[serde(default, deserialize_with = "kernel::nullable")]
    #[schema(value_type = Option<TeamId>)]
    pub team_id: Option<Option<TeamId>>,
    /// Settings of its kind.
    pub settings: Option<Value>,
    /// How a generic payload becomes an alert.
    #[serde(default, deserialize_with = "kernel::nullable")]
    #[schema(value_type = Option<Object>)]
    pub mapping: Option<Option<Value>>,
}

/// Something an integration sent.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct IntegrationEvent {
    /// Its id.
    pub id: Uuid,
    /// When it came.
    pub received_at: String,
    /// `accepted` or `rejected`.
    pub state: String,
    /// Why it was refused, or what became of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Where in the payload it cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// The alerts that it raised or changed, where the caller may see them.
    pub alerts: Vec<AlertRef>,
    /// What was sent.
    pub payload: String,
    /// Whether only the beginning of it was kept.
    pub truncated: bool,
}

/// The last events of an integration, newest first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct IntegrationEvents {
    /// Up to 50.
    pub items: Vec<IntegrationEvent>,
}

/// A payload to try.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct TestBody {
    /// The payload: JSON, or a string that holds it.
    pub payload: Value,
}

/// Something wrong with a payload.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReadError {
    /// Where.
    pub place: String,
    /// What.
    pub message: String,
}

/// What a payload would do; nothing was done.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TestResult {
    /// What would be done.
    pub commands: Vec<Value>,
    /// Why it cannot be read.
    pub errors: Vec<ReadError>,
}

/// The answer to a source.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Accepted {
    /// How many reports were taken.
    pub accepted: usize,
    /// The alerts that were raised or changed; none yet when so much comes at once that it waits for its turn.
    pub alerts: Vec<AlertId>,
}
