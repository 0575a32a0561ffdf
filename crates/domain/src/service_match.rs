//! Which service an alert is about: ordered rules over the alert's labels, the first match wins and says why.
//!
//! **Invariants**
//! - A pattern matches the whole value of its label, as in Prometheus matchers.
//! - Patterns run in time linear to the value (no backtracking), under a size limit.
//! - A rule whose pattern does not compile never matches; [`Rule::complaints`] refuses it before it is stored.

use std::collections::{BTreeMap, HashMap};
use std::sync::{LazyLock, Mutex, PoisonError};

use kernel::{FieldError, ServiceId};
use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// How a label is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = LabelOperation)]
pub enum Op {
    /// The label has exactly this value.
    Equals,
    /// The label's whole value matches this regular expression.
    Matches,
    /// The label is there, whatever its value.
    Exists,
}

/// One condition on one label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LabelCondition)]
pub struct Condition {
    /// Name of the label.
    pub label: String,
    /// How it is compared.
    pub op: Op,
    /// With what; nothing for `exists`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// A rule: when all conditions hold, the alert is about the service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// The service that it finds.
    pub service_id: ServiceId,
    /// All of these must hold.
    pub conditions: Vec<Condition>,
}

/// Most patterns that are kept compiled.
const KEPT_MAX: usize = 2_000;

/// Patterns that were compiled before: an alert storm asks for the same ones over and over.
static KEPT: LazyLock<Mutex<HashMap<String, Regex>>> = LazyLock::new(Mutex::default);

fn pattern(text: &str) -> Result<Regex, String> {
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(pattern) = kept.get(text) {
        return Ok(pattern.clone());
    }
    let build = |text: &str| RegexBuilder::new(text).size_limit(1 << 18).build().map_err(|error| error.to_string());
    // On its own first, so that "a)(b" cannot slip through the brackets around it.
    build(text)?;
    let pattern = build(&format!("^(?:{text})$"))?;
    if kept.len() >= KEPT_MAX {
        kept.clear();
    }
    kept.insert(text.to_owned(), pattern.clone());
    Ok(pattern)
}

impl Condition {
    fn complaint(&self) -> Option<String> {
        if self.label.trim().is_empty() {
            return Some("Name a label.".to_owned());
        }
        match (self.op, self.value.as_deref()) {
            (Op::Exists, None) => None,
            (Op::Exists, Some(_)) => Some("`exists` takes no value.".to_owned()),
            (Op::Equals | Op::Matches, None) => Some("Give a value to compare with.".to_owned()),
            (Op::Equals, Some(_)) => None,
            (Op::Matches, Some(text)) => {
                pattern(text).err().map(|error| format!("This is not a regular expression: {error}"))
            }
        }
    }

    /// Why the condition holds for these labels, if it does.
    fn holds(&self, labels: &BTreeMap<String, String>) -> Option<String> {
        let actual = labels.get(&self.label)?;
        let label = &self.label;
        match (self.op, self.value.as_deref()) {
            (Op::Exists, _) => Some(format!("{label} is there")),
            (Op::Equals, Some(value)) => (actual == value).then(|| format!("{label} is {value}")),
            (Op::Matches, Some(value)) => {
                pattern(value).ok()?.is_match(actual).then(|| format!("{label} \"{actual}\" matches {value}"))
            }
            (Op::Equals | Op::Matches, None) => None,
        }
    }
}

impl Rule {
    /// Everything that is wrong with the rule; `at` is its place, such as `rules[2]`.
    pub fn complaints(&self, at: &str) -> Vec<FieldError> {
        let mut wrong = Vec::new();
        if self.name.trim().is_empty() {
            wrong.push(FieldError::new(format!("{at}.name"), "Give the rule a name."));
        }
        if self.conditions.is_empty() {
            wrong.push(FieldError::new(format!("{at}.conditions"), "Give at least one condition."));
        }
        for (n, condition) in self.conditions.iter().enumerate() {
            if let Some(complaint) = condition.complaint() {
                wrong.push(FieldError::new(format!("{at}.conditions[{n}]"), complaint));
            }
        }
        wrong
    }

    /// Why the rule holds for these labels, if it does.
    pub fn holds(&self, labels: &BTreeMap<String, String>) -> Option<String> {
        if self.conditions.is_empty() {
            return None;
        }
        let reasons: Option<Vec<String>> = self.conditions.iter().map(|condition| condition.holds(labels)).collect();
        Some(format!("rule \"{}\": {}", self.name, reasons?.join(" and ")))
    }
}

/// The first rule that holds for these labels, with the reason.
pub fn first_match<'a>(rules: &'a [Rule], labels: &BTreeMap<String, String>) -> Option<(&'a Rule, String)> {
    rules.iter().find_map(|rule| Some((rule, rule.holds(labels)?)))
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    fn rule(name: &str, conditions: &[(&str, Op, Option<&str>)]) -> Rule {
        let conditions = conditions
            .iter()
            .map(|(label, op, value)| Condition {
                label: (*label).to_owned(),
                op: *op,
                value: value.map(str::to_owned),
            })
            .collect();
        Rule { id: Uuid::from_u128(1), name: name.into(), service_id: ServiceId(Uuid::from_u128(2)), conditions }
    }

    fn labels(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn the_first_match_wins_and_says_why() {
        let rules = [
            rule("checkout", &[("service", Op::Equals, Some("checkout")), ("env", Op::Matches, Some("prod-.*"))]),
            rule("anything in production", &[("env", Op::Matches, Some("prod.*"))]),
            rule("labelled", &[("team", Op::Exists, None)]),
        ];
        let told = |pairs: &[(&str, &str)]| {
            first_match(&rules, &labels(pairs)).map_or_else(|| "none".to_owned(), |(_, reason)| reason)
        };
        assert_snapshot!(told(&[("service", "checkout"), ("env", "prod-eu")]), @r#"rule "checkout": service is checkout and env "prod-eu" matches prod-.*"#);
        assert_snapshot!(told(&[("service", "search"), ("env", "prod-eu")]), @r#"rule "anything in production": env "prod-eu" matches prod.*"#);
        assert_snapshot!(told(&[("team", "")]), @r#"rule "labelled": team is there"#);
        assert_snapshot!(told(&[("env", "my-prod")]), @"none");
    }

    #[test]
    fn a_rule_without_conditions_holds_for_nothing() {
        assert_eq!(rule("empty", &[]).holds(&labels(&[("a", "b")])), None);
    }

    #[test]
    fn complaints_name_their_place() {
        let bad = rule(" ", &[("", Op::Exists, None), ("a", Op::Matches, Some("(")), ("b", Op::Equals, None)]);
        let fields: Vec<_> = bad.complaints("rules[0]").into_iter().map(|complaint| complaint.field).collect();
        assert_eq!(
            fields,
            ["rules[0].name", "rules[0].conditions[0]", "rules[0].conditions[1]", "rules[0].conditions[2]"]
        );
    }
}
