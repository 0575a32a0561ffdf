//! The verbs on schedules.

use std::collections::HashSet;

use async_trait::async_trait;
use catalog::document::{DocumentError, DocumentKind};
use domain::{escalation::Target, schedule::Schedule};
use kernel::{ErrorKind, Event, FieldError, KindedError, Permission, PersonId, RecordKind, ScheduleId};
use platform::{App, Ctx, DbError, Denied, Lane, Tx};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    api::ScheduleBody,
    store::{self, ScheduleValues},
};
use crate::policy;

/// Kind of the documents that keep every version of a schedule.
const DOCUMENT_KIND: &str = "schedule";
/// Version of the body's shape: a [`ScheduleBody`].
const SCHEMA: i64 = 1;

/// What can go wrong with a schedule.
#[derive(Debug, thiserror::Error)]
pub enum ScheduleError {
    /// No such schedule, or none that the caller may see.
    #[error("there is no such schedule")]
    NotFound,
    /// No such override.
    #[error("there is no such override")]
    NoOverride,
    /// The schedule was changed meanwhile.
    #[error("the schedule is at version {current} by now: load it again and repeat your change")]
    Stale {
        /// Its present version.
        current: i64,
    },
    /// The content is wrong.
    #[error("the schedule cannot be saved like this")]
    Invalid(Vec<FieldError>),
    /// A policy notifies it.
    #[error("still notified by the escalation policies {0}: change them first")]
    InUse(String),
    /// The caller may not do this.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The documents refused.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl KindedError for ScheduleError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound | Self::NoOverride => ErrorKind::NotFound,
            Self::Stale { .. } | Self::InUse(_) => ErrorKind::Conflict,
            Self::Invalid(fields) => ErrorKind::Invalid(fields.clone()),
            Self::Denied(error) => error.kind(),
            Self::Document(error) => error.kind(),
            Self::Db(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "schedule_not_found",
            Self::NoOverride => "override_not_found",
            Self::Stale { .. } => "version_conflict",
            Self::Invalid(_) => "schedule_invalid",
            Self::InUse(_) => "schedule_in_use",
            Self::Denied(error) => error.code(),
            Self::Document(error) => error.code(),
            Self::Db(error) => error.code(),
        }
    }
}

/// A body that passed the checks.
struct Checked {
    body: ScheduleBody,
    schedule: Schedule,
}

/// Adds a schedule.
///
/// # Errors
/// `Denied`, `Invalid`, or the database.
pub async fn create(app: &App, ctx: &Ctx, body: ScheduleBody) -> Result<Uuid, ScheduleError> {
    ctx.require(Permission::OncallManage)?;
    app.db
        .write_once(ctx, "schedule.create", Lane::Front, move |tx| {
            Box::pin(async move {
                let checked = checked(tx, body, None).await?;
                let id = tx.new_id();
                store::insert(tx, values(id, &checked, 1)?).await?;
                put_document(tx, id, &checked).await?;
                tx.emit(Event::new("ScheduleCreated", RecordKind::SCHEDULE, id, 1, json!({})));
                Ok::<_, ScheduleError>(id)
            })
        })
        .await
}

/// Replaces the definition of a schedule. Overrides stay.
///
/// # Errors
/// `NotFound`, `Stale`, `Denied`, `Invalid`, or the database.
pub async fn change(
    app: &App,
    ctx: &Ctx,
    id: Uuid,
    expected: Option<i64>,
    body: ScheduleBody,
) -> Result<(), ScheduleError> {
    ctx.require(Permission::OncallManage)?;
    app.db.write(ctx, Lane::Front, move |tx| Box::pin(change_in(tx, id, expected, body))).await
}

/// As [`change`], inside a transaction whose caller was authorised.
async fn change_in(tx: &mut Tx, id: Uuid, expected: Option<i64>, body: ScheduleBody) -> Result<(), ScheduleError> {
    let scope = tx.ctx().scope.clone();
    let row = store::lock(tx, &scope, id).await?.ok_or(ScheduleError::NotFound)?;
    if expected.is_some_and(|expected| expected != row.version) {
        return Err(ScheduleError::Stale { current: row.version });
    }
    let checked = checked(tx, body, Some(id)).await?;
    let version = row.version + 1;
    store::update(tx, values(id, &checked, version)?).await?;
    let document = put_document(tx, id, &checked).await?;
    tx.emit(Event::new("ScheduleChanged", RecordKind::SCHEDULE, id, version, json!({ "document_version": document })));
    Ok(())
}

/// Removes a schedule that no policy notifies. Its versions stay readable as documents.
///
/// # Errors
/// `NotFound`, `InUse`, `Denied`, or the database.
pub async fn remove(app: &App, ctx: &Ctx, id: Uuid) -> Result<(), ScheduleError> {
    ctx.require(Permission::OncallManage)?;
    let scope = ctx.scope.clone();
    app.db
        .write(ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                let row = store::lock(tx, &scope, id).await?.ok_or(ScheduleError::NotFound)?;
                let target = Target::Schedule { id: ScheduleId(id) };
                let mut users = Vec::new();
                for policy in policy::store::list_all(tx).await? {
                    if policy.policy()?.steps.iter().any(|step| step.notify == target) {
                        users.push(policy.name);
                    }
                }
                if !users.is_empty() {
                    return Err(ScheduleError::InUse(users.join(", ")));
                }
                store::delete(tx, id).await?;
                tx.emit(Event::new("ScheduleRemoved", RecordKind::SCHEDULE, id, row.version + 1, json!({})));
                Ok(())
            })
        })
        .await
}

/// Checks a body: its own rules, and that team and people exist.
async fn checked(tx: &Tx, mut body: ScheduleBody, own: Option<Uuid>) -> Result<Checked, ScheduleError> {
    let mut problems = Vec::new();
    let mut rotations = Vec::with_capacity(body.rotations.len());
    for (index, rotation) in body.rotations.iter_mut().enumerate() {
        rotation.id = rotation.id.or_else(|| Some(tx.new_id()));
        match rotation.clone().rotation(&format!("rotations[{index}]"), || tx.new_id()) {
            Ok(rotation) => rotations.push(rotation),
            Err(problem) => problems.push(problem),
        }
    }
    body.name = body.name.trim().to_owned();
    let schedule =
        Schedule { name: body.name.clone(), time_zone: body.time_zone.clone(), rotations, overrides: Vec::new() };
    if let Err(more) = schedule.validate() {
        problems.extend(more);
    }
    if store::name_taken(tx, &schedule.name, own).await? {
        problems.push(FieldError::new("name", "another schedule has this name"));
    }
    if let Some(team) = body.team_id
        && (!tx.ctx().scope.sees_team(Some(team)) || identity::lookup::team_names(tx, &[team]).await?.is_empty())
    {
        problems.push(FieldError::new("team_id", "there is no such team"));
    }
    let people: HashSet<PersonId> = people_of(&schedule).collect();
    let known = identity::lookup::people(tx, &people.iter().copied().collect::<Vec<_>>()).await?;
    for (index, rotation) in schedule.rotations.iter().enumerate() {
        for (place, person) in rotation.participants.iter().enumerate() {
            if let Some(person) = person.person()
                && !known.get(&person).is_some_and(|facts| facts.active)
            {
                let field = format!("rotations[{index}].participants[{place}]");
                problems.push(FieldError::new(field, "there is no such active person"));
            }
        }
    }
    if problems.is_empty() { Ok(Checked { body, schedule }) } else { Err(ScheduleError::Invalid(problems)) }
}

/// Everybody whom the rotations name.
pub(crate) fn people_of(schedule: &Schedule) -> impl Iterator<Item = PersonId> {
    schedule.rotations.iter().flat_map(|rotation| &rotation.participants).filter_map(|one| one.person())
}

fn values<'a>(id: Uuid, checked: &'a Checked, version: i64) -> Result<ScheduleValues<'a>, DbError> {
    Ok(ScheduleValues {
        id,
        name: &checked.body.name,
        description: checked.body.description.trim(),
        team_id: checked.body.team_id,
        time_zone: checked.body.time_zone.name(),
        rotations: serde_json::to_value(&checked.schedule.rotations)
            .map_err(|error| DbError::Corrupt(error.to_string()))?,
        version,
    })
}

async fn put_document(tx: &mut Tx, id: Uuid, checked: &Checked) -> Result<i64, ScheduleError> {
    let body = serde_json::to_value(&checked.body).map_err(|error| DbError::Corrupt(error.to_string()))?;
    Ok(catalog::document::write(tx, DOCUMENT_KIND, &id.to_string(), SCHEMA, body, None).await?.version)
}

/// Brings old versions of schedules back.
pub struct ScheduleDocuments;

#[async_trait]
impl DocumentKind for ScheduleDocuments {
    fn kind(&self) -> &'static str {
        DOCUMENT_KIND
    }

    fn manage(&self) -> Permission {
        Permission::OncallManage
    }

    async fn put(&self, tx: &mut Tx, key: &str, body: Value) -> Result<(), DocumentError> {
        let id = key.parse().map_err(|_| DocumentError::NotFound)?;
        let body: ScheduleBody = serde_json::from_value(body)
            .map_err(|error| DocumentError::Invalid(vec![FieldError::new("body", error.to_string())]))?;
        change_in(tx, id, None, body).await.map_err(|error| match error {
            ScheduleError::Invalid(fields) => DocumentError::Invalid(fields),
            ScheduleError::Document(error) => error,
            ScheduleError::Denied(error) => DocumentError::Denied(error),
            ScheduleError::Db(error) => DocumentError::Db(error),
            ScheduleError::NotFound
            | ScheduleError::NoOverride
            | ScheduleError::Stale { .. }
            | ScheduleError::InUse(_) => DocumentError::NotFound,
        })
    }
}
