//! What callers send and get about queues.

use std::collections::HashMap;

use kernel::{Action, Ref, TeamId};
use platform::{App, Ctx};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::service::{self, Counted, SaveQueue};
use super::store::Queue;
use super::{QueueError, Visibility};
use crate::ticket;
use crate::ticket::store::{Named, names};

/// A new queue.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateQueue)]
pub(super) struct CreateBody {
    /// Name.
    pub name: String,
    /// Which tickets, such as `team = Network AND statusCategory != Done`.
    pub query: String,
    /// Columns of its list.
    pub columns: Option<Vec<String>>,
    /// Who sees it; private unless given.
    pub visibility: Option<Visibility>,
    /// The teams that it is shared with.
    pub team_ids: Option<Vec<TeamId>>,
    /// Its place among the queues, from 0; the last unless given.
    pub position: Option<i64>,
}

/// Fields of a queue to change; absent ones stay.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EditQueue)]
pub(super) struct EditBody {
    /// Name.
    pub name: Option<String>,
    /// Which tickets.
    pub query: Option<String>,
    /// Columns of its list.
    pub columns: Option<Vec<String>>,
    /// Who sees it.
    pub visibility: Option<Visibility>,
    /// The teams that it is shared with.
    pub team_ids: Option<Vec<TeamId>>,
    /// Its place among the queues.
    pub position: Option<i64>,
}

impl From<CreateBody> for SaveQueue {
    fn from(body: CreateBody) -> Self {
        let (name, query) = (Some(body.name), Some(body.query));
        let (columns, visibility, teams) = (body.columns, body.visibility, body.team_ids);
        Self { name, query, columns, visibility, teams, position: body.position }
    }
}

impl From<EditBody> for SaveQueue {
    fn from(body: EditBody) -> Self {
        let (columns, visibility, teams) = (body.columns, body.visibility, body.team_ids);
        Self { name: body.name, query: body.query, columns, visibility, teams, position: body.position }
    }
}

/// What to tell of queues.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct QueuesQuery {
    /// Whether to count their tickets.
    #[serde(default)]
    pub counts: bool,
}

/// How many tickets a queue has for the caller.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = QueueCount)]
pub(super) struct CountDto {
    /// How many, up to 1,000.
    count: i64,
    /// Whether there are more than `count`.
    capped: bool,
}

/// A queue.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Queue)]
pub(super) struct QueueDto {
    id: Uuid,
    name: String,
    /// Which tickets; give it to the list of tickets.
    query: String,
    /// Columns of its list.
    columns: Vec<String>,
    visibility: Visibility,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<Ref>,
    /// The teams that it is shared with, of those that the caller may see.
    teams: Vec<Ref>,
    position: i64,
    pub(super) version: i64,
    /// How many tickets it has, if that was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<CountDto>,
    /// Why its query cannot be understood for the caller, if counts were asked and it cannot.
    #[serde(skip_serializing_if = "Option::is_none")]
    broken: Option<String>,
    /// What this caller may do.
    actions: Vec<Action>,
}

/// Shows queues, with the names that they refer to.
pub(super) async fn show(app: &App, ctx: &Ctx, queues: Vec<Queue>, counts: bool) -> Result<Vec<QueueDto>, QueueError> {
    let sql = app.db.read();
    let owners: Vec<Uuid> = queues.iter().filter_map(|queue| queue.owner).map(Uuid::from).collect();
    let seen = |team: &TeamId| ctx.scope.sees_team(Some(*team));
    let teams: Vec<Uuid> =
        queues.iter().flat_map(|queue| &queue.teams).filter(|team| seen(team)).map(|t| t.0).collect();
    let owners: HashMap<Uuid, String> = names(&sql, Named::People, &owners).await?;
    let teams = names(&sql, Named::Teams, &teams).await?;
    let vocabulary = if counts { Some(ticket::query::vocabulary(&sql, &ctx.scope).await?) } else { None };
    let mut shown = Vec::with_capacity(queues.len());
    for queue in queues {
        let (mut count, mut broken) = (None, None);
        if let Some(vocabulary) = &vocabulary {
            match service::count(app, ctx, vocabulary, &queue).await? {
                Counted::Tickets(number, capped) => count = Some(CountDto { count: number, capped }),
                Counted::Broken(reason) => broken = Some(reason),
            }
        }
        let refusal = service::refusal(ctx, &queue).map(str::to_owned);
        shown.push(QueueDto {
            id: queue.id,
            owner: queue.owner.and_then(|owner| Some(Ref::new(owner, owners.get(&owner.0)?.clone()))),
            teams: queue.teams.iter().filter_map(|team| Some(Ref::new(*team, teams.get(&team.0)?.clone()))).collect(),
            name: queue.name,
            query: queue.query,
            columns: queue.columns,
            visibility: queue.visibility,
            position: queue.position,
            version: queue.version,
            count,
            broken,
            actions: vec![Action::new("edit", refusal.clone()), Action::new("delete", refusal)],
        });
    }
    Ok(shown)
}
