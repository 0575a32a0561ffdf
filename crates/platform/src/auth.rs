//! Who calls, and what they may do.

use std::collections::BTreeSet;

use async_trait::async_trait;
use http::request::Parts;
use kernel::{Actor, ErrorKind, KindedError, Origin, Permission, PersonId, Role, Scope};

use crate::http::idempotency::IdempotencyKey;

/// The caller of one operation: every service function takes one.
#[derive(Clone, Debug)]
pub struct Ctx {
    /// Who acts.
    pub actor: Actor,
    /// Which records they may see.
    pub scope: Scope,
    /// The role, for people.
    pub role: Option<Role>,
    /// What they may do.
    pub permissions: BTreeSet<Permission>,
    /// The door.
    pub origin: Origin,
    /// The request's id, for logs and the event log.
    pub request_id: Option<String>,
    /// The session behind a browser request, so that sign-out can end it.
    pub session: Option<kernel::SessionId>,
    /// The API token behind a request, so that live streams end with it.
    pub token: Option<kernel::TokenId>,
    /// From `Idempotency-Key`.
    pub idempotency: Option<IdempotencyKey>,
}

/// The caller lacks a permission.
#[derive(Debug, thiserror::Error)]
#[error("this needs the permission `{}`; an administrator can grant it", .0.as_str())]
pub struct Denied(pub Permission);

impl KindedError for Denied {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Forbidden
    }

    fn code(&self) -> &'static str {
        "permission_missing"
    }
}

impl Ctx {
    /// Bridgewatch itself, acting through the named part; sees and may do everything.
    pub fn system(part: &str) -> Self {
        Self {
            actor: Actor::system(part),
            scope: Scope::All,
            role: None,
            permissions: Permission::ALL.iter().copied().collect(),
            origin: Origin::System,
            request_id: None,
            session: None,
            token: None,
            idempotency: None,
        }
    }

    /// A person with a role, and what that role allows.
    pub fn person_with_role(id: PersonId, role: Role, scope: Scope, origin: Origin) -> Self {
        let permissions = Permission::ALL.iter().copied().filter(|permission| role.allows(*permission)).collect();
        Self {
            actor: Actor::Person { id },
            scope,
            role: Some(role),
            permissions,
            origin,
            request_id: None,
            session: None,
            token: None,
            idempotency: None,
        }
    }

    /// Whether the caller may do this.
    pub fn allows(&self, permission: Permission) -> bool {
        self.permissions.contains(&permission)
    }

    /// Refuses a caller that may not do this.
    ///
    /// # Errors
    /// [`Denied`], naming the permission.
    pub fn require(&self, permission: Permission) -> Result<(), Denied> {
        if self.allows(permission) { Ok(()) } else { Err(Denied(permission)) }
    }

    /// The person who calls, if a person does.
    pub fn person(&self) -> Option<PersonId> {
        self.actor.person()
    }
}

/// What came of looking at a request's credentials.
#[derive(Debug)]
pub enum Credentials {
    /// None were sent.
    None,
    /// They are good.
    Known(Box<Ctx>),
    /// They were sent, but are wrong, expired or revoked. The text says which, without helping a guesser.
    Refused(String),
}

/// Turns the credentials of a request into a caller. `identity` implements it.
#[async_trait]
pub trait Authenticator: Send + Sync + 'static {
    /// Looks at cookie and `Authorization` header. A cookie with a method that changes something also needs the
    /// CSRF header.
    async fn authenticate(&self, parts: &Parts) -> Result<Credentials, crate::DbError>;

    /// The caller that an active person would be in a browser now; `None` when there is no such person.
    async fn caller_of(&self, person: PersonId) -> Result<Option<Ctx>, crate::DbError>;

    /// Whether the caller's session or token still holds; live streams ask again and again.
    async fn still_valid(&self, ctx: &Ctx) -> bool;
}
