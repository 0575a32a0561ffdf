//! How one person is notified: which contact, when, and why.
//!
//! A person's [`Rules`] are ordered steps: so many minutes after the page, use this contact, for these priorities.
//! *Quiet hours* in the person's own zone hold back notices until they end.
//!
//! **Invariants**
//! - Quiet hours never hold a page of P1 or P2.
//! - Somebody who has a verified contact is always reached: where no step applies (no rules, none for this priority,
//!   none with a verified contact), all verified contacts are used at once.
//! - Every planned message says why; so does a plan without any.

use jiff::{
    SignedDuration, Timestamp,
    civil::{DateTime, Time},
};
use kernel::{ContactId, FieldError};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    priority::Priority,
    zone::{Zone, hour_minute},
};

/// Longest delay of a step, in minutes: a day.
const DELAY_MAX_MIN: u32 = 24 * 60;
/// Most steps.
const STEPS_MAX: usize = 30;

/// How a person wants to be notified of alerts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Rules {
    /// Steps in order. None: all verified contacts at once.
    #[serde(default)]
    pub steps: Vec<RuleStep>,
    /// When notices wait.
    #[serde(default)]
    pub quiet_hours: Option<QuietHours>,
}

/// One step of a person's rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RuleStep {
    /// Minutes after the page.
    pub delay_min: u32,
    /// What to use.
    pub contact_id: ContactId,
    /// For which priorities; all, if empty.
    #[serde(default)]
    pub priorities: Vec<Priority>,
}

/// A part of every day in the person's zone. An end that is not after the start is on the next day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QuietHours {
    /// First quiet minute, such as `22:00`.
    #[serde(with = "hour_minute")]
    #[schema(value_type = String, examples("22:00"))]
    pub from: Time,
    /// First minute that is not quiet any more, such as `07:00`.
    #[serde(with = "hour_minute")]
    #[schema(value_type = String, examples("07:00"))]
    pub to: Time,
}

/// What a person can be reached by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Its id.
    pub id: ContactId,
    /// What the trail calls it, such as `mail ana@example.org`.
    pub label: String,
    /// Whether the person has proved that it is theirs.
    pub verified: bool,
}

/// A message that is to be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Planned {
    /// To which contact.
    pub contact_id: ContactId,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Why this contact at this time.
    pub because: String,
}

/// How a person will be notified of a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Plan {
    /// By these messages, in order of time.
    Messages {
        /// At least one.
        messages: Vec<Planned>,
    },
    /// Not at all: the page has to go to somebody else.
    Unreachable {
        /// Why, and what the person can do.
        because: String,
    },
}

impl Plan {
    /// The messages; none for somebody unreachable.
    pub fn messages(&self) -> &[Planned] {
        match self {
            Self::Messages { messages } => messages,
            Self::Unreachable { .. } => &[],
        }
    }
}

impl Rules {
    /// Checks everything against the person's contacts and names each field that is wrong.
    pub fn validate(&self, contacts: &[Contact]) -> Result<(), Vec<FieldError>> {
        let mut errors = Vec::new();
        if self.steps.len() > STEPS_MAX {
            errors.push(FieldError::new("steps", format!("At most {STEPS_MAX} steps.")));
        }
        for (index, step) in self.steps.iter().enumerate() {
            if step.delay_min > DELAY_MAX_MIN {
                let message = format!("At most {DELAY_MAX_MIN} minutes (a day).");
                errors.push(FieldError::new(format!("steps[{index}].delay_min"), message));
            }
            let field = format!("steps[{index}].contact_id");
            match contacts.iter().find(|contact| contact.id == step.contact_id) {
                None => errors.push(FieldError::new(field, "You have no such contact.")),
                Some(contact) if !contact.verified => {
                    errors.push(FieldError::new(field, format!("Verify {} first.", contact.label)));
                }
                Some(_) => {}
            }
        }
        if self.quiet_hours.is_some_and(|hours| hours.from == hours.to) {
            errors.push(FieldError::new("quiet_hours.to", "Quiet hours must end at another time than they start."));
        }
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }

    /// How a page of this priority reaches the person, counted from `now`.
    pub fn plan(&self, contacts: &[Contact], zone: &Zone, priority: Priority, now: Timestamp) -> Plan {
        let verified = || contacts.iter().filter(|contact| contact.verified);
        if verified().next().is_none() {
            let because = if contacts.is_empty() {
                "there is no contact: add one to the profile"
            } else {
                "no contact is verified: verify one in the profile"
            };
            return Plan::Unreachable { because: because.to_owned() };
        }
        let mut messages = Vec::new();
        for (index, step) in self.steps.iter().enumerate() {
            if !step.priorities.is_empty() && !step.priorities.contains(&priority) {
                continue;
            }
            let Some(contact) = verified().find(|contact| contact.id == step.contact_id) else { continue };
            let at = after(now, step.delay_min);
            let mut because = format!("step {} of the notification rules for {priority}: {}", index + 1, contact.label);
            if step.delay_min > 0 {
                because.push_str(&format!(" after {} min", step.delay_min));
            }
            messages.push(self.planned(contact, at, because, zone, priority));
        }
        if messages.is_empty() {
            let why = if self.steps.is_empty() {
                "no notification rules are set, so all verified contacts are used at once".to_owned()
            } else {
                format!(
                    "no notification rule reaches this person for {priority}, so all verified contacts are used at once"
                )
            };
            messages = verified()
                .map(|contact| self.planned(contact, now, format!("{}: {why}", contact.label), zone, priority))
                .collect();
        }
        messages.sort_by_key(|message| message.at);
        Plan::Messages { messages }
    }

    fn planned(
        &self,
        contact: &Contact,
        at: Timestamp,
        mut because: String,
        zone: &Zone,
        priority: Priority,
    ) -> Planned {
        let mut at = at;
        if let Some(end) = self.quiet_hours.and_then(|hours| hours.end_if_quiet(zone, at)) {
            let hours = self.quiet_hours.map(|hours| hours.to_string()).unwrap_or_default();
            if priority.is_pressing() {
                because.push_str(&format!(". Quiet hours {hours} do not apply to {priority}"));
            } else {
                because.push_str(&format!(", held until the quiet hours {hours} end"));
                at = end;
            }
        }
        Planned { contact_id: contact.id, at, because }
    }
}

impl QuietHours {
    /// The end of the quiet hours that this instant lies in; `None` outside them.
    pub fn end_if_quiet(&self, zone: &Zone, at: Timestamp) -> Option<Timestamp> {
        let local = zone.rules().to_datetime(at);
        let time = local.time();
        let (quiet, tomorrow) = if self.from < self.to {
            (self.from <= time && time < self.to, false)
        } else {
            (time >= self.from || time < self.to, time >= self.from)
        };
        if !quiet {
            return None;
        }
        let day = if tomorrow { local.date().tomorrow().ok()? } else { local.date() };
        let end = end_of_night(zone, day.to_datetime(self.to))?;
        (end > at).then_some(end)
    }
}

/// The first instant at which the wall clock shows this time or, where clocks jump over it, the jump.
fn end_of_night(zone: &Zone, local: DateTime) -> Option<Timestamp> {
    let ambiguous = zone.rules().to_ambiguous_timestamp(local);
    match ambiguous.offset() {
        jiff::tz::AmbiguousOffset::Gap { before, .. } => {
            let late = before.to_timestamp(local).ok()?;
            let jump = zone.rules().preceding(late.saturating_add(SignedDuration::from_secs(1)).ok()?).next()?;
            Some(jump.timestamp())
        }
        _ => ambiguous.compatible().ok(),
    }
}

impl std::fmt::Display for QuietHours {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (from, to) = (self.from, self.to);
        write!(f, "{:02}:{:02} to {:02}:{:02}", from.hour(), from.minute(), to.hour(), to.minute())
    }
}

fn after(at: Timestamp, minutes: u32) -> Timestamp {
    at.saturating_add(SignedDuration::from_mins(i64::from(minutes))).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn contact(n: u128, label: &str, verified: bool) -> Contact {
        Contact { id: ContactId(Uuid::from_u128(n)), label: label.into(), verified }
    }

    fn contacts() -> Vec<Contact> {
        vec![
            contact(1, "mail ana@example.org", true),
            contact(2, "webhook chat", true),
            contact(3, "mail old@example.org", false),
        ]
    }

    fn step(delay_min: u32, n: u128, priorities: &[Priority]) -> RuleStep {
        RuleStep { delay_min, contact_id: ContactId(Uuid::from_u128(n)), priorities: priorities.to_vec() }
    }

    fn oslo() -> Zone {
        Zone::parse("Europe/Oslo").expect("a zone")
    }

    fn at(text: &str) -> Timestamp {
        text.parse().expect("an instant")
    }

    fn night() -> QuietHours {
        serde_json::from_str(r#"{"from":"22:00","to":"07:00"}"#).expect("reads")
    }

    fn check(rules: &Rules, contacts: &[Contact], priority: Priority, now: &str) -> String {
        match rules.plan(contacts, &oslo(), priority, at(now)) {
            Plan::Unreachable { because } => format!("unreachable: {because}"),
            Plan::Messages { messages } => {
                let lines = messages
                    .iter()
                    .map(|one| format!("{} {} because {}", one.at, one.contact_id.0.as_u128(), one.because));
                lines.collect::<Vec<_>>().join("\n")
            }
        }
    }

    #[test]
    fn without_rules_all_verified_contacts_at_once() {
        assert_snapshot!(check(&Rules::default(), &contacts(), Priority::P3, "2026-06-01T10:00:00Z"), @r"
        2026-06-01T10:00:00Z 1 because mail ana@example.org: no notification rules are set, so all verified contacts are used at once
        2026-06-01T10:00:00Z 2 because webhook chat: no notification rules are set, so all verified contacts are used at once
        ");
    }

    #[test]
    fn steps_in_order_of_time_for_their_priorities() {
        use Priority::{P1, P2, P3, P4};
        let steps = vec![step(5, 1, &[P1, P2]), step(0, 2, &[]), step(1, 3, &[P1]), step(9, 2, &[P4])];
        let rules = Rules { steps, quiet_hours: None };
        assert_snapshot!(check(&rules, &contacts(), P1, "2026-06-01T10:00:00Z"), @r"
        2026-06-01T10:00:00Z 2 because step 2 of the notification rules for P1: webhook chat
        2026-06-01T10:05:00Z 1 because step 1 of the notification rules for P1: mail ana@example.org after 5 min
        ");
        let rules = Rules { steps: vec![step(0, 1, &[P1])], quiet_hours: None };
        assert_snapshot!(check(&rules, &contacts()[..1], P3, "2026-06-01T10:00:00Z"), @"2026-06-01T10:00:00Z 1 because mail ana@example.org: no notification rule reaches this person for P3, so all verified contacts are used at once");
    }

    #[test]
    fn nobody_is_unreachable_silently() {
        let check = |contacts: &[Contact]| check(&Rules::default(), contacts, Priority::P1, "2026-06-01T10:00:00Z");
        assert_snapshot!(check(&contacts()[2..]), @"unreachable: no contact is verified: verify one in the profile");
        assert_snapshot!(check(&[]), @"unreachable: there is no contact: add one to the profile");
    }

    #[test]
    fn quiet_hours_hold_notices_but_never_a_p1_or_p2() {
        let rules = Rules { steps: vec![step(0, 1, &[]), step(600, 2, &[])], quiet_hours: Some(night()) };
        assert_snapshot!(check(&rules, &contacts(), Priority::P3, "2026-06-01T21:30:00Z"), @r"
        2026-06-02T05:00:00Z 1 because step 1 of the notification rules for P3: mail ana@example.org, held until the quiet hours 22:00 to 07:00 end
        2026-06-02T07:30:00Z 2 because step 2 of the notification rules for P3: webhook chat after 600 min
        ");
        assert_snapshot!(check(&rules, &contacts(), Priority::P2, "2026-06-01T21:30:00Z"), @r"
        2026-06-01T21:30:00Z 1 because step 1 of the notification rules for P2: mail ana@example.org. Quiet hours 22:00 to 07:00 do not apply to P2
        2026-06-02T07:30:00Z 2 because step 2 of the notification rules for P2: webhook chat after 600 min
        ");
    }

    #[test]
    fn quiet_hours_on_the_nights_when_clocks_change_and_at_year_end() {
        let end = |hours: &str, now: &str| {
            let hours: QuietHours = serde_json::from_str(hours).expect("reads");
            hours.end_if_quiet(&oslo(), at(now)).map(|end| end.to_string()).unwrap_or("not quiet".into())
        };
        let night = r#"{"from":"22:00","to":"07:00"}"#;
        assert_eq!(end(night, "2026-03-28T22:00:00Z"), "2026-03-29T05:00:00Z");
        assert_eq!(end(night, "2026-10-24T21:00:00Z"), "2026-10-25T06:00:00Z");
        assert_eq!(end(night, "2026-12-31T22:00:00Z"), "2027-01-01T06:00:00Z");
        assert_eq!(end(night, "2028-02-28T22:00:00Z"), "2028-02-29T06:00:00Z");
        assert_eq!(end(night, "2026-06-01T05:00:00Z"), "not quiet");
        assert_eq!(end(r#"{"from":"01:00","to":"02:30"}"#, "2026-03-29T00:30:00Z"), "2026-03-29T01:00:00Z");
        assert_eq!(end(r#"{"from":"13:00","to":"14:00"}"#, "2026-06-01T11:59:00Z"), "2026-06-01T12:00:00Z");
    }

    #[test]
    fn validation_names_each_field() {
        let hours = QuietHours { from: night().from, to: night().from };
        let rules = Rules { steps: vec![step(0, 9, &[]), step(1441, 3, &[])], quiet_hours: Some(hours) };
        let errors = rules.validate(&contacts()).expect_err("is wrong");
        let text: Vec<_> = errors.iter().map(|error| format!("{}: {}", error.field, error.message)).collect();
        assert_snapshot!(text.join("\n"), @r"
        steps[0].contact_id: You have no such contact.
        steps[1].delay_min: At most 1440 minutes (a day).
        steps[1].contact_id: Verify mail old@example.org first.
        quiet_hours.to: Quiet hours must end at another time than they start.
        ");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Quiet hours hold nothing longer than a day and an hour, and what they hold is not quiet any more.
        #[test]
        fn held_messages_leave_when_the_night_ends(
            from in 0i8..24, to in 0i8..24, minute in 0i64..1_051_200, p in 0usize..5,
        ) {
            prop_assume!(from != to);
            let time = |hour| Time::new(hour, 0, 0, 0).expect("valid");
            let hours = QuietHours { from: time(from), to: time(to) };
            let rules = Rules { steps: Vec::new(), quiet_hours: Some(hours) };
            let now = at("2026-01-01T00:00:00Z") + SignedDuration::from_mins(minute);
            let priority = Priority::ALL[p];
            for message in rules.plan(&contacts(), &oslo(), priority, now).messages() {
                prop_assert!(message.at >= now && message.at <= now + SignedDuration::from_hours(25));
                prop_assert!(!priority.is_pressing() || message.at == now);
                prop_assert!(priority.is_pressing() || hours.end_if_quiet(&oslo(), message.at).is_none());
            }
        }
    }
}
