//! The query language of alert lists, as Opsgenie clients write it.
//!
//! ```text
//! status: open AND priority: (P1 OR P2) createdAt > 1470394841148 NOT tag: drill "disk full" entity: db*
//! ```
//! ```text
//! query  := or            or  := and {OR and}       and    := not {[AND] not}
//! not    := (NOT|!) not | "(" or ")" | clause        clause := field op values | text
//! op     := ":" | "=" | "!=" | "<" | "<=" | ">" | ">="
//! values := value | "(" value {(OR|AND) value} ")"   value  := [NOT] (word | "quoted text")
//! ```
//! Side by side means AND. Words of the language are read in any case. `*` in a value stands for any text, except in
//! quotes. Times are milliseconds or seconds since 1970, `2026-01-31`, `31-01-2026` or `2026-01-31T14:00:00Z`; days
//! are days in UTC.
//!
//! [`parse`] gives a [`Query`] whose clauses are typed already, so that a store can turn it into SQL with bound
//! parameters, and [`Query::holds`] says what that SQL has to mean.
//!
//! **Invariants**
//! - Every error names the character and what was expected there.
//! - A query is limited in length, depth and number of clauses; nothing overflows.

mod parse;
#[cfg(test)]
mod tests;

use jiff::Timestamp;

pub use parse::parse;

use crate::priority::Priority;

/// Longest query, in characters.
pub const LENGTH_MAX: usize = 4_000;
/// Deepest nesting.
pub const DEPTH_MAX: usize = 30;
/// Most clauses.
pub const CLAUSES_MAX: usize = 200;

/// A query. An empty one is an empty `And`: everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Query {
    /// All of these hold.
    And(Vec<Query>),
    /// One of these holds.
    Or(Vec<Query>),
    /// This does not hold.
    Not(Box<Query>),
    /// A condition on one field.
    Clause(Clause),
}

/// A condition on one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Clause {
    /// The message, description, alias, entity, source or a tag contains this.
    AnyText(Pattern),
    /// A text field is or, for long texts, contains this.
    Text {
        /// Which field.
        field: TextField,
        /// What.
        pattern: Pattern,
    },
    /// The alert is open (or closed).
    Open(bool),
    /// A fact holds (or not).
    Flag {
        /// Which fact.
        flag: Flag,
        /// Whether it holds.
        value: bool,
    },
    /// The priority is one of these.
    Priority(Vec<Priority>),
    /// An instant lies in a range. The end is not included.
    Time {
        /// Which instant.
        field: TimeField,
        /// From when.
        from: Option<Timestamp>,
        /// Until when.
        to: Option<Timestamp>,
    },
    /// A number lies in a range. Both ends are included.
    Number {
        /// Which number.
        field: NumberField,
        /// From where.
        from: Option<i64>,
        /// To where.
        to: Option<i64>,
    },
}

/// A field with a text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TextField {
    /// The id.
    Id,
    /// The message; contains.
    Message,
    /// The description; contains.
    Description,
    /// The alias.
    Alias,
    /// The entity.
    Entity,
    /// The source.
    Source,
    /// A tag.
    Tag,
    /// A custom action.
    Action,
    /// The owner's mail address or name.
    Owner,
    /// Who acknowledged it: mail address or name.
    AcknowledgedBy,
    /// Who closed it: mail address or name.
    ClosedBy,
    /// The team's name.
    Team,
    /// The name of a responder: person, team or schedule.
    Responder,
    /// The name of the affected service.
    Service,
    /// The name of the integration.
    IntegrationName,
    /// The kind of the integration.
    IntegrationKind,
    /// The key of a detail.
    DetailKey,
    /// The value of any detail.
    DetailValue,
    /// The value of the detail with this key.
    Detail(String),
}

impl TextField {
    /// Whether the field is searched for the text; else its whole value is compared.
    pub fn contains(&self) -> bool {
        matches!(self, Self::Message | Self::Description)
    }
}

/// A field that is true or false.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Flag {
    /// Somebody has acknowledged it.
    Acknowledged,
    /// A person has looked at it.
    Seen,
    /// It is snoozed.
    Snoozed,
}

/// A field with an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimeField {
    /// When it first occurred.
    CreatedAt,
    /// When it last changed.
    UpdatedAt,
    /// When it last occurred.
    LastOccurredAt,
    /// Until when it is snoozed.
    SnoozedUntil,
    /// When it was closed.
    ClosedAt,
}

/// A field with a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NumberField {
    /// How often it occurred.
    Count,
    /// The short number that people call it by.
    TinyId,
}

/// A text with wildcards. Case does not matter.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pattern {
    /// The parts between wildcards, in lower case; one part means no wildcard.
    parts: Vec<String>,
}

impl Pattern {
    /// A text in which `*` is a star.
    pub fn literal(text: &str) -> Self {
        Self { parts: vec![text.to_lowercase()] }
    }

    /// A text in which `*` stands for anything.
    pub fn wildcards(text: &str) -> Self {
        Self { parts: text.to_lowercase().split('*').map(str::to_owned).collect() }
    }

    /// The text, in lower case, if it has no wildcard.
    pub fn exact(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    /// The operand of `LOWER(field) LIKE ? ESCAPE '\'`; with `contains`, anything may stand around it.
    pub fn like(&self, contains: bool) -> String {
        let escaped = self.parts.iter().map(|part| part.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_"));
        let text = escaped.collect::<Vec<_>>().join("%");
        if contains { format!("%{text}%") } else { text }
    }

    /// Whether the value is this, or contains it.
    pub fn matches(&self, value: &str, contains: bool) -> bool {
        let value = value.to_lowercase();
        let (Some(first), Some(last)) = (self.parts.first(), self.parts.last()) else { return true };
        if self.parts.len() == 1 {
            return if contains { value.contains(first.as_str()) } else { value == *first };
        }
        let mut rest = value.as_str();
        if !contains {
            let Some(inner) = rest.strip_prefix(first.as_str()).and_then(|rest| rest.strip_suffix(last.as_str()))
            else {
                return false;
            };
            rest = inner;
        }
        let parts = if contains { &self.parts[..] } else { &self.parts[1..self.parts.len() - 1] };
        parts.iter().all(|part| match rest.find(part.as_str()) {
            Some(at) => {
                rest = &rest[at + part.len()..];
                true
            }
            None => false,
        })
    }
}

/// Why a query cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at character {}: {message}", position + 1)]
pub struct QueryError {
    /// The character, from 0.
    pub position: usize,
    /// What was expected there, and what was found.
    pub message: String,
}

/// What a query asks of an alert.
pub trait Subject {
    /// The values of a text field; none, one or several.
    fn texts(&self, field: &TextField) -> Vec<String>;
    /// Whether it is open.
    fn is_open(&self) -> bool;
    /// Whether a fact holds.
    fn flag(&self, flag: Flag) -> bool;
    /// Its priority.
    fn priority(&self) -> Priority;
    /// An instant.
    fn time(&self, field: TimeField) -> Option<Timestamp>;
    /// A number.
    fn number(&self, field: NumberField) -> i64;
}

impl Query {
    /// Whether the query holds for an alert.
    pub fn holds(&self, alert: &impl Subject) -> bool {
        match self {
            Self::And(parts) => parts.iter().all(|part| part.holds(alert)),
            Self::Or(parts) => parts.iter().any(|part| part.holds(alert)),
            Self::Not(part) => !part.holds(alert),
            Self::Clause(clause) => clause.holds(alert),
        }
    }

    /// Whether everything matches.
    pub fn is_everything(&self) -> bool {
        matches!(self, Self::And(parts) if parts.is_empty())
    }
}

impl Clause {
    /// The fields in which [`Clause::AnyText`] looks.
    pub const ANY_TEXT: [TextField; 6] = [
        TextField::Message,
        TextField::Description,
        TextField::Alias,
        TextField::Entity,
        TextField::Source,
        TextField::Tag,
    ];

    fn holds(&self, alert: &impl Subject) -> bool {
        match self {
            Self::AnyText(pattern) => {
                (Self::ANY_TEXT.iter()).any(|field| alert.texts(field).iter().any(|value| pattern.matches(value, true)))
            }
            Self::Text { field, pattern } => {
                alert.texts(field).iter().any(|value| pattern.matches(value, field.contains()))
            }
            Self::Open(open) => alert.is_open() == *open,
            Self::Flag { flag, value } => alert.flag(*flag) == *value,
            Self::Priority(list) => list.contains(&alert.priority()),
            Self::Time { field, from, to } => {
                alert.time(*field).is_some_and(|at| from.is_none_or(|from| from <= at) && to.is_none_or(|to| at < to))
            }
            Self::Number { field, from, to } => {
                let number = alert.number(*field);
                from.is_none_or(|from| from <= number) && to.is_none_or(|to| number <= to)
            }
        }
    }
}
