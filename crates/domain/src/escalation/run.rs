//! A policy frozen onto an alert, and how far it has come.

use jiff::Timestamp;
use kernel::DocumentId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Condition, PRESSING_REPEAT, PRESSING_SLOW_WAIT_MIN, Policy, Step, Target, after};
use crate::priority::Priority;

/// Seconds after which a step counts as late.
const LATE_S: i64 = 60;

/// What a decision needs to know of the alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Whether it is open.
    pub open: bool,
    /// Whether somebody has acknowledged it.
    pub acknowledged: bool,
    /// Whether it is snoozed.
    pub snoozed: bool,
    /// Its priority.
    pub priority: Priority,
}

/// A policy frozen onto an alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = EscalationRun)]
pub struct Run {
    /// Counts the restarts of the alert's escalation, from 1. Timers and pages of other runs are void.
    pub number: u32,
    /// The policy.
    pub policy_id: DocumentId,
    /// The version that was frozen.
    pub policy_version: i64,
    /// What that version said.
    pub policy: Policy,
    /// When it started.
    #[schema(value_type = String, format = DateTime)]
    pub started_at: Timestamp,
    /// How far it has come.
    pub progress: Progress,
}

/// How far a run has come. Rounds and steps count from 0 here and from 1 in texts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
#[schema(as = EscalationProgress)]
pub enum Progress {
    /// A step waits for its time.
    Waiting {
        /// Which round.
        round: u32,
        /// Which step.
        step: u32,
        /// When it is due.
        #[schema(value_type = String, format = DateTime)]
        due: Timestamp,
    },
    /// All steps of a round have run; the next round may follow.
    RoundEnded {
        /// The round that ended.
        round: u32,
        /// When it is decided how to go on.
        #[schema(value_type = String, format = DateTime)]
        due: Timestamp,
    },
    /// There is nothing more to do.
    Finished {
        /// The last round.
        round: u32,
        /// When.
        #[schema(value_type = String, format = DateTime)]
        at: Timestamp,
        /// Why.
        because: String,
    },
    /// The alert was closed or snoozed.
    Stopped {
        /// The round then.
        round: u32,
        /// When.
        #[schema(value_type = String, format = DateTime)]
        at: Timestamp,
        /// Why.
        because: String,
    },
}

/// What to do now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Decision {
    /// Nothing yet.
    NotDue {
        /// When to ask again.
        at: Timestamp,
    },
    /// Notify somebody.
    Notify {
        /// Which round, from 0.
        round: u32,
        /// Which step, from 0.
        step: u32,
        /// Whom.
        target: Target,
        /// Why, for the trail.
        because: String,
    },
    /// The step does not apply now.
    Skip {
        /// Which round, from 0.
        round: u32,
        /// Which step, from 0.
        step: u32,
        /// Why.
        because: String,
    },
    /// Nobody has acknowledged in the round that ended: the next one starts.
    Repeat {
        /// The round that starts, from 0.
        round: u32,
        /// Whether the administrators of the policy's team (or, without one, of the organisation) are paged now.
        page_admins: bool,
        /// Why.
        because: String,
    },
    /// The run is over.
    Finish {
        /// Why.
        because: String,
    },
    /// The alert was closed or snoozed: the run stops.
    Stop {
        /// Why.
        because: String,
    },
    /// The run was over already.
    Over,
}

/// A step to come, if nothing happens meanwhile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = EscalationUpcoming)]
pub struct Upcoming {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Which round, from 0.
    pub round: u32,
    /// Which step, from 0; absent for the end of the round.
    pub step: Option<u32>,
    /// Whom it notifies.
    pub target: Option<Target>,
    /// In words.
    pub text: String,
}

/// What the auditor found wrong with a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[schema(as = EscalationProblem)]
pub enum Problem {
    /// The alert waits for an answer, but its escalation has stopped.
    Stopped,
    /// The next step should have run long ago.
    Overdue {
        /// When it was due.
        #[schema(value_type = String, format = DateTime)]
        due: Timestamp,
    },
    /// The run points at a step that its policy does not have.
    NoSuchStep,
}

impl Run {
    /// Freezes a policy onto an alert. The first run of an alert has number 1; a restart has the next.
    pub fn start(number: u32, policy_id: DocumentId, policy_version: i64, policy: Policy, now: Timestamp) -> Self {
        let progress = first_of_round(&policy, 0, now);
        Self { number, policy_id, policy_version, policy, started_at: now, progress }
    }

    /// Un-acknowledge, or the end of a snooze: everything done so far is void, and the policy as it is *now* starts
    /// from its first step.
    #[must_use]
    pub fn restart(&self, policy_version: i64, policy: Policy, now: Timestamp) -> Self {
        Self::start(self.number + 1, self.policy_id, policy_version, policy, now)
    }

    /// When something is due next.
    pub fn next_due(&self) -> Option<Timestamp> {
        match self.progress {
            Progress::Waiting { due, .. } | Progress::RoundEnded { due, .. } => Some(due),
            Progress::Finished { .. } | Progress::Stopped { .. } => None,
        }
    }

    /// The round, from 0.
    pub fn round(&self) -> u32 {
        match self.progress {
            Progress::Waiting { round, .. }
            | Progress::RoundEnded { round, .. }
            | Progress::Finished { round, .. }
            | Progress::Stopped { round, .. } => round,
        }
    }

    /// Decides what to do now and returns the run after it. At most one step runs per call; call again while
    /// [`Run::next_due`] is not in the future.
    pub fn run_due(&self, facts: Facts, now: Timestamp) -> (Self, Decision) {
        let Some(due) = self.next_due() else { return (self.clone(), Decision::Over) };
        if !facts.open {
            return self.stop(now, "the alert is closed");
        }
        if facts.snoozed {
            return self.stop(now, "the alert is snoozed");
        }
        if now < due {
            return (self.clone(), Decision::NotDue { at: due });
        }
        match self.progress {
            Progress::Waiting { round, step, due } => self.run_step(round, step, due, facts, now),
            Progress::RoundEnded { round, .. } => self.end_round(round, facts, now),
            Progress::Finished { .. } | Progress::Stopped { .. } => (self.clone(), Decision::Over),
        }
    }

    /// The step that just ran reached nobody (a gap in the schedule, every delivery failed): the next one is due now.
    #[must_use]
    pub fn hurry(&self, now: Timestamp) -> Self {
        let mut next = self.clone();
        if let Progress::Waiting { due, .. } | Progress::RoundEnded { due, .. } = &mut next.progress {
            *due = now.min(*due);
        }
        next
    }

    /// Stops a run that has not ended, because the alert was closed or snoozed.
    pub fn stop(&self, now: Timestamp, because: &str) -> (Self, Decision) {
        if self.next_due().is_none() {
            return (self.clone(), Decision::Over);
        }
        let because = because.to_owned();
        let progress = Progress::Stopped { round: self.round(), at: now, because: because.clone() };
        (self.at(progress), Decision::Stop { because })
    }

    /// The steps to come in this round and how it ends, if nothing happens meanwhile.
    pub fn upcoming(&self, facts: Facts) -> Vec<Upcoming> {
        let mut list = Vec::new();
        let mut run = self.clone();
        let round = self.round();
        while let Some(at) = run.next_due().filter(|_| run.round() == round) {
            let (next, decision) = run.run_due(facts, at);
            let (step, target, text) = match decision {
                Decision::Notify { step, target, because, .. } => (Some(step), Some(target), because),
                Decision::Skip { .. } => {
                    run = next;
                    continue;
                }
                Decision::Repeat { because, .. } | Decision::Finish { because } => (None, None, because),
                Decision::NotDue { .. } | Decision::Stop { .. } | Decision::Over => break,
            };
            list.push(Upcoming { at, round, step, target, text });
            run = next;
        }
        list
    }

    /// What is wrong with the run of an open alert, if anything. `grace_s` is how late a step may be.
    pub fn audit(&self, facts: Facts, now: Timestamp, grace_s: i64) -> Option<Problem> {
        if !facts.open || facts.acknowledged || facts.snoozed {
            return None;
        }
        match self.progress {
            Progress::Stopped { .. } => Some(Problem::Stopped),
            Progress::Waiting { step, .. } if self.policy.steps.get(step as usize).is_none() => {
                Some(Problem::NoSuchStep)
            }
            Progress::Waiting { due, .. } | Progress::RoundEnded { due, .. } => {
                (now.duration_since(due).as_secs() > grace_s).then_some(Problem::Overdue { due })
            }
            Progress::Finished { .. } => None,
        }
    }

    fn run_step(&self, round: u32, step: u32, due: Timestamp, facts: Facts, now: Timestamp) -> (Self, Decision) {
        let Some(Step { condition, notify, .. }) = self.policy.steps.get(step as usize) else {
            return self.finish(round, now, "the policy has no further step");
        };
        let next = self.at(match self.policy.steps.get(step as usize + 1) {
            Some(following) => Progress::Waiting { round, step: step + 1, due: after(now, following.delay_min) },
            None => Progress::RoundEnded { round, due: after(now, self.wait_min(round, facts.priority)) },
        });
        let title = self.title(round, step);
        if *condition == Condition::IfNotAcked && facts.acknowledged {
            let because = format!("{title} was skipped: the alert is acknowledged.");
            return (next, Decision::Skip { round, step, because });
        }
        let because = format!("{title}: {}{}.", self.occasion(step, *condition), lateness(due, now));
        (next, Decision::Notify { round, step, target: *notify, because })
    }

    fn end_round(&self, round: u32, facts: Facts, now: Timestamp) -> (Self, Decision) {
        if facts.acknowledged {
            return self.finish(round, now, "All steps have run and the alert is acknowledged.");
        }
        let pressing = facts.priority.is_pressing();
        let repeats = self.repeat(facts.priority).map_or(0, |repeat| repeat.count);
        if round >= repeats && !pressing {
            return self.finish(round, now, "All steps have run and nobody acknowledged.");
        }
        let name = &self.policy.name;
        let admins = if pressing {
            format!(" and the alert is {}, so administrators are paged", facts.priority)
        } else {
            String::new()
        };
        let because = format!(
            "Round {} of \"{name}\" starts: all steps have run, nobody acknowledged{admins}.",
            u64::from(round) + 2
        );
        let decision = Decision::Repeat { round: round + 1, page_admins: pressing, because };
        (self.at(first_of_round(&self.policy, round + 1, now)), decision)
    }

    fn finish(&self, round: u32, now: Timestamp, because: &str) -> (Self, Decision) {
        let because = because.to_owned();
        (self.at(Progress::Finished { round, at: now, because: because.clone() }), Decision::Finish { because })
    }

    fn at(&self, progress: Progress) -> Self {
        Self { progress, ..self.clone() }
    }

    fn repeat(&self, priority: Priority) -> Option<super::Repeat> {
        self.policy.repeat.or_else(|| priority.is_pressing().then_some(PRESSING_REPEAT))
    }

    /// Minutes between the last step of a round and what follows.
    fn wait_min(&self, round: u32, priority: Priority) -> u32 {
        match self.repeat(priority) {
            Some(repeat) if round >= repeat.count && priority.is_pressing() => {
                repeat.wait_min.max(PRESSING_SLOW_WAIT_MIN)
            }
            Some(repeat) => repeat.wait_min,
            None => PRESSING_REPEAT.wait_min,
        }
    }

    fn title(&self, round: u32, step: u32) -> String {
        let again = if round > 0 { format!(", round {}", u64::from(round) + 1) } else { String::new() };
        format!("Step {} of {} of \"{}\"{again}", u64::from(step) + 1, self.policy.steps.len(), self.policy.name)
    }

    fn occasion(&self, step: u32, condition: Condition) -> String {
        let state = match condition {
            Condition::IfNotAcked => "nobody has acknowledged",
            Condition::IfNotClosed => "the alert is still open",
        };
        let delay = self.policy.steps.get(step as usize).map_or(0, |step| step.delay_min);
        match (step, delay) {
            (0, 0) => state.to_owned(),
            (0, delay) => format!("{state} {delay} min after the start"),
            (_, delay) => format!("{state} {delay} min after step {step}"),
        }
    }
}

/// Where a round starts: at its first step, or at its end where the policy has no steps.
fn first_of_round(policy: &Policy, round: u32, now: Timestamp) -> Progress {
    match policy.steps.first() {
        Some(first) => Progress::Waiting { round, step: 0, due: after(now, first.delay_min) },
        None => Progress::Finished { round, at: now, because: "The policy notifies nobody, on purpose.".to_owned() },
    }
}

fn lateness(due: Timestamp, now: Timestamp) -> String {
    let late_s = now.duration_since(due).as_secs();
    if late_s < LATE_S { String::new() } else { format!(" (this ran {} min late)", late_s / 60) }
}
