//! What a person can do with their own contacts and notification rules.

use domain::notify::Rules;
use jiff::ToSpan;
use kernel::{ContactId, Event, Permission, PersonId, RecordKind, Scope};
use platform::{
    App, Ctx, DbError, Lane, NewJob, Tx,
    secret::{self, Vault},
};
use serde_json::json;

use super::{
    CODE_GUESSES, CODE_MIN, CONTACTS_MAX, ContactError, ContactKind, check_address,
    jobs::CHECK_WEBHOOK,
    store::{self, ContactRow, NewContact},
};
use crate::{
    lookup,
    mail::{self, Letter},
    person,
    throttle::{self, Subject},
};

/// The caller's contacts, oldest first.
pub(crate) async fn list(app: &App, ctx: &Ctx) -> Result<Vec<ContactRow>, ContactError> {
    Ok(store::list(&app.db.read(), own(ctx)?).await?)
}

/// One of the caller's contacts.
pub(crate) async fn get(app: &App, ctx: &Ctx, id: ContactId) -> Result<ContactRow, ContactError> {
    store::find(&app.db.read(), own(ctx)?, id).await?.ok_or(ContactError::NotFound)
}

/// Adds a contact, and sends it a code (mail) or a test post (webhook).
///
/// # Errors
/// When the address is wrong or there already, or too many messages were asked for.
pub async fn add(app: &App, ctx: &Ctx, kind: ContactKind, address: &str) -> Result<ContactId, ContactError> {
    let me = own(ctx)?;
    let address = check_address(kind, address).map_err(|error| ContactError::Invalid(vec![error]))?;
    let vault = app.vault.clone();
    let seal = |secret: String| vault.seal(secret.as_bytes()).map_err(|_| ContactError::Vault);
    let sealed = address.secret.map(seal).transpose()?;
    app.db
        .write_once(ctx, "contact.add", Lane::Front, move |tx| {
            Box::pin(async move {
                let person = locked(tx, me).await?;
                let contacts = store::list(tx, me).await?;
                if contacts.len() >= CONTACTS_MAX {
                    return Err(ContactError::TooManyContacts);
                }
                let id = ContactId(tx.new_id());
                let (shown, address_key) = (address.shown.clone(), address.key);
                let new = NewContact { id, person: me, kind, address: shown, address_key, sealed, verified_at: None };
                let stored = store::insert(tx, new).await;
                stored.map_err(|error| if error.is_unique() { ContactError::Exists } else { error.into() })?;
                send_proof(&vault, tx, &person, id, kind, &address.shown).await?;
                changed(tx, me, "ContactAdded", id).await?;
                Ok(id)
            })
        })
        .await
}

/// Sends the code again, or posts the test again.
///
/// # Errors
/// When the contact is verified already, or too many messages were asked for.
pub async fn send_code(app: &App, ctx: &Ctx, id: ContactId) -> Result<(), ContactError> {
    let me = own(ctx)?;
    let vault = app.vault.clone();
    app.db
        .write(ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                let person = locked(tx, me).await?;
                let contact = store::find_for_update(tx, me, id).await?.ok_or(ContactError::NotFound)?;
                if contact.verified_at.is_some() {
                    return Err(ContactError::Verified);
                }
                send_proof(&vault, tx, &person, id, contact.kind(), &contact.address).await
            })
        })
        .await
}

/// Sends a test message to a verified contact.
///
/// # Errors
/// When the contact is not verified, or too many messages were asked for.
pub async fn test(app: &App, ctx: &Ctx, id: ContactId) -> Result<(), ContactError> {
    let me = own(ctx)?;
    let vault = app.vault.clone();
    app.db
        .write(ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                let person = locked(tx, me).await?;
                let contact = store::find(tx, me, id).await?.ok_or(ContactError::NotFound)?;
                if contact.verified_at.is_none() {
                    return Err(ContactError::NotVerified);
                }
                count_message(tx, me).await?;
                match contact.kind() {
                    ContactKind::Mail => {
                        mail::post(&vault, tx, &contact.address, Letter::ContactTest { name: person.name }).await?;
                    }
                    ContactKind::Webhook => schedule_post(tx, me, id).await?,
                }
                Ok(())
            })
        })
        .await
}

/// Verifies a mail contact by the code that was mailed to it.
///
/// # Errors
/// When the code is wrong, too old or guessed too often.
pub async fn verify(app: &App, ctx: &Ctx, id: ContactId, code: &str) -> Result<(), ContactError> {
    let me = own(ctx)?;
    let given = code_hash(&app.vault, id, code.trim());
    // A wrong guess must be counted, so the answer is a value: an error would roll the count back.
    let right = app
        .db
        .write(ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                let contact = store::find_for_update(tx, me, id).await?.ok_or(ContactError::NotFound)?;
                if contact.verified_at.is_some() {
                    return Err(ContactError::Verified);
                }
                let open = contact.code_expires_at.is_some_and(|until| kernel::timestamp(until) > tx.now())
                    && contact.code_attempts < CODE_GUESSES;
                let right = open && contact.code_hash.as_deref().is_some_and(|stored| secret::equal(stored, &given));
                if right {
                    store::update_verified(tx, id).await?;
                    changed(tx, me, "ContactVerified", id).await?;
                } else {
                    store::count_guess(tx, id).await?;
                }
                Ok::<_, ContactError>(right)
            })
        })
        .await?;
    if right { Ok(()) } else { Err(ContactError::WrongCode) }
}

/// Removes a contact.
///
/// # Errors
/// When the rules use it, or it is the last verified one.
pub async fn remove(app: &App, ctx: &Ctx, id: ContactId) -> Result<(), ContactError> {
    let me = own(ctx)?;
    app.db
        .write(ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                locked(tx, me).await?;
                let contacts = store::list(tx, me).await?;
                let contact = contacts.iter().find(|contact| contact.id == id.0).ok_or(ContactError::NotFound)?;
                let others_verified = contacts.iter().any(|other| other.id != id.0 && other.verified_at.is_some());
                if contact.verified_at.is_some() && !others_verified {
                    return Err(ContactError::Last);
                }
                if let Some(row) = store::find_rules(tx, me).await?
                    && row.rules()?.steps.iter().any(|step| step.contact_id == id)
                {
                    return Err(ContactError::InUse);
                }
                store::delete(tx, id).await?;
                tx.cancel(CHECK_WEBHOOK, &id.to_string()).await?;
                changed(tx, me, "ContactRemoved", id).await
            })
        })
        .await
}

/// The caller's notification rules and their version; version 0 when never set.
pub(crate) async fn rules(app: &App, ctx: &Ctx) -> Result<(Rules, i64), ContactError> {
    match store::find_rules(&app.db.read(), own(ctx)?).await? {
        Some(row) => Ok((row.rules()?, row.version)),
        None => Ok((Rules::default(), 0)),
    }
}

/// Replaces the caller's notification rules.
///
/// # Errors
/// When a step is wrong, or the rules are at another version than `expected`.
pub async fn set_rules(app: &App, ctx: &Ctx, rules: Rules, expected: Option<i64>) -> Result<(), ContactError> {
    let me = own(ctx)?;
    app.db
        .write(ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                locked(tx, me).await?;
                let reach = lookup::reach(tx, &[me]).await?.remove(&me).unwrap_or_default();
                rules.validate(&reach.known()).map_err(ContactError::Invalid)?;
                let before = store::find_rules(tx, me).await?;
                let version = before.as_ref().map_or(0, |row| row.version);
                if expected.is_some_and(|expected| expected != version) {
                    return Err(ContactError::Stale);
                }
                store::put_rules(tx, me, &rules, version + 1).await?;
                let record_version = person::store::touch(tx, me).await?;
                let data = json!({ "changes": { "notification_rules": {
                    "before": before.map(|row| row.rules), "after": &rules } } });
                tx.emit(Event::new("NotificationRulesChanged", RecordKind::PERSON, me, record_version, data));
                Ok(())
            })
        })
        .await
}

fn own(ctx: &Ctx) -> Result<PersonId, ContactError> {
    ctx.require(Permission::OwnProfile)?;
    ctx.person().ok_or(ContactError::NoPerson)
}

/// Locks the person's row, behind which all changes of their contacts queue.
async fn locked(tx: &Tx, me: PersonId) -> Result<person::store::PersonRow, ContactError> {
    person::store::find_for_update(tx, &Scope::Customer(me), me).await?.ok_or(ContactError::NoPerson)
}

async fn changed(tx: &mut Tx, me: PersonId, kind: &'static str, id: ContactId) -> Result<(), ContactError> {
    let version = person::store::touch(tx, me).await?;
    tx.emit(Event::new(kind, RecordKind::PERSON, me, version, json!({ "contact_id": id })));
    Ok(())
}

async fn count_message(tx: &mut Tx, me: PersonId) -> Result<(), ContactError> {
    match throttle::attempt(tx, &[Subject::messages(me)]).await? {
        Ok(_) => Ok(()),
        Err(throttled) => Err(ContactError::Throttled { retry_after_s: throttled.retry_after_s }),
    }
}

async fn send_proof(
    vault: &Vault,
    tx: &mut Tx,
    person: &person::store::PersonRow,
    id: ContactId,
    kind: ContactKind,
    address: &str,
) -> Result<(), ContactError> {
    count_message(tx, person.person_id()).await?;
    match kind {
        ContactKind::Webhook => schedule_post(tx, person.person_id(), id).await?,
        ContactKind::Mail => {
            let code = random_code();
            let until = tx.now().saturating_add(CODE_MIN.minutes()).unwrap_or(tx.now());
            store::update_code(tx, id, &code_hash(vault, id, &code), until).await?;
            mail::post(vault, tx, address, Letter::ContactCode { name: person.name.clone(), code }).await?;
        }
    }
    Ok(())
}

async fn schedule_post(tx: &mut Tx, me: PersonId, id: ContactId) -> Result<(), DbError> {
    let payload = json!({ "person_id": me, "contact_id": id });
    tx.schedule(NewJob::now(CHECK_WEBHOOK, id.to_string(), payload).max_attempts(4)).await
}

/// Six digits, each equally likely.
fn random_code() -> String {
    let number = u64::from_le_bytes(secret::random_bytes::<8>()) % 1_000_000;
    format!("{number:06}")
}

/// What is stored of a code. Keyed, since six digits are quickly tried against a plain hash.
fn code_hash(vault: &Vault, id: ContactId, code: &str) -> String {
    vault.sign("contact code", format!("{id}:{code}").as_bytes())
}
