//! Who calls: the session cookie or API token of a request becomes a [`Ctx`] with permissions and scope.
//!
//! **Invariants**
//! - Role, permissions and scope are computed from the tables for each request: a change counts at once.
//! - A request by cookie that changes something must repeat the CSRF token in a header.
//! - When both a cookie and an `Authorization` header are there, the header counts.

use std::{collections::BTreeSet, sync::Arc};

use async_trait::async_trait;
use http::{HeaderMap, Method, header, request::Parts};
use jiff::Timestamp;
use kernel::{Origin, Permission, PersonId, ProjectId, Role, Scope, SessionId, TeamId, TokenId, timestamp};
use platform::{Authenticator, Ctx, Db, DbError, Lane, Read, auth::Credentials, secret};

use crate::{
    session::{self, CSRF_HEADER, SEEN_EVERY},
    team, token,
};

/// Private projects, which another slice keeps: the port that lets a scope name them.
#[async_trait]
pub trait HiddenProjects: Send + Sync + 'static {
    /// The private projects that this person is not a member of, neither directly nor by one of these teams.
    async fn hidden_projects(&self, read: &Read, person: PersonId, teams: &[TeamId])
    -> Result<Vec<ProjectId>, DbError>;
}

/// Nothing is hidden: for installations and tests without projects.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoProjects;

#[async_trait]
impl HiddenProjects for NoProjects {
    async fn hidden_projects(&self, _: &Read, _: PersonId, _: &[TeamId]) -> Result<Vec<ProjectId>, DbError> {
        Ok(Vec::new())
    }
}

/// Authenticates people by session or token.
pub struct IdentityAuthenticator {
    db: Db,
    projects: Arc<dyn HiddenProjects>,
}

impl IdentityAuthenticator {
    /// An authenticator on this database.
    pub fn new(db: Db, projects: Arc<dyn HiddenProjects>) -> Self {
        Self { db, projects }
    }

    /// The caller behind an API token, for doors that take it in another header.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn authenticate_token(&self, secret: &str, origin: Origin) -> Result<Credentials, DbError> {
        let refused = || {
            Credentials::Refused("This token is unknown, has ended, or its owner lost the right to use it.".to_owned())
        };
        if !secret.starts_with(token::PREFIX) {
            return Ok(refused());
        }
        let Some(row) = token::store::find_by_hash(&self.db.read(), &secret::hash_token(secret)).await? else {
            return Ok(refused());
        };
        let now = self.db.now();
        let Some(ctx) = self.token_ctx(&row, origin, now).await? else {
            return Ok(refused());
        };
        if is_old(row.last_used_at, now) {
            self.note(&ctx, Seen::Token(TokenId(row.id))).await;
        }
        Ok(Credentials::Known(Box::new(ctx)))
    }

    async fn token_ctx(
        &self,
        row: &token::store::OwnedRow,
        origin: Origin,
        now: Timestamp,
    ) -> Result<Option<Ctx>, DbError> {
        let role = Role::parse(&row.role).unwrap_or(Role::Customer);
        let ended = row.expires_at.is_some_and(|at| timestamp(at) <= now);
        let lost_team = row.team_id.is_some() && row.memberships == 0 && role != Role::Admin;
        if !row.active || ended || lost_team {
            return Ok(None);
        }
        let person = PersonId(row.person_id);
        let scope = match row.team_id {
            Some(team) => Scope::Team(team.into()),
            None => self.scope(person, role).await?,
        };
        let given: BTreeSet<Permission> = row.permissions();
        let mut ctx = Ctx::person_with_role(person, role, scope, origin);
        ctx.permissions.retain(|permission| given.contains(permission));
        ctx.token = Some(TokenId(row.id));
        Ok(Some(ctx))
    }

    async fn authenticate_session(&self, parts: &Parts, cookie: &str) -> Result<Credentials, DbError> {
        let now = self.db.now();
        let found = session::store::find_by_hash(&self.db.read(), &secret::hash_token(cookie), now).await?;
        let Some(row) = found else {
            return Ok(Credentials::Refused("Your session has ended. Sign in again.".to_owned()));
        };
        let reads = matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS);
        if !reads && !csrf_fits(&parts.headers, cookie) {
            return Ok(Credentials::Refused(
                "Send the session's `csrf_token` as the header `X-CSRF-Token` with everything that changes something."
                    .to_owned(),
            ));
        }
        let ctx = self.session_ctx(&row).await?;
        if is_old(Some(row.last_seen_at), now) {
            let ends_at = session::ends_at(timestamp(row.created_at), now);
            self.note(&ctx, Seen::Session(SessionId(row.id), ends_at)).await;
        }
        Ok(Credentials::Known(Box::new(ctx)))
    }

    async fn session_ctx(&self, row: &session::store::OwnedRow) -> Result<Ctx, DbError> {
        let role = Role::parse(&row.role).unwrap_or(Role::Customer);
        let person = PersonId(row.person_id);
        let scope = self.scope(person, role).await?;
        let mut ctx = Ctx::person_with_role(person, role, scope, Origin::Web);
        ctx.session = Some(SessionId(row.id));
        Ok(ctx)
    }

    /// What the person may see now.
    async fn scope(&self, person: PersonId, role: Role) -> Result<Scope, DbError> {
        match role {
            Role::Admin => Ok(Scope::All),
            Role::Customer => Ok(Scope::Customer(person)),
            Role::Agent => {
                let read = self.db.read();
                let teams = team::store::list_ids_of(&read, person).await?;
                Ok(Scope::Agent {
                    hidden_teams: team::store::list_hidden(&read, person).await?,
                    hidden_projects: self.projects.hidden_projects(&read, person, &teams).await?,
                })
            }
        }
    }

    /// Notes that credentials were used. A failure must not fail the request.
    async fn note(&self, ctx: &Ctx, seen: Seen) {
        let noted: Result<(), DbError> = self
            .db
            .write(ctx, Lane::Bulk, move |tx| {
                Box::pin(async move {
                    match seen {
                        Seen::Session(id, ends_at) => session::store::update_seen(tx, id, ends_at).await,
                        Seen::Token(id) => token::store::update_last_used(tx, id).await,
                    }
                })
            })
            .await;
        if let Err(error) = noted {
            tracing::warn!(%error, "the use of credentials could not be noted");
        }
    }
}

#[derive(Clone, Copy)]
enum Seen {
    Session(SessionId, Timestamp),
    Token(TokenId),
}

fn is_old(seen_at: Option<i64>, now: Timestamp) -> bool {
    seen_at.is_none_or(|at| now.duration_since(timestamp(at)) >= SEEN_EVERY)
}

fn csrf_fits(headers: &HeaderMap, cookie: &str) -> bool {
    let given = headers.get(CSRF_HEADER).and_then(|value| value.to_str().ok()).unwrap_or_default();
    secret::equal(given, &session::csrf_token(cookie))
}

/// The token of an `Authorization: Bearer` header.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let text = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = text.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

#[async_trait]
impl Authenticator for IdentityAuthenticator {
    async fn authenticate(&self, parts: &Parts) -> Result<Credentials, DbError> {
        if let Some(token) = bearer(&parts.headers) {
            return self.authenticate_token(token, Origin::Api).await;
        }
        if parts.headers.contains_key(header::AUTHORIZATION) {
            return Ok(Credentials::Refused("Send a token as `Authorization: Bearer ...`.".to_owned()));
        }
        match session::token_in(&parts.headers) {
            Some(cookie) => self.authenticate_session(parts, cookie).await,
            None => Ok(Credentials::None),
        }
    }

    async fn caller_of(&self, person: PersonId) -> Result<Option<Ctx>, DbError> {
        let found = crate::person::store::find(&self.db.read(), &Scope::All, person).await?;
        let Some(row) = found.filter(|row| row.active) else { return Ok(None) };
        let scope = self.scope(person, row.role()).await?;
        Ok(Some(Ctx::person_with_role(person, row.role(), scope, Origin::Web)))
    }

    async fn still_valid(&self, ctx: &Ctx) -> bool {
        let now = self.db.now();
        let read = self.db.read();
        let present = match (ctx.session, ctx.token) {
            (Some(id), _) => match session::store::find_owned(&read, id, now).await {
                Ok(Some(row)) => self.session_ctx(&row).await.ok(),
                _ => None,
            },
            (None, Some(id)) => match token::store::find_owned(&read, id).await {
                Ok(Some(row)) => self.token_ctx(&row, ctx.origin, now).await.ok().flatten(),
                _ => None,
            },
            (None, None) => return true,
        };
        // A change of rights ends the stream too: the client connects again and hears what it now may.
        present.is_some_and(|present| present.permissions == ctx.permissions && present.scope == ctx.scope)
    }
}
