//! SQL of API tokens.

use std::collections::BTreeSet;

use jiff::Timestamp;
use kernel::{Permission, PersonId, TeamId, TokenId};
use platform::db::FromRow;
use platform::{DbError, Sql, Tx, params};
use uuid::Uuid;

/// A token as stored.
#[derive(Clone, Debug, FromRow)]
pub struct TokenRow {
    pub id: Uuid,
    pub name: String,
    pub prefix: String,
    pub permissions: serde_json::Value,
    pub team_id: Option<Uuid>,
    pub team_name: Option<String>,
    pub created_at: i64,
    pub expires_at: Option<i64>,
    pub last_used_at: Option<i64>,
}

impl TokenRow {
    /// What the token was given.
    pub fn permissions(&self) -> BTreeSet<Permission> {
        permissions(&self.permissions)
    }
}

/// A token with what its owner is now.
#[derive(Clone, Debug, FromRow)]
pub struct OwnedRow {
    pub id: Uuid,
    pub person_id: Uuid,
    pub role: String,
    pub active: bool,
    pub permissions: serde_json::Value,
    pub team_id: Option<Uuid>,
    pub memberships: i64,
    pub expires_at: Option<i64>,
    pub last_used_at: Option<i64>,
}

impl OwnedRow {
    /// What the token was given.
    pub fn permissions(&self) -> BTreeSet<Permission> {
        permissions(&self.permissions)
    }
}

/// Reads stored permissions. One that no longer exists is left out.
fn permissions(stored: &serde_json::Value) -> BTreeSet<Permission> {
    let names = stored.as_array().map(Vec::as_slice).unwrap_or_default();
    names.iter().filter_map(|name| Permission::parse(name.as_str()?)).collect()
}

const COLUMNS: &str =
    "k.id, k.name, k.prefix, k.permissions, k.team_id, t.name AS team_name, k.created_at, k.expires_at, k.last_used_at";

/// The tokens of a person, newest first.
pub async fn list(sql: &impl Sql, person: PersonId) -> Result<Vec<TokenRow>, DbError> {
    let text = format!(
        "SELECT {COLUMNS} FROM tokens k LEFT JOIN teams t ON t.id = k.team_id WHERE k.person_id = $1 ORDER BY k.seq DESC"
    );
    sql.all(&text, params![person]).await
}

/// One token of a person.
pub async fn find(sql: &impl Sql, person: PersonId, id: TokenId) -> Result<Option<TokenRow>, DbError> {
    let text = format!(
        "SELECT {COLUMNS} FROM tokens k LEFT JOIN teams t ON t.id = k.team_id WHERE k.id = $1 AND k.person_id = $2"
    );
    sql.one(&text, params![id, person]).await
}

const OWNED: &str = "SELECT k.id, k.person_id, p.role, p.active, k.permissions, k.team_id, k.expires_at, k.last_used_at, \
     (SELECT COUNT(*) FROM team_members m WHERE m.team_id = k.team_id AND m.person_id = k.person_id) AS memberships \
     FROM tokens k JOIN people p ON p.id = k.person_id";

/// The token with this hash. For authentication only.
pub async fn find_by_hash(sql: &impl Sql, hash: &str) -> Result<Option<OwnedRow>, DbError> {
    sql.one(&format!("{OWNED} WHERE k.token_hash = $1"), params![hash]).await
}

/// The token with this id. For authentication only.
pub async fn find_owned(sql: &impl Sql, id: TokenId) -> Result<Option<OwnedRow>, DbError> {
    sql.one(&format!("{OWNED} WHERE k.id = $1"), params![id]).await
}

/// A token to be stored.
pub struct NewRow<'a> {
    pub id: TokenId,
    pub person: PersonId,
    pub name: &'a str,
    pub prefix: &'a str,
    pub hash: &'a str,
    pub permissions: &'a BTreeSet<Permission>,
    pub team: Option<TeamId>,
    pub expires_at: Option<Timestamp>,
}

/// Stores a token.
pub async fn insert(tx: &Tx, row: &NewRow<'_>) -> Result<(), DbError> {
    let names: serde_json::Value = row.permissions.iter().map(|permission| permission.as_str()).collect();
    let text = "INSERT INTO tokens (id, person_id, name, prefix, token_hash, permissions, team_id, created_at, expires_at) \
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    tx.execute(
        text,
        params![row.id, row.person, row.name, row.prefix, row.hash, names, row.team, tx.now(), row.expires_at],
    )
    .await?;
    Ok(())
}

/// Notes that a token was used.
pub async fn update_last_used(tx: &Tx, id: TokenId) -> Result<(), DbError> {
    tx.execute("UPDATE tokens SET last_used_at = $2 WHERE id = $1", params![id, tx.now()]).await?;
    Ok(())
}

/// Removes a token of a person; false when there was none.
pub async fn delete(tx: &Tx, person: PersonId, id: TokenId) -> Result<bool, DbError> {
    Ok(tx.execute("DELETE FROM tokens WHERE id = $1 AND person_id = $2", params![id, person]).await? == 1)
}
