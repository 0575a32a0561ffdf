//! Mailing notifications, and sweeping old ones away.

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use kernel::PersonId;
use platform::{App, Ctx, DbError, Finished, Job, JobHandler, Lane, Mail, NewJob, Tx, WorkError};
use serde_json::json;
use uuid::Uuid;

use super::store::NotificationRow;
use super::{Sources, Words, store, words};
use crate::lookup;
use crate::mail::jobs::not_sent;

/// Mails one notification; the key is the notification.
pub(super) const MAIL: &str = "notification.mail";
/// Sweeps old notifications away; the key is the day.
const SWEEP: &str = "notification.sweep";

/// How long read notifications stay.
pub(super) const READ_KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);
/// How long any notification stays.
pub(super) const KEPT: SignedDuration = SignedDuration::from_hours(365 * 24);

const DAY_S: i64 = 86_400;
/// Longest text of a mail, in characters; the rest is behind the link.
const TEXT_MAX: usize = 20_000;

/// Plans the sweep of the day after `span`, so that nothing has to run where nobody is told anything.
pub(super) async fn plan_sweep(tx: &mut Tx, span: SignedDuration) -> Result<(), DbError> {
    let day = (tx.now() + span).as_second().div_euclid(DAY_S) + 1;
    let due = Timestamp::from_second(day * DAY_S).unwrap_or(tx.now());
    tx.schedule(NewJob::at(SWEEP, day.to_string(), due, json!({}))).await
}

/// Does [`SWEEP`].
pub(super) struct Sweep {
    app: App,
}

impl Sweep {
    pub(super) fn new(app: &App) -> Self {
        Self { app: app.clone() }
    }
}

#[async_trait]
impl JobHandler for Sweep {
    fn kind(&self) -> &'static str {
        SWEEP
    }

    async fn run(&self, job: &Job) -> Result<Finished, WorkError> {
        let job = job.clone();
        let done: Result<Finished, DbError> = self
            .app
            .db
            .write(&Ctx::system("notifications"), Lane::Bulk, move |tx| {
                Box::pin(async move {
                    let now = tx.now();
                    store::delete_old(tx, now - READ_KEPT, now - KEPT).await?;
                    tx.finish(&job).await
                })
            })
            .await;
        Ok(done?)
    }
}

/// Does [`MAIL`].
pub(super) struct MailNotification {
    app: App,
    sources: Sources,
}

impl MailNotification {
    pub(super) fn new(app: &App, sources: Sources) -> Self {
        Self { app: app.clone(), sources }
    }

    /// The mail, if it is still wanted and the person may still see what it says.
    async fn mail(&self, id: Uuid) -> Result<Option<Mail>, DbError> {
        let app = &self.app;
        let read = app.db.read();
        let Some(row) = store::find(&read, id).await? else { return Ok(None) };
        // Read in the app while it waited, such as behind a hold.
        if row.in_app && row.read_at.is_some() {
            return Ok(None);
        }
        let person = PersonId(row.person_id);
        let (Some(facts), Some(ctx)) =
            (lookup::people(&read, &[person]).await?.remove(&person), app.authenticator.caller_of(person).await?)
        else {
            return Ok(None);
        };
        let rows = std::slice::from_ref(&row);
        let actors = words::actors(app, &ctx.scope, rows).await?;
        let mut worded = words::of_rows(app, &ctx, &self.sources, rows, &actors).await?;
        Ok(worded.remove(&row.id).map(|words| letter(app, facts.email, &row, &words)))
    }
}

#[async_trait]
impl JobHandler for MailNotification {
    fn kind(&self) -> &'static str {
        MAIL
    }

    fn outgoing(&self) -> bool {
        true
    }

    async fn run(&self, job: &Job) -> Result<Finished, WorkError> {
        let id = job.key.parse().map_err(|_| WorkError::Dead(format!("the key {} is not an id", job.key)))?;
        if let Some(mail) = self.mail(id).await? {
            self.app.mailer.send(mail).await.map_err(not_sent)?;
        }
        let job = job.clone();
        let done: Result<Finished, DbError> = self
            .app
            .db
            .write(&Ctx::system("notifications"), Lane::Front, move |tx| Box::pin(async move { tx.finish(&job).await }))
            .await;
        Ok(done?)
    }
}

/// The record's key and title on one line of a bearable length: the same for all mails of a record.
fn subject(words: &Words) -> String {
    let text = match &words.key {
        Some(key) => format!("{key} {}", words.record_title),
        None => words.record_title.clone(),
    };
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(180).collect();
    line.trim().to_owned()
}

fn letter(app: &App, to: String, row: &NotificationRow, words: &Words) -> Mail {
    let mut text = format!("{}\n", words.title);
    if !words.text.trim().is_empty() {
        let cut: String = words.text.chars().take(TEXT_MAX).collect();
        let more = if cut.len() < words.text.len() { "\n[...]" } else { "" };
        text.push_str(&format!("\n{}{more}\n", cut.trim()));
    }
    text.push_str(&format!("\nWhy you: {}\n{}\n", row.why, app.url(&words.path)));
    text.push_str(&format!(
        "\nSent by Bridgewatch for {}. Choose what you are told, and how: {}\n",
        app.settings.organisation,
        app.url("/me/notifications")
    ));
    Mail {
        to,
        subject: subject(words),
        text,
        html: None,
        message_id: format!("notification.{}", row.id),
        thread: Some(format!("{}.{}", row.record_kind, row.record_id)),
        headers: vec![("X-Bridgewatch-Topic".to_owned(), row.topic.clone())],
    }
}
