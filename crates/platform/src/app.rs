//! What every handler gets.

use std::{net::IpAddr, sync::Arc};

use tokio::sync::watch;

use crate::{
    auth::Authenticator,
    blob::Blobs,
    db::Db,
    outgoing::{Mailer, WebhookSender},
    records::Records,
    secret::Vault,
};

/// Settings that slices need.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where people and monitors reach the server, without a slash at the end.
    pub base_url: String,
    /// The organisation's name, in mails and on the sign-in page.
    pub organisation: String,
    /// The version of the binary.
    pub version: &'static str,
    /// Whether outgoing mail is configured.
    pub mail_configured: bool,
    /// Peers whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// What may be attached to records.
    pub attachments: AttachmentLimits,
}

/// What may be attached to records.
#[derive(Clone, Debug)]
pub struct AttachmentLimits {
    /// Bytes of one file.
    pub bytes: u64,
    /// Files of one record.
    pub per_record: u32,
    /// Types of content that are not taken, such as `application/x-executable`.
    pub refused: Vec<String>,
}

impl Default for AttachmentLimits {
    fn default() -> Self {
        let refused = crate::blob::media::PROGRAMS.iter().map(|&kind| kind.to_owned()).collect();
        Self { bytes: 25 << 20, per_record: 100, refused }
    }
}

/// Says when the server begins to drain.
#[derive(Clone, Debug)]
pub struct Stopping(watch::Receiver<bool>);

impl Stopping {
    /// The switch and its listener.
    pub fn new() -> (watch::Sender<bool>, Self) {
        let (sender, receiver) = watch::channel(false);
        (sender, Self(receiver))
    }

    /// Whether the server is draining.
    pub fn is_stopping(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until it is.
    pub async fn wait(&mut self) {
        // An error means that the switch is gone, which is as good as switched.
        let _ = self.0.wait_for(|stopping| *stopping).await;
    }
}

/// The server's parts. Cheap to clone.
#[derive(Clone)]
pub struct App {
    /// The database.
    pub db: Db,
    /// Settings.
    pub settings: Arc<Settings>,
    /// Seals secrets, signs links.
    pub vault: Vault,
    /// Contents that are kept outside the database.
    pub blobs: Blobs,
    /// Outgoing mail.
    pub mailer: Arc<dyn Mailer>,
    /// Outgoing webhooks.
    pub webhooks: Arc<dyn WebhookSender>,
    /// Titles of records across slices.
    pub records: Records,
    /// Who calls.
    pub authenticator: Arc<dyn Authenticator>,
    /// Says when to drain.
    pub stopping: Stopping,
}

impl App {
    /// Now.
    pub fn now(&self) -> jiff::Timestamp {
        self.db.now()
    }

    /// A full address for a path such as `/tickets/INC-1`.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.settings.base_url)
    }
}
