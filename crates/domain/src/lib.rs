//! Pure decisions: what a fact means and what has to happen next.
//!
//! Everything here is a function of its arguments: state and an instant go in, a decision with its reason comes
//! out. The slices (`desk`, `ops`) load the state, call a decision, and store what it says.
//!
//! **Vocabulary**: `docs/glossary.md`. **Sources of the rules** are named by each module.
//!
//! **Invariants**
//! - No input or output, no clock, no random numbers: time and ids are passed in.
//! - Every decision says why, in words that a person on call understands at night.
//! - A state change is a method that returns the new state and its events.
//! - Expressions and templates run under step limits; nothing that comes from outside can make a decision panic.

pub mod alert;
pub mod alert_query;
pub mod calendar;
pub mod escalation;
pub mod expression;
pub mod ingest;
pub mod mention;
pub mod notify;
pub mod priority;
pub mod query;
pub mod schedule;
pub mod service_match;
pub mod sla;
pub mod template;
pub mod workflow;
pub mod zone;
