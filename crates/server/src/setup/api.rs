//! What goes over the wire.

use jiff::Timestamp;
use kernel::AlertId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How far the set-up is.
#[derive(Serialize, ToSchema)]
pub struct Setup {
    /// Steps that are done.
    pub done: usize,
    /// Steps.
    pub total: usize,
    /// Whether somebody put the list away.
    pub dismissed: bool,
    /// Whether the database was filled by the demo.
    pub demo: bool,
    /// The steps, in the order in which they are best done.
    pub steps: Vec<Step>,
}

/// A step of the set-up.
#[derive(Serialize, ToSchema)]
pub struct Step {
    /// Which one.
    pub key: StepKey,
    /// What to do.
    pub title: &'static str,
    /// Why, and how.
    pub explanation: &'static str,
    /// How it stands.
    pub state: StepState,
    /// What was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// When a person last tested it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub tested_at: Option<Timestamp>,
    /// Whether a person can test it.
    pub testable: bool,
}

/// The steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepKey {
    /// The address by which people come.
    BaseUrl,
    /// Name and time zone.
    Organisation,
    /// Outgoing mail.
    Mail,
    /// A first team.
    Team,
    /// A first service.
    Service,
    /// A first alert source that sends.
    Integration,
    /// A page that arrives.
    TestPage,
}

impl StepKey {
    /// All, in the order in which they are best done.
    pub const ALL: [Self; 7] =
        [Self::BaseUrl, Self::Organisation, Self::Mail, Self::Team, Self::Service, Self::Integration, Self::TestPage];

    /// The wire's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BaseUrl => "base_url",
            Self::Organisation => "organisation",
            Self::Mail => "mail",
            Self::Team => "team",
            Self::Service => "service",
            Self::Integration => "integration",
            Self::TestPage => "test_page",
        }
    }

    /// Reads the wire's word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|key| key.as_str() == text)
    }
}

/// How a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// It is there.
    Done,
    /// Not yet.
    Todo,
    /// It was tried and does not work.
    Failing,
}

/// What a test found.
#[derive(Serialize, ToSchema)]
pub struct TestResult {
    /// Whether it works.
    pub ok: bool,
    /// What was found, and what to do about it.
    pub detail: String,
}

/// Puts the list away, or back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutSetup {
    /// Whether it is away.
    pub dismissed: bool,
}

/// A test page was raised.
#[derive(Serialize, ToSchema)]
pub struct TestPage {
    /// The alert whose trail tells what became of the page.
    #[schema(value_type = String, format = Uuid)]
    pub alert_id: AlertId,
}

/// Removes the demo.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RemoveDemo {
    /// The organisation's name, typed by the person who does this.
    pub confirm: String,
    /// Who administers afterwards.
    pub administrator: NewAdministrator,
}

/// The administrator of an organisation that begins.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAdministrator {
    /// Full name.
    pub name: String,
    /// Sign-in address.
    pub email: String,
    /// Password.
    pub password: String,
}

/// What was removed.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Removed {
    /// How much of what.
    pub removed: Counts,
}

/// Numbers of records.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Counts {
    /// People.
    pub people: i64,
    /// Tickets.
    pub tickets: i64,
    /// Alerts.
    pub alerts: i64,
    /// Services.
    pub services: i64,
}
