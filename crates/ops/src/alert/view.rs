//! Rows become answers: names are looked up for a whole page at once, never per alert.

use std::collections::HashMap;

use kernel::{Action, AlertId, Permission, Ref, timestamp};
use platform::{App, Ctx};
use uuid::Uuid;

use super::api::{
    ActorView, AffectedService, Alert, AlertRef, IncidentAlert, IncidentRef, LogLine, Note, ResponderView,
};
use super::error::AlertError;
use super::store::{self, AlertRow, LogRow, NamesRow, NoteRow};

/// One alert as the API shows it.
pub async fn one(app: &App, ctx: &Ctx, row: AlertRow) -> Result<Alert, AlertError> {
    many(app, ctx, vec![row]).await?.pop().ok_or(AlertError::NotFound)
}

/// Alerts as the API shows them, in the same order.
pub async fn many(app: &App, ctx: &Ctx, rows: Vec<AlertRow>) -> Result<Vec<Alert>, AlertError> {
    let read = app.db.read();
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut names: HashMap<Uuid, NamesRow> =
        store::list_names(&read, &ids).await?.into_iter().map(|names| (names.id, names)).collect();
    let mut responders: HashMap<Uuid, Vec<ResponderView>> = HashMap::new();
    for responder in store::list_responders(&read, &ids).await? {
        let name = responder.name.unwrap_or_else(|| "(deleted)".to_owned());
        responders.entry(responder.alert_id).or_default().push(ResponderView {
            kind: responder.kind,
            id: responder.responder_id,
            name,
        });
    }
    let incidents: Vec<Uuid> = rows.iter().filter_map(|row| row.incident_id).collect();
    let titles = app.records.titles(&read, &ctx.scope, "ticket", &incidents).await?;
    let alert_ids: Vec<AlertId> = ids.iter().copied().map(AlertId).collect();
    let mut escalations = crate::paging::escalations_of(&read, &alert_ids).await?;
    let may_write = ctx.allows(Permission::AlertsWrite);
    Ok(rows
        .into_iter()
        .map(|row| {
            let names = names.remove(&row.id);
            let incident = row.incident_id.and_then(|id| {
                let title = titles.get(&id)?;
                Some(IncidentRef {
                    id,
                    key: title.key.clone().unwrap_or_default(),
                    summary: title.title.clone(),
                    status: title.status.clone().unwrap_or_default(),
                })
            });
            let responders = responders.remove(&row.id).unwrap_or_default();
            let escalation = escalations.remove(&AlertId(row.id));
            alert(row, names, responders, incident, escalation, may_write)
        })
        .collect())
}

fn alert(
    row: AlertRow,
    names: Option<NamesRow>,
    responders: Vec<ResponderView>,
    incident: Option<IncidentRef>,
    escalation: Option<super::api::AlertEscalation>,
    may_write: bool,
) -> Alert {
    let actions = actions(&row, may_write);
    let (tags, details) = (row.tag_list(), row.detail_map());
    let name = |pick: fn(&NamesRow) -> Option<String>| names.as_ref().and_then(pick);
    let service = match (row.service_id, names.as_ref()) {
        (Some(id), Some(NamesRow { service_name: Some(name), service_tier: Some(tier), .. })) => {
            Some(AffectedService { id, name: name.clone(), tier: *tier })
        }
        _ => None,
    };
    Alert {
        id: AlertId(row.id),
        tiny_id: row.seq.to_string(),
        acknowledged: row.acknowledged_at.is_some(),
        acknowledged_by: Ref::joined(row.acknowledged_by, name(|names| names.acknowledged_by_name.clone())),
        acknowledged_at: row.acknowledged_at.map(instant),
        snoozed_until: row.snoozed_until.map(instant),
        seen: row.seen,
        count: row.count,
        tags,
        details,
        actions,
        owner: Ref::joined(row.owner_id, name(|names| names.owner_name.clone())),
        team: Ref::joined(row.team_id, name(|names| names.team_name.clone())),
        service,
        integration: Ref::joined(row.integration_id, name(|names| names.integration_name.clone())),
        responders,
        created_at: instant(row.created_at),
        updated_at: instant(row.updated_at),
        last_occurred_at: instant(row.last_occurred_at),
        closed_at: row.closed_at.map(instant),
        closed_by: row
            .closed_by_kind
            .map(|kind| actor(kind, row.closed_by, row.closed_by_part, name(|names| names.closed_by_name.clone()))),
        incident,
        incident_state: row.incident_state,
        escalation,
        version: row.version,
        alias: row.alias,
        message: row.message,
        description: row.description,
        status: row.status,
        priority: row.priority,
        source: row.source,
        entity: row.entity,
        service_reason: row.service_reason,
    }
}

/// What may be done to the alert now, and why not.
fn actions(row: &AlertRow, may_write: bool) -> Vec<Action> {
    let closed = (!row.is_open()).then(|| "the alert is closed".to_owned());
    let in_incident = row.incident_id.is_some().then(|| "it belongs to an incident already".to_owned());
    let mut actions = row.alert().actions();
    actions.push(Action::new("add_responder", closed));
    actions.push(Action::new("open_incident", in_incident));
    if !may_write {
        let missing = || Some("this needs the permission alerts:write".to_owned());
        actions = actions.iter().map(|action| Action::new(&action.name, missing())).collect();
    }
    actions
}

/// An instant as RFC 3339.
pub fn instant(micros: i64) -> String {
    timestamp(micros).to_string()
}

fn actor(kind: String, id: Option<Uuid>, part: Option<String>, name: Option<String>) -> ActorView {
    let name = name.or(part).unwrap_or_else(|| "(deleted)".to_owned());
    ActorView { kind, id, name }
}

/// A line of the log as the API shows it.
pub fn log_line(row: LogRow) -> LogLine {
    LogLine {
        id: row.id,
        at: instant(row.at),
        actor: actor(row.actor_kind, row.actor_id, row.actor_part, row.actor_name),
        kind: row.kind,
        text: row.text,
        because: row.because,
        data: row.data,
    }
}

/// A note as the API shows it.
pub fn note(row: NoteRow) -> Note {
    Note {
        id: row.id,
        at: instant(row.at),
        author: actor(row.actor_kind, row.actor_id, row.actor_part, row.actor_name),
        text: row.text,
    }
}

/// The short form of an alert.
pub fn alert_ref(row: &AlertRow) -> AlertRef {
    AlertRef {
        id: AlertId(row.id),
        tiny_id: row.seq.to_string(),
        message: row.message.clone(),
        priority: row.priority.clone(),
        status: row.status.clone(),
    }
}

/// An alert as a ticket's page shows it.
pub fn incident_alert(row: &AlertRow) -> IncidentAlert {
    IncidentAlert {
        alert: alert_ref(row),
        count: row.count,
        acknowledged: row.acknowledged_at.is_some(),
        closed_at: row.closed_at.map(instant),
    }
}
