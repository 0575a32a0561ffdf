//! Cursor paging: `{items, next}`.

use serde::{Deserialize, Serialize};

/// One page of a list.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Page<T> {
    /// The records.
    pub items: Vec<T>,
    /// Pass as `cursor` to get the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Where a page starts: the insertion number of the last row of the page before.
pub type Cursor = i64;

/// What the caller asked for: `?limit=50&cursor=...`.
#[derive(Clone, Copy, Debug)]
pub struct PageRequest {
    /// Rows in a page, 1 to 200.
    pub limit: u32,
    /// Rows before this insertion number (newest first).
    pub before: Option<Cursor>,
}

impl PageRequest {
    /// The first page of `limit` rows.
    pub fn first(limit: u32) -> Self {
        Self { limit: limit.clamp(1, 200), before: None }
    }

    /// The largest possible cursor when none was given, so that SQL can always compare.
    pub fn before_or_max(&self) -> i64 {
        self.before.unwrap_or(i64::MAX)
    }

    /// Makes the page from up to `limit + 1` rows read, and `seq_of`, which gives a row's insertion number.
    pub fn page<R, T>(&self, mut rows: Vec<R>, seq_of: impl Fn(&R) -> i64, into: impl Fn(R) -> T) -> Page<T> {
        let more = rows.len() > self.limit as usize;
        rows.truncate(self.limit as usize);
        let next = if more { rows.last().map(|row| seq_of(row).to_string()) } else { None };
        Page { items: rows.into_iter().map(into).collect(), next }
    }
}
