//! Tickets as records that queues are over. The queues themselves are in [`catalog::queue`].

use async_trait::async_trait;
use catalog::query::RecordCount;
use catalog::queue::{QueuedRecords, Seeds};
use domain::query::QueryError;
use kernel::Permission;
use platform::{App, Ctx, DbError, Tx};

use crate::{field, ticket};

/// Columns that a list of tickets can show.
const COLUMNS: [&str; 16] = [
    "key", "kind", "summary", "status", "priority", "impact", "urgency", "assignee", "reporter", "team", "service",
    "labels", "created", "updated", "resolved", "due",
];

/// The queues of the first start.
pub(crate) const FIRST: [(&str, &str); 4] = [
    ("Unassigned", "assignee IS EMPTY AND statusCategory != Done ORDER BY priority DESC"),
    ("My open work", "assignee = currentUser() AND statusCategory != Done ORDER BY priority DESC"),
    ("All open", "statusCategory != Done"),
    ("P1 and P2", "priority IN (P1, P2) AND statusCategory != Done ORDER BY priority DESC"),
];

/// Queues that came with a later version: a key by which each is written once, its name and its query.
pub(crate) const LATER: [(&str, &str, &str); 1] =
    [("breaching_soon", "Breaching soon", "\"SLA due\" <= \"4h\" AND statusCategory != Done ORDER BY \"SLA due\"")];

/// Queues over tickets.
#[derive(Clone, Copy, Debug, Default)]
pub struct TicketQueues;

#[async_trait]
impl QueuedRecords for TicketQueues {
    fn over(&self) -> &'static str {
        "tickets"
    }

    fn read(&self) -> Permission {
        Permission::TicketsRead
    }

    fn manage(&self) -> Permission {
        Permission::ProjectsManage
    }

    fn usual_columns(&self) -> &'static [&'static str] {
        &["key", "summary", "status", "priority", "assignee", "updated"]
    }

    fn columns(&self) -> &'static [&'static str] {
        &COLUMNS
    }

    fn further_columns(&self) -> Option<&'static str> {
        Some("field:<key>")
    }

    fn has_column(&self, column: &str) -> bool {
        let custom = column.strip_prefix(field::PREFIX).is_some_and(field::is_key);
        custom || COLUMNS.contains(&column)
    }

    async fn check(&self, app: &App, ctx: &Ctx, query: &str) -> Result<Vec<QueryError>, DbError> {
        let vocabulary = ticket::query::vocabulary(&app.db.read(), &ctx.scope).await?;
        Ok(ticket::query::understand(app, ctx, &vocabulary, query).await?.err().unwrap_or_default())
    }

    async fn count(
        &self,
        app: &App,
        ctx: &Ctx,
        queries: &[&str],
    ) -> Result<Vec<Result<RecordCount, Vec<QueryError>>>, DbError> {
        let vocabulary = ticket::query::vocabulary(&app.db.read(), &ctx.scope).await?;
        let mut counts = Vec::with_capacity(queries.len());
        for query in queries {
            counts.push(match ticket::query::understand(app, ctx, &vocabulary, query).await? {
                Ok(typed) => Ok(ticket::count_typed(app, ctx, &typed).await?),
                Err(wrong) => Err(wrong),
            });
        }
        Ok(counts)
    }
}

/// Writes the queues that come with the program, each once.
pub(crate) async fn seed(tx: &mut Tx) -> Result<(), DbError> {
    catalog::queue::seed_in(tx, &TicketQueues, Seeds { first: &FIRST, later: &LATER }).await
}
