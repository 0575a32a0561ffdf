//! Escalation: whom to page next, when, and why.
//!
//! A [`Policy`] is an ordered list of [`Step`]s. When an alert starts to escalate, the policy is frozen onto it as a
//! [`Run`]: a later edit of the policy never changes a run. The *people* behind a step are looked up when it falls
//! due. [`Run::run_due`] decides what to do at an instant and returns the run after it.
//!
//! One walk through: an alert of P1 starts a run. Step 1 has no delay: it notifies the schedule. Five minutes later
//! nobody has acknowledged: step 2 notifies the team. After the last step the run waits again, then everything
//! repeats and the team's administrators are paged too.
//!
//! **Invariants**
//! - A step's delay is counted from the previous hand-over, that is from when the step before it *ran*. So after an
//!   outage late steps run one at a time with their delays between them, never all at once.
//! - Acknowledging silences `if_not_acked` steps; `if_not_closed` steps go on. Closing and snoozing stop the run.
//! - A restart makes a new run with the next number; whatever carries an old number is void.
//! - An alert of P1 or P2 that nobody acknowledges always has a next step, unless its policy notifies nobody on
//!   purpose.
//! - Every decision says why.

mod run;
#[cfg(test)]
mod tests;

use jiff::{SignedDuration, Timestamp};
use kernel::{FieldError, PersonId, ScheduleId, TeamId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use run::{Decision, Facts, Problem, Progress, Run, Upcoming};

use crate::priority::Priority;

/// Minutes after which paging of an acknowledged P1 restarts, if the policy says nothing.
pub const ACK_TIMEOUT_P1_MIN: u32 = 30;
/// How P1 and P2 repeat if the policy says nothing.
pub const PRESSING_REPEAT: Repeat = Repeat { wait_min: 5, count: 3 };
/// Minutes between further rounds of a P1 or P2 that nobody has acknowledged in all rounds of its policy.
pub const PRESSING_SLOW_WAIT_MIN: u32 = 60;

/// Longest delay, in minutes: a week.
const DELAY_MAX_MIN: u32 = 7 * 24 * 60;
/// Most steps in a policy.
const STEPS_MAX: usize = 50;
/// Most rounds after the first.
const REPEAT_MAX: u32 = 20;
/// Longest name, in characters.
const NAME_MAX: usize = 120;

/// Whom to page, in which order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = EscalationPolicyBody)]
pub struct Policy {
    /// Its name.
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// The team that owns it; its administrators are paged when nobody answers.
    #[serde(default)]
    pub team_id: Option<TeamId>,
    /// The steps in order. None means: notify nobody, on purpose.
    pub steps: Vec<Step>,
    /// Whether everything repeats while nobody acknowledges.
    #[serde(default)]
    pub repeat: Option<Repeat>,
    /// Minutes after an acknowledgement when paging restarts if the alert is still open. 0 is never; absent is
    /// [`ACK_TIMEOUT_P1_MIN`] for P1 and never for others.
    #[serde(default)]
    pub ack_timeout_min: Option<u32>,
}

/// One step of a policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = EscalationStep)]
pub struct Step {
    /// Minutes after the step before (the first: after the start).
    pub delay_min: u32,
    /// When it applies.
    pub condition: Condition,
    /// Whom it notifies.
    pub notify: Target,
}

/// When a step applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = EscalationCondition)]
pub enum Condition {
    /// While nobody has acknowledged.
    IfNotAcked,
    /// While the alert is open, acknowledged or not.
    IfNotClosed,
}

/// Whom a step notifies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[schema(as = EscalationTarget)]
pub enum Target {
    /// One person.
    Person {
        /// Which.
        id: PersonId,
    },
    /// Whoever is on call in a schedule.
    Schedule {
        /// Which.
        id: ScheduleId,
    },
    /// Every member of a team.
    Team {
        /// Which.
        id: TeamId,
    },
    /// The responders of the affected service.
    ServiceResponders,
}

/// How everything repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = EscalationRepeat)]
pub struct Repeat {
    /// Minutes between the last step and the next round.
    pub wait_min: u32,
    /// How many rounds follow the first.
    pub count: u32,
}

impl Policy {
    /// Checks everything and names each field that is wrong, such as `steps[2].delay_min`.
    pub fn validate(&self) -> Result<(), Vec<FieldError>> {
        let mut errors = Vec::new();
        if self.name.trim().is_empty() {
            errors.push(FieldError::new("name", "Give it a name."));
        } else if self.name.chars().count() > NAME_MAX {
            errors.push(FieldError::new("name", format!("At most {NAME_MAX} characters.")));
        }
        if self.steps.len() > STEPS_MAX {
            errors.push(FieldError::new("steps", format!("At most {STEPS_MAX} steps.")));
        }
        for (index, step) in self.steps.iter().enumerate() {
            if step.delay_min > DELAY_MAX_MIN {
                let message = format!("At most {DELAY_MAX_MIN} minutes (a week).");
                errors.push(FieldError::new(format!("steps[{index}].delay_min"), message));
            }
        }
        if let Some(repeat) = self.repeat {
            if repeat.wait_min == 0 || repeat.wait_min > DELAY_MAX_MIN {
                let message = format!("Wait between 1 and {DELAY_MAX_MIN} minutes before everything repeats.");
                errors.push(FieldError::new("repeat.wait_min", message));
            }
            if repeat.count == 0 || repeat.count > REPEAT_MAX {
                let message = format!("Repeat between 1 and {REPEAT_MAX} times, or leave repeat out.");
                errors.push(FieldError::new("repeat.count", message));
            }
        }
        if self.ack_timeout_min.is_some_and(|minutes| minutes > DELAY_MAX_MIN) {
            errors.push(FieldError::new("ack_timeout_min", format!("At most {DELAY_MAX_MIN} minutes (a week).")));
        }
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }

    /// When paging restarts although the alert was acknowledged, unless it is closed by then.
    pub fn ack_expires_at(&self, acknowledged_at: Timestamp, priority: Priority) -> Option<Timestamp> {
        let minutes = match self.ack_timeout_min {
            Some(0) => return None,
            Some(minutes) => minutes,
            None if priority == Priority::P1 => ACK_TIMEOUT_P1_MIN,
            None => return None,
        };
        Some(after(acknowledged_at, minutes))
    }
}

/// That many minutes later.
fn after(at: Timestamp, minutes: u32) -> Timestamp {
    at.saturating_add(SignedDuration::from_mins(i64::from(minutes))).unwrap_or(Timestamp::MAX)
}
