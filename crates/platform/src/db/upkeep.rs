//! Statistics for SQLite's planner: a job that schedules itself. PostgreSQL keeps its own.
//!
//! Without them SQLite takes each index for equally good, and finds the tickets of a busy reporter one by one where the
//! order that is asked for would lead to them at once.

use async_trait::async_trait;
use jiff::SignedDuration;
use serde_json::json;

use super::{Backend, DbError, FromRow, Sql};
use crate::{App, Ctx, Finished, Job, JobHandler, Lane, NewJob, Work, WorkError};

const KIND: &str = "database.statistics";
const KEY: &str = "statistics";
/// How often; what has not changed much is left alone.
const EVERY: SignedDuration = SignedDuration::from_mins(30);
/// Pages of a small database. What would be found in it misleads once it has grown.
const SMALL: i64 = 2_000;

/// The job that keeps statistics.
pub fn work(app: &App) -> Work {
    Work::new().job(Statistics { app: app.clone() })
}

/// Sets the first one, due at once.
///
/// # Errors
/// When the database fails.
pub async fn start(app: &App) -> Result<(), DbError> {
    if app.db.backend() == Backend::Postgres {
        return Ok(());
    }
    let system = Ctx::system("database");
    let job = || NewJob::now(KIND, KEY, json!({}));
    app.db.write(&system, Lane::Bulk, move |tx| Box::pin(async move { tx.schedule(job()).await })).await
}

#[derive(FromRow)]
struct Pages {
    page_count: i64,
}

struct Statistics {
    app: App,
}

#[async_trait]
impl JobHandler for Statistics {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn run(&self, job: &Job) -> Result<Finished, WorkError> {
        let (job, system) = (job.clone(), Ctx::system("database"));
        let write = self.app.db.write(&system, Lane::Bulk, move |tx| {
            Box::pin(async move {
                let pages: Option<Pages> = tx.one("PRAGMA page_count", vec![]).await?;
                if pages.is_some_and(|pages| pages.page_count > SMALL) {
                    // Rows of an index that are looked at: enough for an estimate, and done in milliseconds.
                    tx.execute("PRAGMA analysis_limit = 1000", vec![]).await?;
                    // All tables whose statistics are missing or old, those that were not asked yet too.
                    tx.execute("PRAGMA optimize = 0x10002", vec![]).await?;
                }
                let finished = tx.finish(&job).await?;
                tx.schedule(NewJob::at(KIND, KEY, tx.now() + EVERY, json!({}))).await?;
                Ok(finished)
            })
        });
        write.await
    }
}
