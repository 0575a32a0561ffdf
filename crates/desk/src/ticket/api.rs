//! What callers send about tickets.

use std::collections::BTreeMap;

use domain::priority::{Impact, Priority, Sourced, Urgency};
use domain::query::{FieldKey, OrderBy};
use domain::workflow::Category;
use jiff::Timestamp;
use kernel::{FieldError, PersonId, ProjectId, ServiceId, TeamId, TicketId, nullable};
use platform::Ctx;
use serde::Deserialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::bulk::BulkChange;
use super::service::EditTicket;
use super::store::{AssigneeFilter, Filter};
use super::{Cause, Kind, OpenTicket, ProjectChoice};
use crate::comment::Visibility;

/// A new ticket. Customers give project, kind `request`, summary and description only.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OpenTicket)]
pub(super) struct OpenBody {
    /// The project; or give `project_key`.
    pub project_id: Option<ProjectId>,
    /// The project's key; or give `project_id`.
    pub project_key: Option<String>,
    /// Incident or request.
    pub kind: Kind,
    /// One line.
    pub summary: String,
    /// Everything else.
    #[serde(default)]
    pub description: String,
    /// How much is affected; follows the service's tier when absent.
    pub impact: Option<Impact>,
    /// How fast it must be fixed; medium when absent.
    pub urgency: Option<Urgency>,
    /// The affected service.
    pub service_id: Option<ServiceId>,
    /// Which team works on it.
    pub team_id: Option<TeamId>,
    /// Who works on it.
    pub assignee_id: Option<PersonId>,
    /// Labels.
    #[serde(default)]
    pub labels: Vec<String>,
    /// When it is due.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub due_at: Option<Timestamp>,
    /// Values of custom fields, by their keys.
    #[serde(default)]
    pub fields: BTreeMap<String, Value>,
}

impl OpenBody {
    /// The command; names the field when no project is given.
    pub fn command(self) -> Result<OpenTicket, FieldError> {
        let project = match (self.project_id, self.project_key) {
            (Some(id), _) => ProjectChoice::Id(id),
            (None, Some(key)) => ProjectChoice::Key(key),
            (None, None) => return Err(FieldError::new("project_id", "Name a project by its id or its key.")),
        };
        Ok(OpenTicket {
            project,
            kind: self.kind,
            summary: self.summary,
            description: self.description,
            impact: self.impact.map(Sourced::stated),
            urgency: self.urgency.map(Sourced::stated),
            service: self.service_id,
            team: self.team_id,
            assignee: self.assignee_id,
            reporter: None,
            labels: self.labels,
            due: self.due_at,
            fields: self.fields,
            cause: Cause::Raised,
        })
    }
}

/// Fields of a ticket to change; absent ones stay, null clears.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EditTicket)]
pub(super) struct EditBody {
    /// One line.
    pub summary: Option<String>,
    /// Everything else.
    pub description: Option<String>,
    /// How much is affected.
    pub impact: Option<Impact>,
    /// How fast it must be fixed.
    pub urgency: Option<Urgency>,
    /// The affected service.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<Uuid>)]
    pub service_id: Option<Option<ServiceId>>,
    /// Which team works on it.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<Uuid>)]
    pub team_id: Option<Option<TeamId>>,
    /// Who works on it.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<Uuid>)]
    pub assignee_id: Option<Option<PersonId>>,
    /// All labels.
    pub labels: Option<Vec<String>>,
    /// When it is due.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub due_at: Option<Option<Timestamp>>,
    /// Values of custom fields, by their keys; null empties one.
    #[serde(default)]
    pub fields: BTreeMap<String, Value>,
}

impl From<EditBody> for EditTicket {
    fn from(body: EditBody) -> Self {
        Self {
            summary: body.summary,
            description: body.description,
            impact: body.impact,
            urgency: body.urgency,
            service: body.service_id,
            team: body.team_id,
            assignee: body.assignee_id,
            labels: body.labels,
            due: body.due_at,
            fields: body.fields,
        }
    }
}

/// A comment that goes with a change of many tickets.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BulkComment)]
pub(super) struct BulkCommentBody {
    /// The text.
    pub text: String,
    /// Whether only agents see it.
    #[serde(default)]
    pub internal: bool,
}

/// What to change about many tickets; absent fields stay, null clears.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BulkChange)]
pub(super) struct BulkChangeBody {
    /// Who works on them.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<Uuid>)]
    pub assignee_id: Option<Option<PersonId>>,
    /// Which team works on them.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<Uuid>)]
    pub team_id: Option<Option<TeamId>>,
    /// The affected service.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<Uuid>)]
    pub service_id: Option<Option<ServiceId>>,
    /// A priority set by hand.
    pub priority: Option<Priority>,
    /// Why the priority is set; one is given if you give none.
    pub priority_reason: Option<String>,
    /// Labels to add.
    #[serde(default)]
    pub add_labels: Vec<String>,
    /// Labels to take away.
    #[serde(default)]
    pub remove_labels: Vec<String>,
    /// A step of the workflow: its name, or the key or name of the status that it leads to.
    pub transition: Option<String>,
    /// One of the workflow's resolutions, where the step asks for one.
    pub resolution: Option<String>,
    /// Values of custom fields, by their keys; null empties one.
    #[serde(default)]
    pub fields: BTreeMap<String, Value>,
    /// When they are due.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub due_at: Option<Option<Timestamp>>,
    /// A comment on each.
    pub comment: Option<BulkCommentBody>,
}

/// The same change to many tickets.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BulkEdit)]
pub(super) struct BulkBody {
    /// Ids of 1 to 200 tickets.
    pub ids: Vec<TicketId>,
    /// What to change.
    pub change: BulkChangeBody,
}

impl From<BulkChangeBody> for BulkChange {
    fn from(body: BulkChangeBody) -> Self {
        let visibility = |internal| if internal { Visibility::Internal } else { Visibility::Public };
        Self {
            edit: EditTicket {
                assignee: body.assignee_id,
                team: body.team_id,
                service: body.service_id,
                due: body.due_at,
                fields: body.fields,
                ..EditTicket::default()
            },
            add_labels: body.add_labels,
            remove_labels: body.remove_labels,
            priority: body.priority,
            priority_reason: body.priority_reason,
            transition: body.transition,
            resolution: body.resolution,
            comment: body.comment.map(|comment| (visibility(comment.internal), comment.text)),
        }
    }
}

/// A step along the workflow.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TransitionTicket)]
pub(super) struct TransitionBody {
    /// Key of the status to move to.
    pub to: String,
    /// One of the workflow's resolutions, where the step asks for one.
    pub resolution: Option<String>,
    /// A public comment that goes with it.
    pub comment: Option<String>,
}

/// A priority set by hand.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OverridePriority)]
pub(super) struct PriorityBody {
    /// The priority.
    pub priority: Priority,
    /// Why.
    pub reason: String,
}

/// What a list of tickets is narrowed to. Where several values make sense they are joined by commas.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct TicketQuery {
    /// A query, such as `assignee = currentUser() AND priority > Medium ORDER BY updated`.
    pub query: Option<String>,
    /// Id or key of a project.
    pub project: Option<String>,
    /// Kinds.
    pub kind: Option<String>,
    /// Keys of statuses.
    pub status: Option<String>,
    /// `todo`, `doing`, `waiting`, `done`; or `open` for all but done.
    pub status_category: Option<String>,
    /// Id of a person, `me` or `none`.
    pub assignee: Option<String>,
    /// Id of a team.
    pub team: Option<TeamId>,
    /// Id of a service.
    pub service: Option<ServiceId>,
    /// Priorities, such as `P1,P2`.
    pub priority: Option<String>,
    /// Labels; a ticket must have all of them.
    pub label: Option<String>,
    /// Words of its texts, the last of which may be the beginning of one; or a key.
    pub text: Option<String>,
    /// `created`, `updated` or `priority`, with `-` in front for descending; `-created` unless given. The order of
    /// `query` goes before it.
    pub sort: Option<String>,
    /// Tickets in a page, 1 to 200; 50 unless given.
    pub limit: Option<u32>,
    /// `next` of the page before.
    pub cursor: Option<String>,
}

/// What is asked for, understood as far as it can be without reading.
pub(super) struct Asked {
    pub filter: Filter,
    pub query: String,
    /// The order where the query has none: nothing is newest first.
    pub order: Vec<OrderBy>,
    pub cursor: Option<String>,
    pub limit: u32,
}

fn parts(list: Option<&str>) -> impl Iterator<Item = &str> {
    list.into_iter().flat_map(|list| list.split(',')).map(str::trim).filter(|part| !part.is_empty())
}

fn parsed<T>(
    field: &str,
    list: Option<&str>,
    parse: impl Fn(&str) -> Option<T>,
    wrong: &mut Vec<FieldError>,
) -> Vec<T> {
    let mut values = Vec::new();
    for part in parts(list) {
        match parse(part) {
            Some(value) => values.push(value),
            None => wrong.push(FieldError::new(field, format!("There is no {field} \"{part}\"."))),
        }
    }
    values
}

impl TicketQuery {
    /// Understands the query; `me` is the caller.
    pub fn asked(&self, ctx: &Ctx) -> Result<Asked, Vec<FieldError>> {
        let mut wrong = Vec::new();
        let mut filter = Filter {
            kinds: parsed("kind", self.kind.as_deref(), Kind::parse, &mut wrong),
            statuses: parts(self.status.as_deref()).map(str::to_owned).collect(),
            priorities: parsed("priority", self.priority.as_deref(), Priority::parse, &mut wrong),
            labels: parts(self.label.as_deref()).map(str::to_owned).collect(),
            team: self.team,
            service: self.service,
            text: self.text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned),
            ..Filter::default()
        };
        match self.project.as_deref().map(|project| (project, project.parse::<Uuid>())) {
            Some((_, Ok(id))) => filter.project = Some(id),
            Some((key, Err(_))) => filter.project_key = Some(key.to_uppercase()),
            None => {}
        }
        filter.open = parts(self.status_category.as_deref()).any(|part| part == "open");
        if !filter.open {
            filter.categories = parsed("status_category", self.status_category.as_deref(), Category::parse, &mut wrong);
        }
        filter.assignee = match self.assignee.as_deref() {
            None => None,
            Some("none") => Some(AssigneeFilter::Nobody),
            // Whoever is not a person has nothing assigned: the nil id matches nothing.
            Some("me") => Some(AssigneeFilter::Person(ctx.person().unwrap_or(PersonId(Uuid::nil())))),
            Some(id) => match id.parse() {
                Ok(person) => Some(AssigneeFilter::Person(person)),
                Err(_) => {
                    wrong.push(FieldError::new("assignee", "Give the id of a person, `me` or `none`."));
                    None
                }
            },
        };
        let sort = self.sort.as_deref().unwrap_or("-created");
        let (descending, by) = sort.strip_prefix('-').map_or((false, sort), |by| (true, by));
        let key = |field: &str, descending| vec![OrderBy { field: FieldKey::from(field), descending }];
        let order = match by {
            "created" if descending => Vec::new(),
            "created" => key("key", false),
            "updated" => key("updated", descending),
            // The first priority is the highest.
            "priority" => key("priority", !descending),
            _ => {
                let message = "Sort by created, updated or priority, with - in front for descending.";
                wrong.push(FieldError::new("sort", message));
                Vec::new()
            }
        };
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let limit = self.limit.unwrap_or(50).clamp(1, 200);
        let query = self.query.clone().unwrap_or_default();
        Ok(Asked { filter, query, order, cursor: self.cursor.clone(), limit })
    }
}
