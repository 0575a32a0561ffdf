//! The REST doors of integrations.

use axum::extract::State;
use axum::http::StatusCode;
use domain::ingest::Reading;
use kernel::{Action, AlertId, FieldError, IntegrationId, Page, Permission, Ref, Scope};
use platform::http::{Caller, IfMatch, Json, PageQuery, Path, Query, Versioned};
use platform::{ApiError, App, Ctx};
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::api::{
    ChangeIntegrationBody, CreateIntegrationBody, EventCounts, Integration, IntegrationEvent, IntegrationEvents,
    IntegrationWithKey, NewKey, ReadError, TestBody, TestResult,
};
use super::error::IntegrationError;
use super::reading::Kind;
use super::service::{self, ChangeIntegration, CreateIntegration};
use super::store::{EventRow, IntegrationRow};
use crate::alert::instant;

/// The routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_integrations, create_integration))
        .routes(routes!(get_integration, change_integration, delete_integration))
        .routes(routes!(rotate_integration_key))
        .routes(routes!(list_integration_events))
        .routes(routes!(replay_integration_event))
        .routes(routes!(test_integration))
}

/// An integration as the API shows it.
fn view(app: &App, ctx: &Ctx, row: IntegrationRow) -> Integration {
    let refusal = || {
        (!ctx.allows(Permission::IntegrationsManage))
            .then(|| "this needs the permission integrations:manage".to_owned())
    };
    let actions =
        ["edit", "rotate_key", "replay", "delete"].into_iter().map(|name| Action::new(name, refusal())).collect();
    let path = Kind::parse(&row.kind).map_or("", Kind::path);
    Integration {
        id: IntegrationId(row.id),
        url: app.url(path),
        team: Ref::joined(row.team_id, row.team_name),
        enabled: row.enabled,
        key_prefix: row.key_prefix,
        settings: row.settings,
        mapping: row.mapping,
        last_event_at: row.last_event_at.map(instant),
        event_counts: EventCounts { accepted: row.accepted, rejected: row.rejected, waiting: row.waiting },
        version: row.version,
        actions,
        name: row.name,
        kind: row.kind,
    }
}

fn versioned(app: &App, ctx: &Ctx, row: IntegrationRow) -> Versioned<Integration> {
    let version = row.version;
    Versioned(view(app, ctx, row), version)
}

/// Lists integrations, newest first.
#[utoipa::path(get, path = "/api/v1/integrations", tag = "integrations", params(PageQuery),
    responses((status = 200, body = Page<Integration>)), security(("session" = []), ("token" = [])))]
async fn list_integrations(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<Integration>>, ApiError> {
    let Page { items, next } = service::list(&app, &ctx, page.request()?).await?;
    Ok(Json(Page { items: items.into_iter().map(|row| view(&app, &ctx, row)).collect(), next }))
}

/// Creates an integration; its key is shown this once.
#[utoipa::path(post, path = "/api/v1/integrations", tag = "integrations", request_body = CreateIntegrationBody,
    responses((status = 201, body = IntegrationWithKey)), security(("session" = []), ("token" = [])))]
async fn create_integration(
    State(app): State<App>,
    Caller(ctx): Caller,
    Json(body): Json<CreateIntegrationBody>,
) -> Result<(StatusCode, Json<IntegrationWithKey>), ApiError> {
    let kind = Kind::parse(&body.kind).ok_or_else(|| {
        IntegrationError::Invalid(vec![FieldError::new("kind", "must be alertmanager, generic or opsgenie")])
    })?;
    let new = CreateIntegration {
        name: body.name,
        kind,
        team_id: body.team_id,
        settings: body.settings.unwrap_or_else(|| json!({})),
        mapping: body.mapping,
    };
    let (row, key) = service::create(&app, &ctx, new).await?;
    Ok((StatusCode::CREATED, Json(IntegrationWithKey { integration: view(&app, &ctx, row), key })))
}

/// Reads one integration.
#[utoipa::path(get, path = "/api/v1/integrations/{id}", tag = "integrations", params(("id" = IntegrationId, Path)),
    responses((status = 200, body = Integration)), security(("session" = []), ("token" = [])))]
async fn get_integration(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<IntegrationId>,
) -> Result<Versioned<Integration>, ApiError> {
    let row = service::get(&app, &ctx, id).await?;
    Ok(versioned(&app, &ctx, row))
}

/// Changes an integration.
#[utoipa::path(patch, path = "/api/v1/integrations/{id}", tag = "integrations", params(("id" = IntegrationId, Path)), request_body = ChangeIntegrationBody,
    responses((status = 200, body = Integration)), security(("session" = []), ("token" = [])))]
async fn change_integration(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<IntegrationId>,
    expected: IfMatch,
    Json(body): Json<ChangeIntegrationBody>,
) -> Result<Versioned<Integration>, ApiError> {
    expected.check(service::get(&app, &ctx, id).await?.version)?;
    let change = ChangeIntegration {
        name: body.name,
        enabled: body.enabled,
        team_id: body.team_id,
        settings: body.settings,
        mapping: body.mapping,
    };
    let row = service::change(&app, &ctx, id, change, expected.0).await?;
    Ok(versioned(&app, &ctx, row))
}

/// Deletes an integration; its alerts stay.
#[utoipa::path(delete, path = "/api/v1/integrations/{id}", tag = "integrations", params(("id" = IntegrationId, Path)),
    responses((status = 204)), security(("session" = []), ("token" = [])))]
async fn delete_integration(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<IntegrationId>,
) -> Result<StatusCode, ApiError> {
    service::delete(&app, &ctx, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives the integration a new key; the old one ends at once.
#[utoipa::path(post, path = "/api/v1/integrations/{id}/rotate-key", tag = "integrations", params(("id" = IntegrationId, Path)),
    responses((status = 200, body = NewKey)), security(("session" = []), ("token" = [])))]
async fn rotate_integration_key(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<IntegrationId>,
) -> Result<Json<NewKey>, ApiError> {
    Ok(Json(NewKey { key: service::rotate_key(&app, &ctx, id).await? }))
}

async fn events_view(app: &App, scope: &Scope, rows: Vec<EventRow>) -> Result<Vec<IntegrationEvent>, ApiError> {
    let named = |row: &EventRow| serde_json::from_value::<Vec<Uuid>>(row.alerts.clone()).unwrap_or_default();
    let mut ids: Vec<Uuid> = rows.iter().flat_map(named).collect();
    ids.sort_unstable();
    ids.dedup();
    let alerts = crate::alert::service::refs(app, scope, &ids).await?;
    Ok(rows
        .into_iter()
        .map(|row| IntegrationEvent {
            alerts: named(&row)
                .into_iter()
                .filter_map(|id| alerts.iter().find(|alert| alert.id == AlertId(id)).cloned())
                .collect(),
            id: row.id,
            received_at: instant(row.received_at),
            state: row.state,
            reason: row.reason,
            place: row.place,
            payload: row.payload,
            truncated: row.truncated,
        })
        .collect())
}

/// Reads the last 50 events of an integration, newest first.
#[utoipa::path(get, path = "/api/v1/integrations/{id}/events", tag = "integrations", params(("id" = IntegrationId, Path)),
    responses((status = 200, body = IntegrationEvents)), security(("session" = []), ("token" = [])))]
async fn list_integration_events(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<IntegrationId>,
) -> Result<Json<IntegrationEvents>, ApiError> {
    let rows = service::list_events(&app, &ctx, id).await?;
    Ok(Json(IntegrationEvents { items: events_view(&app, &ctx.scope, rows).await? }))
}

/// Runs an event again with the mapping of now.
#[utoipa::path(post, path = "/api/v1/integrations/{id}/events/{event_id}/replay", tag = "integrations",
    params(("id" = IntegrationId, Path), ("event_id" = Uuid, Path)),
    responses((status = 200, body = IntegrationEvent)), security(("session" = []), ("token" = [])))]
async fn replay_integration_event(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path((id, event)): Path<(IntegrationId, Uuid)>,
) -> Result<Json<IntegrationEvent>, ApiError> {
    let row = service::replay(&app, &ctx, id, event).await?;
    let event = events_view(&app, &ctx.scope, vec![row]).await?.pop().ok_or(IntegrationError::EventNotFound)?;
    Ok(Json(event))
}

/// Says what a payload would do, and does nothing.
#[utoipa::path(post, path = "/api/v1/integrations/{id}/test", tag = "integrations", params(("id" = IntegrationId, Path)), request_body = TestBody,
    responses((status = 200, body = TestResult)), security(("session" = []), ("token" = [])))]
async fn test_integration(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<IntegrationId>,
    Json(body): Json<TestBody>,
) -> Result<Json<TestResult>, ApiError> {
    let Reading { commands, errors } = service::test(&app, &ctx, id, &body.payload).await?;
    let commands = commands.iter().map(|command| serde_json::to_value(command).unwrap_or(Value::Null)).collect();
    let errors = errors.into_iter().map(|error| ReadError { place: error.place, message: error.message }).collect();
    Ok(Json(TestResult { commands, errors }))
}
