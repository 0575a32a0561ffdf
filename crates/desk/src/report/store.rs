//! Counting tickets by spans of time.

use kernel::{PageRequest, Scope};
use platform::db::{FromRow, scope_project};
use platform::{DbError, Sql, params};
use uuid::Uuid;

use super::routes::Measure;

/// What one span counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromRow)]
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

/// A ticket behind a number.
#[derive(Clone, Debug, FromRow)]
pub(super) struct RecordRow {
    pub seq: i64,
    pub id: Uuid,
    pub key: String,
    pub summary: String,
    pub service_id: Option<Uuid>,
    pub team_id: Option<Uuid>,
    pub team_name: Option<String>,
    pub created_at: i64,
    pub resolved_at: Option<i64>,
}

/// A page of the tickets behind a number of a span, the last opened first.
pub(super) async fn list_records(
    sql: &impl Sql,
    scope: &Scope,
    measure: Measure,
    (from, to): (i64, i64),
    page: PageRequest,
) -> Result<Vec<RecordRow>, DbError> {
    let mut values = params![from, to, page.before_or_max(), i64::from(page.limit) + 1];
    let visible = scope_project(scope, "t.project_id", "t.reporter_id", &mut values);
    let at = match measure {
        Measure::Mttr => "t.resolved_at",
        Measure::Opened => "t.created_at",
    };
    let text = format!(
        "SELECT t.seq, t.id, t.key, t.summary, t.service_id, t.team_id, g.name AS team_name, t.created_at, \
         t.resolved_at FROM tickets t LEFT JOIN teams g ON g.id = t.team_id \
         WHERE {at} IS NOT NULL AND {at} >= $1 AND {at} < $2 AND t.seq < $3 AND {visible} \
         ORDER BY t.seq DESC LIMIT $4"
    );
    sql.all(&text, values).await
}
