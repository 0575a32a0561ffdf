//! Working out what older tickets held, from the event log.

use std::collections::HashMap;

use async_trait::async_trait;
use kernel::{PersonId, TicketId};
use platform::{App, Ctx, DbError, Finished, Job, JobHandler, Lane, NewJob, Tx, Work, WorkError};
use serde_json::json;
use uuid::Uuid;

use super::{At, held, store, values};
use crate::sla;
use crate::ticket::{TicketError, lock};

/// Works out what older tickets held, a few at a time. How far it is stands in the database, so a kill loses nothing.
const REBUILD: &str = "ticket.rebuild_past";
/// Tickets that one transaction locks.
const BATCH: i64 = 20;

/// The handlers.
pub(crate) fn work(app: &App) -> Work {
    Work::new().job(RebuildJob { app: app.clone() })
}

/// Sees to it that what is left gets worked out.
pub(crate) async fn schedule(tx: &mut Tx) -> Result<(), DbError> {
    match store::left(&*tx).await? {
        Some(_) => tx.schedule(NewJob::now(REBUILD, "all", json!({}))).await,
        None => Ok(()),
    }
}

struct RebuildJob {
    app: App,
}

#[async_trait]
impl JobHandler for RebuildJob {
    fn kind(&self) -> &'static str {
        REBUILD
    }

    async fn run(&self, job: &Job) -> Result<Finished, WorkError> {
        let job = job.clone();
        let ctx = Ctx::system("desk");
        let done = self.app.db.write(&ctx, Lane::Bulk, move |tx| {
            Box::pin(async move {
                if let Some(left) = store::left(&*tx).await? {
                    let tickets = store::next(&*tx, left, BATCH).await?;
                    for (id, _) in &tickets {
                        rebuild(tx, *id).await?;
                    }
                    store::note_done(tx, tickets.last().map_or(left.up_to, |(_, seq)| *seq)).await?;
                }
                let finished = tx.finish(&job).await?;
                schedule(tx).await?;
                Ok::<_, DbError>(finished)
            })
        });
        Ok(done.await?)
    }
}

/// Works out what one ticket held.
async fn rebuild(tx: &mut Tx, id: TicketId) -> Result<(), DbError> {
    let ticket = match lock(tx, id, None).await {
        Ok(ticket) => ticket,
        Err(TicketError::Db(error)) => return Err(error),
        Err(_) => return Ok(()),
    };
    let events = sla::events_of(&*tx, id).await?;
    let by: HashMap<Uuid, Option<PersonId>> = events.iter().map(|event| (event.id, event.actor.person())).collect();
    let mut moments: Vec<At> = sla::history(&events)
        .into_iter()
        .map(|change| {
            let then = change.snapshot.snapshot;
            At {
                at: change.at,
                by: by.get(&change.event.0).copied().flatten(),
                values: values(&then.status, then.priority, then.assignee.map(Uuid::from), then.team.map(Uuid::from)),
            }
        })
        .collect();
    if moments.is_empty() {
        // Its events are gone; what it is now is all that is known.
        let (assignee, team) = (ticket.assignee.map(Uuid::from), ticket.team.map(Uuid::from));
        let values = values(&ticket.status, ticket.priority.priority, assignee, team);
        moments.push(At { at: ticket.created_at, by: None, values });
    }
    store::delete(tx, id).await?;
    store::insert(tx, id, &held(moments)).await
}
