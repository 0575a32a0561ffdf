//! The second factor on the wire.

use serde::{Deserialize, Serialize};

use super::service::Enrolment;

/// A fresh secret, to be entered into an authenticator app.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct TotpEnrolment {
    /// In base32, for typing.
    pub secret: String,
    /// For authenticator apps.
    pub otpauth_url: String,
    /// The same as a QR code.
    pub qr_svg: String,
}

impl From<Enrolment> for TotpEnrolment {
    fn from(enrolment: Enrolment) -> Self {
        Self { secret: enrolment.secret, otpauth_url: enrolment.otpauth_url, qr_svg: enrolment.qr_svg }
    }
}

/// A code that shows that the device has the secret.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmTotp {
    /// Six digits.
    pub code: String,
}

/// Codes for the day on which the device is lost; each works once. Shown this once.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RecoveryCodes {
    /// Ten of them.
    pub recovery_codes: Vec<String>,
}

/// The password, entered again.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SwitchOffTotp {
    /// The caller's password.
    pub password: String,
}
