//! How alerts are shown elsewhere.

use std::collections::HashMap;

use async_trait::async_trait;
use kernel::Scope;
use platform::{DbError, Read, RecordTally, RecordTitles, Tally, Title};
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

/// Open alerts of services.
pub struct OpenAlertsOfService;

#[async_trait]
impl RecordTally for OpenAlertsOfService {
    fn tally(&self) -> Tally {
        Tally::OpenAlertsOfService
    }

    async fn count(&self, read: &Read, scope: &Scope, of: &[Uuid]) -> Result<HashMap<Uuid, i64>, DbError> {
        let rows = store::count_open_of_services(read, scope, of).await?;
        Ok(rows.into_iter().map(|row| (row.subject, row.number)).collect())
    }
}

/// Alerts of tickets.
pub struct AlertsOfTicket;

#[async_trait]
impl RecordTally for AlertsOfTicket {
    fn tally(&self) -> Tally {
        Tally::AlertsOfTicket
    }

    async fn count(&self, read: &Read, scope: &Scope, of: &[Uuid]) -> Result<HashMap<Uuid, i64>, DbError> {
        let rows = store::count_of_tickets(read, scope, of).await?;
        Ok(rows.into_iter().map(|row| (row.subject, row.number)).collect())
    }
}
