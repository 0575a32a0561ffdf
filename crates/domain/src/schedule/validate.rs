//! What a schedule must be before it is saved.

use std::collections::HashSet;

use kernel::FieldError;

use super::{Override, Restriction, Rotation, RotationKind, Schedule};

/// Longest name, in characters.
const NAME_MAX: usize = 120;
/// Most rotations in a schedule.
const ROTATIONS_MAX: usize = 50;
/// Most participants in a rotation.
const PARTICIPANTS_MAX: usize = 200;
/// Most restrictions of a rotation.
const RESTRICTIONS_MAX: usize = 50;

impl Schedule {
    /// Checks everything and names each field that is wrong, such as `rotations[0].length`.
    pub fn validate(&self) -> Result<(), Vec<FieldError>> {
        let mut errors = Vec::new();
        name(&mut errors, "name", &self.name);
        if self.rotations.len() > ROTATIONS_MAX {
            errors
                .push(FieldError::new("rotations", format!("At most {ROTATIONS_MAX} rotations; split the schedule.")));
        }
        let mut ids = HashSet::new();
        for (index, rotation) in self.rotations.iter().enumerate() {
            let path = format!("rotations[{index}]");
            if !ids.insert(rotation.id) {
                errors.push(FieldError::new(format!("{path}.id"), "Two rotations have this id."));
            }
            rotation.validate(&path, &mut errors);
        }
        for (index, one) in self.overrides.iter().enumerate() {
            one.validate(self, &format!("overrides[{index}]"), &mut errors);
        }
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }

    /// Checks one override that is to be added.
    pub fn validate_override(&self, one: &Override) -> Result<(), Vec<FieldError>> {
        let mut errors = Vec::new();
        one.validate(self, "", &mut errors);
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }
}

impl Rotation {
    fn validate(&self, path: &str, errors: &mut Vec<FieldError>) {
        name(errors, &format!("{path}.name"), &self.name);
        let max = match self.kind {
            RotationKind::Hourly => 24 * 31,
            RotationKind::Daily => 366,
            RotationKind::Weekly => 52,
        };
        if self.length == 0 || self.length > max {
            errors.push(FieldError::new(format!("{path}.length"), format!("The length is between 1 and {max}.")));
        }
        if self.participants.is_empty() {
            errors.push(FieldError::new(format!("{path}.participants"), "Add at least one participant."));
        }
        if self.participants.len() > PARTICIPANTS_MAX {
            let message = format!("At most {PARTICIPANTS_MAX} participants.");
            errors.push(FieldError::new(format!("{path}.participants"), message));
        }
        if !(1970..=2999).contains(&self.start.year()) {
            errors.push(FieldError::new(format!("{path}.start"), "The start is between the years 1970 and 2999."));
        }
        if self.end.is_some_and(|end| end <= self.start) {
            errors.push(FieldError::new(format!("{path}.end"), "The end must be after the start."));
        }
        if self.restrictions.len() > RESTRICTIONS_MAX {
            let message = format!("At most {RESTRICTIONS_MAX} restrictions.");
            errors.push(FieldError::new(format!("{path}.restrictions"), message));
        }
        for (index, restriction) in self.restrictions.iter().enumerate() {
            restriction.validate(&format!("{path}.restrictions[{index}]"), errors);
        }
    }
}

impl Restriction {
    fn validate(&self, path: &str, errors: &mut Vec<FieldError>) {
        for (field, day) in [("from_weekday", self.from_weekday), ("to_weekday", self.to_weekday)] {
            if day.is_some_and(|day| !(1..=7).contains(&day)) {
                errors.push(FieldError::new(format!("{path}.{field}"), "Weekdays go from 1 (Monday) to 7 (Sunday)."));
            }
        }
        if self.from_weekday.is_some() != self.to_weekday.is_some() {
            let field = if self.from_weekday.is_some() { "to_weekday" } else { "from_weekday" };
            errors.push(FieldError::new(format!("{path}.{field}"), "Give both weekdays, or none for every day."));
        } else if self.from == self.to && self.from_weekday == self.to_weekday {
            let message = "Start and end are the same; leave the restriction out if the rotation always counts.";
            errors.push(FieldError::new(format!("{path}.to"), message));
        }
    }
}

impl Override {
    fn validate(&self, schedule: &Schedule, path: &str, errors: &mut Vec<FieldError>) {
        let field = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        if self.to <= self.from {
            errors.push(FieldError::new(field("to"), "The end must be after the start."));
        }
        if schedule.rotations.is_empty() {
            errors.push(FieldError::new(field("rotation_ids"), "The schedule has no rotation to override yet."));
        }
        for (index, id) in self.rotation_ids.iter().enumerate() {
            if schedule.rotations.iter().all(|rotation| rotation.id != *id) {
                let message = "The schedule has no such rotation.";
                errors.push(FieldError::new(field(&format!("rotation_ids[{index}]")), message));
            }
        }
    }
}

fn name(errors: &mut Vec<FieldError>, field: &str, name: &str) {
    if name.trim().is_empty() {
        errors.push(FieldError::new(field, "Give it a name."));
    } else if name.chars().count() > NAME_MAX {
        errors.push(FieldError::new(field, format!("At most {NAME_MAX} characters.")));
    }
}
