//! Asking for records in the query language: what all slices share that list records by it.
//!
//! **Vocabulary.** A slice brings its words ([`domain::query::Vocabulary`]), the places of its fields in its tables
//! ([`domain::query::Mapping`]), and the kinds of records that its queries name ([`NamedKind`]). This module finds the
//! names, writes the statements, and pages.
//!
//! **One request walked through.** `status = Open AND assignee = ana ORDER BY updated` is parsed; [`understand`] looks
//! `ana` up within the asker's scope; [`plan`] makes a plan by the slice's mapping; [`list`] joins it with the slice's
//! own conditions, the scope among them, so that a query never reaches what its asker may not see.
//!
//! **Invariants**
//! - Queries are kept as text and understood anew for each asker and instant.
//! - Names are found within the asker's scope. A customer finds nobody and nothing by name but themselves: whether
//!   somebody exists is not theirs to try out.
//! - A cursor belongs to its order; one of another order is refused.

mod api;
mod page;
mod store;

use domain::query::{
    self, Asker, Completion, CompletionItem, Filter, Mapping, Plan, QueryError, TypedQuery, ValuesWanted, Vocabulary,
};
use platform::{App, Ctx, DbError};

pub use api::{COUNTED, CheckQuery, CheckedQuery, CompleteQuery, RecordCount};
pub use page::{cursor_text, driver, page_after};
pub use store::{
    Keyed, Listing, NamedKind, NamedRow, PERSON, SERVICE, Spelling, Statement, TEAM, count, like, list, look_up,
    member_of, offers, zone_of,
};

/// What a text means for this caller now, or everything that is wrong with it.
///
/// # Errors
/// When the database fails.
pub async fn understand(
    app: &App,
    ctx: &Ctx,
    vocabulary: &Vocabulary,
    kinds: &[NamedKind],
    text: &str,
) -> Result<Result<TypedQuery, Vec<QueryError>>, DbError> {
    let query = match query::parse(text) {
        Ok(query) => query,
        Err(wrong) => return Ok(Err(vec![wrong])),
    };
    let sql = app.db.read();
    let names = look_up(&sql, &app.records, &ctx.scope, kinds, query::wanted(&query, vocabulary)).await?;
    let asker = Asker::new(app.now(), zone_of(&sql, ctx.person()).await?, ctx.person().map(|person| person.0));
    Ok(query::check(&query, vocabulary, &asker, &names))
}

/// A query that holds for everything.
pub fn everything() -> TypedQuery {
    TypedQuery { filter: Filter::everything(), order: Vec::new() }
}

/// The plan of a typed query.
///
/// # Errors
/// When a field of the vocabulary has no place, which is a defect.
pub fn plan(mapping: &impl Mapping, typed: &TypedQuery) -> Result<Plan, DbError> {
    let mut plan = query::lower(typed, mapping).map_err(|error| DbError::Corrupt(error.to_string()))?;
    // Behind the insertion number no key decides anything.
    let number = mapping.insertion_number();
    if let Some(place) = plan.order.iter().position(|key| key.by.column.sql == number) {
        plan.order.truncate(place + 1);
    }
    Ok(plan)
}

/// Most values that are offered at once.
pub const OFFERS: i64 = 20;

/// What can stand at the cursor, with the names of people and records that the caller may see. Values of the slice's own
/// fields that are asked for come back, for the slice to put before the items.
///
/// # Errors
/// When the database fails.
pub async fn complete(
    app: &App,
    ctx: &Ctx,
    vocabulary: &Vocabulary,
    kinds: &[NamedKind],
    asked: &CompleteQuery,
) -> Result<(Completion, Option<ValuesWanted>), DbError> {
    let mut completion = query::complete(&asked.text, asked.cursor, vocabulary);
    let Some(mut wanted) = completion.values.take() else { return Ok((completion, None)) };
    wanted.prefix = wanted.prefix.trim_matches(['"', '\'']).to_owned();
    let kind = wanted.kind.as_deref().and_then(|name| kinds.iter().find(|kind| kind.name == name));
    let Some(kind) = kind else { return Ok((completion, Some(wanted))) };
    let rows = offers(&app.db.read(), &ctx.scope, kind, &wanted.prefix, OFFERS).await?;
    // A name that several have is told apart by the other spelling.
    let shared = |name: &str| rows.iter().filter(|row| row.name == name).count() > 1;
    let item = |row: &NamedRow| match kind.written {
        Spelling::Other => CompletionItem::value(&row.other, row.name.clone()),
        Spelling::Name if !row.other.is_empty() && shared(&row.name) => {
            CompletionItem::value(&row.other, row.name.clone())
        }
        Spelling::Name => CompletionItem::value(&row.name, row.other.clone()),
    };
    offer(&mut completion, rows.iter().map(item));
    Ok((completion, None))
}

/// Puts values before the other items of a completion.
pub fn offer(completion: &mut Completion, values: impl Iterator<Item = CompletionItem>) {
    completion.items.splice(0..0, values);
}
