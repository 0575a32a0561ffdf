//! From a typed query to what a database is asked.
//!
//! The caller says where fields stand ([`Mapping`], [`Place`]); [`lower`] gives a [`Plan`]: a [`Condition`] and the
//! sort keys. [`Condition::sql`] writes it with `$1..$n`, which SQLite and PostgreSQL both read, and hands each
//! parameter to the caller.
//!
//! **Invariants**
//! - Every piece of SQL is a `&'static str` out of the caller's source. What people write becomes a [`Param`].
//! - A condition that [`lower`] makes is true exactly when [`TypedQuery::matches`](super::TypedQuery::matches) says
//!   so. It negates conditions that can be NULL by asking for the opposite of a value that is there, so that NULL
//!   never decides.

mod lower;
mod order;
mod sql;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use lower::lower;
pub use order::{after, order_sql};

use super::ast::Comparison;
use super::typed::{Predicate, SlaTest, Sought, TypedCall, Value};
use super::vocabulary::FieldKey;

/// A piece of SQL out of the source; `$?` stands for the next of its parameters.
pub type Sql = &'static str;

/// A bound parameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Param {
    /// A text.
    Text(String),
    /// A whole number; instants are microseconds since 1970.
    Integer(i64),
    /// A number.
    Number(f64),
    /// True or false.
    Flag(bool),
    /// The id of a record.
    Id(Uuid),
}

impl Param {
    /// How a value is stored unless a [`Mapping`] says otherwise: days as `2026-01-31`, choices by their keys, texts
    /// folded.
    pub fn of(value: &Value) -> Self {
        match value {
            Value::Text(text) | Value::Choice(text) => Self::Text(text.clone()),
            Value::Integer(number) => Self::Integer(*number),
            Value::Number(number) => Self::Number(*number),
            Value::Instant(at) => Self::of_instant(*at),
            Value::Date(day) => Self::Text(day.to_string()),
            Value::Flag(flag) => Self::Flag(*flag),
            Value::Reference(id) => Self::Id(*id),
        }
    }

    /// Microseconds since 1970.
    pub fn of_instant(at: Timestamp) -> Self {
        Self::Integer(at.as_microsecond())
    }

    fn kind(&self) -> ParamKind {
        match self {
            Self::Text(_) => ParamKind::Text,
            Self::Integer(_) => ParamKind::Integer,
            Self::Number(_) => ParamKind::Number,
            Self::Flag(_) => ParamKind::Flag,
            Self::Id(_) => ParamKind::Id,
        }
    }
}

/// What a parameter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamKind {
    /// [`Param::Text`]
    Text,
    /// [`Param::Integer`]
    Integer,
    /// [`Param::Number`]
    Number,
    /// [`Param::Flag`]
    Flag,
    /// [`Param::Id`]
    Id,
}

/// An SQL expression that gives one value of a record.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// The expression, such as `t.summary`.
    pub sql: Sql,
    /// The parameters of its `$?`.
    pub params: Vec<Param>,
    /// Whether it can be NULL, which is empty.
    pub nullable: bool,
    /// Whether `''` is empty.
    pub blank: bool,
    /// Whether it has to be put into lower case to be compared.
    pub folds: bool,
}

impl Column {
    /// An expression that is never NULL.
    pub const fn required(sql: Sql) -> Self {
        Self { sql, params: Vec::new(), nullable: false, blank: false, folds: false }
    }

    /// An expression that can be NULL.
    pub const fn optional(sql: Sql) -> Self {
        Self { sql, params: Vec::new(), nullable: true, blank: false, folds: false }
    }

    /// A text in the case in which it was written. Lower case is the database's own, which on SQLite ends at ASCII:
    /// where that matters, store [`fold`](super::fold)ed texts and say [`Column::folded_text`].
    #[must_use]
    pub fn text(self) -> Self {
        Self { blank: true, folds: true, ..self }
    }

    /// A text that is stored folded.
    #[must_use]
    pub fn folded_text(self) -> Self {
        Self { blank: true, folds: false, ..self }
    }

    /// With parameters for its `$?`.
    #[must_use]
    pub fn with(self, params: Vec<Param>) -> Self {
        Self { params, ..self }
    }
}

/// Rows beside the record's own.
#[derive(Clone, Debug, PartialEq)]
pub struct Rows {
    /// What stands behind FROM, such as `field_values v`.
    pub from: Sql,
    /// What makes a row the record's, such as `v.record_id = t.id`.
    pub link: Sql,
    /// Which of these rows count: of the field, and those that the asker may see. Never NULL.
    pub only: Vec<Condition>,
}

/// Where a field stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Place {
    /// In one column.
    Column(Column),
    /// One value in each of these rows.
    Rows(Rows, Column),
    /// Nowhere that could be compared, and never empty.
    Always,
}

/// Where the past of a field stands: a row for each value that it held.
#[derive(Clone, Debug, PartialEq)]
pub struct HistoryPlace {
    /// The rows.
    pub rows: Rows,
    /// The value; NULL if the field was empty.
    pub value: Column,
    /// The value before; NULL if the field was empty.
    pub previous: Column,
    /// Since when, in microseconds.
    pub since: Sql,
    /// Until when; NULL if the field still holds it.
    pub until: Sql,
    /// The id of the person who set it; NULL if none did.
    pub by: Sql,
    /// A boolean expression, never NULL: the record began with this value.
    pub first: Sql,
}

/// By what a list is sorted.
#[derive(Clone, Debug, PartialEq)]
pub struct SortColumn {
    /// The expression.
    pub column: Column,
    /// What its values are, so that a cursor from outside is checked.
    pub kind: ParamKind,
    /// Whether a small stored value is a large one to people: rank 1 is the highest priority.
    pub reversed: bool,
}

/// Where a kind of record keeps what a query asks for. It lives in a `store.rs` and carries the asker's scope.
pub trait Mapping {
    /// Where the values of a field stand.
    fn place(&self, field: &FieldKey) -> Option<Place>;

    /// A column that is different for every record and grows with it; lists end their order with it.
    fn insertion_number(&self) -> Sql;

    /// How a value of a field is stored; none if it never is.
    fn param(&self, field: &FieldKey, value: &Value) -> Option<Param> {
        let _ = field;
        Some(Param::of(value))
    }

    /// A better condition for a predicate, such as one that a partial index knows. Never NULL. With `holds` it is
    /// true exactly when the predicate is, else exactly when the predicate is false.
    fn instead(&self, predicate: &Predicate, holds: bool) -> Option<Condition> {
        let _ = (predicate, holds);
        None
    }

    /// That a field holds a text, where an index for full text knows. Never NULL.
    fn contains(&self, field: &FieldKey, sought: &Sought) -> Option<Condition> {
        let _ = (field, sought);
        None
    }

    /// Where the past of a field stands.
    fn history(&self, field: &FieldKey) -> Option<HistoryPlace> {
        let _ = field;
        None
    }

    /// That one clock of a service level passes all tests. Never NULL.
    fn sla(&self, field: &FieldKey, tests: &[SlaTest]) -> Option<Condition> {
        let _ = (field, tests);
        None
    }

    /// That a function of the vocabulary is true of a field. Never NULL; false where the field is empty.
    fn ask(&self, field: &FieldKey, call: &TypedCall) -> Option<Condition> {
        let _ = (field, call);
        None
    }

    /// By what a list is sorted when it is sorted by a field.
    fn sort(&self, field: &FieldKey) -> Option<SortColumn> {
        let _ = field;
        None
    }
}

/// What a database is asked.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// Everything.
    True,
    /// Nothing.
    False,
    /// All of these.
    All(Vec<Condition>),
    /// One of these.
    Any(Vec<Condition>),
    /// Not this, which is never NULL.
    Not(Box<Condition>),
    /// A column compares so with a value; not with `~`.
    Compare(Column, Comparison, Param),
    /// A column is one of these; at least one.
    OneOf(Column, Vec<Param>),
    /// A column is none of these; at least one.
    NoneOf(Column, Vec<Param>),
    /// A column is like this pattern, in which `\` escapes.
    Like(Column, String),
    /// A column is NULL.
    Null(Column),
    /// A column is not NULL.
    NotNull(Column),
    /// Several columns, in this order, are below (or above) several values.
    Beyond {
        /// The columns.
        columns: Vec<Column>,
        /// Below.
        below: bool,
        /// The values, as many.
        values: Vec<Param>,
    },
    /// There is such a row.
    Exists(Box<Exists>),
    /// There is no such row.
    NotExists(Box<Exists>),
    /// SQL of the caller, with the parameters of its `$?`.
    Raw(Sql, Vec<Param>),
}

/// A row that has to be there.
#[derive(Clone, Debug, PartialEq)]
pub struct Exists {
    /// Which rows.
    pub rows: Rows,
    /// What has to be true of it.
    pub when: Condition,
}

impl Condition {
    /// All of these, without what is certain.
    pub fn all(parts: Vec<Self>) -> Self {
        let mut kept = Vec::with_capacity(parts.len());
        for part in parts {
            match part {
                Self::True => {}
                Self::False => return Self::False,
                Self::All(inner) => kept.extend(inner),
                other => kept.push(other),
            }
        }
        match kept.len() {
            0 => Self::True,
            1 => kept.remove(0),
            _ => Self::All(kept),
        }
    }

    /// One of these, without what is impossible.
    pub fn any(parts: Vec<Self>) -> Self {
        let mut kept = Vec::with_capacity(parts.len());
        for part in parts {
            match part {
                Self::False => {}
                Self::True => return Self::True,
                Self::Any(inner) => kept.extend(inner),
                other => kept.push(other),
            }
        }
        match kept.len() {
            0 => Self::False,
            1 => kept.remove(0),
            _ => Self::Any(kept),
        }
    }

    /// There is a row of which this is true.
    pub fn exists(rows: Rows, when: Self) -> Self {
        Self::Exists(Box::new(Exists { rows, when }))
    }

    /// There is no row of which this is true.
    pub fn not_exists(rows: Rows, when: Self) -> Self {
        Self::NotExists(Box::new(Exists { rows, when }))
    }

    /// Not this, which is never NULL.
    #[must_use]
    pub fn negated(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Not(inner) => *inner,
            Self::Exists(exists) => Self::NotExists(exists),
            Self::NotExists(exists) => Self::Exists(exists),
            other => Self::Not(Box::new(other)),
        }
    }
}

/// A condition and an order.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Which records.
    pub condition: Condition,
    /// The sort keys; the last is the insertion number. Without ORDER BY the newest records come first.
    pub order: Vec<PlannedSort>,
}

/// A sort key.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedSort {
    /// By what.
    pub by: SortColumn,
    /// The largest value, as people see it, first. Empty values come first when ascending, last when descending.
    pub descending: bool,
}

/// The mapping does not know something that the vocabulary has: a defect, not a mistake in the query.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no place is known for {what} of the field {field}")]
pub struct PlanError {
    /// Which field.
    pub field: FieldKey,
    /// What is missing.
    pub what: &'static str,
}
