//! How services are shown in other slices' answers.

use async_trait::async_trait;
use kernel::{Scope, ServiceId};
use platform::{DbError, Read, RecordTitles, Title};
use uuid::Uuid;

/// Titles of services.
pub struct CatalogTitles;

#[async_trait]
impl RecordTitles for CatalogTitles {
    fn kind(&self) -> &'static str {
        "service"
    }

    async fn titles(&self, read: &Read, scope: &Scope, ids: &[Uuid]) -> Result<Vec<Title>, DbError> {
        let ids: Vec<ServiceId> = ids.iter().copied().map(ServiceId).collect();
        let names = crate::service::names(read, scope, &ids).await?;
        Ok(names
            .into_iter()
            .map(|(id, name)| Title {
                id: id.0,
                key: Some(name.key),
                title: name.name,
                status: name.deleted.then(|| "deleted".to_owned()),
            })
            .collect())
    }
}
