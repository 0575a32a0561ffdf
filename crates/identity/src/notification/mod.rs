//! Notifications: what people are told about records that concern them, in the app and by mail.
//!
//! **Vocabulary**
//! - A *topic* is a kind of thing to be told about, such as "somebody mentioned you". People choose for each topic
//!   whether they want it in the app, by mail, or not at all.
//! - A *notification* is one row for one person about one event. A *reason* says why it is this person.
//! - A *source* is a slice that knows a kind of record: which topics it has, and what a notification says to whom.
//!
//! **Where things stand.** Rows, choices, mail and reading belong to people, so they stand here, below all slices that
//! tell people things. Who has a reason to be told is known by the slice that owns the record: its reader follows the
//! event log and calls [`tell_in`]. What a notification says is asked of the slice through [`Source`], which the
//! server hands in; so this crate knows no ticket, and no two slices keep rows of their own.
//!
//! **Invariants**
//! - One notification per event and person: the row is unique, and is written in the transaction that moves the
//!   reader's position, with the job that mails it.
//! - Nobody is told what they did themselves.
//! - A row holds no free text. Its words are read from the record under the person's own scope: when it is made, when it
//!   is mailed, and each time it is read. What the person may not see has no words, and then nothing is made or mailed.
//! - Mails have a stable Message-ID and name the conversation of their record; they are held after a restore.
//! - What is read goes after 90 days, everything after a year.
//!
//! **Walked through.** Bo comments on Ana's ticket → the desk's reader gives the reason "You are the assignee" →
//! [`tell_in`] looks up Ana's choices and her caller, asks the source for words, stores the row, plans the mail, and
//! emits `PersonNotified` → Ana's browser hears `notification` on its stream and fetches `/api/v1/me/notifications`.

mod api;
mod error;
mod jobs;
mod routes;
mod service;
mod store;
mod tell;
mod words;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use async_trait::async_trait;
use kernel::PersonId;
use platform::{App, Ctx, DbError, Work};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

pub use self::tell::tell_in;

/// A kind of thing to be told about.
#[derive(Debug, PartialEq, Eq)]
pub struct Topic {
    /// Its stable key, such as `mentioned`.
    pub key: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// What it is, in a sentence.
    pub explanation: &'static str,
    /// How people are told unless they choose otherwise.
    pub usual: Choice,
}

/// How a person wants to be told about a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NotificationChoice)]
pub struct Choice {
    /// In the app.
    pub app: bool,
    /// By mail to the sign-in address.
    pub mail: bool,
}

impl Choice {
    /// In the app and by mail.
    pub const BOTH: Self = Self { app: true, mail: true };
    /// In the app only.
    pub const APP: Self = Self { app: true, mail: false };

    fn is_none(self) -> bool {
        !self.app && !self.mail
    }
}

/// A person's own choices; topics that are absent are as usual.
pub(crate) type Choices = BTreeMap<String, Choice>;

/// Why somebody is told. The first reason of a person whose topic they want counts.
#[derive(Clone, Debug)]
pub struct Reason {
    /// Who.
    pub person: PersonId,
    /// About what.
    pub topic: &'static Topic,
    /// Why this person, such as "You are the assignee."
    pub why: &'static str,
}

/// A notification whose words are wanted.
#[derive(Clone, Debug)]
pub struct Notice {
    /// The notification.
    pub id: Uuid,
    /// Its topic.
    pub topic: String,
    /// The record that it is about.
    pub record: Uuid,
    /// Who did it, by name.
    pub who: String,
    /// Facts that the source noted.
    pub data: serde_json::Value,
}

/// What a notification says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// What happened, in a line.
    pub title: String,
    /// What was written, if something was.
    pub text: String,
    /// The record's short key, where it has one.
    pub key: Option<String>,
    /// The record's title.
    pub record_title: String,
    /// Where the record stands in the interface, such as `/tickets/INC-1`.
    pub path: String,
}

/// A slice that tells people about its records.
#[async_trait]
pub trait Source: Send + Sync + 'static {
    /// The kind of its records, such as `ticket`.
    fn record_kind(&self) -> &'static str;
    /// Its topics, in the order in which people choose.
    fn topics(&self) -> &'static [Topic];
    /// The words of those notices that this caller may see now, by the notices' ids.
    async fn words(&self, app: &App, ctx: &Ctx, notices: &[Notice]) -> Result<HashMap<Uuid, Words>, DbError>;
}

/// All sources of a server.
#[derive(Clone, Default)]
pub struct Sources(Arc<Vec<Arc<dyn Source>>>);

impl Sources {
    /// These.
    pub fn new(sources: Vec<Arc<dyn Source>>) -> Self {
        Self(Arc::new(sources))
    }

    fn find(&self, record_kind: &str) -> Option<&dyn Source> {
        self.0.iter().find(|source| source.record_kind() == record_kind).map(AsRef::as_ref)
    }

    fn topics(&self) -> impl Iterator<Item = &'static Topic> {
        self.0.iter().flat_map(|source| source.topics())
    }
}

/// The HTTP operations.
pub fn routes(sources: Sources) -> OpenApiRouter<App> {
    routes::routes().layer(axum::Extension(sources))
}

/// The jobs that mail notifications and sweep old ones away.
pub fn work(app: &App, sources: Sources) -> Work {
    Work::new().job(jobs::MailNotification::new(app, sources)).job(jobs::Sweep::new(app))
}
