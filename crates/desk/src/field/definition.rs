//! What a field is.

use std::collections::HashSet;

use domain::query::fold;
use kernel::{FieldError, ProjectId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::value;
use crate::ticket::Kind;

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// One line.
    Text,
    /// A text of several lines.
    LongText,
    /// A number.
    Number,
    /// A day.
    Date,
    /// A point in time.
    Instant,
    /// Yes or no.
    Checkbox,
    /// One of its options.
    Choice,
    /// Several of its options.
    Choices,
    /// A person.
    Person,
    /// A team.
    Team,
    /// A service.
    Service,
    /// A web address.
    Url,
}

impl FieldKind {
    /// All kinds.
    pub const ALL: [Self; 12] = [
        Self::Text,
        Self::LongText,
        Self::Number,
        Self::Date,
        Self::Instant,
        Self::Checkbox,
        Self::Choice,
        Self::Choices,
        Self::Person,
        Self::Team,
        Self::Service,
        Self::Url,
    ];

    /// The stored spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::LongText => "long_text",
            Self::Number => "number",
            Self::Date => "date",
            Self::Instant => "instant",
            Self::Checkbox => "checkbox",
            Self::Choice => "choice",
            Self::Choices => "choices",
            Self::Person => "person",
            Self::Team => "team",
            Self::Service => "service",
            Self::Url => "url",
        }
    }

    /// Reads the stored spelling.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// Whether it has options.
    pub fn has_options(self) -> bool {
        matches!(self, Self::Choice | Self::Choices)
    }

    /// Whether its values are free text, which stands in no event.
    pub fn is_free_text(self) -> bool {
        matches!(self, Self::Text | Self::LongText | Self::Url)
    }

    /// Which kind of record its values name, if they do.
    pub fn record(self) -> Option<&'static str> {
        match self {
            Self::Person => Some("person"),
            Self::Team => Some("team"),
            Self::Service => Some("service"),
            _ => None,
        }
    }
}

/// One of the values of a choice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FieldOption {
    /// As it is stored: `a-z 0-9 - _`, 1 to 40. Never changes.
    pub key: String,
    /// As it is shown.
    pub name: String,
    /// Whether it can be chosen no more; tickets that have it keep it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub retired: bool,
}

/// What a number may be.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NumberRules {
    /// The smallest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// The greatest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// Most digits behind the point, 0 to 6.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decimals: Option<u8>,
    /// Shown behind it, such as `EUR`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

/// What customers may do with a field of their own requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = FieldCustomerAccess)]
pub enum CustomerAccess {
    /// They do not see it.
    #[default]
    Hidden,
    /// They see it.
    Read,
    /// They see it, and fill it when they raise a request.
    Write,
}

/// What a field is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FieldBody {
    /// As it is shown, and as queries call it.
    pub name: String,
    /// What it is for, for those who fill it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What it holds. Stays while tickets have values of it.
    pub kind: FieldKind,
    /// The options of a choice, in the order in which they are shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<FieldOption>,
    /// What a number may be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<NumberRules>,
    /// Ids of the projects whose tickets have it; all, if empty.
    #[serde(default)]
    pub projects: Vec<ProjectId>,
    /// The kinds of tickets that have it; all, if empty.
    #[serde(default)]
    pub ticket_kinds: Vec<Kind>,
    /// Whether people who open a ticket must fill it.
    #[serde(default)]
    pub required: bool,
    /// What customers may do with it.
    #[serde(default)]
    pub customers: CustomerAccess,
    /// What a new ticket has where nothing else is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
}

/// Longest key, in characters.
const KEY_MAX: usize = 40;
/// Most options.
const OPTIONS_MAX: usize = 500;

/// Whether a field can have this key.
pub(crate) fn is_key(key: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    !key.is_empty() && key.len() <= KEY_MAX && key.chars().all(fits)
}

/// What is wrong with a key, if anything is.
pub(super) fn key_complaint(key: &str) -> Option<FieldError> {
    (!is_key(key))
        .then(|| FieldError::new("key", format!("A key has 1 to {KEY_MAX} of the characters a-z, 0-9 and _.")))
}

fn one_line(text: &str, most: usize) -> bool {
    let length = text.trim().chars().count();
    (1..=most).contains(&length) && !text.chars().any(char::is_control)
}

impl FieldBody {
    /// Whether tickets of this project and kind have it.
    pub fn is_for(&self, project: ProjectId, kind: Kind) -> bool {
        (self.projects.is_empty() || self.projects.contains(&project))
            && (self.ticket_kinds.is_empty() || self.ticket_kinds.contains(&kind))
    }

    /// The option with this key.
    pub fn option(&self, key: &str) -> Option<&FieldOption> {
        self.options.iter().find(|option| option.key == key)
    }

    /// Everything that is wrong with it by itself.
    pub fn complaints(&self) -> Vec<FieldError> {
        let mut wrong = Vec::new();
        if !one_line(&self.name, 60) || self.name.contains('"') {
            wrong.push(FieldError::new("name", "Give it a name of 1 to 60 characters, without quotes."));
        }
        if self.description.as_ref().is_some_and(|text| text.chars().count() > 1_000) {
            wrong.push(FieldError::new("description", "Keep the description under 1,000 characters."));
        }
        self.check_options(&mut wrong);
        self.check_number(&mut wrong);
        if let Some(default) = self.default.as_ref().filter(|_| wrong.is_empty())
            && let Err(message) = value::check(self, default, None)
        {
            wrong.push(FieldError::new("default", message));
        }
        wrong
    }

    fn check_options(&self, wrong: &mut Vec<FieldError>) {
        if !self.kind.has_options() {
            if !self.options.is_empty() {
                wrong.push(FieldError::new("options", "Only fields of kind choice and choices have options."));
            }
            return;
        }
        if self.options.is_empty() || self.options.len() > OPTIONS_MAX {
            wrong.push(FieldError::new("options", format!("Give 1 to {OPTIONS_MAX} options.")));
        }
        let (mut keys, mut names) = (HashSet::new(), HashSet::new());
        for (n, option) in self.options.iter().enumerate() {
            let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
            if option.key.is_empty() || option.key.len() > KEY_MAX || !option.key.chars().all(fits) {
                let message = format!("A key has 1 to {KEY_MAX} of the characters a-z, 0-9, - and _.");
                wrong.push(FieldError::new(format!("options[{n}].key"), message));
            } else if !keys.insert(option.key.as_str()) {
                wrong.push(FieldError::new(format!("options[{n}].key"), "Another option has this key."));
            }
            if !one_line(&option.name, 100) {
                wrong.push(FieldError::new(format!("options[{n}].name"), "Give it a name of 1 to 100 characters."));
            } else if !names.insert(fold(option.name.trim())) {
                wrong.push(FieldError::new(format!("options[{n}].name"), "Another option has this name."));
            }
        }
    }

    fn check_number(&self, wrong: &mut Vec<FieldError>) {
        let Some(rules) = &self.number else { return };
        if self.kind != FieldKind::Number {
            wrong.push(FieldError::new("number", "Only fields of kind number have this."));
            return;
        }
        if let (Some(min), Some(max)) = (rules.min, rules.max)
            && min > max
        {
            wrong.push(FieldError::new("number.max", "The greatest is less than the smallest."));
        }
        if rules.decimals.is_some_and(|decimals| decimals > 6) {
            wrong.push(FieldError::new("number.decimals", "Give 0 to 6 digits behind the point."));
        }
        if rules.unit.as_ref().is_some_and(|unit| !one_line(unit, 20)) {
            wrong.push(FieldError::new("number.unit", "A unit has 1 to 20 characters."));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn wrong(body: Value) -> Vec<String> {
        let body: FieldBody = serde_json::from_value(body).expect("the shape of a definition");
        body.complaints().into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn definitions_say_what_is_wrong_with_them() {
        let none: [&str; 0] = [];
        assert_eq!(wrong(json!({"name": "Cost centre", "kind": "text"})), none);
        assert_eq!(wrong(json!({"name": " ", "kind": "choice", "options": []})), ["name", "options"]);
        let options = json!([{"key": "a", "name": "A"}, {"key": "a", "name": "a"}, {"key": "B", "name": ""}]);
        assert_eq!(
            wrong(json!({"name": "X", "kind": "choices", "options": options})),
            ["options[1].key", "options[1].name", "options[2].key", "options[2].name"]
        );
        let number = json!({"min": 2, "max": 1, "decimals": 9, "unit": ""});
        assert_eq!(
            wrong(json!({"name": "X", "kind": "number", "number": number})),
            ["number.max", "number.decimals", "number.unit"]
        );
        assert_eq!(
            wrong(json!({"name": "X", "kind": "date", "number": {}, "options": options})),
            ["options", "number"]
        );
        assert_eq!(wrong(json!({"name": "X", "kind": "date", "default": "soon"})), ["default"]);
    }

    #[test]
    fn kinds_read_back() {
        for kind in FieldKind::ALL {
            assert_eq!(FieldKind::parse(kind.as_str()), Some(kind));
            assert_eq!(serde_json::to_value(kind).expect("serializes"), kind.as_str());
        }
    }
}
