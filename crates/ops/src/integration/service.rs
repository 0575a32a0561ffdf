//! What people do with integrations.

use kernel::{Event, FieldError, IntegrationId, Page, PageRequest, Permission, RecordKind, TeamId, micros};
use platform::secret::{hash_token, random_token};
use platform::{App, Ctx, Lane};
use serde_json::{Value, json};
use uuid::Uuid;

use super::error::IntegrationError;
use super::reading::{self, Kind};
use super::run;
use super::store::{self, EventRow, IntegrationRow, NewIntegration};

/// A new integration.
#[derive(Clone, Debug)]
pub struct CreateIntegration {
    /// Its name.
    pub name: String,
    /// Which payload it sends.
    pub kind: Kind,
    /// The team whose alerts it raises.
    pub team_id: Option<TeamId>,
    /// Settings of its kind.
    pub settings: Value,
    /// How a generic payload becomes an alert.
    pub mapping: Option<Value>,
}

/// Characters of a key that stay visible.
const PREFIX: usize = 10;

fn new_key() -> String {
    format!("bwi_{}", random_token())
}

fn prefix(key: &str) -> String {
    key.chars().take(PREFIX).collect()
}

fn check_name(name: &str) -> Result<(), IntegrationError> {
    let length = name.trim().chars().count();
    if length == 0 || length > 100 {
        return Err(IntegrationError::Invalid(vec![FieldError::new("name", "must have 1 to 100 characters")]));
    }
    Ok(())
}

/// Creates an integration; gives its key, which is shown this once. A repetition by idempotency key gives no key.
pub async fn create(
    app: &App,
    ctx: &Ctx,
    new: CreateIntegration,
) -> Result<(IntegrationRow, Option<String>), IntegrationError> {
    ctx.require(Permission::IntegrationsManage)?;
    check_name(&new.name)?;
    reading::check(new.kind, &new.settings, new.mapping.as_ref())?;
    check_team(app, ctx, new.team_id).await?;
    let key = new_key();
    let (key_hash, key_prefix) = (hash_token(&key), prefix(&key));
    let hash = key_hash.clone();
    let id = app
        .db
        .write_once(ctx, "integration.create", Lane::Front, move |tx| {
            Box::pin(async move {
                let id = tx.new_id();
                let row = NewIntegration {
                    id,
                    name: new.name.trim().to_owned(),
                    kind: new.kind.as_str().to_owned(),
                    team_id: new.team_id.map(|team| team.0),
                    key_hash,
                    key_prefix,
                    settings: new.settings,
                    mapping: new.mapping,
                };
                store::insert_integration(tx, &row, micros(tx.now())).await?;
                let data = json!({"name": row.name, "kind": row.kind, "team_id": row.team_id});
                tx.emit(Event::new("IntegrationCreated", RecordKind::INTEGRATION, id, 1, data));
                Ok::<_, IntegrationError>(IntegrationId(id))
            })
        })
        .await?;
    let row = get(app, ctx, id).await?;
    let key = (row.key_hash == hash).then_some(key);
    Ok((row, key))
}

async fn check_team(app: &App, ctx: &Ctx, team: Option<TeamId>) -> Result<(), IntegrationError> {
    let Some(team) = team else { return Ok(()) };
    if !ctx.scope.sees_team(Some(team)) || store::find_team(&app.db.read(), team.0).await?.is_none() {
        return Err(IntegrationError::Invalid(vec![FieldError::new("team_id", "names no team that exists")]));
    }
    Ok(())
}

/// One integration.
pub async fn get(app: &App, ctx: &Ctx, id: IntegrationId) -> Result<IntegrationRow, IntegrationError> {
    ctx.require(Permission::IntegrationsRead)?;
    store::find_integration(&app.db.read(), &ctx.scope, id).await?.ok_or(IntegrationError::NotFound)
}

/// A page of integrations, newest first.
pub async fn list(app: &App, ctx: &Ctx, page: PageRequest) -> Result<Page<IntegrationRow>, IntegrationError> {
    ctx.require(Permission::IntegrationsRead)?;
    let rows =
        store::list_integrations(&app.db.read(), &ctx.scope, page.before_or_max(), i64::from(page.limit) + 1).await?;
    Ok(page.page(rows, |row| row.seq, |row| row))
}

/// A change; what is absent stays.
#[derive(Clone, Debug, Default)]
pub struct ChangeIntegration {
    /// Its name.
    pub name: Option<String>,
    /// Whether its key works.
    pub enabled: Option<bool>,
    /// Its team, or none.
    pub team_id: Option<Option<TeamId>>,
    /// Settings of its kind.
    pub settings: Option<Value>,
    /// Its mapping, or none.
    pub mapping: Option<Option<Value>>,
}

/// Changes an integration; `expected` is the version the caller has read, if it says one.
pub async fn change(
    app: &App,
    ctx: &Ctx,
    id: IntegrationId,
    change: ChangeIntegration,
    expected: Option<i64>,
) -> Result<IntegrationRow, IntegrationError> {
    ctx.require(Permission::IntegrationsManage)?;
    let mut row = get(app, ctx, id).await?;
    if expected.is_some_and(|expected| expected != row.version) {
        return Err(IntegrationError::Stale);
    }
    let mut changes = serde_json::Map::new();
    if let Some(name) = change.name {
        check_name(&name)?;
        changes.insert("name".to_owned(), json!({"before": row.name, "after": name.trim()}));
        name.trim().clone_into(&mut row.name);
    }
    if let Some(enabled) = change.enabled {
        changes.insert("enabled".to_owned(), json!({"before": row.enabled, "after": enabled}));
        row.enabled = enabled;
    }
    if let Some(team) = change.team_id {
        check_team(app, ctx, team).await?;
        let team = team.map(|team| team.0);
        changes.insert("team_id".to_owned(), json!({"before": row.team_id, "after": team}));
        row.team_id = team;
    }
    if let Some(settings) = change.settings {
        changes.insert("settings".to_owned(), json!({"changed": true}));
        row.settings = settings;
    }
    if let Some(mapping) = change.mapping {
        changes.insert("mapping".to_owned(), json!({"changed": true}));
        row.mapping = mapping;
    }
    let kind = Kind::parse(&row.kind).ok_or(IntegrationError::NotFound)?;
    reading::check(kind, &row.settings, row.mapping.as_ref())?;
    store_row(app, ctx, row, "IntegrationChanged", json!({ "changes": changes })).await?;
    get(app, ctx, id).await
}

async fn store_row(
    app: &App,
    ctx: &Ctx,
    row: IntegrationRow,
    event: &'static str,
    data: Value,
) -> Result<(), IntegrationError> {
    app.db
        .write(ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                if !store::update_integration(tx, &row).await? {
                    return Err(IntegrationError::Stale);
                }
                tx.emit(Event::new(event, RecordKind::INTEGRATION, row.id, row.version + 1, data));
                Ok(())
            })
        })
        .await
}

/// Gives the integration a new key; the old one ends at once.
pub async fn rotate_key(app: &App, ctx: &Ctx, id: IntegrationId) -> Result<String, IntegrationError> {
    ctx.require(Permission::IntegrationsManage)?;
    let mut row = get(app, ctx, id).await?;
    let key = new_key();
    row.key_hash = hash_token(&key);
    row.key_prefix = prefix(&key);
    store_row(app, ctx, row, "IntegrationKeyRotated", json!({})).await?;
    Ok(key)
}

/// Deletes an integration and what it sent; its alerts stay.
pub async fn delete(app: &App, ctx: &Ctx, id: IntegrationId) -> Result<(), IntegrationError> {
    ctx.require(Permission::IntegrationsManage)?;
    let row = get(app, ctx, id).await?;
    app.db
        .write(ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                store::delete_integration(tx, id).await?;
                tx.emit(Event::new(
                    "IntegrationDeleted",
                    RecordKind::INTEGRATION,
                    id,
                    row.version + 1,
                    json!({"name": row.name}),
                ));
                Ok::<_, IntegrationError>(())
            })
        })
        .await
}

/// The last events of an integration, newest first.
pub async fn list_events(app: &App, ctx: &Ctx, id: IntegrationId) -> Result<Vec<EventRow>, IntegrationError> {
    let row = get(app, ctx, id).await?;
    Ok(store::list_events(&app.db.read(), &row).await?)
}

/// Runs an event again, with the mapping and settings of now; gives the event that this makes.
pub async fn replay(app: &App, ctx: &Ctx, id: IntegrationId, event: Uuid) -> Result<EventRow, IntegrationError> {
    ctx.require(Permission::IntegrationsManage)?;
    let row = get(app, ctx, id).await?;
    let read = app.db.read();
    let event = store::find_event(&read, &row, event).await?.ok_or(IntegrationError::EventNotFound)?;
    if event.truncated {
        return Err(IntegrationError::Truncated);
    }
    let reading = reading::read(&row, event.payload.as_bytes());
    let source = run::stand_in(id, row.clone(), ctx.clone());
    let outcome = run::take(app, run::Payload { source, reading, text: event.payload, received_at: app.now() }).await?;
    store::find_event(&read, &row, outcome.event).await?.ok_or(IntegrationError::EventNotFound)
}

/// What a payload would do; does nothing.
pub async fn test(
    app: &App,
    ctx: &Ctx,
    id: IntegrationId,
    payload: &Value,
) -> Result<domain::ingest::Reading, IntegrationError> {
    let row = get(app, ctx, id).await?;
    let body = match payload {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    Ok(reading::read(&row, body.as_bytes()))
}
