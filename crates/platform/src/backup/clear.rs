//! Emptying tables.

use super::schema;
use crate::db::{Backend, DbError, Migration, Sql, Tx};

/// Empties the tables that these migrations make, but for those named in `kept`, which nothing else refers to.
///
/// # Errors
/// When the database fails.
pub async fn clear(tx: &Tx, sets: &[&[Migration]], kept: &[&str]) -> Result<(), DbError> {
    let migrations: Vec<&Migration> = sets.iter().copied().flatten().collect();
    let mut tables = schema::tables(&migrations);
    tables.retain(|table| !kept.contains(&table.as_str()));
    match tx.backend() {
        // All at once: whoever is at work in one of them is waited for.
        Backend::Postgres => tx.execute(&format!("TRUNCATE TABLE {}", tables.join(", ")), vec![]).await.map(drop),
        Backend::Sqlite => {
            // What refers goes before what it refers to.
            tx.execute("PRAGMA defer_foreign_keys = ON", vec![]).await?;
            for table in tables.iter().rev() {
                tx.execute(&format!("DELETE FROM {table}"), vec![]).await?;
            }
            Ok(())
        }
    }
}
