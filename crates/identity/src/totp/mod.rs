//! The second factor: time-based one-time passwords (RFC 6238) and recovery codes.
//!
//! **Vocabulary.** A secret is *unconfirmed* until the person has entered a code made with it; until then sign-in
//! does not ask for one. A *recovery code* stands in for a lost device, once.
//!
//! **Invariants**
//! - The secret is sealed in the vault; recovery codes are stored as hashes.
//! - Each time step is accepted once: a code that was seen over a shoulder cannot be used again.
//! - Switching it on or off is told by mail.

pub mod api;
mod error;
pub mod routes;
pub mod service;
pub(crate) mod store;

use jiff::Timestamp;
use platform::secret::{self, Vault};
use totp_rs::{Builder, Secret, Totp};

pub use self::error::TotpError;

/// Recovery codes made at a time.
const RECOVERY_CODES: usize = 10;
/// Letters of recovery codes: none that look like another.
const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";

fn totp(secret: &[u8]) -> Result<Totp, TotpError> {
    Builder::new().with_secret(Secret::from(secret.to_vec())).build().map_err(|_| TotpError::Vault)
}

/// The time step of a right code.
fn matching_step(secret: &[u8], code: &str, now: Timestamp) -> Result<Option<i64>, TotpError> {
    let seconds = u64::try_from(now.as_second()).unwrap_or(0);
    let step = totp(secret)?.check(code.trim(), seconds);
    Ok(step.and_then(|step| i64::try_from(step).ok()))
}

/// What is stored of a recovery code: 50 random bits, keyed so that the database alone does not allow searching.
fn recovery_hash(vault: &Vault, code: &str) -> String {
    let plain: String = code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    vault.sign("recovery code", plain.as_bytes())
}

/// A recovery code such as `k3m9x-22abc`.
fn random_recovery_code() -> String {
    let letters = secret::random_bytes::<10>().map(|byte| char::from(ALPHABET[usize::from(byte % 32)]));
    let (left, right) = letters.split_at(5);
    format!("{}-{}", left.iter().collect::<String>(), right.iter().collect::<String>())
}

/// Percent-encodes for the otpauth address.
fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// The address that authenticator apps read from the QR code.
fn otpauth_url(organisation: &str, email: &str, secret_base32: &str) -> String {
    let issuer = encoded(organisation);
    format!("otpauth://totp/{issuer}:{}?secret={secret_base32}&issuer={issuer}", encoded(email))
}

/// The QR code of a text as a self-contained SVG.
fn qr_svg(text: &str) -> Result<String, TotpError> {
    let code = qrcodegen::QrCode::encode_text(text, qrcodegen::QrCodeEcc::Medium).map_err(|_| TotpError::Vault)?;
    let border = 4;
    let size = code.size() + 2 * border;
    let mut path = String::new();
    for y in 0..code.size() {
        for x in 0..code.size() {
            if code.get_module(x, y) {
                path.push_str(&format!("M{} {}h1v1h-1z", x + border, y + border));
            }
        }
    }
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {size} {size}\" role=\"img\" aria-label=\"QR code\" \
         shape-rendering=\"crispEdges\"><rect width=\"{size}\" height=\"{size}\" fill=\"#fff\"/><path d=\"{path}\" fill=\"#000\"/></svg>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The SHA-1 key of RFC 6238, appendix B.
    const KEY: &[u8] = b"12345678901234567890";

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn codes_of_the_rfc() {
        // The appendix gives eight digits; six-digit codes are their ends.
        assert_eq!(matching_step(KEY, "287082", at(59)).unwrap(), Some(1));
        assert_eq!(matching_step(KEY, "081804", at(1_111_111_109)).unwrap(), Some(37_037_036));
        assert_eq!(matching_step(KEY, "287082", at(59 + 120)).unwrap(), None);
        assert_eq!(matching_step(KEY, "nonsense", at(59)).unwrap(), None);
    }

    #[test]
    fn recovery_codes_are_read_whatever_the_spelling() {
        let vault = Vault::new([1; 32]);
        let code = random_recovery_code();
        assert_eq!(code.len(), 11);
        assert_eq!(
            recovery_hash(&vault, &code),
            recovery_hash(&vault, &format!(" {} ", code.to_uppercase().replace('-', " ")))
        );
        assert_ne!(recovery_hash(&vault, &code), recovery_hash(&vault, &random_recovery_code()));
    }

    #[test]
    fn the_address_is_encoded() {
        let url = otpauth_url("Nord & Haven", "ana+x@nordhaven.example", "ABC");
        assert_eq!(
            url,
            "otpauth://totp/Nord%20%26%20Haven:ana%2Bx%40nordhaven.example?secret=ABC&issuer=Nord%20%26%20Haven"
        );
        assert!(qr_svg(&url).unwrap().starts_with("<svg"));
    }
}
