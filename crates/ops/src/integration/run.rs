//! Doing what a payload asks for, and keeping it.

use std::sync::Arc;

use domain::alert::AlertError as Refused;
use domain::ingest::{AlertCommand, Placed, Reading, Unreadable};
use jiff::Timestamp;
use kernel::{AlertId, IntegrationId, micros};
use platform::{App, DbError, Lane, Tx};
use serde_json::json;
use uuid::Uuid;

use super::credential::Source;
use super::error::IntegrationError;
use super::store::{self, EventRow};
use crate::alert::{AlertError, Change, RaiseAlert, acknowledge_in, close_in, find_open_in, raise_in};

/// Characters of a payload that are kept.
const KEPT_PAYLOAD: usize = 256 * 1024;

/// What became of a payload.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The event that was kept.
    pub event: Uuid,
    /// How many commands were done.
    pub accepted: usize,
    /// The alerts they concerned, each once.
    pub alerts: Vec<AlertId>,
    /// What could not be read or done.
    pub errors: Vec<Unreadable>,
}

/// A payload that was read.
#[derive(Clone, Debug)]
pub struct Payload {
    /// Who sent it.
    pub source: Source,
    /// What it asks for.
    pub reading: Reading,
    /// As it came.
    pub text: String,
    /// When it came.
    pub received_at: Timestamp,
}

/// Takes a payload: does what can be read, keeps the event with what became of it.
pub async fn take(app: &App, payload: Payload) -> Result<Outcome, IntegrationError> {
    let ctx = payload.source.ctx.clone();
    let write = app.db.write(&ctx, Lane::Bulk, move |tx| {
        Box::pin(async move { take_in(tx, &[&payload]).await.map(|mut outcomes| outcomes.pop()) })
    });
    write.await?.ok_or_else(|| DbError::Corrupt("a payload came to nothing".to_owned()).into())
}

/// Takes payloads that arrived together in one transaction, and answers in their order. When one of them fails, each is
/// taken by itself, so that it spoils no other.
pub async fn take_all(app: &App, payloads: Vec<Payload>) -> Vec<Result<Outcome, IntegrationError>> {
    let payloads = Arc::new(payloads);
    if let [first, _, ..] = payloads.as_slice() {
        let (ctx, together) = (first.source.ctx.clone(), payloads.clone());
        let done: Result<Vec<Outcome>, IntegrationError> = app
            .db
            .write(&ctx, Lane::Bulk, move |tx| {
                Box::pin(async move { take_together(tx, &together.iter().collect::<Vec<_>>()).await })
            })
            .await;
        if let Ok(outcomes) = done {
            return outcomes.into_iter().map(Ok).collect();
        }
    }
    let mut outcomes = Vec::with_capacity(payloads.len());
    for payload in payloads.iter() {
        outcomes.push(take(app, payload.clone()).await);
    }
    outcomes
}

/// Payloads of any sources, source by source; answers in their order.
pub async fn take_together(tx: &mut Tx, payloads: &[&Payload]) -> Result<Vec<Outcome>, IntegrationError> {
    let mut sources: Vec<IntegrationId> = payloads.iter().map(|payload| payload.source.id).collect();
    sources.sort_unstable_by_key(|id| id.0);
    sources.dedup();
    let mut outcomes: Vec<(usize, Outcome)> = Vec::with_capacity(payloads.len());
    for source in sources {
        let own = || payloads.iter().enumerate().filter(|(_, payload)| payload.source.id == source);
        let of_source: Vec<&Payload> = own().map(|(_, payload)| *payload).collect();
        if let Some(first) = of_source.first() {
            tx.act_as(first.source.ctx.clone());
        }
        let done = take_in(tx, &of_source).await?;
        outcomes.extend(own().map(|(place, _)| place).zip(done));
    }
    outcomes.sort_unstable_by_key(|(place, _)| *place);
    Ok(outcomes.into_iter().map(|(_, outcome)| outcome).collect())
}

/// Payloads of one source, in order; the transaction acts for it.
async fn take_in(tx: &mut Tx, payloads: &[&Payload]) -> Result<Vec<Outcome>, IntegrationError> {
    let Some(source) = payloads.first().map(|payload| &payload.source) else { return Ok(Vec::new()) };
    let mut done: Vec<(Outcome, Vec<String>)> = Vec::with_capacity(payloads.len());
    for payload in payloads {
        let errors = payload.reading.errors.clone();
        done.push((Outcome { event: tx.new_id(), accepted: 0, alerts: Vec::new(), errors }, Vec::new()));
    }
    let commands = payloads.iter().enumerate().flat_map(|(from, payload)| {
        payload.reading.commands.iter().map(move |placed| Command { from, placed: placed.clone() })
    });
    for batch in batches(commands) {
        match batch {
            Batch::Raise(commands) => {
                let froms: Vec<usize> = commands.iter().map(|command| command.from).collect();
                let reports: Vec<RaiseAlert> = commands
                    .into_iter()
                    .map(|command| report(&payloads[command.from].source, command.placed))
                    .collect();
                for (from, raised) in froms.into_iter().zip(raise_in(tx, &reports).await?) {
                    let outcome = &mut done[from].0;
                    outcome.accepted += 1;
                    push(&mut outcome.alerts, raised.id);
                }
            }
            Batch::One(command) => {
                let Command { from, placed } = *command;
                let (outcome, notes) = &mut done[from];
                one(tx, &payloads[from].source, placed, outcome, notes).await?;
            }
        }
    }
    let at = micros(tx.now());
    let rows = payloads.iter().zip(&done).map(|(payload, (outcome, notes))| kept(payload, outcome, notes)).collect();
    let rejected = payloads.iter().filter(|payload| payload.reading.is_rejected()).count();
    let total = store::count_events(tx, source.id, payloads.len() - rejected, rejected, at).await?;
    store::insert_events(tx, source.id, rows, total).await?;
    Ok(done.into_iter().map(|(outcome, _)| outcome).collect())
}

/// The event that keeps a payload with what became of it.
fn kept(payload: &Payload, outcome: &Outcome, notes: &[String]) -> EventRow {
    let text = &payload.text;
    let truncated = text.len() > KEPT_PAYLOAD;
    let text = if truncated { cut_bytes(text, KEPT_PAYLOAD) } else { text.as_str() };
    let complaint = outcome.errors.first();
    let reason = complaint.map(|error| error.message.clone()).or_else(|| (!notes.is_empty()).then(|| notes.join("; ")));
    EventRow {
        id: outcome.event,
        received_at: micros(payload.received_at),
        state: if payload.reading.is_rejected() { "rejected" } else { "accepted" }.to_owned(),
        reason,
        place: complaint.map(|error| error.place.clone()),
        alerts: json!(outcome.alerts),
        // PostgreSQL text cannot hold a NUL.
        payload: text.replace('\0', "\u{fffd}"),
        truncated,
    }
}

/// Keeps a payload of which nothing was done, and why.
pub async fn refuse(tx: &Tx, payload: &Payload, reason: String) -> Result<(), DbError> {
    let errors = payload.reading.errors.clone();
    let outcome = Outcome { event: tx.new_id(), accepted: 0, alerts: Vec::new(), errors };
    let row = EventRow { state: "rejected".to_owned(), reason: Some(reason), ..kept(payload, &outcome, &[]) };
    let total = store::count_events(tx, payload.source.id, 0, 1, micros(tx.now())).await?;
    store::insert_events(tx, payload.source.id, vec![row], total).await
}

/// Closes, acknowledges, or leaves alone.
async fn one(
    tx: &mut Tx,
    source: &Source,
    placed: Placed,
    outcome: &mut Outcome,
    notes: &mut Vec<String>,
) -> Result<(), IntegrationError> {
    let change = Change::because(because(source, &placed.place));
    let (alias, close) = match placed.command {
        AlertCommand::Close { alias } => (alias, true),
        AlertCommand::Acknowledge { alias } => (alias, false),
        AlertCommand::Ignore { because } => {
            notes.push(because);
            return Ok(());
        }
        AlertCommand::Raise(_) => return Ok(()),
    };
    let Some(id) = find_open_in(tx, &alias).await? else {
        outcome.accepted += 1;
        notes.push(format!("no open alert has the alias {alias}"));
        return Ok(());
    };
    let done = if close { close_in(tx, id, change).await } else { acknowledge_in(tx, id, change).await };
    match done {
        Ok(_) => {}
        Err(AlertError::Refused(refused @ (Refused::AlreadyAcknowledged { .. } | Refused::Closed { .. }))) => {
            notes.push(refused.to_string());
        }
        Err(error) => return Err(error.into()),
    }
    outcome.accepted += 1;
    push(&mut outcome.alerts, id);
    Ok(())
}

/// A command, and the place of the payload that it came in.
struct Command {
    from: usize,
    placed: Placed,
}

/// Commands that can be done together: raises next to each other go in one batch, in order.
enum Batch {
    Raise(Vec<Command>),
    One(Box<Command>),
}

fn batches(commands: impl Iterator<Item = Command>) -> Vec<Batch> {
    let mut batches: Vec<Batch> = Vec::new();
    for command in commands {
        match (&command.placed.command, batches.last_mut()) {
            (AlertCommand::Raise(_), Some(Batch::Raise(reports))) => reports.push(command),
            (AlertCommand::Raise(_), _) => batches.push(Batch::Raise(vec![command])),
            _ => batches.push(Batch::One(Box::new(command))),
        }
    }
    batches
}

fn report(source: &Source, placed: Placed) -> RaiseAlert {
    let because = Some(because(source, &placed.place));
    let raise = match placed.command {
        AlertCommand::Raise(raise) => raise,
        _ => domain::alert::Raise::default(),
    };
    let request_id = source.ctx.request_id.clone();
    RaiseAlert { raise, default_team_id: source.team_id, because, request_id, ..RaiseAlert::default() }
}

fn because(source: &Source, place: &str) -> String {
    match place {
        "" => format!("{} reported it", source.name),
        place => format!("{} reported it, in {place} of what it sent", source.name),
    }
}

fn push(alerts: &mut Vec<AlertId>, id: AlertId) {
    if !alerts.contains(&id) {
        alerts.push(id);
    }
}

/// The first bytes, without breaking a character.
fn cut_bytes(text: &str, limit: usize) -> &str {
    let end = (0..=limit).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    &text[..end]
}

/// The caller that stands for an integration when a person runs one of its events again.
pub fn stand_in(id: IntegrationId, row: store::IntegrationRow, ctx: platform::Ctx) -> Source {
    let (team_id, name) = (row.team_id.map(kernel::TeamId), row.name.clone());
    Source { ctx, id, team_id, name, row: Arc::new(row) }
}
