//! Contacts and notification rules on the wire.

use domain::notify::{QuietHours, RuleStep, Rules};
use kernel::{ContactId, timestamp};
use serde::{Deserialize, Serialize};

use super::{ContactKind, store::ContactRow};

/// A way to reach the caller.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Contact {
    /// Its id.
    pub id: ContactId,
    /// Mail or webhook.
    pub kind: ContactKind,
    /// Mail address or URL.
    pub address: String,
    /// Whether it was proved to work. Only verified contacts are used.
    pub verified: bool,
    /// When it was added.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: jiff::Timestamp,
}

impl From<ContactRow> for Contact {
    fn from(row: ContactRow) -> Self {
        Self {
            id: row.id.into(),
            kind: row.kind(),
            verified: row.verified_at.is_some(),
            created_at: timestamp(row.created_at),
            address: row.address,
        }
    }
}

/// The caller's contacts, oldest first.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Contacts {
    /// All of them.
    pub items: Vec<Contact>,
}

/// A contact to add.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddContact {
    /// Mail or webhook.
    pub kind: ContactKind,
    /// Mail address or URL.
    pub address: String,
}

/// The code that was mailed to a contact.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifyContact {
    /// Six digits.
    pub code: String,
}

/// How the caller wants to be notified.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct NotificationRules {
    /// Counts the changes; 0 when never set.
    pub version: i64,
    /// Steps in order. None: all verified contacts at once.
    pub steps: Vec<RuleStep>,
    /// When notices wait.
    #[schema(required = true)]
    pub quiet_hours: Option<QuietHours>,
}

impl NotificationRules {
    pub(crate) fn of((rules, version): (Rules, i64)) -> Self {
        Self { version, steps: rules.steps, quiet_hours: rules.quiet_hours }
    }
}

/// New notification rules, in place of all there were.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub struct PutNotificationRules {
    /// The version that was read; another one now gives 412. `If-Match` does the same.
    pub version: Option<i64>,
    /// Steps in order. None: all verified contacts at once.
    pub steps: Vec<RuleStep>,
    /// When notices wait.
    #[serde(default)]
    pub quiet_hours: Option<QuietHours>,
}
