//! Roles and what they allow.

use serde::{Deserialize, Serialize};

/// A person's role in the organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// May do everything.
    Admin,
    /// Works on alerts and tickets.
    Agent,
    /// Raises requests and sees their own.
    Customer,
}

impl Role {
    /// The stored spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Agent => "agent",
            Self::Customer => "customer",
        }
    }

    /// Reads the stored spelling.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Admin, Self::Agent, Self::Customer].into_iter().find(|role| role.as_str() == text)
    }

    /// Whether the role carries the permission.
    pub fn allows(self, permission: Permission) -> bool {
        use Permission as P;
        match self {
            Self::Admin => true,
            Self::Agent => !matches!(
                permission,
                P::PeopleManage
                    | P::TeamsManage
                    | P::ProjectsManage
                    | P::JobsManage
                    | P::IntegrationsManage
                    | P::SlasManage
                    | P::FieldsManage
                    | P::SystemManage
                    | P::AuditRead
            ),
            Self::Customer => matches!(permission, P::OwnProfile | P::TicketsReadOwn | P::RequestsRaise),
        }
    }
}

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident = $text:tt),+ $(,)?) => {
        /// What an operation needs. API tokens list these as their scopes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
        pub enum Permission { $($(#[$doc])* #[serde(rename = $text)] $name),+ }
        impl Permission {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];
            /// The spelling in the API, such as `alerts:read`.
            pub fn as_str(self) -> &'static str { match self { $(Self::$name => $text),+ } }
            /// Reads that spelling.
            pub fn parse(text: &str) -> Option<Self> { Self::ALL.iter().copied().find(|p| p.as_str() == text) }
        }
    };
}

permissions! {
    /// Own profile, contacts, notification rules, tokens, sessions.
    OwnProfile = "me",
    /// See people and teams.
    PeopleRead = "people:read",
    /// Invite, change and disable people.
    PeopleManage = "people:manage",
    /// Create and change teams.
    TeamsManage = "teams:manage",
    /// See services and their rules.
    ServicesRead = "services:read",
    /// Create and change services and their rules.
    ServicesManage = "services:manage",
    /// Create and change projects and their members.
    ProjectsManage = "projects:manage",
    /// See tickets of visible projects.
    TicketsRead = "tickets:read",
    /// See one's own requests.
    TicketsReadOwn = "tickets:read_own",
    /// Create, change and comment on tickets.
    TicketsWrite = "tickets:write",
    /// Raise a request and comment on one's own.
    RequestsRaise = "requests:raise",
    /// See alerts.
    AlertsRead = "alerts:read",
    /// Create, acknowledge, snooze, close, annotate alerts.
    AlertsWrite = "alerts:write",
    /// See schedules, policies, who is on call.
    OncallRead = "oncall:read",
    /// Change schedules, overrides and policies.
    OncallManage = "oncall:manage",
    /// See integrations and their last events.
    IntegrationsRead = "integrations:read",
    /// Create and change integrations, see keys, run events again.
    IntegrationsManage = "integrations:manage",
    /// See configuration documents and history.
    HistoryRead = "history:read",
    /// See dead jobs and run them again.
    JobsManage = "jobs:manage",
    /// Create and change calendars and service levels.
    SlasManage = "slas:manage",
    /// Create and change custom fields.
    FieldsManage = "fields:manage",
    /// See reports.
    ReportsRead = "reports:read",
    /// See every change of everything, and what others may do.
    AuditRead = "audit:read",
    /// Release held messages, and see how the server is doing in numbers.
    SystemManage = "system:manage",
}
