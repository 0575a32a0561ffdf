//! Any JSON, read by a mapping that people write.
//!
//! A [`Mapping`] says where the items are, which of them count, what they ask for, and how the parts of an alert are
//! made from them. Conditions are CEL (`item.state == 'down'`), texts are templates
//! (`{{ item.host }} is {{ item.state }}`). Both know `payload` (everything), `item` (one of the list, or everything)
//! and `index`.
//!
//! **Invariants**
//! - A mapping is compiled when it is saved, and every field that does not compile is named.
//! - Work is limited: items, size of the payload where expressions loop, steps of each template.

use std::collections::BTreeMap;

use kernel::FieldError;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{AlertCommand, Reading, Unreadable};
use crate::{
    alert::{Raise, fit_alias},
    expression::{Expression, Inputs},
    priority::Priority,
    template::Templates,
};

/// Most items of a payload.
const ITEMS_MAX: usize = 1_000;
/// Most steps of all looping expressions: items times values in the payload.
const LOOP_STEPS_MAX: usize = 2_000_000;
/// Most tags and details of a mapping.
const PARTS_MAX: usize = 50;
/// The detail that keeps a priority word which the mapping does not know: the alert is raised all the same, with the
/// default priority.
pub const UNMAPPED_PRIORITY: &str = "unmapped_priority";
/// What expressions may name.
const NAMES: [&str; 3] = ["payload", "item", "index"];

/// How a JSON payload becomes commands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Mapping {
    /// CEL that gives the list of items, such as `payload.events`; absent if the payload is the only item.
    pub list: Option<String>,
    /// CEL that says whether an item counts; absent if all do.
    pub condition: Option<String>,
    /// `raise`, `close`, `acknowledge` or `ignore`, or CEL that gives one of these. Absent is `raise`.
    pub action: Option<String>,
    /// Template of the alias; needed to close and to acknowledge.
    pub alias: Option<String>,
    /// Template of the message.
    pub message: String,
    /// Template of the description.
    pub description: Option<String>,
    /// Template of the priority: `P1` to `P5`, or a word of `priorities`.
    pub priority: Option<String>,
    /// The priority of each word, in lower case.
    pub priorities: BTreeMap<String, Priority>,
    /// Template of the source.
    pub source: Option<String>,
    /// Template of the entity.
    pub entity: Option<String>,
    /// Templates of tags; one that gives an empty text gives no tag.
    pub tags: Vec<String>,
    /// Templates of details by key; one that gives an empty text gives no detail.
    pub details: BTreeMap<String, String>,
}

/// A mapping that is ready to read payloads.
#[derive(Debug)]
pub struct CompiledMapping {
    mapping: Mapping,
    list: Option<Expression>,
    condition: Option<Expression>,
    action: ActionOf,
    templates: Templates,
}

#[derive(Debug)]
enum ActionOf {
    Always(Verb),
    Chosen(Expression),
}

#[derive(Clone, Copy, Debug)]
enum Verb {
    Raise,
    Close,
    Acknowledge,
    Ignore,
}

impl Verb {
    fn parse(text: &str) -> Option<Self> {
        Some(match text.trim() {
            "raise" | "create" => Self::Raise,
            "close" | "resolve" => Self::Close,
            "acknowledge" => Self::Acknowledge,
            "ignore" => Self::Ignore,
            _ => return None,
        })
    }
}

impl Mapping {
    /// Makes it ready, or names every field that is wrong, such as `mapping.details.host`.
    pub fn compile(&self) -> Result<CompiledMapping, Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut expression = |field: &str, source: &Option<String>, names: &[&str]| {
            let source = source.as_deref().filter(|source| !source.trim().is_empty())?;
            Expression::compile(source, names)
                .map_err(|error| errors.push(FieldError::new(format!("mapping.{field}"), error.to_string())))
                .ok()
        };
        let list = expression("list", &self.list, &NAMES[..1]);
        let condition = expression("condition", &self.condition, &NAMES);
        let action = match self.action.as_deref().map_or(Some(Verb::Raise), Verb::parse) {
            Some(verb) => ActionOf::Always(verb),
            None => expression("action", &self.action, &NAMES).map_or(ActionOf::Always(Verb::Ignore), ActionOf::Chosen),
        };
        let mut templates = Templates::default();
        for (name, source) in self.sources() {
            if let Err(error) = templates.add(&name, source) {
                errors.push(FieldError::new(format!("mapping.{name}"), error.to_string()));
            }
        }
        self.check(&action, &mut errors);
        if errors.is_empty() {
            Ok(CompiledMapping { mapping: self.clone(), list, condition, action, templates })
        } else {
            Err(errors)
        }
    }

    fn check(&self, action: &ActionOf, errors: &mut Vec<FieldError>) {
        let raises = matches!(action, ActionOf::Always(Verb::Raise) | ActionOf::Chosen(_));
        if raises && self.message.trim().is_empty() {
            errors.push(FieldError::new("mapping.message", "Say how the message of an alert is made."));
        }
        let by_alias = !matches!(action, ActionOf::Always(Verb::Raise | Verb::Ignore));
        if by_alias && self.alias.as_deref().is_none_or(|alias| alias.trim().is_empty()) {
            errors.push(FieldError::new("mapping.alias", "Say how the alias is made: it tells which alert is meant."));
        }
        for (field, count) in [("tags", self.tags.len()), ("details", self.details.len())] {
            if count > PARTS_MAX {
                errors.push(FieldError::new(format!("mapping.{field}"), format!("At most {PARTS_MAX}.")));
            }
        }
    }

    fn sources(&self) -> Vec<(String, &str)> {
        let single = [
            ("alias", self.alias.as_deref()),
            ("message", Some(self.message.as_str())),
            ("description", self.description.as_deref()),
            ("priority", self.priority.as_deref()),
            ("source", self.source.as_deref()),
            ("entity", self.entity.as_deref()),
        ];
        let single = single.into_iter().filter_map(|(name, source)| Some((name.to_owned(), source?)));
        let tags = self.tags.iter().enumerate().map(|(index, source)| (format!("tags[{index}]"), source.as_str()));
        let details = self.details.iter().map(|(key, source)| (format!("details.{key}"), source.as_str()));
        single.chain(tags).chain(details).collect()
    }
}

impl CompiledMapping {
    /// Reads a payload.
    pub fn read(&self, payload: &Value) -> Reading {
        let root = Inputs::root().with("payload", payload);
        let items = match self.items(payload, &root) {
            Ok(items) => items,
            Err(error) => return Reading { commands: Vec::new(), errors: vec![error] },
        };
        if items.len() > ITEMS_MAX {
            let message = format!("at most {ITEMS_MAX} items; these are {}", items.len());
            return Reading::failed("mapping.list", message);
        }
        let chosen = match &self.action {
            ActionOf::Chosen(expression) => Some(expression),
            ActionOf::Always(_) => None,
        };
        let loops = self.condition.iter().chain(chosen).any(Expression::has_loops);
        if loops && size(payload).saturating_mul(items.len()) > LOOP_STEPS_MAX {
            let message = "the payload is too large for a mapping whose expressions loop";
            return Reading::failed("", message);
        }
        let mut reading = Reading::default();
        for (index, item) in items.iter().enumerate() {
            let place = if self.list.is_some() { format!("{}[{index}]", self.list_name()) } else { String::new() };
            let inputs = root.scope().with("item", item).with("index", &json!(index));
            let values = json!({"payload": payload, "item": item, "index": index});
            match self.read_item(&inputs, &values) {
                Ok(command) => reading.command(&place, command),
                Err(error) if place.is_empty() => reading.errors.push(error),
                Err(error) => {
                    reading.errors.push(Unreadable::new(place, format!("{}: {}", error.place, error.message)));
                }
            }
        }
        reading
    }

    fn items(&self, payload: &Value, root: &Inputs<'_>) -> Result<Vec<Value>, Unreadable> {
        match &self.list {
            None => Ok(vec![payload.clone()]),
            Some(list) => list.list(root).map_err(|error| Unreadable::new("mapping.list", error.to_string())),
        }
    }

    /// How places of items are called: the path in the payload where the expression is one.
    fn list_name(&self) -> &str {
        let source = self.list.as_ref().map_or("", Expression::source);
        source.trim().strip_prefix("payload.").unwrap_or(source.trim())
    }

    fn read_item(&self, inputs: &Inputs<'_>, values: &Value) -> Result<AlertCommand, Unreadable> {
        if let Some(condition) = &self.condition {
            let counts =
                condition.test(inputs).map_err(|error| Unreadable::new("mapping.condition", error.to_string()))?;
            if !counts {
                let because = format!("the condition `{}` does not hold", condition.source());
                return Ok(AlertCommand::Ignore { because });
            }
        }
        match self.verb(inputs)? {
            Verb::Ignore => Ok(AlertCommand::Ignore { because: "the mapping says ignore".into() }),
            Verb::Close => Ok(AlertCommand::Close { alias: self.alias(values)? }),
            Verb::Acknowledge => Ok(AlertCommand::Acknowledge { alias: self.alias(values)? }),
            Verb::Raise => self.raise(values).map(AlertCommand::Raise),
        }
    }

    fn verb(&self, inputs: &Inputs<'_>) -> Result<Verb, Unreadable> {
        let expression = match &self.action {
            ActionOf::Always(verb) => return Ok(*verb),
            ActionOf::Chosen(expression) => expression,
        };
        let complain = |message: String| Unreadable::new("mapping.action", message);
        let text = expression.text(inputs).map_err(|error| complain(error.to_string()))?;
        Verb::parse(&text)
            .ok_or_else(|| complain(format!("expected raise, close, acknowledge or ignore, found {text:?}")))
    }

    fn alias(&self, values: &Value) -> Result<String, Unreadable> {
        let alias = self.render("alias", values)?;
        if alias.is_empty() {
            return Err(Unreadable::new("mapping.alias", "gave an empty text, so it is unclear which alert is meant"));
        }
        Ok(fit_alias(&alias))
    }

    fn raise(&self, values: &Value) -> Result<Raise, Unreadable> {
        let mapping = &self.mapping;
        let optional = |name: &str, source: &Option<String>| match source {
            Some(_) => self.render(name, values),
            None => Ok(String::new()),
        };
        let message = self.render("message", values)?;
        if message.is_empty() {
            return Err(Unreadable::new("mapping.message", "gave an empty text"));
        }
        let mut tags = Vec::new();
        for index in 0..mapping.tags.len() {
            tags.push(self.render(&format!("tags[{index}]"), values)?);
        }
        let mut details = BTreeMap::new();
        for key in mapping.details.keys() {
            let value = self.render(&format!("details.{key}"), values)?;
            if !value.is_empty() {
                details.insert(key.clone(), value);
            }
        }
        let word = optional("priority", &mapping.priority)?;
        let priority = self.priority(&word);
        if priority.is_none() && !word.is_empty() {
            details.insert(UNMAPPED_PRIORITY.to_owned(), word);
        }
        let raise = Raise {
            alias: Some(optional("alias", &mapping.alias)?).filter(|alias| !alias.is_empty()),
            message,
            description: optional("description", &mapping.description)?,
            priority,
            source: optional("source", &mapping.source)?,
            entity: optional("entity", &mapping.entity)?,
            tags,
            details,
            actions: Vec::new(),
        };
        raise.fitted().map_err(|error| Unreadable::new("mapping", error.to_string()))
    }

    /// The priority that a word stands for.
    fn priority(&self, word: &str) -> Option<Priority> {
        self.mapping.priorities.get(&word.to_lowercase()).copied().or_else(|| Priority::parse(word))
    }

    fn render(&self, name: &str, values: &Value) -> Result<String, Unreadable> {
        self.templates
            .render(name, values)
            .map_err(|error| Unreadable::new(format!("mapping.{name}"), error.to_string()))
    }
}

/// How many values a payload has.
fn size(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(size).sum::<usize>(),
        Value::Object(fields) => 1 + fields.values().map(size).sum::<usize>(),
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use insta::{assert_json_snapshot, assert_snapshot};

    use super::*;

    fn mapping() -> Mapping {
        serde_json::from_value(json!({
            "list": "payload.events",
            "condition": "item.kind == 'check'",
            "action": "item.state == 'ok' ? 'close' : 'raise'",
            "alias": "{{ payload.site }}/{{ item.host }}",
            "message": "{{ item.host }} is {{ item.state }}",
            "description": "{% for line in item.lines %}{{ line }}\n{% endfor %}",
            "priority": "{{ item.state }}",
            "priorities": {"down": "P1", "slow": "P3"},
            "entity": "{{ item.host }}",
            "source": "checks of {{ payload.site }}",
            "tags": ["{{ payload.site }}", "{{ item.tag }}"],
            "details": {"service": "{{ item.service }}", "load": "{{ item.load }}", "nope": "{{ item.nope }}"},
        }))
        .expect("reads")
    }

    fn payload() -> Value {
        json!({"site": "oslo", "events": [
            {"kind": "check", "host": "db1", "state": "down", "service": "payments", "load": 1.5, "lines": ["a", "b"]},
            {"kind": "check", "host": "db2", "state": "ok"},
            {"kind": "hello"},
            {"kind": "check", "host": "db3", "state": "odd"},
            {"kind": "check", "state": "ok", "host": ""},
            {"state": "down"},
        ]})
    }

    #[test]
    fn a_list_of_checks() {
        assert_json_snapshot!(mapping().compile().expect("compiles").read(&payload()), @r#"
        {
          "commands": [
            {
              "place": "events[0]",
              "kind": "raise",
              "alias": "oslo/db1",
              "message": "db1 is down",
              "description": "a\nb",
              "priority": "P1",
              "source": "checks of oslo",
              "entity": "db1",
              "tags": [
                "oslo"
              ],
              "details": {
                "load": "1.5",
                "service": "payments"
              },
              "actions": []
            },
            {
              "place": "events[1]",
              "kind": "close",
              "alias": "oslo/db2"
            },
            {
              "place": "events[2]",
              "kind": "ignore",
              "because": "the condition `item.kind == 'check'` does not hold"
            },
            {
              "place": "events[3]",
              "kind": "raise",
              "alias": "oslo/db3",
              "message": "db3 is odd",
              "description": "",
              "priority": null,
              "source": "checks of oslo",
              "entity": "db3",
              "tags": [
                "oslo"
              ],
              "details": {
                "unmapped_priority": "odd"
              },
              "actions": []
            },
            {
              "place": "events[4]",
              "kind": "close",
              "alias": "oslo/"
            }
          ],
          "errors": [
            {
              "place": "events[5]",
              "message": "mapping.condition: `item.kind == 'check'` failed: No such key: kind"
            }
          ]
        }
        "#);
    }

    #[test]
    fn the_whole_payload_is_the_item_without_a_list() {
        let mapping = Mapping { message: "{{ payload.title }}".into(), ..Mapping::default() };
        let mapping = mapping.compile().expect("compiles");
        let reading = mapping.read(&json!({"title": "disk full"}));
        assert!(matches!(&reading.commands[0].command, AlertCommand::Raise(raise) if raise.message == "disk full"));
        let rejected = mapping.read(&json!({"name": "disk full"}));
        assert!(rejected.is_rejected());
        assert_snapshot!(rejected.errors[0], @"mapping.message: gave an empty text");
    }

    #[test]
    fn every_field_that_does_not_compile_is_named() {
        let mapping: Mapping = serde_json::from_value(json!({
            "list": "item.events",
            "condition": "item.state ==",
            "action": "explode",
            "message": "{{ item.host",
            "tags": ["fine", "{% set x = 1 %}"],
            "details": {"host": "{{ item | nofilter }}"},
        }))
        .expect("reads");
        let errors = mapping.compile().expect_err("does not compile");
        let text: Vec<_> = errors.iter().map(|error| format!("{}: {}", error.field, error.message)).collect();
        assert_snapshot!(text.join("\n"), @r"
        mapping.list: unknown name `item`; known names: payload
        mapping.condition: line 1, column 14: mismatched input end of the expression
        mapping.action: unknown name `explode`; known names: payload, item, index
        mapping.message: unexpected end of input, expected end of variable block
        mapping.tags[1]: `set` is not available here; use if and for
        mapping.details.host: filter nofilter is unknown
        ");
        let empty =
            Mapping { action: Some("close".into()), ..Mapping::default() }.compile().expect_err("needs an alias");
        assert_eq!(empty[0].field, "mapping.alias");
        assert_eq!(Mapping::default().compile().expect_err("needs a message")[0].field, "mapping.message");
    }

    #[test]
    fn work_is_limited() {
        let many = json!({"events": vec![json!({"tags": [1, 2, 3]}); 1001]});
        let mapping = |condition: &str| {
            let mapping = Mapping {
                list: Some("payload.events".into()),
                condition: Some(condition.into()),
                message: "x".into(),
                ..Mapping::default()
            };
            mapping.compile().expect("compiles")
        };
        assert_snapshot!(mapping("true").read(&many).errors[0], @"mapping.list: at most 1000 items; these are 1001");
        let some = json!({"events": vec![json!({"tags": [1, 2, 3]}); 900]});
        let looping = mapping("payload.events.exists(e, 9 in e.tags)");
        assert_snapshot!(looping.read(&some).errors[0], @"the payload is too large for a mapping whose expressions loop");
        assert_eq!(mapping("2 in item.tags").read(&some).commands.len(), 900);
        assert_snapshot!(mapping("true").read(&json!({"events": 5})).errors[0], @"mapping.list: `payload.events` gave a number, but a list is needed");
    }
}
