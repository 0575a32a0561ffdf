//! Follows alerts, and keeps their incidents in step.

use async_trait::async_trait;
use catalog::link::{End, LinkType};
use desk::{
    comment::{Visibility, comment_in},
    ticket::{self, Cause, Kind, OpenTicket, ProjectChoice},
};
use domain::priority::urgency_from_alert;
use jiff::SignedDuration;
use kernel::{AlertId, RecordKind, Scope, TicketId};
use ops::alert::{self, AlertState, IncidentState};
use platform::{Reader, StoredEvent, Tx, WorkError};

use super::{Decision, Situation, current, decide, store};

/// The reader.
pub struct IncidentRuleReader;

#[async_trait]
impl Reader for IncidentRuleReader {
    fn name(&self) -> &'static str {
        "incident-rule"
    }

    fn concerns(&self, record_kind: &str, kind: &str) -> bool {
        record_kind == RecordKind::ALERT.0
            && matches!(
                kind,
                "AlertRaised" | "AlertPriorityChanged" | "AlertIncidentRequested" | "AlertAcknowledged" | "AlertClosed"
            )
    }

    async fn handle_all(&self, tx: &mut Tx, events: &[StoredEvent]) -> Result<(), WorkError> {
        let events: Vec<&StoredEvent> = events.iter().filter(|event| !is_idle(event)).collect();
        let alerts: Vec<AlertId> = events.iter().map(|event| AlertId(event.record)).collect();
        alert::lock_in(tx, &alerts, &[]).await?;
        for event in events {
            self.handle(tx, event).await?;
        }
        Ok(())
    }

    async fn handle(&self, tx: &mut Tx, event: &StoredEvent) -> Result<(), WorkError> {
        let id = AlertId(event.record);
        match event.kind.as_str() {
            _ if is_idle(event) => Ok(()),
            "AlertRaised" | "AlertPriorityChanged" => consider(tx, id, false).await,
            "AlertIncidentRequested" => consider(tx, id, true).await,
            "AlertAcknowledged" => assign_responder(tx, id).await,
            "AlertClosed" => record_close(tx, id).await,
            _ => Ok(()),
        }
    }
}

/// Without a service no rule asks for an incident.
fn is_idle(event: &StoredEvent) -> bool {
    event.kind == "AlertRaised" && event.data["service_id"].is_null()
}

async fn consider(tx: &mut Tx, id: AlertId, asked: bool) -> Result<(), WorkError> {
    let alert = alert::get_in(tx, id).await?;
    let settled = matches!(alert.incident_state, IncidentState::Opened | IncidentState::Joined | IncidentState::Folded);
    if !alert.open || settled || alert.incident_id.is_some() {
        return Ok(());
    }
    let Some(service_id) = alert.service_id else {
        return if asked { open(tx, &alert, None, "a person asked for it").await } else { Ok(()) };
    };
    let Some(service) = catalog::service::get(&*tx, &Scope::All, service_id).await? else {
        return Ok(());
    };
    let (rules, version) = current(&*tx).await?;
    let since = tx.now() - SignedDuration::from_mins(rules.storm_cap.window_min);
    let decision = decide(&Situation {
        rules: (&rules, version),
        service: (&service.name, service.tier, &service.incident_rule),
        priority: alert.priority,
        asked,
        open: store::find_open_incident(&*tx, service_id).await?,
        recent: (store::count_opened_since(&*tx, since).await?, store::newest_opened_since(&*tx, since).await?),
    });
    match decision {
        Decision::Open(because) => open(tx, &alert, Some(&service), &because).await,
        Decision::Propose(because) if alert.incident_state != IncidentState::Proposed => {
            stand(tx, &alert, IncidentState::Proposed, None, because).await
        }
        Decision::Join(ticket, because) => collect(tx, &alert, IncidentState::Joined, ticket, because).await,
        Decision::Fold(ticket, because) => collect(tx, &alert, IncidentState::Folded, ticket, because).await,
        Decision::Propose(_) | Decision::Ignore(_) => Ok(()),
    }
}

async fn stand(
    tx: &mut Tx,
    alert: &AlertState,
    state: IncidentState,
    ticket: Option<TicketId>,
    because: String,
) -> Result<(), WorkError> {
    alert::set_incident_in(tx, alert.id, state, ticket, Some(because)).await?;
    if let Some(ticket) = ticket {
        let (from, to) = (End::new(RecordKind::ALERT, alert.id), End::new(RecordKind::TICKET, ticket));
        catalog::link::add_in(tx, LinkType::AlertOf, &from, &to).await?;
    }
    Ok(())
}

async fn open(
    tx: &mut Tx,
    alert: &AlertState,
    service: Option<&catalog::service::Service>,
    because: &str,
) -> Result<(), WorkError> {
    let (rules, _) = current(&*tx).await?;
    let project = match rules.project_id {
        Some(project) => Some(project),
        None => store::find_oldest_project(&*tx).await?,
    };
    let Some(project) = project else {
        let text = "No incident was opened: there is no project for it";
        return alert::log_in(
            tx,
            alert.id,
            "incident_impossible",
            text,
            Some("make a project, then ask for the incident"),
            serde_json::json!({}),
        )
        .await
        .map_err(WorkError::from);
    };
    let command = OpenTicket {
        description: alert.description.clone(),
        urgency: Some(urgency_from_alert(alert.priority)),
        service: alert.service_id,
        team: alert.team_id.or_else(|| service.and_then(|service| service.owner_team)),
        assignee: alert.acknowledged_by,
        cause: Cause::Alert { alert: alert.id, priority: alert.priority },
        ..OpenTicket::new(ProjectChoice::Id(project), Kind::Incident, alert.message.clone())
    };
    let ticket = ticket::open_in(tx, command).await?;
    stand(tx, alert, IncidentState::Opened, Some(ticket), because.to_owned()).await?;
    note(tx, ticket, format!("Opened by alert #{}: {}\n\nBecause: {because}", alert.seq, alert.message)).await
}

async fn collect(
    tx: &mut Tx,
    alert: &AlertState,
    state: IncidentState,
    ticket: TicketId,
    because: String,
) -> Result<(), WorkError> {
    let verb = if state == IncidentState::Folded { "was folded into this incident" } else { "joined this incident" };
    let text = format!("Alert #{} {verb}: {}\n\nBecause: {because}", alert.seq, alert.message);
    stand(tx, alert, state, Some(ticket), because).await?;
    note(tx, ticket, text).await
}

async fn note(tx: &mut Tx, ticket: TicketId, text: String) -> Result<(), WorkError> {
    Ok(comment_in(tx, ticket, Visibility::Internal, text).await.map(drop)?)
}

/// Who acknowledges works on the incident, unless somebody does already.
async fn assign_responder(tx: &mut Tx, id: AlertId) -> Result<(), WorkError> {
    let alert = alert::get_in(tx, id).await?;
    if let (Some(ticket), Some(person)) = (alert.incident_id, alert.acknowledged_by) {
        ticket::assign_if_free_in(tx, ticket, person).await?;
    }
    Ok(())
}

async fn record_close(tx: &mut Tx, id: AlertId) -> Result<(), WorkError> {
    let alert = alert::get_in(tx, id).await?;
    match alert.incident_id {
        Some(ticket) => {
            let reports = if alert.count == 1 { "report" } else { "reports" };
            let text = format!("Alert #{} closed after {} {reports}: {}", alert.seq, alert.count, alert.message);
            note(tx, ticket, text).await
        }
        None => Ok(()),
    }
}
