//! Reading the feed.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use kernel::{Actor, Page, PageRequest, timestamp};
use platform::history::{FieldChange, ShownActor, changes_of, shown_actors};
use platform::{App, Ctx, StoredEvent, event_log};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::words;
use crate::attachment::{self, Attachment};
use crate::comment::Visibility;
use crate::comment::store::{self as comments, CommentRow};
use crate::field::{self, Defined};
use crate::ticket::{self, Access, Ticket, TicketError};

/// One entry of a ticket's feed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum ActivityEntry {
    /// A comment.
    Comment {
        /// Its id.
        id: Uuid,
        /// When it was written.
        #[schema(value_type = String, format = DateTime)]
        at: Timestamp,
        /// Who wrote it.
        author: ShownActor,
        /// The text.
        body: String,
        /// Who sees it.
        visibility: Visibility,
        /// Its files.
        attachments: Vec<Attachment>,
        /// When its text was last changed.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>, format = DateTime)]
        edited_at: Option<Timestamp>,
    },
    /// Something that happened.
    Event {
        /// Its id in the event log.
        id: Uuid,
        /// When.
        #[schema(value_type = String, format = DateTime)]
        at: Timestamp,
        /// Who did it.
        actor: ShownActor,
        /// Such as `TicketOpened`.
        kind: String,
        /// In words, without the actor.
        text: String,
        /// The fields that changed, with names in place of ids.
        changes: Vec<FieldChange>,
    },
}

/// What customers see of the log besides public comments.
fn is_public(kind: &str) -> bool {
    matches!(kind, "TicketOpened" | "TicketTransitioned" | "TicketResolved" | "TicketReopened")
}

/// A page of a ticket's feed: the first page holds the newest entries, each page is oldest first, and `next` leads to
/// older ones.
pub(super) async fn feed(
    app: &App,
    ctx: &Ctx,
    id_or_key: &str,
    page: PageRequest,
) -> Result<Page<ActivityEntry>, TicketError> {
    let ticket = ticket::find_visible(app, ctx, id_or_key).await?;
    let sql = app.db.read();
    let access = Access::find(&sql, ctx, ticket.project).await?;
    let limit = i64::from(page.limit) + 1;
    let mut rows = event_log::list_of_record(&sql, ticket.id.0, page.before_or_max(), limit).await?;
    let more = rows.len() > page.limit as usize;
    rows.truncate(page.limit as usize);
    let next = rows.last().filter(|_| more).map(|(seq, _)| seq.to_string());
    let mut events: Vec<StoredEvent> = rows.into_iter().map(|(_, event)| event).collect();
    events.reverse();
    let items = entries(app, ctx, &ticket, events, access.sees_internal).await?;
    Ok(Page { items, next })
}

fn comment_of(event: &StoredEvent) -> Option<Uuid> {
    event.data.get("comment").and_then(Value::as_str).and_then(|id| id.parse().ok())
}

fn file_of(event: &StoredEvent) -> Option<Uuid> {
    event.data.get("attachment").and_then(Value::as_str).and_then(|id| id.parse().ok())
}

async fn entries(
    app: &App,
    ctx: &Ctx,
    ticket: &Ticket,
    events: Vec<StoredEvent>,
    internal: bool,
) -> Result<Vec<ActivityEntry>, TicketError> {
    let ids: Vec<Uuid> = events.iter().filter(|event| event.kind == "TicketCommented").filter_map(comment_of).collect();
    let rows = comments::list(&app.db.read(), ticket.id, &ids, internal).await?;
    let mut comments: HashMap<Uuid, CommentRow> = rows.into_iter().map(|row| (row.id, row)).collect();
    let mut files = attachment::of_comments(app, ctx, ticket.id, &ids, internal).await?;
    let names = Names::read(app, ctx, ticket, &events).await?;
    let actors: Vec<Actor> = events.iter().map(|event| event.actor.clone()).collect();
    let actors = shown_actors(app, &ctx.scope, &actors).await?;
    let mut entries = Vec::new();
    for (event, actor) in events.into_iter().zip(actors) {
        match event.kind.as_str() {
            "TicketCommented" => {
                let Some(row) = comment_of(&event).and_then(|id| comments.remove(&id)) else { continue };
                entries.push(ActivityEntry::Comment {
                    id: row.id,
                    at: timestamp(row.created_at),
                    author: actor,
                    attachments: files.remove(&row.id).unwrap_or_default(),
                    visibility: Visibility::parse(&row.visibility).unwrap_or(Visibility::Internal),
                    body: row.body,
                    edited_at: row.edited_at.map(timestamp),
                });
            }
            // The comment itself says that it was edited.
            "TicketCommentEdited" => {}
            kind if !internal && !is_public(kind) => {}
            kind => {
                let changes = names.put_into(changes_of(&event.data));
                let told: Vec<(String, Value, Value)> = changes
                    .iter()
                    .map(|change| (change.field.clone(), change.before.clone(), change.after.clone()))
                    .collect();
                let mut text = words::sentence(kind, &event.data, &told);
                if let Some(name) = file_of(&event).and_then(|id| names.files.get(&id)) {
                    text = format!("{text}: {name}");
                }
                let changes = if internal { changes } else { Vec::new() };
                entries.push(ActivityEntry::Event {
                    id: event.id,
                    at: event.at,
                    actor,
                    text,
                    changes,
                    kind: event.kind,
                });
            }
        }
    }
    Ok(entries)
}

/// Names and free texts that the changes point to.
struct Names {
    fields: Arc<Vec<Defined>>,
    records: HashMap<(&'static str, Uuid), String>,
    texts: HashMap<Uuid, String>,
    files: HashMap<Uuid, String>,
}

impl Names {
    async fn read(app: &App, ctx: &Ctx, ticket: &Ticket, events: &[StoredEvent]) -> Result<Self, TicketError> {
        let sql = app.db.read();
        let fields = field::in_force(&sql).await?;
        let mut wanted: HashMap<&'static str, Vec<Uuid>> = HashMap::new();
        let mut texts = Vec::new();
        for change in events.iter().flat_map(|event| changes_of(&event.data)) {
            for value in [&change.before, &change.after] {
                if let Some(kind) = kind_of(&fields, &change.field)
                    && let Some(id) = value.as_str().and_then(|id| id.parse().ok())
                {
                    wanted.entry(kind).or_default().push(id);
                }
                texts.extend(text_id(value));
            }
        }
        let mut records = HashMap::new();
        for (kind, mut ids) in wanted {
            ids.sort_unstable();
            ids.dedup();
            let titles = app.records.titles(&sql, &ctx.scope, kind, &ids).await?;
            records.extend(titles.into_iter().map(|(id, title)| ((kind, id), title.title)));
        }
        let texts = ticket::store::texts_of(&sql, ticket.id, &texts).await?;
        let files: Vec<Uuid> = events.iter().filter_map(file_of).collect();
        let files = attachment::names(&sql, ticket.id, &files).await?;
        Ok(Self { fields, records, texts, files })
    }

    /// Puts names and texts in place of ids. What the caller may not see becomes "(hidden)".
    fn put_into(&self, changes: Vec<FieldChange>) -> Vec<FieldChange> {
        changes
            .into_iter()
            .map(|change| FieldChange {
                before: self.named(&change.field, change.before),
                after: self.named(&change.field, change.after),
                field: custom(&self.fields, &change.field).map_or(change.field, |field| field.body.name.clone()),
            })
            .collect()
    }

    fn named(&self, field: &str, value: Value) -> Value {
        if let Some(text) = text_id(&value) {
            return Value::String(self.texts.get(&text).cloned().unwrap_or_else(|| "(erased)".to_owned()));
        }
        let id = value.as_str().and_then(|id| id.parse::<Uuid>().ok());
        match (kind_of(&self.fields, field), id) {
            (Some(kind), Some(id)) => {
                Value::String(self.records.get(&(kind, id)).cloned().unwrap_or_else(|| "(hidden)".to_owned()))
            }
            _ => match custom(&self.fields, field) {
                Some(field) if !value.is_null() => Value::String(field::words(&field.body, &value)),
                _ => value,
            },
        }
    }
}

/// The custom field that changed.
fn custom<'f>(fields: &'f [Defined], field: &str) -> Option<&'f Defined> {
    let key = field.strip_prefix(field::PREFIX)?;
    fields.iter().find(|field| field.key == key)
}

/// Which kind of record the values of a field name.
fn kind_of(fields: &[Defined], field: &str) -> Option<&'static str> {
    match field {
        "assignee" | "reporter" => Some("person"),
        "team" => Some("team"),
        "service" => Some("service"),
        other => custom(fields, other)?.body.kind.record(),
    }
}

fn text_id(value: &Value) -> Option<Uuid> {
    value.get("text")?.as_str()?.parse().ok()
}
