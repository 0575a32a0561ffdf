//! "Can Ana do this, and why": any permission, on any record, from the facts that the server itself decides by.
//!
//! **Invariant.** Nothing is decided here: the person's own caller ([`platform::Authenticator::caller_of`]) is asked for the
//! permission, the record's titles for its sight, and the record's kind for what else stands in the way. So the answer
//! is what the person would get.

mod routes;

use kernel::{Permission, PersonId, Role, Scope};
use platform::{App, Ctx, DbError};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

pub(crate) use routes::routes;

/// One ground of the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Ground {
    /// Whether it speaks for the person.
    pub holds: bool,
    /// In words.
    pub text: String,
}

/// Whether somebody may do something, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AccessAnswer {
    /// Whether they may.
    pub allowed: bool,
    /// All grounds, in the order in which they are looked at.
    pub because: Vec<Ground>,
}

/// A record to ask about.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Its kind, such as `ticket`.
    pub kind: String,
    /// Its id.
    pub id: Uuid,
}

fn role_text(role: Role) -> &'static str {
    match role {
        Role::Admin => "an administrator",
        Role::Agent => "an agent",
        Role::Customer => "a customer",
    }
}

/// Answers. `None` when there is no such record.
///
/// # Errors
/// When the database fails.
pub(crate) async fn explain(
    app: &App,
    name: &str,
    person: PersonId,
    permission: Permission,
    record: Option<Asked>,
) -> Result<Option<AccessAnswer>, DbError> {
    let mut because = Vec::new();
    let mut add = |holds: bool, text: String| because.push(Ground { holds, text });
    let caller = app.authenticator.caller_of(person).await?;
    match &caller {
        None => add(false, format!("{name} is disabled, or was invited and has not signed in yet.")),
        Some(ctx) => {
            let role = ctx.role.unwrap_or(Role::Customer);
            let has = ctx.allows(permission);
            let verb = if has { "have" } else { "do not have" };
            let people = match role {
                Role::Admin => "administrators",
                Role::Agent => "agents",
                Role::Customer => "customers",
            };
            let text = permission.as_str();
            add(has, format!("{name} is {}; {people} {verb} the permission {text}.", role_text(role)));
        }
    }
    if let Some(record) = record {
        let read = app.db.read();
        let all = app.records.titles(&read, &Scope::All, &record.kind, &[record.id]).await?;
        let Some(title) = all.get(&record.id) else { return Ok(None) };
        let shown = title.key.clone().unwrap_or_else(|| title.title.clone());
        if let Some(ctx) = &caller {
            let (holds, text) = sight(app, ctx, name, &record, &shown).await?;
            add(holds, text);
            if holds && ctx.allows(permission) {
                let refusal = app.records.refusal(&read, ctx, permission, &record.kind, record.id).await?;
                if let Some(refusal) = refusal {
                    add(false, format!("{shown}: {refusal}"));
                }
            }
        }
    }
    Ok(Some(AccessAnswer { allowed: because.iter().all(|ground| ground.holds), because }))
}

/// Whether the person sees the record.
async fn sight(app: &App, ctx: &Ctx, name: &str, record: &Asked, shown: &str) -> Result<(bool, String), DbError> {
    let seen = app.records.titles(&app.db.read(), &ctx.scope, &record.kind, &[record.id]).await?;
    let why = match (&ctx.scope, seen.contains_key(&record.id)) {
        (Scope::All, _) => return Ok((true, format!("Administrators see everything, {shown} too."))),
        (_, true) => return Ok((true, format!("{name} sees {shown}."))),
        (Scope::Customer(_), false) => "customers see only what they raised themselves",
        (_, false) => "it belongs to a private team or project of which they are no member",
    };
    Ok((false, format!("{name} does not see {shown}: {why}.")))
}
