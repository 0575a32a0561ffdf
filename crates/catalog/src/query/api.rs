//! What callers send and get about queries, whatever kind of record they are over.

use domain::query::QueryError;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A query to look at.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckQuery {
    /// Its text.
    pub query: String,
}

/// What is wrong with a query, if anything is.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckedQuery {
    /// The query in its regular spelling, when nothing is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canonical: Option<String>,
    /// Everything that is wrong, in the order of the text.
    pub problems: Vec<QueryError>,
}

impl CheckedQuery {
    /// What came of understanding `text`.
    pub fn of<T>(text: &str, understood: Result<T, Vec<QueryError>>) -> Self {
        match understood {
            Ok(_) => {
                Self { canonical: domain::query::parse(text).ok().map(|query| query.to_string()), problems: Vec::new() }
            }
            Err(problems) => Self { canonical: None, problems },
        }
    }
}

/// An unfinished query.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CompleteQuery {
    /// Its text.
    pub text: String,
    /// The character before which the cursor stands, from 0; characters are Unicode scalar values.
    pub cursor: usize,
}

/// How many records a list has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RecordCount {
    /// How many, up to 1,000.
    pub count: i64,
    /// Whether there are more than `count`.
    pub capped: bool,
}

/// How many records are counted exactly.
pub const COUNTED: i64 = 1_000;

impl RecordCount {
    /// Of a number that was counted up to one more than [`COUNTED`].
    pub fn of(found: i64) -> Self {
        Self { count: found.min(COUNTED), capped: found > COUNTED }
    }
}
