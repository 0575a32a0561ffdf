//! Creating and changing projects and their members.

use kernel::{Event, FieldError, Page, PageRequest, Permission, ProjectId, RecordKind};
use platform::{App, Ctx, DbError, Lane, Sql, Tx};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::store::{self, Member, Project};
use super::{PrincipalKind, ProjectError, ProjectRole, complaints};
use crate::ticket::Kind;

/// A new project.
#[derive(Clone, Debug)]
pub struct CreateProject {
    /// Starts the keys of its tickets: 2 to 10 capital letters and digits.
    pub key: String,
    /// Name.
    pub name: String,
    /// Whether only members see it.
    pub private: bool,
    /// The kind of ticket that is offered first.
    pub default_kind: Kind,
}

/// Fields to change; absent ones stay.
#[derive(Clone, Debug, Default)]
pub(super) struct EditProject {
    pub name: Option<String>,
    pub private: Option<bool>,
    pub default_kind: Option<Kind>,
}

/// Creates a project. A person who creates a private one becomes its manager.
pub async fn create(app: &App, ctx: &Ctx, cmd: CreateProject) -> Result<ProjectId, ProjectError> {
    ctx.require(Permission::ProjectsManage)?;
    app.db
        .write_once(ctx, "project.create", Lane::Front, move |tx| Box::pin(async move { create_in(tx, cmd).await }))
        .await
}

/// As [`create`], inside a transaction whose caller has authorised it.
pub async fn create_in(tx: &mut Tx, cmd: CreateProject) -> Result<ProjectId, ProjectError> {
    let wrong = complaints(Some(&cmd.key), &cmd.name);
    if !wrong.is_empty() {
        return Err(ProjectError::Invalid(wrong));
    }
    let project = Project {
        seq: 0,
        id: ProjectId(tx.new_id()),
        key: cmd.key,
        name: cmd.name.trim().to_owned(),
        private: cmd.private,
        default_kind: cmd.default_kind,
        version: 1,
    };
    if !store::insert(tx, &project).await? {
        return Err(ProjectError::KeyTaken(project.key));
    }
    if let (true, Some(person)) = (project.private, tx.ctx().person()) {
        let member = Member {
            project: project.id,
            kind: PrincipalKind::Person,
            principal: person.0,
            role: ProjectRole::Manager,
        };
        store::put_member(tx, member).await?;
    }
    let data = json!({"key": project.key, "private": project.private, "default_kind": project.default_kind});
    tx.emit(Event::new("ProjectCreated", RecordKind::PROJECT, project.id, 1, data));
    Ok(project.id)
}

/// Refuses callers who neither manage all projects nor this one.
async fn require_manager(sql: &impl Sql, ctx: &Ctx, id: ProjectId) -> Result<(), ProjectError> {
    if ctx.allows(Permission::ProjectsManage) {
        return Ok(());
    }
    ctx.require(Permission::TicketsRead)?;
    let Some(person) = ctx.person() else { return Err(ProjectError::NotManager) };
    match store::role_of(sql, person, id).await? {
        Some(ProjectRole::Manager) => Ok(()),
        _ => Err(ProjectError::NotManager),
    }
}

/// Changes fields of a project.
pub(super) async fn edit(
    app: &App,
    ctx: &Ctx,
    id: ProjectId,
    expected: Option<i64>,
    edit: EditProject,
) -> Result<(), ProjectError> {
    find(app, ctx, id).await?;
    require_manager(&app.db.read(), ctx, id).await?;
    app.db
        .write(ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                let now = store::lock(tx, &tx.ctx().scope, id).await?.ok_or(ProjectError::NotFound)?;
                if expected.is_some_and(|expected| expected != now.version) {
                    return Err(ProjectError::VersionConflict { current: now.version });
                }
                let mut next = now.clone();
                next.name = edit.name.map_or(next.name, |name| name.trim().to_owned());
                next.private = edit.private.unwrap_or(next.private);
                next.default_kind = edit.default_kind.unwrap_or(next.default_kind);
                let wrong = complaints(None, &next.name);
                if !wrong.is_empty() {
                    return Err(ProjectError::Invalid(wrong));
                }
                let mut changes = Map::new();
                let mut note = |field: &str, before: Value, after: Value| {
                    if before != after {
                        changes.insert(field.to_owned(), json!({"before": before, "after": after}));
                    }
                };
                note("name", json!(now.name), json!(next.name));
                note("private", json!(now.private), json!(next.private));
                note("default_kind", json!(now.default_kind), json!(next.default_kind));
                if changes.is_empty() {
                    return Ok(());
                }
                next.version += 1;
                store::update(tx, &next).await?;
                let data = json!({ "changes": changes });
                tx.emit(Event::new("ProjectChanged", RecordKind::PROJECT, id, next.version, data));
                Ok(())
            })
        })
        .await
}

/// Adds a member to the project, or changes their role.
pub(super) async fn put_member(
    app: &App,
    ctx: &Ctx,
    project: ProjectId,
    kind: PrincipalKind,
    principal: Uuid,
    role: ProjectRole,
) -> Result<(), ProjectError> {
    find(app, ctx, project).await?;
    require_manager(&app.db.read(), ctx, project).await?;
    let known = app.records.titles(&app.db.read(), &ctx.scope, kind.as_str(), &[principal]).await?;
    if !known.contains_key(&principal) {
        let message = format!("There is no such {}.", kind.as_str());
        return Err(ProjectError::Invalid(vec![FieldError::new("principal_id", message)]));
    }
    app.db
        .write(ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                let mut now = store::lock(tx, &tx.ctx().scope, project).await?.ok_or(ProjectError::NotFound)?;
                let members = store::list_members(&*tx, &[project]).await?;
                let before = members.iter().find(|m| m.kind == kind && m.principal == principal).map(|m| m.role);
                if before == Some(role) {
                    return Ok(());
                }
                store::put_member(tx, Member { project, kind, principal, role }).await?;
                now.version += 1;
                store::update(tx, &now).await?;
                let data = json!({"principal": {"kind": kind, "id": principal},
                    "changes": {"role": {"before": before, "after": role}}});
                tx.emit(Event::new("ProjectMemberChanged", RecordKind::PROJECT, project, now.version, data));
                Ok(())
            })
        })
        .await
}

/// Removes a member from the project.
pub(super) async fn delete_member(
    app: &App,
    ctx: &Ctx,
    project: ProjectId,
    kind: PrincipalKind,
    principal: Uuid,
) -> Result<(), ProjectError> {
    find(app, ctx, project).await?;
    require_manager(&app.db.read(), ctx, project).await?;
    app.db
        .write(ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                let mut now = store::lock(tx, &tx.ctx().scope, project).await?.ok_or(ProjectError::NotFound)?;
                if store::delete_member(tx, project, kind, principal).await? {
                    now.version += 1;
                    store::update(tx, &now).await?;
                    let data = json!({"principal": {"kind": kind, "id": principal}});
                    tx.emit(Event::new("ProjectMemberRemoved", RecordKind::PROJECT, project, now.version, data));
                }
                Ok(())
            })
        })
        .await
}

/// One project.
pub(super) async fn find(app: &App, ctx: &Ctx, id: ProjectId) -> Result<Project, ProjectError> {
    require_read(ctx)?;
    store::find(&app.db.read(), &ctx.scope, id).await?.ok_or(ProjectError::NotFound)
}

/// Projects, newest first.
pub(super) async fn list(app: &App, ctx: &Ctx, page: PageRequest) -> Result<Page<Project>, ProjectError> {
    require_read(ctx)?;
    let rows = store::list(&app.db.read(), &ctx.scope, page).await?;
    Ok(page.page(rows, |row| row.seq, |row| row))
}

/// Customers read projects too: they choose one to raise a request in.
fn require_read(ctx: &Ctx) -> Result<(), ProjectError> {
    if ctx.allows(Permission::RequestsRaise) {
        return Ok(());
    }
    Ok(ctx.require(Permission::TicketsRead)?)
}

/// Whether any project exists yet.
pub(crate) async fn any_exists(sql: &impl Sql) -> Result<bool, DbError> {
    store::any_exists(sql).await
}
