//! SQL of the report.

use kernel::Scope;
use platform::db::{Sql, scope_team};
use platform::{DbError, params};
use sea_orm::FromQueryResult;

/// What happened on one day.
#[derive(Clone, Debug, FromQueryResult)]
pub struct DayRow {
    /// Days since 1970.
    pub day: i64,
    /// How many.
    pub n: i64,
    /// Sum of the microseconds to acknowledge.
    pub total: i64,
}

/// Microseconds of a day.
pub const DAY: i64 = 86_400_000_000;

/// Alerts raised in the span, by day.
pub async fn count_created(sql: &impl Sql, scope: &Scope, from: i64, to: i64) -> Result<Vec<DayRow>, DbError> {
    let mut params = params![from, to];
    let seen = scope_team(scope, "a.team_id", &mut params);
    sql.all(
        &format!(
            "SELECT a.created_at / {DAY} AS day, COUNT(*) AS n, CAST(0 AS BIGINT) AS total FROM alerts a \
             WHERE a.created_at >= $1 AND a.created_at < $2 AND {seen} GROUP BY a.created_at / {DAY}"
        ),
        params,
    )
    .await
}

/// Alerts first acknowledged in the span, by day, with the sum of their times.
pub async fn sum_acknowledged(sql: &impl Sql, scope: &Scope, from: i64, to: i64) -> Result<Vec<DayRow>, DbError> {
    let mut params = params![from, to];
    let seen = scope_team(scope, "a.team_id", &mut params);
    sql.all(
        &format!(
            "SELECT a.first_acknowledged_at / {DAY} AS day, COUNT(*) AS n, \
             CAST(SUM(a.first_acknowledged_at - a.created_at) AS BIGINT) AS total FROM alerts a \
             WHERE a.first_acknowledged_at IS NOT NULL AND a.first_acknowledged_at >= $1 AND a.first_acknowledged_at < $2 \
             AND {seen} GROUP BY a.first_acknowledged_at / {DAY}"
        ),
        params,
    )
    .await
}
