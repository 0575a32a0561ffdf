//! Rows of projects and their members.

use std::collections::HashMap;

use kernel::{PageRequest, PersonId, ProjectId, Scope, TeamId};
use platform::db::{FromRow, placeholders};
use platform::{DbError, Sql, Tx, params};
use sea_orm::Value;
use uuid::Uuid;

use super::{PrincipalKind, ProjectRole};
use crate::ticket::Kind;

/// A project.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Project {
    pub seq: i64,
    pub id: ProjectId,
    pub key: String,
    pub name: String,
    pub private: bool,
    pub default_kind: Kind,
    pub version: i64,
}

#[derive(FromRow)]
struct ProjectRow {
    seq: i64,
    id: Uuid,
    key: String,
    name: String,
    private: bool,
    default_kind: String,
    version: i64,
}

impl From<ProjectRow> for Project {
    fn from(row: ProjectRow) -> Self {
        Self {
            seq: row.seq,
            id: ProjectId(row.id),
            key: row.key,
            name: row.name,
            private: row.private,
            default_kind: Kind::parse(&row.default_kind).unwrap_or(Kind::Incident),
            version: row.version,
        }
    }
}

const COLUMNS: &str = "p.seq, p.id, p.key, p.name, p.private, p.default_kind, p.version";

/// Which projects a caller may see. Customers see the ones that are not private, to raise requests in.
fn visible(scope: &Scope, values: &mut Vec<Value>) -> String {
    match scope {
        Scope::All => "TRUE".to_owned(),
        Scope::Agent { hidden_projects, .. } => {
            let list = placeholders(values.len() + 1, hidden_projects.len());
            values.extend(hidden_projects.iter().map(|project| Value::from(project.0)));
            if hidden_projects.is_empty() { "TRUE".to_owned() } else { format!("p.id NOT IN ({list})") }
        }
        Scope::Team(_) => "FALSE".to_owned(),
        Scope::Customer(_) => "p.private = FALSE".to_owned(),
    }
}

/// Projects, newest first; up to one more than the page holds.
pub(super) async fn list(sql: &impl Sql, scope: &Scope, page: PageRequest) -> Result<Vec<Project>, DbError> {
    let mut values = params![page.before_or_max(), i64::from(page.limit) + 1];
    let visible = visible(scope, &mut values);
    let text = format!("SELECT {COLUMNS} FROM projects p WHERE p.seq < $1 AND {visible} ORDER BY p.seq DESC LIMIT $2");
    Ok(sql.all::<ProjectRow>(&text, values).await?.into_iter().map(Project::from).collect())
}

/// A project, if the caller may see it.
pub(crate) async fn find(sql: &impl Sql, scope: &Scope, id: ProjectId) -> Result<Option<Project>, DbError> {
    let mut values = params![id];
    let visible = visible(scope, &mut values);
    let text = format!("SELECT {COLUMNS} FROM projects p WHERE p.id = $1 AND {visible}");
    Ok(sql.one::<ProjectRow>(&text, values).await?.map(Project::from))
}

/// A project by its key, if the caller may see it.
pub(crate) async fn find_by_key(sql: &impl Sql, scope: &Scope, key: &str) -> Result<Option<Project>, DbError> {
    let mut values = params![key];
    let visible = visible(scope, &mut values);
    let text = format!("SELECT {COLUMNS} FROM projects p WHERE p.key = $1 AND {visible}");
    Ok(sql.one::<ProjectRow>(&text, values).await?.map(Project::from))
}

/// Locks the project's row and reads it.
pub(super) async fn lock(tx: &Tx, scope: &Scope, id: ProjectId) -> Result<Option<Project>, DbError> {
    let mut values = params![id];
    let visible = visible(scope, &mut values);
    let text = format!("SELECT {COLUMNS} FROM projects p WHERE p.id = $1 AND {visible}{}", tx.for_update());
    Ok(tx.one::<ProjectRow>(&text, values).await?.map(Project::from))
}

#[derive(FromRow)]
struct Number {
    number: i64,
}

/// Takes the project's next ticket number. One that is not used, because the change fails, stays unused.
pub(crate) async fn take_number(tx: &Tx, id: ProjectId) -> Result<Option<i64>, DbError> {
    let text = "UPDATE projects SET last_number = last_number + 1 WHERE id = $1 RETURNING last_number AS number";
    Ok(tx.count_on::<Number>(text, params![id]).await?.map(|row| row.number))
}

/// Whether any project exists.
pub(super) async fn any_exists(sql: &impl Sql) -> Result<bool, DbError> {
    let text = "SELECT COUNT(*) AS number FROM projects";
    Ok(sql.one::<Number>(text, params![]).await?.is_some_and(|row| row.number > 0))
}

/// Adds a project; gives whether its key was free.
pub(super) async fn insert(tx: &Tx, project: &Project) -> Result<bool, DbError> {
    let added = tx
        .execute(
            "INSERT INTO projects (id, key, name, private, default_kind, last_number, version, created_at, updated_at) \
             VALUES ($1, $2, $3, $4, $5, 0, $6, $7, $7) ON CONFLICT (key) DO NOTHING",
            params![
                project.id,
                &project.key,
                &project.name,
                project.private,
                project.default_kind.as_str(),
                project.version,
                tx.now()
            ],
        )
        .await?;
    Ok(added > 0)
}

/// Stores the project's fields.
pub(super) async fn update(tx: &Tx, project: &Project) -> Result<(), DbError> {
    tx.execute(
        "UPDATE projects SET name = $2, private = $3, default_kind = $4, version = $5, updated_at = $6 WHERE id = $1",
        params![project.id, &project.name, project.private, project.default_kind.as_str(), project.version, tx.now()],
    )
    .await?;
    Ok(())
}

/// A member of a project.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Member {
    pub project: ProjectId,
    pub kind: PrincipalKind,
    pub principal: Uuid,
    pub role: ProjectRole,
}

#[derive(FromRow)]
struct MemberRow {
    project_id: Uuid,
    principal_kind: String,
    principal_id: Uuid,
    role: String,
}

/// The members of these projects.
pub(super) async fn list_members(sql: &impl Sql, projects: &[ProjectId]) -> Result<Vec<Member>, DbError> {
    if projects.is_empty() {
        return Ok(Vec::new());
    }
    let text = format!(
        "SELECT project_id, principal_kind, principal_id, role FROM project_members WHERE project_id IN ({}) \
         ORDER BY principal_kind, principal_id",
        placeholders(1, projects.len())
    );
    let values = projects.iter().map(|project| Value::from(project.0)).collect();
    let rows = sql.all::<MemberRow>(&text, values).await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            Some(Member {
                project: ProjectId(row.project_id),
                kind: PrincipalKind::parse(&row.principal_kind)?,
                principal: row.principal_id,
                role: ProjectRole::parse(&row.role)?,
            })
        })
        .collect())
}

/// Adds a member or changes their role.
pub(super) async fn put_member(tx: &Tx, member: Member) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO project_members (project_id, principal_kind, principal_id, role) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (project_id, principal_kind, principal_id) DO UPDATE SET role = excluded.role",
        params![member.project, member.kind.as_str(), member.principal, member.role.as_str()],
    )
    .await?;
    Ok(())
}

/// Removes a member; gives whether it was there.
pub(super) async fn delete_member(
    tx: &Tx,
    project: ProjectId,
    kind: PrincipalKind,
    principal: Uuid,
) -> Result<bool, DbError> {
    let text = "DELETE FROM project_members WHERE project_id = $1 AND principal_kind = $2 AND principal_id = $3";
    Ok(tx.execute(text, params![project, kind.as_str(), principal]).await? > 0)
}

/// The person's highest role in each of these projects, by themselves or through a team.
pub(crate) async fn roles_of(
    sql: &impl Sql,
    person: PersonId,
    projects: &[ProjectId],
) -> Result<HashMap<ProjectId, ProjectRole>, DbError> {
    if projects.is_empty() {
        return Ok(HashMap::new());
    }
    let mut values = params![person];
    values.extend(projects.iter().map(|project| Value::from(project.0)));
    let text = format!(
        "SELECT project_id, principal_kind, principal_id, role FROM project_members WHERE project_id IN ({}) \
         AND (principal_id = $1 OR principal_id IN (SELECT team_id FROM team_members WHERE person_id = $1))",
        placeholders(2, projects.len())
    );
    let mut roles: HashMap<ProjectId, ProjectRole> = HashMap::new();
    for row in sql.all::<MemberRow>(&text, values).await? {
        if let Some(role) = ProjectRole::parse(&row.role) {
            let held = roles.entry(ProjectId(row.project_id)).or_insert(role);
            *held = role.max(*held);
        }
    }
    Ok(roles)
}

/// The person's highest role in a project.
pub(crate) async fn role_of(
    sql: &impl Sql,
    person: PersonId,
    project: ProjectId,
) -> Result<Option<ProjectRole>, DbError> {
    Ok(roles_of(sql, person, &[project]).await?.remove(&project))
}

#[derive(FromRow)]
struct IdRow {
    id: Uuid,
}

/// The private projects that a person in these teams is not a member of: what their scope hides.
///
/// # Errors
/// When the database fails.
pub async fn hidden_projects(sql: &impl Sql, person: PersonId, teams: &[TeamId]) -> Result<Vec<ProjectId>, DbError> {
    let mut values = params![person];
    values.extend(teams.iter().map(|team| Value::from(team.0)));
    let text = format!(
        "SELECT p.id FROM projects p WHERE p.private = TRUE AND NOT EXISTS (\
         SELECT 1 FROM project_members m WHERE m.project_id = p.id AND (\
         (m.principal_kind = 'person' AND m.principal_id = $1) \
         OR (m.principal_kind = 'team' AND m.principal_id IN ({})))) ORDER BY p.id",
        placeholders(2, teams.len())
    );
    Ok(sql.all::<IdRow>(&text, values).await?.into_iter().map(|row| ProjectId(row.id)).collect())
}

/// Keys and names of these projects as far as the caller may see them.
pub(crate) async fn list_named(sql: &impl Sql, scope: &Scope, ids: &[Uuid]) -> Result<Vec<Project>, DbError> {
    let mut values: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    let visible = visible(scope, &mut values);
    let text = format!("SELECT {COLUMNS} FROM projects p WHERE p.id IN ({}) AND {visible}", placeholders(1, ids.len()));
    Ok(sql.all::<ProjectRow>(&text, values).await?.into_iter().map(Project::from).collect())
}
