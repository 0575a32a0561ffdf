//! SQL of policies and team routing.

use domain::escalation::Policy;
use jiff::Timestamp;
use kernel::{Scope, TeamId};
use platform::{
    DbError, Sql, Tx,
    db::{FromRow, IntoParam, placeholders, scope_team},
    params,
};
use serde_json::Value;
use uuid::Uuid;

/// A stored policy.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct PolicyRow {
    pub(crate) seq: i64,
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) policy: Value,
    pub(crate) document_version: i64,
    pub(crate) version: i64,
}

impl PolicyRow {
    /// The policy as decisions see it.
    pub(crate) fn policy(&self) -> Result<Policy, DbError> {
        serde_json::from_value(self.policy.clone())
            .map_err(|error| DbError::Corrupt(format!("escalation policy {}: {error}", self.id)))
    }
}

const COLUMNS: &str = "p.seq, p.id, p.name, p.description, p.policy, p.document_version, p.version";

/// Policies that the scope may see, newest first.
pub(crate) async fn list(sql: &impl Sql, scope: &Scope, before: i64, limit: i64) -> Result<Vec<PolicyRow>, DbError> {
    let mut values = params![before, limit];
    let seen = scope_team(scope, "p.team_id", &mut values);
    let text =
        format!("SELECT {COLUMNS} FROM escalation_policies p WHERE p.seq < $1 AND {seen} ORDER BY p.seq DESC LIMIT $2");
    sql.all(&text, values).await
}

/// One policy that the scope may see.
pub(crate) async fn find(sql: &impl Sql, scope: &Scope, id: Uuid) -> Result<Option<PolicyRow>, DbError> {
    let mut values = params![id];
    let seen = scope_team(scope, "p.team_id", &mut values);
    sql.one(&format!("SELECT {COLUMNS} FROM escalation_policies p WHERE p.id = $1 AND {seen}"), values).await
}

/// As [`find`], and locks the row.
pub(crate) async fn lock(tx: &Tx, scope: &Scope, id: Uuid) -> Result<Option<PolicyRow>, DbError> {
    let mut values = params![id];
    let seen = scope_team(scope, "p.team_id", &mut values);
    let text = format!("SELECT {COLUMNS} FROM escalation_policies p WHERE p.id = $1 AND {seen}{}", tx.for_update());
    tx.one(&text, values).await
}

#[derive(FromRow)]
struct IdName {
    id: Uuid,
    name: String,
}

/// Names of the policies that the scope may see.
pub(crate) async fn names(sql: &impl Sql, scope: &Scope, ids: &[Uuid]) -> Result<Vec<(Uuid, String)>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut values: Vec<sea_orm::Value> = ids.iter().map(|id| (*id).into_param()).collect();
    let list = placeholders(1, ids.len());
    let seen = scope_team(scope, "p.team_id", &mut values);
    let text = format!("SELECT p.id, p.name FROM escalation_policies p WHERE p.id IN ({list}) AND {seen}");
    Ok(sql.all::<IdName>(&text, values).await?.into_iter().map(|row| (row.id, row.name)).collect())
}

/// Whether another policy has this name.
pub(crate) async fn name_taken(sql: &impl Sql, name: &str, except: Option<Uuid>) -> Result<bool, DbError> {
    let rows: Vec<IdName> = sql.all("SELECT id, name FROM escalation_policies WHERE name = $1", params![name]).await?;
    Ok(rows.iter().any(|row| Some(row.id) != except))
}

/// What is stored of a policy.
pub(crate) struct PolicyValues<'a> {
    pub(crate) id: Uuid,
    pub(crate) name: &'a str,
    pub(crate) description: &'a str,
    pub(crate) team_id: Option<TeamId>,
    pub(crate) policy: Value,
    pub(crate) document_version: i64,
    pub(crate) version: i64,
    pub(crate) at: Timestamp,
}

/// Adds a policy.
pub(crate) async fn insert(tx: &Tx, row: PolicyValues<'_>) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO escalation_policies (id, name, description, team_id, policy, document_version, version, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)",
        params![row.id, row.name, row.description, row.team_id, row.policy, row.document_version, row.version, row.at],
    )
    .await?;
    Ok(())
}

/// Replaces the content of a locked policy.
pub(crate) async fn update(tx: &Tx, row: PolicyValues<'_>) -> Result<(), DbError> {
    tx.execute(
        "UPDATE escalation_policies SET name = $2, description = $3, team_id = $4, policy = $5, document_version = $6, \
         version = $7, updated_at = $8 WHERE id = $1",
        params![row.id, row.name, row.description, row.team_id, row.policy, row.document_version, row.version, row.at],
    )
    .await?;
    Ok(())
}

/// Removes a policy. Its documents stay.
pub(crate) async fn delete(tx: &Tx, id: Uuid) -> Result<(), DbError> {
    tx.execute("DELETE FROM escalation_policies WHERE id = $1", params![id]).await?;
    Ok(())
}

/// Names of the services and teams that use the policy.
pub(crate) async fn list_users(sql: &impl Sql, id: Uuid) -> Result<Vec<String>, DbError> {
    let rows: Vec<IdName> = sql
        .all(
            "SELECT s.id, s.name FROM services s WHERE s.escalation_policy_id = $1 AND s.deleted_at IS NULL \
             UNION ALL SELECT t.id, t.name FROM teams t JOIN team_routing r ON r.team_id = t.id WHERE r.escalation_policy_id = $1",
            params![id],
        )
        .await?;
    Ok(rows.into_iter().map(|row| row.name).collect())
}

/// Every policy: to see who uses a schedule.
pub(crate) async fn list_all(sql: &impl Sql) -> Result<Vec<PolicyRow>, DbError> {
    sql.all(&format!("SELECT {COLUMNS} FROM escalation_policies p ORDER BY p.seq"), Vec::new()).await
}

/// A team's routing.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct RoutingRow {
    pub(crate) escalation_policy_id: Option<Uuid>,
    pub(crate) version: i64,
}

/// The routing of a team, if it was ever set.
pub(crate) async fn find_routing(sql: &impl Sql, team: Uuid) -> Result<Option<RoutingRow>, DbError> {
    sql.one("SELECT escalation_policy_id, version FROM team_routing WHERE team_id = $1", params![team]).await
}

/// Sets the routing of a team.
pub(crate) async fn upsert_routing(tx: &Tx, team: Uuid, policy: Option<Uuid>, version: i64) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO team_routing (team_id, escalation_policy_id, version, updated_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (team_id) DO UPDATE SET escalation_policy_id = excluded.escalation_policy_id, \
         version = excluded.version, updated_at = excluded.updated_at",
        params![team, policy, version, tx.now()],
    )
    .await?;
    Ok(())
}

/// One version of a document.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct VersionRow {
    pub(crate) version: i64,
    pub(crate) created_at: i64,
    pub(crate) body: Value,
}

/// The newest 200 versions of a record's document. Whoever calls has checked that the caller sees the record.
pub(crate) async fn list_versions(sql: &impl Sql, kind: &str, id: Uuid) -> Result<Vec<VersionRow>, DbError> {
    sql.all(
        "SELECT v.version, v.created_at, v.body FROM documents d JOIN document_versions v ON v.document_id = d.id \
         WHERE d.kind = $1 AND d.key = $2 ORDER BY v.version DESC LIMIT 200",
        params![kind, id.to_string()],
    )
    .await
}
