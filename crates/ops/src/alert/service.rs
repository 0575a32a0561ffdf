//! What callers do with alerts: authorise, then act in one transaction.

use std::collections::BTreeMap;

use domain::alert::NOTE_MAX;
use domain::priority::Priority;
use jiff::Timestamp;
use kernel::{AlertId, FieldError, Page, PageRequest, Permission, PersonId, Scope, TeamId, TicketId};
use platform::{App, Ctx, Lane, Sql, Tx};
use uuid::Uuid;

use super::api;
use super::change::{AlertState, Change, Responder, apply_in};
use super::error::AlertError;
use super::raise::{RaiseAlert, Raised, raise_in};
use super::search::{AlertFilter, Order};
use super::state::Verb;
use super::store::{self, AlertRow};
use super::view;

/// Raises one alert by hand or through a token; a report of an open alias counts on the alert that stands.
pub async fn raise(app: &App, ctx: &Ctx, report: RaiseAlert) -> Result<Raised, AlertError> {
    ctx.require(Permission::AlertsWrite)?;
    // A caller that is bound to a team raises that team's alerts, and sees them.
    let team_id = match ctx.scope {
        Scope::Team(team) => Some(team),
        _ => report.team_id,
    };
    let report = RaiseAlert { raise: report.raise.checked()?, team_id, ..report };
    check_note(report.note.as_deref())?;
    app.db
        .write_once(ctx, "alert.raise", Lane::Front, move |tx| {
            Box::pin(async move {
                check_named(tx, &report).await?;
                let raised = raise_in(tx, std::slice::from_ref(&report)).await?;
                raised.into_iter().next().ok_or(AlertError::NotFound)
            })
        })
        .await
}

/// Whether the responders and the team that a report names exist.
async fn check_named(tx: &Tx, report: &RaiseAlert) -> Result<(), AlertError> {
    let mut errors = Vec::new();
    for (position, responder) in report.responders.iter().enumerate() {
        if store::find_responder(tx, &responder.kind, responder.id).await?.is_none() {
            errors.push(FieldError::new(
                format!("responders[{position}]"),
                format!("names no {} that exists", responder.kind),
            ));
        }
    }
    if let Some(team) = report.team_id
        && (!tx.ctx().scope.sees_team(Some(team)) || store::find_responder(tx, "team", team.0).await?.is_none())
    {
        errors.push(FieldError::new("team_id", "names no team that exists"));
    }
    if errors.is_empty() { Ok(()) } else { Err(AlertError::wrong(errors)) }
}

/// Does a verb to an alert that the caller may see; `expected` is the version the caller has read, if it says one.
pub async fn act(
    app: &App,
    ctx: &Ctx,
    id: AlertId,
    verb: Verb,
    change: Change,
    expected: Option<i64>,
) -> Result<AlertState, AlertError> {
    act_all(app, ctx, id, vec![verb], change, expected).await
}

/// Does several verbs to an alert in one transaction: all or none.
pub async fn act_all(
    app: &App,
    ctx: &Ctx,
    id: AlertId,
    verbs: Vec<Verb>,
    change: Change,
    expected: Option<i64>,
) -> Result<AlertState, AlertError> {
    ctx.require(Permission::AlertsWrite)?;
    check_note(change.note.as_deref())?;
    app.db
        .write(ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                let scope = tx.ctx().scope.clone();
                let row = store::find_alert(tx, &scope, id).await?.ok_or(AlertError::NotFound)?;
                if expected.is_some_and(|expected| expected != row.version) {
                    return Err(AlertError::Stale { current: row.version });
                }
                let mut change = change;
                let mut state = None;
                for verb in verbs {
                    state = Some(apply_in(tx, id, verb, std::mem::take(&mut change)).await?);
                }
                match state {
                    Some(state) => Ok(state),
                    None => super::change::get_in(tx, id).await,
                }
            })
        })
        .await
}

fn check_note(note: Option<&str>) -> Result<(), AlertError> {
    let length = note.unwrap_or_default().chars().count();
    if length > NOTE_MAX {
        return Err(AlertError::invalid("note", format!("At most {NOTE_MAX} characters; this has {length}.")));
    }
    Ok(())
}

/// Gives the alert to a person.
pub async fn assign(
    app: &App,
    ctx: &Ctx,
    id: AlertId,
    person: PersonId,
    note: Option<String>,
) -> Result<AlertState, AlertError> {
    ctx.require(Permission::AlertsWrite)?;
    let name = store::find_responder(&app.db.read(), "person", person.0)
        .await?
        .ok_or_else(|| AlertError::invalid("person_id", "names no person that exists"))?;
    act(app, ctx, id, Verb::Assign(person, name), Change { note, ..Change::default() }, None).await
}

/// Names somebody on the alert.
pub async fn add_responder(app: &App, ctx: &Ctx, id: AlertId, responder: Responder) -> Result<AlertState, AlertError> {
    ctx.require(Permission::AlertsWrite)?;
    let name = store::find_responder(&app.db.read(), &responder.kind, responder.id)
        .await?
        .ok_or_else(|| AlertError::invalid("id", format!("names no {} that exists", responder.kind)))?;
    act(app, ctx, id, Verb::AddResponder(responder.kind, responder.id, name), Change::default(), None).await
}

/// Writes a note.
pub async fn add_note(app: &App, ctx: &Ctx, id: AlertId, text: String) -> Result<AlertState, AlertError> {
    act(app, ctx, id, Verb::AddNote(text), Change::default(), None).await
}

/// A change of an alert's own fields; what is absent stays.
#[derive(Clone, Debug, Default)]
pub struct ChangeAlert {
    /// Another message.
    pub message: Option<String>,
    /// Another description.
    pub description: Option<String>,
    /// Another priority.
    pub priority: Option<Priority>,
    /// Replaces all details.
    pub details: Option<BTreeMap<String, String>>,
    /// Adds or replaces single details.
    pub add_details: Option<BTreeMap<String, String>>,
}

/// Changes the alert's own fields.
pub async fn change(
    app: &App,
    ctx: &Ctx,
    id: AlertId,
    change: ChangeAlert,
    expected: Option<i64>,
) -> Result<AlertState, AlertError> {
    let verbs = [
        change.message.map(Verb::ChangeMessage),
        change.description.map(Verb::ChangeDescription),
        change.priority.map(Verb::ChangePriority),
        change.details.map(Verb::ReplaceDetails),
        change.add_details.map(Verb::AddDetails),
    ];
    act_all(app, ctx, id, verbs.into_iter().flatten().collect(), Change::default(), expected).await
}

/// One alert.
pub async fn get(app: &App, ctx: &Ctx, id: AlertId) -> Result<api::Alert, AlertError> {
    ctx.require(Permission::AlertsRead)?;
    let read = app.db.read();
    let row = store::find_alert(&read, &ctx.scope, id).await?.ok_or(AlertError::NotFound)?;
    view::one(app, ctx, row).await
}

/// How a caller names an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AlertKey {
    /// By its id.
    Id(AlertId),
    /// By its alias: the open one, else the newest closed one.
    Alias(String),
    /// By its number.
    Number(i64),
}

/// The row of an alert, however it is named.
pub async fn find_row(app: &App, ctx: &Ctx, key: &AlertKey) -> Result<Option<AlertRow>, AlertError> {
    ctx.require(Permission::AlertsRead)?;
    let read = app.db.read();
    Ok(match key {
        AlertKey::Id(id) => store::find_alert(&read, &ctx.scope, *id).await?,
        AlertKey::Alias(alias) => store::find_alert_by_alias(&read, &ctx.scope, alias).await?,
        AlertKey::Number(number) => store::find_alert_by_number(&read, &ctx.scope, *number).await?,
    })
}

/// Alerts by offset: how compatible clients page.
pub async fn list_at(
    app: &App,
    ctx: &Ctx,
    filter: AlertFilter,
    order: Order,
    offset: i64,
    limit: i64,
) -> Result<Vec<api::Alert>, AlertError> {
    ctx.require(Permission::AlertsRead)?;
    let read = app.db.read();
    let search = filter.compile(read.backend(), ctx);
    let rows = store::list_matching(&read, &search.condition, &order.sql(), limit, offset, search.params).await?;
    view::many(app, ctx, rows).await
}

/// How many alerts match.
pub async fn count(app: &App, ctx: &Ctx, filter: AlertFilter) -> Result<i64, AlertError> {
    ctx.require(Permission::AlertsRead)?;
    let read = app.db.read();
    let search = filter.compile(read.backend(), ctx);
    Ok(store::count_matching(&read, &search.condition, search.params).await?)
}

/// A page of the alert's log, newest first.
pub async fn list_log(app: &App, ctx: &Ctx, id: AlertId, page: PageRequest) -> Result<Page<api::LogLine>, AlertError> {
    ctx.require(Permission::AlertsRead)?;
    let read = app.db.read();
    let row = store::find_alert(&read, &ctx.scope, id).await?.ok_or(AlertError::NotFound)?;
    let lines = store::list_log(&read, &row, page.before_or_max(), i64::from(page.limit) + 1).await?;
    Ok(page.page(lines, |line| line.seq, view::log_line))
}

/// A page of the alert's notes, newest first.
pub async fn list_notes(app: &App, ctx: &Ctx, id: AlertId, page: PageRequest) -> Result<Page<api::Note>, AlertError> {
    ctx.require(Permission::AlertsRead)?;
    let read = app.db.read();
    let row = store::find_alert(&read, &ctx.scope, id).await?.ok_or(AlertError::NotFound)?;
    let notes = store::list_notes(&read, &row, page.before_or_max(), i64::from(page.limit) + 1).await?;
    Ok(page.page(notes, |note| note.seq, view::note))
}

/// One action on many alerts; each stands for itself.
pub async fn bulk(
    app: &App,
    ctx: &Ctx,
    action: &str,
    ids: Vec<AlertId>,
    until: Option<Timestamp>,
) -> Result<Vec<api::BulkItem>, AlertError> {
    ctx.require(Permission::AlertsWrite)?;
    if ids.is_empty() || ids.len() > 200 {
        return Err(AlertError::invalid("ids", "must name 1 to 200 alerts"));
    }
    let verb = match (action, until) {
        ("acknowledge", _) => Verb::Acknowledge,
        ("close", _) => Verb::Close,
        ("snooze", Some(until)) => Verb::Snooze(until),
        ("snooze", None) => return Err(AlertError::invalid("until", "is missing; give the end of the snooze")),
        _ => return Err(AlertError::invalid("action", "must be acknowledge, close or snooze")),
    };
    let mut items = Vec::with_capacity(ids.len());
    for id in ids {
        let result = act(app, ctx, id, verb.clone(), Change::default(), None).await;
        match result {
            Ok(_) => items.push(api::BulkItem { id, ok: true, error: None }),
            Err(AlertError::Db(error)) => return Err(AlertError::Db(error)),
            Err(error) => items.push(api::BulkItem { id, ok: false, error: Some(error.to_string()) }),
        }
    }
    Ok(items)
}

/// The alerts of an incident, for the ticket's page.
pub async fn list_of_incident(
    app: &App,
    scope: &Scope,
    incident: TicketId,
) -> Result<Vec<api::IncidentAlert>, AlertError> {
    let rows = store::list_by_incident(&app.db.read(), scope, incident).await?;
    Ok(rows.into_iter().map(|row| view::incident_alert(&row)).collect())
}

/// Short forms of alerts by id, those that the scope sees.
pub async fn refs(app: &App, scope: &Scope, ids: &[Uuid]) -> Result<Vec<api::AlertRef>, AlertError> {
    let rows = store::list_by_ids(&app.db.read(), scope, ids).await?;
    Ok(rows.iter().map(view::alert_ref).collect())
}

/// The id of a team by its id or name, as compatible clients name it.
pub async fn find_team(app: &App, id: Option<Uuid>, name: Option<&str>) -> Result<Option<TeamId>, AlertError> {
    let found = find_responder(app, "team", id, name).await?;
    Ok(found.map(|responder| TeamId(responder.id)))
}

/// A responder by id or name (for a person also the mail address), as compatible clients name it.
pub async fn find_responder(
    app: &App,
    kind: &str,
    id: Option<Uuid>,
    name: Option<&str>,
) -> Result<Option<Responder>, AlertError> {
    let read = app.db.read();
    if let Some(id) = id
        && store::find_responder(&read, kind, id).await?.is_some()
    {
        return Ok(Some(Responder { kind: kind.to_owned(), id }));
    }
    let Some(name) = name else { return Ok(None) };
    let found = store::find_responder_by_name(&read, kind, name).await?;
    Ok(found.map(|id| Responder { kind: kind.to_owned(), id }))
}
