//! Running statements, in a transaction or beside it.

use std::{future::Future, sync::Arc};

use sea_orm::{ConnectionTrait, Statement, Value};

use super::{Backend, DbError, FromRow, Memory, Row, postgres, sqlite};

/// Where SQL can run: a [`Tx`](super::Tx) or a [`Read`]. Store functions take `&impl Sql`.
pub trait Sql: Sync {
    /// Which database is behind.
    fn backend(&self) -> Backend;

    /// What was read through this handle and is needed again.
    fn memory(&self) -> &Memory;

    /// All rows.
    fn all<R: FromRow + Send>(
        &self,
        sql: &str,
        params: Vec<Value>,
    ) -> impl Future<Output = Result<Vec<R>, DbError>> + Send;

    /// The first row, if there is one.
    fn one<R: FromRow + Send>(
        &self,
        sql: &str,
        params: Vec<Value>,
    ) -> impl Future<Output = Result<Option<R>, DbError>> + Send;

    /// Runs a statement and gives the number of rows it touched.
    fn execute(&self, sql: &str, params: Vec<Value>) -> impl Future<Output = Result<u64, DbError>> + Send;
}

pub(crate) fn driver(backend: Backend) -> sea_orm::DbBackend {
    match backend {
        Backend::Sqlite => sea_orm::DbBackend::Sqlite,
        Backend::Postgres => sea_orm::DbBackend::Postgres,
    }
}

fn statement(backend: Backend, sql: &str, params: Vec<Value>) -> Statement {
    Statement::from_sql_and_values(driver(backend), sql, params)
}

pub(crate) async fn all<R: FromRow>(
    on: &impl ConnectionTrait,
    backend: Backend,
    sql: &str,
    params: Vec<Value>,
) -> Result<Vec<R>, DbError> {
    let rows = on.query_all_raw(statement(backend, sql, params)).await?;
    rows.iter().map(|row| R::from_row(&Row::pooled(row))).collect()
}

pub(crate) async fn one<R: FromRow>(
    on: &impl ConnectionTrait,
    backend: Backend,
    sql: &str,
    params: Vec<Value>,
) -> Result<Option<R>, DbError> {
    let row = on.query_one_raw(statement(backend, sql, params)).await?;
    row.map(|row| R::from_row(&Row::pooled(&row))).transpose()
}

pub(crate) async fn execute(
    on: &impl ConnectionTrait,
    backend: Backend,
    sql: &str,
    params: Vec<Value>,
) -> Result<u64, DbError> {
    let done = on.execute_raw(statement(backend, sql, params)).await?;
    Ok(done.rows_affected())
}

/// A handle for reading, for one request: it has a [`Memory`].
#[derive(Clone)]
pub struct Read {
    source: Source,
    memory: Arc<Memory>,
}

impl Read {
    pub(super) fn new(source: Source) -> Self {
        Self { source, memory: Arc::default() }
    }
}

#[derive(Clone)]
pub(super) enum Source {
    Sqlite(Arc<sqlite::Readers>),
    Postgres(Arc<postgres::Readers>),
}

impl Sql for Read {
    fn backend(&self) -> Backend {
        match self.source {
            Source::Sqlite(_) => Backend::Sqlite,
            Source::Postgres(_) => Backend::Postgres,
        }
    }

    fn memory(&self) -> &Memory {
        &self.memory
    }

    async fn all<R: FromRow + Send>(&self, text: &str, params: Vec<Value>) -> Result<Vec<R>, DbError> {
        match &self.source {
            Source::Sqlite(readers) => readers.with(|one| one.all(text, &params)).await,
            Source::Postgres(readers) => readers.all(text, params).await,
        }
    }

    async fn one<R: FromRow + Send>(&self, text: &str, params: Vec<Value>) -> Result<Option<R>, DbError> {
        match &self.source {
            Source::Sqlite(readers) => readers.with(|one| one.one(text, &params)).await,
            Source::Postgres(readers) => readers.one(text, params).await,
        }
    }

    async fn execute(&self, text: &str, params: Vec<Value>) -> Result<u64, DbError> {
        match &self.source {
            Source::Sqlite(readers) => readers.with(|one| one.execute(text, &params)).await,
            Source::Postgres(readers) => readers.execute(text, params).await,
        }
    }
}
