//! Rows of tickets, their labels and their free texts.

use std::collections::HashMap;

use catalog::query::{Keyed, Listing, Statement, driver};
use domain::priority::{Assessed, Priority};
use domain::query::{Condition, Param, Plan};
use domain::workflow::Category;
use kernel::{PersonId, ProjectId, Scope, ServiceId, TeamId, TicketId, timestamp};
use platform::db::{FromRow, placeholders, scope_project};
use platform::{DbError, Sql, Tx, params};
use sea_orm::Value;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::Kind;
use super::query::TicketTables;
use super::record::{Resolved, Ticket, WorkflowRef};

const COLUMNS: &str = "t.id, t.project_id, t.key, t.kind, t.summary, t.description, t.workflow_key, \
     t.workflow_version, t.status, t.status_category, t.resolution, t.impact, t.urgency, t.priority, \
     t.priority_reason, t.assignee_id, t.reporter_id, t.team_id, t.service_id, t.labels, t.created_at, \
     t.updated_at, t.first_response_at, t.resolved_at, t.due_at, t.fields, t.version";

#[derive(FromRow)]
struct TicketRow {
    id: Uuid,
    project_id: Uuid,
    key: String,
    kind: String,
    summary: String,
    description: String,
    workflow_key: String,
    workflow_version: i64,
    status: String,
    status_category: String,
    resolution: Option<String>,
    impact: serde_json::Value,
    urgency: serde_json::Value,
    priority: i64,
    priority_reason: serde_json::Value,
    assignee_id: Option<Uuid>,
    reporter_id: Option<Uuid>,
    team_id: Option<Uuid>,
    service_id: Option<Uuid>,
    labels: serde_json::Value,
    created_at: i64,
    updated_at: i64,
    first_response_at: Option<i64>,
    resolved_at: Option<i64>,
    due_at: Option<i64>,
    fields: serde_json::Value,
    version: i64,
}

fn stored<T: DeserializeOwned>(key: &str, field: &str, value: serde_json::Value) -> Result<T, DbError> {
    serde_json::from_value(value).map_err(|error| DbError::Corrupt(format!("{field} of ticket {key}: {error}")))
}

fn known<T>(key: &str, field: &str, value: Option<T>) -> Result<T, DbError> {
    value.ok_or_else(|| DbError::Corrupt(format!("{field} of ticket {key} is not a known value")))
}

impl TicketRow {
    fn ticket(self) -> Result<Ticket, DbError> {
        let key = self.key;
        let rank = i16::try_from(self.priority).ok().and_then(Priority::of_rank);
        Ok(Ticket {
            id: TicketId(self.id),
            project: ProjectId(self.project_id),
            kind: known(&key, "kind", Kind::parse(&self.kind))?,
            summary: self.summary,
            description: self.description,
            workflow: WorkflowRef { key: self.workflow_key, version: self.workflow_version },
            status: self.status,
            category: known(&key, "status_category", Category::parse(&self.status_category))?,
            resolved: self.resolved_at.map(|at| Resolved { at: timestamp(at), resolution: self.resolution }),
            impact: stored(&key, "impact", self.impact)?,
            urgency: stored(&key, "urgency", self.urgency)?,
            priority: Assessed {
                priority: known(&key, "priority", rank)?,
                reason: stored(&key, "priority_reason", self.priority_reason)?,
            },
            assignee: self.assignee_id.map(PersonId),
            reporter: self.reporter_id.map(PersonId),
            team: self.team_id.map(TeamId),
            service: self.service_id.map(ServiceId),
            labels: stored(&key, "labels", self.labels)?,
            due: self.due_at.map(timestamp),
            fields: stored(&key, "fields", self.fields)?,
            created_at: timestamp(self.created_at),
            updated_at: timestamp(self.updated_at),
            first_response_at: self.first_response_at.map(timestamp),
            version: self.version,
            key,
        })
    }
}

/// Whose tickets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AssigneeFilter {
    Person(PersonId),
    Nobody,
}

/// What a list is narrowed to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    pub project: Option<Uuid>,
    pub project_key: Option<String>,
    pub kinds: Vec<Kind>,
    pub statuses: Vec<String>,
    /// Only tickets that are not resolved.
    pub open: bool,
    pub categories: Vec<Category>,
    pub assignee: Option<AssigneeFilter>,
    pub team: Option<TeamId>,
    pub service: Option<ServiceId>,
    pub priorities: Vec<Priority>,
    pub labels: Vec<String>,
    pub text: Option<String>,
}

/// Appends a condition on one value, which stands for `$?`.
fn and(text: &mut String, condition: &str, value: Value, values: &mut Vec<Value>) {
    values.push(value);
    text.push_str(" AND ");
    text.push_str(&condition.replace("$?", &format!("${}", values.len())));
}

impl Filter {
    /// The conditions, beginning with ` AND ` each.
    fn conditions(&self, tables: TicketTables<'_>, values: &mut Vec<Value>) -> String {
        let mut text = String::new();
        if let Some(project) = self.project {
            and(&mut text, "t.project_id = $?", project.into(), values);
        }
        if let Some(key) = &self.project_key {
            let condition = "t.project_id = (SELECT id FROM projects WHERE key = $?)";
            and(&mut text, condition, key.clone().into(), values);
        }
        match self.assignee {
            Some(AssigneeFilter::Person(person)) => and(&mut text, "t.assignee_id = $?", person.0.into(), values),
            Some(AssigneeFilter::Nobody) => text.push_str(" AND t.assignee_id IS NULL"),
            None => {}
        }
        if let Some(team) = self.team {
            and(&mut text, "t.team_id = $?", team.0.into(), values);
        }
        if let Some(service) = self.service {
            and(&mut text, "t.service_id = $?", service.0.into(), values);
        }
        for label in &self.labels {
            let condition = "EXISTS (SELECT 1 FROM ticket_labels l WHERE l.ticket_id = t.id AND l.label = $?)";
            and(&mut text, condition, label.clone().into(), values);
        }
        if let Some(search) = &self.text {
            let found = tables.anywhere(search);
            let mut bind = |param: &Param| {
                values.push(driver(param));
                values.len()
            };
            text.push_str(" AND ");
            text.push_str(&found.sql(&mut bind));
        }
        let mut any = |column: &str, list: Vec<Value>, values: &mut Vec<Value>| {
            if !list.is_empty() {
                text.push_str(&format!(" AND {column} IN ({})", placeholders(values.len() + 1, list.len())));
                values.extend(list);
            }
        };
        any("t.kind", self.kinds.iter().map(|kind| kind.as_str().to_owned().into()).collect(), values);
        any("t.status", self.statuses.iter().map(|status| status.clone().into()).collect(), values);
        any("t.status_category", self.categories.iter().map(|c| c.as_str().to_owned().into()).collect(), values);
        any("t.priority", self.priorities.iter().map(|p| i64::from(p.rank()).into()).collect(), values);
        if self.open || (!self.categories.is_empty() && !self.categories.contains(&Category::Done)) {
            text.push_str(" AND t.resolved_at IS NULL");
        }
        text
    }
}

/// A ticket of a list, with the values by which it is sorted.
pub(crate) struct Listed {
    pub ticket: Ticket,
    pub keys: Vec<Option<Param>>,
}

/// Which tickets, beside those of a plan.
#[derive(Clone, Copy)]
pub(crate) struct Narrowed<'a> {
    pub scope: &'a Scope,
    pub filter: &'a Filter,
    pub tables: TicketTables<'a>,
}

impl Narrowed<'_> {
    fn listing(&self) -> Listing {
        let mut values = Vec::new();
        let visible = scope_project(self.scope, "t.project_id", "t.reporter_id", &mut values);
        let conditions = format!("{visible}{}", self.filter.conditions(self.tables, &mut values));
        Listing { columns: COLUMNS, from: "tickets t", conditions, values }
    }
}

/// The statement that lists tickets; apart from running it so that tests can ask the database for its plan.
pub(crate) fn list_query(narrowed: Narrowed<'_>, plan: &Plan, page: Option<&Condition>, limit: i64) -> Statement {
    catalog::query::list(narrowed.listing(), plan, page, limit)
}

/// Tickets with the values by which they are sorted.
pub(super) async fn list(
    sql: &impl Sql,
    narrowed: Narrowed<'_>,
    plan: &Plan,
    page: Option<&Condition>,
    limit: i64,
) -> Result<Vec<Listed>, DbError> {
    let query = list_query(narrowed, plan, page, limit);
    let rows = sql.all::<Keyed<TicketRow>>(&query.text, query.values).await?;
    rows.into_iter().map(|row| Ok(Listed { ticket: row.row.ticket()?, keys: row.keys })).collect()
}

/// How many tickets, exactly up to `most`; one more stands for all beyond.
pub(crate) async fn count(sql: &impl Sql, narrowed: Narrowed<'_>, plan: &Plan, most: i64) -> Result<i64, DbError> {
    let query = catalog::query::count(narrowed.listing(), plan, most);
    Ok(sql.one::<CountRow>(&query.text, query.values).await?.map_or(0, |row| row.number))
}

/// A ticket, if the caller may see it.
pub(super) async fn find(sql: &impl Sql, scope: &Scope, id: TicketId) -> Result<Option<Ticket>, DbError> {
    let mut values = params![id];
    let visible = scope_project(scope, "t.project_id", "t.reporter_id", &mut values);
    let text = format!("SELECT {COLUMNS} FROM tickets t WHERE t.id = $1 AND {visible}");
    sql.one::<TicketRow>(&text, values).await?.map(TicketRow::ticket).transpose()
}

/// A ticket by its key, if the caller may see it.
pub(crate) async fn find_by_key(sql: &impl Sql, scope: &Scope, key: &str) -> Result<Option<Ticket>, DbError> {
    let mut values = params![key];
    let visible = scope_project(scope, "t.project_id", "t.reporter_id", &mut values);
    let text = format!("SELECT {COLUMNS} FROM tickets t WHERE t.key = $1 AND {visible}");
    sql.one::<TicketRow>(&text, values).await?.map(TicketRow::ticket).transpose()
}

/// Locks a ticket's row and reads it, if the caller may see it.
pub(super) async fn lock(tx: &Tx, scope: &Scope, id: TicketId) -> Result<Option<Ticket>, DbError> {
    let mut values = params![id];
    let visible = scope_project(scope, "t.project_id", "t.reporter_id", &mut values);
    let text = format!("SELECT {COLUMNS} FROM tickets t WHERE t.id = $1 AND {visible}{}", tx.for_update());
    tx.one::<TicketRow>(&text, values).await?.map(TicketRow::ticket).transpose()
}

fn json<T: serde::Serialize>(value: &T) -> Result<serde_json::Value, DbError> {
    serde_json::to_value(value).map_err(|error| DbError::Corrupt(error.to_string()))
}

/// Adds a ticket.
pub(super) async fn insert(tx: &Tx, ticket: &Ticket, sla_due_at: Option<i64>) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO tickets (id, project_id, key, kind, summary, description, workflow_key, workflow_version, \
         status, status_category, resolution, impact, urgency, priority, priority_reason, assignee_id, reporter_id, \
         team_id, service_id, labels, created_at, updated_at, first_response_at, resolved_at, due_at, fields, version, \
         sla_due_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, \
         $22, $23, $24, $25, $26, $27, $28)",
        params![
            ticket.id,
            ticket.project,
            &ticket.key,
            ticket.kind.as_str(),
            &ticket.summary,
            &ticket.description,
            &ticket.workflow.key,
            ticket.workflow.version,
            &ticket.status,
            ticket.category.as_str(),
            ticket.resolved.as_ref().and_then(|resolved| resolved.resolution.clone()),
            json(&ticket.impact)?,
            json(&ticket.urgency)?,
            i64::from(ticket.priority.priority.rank()),
            json(&ticket.priority.reason)?,
            ticket.assignee,
            ticket.reporter,
            ticket.team,
            ticket.service,
            json(&ticket.labels)?,
            ticket.created_at,
            ticket.updated_at,
            ticket.first_response_at,
            ticket.resolved.as_ref().map(|resolved| resolved.at),
            ticket.due,
            json(&ticket.fields)?,
            ticket.version,
            sla_due_at
        ],
    )
    .await?;
    insert_labels(tx, ticket).await
}

/// Stores a ticket's fields. The labels' rows are written again only when `labels_changed`.
pub(crate) async fn update(tx: &Tx, ticket: &Ticket, labels_changed: bool) -> Result<(), DbError> {
    tx.execute(
        "UPDATE tickets SET summary = $2, description = $3, status = $4, status_category = $5, resolution = $6, \
         impact = $7, urgency = $8, priority = $9, priority_reason = $10, assignee_id = $11, team_id = $12, \
         service_id = $13, labels = $14, updated_at = $15, first_response_at = $16, resolved_at = $17, due_at = $18, \
         fields = $19, version = $20 \
         WHERE id = $1",
        params![
            ticket.id,
            &ticket.summary,
            &ticket.description,
            &ticket.status,
            ticket.category.as_str(),
            ticket.resolved.as_ref().and_then(|resolved| resolved.resolution.clone()),
            json(&ticket.impact)?,
            json(&ticket.urgency)?,
            i64::from(ticket.priority.priority.rank()),
            json(&ticket.priority.reason)?,
            ticket.assignee,
            ticket.team,
            ticket.service,
            json(&ticket.labels)?,
            ticket.updated_at,
            ticket.first_response_at,
            ticket.resolved.as_ref().map(|resolved| resolved.at),
            ticket.due,
            json(&ticket.fields)?,
            ticket.version
        ],
    )
    .await?;
    if labels_changed {
        tx.execute("DELETE FROM ticket_labels WHERE ticket_id = $1", params![ticket.id]).await?;
        insert_labels(tx, ticket).await?;
    }
    Ok(())
}

async fn insert_labels(tx: &Tx, ticket: &Ticket) -> Result<(), DbError> {
    let values = ticket.labels.iter().flat_map(|label| params![label, ticket.id]).collect();
    tx.insert_rows("INSERT INTO ticket_labels (label, ticket_id)", values, "").await.map(drop)
}

/// Keeps a free text that an event points to.
pub(crate) async fn insert_text(tx: &Tx, id: Uuid, ticket: TicketId, body: &str) -> Result<(), DbError> {
    let text = "INSERT INTO ticket_texts (id, ticket_id, body) VALUES ($1, $2, $3)";
    tx.execute(text, params![id, ticket, body]).await?;
    Ok(())
}

#[derive(FromRow)]
struct TextRow {
    id: Uuid,
    body: String,
}

/// Free texts of a ticket that events point to.
pub(crate) async fn texts_of(sql: &impl Sql, ticket: TicketId, ids: &[Uuid]) -> Result<HashMap<Uuid, String>, DbError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let mut values = params![ticket];
    values.extend(ids.iter().map(|id| Value::from(*id)));
    let text =
        format!("SELECT id, body FROM ticket_texts WHERE ticket_id = $1 AND id IN ({})", placeholders(2, ids.len()));
    Ok(sql.all::<TextRow>(&text, values).await?.into_iter().map(|row| (row.id, row.body)).collect())
}

/// What other slices show of a ticket.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct TicketTitleRow {
    pub id: Uuid,
    pub key: String,
    pub summary: String,
    pub status: String,
}

/// Titles of these tickets as far as the caller may see them.
pub(crate) async fn list_titles(sql: &impl Sql, scope: &Scope, ids: &[Uuid]) -> Result<Vec<TicketTitleRow>, DbError> {
    let mut values: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    let visible = scope_project(scope, "t.project_id", "t.reporter_id", &mut values);
    let text = format!(
        "SELECT t.id, t.key, t.summary, t.status FROM tickets t WHERE t.id IN ({}) AND {visible}",
        placeholders(1, ids.len())
    );
    sql.all(&text, values).await
}

#[derive(FromRow)]
struct ServiceCountRow {
    service_id: Uuid,
    number: i64,
}

/// How many unresolved tickets each of these services has, of those that the caller may see.
pub(crate) async fn count_open_of_services(
    sql: &impl Sql,
    scope: &Scope,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, i64>, DbError> {
    let mut values: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    let visible = scope_project(scope, "t.project_id", "t.reporter_id", &mut values);
    let text = format!(
        "SELECT t.service_id, COUNT(*) AS number FROM tickets t WHERE t.resolved_at IS NULL AND t.service_id IN ({}) \
         AND {visible} GROUP BY t.service_id",
        placeholders(1, ids.len())
    );
    Ok(sql.all::<ServiceCountRow>(&text, values).await?.into_iter().map(|row| (row.service_id, row.number)).collect())
}

/// A name that a ticket shows.
#[derive(Clone, Debug, FromRow)]
pub(super) struct NameRow {
    pub id: Uuid,
    pub name: String,
}

/// Which names to read.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Named {
    People,
    Teams,
}

/// Names of people or teams.
pub(crate) async fn names(sql: &impl Sql, of: Named, ids: &[Uuid]) -> Result<HashMap<Uuid, String>, DbError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let table = match of {
        Named::People => "people",
        Named::Teams => "teams",
    };
    let text = format!("SELECT id, name FROM {table} WHERE id IN ({})", placeholders(1, ids.len()));
    let values = ids.iter().map(|id| Value::from(*id)).collect();
    Ok(sql.all::<NameRow>(&text, values).await?.into_iter().map(|row| (row.id, row.name)).collect())
}

#[derive(FromRow)]
struct ProjectNameRow {
    id: Uuid,
    key: String,
    name: String,
}

/// Keys and names of the projects of tickets that the caller already sees.
pub(super) async fn project_names(sql: &impl Sql, ids: &[Uuid]) -> Result<HashMap<Uuid, (String, String)>, DbError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let text = format!("SELECT id, key, name FROM projects WHERE id IN ({})", placeholders(1, ids.len()));
    let values = ids.iter().map(|id| Value::from(*id)).collect();
    let rows = sql.all::<ProjectNameRow>(&text, values).await?;
    Ok(rows.into_iter().map(|row| (row.id, (row.key, row.name))).collect())
}

#[derive(FromRow)]
struct CountRow {
    number: i64,
}

/// Whether this is an active person who works on tickets.
pub(super) async fn is_active_agent(sql: &impl Sql, person: PersonId) -> Result<bool, DbError> {
    let text = "SELECT COUNT(*) AS number FROM people WHERE id = $1 AND active = TRUE AND role <> 'customer'";
    Ok(sql.one::<CountRow>(text, params![person]).await?.is_some_and(|row| row.number > 0))
}

/// Whether there is such a team.
pub(super) async fn team_exists(sql: &impl Sql, team: TeamId) -> Result<bool, DbError> {
    let text = "SELECT COUNT(*) AS number FROM teams WHERE id = $1";
    Ok(sql.one::<CountRow>(text, params![team]).await?.is_some_and(|row| row.number > 0))
}
