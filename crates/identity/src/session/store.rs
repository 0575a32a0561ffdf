//! SQL of browser sessions.

use jiff::Timestamp;
use kernel::{PersonId, SessionId};
use platform::db::FromRow;
use platform::{DbError, Sql, Tx, params};
use uuid::Uuid;

use super::Browser;

/// A session as stored.
#[derive(Clone, Debug, FromRow)]
pub struct SessionRow {
    pub id: Uuid,
    pub user_agent: Option<String>,
    pub ip: Option<String>,
    pub created_at: i64,
    pub last_seen_at: i64,
    pub expires_at: i64,
}

/// A session with what its person is now.
#[derive(Clone, Debug, FromRow)]
pub struct OwnedRow {
    pub id: Uuid,
    pub person_id: Uuid,
    pub role: String,
    pub created_at: i64,
    pub last_seen_at: i64,
}

const COLUMNS: &str = "id, user_agent, ip, created_at, last_seen_at, expires_at";

const OWNED: &str = "SELECT s.id, s.person_id, p.role, s.created_at, s.last_seen_at \
     FROM sessions s JOIN people p ON p.id = s.person_id WHERE s.expires_at > $1 AND p.active";

/// The session with this token hash that has not ended, of an active person. For authentication only.
pub async fn find_by_hash(sql: &impl Sql, hash: &str, now: Timestamp) -> Result<Option<OwnedRow>, DbError> {
    sql.one(&format!("{OWNED} AND s.token_hash = $2"), params![now, hash]).await
}

/// The same by id. For authentication only.
pub async fn find_owned(sql: &impl Sql, id: SessionId, now: Timestamp) -> Result<Option<OwnedRow>, DbError> {
    sql.one(&format!("{OWNED} AND s.id = $2"), params![now, id]).await
}

/// The sessions of a person that have not ended, last used first.
pub async fn list(sql: &impl Sql, person: PersonId, now: Timestamp) -> Result<Vec<SessionRow>, DbError> {
    let text = format!(
        "SELECT {COLUMNS} FROM sessions WHERE person_id = $1 AND expires_at > $2 ORDER BY last_seen_at DESC, seq DESC"
    );
    sql.all(&text, params![person, now]).await
}

/// One session of a person.
pub async fn find(sql: &impl Sql, person: PersonId, id: SessionId) -> Result<Option<SessionRow>, DbError> {
    sql.one(&format!("SELECT {COLUMNS} FROM sessions WHERE id = $1 AND person_id = $2"), params![id, person]).await
}

/// Stores a session.
pub async fn insert(
    tx: &Tx,
    id: SessionId,
    person: PersonId,
    hash: &str,
    browser: &Browser,
    expires_at: Timestamp,
) -> Result<(), DbError> {
    let text = "INSERT INTO sessions (id, person_id, token_hash, user_agent, ip, created_at, last_seen_at, expires_at) \
                VALUES ($1, $2, $3, $4, $5, $6, $6, $7)";
    tx.execute(text, params![id, person, hash, browser.user_agent.clone(), browser.ip.clone(), tx.now(), expires_at])
        .await?;
    Ok(())
}

/// Notes that a session was used.
pub async fn update_seen(tx: &Tx, id: SessionId, expires_at: Timestamp) -> Result<(), DbError> {
    let text = "UPDATE sessions SET last_seen_at = $2, expires_at = $3 WHERE id = $1";
    tx.execute(text, params![id, tx.now(), expires_at]).await?;
    Ok(())
}

#[derive(FromRow)]
struct IdRow {
    id: Uuid,
}

/// Ends a session of a person; false when there was none.
pub async fn delete(tx: &Tx, person: PersonId, id: SessionId) -> Result<bool, DbError> {
    Ok(tx.execute("DELETE FROM sessions WHERE id = $1 AND person_id = $2", params![id, person]).await? == 1)
}

/// Ends all sessions of a person, but for one. Gives those that ended.
pub async fn delete_all(tx: &Tx, person: PersonId, but: Option<SessionId>) -> Result<Vec<SessionId>, DbError> {
    let text = "SELECT id FROM sessions WHERE person_id = $1";
    let rows: Vec<IdRow> = tx.all(text, params![person]).await?;
    let mut ended = Vec::new();
    for row in rows {
        let id = SessionId(row.id);
        if Some(id) != but && delete(tx, person, id).await? {
            ended.push(id);
        }
    }
    Ok(ended)
}
