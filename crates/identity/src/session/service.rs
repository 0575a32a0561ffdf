//! Signing in and out, and changing passwords.

use kernel::{Event, Origin, Permission, PersonId, RecordKind, Role, Scope, SessionId};
use platform::{App, Ctx, Lane, NewJob, Tx, secret};
use serde_json::json;
use uuid::Uuid;

use super::{
    Browser, Opened, PasswordRefused, SessionError, ends_at,
    jobs::PASSWORD_RESET,
    store::{self, SessionRow},
};
use crate::{
    link::{self, Purpose},
    mail::{self, Letter},
    password,
    person::{self, email_key},
    throttle::{self, Subject},
    totp::service::{Verdict, check},
};

/// Longest typed address that is looked at.
const TYPED_MAX: usize = 400;

/// What a person entered to sign in.
pub struct SignIn {
    /// The address.
    pub email: String,
    /// The password.
    pub password: String,
    /// The code of the second factor, or a recovery code.
    pub totp: Option<String>,
}

/// Signs a person in.
///
/// # Errors
/// [`SessionError::InvalidCredentials`] whatever was wrong; [`SessionError::TotpRequired`] when only the code is
/// missing; [`SessionError::Throttled`].
pub async fn sign_in(app: &App, browser: Browser, given: SignIn) -> Result<Opened, SessionError> {
    let key = email_key(given.email.get(..TYPED_MAX).unwrap_or(&given.email));
    let attempt = count(app, &key, browser.ip.as_deref()).await?;
    let read = app.db.read();
    let person = person::store::find_by_email(&read, &key).await?;
    let person = person.filter(|person| person.active && !person.invited);
    let stored = match &person {
        Some(person) => person::store::find_password_hash(&read, person.person_id()).await?,
        // The same work for nobody.
        None => person::store::find_password_hash(&read, PersonId(Uuid::nil())).await?,
    };
    let right = password::verify(given.password, stored.clone()).await?;
    let Some(person) = person.filter(|_| right) else {
        return Err(SessionError::InvalidCredentials);
    };
    let result = admit(app, browser, person.person_id(), person.role(), &key, stored, given.totp).await;
    if matches!(result, Err(SessionError::TotpRequired)) {
        // Not a failed guess: the person has yet to look at the device.
        take_back(app, attempt).await?;
    }
    result
}

async fn take_back(app: &App, attempt: Uuid) -> Result<(), platform::DbError> {
    app.db
        .write(&Ctx::system("identity"), Lane::Front, move |tx| {
            Box::pin(async move { throttle::take_back(tx, attempt).await })
        })
        .await
}

/// Counts an attempt before anything is checked.
async fn count(app: &App, key: &str, ip: Option<&str>) -> Result<Uuid, SessionError> {
    let subjects: Vec<Subject> =
        [Some(Subject::account(key)), ip.map(Subject::address)].into_iter().flatten().collect();
    let counted = app
        .db
        .write(&Ctx::system("identity"), Lane::Front, move |tx| {
            Box::pin(async move { Ok::<_, SessionError>(throttle::attempt(tx, &subjects).await?) })
        })
        .await?;
    counted.map_err(|throttled| SessionError::Throttled { retry_after_s: throttled.retry_after_s })
}

/// The last step, after the password was right: reads the account again, checks the second factor, opens a session.
async fn admit(
    app: &App,
    browser: Browser,
    id: PersonId,
    role: Role,
    key: &str,
    stored: Option<String>,
    code: Option<String>,
) -> Result<Opened, SessionError> {
    let (vault, account) = (app.vault.clone(), Subject::account(key));
    app.db
        .write(&as_person(id, role), Lane::Front, move |tx| {
            Box::pin(async move {
                let person = person::store::find_for_update(tx, &Scope::Customer(id), id).await?;
                let person = person.filter(|person| person.active).ok_or(SessionError::InvalidCredentials)?;
                // The password may have been changed while the hash was being computed.
                if person::store::find_password_hash(tx, id).await? != stored {
                    return Err(SessionError::InvalidCredentials);
                }
                match check(&vault, tx, id, code.as_deref()).await? {
                    Verdict::Pass => {}
                    Verdict::CodeNeeded => return Err(SessionError::TotpRequired),
                    Verdict::Wrong => return Err(SessionError::InvalidCredentials),
                }
                throttle::forget(tx, &account).await?;
                open(tx, person.person_id(), &browser).await
            })
        })
        .await
}

/// A caller for the person who is just proving who they are.
pub(crate) fn as_person(id: PersonId, role: Role) -> Ctx {
    Ctx::person_with_role(id, role, Scope::Customer(id), Origin::Web)
}

/// Opens a session in a transaction that has checked everything.
pub(crate) async fn open(tx: &mut Tx, person: PersonId, browser: &Browser) -> Result<Opened, SessionError> {
    let token = secret::random_token();
    let id = SessionId(tx.new_id());
    let expires_at = ends_at(tx.now(), tx.now());
    let browser = Browser {
        ip: browser.ip.clone(),
        user_agent: browser.user_agent.as_ref().map(|text| text.chars().take(300).collect()),
    };
    store::insert(tx, id, person, &secret::hash_token(&token), &browser, expires_at).await?;
    person::store::update_last_sign_in(tx, person, tx.now()).await?;
    crate::sweep::schedule(tx).await?;
    tx.emit(Event::new("SessionOpened", RecordKind::SESSION, id, 1, json!({ "person_id": person })));
    Ok(Opened { id, person, token, expires_at })
}

/// Ends the caller's own session.
///
/// # Errors
/// When the caller has none.
pub async fn sign_out(app: &App, ctx: &Ctx) -> Result<(), SessionError> {
    let (me, session) = in_browser(ctx)?;
    end(app, ctx, me, session).await
}

/// Ends one of the caller's sessions.
///
/// # Errors
/// When the caller has no such session.
pub async fn end_session(app: &App, ctx: &Ctx, id: SessionId) -> Result<(), SessionError> {
    let (me, _) = in_browser(ctx)?;
    end(app, ctx, me, id).await
}

async fn end(app: &App, ctx: &Ctx, me: PersonId, id: SessionId) -> Result<(), SessionError> {
    app.db
        .write(ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                if !store::delete(tx, me, id).await? {
                    return Err(SessionError::NotFound);
                }
                ended(tx, me, &[id]);
                Ok(())
            })
        })
        .await
}

/// Ends all the caller's sessions, this one too.
///
/// # Errors
/// When the caller has none.
pub async fn sign_out_everywhere(app: &App, ctx: &Ctx) -> Result<(), SessionError> {
    let (me, _) = in_browser(ctx)?;
    app.db.write(ctx, Lane::Front, move |tx| Box::pin(async move { end_all(tx, me, None).await })).await
}

/// Ends a person's sessions, but for one.
pub(crate) async fn end_all(tx: &mut Tx, person: PersonId, but: Option<SessionId>) -> Result<(), SessionError> {
    let gone = store::delete_all(tx, person, but).await?;
    ended(tx, person, &gone);
    Ok(())
}

fn ended(tx: &mut Tx, person: PersonId, sessions: &[SessionId]) {
    for id in sessions {
        tx.emit(Event::new("SessionEnded", RecordKind::SESSION, *id, 2, json!({ "person_id": person })));
    }
}

/// The caller's sessions, last used first.
pub(crate) async fn list(app: &App, ctx: &Ctx) -> Result<Vec<SessionRow>, SessionError> {
    let (me, _) = in_browser(ctx)?;
    Ok(store::list(&app.db.read(), me, app.now()).await?)
}

/// The caller's present session.
pub(crate) async fn current(app: &App, ctx: &Ctx) -> Result<SessionRow, SessionError> {
    let (me, session) = in_browser(ctx).map_err(|_| SessionError::SignedOut)?;
    store::find(&app.db.read(), me, session).await?.ok_or(SessionError::SignedOut)
}

/// Changes the caller's password and ends their other sessions.
///
/// # Errors
/// When the present password is wrong, or the new one too weak.
pub async fn change_password(app: &App, ctx: &Ctx, current: String, new: String) -> Result<(), SessionError> {
    let (me, session) = in_browser(ctx)?;
    let read = app.db.read();
    let person = person::store::find(&read, &Scope::Customer(me), me).await?.ok_or(SessionError::SignedOut)?;
    password::check(&new, &person.email, "new").map_err(|error| SessionError::Invalid(vec![error]))?;
    check_own_password(app, me, current).await.map_err(|refused| match refused {
        PasswordRefused::Wrong => {
            SessionError::Invalid(vec![kernel::FieldError::new("current", "This is not your present password.")])
        }
        other => other.into(),
    })?;
    let hash = password::hash(new).await?;
    let vault = app.vault.clone();
    app.db
        .write(ctx, Lane::Front, move |tx| {
            Box::pin(async move { replace_password(&vault, tx, me, &hash, Some(session)).await })
        })
        .await
}

/// Asks for a new password by mail. The answer is the same whoever asks for whom: the account is looked up by a job.
///
/// # Errors
/// When the database fails.
pub async fn request_reset(app: &App, browser: Browser, email: &str) -> Result<(), SessionError> {
    let key = email_key(email.get(..TYPED_MAX).unwrap_or(email));
    let sealed = app.vault.seal(key.as_bytes()).map_err(|_| SessionError::Vault)?;
    let subjects: Vec<Subject> =
        [Some(Subject::reset(&key)), browser.ip.as_deref().map(Subject::reset_address)].into_iter().flatten().collect();
    app.db
        .write(&Ctx::system("identity"), Lane::Front, move |tx| {
            Box::pin(async move {
                if throttle::attempt(tx, &subjects).await?.is_ok() {
                    let job = tx.new_id().to_string();
                    tx.schedule(NewJob::now(PASSWORD_RESET, job, json!({ "sealed": sealed }))).await?;
                }
                Ok(())
            })
        })
        .await
}

/// Stores a new password by a mailed link, and ends all sessions of the person.
///
/// # Errors
/// When the link does not hold, or the password is too weak.
pub async fn reset_password(app: &App, token: String, new: String) -> Result<(), SessionError> {
    let read = app.db.read();
    let found = link::find(&read, Purpose::PasswordReset, &token, app.now()).await?;
    let id = found.and_then(|link| link.person_id).map(PersonId).ok_or(SessionError::LinkInvalid)?;
    let person = person::store::find(&read, &Scope::Customer(id), id).await?.ok_or(SessionError::LinkInvalid)?;
    password::check(&new, &person.email, "password").map_err(|error| SessionError::Invalid(vec![error]))?;
    let hash = password::hash(new).await?;
    let vault = app.vault.clone();
    app.db
        .write(&as_person(id, person.role()), Lane::Front, move |tx| {
            Box::pin(async move {
                let person = person::store::find_for_update(tx, &Scope::Customer(id), id).await?;
                let person = person.filter(|person| person.active).ok_or(SessionError::LinkInvalid)?;
                let link =
                    link::find(tx, Purpose::PasswordReset, &token, tx.now()).await?.ok_or(SessionError::LinkInvalid)?;
                if !link::use_up(tx, &link).await? {
                    return Err(SessionError::LinkInvalid);
                }
                throttle::forget(tx, &Subject::account(&email_key(&person.email))).await?;
                replace_password(&vault, tx, id, &hash, None).await
            })
        })
        .await
}

async fn replace_password(
    vault: &secret::Vault,
    tx: &mut Tx,
    id: PersonId,
    hash: &str,
    keep: Option<SessionId>,
) -> Result<(), SessionError> {
    let person = person::store::find_for_update(tx, &Scope::Customer(id), id).await?.ok_or(SessionError::SignedOut)?;
    person::store::put_password_hash(tx, id, hash).await?;
    end_all(tx, id, keep).await?;
    let version = person::store::touch(tx, id).await?;
    tx.emit(Event::new("PasswordChanged", RecordKind::PERSON, id, version, json!({})));
    mail::post(vault, tx, &person.email, Letter::PasswordChanged { name: person.name }).await?;
    Ok(())
}

/// Checks the password that a signed-in person entered again. Wrong ones count as failed sign-ins.
pub(crate) async fn check_own_password(app: &App, me: PersonId, given: String) -> Result<(), PasswordRefused> {
    let read = app.db.read();
    let person = person::store::find(&read, &Scope::Customer(me), me).await?.ok_or(PasswordRefused::Wrong)?;
    let key = email_key(&person.email);
    let attempt = count(app, &key, None).await.map_err(|error| match error {
        SessionError::Throttled { retry_after_s } => PasswordRefused::Throttled { retry_after_s },
        SessionError::Db(error) => PasswordRefused::Db(error),
        _ => PasswordRefused::Wrong,
    })?;
    let stored = person::store::find_password_hash(&read, me).await?;
    if !password::verify(given, stored).await? {
        return Err(PasswordRefused::Wrong);
    }
    Ok(take_back(app, attempt).await?)
}

fn in_browser(ctx: &Ctx) -> Result<(PersonId, SessionId), SessionError> {
    ctx.require(Permission::OwnProfile)?;
    match (ctx.person(), ctx.session) {
        (Some(person), Some(session)) => Ok((person, session)),
        _ => Err(SessionError::SignedOut),
    }
}
