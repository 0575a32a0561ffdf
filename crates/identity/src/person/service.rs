//! What can be done with people.

use kernel::{Event, FieldError, Page, PageRequest, Permission, PersonId, RecordKind, Role, Scope, TeamId};
use platform::{App, Ctx, Db, Lane, Tx, secret::Vault};
use serde_json::json;

use super::{
    ChangeMe, ChangePerson, NewPerson, PersonError, check_locale, check_name, check_time_zone, email_key,
    store::{self, Filter, PersonRow},
};
use crate::{
    contact::{self, ContactKind},
    link::{self, Purpose},
    mail::{self, Letter},
    organisation, password,
    session::{self, Browser, Opened, SessionError},
    team::{self, store::MembershipRow},
};

/// A person with the teams that the caller may see.
#[derive(Clone, Debug)]
pub(crate) struct PersonWithTeams {
    /// The person.
    pub(crate) person: PersonRow,
    /// Their visible teams by name.
    pub(crate) teams: Vec<MembershipRow>,
}

/// The caller, and what they may do.
#[derive(Clone, Debug)]
pub(crate) struct MyFacts {
    /// The person.
    pub(crate) person: PersonRow,
    /// Their teams by name.
    pub(crate) teams: Vec<MembershipRow>,
    /// What the caller may do by this session or token.
    pub(crate) permissions: Vec<Permission>,
}

/// A page of visible people, newest first.
pub(crate) async fn list(
    app: &App,
    ctx: &Ctx,
    filter: &Filter,
    page: &PageRequest,
) -> Result<Page<PersonWithTeams>, PersonError> {
    ctx.require(Permission::PeopleRead)?;
    let read = app.db.read();
    let people = store::list(&read, &ctx.scope, filter, page).await?;
    let ids: Vec<PersonId> = people.iter().map(PersonRow::person_id).collect();
    let mut teams = team::store::list_memberships(&read, &ctx.scope, &ids).await?;
    let people: Vec<PersonWithTeams> = people
        .into_iter()
        .map(|person| {
            let (own, others) = std::mem::take(&mut teams).into_iter().partition(|row| row.person_id == person.id);
            teams = others;
            PersonWithTeams { person, teams: own }
        })
        .collect();
    Ok(page.page(people, |found| found.person.seq, |found| found))
}

/// One visible person.
pub(crate) async fn get(app: &App, ctx: &Ctx, id: PersonId) -> Result<PersonWithTeams, PersonError> {
    ctx.require(Permission::PeopleRead)?;
    let read = app.db.read();
    let person = store::find(&read, &ctx.scope, id).await?.ok_or(PersonError::NotFound)?;
    let teams = team::store::list_memberships(&read, &ctx.scope, &[id]).await?;
    Ok(PersonWithTeams { person, teams })
}

/// Makes a person with a password who can sign in at once: for the command line and the demonstration.
///
/// # Errors
/// When a field is wrong or the address is taken.
pub async fn create(db: &Db, ctx: &Ctx, new: NewPerson, password: String) -> Result<PersonId, PersonError> {
    ctx.require(Permission::PeopleManage)?;
    let draft = draft(new, password).await?;
    db.write(ctx, Lane::Front, move |tx| Box::pin(async move { create_in(tx, draft).await })).await
}

/// A person with a password, checked and ready to be stored.
pub struct Draft {
    new: NewPerson,
    hash: String,
}

/// Checks a person with a password.
///
/// # Errors
/// When a field is wrong.
pub async fn draft(new: NewPerson, password: String) -> Result<Draft, PersonError> {
    let new = new.checked().map_err(PersonError::Invalid)?;
    password::check(&password, &new.email, "password").map_err(|error| PersonError::Invalid(vec![error]))?;
    let hash = password::hash(password).await?;
    Ok(Draft { new, hash })
}

/// Stores a person who can sign in at once; whoever calls this has authorised it.
///
/// # Errors
/// When the address is taken.
pub async fn create_in(tx: &mut Tx, Draft { new, hash }: Draft) -> Result<PersonId, PersonError> {
    let id = PersonId(tx.new_id());
    store_person(tx, id, &new, false).await?;
    store::put_password_hash(tx, id, &hash).await?;
    tx.emit(Event::new("PersonCreated", RecordKind::PERSON, id, 1, json!({ "role": new.role })));
    Ok(id)
}

/// Writes a new person and their sign-in address as a contact.
pub(crate) async fn store_person(tx: &mut Tx, id: PersonId, new: &NewPerson, invited: bool) -> Result<(), PersonError> {
    let home = organisation::find(&*tx).await?;
    let stored = store::insert(tx, id, new, &home.time_zone, &home.locale, invited).await;
    stored.map_err(|error| if error.is_unique() { PersonError::EmailTaken } else { error.into() })?;
    let contact = tx.new_id().into();
    let (key, now) = (email_key(&new.email), tx.now());
    let contact = contact::store::NewContact {
        id: contact,
        person: id,
        kind: ContactKind::Mail,
        address: new.email.clone(),
        address_key: key,
        sealed: None,
        verified_at: Some(now),
    };
    contact::store::insert(tx, contact).await?;
    Ok(())
}

/// Invites somebody by mail.
///
/// # Errors
/// When a field is wrong, the address is taken, or a team does not exist.
pub async fn invite(app: &App, ctx: &Ctx, new: NewPerson, teams: Vec<TeamId>) -> Result<PersonId, PersonError> {
    ctx.require(Permission::PeopleManage)?;
    let new = new.checked().map_err(PersonError::Invalid)?;
    if new.role == Role::Customer && !teams.is_empty() {
        return Err(wrong_field("team_ids", "Customers are not members of teams."));
    }
    let vault = app.vault.clone();
    app.db
        .write_once(ctx, "person.invite", Lane::Front, move |tx| {
            Box::pin(async move {
                let id = PersonId(tx.new_id());
                store_person(tx, id, &new, true).await?;
                tx.emit(Event::new("PersonInvited", RecordKind::PERSON, id, 1, json!({ "role": new.role })));
                for team in teams {
                    let row = team::store::find_for_update(tx, &tx.ctx().scope, team).await?;
                    let row = row.ok_or_else(|| wrong_field("team_ids", "There is no such team."))?;
                    team::service::add_member(tx, &row, id, team::MemberRole::Member).await?;
                }
                mail_invitation(&vault, tx, id, &new.email, &new.name).await?;
                Ok(id)
            })
        })
        .await
}

/// Mails the invitation again, with a new link; the old one ends.
///
/// # Errors
/// When the person has accepted, or is disabled.
pub async fn invite_again(app: &App, ctx: &Ctx, id: PersonId) -> Result<(), PersonError> {
    ctx.require(Permission::PeopleManage)?;
    let vault = app.vault.clone();
    app.db
        .write(ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                let person = store::find_for_update(tx, &tx.ctx().scope, id).await?.ok_or(PersonError::NotFound)?;
                if !person.invited {
                    return Err(PersonError::NotInvited);
                }
                if !person.active {
                    return Err(PersonError::Disabled);
                }
                mail_invitation(&vault, tx, id, &person.email, &person.name).await?;
                let version = store::touch(tx, id).await?;
                tx.emit(Event::new("PersonInvited", RecordKind::PERSON, id, version, json!({ "again": true })));
                Ok(())
            })
        })
        .await
}

/// Mails an invitation with a new link.
pub(super) async fn mail_invitation(
    vault: &Vault,
    tx: &mut Tx,
    id: PersonId,
    email: &str,
    name: &str,
) -> Result<(), PersonError> {
    let token = link::issue(tx, Purpose::Invitation, Some(id)).await?;
    mail::post(vault, tx, email, Letter::Invitation { name: name.to_owned(), token }).await?;
    Ok(())
}

/// Whom an invitation is for.
///
/// # Errors
/// When the link does not hold.
pub(crate) async fn find_invitation(app: &App, token: &str) -> Result<PersonRow, PersonError> {
    let read = app.db.read();
    let link = link::find(&read, Purpose::Invitation, token, app.now()).await?;
    let id = link.and_then(|link| link.person_id).map(PersonId).ok_or(PersonError::LinkInvalid)?;
    let person = store::find(&read, &Scope::Customer(id), id).await?;
    person.filter(|person| person.active && person.invited).ok_or(PersonError::LinkInvalid)
}

/// Accepts an invitation: stores name and password, and signs the person in.
///
/// # Errors
/// When the link does not hold, or a field is wrong.
pub async fn accept_invitation(
    app: &App,
    browser: Browser,
    token: String,
    name: &str,
    password: String,
) -> Result<Opened, SessionError> {
    let person = find_invitation(app, &token).await?;
    let name = check_name(name, "name").map_err(|error| SessionError::Invalid(vec![error]))?;
    password::check(&password, &person.email, "password").map_err(|error| SessionError::Invalid(vec![error]))?;
    let hash = password::hash(password).await?;
    let id = person.person_id();
    app.db
        .write(&session::service::as_person(id, person.role()), Lane::Front, move |tx| {
            Box::pin(async move {
                let person = store::find_for_update(tx, &Scope::Customer(id), id).await?;
                let mut person =
                    person.filter(|person| person.active && person.invited).ok_or(SessionError::LinkInvalid)?;
                let link =
                    link::find(tx, Purpose::Invitation, &token, tx.now()).await?.ok_or(SessionError::LinkInvalid)?;
                if !link::use_up(tx, &link).await? {
                    return Err(SessionError::LinkInvalid);
                }
                person.name = name;
                person.invited = false;
                let version = store::update(tx, &person).await?;
                store::put_password_hash(tx, id, &hash).await?;
                tx.emit(Event::new("InvitationAccepted", RecordKind::PERSON, id, version, json!({})));
                session::service::open(tx, id, &browser).await
            })
        })
        .await
}

/// Changes a person. Disabling ends all their sessions.
///
/// # Errors
/// When a field is wrong, nobody would be left to administer, or the person is at another version than `expected`.
pub async fn change(
    app: &App,
    ctx: &Ctx,
    id: PersonId,
    change: ChangePerson,
    expected: Option<i64>,
) -> Result<(), PersonError> {
    ctx.require(Permission::PeopleManage)?;
    let name = change.name.as_deref().map(|name| check_name(name, "name")).transpose();
    let change = ChangePerson { name: name.map_err(|error| PersonError::Invalid(vec![error]))?, ..change };
    app.db
        .write(ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                // All administrators first, in a fixed order; then the person.
                let admins = store::lock_admins(tx).await?;
                let person = store::find_for_update(tx, &tx.ctx().scope, id).await?.ok_or(PersonError::NotFound)?;
                if expected.is_some_and(|version| version != person.version) {
                    return Err(PersonError::Stale);
                }
                let (next, changes) = person.changed(&change);
                if changes.is_empty() {
                    return Ok(());
                }
                if person.administers() && !next.administers() && admins == [id] {
                    return Err(PersonError::LastAdmin);
                }
                if next.role() == Role::Customer && !team::store::list_ids_of(tx, id).await?.is_empty() {
                    return Err(wrong_field("role", "Remove the person from all teams first: customers work in none."));
                }
                let version = store::update(tx, &next).await?;
                tx.emit(Event::new("PersonChanged", RecordKind::PERSON, id, version, changes.data()));
                if !next.active {
                    session::service::end_all(tx, id, None).await.map_err(|error| match error {
                        SessionError::Db(error) => PersonError::Db(error),
                        _ => PersonError::NotFound,
                    })?;
                }
                Ok(())
            })
        })
        .await
}

/// The person, their teams, and what they may do by `ctx` (or by their role, when they have just signed in).
pub(crate) async fn get_me(app: &App, me: PersonId, ctx: Option<&Ctx>) -> Result<MyFacts, PersonError> {
    let read = app.db.read();
    let person = store::find(&read, &Scope::Customer(me), me).await?.ok_or(PersonError::NotFound)?;
    // One's own memberships are no secret, in private teams neither.
    let teams = team::store::list_memberships(&read, &Scope::All, &[me]).await?;
    let permissions = match ctx {
        Some(ctx) => ctx.permissions.iter().copied().collect(),
        None => Permission::ALL.iter().copied().filter(|permission| person.role().allows(*permission)).collect(),
    };
    Ok(MyFacts { person, teams, permissions })
}

/// The caller.
///
/// # Errors
/// When the caller is no person.
pub(crate) async fn me(app: &App, ctx: &Ctx) -> Result<MyFacts, PersonError> {
    ctx.require(Permission::OwnProfile)?;
    get_me(app, ctx.person().ok_or(PersonError::NotFound)?, Some(ctx)).await
}

/// Changes the caller's own settings.
///
/// # Errors
/// When a field is wrong, or the person is at another version than `expected`.
pub async fn change_me(app: &App, ctx: &Ctx, change: ChangeMe, expected: Option<i64>) -> Result<(), PersonError> {
    ctx.require(Permission::OwnProfile)?;
    let me = ctx.person().ok_or(PersonError::NotFound)?;
    let change = checked_me(&change)?;
    app.db
        .write(ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                let person =
                    store::find_for_update(tx, &Scope::Customer(me), me).await?.ok_or(PersonError::NotFound)?;
                if expected.is_some_and(|version| version != person.version) {
                    return Err(PersonError::Stale);
                }
                let (next, changes) = person.changed_by_self(&change);
                if changes.is_empty() {
                    return Ok(());
                }
                let version = store::update(tx, &next).await?;
                tx.emit(Event::new("PersonChanged", RecordKind::PERSON, me, version, changes.data()));
                Ok(())
            })
        })
        .await
}

fn checked_me(change: &ChangeMe) -> Result<ChangeMe, PersonError> {
    let mut wrong = Vec::new();
    let mut keep = |result: Option<Result<String, FieldError>>| {
        result.and_then(|result| result.map_err(|error| wrong.push(error)).ok())
    };
    let change = ChangeMe {
        name: keep(change.name.as_deref().map(|name| check_name(name, "name"))),
        time_zone: keep(change.time_zone.as_deref().map(|zone| check_time_zone(zone, "time_zone"))),
        locale: keep(change.locale.as_deref().map(|tag| check_locale(tag, "locale"))),
        single_keys: change.single_keys,
    };
    if wrong.is_empty() { Ok(change) } else { Err(PersonError::Invalid(wrong)) }
}

fn wrong_field(field: &str, message: &str) -> PersonError {
    PersonError::Invalid(vec![FieldError::new(field, message)])
}
