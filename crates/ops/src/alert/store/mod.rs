//! SQL of alerts: their rows here; what hangs on them, their log and their numbers beside.

mod counts;
mod log;
mod parts;
mod words;

use std::collections::HashMap;

use kernel::{AlertId, Scope, TicketId};
use platform::db::{Backend, FromRow, Sql, placeholder_rows, placeholders, scope_team};
use platform::{DbError, Tx, params};
use sea_orm::Value;
use uuid::Uuid;

pub use counts::*;
pub use log::*;
pub use parts::*;
pub use words::*;

/// A row of `alerts`.
#[derive(Clone, Debug, FromRow)]
#[expect(missing_docs, reason = "the columns are explained at the API's alert and in domain::alert")]
pub struct AlertRow {
    pub seq: i64,
    pub id: Uuid,
    pub alias: String,
    pub message: String,
    pub description: String,
    pub status: String,
    pub priority: String,
    pub count: i64,
    pub source: String,
    pub entity: String,
    pub tags: serde_json::Value,
    pub details: serde_json::Value,
    pub actions: serde_json::Value,
    pub seen: bool,
    pub acknowledged_at: Option<i64>,
    pub acknowledged_by_kind: Option<String>,
    pub acknowledged_by: Option<Uuid>,
    pub acknowledged_by_part: Option<String>,
    pub first_acknowledged_at: Option<i64>,
    pub snoozed_until: Option<i64>,
    pub snoozed_by_kind: Option<String>,
    pub snoozed_by: Option<Uuid>,
    pub snoozed_by_part: Option<String>,
    pub owner_id: Option<Uuid>,
    pub team_id: Option<Uuid>,
    pub service_id: Option<Uuid>,
    pub service_reason: Option<String>,
    pub integration_id: Option<Uuid>,
    pub incident_state: String,
    pub incident_id: Option<Uuid>,
    pub created_at: i64,
    pub updated_at: i64,
    pub last_occurred_at: i64,
    pub closed_at: Option<i64>,
    pub closed_by_kind: Option<String>,
    pub closed_by: Option<Uuid>,
    pub closed_by_part: Option<String>,
    pub version: i64,
}

/// The columns of [`AlertRow`] from `alerts a`.
pub const ALERT_COLUMNS: &str = COLUMNS;

const COLUMNS: &str = "a.seq, a.id, a.alias, a.message, a.description, a.status, a.priority, a.count, a.source, a.entity, \
    a.tags, a.details, a.actions, a.seen, a.acknowledged_at, a.acknowledged_by_kind, a.acknowledged_by, \
    a.acknowledged_by_part, a.first_acknowledged_at, a.snoozed_until, a.snoozed_by_kind, a.snoozed_by, a.snoozed_by_part, \
    a.owner_id, a.team_id, a.service_id, a.service_reason, a.integration_id, a.incident_state, a.incident_id, \
    a.created_at, a.updated_at, a.last_occurred_at, a.closed_at, a.closed_by_kind, a.closed_by, a.closed_by_part, a.version";

/// Names of what an alert points at, from the tables of the crates below and of this one.
#[derive(Clone, Debug, FromRow)]
pub struct NamesRow {
    pub id: Uuid,
    pub owner_name: Option<String>,
    pub acknowledged_by_name: Option<String>,
    pub team_name: Option<String>,
    pub service_name: Option<String>,
    pub service_tier: Option<i64>,
    pub integration_name: Option<String>,
    pub closed_by_name: Option<String>,
}

/// The names for a page of alerts, in one statement.
pub async fn list_names(sql: &impl Sql, ids: &[Uuid]) -> Result<Vec<NamesRow>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    sql.all(
        &format!(
            "SELECT a.id, o.name AS owner_name, ack.name AS acknowledged_by_name, t.name AS team_name, \
             s.name AS service_name, s.tier AS service_tier, i.name AS integration_name, \
             COALESCE(cp.name, ci.name) AS closed_by_name \
             FROM alerts a LEFT JOIN people o ON o.id = a.owner_id LEFT JOIN people ack ON ack.id = a.acknowledged_by \
             LEFT JOIN teams t ON t.id = a.team_id LEFT JOIN services s ON s.id = a.service_id \
             LEFT JOIN integrations i ON i.id = a.integration_id \
             LEFT JOIN people cp ON cp.id = a.closed_by LEFT JOIN integrations ci ON ci.id = a.closed_by \
             WHERE a.id IN ({})",
            placeholders(1, ids.len())
        ),
        ids.iter().map(|id| Value::from(*id)).collect(),
    )
    .await
}

/// The alert, if the caller may see it.
pub async fn find_alert(sql: &impl Sql, scope: &Scope, id: AlertId) -> Result<Option<AlertRow>, DbError> {
    let mut params = params![id];
    let seen = scope_team(scope, "a.team_id", &mut params);
    sql.one(&format!("SELECT {COLUMNS} FROM alerts a WHERE a.id = $1 AND {seen}"), params).await
}

/// The alert with this number (the "tiny id"), if the caller may see it.
pub async fn find_alert_by_number(sql: &impl Sql, scope: &Scope, number: i64) -> Result<Option<AlertRow>, DbError> {
    let mut params = params![number];
    let seen = scope_team(scope, "a.team_id", &mut params);
    sql.one(&format!("SELECT {COLUMNS} FROM alerts a WHERE a.seq = $1 AND {seen}"), params).await
}

/// The open alert with this alias, else the newest closed one, if the caller may see it.
pub async fn find_alert_by_alias(sql: &impl Sql, scope: &Scope, alias: &str) -> Result<Option<AlertRow>, DbError> {
    let mut params = params![alias];
    let seen = scope_team(scope, "a.team_id", &mut params);
    sql.one(
        &format!(
            "SELECT {COLUMNS} FROM alerts a WHERE a.alias = $1 AND {seen} \
             ORDER BY CASE a.status WHEN 'open' THEN 0 ELSE 1 END, a.seq DESC LIMIT 1"
        ),
        params,
    )
    .await
}

/// The alert, locked until the transaction ends.
pub async fn lock_alert(tx: &Tx, id: AlertId) -> Result<Option<AlertRow>, DbError> {
    tx.one(&format!("SELECT {COLUMNS} FROM alerts a WHERE a.id = $1{}", tx.for_update()), params![id]).await
}

/// Alerts, locked until the transaction ends: in the order of their aliases, as everybody locks several, so that two
/// transactions never wait for each other.
pub async fn lock_alerts(tx: &Tx, ids: &[Uuid]) -> Result<Vec<AlertRow>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let list = placeholders(1, ids.len());
    let text =
        format!("SELECT {COLUMNS} FROM alerts a WHERE a.id IN ({list}) ORDER BY a.alias, a.id{}", tx.for_update());
    tx.all(&text, ids.iter().map(|id| Value::from(*id)).collect()).await
}

#[derive(FromRow)]
struct Locked {
    #[column = "id"]
    _id: Uuid,
}

/// Locks alerts by their ids, and the open ones with these aliases, in the order of [`lock_alerts`].
pub async fn lock_all(tx: &Tx, ids: &[Uuid], aliases: &[String]) -> Result<(), DbError> {
    if tx.backend() == Backend::Sqlite || ids.is_empty() && aliases.is_empty() {
        return Ok(());
    }
    let mut which = Vec::new();
    if !ids.is_empty() {
        which.push(format!("a.id IN ({})", placeholders(1, ids.len())));
    }
    if !aliases.is_empty() {
        let list = placeholders(1 + ids.len(), aliases.len());
        which.push(format!("(a.status = 'open' AND a.alias IN ({list}))"));
    }
    let text =
        format!("SELECT a.id FROM alerts a WHERE {} ORDER BY a.alias, a.id{}", which.join(" OR "), tx.for_update());
    let values = ids.iter().map(|id| Value::from(*id)).chain(aliases.iter().map(|alias| Value::from(alias.clone())));
    tx.all::<Locked>(&text, values.collect()).await.map(drop)
}

/// The open alerts with these aliases, locked until the transaction ends.
pub async fn lock_open_aliases(tx: &Tx, aliases: &[String]) -> Result<Vec<AlertRow>, DbError> {
    if aliases.is_empty() {
        return Ok(Vec::new());
    }
    let params = aliases.iter().map(|alias| Value::from(alias.clone())).collect();
    let text = match tx.backend() {
        Backend::Sqlite => {
            let list = placeholders(1, aliases.len());
            format!("SELECT {COLUMNS} FROM alerts a WHERE a.status = 'open' AND a.alias IN ({list}) ORDER BY a.alias")
        }
        // Alias by alias: in a storm, before it has counted anew, PostgreSQL takes open alerts to be few, and goes through
        // all of them.
        Backend::Postgres => {
            let list: Vec<String> = (1..=aliases.len()).map(|number| format!("(${number}::text)")).collect();
            format!(
                "SELECT {COLUMNS} FROM (SELECT v.alias FROM (VALUES {}) AS v (alias) ORDER BY v.alias) AS wanted \
                 CROSS JOIN LATERAL (SELECT * FROM alerts o WHERE o.status = 'open' AND o.alias = wanted.alias LIMIT 1 \
                 FOR UPDATE) AS a",
                list.join(", ")
            )
        }
    };
    tx.all(&text, params).await
}

#[derive(FromRow)]
struct IdRow {
    id: Uuid,
}

/// Rows in one statement: well under the parameter limits of both databases.
const CHUNK: usize = 200;

/// Inserts open alerts, leaving out those whose alias another transaction opened meanwhile; gives the ids inserted, and
/// their numbers.
pub async fn insert_alerts(tx: &Tx, rows: &[AlertRow]) -> Result<HashMap<Uuid, i64>, DbError> {
    let mut values = Vec::with_capacity(rows.len() * 22);
    for row in rows {
        values.extend(params![
            row.id,
            &row.alias,
            &row.message,
            &row.description,
            &row.status,
            &row.priority,
            row.count,
            &row.source,
            &row.entity,
            row.tags.clone(),
            row.details.clone(),
            row.actions.clone(),
            row.seen,
            row.team_id,
            row.service_id,
            row.service_reason.clone(),
            row.integration_id,
            &row.incident_state,
            row.created_at,
            row.updated_at,
            row.last_occurred_at,
            row.version
        ]);
    }
    let head = "INSERT INTO alerts (id, alias, message, description, status, priority, count, source, entity, tags, \
                details, actions, seen, team_id, service_id, service_reason, integration_id, incident_state, created_at, \
                updated_at, last_occurred_at, version)";
    tx.insert_numbered_rows(head, values, "ON CONFLICT (alias) WHERE status = 'open' DO NOTHING").await
}

/// Writes what another report of an open alert changes: count and times.
pub async fn update_counts(tx: &Tx, rows: &[&AlertRow]) -> Result<(), DbError> {
    for chunk in rows.chunks(CHUNK) {
        let values = chunk
            .iter()
            .flat_map(|row| params![row.id, row.count, row.updated_at, row.last_occurred_at, row.version])
            .collect();
        let sql = format!(
            "UPDATE alerts SET count = new.column2, updated_at = new.column3, last_occurred_at = new.column4, \
             version = new.column5 FROM (VALUES {}) AS new WHERE alerts.id = new.column1",
            placeholder_rows(chunk.len(), 5)
        );
        tx.execute(&sql, values).await?;
    }
    Ok(())
}

/// Writes every column that can change.
pub async fn update_alert(tx: &Tx, row: &AlertRow) -> Result<(), DbError> {
    tx.execute(
        "UPDATE alerts SET message = $2, description = $3, status = $4, priority = $5, count = $6, tags = $7, details = $8, \
         seen = $9, acknowledged_at = $10, acknowledged_by_kind = $11, acknowledged_by = $12, \
         acknowledged_by_part = $13, first_acknowledged_at = $14, snoozed_until = $15, snoozed_by_kind = $16, \
         snoozed_by = $17, snoozed_by_part = $18, owner_id = $19, team_id = $20, service_id = $21, \
         service_reason = $22, incident_state = $23, incident_id = $24, updated_at = $25, last_occurred_at = \
         $26, closed_at = $27, closed_by_kind = $28, closed_by = $29, closed_by_part = $30, version = $31 \
         WHERE id = $1",
        params![
            row.id,
            row.message.clone(),
            row.description.clone(),
            row.status.clone(),
            row.priority.clone(),
            row.count,
            row.tags.clone(),
            row.details.clone(),
            row.seen,
            row.acknowledged_at,
            row.acknowledged_by_kind.clone(),
            row.acknowledged_by,
            row.acknowledged_by_part.clone(),
            row.first_acknowledged_at,
            row.snoozed_until,
            row.snoozed_by_kind.clone(),
            row.snoozed_by,
            row.snoozed_by_part.clone(),
            row.owner_id,
            row.team_id,
            row.service_id,
            row.service_reason.clone(),
            row.incident_state.clone(),
            row.incident_id,
            row.updated_at,
            row.last_occurred_at,
            row.closed_at,
            row.closed_by_kind.clone(),
            row.closed_by,
            row.closed_by_part.clone(),
            row.version,
        ],
    )
    .await?;
    Ok(())
}

/// Alerts of an incident, oldest first.
pub async fn list_by_incident(sql: &impl Sql, scope: &Scope, incident: TicketId) -> Result<Vec<AlertRow>, DbError> {
    let mut params = params![incident];
    let seen = scope_team(scope, "a.team_id", &mut params);
    sql.all(
        &format!("SELECT {COLUMNS} FROM alerts a WHERE a.incident_id = $1 AND {seen} ORDER BY a.seq LIMIT 500"),
        params,
    )
    .await
}

/// Alerts by their ids, those that the caller may see.
pub async fn list_by_ids(sql: &impl Sql, scope: &Scope, ids: &[Uuid]) -> Result<Vec<AlertRow>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut params: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    let seen = scope_team(scope, "a.team_id", &mut params);
    sql.all(
        &format!("SELECT {COLUMNS} FROM alerts a WHERE a.id IN ({}) AND {seen}", placeholders(1, ids.len())),
        params,
    )
    .await
}

#[derive(FromRow)]
struct CountRow {
    n: i64,
}

/// How many alerts match a condition made by [`super::search`], which has the scope in it.
pub async fn count_matching(sql: &impl Sql, condition: &str, params: Vec<Value>) -> Result<i64, DbError> {
    let row: Option<CountRow> =
        sql.one(&format!("SELECT COUNT(*) AS n FROM alerts a WHERE {condition}"), params).await?;
    Ok(row.map_or(0, |row| row.n))
}

/// Alerts that match a condition made by [`super::search`], which has the scope in it.
pub async fn list_matching(
    sql: &impl Sql,
    condition: &str,
    order: &str,
    limit: i64,
    offset: i64,
    mut params: Vec<Value>,
) -> Result<Vec<AlertRow>, DbError> {
    params.push(Value::from(limit));
    params.push(Value::from(offset));
    let (limit, offset) = (params.len() - 1, params.len());
    sql.all(
        &format!("SELECT {COLUMNS} FROM alerts a WHERE {condition} ORDER BY {order} LIMIT ${limit} OFFSET ${offset}"),
        params,
    )
    .await
}

/// Owner team and tier of a service.
#[derive(Clone, Debug, FromRow)]
pub struct ServiceRow {
    pub id: Uuid,
    pub owner_team_id: Option<Uuid>,
}

/// The services with these ids.
pub async fn list_services(sql: &impl Sql, ids: &[Uuid]) -> Result<Vec<ServiceRow>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    sql.all(
        &format!("SELECT id, owner_team_id FROM services WHERE id IN ({})", placeholders(1, ids.len())),
        ids.iter().map(|id| Value::from(*id)).collect(),
    )
    .await
}
