//! People on the wire.

use kernel::{Action, Permission, PersonId, Ref, Role, TeamId, timestamp};
use platform::Ctx;
use serde::{Deserialize, Serialize};

use super::{
    ChangeMe, ChangePerson, NewPerson,
    service::{MyFacts, PersonWithTeams},
};

/// A person, as others see them.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Person {
    /// Their id.
    pub id: PersonId,
    /// Full name.
    pub name: String,
    /// Sign-in address.
    pub email: String,
    /// Role in the organisation.
    pub role: Role,
    /// IANA zone.
    pub time_zone: String,
    /// Whether they may sign in and be paged.
    pub active: bool,
    /// Their teams, those that the caller may see.
    pub teams: Vec<Ref>,
    /// When they last signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_sign_in_at: Option<jiff::Timestamp>,
    /// Whether they have yet to accept the invitation.
    pub invited: bool,
    /// Whether two-step sign-in is on.
    pub totp_enabled: bool,
    /// Counts the changes.
    pub version: i64,
    /// What the caller may do.
    pub actions: Vec<Action>,
}

impl Person {
    pub(crate) fn of(ctx: &Ctx, found: PersonWithTeams) -> Self {
        let person = found.person;
        let manage = ctx.require(Permission::PeopleManage).err().map(|denied| denied.to_string());
        let again = manage.clone().or_else(|| match (person.invited, person.active) {
            (true, true) => None,
            (true, false) => Some("This account is disabled.".to_owned()),
            (false, _) => Some("The invitation was accepted.".to_owned()),
        });
        Self {
            id: person.id.into(),
            role: person.role(),
            name: person.name,
            email: person.email,
            time_zone: person.time_zone,
            active: person.active,
            teams: found.teams.into_iter().map(|row| Ref::new(row.team_id, row.name)).collect(),
            last_sign_in_at: person.last_sign_in_at.map(timestamp),
            invited: person.invited,
            totp_enabled: person.totp_count > 0,
            version: person.version,
            actions: vec![Action::new("change", manage), Action::new("invite_again", again)],
        }
    }
}

/// The signed-in person.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Me {
    /// Their id.
    pub id: PersonId,
    /// Full name.
    pub name: String,
    /// Sign-in address.
    pub email: String,
    /// Role in the organisation.
    pub role: Role,
    /// IANA zone.
    pub time_zone: String,
    /// Language tag.
    pub locale: String,
    /// What they may do by this session or token.
    pub permissions: Vec<Permission>,
    /// Their teams.
    pub teams: Vec<Ref>,
    /// Whether two-step sign-in is on.
    pub totp_enabled: bool,
    /// Whether single-key shortcuts are on.
    pub single_keys: bool,
    /// Counts the changes.
    pub version: i64,
}

impl Me {
    pub(crate) fn of(facts: MyFacts) -> Self {
        let person = facts.person;
        Self {
            id: person.id.into(),
            role: person.role(),
            name: person.name,
            email: person.email,
            time_zone: person.time_zone,
            locale: person.locale,
            permissions: facts.permissions,
            teams: facts.teams.into_iter().map(|row| Ref::new(row.team_id, row.name)).collect(),
            totp_enabled: person.totp_count > 0,
            single_keys: person.single_keys,
            version: person.version,
        }
    }
}

/// What to narrow the list of people to.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PeopleQuery {
    /// A part of the name or address.
    pub query: Option<String>,
    /// Only people with this role.
    pub role: Option<Role>,
    /// Only members of this team.
    pub team: Option<TeamId>,
}

/// What the caller changes about themselves; absent fields stay.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PatchMe {
    /// Full name.
    pub name: Option<String>,
    /// IANA zone.
    pub time_zone: Option<String>,
    /// Language tag.
    pub locale: Option<String>,
    /// Whether single-key shortcuts are on.
    pub single_keys: Option<bool>,
}

impl From<PatchMe> for ChangeMe {
    fn from(body: PatchMe) -> Self {
        Self { name: body.name, time_zone: body.time_zone, locale: body.locale, single_keys: body.single_keys }
    }
}

/// What an administrator changes about a person; absent fields stay.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PatchPerson {
    /// Full name.
    pub name: Option<String>,
    /// Role in the organisation.
    pub role: Option<Role>,
    /// Enable or disable the account.
    pub active: Option<bool>,
}

impl From<PatchPerson> for ChangePerson {
    fn from(body: PatchPerson) -> Self {
        Self { name: body.name, role: body.role, active: body.active }
    }
}

/// Somebody to invite.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InvitePerson {
    /// Sign-in address; the invitation goes there.
    pub email: String,
    /// Full name; they can correct it.
    pub name: String,
    /// Role in the organisation.
    pub role: Role,
    /// Teams to join as a member.
    #[serde(default)]
    pub team_ids: Vec<TeamId>,
}

impl InvitePerson {
    pub(crate) fn split(self) -> (NewPerson, Vec<TeamId>) {
        (NewPerson { email: self.email, name: self.name, role: self.role }, self.team_ids)
    }
}

/// Whom an invitation is for.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Invitation {
    /// The address they will sign in with.
    pub email: String,
    /// The name they were invited by.
    pub name: String,
}

/// Name and password of the person who accepts.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptInvitation {
    /// Full name.
    pub name: String,
    /// Of at least 10 characters.
    pub password: String,
}
