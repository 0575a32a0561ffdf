//! Putting the rows in.

use std::collections::HashMap;

use kernel::{Event, Permission, PersonId, RecordKind, Role, TeamId};
use platform::secret::Vault;
use platform::{App, Ctx, DbError, Denied, Lane, Tx};
use serde_json::json;

use super::super::service::{mail_invitation, store_person};
use super::super::store::{self, PersonRow};
use super::super::{Changes, NewPerson, PersonError, email_key};
use super::read::{self, Row, Wanted};
use super::{Outcome, Report, RowReport};
use crate::team::{self, MemberRole};

/// How a file is put in.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct How {
    /// Only say what would become of it.
    pub dry_run: bool,
    /// Leave out wrong rows.
    pub skip_errors: bool,
}

/// Why a transaction ended without a commit.
#[derive(Debug, thiserror::Error)]
enum Ended {
    /// The report of a run that is taken back.
    #[error("taken back")]
    Back(Box<Report>),
    /// It failed.
    #[error(transparent)]
    Failed(#[from] PersonError),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Puts people in from a file.
pub(super) async fn import(app: &App, ctx: &Ctx, text: &str, how: How) -> Result<Report, PersonError> {
    ctx.require(Permission::PeopleManage)?;
    let file = read::read(text).map_err(|error| PersonError::Invalid(vec![error]))?;
    let vault = app.vault.clone();
    let put = app.db.write(ctx, Lane::Bulk, move |tx| {
        Box::pin(async move {
            let mut report = Report { ignored_columns: file.ignored, ..Report::default() };
            let teams = team::store::ids_by_name(&*tx, &tx.ctx().scope).await?;
            for row in file.rows {
                let done = one(tx, &vault, &teams, row).await?;
                report.add(done);
            }
            report.applied = !how.dry_run && (report.failed == 0 || how.skip_errors);
            if report.applied { Ok(report) } else { Err(Ended::Back(Box::new(report))) }
        })
    });
    match put.await {
        Ok(report) => Ok(report),
        Err(Ended::Back(report)) => Ok(*report),
        Err(Ended::Failed(error)) => Err(error),
        Err(Ended::Db(error)) => Err(error.into()),
    }
}

/// Refuses callers who may not, before the file is read.
pub(super) fn require(ctx: &Ctx) -> Result<(), Denied> {
    ctx.require(Permission::PeopleManage)
}

type Teams = HashMap<String, (TeamId, String)>;

async fn one(tx: &mut Tx, vault: &Vault, teams: &Teams, row: Row) -> Result<RowReport, PersonError> {
    let Row { line, email, wanted } = row;
    let report = |outcome, message, changes| RowReport { line, email: email.clone(), outcome, message, changes };
    let wanted = match wanted {
        Ok(wanted) => wanted,
        Err(message) => return Ok(report(Outcome::Error, Some(message), vec![])),
    };
    let mut joins = Vec::new();
    for name in &wanted.teams {
        match teams.get(&name.to_lowercase()) {
            Some(team) => joins.push(team.clone()),
            None => {
                let message = format!("There is no team \"{name}\".");
                return Ok(report(Outcome::Error, Some(message), vec![]));
            }
        }
    }
    let found = store::find_by_email(&*tx, &email_key(&wanted.email)).await?;
    let (outcome, changed) = match found {
        None => (Outcome::Create, create(tx, vault, &wanted, &joins).await?),
        Some(person) => match update(tx, person, &wanted, &joins).await? {
            Ok(changes) if changes.is_empty() => (Outcome::Same, changes),
            Ok(changes) => (Outcome::Update, changes),
            Err(message) => return Ok(report(Outcome::Error, Some(message), vec![])),
        },
    };
    Ok(report(outcome, None, changed))
}

/// Joins teams; gives which the person was not in.
async fn join(tx: &mut Tx, id: PersonId, joins: &[(TeamId, String)]) -> Result<Vec<String>, PersonError> {
    let mut joined = Vec::new();
    for (team, name) in joins {
        if team::store::find_role(tx, *team, id).await?.is_some() {
            continue;
        }
        let scope = tx.ctx().scope.clone();
        if let Some(row) = team::store::find_for_update(tx, &scope, *team).await? {
            team::service::add_member(tx, &row, id, MemberRole::Member).await?;
            joined.push(format!("joins {name}"));
        }
    }
    Ok(joined)
}

async fn create(
    tx: &mut Tx,
    vault: &Vault,
    wanted: &Wanted,
    joins: &[(TeamId, String)],
) -> Result<Vec<String>, PersonError> {
    let id = PersonId(tx.new_id());
    let role = wanted.role.unwrap_or(Role::Agent);
    let new = NewPerson { email: wanted.email.clone(), name: wanted.name.clone(), role };
    store_person(tx, id, &new, true).await?;
    tx.emit(Event::new("PersonInvited", RecordKind::PERSON, id, 1, json!({ "role": role, "imported": true })));
    if let Some(zone) = &wanted.time_zone
        && let Some(mut person) = store::find_by_email(&*tx, &email_key(&wanted.email)).await?
    {
        person.time_zone.clone_from(zone);
        store::update(tx, &person).await?;
    }
    let joined = join(tx, id, joins).await?;
    mail_invitation(vault, tx, id, &new.email, &new.name).await?;
    Ok(joined)
}

/// Changes a person; gives what changed, or why not.
async fn update(
    tx: &mut Tx,
    person: PersonRow,
    wanted: &Wanted,
    joins: &[(TeamId, String)],
) -> Result<Result<Vec<String>, String>, PersonError> {
    let id = person.person_id();
    let role = wanted.role.unwrap_or(person.role());
    if person.role() == Role::Admin && role != Role::Admin {
        return Ok(Err("This is an administrator; change the role by hand.".to_owned()));
    }
    let in_teams = !joins.is_empty() || !team::store::list_ids_of(&*tx, id).await?.is_empty();
    if role == Role::Customer && in_teams {
        return Ok(Err("Customers are not members of teams.".to_owned()));
    }
    let mut next = person.clone();
    next.name.clone_from(&wanted.name);
    role.as_str().clone_into(&mut next.role);
    next.time_zone = wanted.time_zone.clone().unwrap_or(next.time_zone);
    let mut changes = Changes::default();
    changes.personal("name", &person.name, &next.name);
    changes.field("role", &person.role, &next.role);
    changes.field("time_zone", &person.time_zone, &next.time_zone);
    let mut names = changes.names();
    if !changes.is_empty() {
        let version = store::update(tx, &next).await?;
        tx.emit(Event::new("PersonChanged", RecordKind::PERSON, id, version, changes.data()));
    }
    names.extend(join(tx, id, joins).await?);
    Ok(Ok(names))
}
