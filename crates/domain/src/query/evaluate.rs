//! Whether a query holds for a record in memory: goals of service levels, conditions of rules, live lists.
//!
//! What is decided here is what the plan of a query ([`super::lower`]) has to mean in a database.

use std::cmp::Ordering;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::ast::Comparison;
use super::typed::{Bound, Filter, Predicate, SlaState, SlaTest, Sought, TypedCall, TypedQuery, Value, Window};
use super::vocabulary::{FieldKey, fold};

/// What a query asks of a record.
pub trait Record {
    /// The values of a field: none if it is empty, several if it holds several. Empty texts count as none. For a
    /// state that only functions ask for, any value says that it is not empty; for a service level there are none.
    fn values(&self, field: &FieldKey) -> Vec<Value>;

    /// The values that a field has held, for fields whose past is kept.
    fn held(&self, field: &FieldKey) -> Vec<Held> {
        let _ = field;
        Vec::new()
    }

    /// The clocks of a service level; none if no cycle ever began.
    fn clocks(&self, field: &FieldKey) -> Vec<Clock> {
        let _ = field;
        Vec::new()
    }

    /// What a function of the vocabulary says about a field; none if the field is empty.
    fn ask(&self, field: &FieldKey, call: &TypedCall) -> Option<bool> {
        let _ = (field, call);
        None
    }
}

/// A value that a field held for a while.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    /// The value; none if the field was empty.
    pub value: Option<Value>,
    /// What it held before.
    pub previous: Option<Value>,
    /// Since when.
    pub since: Timestamp,
    /// Until when; none if it still holds it.
    pub until: Option<Timestamp>,
    /// Which person set it, if one did.
    pub by: Option<Uuid>,
    /// Whether the record began with it, so that it is no change.
    pub first: bool,
}

/// What the clock of a service level shows now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clock {
    /// The last cycle missed its goal.
    pub breached: bool,
    /// Any cycle missed its goal.
    pub ever_breached: bool,
    /// No cycle runs, and one is complete.
    pub completed: bool,
    /// A cycle runs and is not paused.
    pub running: bool,
    /// A cycle is paused.
    pub paused: bool,
    /// A cycle runs, and its calendar is open now.
    pub within_calendar_hours: bool,
    /// What has passed in the cycle that runs; none if none does.
    pub elapsed: Option<SignedDuration>,
    /// What is left in the cycle that runs, negative after its goal; none if none runs.
    pub remaining: Option<SignedDuration>,
}

impl Clock {
    fn passes(&self, test: &SlaTest) -> bool {
        let compares = |op: Comparison, shown: Option<SignedDuration>, wanted: &SignedDuration| {
            shown.is_some_and(|shown| super::check::holds(op, shown.cmp(wanted)))
        };
        match test {
            SlaTest::State { state, is } => self.is(*state) == *is,
            SlaTest::Elapsed(op, wanted) => compares(*op, self.elapsed, wanted),
            SlaTest::Remaining(op, wanted) => compares(*op, self.remaining, wanted),
        }
    }

    fn is(&self, state: SlaState) -> bool {
        match state {
            SlaState::Breached => self.breached,
            SlaState::EverBreached => self.ever_breached,
            SlaState::Completed => self.completed,
            SlaState::Running => self.running,
            SlaState::Paused => self.paused,
            SlaState::WithinCalendarHours => self.within_calendar_hours,
        }
    }
}

impl TypedQuery {
    /// Whether the query holds for a record.
    pub fn matches(&self, record: &dyn Record) -> bool {
        self.filter.holds(record) == Some(true)
    }
}

impl Filter {
    /// Whether the condition holds; none if that cannot be said because a field is empty.
    pub fn holds(&self, record: &dyn Record) -> Option<bool> {
        match self {
            Self::And(parts) => {
                let mut all = Some(true);
                for part in parts {
                    match part.holds(record) {
                        Some(false) => return Some(false),
                        None => all = None,
                        Some(true) => {}
                    }
                }
                all
            }
            Self::Or(parts) => {
                let mut any = Some(false);
                for part in parts {
                    match part.holds(record) {
                        Some(true) => return Some(true),
                        None => any = None,
                        Some(false) => {}
                    }
                }
                any
            }
            Self::Not(part) => part.holds(record).map(|holds| !holds),
            Self::Is(predicate) => predicate.holds(record),
        }
    }
}

impl Predicate {
    fn holds(&self, record: &dyn Record) -> Option<bool> {
        match self {
            Self::Empty { field } => Some(values(record, field).is_empty() && record.clocks(field).is_empty()),
            Self::OneOf { field, values: wanted } => any(record, field, |value| wanted.iter().any(|w| same(value, w))),
            Self::Range { field, from, to } => any(record, field, |value| lies_between(value, from, to)),
            Self::Contains { field, sought } => {
                let values = values(record, field);
                let texts = || values.iter().filter_map(text);
                let found = match sought {
                    Sought::Words(query) => query.stands_in(texts()),
                    Sought::Part(pattern) => texts().any(|text| pattern.matches(text, true)),
                };
                (!values.is_empty()).then_some(found)
            }
            Self::Was { field, values, during, by } => Some(record.held(field).iter().any(|held| {
                one_of(held.value.as_ref(), values) && held_during(held, during) && by_one_of(held, by.as_deref())
            })),
            Self::Changed { field, from, to, during, by } => Some(record.held(field).iter().any(|held| {
                !held.first
                    && from.as_ref().is_none_or(|from| one_of(held.previous.as_ref(), from))
                    && to.as_ref().is_none_or(|to| one_of(held.value.as_ref(), to))
                    && during.from.is_none_or(|from| held.since >= from)
                    && during.to.is_none_or(|to| held.since < to)
                    && by_one_of(held, by.as_deref())
            })),
            Self::Sla { field, tests } => {
                let clocks = record.clocks(field);
                let passes = clocks.iter().any(|clock| tests.iter().all(|test| clock.passes(test)));
                (!clocks.is_empty()).then_some(passes)
            }
            Self::Ask { field, call } => record.ask(field, call),
        }
    }
}

fn text(value: &Value) -> Option<&str> {
    if let Value::Text(text) = value { Some(text) } else { None }
}

fn values(record: &dyn Record, field: &FieldKey) -> Vec<Value> {
    let mut values = record.values(field);
    values.retain(|value| !matches!(value, Value::Text(text) if text.is_empty()));
    values
}

fn any(record: &dyn Record, field: &FieldKey, test: impl Fn(&Value) -> bool) -> Option<bool> {
    let values = values(record, field);
    (!values.is_empty()).then(|| values.iter().any(test))
}

/// Whether a stored value is the wanted one; the text of the wanted one is folded already.
fn same(stored: &Value, wanted: &Value) -> bool {
    match (stored, wanted) {
        (Value::Text(stored), Value::Text(wanted)) => fold(stored) == *wanted,
        _ => compare(stored, wanted).is_some_and(Ordering::is_eq),
    }
}

fn compare(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Integer(left), Value::Integer(right)) => Some(left.cmp(right)),
        (Value::Number(left), Value::Number(right)) => left.partial_cmp(right),
        (Value::Instant(left), Value::Instant(right)) => Some(left.cmp(right)),
        (Value::Date(left), Value::Date(right)) => Some(left.cmp(right)),
        (Value::Flag(left), Value::Flag(right)) => Some(left.cmp(right)),
        (Value::Choice(left), Value::Choice(right)) => Some(left.cmp(right)),
        (Value::Reference(left), Value::Reference(right)) => Some(left.cmp(right)),
        _ => None,
    }
}

fn lies_between(value: &Value, from: &Option<Bound>, to: &Option<Bound>) -> bool {
    let above = from.as_ref().is_none_or(|bound| match compare(value, &bound.value) {
        Some(Ordering::Greater) => true,
        Some(Ordering::Equal) => bound.inclusive,
        _ => false,
    });
    let below = to.as_ref().is_none_or(|bound| match compare(value, &bound.value) {
        Some(Ordering::Less) => true,
        Some(Ordering::Equal) => bound.inclusive,
        _ => false,
    });
    above && below
}

fn one_of(value: Option<&Value>, wanted: &[Option<Value>]) -> bool {
    wanted.iter().any(|wanted| match (value, wanted) {
        (Some(value), Some(wanted)) => same(value, wanted),
        (None, None) => true,
        _ => false,
    })
}

fn held_during(held: &Held, during: &Window) -> bool {
    during.to.is_none_or(|to| held.since < to) && during.from.is_none_or(|from| held.until.is_none_or(|at| at > from))
}

fn by_one_of(held: &Held, people: Option<&[Uuid]>) -> bool {
    people.is_none_or(|people| held.by.is_some_and(|by| people.contains(&by)))
}
