//! SQL of counted attempts.

use jiff::Timestamp;
use platform::db::FromRow;
use platform::{DbError, Sql, Tx, params};
use uuid::Uuid;

/// How many attempts, and when the first of them was.
#[derive(Clone, Debug, Default, FromRow)]
pub struct Counted {
    pub n: i64,
    pub oldest: Option<i64>,
}

/// Attempts against a subject after an instant.
pub async fn count_since(sql: &impl Sql, subject: &str, since: Timestamp) -> Result<Counted, DbError> {
    let text = "SELECT COUNT(*) AS n, MIN(at) AS oldest FROM sign_in_attempts WHERE subject = $1 AND at > $2";
    Ok(sql.one(text, params![subject, since]).await?.unwrap_or_default())
}

/// Counts an attempt against one subject.
pub async fn insert(tx: &Tx, id: Uuid, subject: &str) -> Result<(), DbError> {
    tx.execute("INSERT INTO sign_in_attempts (id, subject, at) VALUES ($1, $2, $3)", params![id, subject, tx.now()])
        .await?;
    Ok(())
}

/// Takes one attempt back from all its subjects.
pub async fn delete(tx: &Tx, id: Uuid) -> Result<(), DbError> {
    tx.execute("DELETE FROM sign_in_attempts WHERE id = $1", params![id]).await?;
    Ok(())
}

/// Forgets a subject.
pub async fn delete_subject(tx: &Tx, subject: &str) -> Result<(), DbError> {
    tx.execute("DELETE FROM sign_in_attempts WHERE subject = $1", params![subject]).await?;
    Ok(())
}

/// Removes attempts that no longer count.
pub async fn delete_before(tx: &Tx, before: Timestamp) -> Result<(), DbError> {
    tx.execute("DELETE FROM sign_in_attempts WHERE at <= $1", params![before]).await?;
    Ok(())
}
