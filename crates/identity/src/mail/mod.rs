//! The mails of this crate: invitations, password resets, verification codes, notices about the account.
//!
//! A mail is a job, written with the change that causes it. Its payload is sealed, since it names a person and
//! often holds a one-time link. The `Message-ID` comes from the job, so that a repeated delivery after a crash is
//! recognised as the same message.

pub(crate) mod jobs;

use platform::{
    DbError, NewJob, Tx,
    secret::{Vault, VaultError},
};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The kind of the job that sends a mail.
pub(crate) const KIND: &str = "identity.mail";

/// A mail to be sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Outgoing {
    /// Recipient's address.
    pub(crate) to: String,
    /// What it says.
    pub(crate) letter: Letter,
}

/// What a mail says.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Letter {
    /// You were invited.
    Invitation { name: String, token: String },
    /// Choose a new password.
    PasswordReset { name: String, token: String },
    /// Your password was changed.
    PasswordChanged { name: String },
    /// The second factor was switched on or off.
    SecondFactorChanged { name: String, on: bool },
    /// Enter this code to verify your contact.
    ContactCode { name: String, code: String },
    /// This is a test.
    ContactTest { name: String },
}

impl Letter {
    /// Subject and text.
    pub(crate) fn render(&self, organisation: &str, base_url: &str) -> (String, String) {
        match self {
            Self::Invitation { name, token } => (
                format!("You are invited to {organisation}"),
                format!(
                    "Hello {name},\n\nyou are invited to Bridgewatch at {organisation}. Choose a password here; the link works once, for seven days:\n\n{base_url}/invite/{token}\n"
                ),
            ),
            Self::PasswordReset { name, token } => (
                format!("Choose a new password for {organisation}"),
                format!(
                    "Hello {name},\n\nsomebody, hopefully you, asked for a new password. Choose it here; the link works once, for one hour:\n\n{base_url}/reset/{token}\n\nIf it was not you, ignore this mail: nothing has changed.\n"
                ),
            ),
            Self::PasswordChanged { name } => (
                format!("Your password for {organisation} was changed"),
                format!(
                    "Hello {name},\n\nyour password was changed and your other sessions were signed out. If it was not you, choose a new password at once and tell an administrator:\n\n{base_url}\n"
                ),
            ),
            Self::SecondFactorChanged { name, on } => {
                let state = if *on { "on" } else { "off" };
                (
                    format!("Two-step sign-in for {organisation} was switched {state}"),
                    format!(
                        "Hello {name},\n\ntwo-step sign-in was switched {state} for your account. If it was not you, change your password at once and tell an administrator:\n\n{base_url}\n"
                    ),
                )
            }
            Self::ContactCode { name, code } => (
                format!("Your verification code for {organisation}"),
                format!(
                    "Hello {name},\n\nenter this code in your profile to receive notifications at this address. It works for 15 minutes:\n\n    {code}\n\n{base_url}/me\n"
                ),
            ),
            Self::ContactTest { name } => (
                format!("Test message from {organisation}"),
                format!(
                    "Hello {name},\n\nthis is a test message. Notifications reach you at this address.\n\n{base_url}/me\n"
                ),
            ),
        }
    }
}

/// A mail could not be put aside for sending.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PostError {
    /// The vault did not seal it.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Sends a mail after the commit of this change.
pub(crate) async fn post(vault: &Vault, tx: &mut Tx, to: &str, letter: Letter) -> Result<(), PostError> {
    let outgoing = Outgoing { to: to.to_owned(), letter };
    let text = serde_json::to_vec(&outgoing).map_err(|error| DbError::Corrupt(error.to_string()))?;
    let sealed = vault.seal(&text)?;
    let key = tx.new_id().to_string();
    Ok(tx.schedule(NewJob::now(KIND, key, json!({ "sealed": sealed }))).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_stands_on_a_line_of_its_own() {
        let letter = Letter::Invitation { name: "Ana".into(), token: "abc".into() };
        let (subject, text) = letter.render("Nordhaven", "https://bw.example");
        assert_eq!(subject, "You are invited to Nordhaven");
        assert!(text.contains("\nhttps://bw.example/invite/abc\n"));
    }
}
