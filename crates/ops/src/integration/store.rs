//! SQL of integrations and of what they sent.

use kernel::{IntegrationId, Scope};
use platform::db::{FromRow, Sql, placeholders, scope_team};
use platform::{DbError, Tx, params};
use sea_orm::Value;
use serde_json::Value as Json;
use uuid::Uuid;

/// A row of `integrations`.
#[derive(Clone, Debug, FromRow)]
pub struct IntegrationRow {
    pub seq: i64,
    pub id: Uuid,
    pub name: String,
    pub kind: String,
    pub team_id: Option<Uuid>,
    pub team_name: Option<String>,
    pub enabled: bool,
    pub key_hash: String,
    pub key_prefix: String,
    pub settings: Json,
    pub mapping: Option<Json>,
    pub accepted: i64,
    pub rejected: i64,
    pub last_event_at: Option<i64>,
    pub version: i64,
    /// Payloads that wait for their turn; not counted for the doors.
    pub waiting: i64,
}

const SELECT: &str = "SELECT i.seq, i.id, i.name, i.kind, i.team_id, t.name AS team_name, i.enabled, i.key_hash, i.key_prefix, \
    i.settings, i.mapping, i.accepted, i.rejected, i.last_event_at, i.version, \
    (SELECT COUNT(*) FROM integration_backlog b WHERE b.integration_id = i.id) AS waiting \
    FROM integrations i LEFT JOIN teams t ON t.id = i.team_id";
/// As [`SELECT`], for the doors.
const SELECT_SOURCE: &str = "SELECT i.seq, i.id, i.name, i.kind, i.team_id, t.name AS team_name, i.enabled, i.key_hash, \
    i.key_prefix, i.settings, i.mapping, i.accepted, i.rejected, i.last_event_at, i.version, CAST(0 AS BIGINT) AS waiting \
    FROM integrations i LEFT JOIN teams t ON t.id = i.team_id";

/// The integrations with these keys, whoever asks: the key is the right.
pub async fn list_by_keys(sql: &impl Sql, key_hashes: &[String]) -> Result<Vec<IntegrationRow>, DbError> {
    let params = key_hashes.iter().map(|hash| Value::from(hash.clone())).collect();
    sql.all(&format!("{SELECT_SOURCE} WHERE i.key_hash IN ({})", placeholders(1, key_hashes.len())), params).await
}

/// These integrations, whoever asks: they have shown their keys before.
pub async fn list_by_ids(sql: &impl Sql, ids: &[Uuid]) -> Result<Vec<IntegrationRow>, DbError> {
    let params = ids.iter().map(|id| Value::from(*id)).collect();
    sql.all(&format!("{SELECT_SOURCE} WHERE i.id IN ({})", placeholders(1, ids.len())), params).await
}

/// The integration, if the caller may see it.
pub async fn find_integration(
    sql: &impl Sql,
    scope: &Scope,
    id: IntegrationId,
) -> Result<Option<IntegrationRow>, DbError> {
    let mut params = params![id];
    let seen = scope_team(scope, "i.team_id", &mut params);
    sql.one(&format!("{SELECT} WHERE i.id = $1 AND {seen}"), params).await
}

/// Integrations before `before` (an insertion number), newest first.
pub async fn list_integrations(
    sql: &impl Sql,
    scope: &Scope,
    before: i64,
    limit: i64,
) -> Result<Vec<IntegrationRow>, DbError> {
    let mut params = params![before, limit];
    let seen = scope_team(scope, "i.team_id", &mut params);
    sql.all(&format!("{SELECT} WHERE i.seq < $1 AND {seen} ORDER BY i.seq DESC LIMIT $2"), params).await
}

/// Id and name of these integrations, as far as the caller may see them.
pub async fn names(sql: &impl Sql, scope: &Scope, ids: &[Uuid]) -> Result<Vec<(Uuid, String)>, DbError> {
    let mut params: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    let seen = scope_team(scope, "i.team_id", &mut params);
    let list = placeholders(1, ids.len());
    let text = format!("SELECT i.id, i.name FROM integrations i WHERE i.id IN ({list}) AND {seen}");
    let rows: Vec<NameRow> = sql.all(&text, params).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

#[derive(FromRow)]
struct NameRow {
    id: Uuid,
    name: String,
}

/// A new integration.
#[derive(Clone, Debug)]
pub struct NewIntegration {
    pub id: Uuid,
    pub name: String,
    pub kind: String,
    pub team_id: Option<Uuid>,
    pub key_hash: String,
    pub key_prefix: String,
    pub settings: Json,
    pub mapping: Option<Json>,
}

/// Inserts an integration.
pub async fn insert_integration(tx: &Tx, new: &NewIntegration, at: i64) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO integrations (id, name, kind, team_id, enabled, key_hash, key_prefix, settings, mapping, accepted, rejected, \
         created_at, version) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,0,0,$10,1)",
        params![
            new.id,
            new.name.clone(),
            new.kind.clone(),
            new.team_id,
            true,
            new.key_hash.clone(),
            new.key_prefix.clone(),
            new.settings.clone(),
            new.mapping.clone(),
            at
        ],
    )
    .await?;
    Ok(())
}

/// Writes what a person can change, if the row still is at `row.version`; gives whether it was.
pub async fn update_integration(tx: &Tx, row: &IntegrationRow) -> Result<bool, DbError> {
    let changed = tx
        .execute(
            "UPDATE integrations SET name = $3, team_id = $4, enabled = $5, settings = $6, mapping = $7, key_hash = $8, \
             key_prefix = $9, version = version + 1 WHERE id = $1 AND version = $2",
            params![
                row.id,
                row.version,
                row.name.clone(),
                row.team_id,
                row.enabled,
                row.settings.clone(),
                row.mapping.clone(),
                row.key_hash.clone(),
                row.key_prefix.clone()
            ],
        )
        .await?;
    Ok(changed == 1)
}

/// Deletes an integration and what it sent; its alerts stay.
pub async fn delete_integration(tx: &Tx, id: IntegrationId) -> Result<(), DbError> {
    tx.execute("DELETE FROM integration_backlog WHERE integration_id = $1", params![id]).await?;
    tx.execute("DELETE FROM integration_events WHERE integration_id = $1", params![id]).await?;
    tx.execute("DELETE FROM integrations WHERE id = $1", params![id]).await?;
    Ok(())
}

/// Counts events on their integration; gives how many there are by now.
pub async fn count_events(
    tx: &Tx,
    id: IntegrationId,
    accepted: usize,
    rejected: usize,
    at: i64,
) -> Result<i64, DbError> {
    #[derive(FromRow)]
    struct Total {
        total: i64,
    }
    let total: Option<Total> = tx
        .one(
            "UPDATE integrations SET accepted = accepted + $2, rejected = rejected + $3, last_event_at = $4 \
             WHERE id = $1 RETURNING accepted + rejected AS total",
            params![id, accepted as i64, rejected as i64, at],
        )
        .await?;
    Ok(total.map_or(0, |row| row.total))
}

/// Something an integration sent.
#[derive(Clone, Debug, FromRow)]
pub struct EventRow {
    pub id: Uuid,
    pub received_at: i64,
    pub state: String,
    pub reason: Option<String>,
    pub place: Option<String>,
    pub alerts: Json,
    pub payload: String,
    pub truncated: bool,
}

/// How many events of an integration are shown; up to as many more are kept for a while.
const KEPT: i64 = 50;

/// Keeps events. `total` counts all that came: each time it passes another 50, the oldest beyond the last 50 go.
pub async fn insert_events(
    tx: &Tx,
    integration: IntegrationId,
    events: Vec<EventRow>,
    total: i64,
) -> Result<(), DbError> {
    let before = total - i64::try_from(events.len()).unwrap_or(i64::MAX);
    let skipped = events.len().saturating_sub(usize::try_from(KEPT).unwrap_or(usize::MAX));
    let mut values = Vec::with_capacity(events.len().saturating_sub(skipped) * 9);
    for event in events.into_iter().skip(skipped) {
        values.extend(params![
            event.id,
            integration,
            event.received_at,
            event.state,
            event.reason,
            event.place,
            event.alerts,
            event.payload,
            event.truncated
        ]);
    }
    let head = "INSERT INTO integration_events (id, integration_id, received_at, state, reason, place, alerts, payload, \
                truncated)";
    tx.insert_rows(head, values, "").await?;
    if before / KEPT == total / KEPT {
        return Ok(());
    }
    tx.execute(
        "DELETE FROM integration_events WHERE integration_id = $1 AND seq <= COALESCE((SELECT seq FROM integration_events \
         WHERE integration_id = $1 ORDER BY seq DESC LIMIT 1 OFFSET $2), 0)",
        params![integration, KEPT],
    )
    .await?;
    Ok(())
}

/// The last events of an integration, newest first; the caller has read the integration in scope.
pub async fn list_events(sql: &impl Sql, integration: &IntegrationRow) -> Result<Vec<EventRow>, DbError> {
    sql.all(
        "SELECT id, received_at, state, reason, place, alerts, payload, truncated FROM integration_events \
         WHERE integration_id = $1 ORDER BY seq DESC LIMIT $2",
        params![integration.id, KEPT],
    )
    .await
}

/// One event of an integration; the caller has read the integration in scope.
pub async fn find_event(sql: &impl Sql, integration: &IntegrationRow, id: Uuid) -> Result<Option<EventRow>, DbError> {
    sql.one(
        "SELECT id, received_at, state, reason, place, alerts, payload, truncated FROM integration_events \
         WHERE integration_id = $1 AND id = $2",
        params![integration.id, id],
    )
    .await
}

/// A payload that waits for its turn.
#[derive(Debug, FromRow)]
pub struct WaitingRow {
    pub place: i64,
    pub integration_id: Uuid,
    pub request_id: Option<String>,
    pub received_at: i64,
    pub payload: String,
}

/// Some of the payloads that wait, one after the other: their owner, the first and the last place.
#[derive(Clone, Copy, Debug)]
pub struct Piece {
    pub owner: Uuid,
    pub first: i64,
    pub last: i64,
}

/// Where payloads that wait are inserted.
pub const INSERT_WAITING: &str =
    "INSERT INTO integration_backlog (owner, place, integration_id, request_id, received_at, commands, payload)";

/// Whose payloads wait, but for one owner's, and the place of the last of each.
pub async fn list_owners(sql: &impl Sql, but: Uuid) -> Result<Vec<(Uuid, i64)>, DbError> {
    #[derive(FromRow)]
    struct Owner {
        owner: Uuid,
        last: i64,
    }
    let text = "SELECT owner, MAX(place) AS last FROM integration_backlog WHERE owner <> $1 GROUP BY owner";
    let rows: Vec<Owner> = sql.all(text, params![but]).await?;
    Ok(rows.into_iter().map(|row| (row.owner, row.last)).collect())
}

/// Whether one of an owner's payloads up to a place still waits.
pub async fn is_waiting(sql: &impl Sql, owner: Uuid, last: i64) -> Result<bool, DbError> {
    #[derive(FromRow)]
    struct Place {
        #[column = "place"]
        _place: i64,
    }
    let text = "SELECT place FROM integration_backlog WHERE owner = $1 AND place <= $2 LIMIT 1";
    Ok(sql.one::<Place>(text, params![owner, last]).await?.is_some())
}

/// The places of an owner's next payloads after a place, and how many commands each has.
pub async fn list_waiting(sql: &impl Sql, owner: Uuid, after: i64, limit: usize) -> Result<Vec<(i64, usize)>, DbError> {
    #[derive(FromRow)]
    struct Next {
        place: i64,
        commands: i64,
    }
    let text =
        "SELECT place, commands FROM integration_backlog WHERE owner = $1 AND place > $2 ORDER BY place LIMIT $3";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows: Vec<Next> = sql.all(text, params![owner, after, limit]).await?;
    Ok(rows.into_iter().map(|row| (row.place, usize::try_from(row.commands).unwrap_or(usize::MAX))).collect())
}

/// The payloads of a piece, in order.
pub async fn read_waiting(sql: &impl Sql, piece: Piece) -> Result<Vec<WaitingRow>, DbError> {
    sql.all(
        "SELECT place, integration_id, request_id, received_at, payload FROM integration_backlog \
         WHERE owner = $1 AND place >= $2 AND place <= $3 ORDER BY place",
        params![piece.owner, piece.first, piece.last],
    )
    .await
}

/// Takes a piece off the backlog; gives how many payloads of it were still there.
pub async fn delete_waiting(tx: &Tx, piece: Piece) -> Result<u64, DbError> {
    tx.execute(
        "DELETE FROM integration_backlog WHERE owner = $1 AND place >= $2 AND place <= $3",
        params![piece.owner, piece.first, piece.last],
    )
    .await
}

/// Deletes what an owner's backlog holds of integrations that are gone.
pub async fn delete_stranded(tx: &Tx, owner: Uuid) -> Result<(), DbError> {
    tx.execute(
        "DELETE FROM integration_backlog WHERE owner = $1 AND integration_id NOT IN (SELECT id FROM integrations)",
        params![owner],
    )
    .await?;
    Ok(())
}

/// How much waits.
#[derive(Clone, Copy, Debug, FromRow)]
pub struct Backlog {
    /// Payloads.
    pub payloads: i64,
    /// When the first of them came, in microseconds.
    pub oldest: Option<i64>,
}

/// How much waits, at all servers.
pub async fn count_waiting(sql: &impl Sql) -> Result<Backlog, DbError> {
    let text = "SELECT COUNT(*) AS payloads, MIN(received_at) AS oldest FROM integration_backlog";
    let row: Option<Backlog> = sql.one(text, vec![]).await?;
    Ok(row.unwrap_or(Backlog { payloads: 0, oldest: None }))
}

#[derive(FromRow)]
struct TeamRow {
    id: Uuid,
}

/// The private teams: what an integration without a team of its own does not see.
pub async fn list_private_teams(sql: &impl Sql) -> Result<Vec<Uuid>, DbError> {
    let rows: Vec<TeamRow> = sql.all("SELECT id FROM teams WHERE private = $1", params![true]).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Whether the team exists.
pub async fn find_team(sql: &impl Sql, id: Uuid) -> Result<Option<Uuid>, DbError> {
    let row: Option<TeamRow> = sql.one("SELECT id FROM teams WHERE id = $1", params![id]).await?;
    Ok(row.map(|row| row.id))
}
