//! Service rules over the wire.

use std::collections::{BTreeMap, HashMap};

use kernel::{Ref, ServiceId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::record::{Condition, RuleSet, ServiceRule};
use crate::service::{LabelMatch, ServiceName};

/// One rule, with the service it finds.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ServiceRule)]
pub(super) struct ShownRule {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// The service that it finds.
    pub service_id: ServiceId,
    /// That service with its name; absent when it was deleted or the caller may not see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<Ref>,
    /// All of these must hold.
    pub conditions: Vec<Condition>,
}

/// The rules in force, in order.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ServiceRules)]
pub(super) struct ShownRules {
    /// Version of the rules; 0 when none were ever stored.
    pub version: i64,
    /// The rules; the first match wins.
    pub rules: Vec<ShownRule>,
}

impl ShownRules {
    /// The rules with the names of their services.
    pub fn of(rules: RuleSet, version: i64, names: &HashMap<ServiceId, ServiceName>) -> Self {
        let show = |rule: ServiceRule| ShownRule {
            id: rule.id,
            name: rule.name,
            service_id: rule.service_id,
            service: names
                .get(&rule.service_id)
                .filter(|name| !name.deleted)
                .map(|name| Ref::new(rule.service_id, name.name.clone())),
            conditions: rule.conditions,
        };
        Self { version, rules: rules.rules.into_iter().map(show).collect() }
    }
}

/// The rules to put into force, in order.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = PutServiceRules)]
pub(super) struct PutRules {
    /// The rules; the first match wins.
    pub rules: Vec<PutRule>,
}

/// One rule to put into force; without an id it is new.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = PutServiceRule)]
pub(super) struct PutRule {
    /// The id it has, when it exists already.
    pub id: Option<Uuid>,
    /// Its name.
    pub name: String,
    /// The service that it finds.
    pub service_id: ServiceId,
    /// All of these must hold.
    pub conditions: Vec<Condition>,
}

impl From<PutRules> for RuleSet {
    fn from(body: PutRules) -> Self {
        let rule = |rule: PutRule| ServiceRule {
            id: rule.id.unwrap_or_default(),
            name: rule.name,
            service_id: rule.service_id,
            conditions: rule.conditions,
        };
        Self { rules: body.rules.into_iter().map(rule).collect() }
    }
}

/// Labels to try the rules with.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = TestServiceRules)]
pub(super) struct TestRules {
    /// The labels of an alert.
    #[schema(value_type = HashMap<String, String>)]
    pub labels: BTreeMap<String, String>,
}

/// What the rules say about some labels.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ServiceRuleTest)]
pub(super) struct RuleTest {
    /// The service, if a rule holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<Ref>,
    /// The rule that holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<Ref>,
    /// Why.
    pub reason: String,
}

impl From<Option<LabelMatch>> for RuleTest {
    fn from(found: Option<LabelMatch>) -> Self {
        match found {
            Some(found) => Self {
                service: Some(Ref::new(found.service.id, found.service.name)),
                rule: Some(Ref::new(found.rule_id, found.rule_name)),
                reason: found.reason,
            },
            None => Self { service: None, rule: None, reason: "No rule holds for these labels.".to_owned() },
        }
    }
}
