//! People from a file of comma-separated values.
//!
//! **Vocabulary.** A *row* creates a person (who is invited by mail), updates one with the same mail address, or finds
//! them the same. Teams are joined and never left: leaving out a team in a file takes nobody out of it.
//!
//! **Invariants**
//! - The file is one transaction: all of it, or nothing when a row is wrong (unless wrong rows are to be left out).
//! - A dry run is the real run, taken back at its end, so that it cannot say anything else.
//! - Administrators are not changed by a file, and nobody becomes one by it.

mod read;
mod routes;
mod service;

use serde::Serialize;
use utoipa::ToSchema;

pub(super) use routes::routes;

/// What becomes of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ImportedOutcome)]
pub(crate) enum Outcome {
    /// A new person, who is invited.
    Create,
    /// A person changes.
    Update,
    /// Nothing changes.
    Same,
    /// The row is wrong.
    Error,
}

/// A row and what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ImportedRow)]
pub(crate) struct RowReport {
    /// The line of the file on which the row begins, from 1.
    pub line: u64,
    /// The mail address in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// What becomes of it.
    pub outcome: Outcome,
    /// What is wrong with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// What changes, such as `name` or `joins Payments`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<String>,
}

/// What becomes of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ImportedPeople)]
pub(crate) struct Report {
    /// Whether the file was put in. Not after a dry run, nor where a row is wrong.
    pub applied: bool,
    /// New people.
    pub created: i64,
    /// People who change.
    pub updated: i64,
    /// People who stay the same.
    pub unchanged: i64,
    /// Rows that are wrong.
    pub failed: i64,
    /// Columns that mean nothing here and were left out.
    pub ignored_columns: Vec<String>,
    /// Row by row.
    pub rows: Vec<RowReport>,
}

impl Report {
    fn add(&mut self, row: RowReport) {
        *match row.outcome {
            Outcome::Create => &mut self.created,
            Outcome::Update => &mut self.updated,
            Outcome::Same => &mut self.unchanged,
            Outcome::Error => &mut self.failed,
        } += 1;
        self.rows.push(row);
    }
}
