//! Emptying tables.

use super::schema;
use crate::db::{DbError, Migration, Sql, Tx};

/// Empties the tables that these migrations make, but for those named in `kept`. Of a table in `only` just the rows go
/// for which the condition holds.
///
/// # Errors
/// When the database fails.
pub async fn clear(
    tx: &Tx,
    sets: &[&[Migration]],
    kept: &[&str],
    only: &[(&str, &str)],
) -> Result<(), DbError> {
    let migrations: Vec<&Migration> = sets.iter().copied().flatten().collect();
    // What refers goes before what it refers to.
    for table in schema::tables(&migrations).iter().rev().filter(|table| !kept.contains(&table.as_str())) {
        let condition = only.iter().find(|(name, _)| name == table).map_or("TRUE", |(_, condition)| condition);
        tx.execute(&format!("DELETE FROM {table} WHERE {condition}"), vec![]).await?;
    }
    Ok(())
}
