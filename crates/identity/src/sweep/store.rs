//! SQL of the sweep.

use jiff::Timestamp;
use platform::{DbError, Sql, Tx, params};

/// Removes sessions that ended before an instant.
pub async fn delete_ended_sessions(tx: &Tx, before: Timestamp) -> Result<(), DbError> {
    tx.execute("DELETE FROM sessions WHERE expires_at <= $1", params![before]).await?;
    Ok(())
}

/// Removes links that ended before an instant.
pub async fn delete_ended_links(tx: &Tx, before: Timestamp) -> Result<(), DbError> {
    tx.execute("DELETE FROM one_time_links WHERE expires_at <= $1", params![before]).await?;
    Ok(())
}
