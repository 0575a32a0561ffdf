//! The query language over alerts.
//!
//! What all kinds of records share is in [`catalog::query`]: names, statements, pages. Here are the words of alerts, the
//! places of their fields ([`AlertTables`]), the operations, and the queues over alerts. The older language of
//! compatible clients is in [`super::search`].

mod mapping;
#[cfg(test)]
mod plan_tests;
mod queue;
#[cfg(test)]
mod record;
mod routes;
pub(crate) mod store;
#[cfg(test)]
mod tests;
mod vocabulary;

use catalog::query::{COUNTED, CompleteQuery, OFFERS, RecordCount, cursor_text, everything, offer, page_after};
use domain::query::{Completion, CompletionItem, Condition, FieldKey, Plan, QueryError, TypedQuery};
use kernel::{Page, Permission};
use platform::{App, Ctx, DbError};

pub(crate) use mapping::AlertTables;
pub use queue::AlertQueues;
pub(super) use queue::seed_in;
pub(super) use routes::routes;
pub(crate) use vocabulary::vocabulary;

use super::api::Alert;
use super::error::AlertError;
use super::search::AlertFilter;
use super::view;

/// What a list is asked for.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// What it is narrowed to.
    pub filter: AlertFilter,
    /// Words of its texts, or its number; nothing is everything.
    pub text: String,
    /// A query; nothing is everything, newest first.
    pub query: String,
    /// Alerts in a page.
    pub limit: u32,
    /// `next` of the page before.
    pub cursor: Option<String>,
}

/// What a text means for this caller now, or everything that is wrong with it.
pub(super) async fn understand(
    app: &App,
    ctx: &Ctx,
    text: &str,
) -> Result<Result<TypedQuery, Vec<QueryError>>, DbError> {
    catalog::query::understand(app, ctx, &vocabulary(), store::KINDS, text).await
}

fn plan(app: &App, typed: &TypedQuery) -> Result<Plan, DbError> {
    catalog::query::plan(&AlertTables { backend: app.db.backend() }, typed)
}

async fn planned(app: &App, ctx: &Ctx, asked: &Asked) -> Result<Plan, AlertError> {
    let typed = match asked.query.trim() {
        "" => everything(),
        text => understand(app, ctx, text).await?.map_err(AlertError::Queries)?,
    };
    let mut plan = plan(app, &typed)?;
    if !asked.text.trim().is_empty() {
        let words = AlertTables { backend: app.db.backend() }.anywhere(&asked.text);
        plan.condition = Condition::all(vec![words, plan.condition]);
    }
    Ok(plan)
}

/// A page of alerts.
///
/// # Errors
/// When the caller sees no alerts, or the query or the cursor cannot be understood.
pub async fn list(app: &App, ctx: &Ctx, asked: &Asked) -> Result<Page<Alert>, AlertError> {
    ctx.require(Permission::AlertsRead)?;
    let limit = asked.limit.clamp(1, 200);
    let plan = planned(app, ctx, asked).await?;
    let page = page_after(&plan, asked.cursor.as_deref()).map_err(|wrong| AlertError::wrong(vec![wrong]))?;
    let read = app.db.read();
    let mut rows = store::list(&read, ctx, &asked.filter, &plan, page.as_ref(), i64::from(limit) + 1).await?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = rows.last().filter(|_| more).map(|last| cursor_text(&last.keys));
    let rows = rows.into_iter().map(|row| row.row).collect();
    Ok(Page { items: view::many(app, ctx, rows).await?, next })
}

/// How many alerts a list has, exactly up to 1,000.
async fn count(app: &App, ctx: &Ctx, asked: &Asked) -> Result<RecordCount, AlertError> {
    ctx.require(Permission::AlertsRead)?;
    let plan = planned(app, ctx, asked).await?;
    Ok(RecordCount::of(store::count(&app.db.read(), ctx, &asked.filter, &plan, COUNTED).await?))
}

/// What can stand at the cursor, with the names of people and records that the caller may see.
async fn complete(app: &App, ctx: &Ctx, asked: &CompleteQuery) -> Result<Completion, DbError> {
    let (mut completion, wanted) = catalog::query::complete(app, ctx, &vocabulary(), store::KINDS, asked).await?;
    if let Some(wanted) = wanted
        && wanted.field.as_ref().map(FieldKey::as_str) == Some("tags")
    {
        let tags = store::tags(&app.db.read(), &ctx.scope, &wanted.prefix, OFFERS).await?;
        offer(&mut completion, tags.iter().map(|tag| CompletionItem::value(tag, "")));
    }
    Ok(completion)
}
