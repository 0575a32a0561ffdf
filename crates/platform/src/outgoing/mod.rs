//! Outgoing mail and HTTP, behind ports, so that tests can stand in for the world.
//!
//! **Invariant**: real connections go through the address guard ([`guard`]): no private, loopback or link-local
//! target unless an administrator allowed that network; the connection is made to the address that was checked.

pub mod guard;
pub mod smtp;
pub mod webhook;

use async_trait::async_trait;
use serde_json::Value;

/// A mail to one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// The address.
    pub to: String,
    /// One line.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// HTML alternative; all values in it are escaped already.
    pub html: Option<String>,
    /// Left part of the Message-ID, the same on every attempt, so that a mail sent twice can be told.
    pub message_id: String,
    /// Left part of the id of the conversation that the mail belongs to, by which mail programs gather its mails.
    pub thread: Option<String>,
    /// Extra headers, such as `X-Bridgewatch-Alert`.
    pub headers: Vec<(String, String)>,
}

/// A JSON post to an address that a person named.
#[derive(Clone, Debug, PartialEq)]
pub struct Webhook {
    /// The address, http or https.
    pub url: String,
    /// The body.
    pub body: Value,
    /// Extra headers.
    pub headers: Vec<(String, String)>,
    /// Sent as `Idempotency-Key`, the same on every attempt.
    pub id: String,
}

/// Why nothing was handed over.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SendError {
    /// Whether trying again is pointless.
    pub permanent: bool,
    /// What the other side said.
    pub message: String,
}

impl SendError {
    /// A failure that may pass.
    pub fn temporary(message: impl Into<String>) -> Self {
        Self { permanent: false, message: message.into() }
    }

    /// A failure that will not.
    pub fn permanent(message: impl Into<String>) -> Self {
        Self { permanent: true, message: message.into() }
    }
}

/// Hands mails to a server that takes responsibility for them.
#[async_trait]
pub trait Mailer: Send + Sync + 'static {
    /// Sends one mail; `Ok` means that the server has accepted it.
    async fn send(&self, mail: Mail) -> Result<(), SendError>;
}

/// Posts webhooks.
#[async_trait]
pub trait WebhookSender: Send + Sync + 'static {
    /// Posts one; `Ok` holds a 2xx status.
    async fn post(&self, webhook: Webhook) -> Result<u16, SendError>;
}
