//! Removing what nothing uses any more: a job that schedules itself.

use async_trait::async_trait;
use jiff::SignedDuration;
use serde_json::json;

use super::{BlobError, store};
use crate::{App, Ctx, DbError, Finished, Job, JobHandler, Lane, NewJob, Work, WorkError};

const KIND: &str = "storage.sweep";
const KEY: &str = "sweep";
/// How often.
const EVERY: SignedDuration = SignedDuration::from_hours(1);
/// Blobs in one transaction.
const BATCH: i64 = 100;
/// What was being uploaded longer ago than this has been cut off.
const CUT_OFF: SignedDuration = SignedDuration::from_hours(24);

/// The job that sweeps.
pub fn work(app: &App) -> Work {
    Work::new().job(Sweep { app: app.clone() })
}

/// Sets the first sweep, due at once.
///
/// # Errors
/// When the database fails.
pub async fn start(app: &App) -> Result<(), DbError> {
    app.db
        .write(&Ctx::system("storage"), Lane::Bulk, |tx| {
            Box::pin(async move { tx.schedule(NewJob::now(KIND, KEY, json!({}))).await })
        })
        .await
}

struct Sweep {
    app: App,
}

impl Sweep {
    async fn sweep(&self) -> Result<(), BlobError> {
        let (app, system) = (&self.app, Ctx::system("storage"));
        let before = app.now() - app.blobs.grace();
        let mut retired = 0;
        loop {
            let more: Result<u64, DbError> = app
                .db
                .write(&system, Lane::Bulk, move |tx| Box::pin(async move { store::retire(tx, before, BATCH).await }))
                .await;
            match more? {
                0 => break,
                more => retired += more,
            }
        }
        loop {
            let places = store::list_garbage(&app.db.read(), BATCH).await?;
            if places.is_empty() {
                break;
            }
            for place in &places {
                app.blobs.delete(place).await?;
            }
            let emptied: Result<(), DbError> = app
                .db
                .write(&system, Lane::Bulk, move |tx| Box::pin(async move { store::delete_garbage(tx, &places).await }))
                .await;
            emptied?;
        }
        let pieces = app.blobs.tidy(app.now() - CUT_OFF).await?;
        if retired + pieces > 0 {
            tracing::info!(retired, pieces, "contents were removed that nothing used");
        }
        Ok(())
    }
}

#[async_trait]
impl JobHandler for Sweep {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn run(&self, job: &Job) -> Result<Finished, WorkError> {
        if let Err(error) = self.sweep().await {
            // Nothing is lost: what is left is swept the next time.
            tracing::warn!(error = &error as &dyn std::error::Error, "unused contents could not be removed");
        }
        let job = job.clone();
        self.app
            .db
            .write(&Ctx::system("storage"), Lane::Bulk, move |tx| {
                Box::pin(async move {
                    let finished = tx.finish(&job).await?;
                    tx.schedule(NewJob::at(KIND, KEY, tx.now() + EVERY, json!({}))).await?;
                    Ok(finished)
                })
            })
            .await
    }
}
