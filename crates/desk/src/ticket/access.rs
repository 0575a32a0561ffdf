//! What a caller may do to a ticket, with the reason where not. The same answer guards the operations and fills
//! the `actions` that clients show.

use kernel::{Action, Permission, ProjectId, Role, Scope};
use platform::{Ctx, DbError, Sql};

use super::error::TicketError;
use crate::project::{self, ProjectRole};

/// What a caller may do to the tickets of one project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Access {
    /// Why the caller may not work on the ticket as an agent, if so.
    work: Option<String>,
    /// Why the caller may not comment in public, if so.
    comment: Option<String>,
    /// Whether the caller sees what customers do not see.
    pub sees_internal: bool,
}

impl Access {
    /// The access of this caller, whose highest role in the project is `role`.
    pub fn of(ctx: &Ctx, role: Option<ProjectRole>) -> Self {
        let customer = matches!(ctx.scope, Scope::Customer(_));
        let work = if !ctx.allows(Permission::TicketsWrite) {
            Some(format!("This needs the permission {}.", Permission::TicketsWrite.as_str()))
        } else if customer {
            Some("Only agents may do this.".to_owned())
        } else if role == Some(ProjectRole::Viewer) && ctx.role != Some(Role::Admin) {
            Some("You are a viewer in this project.".to_owned())
        } else {
            None
        };
        let comment = if customer && ctx.allows(Permission::RequestsRaise) { None } else { work.clone() };
        Self { work, comment, sees_internal: !customer && ctx.allows(Permission::TicketsRead) }
    }

    /// Reads the caller's role in the project and gives their access.
    pub async fn find(sql: &impl Sql, ctx: &Ctx, project: ProjectId) -> Result<Self, DbError> {
        let role = match ctx.person() {
            Some(person) => project::role_of(sql, person, project).await?,
            None => None,
        };
        Ok(Self::of(ctx, role))
    }

    /// Refuses callers who may not work on the ticket as an agent.
    pub fn require_work(&self) -> Result<(), TicketError> {
        self.work.clone().map_or(Ok(()), |reason| Err(TicketError::Refused(reason)))
    }

    /// Refuses callers who may not comment in public.
    pub fn require_comment(&self) -> Result<(), TicketError> {
        self.comment.clone().map_or(Ok(()), |reason| Err(TicketError::Refused(reason)))
    }

    /// Why the caller may not work on the ticket, if so.
    pub fn work_refusal(&self) -> Option<String> {
        self.work.clone()
    }

    /// The actions to show.
    pub fn actions(&self, overridden: bool) -> Vec<Action> {
        let drop = self.work.clone().or_else(|| (!overridden).then(|| "The priority is not set by hand.".to_owned()));
        vec![
            Action::new("edit", self.work.clone()),
            Action::new("assign", self.work.clone()),
            Action::new("transition", self.work.clone()),
            Action::new("override_priority", self.work.clone()),
            Action::new("drop_priority", drop),
            Action::new("comment_public", self.comment.clone()),
            Action::new("comment_internal", self.work.clone()),
            Action::new("link", self.work.clone()),
        ]
    }
}
