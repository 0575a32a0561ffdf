//! SQL of people and their credentials.

use std::collections::HashMap;

use jiff::Timestamp;
use kernel::{PageRequest, PersonId, Role, Scope, TeamId};
use platform::{
    DbError, Sql, Tx,
    db::{FromRow, placeholders, scope_team},
    params,
};
use sea_orm::Value;
use uuid::Uuid;

/// A person as stored.
#[derive(Clone, Debug, FromRow)]
pub struct PersonRow {
    pub seq: i64,
    pub id: Uuid,
    pub name: String,
    pub email: String,
    pub role: String,
    pub time_zone: String,
    pub locale: String,
    pub single_keys: bool,
    pub active: bool,
    pub invited: bool,
    pub last_sign_in_at: Option<i64>,
    pub version: i64,
    pub totp_count: i64,
}

impl PersonRow {
    /// The role; an unknown word gives the least.
    pub fn role(&self) -> Role {
        Role::parse(&self.role).unwrap_or(Role::Customer)
    }
}

const COLUMNS: &str = "p.seq, p.id, p.name, p.email, p.role, p.time_zone, p.locale, p.single_keys, p.active, p.invited, \
     p.last_sign_in_at, p.version, \
     (SELECT COUNT(*) FROM totp f WHERE f.person_id = p.id AND f.confirmed_at IS NOT NULL) AS totp_count";

/// A boolean SQL expression: which people the scope may see. Agents see everybody; a team's token sees the team's
/// members; customers see themselves.
fn scope_people(scope: &Scope, params: &mut Vec<Value>) -> String {
    match scope {
        Scope::All | Scope::Agent { .. } => "TRUE".to_owned(),
        Scope::Team(team) => {
            params.extend(params![*team]);
            format!("p.id IN (SELECT m.person_id FROM team_members m WHERE m.team_id = ${})", params.len())
        }
        Scope::Customer(person) => {
            params.extend(params![*person]);
            format!("p.id = ${}", params.len())
        }
    }
}

/// What a list of people is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub query: Option<String>,
    pub role: Option<Role>,
    pub team: Option<TeamId>,
}

/// Up to `limit + 1` people, newest first.
pub async fn list(
    sql: &impl Sql,
    scope: &Scope,
    filter: &Filter,
    page: &PageRequest,
) -> Result<Vec<PersonRow>, DbError> {
    let mut params = params![page.before_or_max(), i64::from(page.limit) + 1];
    let mut wheres = vec!["p.seq < $1".to_owned(), scope_people(scope, &mut params)];
    if let Some(query) = &filter.query {
        params.extend(params![contains_pattern(query)]);
        let n = params.len();
        wheres.push(format!("(p.name_key LIKE ${n} ESCAPE '!' OR p.email_key LIKE ${n} ESCAPE '!')"));
    }
    if let Some(role) = filter.role {
        params.extend(params![role.as_str()]);
        wheres.push(format!("p.role = ${}", params.len()));
    }
    if let Some(team) = filter.team {
        params.extend(params![team]);
        let n = params.len();
        let visible = scope_team(scope, "m.team_id", &mut params);
        wheres.push(format!("p.id IN (SELECT m.person_id FROM team_members m WHERE m.team_id = ${n} AND {visible})"));
    }
    let text = format!("SELECT {COLUMNS} FROM people p WHERE {} ORDER BY p.seq DESC LIMIT $2", wheres.join(" AND "));
    sql.all(&text, params).await
}

/// `%text%` with the wildcards in the text taken literally (escape character `!`).
pub fn contains_pattern(text: &str) -> String {
    let escaped = text.trim().to_lowercase().replace('!', "!!").replace('%', "!%").replace('_', "!_");
    format!("%{escaped}%")
}

/// One visible person.
pub async fn find(sql: &impl Sql, scope: &Scope, id: PersonId) -> Result<Option<PersonRow>, DbError> {
    let mut params = params![id];
    let visible = scope_people(scope, &mut params);
    sql.one(&format!("SELECT {COLUMNS} FROM people p WHERE p.id = $1 AND {visible}"), params).await
}

/// One visible person, with the row locked.
pub async fn find_for_update(tx: &Tx, scope: &Scope, id: PersonId) -> Result<Option<PersonRow>, DbError> {
    let mut params = params![id];
    let visible = scope_people(scope, &mut params);
    let text = format!("SELECT {COLUMNS} FROM people p WHERE p.id = $1 AND {visible}{}", tx.for_update());
    tx.one(&text, params).await
}

/// The person who signs in with this address key. Not for showing: sign-in and lookups by the system only.
pub async fn find_by_email(sql: &impl Sql, email_key: &str) -> Result<Option<PersonRow>, DbError> {
    sql.one(&format!("SELECT {COLUMNS} FROM people p WHERE p.email_key = $1"), params![email_key]).await
}

/// These people. Not for showing: for batched lookups.
pub async fn list_by_ids(sql: &impl Sql, ids: &[PersonId]) -> Result<Vec<PersonRow>, DbError> {
    let list = placeholders(1, ids.len());
    let params = ids.iter().flat_map(|id| params![*id]).collect();
    sql.all(&format!("SELECT {COLUMNS} FROM people p WHERE p.id IN ({list})"), params).await
}

#[derive(FromRow)]
struct NameRow {
    id: Uuid,
    name: String,
}

/// Names by id.
pub async fn names(sql: &impl Sql, ids: &[PersonId]) -> Result<HashMap<PersonId, String>, DbError> {
    let list = placeholders(1, ids.len());
    let params = ids.iter().flat_map(|id| params![*id]).collect();
    let rows: Vec<NameRow> = sql.all(&format!("SELECT id, name FROM people WHERE id IN ({list})"), params).await?;
    Ok(rows.into_iter().map(|row| (row.id.into(), row.name)).collect())
}

#[derive(FromRow)]
struct CountRow {
    n: i64,
}

/// How many people there are at all.
pub async fn count(sql: &impl Sql) -> Result<i64, DbError> {
    let row: Option<CountRow> = sql.one("SELECT COUNT(*) AS n FROM people", params![]).await?;
    Ok(row.map_or(0, |row| row.n))
}

#[derive(FromRow)]
struct IdRow {
    id: Uuid,
}

/// The people who can administer now, with their rows locked in a fixed order, so that two administrators cannot
/// demote each other at once.
pub async fn lock_admins(tx: &Tx) -> Result<Vec<PersonId>, DbError> {
    let text = format!(
        "SELECT id FROM people WHERE role = 'admin' AND active AND NOT invited ORDER BY seq{}",
        tx.for_update()
    );
    let rows: Vec<IdRow> = tx.all(&text, params![]).await?;
    Ok(rows.into_iter().map(|row| row.id.into()).collect())
}

/// Stores a new person at version 1.
pub async fn insert(
    tx: &Tx,
    id: PersonId,
    person: &super::NewPerson,
    time_zone: &str,
    locale: &str,
    invited: bool,
) -> Result<(), DbError> {
    let text = "INSERT INTO people (id, name, name_key, email, email_key, role, time_zone, locale, single_keys, active, invited, \
                created_at, updated_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12, 1)";
    tx.execute(
        text,
        params![
            id,
            &person.name,
            person.name.to_lowercase(),
            &person.email,
            super::email_key(&person.email),
            person.role.as_str(),
            time_zone,
            locale,
            true,
            true,
            invited,
            tx.now()
        ],
    )
    .await?;
    Ok(())
}

/// Writes the changeable fields and the next version, which it gives.
pub async fn update(tx: &Tx, person: &PersonRow) -> Result<i64, DbError> {
    let text = "UPDATE people SET name = $2, name_key = $3, role = $4, time_zone = $5, locale = $6, single_keys = $7, active = $8, \
                invited = $9, updated_at = $10, version = version + 1 WHERE id = $1";
    tx.execute(
        text,
        params![
            person.id,
            &person.name,
            person.name.to_lowercase(),
            &person.role,
            &person.time_zone,
            &person.locale,
            person.single_keys,
            person.active,
            person.invited,
            tx.now()
        ],
    )
    .await?;
    Ok(person.version + 1)
}

/// Counts the version up after a change in a part of the person (contacts, second factor), and gives it.
pub async fn touch(tx: &Tx, id: PersonId) -> Result<i64, DbError> {
    tx.execute("UPDATE people SET updated_at = $2, version = version + 1 WHERE id = $1", params![id, tx.now()]).await?;
    let row: Option<CountRow> = tx.one("SELECT version AS n FROM people WHERE id = $1", params![id]).await?;
    Ok(row.map_or(0, |row| row.n))
}

/// Notes a sign-in.
pub async fn update_last_sign_in(tx: &Tx, id: PersonId, at: Timestamp) -> Result<(), DbError> {
    tx.execute("UPDATE people SET last_sign_in_at = $2 WHERE id = $1", params![id, at]).await?;
    Ok(())
}

/// Stores or replaces the password hash.
pub async fn put_password_hash(tx: &Tx, id: PersonId, hash: &str) -> Result<(), DbError> {
    let text = "INSERT INTO credentials (person_id, password_hash, changed_at) VALUES ($1, $2, $3) \
                ON CONFLICT (person_id) DO UPDATE SET password_hash = excluded.password_hash, changed_at = excluded.changed_at";
    tx.execute(text, params![id, hash, tx.now()]).await?;
    Ok(())
}

#[derive(FromRow)]
struct HashRow {
    password_hash: String,
}

/// The stored password hash.
pub async fn find_password_hash(sql: &impl Sql, id: PersonId) -> Result<Option<String>, DbError> {
    let row: Option<HashRow> =
        sql.one("SELECT password_hash FROM credentials WHERE person_id = $1", params![id]).await?;
    Ok(row.map(|row| row.password_hash))
}
