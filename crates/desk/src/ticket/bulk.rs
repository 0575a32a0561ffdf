//! The same change to many tickets.
//!
//! **Invariants**
//! - Each ticket is changed in a transaction of its own, by the functions that change a single one: with its
//!   permission, workflow, clocks and events. What is refused for one ticket stops no other.
//! - A repeated request changes no ticket twice: each keeps its outcome under the request's `Idempotency-Key`.

use domain::priority::Priority;
use domain::query::fold;
use domain::workflow::Workflow;
use kernel::{ErrorKind, FieldError, KindedError, Permission, TicketId};
use platform::{App, Ctx, Lane, Tx};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::error::TicketError;
use super::record::tidy_labels;
use super::service::{self, EditTicket, lock, require_work};
use super::{store, workflow};
use crate::comment::{self, Visibility};

/// Most tickets in one request.
pub(super) const MOST: usize = 200;
/// The reason of a priority that was set for many, where none is given.
const REASON: &str = "Set for several tickets at once.";

/// What to change; whatever is absent stays.
#[derive(Clone, Debug, Default)]
pub(super) struct BulkChange {
    pub edit: EditTicket,
    pub add_labels: Vec<String>,
    pub remove_labels: Vec<String>,
    pub priority: Option<Priority>,
    pub priority_reason: Option<String>,
    /// The name of a transition, or the key or name of the status that it leads to.
    pub transition: Option<String>,
    pub resolution: Option<String>,
    pub comment: Option<(Visibility, String)>,
}

/// A ticket of a bulk change.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BulkTicket)]
pub(super) struct BulkTicket {
    id: Uuid,
    /// Such as `INC-12`.
    key: String,
}

/// A ticket that could not be changed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BulkFailure)]
pub(super) struct BulkFailure {
    id: Uuid,
    /// Such as `INC-12`, if the caller may see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    /// Stable, such as `transition_refused`.
    code: &'static str,
    /// What is wrong, and what to do.
    message: String,
}

/// What came of a bulk change.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = BulkOutcome)]
pub(super) struct BulkOutcome {
    /// The tickets that changed.
    changed: Vec<BulkTicket>,
    /// Those that were like that already.
    unchanged: Vec<BulkTicket>,
    /// Those that could not be changed.
    failed: Vec<BulkFailure>,
}

fn complaints(ids: &[TicketId], change: &BulkChange) -> Vec<FieldError> {
    let mut wrong = Vec::new();
    if ids.is_empty() || ids.len() > MOST {
        wrong.push(FieldError::new("ids", format!("Name 1 to {MOST} tickets.")));
    }
    if change.is_nothing() {
        wrong.push(FieldError::new("change", "Say at least one thing that is to change."));
    }
    if change.resolution.is_some() && change.transition.is_none() {
        wrong.push(FieldError::new("change.resolution", "A resolution goes with a transition."));
    }
    if change.priority_reason.is_some() && change.priority.is_none() {
        wrong.push(FieldError::new("change.priority_reason", "A reason goes with a priority."));
    }
    let labels = super::record::complaints(None, None, Some(&change.add_labels));
    wrong.extend(labels.into_iter().map(|label| FieldError::new("change.add_labels", label.message)));
    wrong
}

impl BulkChange {
    fn is_nothing(&self) -> bool {
        self.edit.is_nothing()
            && self.add_labels.is_empty()
            && self.remove_labels.is_empty()
            && self.priority.is_none()
            && self.transition.is_none()
            && self.comment.is_none()
    }

    /// A ticket's labels after the change, if it says anything about them.
    fn labels(&self, now: &[String]) -> Option<Vec<String>> {
        if self.add_labels.is_empty() && self.remove_labels.is_empty() {
            return None;
        }
        let removed = tidy_labels(self.remove_labels.clone());
        let kept = now.iter().filter(|label| !removed.contains(label)).cloned();
        Some(tidy_labels(kept.chain(self.add_labels.iter().cloned()).collect()))
    }

    /// Makes the change to one ticket; says whether anything changed.
    async fn apply(self, tx: &mut Tx, id: TicketId) -> Result<bool, TicketError> {
        let before = lock(tx, id, None).await?;
        require_work(tx, &before).await?;
        let edit = EditTicket { labels: self.labels(&before.labels), ..self.edit };
        service::edit_in(tx, &before, edit).await?;
        if let Some(priority) = self.priority.filter(|priority| *priority != before.priority.priority) {
            let reason = self.priority_reason.unwrap_or_else(|| REASON.to_owned());
            service::override_priority_in(tx, id, priority, &reason).await?;
        }
        if let Some(transition) = self.transition {
            let flow = workflow::of(&*tx, &before.workflow).await?;
            let to = target(&flow, &before.status, &transition);
            if to != before.status {
                service::transition_in(tx, id, &to, self.resolution.as_deref()).await?;
            }
        }
        if let Some((visibility, body)) = self.comment {
            comment::comment_in(tx, id, visibility, body).await?;
        }
        Ok(lock(tx, id, None).await?.version != before.version)
    }
}

/// The key of the status that is meant by the name of a transition from here, or by the key or name of a status. What
/// is none of them stays as it is, for the workflow to refuse.
fn target(flow: &Workflow, from: &str, meant: &str) -> String {
    let same = |name: &str| fold(name) == fold(meant.trim());
    let transition = flow.ways_from(from).find(|(transition, _)| same(&transition.name)).map(|(_, status)| status);
    let status = || flow.statuses().iter().find(|status| same(&status.key) || same(&status.name));
    transition.or_else(status).map_or_else(|| meant.to_owned(), |status| status.key.clone())
}

/// Makes the same change to many tickets, one after the other in the order given.
pub(super) async fn change(
    app: &App,
    ctx: &Ctx,
    mut ids: Vec<TicketId>,
    change: BulkChange,
) -> Result<BulkOutcome, TicketError> {
    ctx.require(Permission::TicketsWrite)?;
    let wrong = complaints(&ids, &change);
    if !wrong.is_empty() {
        return Err(TicketError::Invalid(wrong));
    }
    let mut seen = std::collections::HashSet::new();
    ids.retain(|id| seen.insert(*id));
    let wanted: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let titles = store::list_titles(&app.db.read(), &ctx.scope, &wanted).await?;
    let mut outcome = BulkOutcome::default();
    for id in ids {
        let key = titles.iter().find(|title| title.id == id.0).map(|title| title.key.clone());
        let change = change.clone();
        let operation = format!("ticket.bulk:{id}");
        let done = app
            .db
            .write_once(ctx, operation, Lane::Bulk, move |tx| Box::pin(async move { change.apply(tx, id).await }));
        match (done.await, key) {
            (Ok(changed), key) => {
                let ticket = BulkTicket { id: id.0, key: key.unwrap_or_default() };
                if changed { outcome.changed.push(ticket) } else { outcome.unchanged.push(ticket) }
            }
            (Err(error), key) => outcome.failed.push(failure(id, key, &error)),
        }
    }
    Ok(outcome)
}

fn failure(id: TicketId, key: Option<String>, error: &TicketError) -> BulkFailure {
    let message = match error.kind() {
        ErrorKind::Invalid(fields) if !fields.is_empty() => {
            fields.into_iter().map(|field| field.message).collect::<Vec<_>>().join(" ")
        }
        ErrorKind::Internal => {
            tracing::error!(ticket = %id, error = ?error, "a ticket of a bulk change failed");
            "Something went wrong on the server; try this ticket again.".to_owned()
        }
        _ => error.to_string(),
    };
    BulkFailure { id: id.0, key, code: error.code(), message }
}
