//! Operations: where alerts come from, what becomes of them, who is on call and who is told.
//!
//! - [`integration`]: sources of alerts with their keys, the inbound doors, and the last events of each.
//! - [`alert`]: the alert itself: raised, de-duplicated, acknowledged, snoozed, closed, with its full log.
//! - [`schedule`]: who is on call, by rotation and override.
//! - [`policy`]: escalation policies and which one an alert follows.
//! - [`paging`]: running escalations, notifications and their trail.
//! - [`report`]: time to acknowledge.
//!
//! **Invariants**
//! - At most one alert is open per alias (a partial unique index, not a check in code).
//! - Every change of an alert appends to its log, in the same transaction as its event.
//! - `alert` never calls `paging`: paging reads the event log and calls the functions of `alert` that take a
//!   transaction.

pub mod alert;
pub mod integration;
pub mod paging;
pub mod policy;
pub mod report;
pub mod schedule;

use platform::{App, Migration, Work};
use utoipa_axum::router::OpenApiRouter;

/// The tables of this crate.
pub const MIGRATIONS: &[Migration] = &[
    Migration { name: "ops_0001_alerts", sql: include_str!("../migrations/0001_alerts.sql") },
    Migration { name: "ops_0002_integrations", sql: include_str!("../migrations/0002_integrations.sql") },
    Migration { name: "ops_0010_oncall", sql: include_str!("../migrations/0010_oncall.sql") },
    Migration { name: "ops_0011_counts", sql: include_str!("../migrations/0011_counts.sql") },
    Migration { name: "ops_0012_queries", sql: include_str!("../migrations/0012_queries.sql") },
    Migration { name: "ops_0013_backlog", sql: include_str!("../migrations/0013_backlog.sql") },
];

/// The routes of this crate.
pub fn routes() -> OpenApiRouter<App> {
    alert::routes()
        .merge(integration::routes())
        .merge(schedule::routes())
        .merge(policy::routes())
        .merge(paging::routes())
        .merge(report::routes())
}

/// The readers and jobs of this crate.
pub fn work(app: &App) -> Work {
    alert::work(app).and(integration::work(app)).and(paging::work(app))
}

/// The kinds of documents that this crate owns, for restoring old versions.
pub fn kinds() -> catalog::document::Kinds {
    catalog::document::Kinds::new().with(schedule::ScheduleDocuments).with(policy::PolicyDocuments)
}
