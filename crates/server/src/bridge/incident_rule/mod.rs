//! An alert opens an incident: by the service's tier and the alert's priority.
//!
//! **Vocabulary.** The *rule* says open, propose or ignore; a service's own rule goes before the tier's. One incident
//! collects all alerts of a service while it is open (*joined*). The *storm cap* limits how many incidents the rule
//! opens in a while; alerts beyond it are *folded* into the newest of them.
//!
//! **Invariants**
//! - [`decide`] is pure and gives its reason; the reader only loads, asks it, and stores.
//! - The rule's version stands in the reason, so that a later edit does not change what is told about the past.
//! - An alert that a ticket raised never opens another ticket.

mod decision;
mod reader;
mod routes;
mod store;

use std::collections::BTreeMap;

use catalog::{
    document::{self, DocumentError},
    service::IncidentAction,
};
use domain::priority::Priority;
use kernel::{FieldError, ProjectId};
use platform::{DbError, Sql, Tx};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use self::{
    decision::{Decision, Situation, decide},
    reader::IncidentRuleReader,
    routes::routes,
};

/// The kind of the document that holds the rule.
const KIND: &str = "incident_rules";
/// There is one.
const KEY: &str = "default";

/// When alerts open incidents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IncidentRules {
    /// For each tier, `1` to `4`, what an alert of each priority does. What is absent is ignored.
    #[schema(value_type = std::collections::HashMap<String, std::collections::HashMap<String, IncidentAction>>)]
    pub by_tier: BTreeMap<String, BTreeMap<Priority, IncidentAction>>,
    /// The storm cap.
    pub storm_cap: StormCap,
    /// Where incidents are opened; the oldest project unless given.
    #[schema(value_type = Option<uuid::Uuid>)]
    pub project_id: Option<ProjectId>,
}

/// How many incidents the rule opens in a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StormCap {
    /// At most this many.
    pub max_incidents: i64,
    /// In this many minutes.
    pub window_min: i64,
}

impl Default for IncidentRules {
    /// Tier 1 opens on P1 and P2, tier 2 on P1; one step below is proposed; the rest is left alone.
    fn default() -> Self {
        use IncidentAction::{Open, Propose};
        use Priority::{P1, P2, P3};
        let tier = |actions: &[(Priority, IncidentAction)]| actions.iter().copied().collect();
        Self {
            by_tier: BTreeMap::from([
                ("1".to_owned(), tier(&[(P1, Open), (P2, Open), (P3, Propose)])),
                ("2".to_owned(), tier(&[(P1, Open), (P2, Propose)])),
                ("3".to_owned(), tier(&[(P1, Propose)])),
                ("4".to_owned(), tier(&[])),
            ]),
            storm_cap: StormCap { max_incidents: 10, window_min: 30 },
            project_id: None,
        }
    }
}

impl IncidentRules {
    /// What is wrong with these rules, field by field.
    pub fn complaints(&self) -> Vec<FieldError> {
        let mut wrong: Vec<FieldError> = self
            .by_tier
            .keys()
            .filter(|tier| !["1", "2", "3", "4"].contains(&tier.as_str()))
            .map(|tier| FieldError::new(format!("by_tier.{tier}"), "is no tier; tiers are 1 to 4"))
            .collect();
        if !(1..=1000).contains(&self.storm_cap.max_incidents) {
            wrong.push(FieldError::new("storm_cap.max_incidents", "must be 1 to 1000"));
        }
        if !(1..=1440).contains(&self.storm_cap.window_min) {
            wrong.push(FieldError::new("storm_cap.window_min", "must be 1 to 1440 minutes"));
        }
        wrong
    }
}

/// The rules in force and their version; the defaults are version 0.
async fn current(sql: &impl Sql) -> Result<(IncidentRules, i64), DbError> {
    match document::current(sql, KIND, KEY).await? {
        None => Ok((IncidentRules::default(), 0)),
        Some(document) => {
            let rules = serde_json::from_value(document.body)
                .map_err(|error| DbError::Corrupt(format!("incident rules, version {}: {error}", document.version)))?;
            Ok((rules, document.version))
        }
    }
}

/// Puts rules into force as a new version.
async fn put_in(tx: &mut Tx, rules: IncidentRules, expected: Option<i64>) -> Result<i64, DocumentError> {
    let mut wrong = rules.complaints();
    if let Some(project) = rules.project_id
        && !store::project_exists(tx, project).await?
    {
        wrong.push(FieldError::new("project_id", "There is no such project."));
    }
    if !wrong.is_empty() {
        return Err(DocumentError::Invalid(wrong));
    }
    let body = serde_json::to_value(&rules).map_err(|error| DbError::Corrupt(error.to_string()))?;
    Ok(document::write(tx, KIND, KEY, 1, body, expected).await?.version)
}

/// Lets old versions of the rules be restored.
pub struct IncidentRulesKind;

#[async_trait::async_trait]
impl document::DocumentKind for IncidentRulesKind {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn manage(&self) -> kernel::Permission {
        kernel::Permission::ServicesManage
    }

    async fn put(&self, tx: &mut Tx, _key: &str, body: serde_json::Value) -> Result<(), DocumentError> {
        let rules = serde_json::from_value(body)
            .map_err(|error| DocumentError::Invalid(vec![FieldError::new("body", error.to_string())]))?;
        put_in(tx, rules, None).await.map(drop)
    }
}
