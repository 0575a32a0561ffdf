//! Hands pages over, one job each.
//!
//! The job looks whether the page is still wanted, sends outside any transaction, and then marks the page in the
//! transaction that ends the job. A crash between the two sends it again under the same Message-ID.

use async_trait::async_trait;
use jiff::SignedDuration;
use kernel::{AlertId, ContactId, PageId, PersonId, micros};
use platform::{App, Ctx, DbError, Finished, Job, JobHandler, Lane, SendError, Tx, WorkError};
use serde_json::json;

use super::{
    PagingError, flow, link, message, people,
    store::{self, PageRow},
};
use crate::alert::{AlertState, log_in};

/// Hands one page over; the key is the page.
pub(super) const DELIVER: &str = "page.deliver";
/// After this many failures the next method and the next person are tried, beside this one.
const PATIENCE: i64 = 3;
/// The longest wait between two attempts.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_mins(5);

/// Does [`DELIVER`].
pub(super) struct Deliver {
    app: App,
}

impl Deliver {
    pub(super) fn new(app: &App) -> Self {
        Self { app: app.clone() }
    }

    /// Sends a page that is still wanted; `None` when it is not.
    async fn send(&self, page: &PageRow) -> Result<Option<Result<(), SendError>>, DbError> {
        let read = self.app.db.read();
        let Some(facts) = message::load(&read, page).await? else { return Ok(None) };
        if !is_waiting(page) || !facts.is_wanted() {
            return Ok(None);
        }
        let link = self.app.url(&format!("/ack/{}", link::token_of(&self.app.vault, page)));
        Ok(Some(match page.contact_kind.as_str() {
            "mail" => self.app.mailer.send(message::mail(&self.app, page, &facts, &link)).await,
            "webhook" => match identity::lookup::webhook_url(&self.app, ContactId(page.contact_id)).await? {
                Some(Ok(url)) => {
                    self.app.webhooks.post(message::webhook(&self.app, url, page, &facts, &link)).await.map(drop)
                }
                Some(Err(reason)) => Err(SendError::permanent(reason)),
                None => Err(SendError::permanent("the webhook was removed from the person's contacts")),
            },
            other => Err(SendError::permanent(format!("there is no channel {other}"))),
        }))
    }
}

fn is_waiting(page: &PageRow) -> bool {
    matches!(page.state.as_str(), "pending" | "held")
}

#[async_trait]
impl JobHandler for Deliver {
    fn kind(&self) -> &'static str {
        DELIVER
    }

    fn outgoing(&self) -> bool {
        true
    }

    async fn run(&self, job: &Job) -> Result<Finished, WorkError> {
        let id: PageId = job.key.parse().map_err(|_| WorkError::Dead(format!("the key {} is not an id", job.key)))?;
        let page = store::find_page(&self.app.db.read(), id).await?;
        let outcome = match &page {
            None => None,
            Some(page) => self.send(page).await?,
        };
        let handed_over = matches!(outcome, Some(Ok(()))).then(|| page.clone()).flatten();
        let job = job.clone();
        let ctx = Ctx::system("paging");
        let done = self.app.db.write(&ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                let Some(page) = page else { return Ok(tx.finish(&job).await?) };
                let alert = flow::locked(tx, AlertId(page.alert_id)).await?;
                let finished = tx.finish(&job).await?;
                match outcome {
                    None => {
                        store::mark_cancelled(tx, page.id, "the alert was acknowledged, closed or snoozed meanwhile")
                            .await?;
                    }
                    Some(Ok(())) => sent(tx, &page).await?,
                    Some(Err(error)) => failed(tx, &alert, &page, &error).await?,
                }
                Ok::<_, PagingError>(finished)
            })
        });
        match (done.await, handed_over) {
            // Cancelled while it was being sent: the person was told all the same, and the trail says so.
            (Err(PagingError::Db(DbError::LeaseLost)), Some(page)) => {
                let told =
                    self.app.db.write(&ctx, Lane::Front, move |tx| Box::pin(async move { sent(tx, &page).await }));
                told.await?;
                Err(DbError::LeaseLost.into())
            }
            (done, _) => Ok(done?),
        }
    }
}

async fn sent(tx: &mut Tx, page: &PageRow) -> Result<(), PagingError> {
    store::mark_sent(tx, page.id, page.attempts + 1).await?;
    let person = PersonId(page.person_id);
    let names = identity::lookup::person_names(tx, &[person]).await?;
    let name = names.get(&person).map_or("(removed)", String::as_str);
    let text = format!("{name} was told by {}", page.contact_kind);
    let data = json!({ "page": page.id, "person": person, "round": page.round, "step": page.step });
    Ok(log_in(tx, AlertId(page.alert_id), "notified", &text, Some(&page.because), data).await?)
}

/// A message that cannot be handed over: it is tried again, unless that is pointless; at the third failure the next
/// method and the next person have their turn.
async fn failed(tx: &mut Tx, alert: &AlertState, page: &PageRow, error: &SendError) -> Result<(), PagingError> {
    let attempts = page.attempts + 1;
    let again = (!error.permanent).then(|| tx.now() + wait_after(attempts));
    store::mark_tried(tx, page.id, attempts, &error.message, again).await?;
    if let Some(at) = again {
        flow::schedule_delivery(tx, PageId(page.id), at).await?;
    }
    let fails_over = if error.permanent { attempts <= PATIENCE } else { attempts == PATIENCE };
    if fails_over {
        fail_over(tx, alert, page, &error.message).await?;
    }
    Ok(())
}

/// 5, 10, 20 ... seconds, at most five minutes: while an alert waits for an answer nobody gives up.
fn wait_after(attempts: i64) -> SignedDuration {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(0).min(10);
    SignedDuration::from_secs(5_i64 << doublings).min(LONGEST_WAIT)
}

/// The next method of the person; where there is none, the next step of the escalation.
async fn fail_over(tx: &mut Tx, alert: &AlertState, page: &PageRow, error: &str) -> Result<(), PagingError> {
    let because = format!("{} to {} could not be delivered: {error}", page.contact_kind, page.address);
    log_in(
        tx,
        alert.id,
        "delivery_failed",
        "A page could not be delivered",
        Some(&because),
        json!({ "page": page.id }),
    )
    .await?;
    let of_step = store::list_of_step(tx, page).await?;
    let later = of_step.iter().find(|one| one.id != page.id && is_waiting(one) && one.attempts == 0);
    if let Some(later) = later {
        if later.due_at > micros(tx.now()) {
            store::mark_due(tx, later.id).await?;
            flow::schedule_delivery(tx, PageId(later.id), tx.now()).await?;
        }
        return Ok(());
    }
    if of_step.iter().any(|one| one.state == "sent") {
        return Ok(());
    }
    let used: Vec<_> = of_step.iter().map(|one| one.contact_id).collect();
    if let Some(spare) = people::spare_contact(tx, PersonId(page.person_id), &used).await? {
        let next = PageRow {
            id: tx.new_id(),
            contact_id: spare.id.0,
            contact_kind: spare.kind.as_str().to_owned(),
            address: spare.address,
            because: format!("{because}; this is the person's next method"),
            state: "pending".to_owned(),
            due_at: micros(tx.now()),
            created_at: micros(tx.now()),
            ..page.clone()
        };
        flow::intend(tx, &next).await?;
        return Ok(());
    }
    flow::hurry_after(tx, alert, page).await
}
