//! Throttling of everything that could be guessed or used to flood: sign-ins, codes, resets.
//!
//! Counts stand in the database, so that a restart forgets none and all nodes count together.
//!
//! **Invariants**
//! - An attempt is written *before* the secret is checked, and taken back only when it turns out right: guesses sent
//!   at the same time cannot slip under the limit together.
//! - The subject of an account is the hash of the typed address, whether or not the account exists: a throttled
//!   answer tells nothing about who has an account, and no address is kept.

pub(crate) mod store;

use jiff::ToSpan;
use platform::{DbError, Tx, secret};
use uuid::Uuid;

/// How far back attempts count.
pub(crate) const WINDOW_MIN: i64 = 15;

/// Something whose attempts are counted.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    key: String,
    limit: i64,
}

impl Subject {
    /// Failed sign-ins of one account: 10 in 15 minutes.
    pub(crate) fn account(email_key: &str) -> Self {
        Self { key: hashed("account", email_key), limit: 10 }
    }

    /// Failed sign-ins from one network address: 50 in 15 minutes.
    pub(crate) fn address(ip: &str) -> Self {
        Self { key: hashed("address", ip), limit: 50 }
    }

    /// Reset mails to one account: 3 in 15 minutes.
    pub(crate) fn reset(email_key: &str) -> Self {
        Self { key: hashed("reset", email_key), limit: 3 }
    }

    /// Reset mails asked for from one network address: 20 in 15 minutes.
    pub(crate) fn reset_address(ip: &str) -> Self {
        Self { key: hashed("reset_address", ip), limit: 20 }
    }

    /// Verification and test messages that one person sends: 10 in 15 minutes.
    pub(crate) fn messages(person: kernel::PersonId) -> Self {
        Self { key: hashed("messages", &person.to_string()), limit: 10 }
    }
}

fn hashed(kind: &str, key: &str) -> String {
    format!("{kind}:{}", secret::hash_token(key))
}

/// Too many attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Throttled {
    /// Seconds until the oldest attempt that counts no longer does.
    pub(crate) retry_after_s: u64,
}

/// Counts an attempt against all subjects, and gives its id, or refuses when one of them has reached its limit.
pub(crate) async fn attempt(tx: &mut Tx, subjects: &[Subject]) -> Result<Result<Uuid, Throttled>, DbError> {
    let since = tx.now().saturating_sub(WINDOW_MIN.minutes()).unwrap_or(tx.now());
    for subject in subjects {
        let counted = store::count_since(tx, &subject.key, since).await?;
        if counted.n >= subject.limit {
            let oldest = counted.oldest.map_or(tx.now(), kernel::timestamp);
            let wait = oldest.duration_since(since).as_secs();
            return Ok(Err(Throttled { retry_after_s: u64::try_from(wait).unwrap_or(0).max(1) }));
        }
    }
    let id = tx.new_id();
    for subject in subjects {
        store::insert(tx, id, &subject.key).await?;
    }
    crate::sweep::schedule(tx).await?;
    Ok(Ok(id))
}

/// Takes back one attempt: it was no failure.
pub(crate) async fn take_back(tx: &Tx, attempt: Uuid) -> Result<(), DbError> {
    store::delete(tx, attempt).await
}

/// Forgets all attempts against a subject: the right secret was given.
pub(crate) async fn forget(tx: &Tx, subject: &Subject) -> Result<(), DbError> {
    store::delete_subject(tx, &subject.key).await
}
