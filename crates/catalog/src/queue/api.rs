//! What callers send and get about queues.

use std::collections::HashMap;

use domain::query::QueryError;
use kernel::{Action, PersonId, Ref, TeamId};
use platform::{App, Ctx};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::service::{self, SaveQueue};
use super::store::Queue;
use super::{QueueError, QueueKinds, Visibility};
use crate::query::RecordCount;

/// A new queue.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateQueue)]
pub(super) struct CreateBody {
    /// `tickets` or `alerts`; tickets unless given.
    pub over: Option<String>,
    /// Name.
    pub name: String,
    /// Which records, such as `team = Network AND statusCategory != Done`.
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
    /// Which records.
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
    /// `tickets` or `alerts`; tickets unless given.
    pub over: Option<String>,
    /// Whether to count their records.
    #[serde(default)]
    pub counts: bool,
}

/// A queue.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Queue)]
pub(super) struct QueueDto {
    id: Uuid,
    /// `tickets` or `alerts`.
    over: String,
    name: String,
    /// Which records; give it to their list.
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
    /// How many records it has for the caller, if that was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<RecordCount>,
    /// Why its query cannot be understood for the caller, if counts were asked and it cannot.
    #[serde(skip_serializing_if = "Option::is_none")]
    broken: Option<String>,
    /// What this caller may do.
    actions: Vec<Action>,
}

/// Shows queues, with the names that they refer to.
pub(super) async fn show(
    app: &App,
    ctx: &Ctx,
    kinds: &QueueKinds,
    queues: Vec<Queue>,
    counts: bool,
) -> Result<Vec<QueueDto>, QueueError> {
    let sql = app.db.read();
    let owners: Vec<PersonId> = queues.iter().filter_map(|queue| queue.owner).collect();
    let seen = |team: &TeamId| ctx.scope.sees_team(Some(*team));
    let teams: Vec<TeamId> = queues.iter().flat_map(|queue| queue.teams.iter().copied()).filter(seen).collect();
    let owners = identity::lookup::person_names(&sql, &owners).await?;
    let teams = identity::lookup::team_names(&sql, &teams).await?;
    let mut counted: HashMap<Uuid, Result<RecordCount, String>> = HashMap::new();
    for kind in kinds.iter().filter(|_| counts) {
        let of_kind: Vec<&Queue> = queues.iter().filter(|queue| queue.over == kind.over()).collect();
        let texts: Vec<&str> = of_kind.iter().map(|queue| queue.query.as_str()).collect();
        for (queue, count) in of_kind.iter().zip(kind.count(app, ctx, &texts).await?) {
            let words = |wrong: Vec<QueryError>| wrong.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
            counted.insert(queue.id, count.map_err(words));
        }
    }
    let mut shown = Vec::with_capacity(queues.len());
    for queue in queues {
        let (count, broken) = match counted.remove(&queue.id) {
            Some(Ok(count)) => (Some(count), None),
            Some(Err(broken)) => (None, Some(broken)),
            None => (None, None),
        };
        let refusal = service::refusal(ctx, service::kind(kinds, Some(&queue.over))?, &queue);
        shown.push(QueueDto {
            id: queue.id,
            over: queue.over,
            owner: queue.owner.and_then(|owner| Some(Ref::new(owner, owners.get(&owner)?.clone()))),
            teams: queue.teams.iter().filter_map(|team| Some(Ref::new(*team, teams.get(team)?.clone()))).collect(),
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
