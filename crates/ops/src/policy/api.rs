//! What goes over the wire.

use std::collections::HashMap;

use domain::escalation::{Condition, Policy, Repeat, Step, Target};
use jiff::Timestamp;
use kernel::{Action, FieldError, Ref, TeamId};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// What a step notifies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RecipientKind {
    /// One person.
    Person,
    /// Whoever is on call on the schedule when the step runs.
    Schedule,
    /// Every active member of the team.
    Team,
    /// The responders of the alert's service; has no id.
    ServiceResponders,
}

/// Whom a step notifies. `name` is ignored in requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Recipient {
    /// Person, schedule, team or the service's responders.
    pub kind: RecipientKind,
    /// Its id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// Its present name.
    #[serde(default)]
    pub name: String,
}

impl Recipient {
    /// From the decision's target, with its name.
    pub(crate) fn of(target: Target, names: &HashMap<Target, String>) -> Self {
        let (kind, id) = match target {
            Target::Person { id } => (RecipientKind::Person, Some(id.0)),
            Target::Schedule { id } => (RecipientKind::Schedule, Some(id.0)),
            Target::Team { id } => (RecipientKind::Team, Some(id.0)),
            Target::ServiceResponders => (RecipientKind::ServiceResponders, None),
        };
        Self { kind, id, name: target_name(target, names) }
    }

    fn target(&self) -> Option<Target> {
        match (self.kind, self.id) {
            (RecipientKind::Person, Some(id)) => Some(Target::Person { id: id.into() }),
            (RecipientKind::Schedule, Some(id)) => Some(Target::Schedule { id: id.into() }),
            (RecipientKind::Team, Some(id)) => Some(Target::Team { id: id.into() }),
            (RecipientKind::ServiceResponders, _) => Some(Target::ServiceResponders),
            (_, None) => None,
        }
    }
}

/// The present name of a target, also when it is gone.
pub(crate) fn target_name(target: Target, names: &HashMap<Target, String>) -> String {
    match target {
        Target::ServiceResponders => "the service's responders".to_owned(),
        other => names.get(&other).cloned().unwrap_or_else(|| "(removed)".to_owned()),
    }
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PolicyStep {
    /// Minutes after the step before; the first: after the start.
    pub delay_min: u32,
    /// When the step still runs.
    pub condition: Condition,
    /// Whom it notifies.
    pub notify: Recipient,
}

/// A policy to create, or the whole new content of one.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PolicyBody {
    /// Name, unique among policies.
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// The team that owns it; its administrators are paged when nobody answers a P1 or P2.
    #[serde(default)]
    pub team_id: Option<TeamId>,
    /// The steps in order. None means: notify nobody, on purpose.
    #[serde(default)]
    pub steps: Vec<PolicyStep>,
    /// Whether everything repeats while nobody acknowledges.
    #[serde(default)]
    pub repeat: Option<Repeat>,
    /// Minutes after an acknowledgement when paging restarts if the alert is still open. 0 is never; absent is 30
    /// for P1 and never for others.
    #[serde(default)]
    pub ack_timeout_min: Option<u32>,
}

impl PolicyBody {
    /// The body that gives this policy.
    pub(crate) fn of(policy: Policy) -> Self {
        let names = HashMap::new();
        let step = |step: Step| PolicyStep {
            delay_min: step.delay_min,
            condition: step.condition,
            notify: Recipient::of(step.notify, &names),
        };
        Self {
            name: policy.name,
            description: policy.description,
            team_id: policy.team_id,
            steps: policy.steps.into_iter().map(step).collect(),
            repeat: policy.repeat,
            ack_timeout_min: policy.ack_timeout_min,
        }
    }

    /// The policy as decisions see it, or the fields that are wrong.
    pub(crate) fn policy(self) -> Result<Policy, Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut steps = Vec::with_capacity(self.steps.len());
        for (index, step) in self.steps.into_iter().enumerate() {
            match step.notify.target() {
                Some(notify) => steps.push(Step { delay_min: step.delay_min, condition: step.condition, notify }),
                None => errors.push(FieldError::new(format!("steps[{index}].notify.id"), "say whom the step notifies")),
            }
        }
        let policy = Policy {
            name: self.name.trim().to_owned(),
            description: self.description.trim().to_owned(),
            team_id: self.team_id,
            steps,
            repeat: self.repeat,
            ack_timeout_min: self.ack_timeout_min,
        };
        if let Err(more) = policy.validate() {
            errors.extend(more);
        }
        if errors.is_empty() { Ok(policy) } else { Err(errors) }
    }
}

/// An escalation policy.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = EscalationPolicy)]
pub struct PolicyDto {
    /// Id.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The team that owns it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team: Option<Ref>,
    /// The steps.
    pub steps: Vec<PolicyStep>,
    /// Running them again.
    pub repeat: Option<Repeat>,
    /// Minutes after which an acknowledged, open alert pages again.
    pub ack_timeout_min: Option<u32>,
    /// Version of the document; running escalations name it.
    pub document_version: i64,
    /// Version of the record, for `If-Match`.
    pub version: i64,
    /// What the caller may do.
    pub actions: Vec<Action>,
}

/// The versions of a policy, newest first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PolicyVersions {
    /// The versions.
    pub items: Vec<PolicyVersion>,
}

/// One version of a policy.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PolicyVersion {
    /// Version number of the document.
    pub version: i64,
    /// When it was written.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// The content.
    pub body: serde_json::Value,
}

/// Which policy a team's alerts use when their service names none.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct TeamRouting {
    /// The policy, or null: then such an alert notifies nobody.
    pub escalation_policy_id: Option<Uuid>,
}

/// When and with which priority to rehearse.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct RehearseBody {
    /// When the alert would be raised.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// `P1` to `P5`.
    pub priority: String,
}

/// What would happen; nothing is sent.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Rehearsal {
    /// Each step of the first round, then the start of each further round.
    pub steps: Vec<RehearsedStep>,
}

/// One rehearsed step.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RehearsedStep {
    /// When it would run.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// What it would do.
    pub text: String,
    /// Whom it would reach.
    pub people: Vec<RehearsedPerson>,
    /// Why it would reach nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// One person whom a rehearsed step would reach.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RehearsedPerson {
    /// The person.
    pub person: Ref,
    /// Through what, and when.
    pub contacts: Vec<RehearsedContact>,
    /// Why this person.
    pub because: String,
}

/// One message that would be sent.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RehearsedContact {
    /// `mail` or `webhook`.
    pub kind: String,
    /// Where to.
    pub address: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}
