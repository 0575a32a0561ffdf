//! The history of any record: the event log, seen from the record.

use axum::extract::State;
use jiff::Timestamp;
use kernel::{Actor, Page, Permission};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    App, Caller, DbError,
    db::Sql,
    event_log,
    http::{ApiError, Json, PageQuery, Query},
};

/// Who acted, with a name to show.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ShownActor {
    /// `person`, `integration` or `system`.
    pub kind: String,
    /// The person or integration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// The name, or the part of Bridgewatch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// One field that changed.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct FieldChange {
    /// The field.
    pub field: String,
    /// The value before.
    pub before: Value,
    /// The value after.
    pub after: Value,
}

/// One entry of a record's history.
#[derive(Serialize, ToSchema)]
pub struct HistoryEntry {
    id: Uuid,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    kind: String,
    actor: ShownActor,
    origin: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    changes: Vec<FieldChange>,
    data: Value,
}

/// Which record.
#[derive(Deserialize, IntoParams)]
pub struct HistoryQuery {
    /// Kind of the record, such as `alert`.
    record_kind: String,
    /// Its id.
    record_id: Uuid,
}

/// Gives the actors of these events with the names that the scope may see, in one look-up per kind.
///
/// # Errors
/// When the database fails.
pub async fn shown_actors(app: &App, scope: &kernel::Scope, actors: &[Actor]) -> Result<Vec<ShownActor>, DbError> {
    let read = app.db.read();
    let ids_of = |kind: &str| -> Vec<Uuid> {
        let mut ids: Vec<Uuid> =
            actors.iter().filter(|actor| actor.kind() == kind).filter_map(|actor| actor.key().parse().ok()).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    };
    let people = app.records.titles(&read, scope, "person", &ids_of("person")).await?;
    let integrations = app.records.titles(&read, scope, "integration", &ids_of("integration")).await?;
    Ok(actors
        .iter()
        .map(|actor| {
            let id = actor.key().parse::<Uuid>().ok();
            let found = id.and_then(|id| people.get(&id).or_else(|| integrations.get(&id)));
            let name = found.map(|title| title.title.clone()).or_else(|| match actor {
                Actor::System { part } => Some(part.clone()),
                _ => None,
            });
            ShownActor { kind: actor.kind().to_owned(), id, name }
        })
        .collect())
}

/// Who changed a record, what, from what to what, when and from where. Newest first.
#[utoipa::path(get, path = "/api/v1/history", tag = "platform", operation_id = "list_history", params(HistoryQuery, PageQuery),
    responses((status = 200, body = Page<HistoryEntry>)), security(("session" = []), ("token" = [])))]
pub async fn list_history(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(query): Query<HistoryQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<HistoryEntry>>, ApiError> {
    ctx.require(Permission::HistoryRead)?;
    let page = page.request()?;
    let read = app.db.read();
    // The record itself must be within the caller's sight.
    let seen = app.records.titles(&read, &ctx.scope, &query.record_kind, &[query.record_id]).await?;
    if seen.is_empty() && ctx.scope != kernel::Scope::All {
        return Err(ApiError::not_found("record"));
    }
    let rows =
        event_log::list_of_record(&read, query.record_id, page.before_or_max(), i64::from(page.limit) + 1).await?;
    let rows: Vec<_> = rows.into_iter().filter(|(_, event)| event.record_kind == query.record_kind).collect();
    let actors: Vec<Actor> = rows.iter().map(|(_, event)| event.actor.clone()).collect();
    let shown = shown_actors(&app, &ctx.scope, &actors).await?;
    let rows: Vec<_> = rows.into_iter().zip(shown).collect();
    Ok(Json(page.page(
        rows,
        |((seq, _), _)| *seq,
        |((_, event), actor)| HistoryEntry {
            id: event.id,
            at: event.at,
            kind: event.kind,
            actor,
            origin: event.origin,
            request_id: event.request_id,
            changes: changes_of(&event.data),
            data: event.data,
        },
    )))
}

/// The `changes` of an event's data, `{field: {before, after}}`, as a list.
pub fn changes_of(data: &Value) -> Vec<FieldChange> {
    let Some(changes) = data.get("changes").and_then(Value::as_object) else {
        return Vec::new();
    };
    changes
        .iter()
        .map(|(field, change)| FieldChange {
            field: field.clone(),
            before: change.get("before").cloned().unwrap_or(Value::Null),
            after: change.get("after").cloned().unwrap_or(Value::Null),
        })
        .collect()
}

/// Whether the database answers: for readiness.
///
/// # Errors
/// When it does not.
pub async fn ping(app: &App) -> Result<(), DbError> {
    app.db.read().execute("SELECT 1", vec![]).await.map(drop)
}
