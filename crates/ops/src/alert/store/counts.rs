//! SQL of the numbers of alerts that other records show.

use kernel::Scope;
use platform::DbError;
use platform::db::{FromRow, Sql, placeholders, scope_team};
use sea_orm::Value;
use uuid::Uuid;

/// A number of alerts.
#[derive(Clone, Debug, FromRow)]
pub struct TallyRow {
    pub subject: Uuid,
    pub number: i64,
}

/// How many open alerts each of these services has, of those that the caller may see.
pub async fn count_open_of_services(sql: &impl Sql, scope: &Scope, ids: &[Uuid]) -> Result<Vec<TallyRow>, DbError> {
    count_by(sql, scope, "a.service_id", "a.status = 'open'", ids).await
}

/// How many alerts belong to each of these tickets, of those that the caller may see.
pub async fn count_of_tickets(sql: &impl Sql, scope: &Scope, ids: &[Uuid]) -> Result<Vec<TallyRow>, DbError> {
    count_by(sql, scope, "a.incident_id", "a.incident_id IS NOT NULL", ids).await
}

async fn count_by(
    sql: &impl Sql,
    scope: &Scope,
    column: &str,
    only: &str,
    ids: &[Uuid],
) -> Result<Vec<TallyRow>, DbError> {
    let mut params: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    let seen = scope_team(scope, "a.team_id", &mut params);
    let list = placeholders(1, ids.len());
    let text = format!(
        "SELECT {column} AS subject, COUNT(*) AS number FROM alerts a WHERE {only} AND {column} IN ({list}) AND {seen} \
         GROUP BY {column}"
    );
    sql.all(&text, params).await
}
