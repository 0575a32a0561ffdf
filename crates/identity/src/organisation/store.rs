//! The one row of the organisation.

use platform::db::FromRow;
use platform::{DbError, Sql, Tx, params};

/// The row.
#[derive(Clone, Debug, FromRow)]
pub(super) struct OrganisationRow {
    pub time_zone: String,
    pub locale: String,
    pub version: i64,
}

/// The organisation, if somebody has set it.
pub(super) async fn find(sql: &impl Sql) -> Result<Option<OrganisationRow>, DbError> {
    sql.one("SELECT time_zone, locale, version FROM organisation WHERE id = 1", params![]).await
}

/// Stores the next version.
pub(super) async fn put(tx: &Tx, row: &OrganisationRow) -> Result<(), DbError> {
    let text = "INSERT INTO organisation (id, time_zone, locale, version, updated_at) VALUES (1, $1, $2, $3, $4) \
                ON CONFLICT (id) DO UPDATE SET time_zone = excluded.time_zone, locale = excluded.locale, \
                version = excluded.version, updated_at = excluded.updated_at";
    tx.execute(text, params![&row.time_zone, &row.locale, row.version, tx.now()]).await?;
    Ok(())
}
