//! Browser sessions: sign-in, sign-out, passwords, and the first set-up.
//!
//! **Vocabulary.** A session is a row; the browser holds its token in the cookie [`COOKIE`], the database its hash.
//! The *CSRF token* is made from the session's token: a page of another site can make the browser send the cookie,
//! but cannot read it to make the header.
//!
//! **Invariants**
//! - The answer to a wrong sign-in and its delay are the same whether the account exists, is disabled, was never
//!   accepted, or has another password. So is the answer to a request for a new password.
//! - An attempt is counted before the password is checked ([`crate::throttle`]).
//! - A session ends after a week without use, and 30 days after sign-in; when the password changes, all others end.
//!
//! **Walked through.** `POST /session` → [`service::sign_in`] counts the attempt, compares the hash away from the
//! runtime, then in one transaction reads the account again, checks the second factor, stores the session and the
//! event → the route sets the cookie and answers with the person and the CSRF token.

pub mod api;
mod error;
pub mod jobs;
pub mod routes;
pub mod service;
pub mod setup;
pub(crate) mod store;

use jiff::{SignedDuration, Timestamp};
use kernel::{PersonId, SessionId};
use platform::secret;

pub use self::error::{PasswordRefused, SessionError};
pub(crate) use self::service::check_own_password;

/// Name of the session cookie.
pub const COOKIE: &str = "bw_session";
/// Name of the header that repeats the CSRF token.
pub const CSRF_HEADER: &str = "x-csrf-token";

/// A session ends after this long without use.
const IDLE: SignedDuration = SignedDuration::from_hours(7 * 24);
/// A session ends this long after sign-in.
const LONGEST: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Use is noted this often.
pub(crate) const SEEN_EVERY: SignedDuration = SignedDuration::from_mins(5);

/// The browser that opens a session.
#[derive(Clone, Debug, Default)]
pub struct Browser {
    /// Its network address.
    pub ip: Option<String>,
    /// What it calls itself.
    pub user_agent: Option<String>,
}

/// A session that was just opened: the only time its token is known to the server.
#[derive(Debug)]
pub struct Opened {
    /// Its id.
    pub id: SessionId,
    /// Whose it is.
    pub person: PersonId,
    /// For the cookie.
    pub token: String,
    /// When it ends at the latest if unused.
    pub expires_at: Timestamp,
}

/// The CSRF token of a session.
pub(crate) fn csrf_token(session_token: &str) -> String {
    secret::hash_token(&format!("csrf:{session_token}"))
}

/// When a session ends that was opened and last used at these instants.
pub(crate) fn ends_at(created_at: Timestamp, used_at: Timestamp) -> Timestamp {
    let idle = used_at.saturating_add(IDLE).unwrap_or(Timestamp::MAX);
    let longest = created_at.saturating_add(LONGEST).unwrap_or(Timestamp::MAX);
    idle.min(longest)
}

/// The session token in a `Cookie` header.
pub(crate) fn token_in(headers: &http::HeaderMap) -> Option<&str> {
    headers
        .get_all(http::header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(COOKIE)?.strip_prefix('='))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_found_among_others() {
        let mut headers = http::HeaderMap::new();
        headers.insert("cookie", "a=b; bw_session=abc; bw_session_x=d".parse().unwrap());
        assert_eq!(token_in(&headers), Some("abc"));
        headers.insert("cookie", "bw_sessions=abc".parse().unwrap());
        assert_eq!(token_in(&headers), None);
    }

    #[test]
    fn a_session_in_use_still_ends() {
        let start: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let day = |n: i64| start.checked_add(SignedDuration::from_hours(24 * n)).unwrap();
        assert_eq!(ends_at(start, start), day(7));
        assert_eq!(ends_at(start, day(20)), day(27));
        assert_eq!(ends_at(start, day(29)), day(30));
    }
}
