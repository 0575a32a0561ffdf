//! What an SLA must be before it is saved.

use kernel::FieldError;

use super::{Agreement, Calendars, Sla, SlaBody, StateMatch, Threshold, Trigger, reach};
use crate::workflow::{Status, Unsound};

/// Longest name, in characters.
const NAME_MAX: usize = 120;
/// Longest key of a goal, in characters.
const KEY_MAX: usize = 60;
/// Most goals, conditions of a kind, and thresholds.
const LIST_MAX: usize = 50;
/// Longest target: ten years.
const TARGET_MAX_MIN: u32 = 10 * 366 * 24 * 60;
/// Highest percentage of a threshold.
const PERCENT_MAX: u32 = 1000;

/// Whether the parts of an SLA fit together.
pub(super) fn parts(body: &SlaBody) -> Result<(), Unsound> {
    let mut wrong = Vec::new();
    let name = body.name.trim();
    if name.is_empty() || name.chars().count() > NAME_MAX {
        let message = format!("Give it a name of 1 to {NAME_MAX} characters; queries use it.");
        wrong.push(FieldError::new("name", message));
    }
    if let Agreement::UnderpinningContract { vendor } = &body.agreement
        && vendor.trim().is_empty()
    {
        wrong.push(FieldError::new("agreement.vendor", "Name the vendor."));
    }
    conditions(&mut wrong, "start", &body.start);
    if body.start.is_empty() {
        wrong.push(FieldError::new("start", "Nothing starts the clock; say what does, such as created."));
    }
    conditions(&mut wrong, "pause", &body.pause);
    conditions(&mut wrong, "stop", &body.stop);
    if body.stop.is_empty() {
        wrong.push(FieldError::new("stop", "Nothing stops the clock; say what does, such as resolution_set."));
    }
    goals(&mut wrong, body);
    thresholds(&mut wrong, body);
    if wrong.is_empty() { Ok(()) } else { Err(Unsound(wrong)) }
}

/// A list of start, pause or stop conditions.
fn conditions<T: PartialEq>(wrong: &mut Vec<FieldError>, field: &str, list: &[T]) {
    if list.len() > LIST_MAX {
        wrong.push(FieldError::new(field, format!("At most {LIST_MAX} conditions.")));
    }
    for (index, one) in list.iter().enumerate() {
        if let Some(first) = list[..index].iter().position(|other| other == one) {
            let message = format!("{field}[{first}] says the same; keep one of them.");
            wrong.push(FieldError::new(format!("{field}[{index}]"), message));
        }
    }
}

fn goals(wrong: &mut Vec<FieldError>, body: &SlaBody) {
    if body.goals.is_empty() {
        wrong.push(FieldError::new("goals", "Add at least one goal; one without a query is for every ticket."));
    }
    if body.goals.len() > LIST_MAX {
        wrong.push(FieldError::new("goals", format!("At most {LIST_MAX} goals.")));
    }
    for (index, goal) in body.goals.iter().enumerate() {
        let path = format!("goals[{index}]");
        let length = goal.key.chars().count();
        if length == 0 || length > KEY_MAX || goal.key.trim() != goal.key {
            let message = format!("Give it a key of 1 to {KEY_MAX} characters, without blanks around it.");
            wrong.push(FieldError::new(format!("{path}.key"), message));
        } else if let Some(first) = body.goals[..index].iter().position(|other| other.key == goal.key) {
            let message = format!("goals[{first}] has this key already; each goal needs one of its own.");
            wrong.push(FieldError::new(format!("{path}.key"), message));
        }
        if goal.target_min == 0 || goal.target_min > TARGET_MAX_MIN {
            let message = format!("The target is between 1 and {TARGET_MAX_MIN} minutes.");
            wrong.push(FieldError::new(format!("{path}.target_min"), message));
        }
        if let Some(first) = body.goals[..index].iter().position(super::Goal::is_for_all) {
            let message =
                format!("goals[{first}] is for every ticket, so this one is never tried; move it before that.");
            wrong.push(FieldError::new(path, message));
        }
    }
}

fn thresholds(wrong: &mut Vec<FieldError>, body: &SlaBody) {
    conditions(wrong, "thresholds", &body.thresholds);
    let longest_min = body.goals.iter().map(|goal| goal.target_min).max().unwrap_or(0);
    for (index, threshold) in body.thresholds.iter().enumerate() {
        let path = format!("thresholds[{index}]");
        match threshold {
            Threshold::Percent { percent } if *percent == 0 || *percent > PERCENT_MAX => {
                let message = format!("The percentage is between 1 and {PERCENT_MAX}.");
                wrong.push(FieldError::new(format!("{path}.percent"), message));
            }
            Threshold::Remaining { remaining_min: 0 } => {
                let message = "Nothing remains at the breach, which is always noted; leave this threshold out.";
                wrong.push(FieldError::new(format!("{path}.remaining_min"), message));
            }
            Threshold::Remaining { remaining_min } if *remaining_min >= longest_min && longest_min > 0 => {
                let message = format!("No goal is longer than this; stay below {longest_min} minutes.");
                wrong.push(FieldError::new(format!("{path}.remaining_min"), message));
            }
            _ => {}
        }
    }
}

impl Sla {
    /// Checks it against what it refers to, when it is saved: the statuses that its tickets may have, the calendars
    /// there are, and `parse`, which says what is wrong with a query. Refuses clocks that never start or never run.
    ///
    /// # Errors
    /// Everything that is wrong, each with its place and what to do.
    pub fn check(
        &self,
        statuses: &[Status],
        calendars: &Calendars,
        parse: impl Fn(&str) -> Result<(), String>,
    ) -> Result<(), Vec<FieldError>> {
        let mut wrong = Vec::new();
        let body = self.body();
        let known = |key: &str| statuses.iter().any(|status| status.key == key);
        let mut status = |path: String, key: &str| {
            if !known(key) {
                let keys: Vec<&str> = statuses.iter().map(|status| status.key.as_str()).collect();
                let message = format!("There is no status {key:?}; there are {}.", keys.join(", "));
                wrong.push(FieldError::new(path, message));
            }
        };
        for (field, triggers) in [("start", &body.start), ("stop", &body.stop)] {
            for (index, trigger) in triggers.iter().enumerate() {
                if let Trigger::StatusEntered { status: key } = trigger {
                    status(format!("{field}[{index}].status"), key);
                }
            }
        }
        for (index, state) in body.pause.iter().enumerate() {
            if let StateMatch::Status { status: key } = state {
                status(format!("pause[{index}].status"), key);
            }
        }
        if wrong.is_empty() {
            wrong.extend(reach::complaints(body, statuses));
        }
        for (index, goal) in body.goals.iter().enumerate() {
            if let Some(key) = goal.calendar.as_ref().filter(|key| !calendars.contains_key(*key)) {
                let keys: Vec<&str> = calendars.keys().map(String::as_str).collect();
                let there_are = if keys.is_empty() { "none yet".to_owned() } else { keys.join(", ") };
                let message = format!(
                    "There is no calendar {key:?}; there are {there_are}. Leave it out to count around the clock."
                );
                wrong.push(FieldError::new(format!("goals[{index}].calendar"), message));
            }
            if let Err(message) = if goal.is_for_all() { Ok(()) } else { parse(&goal.query) } {
                wrong.push(FieldError::new(format!("goals[{index}].query"), message));
            }
        }
        if wrong.is_empty() { Ok(()) } else { Err(wrong) }
    }
}
