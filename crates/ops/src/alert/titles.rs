//! How alerts are shown elsewhere.

use async_trait::async_trait;
use kernel::Scope;
use platform::{DbError, Read, RecordTitles, Title};
use uuid::Uuid;

use super::store;

/// Titles of alerts for other parts of the server.
pub struct AlertTitles;

#[async_trait]
impl RecordTitles for AlertTitles {
    fn kind(&self) -> &'static str {
        "alert"
    }

    async fn titles(&self, read: &Read, scope: &Scope, ids: &[Uuid]) -> Result<Vec<Title>, DbError> {
        let rows = store::list_by_ids(read, scope, ids).await?;
        Ok(rows
            .into_iter()
            .map(|row| Title {
                id: row.id,
                key: Some(format!("#{}", row.seq)),
                title: row.message,
                status: Some(row.status),
            })
            .collect())
    }
}
