//! Opening connections.

use std::{path::PathBuf, str::FromStr, sync::Arc, time::Duration};

use futures::future::BoxFuture;
use sea_orm::{DatabaseConnection, SqlxPostgresConnector, SqlxSqliteConnector};
use sqlx::{
    Connection,
    pool::PoolConnectionMetadata,
    postgres::{PgConnectOptions, PgConnection, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{
    DbError, postgres,
    sqlite::{self, Sqlite},
};

/// Connections of a node to PostgreSQL for writing.
pub(super) const POSTGRES_CONNECTIONS: u32 = 12;
/// For reading.
const POSTGRES_READERS: usize = 12;
/// And for counting.
pub(super) const POSTGRES_COUNTERS: u32 = 2;
/// How long after it was used a connection is asked whether it still lives, before it is used again.
const RECENT: Duration = Duration::from_secs(5);

/// The connections of a node.
pub(super) enum Connections {
    Sqlite {
        /// For everything that changes while the server runs.
        write: Sqlite,
        read: Arc<sqlite::Readers>,
        /// For what needs the database to itself, or a long look at it: migrations, backup, restore.
        apart: DatabaseConnection,
    },
    Postgres {
        write: DatabaseConnection,
        /// For what is counted beside changes.
        counters: DatabaseConnection,
        read: Arc<postgres::Readers>,
    },
}

/// Opens them. `node` names this process among the connections.
pub(super) async fn connect(url: &str, node: &str) -> Result<Connections, DbError> {
    if let Some(file) = sqlite::file(url) {
        open_sqlite(url, file).await
    } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        postgres(url, node).await
    } else {
        Err(DbError::Connect {
            address: without_password(url),
            reason: "it must begin with `sqlite:` or `postgres://`".to_owned(),
        })
    }
}

async fn open_sqlite(url: &str, file: PathBuf) -> Result<Connections, DbError> {
    let fail = |reason: String| DbError::Connect { address: url.to_owned(), reason };
    let options = SqliteConnectOptions::new()
        .filename(&file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(10))
        .pragma("temp_store", "memory");
    let apart = SqlitePoolOptions::new().max_connections(2).connect_with(options).await;
    let apart = SqlxSqliteConnector::from_sqlx_sqlite_pool(apart.map_err(|error| fail(error.to_string()))?);
    let write = Sqlite::open(&file, sqlite::Use::Write).map_err(|error| fail(error.to_string()))?;
    Ok(Connections::Sqlite { write, read: Arc::new(sqlite::Readers::new(file)), apart })
}

async fn postgres(url: &str, node: &str) -> Result<Connections, DbError> {
    let fail = |error: sqlx::Error| DbError::Connect { address: without_password(url), reason: error.to_string() };
    let name = format!("bridgewatch {node:.8}");
    let options = PgConnectOptions::from_str(url).map_err(fail)?.application_name(&name).statement_cache_capacity(500);
    let pool = |connections| {
        let options = PgPoolOptions::new().max_connections(connections).acquire_timeout(Duration::from_secs(10));
        options.test_before_acquire(false).before_acquire(alive)
    };
    let write = pool(POSTGRES_CONNECTIONS).connect_with(options.clone()).await.map_err(fail)?;
    // Nothing waits for the disk here: the commit of the change that uses a number makes what was counted before it
    // durable too.
    let counting = options.clone().options([("synchronous_commit", "off")]);
    let counters = pool(POSTGRES_COUNTERS).connect_with(counting).await.map_err(fail)?;
    let reading = options.options([("default_transaction_read_only", "on")]);
    let read = postgres::Readers::connect(reading, POSTGRES_READERS).await.map_err(fail)?;
    Ok(Connections::Postgres {
        write: SqlxPostgresConnector::from_sqlx_postgres_pool(write),
        counters: SqlxPostgresConnector::from_sqlx_postgres_pool(counters),
        read: Arc::new(read),
    })
}

/// What has just been used is taken to live: asking would be a way to the server more for each transaction.
fn alive(connection: &mut PgConnection, seen: PoolConnectionMetadata) -> BoxFuture<'_, Result<bool, sqlx::Error>> {
    Box::pin(async move {
        if seen.idle_for > RECENT {
            connection.ping().await?;
        }
        Ok(true)
    })
}

/// The address as it may be shown: without user name and password.
fn without_password(url: &str) -> String {
    match (url.find("://"), url.rfind('@')) {
        (Some(scheme), Some(at)) if at > scheme => format!("{}://…{}", &url[..scheme], &url[at..]),
        _ => url.to_owned(),
    }
}
