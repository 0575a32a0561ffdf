//! What a clock shows: the result of the fold, as it is stored.

use std::sync::LazyLock;

use jiff::Timestamp;
use kernel::EventId;
use serde::{Deserialize, Serialize};

use super::{Calendars, Facts, Goal, SlaError, StateMatch, Threshold};
use crate::calendar::Calendar;

static AROUND_THE_CLOCK: LazyLock<Calendar> = LazyLock::new(Calendar::always);

/// The clock of one SLA on one ticket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// What the ticket was like after the last change; absent before the first.
    pub facts: Option<Facts>,
    /// Its cycles, oldest first. Only the last may be ongoing.
    pub cycles: Vec<Cycle>,
}

/// One run of a clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cycle {
    /// 1 for the first of the ticket.
    pub number: u32,
    /// When and by which change it started.
    pub started: Moment,
    /// Running, paused or completed.
    pub phase: Phase,
    /// The goal in force; none if none matches. Of a completed cycle, the one at its end.
    pub goal: Option<GoalInForce>,
    /// Up to when `elapsed_us` counts: the last change.
    pub as_of: Timestamp,
    /// Business time of the whole cycle up to `as_of`, in microseconds.
    pub elapsed_us: i64,
    /// While it runs: the earliest instant at which no time remains, also in the past. Of a completed cycle that ran
    /// until its end: where it was. Absent while paused, since a pause moves it.
    pub breach_at: Option<Timestamp>,
    /// While it runs: the earliest instant at which, by the calendar in force, no time had elapsed. No fact of
    /// history, but what queries compare with.
    pub zero_at: Option<Timestamp>,
    /// While it runs: the next mark to be crossed, for a timer.
    pub next: Option<Due>,
    /// The marks that were crossed, in that order.
    pub crossed: Vec<Crossing>,
    /// Marks that people were told of before a re-computation took them back: when they are crossed after all, nobody
    /// is told again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub told: Vec<Mark>,
}

/// An instant, and the change that made it matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// When.
    pub at: Timestamp,
    /// The event of the change.
    pub event: EventId,
}

/// What a cycle does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "phase", rename_all = "snake_case")]
pub enum Phase {
    /// Time counts, within calendar hours.
    Running,
    /// Time does not count.
    Paused {
        /// Since when.
        since: Timestamp,
        /// The state that pauses it; the first in the SLA's order where there are several.
        because: StateMatch,
    },
    /// It is over.
    Completed {
        /// When and by which change.
        ended: Moment,
        /// Whether that change resolved the ticket, so that reopening continues the cycle.
        by_resolution: bool,
    },
}

impl Phase {
    /// The stored spelling: `running`, `paused` or `completed`.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Paused { .. } => "paused",
            Self::Completed { .. } => "completed",
        }
    }
}

/// The goal by which a cycle counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoalInForce {
    /// Its key.
    pub key: String,
    /// Its target, in microseconds.
    pub target_us: i64,
    /// Key of its calendar; around the clock, if absent.
    pub calendar: Option<String>,
    /// Since when it is in force.
    pub since: Timestamp,
    /// What elapsed before it took over and does not count for it, in microseconds.
    pub uncounted_us: i64,
}

/// Something that happens on the way of a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "mark", rename_all = "snake_case")]
pub enum Mark {
    /// It is time to warn.
    Warning {
        /// The threshold that was crossed.
        threshold: Threshold,
    },
    /// No time remains.
    Breach,
}

/// A mark and when it will be crossed, as things stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// When.
    pub at: Timestamp,
    /// What.
    pub mark: Mark,
}

/// A mark and when it was crossed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Crossing {
    /// When.
    pub at: Timestamp,
    /// What.
    pub mark: Mark,
}

impl Clock {
    /// The cycle that is not completed.
    pub fn ongoing(&self) -> Option<&Cycle> {
        self.cycles.last().filter(|cycle| cycle.is_ongoing())
    }

    /// When a timer has to look again, and for which mark. A timer that comes late finds all that it missed.
    pub fn next_due(&self) -> Option<Due> {
        self.ongoing().and_then(|cycle| cycle.next)
    }
}

impl Cycle {
    /// Whether it is running or paused.
    pub fn is_ongoing(&self) -> bool {
        !matches!(self.phase, Phase::Completed { .. })
    }

    /// What counts towards the goal in force by `as_of`, in microseconds; nothing without a goal.
    pub fn counted_us(&self) -> i64 {
        self.goal.as_ref().map_or(0, |goal| self.elapsed_us - goal.uncounted_us)
    }

    /// What remains at `as_of`, in microseconds; none without a goal.
    pub fn remaining_us(&self) -> Option<i64> {
        self.goal.as_ref().map(|goal| goal.target_us - self.counted_us())
    }

    /// When it was first breached, whatever its goals did afterwards.
    pub fn breached_at(&self) -> Option<Timestamp> {
        self.crossed.iter().find(|crossing| crossing.mark == Mark::Breach).map(|crossing| crossing.at)
    }

    /// Whether a mark was crossed.
    pub fn has_crossed(&self, mark: Mark) -> bool {
        self.crossed.iter().any(|crossing| crossing.mark == mark)
    }
}

impl GoalInForce {
    /// Whether this goal, as it is defined now, is the one in force.
    pub(super) fn is(&self, goal: &Goal) -> bool {
        self.key == goal.key && self.target_us == goal.target_us() && self.calendar == goal.calendar
    }

    /// The calendar that counts.
    pub(super) fn calendar<'a>(&self, calendars: &'a Calendars) -> Result<&'a Calendar, SlaError> {
        let Some(key) = &self.calendar else { return Ok(&AROUND_THE_CLOCK) };
        let missing = || SlaError::CalendarMissing { goal: self.key.clone(), calendar: key.clone() };
        calendars.get(key).ok_or_else(missing)
    }

    /// How much has to count for a mark, in microseconds; none where it does not apply.
    pub(super) fn point_us(&self, mark: Mark) -> Option<i64> {
        match mark {
            Mark::Breach => Some(self.target_us),
            Mark::Warning { threshold: Threshold::Percent { percent } } => {
                Some(self.target_us.saturating_mul(i64::from(percent)) / 100)
            }
            Mark::Warning { threshold: Threshold::Remaining { remaining_min } } => {
                Some(self.target_us - i64::from(remaining_min) * 60_000_000).filter(|point| *point > 0)
            }
        }
    }
}
