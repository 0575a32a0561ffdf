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

/// From so many parameters on, SQLite gets them without names.
const MANY: usize = 16;

/// The statement as the driver gets it. The driver looks each named parameter up in a list, which takes long when there
/// are hundreds: where `$1`, `$2` ... stand in order, each once, they lose their names.
fn statement(backend: Backend, sql: &str, params: Vec<Value>) -> Statement {
    let nameless = if backend == Backend::Sqlite && params.len() >= MANY { nameless(sql) } else { None };
    match nameless {
        Some(sql) => Statement::from_sql_and_values(driver(backend), sql, params),
        None => Statement::from_sql_and_values(driver(backend), sql, params),
    }
}

fn nameless(sql: &str) -> Option<String> {
    let mut out = String::with_capacity(sql.len());
    let mut rest = sql;
    let mut expected = 1_usize;
    while let Some(at) = rest.find(['$', '\'']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if rest.starts_with('\'') {
            let end = rest[1..].find('\'')? + 2;
            out.push_str(&rest[..end]);
            rest = &rest[end..];
            continue;
        }
        let digits = rest[1..].bytes().take_while(u8::is_ascii_digit).count();
        if rest[1..=digits].parse() != Ok(expected) {
            return None;
        }
        expected += 1;
        out.push('?');
        rest = &rest[1 + digits..];
    }
    out.push_str(rest);
    Some(out)
}

pub(crate) async fn all<R: FromQueryResult>(
    on: &impl ConnectionTrait,
    backend: Backend,
    sql: &str,
    params: Vec<Value>,
) -> Result<Vec<R>, DbError> {
    let rows = on.query_all_raw(statement(backend, sql, params)).await.map_err(DbError::from_driver)?;
    rows.iter().map(|row| R::from_query_result(row, "").map_err(DbError::from)).collect()
}

pub(crate) async fn one<R: FromQueryResult>(
    on: &impl ConnectionTrait,
    backend: Backend,
    sql: &str,
    params: Vec<Value>,
) -> Result<Option<R>, DbError> {
    let row = on.query_one_raw(statement(backend, sql, params)).await.map_err(DbError::from_driver)?;
    row.map(|row| R::from_query_result(&row, "").map_err(DbError::from)).transpose()
}

pub(crate) async fn execute(
    on: &impl ConnectionTrait,
    backend: Backend,
    sql: &str,
    params: Vec<Value>,
) -> Result<u64, DbError> {
    let done = on.execute_raw(statement(backend, sql, params)).await.map_err(DbError::from_driver)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_in_order_lose_their_names() {
        assert_eq!(
            nameless("INSERT INTO t VALUES ($1,$2),($3,'$9')").as_deref(),
            Some("INSERT INTO t VALUES (?,?),(?,'$9')")
        );
        assert_eq!(nameless("SELECT $1 WHERE a = $1"), None);
        assert_eq!(nameless("SELECT $2, $1"), None);
        assert_eq!(nameless("SELECT 'it''s', $1").as_deref(), Some("SELECT 'it''s', ?"));
    }
}
