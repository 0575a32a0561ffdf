//! A service and its changes, without any database.

use std::collections::BTreeMap;

use domain::priority::Priority;
use kernel::{FieldError, ServiceId, TeamId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

/// What an alert of some priority does about an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum IncidentAction {
    /// Open an incident.
    Open,
    /// Propose one: a person decides.
    Propose,
    /// Neither.
    Ignore,
}

/// What alerts of a service do about incidents, by the alert's priority. Priorities that are not named follow the
/// rule of the service's tier.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IncidentRule {
    /// The action for each priority.
    #[serde(default)]
    #[schema(value_type = std::collections::HashMap<String, IncidentAction>)]
    pub by_priority: BTreeMap<Priority, IncidentAction>,
}

/// What kind of responder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ResponderKind {
    /// A person.
    Person,
    /// A team: its members.
    Team,
    /// A schedule: who is on call.
    Schedule,
    /// An escalation policy.
    Policy,
}

impl ResponderKind {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Person, Self::Team, Self::Schedule, Self::Policy];

    /// The stored spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Team => "team",
            Self::Schedule => "schedule",
            Self::Policy => "policy",
        }
    }

    /// Reads the stored spelling.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == text)
    }

    /// The kind of record behind it, as the records port names it.
    pub fn record_kind(self) -> &'static str {
        match self {
            Self::Policy => "escalation_policy",
            other => other.as_str(),
        }
    }
}

/// Who is called for a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Responder {
    /// What kind of responder.
    pub kind: ResponderKind,
    /// The person, team, schedule or policy.
    pub id: Uuid,
}

/// A service as stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    /// Its id.
    pub id: ServiceId,
    /// Short unique name, such as `checkout`.
    pub key: String,
    /// Name.
    pub name: String,
    /// What it does.
    pub description: String,
    /// 1 to 4.
    pub tier: i64,
    /// The team that owns it.
    pub owner_team: Option<TeamId>,
    /// The policy for its alerts.
    pub escalation_policy: Option<Uuid>,
    /// Who is called for it.
    pub responders: Vec<Responder>,
    /// What its alerts do about incidents.
    pub incident_rule: IncidentRule,
    /// Counts its changes.
    pub version: i64,
}

/// The fields that people set: everything for a new service, the result of an edit otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceDraft {
    /// Short unique name.
    pub key: String,
    /// Name.
    pub name: String,
    /// What it does.
    pub description: String,
    /// 1 to 4.
    pub tier: i64,
    /// The team that owns it.
    pub owner_team: Option<TeamId>,
    /// The policy for its alerts.
    pub escalation_policy: Option<Uuid>,
    /// Who is called for it.
    pub responders: Vec<Responder>,
    /// What its alerts do about incidents.
    pub incident_rule: IncidentRule,
}

/// The key that a name suggests: lower-case letters and digits, joined by hyphens.
pub fn key_of(name: &str) -> String {
    let mut key = String::new();
    for c in name.to_lowercase().chars() {
        if c.is_ascii_alphanumeric() {
            key.push(c);
        } else if !key.ends_with('-') && !key.is_empty() {
            key.push('-');
        }
    }
    key.truncate(60);
    key.trim_end_matches('-').to_owned()
}

impl ServiceDraft {
    /// Everything that is wrong with it.
    pub fn complaints(&self) -> Vec<FieldError> {
        let mut wrong = Vec::new();
        if self.name.trim().is_empty() || self.name.chars().count() > 120 {
            wrong.push(FieldError::new("name", "Give a name of 1 to 120 characters."));
        }
        let key_is_good = !self.key.is_empty()
            && self.key.len() <= 60
            && self.key.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if !key_is_good {
            wrong.push(FieldError::new("key", "Use 1 to 60 lower-case letters, digits and hyphens."));
        }
        if !(1..=4).contains(&self.tier) {
            wrong.push(FieldError::new("tier", "A tier is 1, 2, 3 or 4."));
        }
        if self.description.chars().count() > 10_000 {
            wrong.push(FieldError::new("description", "Keep the description under 10,000 characters."));
        }
        for (n, responder) in self.responders.iter().enumerate() {
            if self.responders[..n].contains(responder) {
                wrong.push(FieldError::new(format!("responders[{n}]"), "This responder is named twice."));
            }
        }
        wrong
    }
}

impl Service {
    /// The fields that people set.
    pub fn draft(&self) -> ServiceDraft {
        ServiceDraft {
            key: self.key.clone(),
            name: self.name.clone(),
            description: self.description.clone(),
            tier: self.tier,
            owner_team: self.owner_team,
            escalation_policy: self.escalation_policy,
            responders: self.responders.clone(),
            incident_rule: self.incident_rule.clone(),
        }
    }

    /// The service with the draft's fields, and what changed as `{field: {before, after}}`. Nothing changed leaves
    /// the version alone.
    #[must_use]
    pub fn edited(&self, draft: ServiceDraft) -> (Self, serde_json::Map<String, Value>) {
        let mut changes = serde_json::Map::new();
        let mut note = |field: &str, before: Value, after: Value| {
            if before != after {
                changes.insert(field.to_owned(), json!({"before": before, "after": after}));
            }
        };
        note("key", json!(self.key), json!(draft.key));
        note("name", json!(self.name), json!(draft.name));
        note("description", json!(self.description), json!(draft.description));
        note("tier", json!(self.tier), json!(draft.tier));
        note("owner_team", json!(self.owner_team), json!(draft.owner_team));
        note("escalation_policy", json!(self.escalation_policy), json!(draft.escalation_policy));
        note("responders", json!(self.responders), json!(draft.responders));
        note("incident_rule", json!(self.incident_rule), json!(draft.incident_rule));
        let version = if changes.is_empty() { self.version } else { self.version + 1 };
        (Self::of(self.id, draft, version), changes)
    }

    /// The service that a draft describes.
    pub fn of(id: ServiceId, draft: ServiceDraft, version: i64) -> Self {
        Self {
            id,
            key: draft.key,
            name: draft.name.trim().to_owned(),
            description: draft.description,
            tier: draft.tier,
            owner_team: draft.owner_team,
            escalation_policy: draft.escalation_policy,
            responders: draft.responders,
            incident_rule: draft.incident_rule,
            version,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> ServiceDraft {
        ServiceDraft {
            key: "checkout".into(),
            name: "Checkout".into(),
            description: String::new(),
            tier: 1,
            owner_team: None,
            escalation_policy: None,
            responders: Vec::new(),
            incident_rule: IncidentRule::default(),
        }
    }

    #[test]
    fn a_name_suggests_a_key() {
        assert_eq!(key_of("Web shop (Nordics)"), "web-shop-nordics");
        assert_eq!(key_of("  Größe  "), "gr-e");
        assert_eq!(key_of("???"), "");
    }

    #[test]
    fn complaints_name_their_field() {
        assert!(draft().complaints().is_empty());
        let bad = ServiceDraft { key: "No Good".into(), name: " ".into(), tier: 5, ..draft() };
        let fields: Vec<_> = bad.complaints().into_iter().map(|complaint| complaint.field).collect();
        assert_eq!(fields, ["name", "key", "tier"]);
    }

    #[test]
    fn an_edit_notes_only_what_changed() {
        let service = Service::of(ServiceId(Uuid::from_u128(1)), draft(), 1);
        let (same, changes) = service.edited(service.draft());
        assert!(changes.is_empty() && same == service);
        let (edited, changes) = service.edited(ServiceDraft { tier: 2, ..service.draft() });
        assert_eq!((edited.tier, edited.version), (2, 2));
        assert_eq!(Value::Object(changes), json!({"tier": {"before": 1, "after": 2}}));
    }
}
