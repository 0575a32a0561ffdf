//! The end of a snooze: a timer row, so that a restart loses nothing.

use async_trait::async_trait;
use kernel::AlertId;
use platform::work::{Finished, Job, JobHandler, WorkError};
use platform::{App, Ctx, Lane};

use super::change::{Change, apply_in};
use super::error::AlertError;
use super::state::Verb;

/// Kind of the timer that ends a snooze; its key is the alert's id.
pub const END_SNOOZE: &str = "alert.end_snooze";

/// Ends a snooze when its time has come.
pub struct EndSnooze {
    app: App,
}

impl EndSnooze {
    /// The handler, on this application.
    pub fn new(app: &App) -> Self {
        Self { app: app.clone() }
    }
}

#[async_trait]
impl JobHandler for EndSnooze {
    fn kind(&self) -> &'static str {
        END_SNOOZE
    }

    async fn run(&self, job: &Job) -> Result<Finished, WorkError> {
        let job = job.clone();
        let alert: Option<AlertId> = serde_json::from_value(job.payload["alert"].clone()).ok();
        self.app
            .db
            .write(&Ctx::system("snooze"), Lane::Front, move |tx| {
                Box::pin(async move {
                    if let Some(alert) = alert {
                        match apply_in(tx, alert, Verb::EndSnooze, Change::because("the time of the snooze has come"))
                            .await
                        {
                            Ok(_) | Err(AlertError::NotFound) => {}
                            Err(AlertError::Db(error)) => return Err(WorkError::from(error)),
                            Err(error) => return Err(WorkError::Dead(error.to_string())),
                        }
                    }
                    Ok(tx.finish(&job).await?)
                })
            })
            .await
    }
}
