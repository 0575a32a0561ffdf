//! Stand-ins for the world outside: mail, webhooks, and who calls.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use http::request::Parts;
use kernel::PersonId;
use platform::auth::{Authenticator, Credentials, Ctx};
use platform::outgoing::{Mail, Mailer, SendError, Webhook, WebhookSender};

/// Keeps the mails that were handed to it, or refuses them.
#[derive(Debug, Default)]
pub struct FakeMailer(Mutex<Outgoing<Mail>>);

/// Keeps the webhooks that were handed to it, or refuses them.
#[derive(Debug, Default)]
pub struct FakeWebhooks(Mutex<Outgoing<Webhook>>);

#[derive(Debug)]
struct Outgoing<T> {
    sent: Vec<T>,
    failure: Option<SendError>,
}

impl<T> Default for Outgoing<T> {
    fn default() -> Self {
        Self { sent: Vec::new(), failure: None }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<T> Outgoing<T> {
    fn take(&mut self, message: T) -> Result<(), SendError> {
        match &self.failure {
            Some(failure) => Err(failure.clone()),
            None => {
                self.sent.push(message);
                Ok(())
            }
        }
    }
}

impl FakeMailer {
    /// From now on every mail fails so; `None`: the server is back.
    pub fn fail(&self, failure: Option<SendError>) {
        lock(&self.0).failure = failure;
    }

    /// All accepted mails, oldest first.
    pub fn sent(&self) -> Vec<Mail> {
        lock(&self.0).sent.clone()
    }

    /// The accepted mails since the last call.
    pub fn take(&self) -> Vec<Mail> {
        std::mem::take(&mut lock(&self.0).sent)
    }
}

impl FakeWebhooks {
    /// From now on every webhook fails so; `None`: the other side is back.
    pub fn fail(&self, failure: Option<SendError>) {
        lock(&self.0).failure = failure;
    }

    /// All accepted webhooks, oldest first.
    pub fn sent(&self) -> Vec<Webhook> {
        lock(&self.0).sent.clone()
    }

    /// The accepted webhooks since the last call.
    pub fn take(&self) -> Vec<Webhook> {
        std::mem::take(&mut lock(&self.0).sent)
    }
}

#[async_trait]
impl Mailer for FakeMailer {
    async fn send(&self, mail: Mail) -> Result<(), SendError> {
        lock(&self.0).take(mail)
    }
}

#[async_trait]
impl WebhookSender for FakeWebhooks {
    async fn post(&self, webhook: Webhook) -> Result<u16, SendError> {
        lock(&self.0).take(webhook).map(|()| 200)
    }
}

/// Knows the callers that a test named: `Authorization: Bearer <name>`.
#[derive(Debug, Default)]
pub struct FakeAuthenticator(Mutex<HashMap<String, Ctx>>);

impl FakeAuthenticator {
    /// Requests with `Bearer <name>` come from `ctx` from now on.
    pub fn know(&self, name: &str, ctx: Ctx) {
        lock(&self.0).insert(name.to_owned(), ctx);
    }
}

#[async_trait]
impl Authenticator for FakeAuthenticator {
    async fn authenticate(&self, parts: &Parts) -> Result<Credentials, platform::DbError> {
        let Some(value) = parts.headers.get("authorization").and_then(|value| value.to_str().ok()) else {
            return Ok(Credentials::None);
        };
        let name = value.strip_prefix("Bearer ").unwrap_or(value);
        Ok(match lock(&self.0).get(name) {
            Some(ctx) => Credentials::Known(Box::new(ctx.clone())),
            None => Credentials::Refused("an unknown token".to_owned()),
        })
    }

    async fn caller_of(&self, person: PersonId) -> Result<Option<Ctx>, platform::DbError> {
        Ok(lock(&self.0).values().find(|ctx| ctx.person() == Some(person)).cloned())
    }

    async fn still_valid(&self, _: &Ctx) -> bool {
        true
    }
}
