//! The verbs on overrides.

use domain::schedule::{Override, OverrideId, RotationId};
use jiff::Timestamp;
use kernel::{Event, FieldError, Permission, PersonId, RecordKind};
use platform::{App, Ctx, Lane};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{ScheduleError, store};

/// Puts one person on call for a while.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct OverrideBody {
    /// Who.
    pub person_id: PersonId,
    /// From when.
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// Until when, not included.
    #[schema(value_type = String, format = DateTime)]
    pub to: Timestamp,
    /// Instead of which rotations; all, if empty.
    #[serde(default)]
    pub rotation_ids: Vec<Uuid>,
}

/// Adds an override.
///
/// # Errors
/// `NotFound`, `Denied`, `Invalid`, or the database.
pub async fn add_override(app: &App, ctx: &Ctx, schedule: Uuid, body: OverrideBody) -> Result<Uuid, ScheduleError> {
    ctx.require(Permission::OncallManage)?;
    let scope = ctx.scope.clone();
    app.db
        .write_once(ctx, "schedule.override", Lane::Front, move |tx| {
            Box::pin(async move {
                let row = store::lock(tx, &scope, schedule).await?.ok_or(ScheduleError::NotFound)?;
                let one = Override {
                    id: OverrideId(tx.new_id()),
                    person: body.person_id,
                    from: body.from,
                    to: body.to,
                    rotation_ids: body.rotation_ids.into_iter().map(RotationId).collect(),
                };
                row.with(Vec::new()).validate_override(&one).map_err(ScheduleError::Invalid)?;
                let known = identity::lookup::people(tx, &[one.person]).await?;
                if !known.get(&one.person).is_some_and(|person| person.active) {
                    let problem = FieldError::new("person_id", "there is no such active person");
                    return Err(ScheduleError::Invalid(vec![problem]));
                }
                store::insert_override(tx, schedule, &one).await?;
                store::bump(tx, schedule, row.version + 1).await?;
                tx.emit(Event::new(
                    "ScheduleOverrideAdded",
                    RecordKind::SCHEDULE,
                    schedule,
                    row.version + 1,
                    json!({ "override": one }),
                ));
                Ok(one.id.0)
            })
        })
        .await
}

/// Removes an override.
///
/// # Errors
/// `NotFound`, `NoOverride`, `Denied`, or the database.
pub async fn remove_override(app: &App, ctx: &Ctx, schedule: Uuid, id: Uuid) -> Result<(), ScheduleError> {
    ctx.require(Permission::OncallManage)?;
    let scope = ctx.scope.clone();
    app.db
        .write(ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                let row = store::lock(tx, &scope, schedule).await?.ok_or(ScheduleError::NotFound)?;
                let one = store::find_override(tx, schedule, id).await?.ok_or(ScheduleError::NoOverride)?;
                store::delete_override(tx, id).await?;
                store::bump(tx, schedule, row.version + 1).await?;
                tx.emit(Event::new(
                    "ScheduleOverrideRemoved",
                    RecordKind::SCHEDULE,
                    schedule,
                    row.version + 1,
                    json!({ "override": one }),
                ));
                Ok(())
            })
        })
        .await
}
