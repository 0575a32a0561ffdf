//! SQL over the tables of both sides. The rule acts for the server itself, so it sees all of them.

use jiff::Timestamp;
use kernel::{ProjectId, ServiceId, TicketId};
use platform::db::FromRow;
use platform::{DbError, Sql, params};
use uuid::Uuid;

#[derive(FromRow)]
struct IdRow {
    id: Uuid,
}

#[derive(FromRow)]
struct CountRow {
    count: i64,
}

/// The newest open incident of the service that an alert opened or that was raised by hand and pages.
pub(super) async fn find_open_incident(sql: &impl Sql, service: ServiceId) -> Result<Option<TicketId>, DbError> {
    let text = "SELECT t.id FROM tickets t WHERE t.service_id = $1 AND t.resolved_at IS NULL AND t.kind = 'incident' \
        AND EXISTS (SELECT 1 FROM alerts a WHERE a.incident_id = t.id AND a.incident_state IN ('opened', 'joined')) \
        ORDER BY t.seq DESC LIMIT 1";
    Ok(sql.one::<IdRow>(text, params![service]).await?.map(|row| TicketId(row.id)))
}

/// How many incidents alerts opened since `since`.
pub(super) async fn count_opened_since(sql: &impl Sql, since: Timestamp) -> Result<i64, DbError> {
    let text = "SELECT COUNT(*) AS count FROM tickets t WHERE t.created_at >= $1 AND EXISTS (\
        SELECT 1 FROM alerts a WHERE a.incident_id = t.id AND a.incident_state = 'opened')";
    Ok(sql.one::<CountRow>(text, params![since]).await?.map_or(0, |row| row.count))
}

/// The newest of them that is still open.
pub(super) async fn newest_opened_since(sql: &impl Sql, since: Timestamp) -> Result<Option<TicketId>, DbError> {
    let text = "SELECT t.id FROM tickets t WHERE t.created_at >= $1 AND t.resolved_at IS NULL AND EXISTS (\
        SELECT 1 FROM alerts a WHERE a.incident_id = t.id AND a.incident_state = 'opened') ORDER BY t.seq DESC LIMIT 1";
    Ok(sql.one::<IdRow>(text, params![since]).await?.map(|row| TicketId(row.id)))
}

/// The oldest project: where incidents go unless the rules name another.
pub(super) async fn find_oldest_project(sql: &impl Sql) -> Result<Option<ProjectId>, DbError> {
    let text = "SELECT id FROM projects WHERE default_kind = 'incident' ORDER BY seq LIMIT 1";
    if let Some(row) = sql.one::<IdRow>(text, vec![]).await? {
        return Ok(Some(ProjectId(row.id)));
    }
    Ok(sql.one::<IdRow>("SELECT id FROM projects ORDER BY seq LIMIT 1", vec![]).await?.map(|row| ProjectId(row.id)))
}

/// Whether the project exists.
pub(super) async fn project_exists(sql: &impl Sql, id: ProjectId) -> Result<bool, DbError> {
    Ok(sql.one::<IdRow>("SELECT id FROM projects WHERE id = $1", params![id]).await?.is_some())
}
