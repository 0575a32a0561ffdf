//! Tickets as callers see them, with everything that they refer to read in one go per kind.

use std::collections::HashMap;
use std::sync::Arc;

use catalog::query::{COUNTED, RecordCount, cursor_text, page_after};
use domain::priority::{Impact, Priority, Reason, Urgency};
use domain::query::TypedQuery;
use domain::workflow::{Category, Workflow};
use jiff::Timestamp;
use kernel::{Action, Page, Permission, ProjectId, Ref, Scope, ServiceId, TeamId};
use platform::{App, Ctx, DbError, Tally};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::access::Access;
use super::api::Asked;
use super::error::TicketError;
use super::record::{Ticket, WorkflowRef};
use super::store::{self, Named, Narrowed};
use super::{Kind, query, workflow};
use crate::field::{self, Defined, FieldKind, ShownField};
use crate::project;
use crate::sla::{self, TicketSla};

/// The project of a ticket.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ProjectRef {
    id: ProjectId,
    key: String,
    name: String,
}

/// The status of a ticket.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TicketStatus {
    /// Key in the ticket's workflow.
    key: String,
    /// Name.
    name: String,
    /// What it means.
    category: Category,
}

/// The service of a ticket.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ServiceRef {
    id: ServiceId,
    name: String,
    /// 1 to 4.
    tier: i64,
}

/// Why a ticket has its priority.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PriorityReason {
    /// In words.
    text: String,
    /// Whether a person set it.
    overridden: bool,
    /// The facts.
    #[schema(value_type = Object)]
    facts: Reason,
}

/// A step that the workflow offers.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TransitionOffer {
    /// Key of the status it leads to.
    to: String,
    /// Its name.
    name: String,
    /// Whether the caller may take it.
    allowed: bool,
    /// Why not, when not.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Whether it asks for a resolution.
    requires_resolution: bool,
    /// The resolutions to choose from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    resolutions: Vec<String>,
}

/// A ticket.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Ticket)]
pub(super) struct TicketDto {
    id: Uuid,
    /// Such as `INC-12`.
    key: String,
    kind: Kind,
    summary: String,
    description: String,
    project: ProjectRef,
    status: TicketStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    resolution: Option<String>,
    impact: Impact,
    urgency: Urgency,
    priority: Priority,
    priority_reason: PriorityReason,
    #[serde(skip_serializing_if = "Option::is_none")]
    assignee: Option<Ref>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reporter: Option<Ref>,
    #[serde(skip_serializing_if = "Option::is_none")]
    team: Option<Ref>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<ServiceRef>,
    labels: Vec<String>,
    /// How many alerts belong to it, of those that the caller may see.
    alert_count: i64,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    resolved_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    first_response_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    due_at: Option<Timestamp>,
    /// Custom fields that have a value, by name.
    fields: Vec<ShownField>,
    /// What the clocks of its service levels show, by key.
    slas: Vec<TicketSla>,
    /// Counts its changes, comments too.
    pub(super) version: i64,
    /// What this caller may do.
    actions: Vec<Action>,
    /// The steps that the workflow offers.
    transitions: Vec<TransitionOffer>,
}

/// Refuses callers who see no tickets at all.
pub(super) fn require_read(ctx: &Ctx) -> Result<(), TicketError> {
    let needed = match ctx.scope {
        Scope::Customer(_) => Permission::TicketsReadOwn,
        _ => Permission::TicketsRead,
    };
    Ok(ctx.require(needed)?)
}

/// The names that tickets show.
struct Names {
    projects: HashMap<Uuid, (String, String)>,
    people: HashMap<Uuid, String>,
    teams: HashMap<Uuid, String>,
    services: HashMap<ServiceId, catalog::service::ServiceName>,
    workflows: HashMap<WorkflowRef, Arc<Workflow>>,
    roles: HashMap<ProjectId, project::ProjectRole>,
    alerts: HashMap<Uuid, i64>,
    slas: HashMap<Uuid, Vec<TicketSla>>,
    fields: Arc<Vec<Defined>>,
}

fn distinct(ids: impl Iterator<Item = Uuid>) -> Vec<Uuid> {
    let mut ids: Vec<Uuid> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

impl Names {
    async fn read(app: &App, ctx: &Ctx, tickets: &[Ticket]) -> Result<Self, TicketError> {
        let sql = app.db.read();
        let fields = field::in_force(&sql).await?;
        let named = |kind: FieldKind| {
            let all = tickets.iter().flat_map(|ticket| field::references(&fields, &ticket.fields));
            all.filter(move |(of, _)| *of == kind).map(|(_, id)| id)
        };
        let projects = distinct(tickets.iter().map(|ticket| ticket.project.0));
        let people = tickets.iter().flat_map(|ticket| [ticket.assignee, ticket.reporter]).flatten().map(Uuid::from);
        let people = distinct(people.chain(named(FieldKind::Person)));
        // Names of teams and services that the caller may not see stay away.
        let teams = tickets.iter().filter_map(|ticket| ticket.team).map(Uuid::from).chain(named(FieldKind::Team));
        let teams = distinct(teams.filter(|team| ctx.scope.sees_team(Some(TeamId(*team)))));
        let services = tickets.iter().filter_map(|ticket| ticket.service).map(Uuid::from);
        let services = distinct(services.chain(named(FieldKind::Service)));
        let services: Vec<ServiceId> = services.into_iter().map(ServiceId).collect();
        let project_ids: Vec<ProjectId> = projects.iter().copied().map(ProjectId).collect();
        let ids = distinct(tickets.iter().map(|ticket| ticket.id.0));
        Ok(Self {
            slas: sla::summaries(&sql, &ctx.scope, app.now(), &ids).await?,
            alerts: app.records.tally(&sql, &ctx.scope, Tally::AlertsOfTicket, &ids).await?,
            projects: store::project_names(&sql, &projects).await?,
            people: store::names(&sql, Named::People, &people).await?,
            teams: store::names(&sql, Named::Teams, &teams).await?,
            services: catalog::service::names(&sql, &ctx.scope, &services).await?,
            workflows: workflow::of_all(&sql, tickets.iter().map(|ticket| &ticket.workflow)).await?,
            roles: match ctx.person() {
                Some(person) => project::roles_of(&sql, person, &project_ids).await?,
                None => HashMap::new(),
            },
            fields,
        })
    }

    /// The name of a record that a custom field names.
    fn of_field(&self, kind: FieldKind, id: Uuid) -> Option<String> {
        match kind {
            FieldKind::Person => self.people.get(&id).cloned(),
            FieldKind::Team => self.teams.get(&id).cloned(),
            FieldKind::Service => self.services.get(&ServiceId(id)).map(|service| service.name.clone()),
            _ => None,
        }
    }

    fn person(&self, id: Option<kernel::PersonId>) -> Option<Ref> {
        let id = id?;
        Some(Ref::new(id, self.people.get(&id.0).cloned().unwrap_or_default()))
    }
}

fn offers(workflow: Option<&Workflow>, ticket: &Ticket, access: &Access) -> Vec<TransitionOffer> {
    let Some(workflow) = workflow else { return Vec::new() };
    let refusal = access.work_refusal();
    workflow
        .ways_from(&ticket.status)
        .map(|(transition, status)| TransitionOffer {
            to: status.key.clone(),
            name: transition.name.clone(),
            allowed: refusal.is_none(),
            reason: refusal.clone(),
            requires_resolution: transition.requires_resolution,
            resolutions: if transition.requires_resolution { workflow.resolutions().to_vec() } else { Vec::new() },
        })
        .collect()
}

fn dto(ctx: &Ctx, ticket: Ticket, names: &Names) -> TicketDto {
    let access = Access::of(ctx, names.roles.get(&ticket.project).copied());
    let workflow = names.workflows.get(&ticket.workflow).map(Arc::as_ref);
    let status = workflow.and_then(|workflow| workflow.status(&ticket.status));
    let (project_key, project_name) = names.projects.get(&ticket.project.0).cloned().unwrap_or_default();
    let overridden = ticket.priority.is_override();
    // Why a person set a priority, and who, is for agents.
    let text = match (&ticket.priority.reason, access.sees_internal) {
        (Reason::Override { .. }, false) => "Set by the service desk.".to_owned(),
        (reason, _) => reason.to_string(),
    };
    let facts = match (ticket.priority.reason.clone(), access.sees_internal) {
        (Reason::Override { by, computed, .. }, false) => Reason::Override { by, reason: String::new(), computed },
        (facts, _) => facts,
    };
    let customer = matches!(ctx.scope, Scope::Customer(_));
    TicketDto {
        fields: field::show(&names.fields, &ticket.fields, customer, |kind, id| names.of_field(kind, id)),
        due_at: ticket.due,
        transitions: offers(workflow, &ticket, &access),
        actions: access.actions(overridden),
        project: ProjectRef { id: ticket.project, key: project_key, name: project_name },
        status: TicketStatus {
            name: status.map_or_else(|| ticket.status.clone(), |status| status.name.clone()),
            key: ticket.status,
            category: ticket.category,
        },
        assignee: names.person(ticket.assignee),
        reporter: names.person(ticket.reporter),
        team: ticket.team.and_then(|team| Some(Ref::new(team, names.teams.get(&team.0)?.clone()))),
        service: ticket.service.and_then(|id| {
            let service = names.services.get(&id)?;
            Some(ServiceRef { id, name: service.name.clone(), tier: service.tier })
        }),
        resolved_at: ticket.resolved.as_ref().map(|resolved| resolved.at),
        resolution: ticket.resolved.and_then(|resolved| resolved.resolution),
        priority_reason: PriorityReason { text, overridden, facts },
        priority: ticket.priority.priority,
        impact: ticket.impact.value,
        urgency: ticket.urgency.value,
        id: ticket.id.0,
        key: ticket.key,
        kind: ticket.kind,
        summary: ticket.summary,
        description: ticket.description,
        labels: ticket.labels,
        alert_count: names.alerts.get(&ticket.id.0).copied().unwrap_or_default(),
        created_at: ticket.created_at,
        updated_at: ticket.updated_at,
        first_response_at: ticket.first_response_at,
        slas: names.slas.get(&ticket.id.0).cloned().unwrap_or_default(),
        version: ticket.version,
    }
}

/// Shows tickets.
async fn show(app: &App, ctx: &Ctx, tickets: Vec<Ticket>) -> Result<Vec<TicketDto>, TicketError> {
    let names = Names::read(app, ctx, &tickets).await?;
    Ok(tickets.into_iter().map(|ticket| dto(ctx, ticket, &names)).collect())
}

/// One ticket that the caller may see, by id or key.
pub(super) async fn one(app: &App, ctx: &Ctx, id_or_key: &str) -> Result<TicketDto, TicketError> {
    let ticket = super::find_visible(app, ctx, id_or_key).await?;
    show(app, ctx, vec![ticket]).await?.pop().ok_or(TicketError::NotFound)
}

/// A page of tickets.
pub(super) async fn list(app: &App, ctx: &Ctx, asked: Asked) -> Result<Page<TicketDto>, TicketError> {
    require_read(ctx)?;
    let limit = asked.limit as usize;
    let plan = query::planned(app, ctx, &asked.query, asked.order).await?;
    let page = page_after(&plan, asked.cursor.as_deref()).map_err(|wrong| TicketError::Invalid(vec![wrong]))?;
    let sql = app.db.read();
    let narrowed = Narrowed { scope: &ctx.scope, filter: &asked.filter, tables: query::tables(app, ctx).await? };
    let mut rows = store::list(&sql, narrowed, &plan, page.as_ref(), i64::from(asked.limit) + 1).await?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|last| cursor_text(&last.keys));
    let tickets = rows.into_iter().map(|row| row.ticket).collect();
    Ok(Page { items: show(app, ctx, tickets).await?, next })
}

/// How many tickets a list has, and whether there are more than that.
pub(super) async fn count(app: &App, ctx: &Ctx, asked: Asked) -> Result<RecordCount, TicketError> {
    require_read(ctx)?;
    let plan = query::planned(app, ctx, &asked.query, Vec::new()).await?;
    let narrowed = Narrowed { scope: &ctx.scope, filter: &asked.filter, tables: query::tables(app, ctx).await? };
    Ok(RecordCount::of(store::count(&app.db.read(), narrowed, &plan, COUNTED).await?))
}

/// How many tickets a query has that is understood already, and whether there are more than that.
pub(crate) async fn count_typed(app: &App, ctx: &Ctx, typed: &TypedQuery) -> Result<RecordCount, DbError> {
    let plan = query::plan_for(app, ctx, typed).await?;
    let filter = store::Filter::default();
    let narrowed = Narrowed { scope: &ctx.scope, filter: &filter, tables: query::tables(app, ctx).await? };
    Ok(RecordCount::of(store::count(&app.db.read(), narrowed, &plan, COUNTED).await?))
}
