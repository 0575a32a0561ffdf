//! How tickets and projects are shown in other slices' answers.

use std::collections::HashMap;

use async_trait::async_trait;
use kernel::{Permission, Scope, TicketId};
use platform::{Ctx, DbError, Read, RecordTally, RecordTitles, Tally, Title};
use uuid::Uuid;

/// Titles of tickets: key, summary, status.
pub struct TicketTitles;

#[async_trait]
impl RecordTitles for TicketTitles {
    fn kind(&self) -> &'static str {
        "ticket"
    }

    async fn titles(&self, read: &Read, scope: &Scope, ids: &[Uuid]) -> Result<Vec<Title>, DbError> {
        let rows = crate::ticket::store::list_titles(read, scope, ids).await?;
        Ok(rows
            .into_iter()
            .map(|row| Title { id: row.id, key: Some(row.key), title: row.summary, status: Some(row.status) })
            .collect())
    }

    async fn find_by_key(&self, read: &Read, scope: &Scope, key: &str) -> Result<Option<Uuid>, DbError> {
        let found = crate::ticket::store::find_by_key(read, scope, &key.trim().to_uppercase()).await?;
        Ok(found.map(|ticket| ticket.id.0))
    }

    async fn refusal(
        &self,
        read: &Read,
        ctx: &Ctx,
        permission: Permission,
        id: Uuid,
    ) -> Result<Option<String>, DbError> {
        if permission != Permission::TicketsWrite {
            return Ok(None);
        }
        let Some(ticket) = crate::ticket::find_in(read, &ctx.scope, TicketId(id)).await? else { return Ok(None) };
        Ok(crate::ticket::access::Access::find(read, ctx, ticket.project).await?.work_refusal())
    }
}

/// Titles of projects: key and name.
pub struct ProjectTitles;

#[async_trait]
impl RecordTitles for ProjectTitles {
    fn kind(&self) -> &'static str {
        "project"
    }

    async fn titles(&self, read: &Read, scope: &Scope, ids: &[Uuid]) -> Result<Vec<Title>, DbError> {
        let rows = crate::project::list_named(read, scope, ids).await?;
        Ok(rows
            .into_iter()
            .map(|row| Title { id: row.id.0, key: Some(row.key), title: row.name, status: None })
            .collect())
    }
}

/// Unresolved tickets of services.
pub struct OpenTicketsOfService;

#[async_trait]
impl RecordTally for OpenTicketsOfService {
    fn tally(&self) -> Tally {
        Tally::OpenTicketsOfService
    }

    async fn count(&self, read: &Read, scope: &Scope, of: &[Uuid]) -> Result<HashMap<Uuid, i64>, DbError> {
        crate::ticket::store::count_open_of_services(read, scope, of).await
    }
}
