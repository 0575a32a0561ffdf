//! Service levels: how long something may take, counted in business time.
//!
//! **Vocabulary**
//! - An *SLA* ([`Sla`]) says what starts, pauses and stops its clock, and which [`Goal`] holds for which ticket.
//!   Operational level agreements between teams and underpinning contracts with vendors are SLAs of the same kind.
//! - A *change* ([`Change`]) is what one event of the log did to a ticket: the [`Facts`] after it, and the comment it
//!   brought. *Start* and *stop* are things that happen in a change ([`Trigger`]); *pause* is a state ([`StateMatch`]).
//! - A *cycle* ([`Cycle`]) is one run of the clock from start to stop. *Elapsed* is the business time of the whole
//!   cycle; what *counts* towards the goal in force is all of it, or what came since the goal took over, as the goal
//!   says. *Remaining* is the goal's target less what counts.
//! - A *mark* ([`Mark`]) is the breach, or a warning at a percentage or a remaining time.
//!
//! **Invariants**
//! - **The clock is a fold over the ticket's history.** [`fold`] of all changes, and [`Clock::apply`] of one after the
//!   other, give the same clock. [`Clock::advance`] only notes the marks that time has passed: doing it often, late or
//!   never changes nothing else.
//! - Stop goes before pause, and pause before start: a change that starts and stops opens nothing; a cycle that
//!   starts in a pausing state starts paused.
//! - Goals are tried from the top, and the first that matches is in force. Each second counts by the calendar of the
//!   goal in force in that second. Without a goal nothing counts, and the cycle is none to queries.
//! - Stop then start opens a new cycle; completed cycles stay. A reopened ticket goes on with the cycle that its
//!   resolution had completed, unless the SLA says otherwise; the time between does not count.
//! - Only a person's public reply answers a customer: automation, automatic replies and echoes of synchronised
//!   comments do not ([`CommentBy`]).
//! - *Paused* and *within calendar hours* are separate facts: outside its hours a clock that runs stands still, and is
//!   shown so, but is not paused.
//! - A clock is breached from the instant `breach_at` on, that instant included; remaining time goes negative after it.
//! - Each mark is crossed once per cycle, whatever the goals do afterwards. A re-computation may take a mark back, and
//!   find others; of each mark people are told once all the same.
//! - Absent on purpose: the query language. Whether a goal matches is asked of the caller, with the values as they
//!   were at that change.
//!
//! **What a database compares.** Of a running cycle, [`Cycle::breach_at`] is where remaining time is zero and
//! [`Cycle::zero_at`] where elapsed time was zero, by the calendar in force, each the *earliest* such instant (and so
//! possibly in the past, before the goal was in force). [`Calendar::add_business_time`] gives earliest instants too.
//! So for tickets of one calendar, `remaining < d` is `breach_at < add(now, d)` and `elapsed > d` is
//! `zero_at < add(now, -d)`, exactly, for each of `<`, `<=`, `>`, `>=`, whatever the sign of `d`. Paused and
//! completed cycles compare stored values.
//!
//! **One ticket walked through.** "Resolve" starts on `created`, pauses while the status waits, and stops when the
//! ticket is resolved. INC-7 is created on Friday at 15:00; `priority = P2` is the first goal that matches: 8 h by
//! office hours, so `breach_at` is Monday at 15:00. At 15:30 an agent asks the customer something and moves it to
//! waiting: the cycle is paused with 30 minutes elapsed, and has no `breach_at`. The answer comes on Monday at 09:00
//! and moves it back: what remains, 7 h 30 min, ends on Tuesday at 08:30. At 10:00 it becomes P1: 4 h around the
//! clock. The 90 minutes so far stay and count, so it is due at 12:30. At 11:30 a warning is due, for 75 % are used.
//! At noon it is resolved: the cycle is completed, in time. Each step is an [`Entry`] of the timeline (and a test).

mod clock;
mod definition;
mod fold;
#[cfg(test)]
mod oracle;
mod reach;
mod reading;
mod recompute;
#[cfg(test)]
mod tests;
mod timeline;
mod validate;

use std::collections::BTreeMap;

use kernel::{ErrorKind, KindedError};

pub use clock::{Clock, Crossing, Cycle, Due, GoalInForce, Mark, Moment, Phase};
pub use definition::{
    Agreement, Comment, CommentBy, CountsFrom, Facts, Goal, OnReopen, Sla, SlaBody, StateMatch, Threshold, Trigger,
};
pub use fold::{Change, Step, fold};
pub use reading::{Function, Reading};
pub use recompute::{Cause, Recomputed};
pub use timeline::{Entry, Figures, Segment, Why, elapsed_by};

use crate::calendar::Calendar;

/// Calendars by key.
pub type Calendars = BTreeMap<String, Calendar>;

/// By what a clock is folded.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    /// The SLA.
    pub sla: &'a Sla,
    /// At least the calendars that its goals name, and those that the clock's goal in force names.
    pub calendars: &'a Calendars,
}

/// Why a clock cannot be folded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SlaError {
    /// A goal counts by a calendar that is not there.
    #[error("the goal {goal:?} counts by the calendar {calendar:?}, which is not there; restore it or edit the goal")]
    CalendarMissing {
        /// Key of the goal.
        goal: String,
        /// Key of the calendar.
        calendar: String,
    },
}

impl KindedError for SlaError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Internal
    }

    fn code(&self) -> &'static str {
        "sla_calendar_missing"
    }
}
