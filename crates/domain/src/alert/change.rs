//! How an alert changes.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use kernel::{Action, Actor, FieldError, PersonId};

use super::{
    Acknowledged, Alert, AlertError, AlertEvent, Changed, DEFAULT_PRIORITY, DESCRIPTION_MAX, MESSAGE_MAX, NOTE_MAX,
    Raise, Responder, Snoozed, Status, TAG_MAX, TAGS_MAX, limit,
};
use crate::{escalation, priority::Priority};

/// Longest snooze, in days.
const SNOOZE_MAX_DAYS: i64 = 366;
/// Most responders.
const RESPONDERS_MAX: usize = 50;

impl Alert {
    /// A new alert. `id` stands in for a missing alias. The input has gone through [`Raise::checked`] or
    /// [`Raise::fitted`].
    pub fn raise(raise: Raise, id: &str, now: Timestamp) -> (Self, Vec<AlertEvent>) {
        let priority = raise.priority.unwrap_or(DEFAULT_PRIORITY);
        let alert = Self {
            alias: raise.alias.unwrap_or_else(|| id.to_owned()),
            message: raise.message,
            description: raise.description,
            priority,
            source: raise.source,
            entity: raise.entity,
            tags: raise.tags,
            details: raise.details,
            actions: raise.actions,
            status: Status::Open,
            acknowledged: None,
            snoozed: None,
            seen: false,
            owner: None,
            responders: Vec::new(),
            count: 1,
            created_at: now,
            updated_at: now,
            last_occurred_at: now,
            first_acknowledged_at: None,
        };
        (alert, vec![AlertEvent::AlertRaised { priority }])
    }

    /// The same alias was raised again while this alert is open.
    pub fn duplicate(&self, now: Timestamp) -> Changed {
        self.require_open()?;
        let count = self.count.saturating_add(1);
        let last_occurred_at = self.last_occurred_at.max(now);
        self.changed(now, AlertEvent::AlertDuplicated { count }, |alert| Self { count, last_occurred_at, ..alert })
    }

    /// A person looks at it. Only the first look is an event.
    pub fn see(&self, now: Timestamp) -> Changed {
        if self.seen {
            return self.unchanged();
        }
        self.changed(now, AlertEvent::AlertSeen {}, |alert| Self { seen: true, ..alert })
    }

    /// Somebody starts to work on it: paging goes quiet, a snooze ends, a person becomes owner.
    pub fn acknowledge(&self, by: &Actor, now: Timestamp) -> Changed {
        self.require_open()?;
        if let Some(Acknowledged { by, at }) = &self.acknowledged {
            return Err(AlertError::AlreadyAcknowledged { by: by.clone(), at: *at });
        }
        self.changed(now, AlertEvent::AlertAcknowledged {}, |alert| Self {
            acknowledged: Some(Acknowledged { by: by.clone(), at: now }),
            snoozed: None,
            seen: alert.seen || by.person().is_some(),
            owner: by.person().or(alert.owner),
            first_acknowledged_at: alert.first_acknowledged_at.or(Some(now)),
            ..alert
        })
    }

    /// Nobody works on it after all: paging starts over.
    pub fn unacknowledge(&self, now: Timestamp) -> Changed {
        self.require_acknowledged()?;
        let event = AlertEvent::AlertUnacknowledged { timed_out: false };
        self.changed(now, event, |alert| Self { acknowledged: None, ..alert })
    }

    /// The acknowledge time-out is up and the alert is still open: paging starts over.
    pub fn time_out_acknowledgement(&self, now: Timestamp) -> Changed {
        self.require_acknowledged()?;
        let event = AlertEvent::AlertUnacknowledged { timed_out: true };
        self.changed(now, event, |alert| Self { acknowledged: None, ..alert })
    }

    /// Nobody is paged until then. Snoozing again moves the end.
    pub fn snooze(&self, by: &Actor, until: Timestamp, now: Timestamp) -> Changed {
        self.require_open()?;
        let latest = now.saturating_add(SignedDuration::from_hours(24 * SNOOZE_MAX_DAYS)).unwrap_or(Timestamp::MAX);
        if until <= now || until > latest {
            let message = format!("The snooze must end in the future, within {SNOOZE_MAX_DAYS} days.");
            return Err(invalid("until", message));
        }
        let snoozed = Some(Snoozed { by: by.clone(), until });
        self.changed(now, AlertEvent::AlertSnoozed { until }, |alert| Self { snoozed, ..alert })
    }

    /// Somebody ends the snooze early: paging starts over.
    pub fn unsnooze(&self, now: Timestamp) -> Changed {
        self.end_snooze(now, false)
    }

    /// The snooze is over: paging starts over. Does nothing while the snooze goes on, so a timer that was overtaken
    /// by a longer snooze is harmless.
    pub fn expire_snooze(&self, now: Timestamp) -> Changed {
        if self.snoozed.as_ref().is_none_or(|snoozed| now < snoozed.until) {
            return self.unchanged();
        }
        self.end_snooze(now, true)
    }

    /// It is over.
    pub fn close(&self, by: &Actor, now: Timestamp) -> Changed {
        self.require_open()?;
        self.changed(now, AlertEvent::AlertClosed {}, |alert| Self {
            status: Status::Closed { by: by.clone(), at: now },
            snoozed: None,
            ..alert
        })
    }

    /// Adds a note. Its text is stored by the caller.
    pub fn add_note(&self, text: &str, now: Timestamp) -> Changed {
        let mut errors = Vec::new();
        if text.trim().is_empty() {
            errors.push(FieldError::new("note", "The note is empty."));
        }
        limit::length(&mut errors, "note", text, NOTE_MAX);
        if !errors.is_empty() {
            return Err(AlertError::Invalid(errors));
        }
        self.changed(now, AlertEvent::AlertNoteAdded {}, |alert| alert)
    }

    /// Adds the tags that it does not have yet.
    pub fn add_tags(&self, tags: Vec<String>, now: Timestamp) -> Changed {
        let new: Vec<String> = limit::distinct(tags).into_iter().filter(|tag| !self.tags.contains(tag)).collect();
        if new.is_empty() {
            return self.unchanged();
        }
        let all: Vec<String> = self.tags.iter().chain(&new).cloned().collect();
        let mut errors = Vec::new();
        limit::check_list(&mut errors, "tags", &all, TAGS_MAX, TAG_MAX);
        if !errors.is_empty() {
            return Err(AlertError::Invalid(errors));
        }
        self.changed(now, AlertEvent::AlertTagsAdded { tags: new }, |alert| Self { tags: all, ..alert })
    }

    /// The same for compatible clients: what does not fit is left out.
    pub fn add_fitting_tags(&self, tags: Vec<String>, now: Timestamp) -> Changed {
        let all = self.tags.iter().cloned().chain(tags).collect();
        self.add_tags(limit::fit_list(all, TAGS_MAX, TAG_MAX), now)
    }

    /// Removes the tags that it has.
    pub fn remove_tags(&self, tags: &[String], now: Timestamp) -> Changed {
        let (gone, left): (Vec<String>, Vec<String>) =
            self.tags.iter().cloned().partition(|tag| tags.iter().any(|one| one.trim() == tag));
        if gone.is_empty() {
            return self.unchanged();
        }
        self.changed(now, AlertEvent::AlertTagsRemoved { tags: gone }, |alert| Self { tags: left, ..alert })
    }

    /// Adds or replaces details.
    pub fn add_details(&self, details: BTreeMap<String, String>, now: Timestamp) -> Changed {
        let mut all = self.details.clone();
        all.extend(details);
        self.set_details(all, now)
    }

    /// The same for compatible clients: what does not fit is left out.
    pub fn add_fitting_details(&self, details: BTreeMap<String, String>, now: Timestamp) -> Changed {
        let mut all = self.details.clone();
        all.extend(details);
        self.set_details(limit::fit_details(all), now)
    }

    /// Removes details by key.
    pub fn remove_details(&self, keys: &[String], now: Timestamp) -> Changed {
        let mut left = self.details.clone();
        left.retain(|key, _| !keys.contains(key));
        self.set_details(left, now)
    }

    /// Replaces all details.
    pub fn set_details(&self, details: BTreeMap<String, String>, now: Timestamp) -> Changed {
        let mut errors = Vec::new();
        limit::check_details(&mut errors, &details);
        if !errors.is_empty() {
            return Err(AlertError::Invalid(errors));
        }
        let differs = |key: &&String| self.details.get(*key) != details.get(*key);
        let mut keys: Vec<String> = self.details.keys().chain(details.keys()).filter(differs).cloned().collect();
        keys.sort_unstable();
        keys.dedup();
        if keys.is_empty() {
            return self.unchanged();
        }
        self.changed(now, AlertEvent::AlertDetailsChanged { keys }, |alert| Self { details, ..alert })
    }

    /// Gives it to somebody, or to nobody.
    pub fn assign(&self, owner: Option<PersonId>, now: Timestamp) -> Changed {
        self.require_open()?;
        if self.owner == owner {
            return self.unchanged();
        }
        let event = AlertEvent::AlertAssigned { before: self.owner, after: owner };
        self.changed(now, event, |alert| Self { owner, ..alert })
    }

    /// Asks somebody more to respond.
    pub fn add_responder(&self, responder: Responder, now: Timestamp) -> Changed {
        self.require_open()?;
        if self.responders.contains(&responder) {
            return self.unchanged();
        }
        if self.responders.len() >= RESPONDERS_MAX {
            return Err(invalid("responders", format!("At most {RESPONDERS_MAX} responders.")));
        }
        let responders = self.responders.iter().copied().chain([responder]).collect();
        self.changed(now, AlertEvent::AlertResponderAdded { responder }, |alert| Self { responders, ..alert })
    }

    /// Changes its priority.
    pub fn set_priority(&self, priority: Priority, now: Timestamp) -> Changed {
        self.require_open()?;
        if self.priority == priority {
            return self.unchanged();
        }
        let event = AlertEvent::AlertPriorityChanged { before: self.priority, after: priority };
        self.changed(now, event, |alert| Self { priority, ..alert })
    }

    /// Changes its message.
    pub fn set_message(&self, message: &str, now: Timestamp) -> Changed {
        self.require_open()?;
        let message = message.trim();
        let mut errors = Vec::new();
        if message.is_empty() {
            errors.push(FieldError::new("message", "Say in one line what is wrong."));
        }
        limit::length(&mut errors, "message", message, MESSAGE_MAX);
        if !errors.is_empty() {
            return Err(AlertError::Invalid(errors));
        }
        if self.message == message {
            return self.unchanged();
        }
        let message = message.to_owned();
        self.changed(now, AlertEvent::AlertMessageChanged {}, |alert| Self { message, ..alert })
    }

    /// Changes its description.
    pub fn set_description(&self, description: &str, now: Timestamp) -> Changed {
        self.require_open()?;
        let mut errors = Vec::new();
        limit::length(&mut errors, "description", description, DESCRIPTION_MAX);
        if !errors.is_empty() {
            return Err(AlertError::Invalid(errors));
        }
        if self.description == description {
            return self.unchanged();
        }
        let description = description.to_owned();
        self.changed(now, AlertEvent::AlertDescriptionChanged {}, |alert| Self { description, ..alert })
    }

    /// Whether it is open.
    pub fn is_open(&self) -> bool {
        self.status == Status::Open
    }

    /// What escalation needs to know of it.
    pub fn facts(&self) -> escalation::Facts {
        escalation::Facts {
            open: self.is_open(),
            acknowledged: self.acknowledged.is_some(),
            snoozed: self.snoozed.is_some(),
            priority: self.priority,
        }
    }

    /// Seconds from the first occurrence to the first acknowledgement.
    pub fn time_to_acknowledge_s(&self) -> Option<i64> {
        self.first_acknowledged_at.map(|at| at.duration_since(self.created_at).as_secs())
    }

    /// Seconds from the first occurrence to the close.
    pub fn time_to_close_s(&self) -> Option<i64> {
        match &self.status {
            Status::Closed { at, .. } => Some(at.duration_since(self.created_at).as_secs()),
            Status::Open => None,
        }
    }

    /// Which verbs its state allows, with the reason where it does not. What the caller may do is added by the
    /// service.
    pub fn actions(&self) -> Vec<Action> {
        let open = self.require_open().err();
        let refused = |own: Option<AlertError>| open.clone().or(own).map(|error| error.to_string());
        let acknowledged =
            self.acknowledged.clone().map(|Acknowledged { by, at }| AlertError::AlreadyAcknowledged { by, at });
        vec![
            Action::new("acknowledge", refused(acknowledged)),
            Action::new("unacknowledge", refused(self.require_acknowledged().err())),
            Action::new("snooze", refused(None)),
            Action::new("unsnooze", refused(self.snoozed.is_none().then_some(AlertError::NotSnoozed))),
            Action::new("close", refused(None)),
            Action::new("escalate", refused(None)),
            Action::new("assign", refused(None)),
            Action::new("change", refused(None)),
            Action::new("add_note", None),
        ]
    }

    fn end_snooze(&self, now: Timestamp, expired: bool) -> Changed {
        self.require_open()?;
        if self.snoozed.is_none() {
            return Err(AlertError::NotSnoozed);
        }
        self.changed(now, AlertEvent::AlertSnoozeEnded { expired }, |alert| Self {
            snoozed: None,
            acknowledged: None,
            ..alert
        })
    }

    fn require_open(&self) -> Result<(), AlertError> {
        match &self.status {
            Status::Open => Ok(()),
            Status::Closed { by, at } => Err(AlertError::Closed { by: by.clone(), at: *at }),
        }
    }

    fn require_acknowledged(&self) -> Result<(), AlertError> {
        self.require_open()?;
        if self.acknowledged.is_some() { Ok(()) } else { Err(AlertError::NotAcknowledged) }
    }

    fn changed(&self, now: Timestamp, event: AlertEvent, change: impl FnOnce(Self) -> Self) -> Changed {
        Ok((Self { updated_at: now, ..change(self.clone()) }, vec![event]))
    }

    fn unchanged(&self) -> Changed {
        Ok((self.clone(), Vec::new()))
    }
}

fn invalid(field: &str, message: impl Into<String>) -> AlertError {
    AlertError::Invalid(vec![FieldError::new(field, message)])
}
