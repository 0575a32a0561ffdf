//! Ending the demo: everything in the database goes, and a first administrator begins anew.

use identity::person::{NewPerson, PersonError};
use kernel::{Event, FieldError, Permission, RecordKind, Role};
use platform::{App, Ctx, Db, DbError, Lane, Sql, backup};
use serde_json::json;
use uuid::Uuid;

use super::SetupError;
use super::store::{self, Removed};
use crate::{assembly, demo::COMPANY, system::heartbeat};

/// Noted when the demo has filled the database.
const FILLED: &str = "demo";

/// What stays: how far the event log is numbered and read and tables were rebuilt, the proof of the vault key, and files
/// that wait to be removed.
const KEPT: [&str; 5] = ["sequencer", "readers", "ticket_rebuilds", "vault_proof", "blob_garbage"];

/// Notes that the demo filled this database.
///
/// # Errors
/// When the database fails.
pub(crate) async fn mark(db: &Db) -> Result<(), DbError> {
    let system = Ctx::system("demo");
    db.write(&system, Lane::Front, |tx| Box::pin(async move { store::note(tx, FILLED, true, "").await })).await
}

/// The demo company in this database, if it is there.
pub(super) async fn company(sql: &impl Sql) -> Result<Option<&'static str>, DbError> {
    Ok(store::tests(sql).await?.iter().any(|row| row.step == FILLED).then_some(COMPANY))
}

/// The administrator who begins anew.
pub(super) struct Administrator {
    pub name: String,
    pub email: String,
    pub password: String,
}

/// Removes everything and makes the administrator, in one transaction; gives what went. `confirm` is the company's name.
pub(super) async fn remove(
    app: &App,
    ctx: &Ctx,
    confirm: &str,
    administrator: Administrator,
) -> Result<Removed, SetupError> {
    ctx.require(Permission::SystemManage)?;
    let company = company(&app.db.read()).await?.ok_or(SetupError::NoDemo)?;
    if confirm.trim() != company {
        let message = format!("Type {company} to confirm.");
        return Err(SetupError::Invalid(vec![FieldError::new("confirm", message)]));
    }
    let Administrator { name, email, password } = administrator;
    let new = NewPerson { email, name, role: Role::Admin };
    let draft = identity::person::service::draft(new, password).await.map_err(within_administrator)?;
    let removed = app
        .db
        .write(ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                let removed = store::removed(&*tx).await?;
                store::discard_files(tx).await?;
                let beats = heartbeat::is_set(&*tx).await?;
                backup::clear(tx, &assembly::migrations(), &KEPT).await?;
                // Who asked for this is among those who went.
                tx.act_as(Ctx::system("demo"));
                if beats {
                    heartbeat::start_in(tx).await?;
                }
                identity::person::service::create_in(tx, draft).await.map_err(within_administrator)?;
                let data = json!({ "company": company, "people": removed.people, "tickets": removed.tickets });
                tx.emit(Event::new("DemoRemoved", RecordKind::SERVER, Uuid::nil(), 1, data));
                Ok::<_, SetupError>(removed)
            })
        })
        .await?;
    // A kill before this is made good by the next start.
    assembly::seed(app).await?;
    Ok(removed)
}

fn within_administrator(error: PersonError) -> SetupError {
    let PersonError::Invalid(fields) = error else { return error.into() };
    let within = |field: FieldError| FieldError::new(format!("administrator.{}", field.field), field.message);
    SetupError::Invalid(fields.into_iter().map(within).collect())
}
