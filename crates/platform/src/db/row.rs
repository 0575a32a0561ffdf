//! Rows, whichever driver read them.

use std::cell::Cell;

use rusqlite::types::ValueRef;
use sea_orm::QueryResult;
use uuid::Uuid;

use super::DbError;

/// A row of an answer.
pub struct Row<'a>(Source<'a>);

enum Source<'a> {
    Pooled(&'a QueryResult),
    Sqlite(SqliteRow<'a>),
}

/// What can be read from a row. Derive it: `#[derive(FromRow)]`.
pub trait FromRow: Sized {
    /// Reads it.
    ///
    /// # Errors
    /// When a column is missing or holds something else.
    fn from_row(row: &Row<'_>) -> Result<Self, DbError>;
}

/// What can be read from a column.
pub trait Column: sea_orm::TryGetable {
    /// Reads it as SQLite keeps it; `None` when it is something else.
    fn from_sqlite(value: ValueRef<'_>) -> Option<Self>;
}

pub(super) struct SqliteRow<'a> {
    row: &'a rusqlite::Row<'a>,
    names: &'a [String],
    /// Where the next column is looked for first: fields mostly stand in the order of the columns.
    next: Cell<usize>,
}

impl<'a> Row<'a> {
    pub(super) fn pooled(row: &'a QueryResult) -> Self {
        Self(Source::Pooled(row))
    }

    pub(super) fn sqlite(row: &'a rusqlite::Row<'a>, names: &'a [String]) -> Self {
        Self(Source::Sqlite(SqliteRow { row, names, next: Cell::new(0) }))
    }

    /// The value of a column.
    ///
    /// # Errors
    /// When there is no such column, or it holds something else.
    pub fn get<T: Column>(&self, column: &str) -> Result<T, DbError> {
        match &self.0 {
            Source::Pooled(row) => Ok(row.try_get("", column)?),
            Source::Sqlite(row) => row.get(column),
        }
    }

    /// The names of the columns, in their order.
    pub fn columns(&self) -> Vec<String> {
        match &self.0 {
            Source::Pooled(row) => row.column_names(),
            Source::Sqlite(row) => row.names.to_vec(),
        }
    }
}

impl SqliteRow<'_> {
    fn get<T: Column>(&self, column: &str) -> Result<T, DbError> {
        let next = self.next.get();
        let place = if self.names.get(next).is_some_and(|name| name == column) {
            Some(next)
        } else {
            self.names.iter().position(|name| name == column)
        };
        let place = place.ok_or_else(|| DbError::Corrupt(format!("there is no column {column}")))?;
        self.next.set(place + 1);
        let value = self.row.get_ref(place)?;
        T::from_sqlite(value).ok_or_else(|| {
            DbError::Corrupt(format!("column {column} holds {}, which is not expected", value.data_type()))
        })
    }
}

impl<T: Column> Column for Option<T> {
    fn from_sqlite(value: ValueRef<'_>) -> Option<Self> {
        match value {
            ValueRef::Null => Some(None),
            value => T::from_sqlite(value).map(Some),
        }
    }
}

impl Column for i64 {
    fn from_sqlite(value: ValueRef<'_>) -> Option<Self> {
        value.as_i64().ok()
    }
}

impl Column for f64 {
    fn from_sqlite(value: ValueRef<'_>) -> Option<Self> {
        match value {
            // A column of another affinity keeps a whole number as such.
            #[expect(clippy::cast_precision_loss, reason = "what was stored was a number of this kind")]
            ValueRef::Integer(whole) => Some(whole as Self),
            value => value.as_f64().ok(),
        }
    }
}

impl Column for bool {
    fn from_sqlite(value: ValueRef<'_>) -> Option<Self> {
        value.as_i64().ok().map(|number| number != 0)
    }
}

impl Column for String {
    fn from_sqlite(value: ValueRef<'_>) -> Option<Self> {
        value.as_str().ok().map(str::to_owned)
    }
}

impl Column for Vec<u8> {
    fn from_sqlite(value: ValueRef<'_>) -> Option<Self> {
        value.as_bytes().ok().map(<[u8]>::to_vec)
    }
}

impl Column for Uuid {
    fn from_sqlite(value: ValueRef<'_>) -> Option<Self> {
        value.as_blob().ok().and_then(|bytes| Self::from_slice(bytes).ok())
    }
}

impl Column for serde_json::Value {
    fn from_sqlite(value: ValueRef<'_>) -> Option<Self> {
        value.as_bytes().ok().and_then(|text| serde_json::from_slice(text).ok())
    }
}
