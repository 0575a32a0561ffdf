//! Saving, sharing and counting queues.

use domain::query::{self, Vocabulary};
use kernel::{Event, FieldError, Permission, PersonId, Scope, TeamId};
use platform::{App, Ctx, DbError, Lane, Sql, Tx};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::store::{self, Queue, Reader};
use super::{COLUMNS, DEFAULT_COLUMNS, QUEUE, QueueError, Visibility};
use crate::{field, ticket};

/// Fields of a queue as a caller names them; `None` keeps, or takes what is usual.
#[derive(Clone, Debug, Default)]
pub(super) struct SaveQueue {
    pub name: Option<String>,
    pub query: Option<String>,
    pub columns: Option<Vec<String>>,
    pub visibility: Option<Visibility>,
    pub teams: Option<Vec<TeamId>>,
    pub position: Option<i64>,
}

/// Refuses callers who have no queues.
fn reader(ctx: &Ctx) -> Result<Reader, QueueError> {
    ctx.require(Permission::TicketsRead)?;
    if matches!(ctx.scope, Scope::Customer(_)) {
        return Err(QueueError::Refused("Only agents have queues."));
    }
    Ok(Reader { person: ctx.person(), manages: ctx.allows(Permission::ProjectsManage) })
}

/// Why a caller may not change a queue that they see, if so.
pub(super) fn refusal(ctx: &Ctx, queue: &Queue) -> Option<&'static str> {
    let own = queue.owner.is_some() && queue.owner == ctx.person();
    let manages = ctx.allows(Permission::ProjectsManage) && queue.visibility != Visibility::Private;
    (!own && !manages).then_some("Only its owner may change it, or whoever manages projects.")
}

/// The queues that the caller may see, in their order.
pub(super) async fn list(app: &App, ctx: &Ctx) -> Result<Vec<Queue>, QueueError> {
    Ok(store::list(&app.db.read(), reader(ctx)?).await?)
}

/// A queue that the caller may see.
pub(super) async fn find(app: &App, ctx: &Ctx, id: Uuid) -> Result<Queue, QueueError> {
    store::find(&app.db.read(), reader(ctx)?, id).await?.ok_or(QueueError::NotFound)
}

/// How many tickets of a queue the caller sees, or why that cannot be said.
pub(super) enum Counted {
    Tickets(i64, bool),
    Broken(String),
}

/// Counts the tickets of a queue for this caller.
pub(super) async fn count(app: &App, ctx: &Ctx, vocabulary: &Vocabulary, queue: &Queue) -> Result<Counted, QueueError> {
    match ticket::query::understand(app, ctx, vocabulary, &queue.query).await? {
        Err(wrong) => Ok(Counted::Broken(wrong.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))),
        Ok(typed) => {
            let (count, capped) = ticket::count_typed(app, ctx, &typed).await?;
            Ok(Counted::Tickets(count, capped))
        }
    }
}

/// The query in its regular spelling, if the caller's vocabulary understands it.
async fn canonical(app: &App, ctx: &Ctx, text: &str) -> Result<String, QueueError> {
    let vocabulary = ticket::query::vocabulary(&app.db.read(), &ctx.scope).await?;
    ticket::query::understand(app, ctx, &vocabulary, text).await?.map_err(QueueError::Query)?;
    let query = query::parse(text).map_err(|wrong| QueueError::Query(vec![wrong]))?;
    Ok(query.to_string())
}

/// Most columns of a list.
const COLUMNS_MAX: usize = 30;

fn complaints(name: &str, columns: &[String], position: i64) -> Vec<FieldError> {
    let mut wrong = Vec::new();
    let length = name.chars().count();
    if length == 0 || length > 100 || name.contains('\n') {
        wrong.push(FieldError::new("name", "Give it a name of 1 to 100 characters."));
    }
    if columns.is_empty() || columns.len() > COLUMNS_MAX {
        wrong.push(FieldError::new("columns", "Choose at least one column, and each only once."));
    }
    for (n, column) in columns.iter().enumerate() {
        let custom = column.strip_prefix(field::PREFIX).is_some_and(field::is_key);
        if !(custom || COLUMNS.contains(&column.as_str())) || columns[..n].contains(column) {
            let message = format!("Choose columns among {}, and field:<key>, each once.", COLUMNS.join(", "));
            wrong.push(FieldError::new(format!("columns[{n}]"), message));
        }
    }
    if !(0..=1_000_000).contains(&position) {
        wrong.push(FieldError::new("position", "Give a position from 0 to 1,000,000."));
    }
    wrong
}

/// Refuses to share where the caller may not.
async fn require_sharing(
    sql: &impl Sql,
    ctx: &Ctx,
    visibility: Visibility,
    teams: &[TeamId],
) -> Result<(), QueueError> {
    let invalid = |message: &str| QueueError::Invalid(vec![FieldError::new("team_ids", message)]);
    let manages = ctx.allows(Permission::ProjectsManage);
    match visibility {
        Visibility::Private => Ok(()),
        Visibility::Everyone if manages => Ok(()),
        Visibility::Everyone => Err(QueueError::Refused("Only whoever manages projects may share with everyone.")),
        Visibility::Teams if teams.is_empty() => Err(invalid("Name at least one team to share it with.")),
        Visibility::Teams => {
            let seen = teams.iter().all(|team| ctx.scope.sees_team(Some(*team)));
            if !seen || store::count_teams(sql, teams, None).await? != teams.len() {
                return Err(invalid("There is no such team."));
            }
            let inside = match ctx.person() {
                Some(person) => store::count_teams(sql, teams, Some(person)).await?,
                None => 0,
            };
            let refused = "You may share with your own teams only, unless you manage projects.";
            if manages || inside == teams.len() { Ok(()) } else { Err(QueueError::Refused(refused)) }
        }
    }
}

fn tidy(mut teams: Vec<TeamId>, visibility: Visibility) -> Vec<TeamId> {
    teams.sort_unstable_by_key(|team| team.0);
    teams.dedup();
    if visibility == Visibility::Teams { teams } else { Vec::new() }
}

/// Saves a new queue of the caller.
pub(super) async fn create(app: &App, ctx: &Ctx, save: SaveQueue) -> Result<Uuid, QueueError> {
    reader(ctx)?;
    let owner = ctx.person().ok_or(QueueError::Refused("Only a person can have a queue."))?;
    let query = canonical(app, ctx, save.query.as_deref().unwrap_or_default()).await?;
    let visibility = save.visibility.unwrap_or(Visibility::Private);
    let teams = tidy(save.teams.unwrap_or_default(), visibility);
    require_sharing(&app.db.read(), ctx, visibility, &teams).await?;
    let columns = save.columns.unwrap_or_else(|| DEFAULT_COLUMNS.map(str::to_owned).to_vec());
    let name = save.name.unwrap_or_default().trim().to_owned();
    let wrong = complaints(&name, &columns, save.position.unwrap_or_default());
    if !wrong.is_empty() {
        return Err(QueueError::Invalid(wrong));
    }
    app.db
        .write_once(ctx, "queue.create", Lane::Front, move |tx| {
            Box::pin(async move {
                let position = match save.position {
                    Some(position) => position,
                    None => store::next_position(&*tx).await?,
                };
                let owner = Some(owner);
                let id = tx.new_id();
                let queue = Queue { id, name, query, columns, owner, visibility, teams, position, version: 1 };
                add(tx, &queue).await?;
                Ok::<_, QueueError>(id)
            })
        })
        .await
}

async fn add(tx: &mut Tx, queue: &Queue) -> Result<(), DbError> {
    store::insert(tx, queue).await?;
    let data = json!({"visibility": queue.visibility, "teams": queue.teams, "owner": queue.owner});
    tx.emit(Event::new("QueueCreated", QUEUE, queue.id, 1, data));
    Ok(())
}

async fn locked(tx: &Tx, id: Uuid, expected: Option<i64>) -> Result<Queue, QueueError> {
    let queue = store::lock(tx, reader(tx.ctx())?, id).await?.ok_or(QueueError::NotFound)?;
    if let Some(reason) = refusal(tx.ctx(), &queue) {
        return Err(QueueError::Refused(reason));
    }
    match expected {
        Some(expected) if expected != queue.version => Err(QueueError::VersionConflict { current: queue.version }),
        _ => Ok(queue),
    }
}

/// Changes a queue.
pub(super) async fn edit(
    app: &App,
    ctx: &Ctx,
    id: Uuid,
    expected: Option<i64>,
    save: SaveQueue,
) -> Result<(), QueueError> {
    find(app, ctx, id).await?;
    let query = match &save.query {
        Some(text) => Some(canonical(app, ctx, text).await?),
        None => None,
    };
    app.db
        .write(ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                let now = locked(tx, id, expected).await?;
                let mut next = now.clone();
                next.name = save.name.map_or(next.name, |name| name.trim().to_owned());
                next.query = query.unwrap_or(next.query);
                next.columns = save.columns.unwrap_or(next.columns);
                next.visibility = save.visibility.unwrap_or(next.visibility);
                next.teams = tidy(save.teams.unwrap_or(next.teams), next.visibility);
                next.position = save.position.unwrap_or(next.position);
                let wrong = complaints(&next.name, &next.columns, next.position);
                if !wrong.is_empty() {
                    return Err(QueueError::Invalid(wrong));
                }
                if (next.visibility, &next.teams) != (now.visibility, &now.teams) {
                    if next.visibility == Visibility::Private && next.owner.is_none() {
                        return Err(QueueError::Refused("A queue without an owner cannot be private."));
                    }
                    require_sharing(&*tx, tx.ctx(), next.visibility, &next.teams).await?;
                }
                if next == now {
                    return Ok(());
                }
                next.version += 1;
                store::update(tx, &next).await?;
                let mut changes = Map::new();
                let mut note = |field: &str, before: Value, after: Value| {
                    if before != after {
                        changes.insert(field.to_owned(), json!({"before": before, "after": after}));
                    }
                };
                note("columns", json!(now.columns), json!(next.columns));
                note("visibility", json!(now.visibility), json!(next.visibility));
                note("teams", json!(now.teams), json!(next.teams));
                note("position", json!(now.position), json!(next.position));
                // Names and queries are free text, which stands in no event: that they changed does.
                note("name_changed", json!(false), json!(now.name != next.name));
                note("query_changed", json!(false), json!(now.query != next.query));
                tx.emit(Event::new("QueueChanged", QUEUE, id, next.version, json!({ "changes": changes })));
                Ok(())
            })
        })
        .await
}

/// Takes a queue away. Its tickets stay.
pub(super) async fn delete(app: &App, ctx: &Ctx, id: Uuid, expected: Option<i64>) -> Result<(), QueueError> {
    app.db
        .write(ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                let mut queue = locked(tx, id, expected).await?;
                queue.version += 1;
                store::delete(tx, &queue).await?;
                tx.emit(Event::new("QueueDeleted", QUEUE, id, queue.version, json!({})));
                Ok(())
            })
        })
        .await
}

/// The queues of the first start.
pub(crate) const FIRST: [(&str, &str); 4] = [
    ("Unassigned", "assignee IS EMPTY AND statusCategory != Done ORDER BY priority DESC"),
    ("My open work", "assignee = currentUser() AND statusCategory != Done ORDER BY priority DESC"),
    ("All open", "statusCategory != Done"),
    ("P1 and P2", "priority IN (P1, P2) AND statusCategory != Done ORDER BY priority DESC"),
];

/// Queues that came with a later version: a key by which each is written once, its name and its query.
pub(crate) const LATER: [(&str, &str, &str); 1] =
    [("breaching_soon", "Breaching soon", "\"SLA due\" <= \"4h\" AND statusCategory != Done ORDER BY \"SLA due\"")];

/// Writes the queues that come with the program, each once.
pub(crate) async fn seed(tx: &mut Tx) -> Result<(), DbError> {
    let first = if store::any_was(&*tx).await? { &[][..] } else { &FIRST[..] };
    let known = store::seeds(&*tx).await?;
    let later = LATER.iter().filter(|(key, ..)| !known.iter().any(|seed| seed == key));
    let all = first.iter().map(|(name, text)| (None, *name, *text));
    for (key, name, text) in all.chain(later.map(|(key, name, text)| (Some(*key), *name, *text))) {
        let position = store::next_position(&*tx).await?;
        let query = query::parse(text).map_err(|wrong| DbError::Corrupt(wrong.to_string()))?.to_string();
        let (owner, visibility): (Option<PersonId>, _) = (None, Visibility::Everyone);
        let columns = DEFAULT_COLUMNS.map(str::to_owned).to_vec();
        let (id, name, teams) = (tx.new_id(), name.to_owned(), Vec::new());
        add(tx, &Queue { id, name, query, columns, owner, visibility, teams, position, version: 1 }).await?;
        if let Some(key) = key {
            store::note_seed(tx, id, key).await?;
        }
    }
    Ok(())
}
