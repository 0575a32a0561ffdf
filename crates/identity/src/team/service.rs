//! What can be done with teams. Each function authorises, loads, decides, stores and emits in one transaction.

use kernel::{Event, FieldError, PageRequest, Permission, PersonId, RecordKind, Role, TeamId};
use platform::{App, Ctx, Denied, Lane, Tx};
use serde_json::json;

use super::{
    ChangeTeam, MemberRole, NewTeam, TeamError, check_description,
    store::{self, MemberRow, TeamRow},
};
use crate::person::{self, Changes, check_name, check_time_zone};

/// A team with its members.
#[derive(Clone, Debug)]
pub(crate) struct TeamWithMembers {
    /// The team.
    pub(crate) team: TeamRow,
    /// Its members by name.
    pub(crate) members: Vec<MemberRow>,
}

/// Visible teams, newest first, up to one more than the page holds.
pub(crate) async fn list(app: &App, ctx: &Ctx, page: &PageRequest) -> Result<Vec<TeamWithMembers>, TeamError> {
    ctx.require(Permission::PeopleRead)?;
    let read = app.db.read();
    let teams = store::list(&read, &ctx.scope, page).await?;
    let ids: Vec<TeamId> = teams.iter().map(|team| team.id.into()).collect();
    let mut members = store::list_members(&read, &ids, false).await?;
    Ok(teams
        .into_iter()
        .map(|team| {
            let (own, others) = std::mem::take(&mut members).into_iter().partition(|member| member.team_id == team.id);
            members = others;
            TeamWithMembers { team, members: own }
        })
        .collect())
}

/// One visible team.
pub(crate) async fn get(app: &App, ctx: &Ctx, id: TeamId) -> Result<TeamWithMembers, TeamError> {
    ctx.require(Permission::PeopleRead)?;
    let read = app.db.read();
    let team = store::find(&read, &ctx.scope, id).await?.ok_or(TeamError::NotFound)?;
    let members = store::list_members(&read, &[id], false).await?;
    Ok(TeamWithMembers { team, members })
}

/// Makes a team.
///
/// # Errors
/// When a field is wrong or the name is taken.
pub async fn create(app: &App, ctx: &Ctx, team: NewTeam) -> Result<TeamId, TeamError> {
    ctx.require(Permission::TeamsManage)?;
    let team = checked(&team)?;
    app.db
        .write_once(ctx, "team.create", Lane::Front, move |tx| {
            Box::pin(async move {
                let id = TeamId(tx.new_id());
                store::insert(tx, id, &team).await.map_err(name_taken)?;
                let data = json!({ "name": team.name, "private": team.private, "time_zone": team.time_zone });
                tx.emit(Event::new("TeamCreated", RecordKind::TEAM, id, 1, data));
                Ok(id)
            })
        })
        .await
}

/// Changes a team.
///
/// # Errors
/// When a field is wrong, the name is taken, or the team is at another version than `expected`.
pub async fn change(
    app: &App,
    ctx: &Ctx,
    id: TeamId,
    change: ChangeTeam,
    expected: Option<i64>,
) -> Result<(), TeamError> {
    let change = checked_change(&change)?;
    app.db
        .write(ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                let team = locked(tx, id).await?;
                if expected.is_some_and(|version| version != team.version) {
                    return Err(TeamError::Stale);
                }
                let (next, changes) = team.changed(&change);
                if changes.is_empty() {
                    return Ok(());
                }
                let version = store::update(tx, &next).await.map_err(name_taken)?;
                tx.emit(Event::new("TeamChanged", RecordKind::TEAM, id, version, changes.data()));
                Ok(())
            })
        })
        .await
}

/// Removes a team with its memberships and the tokens bound to it.
///
/// # Errors
/// When the caller may not, or the team is at another version than `expected`.
pub async fn delete(app: &App, ctx: &Ctx, id: TeamId, expected: Option<i64>) -> Result<(), TeamError> {
    ctx.require(Permission::TeamsManage)?;
    app.db
        .write(ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                let team = locked(tx, id).await?;
                if expected.is_some_and(|version| version != team.version) {
                    return Err(TeamError::Stale);
                }
                store::delete(tx, id).await?;
                tx.emit(Event::new("TeamDeleted", RecordKind::TEAM, id, team.version + 1, json!({})));
                Ok(())
            })
        })
        .await
}

/// Adds a member, or changes what the member is.
///
/// # Errors
/// When the team or person does not exist for the caller, or the person is a customer.
pub async fn put_member(
    app: &App,
    ctx: &Ctx,
    team: TeamId,
    person: PersonId,
    role: MemberRole,
) -> Result<(), TeamError> {
    app.db
        .write(ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                let row = locked(tx, team).await?;
                let member = person::store::find_for_update(tx, &tx.ctx().scope, person).await?;
                let member = member.ok_or(TeamError::PersonNotFound)?;
                if member.role() == Role::Customer {
                    return Err(TeamError::CustomerMember);
                }
                add_member(tx, &row, person, role).await
            })
        })
        .await
}

/// Writes a membership of a locked team, with its event.
pub(crate) async fn add_member(
    tx: &mut Tx,
    row: &TeamRow,
    person: PersonId,
    role: MemberRole,
) -> Result<(), TeamError> {
    let team = TeamId(row.id);
    let before = store::find_role(tx, team, person).await?;
    if before == Some(role) {
        return Ok(());
    }
    store::put_member(tx, team, person, role).await?;
    let version = store::update(tx, row).await?;
    let data = json!({ "person_id": person, "changes": { "role": { "before": before, "after": role } } });
    let kind = if before.is_none() { "TeamMemberAdded" } else { "TeamMemberChanged" };
    tx.emit(Event::new(kind, RecordKind::TEAM, team, version, data));
    Ok(())
}

/// Removes a member.
///
/// # Errors
/// When the team does not exist for the caller, or the person is no member.
pub async fn remove_member(app: &App, ctx: &Ctx, team: TeamId, person: PersonId) -> Result<(), TeamError> {
    app.db
        .write(ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                let row = locked(tx, team).await?;
                if !store::delete_member(tx, team, person).await? {
                    return Err(TeamError::NotMember);
                }
                let version = store::update(tx, &row).await?;
                tx.emit(Event::new(
                    "TeamMemberRemoved",
                    RecordKind::TEAM,
                    team,
                    version,
                    json!({ "person_id": person }),
                ));
                Ok(())
            })
        })
        .await
}

/// Why the caller may not change this team, if so. `own` is what the caller is in the team.
pub(crate) fn refusal(ctx: &Ctx, own: Option<MemberRole>) -> Option<Denied> {
    // A token never acts with more than its permissions; the team administrator's right is that of a session.
    let administers = ctx.session.is_some() && own == Some(MemberRole::Admin);
    if administers { None } else { ctx.require(Permission::TeamsManage).err() }
}

/// The team with its row locked, if the caller may see and change it.
async fn locked(tx: &Tx, id: TeamId) -> Result<TeamRow, TeamError> {
    // Who may not read teams gets the same answer for every id.
    tx.ctx().require(Permission::PeopleRead)?;
    let team = store::find_for_update(tx, &tx.ctx().scope, id).await?.ok_or(TeamError::NotFound)?;
    let own = match tx.ctx().person() {
        Some(person) => store::find_role(tx, id, person).await?,
        None => None,
    };
    match refusal(tx.ctx(), own) {
        Some(denied) => Err(denied.into()),
        None => Ok(team),
    }
}

fn name_taken(error: platform::DbError) -> TeamError {
    if error.is_unique() { TeamError::NameTaken } else { error.into() }
}

fn checked(team: &NewTeam) -> Result<NewTeam, TeamError> {
    let mut wrong: Vec<FieldError> = Vec::new();
    let mut keep = |result: Result<String, FieldError>| result.map_err(|error| wrong.push(error)).unwrap_or_default();
    let team = NewTeam {
        name: keep(check_name(&team.name, "name")),
        description: keep(check_description(&team.description)),
        private: team.private,
        time_zone: keep(check_time_zone(&team.time_zone, "time_zone")),
    };
    if wrong.is_empty() { Ok(team) } else { Err(TeamError::Invalid(wrong)) }
}

fn checked_change(change: &ChangeTeam) -> Result<ChangeTeam, TeamError> {
    let mut wrong: Vec<FieldError> = Vec::new();
    let mut keep = |result: Option<Result<String, FieldError>>| {
        result.and_then(|result| result.map_err(|error| wrong.push(error)).ok())
    };
    let change = ChangeTeam {
        name: keep(change.name.as_deref().map(|name| check_name(name, "name"))),
        description: keep(change.description.as_deref().map(check_description)),
        private: change.private,
        time_zone: keep(change.time_zone.as_deref().map(|zone| check_time_zone(zone, "time_zone"))),
    };
    if wrong.is_empty() { Ok(change) } else { Err(TeamError::Invalid(wrong)) }
}

impl TeamRow {
    /// The team after the change, and what differs.
    fn changed(&self, change: &ChangeTeam) -> (Self, Changes) {
        let mut next = self.clone();
        let mut changes = Changes::default();
        if let Some(name) = &change.name {
            changes.field("name", &self.name, name);
            next.name.clone_from(name);
        }
        if let Some(description) = &change.description {
            // Free text stays out of the log.
            changes.personal("description", &self.description, description);
            next.description.clone_from(description);
        }
        if let Some(private) = change.private {
            changes.field("private", &self.private, &private);
            next.private = private;
        }
        if let Some(zone) = &change.time_zone {
            changes.field("time_zone", &self.time_zone, zone);
            next.time_zone.clone_from(zone);
        }
        (next, changes)
    }
}
