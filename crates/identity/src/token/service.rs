//! Making and removing API tokens.

use std::collections::BTreeSet;

use jiff::Timestamp;
use kernel::{Event, FieldError, Permission, PersonId, RecordKind, Role, TeamId, TokenId};
use platform::{App, Ctx, Db, Lane, Tx, secret};
use serde_json::json;

use super::{
    PREFIX, TokenError,
    store::{self, NewRow, TokenRow},
};
use crate::{
    person::{self, check_name},
    team,
};

/// A token to be made.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// What it is for.
    pub name: String,
    /// What it allows, within what its owner's role allows.
    pub permissions: BTreeSet<Permission>,
    /// Sees this team's records only.
    pub team: Option<TeamId>,
    /// When it ends; never, if none.
    pub expires_at: Option<Timestamp>,
}

/// A token that was just made: the only time its secret is known.
#[derive(Debug)]
pub struct MadeToken {
    /// Its id.
    pub id: TokenId,
    /// What to send as `Authorization: Bearer ...`.
    pub secret: String,
}

/// The caller's tokens, newest first.
pub(crate) async fn list(app: &App, ctx: &Ctx) -> Result<Vec<TokenRow>, TokenError> {
    ctx.require(Permission::OwnProfile)?;
    Ok(store::list(&app.db.read(), ctx.person().ok_or(TokenError::NeedsSession)?).await?)
}

/// One of the caller's tokens.
pub(crate) async fn get(app: &App, ctx: &Ctx, id: TokenId) -> Result<TokenRow, TokenError> {
    let me = ctx.person().ok_or(TokenError::NeedsSession)?;
    store::find(&app.db.read(), me, id).await?.ok_or(TokenError::NotFound)
}

/// Makes a token for the caller.
///
/// # Errors
/// When a field is wrong, or a permission is not the caller's to give.
pub async fn create(app: &App, ctx: &Ctx, new: NewToken) -> Result<MadeToken, TokenError> {
    let me = in_browser(ctx)?;
    let role = ctx.role.ok_or(TokenError::NeedsSession)?;
    let new = checked(new, role, ctx.permissions.iter().copied().collect(), app.now())?;
    make(&app.db, ctx, me, role, new).await
}

/// Makes a token for the person with this address, with all that their role allows: for the command line.
///
/// # Errors
/// When there is no such active person, or the name is wrong.
pub async fn create_for(db: &Db, ctx: &Ctx, email: &str, name: &str) -> Result<MadeToken, TokenError> {
    ctx.require(Permission::PeopleManage)?;
    let row = person::store::find_by_email(&db.read(), &person::email_key(email)).await?;
    let owner = row.filter(|row| row.active).ok_or(TokenError::NoPerson)?;
    let role = owner.role();
    let permissions: BTreeSet<Permission> = Permission::ALL.iter().copied().filter(|p| role.allows(*p)).collect();
    let new = NewToken { name: name.to_owned(), permissions: permissions.clone(), team: None, expires_at: None };
    let new = checked(new, role, permissions, db.now())?;
    make(db, ctx, owner.person_id(), role, new).await
}

async fn make(db: &Db, ctx: &Ctx, owner: PersonId, role: Role, new: NewToken) -> Result<MadeToken, TokenError> {
    let secret = format!("{PREFIX}{}", secret::random_token());
    let hash = secret::hash_token(&secret);
    let stored_hash = hash.clone();
    let prefix: String = secret.chars().take(PREFIX.len() + 6).collect();
    let id = db
        .write_once(ctx, "token.create", Lane::Front, move |tx| {
            Box::pin(async move {
                if let Some(team) = new.team {
                    check_team(tx, owner, role, team).await?;
                }
                let id = TokenId(tx.new_id());
                let row = NewRow {
                    id,
                    person: owner,
                    name: &new.name,
                    prefix: &prefix,
                    hash: &stored_hash,
                    permissions: &new.permissions,
                    team: new.team,
                    expires_at: new.expires_at,
                };
                store::insert(tx, &row).await?;
                let data = json!({
                    "person_id": owner, "permissions": new.permissions, "team_id": new.team,
                    "expires_at": new.expires_at.map(|at| at.to_string()),
                });
                tx.emit(Event::new("TokenCreated", RecordKind::TOKEN, id, 1, data));
                Ok::<_, TokenError>(id)
            })
        })
        .await?;
    // A repeated request gives the id of the first token, whose secret nobody knows any more.
    match store::find_by_hash(&db.read(), &hash).await? {
        Some(row) if row.id == id.0 => Ok(MadeToken { id, secret }),
        _ => Err(TokenError::ShownOnce),
    }
}

/// Removes one of the caller's tokens: it stops working at once.
///
/// # Errors
/// When the caller has no such token.
pub async fn remove(app: &App, ctx: &Ctx, id: TokenId) -> Result<(), TokenError> {
    let me = in_browser(ctx)?;
    remove_for(&app.db, ctx, me, id).await
}

/// Removes a token of `owner`, for a caller that has authorised it: the counterpart of [`create_for`].
///
/// # Errors
/// When the owner has no such token.
pub async fn remove_for(db: &Db, ctx: &Ctx, owner: PersonId, id: TokenId) -> Result<(), TokenError> {
    db.write(ctx, Lane::Front, move |tx| {
        Box::pin(async move {
            if !store::delete(tx, owner, id).await? {
                return Err(TokenError::NotFound);
            }
            tx.emit(Event::new("TokenRemoved", RecordKind::TOKEN, id, 2, json!({ "person_id": owner })));
            Ok(())
        })
    })
    .await
}

fn in_browser(ctx: &Ctx) -> Result<PersonId, TokenError> {
    ctx.require(Permission::OwnProfile)?;
    match (ctx.session, ctx.person()) {
        (Some(_), Some(person)) => Ok(person),
        _ => Err(TokenError::NeedsSession),
    }
}

async fn check_team(tx: &Tx, owner: PersonId, role: Role, team: TeamId) -> Result<(), TokenError> {
    let member = team::store::find_role(tx, team, owner).await?.is_some();
    let exists = member || (role == Role::Admin && !team::store::names(tx, &[team]).await?.is_empty());
    if exists {
        return Ok(());
    }
    Err(TokenError::Invalid(vec![FieldError::new("team_id", "You are not a member of such a team.")]))
}

fn checked(new: NewToken, role: Role, own: BTreeSet<Permission>, now: Timestamp) -> Result<NewToken, TokenError> {
    let mut wrong = Vec::new();
    let name = check_name(&new.name, "name").map_err(|error| wrong.push(error)).unwrap_or_default();
    if new.permissions.is_empty() {
        wrong.push(FieldError::new("permissions", "Choose at least one permission."));
    }
    for permission in new.permissions.difference(&own) {
        wrong
            .push(FieldError::new("permissions", format!("You do not have the permission `{}`.", permission.as_str())));
    }
    if new.team.is_some() && role == Role::Customer {
        wrong.push(FieldError::new("team_id", "Customers are not members of teams."));
    }
    if new.expires_at.is_some_and(|at| at <= now) {
        wrong.push(FieldError::new("expires_at", "Choose an instant in the future."));
    }
    if wrong.is_empty() { Ok(NewToken { name, ..new }) } else { Err(TokenError::Invalid(wrong)) }
}
