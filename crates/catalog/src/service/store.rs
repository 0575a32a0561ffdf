//! Rows of services and their responders.

use std::collections::HashMap;

use kernel::{PageRequest, Scope, ServiceId, TeamId, micros};
use platform::db::{DbError, FromRow, Sql, Tx, placeholders, scope_team};
use platform::params;
use sea_orm::Value;
use uuid::Uuid;

use super::record::{IncidentRule, Responder, ResponderKind, Service};

const COLUMNS: &str = "s.seq, s.id, s.key, s.name, s.description, s.tier, s.owner_team_id, t.name AS owner_team_name, \
     s.escalation_policy_id, s.incident_rule, s.version";

#[derive(FromRow)]
struct ServiceRow {
    seq: i64,
    id: Uuid,
    key: String,
    name: String,
    description: String,
    tier: i64,
    owner_team_id: Option<Uuid>,
    owner_team_name: Option<String>,
    escalation_policy_id: Option<Uuid>,
    incident_rule: serde_json::Value,
    version: i64,
}

/// A service with its insertion number and its owner's name.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Insertion number.
    pub seq: i64,
    /// The service.
    pub service: Service,
    /// Name of the owner team.
    pub owner_team_name: Option<String>,
}

impl Listed {
    fn of(row: ServiceRow, responders: Vec<Responder>) -> Self {
        Self {
            seq: row.seq,
            owner_team_name: row.owner_team_name,
            service: Service {
                id: ServiceId(row.id),
                key: row.key,
                name: row.name,
                description: row.description,
                tier: row.tier,
                owner_team: row.owner_team_id.map(TeamId),
                escalation_policy: row.escalation_policy_id,
                responders,
                incident_rule: serde_json::from_value::<IncidentRule>(row.incident_rule).unwrap_or_default(),
                version: row.version,
            },
        }
    }
}

#[derive(FromRow)]
struct ResponderRow {
    service_id: Uuid,
    kind: String,
    responder_id: Uuid,
}

async fn responders_of(sql: &impl Sql, services: &[Uuid]) -> Result<HashMap<Uuid, Vec<Responder>>, DbError> {
    let mut found: HashMap<Uuid, Vec<Responder>> = HashMap::new();
    if services.is_empty() {
        return Ok(found);
    }
    let text = format!(
        "SELECT service_id, kind, responder_id FROM service_responders WHERE service_id IN ({}) \
         ORDER BY service_id, ordinal",
        placeholders(1, services.len())
    );
    let ids: Vec<Value> = services.iter().map(|id| Value::from(*id)).collect();
    for row in sql.all::<ResponderRow>(&text, ids).await? {
        if let Some(kind) = ResponderKind::parse(&row.kind) {
            found.entry(row.service_id).or_default().push(Responder { kind, id: row.responder_id });
        }
    }
    Ok(found)
}

async fn with_responders(sql: &impl Sql, rows: Vec<ServiceRow>) -> Result<Vec<Listed>, DbError> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut responders = responders_of(sql, &ids).await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let own = responders.remove(&row.id).unwrap_or_default();
            Listed::of(row, own)
        })
        .collect())
}

/// The services whose name or key contains `query` (lower case), newest first; up to one more than the page holds.
pub(super) async fn list(
    sql: &impl Sql,
    scope: &Scope,
    query: Option<&str>,
    page: PageRequest,
) -> Result<Vec<Listed>, DbError> {
    let mut values = params![page.before_or_max()];
    let visible = scope_team(scope, "s.owner_team_id", &mut values);
    let mut filter = String::new();
    if let Some(query) = query {
        values.push(format!("%{}%", query.to_lowercase()).into());
        filter = format!(" AND (LOWER(s.name) LIKE ${0} OR s.key LIKE ${0})", values.len());
    }
    let text = format!(
        "SELECT {COLUMNS} FROM services s LEFT JOIN teams t ON t.id = s.owner_team_id \
         WHERE s.deleted_at IS NULL AND s.seq < $1 AND {visible}{filter} ORDER BY s.seq DESC LIMIT {}",
        page.limit + 1
    );
    let rows = sql.all(&text, values).await?;
    with_responders(sql, rows).await
}

/// The service with its owner's name, if the caller may see it.
pub(super) async fn find_listed(sql: &impl Sql, scope: &Scope, id: ServiceId) -> Result<Option<Listed>, DbError> {
    let mut values = params![id];
    let visible = scope_team(scope, "s.owner_team_id", &mut values);
    let text = format!(
        "SELECT {COLUMNS} FROM services s LEFT JOIN teams t ON t.id = s.owner_team_id \
         WHERE s.id = $1 AND s.deleted_at IS NULL AND {visible}"
    );
    let rows = sql.all(&text, values).await?;
    Ok(with_responders(sql, rows).await?.pop())
}

/// The service, if it is there and the caller may see it.
pub async fn find(sql: &impl Sql, scope: &Scope, id: ServiceId) -> Result<Option<Service>, DbError> {
    Ok(find_listed(sql, scope, id).await?.map(|listed| listed.service))
}

/// Locks the service's row and reads it.
pub(super) async fn lock(tx: &Tx, scope: &Scope, id: ServiceId) -> Result<Option<Service>, DbError> {
    let text =
        format!("SELECT version AS number FROM services WHERE id = $1 AND deleted_at IS NULL{}", tx.for_update());
    if tx.one::<Number>(&text, params![id]).await?.is_none() {
        return Ok(None);
    }
    find(tx, scope, id).await
}

#[derive(FromRow)]
struct Number {
    number: i64,
}

/// What other records show about a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceName {
    /// Its key.
    pub key: String,
    /// Its name.
    pub name: String,
    /// 1 to 4.
    pub tier: i64,
    /// Whether it was deleted since.
    pub deleted: bool,
}

#[derive(FromRow)]
struct NameRow {
    id: Uuid,
    key: String,
    name: String,
    tier: i64,
    deleted_at: Option<i64>,
}

/// Keys, names and tiers of these services as far as the caller may see them, deleted ones too.
pub async fn names(
    sql: &impl Sql,
    scope: &Scope,
    ids: &[ServiceId],
) -> Result<HashMap<ServiceId, ServiceName>, DbError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let mut values: Vec<Value> = ids.iter().map(|id| Value::from(id.0)).collect();
    let visible = scope_team(scope, "s.owner_team_id", &mut values);
    let text = format!(
        "SELECT s.id, s.key, s.name, s.tier, s.deleted_at FROM services s WHERE s.id IN ({}) AND {visible}",
        placeholders(1, ids.len())
    );
    let rows = sql.all::<NameRow>(&text, values).await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let name = ServiceName { key: row.key, name: row.name, tier: row.tier, deleted: row.deleted_at.is_some() };
            (ServiceId(row.id), name)
        })
        .collect())
}

/// Whether another live service has this key.
pub(super) async fn key_is_taken(sql: &impl Sql, key: &str, except: Option<ServiceId>) -> Result<bool, DbError> {
    let text = "SELECT COUNT(*) AS number FROM services WHERE key = $1 AND deleted_at IS NULL AND id <> $2";
    let except = except.map_or(Uuid::nil(), Uuid::from);
    Ok(sql.one::<Number>(text, params![key, except]).await?.is_some_and(|row| row.number > 0))
}

/// Adds a service with its responders.
pub(super) async fn insert(tx: &Tx, service: &Service) -> Result<(), DbError> {
    let rule = serde_json::to_value(&service.incident_rule).unwrap_or_default();
    tx.execute(
        "INSERT INTO services (id, key, name, description, tier, owner_team_id, escalation_policy_id, incident_rule, \
         version, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)",
        params![
            service.id,
            service.key.clone(),
            service.name.clone(),
            service.description.clone(),
            service.tier,
            service.owner_team,
            service.escalation_policy,
            rule,
            service.version,
            tx.now()
        ],
    )
    .await?;
    insert_responders(tx, service).await
}

/// Stores the service's fields and responders.
pub(super) async fn update(tx: &Tx, service: &Service) -> Result<(), DbError> {
    let rule = serde_json::to_value(&service.incident_rule).unwrap_or_default();
    tx.execute(
        "UPDATE services SET key = $2, name = $3, description = $4, tier = $5, owner_team_id = $6, \
         escalation_policy_id = $7, incident_rule = $8, version = $9, updated_at = $10 WHERE id = $1",
        params![
            service.id,
            service.key.clone(),
            service.name.clone(),
            service.description.clone(),
            service.tier,
            service.owner_team,
            service.escalation_policy,
            rule,
            service.version,
            tx.now()
        ],
    )
    .await?;
    tx.execute("DELETE FROM service_responders WHERE service_id = $1", params![service.id]).await?;
    insert_responders(tx, service).await
}

async fn insert_responders(tx: &Tx, service: &Service) -> Result<(), DbError> {
    for (ordinal, responder) in (0_i64..).zip(&service.responders) {
        tx.execute(
            "INSERT INTO service_responders (service_id, ordinal, kind, responder_id) VALUES ($1, $2, $3, $4)",
            params![service.id, ordinal, responder.kind.as_str(), responder.id],
        )
        .await?;
    }
    Ok(())
}

/// Marks the service deleted.
pub(super) async fn mark_deleted(tx: &Tx, id: ServiceId, version: i64) -> Result<(), DbError> {
    tx.execute(
        "UPDATE services SET deleted_at = $2, updated_at = $2, version = $3 WHERE id = $1",
        params![id, micros(tx.now()), version],
    )
    .await?;
    Ok(())
}
