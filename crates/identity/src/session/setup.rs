//! The first set-up: a one-time link, printed by the server, makes the first administrator.
//!
//! **Invariant**: once there is a person, no set-up link works, however many were printed.

use kernel::{Event, Permission, PersonId, RecordKind, Role};
use platform::{App, Ctx, Db, DbError, Lane};
use serde_json::json;

use super::{Browser, Opened, SessionError, service};
use crate::{
    link::{self, Purpose},
    password,
    person::{self, NewPerson, service::store_person},
};

/// A fresh token for the set-up link `/setup/{token}`, when nobody exists yet.
///
/// # Errors
/// When the database fails.
pub async fn ensure_token(db: &Db) -> Result<Option<String>, DbError> {
    if !needed(db).await? {
        return Ok(None);
    }
    db.write(&Ctx::system("identity"), Lane::Front, |tx| {
        Box::pin(async move { link::issue(tx, Purpose::SetUp, None).await.map(Some) })
    })
    .await
}

/// Whether nobody exists yet.
///
/// # Errors
/// When the database fails.
pub async fn needed(db: &Db) -> Result<bool, DbError> {
    Ok(person::store::count(&db.read()).await? == 0)
}

/// Makes the first administrator and signs them in.
///
/// # Errors
/// When the token does not hold, or a field is wrong.
pub async fn set_up(
    app: &App,
    browser: Browser,
    token: String,
    name: String,
    email: String,
    password: String,
) -> Result<Opened, SessionError> {
    let found = link::find(&app.db.read(), Purpose::SetUp, &token, app.now()).await?;
    if found.is_none() || !needed(&app.db).await? {
        return Err(SessionError::LinkInvalid);
    }
    let new = NewPerson { email, name, role: Role::Admin };
    let new = new.checked().map_err(SessionError::Invalid)?;
    password::check(&password, &new.email, "password").map_err(|error| SessionError::Invalid(vec![error]))?;
    let hash = password::hash(password).await?;
    let mut ctx = Ctx::system("identity");
    ctx.origin = kernel::Origin::Web;
    app.db
        .write(&ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                tx.ctx().require(Permission::PeopleManage)?;
                // Ends every printed link in one statement: of two people who set up at once, one finds none left.
                if !link::use_up_all(tx, Purpose::SetUp).await? || person::store::count(tx).await? > 0 {
                    return Err(SessionError::LinkInvalid);
                }
                let id = PersonId(tx.new_id());
                store_person(tx, id, &new, false).await?;
                person::store::put_password_hash(tx, id, &hash).await?;
                let data = json!({ "role": Role::Admin, "by": "set_up" });
                tx.emit(Event::new("PersonCreated", RecordKind::PERSON, id, 1, data));
                service::open(tx, id, &browser).await
            })
        })
        .await
}
