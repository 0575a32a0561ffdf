//! Projects over the wire.

use std::collections::HashMap;

use kernel::{Action, Permission, ProjectId};
use platform::{App, Ctx, DbError, Title};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::store::{self, Project};
use super::{PrincipalKind, ProjectRole};
use crate::ticket::Kind;

/// Who a member is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Principal {
    /// A person or a team.
    pub kind: PrincipalKind,
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
}

/// A member of a project.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ProjectMember {
    /// Who.
    pub principal: Principal,
    /// What they may do.
    pub role: ProjectRole,
}

/// A project.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Project)]
pub(super) struct ProjectDto {
    /// Its id.
    pub id: ProjectId,
    /// Starts the keys of its tickets.
    pub key: String,
    /// Name.
    pub name: String,
    /// Whether only members see it.
    pub private: bool,
    /// The kind of ticket that is offered first.
    pub default_kind: Kind,
    /// Members with a role of their own; customers see none.
    pub members: Vec<ProjectMember>,
    /// Counts its changes.
    pub version: i64,
    /// What this caller may do.
    pub actions: Vec<Action>,
}

/// A new project.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateProject)]
pub(super) struct CreateBody {
    /// 2 to 10 capital letters and digits; starts the keys of its tickets.
    pub key: String,
    /// Name.
    pub name: String,
    /// Whether only members see it.
    #[serde(default)]
    pub private: bool,
    /// The kind of ticket that is offered first: `incident` unless given.
    pub default_kind: Option<Kind>,
}

/// Fields of a project to change; absent ones stay.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EditProject)]
pub(super) struct EditBody {
    /// Name.
    pub name: Option<String>,
    /// Whether only members see it.
    pub private: Option<bool>,
    /// The kind of ticket that is offered first.
    pub default_kind: Option<Kind>,
}

/// A member's role.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PutProjectMember)]
pub(super) struct MemberBody {
    /// What they may do.
    pub role: ProjectRole,
}

/// Shows projects, with the names of members read in one go per kind.
pub(super) async fn show(app: &App, ctx: &Ctx, projects: Vec<Project>) -> Result<Vec<ProjectDto>, DbError> {
    let sql = app.db.read();
    let ids: Vec<ProjectId> = projects.iter().map(|project| project.id).collect();
    let sees_members = ctx.allows(Permission::TicketsRead);
    let members = if sees_members { store::list_members(&sql, &ids).await? } else { Vec::new() };
    let mut names: HashMap<&str, HashMap<Uuid, Title>> = HashMap::new();
    for kind in [PrincipalKind::Person, PrincipalKind::Team] {
        let of_kind: Vec<Uuid> = members.iter().filter(|m| m.kind == kind).map(|m| m.principal).collect();
        names.insert(kind.as_str(), app.records.titles(&sql, &ctx.scope, kind.as_str(), &of_kind).await?);
    }
    let roles = match ctx.person() {
        Some(person) => store::roles_of(&sql, person, &ids).await?,
        None => HashMap::new(),
    };
    Ok(projects
        .into_iter()
        .map(|project| {
            let may = ctx.allows(Permission::ProjectsManage)
                || (sees_members && roles.get(&project.id) == Some(&ProjectRole::Manager));
            let refusal = (!may).then(|| super::ProjectError::NotManager.to_string());
            let shown = members
                .iter()
                .filter(|member| member.project == project.id)
                .map(|member| ProjectMember {
                    principal: Principal {
                        kind: member.kind,
                        id: member.principal,
                        name: names
                            .get(member.kind.as_str())
                            .and_then(|known| known.get(&member.principal))
                            .map(|title| title.title.clone())
                            .unwrap_or_default(),
                    },
                    role: member.role,
                })
                .collect();
            ProjectDto {
                id: project.id,
                key: project.key,
                name: project.name,
                private: project.private,
                default_kind: project.default_kind,
                members: shown,
                version: project.version,
                actions: vec![Action::new("edit", refusal.clone()), Action::new("manage_members", refusal)],
            }
        })
        .collect())
}
