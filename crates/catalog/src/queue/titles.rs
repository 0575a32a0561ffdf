//! Names of queues for other slices' answers.

use async_trait::async_trait;
use kernel::Scope;
use platform::{DbError, Read, RecordTitles, Title};
use uuid::Uuid;

use super::store;

/// Titles of queues: the names of shared ones. Private ones are their owner's business.
pub struct QueueTitles;

#[async_trait]
impl RecordTitles for QueueTitles {
    fn kind(&self) -> &'static str {
        "queue"
    }

    async fn titles(&self, read: &Read, scope: &Scope, ids: &[Uuid]) -> Result<Vec<Title>, DbError> {
        let rows = store::list_shared_names(read, scope, ids).await?;
        Ok(rows
            .into_iter()
            .map(|row| {
                let status = row.deleted_at.map(|_| "deleted".to_owned());
                Title { id: row.id, key: None, title: row.name, status }
            })
            .collect())
    }
}
