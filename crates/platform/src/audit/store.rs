//! SQL of the audit list.

use sea_orm::Value;

use super::Filter;
use crate::{
    db::{DbError, IntoParam, Sql},
    event_log::{self, StoredEvent},
};

/// Events before `before` (an insertion number), newest first, with their insertion numbers.
pub(super) async fn list(
    sql: &impl Sql,
    filter: &Filter,
    before: i64,
    limit: i64,
) -> Result<Vec<(i64, StoredEvent)>, DbError> {
    let mut values: Vec<Value> = Vec::new();
    let mut conditions: Vec<String> = Vec::new();
    let mut add = |column: &str, operator: &str, value: Option<Value>| {
        if let Some(value) = value {
            values.push(value);
            conditions.push(format!("{column} {operator} ${}", values.len()));
        }
    };
    add("seq", "<", Some(before.into_param()));
    add("at", ">=", filter.from.map(IntoParam::into_param));
    add("at", "<", filter.to.map(IntoParam::into_param));
    add("actor_key", "=", filter.actor.clone().map(IntoParam::into_param));
    add("record_kind", "=", filter.record_kind.clone().map(IntoParam::into_param));
    add("record_id", "=", filter.record.map(IntoParam::into_param));
    add("kind", "=", filter.kind.clone().map(IntoParam::into_param));
    add("origin", "=", filter.origin.clone().map(IntoParam::into_param));
    add("request_id", "=", filter.request_id.clone().map(IntoParam::into_param));
    values.push(limit.into_param());
    let tail = format!("WHERE {} ORDER BY seq DESC LIMIT ${}", conditions.join(" AND "), values.len());
    event_log::list_where(sql, &tail, values).await
}
