//! The event log: what happened, in an order that no reader can miss.
//!
//! On SQLite the single writer gives positions at once. On PostgreSQL rows are written without one, and
//! [`place`] gives committed rows the next positions in batches, under the lock of the `sequencer` row: a late
//! commit gets a later position, so no reader skips it and no long transaction delays others. Positions do not
//! rest on transaction ids, so other databases of the cluster and a restore change nothing.

use jiff::Timestamp;
use kernel::{Actor, Event, Origin};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    auth::Ctx,
    db::{Backend, Db, DbError, FromRow, Lane, Sql, Tx},
    params,
};

/// Rows placed in one transaction.
const BATCH: i64 = 1000;

/// An event as readers get it.
#[derive(Clone, Debug)]
pub struct StoredEvent {
    /// Its id.
    pub id: Uuid,
    /// Its place in the log.
    pub position: i64,
    /// When the change was made.
    pub at: Timestamp,
    /// Past tense, such as `TicketAssigned`.
    pub kind: String,
    /// Schema version of `data`.
    pub version: i64,
    /// Kind of record, such as `ticket`.
    pub record_kind: String,
    /// Id of the record.
    pub record: Uuid,
    /// The record's version after the change.
    pub record_version: i64,
    /// Who did it.
    pub actor: Actor,
    /// The door.
    pub origin: String,
    /// The request that did it.
    pub request_id: Option<String>,
    /// Facts.
    pub data: Value,
}

#[derive(FromRow)]
struct Row {
    id: Uuid,
    position: Option<i64>,
    seq: i64,
    at: i64,
    kind: String,
    version: i64,
    record_kind: String,
    record_id: Uuid,
    record_version: i64,
    actor_kind: String,
    actor_key: String,
    origin: String,
    request_id: Option<String>,
    data: Value,
}

const COLUMNS: &str = "id, position, seq, at, kind, version, record_kind, record_id, record_version, actor_kind, actor_key, origin, request_id, data";

impl From<Row> for StoredEvent {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            position: row.position.unwrap_or(0),
            at: kernel::timestamp(row.at),
            kind: row.kind,
            version: row.version,
            record_kind: row.record_kind,
            record: row.record_id,
            record_version: row.record_version,
            actor: actor(&row.actor_kind, &row.actor_key),
            origin: row.origin,
            request_id: row.request_id,
            data: row.data,
        }
    }
}

fn actor(kind: &str, key: &str) -> Actor {
    let id = key.parse::<Uuid>().ok();
    match (kind, id) {
        ("person", Some(id)) => Actor::Person { id: id.into() },
        ("integration", Some(id)) => Actor::Integration { id: id.into() },
        _ => Actor::system(key),
    }
}

/// An event to write, and who caused it.
pub(crate) struct NewEvent {
    pub(crate) id: Uuid,
    pub(crate) event: Event,
    pub(crate) actor: Actor,
    pub(crate) origin: Origin,
    pub(crate) request_id: Option<String>,
}

/// Writes the events of a transaction, in order.
pub(crate) async fn append(tx: &Tx, events: &[NewEvent]) -> Result<(), DbError> {
    if events.is_empty() {
        return Ok(());
    }
    let mut position = match tx.backend() {
        Backend::Sqlite => Some(take_positions(tx, events.len() as i64).await?),
        Backend::Postgres => None,
    };
    let mut values = Vec::with_capacity(events.len() * 13);
    for new in events {
        let event = &new.event;
        if let Some(position) = &mut position {
            *position += 1;
        }
        values.extend(params![
            new.id,
            position,
            tx.now(),
            event.kind,
            i64::from(event.version),
            event.record_kind.0,
            event.record,
            event.record_version,
            new.actor.kind(),
            new.actor.key(),
            new.origin.as_str(),
            new.request_id.as_deref(),
            event.data.clone(),
        ]);
    }
    let head = "INSERT INTO events (id, position, at, kind, version, record_kind, record_id, record_version, actor_kind, \
                actor_key, origin, request_id, data)";
    tx.insert_rows(head, values, "").await.map(drop)
}

#[derive(FromRow)]
struct Position {
    position: i64,
}

/// Reserves `count` positions and gives the one before the first.
async fn take_positions(tx: &Tx, count: i64) -> Result<i64, DbError> {
    let sql = "UPDATE sequencer SET position = position + $1 WHERE id = 1 RETURNING position";
    let row: Option<Position> = tx.one(sql, params![count]).await?;
    row.map(|row| row.position - count).ok_or_else(|| DbError::Corrupt("the sequencer row is missing".to_owned()))
}

/// Gives committed events without a position the next ones. Gives how many. Nothing to do on SQLite.
///
/// # Errors
/// When the database fails.
pub async fn place(db: &Db) -> Result<u64, DbError> {
    if db.backend() == Backend::Sqlite {
        return Ok(0);
    }
    let waiting: Option<Position> =
        db.read().one("SELECT seq AS position FROM events WHERE position IS NULL LIMIT 1", vec![]).await?;
    if waiting.is_none() {
        return Ok(0);
    }
    db.write(&Ctx::system("sequencer"), Lane::Front, |tx| {
        Box::pin(async move {
            let lock = "SELECT position FROM sequencer WHERE id = 1 FOR UPDATE SKIP LOCKED";
            let Some(last) = tx.one::<Position>(lock, vec![]).await? else {
                return Ok(0);
            };
            let placed = tx
                .execute(
                    "UPDATE events SET position = $1 + fresh.n FROM (SELECT seq, ROW_NUMBER() OVER (ORDER BY seq) AS n FROM (SELECT seq FROM events WHERE position IS NULL ORDER BY seq LIMIT $2) AS unplaced) AS fresh WHERE events.seq = fresh.seq",
                    params![last.position, BATCH],
                )
                .await?;
            tx.execute("UPDATE sequencer SET position = position + $1 WHERE id = 1", params![placed as i64]).await?;
            Ok::<u64, DbError>(placed)
        })
    })
    .await
}

/// Up to `limit` events after `position`, in order.
///
/// # Errors
/// When the database fails.
pub async fn list_after(sql: &impl Sql, position: i64, limit: i64) -> Result<Vec<StoredEvent>, DbError> {
    // SQLite prepares a statement anew each time a limit is bound.
    let text = format!("SELECT {COLUMNS} FROM events WHERE position > $1 ORDER BY position LIMIT {limit}");
    Ok(sql.all::<Row>(&text, params![position]).await?.into_iter().map(StoredEvent::from).collect())
}

/// What an event is, without what it says.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct EventKind {
    /// Its place in the log.
    pub(crate) position: i64,
    /// Kind of record.
    pub(crate) record_kind: String,
    /// Past tense.
    pub(crate) kind: String,
}

/// What up to `limit` events after `position` are, in order.
///
/// # Errors
/// When the database fails.
pub(crate) async fn kinds_after(sql: &impl Sql, position: i64, limit: i64) -> Result<Vec<EventKind>, DbError> {
    let text =
        format!("SELECT position, record_kind, kind FROM events WHERE position > $1 ORDER BY position LIMIT {limit}");
    sql.all(&text, params![position]).await
}

/// The last position given.
///
/// # Errors
/// When the database fails.
pub async fn last_position(sql: &impl Sql) -> Result<i64, DbError> {
    let row: Option<Position> = sql.one("SELECT position FROM sequencer WHERE id = 1", vec![]).await?;
    Ok(row.map_or(0, |row| row.position))
}

/// The events of one record, newest first, with their insertion numbers for paging.
///
/// # Errors
/// When the database fails.
pub async fn list_of_record(
    sql: &impl Sql,
    record: Uuid,
    before: i64,
    limit: i64,
) -> Result<Vec<(i64, StoredEvent)>, DbError> {
    let tail = "WHERE record_id = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3";
    list_where(sql, tail, params![record, before, limit]).await
}

/// Events by conditions of the caller's, with their insertion numbers.
pub(crate) async fn list_where(
    sql: &impl Sql,
    tail: &str,
    values: Vec<sea_orm::Value>,
) -> Result<Vec<(i64, StoredEvent)>, DbError> {
    let rows: Vec<Row> = sql.all(&format!("SELECT {COLUMNS} FROM events {tail}"), values).await?;
    Ok(rows.into_iter().map(|row| (row.seq, row.into())).collect())
}
