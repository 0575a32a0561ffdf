//! Which alerts to list: filters, and queries in the language of compatible clients, become one SQL condition with bound
//! parameters, the caller's scope in it.

mod query;

use domain::alert_query::{self, Query};
use domain::priority::Priority;
use kernel::{ServiceId, TeamId};
use platform::db::{Backend, placeholders, scope_team};
use platform::{Ctx, params};
use sea_orm::Value;

use super::api::AlertFilterQuery;
use super::error::AlertError;

/// Which alerts to list.
#[derive(Clone, Debug, Default)]
pub struct AlertFilter {
    /// Only open (`true`) or closed ones.
    pub open: Option<bool>,
    /// Only those (not) acknowledged.
    pub acknowledged: Option<bool>,
    /// Only these priorities, if any is named.
    pub priorities: Vec<Priority>,
    /// Only this team's.
    pub team: Option<TeamId>,
    /// Only this service's.
    pub service: Option<ServiceId>,
    /// Only those for which a query in the language of compatible clients holds.
    pub query: Option<Query>,
}

impl AlertFilter {
    /// Reads the filter of a request; its query is for [`super::query`].
    pub fn read(query: AlertFilterQuery) -> Result<Self, AlertError> {
        let open = match query.status.as_deref() {
            None | Some("" | "all") => None,
            Some("open") => Some(true),
            Some("closed") => Some(false),
            Some(_) => return Err(AlertError::invalid("status", "must be open or closed")),
        };
        let mut priorities = Vec::new();
        for text in query.priority.as_deref().unwrap_or_default().split(',').filter(|text| !text.trim().is_empty()) {
            let priority = Priority::parse(text).ok_or_else(|| {
                AlertError::invalid("priority", "must be P1, P2, P3, P4 or P5, or several separated by commas")
            })?;
            priorities.push(priority);
        }
        Ok(Self {
            open,
            acknowledged: query.acknowledged,
            priorities,
            team: query.team,
            service: query.service,
            query: None,
        })
    }

    /// Reads a query.
    pub fn query(text: &str) -> Result<Query, AlertError> {
        alert_query::parse(text).map_err(|error| AlertError::Query(error.to_string()))
    }

    /// The condition for this caller, as `backend` reads it.
    pub(in crate::alert) fn compile(&self, backend: Backend, ctx: &Ctx) -> Search {
        let mut params = Vec::new();
        let mut parts = vec![scope_team(&ctx.scope, "a.team_id", &mut params)];
        match self.open {
            // A literal, so that the partial index of open alerts is used.
            Some(true) => parts.push("a.status = 'open'".to_owned()),
            Some(false) => parts.push("a.status = 'closed'".to_owned()),
            None => {}
        }
        match self.acknowledged {
            Some(true) => parts.push("a.acknowledged_at IS NOT NULL".to_owned()),
            Some(false) => parts.push("a.acknowledged_at IS NULL".to_owned()),
            None => {}
        }
        if !self.priorities.is_empty() {
            parts.push(format!("a.priority IN ({})", placeholders(params.len() + 1, self.priorities.len())));
            params.extend(self.priorities.iter().map(|priority| Value::from(priority.as_str())));
        }
        if let Some(team) = self.team {
            params.extend(params![team]);
            parts.push(format!("a.team_id = ${}", params.len()));
        }
        if let Some(service) = self.service {
            params.extend(params![service]);
            parts.push(format!("a.service_id = ${}", params.len()));
        }
        if let Some(asked) = self.query.as_ref().filter(|asked| !asked.is_everything()) {
            let mut bound = query::Params { backend, values: params };
            parts.push(query::condition(asked, &mut bound));
            params = bound.values;
        }
        Search { condition: parts.join(" AND "), params }
    }
}

/// A condition over `alerts a`, and its parameters.
pub(in crate::alert) struct Search {
    /// SQL, with placeholders for everything that came from outside.
    pub condition: String,
    /// The parameters.
    pub params: Vec<Value>,
}

/// By what a list is sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortKey {
    /// By when it was raised.
    CreatedAt,
    /// By when it last changed.
    UpdatedAt,
    /// By when it was last reported.
    LastOccurredAt,
    /// By its number.
    Number,
    /// By its alias.
    Alias,
    /// By its message.
    Message,
    /// Open or closed.
    Status,
    /// By whether somebody took it.
    Acknowledged,
    /// By whether a person saw it.
    Seen,
    /// By the end of its snooze.
    SnoozedUntil,
    /// By how often it was reported.
    Count,
    /// By its source.
    Source,
    /// By its owner.
    Owner,
}

/// The order of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// By what.
    pub key: SortKey,
    /// Largest first.
    pub descending: bool,
}

impl Order {
    /// The SQL of the order; the number makes it stable.
    pub(super) fn sql(self) -> String {
        let column = match self.key {
            SortKey::CreatedAt => "a.created_at",
            SortKey::UpdatedAt => "a.updated_at",
            SortKey::LastOccurredAt => "a.last_occurred_at",
            SortKey::Number => "a.seq",
            SortKey::Alias => "a.alias",
            SortKey::Message => "a.message",
            SortKey::Status => "a.status",
            SortKey::Acknowledged => "CASE WHEN a.acknowledged_at IS NULL THEN 0 ELSE 1 END",
            SortKey::Seen => "a.seen",
            SortKey::SnoozedUntil => "COALESCE(a.snoozed_until, 0)",
            SortKey::Count => "a.count",
            SortKey::Source => "a.source",
            SortKey::Owner => "COALESCE(CAST(a.owner_id AS TEXT), '')",
        };
        let direction = if self.descending { "DESC" } else { "ASC" };
        format!("{column} {direction}, a.seq {direction}")
    }
}
