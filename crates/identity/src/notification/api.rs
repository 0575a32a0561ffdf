//! What callers send and get about notifications.

use std::collections::BTreeMap;

use jiff::Timestamp;
use kernel::timestamp;
use platform::history::ShownActor;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::store::NotificationRow;
use super::{Choice, Choices, Sources, Words};

/// Longest text in a list, in characters; the record has all of it.
const EXCERPT: usize = 500;

/// Which notifications.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct NotificationsQuery {
    /// Only those that were not read.
    #[serde(default)]
    pub unread: bool,
}

/// The record that a notification is about.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct NotifiedRecord {
    /// Its kind, such as `ticket`.
    kind: String,
    /// Its id.
    id: Uuid,
    /// Its short key, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    /// Its title.
    title: String,
}

/// A notification.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PersonalNotification)]
pub(super) struct NotificationDto {
    id: Uuid,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// What it is about, such as `assigned`; `GET /api/v1/me/notification-choices` lists all.
    event: String,
    /// What happened, in a line.
    title: String,
    /// What was written, if something was; its beginning.
    text: String,
    /// Why you are told.
    why: String,
    record: NotifiedRecord,
    /// Who did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    actor: Option<ShownActor>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    read_at: Option<Timestamp>,
}

fn excerpt(text: &str) -> String {
    let mut cut: String = text.chars().take(EXCERPT).collect();
    if cut.len() < text.len() {
        cut.push('…');
    }
    cut
}

impl NotificationDto {
    pub(super) fn of((row, actor, words): (NotificationRow, ShownActor, Option<Words>)) -> Self {
        // Whoever lost sight of a record keeps the row, so that the number of unread ones can go down.
        let (title, text, key, record_title, actor) = match words {
            Some(words) => (words.title, excerpt(&words.text), words.key, words.record_title, Some(actor)),
            None => {
                let gone = "This is no longer visible to you.".to_owned();
                (gone, String::new(), None, "(hidden)".to_owned(), None)
            }
        };
        let record = NotifiedRecord { kind: row.record_kind, id: row.record_id, key, title: record_title };
        let (at, read_at) = (timestamp(row.at), row.read_at.map(timestamp));
        Self { id: row.id, at, event: row.topic, title, text, why: row.why, record, actor, read_at }
    }
}

/// A page of notifications.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Notifications {
    /// They, newest first.
    pub items: Vec<NotificationDto>,
    /// Pass as `cursor` to get the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// How many were not read, in all.
    pub unread: i64,
}

/// Notifications to mark as read: by their ids, or all up to an instant.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ReadNotifications)]
pub(super) struct ReadBody {
    /// These, up to 200.
    #[serde(default)]
    pub ids: Vec<Uuid>,
    /// All.
    #[serde(default)]
    pub all: bool,
    /// With `all`: up to this instant; now unless given.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
}

/// Notifications to mark as not read.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UnreadNotifications)]
pub(super) struct UnreadBody {
    /// These, up to 200.
    pub ids: Vec<Uuid>,
}

/// How many notifications were not read.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Unread {
    /// The number.
    pub unread: i64,
}

/// One event and how the caller is told of it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct NotificationEvent {
    /// Its key.
    event: &'static str,
    /// Its name.
    name: &'static str,
    /// What it is.
    explanation: &'static str,
    /// Whether it is shown in the app.
    app: bool,
    /// Whether it is mailed.
    mail: bool,
}

/// How the caller is told of each event.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct NotificationChoices {
    /// All events.
    events: Vec<NotificationEvent>,
    /// Counts the changes; 0 when never chosen.
    pub version: i64,
}

impl NotificationChoices {
    pub(super) fn of(sources: &Sources, (choices, version): (Choices, i64)) -> Self {
        let event = |topic: &'static super::Topic| {
            let Choice { app, mail } = choices.get(topic.key).copied().unwrap_or(topic.usual);
            NotificationEvent { event: topic.key, name: topic.name, explanation: topic.explanation, app, mail }
        };
        Self { events: sources.topics().map(event).collect(), version }
    }
}

/// Choices to change; events that are absent stay.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PutNotificationChoices {
    /// By the event's key.
    pub choices: BTreeMap<String, Choice>,
}
