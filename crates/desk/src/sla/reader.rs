//! Follows the organisation: the office hours that it began with are in its time zone.

use async_trait::async_trait;
use kernel::RecordKind;
use platform::{Reader, StoredEvent, Tx, WorkError};

use super::documents;

/// The reader.
pub(super) struct OfficeHoursReader;

#[async_trait]
impl Reader for OfficeHoursReader {
    fn name(&self) -> &'static str {
        "office-hours"
    }

    fn concerns(&self, record_kind: &str, kind: &str) -> bool {
        record_kind == RecordKind::ORGANISATION.0 && kind == "OrganisationChanged"
    }

    async fn handle(&self, tx: &mut Tx, event: &StoredEvent) -> Result<(), WorkError> {
        let zone = |when: &str| event.data["changes"]["time_zone"][when].as_str();
        let (Some(before), Some(after)) = (zone("before"), zone("after")) else { return Ok(()) };
        documents::move_office(tx, before, after).await.map_err(|error| WorkError::Failed(error.to_string()))
    }
}
