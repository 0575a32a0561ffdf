//! A P1 incident raised by hand pages the responders of its service: the ticket raises an alert, and the alert pages as
//! any other does. When the incident is resolved, its alert is closed.

use std::collections::BTreeSet;

use async_trait::async_trait;
use domain::{alert::Raise, priority::Priority};
use kernel::{RecordKind, Scope, TicketId};
use ops::alert::{self, AlertError, Change, IncidentState, RaiseAlert, Responder};
use platform::{Reader, StoredEvent, Tx, WorkError};

use super::store;

/// The reader.
pub struct TicketPageReader;

/// The alias of the alert that a ticket raises.
fn alias(ticket: TicketId) -> String {
    format!("ticket/{ticket}")
}

#[async_trait]
impl Reader for TicketPageReader {
    fn name(&self) -> &'static str {
        "ticket-page"
    }

    fn concerns(&self, record_kind: &str, _: &str) -> bool {
        record_kind == RecordKind::TICKET.0
    }

    async fn handle_all(&self, tx: &mut Tx, events: &[StoredEvent]) -> Result<(), WorkError> {
        let aliases: BTreeSet<String> = events.iter().map(|event| alias(TicketId(event.record))).collect();
        alert::lock_in(tx, &[], &aliases.into_iter().collect::<Vec<_>>()).await?;
        for event in events {
            self.handle(tx, event).await?;
        }
        Ok(())
    }

    async fn handle(&self, tx: &mut Tx, event: &StoredEvent) -> Result<(), WorkError> {
        let id = TicketId(event.record);
        let raised =
            event.data["raised_by"] == "hand" && event.data["priority"] == "P1" && !event.data["service"].is_null();
        let became_p1 = event.data["changes"]["priority"]["after"] == "P1";
        let got_service = !event.data["changes"]["service"]["after"].is_null();
        match event.kind.as_str() {
            "TicketOpened" if raised => page(tx, id).await,
            _ if became_p1 || got_service => page(tx, id).await,
            "TicketResolved" => close(tx, id).await,
            _ => Ok(()),
        }
    }
}

async fn page(tx: &mut Tx, id: TicketId) -> Result<(), WorkError> {
    let Some(ticket) = desk::ticket::find_in(&*tx, &Scope::All, id).await? else {
        return Ok(());
    };
    let Some(service) = ticket.service else { return Ok(()) };
    let pages = ticket.kind == desk::ticket::Kind::Incident
        && ticket.priority.priority == Priority::P1
        && ticket.resolved.is_none();
    // An incident that alerts opened is being paged for already.
    if !pages || store::has_alerts(&*tx, id).await? {
        return Ok(());
    }
    let because = format!("{} is a P1 incident raised by hand", ticket.key);
    let raise = Raise {
        alias: Some(alias(id)),
        message: format!("{}: {}", ticket.key, ticket.summary),
        description: ticket.description.clone(),
        priority: Some(Priority::P1),
        source: "Bridgewatch".to_owned(),
        entity: String::new(),
        tags: vec![],
        details: Default::default(),
        actions: vec![],
    };
    let responders = catalog::service::responders(&*tx, service).await?;
    let report = RaiseAlert {
        raise: raise.fitted().map_err(AlertError::from)?,
        labels: Default::default(),
        service_id: Some(service),
        team_id: ticket.team,
        default_team_id: None,
        responders: responders
            .into_iter()
            .map(|responder| Responder { kind: responder.kind.as_str().to_owned(), id: responder.id })
            .collect(),
        note: None,
        because: Some(because.clone()),
        request_id: None,
    };
    let raised = alert::raise_in(tx, &[report]).await?;
    for raised in raised.iter().filter(|raised| !raised.repeated) {
        alert::set_incident_in(tx, raised.id, IncidentState::Joined, Some(id), Some(because.clone())).await?;
    }
    Ok(())
}

async fn close(tx: &mut Tx, id: TicketId) -> Result<(), WorkError> {
    let Some(open) = store::find_open_alert(&*tx, &alias(id)).await? else {
        return Ok(());
    };
    Ok(alert::close_in(tx, open, Change::because("its incident was resolved")).await.map(drop)?)
}
