//! Verbs inside a transaction: lock the alert, decide, store, log, emit.
//!
//! These functions do not authorise: their callers have a right of their own (a person's service function, the
//! reader that pages, a signed link that was checked, the rule that opens incidents).

use std::collections::HashMap;

use domain::alert::AlertError as Refused;
use domain::priority::Priority;
use jiff::Timestamp;
use kernel::{
    Actor, AlertId, Event, IntegrationId, PersonId, RecordKind, Scope, ServiceId, TeamId, TicketId, timestamp,
};
use platform::work::NewJob;
use platform::{Tx, db::Sql};
use serde_json::{Value, json};
use uuid::Uuid;

use super::error::AlertError;
use super::jobs::END_SNOOZE;
use super::state::{IncidentState, Verb};
use super::store::{self, AlertRow, NewLog, StoredActor};
use super::words;

/// Who stands behind a change, and why it is made.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// The person; the transaction's actor when absent.
    pub by: Option<PersonId>,
    /// Why, for the log.
    pub because: Option<String>,
    /// A note to add with it.
    pub note: Option<String>,
}

impl Change {
    /// A change with its reason.
    pub fn because(reason: impl Into<String>) -> Self {
        Self { because: Some(reason.into()), ..Self::default() }
    }
}

/// Somebody named on the alert itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Responder {
    /// `person`, `team`, `schedule` or `policy`.
    pub kind: String,
    /// Its id.
    pub id: Uuid,
}

/// An alert as other parts of the server see it inside a transaction.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields are those of the API's alert")]
pub struct AlertState {
    pub id: AlertId,
    pub seq: i64,
    pub alias: String,
    pub message: String,
    pub description: String,
    pub open: bool,
    pub priority: Priority,
    pub count: i64,
    pub acknowledged_at: Option<Timestamp>,
    pub acknowledged_by: Option<PersonId>,
    pub snoozed_until: Option<Timestamp>,
    pub owner_id: Option<PersonId>,
    pub team_id: Option<TeamId>,
    pub service_id: Option<ServiceId>,
    pub integration_id: Option<IntegrationId>,
    pub incident_state: IncidentState,
    pub incident_id: Option<TicketId>,
    pub created_at: Timestamp,
    pub closed_at: Option<Timestamp>,
    pub version: i64,
    pub responders: Vec<Responder>,
}

impl AlertState {
    fn new(row: &AlertRow, responders: Vec<Responder>) -> Self {
        Self {
            id: AlertId(row.id),
            seq: row.seq,
            alias: row.alias.clone(),
            message: row.message.clone(),
            description: row.description.clone(),
            open: row.is_open(),
            priority: row.priority(),
            count: row.count,
            acknowledged_at: row.acknowledged_at.map(timestamp),
            acknowledged_by: row.acknowledged_by.map(PersonId),
            snoozed_until: row.snoozed_until.map(timestamp),
            owner_id: row.owner_id.map(PersonId),
            team_id: row.team_id.map(TeamId),
            service_id: row.service_id.map(ServiceId),
            integration_id: row.integration_id.map(IntegrationId),
            incident_state: IncidentState::parse(&row.incident_state),
            incident_id: row.incident_id.map(TicketId),
            created_at: timestamp(row.created_at),
            closed_at: row.closed_at.map(timestamp),
            version: row.version,
            responders,
        }
    }

    /// What escalation needs to know of it.
    pub fn facts(&self) -> domain::escalation::Facts {
        domain::escalation::Facts {
            open: self.open,
            acknowledged: self.acknowledged_at.is_some(),
            snoozed: self.snoozed_until.is_some(),
            priority: self.priority,
        }
    }

    /// Whether somebody has taken it.
    pub fn is_acknowledged(&self) -> bool {
        self.acknowledged_at.is_some()
    }
}

/// The alert, locked until the transaction ends.
pub async fn get_in(tx: &mut Tx, id: AlertId) -> Result<AlertState, AlertError> {
    let row = store::lock_alert(tx, id).await?.ok_or(AlertError::NotFound)?;
    state_of(tx, &row).await
}

/// Alerts, locked until the transaction ends, in no particular order.
pub async fn get_all_in(tx: &mut Tx, ids: &[AlertId]) -> Result<Vec<AlertState>, AlertError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = store::lock_alerts(tx, &ids).await?;
    let mut responders: HashMap<Uuid, Vec<Responder>> = HashMap::new();
    for found in store::list_responders(tx, &ids).await? {
        let responder = Responder { kind: found.kind, id: found.responder_id };
        responders.entry(found.alert_id).or_default().push(responder);
    }
    Ok(rows.iter().map(|row| AlertState::new(row, responders.remove(&row.id).unwrap_or_default())).collect())
}

/// Locks these alerts and the open ones with these aliases until the transaction ends. Who changes several alerts calls
/// this first: locked one by one, in an order of one's own, they would keep two transactions waiting for each other.
pub async fn lock_in(tx: &mut Tx, ids: &[AlertId], aliases: &[String]) -> Result<(), AlertError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    Ok(store::lock_all(tx, &ids, aliases).await?)
}

fn visible(tx: &Tx, row: &AlertRow) -> bool {
    let own = super::raise::integration_of(&tx.ctx().actor);
    tx.ctx().scope.sees_team(row.team_id.map(TeamId)) || (own.is_some() && row.integration_id == own)
}

/// The alert with this id, if the transaction's caller may see it or raised it.
pub async fn find_in(tx: &mut Tx, id: AlertId) -> Result<Option<AlertId>, AlertError> {
    let row = store::lock_alert(tx, id).await?;
    Ok(row.filter(|row| visible(tx, row)).map(|row| AlertId(row.id)))
}

/// The alert with this number, if the transaction's caller may see it or raised it.
pub async fn find_number_in(tx: &mut Tx, number: i64) -> Result<Option<AlertId>, AlertError> {
    match store::find_alert_by_number(tx, &Scope::All, number).await? {
        Some(row) => find_in(tx, AlertId(row.id)).await,
        None => Ok(None),
    }
}

/// The open alert with this alias, locked until the transaction ends, if the transaction's caller may see it or raised it.
pub async fn find_open_in(tx: &mut Tx, alias: &str) -> Result<Option<AlertId>, AlertError> {
    let rows = store::lock_open_aliases(tx, &[alias.to_owned()]).await?;
    Ok(rows.into_iter().find(|row| visible(tx, row)).map(|row| AlertId(row.id)))
}

async fn state_of(tx: &impl Sql, row: &AlertRow) -> Result<AlertState, AlertError> {
    let responders = store::list_responders(tx, &[row.id])
        .await?
        .into_iter()
        .map(|responder| Responder { kind: responder.kind, id: responder.responder_id })
        .collect();
    Ok(AlertState::new(row, responders))
}

/// Takes the alert.
pub async fn acknowledge_in(tx: &mut Tx, id: AlertId, change: Change) -> Result<AlertState, AlertError> {
    apply_in(tx, id, Verb::Acknowledge, change).await
}

/// Takes an acknowledgement back.
pub async fn unacknowledge_in(tx: &mut Tx, id: AlertId, change: Change) -> Result<AlertState, AlertError> {
    apply_in(tx, id, Verb::Unacknowledge, change).await
}

/// Closes the alert; closing a closed one changes nothing.
pub async fn close_in(tx: &mut Tx, id: AlertId, change: Change) -> Result<AlertState, AlertError> {
    match apply_in(tx, id, Verb::Close, change).await {
        Err(AlertError::Refused(Refused::Closed { .. })) => get_in(tx, id).await,
        other => other,
    }
}

/// Takes back an acknowledgement whose time-out is up.
pub async fn time_out_acknowledgement_in(tx: &mut Tx, id: AlertId, change: Change) -> Result<AlertState, AlertError> {
    apply_in(tx, id, Verb::TimeOutAcknowledgement, change).await
}

/// Names somebody on the alert.
pub async fn add_responder_in(
    tx: &mut Tx,
    id: AlertId,
    kind: &str,
    responder: Uuid,
    change: Change,
) -> Result<AlertState, AlertError> {
    let name = store::find_responder(tx, kind, responder)
        .await?
        .ok_or_else(|| AlertError::invalid("id", format!("names no {kind} that exists")))?;
    apply_in(tx, id, Verb::AddResponder(kind.to_owned(), responder, name), change).await
}

/// Records how the alert stands to an incident.
pub async fn set_incident_in(
    tx: &mut Tx,
    id: AlertId,
    state: IncidentState,
    ticket: Option<TicketId>,
    because: Option<String>,
) -> Result<AlertState, AlertError> {
    apply_in(tx, id, Verb::SetIncident(state, ticket), Change { because, ..Change::default() }).await
}

/// Adds a line to the alert's log without changing the alert and without an event.
pub async fn log_in(
    tx: &mut Tx,
    id: AlertId,
    kind: &str,
    text: &str,
    because: Option<&str>,
    data: Value,
) -> Result<(), AlertError> {
    let line = NewLog {
        id: tx.new_id(),
        alert: id.0,
        at: kernel::micros(tx.now()),
        actor: StoredActor::from(&tx.ctx().actor),
        kind: kind.to_owned(),
        text: text.to_owned(),
        because: because.map(str::to_owned),
        data,
    };
    Ok(store::insert_log(tx, &[line]).await?)
}

/// The same line, for a reason of its own, in the logs of many alerts.
pub async fn log_all_in(tx: &mut Tx, alerts: &[(AlertId, &str)], kind: &str, text: &str) -> Result<(), AlertError> {
    let actor = StoredActor::from(&tx.ctx().actor);
    let line = |(alert, because): &(AlertId, &str)| NewLog {
        id: tx.new_id(),
        alert: alert.0,
        at: kernel::micros(tx.now()),
        actor: actor.clone(),
        kind: kind.to_owned(),
        text: text.to_owned(),
        because: Some((*because).to_owned()),
        data: json!({}),
    };
    let lines: Vec<NewLog> = alerts.iter().map(line).collect();
    Ok(store::insert_log(tx, &lines).await?)
}

/// Does a verb to one alert: the way that every door takes.
pub async fn apply_in(tx: &mut Tx, id: AlertId, verb: Verb, change: Change) -> Result<AlertState, AlertError> {
    let mut row = store::lock_alert(tx, id).await?.ok_or(AlertError::NotFound)?;
    let by = change.by.map_or_else(|| tx.ctx().actor.clone(), |id| Actor::Person { id });
    step(tx, &mut row, &verb, &by, change.because).await?;
    if let Some(note) = change.note.filter(|note| !note.trim().is_empty()) {
        step(tx, &mut row, &Verb::AddNote(note), &by, None).await?;
    }
    state_of(tx, &row).await
}

async fn step(
    tx: &mut Tx,
    row: &mut AlertRow,
    verb: &Verb,
    by: &Actor,
    because: Option<String>,
) -> Result<(), AlertError> {
    let before = row.clone();
    let done = row.apply(verb, by, tx.now())?;
    if done.is_empty() {
        return Ok(());
    }
    store_around(tx, &before, row, verb, by).await?;
    store::update_alert(tx, row).await?;
    for done in done {
        let line = NewLog {
            id: tx.new_id(),
            alert: row.id,
            at: kernel::micros(tx.now()),
            actor: StoredActor::from(by),
            kind: done.kind,
            text: done.text,
            because: because.clone(),
            data: done.data.clone(),
        };
        store::insert_log(tx, &[line]).await?;
        tx.emit(Event::new(done.event, RecordKind::ALERT, row.id, row.version, facts(row, done.data)));
    }
    Ok(())
}

/// What a change keeps outside the alert's own row: the timer of a snooze, tags, details, notes, responders.
async fn store_around(
    tx: &mut Tx,
    before: &AlertRow,
    row: &AlertRow,
    verb: &Verb,
    by: &Actor,
) -> Result<(), AlertError> {
    let id = AlertId(row.id);
    let at = kernel::micros(tx.now());
    if before.snoozed_until != row.snoozed_until {
        match row.snoozed_until {
            Some(until) => {
                tx.schedule(NewJob::at(END_SNOOZE, id.to_string(), timestamp(until), json!({ "alert": id }))).await?;
            }
            // The timer that ends a snooze finishes itself.
            None if !matches!(verb, Verb::EndSnooze) => tx.cancel(END_SNOOZE, &id.to_string()).await?,
            None => {}
        }
    }
    if let Some(words) = words::changed(before, row) {
        store::update_words(tx, &words).await?;
    }
    if before.tags != row.tags {
        let (old, new) = (before.tag_list(), row.tag_list());
        let gone: Vec<String> = old.iter().filter(|tag| !new.contains(tag)).cloned().collect();
        store::delete_tags(tx, id, &gone).await?;
        let tags: Vec<(Uuid, String)> = new.into_iter().map(|tag| (row.id, tag)).collect();
        store::insert_tags(tx, &tags).await?;
    }
    match verb {
        Verb::AddNote(text) => {
            let note = tx.new_id();
            store::insert_notes(tx, &[(note, row.id, text.clone())], at, &StoredActor::from(by)).await?;
        }
        Verb::AddResponder(kind, responder, _) => {
            store::insert_responders(tx, &[(row.id, kind.clone(), *responder)], at).await?;
        }
        _ => {}
    }
    Ok(())
}

/// The facts of an event: what it brings, and what every event of an alert carries.
pub(super) fn facts(row: &AlertRow, data: Value) -> Value {
    let mut facts = json!({
        "priority": row.priority,
        "service_id": row.service_id,
        "team_id": row.team_id,
        "integration_id": row.integration_id,
    });
    if let (Value::Object(facts), Value::Object(data)) = (&mut facts, data) {
        facts.extend(data);
    }
    facts
}
