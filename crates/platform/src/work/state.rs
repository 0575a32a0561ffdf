//! How far background work is: for the doctor and for metrics.

use jiff::Timestamp;

use crate::{
    db::{DbError, FromRow, Sql},
    params,
};

/// Jobs of one kind.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Queue {
    /// The kind.
    pub kind: String,
    /// Waiting, timers too.
    pub pending: i64,
    /// Waiting although they are due.
    pub due: i64,
    /// When the longest waiting of these was due, in microseconds.
    pub oldest_due: Option<i64>,
    /// Put aside.
    pub dead: i64,
    /// Claimed by a node at this moment.
    pub leased: i64,
}

/// A reader of the event log.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Follower {
    /// Its name.
    pub name: String,
    /// Placed events that it has not handled.
    pub behind: i64,
    /// How often it has failed at the next one.
    pub failures: i64,
    /// Why.
    pub last_error: Option<String>,
}

/// All kinds of jobs that there are rows of, by name.
///
/// # Errors
/// When the database fails.
pub async fn queues(sql: &impl Sql, now: Timestamp) -> Result<Vec<Queue>, DbError> {
    let text = "SELECT kind, COUNT(CASE WHEN state = 'pending' THEN 1 END) AS pending, \
        COUNT(CASE WHEN state = 'pending' AND due_at <= $1 THEN 1 END) AS due, \
        MIN(CASE WHEN state = 'pending' AND due_at <= $1 THEN due_at END) AS oldest_due, \
        COUNT(CASE WHEN state = 'dead' THEN 1 END) AS dead, \
        COUNT(CASE WHEN lease_until >= $1 THEN 1 END) AS leased FROM jobs GROUP BY kind ORDER BY kind";
    sql.all(text, params![now]).await
}

/// All readers, by name.
///
/// # Errors
/// When the database fails.
pub async fn followers(sql: &impl Sql) -> Result<Vec<Follower>, DbError> {
    let text = "SELECT r.name, s.position - r.position AS behind, r.failures, r.last_error \
        FROM readers r CROSS JOIN sequencer s WHERE s.id = 1 ORDER BY r.name";
    sql.all(text, vec![]).await
}
