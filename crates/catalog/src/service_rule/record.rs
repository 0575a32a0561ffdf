//! The rules' document.

use std::collections::BTreeMap;

use domain::service_match::{self, Rule};
use kernel::FieldError;
use serde::{Deserialize, Serialize};

/// One rule.
pub use domain::service_match::{Condition, Rule as ServiceRule};

/// The rules in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleSet {
    /// The first match wins.
    pub rules: Vec<Rule>,
}

impl RuleSet {
    /// Everything that is wrong with the rules themselves.
    pub fn complaints(&self) -> Vec<FieldError> {
        let mut wrong = Vec::new();
        if self.rules.len() > 1000 {
            wrong.push(FieldError::new("rules", "Use at most 1000 rules."));
        }
        for (n, rule) in self.rules.iter().enumerate() {
            wrong.extend(rule.complaints(&format!("rules[{n}]")));
            if self.rules[..n].iter().any(|other| other.id == rule.id) {
                wrong.push(FieldError::new(format!("rules[{n}].id"), "Two rules have the same id."));
            }
        }
        wrong
    }

    /// The first rule that holds, with the reason.
    pub fn first_match(&self, labels: &BTreeMap<String, String>) -> Option<(Rule, String)> {
        service_match::first_match(&self.rules, labels).map(|(rule, reason)| (rule.clone(), reason))
    }
}
