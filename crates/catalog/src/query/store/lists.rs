//! The statements that list and count records by a plan.

use domain::query::{Condition, Param, ParamKind, Plan, order_sql};
use platform::db::{DbError, FromRow, Row};
use sea_orm::Value;
use uuid::Uuid;

use crate::query::driver;

/// A statement with its parameters.
#[derive(Clone, Debug)]
pub struct Statement {
    /// SQL.
    pub text: String,
    /// Its parameters.
    pub values: Vec<Value>,
}

/// What a slice lists: the parts of the statement that are its own.
#[derive(Clone, Debug)]
pub struct Listing {
    /// The columns of a row.
    pub columns: &'static str,
    /// The table and its alias.
    pub from: &'static str,
    /// That the caller may see a row, and what else the list is narrowed to.
    pub conditions: String,
    /// The parameters of the conditions.
    pub values: Vec<Value>,
}

/// A row with the values by which it is sorted.
#[derive(Clone, Debug)]
pub struct Keyed<R> {
    /// The row.
    pub row: R,
    /// The values, in the order of the plan.
    pub keys: Vec<Option<Param>>,
}

/// What the columns begin with in which the values of sort keys are read; their kind ends them.
const KEY: &str = "sort_key_";

/// The column in which the value of a sort key is read.
fn key_column(place: usize, kind: ParamKind) -> String {
    let kind = match kind {
        ParamKind::Text => "text",
        ParamKind::Integer => "integer",
        ParamKind::Number => "number",
        ParamKind::Flag => "flag",
        ParamKind::Id => "id",
    };
    format!("{KEY}{place}_{kind}")
}

fn key_value(row: &Row<'_>, column: &str) -> Result<Option<Param>, DbError> {
    Ok(match column.rsplit('_').next() {
        Some("text") => row.get::<Option<String>>(column)?.map(Param::Text),
        Some("number") => row.get::<Option<f64>>(column)?.map(Param::Number),
        Some("flag") => row.get::<Option<bool>>(column)?.map(Param::Flag),
        Some("id") => row.get::<Option<Uuid>>(column)?.map(Param::Id),
        _ => row.get::<Option<i64>>(column)?.map(Param::Integer),
    })
}

impl<R: FromRow> FromRow for Keyed<R> {
    fn from_row(row: &Row<'_>) -> Result<Self, DbError> {
        let columns = row.columns();
        let columns = columns.iter().filter(|column| column.starts_with(KEY));
        let keys = columns.map(|column| key_value(row, column)).collect::<Result<_, _>>()?;
        Ok(Self { row: R::from_row(row)?, keys })
    }
}

/// The statement that lists what a plan says, from a page on; its rows are [`Keyed`].
pub fn list(listing: Listing, plan: &Plan, page: Option<&Condition>, limit: i64) -> Statement {
    let Listing { columns, from, mut conditions, mut values } = listing;
    let mut bind = |param: &Param| {
        values.push(driver(param));
        values.len()
    };
    for condition in [Some(&plan.condition), page].into_iter().flatten() {
        conditions.push_str(" AND ");
        conditions.push_str(&condition.sql(&mut bind));
    }
    let order = order_sql(&plan.order, &mut bind);
    let mut keys = String::new();
    for (place, key) in plan.order.iter().enumerate() {
        let column = key.by.column.sql(&mut bind);
        let name = key_column(place, key.by.kind);
        let column = match key.by.kind {
            ParamKind::Integer => format!("CAST({column} AS BIGINT)"),
            ParamKind::Number => format!("CAST({column} AS DOUBLE PRECISION)"),
            _ => column,
        };
        keys.push_str(&format!(", {column} AS {name}"));
    }
    // SQLite prepares a statement anew each time a limit is bound.
    let text = format!("SELECT {columns}{keys} FROM {from} WHERE {conditions} ORDER BY {order} LIMIT {limit}");
    Statement { text, values }
}

/// The statement that counts what a plan says, exactly up to `most`; one more stands for all beyond. Its column is
/// `number`.
pub fn count(listing: Listing, plan: &Plan, most: i64) -> Statement {
    let Listing { from, conditions, mut values, .. } = listing;
    let mut bind = |param: &Param| {
        values.push(driver(param));
        values.len()
    };
    let asked = plan.condition.sql(&mut bind);
    values.push((most + 1).into());
    let n = values.len();
    let text = format!(
        "SELECT COUNT(*) AS number FROM (SELECT 1 AS one FROM {from} WHERE {conditions} AND {asked} LIMIT ${n}) c"
    );
    Statement { text, values }
}
