//! Ending the demo.

use identity::person::NewPerson;
use kernel::{Event, FieldError, Permission, RecordKind, Role};
use platform::{App, Ctx, Db, DbError, Lane, backup};
use serde_json::json;
use uuid::Uuid;

use super::SetupError;
use super::api::{Counts, RemoveDemo};
use super::store::{self, StateRow};
use crate::{assembly, system::heartbeat};

/// Notes that the demo filled this database.
///
/// # Errors
/// When the database fails.
pub(crate) async fn mark(db: &Db) -> Result<(), DbError> {
    db.write(&Ctx::system("demo"), Lane::Front, |tx| {
        Box::pin(async move { store::put_state(tx, StateRow { dismissed: false, demo: true }).await })
    })
    .await
}

/// What stays: how far the event log is numbered and read, and the proof of the vault key.
const KEPT: [&str; 3] = ["sequencer", "readers", "vault_proof"];

/// Removes everything, and makes the administrator who begins anew.
pub(super) async fn remove(app: &App, ctx: &Ctx, body: RemoveDemo) -> Result<Counts, SetupError> {
    ctx.require(Permission::SystemManage)?;
    if !store::state(&app.db.read()).await?.demo {
        return Err(SetupError::NoDemo);
    }
    let home = identity::organisation::current(&app.db.read(), &app.settings).await?;
    if body.confirm.trim() != home.name {
        let message = format!("Type the organisation's name, {}, to confirm.", home.name);
        return Err(SetupError::Invalid(vec![FieldError::new("confirm", message)]));
    }
    let who = body.administrator;
    let new = NewPerson { email: who.email, name: who.name, role: Role::Admin };
    let draft = identity::person::service::draft(new, who.password).await.map_err(within_administrator)?;
    let counts = app
        .db
        .write(ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                let counts = store::counts(&*tx).await?;
                let kept_jobs = heartbeat::KIND;
                backup::clear(tx, &assembly::migrations(), &KEPT, &[("jobs", &format!("kind <> '{kept_jobs}'"))]).await?;
                // The person who does this is among those who went.
                tx.act_as(Ctx::system("demo"));
                identity::person::service::create_in(tx, draft).await?;
                let data = json!({ "people": counts.people, "tickets": counts.tickets, "alerts": counts.alerts });
                tx.emit(Event::new("DemoRemoved", RecordKind::SERVER, Uuid::nil(), 1, data));
                Ok::<_, SetupError>(counts)
            })
        })
        .await?;
    assembly::seed(app).await?;
    Ok(counts)
}

fn within_administrator(error: identity::person::PersonError) -> SetupError {
    match error {
        identity::person::PersonError::Invalid(fields) => SetupError::Invalid(
            fields.into_iter().map(|one| FieldError::new(format!("administrator.{}", one.field), one.message)).collect(),
        ),
        other => other.into(),
    }
}
