//! Letting clocks follow the changes of a ticket, in the transaction of the change.

use std::sync::Arc;

use domain::sla::{Clock, Comment, Crossing, Cycle, Entry, Mark, SlaError, Step, Why, fold};
use kernel::{Event, EventId, RecordKind, Role, TicketId};
use platform::{DbError, NewJob, Sql, Tx};
use serde_json::json;

use super::jobs::MARK;
use super::snapshot::{COMMENT_BY, Snapshot, change, comment_by, history};
use super::store::{self, StoredClock};
use super::terms::{InForce, Reckoning, Terms, in_force};
use crate::ticket::Ticket;

/// A missing calendar is a defect: none that counts can be deleted.
pub(super) fn broken(error: SlaError) -> DbError {
    DbError::Corrupt(error.to_string())
}

/// The snapshot of a ticket as it is in this transaction.
pub(crate) async fn snapshot(sql: &impl Sql, ticket: &Ticket) -> Result<Snapshot, DbError> {
    let tier = match ticket.service {
        Some(service) => {
            let names = catalog::service::names(sql, &kernel::Scope::All, &[service]).await?;
            names.get(&service).map(|found| found.tier)
        }
        None => None,
    };
    Ok(Snapshot::of(ticket, tier))
}

/// The comment that an event brings, if it brings one; notes who wrote it in the event's data.
pub(crate) fn comment_in(
    tx: &Tx,
    ticket: &Ticket,
    event: &str,
    data: &mut serde_json::Map<String, serde_json::Value>,
) -> Option<Comment> {
    if event != "TicketCommented" {
        return None;
    }
    let customer = tx.ctx().role == Some(Role::Customer);
    let by = comment_by(&tx.ctx().actor, customer, ticket.reporter);
    data.insert(COMMENT_BY.to_owned(), json!(by));
    Some(Comment { by, public: data.get("visibility").and_then(serde_json::Value::as_str) == Some("public") })
}

/// Lets the ticket's clocks follow a change. The ticket's row is locked.
pub(crate) async fn follow(
    tx: &mut Tx,
    ticket: &Ticket,
    event: EventId,
    snapshot: Snapshot,
    comment: Option<Comment>,
) -> Result<(), DbError> {
    let moves = moves(tx, ticket, event, snapshot, comment).await?;
    save(tx, ticket.id, &moves.0).await?;
    moves.tell(tx, ticket);
    Ok(())
}

/// What a change does to the clocks of a ticket.
pub(crate) struct Moves(Vec<Moved>);

impl Moves {
    /// When the next of the clocks runs out, in microseconds.
    pub(crate) fn next_due(&self, ticket: &Ticket) -> Option<i64> {
        let rows = |moved: &Moved| store::rows_of(ticket.id, &moved.reckoning.terms.key, &moved.step.clock);
        self.0.iter().filter_map(|moved| store::next_due(&rows(moved))).min()
    }

    /// Stores the clocks of a new ticket, whose row notes [`Moves::next_due`] already.
    pub(crate) async fn begin(&self, tx: &mut Tx, ticket: &Ticket) -> Result<(), DbError> {
        save_rows(tx, ticket.id, &self.0).await?;
        self.tell(tx, ticket);
        Ok(())
    }

    fn tell(&self, tx: &mut Tx, ticket: &Ticket) {
        for moved in &self.0 {
            tell(tx, ticket, &moved.reckoning.terms, &moved.step.clock, &marks_of(&moved.step.entries));
        }
    }
}

/// What a change does to the ticket's clocks; stores nothing. The ticket's row is locked, or new.
pub(crate) async fn moves(
    tx: &mut Tx,
    ticket: &Ticket,
    event: EventId,
    snapshot: Snapshot,
    comment: Option<Comment>,
) -> Result<Moves, DbError> {
    let known = in_force(tx).await?;
    let terms: Vec<Arc<Terms>> = known.slas.iter().filter(|terms| terms.is_for(ticket.project)).cloned().collect();
    if terms.is_empty() {
        return Ok(Moves(Vec::new()));
    }
    let is_new = ticket.version == 1;
    let mut stored = if is_new { Default::default() } else { store::clocks_of(tx, ticket.id).await? };
    let change = change(event, tx.now(), snapshot, comment);
    let mut moved = Vec::new();
    for terms in terms {
        let before = stored.remove(&terms.key);
        let newest = known.versions_for(&terms);
        let reckoning = match &before {
            Some(before) if before.version != terms.version || before.calendars != newest => {
                // The re-computation has not come here yet, unless it left the ticket out because it was resolved.
                let was_resolved = before.clock.facts.as_ref().is_some_and(|facts| facts.resolved);
                if was_resolved && !change.facts.resolved {
                    super::documents::recompute(tx, &terms.key).await?;
                }
                Reckoning::at(tx, &known, &terms.key, before.version, before.calendars.clone()).await?
            }
            _ => Reckoning::newest(tx, &known, &terms).await?,
        };
        let clock = match &before {
            Some(before) => before.clock.clone(),
            None if is_new => Clock::default(),
            // The service level is newer than the ticket. This change is not in the log yet.
            None => fold_history(tx, ticket.id, &reckoning).await?.clock,
        };
        let matches = |goal: &_, taken: &_| reckoning.matches(goal, taken);
        let step = clock.apply(reckoning.rules(), &change, matches).map_err(broken)?;
        moved.push(Moved { before, reckoning, step });
    }
    Ok(Moves(moved))
}

/// The clock of a ticket from its events, with everything that happened to it.
pub(super) async fn fold_history(sql: &impl Sql, ticket: TicketId, reckoning: &Reckoning) -> Result<Step, DbError> {
    let changes = history(&store::events_of(sql, ticket).await?);
    fold(reckoning.rules(), &changes, |goal, taken| reckoning.matches(goal, taken)).map_err(broken)
}

/// A clock that moved.
pub(super) struct Moved {
    pub before: Option<StoredClock>,
    pub reckoning: Reckoning,
    pub step: Step,
}

/// Stores clocks and cycles of a ticket, notes at it when the next one runs out, and sets the timers.
pub(super) async fn save(tx: &mut Tx, ticket: TicketId, moved: &[Moved]) -> Result<(), DbError> {
    if save_rows(tx, ticket, moved).await? {
        store::note_next_due(tx, ticket.0).await?;
    }
    Ok(())
}

/// Stores clocks and cycles, and sets the timers; gives whether the ticket has to note another next one.
async fn save_rows(tx: &mut Tx, ticket: TicketId, moved: &[Moved]) -> Result<bool, DbError> {
    let after: Vec<(String, StoredClock)> = moved
        .iter()
        .map(|moved| {
            let stored = StoredClock {
                version: moved.reckoning.terms.version,
                calendars: moved.reckoning.versions.clone(),
                clock: moved.step.clock.clone(),
            };
            (moved.reckoning.terms.key.clone(), stored)
        })
        .collect();
    let changed: Vec<(&str, &StoredClock)> = after
        .iter()
        .zip(moved)
        .filter(|((_, after), moved)| moved.before.as_ref() != Some(after))
        .map(|((key, after), _)| (key.as_str(), after))
        .collect();
    store::save_clocks(tx, ticket, &changed).await?;
    let (mut rows_before, mut rows_after, mut timers) = (Vec::new(), Vec::new(), Vec::new());
    for ((key, after), moved) in after.iter().zip(moved) {
        if let Some(before) = &moved.before {
            rows_before.extend(store::rows_of(ticket, key, &before.clock));
        }
        rows_after.extend(store::rows_of(ticket, key, &after.clock));
        let due_before = moved.before.as_ref().and_then(|before| before.clock.next_due()).map(|due| due.at);
        match change_of_timer(ticket, key, due_before, &after.clock) {
            Timer::Stays => {}
            Timer::Set(job) => timers.push(job),
            Timer::Stops => stop_timer(tx, ticket, key).await?,
        }
    }
    tx.schedule_all(timers).await?;
    store::save_cycles(tx, &rows_before, &rows_after).await
}

/// The key of a clock's timer.
fn timer_key(ticket: TicketId, sla: &str) -> String {
    format!("{ticket}:{sla}")
}

/// What becomes of the timer of a clock.
enum Timer {
    Stays,
    Set(NewJob),
    Stops,
}

fn change_of_timer(ticket: TicketId, sla: &str, before: Option<jiff::Timestamp>, clock: &Clock) -> Timer {
    match clock.next_due() {
        Some(due) if before == Some(due.at) => Timer::Stays,
        Some(due) => Timer::Set(NewJob::at(MARK, timer_key(ticket, sla), due.at, json!({}))),
        None if before.is_some() => Timer::Stops,
        None => Timer::Stays,
    }
}

/// Sets the timer of a clock whatever it was before: the one that was set has just run.
pub(super) async fn set_timer_anew(tx: &mut Tx, ticket: TicketId, sla: &str, clock: &Clock) -> Result<(), DbError> {
    match change_of_timer(ticket, sla, None, clock) {
        Timer::Set(job) => tx.schedule(job).await,
        Timer::Stays | Timer::Stops => Ok(()),
    }
}

/// Stops the timer of a clock that is gone.
pub(super) async fn stop_timer(tx: &mut Tx, ticket: TicketId, sla: &str) -> Result<(), DbError> {
    tx.cancel(MARK, &timer_key(ticket, sla)).await
}

/// The marks among what happened that people have not been told of.
pub(super) fn marks_of(entries: &[Entry]) -> Vec<(u32, Crossing)> {
    let mark = |why: &Why| match why {
        Why::Warned { threshold, told_before: false } => Some(Mark::Warning { threshold: *threshold }),
        Why::Breached { told_before: false } => Some(Mark::Breach),
        _ => None,
    };
    entries
        .iter()
        .filter_map(|entry| Some((entry.cycle?, Crossing { at: entry.at, mark: mark(&entry.why)? })))
        .collect()
}

/// Emits what people are told: `SlaWarned` and `SlaBreached`, each with the cycle that it is about.
pub(super) fn tell(tx: &mut Tx, ticket: &Ticket, terms: &Terms, clock: &Clock, marks: &[(u32, Crossing)]) {
    for (number, crossing) in marks {
        let Some(cycle) = clock.cycles.iter().find(|cycle| cycle.number == *number) else { continue };
        let kind = match crossing.mark {
            Mark::Breach => "SlaBreached",
            Mark::Warning { .. } => "SlaWarned",
        };
        let data = told(ticket, terms, cycle, crossing);
        tx.emit(Event::new(kind, RecordKind::TICKET, ticket.id, ticket.version, data));
    }
}

fn told(ticket: &Ticket, terms: &Terms, cycle: &Cycle, crossing: &Crossing) -> serde_json::Value {
    let threshold = match crossing.mark {
        Mark::Warning { threshold } => Some(threshold),
        Mark::Breach => None,
    };
    json!({
        "sla": terms.key,
        "sla_name": terms.name(),
        "cycle": cycle.number,
        "started_event": cycle.started.event,
        "mark": crossing.mark,
        "words": threshold.map(|threshold| threshold.to_string()),
        "crossed_at": kernel::micros(crossing.at),
        "breach_at": cycle.breach_at.map(kernel::micros),
        "goal": cycle.goal.as_ref().map(|goal| goal.key.clone()),
        "priority": ticket.priority.priority,
        "assignee": ticket.assignee,
        "team": ticket.team,
    })
}

/// What is configured, and one clock as it is stored with what it is folded by.
pub(super) async fn stored_with_rules(
    tx: &Tx,
    known: &InForce,
    ticket: TicketId,
    key: &str,
) -> Result<Option<(StoredClock, Reckoning)>, DbError> {
    let Some(stored) = store::clock_of(tx, ticket, key).await? else { return Ok(None) };
    let reckoning = Reckoning::at(tx, known, key, stored.version, stored.calendars.clone()).await?;
    Ok(Some((stored, reckoning)))
}
