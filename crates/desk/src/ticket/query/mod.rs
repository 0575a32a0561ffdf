//! The query language over tickets.
//!
//! What all kinds of records share is in [`catalog::query`]: names, statements, pages. Here are the words of tickets, the
//! places of their fields ([`TicketTables`]), and the operations.
//!
//! **Invariant.** What customers may not read cannot be found either: internal comments are outside of their index
//! columns.

mod clocks;
mod mapping;
#[cfg(test)]
mod record;
mod routes;
pub(crate) mod store;
#[cfg(test)]
mod tests;

use catalog::query::{CompleteQuery, OFFERS, everything, offer};
use domain::query::{
    Completion, CompletionItem, FieldKey, OrderBy, Plan, Predicate, QueryError, TypedQuery, Vocabulary,
};
use kernel::{Permission, Scope};
use platform::{App, Ctx, DbError, Sql};

pub(crate) use clocks::Clocks;
pub(crate) use mapping::TicketTables;
pub(super) use routes::routes;

use super::error::TicketError;
use super::vocabulary::Audience;
use crate::{field, sla};

/// What tickets can be asked for now by somebody of this scope.
pub(crate) async fn vocabulary(sql: &impl Sql, scope: &Scope) -> Result<Vocabulary, DbError> {
    Ok(store::facts(sql).await?.vocabulary(audience(scope)))
}

fn audience(scope: &Scope) -> Audience {
    if matches!(scope, Scope::Customer(_)) { Audience::Customers } else { Audience::Agents }
}

/// The tables as this caller may search them.
pub(crate) async fn tables(app: &App, ctx: &Ctx) -> Result<TicketTables<'static>, DbError> {
    let internal = !matches!(ctx.scope, Scope::Customer(_)) && ctx.allows(Permission::TicketsRead);
    let fields = field::in_force(&app.db.read()).await?;
    let custom_texts = fields.iter().any(|field| field.body.kind.is_free_text());
    Ok(TicketTables { backend: app.db.backend(), internal, custom_texts, clocks: None })
}

/// What a text means for this caller now, or everything that is wrong with it.
pub(crate) async fn understand(
    app: &App,
    ctx: &Ctx,
    vocabulary: &Vocabulary,
    text: &str,
) -> Result<Result<TypedQuery, Vec<QueryError>>, DbError> {
    catalog::query::understand(app, ctx, vocabulary, store::KINDS, text).await
}

/// The plan of a typed query.
pub(crate) fn plan(tables: TicketTables<'_>, typed: &TypedQuery) -> Result<Plan, DbError> {
    catalog::query::plan(&tables, typed)
}

/// The plan of a typed query for this caller, with the calendars where it asks for service levels.
pub(crate) async fn plan_for(app: &App, ctx: &Ctx, typed: &TypedQuery) -> Result<Plan, DbError> {
    let asks = typed.filter.predicates().iter().any(|predicate| matches!(predicate, Predicate::Sla { .. }));
    let clocks =
        if asks { Some(Clocks { now: app.now(), known: sla::terms::in_force(&app.db.read()).await? }) } else { None };
    plan(TicketTables { clocks: clocks.as_ref(), ..tables(app, ctx).await? }, typed)
}

/// Reads and plans a query for this caller; `order` holds where the query says none.
pub(crate) async fn planned(app: &App, ctx: &Ctx, text: &str, order: Vec<OrderBy>) -> Result<Plan, TicketError> {
    let mut typed = everything();
    if !text.trim().is_empty() {
        let vocabulary = vocabulary(&app.db.read(), &ctx.scope).await?;
        typed = understand(app, ctx, &vocabulary, text).await?.map_err(TicketError::Query)?;
    }
    if typed.order.is_empty() {
        typed.order = order;
    }
    Ok(plan_for(app, ctx, &typed).await?)
}

/// What can stand at the cursor, with the names of people and records that the caller may see.
async fn complete(app: &App, ctx: &Ctx, asked: &CompleteQuery) -> Result<Completion, DbError> {
    let sql = app.db.read();
    let vocabulary = vocabulary(&sql, &ctx.scope).await?;
    let (mut completion, wanted) = catalog::query::complete(app, ctx, &vocabulary, store::KINDS, asked).await?;
    if let Some(wanted) = wanted
        && wanted.field.as_ref().map(FieldKey::as_str) == Some("labels")
    {
        let labels = store::labels(&sql, &ctx.scope, &wanted.prefix, OFFERS).await?;
        offer(&mut completion, labels.iter().map(|label| CompletionItem::value(label, "")));
    }
    Ok(completion)
}
