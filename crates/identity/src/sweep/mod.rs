//! Sweeps away what has ended: sessions, one-time links, counted attempts.
//!
//! None of them has any effect after its end; the sweep only keeps the tables small and forgets network addresses.
//! It is a job of the hour in which something was counted, so that nothing has to run in an idle installation.

mod store;

use async_trait::async_trait;
use jiff::{Timestamp, ToSpan};
use platform::{App, Ctx, DbError, Finished, Job, JobHandler, Lane, NewJob, Tx, WorkError};
use serde_json::json;

use crate::throttle;

const KIND: &str = "identity.sweep";
const HOUR_S: i64 = 3600;

/// Plans the sweep at the end of this hour.
pub(crate) async fn schedule(tx: &mut Tx) -> Result<(), DbError> {
    let hour = tx.now().as_second().div_euclid(HOUR_S);
    let due = Timestamp::from_second((hour + 1) * HOUR_S).unwrap_or(tx.now());
    tx.schedule(NewJob::at(KIND, hour.to_string(), due, json!({}))).await
}

/// Runs the sweep.
pub(crate) struct Sweep(pub(crate) App);

#[async_trait]
impl JobHandler for Sweep {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn run(&self, job: &Job) -> Result<Finished, WorkError> {
        let job = job.clone();
        self.0
            .db
            .write(&Ctx::system("identity"), Lane::Bulk, move |tx| {
                Box::pin(async move {
                    let now = tx.now();
                    let counted = now.saturating_sub(throttle::WINDOW_MIN.minutes()).unwrap_or(now);
                    throttle::store::delete_before(tx, counted).await?;
                    store::delete_ended_sessions(tx, now).await?;
                    // Ended links stay a week, so that somebody who asks why a link fails can be answered.
                    store::delete_ended_links(tx, now.saturating_sub((7 * 24).hours()).unwrap_or(now)).await?;
                    Ok(tx.finish(&job).await?)
                })
            })
            .await
    }
}
