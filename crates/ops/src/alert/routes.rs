//! The REST doors of alerts: parse, call, respond.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use domain::alert::Raise;
use domain::priority::Priority;
use jiff::Timestamp;
use kernel::{AlertId, Page};
use platform::http::{Caller, IfMatch, Json, PageQuery, Path, Query, Versioned};
use platform::{ApiError, App, Ctx};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::api::{
    Alert, AssignBody, BulkBody, BulkResult, ChangeAlertBody, LogLine, NewNote, Note, NoteBody, RaiseAlertBody,
    ResponderInput, SnoozeBody, TagsBody,
};
use super::change::{Change, Responder};
use super::error::AlertError;
use super::raise::RaiseAlert;
use super::service::{self, ChangeAlert};
use super::state::Verb;

/// The routes of alerts.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(super::query::routes())
        .routes(routes!(raise_alert))
        .routes(routes!(change_alerts_in_bulk))
        .routes(routes!(get_alert, change_alert))
        .routes(routes!(acknowledge_alert))
        .routes(routes!(unacknowledge_alert))
        .routes(routes!(close_alert))
        .routes(routes!(snooze_alert))
        .routes(routes!(unsnooze_alert))
        .routes(routes!(escalate_alert))
        .routes(routes!(assign_alert))
        .routes(routes!(add_alert_responder))
        .routes(routes!(request_alert_incident))
        .routes(routes!(list_alert_notes, add_alert_note))
        .routes(routes!(add_alert_tags, remove_alert_tags))
        .routes(routes!(list_alert_log))
}

async fn shown(app: &App, ctx: &Ctx, id: AlertId) -> Result<Versioned<Alert>, ApiError> {
    let alert = service::get(app, ctx, id).await?;
    let version = alert.version;
    Ok(Versioned(alert, version))
}

async fn done(
    app: &App,
    ctx: &Ctx,
    id: AlertId,
    verb: Verb,
    note: Option<String>,
    expected: Option<i64>,
) -> Result<Versioned<Alert>, ApiError> {
    let change = Change { note, ..Change::default() };
    service::act(app, ctx, id, verb, change, expected).await.map_err(refused)?;
    shown(app, ctx, id).await
}

/// A stale version is 412, as for every `If-Match`.
fn refused(error: AlertError) -> ApiError {
    match error {
        AlertError::Stale { current } => ApiError::version_conflict(current),
        other => other.into(),
    }
}

/// The note in a body; the body may be empty altogether.
fn note(body: &Bytes) -> Result<Option<String>, ApiError> {
    if body.is_empty() {
        return Ok(None);
    }
    let body: NoteBody = serde_json::from_slice(body).map_err(|error| {
        let status = if error.is_data() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::BAD_REQUEST };
        ApiError::new(status, "not_json", format!("The body must be empty or hold a note: {error}"))
    })?;
    Ok(body.note)
}

fn priority(text: &str) -> Result<Priority, AlertError> {
    Priority::parse(text).ok_or_else(|| AlertError::invalid("priority", "must be P1, P2, P3, P4 or P5"))
}

fn instant(field: &str, text: &str) -> Result<Timestamp, AlertError> {
    text.parse().map_err(|_| AlertError::invalid(field, "must be an instant such as 2026-01-31T14:00:00Z"))
}

/// Raises an alert, or counts on the open one with the same alias.
#[utoipa::path(post, path = "/api/v1/alerts", tag = "alerts", request_body = RaiseAlertBody,
    responses((status = 201, body = Alert, description = "A new alert"), (status = 200, body = Alert, description = "The open alert, counted")),
    security(("session" = []), ("token" = [])))]
async fn raise_alert(
    State(app): State<App>,
    Caller(ctx): Caller,
    Json(body): Json<RaiseAlertBody>,
) -> Result<(StatusCode, Json<Alert>), ApiError> {
    let raise = Raise {
        alias: body.alias,
        message: body.message,
        description: body.description.unwrap_or_default(),
        priority: body.priority.as_deref().map(priority).transpose()?,
        source: body.source.unwrap_or_default(),
        entity: body.entity.unwrap_or_default(),
        tags: body.tags,
        details: body.details,
        actions: Vec::new(),
    };
    let report = RaiseAlert {
        raise,
        service_id: body.service_id,
        team_id: body.team_id,
        responders: body.responders.into_iter().map(responder).collect(),
        note: body.note,
        ..RaiseAlert::default()
    };
    let raised = service::raise(&app, &ctx, report).await?;
    let status = if raised.repeated { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, Json(service::get(&app, &ctx, raised.id).await?)))
}

fn responder(input: ResponderInput) -> Responder {
    Responder { kind: input.kind, id: input.id }
}

/// Acknowledges, snoozes or closes many alerts.
#[utoipa::path(post, path = "/api/v1/alerts/bulk", tag = "alerts", request_body = BulkBody,
    responses((status = 200, body = BulkResult)), security(("session" = []), ("token" = [])))]
async fn change_alerts_in_bulk(
    State(app): State<App>,
    Caller(ctx): Caller,
    Json(body): Json<BulkBody>,
) -> Result<Json<BulkResult>, ApiError> {
    let until = body.until.as_deref().map(|text| instant("until", text)).transpose()?;
    Ok(Json(BulkResult { items: service::bulk(&app, &ctx, &body.action, body.ids, until).await? }))
}

/// Reads one alert.
#[utoipa::path(get, path = "/api/v1/alerts/{id}", tag = "alerts", params(("id" = AlertId, Path)),
    responses((status = 200, body = Alert)), security(("session" = []), ("token" = [])))]
async fn get_alert(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<AlertId>,
) -> Result<Versioned<Alert>, ApiError> {
    shown(&app, &ctx, id).await
}

/// Changes message, description, priority or details.
#[utoipa::path(patch, path = "/api/v1/alerts/{id}", tag = "alerts", params(("id" = AlertId, Path)), request_body = ChangeAlertBody,
    responses((status = 200, body = Alert)), security(("session" = []), ("token" = [])))]
async fn change_alert(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<AlertId>,
    IfMatch(expected): IfMatch,
    Json(body): Json<ChangeAlertBody>,
) -> Result<Versioned<Alert>, ApiError> {
    let change = ChangeAlert {
        message: body.message,
        description: body.description,
        priority: body.priority.as_deref().map(priority).transpose()?,
        details: body.details,
        add_details: body.add_details,
    };
    service::change(&app, &ctx, id, change, expected).await.map_err(refused)?;
    shown(&app, &ctx, id).await
}

/// Takes the alert: paging of others stops.
#[utoipa::path(post, path = "/api/v1/alerts/{id}/acknowledge", tag = "alerts", params(("id" = AlertId, Path)), request_body = NoteBody,
    responses((status = 200, body = Alert)), security(("session" = []), ("token" = [])))]
async fn acknowledge_alert(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<AlertId>,
    IfMatch(expected): IfMatch,
    body: Bytes,
) -> Result<Versioned<Alert>, ApiError> {
    done(&app, &ctx, id, Verb::Acknowledge, note(&body)?, expected).await
}

/// Gives the alert back: paging starts again.
#[utoipa::path(post, path = "/api/v1/alerts/{id}/unacknowledge", tag = "alerts", params(("id" = AlertId, Path)), request_body = NoteBody,
    responses((status = 200, body = Alert)), security(("session" = []), ("token" = [])))]
async fn unacknowledge_alert(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<AlertId>,
    IfMatch(expected): IfMatch,
    body: Bytes,
) -> Result<Versioned<Alert>, ApiError> {
    done(&app, &ctx, id, Verb::Unacknowledge, note(&body)?, expected).await
}

/// Closes the alert.
#[utoipa::path(post, path = "/api/v1/alerts/{id}/close", tag = "alerts", params(("id" = AlertId, Path)), request_body = NoteBody,
    responses((status = 200, body = Alert)), security(("session" = []), ("token" = [])))]
async fn close_alert(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<AlertId>,
    IfMatch(expected): IfMatch,
    body: Bytes,
) -> Result<Versioned<Alert>, ApiError> {
    done(&app, &ctx, id, Verb::Close, note(&body)?, expected).await
}

/// Keeps the alert quiet until an instant.
#[utoipa::path(post, path = "/api/v1/alerts/{id}/snooze", tag = "alerts", params(("id" = AlertId, Path)), request_body = SnoozeBody,
    responses((status = 200, body = Alert)), security(("session" = []), ("token" = [])))]
async fn snooze_alert(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<AlertId>,
    IfMatch(expected): IfMatch,
    Json(body): Json<SnoozeBody>,
) -> Result<Versioned<Alert>, ApiError> {
    let until = instant("until", &body.until)?;
    done(&app, &ctx, id, Verb::Snooze(until), body.note, expected).await
}

/// Ends a snooze early.
#[utoipa::path(post, path = "/api/v1/alerts/{id}/unsnooze", tag = "alerts", params(("id" = AlertId, Path)), request_body = NoteBody,
    responses((status = 200, body = Alert)), security(("session" = []), ("token" = [])))]
async fn unsnooze_alert(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<AlertId>,
    IfMatch(expected): IfMatch,
    body: Bytes,
) -> Result<Versioned<Alert>, ApiError> {
    done(&app, &ctx, id, Verb::Unsnooze, note(&body)?, expected).await
}

/// Runs the next step of the escalation now.
#[utoipa::path(post, path = "/api/v1/alerts/{id}/escalate", tag = "alerts", params(("id" = AlertId, Path)), request_body = NoteBody,
    responses((status = 200, body = Alert)), security(("session" = []), ("token" = [])))]
async fn escalate_alert(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<AlertId>,
    IfMatch(expected): IfMatch,
    body: Bytes,
) -> Result<Versioned<Alert>, ApiError> {
    done(&app, &ctx, id, Verb::Escalate, note(&body)?, expected).await
}

/// Gives the alert to a person.
#[utoipa::path(post, path = "/api/v1/alerts/{id}/assign", tag = "alerts", params(("id" = AlertId, Path)), request_body = AssignBody,
    responses((status = 200, body = Alert)), security(("session" = []), ("token" = [])))]
async fn assign_alert(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<AlertId>,
    Json(body): Json<AssignBody>,
) -> Result<Versioned<Alert>, ApiError> {
    service::assign(&app, &ctx, id, body.person_id, body.note).await?;
    shown(&app, &ctx, id).await
}

/// Names somebody on the alert.
#[utoipa::path(post, path = "/api/v1/alerts/{id}/responders", tag = "alerts", params(("id" = AlertId, Path)), request_body = ResponderInput,
    responses((status = 200, body = Alert)), security(("session" = []), ("token" = [])))]
async fn add_alert_responder(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<AlertId>,
    Json(body): Json<ResponderInput>,
) -> Result<Versioned<Alert>, ApiError> {
    service::add_responder(&app, &ctx, id, responder(body)).await?;
    shown(&app, &ctx, id).await
}

/// Accepts a proposed incident, or asks for one. The incident is opened by the rule that reads this request.
#[utoipa::path(post, path = "/api/v1/alerts/{id}/incident", tag = "alerts", params(("id" = AlertId, Path)), request_body = NoteBody,
    responses((status = 200, body = Alert)), security(("session" = []), ("token" = [])))]
async fn request_alert_incident(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<AlertId>,
    body: Bytes,
) -> Result<Versioned<Alert>, ApiError> {
    done(&app, &ctx, id, Verb::RequestIncident, note(&body)?, None).await
}

/// Lists the notes of an alert, newest first.
#[utoipa::path(get, path = "/api/v1/alerts/{id}/notes", tag = "alerts", params(("id" = AlertId, Path), PageQuery),
    responses((status = 200, body = Page<Note>)), security(("session" = []), ("token" = [])))]
async fn list_alert_notes(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<AlertId>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<Note>>, ApiError> {
    Ok(Json(service::list_notes(&app, &ctx, id, page.request()?).await?))
}

/// Writes a note.
#[utoipa::path(post, path = "/api/v1/alerts/{id}/notes", tag = "alerts", params(("id" = AlertId, Path)), request_body = NewNote,
    responses((status = 200, body = Alert)), security(("session" = []), ("token" = [])))]
async fn add_alert_note(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<AlertId>,
    Json(body): Json<NewNote>,
) -> Result<Versioned<Alert>, ApiError> {
    service::add_note(&app, &ctx, id, body.text).await?;
    shown(&app, &ctx, id).await
}

/// Adds tags.
#[utoipa::path(post, path = "/api/v1/alerts/{id}/tags", tag = "alerts", params(("id" = AlertId, Path)), request_body = TagsBody,
    responses((status = 200, body = Alert)), security(("session" = []), ("token" = [])))]
async fn add_alert_tags(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<AlertId>,
    IfMatch(expected): IfMatch,
    Json(body): Json<TagsBody>,
) -> Result<Versioned<Alert>, ApiError> {
    done(&app, &ctx, id, Verb::AddTags(body.tags), None, expected).await
}

/// Takes tags away.
#[utoipa::path(delete, path = "/api/v1/alerts/{id}/tags", tag = "alerts", params(("id" = AlertId, Path)), request_body = TagsBody,
    responses((status = 200, body = Alert)), security(("session" = []), ("token" = [])))]
async fn remove_alert_tags(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<AlertId>,
    IfMatch(expected): IfMatch,
    Json(body): Json<TagsBody>,
) -> Result<Versioned<Alert>, ApiError> {
    done(&app, &ctx, id, Verb::RemoveTags(body.tags), None, expected).await
}

/// Reads the log of an alert, newest first.
#[utoipa::path(get, path = "/api/v1/alerts/{id}/log", tag = "alerts", params(("id" = AlertId, Path), PageQuery),
    responses((status = 200, body = Page<LogLine>)), security(("session" = []), ("token" = [])))]
async fn list_alert_log(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<AlertId>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<LogLine>>, ApiError> {
    Ok(Json(service::list_log(&app, &ctx, id, page.request()?).await?))
}
