//! Password hashing: argon2id with the library's parameters (19 MiB, 2 passes), away from the runtime's threads.
//!
//! **Invariants**
//! - [`verify`] takes the same time whether or not there is a hash to compare with: without one it works on
//!   a made-up hash, so that an answer's delay does not tell which accounts exist.
//! - No more hashes are computed at once than there are processors: each takes 19 MiB, and a flood of sign-ins
//!   must not take the memory of the process.

use std::sync::{LazyLock, OnceLock};

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use kernel::FieldError;
use tokio::sync::Semaphore;

/// Shortest password accepted, in characters.
pub const MIN_LENGTH: usize = 10;
/// Longest password accepted, in bytes: longer ones only make hashing slow.
pub const MAX_BYTES: usize = 1024;

static SLOTS: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(std::thread::available_parallelism().map_or(2, usize::from)));
static DUMMY: OnceLock<String> = OnceLock::new();

/// Hashing failed: the random generator or the runtime refused.
#[derive(Debug, thiserror::Error)]
#[error("a password could not be hashed")]
pub struct HashError;

/// Complains about a password that is too short, too long, or made from the address.
pub fn check(password: &str, email: &str, field: &str) -> Result<(), FieldError> {
    if password.chars().count() < MIN_LENGTH {
        return Err(FieldError::new(field, format!("A password needs at least {MIN_LENGTH} characters.")));
    }
    if password.len() > MAX_BYTES {
        return Err(FieldError::new(field, format!("A password may have at most {MAX_BYTES} bytes.")));
    }
    let lower = password.to_lowercase();
    let mut letters = lower.chars();
    let first = letters.next();
    if letters.all(|letter| Some(letter) == first) || (!email.is_empty() && lower == email.to_lowercase()) {
        return Err(FieldError::new(field, "This password is too easy to guess. Choose another one."));
    }
    Ok(())
}

/// The hash to store, in PHC format.
pub async fn hash(password: String) -> Result<String, HashError> {
    on_slot(move || hash_now(password.as_bytes())).await?
}

/// Whether the password belongs to the stored hash. Without a stored hash the answer is no, after the same work.
pub async fn verify(password: String, stored: Option<String>) -> Result<bool, HashError> {
    on_slot(move || {
        let dummy = match DUMMY.get() {
            Some(dummy) => dummy,
            None => {
                let made = hash_now(b"nobody has this password")?;
                DUMMY.get_or_init(|| made)
            }
        };
        // An over-long password cannot be right; it is cut so that it costs no more than another one.
        let too_long = password.len() > MAX_BYTES;
        let bytes = &password.as_bytes()[..password.len().min(MAX_BYTES)];
        let known = stored.is_some();
        let text = stored.as_deref().unwrap_or(dummy);
        let parsed = PasswordHash::new(text).map_err(|_| HashError)?;
        let right = Argon2::default().verify_password(bytes, &parsed).is_ok();
        Ok(right && known && !too_long)
    })
    .await?
}

fn hash_now(password: &[u8]) -> Result<String, HashError> {
    let hash: PasswordHash = Argon2::default().hash_password(password).map_err(|_| HashError)?;
    Ok(hash.to_string())
}

async fn on_slot<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, HashError> {
    let _slot = SLOTS.acquire().await.map_err(|_| HashError)?;
    tokio::task::spawn_blocking(work).await.map_err(|_| HashError)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_hash_fits_its_password_only() {
        let stored = hash("correct horse battery".into()).await.unwrap();
        assert!(stored.starts_with("$argon2id$"));
        assert!(verify("correct horse battery".into(), Some(stored.clone())).await.unwrap());
        assert!(!verify("correct horse batter".into(), Some(stored)).await.unwrap());
        assert!(!verify("nobody has this password".into(), None).await.unwrap());
    }

    #[test]
    fn weak_passwords_are_refused() {
        assert!(check("short", "", "password").is_err());
        assert!(check("aaaaaaaaaaaa", "", "password").is_err());
        assert!(check("Ana@nordhaven.example", "ana@nordhaven.example", "password").is_err());
        assert!(check("a long enough one", "ana@nordhaven.example", "password").is_ok());
    }
}
