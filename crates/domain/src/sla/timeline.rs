//! Why the clock shows what it shows, and who had the ticket while it ran.

use std::{collections::BTreeMap, fmt};

use jiff::Timestamp;
use kernel::{EventId, PersonId, TeamId};
use serde::{Deserialize, Serialize};

use super::{Cause, CommentBy, Cycle, GoalInForce, StateMatch, Threshold, Trigger};

/// Something that happened to a clock, or that did not and might have been expected to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// The change that did it; absent for what time alone did, and for a re-computation.
    pub event: Option<EventId>,
    /// Which cycle; absent if none was opened.
    pub cycle: Option<u32>,
    /// What and why.
    #[serde(flatten)]
    pub why: Why,
    /// What the clock showed after the change, or at that instant.
    pub figures: Option<Figures>,
}

/// What a clock shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// Business time of the cycle, in microseconds.
    pub elapsed_us: i64,
    /// What remains, in microseconds; none without a goal.
    pub remaining_us: Option<i64>,
    /// When it will be breached, if it runs on.
    pub breach_at: Option<Timestamp>,
}

impl Figures {
    pub(super) fn of(cycle: &Cycle) -> Self {
        Self { elapsed_us: cycle.elapsed_us, remaining_us: cycle.remaining_us(), breach_at: cycle.breach_at }
    }

    /// After so much more business time of the same goal.
    pub(super) fn after(self, us: i64) -> Self {
        let remaining_us = self.remaining_us.map(|remaining| remaining - us);
        Self { elapsed_us: self.elapsed_us + us, remaining_us, ..self }
    }
}

/// What happened to a clock and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Why {
    /// It started.
    Started {
        /// The first of the SLA's start conditions that the change met.
        by: Trigger,
        /// The goal in force.
        goal: Option<GoalInForce>,
    },
    /// A start condition was met, and a stop condition by the same change.
    NotStarted {
        /// The start condition.
        by: Trigger,
        /// The stop condition that went before.
        stopped_by: Trigger,
    },
    /// A state pauses it.
    Paused {
        /// Which.
        because: StateMatch,
    },
    /// Another state pauses it than before.
    StillPaused {
        /// Which.
        because: StateMatch,
    },
    /// No state pauses it any more.
    Resumed,
    /// Another goal is in force. What has elapsed stays.
    GoalChanged {
        /// The goal before.
        before: Option<GoalInForce>,
        /// The goal now.
        after: Option<GoalInForce>,
    },
    /// A public comment did not stop it, for no person wrote it.
    NotAPerson {
        /// Who did.
        by: CommentBy,
    },
    /// A threshold was crossed.
    Warned {
        /// Which.
        threshold: Threshold,
        /// Whether people were told of it before a re-computation took it back, and need not be told again.
        told_before: bool,
    },
    /// No time remained.
    Breached {
        /// As of a warning.
        told_before: bool,
    },
    /// It was stopped, and the cycle completed.
    Stopped {
        /// The first of the SLA's stop conditions that the change met.
        by: Trigger,
        /// Whether time remained; none without a goal.
        in_time: Option<bool>,
    },
    /// The ticket was reopened and the completed cycle goes on.
    Continued,
    /// The configuration changed, and the clock was worked out anew from the ticket's history.
    Recomputed {
        /// What changed.
        cause: Cause,
        /// What the clock showed before.
        before: Option<Figures>,
        /// The goal in force before.
        goal_before: Option<GoalInForce>,
        /// The goal in force now.
        goal_after: Option<GoalInForce>,
    },
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Started { by, goal } => write!(f, "The clock started: {by}. {}", goal_words(goal.as_ref())),
            Self::NotStarted { by, stopped_by } => {
                write!(f, "The clock did not start: {by}, but {stopped_by} by the same change, and stop goes first.")
            }
            Self::Paused { because } => write!(f, "The clock is paused: {because}."),
            Self::StillPaused { because } => write!(f, "The clock stays paused: now {because}."),
            Self::Resumed => f.write_str("The clock runs again: nothing pauses it any more."),
            Self::GoalChanged { before, after } => {
                let before = before.as_ref().map_or("none", |goal| &goal.key);
                write!(f, "The goal changed from {before}. {}", goal_words(after.as_ref()))?;
                match after.as_ref().map(|goal| goal.uncounted_us) {
                    Some(0) => f.write_str(" All of the cycle counts."),
                    Some(uncounted) => {
                        write!(f, " It counts from here; the {} before do not count.", words(uncounted))
                    }
                    None => Ok(()),
                }
            }
            Self::NotAPerson { by } => {
                let who = match by {
                    CommentBy::Automation => "automation wrote it",
                    CommentBy::AutoReply => "it is an automatic reply",
                    CommentBy::Echo => "it is the copy of a comment of another system",
                    CommentBy::Agent | CommentBy::Customer => "it is no answer",
                };
                write!(f, "A public comment did not stop the clock: {who}, and only a person answers.")
            }
            Self::Warned { threshold, .. } => write!(f, "Warning: {threshold}."),
            Self::Breached { .. } => f.write_str("Breached: no time remains."),
            Self::Stopped { by, in_time } => {
                let how = match in_time {
                    Some(true) => ", in time",
                    Some(false) => ", too late",
                    None => "",
                };
                write!(f, "The clock stopped{how}: {by}.")
            }
            Self::Continued => f.write_str("The clock goes on: the ticket was reopened."),
            Self::Recomputed { cause, goal_before, goal_after, .. } => {
                write!(f, "The clock was worked out anew: {cause}.")?;
                if goal_before == goal_after { Ok(()) } else { write!(f, " {}", goal_words(goal_after.as_ref())) }
            }
        }
    }
}

fn goal_words(goal: Option<&GoalInForce>) -> String {
    match goal {
        None => "No goal matches, so no time counts.".to_owned(),
        Some(goal) => {
            let calendar = goal.calendar.as_deref().map_or("around the clock".to_owned(), |key| format!("by {key}"));
            format!("Goal {}: {} {calendar}.", goal.key, words(goal.target_us))
        }
    }
}

/// A length of time as people say it: `1 h 30 min`, `45 s`. Parts of a second are left out.
pub(super) fn words(us: i64) -> String {
    let seconds = us / 1_000_000;
    let (hours, minutes, rest) = (seconds.abs() / 3600, seconds.abs() / 60 % 60, seconds.abs() % 60);
    let parts = [(hours, "h"), (minutes, "min"), (rest, "s")];
    let said: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count} {unit}")).collect();
    match (said.is_empty(), seconds < 0) {
        (true, _) => "0 s".to_owned(),
        (false, true) => format!("-{}", said.join(" ")),
        (false, false) => said.join(" "),
    }
}

/// A stretch of a cycle in which nothing changed that time is split by. The end is not included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// Which cycle.
    pub cycle: u32,
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub to: Timestamp,
    /// Whether the clock ran (and was not paused).
    pub running: bool,
    /// Key of the goal in force.
    pub goal: Option<String>,
    /// Key of its calendar.
    pub calendar: Option<String>,
    /// Who had the ticket.
    pub assignee: Option<PersonId>,
    /// Which team had it.
    pub team: Option<TeamId>,
    /// Business time that elapsed in it, in microseconds; none while paused.
    pub elapsed_us: i64,
}

impl Segment {
    /// Adds it to segments in order, as part of the last one where that goes on.
    pub(super) fn join(self, segments: &mut Vec<Self>) {
        match segments.last_mut() {
            Some(last) if last.goes_on_in(&self) => {
                last.to = self.to;
                last.elapsed_us += self.elapsed_us;
            }
            _ => segments.push(self),
        }
    }

    fn goes_on_in(&self, next: &Self) -> bool {
        let alike = Self { from: self.from, to: self.to, elapsed_us: self.elapsed_us, ..next.clone() };
        self.to == next.from && *self == alike
    }
}

/// Elapsed time in microseconds by whatever the segments are told apart by, such as the assignee or the team.
pub fn elapsed_by<K: Ord>(segments: &[Segment], key: impl Fn(&Segment) -> K) -> BTreeMap<K, i64> {
    let mut sums = BTreeMap::new();
    for segment in segments {
        *sums.entry(key(segment)).or_default() += segment.elapsed_us;
    }
    sums
}
