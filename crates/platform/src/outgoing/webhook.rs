//! Webhooks through the guarded HTTP client.

use std::time::Duration;

use async_trait::async_trait;
use url::Url;

use super::{SendError, Webhook, WebhookSender, guard::AddressGuard};
use crate::trace;

/// The whole exchange may take this long.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Posts webhooks to addresses that the guard allows. Redirects are not followed: a receiver names its own place.
pub struct GuardedWebhooks {
    guard: AddressGuard,
}

impl GuardedWebhooks {
    /// A sender behind this guard.
    pub fn new(guard: AddressGuard) -> Self {
        Self { guard }
    }

    /// A client that connects to the checked addresses only.
    async fn client(&self, url: &Url) -> Result<reqwest::Client, SendError> {
        let host = url.host_str().ok_or_else(|| SendError::permanent("the address has no host"))?;
        let port = url.port_or_known_default().unwrap_or(443);
        let addresses = self.guard.resolve(host, port).await?;
        reqwest::Client::builder()
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .resolve_to_addrs(host, &addresses)
            .user_agent("Bridgewatch")
            .build()
            .map_err(|error| SendError::permanent(format!("the client cannot be set up: {error}")))
    }
}

#[async_trait]
impl WebhookSender for GuardedWebhooks {
    async fn post(&self, webhook: Webhook) -> Result<u16, SendError> {
        let url: Url = webhook
            .url
            .parse()
            .map_err(|error| SendError::permanent(format!("the webhook's address is none: {error}")))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(SendError::permanent("only http and https addresses can be called"));
        }
        let client = self.client(&url).await?;
        let mut request = client.post(url).header("Idempotency-Key", &webhook.id).json(&webhook.body);
        for (name, value) in webhook.headers.iter().cloned().chain(trace::headers()) {
            request = request.header(name, value);
        }
        let response = request
            .send()
            .await
            .map_err(|error| SendError::temporary(format!("no answer: {}", error.without_url())))?;
        let status = response.status();
        if status.is_success() {
            return Ok(status.as_u16());
        }
        let message = format!("the receiver answered {status}");
        let lasting = status.is_client_error() && !matches!(status.as_u16(), 408 | 425 | 429);
        Err(if lasting || status.is_redirection() {
            SendError::permanent(message)
        } else {
            SendError::temporary(message)
        })
    }
}
