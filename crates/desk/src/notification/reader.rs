//! Follows the event log and finds who has a reason to be told.

use std::collections::HashMap;

use async_trait::async_trait;
use domain::mention;
use identity::notification::{Reason, Topic, tell_in};
use kernel::{Actor, PersonId, RecordKind, Scope, TeamId, TicketId};
use platform::{App, DbError, Reader, StoredEvent, Tx, WorkError, event_log};
use serde_json::{Value, json};
use uuid::Uuid;

use super::store::CommentRow;
use super::{ASSIGNED, COMMENTED, MENTIONED, SLA_BREACHED, SLA_WARNED, STATUS_CHANGED, TicketNotices, store};
use crate::sla::Snapshot;
use crate::ticket;

/// Most people that one text tells by mentioning them.
const MENTIONS_MAX: usize = 50;

/// How many later events of a ticket are looked at for changes of a comment.
const LOOKED_BACK: i64 = 500;

/// The reader.
pub(super) struct TicketNotificationReader {
    app: App,
}

impl TicketNotificationReader {
    pub(super) fn new(app: &App) -> Self {
        Self { app: app.clone() }
    }
}

#[async_trait]
impl Reader for TicketNotificationReader {
    fn name(&self) -> &'static str {
        "ticket-notifications"
    }

    fn concerns(&self, record_kind: &str, kind: &str) -> bool {
        record_kind == RecordKind::TICKET.0
            && matches!(
                kind,
                "TicketOpened"
                    | "TicketFieldChanged"
                    | "TicketCommented"
                    | "TicketCommentEdited"
                    | "TicketTransitioned"
                    | "SlaWarned"
                    | "SlaBreached"
            )
    }

    async fn handle(&self, tx: &mut Tx, event: &StoredEvent) -> Result<(), WorkError> {
        let (reasons, data) = match event.kind.as_str() {
            "TicketOpened" => opened(tx, event).await?,
            "TicketFieldChanged" => changed(tx, event).await?,
            "TicketCommented" => commented(tx, event).await?,
            "TicketCommentEdited" => comment_edited(tx, event).await?,
            "TicketTransitioned" => moved(tx, event).await?,
            "SlaWarned" => little_time(tx, event, SLA_WARNED).await?,
            "SlaBreached" => little_time(tx, event, SLA_BREACHED).await?,
            _ => return Ok(()),
        };
        Ok(tell_in(&self.app, tx, &TicketNotices, event, reasons, data).await?)
    }
}

/// Reasons, the first of each person first, and the facts to word them by.
type Found = (Vec<Reason>, Value);

fn id_in<T: std::str::FromStr>(data: &Value, pointer: &str) -> Option<T> {
    data.pointer(pointer)?.as_str()?.parse().ok()
}

fn state(event: &StoredEvent) -> Option<Snapshot> {
    serde_json::from_value(event.data.get("state")?.clone()).ok()
}

fn mentioned(people: Vec<Uuid>) -> Vec<Reason> {
    let reason = |person| Reason { person: PersonId(person), topic: MENTIONED, why: "You were mentioned." };
    people.into_iter().take(MENTIONS_MAX).map(reason).collect()
}

/// Who is mentioned in a text and was not in the one before.
fn newly_mentioned(before: &str, after: &str) -> Vec<Reason> {
    let known = mention::people(before);
    mentioned(mention::people(after).into_iter().filter(|person| !known.contains(person)).collect())
}

fn assigned(person: PersonId) -> Reason {
    Reason { person, topic: ASSIGNED, why: "You are the assignee." }
}

async fn opened(tx: &Tx, event: &StoredEvent) -> Result<Found, DbError> {
    // Whoever an alert's incident is given to has just acknowledged the alert.
    let by_alert = event.data.get("raised_by").and_then(Value::as_str) == Some("alert");
    let assignee = id_in(&event.data, "/assignee").filter(|_| !by_alert);
    let mut reasons: Vec<Reason> = assignee.map(assigned).into_iter().collect();
    // Events of earlier versions do not say.
    let mentions = event.data.get("mentions").and_then(Value::as_bool).unwrap_or(true);
    let ticket = if mentions { ticket::find_in(tx, &Scope::All, TicketId(event.record)).await? } else { None };
    reasons.extend(ticket.iter().flat_map(|ticket| mentioned(mention::people(&ticket.description))));
    Ok((reasons, json!({})))
}

async fn changed(tx: &Tx, event: &StoredEvent) -> Result<Found, DbError> {
    let own_act: Option<PersonId> = id_in(&event.data, "/on_behalf_of");
    let assignee = id_in(&event.data, "/changes/assignee/after").filter(|person| own_act != Some(*person));
    let mut reasons: Vec<Reason> = assignee.map(assigned).into_iter().collect();
    if let Some(after) = id_in::<Uuid>(&event.data, "/changes/description/after/text") {
        let before = id_in::<Uuid>(&event.data, "/changes/description/before/text");
        let ids: Vec<Uuid> = before.into_iter().chain([after]).collect();
        let texts: HashMap<Uuid, String> = ticket::store::texts_of(tx, TicketId(event.record), &ids).await?;
        let text = |id: Option<Uuid>| id.and_then(|id| texts.get(&id)).map_or("", String::as_str);
        reasons.extend(newly_mentioned(text(before), text(Some(after))));
    }
    Ok((reasons, json!({})))
}

async fn commented(tx: &Tx, event: &StoredEvent) -> Result<Found, DbError> {
    let Some(id) = id_in::<Uuid>(&event.data, "/comment") else { return Ok((Vec::new(), Value::Null)) };
    if matches!(event.actor, Actor::System { .. }) {
        return Ok((Vec::new(), Value::Null));
    }
    let comment = store::comments(tx, &[id], true).await?.pop();
    let mut reasons = match comment {
        Some(row) => mentioned(mention::people(&text_after(tx, event, &row).await?)),
        None => Vec::new(),
    };
    let mut add = |person: Option<PersonId>, why| {
        reasons.extend(person.map(|person| Reason { person, topic: COMMENTED, why }));
    };
    let state = state(event);
    add(state.as_ref().and_then(|state| state.assignee), "You are the assignee.");
    add(state.as_ref().and_then(|state| state.reporter), "You raised it.");
    for person in store::commenters(tx, TicketId(event.record)).await? {
        add(Some(person), "You commented on it.");
    }
    Ok((reasons, json!({"comment": id})))
}

/// The text of a comment as it was after an event: what the next change of it replaced, or what it is.
async fn text_after(tx: &Tx, event: &StoredEvent, comment: &CommentRow) -> Result<String, DbError> {
    if comment.edited_at.is_none() {
        return Ok(comment.body.clone());
    }
    let events = event_log::list_of_record(tx, event.record, i64::MAX, LOOKED_BACK).await?;
    let later = events.into_iter().map(|(_, later)| later).take_while(|later| later.id != event.id);
    let edits = later.filter(|later| {
        later.kind == "TicketCommentEdited" && id_in::<Uuid>(&later.data, "/comment") == Some(comment.id)
    });
    let Some(replaced) = edits.last().and_then(|next| id_in::<Uuid>(&next.data, "/before/text")) else {
        return Ok(comment.body.clone());
    };
    let texts = ticket::store::texts_of(tx, TicketId(event.record), &[replaced]).await?;
    Ok(texts.get(&replaced).unwrap_or(&comment.body).clone())
}

async fn comment_edited(tx: &Tx, event: &StoredEvent) -> Result<Found, DbError> {
    let (Some(id), Some(before)) = (id_in::<Uuid>(&event.data, "/comment"), id_in::<Uuid>(&event.data, "/before/text"))
    else {
        return Ok((Vec::new(), Value::Null));
    };
    let texts = ticket::store::texts_of(tx, TicketId(event.record), &[before]).await?;
    let before = texts.get(&before).map_or("", String::as_str);
    let comment = store::comments(tx, &[id], true).await?.pop();
    let reasons = match comment {
        Some(row) => newly_mentioned(before, &text_after(tx, event, &row).await?),
        None => Vec::new(),
    };
    Ok((reasons, json!({"comment": id})))
}

async fn moved(tx: &Tx, event: &StoredEvent) -> Result<Found, DbError> {
    let reporter = state(event).and_then(|state| state.reporter);
    let (Some(person), Some(to)) = (reporter, event.data.get("to").and_then(Value::as_str)) else {
        return Ok((Vec::new(), Value::Null));
    };
    let ticket = ticket::find_in(tx, &Scope::All, TicketId(event.record)).await?;
    let workflow = match &ticket {
        Some(ticket) => ticket::workflow::of(tx, &ticket.workflow).await.ok(),
        None => None,
    };
    let name = workflow.and_then(|workflow| workflow.status(to).map(|status| status.name.clone()));
    let reason = Reason { person, topic: STATUS_CHANGED, why: "You raised it." };
    Ok((vec![reason], json!({"to": name.unwrap_or_else(|| to.replace('_', " "))})))
}

/// The assignee; where there is none, the team.
async fn little_time(tx: &Tx, event: &StoredEvent, topic: &'static Topic) -> Result<Found, DbError> {
    let data = json!({"sla_name": event.data.get("sla_name"), "words": event.data.get("words")});
    if let Some(person) = id_in(&event.data, "/assignee") {
        return Ok((vec![Reason { person, topic, why: "You are the assignee." }], data));
    }
    let Some(team) = id_in::<TeamId>(&event.data, "/team") else { return Ok((Vec::new(), data)) };
    let members = identity::lookup::members(tx, &[team]).await?;
    let why = "Nobody is assigned, and you are in its team.";
    let reasons = members.into_iter().map(|member| Reason { person: member.person, topic, why });
    Ok((reasons.collect(), data))
}
