//! Changing tickets: fields, status, priority. Each change locks the row, decides, stores and emits.

use domain::priority::Priority;
use jiff::Timestamp;
use kernel::{Event, FieldError, PersonId, RecordKind, ServiceId, TeamId, TicketId};
use platform::{App, Ctx, DbError, Lane, Sql, Tx};
use serde_json::{Map, Value, json};

use super::access::Access;
use super::error::TicketError;
use super::open::{check_people, service_facts};
use super::record::{Changes, Edit, Ticket, complaints, tidy_labels};
use super::{past, store, words, workflow};
use crate::field::{self, Of, Purpose, Values};
use crate::sla;
use domain::priority::{Impact, Urgency};

/// Fields to change, as a caller names them; `None` keeps.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct EditTicket {
    pub summary: Option<String>,
    pub description: Option<String>,
    pub impact: Option<Impact>,
    pub urgency: Option<Urgency>,
    pub service: Option<Option<ServiceId>>,
    pub team: Option<Option<TeamId>>,
    pub assignee: Option<Option<PersonId>>,
    pub labels: Option<Vec<String>>,
    pub due: Option<Option<Timestamp>>,
    /// Custom fields; null empties one.
    pub fields: Values,
}

impl EditTicket {
    /// Whether it keeps everything.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// A ticket that the caller may see, by id or key.
pub async fn find_visible(app: &App, ctx: &Ctx, id_or_key: &str) -> Result<Ticket, TicketError> {
    super::view::require_read(ctx)?;
    let sql = app.db.read();
    let found = match id_or_key.parse::<TicketId>() {
        Ok(id) => store::find(&sql, &ctx.scope, id).await?,
        Err(_) => store::find_by_key(&sql, &ctx.scope, &id_or_key.to_uppercase()).await?,
    };
    found.ok_or(TicketError::NotFound)
}

/// A ticket as the transaction's caller may see it.
///
/// # Errors
/// When the database fails.
pub async fn find_in(sql: &impl Sql, scope: &kernel::Scope, id: TicketId) -> Result<Option<Ticket>, DbError> {
    store::find(sql, scope, id).await
}

/// Locks the ticket, and refuses when it moved on from the version that the caller read.
pub(crate) async fn lock(tx: &Tx, id: TicketId, expected: Option<i64>) -> Result<Ticket, TicketError> {
    let ticket = store::lock(tx, &tx.ctx().scope, id).await?.ok_or(TicketError::NotFound)?;
    match expected {
        Some(expected) if expected != ticket.version => Err(TicketError::VersionConflict { current: ticket.version }),
        _ => Ok(ticket),
    }
}

/// Stores the ticket and emits what changed, with free texts in their own rows.
pub(crate) async fn save(
    tx: &mut Tx,
    ticket: &Ticket,
    changes: Changes,
    event: &'static str,
    mut data: Map<String, Value>,
) -> Result<(), DbError> {
    let labels_changed = changes.fields.contains_key("labels");
    store::update(tx, ticket, labels_changed).await?;
    for field in &changes.filled {
        field::delete_rows(tx, ticket.id, &field.key).await?;
        if let Some(value) = &field.value {
            field::insert_rows(tx, ticket.id, &field.key, field.kind, value).await?;
        }
    }
    if changes.texts.iter().any(|text| matches!(text.field.as_str(), "summary" | "description")) {
        words::update(tx, ticket).await?;
    }
    if changes.filled.iter().any(|field| field.kind.is_free_text()) {
        words::update_comments(tx, ticket.id).await?;
    }
    past::follow(tx, ticket, &changes.fields).await?;
    let mut fields = changes.fields;
    for text in changes.texts {
        let (before, after) = (tx.new_id(), tx.new_id());
        store::insert_text(tx, before, ticket.id, &text.before).await?;
        store::insert_text(tx, after, ticket.id, &text.after).await?;
        fields.insert(text.field, json!({"before": {"text": before}, "after": {"text": after}}));
    }
    data.insert("changes".to_owned(), Value::Object(fields));
    let snapshot = sla::apply::snapshot(tx, ticket).await?;
    let comment = sla::apply::comment_in(tx, ticket, event, &mut data);
    data.insert("state".to_owned(), json!(snapshot));
    let event = tx.emit_known(Event::new(event, RecordKind::TICKET, ticket.id, ticket.version, Value::Object(data)));
    sla::apply::follow(tx, ticket, event, snapshot, comment).await
}

/// Changes fields of a ticket.
pub(super) async fn edit(
    app: &App,
    ctx: &Ctx,
    id: TicketId,
    expected: Option<i64>,
    edit: EditTicket,
) -> Result<(), TicketError> {
    app.db
        .write(ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                let ticket = lock(tx, id, expected).await?;
                require_work(tx, &ticket).await?;
                edit_in(tx, &ticket, edit).await
            })
        })
        .await
}

/// Changes fields of a locked ticket, inside a transaction whose caller has authorised it.
pub(super) async fn edit_in(tx: &mut Tx, ticket: &Ticket, edit: EditTicket) -> Result<(), TicketError> {
    if edit.is_nothing() {
        return Ok(());
    }
    let labels = edit.labels.clone().map(tidy_labels);
    let wrong = complaints(edit.summary.as_deref(), edit.description.as_deref(), labels.as_deref());
    if !wrong.is_empty() {
        return Err(TicketError::Invalid(wrong));
    }
    let new_assignee = edit.assignee.flatten().filter(|person| ticket.assignee != Some(*person));
    let new_team = edit.team.flatten().filter(|team| ticket.team != Some(*team));
    check_people(tx, new_assignee, new_team).await?;
    let service = match edit.service {
        None => None,
        Some(service) if service == ticket.service => None,
        Some(None) => Some(None),
        Some(Some(service)) => Some(Some(service_facts(tx, service).await?)),
    };
    let of = Of { project: ticket.project, kind: ticket.kind, before: &ticket.fields };
    let fields = field::fill(&*tx, &tx.ctx().scope, Purpose::Edit, of, &edit.fields).await?;
    let matrix = workflow::matrix(tx).await?;
    let edit = Edit {
        summary: edit.summary,
        description: edit.description,
        impact: edit.impact,
        urgency: edit.urgency,
        service,
        team: edit.team,
        assignee: edit.assignee,
        labels: edit.labels,
        due: edit.due,
        fields,
    };
    let (after, changes) = ticket.edited(edit, &matrix, tx.now());
    if changes.is_empty() {
        return Ok(());
    }
    Ok(save(tx, &after, changes, "TicketFieldChanged", Map::new()).await?)
}

/// Gives a ticket that nobody works on to an agent who asked for it in another way, for a caller that has authorised
/// it. Leaves any other as it is.
pub async fn assign_if_free_in(tx: &mut Tx, id: TicketId, person: kernel::PersonId) -> Result<(), TicketError> {
    let ticket = lock(tx, id, None).await?;
    if ticket.assignee.is_some() || ticket.resolved.is_some() || !store::is_active_agent(&*tx, person).await? {
        return Ok(());
    }
    let matrix = workflow::matrix(tx).await?;
    let edit = Edit { assignee: Some(Some(person)), ..Edit::default() };
    let (after, changes) = ticket.edited(edit, &matrix, tx.now());
    let data = Map::from_iter([("on_behalf_of".to_owned(), json!(person))]);
    Ok(save(tx, &after, changes, "TicketFieldChanged", data).await?)
}

/// Refuses a caller who may not work on the ticket.
pub(super) async fn require_work(tx: &Tx, ticket: &Ticket) -> Result<(), TicketError> {
    Access::find(tx, tx.ctx(), ticket.project).await?.require_work()
}

/// Moves a ticket along its workflow, with a comment if one is given.
pub(super) async fn transition(
    app: &App,
    ctx: &Ctx,
    id: TicketId,
    to: String,
    resolution: Option<String>,
    comment: Option<String>,
) -> Result<(), TicketError> {
    app.db
        .write_once(ctx, "ticket.transition", Lane::Front, move |tx| {
            Box::pin(async move {
                let ticket = lock(tx, id, None).await?;
                require_work(tx, &ticket).await?;
                transition_in(tx, id, &to, resolution.as_deref()).await?;
                if let Some(body) = comment.filter(|body| !body.trim().is_empty()) {
                    crate::comment::comment_in(tx, id, crate::comment::Visibility::Public, body).await?;
                }
                Ok(())
            })
        })
        .await
}

/// As `transition`, inside a transaction whose caller has authorised it.
pub async fn transition_in(
    tx: &mut Tx,
    id: TicketId,
    to: &str,
    resolution: Option<&str>,
) -> Result<Ticket, TicketError> {
    let ticket = lock(tx, id, None).await?;
    let flow = workflow::of(&*tx, &ticket.workflow).await?;
    let moved = ticket
        .moved(&flow, to, resolution, tx.now())
        .map_err(|refused| TicketError::Transition(refused.to_string()))?;
    let after = moved.ticket;
    let mut data = Map::new();
    data.insert("from".to_owned(), json!(ticket.status));
    data.insert("to".to_owned(), json!(after.status));
    data.insert("category".to_owned(), json!(after.category));
    save(tx, &after, moved.changes, "TicketTransitioned", data).await?;
    if moved.resolved {
        let data = json!({
            "resolution": after.resolved.as_ref().and_then(|resolved| resolved.resolution.clone()),
            "kind": after.kind, "service": after.service, "team": after.team,
            "created_at": kernel::micros(after.created_at), "resolved_at": kernel::micros(tx.now()),
        });
        tx.emit(Event::new("TicketResolved", RecordKind::TICKET, id, after.version, data));
    }
    if moved.reopened {
        tx.emit(Event::new("TicketReopened", RecordKind::TICKET, id, after.version, json!({"to": after.status})));
    }
    Ok(after)
}

/// A person sets the priority, with a reason.
pub(super) async fn override_priority(
    app: &App,
    ctx: &Ctx,
    id: TicketId,
    priority: Priority,
    reason: String,
) -> Result<(), TicketError> {
    app.db
        .write_once(ctx, "ticket.override_priority", Lane::Front, move |tx| {
            Box::pin(async move {
                let ticket = lock(tx, id, None).await?;
                require_work(tx, &ticket).await?;
                override_priority_in(tx, id, priority, &reason).await
            })
        })
        .await
}

/// As `override_priority`, inside a transaction whose caller has authorised it.
pub(super) async fn override_priority_in(
    tx: &mut Tx,
    id: TicketId,
    priority: Priority,
    reason: &str,
) -> Result<(), TicketError> {
    let ticket = lock(tx, id, None).await?;
    let by = tx.ctx().person();
    let by = by.ok_or_else(|| TicketError::Refused("Only a person can set a priority by hand.".to_owned()))?;
    let (after, changes) = ticket
        .with_priority(priority, by, reason, tx.now())
        .map_err(|wrong| TicketError::Invalid(vec![FieldError::new("reason", wrong.message)]))?;
    if changes.is_empty() {
        return Ok(());
    }
    Ok(save(tx, &after, changes, "TicketPriorityOverridden", Map::new()).await?)
}

/// Lets the matrix give the priority again.
pub(super) async fn drop_override(app: &App, ctx: &Ctx, id: TicketId) -> Result<(), TicketError> {
    app.db
        .write(ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                let ticket = lock(tx, id, None).await?;
                require_work(tx, &ticket).await?;
                let matrix = workflow::matrix(tx).await?;
                let (after, changes) = ticket.without_override(&matrix, tx.now());
                if changes.is_empty() {
                    return Ok(());
                }
                Ok(save(tx, &after, changes, "TicketPriorityOverrideDropped", Map::new()).await?)
            })
        })
        .await
}
