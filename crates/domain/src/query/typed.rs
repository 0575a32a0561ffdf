//! A query whose every part is known to make sense.
//!
//! **Three values.** A condition on an empty field is neither true nor false: `assignee != ana` and
//! `NOT assignee = ana` both leave out what is assigned to nobody, as they do in other systems with such a language.
//! Only [`Predicate::Empty`] and the past ([`Predicate::Was`], [`Predicate::Changed`]) are always true or false.
//! A field with several values equals a value if one of them does, and differs if none does.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::ast::Comparison;
use super::text::TextQuery;
use super::vocabulary::FieldKey;
use crate::alert_query::Pattern;

/// A checked query. It holds for one asker at one instant: `now()` and `currentUser()` are values in it. Keep the
/// text, and check it again for each use.
#[derive(Clone, Debug, PartialEq)]
pub struct TypedQuery {
    /// Which records.
    pub filter: Filter,
    /// The sort keys, most important first.
    pub order: Vec<OrderBy>,
}

/// A sort key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderBy {
    /// By which field.
    pub field: FieldKey,
    /// Largest first. Empty values come first when ascending, last when descending.
    pub descending: bool,
}

/// A condition. An empty `And` is everything, an empty `Or` nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// All of these hold.
    And(Vec<Filter>),
    /// One of these holds.
    Or(Vec<Filter>),
    /// This does not hold.
    Not(Box<Filter>),
    /// A condition on one field.
    Is(Predicate),
}

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A text. In a query it is folded.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number; finite.
    Number(f64),
    /// A point in time.
    Instant(Timestamp),
    /// A day.
    Date(Date),
    /// True or false.
    Flag(bool),
    /// The key of a choice.
    Choice(String),
    /// The id of a record.
    Reference(Uuid),
}

/// One end of a range.
#[derive(Clone, Debug, PartialEq)]
pub struct Bound {
    /// The value at the end.
    pub value: Value,
    /// Whether it belongs to the range.
    pub inclusive: bool,
}

/// What `~` looks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sought {
    /// Words.
    Words(TextQuery),
    /// A part of the text.
    Part(Pattern),
}

/// A condition on one field.
#[derive(Clone, Debug, PartialEq)]
pub enum Predicate {
    /// It has no value.
    Empty {
        /// Which field.
        field: FieldKey,
    },
    /// A value is one of these; of none if the list is empty.
    OneOf {
        /// Which field.
        field: FieldKey,
        /// The values.
        values: Vec<Value>,
    },
    /// A value lies between these.
    Range {
        /// Which field.
        field: FieldKey,
        /// From here.
        from: Option<Bound>,
        /// To here.
        to: Option<Bound>,
    },
    /// It holds this text.
    Contains {
        /// Which field.
        field: FieldKey,
        /// Which text.
        sought: Sought,
    },
    /// It had one of these values at a time.
    Was {
        /// Which field.
        field: FieldKey,
        /// The values; `None` is no value.
        values: Vec<Option<Value>>,
        /// When.
        during: Window,
        /// Who set it, if that counts.
        by: Option<Vec<Uuid>>,
    },
    /// It changed.
    Changed {
        /// Which field.
        field: FieldKey,
        /// From one of these, if that counts.
        from: Option<Vec<Option<Value>>>,
        /// To one of these, if that counts.
        to: Option<Vec<Option<Value>>>,
        /// When.
        during: Window,
        /// Who changed it, if that counts.
        by: Option<Vec<Uuid>>,
    },
    /// One clock of a service level passes all of these tests.
    Sla {
        /// Which service level.
        field: FieldKey,
        /// The tests.
        tests: Vec<SlaTest>,
    },
    /// What a function of the vocabulary says.
    Ask {
        /// On which field.
        field: FieldKey,
        /// Which function.
        call: TypedCall,
    },
}

impl Predicate {
    /// The field that it is about.
    pub fn field(&self) -> &FieldKey {
        match self {
            Self::Empty { field }
            | Self::OneOf { field, .. }
            | Self::Range { field, .. }
            | Self::Contains { field, .. }
            | Self::Was { field, .. }
            | Self::Changed { field, .. }
            | Self::Sla { field, .. }
            | Self::Ask { field, .. } => field,
        }
    }
}

/// From an instant (included) until an instant (not included).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// From when.
    pub from: Option<Timestamp>,
    /// Until when.
    pub to: Option<Timestamp>,
}

impl Window {
    /// What lies in both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let from = [self.from, other.from].into_iter().flatten().max();
        let to = [self.to, other.to].into_iter().flatten().min();
        Self { from, to }
    }
}

/// A test of a clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SlaTest {
    /// It is in this state, or not.
    State {
        /// Which.
        state: SlaState,
        /// Whether it has to be.
        is: bool,
    },
    /// The time that has passed in the cycle that runs.
    Elapsed(Comparison, SignedDuration),
    /// The time that is left in the cycle that runs.
    Remaining(Comparison, SignedDuration),
}

/// A state of a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SlaState {
    /// The last cycle missed its goal.
    Breached,
    /// Any cycle missed its goal.
    EverBreached,
    /// No cycle runs, and one is complete.
    Completed,
    /// A cycle runs and is not paused.
    Running,
    /// A cycle is paused.
    Paused,
    /// A cycle runs, and its calendar is open now.
    WithinCalendarHours,
}

/// A function of the vocabulary with its arguments.
#[derive(Clone, Debug, PartialEq)]
pub struct TypedCall {
    /// Its name as the vocabulary spells it.
    pub name: String,
    /// Its arguments, each with its values: a name may belong to several records.
    pub arguments: Vec<Vec<Value>>,
}

impl TypedCall {
    /// The ids of the records that an argument names.
    pub fn references(&self, argument: usize) -> Vec<Uuid> {
        let values = self.arguments.get(argument).map(Vec::as_slice).unwrap_or_default();
        values.iter().filter_map(|value| if let Value::Reference(id) = value { Some(*id) } else { None }).collect()
    }

    /// The text of an argument.
    pub fn text(&self, argument: usize) -> Option<&str> {
        match self.arguments.get(argument)?.first()? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The instant of an argument.
    pub fn instant(&self, argument: usize) -> Option<Timestamp> {
        match self.arguments.get(argument)?.first()? {
            Value::Instant(at) => Some(*at),
            _ => None,
        }
    }
}

impl Filter {
    /// Everything.
    pub fn everything() -> Self {
        Self::And(Vec::new())
    }

    /// Whether everything matches.
    pub fn is_everything(&self) -> bool {
        matches!(self, Self::And(parts) if parts.is_empty())
    }

    /// Every condition in it.
    pub fn predicates(&self) -> Vec<&Predicate> {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().flat_map(Self::predicates).collect(),
            Self::Not(part) => part.predicates(),
            Self::Is(predicate) => vec![predicate],
        }
    }
}
