//! The test post to a webhook contact. Its first success verifies the contact.

use async_trait::async_trait;
use kernel::{ContactId, Event, PersonId, RecordKind};
use platform::{App, Ctx, Finished, Job, JobHandler, Lane, Webhook, WorkError};
use serde::Deserialize;
use serde_json::json;

use super::{open_url, store};
use crate::{mail::jobs::not_sent, person};

/// The kind of the job.
pub(crate) const CHECK_WEBHOOK: &str = "identity.check_webhook";

/// Posts a test message to a webhook contact.
pub(crate) struct CheckWebhook(pub(crate) App);

#[derive(Deserialize)]
struct Payload {
    person_id: PersonId,
    contact_id: ContactId,
}

#[async_trait]
impl JobHandler for CheckWebhook {
    fn kind(&self) -> &'static str {
        CHECK_WEBHOOK
    }

    fn outgoing(&self) -> bool {
        true
    }

    async fn run(&self, job: &Job) -> Result<Finished, WorkError> {
        let app = &self.0;
        let Payload { person_id, contact_id } = serde_json::from_value(job.payload.clone())
            .map_err(|_| WorkError::Dead("the payload is of another version".to_owned()))?;
        let contact = store::find(&app.db.read(), person_id, contact_id).await?;
        if let Some(contact) = &contact {
            let body = json!({
                "type": "test",
                "message": format!("Test message from {}. Notifications reach you at this address.", app.settings.organisation),
                "url": app.url("/me"),
            });
            // Each attempt of the same test is the same message; a test asked for later is another one.
            let id = format!("{contact_id}.{}", kernel::micros(job.due_at));
            let url =
                open_url(&app.vault, contact.sealed.as_deref()).map_err(|error| WorkError::Dead(error.to_owned()))?;
            app.webhooks.post(Webhook { url, body, headers: vec![], id }).await.map_err(not_sent)?;
        }
        let job = job.clone();
        app.db
            .write(&Ctx::system("identity"), Lane::Front, move |tx| {
                Box::pin(async move {
                    if contact.is_some() && store::update_verified(tx, contact_id).await? {
                        let version = person::store::touch(tx, person_id).await?;
                        let data = json!({ "contact_id": contact_id });
                        tx.emit(Event::new("ContactVerified", RecordKind::PERSON, person_id, version, data));
                    }
                    Ok(tx.finish(&job).await?)
                })
            })
            .await
    }
}
