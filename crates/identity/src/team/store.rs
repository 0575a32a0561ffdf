//! SQL of teams and their members.

use std::collections::HashMap;

use kernel::{PageRequest, PersonId, Scope, TeamId};
use platform::{
    DbError, Sql, Tx,
    db::{FromRow, placeholders, scope_team},
    params,
};
use uuid::Uuid;

use super::{MemberRole, NewTeam};

/// A team as stored.
#[derive(Clone, Debug, FromRow)]
pub struct TeamRow {
    pub seq: i64,
    pub id: Uuid,
    pub name: String,
    pub description: String,
    pub private: bool,
    pub time_zone: String,
    pub version: i64,
}

/// A membership with the person's name.
#[derive(Clone, Debug, FromRow)]
pub struct MemberRow {
    pub team_id: Uuid,
    pub person_id: Uuid,
    pub name: String,
    pub role: String,
}

/// A membership with the team's name.
#[derive(Clone, Debug, FromRow)]
pub struct MembershipRow {
    pub person_id: Uuid,
    pub team_id: Uuid,
    pub name: String,
}

#[derive(FromRow)]
struct IdName {
    id: Uuid,
    name: String,
}

#[derive(FromRow)]
struct RoleRow {
    role: String,
}

#[derive(FromRow)]
struct IdRow {
    id: Uuid,
}

const COLUMNS: &str = "t.seq, t.id, t.name, t.description, t.private, t.time_zone, t.version";

/// Up to `limit + 1` visible teams, newest first.
pub async fn list(sql: &impl Sql, scope: &Scope, page: &PageRequest) -> Result<Vec<TeamRow>, DbError> {
    let mut params = params![page.before_or_max(), i64::from(page.limit) + 1];
    let visible = scope_team(scope, "t.id", &mut params);
    let text = format!("SELECT {COLUMNS} FROM teams t WHERE t.seq < $1 AND {visible} ORDER BY t.seq DESC LIMIT $2");
    sql.all(&text, params).await
}

/// One visible team.
pub async fn find(sql: &impl Sql, scope: &Scope, id: TeamId) -> Result<Option<TeamRow>, DbError> {
    let mut params = params![id];
    let visible = scope_team(scope, "t.id", &mut params);
    sql.one(&format!("SELECT {COLUMNS} FROM teams t WHERE t.id = $1 AND {visible}"), params).await
}

/// One visible team, with the row locked.
pub async fn find_for_update(tx: &Tx, scope: &Scope, id: TeamId) -> Result<Option<TeamRow>, DbError> {
    let mut params = params![id];
    let visible = scope_team(scope, "t.id", &mut params);
    let text = format!("SELECT {COLUMNS} FROM teams t WHERE t.id = $1 AND {visible}{}", tx.for_update());
    tx.one(&text, params).await
}

/// The visible teams by their name in lower case, with their name.
pub async fn ids_by_name(sql: &impl Sql, scope: &Scope) -> Result<HashMap<String, (TeamId, String)>, DbError> {
    let mut params = params![];
    let visible = scope_team(scope, "t.id", &mut params);
    let rows: Vec<IdName> = sql.all(&format!("SELECT t.id, t.name FROM teams t WHERE {visible}"), params).await?;
    Ok(rows.into_iter().map(|row| (row.name.to_lowercase(), (row.id.into(), row.name))).collect())
}

/// Names by id, whoever asks: for batched lookups.
pub async fn names(sql: &impl Sql, ids: &[TeamId]) -> Result<HashMap<TeamId, String>, DbError> {
    let list = placeholders(1, ids.len());
    let params = ids.iter().flat_map(|id| params![*id]).collect();
    let rows: Vec<IdName> = sql.all(&format!("SELECT id, name FROM teams WHERE id IN ({list})"), params).await?;
    Ok(rows.into_iter().map(|row| (row.id.into(), row.name)).collect())
}

/// Members of these teams by name; only the active ones if asked.
pub async fn list_members(sql: &impl Sql, teams: &[TeamId], only_active: bool) -> Result<Vec<MemberRow>, DbError> {
    let list = placeholders(1, teams.len());
    let params = teams.iter().flat_map(|id| params![*id]).collect();
    let active = if only_active { "AND p.active" } else { "" };
    let text = format!(
        "SELECT m.team_id, m.person_id, p.name, m.role FROM team_members m JOIN people p ON p.id = m.person_id \
         WHERE m.team_id IN ({list}) {active} ORDER BY p.name_key, p.seq"
    );
    sql.all(&text, params).await
}

/// Which of these people are in which visible teams.
pub async fn list_memberships(
    sql: &impl Sql,
    scope: &Scope,
    people: &[PersonId],
) -> Result<Vec<MembershipRow>, DbError> {
    let list = placeholders(1, people.len());
    let mut params = people.iter().flat_map(|id| params![*id]).collect();
    let visible = scope_team(scope, "t.id", &mut params);
    let text = format!(
        "SELECT m.person_id, t.id AS team_id, t.name FROM team_members m JOIN teams t ON t.id = m.team_id \
         WHERE m.person_id IN ({list}) AND {visible} ORDER BY t.name_key"
    );
    sql.all(&text, params).await
}

/// What a person is in a team.
pub async fn find_role(sql: &impl Sql, team: TeamId, person: PersonId) -> Result<Option<MemberRole>, DbError> {
    let text = "SELECT role FROM team_members WHERE team_id = $1 AND person_id = $2";
    let row: Option<RoleRow> = sql.one(text, params![team, person]).await?;
    Ok(row.map(|row| MemberRole::parse(&row.role)))
}

/// Private teams that the person is not a member of.
pub async fn list_hidden(sql: &impl Sql, person: PersonId) -> Result<Vec<TeamId>, DbError> {
    let text = "SELECT t.id FROM teams t WHERE t.private AND NOT EXISTS \
                (SELECT 1 FROM team_members m WHERE m.team_id = t.id AND m.person_id = $1) ORDER BY t.seq";
    let rows: Vec<IdRow> = sql.all(text, params![person]).await?;
    Ok(rows.into_iter().map(|row| row.id.into()).collect())
}

/// The teams of a person.
pub async fn list_ids_of(sql: &impl Sql, person: PersonId) -> Result<Vec<TeamId>, DbError> {
    let rows: Vec<IdRow> =
        sql.all("SELECT team_id AS id FROM team_members WHERE person_id = $1", params![person]).await?;
    Ok(rows.into_iter().map(|row| row.id.into()).collect())
}

/// Stores a team at version 1.
pub async fn insert(tx: &Tx, id: TeamId, team: &NewTeam) -> Result<(), DbError> {
    let text = "INSERT INTO teams (id, name, name_key, description, private, time_zone, created_at, updated_at, version) \
                VALUES ($1, $2, $3, $4, $5, $6, $7, $7, 1)";
    tx.execute(
        text,
        params![id, &team.name, team.name.to_lowercase(), &team.description, team.private, &team.time_zone, tx.now()],
    )
    .await?;
    Ok(())
}

/// Writes the fields and the next version, which it gives.
pub async fn update(tx: &Tx, team: &TeamRow) -> Result<i64, DbError> {
    let text = "UPDATE teams SET name = $2, name_key = $3, description = $4, private = $5, time_zone = $6, updated_at = $7, \
                version = version + 1 WHERE id = $1";
    tx.execute(
        text,
        params![
            team.id,
            &team.name,
            team.name.to_lowercase(),
            &team.description,
            team.private,
            &team.time_zone,
            tx.now()
        ],
    )
    .await?;
    Ok(team.version + 1)
}

/// Adds a member or changes what the member is.
pub async fn put_member(tx: &Tx, team: TeamId, person: PersonId, role: MemberRole) -> Result<(), DbError> {
    let text = "INSERT INTO team_members (team_id, person_id, role) VALUES ($1, $2, $3) \
                ON CONFLICT (team_id, person_id) DO UPDATE SET role = excluded.role";
    tx.execute(text, params![team, person, role.as_str()]).await?;
    Ok(())
}

/// Removes a member; false when the person was none.
pub async fn delete_member(tx: &Tx, team: TeamId, person: PersonId) -> Result<bool, DbError> {
    let text = "DELETE FROM team_members WHERE team_id = $1 AND person_id = $2";
    Ok(tx.execute(text, params![team, person]).await? == 1)
}

/// Removes a team with its memberships and the tokens bound to it.
pub async fn delete(tx: &Tx, team: TeamId) -> Result<(), DbError> {
    tx.execute("DELETE FROM team_members WHERE team_id = $1", params![team]).await?;
    tx.execute("DELETE FROM tokens WHERE team_id = $1", params![team]).await?;
    tx.execute("DELETE FROM teams WHERE id = $1", params![team]).await?;
    Ok(())
}
