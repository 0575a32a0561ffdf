//! The job that looks an account up and mails the link for a new password. A job, so that the request takes the
//! same time whether or not there is such an account.

use async_trait::async_trait;
use platform::{App, Ctx, Finished, Job, JobHandler, Lane, WorkError};

use crate::{
    link::{self, Purpose},
    mail::{self, Letter, PostError},
    person,
};

/// The kind of the job.
pub(crate) const PASSWORD_RESET: &str = "identity.password_reset";

/// Mails a reset link, or a fresh invitation to somebody who has never accepted one.
pub(crate) struct MailReset(pub(crate) App);

#[async_trait]
impl JobHandler for MailReset {
    fn kind(&self) -> &'static str {
        PASSWORD_RESET
    }

    async fn run(&self, job: &Job) -> Result<Finished, WorkError> {
        let vault = self.0.vault.clone();
        let opened = job.payload["sealed"].as_str().and_then(|sealed| vault.open(sealed).ok());
        let key = opened
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .ok_or_else(|| WorkError::Dead("the payload cannot be opened with this vault key".to_owned()))?;
        let job = job.clone();
        self.0
            .db
            .write(&Ctx::system("identity"), Lane::Front, move |tx| {
                Box::pin(async move {
                    if let Some(person) = person::store::find_by_email(tx, &key).await?.filter(|person| person.active) {
                        let purpose = if person.invited { Purpose::Invitation } else { Purpose::PasswordReset };
                        let token = link::issue(tx, purpose, Some(person.person_id())).await?;
                        let name = person.name.clone();
                        let letter = match purpose {
                            Purpose::Invitation => Letter::Invitation { name, token },
                            _ => Letter::PasswordReset { name, token },
                        };
                        mail::post(&vault, tx, &person.email, letter).await.map_err(|error| match error {
                            PostError::Db(error) => WorkError::Db(error),
                            PostError::Vault(error) => WorkError::Failed(error.to_string()),
                        })?;
                    }
                    Ok(tx.finish(&job).await?)
                })
            })
            .await
    }
}
