//! Opening connections.

use std::{str::FromStr, time::Duration};

use sea_orm::{DatabaseConnection, SqlxPostgresConnector, SqlxSqliteConnector};
use sqlx::{
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{Backend, DbError};

/// Readers beside the one writer on SQLite.
const SQLITE_READERS: u32 = 8;
/// Connections of a node to PostgreSQL, for writing and for reading each.
const POSTGRES_CONNECTIONS: u32 = 12;

/// Gives the backend, the write connection and the read pool. `node` names this process among the connections.
pub(super) async fn connect(
    url: &str,
    node: &str,
) -> Result<(Backend, DatabaseConnection, DatabaseConnection), DbError> {
    if url.starts_with("sqlite:") {
        sqlite(url).await
    } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        postgres(url, node).await
    } else {
        Err(DbError::Connect {
            address: without_password(url),
            reason: "it must begin with `sqlite:` or `postgres://`".to_owned(),
        })
    }
}

async fn sqlite(url: &str) -> Result<(Backend, DatabaseConnection, DatabaseConnection), DbError> {
    let fail = |error: sqlx::Error| DbError::Connect { address: url.to_owned(), reason: error.to_string() };
    let options = SqliteConnectOptions::from_str(url)
        .map_err(fail)?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(10))
        .statement_cache_capacity(500)
        .pragma("temp_store", "memory")
        .pragma("cache_size", "-16000");
    let write = SqlitePoolOptions::new()
        .max_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(options.clone())
        .await
        .map_err(fail)?;
    let read = SqlitePoolOptions::new()
        .max_connections(SQLITE_READERS)
        .connect_with(options.pragma("query_only", "true"))
        .await
        .map_err(fail)?;
    Ok((
        Backend::Sqlite,
        SqlxSqliteConnector::from_sqlx_sqlite_pool(write),
        SqlxSqliteConnector::from_sqlx_sqlite_pool(read),
    ))
}

async fn postgres(url: &str, node: &str) -> Result<(Backend, DatabaseConnection, DatabaseConnection), DbError> {
    let fail = |error: sqlx::Error| DbError::Connect { address: without_password(url), reason: error.to_string() };
    let name = format!("bridgewatch {node:.8}");
    let options = PgConnectOptions::from_str(url).map_err(fail)?.application_name(&name).statement_cache_capacity(500);
    let pool = || PgPoolOptions::new().max_connections(POSTGRES_CONNECTIONS).acquire_timeout(Duration::from_secs(10));
    let write = pool().connect_with(options.clone()).await.map_err(fail)?;
    let read = pool().connect_with(options.options([("default_transaction_read_only", "on")])).await.map_err(fail)?;
    Ok((
        Backend::Postgres,
        SqlxPostgresConnector::from_sqlx_postgres_pool(write),
        SqlxPostgresConnector::from_sqlx_postgres_pool(read),
    ))
}

/// The address as it may be shown: without user name and password.
fn without_password(url: &str) -> String {
    match (url.find("://"), url.rfind('@')) {
        (Some(scheme), Some(at)) if at > scheme => format!("{}://…{}", &url[..scheme], &url[at..]),
        _ => url.to_owned(),
    }
}
