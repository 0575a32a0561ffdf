//! The timers of an escalation.

use async_trait::async_trait;
use kernel::AlertId;
use platform::{App, Ctx, Finished, Job, JobHandler, Lane, WorkError};
use uuid::Uuid;

use super::{PagingError, flow, store};
use crate::alert::{self, Change};

/// Runs the next step of an escalation; the key is the escalation.
pub(super) const RUN_STEP: &str = "escalation.step";
/// Takes back an acknowledgement that is too old; the key is the alert.
pub(super) const END_ACKNOWLEDGEMENT: &str = "escalation.ack_timeout";

fn id_of(job: &Job) -> Result<Uuid, WorkError> {
    job.key.parse().map_err(|_| WorkError::Dead(format!("the key {} is not an id", job.key)))
}

/// Does [`RUN_STEP`].
pub(super) struct RunStep {
    app: App,
}

impl RunStep {
    pub(super) fn new(app: &App) -> Self {
        Self { app: app.clone() }
    }
}

#[async_trait]
impl JobHandler for RunStep {
    fn kind(&self) -> &'static str {
        RUN_STEP
    }

    async fn run(&self, job: &Job) -> Result<Finished, WorkError> {
        let (id, job) = (id_of(job)?, job.clone());
        let ctx = Ctx::system("escalation");
        let done = self.app.db.write(&ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                let Some(row) = store::find_escalation(tx, id).await? else { return Ok(tx.finish(&job).await?) };
                // The alert's lock comes before the job's, as everywhere, so that nothing waits in a circle.
                let alert = flow::locked(tx, AlertId(row.alert_id)).await?;
                // Finished before it is advanced: the next timer has the same key.
                let finished = tx.finish(&job).await?;
                // Read again under the lock: it may have been stopped while we waited.
                let Some(row) = store::find_escalation(tx, id).await? else { return Ok(finished) };
                if row.state == store::state::RUNNING
                    && let Some(run) = row.run()?
                {
                    flow::advance(tx, &alert, &row, run, alert.facts()).await?;
                }
                Ok::<_, PagingError>(finished)
            })
        });
        Ok(done.await?)
    }
}

/// Does [`END_ACKNOWLEDGEMENT`].
pub(super) struct EndAcknowledgement {
    app: App,
}

impl EndAcknowledgement {
    pub(super) fn new(app: &App) -> Self {
        Self { app: app.clone() }
    }
}

#[async_trait]
impl JobHandler for EndAcknowledgement {
    fn kind(&self) -> &'static str {
        END_ACKNOWLEDGEMENT
    }

    async fn run(&self, job: &Job) -> Result<Finished, WorkError> {
        let (id, job) = (AlertId(id_of(job)?), job.clone());
        let ctx = Ctx::system("escalation");
        let done = self.app.db.write(&ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                let alert = flow::locked(tx, id).await?;
                let finished = tx.finish(&job).await?;
                if let (true, Some(at), None) = (alert.open, alert.acknowledged_at, alert.snoozed_until) {
                    let minutes = tx.now().duration_since(at).as_mins();
                    let because = format!("Acknowledged {minutes} min ago and still open: the policy pages again.");
                    alert::time_out_acknowledgement_in(tx, id, Change::because(because)).await?;
                }
                Ok::<_, PagingError>(finished)
            })
        });
        Ok(done.await?)
    }
}
