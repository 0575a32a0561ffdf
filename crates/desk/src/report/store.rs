//! Counting tickets by spans of time.

use kernel::Scope;
use platform::db::scope_project;
use platform::{DbError, Sql, params};
use sea_orm::FromQueryResult;

/// What one span counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromQueryResult)]
pub(super) struct SpanRow {
    /// Number of the span, from 0.
    pub span: i64,
    /// How many tickets.
    pub tickets: i64,
    /// The sum of their times to resolve, in microseconds; 0 for openings.
    pub total: i64,
}

/// Tickets resolved from `from` (inclusive) to `to` (exclusive), by spans of `width` microseconds.
pub(super) async fn count_resolved(
    sql: &impl Sql,
    scope: &Scope,
    from: i64,
    to: i64,
    width: i64,
) -> Result<Vec<SpanRow>, DbError> {
    let mut values = params![from, to, width];
    let visible = scope_project(scope, "t.project_id", "t.reporter_id", &mut values);
    let text = format!(
        "SELECT (t.resolved_at - $1) / $3 AS span, COUNT(*) AS tickets, \
         CAST(SUM(t.resolved_at - t.created_at) AS BIGINT) AS total FROM tickets t \
         WHERE t.resolved_at IS NOT NULL AND t.resolved_at >= $1 AND t.resolved_at < $2 AND {visible} \
         GROUP BY 1 ORDER BY 1"
    );
    sql.all(&text, values).await
}

/// Tickets opened from `from` (inclusive) to `to` (exclusive), by spans of `width` microseconds.
pub(super) async fn count_opened(
    sql: &impl Sql,
    scope: &Scope,
    from: i64,
    to: i64,
    width: i64,
) -> Result<Vec<SpanRow>, DbError> {
    let mut values = params![from, to, width];
    let visible = scope_project(scope, "t.project_id", "t.reporter_id", &mut values);
    let text = format!(
        "SELECT (t.created_at - $1) / $3 AS span, COUNT(*) AS tickets, CAST(0 AS BIGINT) AS total FROM tickets t \
         WHERE t.created_at >= $1 AND t.created_at < $2 AND {visible} GROUP BY 1 ORDER BY 1"
    );
    sql.all(&text, values).await
}
