//! The database: SQLite or PostgreSQL behind one face.
//!
//! SQL text is written once, with `$1` parameters, which both databases understand. On SQLite one task owns the
//! only write connection and commits in groups ([`writer`]); on PostgreSQL each write is a transaction of its own
//! on a pooled connection.
//!
//! **Invariants**: writes on SQLite begin IMMEDIATE (a deferred one that reads first fails at once when busy);
//! `synchronous=FULL`; no SQL reads the clock.

mod connect;
mod error;
mod memory;
mod migrate;
mod param;
mod postgres;
mod row;
mod scope;
pub(crate) mod sql;
mod sqlite;
mod tx;
pub mod upkeep;
mod writer;

use std::{sync::Arc, time::Duration};

use futures::future::BoxFuture;
use jiff::Timestamp;
use kernel::Clock;
use sea_orm::{DatabaseConnection, DatabaseTransaction, IsolationLevel, TransactionOptions, TransactionTrait};
use serde::{Serialize, de::DeserializeOwned};

pub(crate) use self::migrate::{applied, apply};
pub use derive::FromRow;

use self::{connect::Connections, sql::Source, writer::Writer};
pub use self::{
    error::DbError,
    memory::Memory,
    migrate::Migration,
    param::{IntoParam, placeholder_rows, placeholders},
    row::{Column, FromRow, Row},
    scope::{scope_project, scope_team},
    sql::{Read, Sql},
    sqlite::READERS,
    tx::Tx,
    writer::lost_groups,
};
use crate::{auth::Ctx, live::Wake, time::StoredPrecision};

/// Which database is behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// Embedded SQLite.
    Sqlite,
    /// PostgreSQL 15 or newer.
    Postgres,
}

/// Who goes first at the writer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// People and paging.
    Front,
    /// Imports and other bulk work; waits while the front lane has anything.
    Bulk,
}

/// A handle to the database. Cheap to clone.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

#[derive(FromRow)]
struct Count {
    count: i64,
}

struct Inner {
    read: Source,
    /// For what needs the database to itself, or a long look at it.
    apart: DatabaseConnection,
    clock: Arc<dyn Clock>,
    wake: Wake,
    writer: Writer,
    node: String,
}

impl Db {
    /// Opens the database at `url`: `sqlite:PATH` or `postgres://...`. Makes the SQLite file when absent.
    ///
    /// # Errors
    /// When it cannot be reached or opened; the message names the address without its password.
    pub async fn connect(url: &str, clock: Arc<dyn Clock>) -> Result<Self, DbError> {
        let node = crate::secret::random_token();
        let clock: Arc<dyn Clock> = Arc::new(StoredPrecision(clock));
        let (read, apart, writer, wake) = match connect::connect(url, &node).await? {
            Connections::Sqlite { write, read, apart } => {
                let wake = Wake::new(Backend::Sqlite);
                let writer = Writer::grouped(write, clock.clone(), wake.clone())?;
                (Source::Sqlite(read), apart, writer, wake)
            }
            Connections::Postgres { write, counters, read } => {
                let wake = Wake::new(Backend::Postgres);
                let writer = Writer::pooled(write.clone(), counters, clock.clone(), wake.clone());
                (Source::Postgres(read), write, writer, wake)
            }
        };
        Ok(Self(Arc::new(Inner { read, apart, clock, wake, writer, node })))
    }

    /// Brings the tables up to date; safe when several nodes start at once.
    ///
    /// # Errors
    /// When a step fails (nothing of it stays), or when the database was made by a newer version.
    pub async fn migrate(&self, sets: &[&[Migration]]) -> Result<usize, DbError> {
        migrate::migrate(&self.0.apart, self.backend(), sets, self.now()).await
    }

    /// A transaction that sees one state of everything, while others go on writing.
    pub(crate) async fn snapshot(&self) -> Result<DatabaseTransaction, DbError> {
        let isolation = (self.backend() == Backend::Postgres).then_some(IsolationLevel::RepeatableRead);
        let options = TransactionOptions { isolation_level: isolation, ..Default::default() };
        Ok(self.0.apart.begin_with_options(options).await?)
    }

    /// A transaction for replacing everything.
    pub(crate) async fn alone(&self) -> Result<DatabaseTransaction, DbError> {
        migrate::alone(&self.0.apart, self.backend()).await
    }

    /// How many migrations the database lacks. Changes nothing.
    ///
    /// # Errors
    /// When the database was made by a newer version, or fails.
    pub async fn pending(&self, sets: &[&[Migration]]) -> Result<usize, DbError> {
        let tx = self.snapshot().await?;
        let applied = migrate::applied(&tx, self.backend()).await?;
        let known: Vec<&Migration> = sets.iter().copied().flatten().collect();
        if let Some(newer) = applied.iter().find(|name| known.iter().all(|one| one.name != name.as_str())) {
            return Err(DbError::NewerDatabase(newer.clone()));
        }
        Ok(known.len() - applied.len())
    }

    /// What is damaged in a SQLite file, if anything is.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn quick_check(&self) -> Result<Option<String>, DbError> {
        #[derive(FromRow)]
        struct Check {
            quick_check: String,
        }
        let row: Option<Check> = self.read().one("PRAGMA quick_check(1)", vec![]).await?;
        Ok(row.map(|row| row.quick_check).filter(|text| text != "ok"))
    }

    /// How many connections others have to this PostgreSQL database; none can be told on SQLite.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn other_connections(&self) -> Result<i64, DbError> {
        if self.backend() == Backend::Sqlite {
            return Ok(0);
        }
        // Each process connects under a name of its own.
        let text = "SELECT COUNT(*) AS count FROM pg_stat_activity WHERE datname = current_database() \
                    AND backend_type = 'client backend' AND application_name <> current_setting('application_name')";
        let row: Option<Count> = self.read().one(text, vec![]).await?;
        Ok(row.map_or(0, |row| row.count))
    }

    /// Which database is behind.
    pub fn backend(&self) -> Backend {
        match self.0.read {
            Source::Sqlite(_) => Backend::Sqlite,
            Source::Postgres(_) => Backend::Postgres,
        }
    }

    /// Now, by the clock that the database was opened with.
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// The clock.
    pub fn clock(&self) -> Arc<dyn Clock> {
        self.0.clock.clone()
    }

    /// This process's name as a lease holder.
    pub(crate) fn node(&self) -> &str {
        &self.0.node
    }

    /// Woken after each commit that wrote events or jobs.
    pub fn wake(&self) -> &Wake {
        &self.0.wake
    }

    /// A handle for reading, for one request. Reads may run beside writes and see the last commit.
    pub fn read(&self) -> Read {
        Read::new(self.0.read.clone())
    }

    /// Runs `change` in one transaction and answers after the commit. An `Err` rolls everything back.
    ///
    /// # Errors
    /// What `change` gave, or a database error from the commit.
    pub async fn write<T, E, F>(&self, ctx: &Ctx, lane: Lane, change: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: for<'a> FnOnce(&'a mut Tx) -> BoxFuture<'a, Result<T, E>> + Send + 'static,
    {
        self.0.writer.write(ctx.clone(), lane, change).await
    }

    /// As [`Db::write`], and repeats of the same request (same principal, `Idempotency-Key`, operation and body)
    /// give the first answer again without changing anything. `T` is stored beside the change: no secrets in it.
    ///
    /// # Errors
    /// As `write`; [`DbError::IdempotencyMismatch`] when the key came with another body before.
    pub async fn write_once<T, E, F>(
        &self,
        ctx: &Ctx,
        operation: impl Into<String>,
        lane: Lane,
        change: F,
    ) -> Result<T, E>
    where
        T: Serialize + DeserializeOwned + Send + 'static,
        E: From<DbError> + Send + 'static,
        F: for<'a> FnOnce(&'a mut Tx) -> BoxFuture<'a, Result<T, E>> + Send + 'static,
    {
        let Some(key) = ctx.idempotency.clone() else {
            return self.write(ctx, lane, change).await;
        };
        let operation = operation.into();
        self.write(ctx, lane, move |tx| {
            Box::pin(async move {
                if let Some(answer) = crate::http::idempotency::find(tx, &key, &operation).await? {
                    return Ok(answer);
                }
                let value = change(tx).await?;
                let answer = serde_json::to_value(&value).map_err(|error| DbError::Corrupt(error.to_string()))?;
                crate::http::idempotency::store(tx, &key, &operation, answer).await?;
                Ok(value)
            })
        })
        .await
    }

    /// How long after its node was last heard of another node may take a claimed job. A node that works renews it.
    pub(crate) const LEASE: Duration = Duration::from_secs(5);
}

/// Builds a parameter list: typed ids, instants, texts, numbers, booleans, JSON and options of them.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => { vec![$($crate::db::IntoParam::into_param($value)),*] };
}
