//! Alerts as records that queues are over. The queues themselves are in [`catalog::queue`].

use async_trait::async_trait;
use catalog::query::{COUNTED, RecordCount};
use catalog::queue::{QueuedRecords, Seeds};
use domain::query::QueryError;
use kernel::Permission;
use platform::{App, Ctx, DbError, Tx};

use super::super::search::AlertFilter;
use super::{plan, store, understand};

/// Columns that a list of alerts can show.
const COLUMNS: [&str; 11] =
    ["status", "priority", "title", "service", "source", "count", "first_at", "last_at", "owner", "team", "tags"];

/// The queues of the first start.
pub(super) const FIRST: [(&str, &str); 4] = [
    ("Nobody has taken", "status = Open AND acknowledged = false AND snoozed = false ORDER BY priority DESC"),
    ("Mine", "owner = currentUser() AND status = Open ORDER BY priority DESC"),
    ("Open", "status = Open"),
    ("P1 and P2", "priority IN (P1, P2) AND status = Open ORDER BY priority DESC"),
];

/// Queues over alerts.
#[derive(Clone, Copy, Debug, Default)]
pub struct AlertQueues;

#[async_trait]
impl QueuedRecords for AlertQueues {
    fn over(&self) -> &'static str {
        "alerts"
    }

    fn read(&self) -> Permission {
        Permission::AlertsRead
    }

    fn manage(&self) -> Permission {
        Permission::IntegrationsManage
    }

    fn usual_columns(&self) -> &'static [&'static str] {
        &["priority", "title", "service", "count", "last_at", "owner", "status"]
    }

    fn columns(&self) -> &'static [&'static str] {
        &COLUMNS
    }

    async fn check(&self, app: &App, ctx: &Ctx, query: &str) -> Result<Vec<QueryError>, DbError> {
        Ok(understand(app, ctx, query).await?.err().unwrap_or_default())
    }

    async fn count(
        &self,
        app: &App,
        ctx: &Ctx,
        queries: &[&str],
    ) -> Result<Vec<Result<RecordCount, Vec<QueryError>>>, DbError> {
        let (read, everything) = (app.db.read(), AlertFilter::default());
        let mut counts = Vec::with_capacity(queries.len());
        for query in queries {
            counts.push(match understand(app, ctx, query).await? {
                Ok(typed) => {
                    let found = store::count(&read, ctx, &everything, &plan(app, &typed)?, COUNTED).await?;
                    Ok(RecordCount::of(found))
                }
                Err(wrong) => Err(wrong),
            });
        }
        Ok(counts)
    }
}

/// Writes the queues that come with the program, each once.
pub(crate) async fn seed_in(tx: &mut Tx) -> Result<(), DbError> {
    catalog::queue::seed_in(tx, &AlertQueues, Seeds { first: &FIRST, later: &[] }).await
}
