//! Rows of blobs. They belong to nobody: whoever uses one has authorised it by the record.

use kernel::BlobId;
use sea_orm::DatabaseTransaction;
use uuid::Uuid;

use super::BlobError;
use crate::{
    db::{Backend, DbError, FromRow, Sql, Tx, placeholders, sql},
    params,
};

/// A blob as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    /// Its id.
    pub id: BlobId,
    /// SHA-256 in hexadecimal.
    pub hash: String,
    /// Bytes.
    pub size: u64,
    /// Where it lies in the store.
    pub(crate) place: String,
    /// Whether its content was confirmed to be there.
    pub(super) stored: bool,
}

#[derive(FromRow)]
struct Row {
    id: Uuid,
    hash: String,
    size: i64,
    place: String,
    stored: bool,
}

impl From<Row> for Blob {
    fn from(row: Row) -> Self {
        let size = u64::try_from(row.size).unwrap_or(0);
        Self { id: BlobId(row.id), hash: row.hash, size, place: row.place, stored: row.stored }
    }
}

const COLUMNS: &str = "id, hash, size, place, stored";

/// A blob by its id.
///
/// # Errors
/// When the database fails.
pub async fn find(sql: &impl Sql, id: BlobId) -> Result<Option<Blob>, DbError> {
    let row: Option<Row> = sql.one(&format!("SELECT {COLUMNS} FROM blobs WHERE id = $1"), params![id]).await?;
    Ok(row.map(Into::into))
}

/// The row of a content, made or marked as wanted now, so that no sweep takes it for a while.
pub(super) async fn touch(tx: &Tx, hash: &str, size: u64) -> Result<Blob, DbError> {
    let id = tx.new_id();
    let place = format!("sha256/{}/{hash}-{}", &hash[..2], id.simple());
    let size = i64::try_from(size).unwrap_or(i64::MAX);
    let text = "INSERT INTO blobs (id, hash, size, place, stored, touched_at) VALUES ($1, $2, $3, $4, FALSE, $5) \
                ON CONFLICT (hash) DO UPDATE SET touched_at = excluded.touched_at";
    tx.execute(text, params![id, hash, size, place, tx.now()]).await?;
    let row: Option<Row> = tx.one(&format!("SELECT {COLUMNS} FROM blobs WHERE hash = $1"), params![hash]).await?;
    row.map(Into::into).ok_or_else(|| DbError::Corrupt("a blob vanished from its own transaction".to_owned()))
}

/// Notes in the transaction of a record that it uses a blob, whose content is in the store.
///
/// # Errors
/// [`BlobError::Gone`] when it was swept since it was kept, or when the database fails.
pub async fn refer(tx: &Tx, blob: BlobId, record: impl Into<Uuid>, purpose: &'static str) -> Result<(), BlobError> {
    let text = "UPDATE blobs SET touched_at = $2, stored = TRUE WHERE id = $1";
    if tx.execute(text, params![blob, tx.now()]).await? == 0 {
        return Err(BlobError::Gone);
    }
    let text = "INSERT INTO blob_uses (blob_id, record_id, purpose) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    tx.execute(text, params![blob, record.into(), purpose]).await?;
    Ok(())
}

/// Notes in the transaction that removes a record that it uses no blob any more. What nothing else uses is swept after
/// the grace time.
///
/// # Errors
/// When the database fails.
pub async fn release(tx: &Tx, record: impl Into<Uuid>) -> Result<(), DbError> {
    let record = record.into();
    let text = "UPDATE blobs SET touched_at = $2 WHERE id IN (SELECT blob_id FROM blob_uses WHERE record_id = $1)";
    tx.execute(text, params![record, tx.now()]).await?;
    tx.execute("DELETE FROM blob_uses WHERE record_id = $1", params![record]).await?;
    Ok(())
}

#[derive(FromRow)]
struct IdRow {
    id: Uuid,
}

#[derive(FromRow)]
struct PlaceRow {
    place: String,
}

const UNUSED: &str = "touched_at < $1 AND NOT EXISTS (SELECT 1 FROM blob_uses WHERE blob_uses.blob_id = blobs.id)";

/// Makes garbage of blobs that nothing has used since `before`; gives how many.
pub(super) async fn retire(tx: &Tx, before: jiff::Timestamp, limit: i64) -> Result<u64, DbError> {
    // Rows that are going to be deleted: nothing may refer to them any more.
    let lock = if tx.backend() == Backend::Postgres { " FOR UPDATE" } else { "" };
    let text = format!("SELECT id FROM blobs WHERE {UNUSED} ORDER BY touched_at LIMIT {limit}{lock}");
    let rows: Vec<IdRow> = tx.all(&text, params![before]).await?;
    if rows.is_empty() {
        return Ok(0);
    }
    // The rows are locked by now, which `refer` waits for; look again whether one was used before that.
    let mut values = params![before];
    values.extend(rows.iter().map(|row| sea_orm::Value::from(row.id)));
    let which = format!("id IN ({}) AND {UNUSED}", placeholders(2, rows.len()));
    let text = format!("INSERT INTO blob_garbage (place, at) SELECT place, touched_at FROM blobs WHERE {which}");
    tx.execute(&text, values.clone()).await?;
    tx.execute(&format!("DELETE FROM blobs WHERE {which}"), values).await
}

/// Places to be emptied.
pub(super) async fn list_garbage(sql: &impl Sql, limit: i64) -> Result<Vec<String>, DbError> {
    let text = format!("SELECT place FROM blob_garbage ORDER BY at, place LIMIT {limit}");
    let rows: Vec<PlaceRow> = sql.all(&text, vec![]).await?;
    Ok(rows.into_iter().map(|row| row.place).collect())
}

/// A place has been emptied.
pub(super) async fn delete_garbage(tx: &Tx, places: &[String]) -> Result<(), DbError> {
    if places.is_empty() {
        return Ok(());
    }
    let values = places.iter().map(|place| sea_orm::Value::from(place.clone())).collect();
    let text = format!("DELETE FROM blob_garbage WHERE place IN ({})", placeholders(1, places.len()));
    tx.execute(&text, values).await.map(drop)
}

/// Numbers for those who watch.
#[derive(Clone, Copy, Debug, FromRow, PartialEq, Eq)]
pub struct Tally {
    /// Blobs.
    pub blobs: i64,
    /// Bytes in them.
    pub bytes: i64,
    /// Blobs that nothing uses, and places that are to be emptied.
    pub unused: i64,
}

/// How many blobs there are, and how large.
///
/// # Errors
/// When the database fails.
pub async fn tally(sql: &impl Sql) -> Result<Tally, DbError> {
    let text = "SELECT COUNT(*) AS blobs, CAST(COALESCE(SUM(size), 0) AS BIGINT) AS bytes, \
                (SELECT COUNT(*) FROM blob_garbage) + (SELECT COUNT(*) FROM blobs WHERE NOT EXISTS \
                 (SELECT 1 FROM blob_uses WHERE blob_uses.blob_id = blobs.id)) AS unused FROM blobs WHERE stored";
    let tally: Option<Tally> = sql.one(text, vec![]).await?;
    Ok(tally.unwrap_or(Tally { blobs: 0, bytes: 0, unused: 0 }))
}

/// The newest blob whose content was confirmed.
pub(super) async fn newest(sql: &impl Sql) -> Result<Option<Blob>, DbError> {
    let text = format!("SELECT {COLUMNS} FROM blobs WHERE stored ORDER BY touched_at DESC LIMIT 1");
    let row: Option<Row> = sql.one(&text, vec![]).await?;
    Ok(row.map(Into::into))
}

/// All blobs that rows of this snapshot use, a page at a time, in the order of their hashes.
pub(crate) async fn list_stored(
    tx: &DatabaseTransaction,
    backend: Backend,
    after: &str,
    limit: i64,
) -> Result<Vec<Blob>, DbError> {
    let text = format!("SELECT {COLUMNS} FROM blobs WHERE stored AND hash > $1 ORDER BY hash LIMIT {limit}");
    let rows: Vec<Row> = sql::all(tx, backend, &text, params![after]).await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// All places that are named.
pub(crate) async fn list_places(tx: &DatabaseTransaction, backend: Backend) -> Result<Vec<String>, DbError> {
    let rows: Vec<PlaceRow> = sql::all(tx, backend, "SELECT place FROM blobs", vec![]).await?;
    Ok(rows.into_iter().map(|row| row.place).collect())
}

/// Makes garbage of these places, but for those that a row names.
pub(crate) async fn discard(
    tx: &DatabaseTransaction,
    backend: Backend,
    places: &[String],
    now: jiff::Timestamp,
) -> Result<(), DbError> {
    let text = "INSERT INTO blob_garbage (place, at) SELECT CAST($1 AS TEXT), CAST($2 AS BIGINT) \
                WHERE NOT EXISTS (SELECT 1 FROM blobs WHERE place = $1) ON CONFLICT (place) DO NOTHING";
    for place in places {
        sql::execute(tx, backend, text, params![place, now]).await?;
    }
    Ok(())
}
