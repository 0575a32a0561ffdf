//! SQL of readers and jobs.

use jiff::Timestamp;
use kernel::{JobId, PageRequest};
use serde_json::Value;
use uuid::Uuid;

use super::{Finished, Job, NewJob};
use crate::{
    db::{Backend, Db, DbError, FromRow, Sql, Tx, placeholders},
    params,
};

/// Rows claimed at once.
const CLAIM: i64 = 32;

#[derive(FromRow)]
struct JobRow {
    id: Uuid,
    kind: String,
    key: String,
    due_at: i64,
    payload: Value,
    attempt: i64,
    max_attempts: i64,
    fence: i64,
}

impl From<JobRow> for Job {
    fn from(row: JobRow) -> Self {
        Self {
            id: row.id.into(),
            kind: row.kind,
            key: row.key,
            due_at: kernel::timestamp(row.due_at),
            payload: row.payload,
            attempt: row.attempt,
            max_attempts: row.max_attempts,
            fence: row.fence,
        }
    }
}

/// No two of them may have the same kind and key.
pub(crate) async fn upsert(tx: &Tx, jobs: Vec<NewJob>) -> Result<(), DbError> {
    let mut values = Vec::with_capacity(jobs.len() * 10);
    for job in jobs {
        let due = job.due_at.unwrap_or_else(|| tx.now());
        let (state, none) = ("pending", 0_i64);
        let row =
            params![tx.new_id(), job.kind, job.key, state, due, job.payload, none, job.max_attempts, none, tx.now()];
        values.extend(row);
    }
    let head = "INSERT INTO jobs (id, kind, key, state, due_at, payload, attempt, max_attempts, fence, created_at)";
    let tail = "ON CONFLICT (kind, key) DO UPDATE SET state = 'pending', due_at = excluded.due_at, payload = excluded.payload, \
                attempt = 0, max_attempts = excluded.max_attempts, fence = jobs.fence + 1, lease_until = NULL, \
                lease_owner = NULL, last_error = NULL";
    tx.insert_rows(head, values, tail).await.map(drop)
}

pub(crate) async fn delete_by_key(tx: &Tx, kind: &str, key: &str) -> Result<(), DbError> {
    tx.execute("DELETE FROM jobs WHERE kind = $1 AND key = $2", params![kind, key]).await.map(drop)
}

pub(crate) async fn finish(tx: &Tx, job: &Job) -> Result<Finished, DbError> {
    let rows = tx.execute("DELETE FROM jobs WHERE id = $1 AND fence = $2", params![job.id, job.fence]).await?;
    if rows == 1 { Ok(Finished(())) } else { Err(DbError::LeaseLost) }
}

/// The kinds of jobs to look for.
#[derive(Clone, Debug, Default)]
pub(super) struct Kinds {
    /// Those that send nothing.
    pub(super) inner: Vec<&'static str>,
    /// Those that a hold stops.
    pub(super) outgoing: Vec<&'static str>,
}

impl Kinds {
    /// Each kind alone, with its name.
    pub(super) fn apart(self) -> impl Iterator<Item = (&'static str, Self)> {
        let inner = self.inner.into_iter().map(|kind| (kind, Self { inner: vec![kind], outgoing: vec![] }));
        inner.chain(self.outgoing.into_iter().map(|kind| (kind, Self { inner: vec![], outgoing: vec![kind] })))
    }

    /// A condition for these kinds, with its parameters appended.
    fn condition(&self, values: &mut Vec<sea_orm::Value>) -> String {
        let mut list = |kinds: &[&str]| {
            let places = placeholders(values.len() + 1, kinds.len());
            values.extend(kinds.iter().map(|kind| sea_orm::Value::from(*kind)));
            places
        };
        let mut either = Vec::new();
        if !self.inner.is_empty() {
            either.push(format!("kind IN ({})", list(&self.inner)));
        }
        if !self.outgoing.is_empty() {
            either.push(format!("kind IN ({}) AND NOT EXISTS (SELECT 1 FROM outgoing_hold)", list(&self.outgoing)));
        }
        if either.is_empty() { "FALSE".to_owned() } else { format!("({})", either.join(" OR ")) }
    }
}

/// Whether any job of these kinds is due: a cheap look before claiming.
pub(super) async fn is_due(db: &Db, now: Timestamp, kinds: &Kinds) -> Result<bool, DbError> {
    let mut values = params![now];
    let kinds = kinds.condition(&mut values);
    let sql = format!(
        "SELECT due_at AS position FROM jobs WHERE state = 'pending' AND due_at <= $1 \
         AND (lease_until IS NULL OR lease_until < $1) AND {kinds} LIMIT 1"
    );
    Ok(db.read().one::<PositionRow>(&sql, values).await?.is_some())
}

/// Claims due jobs, the longest due first.
pub(super) async fn claim(tx: &Tx, node: &str, kinds: &Kinds) -> Result<Vec<Job>, DbError> {
    let skip = if tx.backend() == Backend::Postgres { "FOR UPDATE SKIP LOCKED" } else { "" };
    let mut values = params![tx.now(), tx.now() + Db::LEASE, node];
    let kinds = kinds.condition(&mut values);
    let sql = format!(
        "UPDATE jobs SET fence = fence + 1, attempt = attempt + 1, lease_until = $2, lease_owner = $3 WHERE id IN (\
         SELECT id FROM jobs WHERE state = 'pending' AND due_at <= $1 AND (lease_until IS NULL OR lease_until < $1) \
         AND {kinds} ORDER BY due_at LIMIT {CLAIM} {skip}) \
         RETURNING id, kind, key, due_at, payload, attempt, max_attempts, fence"
    );
    let mut jobs: Vec<Job> = tx.all::<JobRow>(&sql, values).await?.into_iter().map(Job::from).collect();
    jobs.sort_by_key(|job| (job.due_at, job.id));
    Ok(jobs)
}

/// Keeps the jobs that this node has claimed and not ended.
pub(super) async fn renew(tx: &Tx, node: &str, jobs: &[JobId]) -> Result<(), DbError> {
    // A row that another transaction holds is being ended or moved by it, which waits for nobody here.
    let skip = if tx.backend() == Backend::Postgres { "FOR UPDATE SKIP LOCKED" } else { "" };
    let sql = format!(
        "UPDATE jobs SET lease_until = $1 WHERE id IN (SELECT id FROM jobs WHERE lease_owner = $2 \
         AND lease_until IS NOT NULL AND id IN ({}) {skip})",
        placeholders(3, jobs.len())
    );
    let mut values = params![tx.now() + Db::LEASE, node];
    values.extend(jobs.iter().map(|job| sea_orm::Value::from(job.0)));
    tx.execute(&sql, values).await.map(drop)
}

/// Frees the jobs that a killed process had claimed, where no other process can hold any.
pub(super) async fn release_all(tx: &Tx) -> Result<(), DbError> {
    tx.execute("UPDATE jobs SET lease_until = NULL, lease_owner = NULL WHERE lease_until IS NOT NULL", params![])
        .await
        .map(drop)
}

/// Puts a failed job back, or aside. Does nothing when the lease was lost.
pub(super) async fn fail(tx: &Tx, job: &Job, due: Timestamp, dead: bool, error: &str) -> Result<(), DbError> {
    let state = if dead { "dead" } else { "pending" };
    tx.execute(
        "UPDATE jobs SET state = $3, due_at = $4, lease_until = NULL, lease_owner = NULL, last_error = $5 WHERE id = $1 AND fence = $2",
        params![job.id, job.fence, state, due, error],
    )
    .await
    .map(drop)
}

#[derive(FromRow)]
struct PositionRow {
    position: i64,
}

/// The next instant after `now` at which a job of these kinds can run, for simulated time: when it is due, or when the
/// lease of a holder that vanished has run out.
pub(super) async fn next_due(db: &Db, now: Timestamp, kinds: &Kinds) -> Result<Option<Timestamp>, DbError> {
    let mut values = params![now];
    let kinds = kinds.condition(&mut values);
    let sql = format!(
        "SELECT position FROM (SELECT CASE WHEN lease_until IS NULL OR lease_until < due_at THEN due_at \
         ELSE lease_until + 1 END AS position FROM jobs WHERE state = 'pending' AND {kinds}) AS runnable \
         WHERE position > $1 ORDER BY position LIMIT 1"
    );
    Ok(db.read().one::<PositionRow>(&sql, values).await?.map(|row| kernel::timestamp(row.position)))
}

/// A reader's place in the log.
#[derive(FromRow)]
pub(super) struct ReaderRow {
    pub position: i64,
    pub failures: i64,
}

/// Reads a reader's place without locking.
pub(super) async fn find_reader(sql: &impl Sql, name: &str) -> Result<Option<ReaderRow>, DbError> {
    sql.one("SELECT position, failures FROM readers WHERE name = $1", params![name]).await
}

/// Makes the reader's row at the start of the log.
pub(super) async fn insert_reader(tx: &Tx, name: &str) -> Result<(), DbError> {
    let sql = "INSERT INTO readers (name, position) VALUES ($1, 0) ON CONFLICT (name) DO NOTHING";
    tx.execute(sql, params![name]).await.map(drop)
}

/// Locks a reader's place; `None` when another node holds it at this moment.
pub(super) async fn lock_reader(tx: &Tx, name: &str) -> Result<Option<ReaderRow>, DbError> {
    let skip = if tx.backend() == Backend::Postgres { " FOR UPDATE SKIP LOCKED" } else { "" };
    let sql = format!("SELECT position, failures FROM readers WHERE name = $1{skip}");
    tx.one(&sql, params![name]).await
}

/// Moves a reader on.
pub(super) async fn move_reader(tx: &Tx, name: &str, position: i64) -> Result<(), DbError> {
    let sql = "UPDATE readers SET position = $2, failures = 0, last_error = NULL WHERE name = $1";
    tx.execute(sql, params![name, position]).await.map(drop)
}

/// Notes that a reader failed.
pub(super) async fn fail_reader(tx: &Tx, name: &str, error: &str) -> Result<(), DbError> {
    let sql = "UPDATE readers SET failures = failures + 1, last_error = $2 WHERE name = $1";
    tx.execute(sql, params![name, error]).await.map(drop)
}

/// Puts an event that a reader cannot handle aside, as a dead job.
pub(super) async fn insert_dead_event(tx: &Tx, reader: &str, position: i64, error: &str) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO jobs (id, kind, key, state, due_at, payload, attempt, max_attempts, fence, last_error, created_at) VALUES ($1, 'reader.event', $2, 'dead', $3, $4, 0, 12, 0, $5, $3) ON CONFLICT (kind, key) DO NOTHING",
        params![
            tx.new_id(),
            format!("{reader}:{position}"),
            tx.now(),
            serde_json::json!({"reader": reader, "position": position}),
            error
        ],
    )
    .await
    .map(drop)
}

/// A job as it is shown.
#[derive(FromRow)]
pub(super) struct ShownRow {
    pub id: Uuid,
    pub kind: String,
    pub key: String,
    pub state: String,
    pub due_at: i64,
    pub payload: Value,
    pub attempt: i64,
    pub max_attempts: i64,
    pub last_error: Option<String>,
    pub created_at: i64,
}

/// Jobs in a state, newest first. Jobs belong to the server, not to a team: the permission is the whole scope.
pub(super) async fn list(sql: &impl Sql, state: &str, page: PageRequest) -> Result<Vec<ShownRow>, DbError> {
    sql.all(
        "SELECT id, kind, key, state, due_at, payload, attempt, max_attempts, last_error, created_at FROM jobs WHERE state = $1 AND created_at < $2 ORDER BY created_at DESC LIMIT $3",
        params![state, page.before_or_max(), i64::from(page.limit) + 1],
    )
    .await
}

/// Makes a job due now, with all its attempts before it.
pub(super) async fn retry(tx: &Tx, id: JobId) -> Result<bool, DbError> {
    let sql = "UPDATE jobs SET state = 'pending', due_at = $2, attempt = 0, fence = fence + 1, lease_until = NULL WHERE id = $1";
    Ok(tx.execute(sql, params![id, tx.now()]).await? == 1)
}

/// Removes a job.
pub(super) async fn delete(tx: &Tx, id: JobId) -> Result<bool, DbError> {
    Ok(tx.execute("DELETE FROM jobs WHERE id = $1", params![id]).await? == 1)
}
