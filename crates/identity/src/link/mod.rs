//! One-time links: invitations, password resets and the first set-up.
//!
//! **Invariants**
//! - Only the hash of a link's token is stored; the token itself travels in the mail (or on the server's console).
//! - A link works once and until its end; a newer one of the same purpose ends the older ones of that person.

pub(crate) mod store;

use jiff::{Timestamp, ToSpan};
use kernel::PersonId;
use platform::{DbError, Sql, Tx, secret};

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Accept an invitation and choose a password.
    Invitation,
    /// Choose a new password.
    PasswordReset,
    /// Make the first administrator.
    SetUp,
}

impl Purpose {
    fn as_str(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::PasswordReset => "password_reset",
            Self::SetUp => "set_up",
        }
    }

    fn lasts_until(self, now: Timestamp) -> Timestamp {
        let span = match self {
            Self::Invitation => (7 * 24).hours(),
            Self::PasswordReset => 1.hours(),
            Self::SetUp => 24.hours(),
        };
        now.saturating_add(span).unwrap_or(Timestamp::MAX)
    }
}

/// Makes a link and gives its token. Ends the person's earlier links of this purpose.
pub(crate) async fn issue(tx: &Tx, purpose: Purpose, person: Option<PersonId>) -> Result<String, DbError> {
    if let Some(person) = person {
        store::end_all(tx, purpose.as_str(), person).await?;
    }
    let token = secret::random_token();
    let until = purpose.lasts_until(tx.now());
    store::insert(tx, purpose.as_str(), person, &secret::hash_token(&token), until).await?;
    Ok(token)
}

/// The link with this token, if it is of this purpose, unused and not too old.
pub(crate) async fn find(
    sql: &impl Sql,
    purpose: Purpose,
    token: &str,
    now: Timestamp,
) -> Result<Option<store::LinkRow>, DbError> {
    store::find_open(sql, purpose.as_str(), &secret::hash_token(token), now).await
}

/// Uses the link up. Gives false when somebody was faster.
pub(crate) async fn use_up(tx: &Tx, link: &store::LinkRow) -> Result<bool, DbError> {
    store::use_up(tx, link.id).await
}

/// Ends all links of a purpose that belongs to nobody (set-up). Gives false when there was none open.
pub(crate) async fn use_up_all(tx: &Tx, purpose: Purpose) -> Result<bool, DbError> {
    store::use_up_all(tx, purpose.as_str()).await
}
