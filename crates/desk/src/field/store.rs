//! Typed rows of values, and what definitions and values refer to.

use std::collections::BTreeSet;

use kernel::{PersonId, ProjectId, Scope, ServiceId, TeamId, TicketId};
use platform::db::{FromRow, placeholders};
use platform::{DbError, Sql, Tx, params};
use sea_orm::Value;
use uuid::Uuid;

use super::definition::FieldKind;
use super::value::typed;

/// Adds the typed rows of a value.
pub(crate) async fn insert_rows(
    tx: &Tx,
    ticket: TicketId,
    key: &str,
    kind: FieldKind,
    value: &serde_json::Value,
) -> Result<(), DbError> {
    let mut values = Vec::new();
    for (ordinal, row) in (0_i64..).zip(typed(kind, value)) {
        values.extend(params![key, ticket, ordinal, row.text, row.long_text]);
        values.push(row.number.into());
        values.extend(params![row.instant, row.date, row.reference]);
    }
    let head =
        "INSERT INTO field_values (field, record_id, ordinal, text, long_text, number, instant, date, reference)";
    tx.insert_rows(head, values, "").await.map(drop)
}

/// Removes the typed rows of a field of a ticket.
pub(crate) async fn delete_rows(tx: &Tx, ticket: TicketId, key: &str) -> Result<(), DbError> {
    tx.execute("DELETE FROM field_values WHERE record_id = $1 AND field = $2", params![ticket, key]).await.map(drop)
}

#[derive(FromRow)]
struct NumberRow {
    number: i64,
}

#[derive(FromRow)]
struct TextRow {
    text: String,
}

/// Whether a ticket has a value of the field.
pub(super) async fn is_used(sql: &impl Sql, key: &str) -> Result<bool, DbError> {
    // Each column has an index of its own.
    let columns = ["text", "long_text", "number", "instant", "date", "reference"];
    let there = columns
        .map(|column| format!("EXISTS (SELECT 1 FROM field_values v WHERE v.field = $1 AND v.{column} IS NOT NULL)"));
    let text = format!("SELECT CAST(CASE WHEN {} THEN 1 ELSE 0 END AS BIGINT) AS number", there.join(" OR "));
    Ok(sql.one::<NumberRow>(&text, params![key]).await?.is_some_and(|row| row.number > 0))
}

/// Those of these options that a ticket has.
pub(super) async fn options_in_use(sql: &impl Sql, key: &str, options: &[&str]) -> Result<Vec<String>, DbError> {
    let mut used = Vec::new();
    for option in options {
        let text = "SELECT text FROM field_values WHERE field = $1 AND text = $2 LIMIT 1";
        used.extend(sql.one::<TextRow>(text, params![key, *option]).await?.map(|row| row.text));
    }
    Ok(used)
}

/// How many of these projects there are.
pub(super) async fn count_projects(sql: &impl Sql, projects: &BTreeSet<ProjectId>) -> Result<usize, DbError> {
    let text = format!("SELECT COUNT(*) AS number FROM projects WHERE id IN ({})", placeholders(1, projects.len()));
    let row: Option<NumberRow> = sql.one(&text, projects.iter().map(|id| Value::from(id.0)).collect()).await?;
    Ok(row.map_or(0, |row| usize::try_from(row.number).unwrap_or_default()))
}

/// Whether there is such a record for the caller to name: an active person, a team or service that they may see.
pub(super) async fn reference_exists(
    sql: &impl Sql,
    scope: &Scope,
    kind: FieldKind,
    id: Uuid,
) -> Result<bool, DbError> {
    let count = async |text: &str| -> Result<bool, DbError> {
        Ok(sql.one::<NumberRow>(text, params![id]).await?.is_some_and(|row| row.number > 0))
    };
    match (kind, scope) {
        (FieldKind::Person, Scope::Customer(own)) => Ok(*own == PersonId(id)),
        (FieldKind::Person, _) => count("SELECT COUNT(*) AS number FROM people WHERE id = $1 AND active = TRUE").await,
        (FieldKind::Team, scope) if !scope.sees_team(Some(TeamId(id))) => Ok(false),
        (FieldKind::Team, _) => count("SELECT COUNT(*) AS number FROM teams WHERE id = $1").await,
        (FieldKind::Service, scope) => {
            let names = catalog::service::names(sql, scope, &[ServiceId(id)]).await?;
            Ok(names.values().any(|service| !service.deleted))
        }
        _ => Ok(true),
    }
}
