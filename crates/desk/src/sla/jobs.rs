//! The timers of clocks, and working clocks out anew after an edit.

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::sla::{Cause, Clock, Step};
use kernel::{Event, RecordKind, TicketId};
use platform::{App, Ctx, DbError, Finished, Job, JobHandler, Lane, NewJob, Tx, Work, WorkError};
use serde_json::json;

use super::apply::{self, Moved};
use super::reader::OfficeHoursReader;
use super::store::{self, Wanted};
use super::terms::{InForce, Reckoning, Terms, in_force};
use crate::ticket::{self, Ticket, TicketError};

/// Notes the marks of one clock that time has passed; the key is `<ticket>:<service level>`.
pub(super) const MARK: &str = "sla.mark";
/// Works the clocks of a service level out anew; the key is the service level.
pub(super) const RECOMPUTE: &str = "sla.recompute";
/// Tickets that one transaction of a re-computation locks.
const BATCH: i64 = 20;

/// The handlers.
pub(crate) fn work(app: &App) -> Work {
    Work::new().reader(OfficeHoursReader).job(MarkJob { app: app.clone() }).job(RecomputeJob { app: app.clone() })
}

/// Locks a ticket; none if it is gone.
async fn locked(tx: &Tx, id: TicketId) -> Result<Option<Ticket>, DbError> {
    match ticket::lock(tx, id, None).await {
        Ok(ticket) => Ok(Some(ticket)),
        Err(TicketError::Db(error)) => Err(error),
        Err(_) => Ok(None),
    }
}

/// Does [`MARK`].
pub(super) struct MarkJob {
    app: App,
}

#[async_trait]
impl JobHandler for MarkJob {
    fn kind(&self) -> &'static str {
        MARK
    }

    async fn run(&self, job: &Job) -> Result<Finished, WorkError> {
        let wrong = || WorkError::Dead(format!("the key {} names no clock", job.key));
        let (id, sla) = job.key.split_once(':').ok_or_else(wrong)?;
        let (id, sla, job) = (id.parse::<TicketId>().map_err(|_| wrong())?, sla.to_owned(), job.clone());
        let ctx = Ctx::system("sla");
        let done = self.app.db.write(&ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                // The ticket's lock comes before the job's, as everywhere, so that nothing waits in a circle.
                let ticket = locked(tx, id).await?;
                // Ended before the next is set: it has the same key.
                let finished = tx.finish(&job).await?;
                if let Some(ticket) = ticket {
                    advance(tx, &ticket, &sla).await?;
                }
                Ok::<_, DbError>(finished)
            })
        });
        Ok(done.await?)
    }
}

async fn advance(tx: &mut Tx, ticket: &Ticket, sla: &str) -> Result<(), DbError> {
    let known = in_force(tx).await?;
    if known.find(sla).is_none() {
        return Ok(());
    }
    let Some((stored, reckoning)) = apply::stored_with_rules(tx, &known, ticket.id, sla).await? else {
        return Ok(());
    };
    let step = stored.clock.advance(reckoning.rules(), tx.now()).map_err(apply::broken)?;
    let moved = Moved { before: Some(stored), reckoning, step };
    apply::save(tx, ticket.id, std::slice::from_ref(&moved)).await?;
    apply::set_timer_anew(tx, ticket.id, sla, &moved.step.clock).await?;
    apply::tell(tx, ticket, &moved.reckoning.terms, &moved.step.clock, &apply::marks_of(&moved.step.entries));
    Ok(())
}

/// Does [`RECOMPUTE`], a batch of tickets at a time. What is left to do is what names other versions, so that a
/// killed job goes on where it was.
pub(super) struct RecomputeJob {
    app: App,
}

#[async_trait]
impl JobHandler for RecomputeJob {
    fn kind(&self) -> &'static str {
        RECOMPUTE
    }

    async fn run(&self, job: &Job) -> Result<Finished, WorkError> {
        let job = job.clone();
        let ctx = Ctx::system("sla");
        let done = self.app.db.write(&ctx, Lane::Bulk, move |tx| {
            Box::pin(async move {
                let known = in_force(tx).await?;
                let terms = known.find(&job.key).cloned();
                let after = job.payload.get("after").and_then(serde_json::Value::as_i64).unwrap_or(0);
                let (tickets, after) = match &terms {
                    Some(terms) => to_recompute(tx, &known, terms, after).await?,
                    None => (store::tickets_going_on(tx, &job.key, BATCH).await?, after),
                };
                for id in &tickets {
                    let Some(ticket) = locked(tx, *id).await? else { continue };
                    match &terms {
                        Some(terms) if terms.is_for(ticket.project) => recompute(tx, &known, terms, &ticket).await?,
                        _ => drop_ongoing(tx, ticket.id, &job.key).await?,
                    }
                }
                let finished = tx.finish(&job).await?;
                if !tickets.is_empty() {
                    tx.schedule(NewJob::now(RECOMPUTE, job.key, json!({"after": after}))).await?;
                }
                Ok::<_, DbError>(finished)
            })
        });
        Ok(done.await?)
    }
}

/// The next tickets, open ones first, and after which insertion number the open ones go on.
async fn to_recompute(tx: &Tx, known: &InForce, terms: &Terms, after: i64) -> Result<(Vec<TicketId>, i64), DbError> {
    let calendars = known.versions_for(terms);
    let wanted = Wanted { key: &terms.key, version: terms.version, calendars: &calendars, projects: &terms.projects };
    let (open, after) = store::open_to_recompute(tx, &wanted, after, BATCH).await?;
    if !open.is_empty() {
        return Ok((open, after));
    }
    Ok((store::others_to_recompute(tx, &wanted, BATCH).await?, after))
}

async fn recompute(
    tx: &mut Tx,
    known: &InForce,
    terms: &std::sync::Arc<Terms>,
    ticket: &Ticket,
) -> Result<(), DbError> {
    let reckoning = Reckoning::newest(tx, known, terms).await?;
    let fresh = apply::fold_history(tx, ticket.id, &reckoning).await?.clock;
    let Some(stored) = store::clock_of(tx, ticket.id, &terms.key).await? else {
        // New to the ticket: what was over before is noted, and nobody is told.
        let step = fresh.advance(reckoning.rules(), tx.now()).map_err(apply::broken)?;
        return apply::save(tx, ticket.id, &[Moved { before: None, reckoning, step }]).await;
    };
    let cause = cause(terms.version, &reckoning.versions, stored.version, &stored.calendars);
    let recomputed = stored.clock.recomputed(reckoning.rules(), fresh, cause, tx.now()).map_err(apply::broken)?;
    let number = recomputed.clock.cycles.last().map_or(1, |cycle| cycle.number);
    let marks: Vec<_> = recomputed.newly_crossed.iter().map(|crossing| (number, *crossing)).collect();
    let step = Step { clock: recomputed.clock, entries: Vec::new(), segments: Vec::new() };
    let moved = Moved { before: Some(stored), reckoning, step };
    apply::save(tx, ticket.id, std::slice::from_ref(&moved)).await?;
    if let Some(entry) = recomputed.entry {
        let data = json!({"sla": terms.key, "sla_name": terms.name(), "words": entry.why.to_string(), "entry": entry});
        tx.emit(Event::new("SlaRecomputed", RecordKind::TICKET, ticket.id, ticket.version, data));
    }
    apply::tell(tx, ticket, terms, &moved.step.clock, &marks);
    Ok(())
}

/// Why the clock is worked out anew.
fn cause(version: i64, calendars: &BTreeMap<String, i64>, before: i64, before_by: &BTreeMap<String, i64>) -> Cause {
    if version != before {
        return Cause::SlaEdited { version };
    }
    match calendars.iter().find(|(key, version)| before_by.get(*key) != Some(version)) {
        Some((calendar, version)) => Cause::CalendarEdited { calendar: calendar.clone(), version: *version },
        None => Cause::Asked,
    }
}

/// The service level is no longer for the ticket: its ongoing cycle goes, what was completed stays.
async fn drop_ongoing(tx: &mut Tx, ticket: TicketId, key: &str) -> Result<(), DbError> {
    let stored = store::clock_of(tx, ticket, key).await?;
    let Some(stored) = stored else { return store::delete_ongoing(tx, ticket, key).await };
    let kept: Vec<_> = stored.clock.cycles.iter().filter(|cycle| !cycle.is_ongoing()).cloned().collect();
    let kept = Clock { facts: stored.clock.facts.clone(), cycles: kept };
    let rows = |clock: &Clock| store::rows_of(ticket, key, clock);
    if store::save_cycles(tx, &rows(&stored.clock), &rows(&kept)).await? {
        store::note_next_due(tx, ticket.0).await?;
    }
    apply::stop_timer(tx, ticket, key).await?;
    // The rows of completed cycles are enough for reports; without its clock the ticket is not looked at again.
    store::delete_clock(tx, ticket, key).await
}
