//! People: agents, administrators and customers, and the invitations that bring them in.
//!
//! **Vocabulary.** A person is *invited* from the invitation until it is accepted, and *active* unless an
//! administrator has disabled the account. The *sign-in address* is the person's mail address; two people cannot
//! share one, whatever the spelling of its letters.
//!
//! **Invariants**
//! - There is always an active administrator who can sign in once there has been one: the last cannot be disabled
//!   or demoted.
//! - A disabled person has no sessions, and their tokens are refused.
//! - Events say that a name or address changed, never what it was or is: these stand in the person's row only, so
//!   that they can be erased.
//!
//! **Walked through.** `POST /people/invitations` → [`service::invite`] stores the person, a one-time link and the
//! job that mails it, in one transaction → the job sends the mail → the link's page posts to
//! `/invitations/{token}` → [`service::accept_invitation`] stores the password and opens a session.

pub mod api;
mod error;
mod import;
pub mod routes;
pub mod service;
pub(crate) mod store;

use kernel::{FieldError, PersonId, Role};
use serde_json::{Map, Value, json};

pub use self::error::PersonError;

/// Longest name, in characters.
const NAME_MAX: usize = 120;
/// Longest mail address, in bytes (RFC 5321).
const EMAIL_MAX: usize = 254;

/// The spelling under which an address is compared.
pub fn email_key(email: &str) -> String {
    email.trim().to_lowercase()
}

/// The trimmed name, or what is wrong with it.
pub(crate) fn check_name(name: &str, field: &str) -> Result<String, FieldError> {
    let name = name.trim();
    if name.is_empty() {
        return Err(FieldError::new(field, "Enter a name."));
    }
    if name.chars().count() > NAME_MAX || name.chars().any(char::is_control) {
        return Err(FieldError::new(
            field,
            format!("A name has at most {NAME_MAX} characters and no control characters."),
        ));
    }
    Ok(name.to_owned())
}

/// The trimmed address, or what is wrong with it. The mail that is sent to it is the real test.
pub(crate) fn check_email(email: &str, field: &str) -> Result<String, FieldError> {
    let email = email.trim();
    let wrong = || FieldError::new(field, "Enter a mail address such as ana@example.org.");
    let (local, host) = email.rsplit_once('@').ok_or_else(wrong)?;
    let bad =
        |c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ',' | ';' | '"' | '(' | ')' | '@');
    if local.is_empty()
        || host.is_empty()
        || email.len() > EMAIL_MAX
        || email.chars().filter(|c| *c != '@').any(bad)
        || local.contains('@')
    {
        return Err(wrong());
    }
    if host.starts_with('.') || host.ends_with('.') || host.contains("..") {
        return Err(wrong());
    }
    Ok(email.to_owned())
}

/// The zone's name, or what is wrong with it.
pub(crate) fn check_time_zone(name: &str, field: &str) -> Result<String, FieldError> {
    match jiff::tz::TimeZone::get(name) {
        Ok(_) => Ok(name.to_owned()),
        Err(_) => Err(FieldError::new(field, "Enter the name of a time zone such as Europe/Berlin.")),
    }
}

/// The language tag, or what is wrong with it.
pub(crate) fn check_locale(tag: &str, field: &str) -> Result<String, FieldError> {
    let parts_fit =
        tag.split('-').all(|part| (1..=8).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric()));
    if parts_fit && tag.len() <= 35 {
        Ok(tag.to_owned())
    } else {
        Err(FieldError::new(field, "Enter a language tag such as en or de-AT."))
    }
}

/// A person to be stored.
#[derive(Clone, Debug)]
pub struct NewPerson {
    /// Sign-in address.
    pub email: String,
    /// Full name.
    pub name: String,
    /// Role in the organisation.
    pub role: Role,
}

impl NewPerson {
    /// Trims and checks the fields.
    pub(crate) fn checked(self) -> Result<Self, Vec<FieldError>> {
        match (check_email(&self.email, "email"), check_name(&self.name, "name")) {
            (Ok(email), Ok(name)) => Ok(Self { email, name, role: self.role }),
            (email, name) => Err(email.err().into_iter().chain(name.err()).collect()),
        }
    }
}

/// What an administrator wants to change about a person. `None` leaves a field as it is.
#[derive(Clone, Debug, Default)]
pub struct ChangePerson {
    /// New name.
    pub name: Option<String>,
    /// New role.
    pub role: Option<Role>,
    /// Enable or disable the account.
    pub active: Option<bool>,
}

/// What a person changes about themselves.
#[derive(Clone, Debug, Default)]
pub struct ChangeMe {
    /// New name.
    pub name: Option<String>,
    /// IANA zone.
    pub time_zone: Option<String>,
    /// Language tag.
    pub locale: Option<String>,
    /// Whether single-key shortcuts are on.
    pub single_keys: Option<bool>,
}

/// The fields that differ, as an event tells them.
#[derive(Default)]
pub(crate) struct Changes(Map<String, Value>);

impl Changes {
    /// Notes a change of a field that is no personal data.
    pub(crate) fn field<T: PartialEq + serde::Serialize>(&mut self, name: &str, before: &T, after: &T) {
        if before != after {
            self.0.insert(name.to_owned(), json!({ "before": before, "after": after }));
        }
    }

    /// Notes that a personal field changed, without saying from what to what.
    pub(crate) fn personal<T: PartialEq>(&mut self, name: &str, before: &T, after: &T) {
        if before != after {
            self.0.insert(name.to_owned(), json!({ "before": "changed", "after": "changed" }));
        }
    }

    /// Which fields differ.
    pub(crate) fn names(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }

    /// Whether nothing differs.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The event's data.
    pub(crate) fn data(self) -> Value {
        json!({ "changes": self.0 })
    }
}

impl store::PersonRow {
    /// The person after the change, and what differs.
    pub(crate) fn changed(&self, change: &ChangePerson) -> (Self, Changes) {
        let mut next = self.clone();
        let mut changes = Changes::default();
        if let Some(name) = &change.name {
            changes.personal("name", &self.name, name);
            next.name.clone_from(name);
        }
        if let Some(role) = change.role {
            changes.field("role", &self.role, &role.as_str().to_owned());
            role.as_str().clone_into(&mut next.role);
        }
        if let Some(active) = change.active {
            changes.field("active", &self.active, &active);
            next.active = active;
        }
        (next, changes)
    }

    /// The person after changing their own settings, and what differs.
    pub(crate) fn changed_by_self(&self, change: &ChangeMe) -> (Self, Changes) {
        let mut next = self.clone();
        let mut changes = Changes::default();
        if let Some(name) = &change.name {
            changes.personal("name", &self.name, name);
            next.name.clone_from(name);
        }
        if let Some(zone) = &change.time_zone {
            changes.field("time_zone", &self.time_zone, zone);
            next.time_zone.clone_from(zone);
        }
        if let Some(locale) = &change.locale {
            changes.field("locale", &self.locale, locale);
            next.locale.clone_from(locale);
        }
        if let Some(keys) = change.single_keys {
            changes.field("single_keys", &self.single_keys, &keys);
            next.single_keys = keys;
        }
        (next, changes)
    }

    /// Whether this person can administer now: active, accepted, administrator.
    pub(crate) fn administers(&self) -> bool {
        self.active && !self.invited && self.role() == Role::Admin
    }

    /// Typed id.
    pub(crate) fn person_id(&self) -> PersonId {
        self.id.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for good in ["ana@nordhaven.example", " Ana.Lee+x@a.b ", "ana@localhost"] {
            assert!(check_email(good, "email").is_ok(), "{good}");
        }
        for bad in ["", "ana", "@a", "ana@", "a b@c", "a@b\r\nBcc: x@y", "a@b..c", "a@b@c", "<a@b>"] {
            assert!(check_email(bad, "email").is_err(), "{bad}");
        }
    }

    #[test]
    fn zones_and_languages() {
        assert!(check_time_zone("Europe/Berlin", "time_zone").is_ok());
        assert!(check_time_zone("Mars/Base", "time_zone").is_err());
        assert!(check_locale("de-AT", "locale").is_ok());
        assert!(check_locale("de_AT", "locale").is_err());
    }
}
