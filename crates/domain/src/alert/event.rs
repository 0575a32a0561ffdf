//! What happens to alerts.

use jiff::Timestamp;
use kernel::PersonId;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Responder;
use crate::priority::Priority;

/// Something that happened to an alert. The actor and the instant stand in the envelope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "data")]
pub enum AlertEvent {
    /// It was raised.
    AlertRaised {
        /// Its priority.
        priority: Priority,
    },
    /// It occurred again.
    AlertDuplicated {
        /// How often it has occurred by now.
        count: i64,
    },
    /// A person looked at it for the first time.
    AlertSeen {},
    /// Somebody works on it.
    AlertAcknowledged {},
    /// Nobody works on it any more: paging starts over.
    AlertUnacknowledged {
        /// Whether the acknowledge time-out did it.
        timed_out: bool,
    },
    /// It is quiet for a while.
    AlertSnoozed {
        /// Until when.
        until: Timestamp,
    },
    /// The quiet is over: paging starts over.
    AlertSnoozeEnded {
        /// Whether its time was up (or somebody ended it before).
        expired: bool,
    },
    /// It is over.
    AlertClosed {},
    /// A note was added; its text stands in its own row.
    AlertNoteAdded {},
    /// Tags were added.
    AlertTagsAdded {
        /// Which.
        tags: Vec<String>,
    },
    /// Tags were removed.
    AlertTagsRemoved {
        /// Which.
        tags: Vec<String>,
    },
    /// Details were added, changed or removed.
    AlertDetailsChanged {
        /// Their keys.
        keys: Vec<String>,
    },
    /// It has another owner.
    AlertAssigned {
        /// The owner before.
        before: Option<PersonId>,
        /// The owner now.
        after: Option<PersonId>,
    },
    /// Somebody more is asked to respond.
    AlertResponderAdded {
        /// Who.
        responder: Responder,
    },
    /// Its priority changed.
    AlertPriorityChanged {
        /// Before.
        before: Priority,
        /// After.
        after: Priority,
    },
    /// Its message changed.
    AlertMessageChanged {},
    /// Its description changed.
    AlertDescriptionChanged {},
}

impl AlertEvent {
    /// The name of the event, such as `AlertRaised`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::AlertRaised { .. } => "AlertRaised",
            Self::AlertDuplicated { .. } => "AlertDuplicated",
            Self::AlertSeen {} => "AlertSeen",
            Self::AlertAcknowledged {} => "AlertAcknowledged",
            Self::AlertUnacknowledged { .. } => "AlertUnacknowledged",
            Self::AlertSnoozed { .. } => "AlertSnoozed",
            Self::AlertSnoozeEnded { .. } => "AlertSnoozeEnded",
            Self::AlertClosed {} => "AlertClosed",
            Self::AlertNoteAdded {} => "AlertNoteAdded",
            Self::AlertTagsAdded { .. } => "AlertTagsAdded",
            Self::AlertTagsRemoved { .. } => "AlertTagsRemoved",
            Self::AlertDetailsChanged { .. } => "AlertDetailsChanged",
            Self::AlertAssigned { .. } => "AlertAssigned",
            Self::AlertResponderAdded { .. } => "AlertResponderAdded",
            Self::AlertPriorityChanged { .. } => "AlertPriorityChanged",
            Self::AlertMessageChanged {} => "AlertMessageChanged",
            Self::AlertDescriptionChanged {} => "AlertDescriptionChanged",
        }
    }

    /// Its facts, as the event log stores them: with what changed under `changes` where a field has a before and an
    /// after.
    pub fn data(&self) -> Value {
        match self {
            Self::AlertPriorityChanged { before, after } => {
                serde_json::json!({"changes": {"priority": {"before": before, "after": after}}})
            }
            Self::AlertAssigned { before, after } => {
                serde_json::json!({"changes": {"owner": {"before": before, "after": after}}})
            }
            other => match serde_json::to_value(other) {
                Ok(Value::Object(mut envelope)) => envelope.remove("data").unwrap_or(Value::Null),
                _ => Value::Null,
            },
        }
    }

    /// What the alert's log says. It leaves out who and when.
    pub fn log_text(&self) -> String {
        match self {
            Self::AlertRaised { priority } => format!("Alert raised with priority {priority}"),
            Self::AlertDuplicated { count } => format!("Occurred again ({count} times now)"),
            Self::AlertSeen {} => "Alert seen".into(),
            Self::AlertAcknowledged {} => "Alert acknowledged".into(),
            Self::AlertUnacknowledged { timed_out: true } => {
                "Acknowledgement timed out while the alert stayed open; paging starts over".into()
            }
            Self::AlertUnacknowledged { timed_out: false } => "Acknowledgement taken back; paging starts over".into(),
            Self::AlertSnoozed { until } => format!("Alert snoozed until {until}"),
            Self::AlertSnoozeEnded { expired: true } => "Snooze is over; paging starts over".into(),
            Self::AlertSnoozeEnded { expired: false } => "Snooze ended early; paging starts over".into(),
            Self::AlertClosed {} => "Alert closed".into(),
            Self::AlertNoteAdded {} => "Note added".into(),
            Self::AlertTagsAdded { tags } => format!("Tags added: {}", tags.join(", ")),
            Self::AlertTagsRemoved { tags } => format!("Tags removed: {}", tags.join(", ")),
            Self::AlertDetailsChanged { keys } => format!("Details changed: {}", keys.join(", ")),
            Self::AlertAssigned { after: Some(_), .. } => "Owner changed".into(),
            Self::AlertAssigned { after: None, .. } => "Owner removed".into(),
            Self::AlertResponderAdded { .. } => "Responder added".into(),
            Self::AlertPriorityChanged { before, after } => format!("Priority changed from {before} to {after}"),
            Self::AlertMessageChanged {} => "Message changed".into(),
            Self::AlertDescriptionChanged {} => "Description changed".into(),
        }
    }

    /// Whether everything that escalation did so far is void and it starts over.
    pub fn restarts_paging(&self) -> bool {
        matches!(self, Self::AlertUnacknowledged { .. } | Self::AlertSnoozeEnded { .. })
    }
}
