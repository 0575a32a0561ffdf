//! Connections for reading from PostgreSQL.
//!
//! They stand outside the driver's pool, which asks the server whether a connection still lives each time one is taken
//! and again when it is given back: three ways to the server for each statement instead of one. Here a connection that
//! turns out to be dead is left, and the statement, which only reads, runs again on a new one.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use sea_orm::{DbErr, QueryResult, RuntimeErr, Value, Values};
use sea_query_sqlx::SqlxValues;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow};
use sqlx::{AssertSqlSafe, Connection, Postgres};
use tokio::sync::Semaphore;

use super::{DbError, FromRow, Row};

/// How long a statement waits for its turn.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) struct Readers {
    options: PgConnectOptions,
    turns: Semaphore,
    idle: Mutex<Vec<PgConnection>>,
}

impl Readers {
    /// Opens the first connection; as many as `most` are opened when they are needed.
    pub(super) async fn connect(options: PgConnectOptions, most: usize) -> Result<Self, sqlx::Error> {
        let first = PgConnection::connect_with(&options).await?;
        Ok(Self { options, turns: Semaphore::new(most), idle: Mutex::new(vec![first]) })
    }

    pub(super) async fn all<R: FromRow>(&self, text: &str, params: Vec<Value>) -> Result<Vec<R>, DbError> {
        self.ask(text, params, Wanted::All).await?.rows.into_iter().map(row).collect()
    }

    pub(super) async fn one<R: FromRow>(&self, text: &str, params: Vec<Value>) -> Result<Option<R>, DbError> {
        self.ask(text, params, Wanted::One).await?.rows.into_iter().next().map(row).transpose()
    }

    pub(super) async fn execute(&self, text: &str, params: Vec<Value>) -> Result<u64, DbError> {
        Ok(self.ask(text, params, Wanted::Touched).await?.touched)
    }

    async fn ask(&self, text: &str, params: Vec<Value>, wanted: Wanted) -> Result<Answer, DbError> {
        let turn = tokio::time::timeout(PATIENCE, self.turns.acquire()).await;
        let Ok(Ok(_turn)) = turn else { return Err(failed(sqlx::Error::PoolTimedOut)) };
        loop {
            let idle = self.idle().pop();
            let was_idle = idle.is_some();
            // Whoever stops waiting for the answer takes the connection along: nobody else gets the rest of it.
            let mut connection = match idle {
                Some(connection) => connection,
                None => Box::pin(PgConnection::connect_with(&self.options)).await.map_err(failed)?,
            };
            match Box::pin(ask(&mut connection, text, params.clone(), wanted)).await.map_err(failed) {
                Err(error) if error.is_dead_connection() => {
                    // The others will be, too.
                    self.idle().clear();
                    if !was_idle {
                        return Err(error);
                    }
                }
                answer => {
                    self.idle().push(connection);
                    return answer;
                }
            }
        }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<PgConnection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Clone, Copy)]
enum Wanted {
    All,
    One,
    Touched,
}

struct Answer {
    rows: Vec<PgRow>,
    touched: u64,
}

async fn ask(on: &mut PgConnection, text: &str, params: Vec<Value>, wanted: Wanted) -> Result<Answer, sqlx::Error> {
    let query = sqlx::query_with::<Postgres, _>(AssertSqlSafe(text), SqlxValues(Values(params)));
    Ok(match wanted {
        Wanted::All => Answer { rows: query.fetch_all(on).await?, touched: 0 },
        Wanted::One => Answer { rows: query.fetch_optional(on).await?.into_iter().collect(), touched: 0 },
        Wanted::Touched => Answer { rows: Vec::new(), touched: query.execute(on).await?.rows_affected() },
    })
}

fn row<R: FromRow>(row: PgRow) -> Result<R, DbError> {
    R::from_row(&Row::pooled(&QueryResult::from(row)))
}

fn failed(error: sqlx::Error) -> DbError {
    DbErr::Query(RuntimeErr::SqlxError(error.into())).into()
}
