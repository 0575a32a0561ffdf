//! Names across slices: a batched port, so that siblings need not know each other's tables.

use std::{collections::HashMap, sync::Arc};

use async_trait::async_trait;
use kernel::Scope;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{DbError, Read};

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
}

/// All kinds that have titles. The server fills it once.
#[derive(Clone, Default)]
pub struct Records(Arc<HashMap<&'static str, Arc<dyn RecordTitles>>>);

impl Records {
    /// From the slices' implementations.
    pub fn new(kinds: Vec<Arc<dyn RecordTitles>>) -> Self {
        Self(Arc::new(kinds.into_iter().map(|kind| (kind.kind(), kind)).collect()))
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
        match self.0.get(kind) {
            Some(titles) if !ids.is_empty() => {
                let found = titles.titles(read, scope, ids).await?;
                Ok(found.into_iter().map(|title| (title.id, title)).collect())
            }
            _ => Ok(HashMap::new()),
        }
    }
}
