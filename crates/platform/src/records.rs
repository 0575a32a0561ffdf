//! Names and numbers across slices: batched ports, so that siblings need not know each other's tables.

use std::{collections::HashMap, sync::Arc};

use async_trait::async_trait;
use kernel::{Permission, Scope};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Ctx, DbError, Read};

/// How a record is shown elsewhere.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Title {
    /// The record.
    pub id: Uuid,
    /// A short key such as `INC-12`, where the kind has one.
    pub key: Option<String>,
    /// Its name or summary.
    pub title: String,
    /// Its status, where the kind has one.
    pub status: Option<String>,
}

/// Gives the titles of one kind of record.
#[async_trait]
pub trait RecordTitles: Send + Sync + 'static {
    /// The kind, such as `ticket`.
    fn kind(&self) -> &'static str;
    /// The titles of those that the scope may see.
    async fn titles(&self, read: &Read, scope: &Scope, ids: &[Uuid]) -> Result<Vec<Title>, DbError>;
    /// The record with this short key, if it has one and the scope may see it.
    async fn find_by_key(&self, _read: &Read, _scope: &Scope, _key: &str) -> Result<Option<Uuid>, DbError> {
        Ok(None)
    }
    /// Why this caller, who sees the record and has the permission, may not use it there; nothing else stands in the
    /// way unless the kind says so.
    async fn refusal(
        &self,
        _read: &Read,
        _ctx: &Ctx,
        _permission: Permission,
        _id: Uuid,
    ) -> Result<Option<String>, DbError> {
        Ok(None)
    }
}

/// A number that one slice keeps about the records of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tally {
    /// Open alerts about a service.
    OpenAlertsOfService,
    /// Unresolved tickets about a service.
    OpenTicketsOfService,
    /// Alerts that belong to a ticket.
    AlertsOfTicket,
}

/// Counts one [`Tally`].
#[async_trait]
pub trait RecordTally: Send + Sync + 'static {
    /// What it counts.
    fn tally(&self) -> Tally;
    /// The number for each of these records, of what the scope may see; those with none may be absent.
    async fn count(&self, read: &Read, scope: &Scope, of: &[Uuid]) -> Result<HashMap<Uuid, i64>, DbError>;
}

/// All kinds that have titles, and all tallies. The server fills it once.
#[derive(Clone, Default)]
pub struct Records(Arc<Filled>);

#[derive(Default)]
struct Filled {
    titles: HashMap<&'static str, Arc<dyn RecordTitles>>,
    tallies: HashMap<Tally, Arc<dyn RecordTally>>,
}

impl Records {
    /// From the slices' implementations.
    pub fn new(titles: Vec<Arc<dyn RecordTitles>>, tallies: Vec<Arc<dyn RecordTally>>) -> Self {
        Self(Arc::new(Filled {
            titles: titles.into_iter().map(|titles| (titles.kind(), titles)).collect(),
            tallies: tallies.into_iter().map(|tally| (tally.tally(), tally)).collect(),
        }))
    }

    /// The number for each of these records; absent means none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tally(
        &self,
        read: &Read,
        scope: &Scope,
        tally: Tally,
        of: &[Uuid],
    ) -> Result<HashMap<Uuid, i64>, DbError> {
        match self.0.tallies.get(&tally) {
            Some(counts) if !of.is_empty() => counts.count(read, scope, of).await,
            _ => Ok(HashMap::new()),
        }
    }

    /// Why the caller may not use the permission on a record that they see.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn refusal(
        &self,
        read: &Read,
        ctx: &Ctx,
        permission: Permission,
        kind: &str,
        id: Uuid,
    ) -> Result<Option<String>, DbError> {
        match self.0.titles.get(kind) {
            Some(titles) => titles.refusal(read, ctx, permission, id).await,
            None => Ok(None),
        }
    }

    /// The records of a kind with this short key that the scope may see: one or none. An unknown kind has none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_by_key(&self, read: &Read, scope: &Scope, kind: &str, key: &str) -> Result<Vec<Uuid>, DbError> {
        match self.0.titles.get(kind) {
            Some(titles) => Ok(titles.find_by_key(read, scope, key).await?.into_iter().collect()),
            None => Ok(Vec::new()),
        }
    }

    /// The titles of these records that the scope may see, by id. An unknown kind has none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn titles(
        &self,
        read: &Read,
        scope: &Scope,
        kind: &str,
        ids: &[Uuid],
    ) -> Result<HashMap<Uuid, Title>, DbError> {
        match self.0.titles.get(kind) {
            Some(titles) if !ids.is_empty() => {
                let found = titles.titles(read, scope, ids).await?;
                Ok(found.into_iter().map(|title| (title.id, title)).collect())
            }
            _ => Ok(HashMap::new()),
        }
    }
}
