//! The audit list: every event of every record, with filters, and as a file.
//!
//! The event row is the audit row (one write path), so nothing can be changed without standing here, and nothing here
//! can be changed. Free text and personal data are not in events; who needs a text looks at the record.

pub(crate) mod routes;
mod store;

use jiff::Timestamp;
use kernel::Actor;
use serde::Serialize;
use serde_json::Value;
use std::collections::HashMap;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    App, Ctx, DbError, StoredEvent, Title,
    history::{FieldChange, ShownActor, changes_of, shown_actors},
};

/// Which events to list. What is absent narrows nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    /// At this instant or later.
    pub from: Option<Timestamp>,
    /// Before this instant.
    pub to: Option<Timestamp>,
    /// A person's or integration's id, or a part of the server.
    pub actor: Option<String>,
    /// Kind of record.
    pub record_kind: Option<String>,
    /// One record.
    pub record: Option<Uuid>,
    /// Kind of event.
    pub kind: Option<String>,
    /// The door: `web`, `api`, `cli` and so on.
    pub origin: Option<String>,
    /// All of one request.
    pub request_id: Option<String>,
}

/// A record that an entry is about.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditedRecord {
    /// Its kind.
    kind: String,
    /// Its id.
    id: Uuid,
    /// Its key, where its kind has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    /// Its title now; absent when it is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
}

/// One change.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditEntry {
    /// The event.
    id: Uuid,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// What happened, such as `TicketAssigned`.
    kind: String,
    /// Who.
    actor: ShownActor,
    /// Through which door.
    origin: String,
    /// In which request.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    /// To what.
    record: AuditedRecord,
    /// The record's version afterwards.
    record_version: i64,
    /// From what to what.
    changes: Vec<FieldChange>,
    /// All facts of the event.
    data: Value,
}

/// Gives events with the names of who acted and of what it was about, in one look-up per kind.
async fn shown(app: &App, ctx: &Ctx, events: Vec<StoredEvent>) -> Result<Vec<AuditEntry>, DbError> {
    let read = app.db.read();
    let actors: Vec<Actor> = events.iter().map(|event| event.actor.clone()).collect();
    let actors = shown_actors(app, &ctx.scope, &actors).await?;
    let mut kinds: HashMap<&str, Vec<Uuid>> = HashMap::new();
    for event in &events {
        kinds.entry(&event.record_kind).or_default().push(event.record);
    }
    let mut titles: HashMap<Uuid, Title> = HashMap::new();
    for (kind, mut ids) in kinds {
        ids.sort_unstable();
        ids.dedup();
        titles.extend(app.records.titles(&read, &ctx.scope, kind, &ids).await?);
    }
    Ok(events
        .into_iter()
        .zip(actors)
        .map(|(event, actor)| {
            let title = titles.get(&event.record);
            AuditEntry {
                id: event.id,
                at: event.at,
                kind: event.kind,
                actor,
                origin: event.origin,
                request_id: event.request_id,
                record: AuditedRecord {
                    kind: event.record_kind,
                    id: event.record,
                    key: title.and_then(|title| title.key.clone()),
                    title: title.map(|title| title.title.clone()),
                },
                record_version: event.record_version,
                changes: changes_of(&event.data),
                data: event.data,
            }
        })
        .collect())
}
