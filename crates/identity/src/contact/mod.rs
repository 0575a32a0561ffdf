//! Contacts: the ways in which a person can be reached, and the rules for using them.
//!
//! **Vocabulary.** A contact is *verified* once the person has proved that messages arrive: a mail address by a code
//! that was mailed to it, a webhook by answering a test post. The rules themselves are decided on in
//! [`domain::notify`].
//!
//! **Invariants**
//! - Only verified contacts are used. The sign-in address is verified from the start: invitations and resets go there.
//! - A person keeps at least one verified contact; a contact that the rules use cannot be removed.
//! - Only a keyed hash of a code is stored; it ends after 15 minutes or five wrong guesses.

pub mod api;
mod error;
pub(crate) mod jobs;
pub mod routes;
pub mod service;
pub(crate) mod store;

use kernel::FieldError;
use serde::{Deserialize, Serialize};

pub use self::error::ContactError;

/// How messages get there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ContactKind {
    /// Mail.
    Mail,
    /// A JSON post to a URL.
    Webhook,
}

impl ContactKind {
    /// The stored spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Webhook => "webhook",
        }
    }
}

/// Wrong guesses of a code before it ends.
const CODE_GUESSES: i64 = 5;
/// How long a code works.
const CODE_MIN: i64 = 15;
/// Most contacts of one person.
const CONTACTS_MAX: usize = 20;
/// Longest URL, in bytes.
const URL_MAX: usize = 2000;

/// An address as it is kept.
struct Address {
    /// What people see: all of a mail address, the host of a webhook.
    shown: String,
    /// What makes it unique for its person.
    key: String,
    /// What is sealed: all of a webhook's address, whose path may hold a token.
    secret: Option<String>,
}

/// The address as stored and its comparable spelling, or what is wrong with it. Whether a URL may be reached at all
/// is for the outgoing address guard.
fn check_address(kind: ContactKind, address: &str) -> Result<Address, FieldError> {
    match kind {
        ContactKind::Mail => {
            let email = crate::person::check_email(address, "address")?;
            let key = crate::person::email_key(&email);
            Ok(Address { shown: email, key, secret: None })
        }
        ContactKind::Webhook => {
            let url = address.trim();
            let wrong = || FieldError::new("address", "Enter an address such as https://hooks.example.org/path.");
            let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).ok_or_else(wrong)?;
            let host_fits =
                rest.split(['/', '?', '#']).next().is_some_and(|host| !host.is_empty() && !host.contains('@'));
            if !host_fits || url.len() > URL_MAX || url.chars().any(|c| c.is_whitespace() || c.is_control()) {
                return Err(wrong());
            }
            let key = platform::secret::hash_token(url);
            Ok(Address { shown: host_of(url).to_owned(), key, secret: Some(url.to_owned()) })
        }
    }
}

/// The address of a webhook out of its seal.
pub(crate) fn open_url(vault: &platform::secret::Vault, sealed: Option<&str>) -> Result<String, &'static str> {
    let sealed = sealed.ok_or("the webhook has no sealed address: remove it and add it again")?;
    let opened = vault.open(sealed).map_err(|_| "the webhook's address does not open under this vault key")?;
    String::from_utf8(opened).map_err(|_| "the webhook's address is not text")
}

/// The host of a URL.
fn host_of(url: &str) -> &str {
    let rest = url.split("://").nth(1).unwrap_or(url);
    rest.split(['/', '?', '#']).next().unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_webhooks() {
        let ok = |url| check_address(ContactKind::Webhook, url).is_ok();
        assert!(ok("https://hooks.example.org/a?b=c"));
        assert!(ok("http://hooks.example.org"));
        assert!(!ok("ftp://hooks.example.org"));
        assert!(!ok("https://"));
        assert!(!ok("https://user:secret@hooks.example.org"));
        assert!(!ok("https://a b"));
        let hook = check_address(ContactKind::Webhook, "https://hooks.example.org/token").unwrap();
        assert!(!hook.shown.contains("token") && !hook.key.contains("token"));
        assert_eq!(host_of("https://hooks.example.org/secret"), "hooks.example.org");
    }
}
