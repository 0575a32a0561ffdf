//! How long the parts of an alert may be.
//!
//! Our own API refuses what is too long and names the field; what monitors send is cut to fit, because a monitor
//! cannot correct itself and an alert must not be lost. Lengths are in characters. Source: the limits of the
//! Opsgenie API.

use std::collections::BTreeMap;

use kernel::FieldError;

use super::{Alert, AlertError, Raise};

/// Longest message.
pub const MESSAGE_MAX: usize = 130;
/// Longest alias.
pub const ALIAS_MAX: usize = 512;
/// Longest entity.
pub const ENTITY_MAX: usize = 512;
/// Longest description.
pub const DESCRIPTION_MAX: usize = 15_000;
/// Most tags.
pub const TAGS_MAX: usize = 20;
/// Longest tag.
pub const TAG_MAX: usize = 50;
/// Longest details: all keys and values together.
pub const DETAILS_MAX: usize = 8_000;
/// Most custom actions.
pub const ACTIONS_MAX: usize = 10;
/// Longest custom action.
pub const ACTION_MAX: usize = 50;
/// Longest source.
pub const SOURCE_MAX: usize = 100;
/// Longest note.
pub const NOTE_MAX: usize = 25_000;

impl Raise {
    /// For our own API: refuses what does not fit, naming each field.
    pub fn checked(self) -> Result<Self, AlertError> {
        let mut errors = Vec::new();
        if self.message.trim().is_empty() {
            errors.push(FieldError::new("message", "Say in one line what is wrong."));
        }
        if self.alias.as_deref().is_some_and(|alias| alias.trim().is_empty()) {
            errors.push(FieldError::new("alias", "The alias is empty; leave it out instead."));
        }
        length(&mut errors, "message", &self.message, MESSAGE_MAX);
        length(&mut errors, "alias", self.alias.as_deref().unwrap_or_default(), ALIAS_MAX);
        length(&mut errors, "entity", &self.entity, ENTITY_MAX);
        length(&mut errors, "source", &self.source, SOURCE_MAX);
        length(&mut errors, "description", &self.description, DESCRIPTION_MAX);
        check_list(&mut errors, "tags", &self.tags, TAGS_MAX, TAG_MAX);
        check_list(&mut errors, "actions", &self.actions, ACTIONS_MAX, ACTION_MAX);
        check_details(&mut errors, &self.details);
        if errors.is_empty() { Ok(self.tidy()) } else { Err(AlertError::Invalid(errors)) }
    }

    /// For monitors and compatible APIs: cuts what does not fit. Only an empty message is refused.
    pub fn fitted(mut self) -> Result<Self, AlertError> {
        if self.message.trim().is_empty() {
            return Err(AlertError::Invalid(vec![FieldError::new("message", "The message is empty.")]));
        }
        self = self.tidy();
        self.message = fit_text(&self.message, MESSAGE_MAX);
        self.alias = self.alias.map(|alias| fit_alias(&alias));
        self.entity = fit_text(&self.entity, ENTITY_MAX);
        self.source = fit_text(&self.source, SOURCE_MAX);
        self.description = fit_text(&self.description, DESCRIPTION_MAX);
        self.tags = fit_list(self.tags, TAGS_MAX, TAG_MAX);
        self.actions = fit_list(self.actions, ACTIONS_MAX, ACTION_MAX);
        self.details = fit_details(self.details);
        Ok(self)
    }

    fn tidy(mut self) -> Self {
        self.message = self.message.trim().to_owned();
        self.alias = self.alias.map(|alias| alias.trim().to_owned()).filter(|alias| !alias.is_empty());
        self.tags = distinct(self.tags);
        self.actions = distinct(self.actions);
        self
    }
}

/// The alias of at most [`ALIAS_MAX`] characters that stands for this one. A longer alias keeps its beginning and
/// gets a checksum, so that two long aliases do not become one. Look-ups by alias use it too.
pub fn fit_alias(alias: &str) -> String {
    let alias = alias.trim();
    if alias.chars().count() <= ALIAS_MAX {
        return alias.to_owned();
    }
    // FNV-1a, 64 bits.
    let checksum = alias
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    let start: String = alias.chars().take(ALIAS_MAX - 17).collect();
    format!("{start}#{checksum:016x}")
}

/// The text, cut to `max` characters with an ellipsis where it is longer.
pub fn fit_text(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(max.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

/// A note of a compatible client, cut to fit.
pub fn fit_note(text: &str) -> String {
    fit_text(text, NOTE_MAX)
}

/// Details cut to [`DETAILS_MAX`] characters; entries that find no place are left out.
pub(super) fn fit_details(details: BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut room = DETAILS_MAX;
    let mut fitted = BTreeMap::new();
    for (key, value) in details {
        let key_length = key.chars().count();
        if key_length >= room {
            continue;
        }
        let value = fit_text(&value, room - key_length);
        room -= key_length + value.chars().count();
        fitted.insert(key, value);
    }
    fitted
}

pub(super) fn fit_list(list: Vec<String>, most: usize, longest: usize) -> Vec<String> {
    distinct(list.iter().map(|item| item.trim().chars().take(longest).collect()).collect())
        .into_iter()
        .take(most)
        .collect()
}

pub(super) fn distinct(list: Vec<String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::with_capacity(list.len());
    for item in list {
        let item = item.trim();
        if !item.is_empty() && !kept.iter().any(|known| known == item) {
            kept.push(item.to_owned());
        }
    }
    kept
}

pub(super) fn length(errors: &mut Vec<FieldError>, field: &str, text: &str, max: usize) {
    let length = text.chars().count();
    if length > max {
        errors.push(FieldError::new(field, format!("At most {max} characters; this has {length}.")));
    }
}

pub(super) fn check_list(errors: &mut Vec<FieldError>, field: &str, list: &[String], most: usize, longest: usize) {
    if list.len() > most {
        errors.push(FieldError::new(field, format!("At most {most}; these are {}.", list.len())));
    }
    for (index, item) in list.iter().enumerate() {
        length(errors, &format!("{field}[{index}]"), item, longest);
    }
}

pub(super) fn check_details(errors: &mut Vec<FieldError>, details: &BTreeMap<String, String>) {
    let length: usize = details.iter().map(|(key, value)| key.chars().count() + value.chars().count()).sum();
    if length > DETAILS_MAX {
        let message = format!("At most {DETAILS_MAX} characters in all keys and values; these have {length}.");
        errors.push(FieldError::new("details", message));
    }
}

impl Alert {
    /// Whether everything fits; used by tests and by whoever changed an alert by hand.
    pub fn fits(&self) -> bool {
        let mut errors = Vec::new();
        length(&mut errors, "message", &self.message, MESSAGE_MAX);
        length(&mut errors, "alias", &self.alias, ALIAS_MAX);
        length(&mut errors, "entity", &self.entity, ENTITY_MAX);
        length(&mut errors, "source", &self.source, SOURCE_MAX);
        length(&mut errors, "description", &self.description, DESCRIPTION_MAX);
        check_list(&mut errors, "tags", &self.tags, TAGS_MAX, TAG_MAX);
        check_list(&mut errors, "actions", &self.actions, ACTIONS_MAX, ACTION_MAX);
        check_details(&mut errors, &self.details);
        errors.is_empty()
    }
}
