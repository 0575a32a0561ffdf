//! SQL of the organisation.

use platform::{DbError, Sql, Tx, params};
use sea_orm::FromQueryResult;

use super::Organisation;

#[derive(FromQueryResult)]
struct Row {
    name: String,
    time_zone: String,
    locale: String,
    version: i64,
}

/// The organisation, when somebody has changed it.
pub(super) async fn find(sql: &impl Sql) -> Result<Option<Organisation>, DbError> {
    let row: Option<Row> =
        sql.one("SELECT name, time_zone, locale, version FROM organisation WHERE id = 1", vec![]).await?;
    Ok(row.map(|Row { name, time_zone, locale, version }| Organisation { name, time_zone, locale, version }))
}

/// Writes it, if it still is at the version before; gives whether it was.
pub(super) async fn put(tx: &Tx, new: &Organisation) -> Result<bool, DbError> {
    let written = tx
        .execute(
            "INSERT INTO organisation (id, name, time_zone, locale, version) VALUES (1, $1, $2, $3, $4) \
             ON CONFLICT (id) DO UPDATE SET name = excluded.name, time_zone = excluded.time_zone, \
             locale = excluded.locale, version = excluded.version WHERE organisation.version = excluded.version - 1",
            params![new.name.clone(), new.time_zone.clone(), new.locale.clone(), new.version],
        )
        .await?;
    Ok(written == 1)
}
