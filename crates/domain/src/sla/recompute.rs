//! Working a clock out anew after its configuration changed.
//!
//! The fold of the whole history by the new definitions gives a fresh clock; what the old one had made public stays:
//! warnings that were sent are not sent again, and cycles that were completed are history.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Clock, Cycle, Entry, Figures, Phase, Rules, SlaError, Why, fold::Folding};

/// Why a clock is worked out anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "cause", rename_all = "snake_case")]
pub enum Cause {
    /// A calendar was edited.
    CalendarEdited {
        /// Its key.
        calendar: String,
        /// Its version now.
        version: i64,
    },
    /// The SLA was edited.
    SlaEdited {
        /// Its version now.
        version: i64,
    },
    /// Another SLA took its place.
    SlaSwapped {
        /// Name of the one before.
        before: String,
    },
    /// Somebody asked for it.
    Asked,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CalendarEdited { calendar, version } => {
                write!(f, "the calendar {calendar} was edited (version {version})")
            }
            Self::SlaEdited { version } => write!(f, "the SLA was edited (version {version})"),
            Self::SlaSwapped { before } => write!(f, "it took the place of {before}"),
            Self::Asked => f.write_str("somebody asked for it"),
        }
    }
}

impl Clock {
    /// This clock replaced by a fresh fold of the same history: completed cycles stay as they are, and the ongoing
    /// one is the fresh one with the marks that were crossed before. A fresh cycle that began before a kept one ended
    /// would count its time a second time, and is left out. The entry is for the timeline, if anything changed.
    ///
    /// # Errors
    /// Where a goal's calendar is missing.
    pub fn recomputed(
        &self,
        rules: Rules<'_>,
        fresh: Self,
        cause: Cause,
        at: Timestamp,
    ) -> Result<(Self, Option<Entry>), SlaError> {
        let mut cycles: Vec<Cycle> = self.cycles.iter().filter(|cycle| !cycle.is_ongoing()).cloned().collect();
        let known = |cycle: &Cycle| cycles.iter().any(|kept| kept.started.event == cycle.started.event);
        let until = cycles.last().map(|cycle| cycle.as_of);
        let later = |cycle: &Cycle| until.is_none_or(|until| cycle.started.at >= until) && !known(cycle);
        let later: Vec<Cycle> = fresh.cycles.into_iter().filter(later).collect();
        cycles.extend(later.into_iter().map(|cycle| self.with_what_was_crossed(cycle)));
        self.replaced(rules, Self { facts: fresh.facts, cycles }, cause, at)
    }

    /// This clock replaced by a fresh fold of the same history, completed cycles too. Marks that were crossed before
    /// stay crossed.
    ///
    /// # Errors
    /// Where a goal's calendar is missing.
    pub fn repaired(
        &self,
        rules: Rules<'_>,
        fresh: Self,
        cause: Cause,
        at: Timestamp,
    ) -> Result<(Self, Option<Entry>), SlaError> {
        let cycles = fresh.cycles.into_iter().map(|cycle| self.with_what_was_crossed(cycle)).collect();
        self.replaced(rules, Self { facts: fresh.facts, cycles }, cause, at)
    }

    /// A fresh cycle with the marks that its predecessor, started by the same change, had crossed.
    fn with_what_was_crossed(&self, mut cycle: Cycle) -> Cycle {
        let before = self.cycles.iter().find(|before| before.started.event == cycle.started.event);
        for crossing in before.iter().flat_map(|before| &before.crossed) {
            if !cycle.has_crossed(crossing.mark) {
                cycle.crossed.push(*crossing);
            }
        }
        cycle.crossed.sort_by_key(|crossing| crossing.at);
        cycle
    }

    fn replaced(
        &self,
        rules: Rules<'_>,
        mut after: Self,
        cause: Cause,
        at: Timestamp,
    ) -> Result<(Self, Option<Entry>), SlaError> {
        for (number, cycle) in (1..).zip(&mut after.cycles) {
            cycle.number = number;
        }
        let mut folding = Folding::new(rules, after);
        folding.look_ahead()?;
        let after = folding.step.clock;
        let (old, new) = (self.cycles.last(), after.cycles.last());
        let shows = |cycle: &Cycle| (Figures::of(cycle), cycle.goal.clone(), matches!(cycle.phase, Phase::Running));
        if old.map(shows) == new.map(shows) {
            return Ok((after, None));
        }
        let why = Why::Recomputed {
            cause,
            before: old.map(Figures::of),
            goal_before: old.and_then(|cycle| cycle.goal.clone()),
            goal_after: new.and_then(|cycle| cycle.goal.clone()),
        };
        let entry = Entry { at, event: None, cycle: new.map(|cycle| cycle.number), why, figures: new.map(Figures::of) };
        Ok((after, Some(entry)))
    }
}
