//! What callers send and get about queries.

use domain::query::QueryError;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A query to look at.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CheckQuery)]
pub(super) struct CheckBody {
    /// Its text.
    pub query: String,
}

/// What is wrong with a query, if anything is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CheckedQuery)]
pub(super) struct CheckedDto {
    /// The query in its regular spelling, when nothing is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canonical: Option<String>,
    /// Everything that is wrong, in the order of the text.
    pub problems: Vec<QueryError>,
}

/// An unfinished query.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CompleteQuery)]
pub(super) struct CompleteBody {
    /// Its text.
    pub text: String,
    /// The character before which the cursor stands, from 0; characters are Unicode scalar values.
    pub cursor: usize,
}

/// How many tickets a list has.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RecordCount)]
pub(super) struct CountDto {
    /// How many, up to 1,000.
    pub count: i64,
    /// Whether there are more than `count`.
    pub capped: bool,
}
