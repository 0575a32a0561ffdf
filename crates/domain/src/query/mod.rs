//! The query language of tickets, alerts and assets.
//!
//! ```text
//! project = INC AND (priority > Medium OR "Major incident" IS NOT EMPTY) AND assignee IN (currentUser(), EMPTY)
//!   AND status WAS "In progress" BEFORE startOfWeek() AND "Time to resolution" < remaining("30m")
//!   ORDER BY priority DESC, updated
//! ```
//! ```text
//! query  := [or] [ORDER BY field [ASC|DESC] {, field [ASC|DESC]}]
//! or     := and {(OR|"||") and}    and := not {(AND|"&&") not}    not := (NOT|!) not | "(" or ")" | clause
//! clause := field op operand | field [NOT] IN (list|func) | field IS [NOT] (EMPTY|NULL)
//!         | field WAS [NOT] [IN] operand {pred} | field CHANGED {pred}
//! op     := = != < <= > >= ~ !~    pred := FROM|TO|BY|BEFORE|AFTER|ON x | DURING (a, b)
//! field  := name | "Quoted Name" | cf[10010]
//! ```
//! NOT binds closest, then AND, then OR. Words of the language, names and values are read in any case.
//!
//! **Vocabulary.** A [`Vocabulary`] says which [`Field`]s and [`Function`]s a kind of record has: data that the caller
//! builds, custom fields included. A [`Query`] is what was written; a [`TypedQuery`] is what it means for one
//! [`Asker`] at one instant; a [`Condition`] is what a database is asked.
//!
//! **Walked through.** [`parse`] reads the text. [`wanted`] lists the names of people and records in it; the caller
//! looks them up at once, within its scope, and tells [`Names`]. [`check`] gives the typed query, or everything that
//! is wrong. [`TypedQuery::matches`] decides for a [`Record`] in memory; [`lower`] makes a [`Condition`] and the sort
//! keys by the caller's [`Mapping`], and [`Condition::sql`] its text with bound parameters. [`complete`] offers what
//! can stand at the cursor of an unfinished query.
//!
//! **Invariants**
//! - Every error names the characters that are wrong, says what was expected, and where it can offers what was meant.
//! - No text, however strange, makes anything here panic; length, depth, conditions, lists and values are limited.
//! - `parse(q.to_string())` gives `q`.
//! - SQL is `&'static str` or made from it: nothing that comes from outside can become a part of a statement other
//!   than as a parameter.
//! - A condition and [`TypedQuery::matches`] mean the same; see [`typed`](TypedQuery) for empty fields.
//!
//! The parser is written by hand, unlike the others, because completion and errors need to know at each token what
//! could have stood there.

mod ast;
mod check;
mod complete;
mod error;
mod evaluate;
mod function;
mod lex;
mod names;
pub(crate) mod near;
mod parse;
mod plan;
mod print;
#[cfg(test)]
mod tests;
mod text;
mod time;
mod typed;
mod vocabulary;

pub use ast::{
    Call, Clause, Comparison, Expr, FieldName, FieldRef, HistoryKind, HistoryPredicate, Literal, Operand, Operands,
    Query, Sort, Span, Test,
};
pub use check::{check, wanted};
pub use complete::{Completion, CompletionItem, ItemKind, ValuesWanted, complete};
pub use error::QueryError;
pub use evaluate::{Clock, Held, Record};
pub use function::{Applies, Function, Parameter, ticket_functions};
pub use names::{Name, Names};
pub use parse::parse;
pub use plan::{
    Column, Condition, Exists, HistoryPlace, Mapping, Param, ParamKind, Place, Plan, PlanError, PlannedSort, Rows,
    SortColumn, Sql, after, lower, order_sql,
};
pub use print::quoted_if_needed;
pub use text::{Term, TextQuery, indexed, words};
pub use time::Asker;
pub use typed::{Bound, Filter, OrderBy, Predicate, SlaState, SlaTest, Sought, TypedCall, TypedQuery, Value, Window};
pub use vocabulary::{Choice, Field, FieldKey, FieldKind, Operator, PERSON, Search, Vocabulary, fold, priorities};

/// Longest query, in characters.
pub const LENGTH_MAX: usize = 20_000;
/// Deepest nesting of brackets and NOT.
pub const DEPTH_MAX: usize = 30;
/// Most conditions.
pub const CLAUSES_MAX: usize = 200;
/// Longest list.
pub const LIST_MAX: usize = 1_000;
/// Most values in all conditions together: the smallest number of parameters that a database takes is 32,766.
pub const VALUES_MAX: usize = 10_000;
/// Most sort keys.
pub const ORDER_MAX: usize = 8;
/// Most errors that are told at once.
pub const ERRORS_MAX: usize = 20;
