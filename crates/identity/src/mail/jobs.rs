//! The job that sends a mail.

use async_trait::async_trait;
use platform::{App, Ctx, Finished, Job, JobHandler, Lane, Mail, SendError, WorkError};

use super::{KIND, Outgoing};

/// Sends one mail.
pub(crate) struct SendMail(pub(crate) App);

#[async_trait]
impl JobHandler for SendMail {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn outgoing(&self) -> bool {
        true
    }

    async fn run(&self, job: &Job) -> Result<Finished, WorkError> {
        let app = &self.0;
        let outgoing = open(app, job)?;
        let (subject, text) = outgoing.letter.render(&app.settings.organisation, &app.settings.base_url);
        let message_id = format!("identity.{}", job.key);
        let mail = Mail { to: outgoing.to, subject, text, html: None, message_id, thread: None, headers: vec![] };
        app.mailer.send(mail).await.map_err(not_sent)?;
        let job = job.clone();
        app.db
            .write(&Ctx::system("identity"), Lane::Front, move |tx| Box::pin(async move { Ok(tx.finish(&job).await?) }))
            .await
    }
}

fn open(app: &App, job: &Job) -> Result<Outgoing, WorkError> {
    let sealed =
        job.payload["sealed"].as_str().ok_or_else(|| WorkError::Dead("the mail's payload is not sealed".to_owned()))?;
    let opened = app.vault.open(sealed).map_err(|error| WorkError::Dead(error.to_string()))?;
    serde_json::from_slice(&opened).map_err(|_| WorkError::Dead("the mail's payload is of another version".to_owned()))
}

/// What a failed delivery means for the job.
pub(crate) fn not_sent(error: SendError) -> WorkError {
    if error.permanent { WorkError::Dead(error.message) } else { WorkError::Failed(error.message) }
}
