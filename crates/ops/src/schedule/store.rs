//! SQL of schedules and overrides.

use std::collections::HashMap;

use domain::{
    schedule::{Override, OverrideId, Rotation, Schedule},
    zone::Zone,
};
use jiff::Timestamp;
use kernel::{PersonId, Scope, TeamId};
use platform::{
    DbError, Sql, Tx,
    db::{FromRow, IntoParam, placeholders, scope_team},
    params,
};
use serde_json::Value;
use uuid::Uuid;

/// A stored schedule.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct ScheduleRow {
    pub(crate) seq: i64,
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) team_id: Option<Uuid>,
    pub(crate) time_zone: String,
    pub(crate) rotations: Value,
    pub(crate) version: i64,
}

impl ScheduleRow {
    /// The rotations. A body that cannot be read (which nothing writes) leaves a gap, and gaps are shown.
    pub(crate) fn rotations(&self) -> Vec<Rotation> {
        serde_json::from_value(self.rotations.clone()).unwrap_or_default()
    }

    /// The definition with these overrides.
    pub(crate) fn with(&self, overrides: Vec<Override>) -> Schedule {
        Schedule {
            name: self.name.clone(),
            time_zone: Zone::parse(&self.time_zone).unwrap_or_else(|_| Zone::utc()),
            rotations: self.rotations(),
            overrides,
        }
    }
}

const COLUMNS: &str = "s.seq, s.id, s.name, s.description, s.team_id, s.time_zone, s.rotations, s.version";

/// Schedules that the scope may see, newest first.
pub(crate) async fn list(sql: &impl Sql, scope: &Scope, before: i64, limit: i64) -> Result<Vec<ScheduleRow>, DbError> {
    let mut values = params![before, limit];
    let seen = scope_team(scope, "s.team_id", &mut values);
    let text = format!("SELECT {COLUMNS} FROM schedules s WHERE s.seq < $1 AND {seen} ORDER BY s.seq DESC LIMIT $2");
    sql.all(&text, values).await
}

/// All schedules that the scope may see, by name.
pub(crate) async fn list_all(sql: &impl Sql, scope: &Scope) -> Result<Vec<ScheduleRow>, DbError> {
    let mut values = Vec::new();
    let seen = scope_team(scope, "s.team_id", &mut values);
    sql.all(&format!("SELECT {COLUMNS} FROM schedules s WHERE {seen} ORDER BY s.name"), values).await
}

/// One schedule that the scope may see.
pub(crate) async fn find(sql: &impl Sql, scope: &Scope, id: Uuid) -> Result<Option<ScheduleRow>, DbError> {
    let mut values = params![id];
    let seen = scope_team(scope, "s.team_id", &mut values);
    sql.one(&format!("SELECT {COLUMNS} FROM schedules s WHERE s.id = $1 AND {seen}"), values).await
}

/// As [`find`], and locks the row.
pub(crate) async fn lock(tx: &Tx, scope: &Scope, id: Uuid) -> Result<Option<ScheduleRow>, DbError> {
    let mut values = params![id];
    let seen = scope_team(scope, "s.team_id", &mut values);
    let text = format!("SELECT {COLUMNS} FROM schedules s WHERE s.id = $1 AND {seen}{}", tx.for_update());
    tx.one(&text, values).await
}

#[derive(FromRow)]
struct IdName {
    id: Uuid,
    name: String,
}

/// Names of the schedules that the scope may see.
pub(crate) async fn names(sql: &impl Sql, scope: &Scope, ids: &[Uuid]) -> Result<HashMap<Uuid, String>, DbError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let mut values: Vec<sea_orm::Value> = ids.iter().map(|id| (*id).into_param()).collect();
    let list = placeholders(1, ids.len());
    let seen = scope_team(scope, "s.team_id", &mut values);
    let rows: Vec<IdName> =
        sql.all(&format!("SELECT s.id, s.name FROM schedules s WHERE s.id IN ({list}) AND {seen}"), values).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

/// Whether another schedule has this name.
pub(crate) async fn name_taken(sql: &impl Sql, name: &str, except: Option<Uuid>) -> Result<bool, DbError> {
    let rows: Vec<IdName> = sql.all("SELECT id, name FROM schedules WHERE name = $1", params![name]).await?;
    Ok(rows.iter().any(|row| Some(row.id) != except))
}

/// What is stored of a schedule.
pub(crate) struct ScheduleValues<'a> {
    pub(crate) id: Uuid,
    pub(crate) name: &'a str,
    pub(crate) description: &'a str,
    pub(crate) team_id: Option<TeamId>,
    pub(crate) time_zone: &'a str,
    pub(crate) rotations: Value,
    pub(crate) version: i64,
}

/// Adds a schedule.
pub(crate) async fn insert(tx: &Tx, row: ScheduleValues<'_>) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO schedules (id, name, description, team_id, time_zone, rotations, version, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)",
        params![row.id, row.name, row.description, row.team_id, row.time_zone, row.rotations, row.version, tx.now()],
    )
    .await?;
    Ok(())
}

/// Replaces the definition of a locked schedule.
pub(crate) async fn update(tx: &Tx, row: ScheduleValues<'_>) -> Result<(), DbError> {
    tx.execute(
        "UPDATE schedules SET name = $2, description = $3, team_id = $4, time_zone = $5, rotations = $6, version = $7, \
         updated_at = $8 WHERE id = $1",
        params![row.id, row.name, row.description, row.team_id, row.time_zone, row.rotations, row.version, tx.now()],
    )
    .await?;
    Ok(())
}

/// Gives a locked schedule its next version, after a change of its overrides.
pub(crate) async fn bump(tx: &Tx, id: Uuid, version: i64) -> Result<(), DbError> {
    tx.execute("UPDATE schedules SET version = $2, updated_at = $3 WHERE id = $1", params![id, version, tx.now()])
        .await?;
    Ok(())
}

/// Removes a schedule with its overrides. Its documents stay.
pub(crate) async fn delete(tx: &Tx, id: Uuid) -> Result<(), DbError> {
    tx.execute("DELETE FROM schedule_overrides WHERE schedule_id = $1", params![id]).await?;
    tx.execute("DELETE FROM schedules WHERE id = $1", params![id]).await?;
    Ok(())
}

#[derive(FromRow)]
struct OverrideRow {
    id: Uuid,
    schedule_id: Uuid,
    person_id: Uuid,
    starts_at: i64,
    ends_at: i64,
    rotation_ids: Value,
}

impl From<OverrideRow> for Override {
    fn from(row: OverrideRow) -> Self {
        Self {
            id: OverrideId(row.id),
            person: PersonId(row.person_id),
            from: kernel::timestamp(row.starts_at),
            to: kernel::timestamp(row.ends_at),
            rotation_ids: serde_json::from_value(row.rotation_ids).unwrap_or_default(),
        }
    }
}

/// Overrides of these schedules that touch the time from `from` (to `to`, if given), oldest first.
pub(crate) async fn list_overrides(
    sql: &impl Sql,
    schedules: &[Uuid],
    from: Timestamp,
    to: Option<Timestamp>,
) -> Result<HashMap<Uuid, Vec<Override>>, DbError> {
    let mut found: HashMap<Uuid, Vec<Override>> = HashMap::new();
    if schedules.is_empty() {
        return Ok(found);
    }
    let mut values = params![from, to.map_or(i64::MAX, kernel::micros)];
    values.extend(schedules.iter().map(|id| (*id).into_param()));
    let text = format!(
        "SELECT id, schedule_id, person_id, starts_at, ends_at, rotation_ids FROM schedule_overrides \
         WHERE ends_at > $1 AND starts_at < $2 AND schedule_id IN ({}) ORDER BY seq",
        placeholders(3, schedules.len())
    );
    for row in sql.all::<OverrideRow>(&text, values).await? {
        found.entry(row.schedule_id).or_default().push(row.into());
    }
    Ok(found)
}

/// One override of a schedule.
pub(crate) async fn find_override(sql: &impl Sql, schedule: Uuid, id: Uuid) -> Result<Option<Override>, DbError> {
    let row: Option<OverrideRow> = sql
        .one(
            "SELECT id, schedule_id, person_id, starts_at, ends_at, rotation_ids FROM schedule_overrides \
             WHERE schedule_id = $1 AND id = $2",
            params![schedule, id],
        )
        .await?;
    Ok(row.map(Override::from))
}

/// Adds an override.
pub(crate) async fn insert_override(tx: &Tx, schedule: Uuid, one: &Override) -> Result<(), DbError> {
    let rotations = serde_json::to_value(&one.rotation_ids).unwrap_or_else(|_| Value::Array(Vec::new()));
    tx.execute(
        "INSERT INTO schedule_overrides (id, schedule_id, person_id, starts_at, ends_at, rotation_ids, created_by, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        params![one.id.0, schedule, one.person, one.from, one.to, rotations, tx.ctx().person(), tx.now()],
    )
    .await?;
    Ok(())
}

/// Removes an override.
pub(crate) async fn delete_override(tx: &Tx, id: Uuid) -> Result<(), DbError> {
    tx.execute("DELETE FROM schedule_overrides WHERE id = $1", params![id]).await?;
    Ok(())
}

/// The definitions of these schedules with the overrides that touch the time from `from`. Takes no scope: the
/// caller is an escalation, which pages whoever is on call.
pub(crate) async fn definitions(
    sql: &impl Sql,
    ids: &[Uuid],
    from: Timestamp,
) -> Result<HashMap<Uuid, Schedule>, DbError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let values = ids.iter().map(|id| (*id).into_param()).collect();
    let text = format!("SELECT {COLUMNS} FROM schedules s WHERE s.id IN ({})", placeholders(1, ids.len()));
    let rows: Vec<ScheduleRow> = sql.all(&text, values).await?;
    let mut overrides = list_overrides(sql, ids, from, None).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.with(overrides.remove(&row.id).unwrap_or_default()))).collect())
}
