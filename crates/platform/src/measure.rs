//! What is measured, under which names. `server` installs the recorder that keeps the numbers; without one they cost
//! nothing. Labels hold kinds and outcomes only: never ids, addresses or names.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use tracing::{Instrument, Span};

use crate::{
    outgoing::{Mail, Mailer, SendError, Webhook, WebhookSender},
    trace,
};

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

/// Exchanges with the file store, by operation and outcome (`done`, `missing`, `failed`).
pub const STORE_OPERATIONS: &str = "bridgewatch_storage_operations_total";
/// How long they took, by operation.
pub const STORE_SECONDS: &str = "bridgewatch_storage_seconds";
/// Bytes of contents, by direction (`in`, `out`).
pub const STORE_BYTES: &str = "bridgewatch_storage_bytes_total";

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

async fn counted<T>(
    channel: &'static str,
    sending: impl Future<Output = Result<T, SendError>>,
) -> Result<T, SendError> {
    let (watch, span) = (Stopwatch::start(), trace::call_span(channel, "send"));
    let sent = sending.instrument(span.clone()).await;
    count(channel, watch, &span, sent.as_ref().map(drop));
    sent
}

fn count(channel: &'static str, watch: Stopwatch, span: &Span, result: Result<(), &SendError>) {
    let outcome = match result {
        Ok(()) => "sent",
        Err(error) if error.permanent => "refused",
        Err(_) => "failed",
    };
    trace::ended(span, outcome, outcome == "sent");
    metrics::counter!(MESSAGES, "channel" => channel, "outcome" => outcome).increment(1);
    metrics::histogram!(MESSAGE_SECONDS, "channel" => channel).record(watch.elapsed());
}

#[async_trait]
impl<C: Mailer> Mailer for Measured<C> {
    async fn send(&self, mail: Mail) -> Result<(), SendError> {
        counted("mail", self.0.send(mail)).await
    }
}

#[async_trait]
impl<C: WebhookSender> WebhookSender for Measured<C> {
    async fn post(&self, webhook: Webhook) -> Result<u16, SendError> {
        counted("webhook", self.0.post(webhook)).await
    }
}
