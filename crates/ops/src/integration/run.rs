//! Doing what a payload asks for, and keeping it.

use domain::alert::AlertError as Refused;
use domain::ingest::{AlertCommand, Placed, Reading, Unreadable};
use kernel::{AlertId, IntegrationId, micros};
use platform::{App, Lane, Tx};
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

/// Takes a payload: does what can be read, keeps the event with what became of it.
pub async fn take(app: &App, source: &Source, reading: Reading, payload: String) -> Result<Outcome, IntegrationError> {
    let source = source.clone();
    app.db
        .write(&source.ctx.clone(), Lane::Bulk, move |tx| {
            Box::pin(async move { take_in(tx, &source, reading, payload).await })
        })
        .await
}

async fn take_in(tx: &mut Tx, source: &Source, reading: Reading, payload: String) -> Result<Outcome, IntegrationError> {
    let rejected = reading.is_rejected();
    let mut outcome = Outcome { event: tx.new_id(), accepted: 0, alerts: Vec::new(), errors: reading.errors };
    let mut notes: Vec<String> = Vec::new();
    for batch in batches(reading.commands) {
        match batch {
            Batch::Raise(reports) => {
                let reports: Vec<RaiseAlert> = reports.into_iter().map(|placed| report(source, placed)).collect();
                for raised in raise_in(tx, &reports).await? {
                    outcome.accepted += 1;
                    push(&mut outcome.alerts, raised.id);
                }
            }
            Batch::One(placed) => one(tx, source, placed, &mut outcome, &mut notes).await?,
        }
    }
    let truncated = payload.len() > KEPT_PAYLOAD;
    let kept = if truncated { cut_bytes(&payload, KEPT_PAYLOAD) } else { payload };
    let complaint = outcome.errors.first();
    let reason = complaint.map(|error| error.message.clone()).or_else(|| (!notes.is_empty()).then(|| notes.join("; ")));
    let event = EventRow {
        id: outcome.event,
        received_at: micros(tx.now()),
        state: if rejected { "rejected" } else { "accepted" }.to_owned(),
        reason,
        place: complaint.map(|error| error.place.clone()),
        alerts: json!(outcome.alerts),
        // PostgreSQL text cannot hold a NUL.
        payload: kept.replace('\0', "\u{fffd}"),
        truncated,
    };
    store::insert_event(tx, source.id, &event).await?;
    store::count_event(tx, source.id, !rejected, event.received_at).await?;
    Ok(outcome)
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

/// Commands that can be done together: raises next to each other go in one batch, in order.
enum Batch {
    Raise(Vec<Placed>),
    One(Placed),
}

fn batches(commands: Vec<Placed>) -> Vec<Batch> {
    let mut batches: Vec<Batch> = Vec::new();
    for placed in commands {
        match (&placed.command, batches.last_mut()) {
            (AlertCommand::Raise(_), Some(Batch::Raise(reports))) => reports.push(placed),
            (AlertCommand::Raise(_), _) => batches.push(Batch::Raise(vec![placed])),
            _ => batches.push(Batch::One(placed)),
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
    RaiseAlert { raise, default_team_id: source.team_id, because, ..RaiseAlert::default() }
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
fn cut_bytes(text: &str, limit: usize) -> String {
    let end = (0..=limit).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    text[..end].to_owned()
}

/// The caller that stands for an integration when a person runs one of its events again.
pub fn stand_in(id: IntegrationId, row: store::IntegrationRow, ctx: platform::Ctx) -> Source {
    let (team_id, name) = (row.team_id.map(kernel::TeamId), row.name.clone());
    Source { ctx, id, team_id, name, row }
}
