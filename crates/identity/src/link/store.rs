//! SQL of one-time links.

use jiff::Timestamp;
use kernel::PersonId;
use platform::db::FromRow;
use platform::{DbError, Sql, Tx, params};
use uuid::Uuid;

/// A link as stored.
#[derive(Clone, Debug, FromRow)]
pub struct LinkRow {
    pub id: Uuid,
    pub person_id: Option<Uuid>,
}

/// Stores a link.
pub async fn insert(
    tx: &Tx,
    purpose: &str,
    person: Option<PersonId>,
    token_hash: &str,
    until: Timestamp,
) -> Result<(), DbError> {
    let text = "INSERT INTO one_time_links (id, purpose, person_id, token_hash, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)";
    tx.execute(text, params![tx.new_id(), purpose, person, token_hash, tx.now(), until]).await?;
    Ok(())
}

/// The unused link of this purpose and token hash that has not ended.
pub async fn find_open(
    sql: &impl Sql,
    purpose: &str,
    token_hash: &str,
    now: Timestamp,
) -> Result<Option<LinkRow>, DbError> {
    let text = "SELECT id, person_id FROM one_time_links WHERE token_hash = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3";
    sql.one(text, params![token_hash, purpose, now]).await
}

/// Marks a link as used; false when it was already.
pub async fn use_up(tx: &Tx, id: Uuid) -> Result<bool, DbError> {
    let text = "UPDATE one_time_links SET used_at = $2 WHERE id = $1 AND used_at IS NULL";
    Ok(tx.execute(text, params![id, tx.now()]).await? == 1)
}

/// Marks all open links of a purpose as used; false when there was none.
pub async fn use_up_all(tx: &Tx, purpose: &str) -> Result<bool, DbError> {
    let text = "UPDATE one_time_links SET used_at = $2 WHERE purpose = $1 AND used_at IS NULL";
    Ok(tx.execute(text, params![purpose, tx.now()]).await? > 0)
}

/// Ends a person's open links of a purpose.
pub async fn end_all(tx: &Tx, purpose: &str, person: PersonId) -> Result<(), DbError> {
    let text = "UPDATE one_time_links SET used_at = $3 WHERE person_id = $1 AND purpose = $2 AND used_at IS NULL";
    tx.execute(text, params![person, purpose, tx.now()]).await?;
    Ok(())
}
