//! A sign of life to a watcher outside (a dead man's switch): when it stays away, somebody else raises the alarm.
//!
//! It is a job that schedules itself, so that it proves what pages need: the database takes writes, timers run, and
//! the network can be reached. With several servers on one database one of them sends it.

use async_trait::async_trait;
use jiff::SignedDuration;
use platform::db::FromRow;
use platform::{App, Ctx, DbError, Finished, Job, JobHandler, Lane, NewJob, Sql, Tx, Webhook, WorkError, params};
use serde_json::json;
use uuid::Uuid;

use crate::config;

const KIND: &str = "server.heartbeat";
const KEY: &str = "heartbeat";

/// Posts it and sets the next one.
pub struct Heartbeat {
    app: App,
    settings: config::Heartbeat,
}

impl Heartbeat {
    /// To this address, this often.
    pub fn new(app: &App, settings: config::Heartbeat) -> Self {
        Self { app: app.clone(), settings }
    }

    fn every(&self) -> SignedDuration {
        SignedDuration::from_secs(i64::from(self.settings.every_s.clamp(10, 3600)))
    }
}

#[async_trait]
impl JobHandler for Heartbeat {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn run(&self, job: &Job) -> Result<Finished, WorkError> {
        let id = format!("heartbeat.{}", kernel::micros(job.due_at));
        let body = json!({ "type": "heartbeat", "version": self.app.settings.version });
        let url = self.settings.url.clone();
        if let Err(error) = self.app.webhooks.post(Webhook { url, body, headers: vec![], id }).await {
            // The watcher outside notices; here it is enough to say why.
            tracing::warn!(reason = error.message, "the heartbeat could not be sent");
        }
        let (job, every) = (job.clone(), self.every());
        self.app
            .db
            .write(&Ctx::system("heartbeat"), Lane::Front, move |tx| {
                Box::pin(async move {
                    let finished = tx.finish(&job).await?;
                    tx.schedule(NewJob::at(KIND, KEY, tx.now() + every, json!({}))).await?;
                    Ok(finished)
                })
            })
            .await
    }
}

/// Sets the first one, due at once.
///
/// # Errors
/// When the database fails.
pub async fn start(app: &App) -> Result<(), DbError> {
    app.db.write(&Ctx::system("heartbeat"), Lane::Front, |tx| Box::pin(async move { start_in(tx).await })).await
}

/// As [`start`], in a transaction.
///
/// # Errors
/// When the database fails.
pub async fn start_in(tx: &mut Tx) -> Result<(), DbError> {
    tx.schedule(NewJob::now(KIND, KEY, json!({}))).await
}

/// Whether one is set.
///
/// # Errors
/// When the database fails.
pub async fn is_set(sql: &impl Sql) -> Result<bool, DbError> {
    #[derive(FromRow)]
    struct Id {
        #[column = "id"]
        _id: Uuid,
    }
    let found: Option<Id> = sql.one("SELECT id FROM jobs WHERE kind = $1 AND key = $2", params![KIND, KEY]).await?;
    Ok(found.is_some())
}
