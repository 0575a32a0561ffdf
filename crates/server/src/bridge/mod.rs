//! What crosses siblings: alerts open incidents, tickets page, and pages that show both.
//!
//! Everything here follows the event log, so that an effect happens exactly once, or reads for an answer. Each
//! effect says why it happened, on the alert and on the ticket.

pub mod incident_rule;
mod store;
mod ticket_alerts;
mod ticket_page;

use platform::{App, Work};
use utoipa_axum::{router::OpenApiRouter, routes};

/// The readers.
pub fn work(_app: &App) -> Work {
    Work::new().reader(incident_rule::IncidentRuleReader).reader(ticket_page::TicketPageReader)
}

/// The operations.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().merge(incident_rule::routes()).routes(routes!(ticket_alerts::list_ticket_alerts))
}
