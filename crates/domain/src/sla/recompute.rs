//! Working a clock out anew after its configuration changed.
//!
//! The fold of the whole history by the new definitions gives a fresh clock. What the old one has made known is
//! respected: nobody is told of a mark twice, and cycles that were completed are history.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Clock, Crossing, Cycle, Entry, Figures, Phase, Rules, SlaError, Why, fold::Folding};

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

/// What a re-computation gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recomputed {
    /// The clock to store.
    pub clock: Clock,
    /// For the timeline, to be stored with the ticket's history; none if the clock shows what it showed before.
    pub entry: Option<Entry>,
    /// Marks of the ongoing cycle that were crossed in the past, as is known only now: people are to be told.
    pub newly_crossed: Vec<Crossing>,
}

impl Clock {
    /// This clock replaced by a fresh fold of the same history: completed cycles stay as they are, and the ongoing
    /// one is the fresh one. A fresh cycle that began before a kept one ended would count its time a second time, and
    /// is left out.
    ///
    /// # Errors
    /// Where a goal's calendar is missing.
    pub fn recomputed(
        &self,
        rules: Rules<'_>,
        fresh: Self,
        cause: Cause,
        at: Timestamp,
    ) -> Result<Recomputed, SlaError> {
        let mut cycles: Vec<Cycle> = self.cycles.iter().filter(|cycle| !cycle.is_ongoing()).cloned().collect();
        let known = |cycle: &Cycle| cycles.iter().any(|kept| kept.started.event == cycle.started.event);
        let until = cycles.last().map(|cycle| cycle.as_of);
        let later = |cycle: &Cycle| until.is_none_or(|until| cycle.started.at >= until) && !known(cycle);
        let later: Vec<Cycle> = fresh.cycles.into_iter().filter(later).collect();
        cycles.extend(later);
        self.replaced(rules, Self { facts: fresh.facts, cycles }, cause, at)
    }

    /// This clock replaced by a fresh fold of the same history, completed cycles too.
    ///
    /// # Errors
    /// Where a goal's calendar is missing.
    pub fn repaired(&self, rules: Rules<'_>, fresh: Self, cause: Cause, at: Timestamp) -> Result<Recomputed, SlaError> {
        self.replaced(rules, fresh, cause, at)
    }

    fn replaced(&self, rules: Rules<'_>, after: Self, cause: Cause, at: Timestamp) -> Result<Recomputed, SlaError> {
        let mut folding = Folding::new(rules, after);
        let mut newly_crossed = Vec::new();
        for (number, cycle) in (1..).zip(&mut folding.step.clock.cycles) {
            cycle.number = number;
            let before = self.cycles.iter().find(|before| before.started.event == cycle.started.event);
            if let Some(before) = before {
                let marks = before.crossed.iter().map(|crossing| crossing.mark).chain(before.told.iter().copied());
                let taken_back = marks.filter(|mark| !cycle.has_crossed(*mark));
                cycle.told = taken_back.collect();
            }
            if cycle.is_ongoing() {
                let known = |crossing: &&Crossing| {
                    before
                        .is_some_and(|before| before.has_crossed(crossing.mark) || before.told.contains(&crossing.mark))
                };
                newly_crossed.extend(cycle.crossed.iter().filter(|crossing| !known(crossing)));
            }
        }
        folding.look_ahead()?;
        let clock = folding.step.clock;
        let (old, new) = (self.cycles.last(), clock.cycles.last());
        let shows = |cycle: &Cycle| (Figures::of(cycle), cycle.goal.clone(), matches!(cycle.phase, Phase::Running));
        let entry = (old.map(shows) != new.map(shows)).then(|| Entry {
            at,
            event: None,
            cycle: new.map(|cycle| cycle.number),
            why: Why::Recomputed {
                cause,
                before: old.map(Figures::of),
                goal_before: old.and_then(|cycle| cycle.goal.clone()),
                goal_after: new.and_then(|cycle| cycle.goal.clone()),
            },
            figures: new.map(Figures::of),
        });
        Ok(Recomputed { clock, entry, newly_crossed })
    }
}
