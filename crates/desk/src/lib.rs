//! The service desk: projects, tickets, comments, their history, and how fast they are resolved.
//!
//! **Vocabulary**: see [`ticket`] and [`project`]; `docs/glossary.md` has all words.
//!
//! **Invariants**
//! - One function per verb: REST, alerts, mail and rules open, change and resolve tickets through the same ones.
//! - A change of a ticket locks its row, and commits with its event. Events carry ids; free text stands beside.
//! - Customers see their own requests with public comments, and nothing that only agents write.
//! - Nothing here knows about alerts: the server wires "an alert opens an incident" with [`ticket::open_in`].
//!
//! **One request walked through.** `POST /api/v1/tickets/INC-7/transition` finds the ticket under the caller's scope,
//! then one transaction locks its row, asks whether the caller may work in the project, lets the ticket's own version
//! of the workflow take the step, stores the row, and emits `TicketTransitioned` (and `TicketResolved`).

pub mod activity;
mod attachment;
pub mod comment;
pub mod field;
pub mod notification;
pub mod project;
mod queue;
pub mod report;
pub mod sla;
pub mod ticket;
mod titles;

use platform::{App, Ctx, Lane, Migration, Work};
use utoipa_axum::router::OpenApiRouter;

pub use project::hidden_projects;
pub use queue::TicketQueues;
pub use ticket::TicketError;
pub use titles::{OpenTicketsOfService, ProjectTitles, TicketTitles};

/// The kinds of documents that decide about tickets. Whoever needs one mostly needs the others too.
pub(crate) const CONFIGURATION: [&str; 5] =
    [ticket::workflow::WORKFLOW, ticket::workflow::MATRIX, field::FIELD, sla::SLA, sla::CALENDAR];

/// The tables of this crate, in order.
pub const MIGRATIONS: &[Migration] = &[
    Migration { name: "desk_0001_projects", sql: include_str!("../migrations/0001_projects.sql") },
    Migration { name: "desk_0002_tickets", sql: include_str!("../migrations/0002_tickets.sql") },
    Migration { name: "desk_0003_sla", sql: include_str!("../migrations/0003_sla.sql") },
    Migration { name: "desk_0004_queries", sql: include_str!("../migrations/0004_queries.sql") },
    Migration { name: "desk_0006_sla_due", sql: include_str!("../migrations/0006_sla_due.sql") },
    Migration { name: "desk_0007_fields", sql: include_str!("../migrations/0007_fields.sql") },
    Migration { name: "desk_0008_past", sql: include_str!("../migrations/0008_past.sql") },
    Migration { name: "desk_0009_notifications", sql: include_str!("../migrations/0009_notifications.sql") },
    Migration { name: "desk_0010_attachments", sql: include_str!("../migrations/0010_attachments.sql") },
    Migration { name: "desk_0011_long_values", sql: include_str!("../migrations/0011_long_values.sql") },
    Migration { name: "desk_0012_sorts", sql: include_str!("../migrations/0012_sorts.sql") },
    Migration { name: "desk_0013_assignee_queues", sql: include_str!("../migrations/0013_assignee_queues.sql") },
];

/// The HTTP operations.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(project::routes())
        .merge(ticket::routes())
        .merge(comment::routes())
        .merge(attachment::routes())
        .merge(activity::routes())
        .merge(report::routes())
        .merge(sla::routes())
        .merge(field::routes())
}

/// The kinds of documents that this crate owns.
pub fn kinds() -> catalog::document::Kinds {
    catalog::document::Kinds::new()
        .with(ticket::WorkflowKind)
        .with(ticket::MatrixKind)
        .with(sla::CalendarKind)
        .with(sla::SlaKind)
        .with(field::FieldDocuments)
}

/// What runs in the background: the timers of service levels, working their clocks out anew, the past of tickets of an
/// earlier version, and telling people.
pub fn work(app: &App) -> Work {
    sla::work(app).and(ticket::past::work(app)).and(notification::work(app))
}

/// What the first start needs: the default workflow and priority matrix, office hours and service levels of first
/// response and resolution, and a project for incidents and one for requests. Changes nothing where they exist.
/// The words of tickets of an earlier version are noted too.
pub async fn seed(app: &App) -> Result<(), TicketError> {
    catch_up(app).await?;
    app.db
        .write(&Ctx::system("first_start"), Lane::Front, |tx| {
            Box::pin(async move {
                ticket::workflow::matrix(tx).await?;
                ticket::workflow::current(tx).await?;
                sla::seed_in(tx).await?;
                queue::seed(tx).await?;
                ticket::past::schedule(tx).await?;
                if project::any_exists(&*tx).await? {
                    return Ok(());
                }
                for (key, name, default_kind) in
                    [("INC", "Incidents", ticket::Kind::Incident), ("REQ", "Service requests", ticket::Kind::Request)]
                {
                    let cmd = project::CreateProject {
                        key: key.to_owned(),
                        name: name.to_owned(),
                        private: false,
                        default_kind,
                    };
                    match project::create_in(tx, cmd).await {
                        // Another node was faster.
                        Ok(_) | Err(project::ProjectError::KeyTaken(_)) => {}
                        Err(project::ProjectError::Db(error)) => return Err(error.into()),
                        Err(other) => return Err(TicketError::Refused(other.to_string())),
                    }
                }
                Ok(())
            })
        })
        .await
}

/// Tickets whose words are noted in one transaction.
const CAUGHT_UP: i64 = 500;

async fn catch_up(app: &App) -> Result<(), TicketError> {
    let system = Ctx::system("catch_up");
    loop {
        let done = app
            .db
            .write(&system, Lane::Bulk, |tx| Box::pin(async move { ticket::words::catch_up(tx, CAUGHT_UP).await }));
        if done.await? == 0 {
            return Ok(());
        }
    }
}
