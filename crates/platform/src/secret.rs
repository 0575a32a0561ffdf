//! Randomness, hashing of tokens, and the vault that seals secrets.
//!
//! **Envelope**: each secret is sealed under a fresh data key with XChaCha20-Poly1305; the data key is sealed under
//! the vault key, which stands in a file, a variable or a KMS, never in the database. Rotation re-wraps data keys.
//! The format is `v1.<wrapped key>.<sealed text>`, base64 without padding.

use std::cell::RefCell;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, aead::Aead};
use hmac::{Hmac, Mac};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Fills an array from the operating system's generator.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0_u8; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// 32 random bytes as URL-safe text.
pub fn random_token() -> String {
    URL_SAFE_NO_PAD.encode(random_bytes::<32>())
}

/// The SHA-256 of a token, in hex: what is stored in place of a long random token.
pub fn hash_token(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

thread_local! {
    /// Random parts of ids to come. Ids are no secrets, so one call of the system may draw many.
    static DRAWN: RefCell<Vec<[u8; 10]>> = const { RefCell::new(Vec::new()) };
}

/// A UUIDv7 of this instant.
pub fn new_id(now: Timestamp) -> Uuid {
    let random = DRAWN.with_borrow_mut(|drawn| {
        if drawn.is_empty() {
            drawn.extend_from_slice(random_bytes::<640>().as_chunks().0);
        }
        drawn.pop().unwrap_or_else(random_bytes)
    });
    let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

/// Equality that takes the same time whatever differs.
pub fn equal(a: &str, b: &str) -> bool {
    subtle::ConstantTimeEq::ct_eq(a.as_bytes(), b.as_bytes()).into()
}

/// A sealed value could not be opened.
#[derive(Debug, thiserror::Error)]
#[error("a sealed value cannot be opened: it was sealed with another vault key, or is damaged")]
pub struct VaultError;

/// Seals secrets and signs links. Cheap to clone.
#[derive(Clone)]
pub struct Vault {
    key: [u8; 32],
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault(…)")
    }
}

impl Vault {
    /// A vault under this key.
    pub fn new(key: [u8; 32]) -> Self {
        Self { key }
    }

    /// Reads a key written by [`Vault::generate_key`].
    pub fn from_text(text: &str) -> Option<Self> {
        URL_SAFE_NO_PAD.decode(text.trim()).ok()?.try_into().ok().map(Self::new)
    }

    /// A fresh key as text, for the key file.
    pub fn generate_key() -> String {
        random_token()
    }

    /// Seals a secret for storage.
    ///
    /// # Errors
    /// Never in practice: the cipher only refuses texts of many gigabytes.
    pub fn seal(&self, secret: &[u8]) -> Result<String, VaultError> {
        let data_key = random_bytes::<32>();
        Ok(format!("v1.{}.{}", encrypt(&self.key, &data_key)?, encrypt(&data_key, secret)?))
    }

    /// Opens what [`Vault::seal`] gave.
    ///
    /// # Errors
    /// [`VaultError`] when the key is another or the text is damaged.
    pub fn open(&self, sealed: &str) -> Result<Vec<u8>, VaultError> {
        let mut parts = sealed.splitn(3, '.');
        let (Some("v1"), Some(wrapped), Some(text)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(VaultError);
        };
        let data_key: [u8; 32] = decrypt(&self.key, wrapped)?.try_into().map_err(|_| VaultError)?;
        decrypt(&data_key, text)
    }

    /// An HMAC-SHA-256 over `message`, bound to `purpose`, as URL-safe text.
    pub fn sign(&self, purpose: &str, message: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(self.mac(purpose, message).finalize().into_bytes())
    }

    /// Whether `signature` is what [`Vault::sign`] gives, in constant time.
    pub fn verify(&self, purpose: &str, message: &[u8], signature: &str) -> bool {
        URL_SAFE_NO_PAD.decode(signature).is_ok_and(|bytes| self.mac(purpose, message).verify_slice(&bytes).is_ok())
    }

    fn mac(&self, purpose: &str, message: &[u8]) -> Hmac<Sha256> {
        let mut mac =
            <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(message);
        mac
    }
}

fn encrypt(key: &[u8; 32], text: &[u8]) -> Result<String, VaultError> {
    let nonce = random_bytes::<24>();
    let sealed = XChaCha20Poly1305::new(key.into()).encrypt((&nonce).into(), text).map_err(|_| VaultError)?;
    Ok(URL_SAFE_NO_PAD.encode([nonce.as_slice(), &sealed].concat()))
}

fn decrypt(key: &[u8; 32], text: &str) -> Result<Vec<u8>, VaultError> {
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| VaultError)?;
    let (nonce, sealed) = bytes.split_first_chunk::<24>().ok_or(VaultError)?;
    XChaCha20Poly1305::new(key.into()).decrypt(nonce.into(), sealed).map_err(|_| VaultError)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sealed_secrets_open_only_under_their_key() {
        let vault = Vault::new([7; 32]);
        let sealed = vault.seal(b"hunter2").unwrap();
        assert!(!sealed.contains("hunter2"));
        assert_eq!(vault.open(&sealed).unwrap(), b"hunter2");
        assert!(Vault::new([8; 32]).open(&sealed).is_err());
        assert!(vault.open(&sealed[..sealed.len() - 2]).is_err());
        assert!(vault.open("nonsense").is_err());
    }

    #[test]
    fn signatures_are_bound_to_their_purpose() {
        let vault = Vault::new([7; 32]);
        let signature = vault.sign("ack", b"alert");
        assert!(vault.verify("ack", b"alert", &signature));
        assert!(!vault.verify("reset", b"alert", &signature));
        assert!(!vault.verify("ack", b"other", &signature));
    }
}
