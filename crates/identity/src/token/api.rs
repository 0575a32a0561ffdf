//! API tokens on the wire.

use kernel::{FieldError, Permission, Ref, TeamId, TokenId, timestamp};
use serde::{Deserialize, Serialize};

use super::{TokenError, service::NewToken, store::TokenRow};

/// One of the caller's API tokens.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Token {
    /// Its id.
    pub id: TokenId,
    /// What it is for.
    pub name: String,
    /// What it allows.
    pub permissions: Vec<Permission>,
    /// The team whose records it sees; absent: what its owner sees.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team: Option<Ref>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: jiff::Timestamp,
    /// When it ends; absent: never.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<jiff::Timestamp>,
    /// When it was last used, to within five minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_used_at: Option<jiff::Timestamp>,
    /// Its first letters, to tell tokens apart.
    pub prefix: String,
}

impl From<TokenRow> for Token {
    fn from(row: TokenRow) -> Self {
        Self {
            id: row.id.into(),
            permissions: row.permissions().into_iter().collect(),
            team: Ref::joined(row.team_id, row.team_name),
            created_at: timestamp(row.created_at),
            expires_at: row.expires_at.map(timestamp),
            last_used_at: row.last_used_at.map(timestamp),
            name: row.name,
            prefix: row.prefix,
        }
    }
}

/// The caller's API tokens, newest first.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Tokens {
    /// All of them.
    pub items: Vec<Token>,
}

/// A token with its secret, which is shown this once.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct TokenWithSecret {
    /// The token.
    #[serde(flatten)]
    pub token: Token,
    /// Send it as `Authorization: Bearer ...`.
    pub secret: String,
}

/// A token to make.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateToken {
    /// What it is for.
    pub name: String,
    /// What it shall allow, such as `alerts:read`.
    pub permissions: Vec<String>,
    /// Sees this team's records only.
    #[schema(value_type = Option<uuid::Uuid>)]
    pub team_id: Option<TeamId>,
    /// When it ends; absent: never.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<jiff::Timestamp>,
}

impl TryFrom<CreateToken> for NewToken {
    type Error = TokenError;

    fn try_from(body: CreateToken) -> Result<Self, TokenError> {
        let unknown = |name: &String| {
            TokenError::Invalid(vec![FieldError::new("permissions", format!("There is no permission `{name}`."))])
        };
        let permissions = body.permissions.iter().map(|name| Permission::parse(name).ok_or_else(|| unknown(name)));
        Ok(Self {
            permissions: permissions.collect::<Result<_, _>>()?,
            name: body.name,
            team: body.team_id,
            expires_at: body.expires_at,
        })
    }
}
