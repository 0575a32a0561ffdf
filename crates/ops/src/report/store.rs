//! SQL of the report.

use kernel::{PageRequest, Scope, ServiceId, TeamId};
use platform::db::{FromRow, Sql, scope_team};
use platform::{DbError, params};
use uuid::Uuid;

use super::api::Measure;

/// What happened on one day.
#[derive(Clone, Debug, FromRow)]
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

/// An alert behind a number.
#[derive(Clone, Debug, FromRow)]
pub struct RecordRow {
    pub seq: i64,
    pub id: Uuid,
    pub message: String,
    pub priority: String,
    pub service_id: Option<Uuid>,
    pub service_name: Option<String>,
    pub team_id: Option<Uuid>,
    pub team_name: Option<String>,
    pub created_at: i64,
    pub first_acknowledged_at: Option<i64>,
    pub closed_at: Option<i64>,
}

/// A page of the alerts behind a number of a span, the last raised first; only of a service or a team, if one is named.
pub async fn list_records(
    sql: &impl Sql,
    scope: &Scope,
    measure: Measure,
    (from, to): (i64, i64),
    (service, team): (Option<ServiceId>, Option<TeamId>),
    page: PageRequest,
) -> Result<Vec<RecordRow>, DbError> {
    let mut params = params![from, to, page.before_or_max()];
    let at = match measure {
        Measure::Mtta => "a.first_acknowledged_at",
        Measure::Count => "a.created_at",
    };
    let mut conditions = vec![scope_team(scope, "a.team_id", &mut params)];
    for (column, id) in [("a.service_id", service.map(|id| id.0)), ("a.team_id", team.map(|id| id.0))] {
        if let Some(id) = id {
            params.push(id.into());
            conditions.push(format!("{column} = ${}", params.len()));
        }
    }
    params.push((i64::from(page.limit) + 1).into());
    let n = params.len();
    let conditions = conditions.join(" AND ");
    let text = format!(
        "SELECT a.seq, a.id, a.message, a.priority, a.service_id, s.name AS service_name, a.team_id, \
         t.name AS team_name, a.created_at, a.first_acknowledged_at, a.closed_at FROM alerts a \
         LEFT JOIN services s ON s.id = a.service_id LEFT JOIN teams t ON t.id = a.team_id \
         WHERE {at} IS NOT NULL AND {at} >= $1 AND {at} < $2 AND a.seq < $3 AND {conditions} \
         ORDER BY a.seq DESC LIMIT ${n}"
    );
    sql.all(&text, params).await
}
