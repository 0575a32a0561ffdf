//! Connections to SQLite whose statements run on the thread that asks: a statement takes a few microseconds, and
//! handing it to another thread and back takes several times as long.

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, Statement, types::ToSqlOutput, types::Value as Stored, types::ValueRef};
use sea_orm::Value;
use tokio::sync::Semaphore;

use super::{DbError, FromRow, Row};
use crate::measure::Stopwatch;

/// Statements that each connection keeps prepared.
const STATEMENTS: usize = 500;
/// How long a statement may take before it is logged.
const SLOW: Duration = Duration::from_secs(1);

/// The file behind `sqlite:PATH`.
pub(super) fn file(url: &str) -> Option<PathBuf> {
    let rest = url.strip_prefix("sqlite:")?;
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    Some(PathBuf::from(rest.split('?').next().unwrap_or(rest)))
}

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    Write,
    Read,
}

/// One connection.
pub(super) struct Sqlite(Mutex<Connection>);

impl Sqlite {
    pub(super) fn open(file: &Path, use_as: Use) -> Result<Self, rusqlite::Error> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(file, flags)?;
        connection.busy_timeout(Duration::from_secs(10))?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        connection.execute_batch(
            "PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; PRAGMA temp_store = memory; PRAGMA cache_size = -16000",
        )?;
        if use_as == Use::Read {
            connection.execute_batch("PRAGMA query_only = true")?;
        }
        Ok(Self(Mutex::new(connection)))
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether no transaction is open.
    pub(super) fn is_idle(&self) -> bool {
        self.lock().is_autocommit()
    }

    /// Runs a statement without parameters or rows, such as COMMIT.
    pub(super) fn run(&self, text: &str) -> Result<(), DbError> {
        self.each(text, &[], |_| Ok(false)).map(drop)
    }

    pub(super) fn all<R: FromRow>(&self, text: &str, params: &[Value]) -> Result<Vec<R>, DbError> {
        let mut rows = Vec::new();
        self.each(text, params, |row| {
            rows.push(R::from_row(row)?);
            Ok(true)
        })?;
        Ok(rows)
    }

    pub(super) fn one<R: FromRow>(&self, text: &str, params: &[Value]) -> Result<Option<R>, DbError> {
        let mut first = None;
        self.each(text, params, |row| {
            first = Some(R::from_row(row)?);
            Ok(false)
        })?;
        Ok(first)
    }

    pub(super) fn execute(&self, text: &str, params: &[Value]) -> Result<u64, DbError> {
        self.each(text, params, |_| Ok(true))
    }

    /// Runs a statement that gives no rows once for each set of parameters, and tells `done` the set, how many rows it
    /// touched and the number of the last row inserted.
    pub(super) fn repeat<'a>(
        &self,
        text: &str,
        sets: impl Iterator<Item = &'a [Value]>,
        mut done: impl FnMut(&'a [Value], u64, i64),
    ) -> Result<(), DbError> {
        self.prepared(text, |connection, statement| {
            for params in sets {
                bind(statement, params)?;
                statement.raw_execute()?;
                done(params, connection.changes(), connection.last_insert_rowid());
            }
            Ok(())
        })
    }

    /// Runs a statement, gives its rows to `take` until that has enough, and gives the number of rows it touched.
    fn each(
        &self,
        text: &str,
        params: &[Value],
        mut take: impl FnMut(&Row<'_>) -> Result<bool, DbError>,
    ) -> Result<u64, DbError> {
        self.prepared(text, |connection, statement| {
            bind(statement, params)?;
            let names: Vec<String> = statement.column_names().into_iter().map(str::to_owned).collect();
            let mut rows = statement.raw_query();
            while let Some(row) = rows.next()? {
                if !take(&Row::sqlite(row, &names))? {
                    break;
                }
            }
            drop(rows);
            Ok(if statement.readonly() { 0 } else { connection.changes() })
        })
    }

    /// Does something with a statement that is prepared once, and says how long it took.
    fn prepared<T>(
        &self,
        text: &str,
        act: impl FnOnce(&Connection, &mut Statement<'_>) -> Result<T, DbError>,
    ) -> Result<T, DbError> {
        let connection = self.lock();
        let watch = Stopwatch::start();
        let done = act(&connection, &mut *connection.prepare_cached(&numbered(text))?)?;
        let elapsed = watch.elapsed();
        if elapsed > SLOW {
            tracing::warn!(?elapsed, statement = text, "a slow statement");
        } else {
            tracing::debug!(target: "bridgewatch::sql", ?elapsed, statement = text);
        }
        Ok(done)
    }
}

fn bind(statement: &mut Statement<'_>, params: &[Value]) -> Result<(), DbError> {
    for (at, param) in params.iter().enumerate() {
        statement.raw_bind_parameter(at + 1, bound(param)?)?;
    }
    Ok(())
}

/// `$1` is a name to SQLite, which it would look up among all names; `?1` is a number.
fn numbered(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut quoted = false;
    let bytes = text.as_bytes();
    for (at, byte) in bytes.iter().copied().enumerate() {
        quoted ^= byte == b'\'';
        let number = byte == b'$' && !quoted && bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
        out.push(if number { b'?' } else { byte });
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

/// A parameter as SQLite keeps it.
fn bound(value: &Value) -> Result<ToSqlOutput<'_>, DbError> {
    let owned = |value: Stored| Ok(ToSqlOutput::Owned(value));
    let integer = |value: i64| owned(Stored::Integer(value));
    match value {
        Value::Bool(Some(value)) => integer(i64::from(*value)),
        Value::Int(Some(value)) => integer(i64::from(*value)),
        Value::BigInt(Some(value)) => integer(*value),
        Value::Double(Some(value)) => owned(Stored::Real(*value)),
        Value::String(Some(value)) => Ok(ToSqlOutput::Borrowed(ValueRef::Text(value.as_bytes()))),
        Value::Bytes(Some(value)) => Ok(ToSqlOutput::Borrowed(ValueRef::Blob(value))),
        Value::Uuid(Some(value)) => Ok(ToSqlOutput::Borrowed(ValueRef::Blob(value.as_bytes()))),
        Value::Json(Some(value)) => owned(Stored::Text(value.to_string())),
        Value::Bool(None)
        | Value::Int(None)
        | Value::BigInt(None)
        | Value::Double(None)
        | Value::String(None)
        | Value::Bytes(None)
        | Value::Uuid(None)
        | Value::Json(None) => owned(Stored::Null),
        other => Err(DbError::Corrupt(format!("a parameter of an unknown kind: {other:?}"))),
    }
}

/// Connections for reading. A statement runs on the worker thread of the request, which therefore must have enough
/// of them: [`READERS`] more than there are cores.
pub(super) struct Readers {
    file: PathBuf,
    idle: Mutex<Vec<Sqlite>>,
    free: Semaphore,
}

/// How many statements read at once.
pub const READERS: usize = 8;

impl Readers {
    pub(super) fn new(file: PathBuf) -> Self {
        Self { file, idle: Mutex::new(Vec::new()), free: Semaphore::new(READERS) }
    }

    pub(super) async fn with<T>(&self, read: impl FnOnce(&Sqlite) -> Result<T, DbError>) -> Result<T, DbError> {
        let _permit = self.free.acquire().await.map_err(|_| DbError::Closed)?;
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => Sqlite::open(&self.file, Use::Read)?,
        };
        let answer = read(&connection);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params;

    #[test]
    fn parameters_become_numbers_outside_quotes() {
        assert_eq!(numbered("SELECT $1, '$.a $2', $12"), "SELECT ?1, '$.a $2', ?12");
        assert_eq!(numbered("SELECT 'it''s $1', $2"), "SELECT 'it''s $1', ?2");
        assert_eq!(numbered("SELECT '√', $1"), "SELECT '√', ?1");
    }

    #[test]
    fn the_address_names_a_file() {
        assert_eq!(file("sqlite:data/a.db").as_deref(), Some(Path::new("data/a.db")));
        assert_eq!(file("sqlite:///tmp/a.db?mode=rwc").as_deref(), Some(Path::new("/tmp/a.db")));
        assert_eq!(file("postgres://x"), None);
    }

    #[derive(FromRow)]
    struct Sample {
        id: uuid::Uuid,
        #[column = "name"]
        called: Option<String>,
        weight: f64,
        on: bool,
        body: serde_json::Value,
    }

    #[test]
    fn rows_come_back_as_they_were_bound() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.db");
        drop(Connection::open(&path).expect("a file"));
        let db = Sqlite::open(&path, Use::Write).expect("opens");
        db.run("CREATE TABLE t (id BLOB PRIMARY KEY, name TEXT, weight REAL, \"on\" BOOLEAN, body TEXT)")
            .expect("made");
        let id = uuid::Uuid::from_u128(7);
        let insert = "INSERT INTO t VALUES ($1, $3, $2, $4, $5)";
        let values = params![id, 2.0_f64, None::<String>, true, serde_json::json!({"a": ["ä", null]})];
        assert_eq!(db.execute(insert, &values).expect("inserted"), 1);
        // Columns in another order than the fields.
        let row: Option<Sample> = db.one("SELECT body, \"on\", weight, name, id FROM t", &[]).expect("read");
        let row = row.expect("a row");
        assert_eq!((row.id, row.called, row.weight, row.on), (id, None, 2.0, true));
        assert_eq!(row.body["a"][0], "ä");
        assert!(db.execute(insert, &values).expect_err("there already").is_unique());
        let missing = db.all::<Sample>("SELECT id FROM t", &[]).err().expect("no such column").to_string();
        assert!(missing.contains("name"), "{missing}");
        let wrong = db.all::<Sample>("SELECT id, 1 AS name, weight, \"on\", body FROM t", &[]).err();
        assert!(wrong.expect("no text").to_string().contains("Integer"));
        assert_eq!(db.execute("SELECT 1", &[]).expect("read"), 0, "reading touches nothing");
        let reader = Sqlite::open(&path, Use::Read).expect("opens");
        assert!(reader.execute("DELETE FROM t", &[]).is_err(), "readers do not write");
    }
}
