//! Names of integrations for other slices.

use async_trait::async_trait;
use kernel::Scope;
use platform::{DbError, Read, RecordTitles, Title};
use uuid::Uuid;

use super::store;

/// Gives the names of integrations.
pub struct IntegrationTitles;

#[async_trait]
impl RecordTitles for IntegrationTitles {
    fn kind(&self) -> &'static str {
        "integration"
    }

    async fn titles(&self, read: &Read, scope: &Scope, ids: &[Uuid]) -> Result<Vec<Title>, DbError> {
        let names = store::names(read, scope, ids).await?;
        Ok(names.into_iter().map(|(id, title)| Title { id, key: None, title, status: None }).collect())
    }
}
