//! Holding outgoing effects: after a restore nothing is sent twice, or to people who were told long ago, until an
//! administrator has looked.
//!
//! **Invariant.** While the hold stands, jobs whose handler is [outgoing](super::JobHandler::outgoing) are not claimed.
//! They stay due, and run when it is released; each then looks whether its message is still wanted.

use jiff::Timestamp;
use sea_orm::DatabaseTransaction;

use crate::{
    db::{Backend, DbError, FromRow, Sql, Tx, sql},
    params,
};

#[derive(FromRow)]
struct HoldRow {
    since: i64,
}

/// Since when outgoing effects are held, when they are.
///
/// # Errors
/// When the database fails.
pub async fn since(sql: &impl Sql) -> Result<Option<Timestamp>, DbError> {
    let row: Option<HoldRow> = sql.one("SELECT since FROM outgoing_hold WHERE id = 1", vec![]).await?;
    Ok(row.map(|row| kernel::timestamp(row.since)))
}

/// Holds outgoing effects from now on.
pub(crate) async fn begin_in(tx: &DatabaseTransaction, backend: Backend, now: Timestamp) -> Result<(), DbError> {
    let text = "INSERT INTO outgoing_hold (id, since) VALUES (1, $1) ON CONFLICT (id) DO NOTHING";
    sql::execute(tx, backend, text, params![now]).await.map(drop)
}

/// Releases them; false when nothing was held.
///
/// # Errors
/// When the database fails.
pub async fn release(tx: &Tx) -> Result<bool, DbError> {
    Ok(tx.execute("DELETE FROM outgoing_hold WHERE id = 1", vec![]).await? == 1)
}
