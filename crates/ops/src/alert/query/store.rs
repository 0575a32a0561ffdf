//! What queries over alerts need read: the integrations that they name, tags that can be offered, and the lists.

use catalog::query::{Keyed, Listing, NamedKind, PERSON, SERVICE, Spelling, Statement, TEAM, like};
use domain::query::{Condition, Plan};
use kernel::Scope;
use platform::db::{Backend, FromRow, Sql, scope_team};
use platform::{Ctx, DbError};
use sea_orm::Value;

use crate::alert::search::AlertFilter;
use crate::alert::store::{ALERT_COLUMNS, AlertRow};

/// Integrations, by name.
const INTEGRATION: NamedKind = NamedKind {
    name: "integration",
    select: "SELECT r.id, r.name, '' AS other FROM integrations r",
    keys: ["LOWER(r.name)", "LOWER(r.name)"],
    current: "TRUE",
    written: Spelling::Name,
    visible: |scope, values| scope_team(scope, "r.team_id", values),
};

/// The kinds of records that queries over alerts name; incidents are found by their keys.
pub(crate) const KINDS: &[NamedKind] = &[PERSON, TEAM, SERVICE, INTEGRATION];

fn listing(backend: Backend, ctx: &Ctx, filter: &AlertFilter) -> Listing {
    let search = filter.compile(backend, ctx);
    Listing { columns: ALERT_COLUMNS, from: "alerts a", conditions: search.condition, values: search.params }
}

/// The statement that lists alerts; apart from running it so that tests can ask the database for its plan.
pub(crate) fn list_query(
    backend: Backend,
    ctx: &Ctx,
    filter: &AlertFilter,
    plan: &Plan,
    page: Option<&Condition>,
    limit: i64,
) -> Statement {
    catalog::query::list(listing(backend, ctx, filter), plan, page, limit)
}

/// Alerts with the values by which they are sorted.
pub(crate) async fn list(
    sql: &impl Sql,
    ctx: &Ctx,
    filter: &AlertFilter,
    plan: &Plan,
    page: Option<&Condition>,
    limit: i64,
) -> Result<Vec<Keyed<AlertRow>>, DbError> {
    let query = list_query(sql.backend(), ctx, filter, plan, page, limit);
    sql.all(&query.text, query.values).await
}

#[derive(FromRow)]
struct NumberRow {
    number: i64,
}

/// How many alerts, exactly up to `most`; one more stands for all beyond.
pub(crate) async fn count(
    sql: &impl Sql,
    ctx: &Ctx,
    filter: &AlertFilter,
    plan: &Plan,
    most: i64,
) -> Result<i64, DbError> {
    let query = catalog::query::count(listing(sql.backend(), ctx, filter), plan, most);
    Ok(sql.one::<NumberRow>(&query.text, query.values).await?.map_or(0, |row| row.number))
}

#[derive(FromRow)]
struct TagRow {
    tag: String,
}

/// Tags in use on alerts that the asker may see.
pub(crate) async fn tags(sql: &impl Sql, scope: &Scope, prefix: &str, limit: i64) -> Result<Vec<String>, DbError> {
    let mut values: Vec<Value> = vec![like(prefix).into(), limit.into()];
    let visible = scope_team(scope, "a.team_id", &mut values);
    let text = format!(
        "SELECT DISTINCT g.tag FROM alert_tags g JOIN alerts a ON a.id = g.alert_id \
         WHERE LOWER(g.tag) LIKE $1 ESCAPE '\\' AND {visible} ORDER BY g.tag LIMIT $2"
    );
    Ok(sql.all::<TagRow>(&text, values).await?.into_iter().map(|row| row.tag).collect())
}
