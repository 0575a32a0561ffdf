//! Embedded migrations.
//!
//! Each is one SQL text for both databases, with `{uuid}`, `{json}` and `{serial}` standing for the types that
//! differ. A statement that begins with `{sqlite}` or `{postgres}` is for that database alone: indexes for full text,
//! which are made again from tables that both have. Tables of rows stand in both, so that backups move between them. All pending ones run in one transaction, behind an IMMEDIATE lock on SQLite and an advisory lock on
//! PostgreSQL, so that two nodes may start at once and a crash in the middle leaves nothing half-done.

use jiff::Timestamp;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};

use super::{Backend, DbError, FromRow, sql};
use crate::params;

/// One step of the schema. Steps only add; a later version removes what is no longer used.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Crate, number and subject, such as `ops_0001_alerts`. Never changes.
    pub name: &'static str,
    /// The SQL text; statements end with `;` at the end of a line.
    pub sql: &'static str,
}

/// The advisory lock that guards the schema on PostgreSQL.
const LOCK: i64 = 0x6272_6964_6765;

#[derive(FromRow)]
struct Applied {
    name: String,
}

pub(super) async fn migrate(
    on: &DatabaseConnection,
    backend: Backend,
    sets: &[&[Migration]],
    now: Timestamp,
) -> Result<usize, DbError> {
    let tx = alone(on, backend).await?;
    let known: Vec<&Migration> = sets.iter().copied().flatten().collect();
    let count = apply(&tx, backend, &known, now).await?;
    tx.commit().await?;
    Ok(count)
}

/// A transaction that no other start or restore runs beside.
pub(super) async fn alone(on: &DatabaseConnection, backend: Backend) -> Result<DatabaseTransaction, DbError> {
    let options = TransactionOptions {
        sqlite_transaction_mode: (backend == Backend::Sqlite).then_some(SqliteTransactionMode::Immediate),
        ..Default::default()
    };
    let tx = on.begin_with_options(options).await?;
    if backend == Backend::Postgres {
        tx.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({LOCK})")).await?;
    }
    Ok(tx)
}

/// The names of the migrations that the database has.
pub(crate) async fn applied(tx: &DatabaseTransaction, backend: Backend) -> Result<Vec<String>, DbError> {
    let applied: Vec<Applied> = sql::all(tx, backend, "SELECT name FROM migrations ORDER BY at, name", vec![]).await?;
    Ok(applied.into_iter().map(|row| row.name).collect())
}

/// Applies those of `known` that the database lacks; gives how many.
pub(crate) async fn apply(
    tx: &DatabaseTransaction,
    backend: Backend,
    known: &[&Migration],
    now: Timestamp,
) -> Result<usize, DbError> {
    tx.execute_unprepared("CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY, at BIGINT NOT NULL)").await?;
    let applied = applied(tx, backend).await?;
    if let Some(newer) = applied.iter().find(|name| known.iter().all(|migration| migration.name != name.as_str())) {
        return Err(DbError::NewerDatabase(newer.clone()));
    }
    let mut count = 0;
    for migration in known {
        if applied.iter().any(|name| name == migration.name) {
            continue;
        }
        for statement in statements(migration.sql, backend) {
            tx.execute_unprepared(&statement).await?;
        }
        let insert = "INSERT INTO migrations (name, at) VALUES ($1, $2)";
        sql::execute(tx, backend, insert, params![migration.name, now]).await?;
        count += 1;
    }
    Ok(count)
}

/// The statements of a migration, in the words of the database.
fn statements(text: &str, backend: Backend) -> Vec<String> {
    let (uuid, json, serial) = match backend {
        Backend::Sqlite => ("BLOB", "TEXT", "INTEGER PRIMARY KEY AUTOINCREMENT"),
        Backend::Postgres => ("UUID", "JSONB", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"),
    };
    let text = text.replace("{uuid}", uuid).replace("{json}", json).replace("{serial}", serial);
    let (own, other) = match backend {
        Backend::Sqlite => ("{sqlite}", "{postgres}"),
        Backend::Postgres => ("{postgres}", "{sqlite}"),
    };
    let statements = text.split(";\n").map(str::trim).filter(|statement| !statement.starts_with(other));
    let statements = statements.map(|statement| statement.strip_prefix(own).unwrap_or(statement).trim());
    statements.filter(|statement| !statement.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_follow_the_database() {
        let text = "CREATE TABLE a (seq {serial}, id {uuid});\nCREATE INDEX i ON a (id);\n";
        assert_eq!(statements(text, Backend::Sqlite).len(), 2);
        assert!(statements(text, Backend::Postgres)[0].contains("id UUID"));
        assert!(statements(text, Backend::Sqlite)[0].contains("AUTOINCREMENT"));
    }

    #[test]
    fn a_marked_statement_is_for_one_database() {
        let text =
            "CREATE TABLE a (x TEXT);\n{sqlite} CREATE TRIGGER t BEGIN SELECT 1; END;\n{postgres}\nCREATE INDEX i;\n";
        assert_eq!(statements(text, Backend::Sqlite)[1..], ["CREATE TRIGGER t BEGIN SELECT 1; END"]);
        assert_eq!(statements(text, Backend::Postgres)[1..], ["CREATE INDEX i"]);
    }
}
