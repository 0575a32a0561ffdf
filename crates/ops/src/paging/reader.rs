//! Follows the event log: what happens to an alert starts, quietens and stops its escalation.

use async_trait::async_trait;
use kernel::{AlertId, RecordKind};
use platform::{Reader, StoredEvent, Tx, WorkError};
use uuid::Uuid;

use super::{PagingError, flow};

/// The reader of alert events.
pub(super) struct Paging;

#[async_trait]
impl Reader for Paging {
    fn name(&self) -> &'static str {
        "paging"
    }

    fn concerns(&self, record_kind: &str, kind: &str) -> bool {
        record_kind == RecordKind::ALERT.0 && KINDS.contains(&kind)
    }

    async fn handle(&self, tx: &mut Tx, event: &StoredEvent) -> Result<(), WorkError> {
        Ok(react(tx, event).await?)
    }

    async fn handle_all(&self, tx: &mut Tx, events: &[StoredEvent]) -> Result<(), WorkError> {
        let alerts: Vec<AlertId> = events.iter().map(|event| AlertId(event.record)).collect();
        crate::alert::lock_in(tx, &alerts, &[]).await.map_err(PagingError::from)?;
        let raised = |event: &StoredEvent| event.kind == "AlertRaised";
        for run in events.chunk_by(|one, next| raised(one) && raised(next)) {
            match run {
                [first, _, ..] if raised(first) => {
                    let alerts: Vec<AlertId> = run.iter().map(|event| AlertId(event.record)).collect();
                    flow::start_all(tx, &alerts, RAISED).await?;
                }
                _ => {
                    for event in run {
                        self.handle(tx, event).await?;
                    }
                }
            }
        }
        Ok(())
    }
}

const RAISED: &str = "the alert was raised";

/// What it reacts to.
const KINDS: [&str; 9] = [
    "AlertRaised",
    "AlertUnacknowledged",
    "AlertSnoozeEnded",
    "AlertAcknowledged",
    "AlertSnoozed",
    "AlertClosed",
    "AlertEscalated",
    "AlertResponderAdded",
    "AlertPriorityChanged",
];

async fn react(tx: &mut Tx, event: &StoredEvent) -> Result<(), PagingError> {
    let id = AlertId(event.record);
    match event.kind.as_str() {
        "AlertRaised" => {
            let alert = flow::locked(tx, id).await?;
            flow::start(tx, &alert, RAISED).await
        }
        "AlertUnacknowledged" => {
            let alert = flow::locked(tx, id).await?;
            flow::start(tx, &alert, "the acknowledgement was taken back").await
        }
        "AlertSnoozeEnded" => {
            let alert = flow::locked(tx, id).await?;
            flow::start(tx, &alert, "the snooze ended").await
        }
        "AlertAcknowledged" => {
            let alert = flow::locked(tx, id).await?;
            if alert.is_acknowledged() { flow::quieten(tx, &alert).await } else { Ok(()) }
        }
        "AlertSnoozed" => {
            let alert = flow::locked(tx, id).await?;
            if alert.snoozed_until.is_some() { flow::stop(tx, &alert, "the alert is snoozed").await } else { Ok(()) }
        }
        "AlertClosed" => {
            let alert = flow::locked(tx, id).await?;
            flow::stop(tx, &alert, "the alert is closed").await
        }
        "AlertEscalated" => {
            let alert = flow::locked(tx, id).await?;
            flow::escalate_now(tx, &alert).await
        }
        "AlertResponderAdded" => {
            let kind = event.data.get("kind").and_then(serde_json::Value::as_str);
            let responder =
                event.data.get("id").and_then(serde_json::Value::as_str).and_then(|id| id.parse::<Uuid>().ok());
            let (Some(kind), Some(responder)) = (kind, responder) else { return Ok(()) };
            let alert = flow::locked(tx, id).await?;
            flow::page_added(tx, &alert, kind, responder).await
        }
        "AlertPriorityChanged" => {
            let alert = flow::locked(tx, id).await?;
            flow::reconsider(tx, &alert).await
        }
        _ => Ok(()),
    }
}
