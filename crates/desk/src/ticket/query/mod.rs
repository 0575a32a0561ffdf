//! The query language over tickets.
//!
//! **One request walked through.** `status = Open AND assignee = ana ORDER BY updated` is parsed; `ana` is looked up
//! within the asker's scope; the typed query becomes a plan by [`TicketTables`]; the statement joins the plan with
//! the scope, so that a query never reaches what its asker may not see.
//!
//! **Invariants**
//! - Queries are kept as text and understood anew for each asker and instant.
//! - What customers may not read cannot be found either: internal comments are outside of their index columns.

mod api;
mod clocks;
mod mapping;
#[cfg(test)]
mod record;
mod routes;
pub(crate) mod store;
#[cfg(test)]
mod tests;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::query::{
    self, Asker, Completion, CompletionItem, Mapping, OrderBy, Param, Plan, QueryError, TypedQuery, Vocabulary,
};
use kernel::{FieldError, Permission, Scope};
use platform::{App, Ctx, DbError, Sql};

pub(crate) use clocks::Clocks;
pub(crate) use mapping::TicketTables;
pub(super) use routes::routes;

use super::error::TicketError;
use super::vocabulary::Audience;
use crate::sla;

/// What tickets can be asked for now by somebody of this scope.
pub(crate) async fn vocabulary(sql: &impl Sql, scope: &Scope) -> Result<Vocabulary, DbError> {
    Ok(store::facts(sql).await?.vocabulary(audience(scope)))
}

fn audience(scope: &Scope) -> Audience {
    if matches!(scope, Scope::Customer(_)) { Audience::Customers } else { Audience::Agents }
}

/// The tables as this caller may search them.
pub(crate) fn tables(app: &App, ctx: &Ctx) -> TicketTables<'static> {
    let internal = !matches!(ctx.scope, Scope::Customer(_)) && ctx.allows(Permission::TicketsRead);
    TicketTables { backend: app.db.backend(), internal, clocks: None }
}

/// What a text means for this caller now, or everything that is wrong with it.
pub(crate) async fn understand(
    app: &App,
    ctx: &Ctx,
    vocabulary: &Vocabulary,
    text: &str,
) -> Result<Result<TypedQuery, Vec<QueryError>>, DbError> {
    let query = match query::parse(text) {
        Ok(query) => query,
        Err(wrong) => return Ok(Err(vec![wrong])),
    };
    let sql = app.db.read();
    let names = store::look_up(&sql, &ctx.scope, query::wanted(&query, vocabulary)).await?;
    let asker = Asker::new(app.now(), store::zone_of(&sql, ctx.person()).await?, ctx.person().map(|person| person.0));
    Ok(query::check(&query, vocabulary, &asker, &names))
}

/// The plan of a typed query.
pub(crate) fn plan(tables: TicketTables<'_>, typed: &TypedQuery) -> Result<Plan, DbError> {
    let mut plan = query::lower(typed, &tables).map_err(|error| DbError::Corrupt(error.to_string()))?;
    // Behind the insertion number no key decides anything.
    let number = tables.insertion_number();
    if let Some(place) = plan.order.iter().position(|key| key.by.column.sql == number) {
        plan.order.truncate(place + 1);
    }
    Ok(plan)
}

/// The plan of a typed query for this caller, with the calendars where it asks for service levels.
pub(crate) async fn plan_for(app: &App, ctx: &Ctx, typed: &TypedQuery) -> Result<Plan, DbError> {
    let asks = typed.filter.predicates().iter().any(|predicate| matches!(predicate, query::Predicate::Sla { .. }));
    let clocks =
        if asks { Some(Clocks { now: app.now(), known: sla::terms::in_force(&app.db.read()).await? }) } else { None };
    plan(TicketTables { clocks: clocks.as_ref(), ..tables(app, ctx) }, typed)
}

/// Reads and plans a query for this caller; `order` holds where the query says none.
pub(crate) async fn planned(app: &App, ctx: &Ctx, text: &str, order: Vec<OrderBy>) -> Result<Plan, TicketError> {
    let mut typed = TypedQuery { filter: query::Filter::everything(), order: Vec::new() };
    if !text.trim().is_empty() {
        let vocabulary = vocabulary(&app.db.read(), &ctx.scope).await?;
        typed = understand(app, ctx, &vocabulary, text).await?.map_err(TicketError::Query)?;
    }
    if typed.order.is_empty() {
        typed.order = order;
    }
    Ok(plan_for(app, ctx, &typed).await?)
}

/// How the driver takes a parameter of a plan.
pub(crate) fn driver(param: &Param) -> sea_orm::Value {
    match param {
        Param::Text(text) => text.clone().into(),
        Param::Integer(number) => (*number).into(),
        Param::Number(number) => (*number).into(),
        Param::Flag(flag) => (*flag).into(),
        Param::Id(id) => (*id).into(),
    }
}

/// A cursor as clients keep it.
pub(crate) fn cursor_text(keys: &[Option<Param>]) -> String {
    let json = serde_json::to_vec(keys).unwrap_or_default();
    URL_SAFE_NO_PAD.encode(json)
}

/// Where a page begins, if the cursor is one of ours and of this order.
pub(crate) fn page_after(plan: &Plan, cursor: Option<&str>) -> Result<Option<query::Condition>, TicketError> {
    let Some(cursor) = cursor else { return Ok(None) };
    let keys = URL_SAFE_NO_PAD.decode(cursor).ok();
    let keys = keys.and_then(|json| serde_json::from_slice::<Vec<Option<Param>>>(&json).ok());
    let condition = keys.and_then(|keys| query::after(&plan.order, &keys));
    let message = "This is not one of ours, or of another order; pass `next` of the page before.";
    condition.map(Some).ok_or_else(|| TicketError::Invalid(vec![FieldError::new("cursor", message)]))
}

/// What can stand at the cursor, with the names of people and records that the caller may see.
async fn complete(app: &App, ctx: &Ctx, text: &str, cursor: usize) -> Result<Completion, DbError> {
    let sql = app.db.read();
    let facts = store::facts(&sql).await?;
    let mut completion = query::complete(text, cursor, &facts.vocabulary(audience(&ctx.scope)));
    let Some(wanted) = completion.values.take() else { return Ok(completion) };
    let prefix = wanted.prefix.trim_matches(['"', '\'']);
    let field = wanted.field.as_ref().map(query::FieldKey::as_str);
    let mut items: Vec<CompletionItem> = match (wanted.kind.as_deref(), field) {
        (Some(kind), _) => {
            let rows = store::offers(&sql, &ctx.scope, kind, prefix, 20).await?;
            // A name that several people have is told apart by the address.
            let shared = |name: &str| rows.iter().filter(|row| row.name == name).count() > 1;
            let item = |row: &store::NamedRow| match kind {
                query::PERSON if shared(&row.name) => CompletionItem::value(&row.other, row.name.clone()),
                "project" => CompletionItem::value(&row.other, row.name.clone()),
                _ => CompletionItem::value(&row.name, row.other.clone()),
            };
            rows.iter().map(item).collect()
        }
        (None, Some("labels")) => {
            let labels = store::labels(&sql, &ctx.scope, prefix, 20).await?;
            labels.iter().map(|label| CompletionItem::value(label, "")).collect()
        }
        _ => Vec::new(),
    };
    items.append(&mut completion.items);
    completion.items = items;
    Ok(completion)
}
