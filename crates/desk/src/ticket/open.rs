//! Opening a ticket, by a person or by an alert.

use domain::mention;
use domain::priority::{Assessed, Sourced, Urgency};
use kernel::{Event, FieldError, Permission, RecordKind, Scope, TicketId};
use platform::{App, Ctx, Lane, Tx};
use serde_json::json;

use super::access::Access;
use super::error::TicketError;
use super::record::{Changes, ServiceFacts, Ticket, complaints, impact_of, tidy_labels};
use super::{Cause, Kind, OpenTicket, ProjectChoice, past, store, words, workflow};
use crate::field::{self, Of, Purpose, Values};
use crate::project::{self, Project};
use crate::sla;

/// Opens a ticket for a caller: an agent who may work in the project, or a customer who raises a request.
pub async fn open(app: &App, ctx: &Ctx, mut cmd: OpenTicket) -> Result<TicketId, TicketError> {
    let sql = app.db.read();
    if matches!(ctx.scope, Scope::Customer(_)) {
        ctx.require(Permission::RequestsRaise)?;
        limit_to_request(&cmd)?;
    } else {
        ctx.require(Permission::TicketsWrite)?;
        let project = choose(&sql, &ctx.scope, &cmd.project).await?;
        Access::find(&sql, ctx, project.id).await?.require_work()?;
    }
    cmd.reporter = cmd.reporter.or(ctx.person());
    app.db.write_once(ctx, "ticket.open", Lane::Front, move |tx| Box::pin(async move { open_in(tx, cmd).await })).await
}

/// Customers say what they want; who works on it, and how soon, is for the desk to say.
fn limit_to_request(cmd: &OpenTicket) -> Result<(), TicketError> {
    let mut wrong = Vec::new();
    let mut refuse = |field: &str, given: bool| {
        if given {
            wrong.push(FieldError::new(field, "Only agents set this."));
        }
    };
    refuse("kind", cmd.kind != Kind::Request);
    refuse("impact", cmd.impact.is_some());
    refuse("urgency", cmd.urgency.is_some());
    refuse("service_id", cmd.service.is_some());
    refuse("team_id", cmd.team.is_some());
    refuse("assignee_id", cmd.assignee.is_some());
    refuse("labels", !cmd.labels.is_empty());
    refuse("due_at", cmd.due.is_some());
    if wrong.is_empty() { Ok(()) } else { Err(TicketError::Invalid(wrong)) }
}

async fn choose(sql: &impl platform::Sql, scope: &Scope, choice: &ProjectChoice) -> Result<Project, TicketError> {
    let (found, field) = match choice {
        ProjectChoice::Id(id) => (project::find(sql, scope, *id).await?, "project_id"),
        ProjectChoice::Key(key) => (project::find_by_key(sql, scope, key).await?, "project_key"),
    };
    found.ok_or_else(|| TicketError::Invalid(vec![FieldError::new(field, "There is no such project.")]))
}

/// What the service says, if it exists and the transaction's caller may see it.
pub(super) async fn service_facts(tx: &Tx, service: kernel::ServiceId) -> Result<ServiceFacts, TicketError> {
    let found = catalog::service::get(tx, &tx.ctx().scope, service).await?;
    let found =
        found.ok_or_else(|| TicketError::Invalid(vec![FieldError::new("service_id", "There is no such service.")]))?;
    Ok(ServiceFacts { id: found.id, name: found.name, tier: found.tier })
}

/// Checks that assignee and team exist and may be given work.
pub(super) async fn check_people(
    tx: &Tx,
    assignee: Option<kernel::PersonId>,
    team: Option<kernel::TeamId>,
) -> Result<(), TicketError> {
    let mut wrong = Vec::new();
    if let Some(person) = assignee
        && !store::is_active_agent(tx, person).await?
    {
        wrong.push(FieldError::new("assignee_id", "There is no such active agent."));
    }
    if let Some(team) = team
        && !(tx.ctx().scope.sees_team(Some(team)) && store::team_exists(tx, team).await?)
    {
        wrong.push(FieldError::new("team_id", "There is no such team."));
    }
    if wrong.is_empty() { Ok(()) } else { Err(TicketError::Invalid(wrong)) }
}

/// Opens a ticket inside a transaction whose caller has authorised it.
pub async fn open_in(tx: &mut Tx, cmd: OpenTicket) -> Result<TicketId, TicketError> {
    let labels = tidy_labels(cmd.labels);
    let wrong = complaints(Some(&cmd.summary), Some(&cmd.description), Some(&labels));
    if !wrong.is_empty() {
        return Err(TicketError::Invalid(wrong));
    }
    let project = choose(&*tx, &tx.ctx().scope, &cmd.project).await?;
    let service = match cmd.service {
        Some(service) => Some(service_facts(tx, service).await?),
        None => None,
    };
    check_people(tx, cmd.assignee, cmd.team).await?;
    let matrix = workflow::matrix(tx).await?;
    let (flow, origin) = workflow::current(tx).await?;
    let first = flow.first();
    let impact = cmd.impact.unwrap_or_else(|| impact_of(None, service.as_ref()));
    let urgency = cmd.urgency.unwrap_or_else(|| Sourced::by_default(Urgency::Medium));
    let by_person = cmd.cause == Cause::Raised && tx.ctx().person().is_some();
    let before = Values::new();
    let of = Of { project: project.id, kind: cmd.kind, before: &before };
    let filled = field::fill(&*tx, &tx.ctx().scope, Purpose::Open { by_person }, of, &cmd.fields).await?;
    let number = project::take_number(tx, project.id).await?.ok_or(TicketError::NotFound)?;
    let now = tx.now();
    let mut ticket = Ticket {
        id: TicketId(tx.new_id()),
        project: project.id,
        key: format!("{}-{number}", project.key),
        kind: cmd.kind,
        summary: cmd.summary.trim().to_owned(),
        description: cmd.description,
        workflow: origin,
        status: first.key.clone(),
        category: first.category,
        resolved: None,
        priority: Assessed::assess(&matrix, impact.clone(), urgency.clone()),
        impact,
        urgency,
        assignee: cmd.assignee,
        reporter: cmd.reporter,
        team: cmd.team,
        service: cmd.service,
        labels,
        due: cmd.due,
        fields: Values::new(),
        created_at: now,
        updated_at: now,
        first_response_at: None,
        version: 1,
    };
    let mut changes = Changes::default();
    ticket.fill(filled, &mut changes);
    let snapshot = sla::Snapshot::of(&ticket, service.map(|service| service.tier));
    let mut data = opened(&ticket, cmd.cause);
    // Free texts stand in no event.
    let small = changes.filled.iter().filter(|field| !field.kind.is_free_text());
    data["fields"] = small.map(|field| (field.key.clone(), json!(field.value))).collect();
    data["state"] = json!(snapshot);
    // Most mention nobody, which then nobody has to look for.
    data["mentions"] = json!(!mention::people(&ticket.description).is_empty());
    let event = tx.emit_known(Event::new("TicketOpened", RecordKind::TICKET, ticket.id, 1, data));
    let clocks = sla::apply::moves(tx, &ticket, event, snapshot, None).await?;
    store::insert(tx, &ticket, clocks.next_due(&ticket)).await?;
    for field in &changes.filled {
        if let Some(value) = &field.value {
            field::insert_rows(tx, ticket.id, &field.key, field.kind, value).await?;
        }
    }
    words::insert(tx, &ticket).await?;
    past::begin(tx, &ticket).await?;
    clocks.begin(tx, &ticket).await?;
    Ok(ticket.id)
}

/// The facts of the event: what readers (paging by hand-raised incidents, reports, rules) decide by.
fn opened(ticket: &Ticket, cause: Cause) -> serde_json::Value {
    let (raised_by, alert) = match cause {
        Cause::Raised => ("hand", None),
        Cause::Alert { alert, .. } => ("alert", Some(alert)),
    };
    json!({
        "key": ticket.key,
        "project": ticket.project,
        "kind": ticket.kind,
        "status": ticket.status,
        "category": ticket.category,
        "priority": ticket.priority.priority,
        "impact": ticket.impact.value,
        "urgency": ticket.urgency.value,
        "service": ticket.service,
        "team": ticket.team,
        "assignee": ticket.assignee,
        "reporter": ticket.reporter,
        "due": ticket.due,
        "workflow_version": ticket.workflow.version,
        "raised_by": raised_by,
        "alert": alert,
    })
}
