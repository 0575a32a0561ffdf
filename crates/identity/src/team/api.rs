//! Teams on the wire.

use kernel::{Action, Ref, TeamId};
use platform::{Ctx, auth::Denied};
use serde::{Deserialize, Serialize};

use super::{
    ChangeTeam, MemberRole, NewTeam,
    service::{TeamWithMembers, refusal},
};

/// A team.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Team {
    /// Its id.
    pub id: TeamId,
    /// Unique name.
    pub name: String,
    /// What it does.
    pub description: String,
    /// Whether only members and administrators see it.
    pub private: bool,
    /// IANA zone of its working day.
    pub time_zone: String,
    /// Its members by name.
    pub members: Vec<TeamMember>,
    /// Counts the changes.
    pub version: i64,
    /// What the caller may do.
    pub actions: Vec<Action>,
}

/// A member of a team.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct TeamMember {
    /// The person.
    pub person: Ref,
    /// What the person is in the team.
    pub role: MemberRole,
}

impl Team {
    pub(crate) fn of(ctx: &Ctx, found: TeamWithMembers) -> Self {
        let own = ctx.person().and_then(|person| {
            let member = found.members.iter().find(|member| member.person_id == person.0)?;
            Some(MemberRole::parse(&member.role))
        });
        let change = refusal(ctx, own).map(|denied| denied.to_string());
        let delete = ctx.require(kernel::Permission::TeamsManage).err().map(|denied: Denied| denied.to_string());
        Self {
            id: found.team.id.into(),
            name: found.team.name,
            description: found.team.description,
            private: found.team.private,
            time_zone: found.team.time_zone,
            members: found
                .members
                .into_iter()
                .map(|row| TeamMember { role: MemberRole::parse(&row.role), person: Ref::new(row.person_id, row.name) })
                .collect(),
            version: found.team.version,
            actions: vec![
                Action::new("change", change.clone()),
                Action::new("change_members", change),
                Action::new("delete", delete),
            ],
        }
    }
}

/// A team to make.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateTeam {
    /// Unique name.
    pub name: String,
    /// What it does.
    #[serde(default)]
    pub description: String,
    /// Whether only members and administrators see it.
    #[serde(default)]
    pub private: bool,
    /// IANA zone; `UTC` unless given.
    pub time_zone: Option<String>,
}

impl From<CreateTeam> for NewTeam {
    fn from(body: CreateTeam) -> Self {
        Self {
            name: body.name,
            description: body.description,
            private: body.private,
            time_zone: body.time_zone.unwrap_or_else(|| "UTC".to_owned()),
        }
    }
}

/// What to change about a team; absent fields stay.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PatchTeam {
    /// Unique name.
    pub name: Option<String>,
    /// What it does.
    pub description: Option<String>,
    /// Whether only members and administrators see it.
    pub private: Option<bool>,
    /// IANA zone.
    pub time_zone: Option<String>,
}

impl From<PatchTeam> for ChangeTeam {
    fn from(body: PatchTeam) -> Self {
        Self { name: body.name, description: body.description, private: body.private, time_zone: body.time_zone }
    }
}

/// What the person shall be in the team.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutTeamMember {
    /// Administrator or member.
    pub role: MemberRole,
}
