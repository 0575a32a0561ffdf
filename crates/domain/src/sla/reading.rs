//! What a clock shows at an instant, and the functions by which queries ask for it.
//!
//! The functions are those of the query language: `breached()`, `everBreached()`, `completed()`, `running()`,
//! `paused()` and `withinCalendarHours()`, with `=` and `!=`; `elapsed("2h")` and `remaining("30m")`, with `<`, `<=`,
//! `>` and `>=`, for ongoing cycles. They are answered here for one ticket; SQL that answers them for many has to agree.

use jiff::Timestamp;

use super::{Calendars, Clock, Cycle, Phase, SlaError};

/// What a cycle shows at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Business time of the cycle, in microseconds.
    pub elapsed_us: i64,
    /// What remains, in microseconds; negative after the breach.
    pub remaining_us: i64,
    /// Whether no time remains.
    pub breached: bool,
    /// Whether a state pauses it.
    pub paused: bool,
    /// Whether the calendar of its goal is open.
    pub within_calendar_hours: bool,
    /// When it will be breached, if it runs on; for a paused one unknown.
    pub breach_at: Option<Timestamp>,
}

impl Reading {
    /// Whether the clock stands still, for one reason or the other: how it is shown.
    pub fn stands_still(&self) -> bool {
        self.paused || !self.within_calendar_hours
    }
}

/// A yes-or-no question to an SLA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// The latest cycle is breached.
    Breached,
    /// Some cycle was breached at some time.
    EverBreached,
    /// The latest cycle is completed.
    Completed,
    /// The latest cycle is ongoing and not paused, whatever the calendar.
    Running,
    /// The latest cycle is paused by a state.
    Paused,
    /// The latest cycle is ongoing, and its calendar is open.
    WithinCalendarHours,
}

impl Cycle {
    /// What it shows at an instant, `as_of` or later; none without a goal.
    ///
    /// # Errors
    /// Where the goal's calendar is missing.
    pub fn read(&self, calendars: &Calendars, now: Timestamp) -> Result<Option<Reading>, SlaError> {
        let (Some(goal), Some(remaining_us)) = (&self.goal, self.remaining_us()) else { return Ok(None) };
        let calendar = goal.calendar(calendars)?;
        let more_us = match self.phase {
            Phase::Running => calendar.between_us(self.as_of, now.max(self.as_of)),
            Phase::Paused { .. } | Phase::Completed { .. } => 0,
        };
        Ok(Some(Reading {
            elapsed_us: self.elapsed_us + more_us,
            remaining_us: remaining_us - more_us,
            breached: remaining_us <= more_us,
            paused: matches!(self.phase, Phase::Paused { .. }),
            within_calendar_hours: calendar.is_open(now),
            breach_at: self.breach_at,
        }))
    }
}

impl Clock {
    /// The answer to a question; none where there is no cycle with a goal, which matches neither `=` nor `!=`.
    ///
    /// # Errors
    /// Where the goal's calendar is missing.
    pub fn answer(&self, function: Function, calendars: &Calendars, now: Timestamp) -> Result<Option<bool>, SlaError> {
        let Some(latest) = self.cycles.iter().rfind(|cycle| cycle.goal.is_some()) else { return Ok(None) };
        let Some(reading) = latest.read(calendars, now)? else { return Ok(None) };
        Ok(Some(match function {
            Function::Breached => reading.breached,
            Function::EverBreached => reading.breached || self.cycles.iter().any(|cycle| cycle.breached_at().is_some()),
            Function::Completed => !latest.is_ongoing(),
            Function::Running => latest.phase == Phase::Running,
            Function::Paused => reading.paused,
            Function::WithinCalendarHours => latest.is_ongoing() && reading.within_calendar_hours,
        }))
    }
}
