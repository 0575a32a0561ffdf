//! What is measured, under which names. `server` installs the recorder that keeps the numbers; without one they cost
//! nothing. Labels hold kinds and outcomes only: never ids, addresses or names.

use std::time::{Duration, Instant};

use async_trait::async_trait;

use crate::outgoing::{Mail, Mailer, SendError, Webhook, WebhookSender};

/// Requests, by method, route (with its parameters unfilled) and status.
pub const REQUESTS: &str = "bridgewatch_http_requests_total";
/// How long requests took, by method and route.
pub const REQUEST_SECONDS: &str = "bridgewatch_http_request_seconds";
/// Changes to the database, by outcome.
pub const CHANGES: &str = "bridgewatch_database_changes_total";
/// How long the durable commits of groups took; on SQLite.
pub const COMMIT_SECONDS: &str = "bridgewatch_database_commit_seconds";
/// Changes in one commit; on SQLite.
pub const GROUP_SIZE: &str = "bridgewatch_database_group_changes";
/// Jobs that ended, by kind and outcome (`done`, `failed`, `dead`, `lost`).
pub const JOBS: &str = "bridgewatch_jobs_total";
/// How long jobs took, by kind.
pub const JOB_SECONDS: &str = "bridgewatch_job_seconds";
/// How long after its due time a job began, by kind.
pub const JOB_DELAY_SECONDS: &str = "bridgewatch_job_delay_seconds";
/// Messages handed over, by channel and outcome (`sent`, `failed`, `refused`).
pub const MESSAGES: &str = "bridgewatch_messages_total";
/// How long the hand-over took, by channel.
pub const MESSAGE_SECONDS: &str = "bridgewatch_message_seconds";

/// A running stopwatch.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts it.
    #[expect(clippy::disallowed_methods, reason = "measures; decides nothing")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// The time since.
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

/// A channel whose messages are counted and timed.
pub struct Measured<C>(pub C);

fn count(channel: &'static str, watch: Stopwatch, result: Result<(), &SendError>) {
    let outcome = match result {
        Ok(()) => "sent",
        Err(error) if error.permanent => "refused",
        Err(_) => "failed",
    };
    metrics::counter!(MESSAGES, "channel" => channel, "outcome" => outcome).increment(1);
    metrics::histogram!(MESSAGE_SECONDS, "channel" => channel).record(watch.elapsed());
}

#[async_trait]
impl<C: Mailer> Mailer for Measured<C> {
    async fn send(&self, mail: Mail) -> Result<(), SendError> {
        let watch = Stopwatch::start();
        let sent = self.0.send(mail).await;
        count("mail", watch, sent.as_ref().copied());
        sent
    }
}

#[async_trait]
impl<C: WebhookSender> WebhookSender for Measured<C> {
    async fn post(&self, webhook: Webhook) -> Result<u16, SendError> {
        let watch = Stopwatch::start();
        let posted = self.0.post(webhook).await;
        count("webhook", watch, posted.as_ref().map(|_| ()));
        posted
    }
}
