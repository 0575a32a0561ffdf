//! What the tables look like, asked of the database itself.

use sea_orm::{ConnectionTrait, DatabaseTransaction, Value};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::{
    db::{Backend, DbError, FromRow, Migration, sql},
    params,
};

/// What a column holds, and therefore how it is written and read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    /// An id: 16 bytes on SQLite.
    Id,
    /// Other bytes.
    Bytes,
    /// JSON: text on SQLite.
    Json,
    /// A truth value.
    Bool,
    /// A whole number.
    Int,
    /// Another number.
    Real,
    /// A text.
    Text,
}

/// A column.
#[derive(Clone, Debug)]
pub(super) struct Column {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub holds: Holds,
}

#[derive(FromRow)]
struct ColumnRow {
    name: String,
    kind: String,
}

/// The tables that these migrations make and leave, in the order in which they make them: what is referred to comes first.
pub(super) fn tables(applied: &[&Migration]) -> Vec<String> {
    let mut tables = Vec::new();
    for line in applied.iter().flat_map(|migration| migration.sql.lines()) {
        let named = |verb| line.trim().strip_prefix(verb).map(name);
        if let Some(made) = named("CREATE TABLE ") {
            tables.push(made.to_owned());
        } else if let Some(dropped) = named("DROP TABLE ") {
            tables.retain(|table| table != dropped);
        }
    }
    tables
}

fn name(text: &str) -> &str {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or(text)
}

/// The stored columns of a table, in their order.
pub(super) async fn columns(tx: &DatabaseTransaction, backend: Backend, table: &str) -> Result<Vec<Column>, DbError> {
    let text = match backend {
        Backend::Sqlite => "SELECT name, type AS kind FROM pragma_table_info($1) ORDER BY cid",
        Backend::Postgres => {
            "SELECT column_name::text AS name, udt_name::text AS kind FROM information_schema.columns \
             WHERE table_schema = current_schema() AND table_name = $1 AND is_generated = 'NEVER' ORDER BY ordinal_position"
        }
    };
    let rows: Vec<ColumnRow> = sql::all(tx, backend, text, params![table]).await?;
    rows.into_iter()
        .map(|row| {
            let holds = match row.kind.to_ascii_lowercase().as_str() {
                "uuid" => Holds::Id,
                "blob" | "bytea" => Holds::Bytes,
                "jsonb" | "json" => Holds::Json,
                "boolean" | "bool" => Holds::Bool,
                "bigint" | "integer" | "int8" | "int4" => Holds::Int,
                "double precision" | "real" | "float8" => Holds::Real,
                "text" => Holds::Text,
                other => return Err(DbError::Corrupt(format!("column {table}.{} is of kind {other}", row.name))),
            };
            Ok(Column { name: row.name, holds })
        })
        .collect()
}

/// Rows read at once.
const PAGE: usize = 1000;

#[derive(FromRow)]
struct LineRow {
    line: String,
    place: i64,
}

/// The rows of a table, page by page: through a cursor on PostgreSQL, by row number on SQLite.
pub(super) struct Pages {
    backend: Backend,
    text: String,
    after: i64,
}

impl Pages {
    /// Before the first row.
    pub(super) async fn begin(
        tx: &DatabaseTransaction,
        backend: Backend,
        table: &str,
        columns: &[Column],
    ) -> Result<Self, DbError> {
        let line = line(backend, columns);
        let text = match backend {
            Backend::Sqlite => {
                format!(
                    "SELECT {line} AS line, rowid AS place FROM \"{table}\" WHERE rowid > $1 ORDER BY rowid LIMIT {PAGE}"
                )
            }
            Backend::Postgres => {
                let cursor = format!("backup_{table}");
                let select = format!("SELECT {line} AS line, 0::bigint AS place FROM \"{table}\"");
                tx.execute_unprepared(&format!("DECLARE \"{cursor}\" NO SCROLL CURSOR FOR {select}")).await?;
                format!("FETCH {PAGE} FROM \"{cursor}\"")
            }
        };
        Ok(Self { backend, text, after: i64::MIN })
    }

    /// The next rows, each as a JSON array; none after the last.
    pub(super) async fn next(&mut self, tx: &DatabaseTransaction) -> Result<Vec<String>, DbError> {
        let values = if self.backend == Backend::Sqlite { params![self.after] } else { vec![] };
        let rows: Vec<LineRow> = sql::all(tx, self.backend, &self.text, values).await?;
        self.after = rows.last().map_or(self.after, |row| row.place);
        Ok(rows.into_iter().map(|row| row.line).collect())
    }
}

/// An expression that gives a row as the text of a JSON array.
fn line(backend: Backend, columns: &[Column]) -> String {
    let values: Vec<String> = columns
        .iter()
        .map(|Column { name, holds }| match (backend, holds) {
            (Backend::Sqlite, Holds::Id | Holds::Bytes) => {
                format!("CASE WHEN \"{name}\" IS NOT NULL THEN lower(hex(\"{name}\")) END")
            }
            (Backend::Postgres, Holds::Id) => format!("replace(\"{name}\"::text, '-', '')"),
            (Backend::Postgres, Holds::Bytes) => format!("encode(\"{name}\", 'hex')"),
            (Backend::Postgres, Holds::Json) => format!("\"{name}\"::text"),
            (Backend::Postgres, Holds::Bool) => format!("\"{name}\"::int"),
            _ => format!("\"{name}\""),
        })
        .collect();
    let array = match backend {
        Backend::Sqlite => "json_array",
        Backend::Postgres => "json_build_array",
    };
    let cast = if backend == Backend::Postgres { "::text" } else { "" };
    format!("{array}({}){cast}", values.join(", "))
}

/// A value of a row line as the column of this database takes it.
pub(super) fn value(backend: Backend, holds: Holds, json: &Json) -> Result<Value, String> {
    let text = || json.as_str().map(str::to_owned);
    let none = json.is_null();
    let wrong = || format!("{json} is no value for a column that holds {holds:?}");
    Ok(match (backend, holds) {
        (Backend::Postgres, Holds::Id) => {
            let id = if none { None } else { Some(Uuid::parse_str(&text().ok_or_else(wrong)?).map_err(|_| wrong())?) };
            Value::from(id)
        }
        (_, Holds::Id | Holds::Bytes) => {
            let bytes = if none { None } else { Some(from_hex(&text().ok_or_else(wrong)?).ok_or_else(wrong)?) };
            Value::from(bytes)
        }
        (Backend::Postgres, Holds::Json) => {
            let parsed = if none {
                None
            } else {
                Some(serde_json::from_str::<Json>(&text().ok_or_else(wrong)?).map_err(|_| wrong())?)
            };
            Value::from(parsed)
        }
        (_, Holds::Json | Holds::Text) => Value::from(if none { None } else { Some(text().ok_or_else(wrong)?) }),
        (_, Holds::Bool) => Value::from(if none { None } else { Some(json.as_i64().ok_or_else(wrong)? != 0) }),
        (_, Holds::Int) => Value::from(if none { None } else { Some(json.as_i64().ok_or_else(wrong)?) }),
        (_, Holds::Real) => Value::from(if none { None } else { Some(json.as_f64().ok_or_else(wrong)?) }),
    })
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    (digits.len().is_multiple_of(2)).then_some(())?;
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

#[derive(FromRow)]
struct LastRow {
    last: Option<i64>,
}

/// The column by which a table counts its rows, where it does.
pub(super) const COUNTED: &str = "seq";

/// The last insertion number that a table gave, where it counts.
pub(super) async fn last_number(
    tx: &DatabaseTransaction,
    backend: Backend,
    table: &str,
    columns: &[Column],
) -> Result<Option<i64>, DbError> {
    if columns.iter().all(|column| column.name != COUNTED) {
        return Ok(None);
    }
    let row: Option<LastRow> = match backend {
        Backend::Sqlite => {
            sql::one(tx, backend, "SELECT seq AS last FROM sqlite_sequence WHERE name = $1", params![table]).await?
        }
        Backend::Postgres => {
            let text = "SELECT pg_sequence_last_value(pg_get_serial_sequence($1, 'seq')::regclass) AS last";
            sql::one(tx, backend, text, params![table]).await?
        }
    };
    Ok(row.and_then(|row| row.last))
}

/// Lets a table count on after this number.
pub(super) async fn count_from(
    tx: &DatabaseTransaction,
    backend: Backend,
    table: &str,
    last: i64,
) -> Result<(), DbError> {
    match backend {
        Backend::Sqlite => {
            sql::execute(tx, backend, "DELETE FROM sqlite_sequence WHERE name = $1", params![table]).await?;
            let text = "INSERT INTO sqlite_sequence (name, seq) VALUES ($1, $2)";
            sql::execute(tx, backend, text, params![table, last]).await?;
        }
        Backend::Postgres => {
            let text = format!("SELECT setval(pg_get_serial_sequence('{table}', 'seq'), {last})");
            tx.execute_unprepared(&text).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_come_in_the_order_of_their_making() {
        let first =
            Migration { name: "a", sql: "CREATE TABLE people (\n  id {uuid}\n);\nCREATE INDEX x ON people (id);\n" };
        let second = Migration { name: "b", sql: "CREATE TABLE teams(id {uuid});\n" };
        assert_eq!(tables(&[&first, &second]), ["people", "teams"]);
        let third =
            Migration { name: "c", sql: "-- Nobody asked.\nDROP TABLE people;\nCREATE TABLE people_2 (id {uuid});\n" };
        assert_eq!(tables(&[&first, &second, &third]), ["teams", "people_2"]);
    }

    #[test]
    fn hexadecimal_is_read_whole_or_not_at_all() {
        assert_eq!(from_hex("00ff"), Some(vec![0, 255]));
        assert_eq!(from_hex("0"), None);
        assert_eq!(from_hex("zz"), None);
    }
}
