//! Running statements, in a transaction or beside it.

use std::future::Future;

use sea_orm::{ConnectionTrait, DatabaseConnection, FromQueryResult, Statement, Value};

use super::{Backend, DbError};

/// Where SQL can run: a [`Tx`](super::Tx) or a [`Read`]. Store functions take `&impl Sql`.
pub trait Sql: Sync {
    /// Which database is behind.
    fn backend(&self) -> Backend;

    /// All rows.
    fn all<R: FromQueryResult + Send>(
        &self,
        sql: &str,
        params: Vec<Value>,
    ) -> impl Future<Output = Result<Vec<R>, DbError>> + Send;

    /// The first row, if there is one.
    fn one<R: FromQueryResult + Send>(
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

pub(crate) async fn all<R: FromQueryResult>(
    on: &impl ConnectionTrait,
    backend: Backend,
    sql: &str,
    params: Vec<Value>,
) -> Result<Vec<R>, DbError> {
    let rows = on
        .query_all_raw(Statement::from_sql_and_values(driver(backend), sql, params))
        .await
        .map_err(DbError::from_driver)?;
    rows.iter().map(|row| R::from_query_result(row, "").map_err(DbError::from)).collect()
}

pub(crate) async fn one<R: FromQueryResult>(
    on: &impl ConnectionTrait,
    backend: Backend,
    sql: &str,
    params: Vec<Value>,
) -> Result<Option<R>, DbError> {
    let row = on
        .query_one_raw(Statement::from_sql_and_values(driver(backend), sql, params))
        .await
        .map_err(DbError::from_driver)?;
    row.map(|row| R::from_query_result(&row, "").map_err(DbError::from)).transpose()
}

pub(crate) async fn execute(
    on: &impl ConnectionTrait,
    backend: Backend,
    sql: &str,
    params: Vec<Value>,
) -> Result<u64, DbError> {
    let done = on
        .execute_raw(Statement::from_sql_and_values(driver(backend), sql, params))
        .await
        .map_err(DbError::from_driver)?;
    Ok(done.rows_affected())
}

/// A handle for reading.
#[derive(Clone)]
pub struct Read {
    connection: DatabaseConnection,
    backend: Backend,
}

impl Read {
    pub(super) fn new(connection: DatabaseConnection, backend: Backend) -> Self {
        Self { connection, backend }
    }
}

impl Sql for Read {
    fn backend(&self) -> Backend {
        self.backend
    }

    async fn all<R: FromQueryResult + Send>(&self, sql: &str, params: Vec<Value>) -> Result<Vec<R>, DbError> {
        all(&self.connection, self.backend, sql, params).await
    }

    async fn one<R: FromQueryResult + Send>(&self, sql: &str, params: Vec<Value>) -> Result<Option<R>, DbError> {
        one(&self.connection, self.backend, sql, params).await
    }

    async fn execute(&self, sql: &str, params: Vec<Value>) -> Result<u64, DbError> {
        execute(&self.connection, self.backend, sql, params).await
    }
}
