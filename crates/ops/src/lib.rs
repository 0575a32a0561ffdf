//! Operations: where alerts come from, what becomes of them, who is on call and who is told.
//!
//! - [`integration`]: sources of alerts with their keys, the inbound doors, and the last events of each.
//! - [`alert`]: the alert itself: raised, de-duplicated, acknowledged, snoozed, closed, with its full log.
//! - [`schedule`]: who is on call, by rotation and override.
//! - [`policy`]: escalation policies and which one an alert follows.
//! - [`paging`]: running escalations, notifications and their trail.
//! - [`report`]: time to acknowledge.
//!
//! **Invariants**
//! - At most one alert is open per alias (a partial unique index, not a check in code).
//! - Every change of an alert appends to its log, in the same transaction as its event.
//! - `alert` never calls `paging`: paging reads the event log and calls the functions of `alert` that take a
//!   transaction.

pub mod alert;
pub mod integration;
pub mod paging;
pub mod policy;
pub mod report;
pub mod schedule;
