//! Sessions on the wire.

use kernel::{SessionId, timestamp};
use serde::{Deserialize, Serialize};

use super::store::SessionRow;
use crate::person::api::Me;

/// A signed-in browser.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Session {
    /// Who is signed in.
    pub person: Me,
    /// To be sent as `X-CSRF-Token` with everything that changes something.
    pub csrf_token: String,
    /// When the session ends if it is not used.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: jiff::Timestamp,
}

/// Address and password.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenSession {
    /// The sign-in address.
    pub email: String,
    /// The password.
    pub password: String,
    /// The code of the second factor, or a recovery code.
    pub totp: Option<String>,
}

/// One of the caller's sessions.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SessionInfo {
    /// Its id.
    pub id: SessionId,
    /// When it was opened.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: jiff::Timestamp,
    /// When it was last used, to within five minutes.
    #[schema(value_type = String, format = DateTime)]
    pub last_seen_at: jiff::Timestamp,
    /// What the browser calls itself.
    pub user_agent: Option<String>,
    /// From where it was opened.
    pub ip: Option<String>,
    /// Whether this request came by it.
    pub current: bool,
}

impl SessionInfo {
    pub(crate) fn of(row: SessionRow, current: Option<SessionId>) -> Self {
        Self {
            id: row.id.into(),
            created_at: timestamp(row.created_at),
            last_seen_at: timestamp(row.last_seen_at),
            user_agent: row.user_agent,
            ip: row.ip,
            current: current.is_some_and(|id| id.0 == row.id),
        }
    }
}

/// The caller's sessions, last used first.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Sessions {
    /// All that have not ended.
    pub items: Vec<SessionInfo>,
}

/// Present and new password.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    /// The present password.
    pub current: String,
    /// The new one, of at least 10 characters.
    pub new: String,
}

/// Who forgot the password.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestReset {
    /// The sign-in address.
    pub email: String,
}

/// The new password.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResetPassword {
    /// Of at least 10 characters.
    pub password: String,
}

/// Whether the first administrator is still to be made.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SetupState {
    /// True when nobody exists yet.
    pub needed: bool,
}

/// The first administrator.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetUp {
    /// From the link that the server printed at its start.
    pub token: String,
    /// Full name.
    pub name: String,
    /// Sign-in address.
    pub email: String,
    /// Of at least 10 characters.
    pub password: String,
}
