//! SQL over the alerts of tickets, for readers that act for the server itself.

use kernel::{AlertId, TicketId};
use platform::db::FromRow;
use platform::{DbError, Sql, params};
use uuid::Uuid;

#[derive(FromRow)]
struct IdRow {
    id: Uuid,
}

/// Whether any alert belongs to the ticket.
pub(super) async fn has_alerts(sql: &impl Sql, ticket: TicketId) -> Result<bool, DbError> {
    let text = "SELECT id FROM alerts WHERE incident_id = $1 LIMIT 1";
    Ok(sql.one::<IdRow>(text, params![ticket]).await?.is_some())
}

/// The open alert with this alias.
pub(super) async fn find_open_alert(sql: &impl Sql, alias: &str) -> Result<Option<AlertId>, DbError> {
    let text = "SELECT id FROM alerts WHERE alias = $1 AND status = 'open'";
    Ok(sql.one::<IdRow>(text, params![alias]).await?.map(|row| AlertId(row.id)))
}
