//! Saving, sharing and counting queues.

use domain::query;
use kernel::{Event, FieldError, PersonId, Scope, TeamId};
use platform::{App, Ctx, DbError, Lane, Sql, Tx};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::store::{self, Queue, Reader};
use super::{QUEUE, QueueError, QueueKinds, QueuedRecords, Visibility};

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

fn refused(reason: impl Into<String>) -> QueueError {
    QueueError::Refused(reason.into())
}

/// Refuses callers who have no queues over these records.
fn require(ctx: &Ctx, kind: &dyn QueuedRecords) -> Result<(), QueueError> {
    ctx.require(kind.read())?;
    if matches!(ctx.scope, Scope::Customer(_)) {
        return Err(refused("Only agents have queues."));
    }
    Ok(())
}

/// The caller as a reader of queues over everything that they see.
fn reader(ctx: &Ctx, kinds: &QueueKinds) -> Result<Reader, QueueError> {
    if let Some(first) = kinds.find(None)
        && kinds.iter().all(|kind| !ctx.allows(kind.read()))
    {
        require(ctx, first)?;
    }
    if matches!(ctx.scope, Scope::Customer(_)) {
        return Err(refused("Only agents have queues."));
    }
    let reads: Vec<&dyn QueuedRecords> = kinds.iter().filter(|kind| ctx.allows(kind.read())).collect();
    let manages = reads.iter().filter(|kind| ctx.allows(kind.manage())).map(|kind| kind.over()).collect();
    Ok(Reader { person: ctx.person(), reads: reads.iter().map(|kind| kind.over()).collect(), manages })
}

/// The kind of record that a caller names.
pub(super) fn kind<'k>(kinds: &'k QueueKinds, over: Option<&str>) -> Result<&'k dyn QueuedRecords, QueueError> {
    let named: Vec<&str> = kinds.iter().map(QueuedRecords::over).collect();
    let message = || format!("Queues are over {}.", named.join(", "));
    kinds.find(over).ok_or_else(|| QueueError::Invalid(vec![FieldError::new("over", message())]))
}

/// Why a caller may not change a queue that they see, if so.
pub(super) fn refusal(ctx: &Ctx, kind: &dyn QueuedRecords, queue: &Queue) -> Option<String> {
    let own = queue.owner.is_some() && queue.owner == ctx.person();
    let manages = ctx.allows(kind.manage()) && queue.visibility != Visibility::Private;
    let reason = || format!("Only its owner may change it, or whoever has the permission {}.", kind.manage().as_str());
    (!own && !manages).then(reason)
}

/// The queues over a kind of record that the caller may see, in their order.
pub(super) async fn list(
    app: &App,
    ctx: &Ctx,
    kinds: &QueueKinds,
    over: Option<&str>,
) -> Result<Vec<Queue>, QueueError> {
    let kind = kind(kinds, over)?;
    require(ctx, kind)?;
    Ok(store::list(&app.db.read(), &reader(ctx, kinds)?, kind.over()).await?)
}

/// A queue that the caller may see.
pub(super) async fn find(app: &App, ctx: &Ctx, kinds: &QueueKinds, id: Uuid) -> Result<Queue, QueueError> {
    store::find(&app.db.read(), &reader(ctx, kinds)?, id).await?.ok_or(QueueError::NotFound)
}

/// The query in its regular spelling, if the caller's vocabulary understands it.
async fn canonical(app: &App, ctx: &Ctx, kind: &dyn QueuedRecords, text: &str) -> Result<String, QueueError> {
    let wrong = kind.check(app, ctx, text).await?;
    if !wrong.is_empty() {
        return Err(QueueError::Query(wrong));
    }
    let query = query::parse(text).map_err(|wrong| QueueError::Query(vec![wrong]))?;
    Ok(query.to_string())
}

/// Most columns of a list.
const COLUMNS_MAX: usize = 30;

fn complaints(kind: &dyn QueuedRecords, name: &str, columns: &[String], position: i64) -> Vec<FieldError> {
    let mut wrong = Vec::new();
    let length = name.chars().count();
    if length == 0 || length > 100 || name.contains('\n') {
        wrong.push(FieldError::new("name", "Give it a name of 1 to 100 characters."));
    }
    if columns.is_empty() || columns.len() > COLUMNS_MAX {
        wrong.push(FieldError::new("columns", "Choose at least one column, and each only once."));
    }
    for (n, column) in columns.iter().enumerate() {
        if !kind.has_column(column) || columns[..n].contains(column) {
            let further = kind.further_columns().map(|further| format!(", and {further}")).unwrap_or_default();
            let message = format!("Choose columns among {}{further}, each once.", kind.columns().join(", "));
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
    kind: &dyn QueuedRecords,
    visibility: Visibility,
    teams: &[TeamId],
) -> Result<(), QueueError> {
    let invalid = |message: &str| QueueError::Invalid(vec![FieldError::new("team_ids", message)]);
    let manages = ctx.allows(kind.manage());
    let permission = kind.manage().as_str();
    match visibility {
        Visibility::Private => Ok(()),
        Visibility::Everyone if manages => Ok(()),
        Visibility::Everyone => {
            Err(refused(format!("Only whoever has the permission {permission} may share with everyone.")))
        }
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
            if manages || inside == teams.len() {
                return Ok(());
            }
            Err(refused(format!(
                "You may share with your own teams only, unless you have the permission {permission}."
            )))
        }
    }
}

fn tidy(mut teams: Vec<TeamId>, visibility: Visibility) -> Vec<TeamId> {
    teams.sort_unstable_by_key(|team| team.0);
    teams.dedup();
    if visibility == Visibility::Teams { teams } else { Vec::new() }
}

/// Saves a new queue of the caller.
pub(super) async fn create(
    app: &App,
    ctx: &Ctx,
    kinds: &QueueKinds,
    over: Option<&str>,
    save: SaveQueue,
) -> Result<Uuid, QueueError> {
    let kind = kind(kinds, over)?;
    require(ctx, kind)?;
    let owner = ctx.person().ok_or_else(|| refused("Only a person can have a queue."))?;
    let query = canonical(app, ctx, kind, save.query.as_deref().unwrap_or_default()).await?;
    let visibility = save.visibility.unwrap_or(Visibility::Private);
    let teams = tidy(save.teams.unwrap_or_default(), visibility);
    require_sharing(&app.db.read(), ctx, kind, visibility, &teams).await?;
    let columns = save.columns.unwrap_or_else(|| usual(kind));
    let name = save.name.unwrap_or_default().trim().to_owned();
    let wrong = complaints(kind, &name, &columns, save.position.unwrap_or_default());
    if !wrong.is_empty() {
        return Err(QueueError::Invalid(wrong));
    }
    let over = kind.over().to_owned();
    app.db
        .write_once(ctx, "queue.create", Lane::Front, move |tx| {
            Box::pin(async move {
                let position = match save.position {
                    Some(position) => position,
                    None => store::next_position(&*tx, &over).await?,
                };
                let owner = Some(owner);
                let id = tx.new_id();
                let queue = Queue { id, over, name, query, columns, owner, visibility, teams, position, version: 1 };
                add(tx, &queue).await?;
                Ok::<_, QueueError>(id)
            })
        })
        .await
}

async fn add(tx: &mut Tx, queue: &Queue) -> Result<(), DbError> {
    store::insert(tx, queue).await?;
    let data = json!({"over": queue.over, "visibility": queue.visibility, "teams": queue.teams, "owner": queue.owner});
    tx.emit(Event::new("QueueCreated", QUEUE, queue.id, 1, data));
    Ok(())
}

fn usual(kind: &dyn QueuedRecords) -> Vec<String> {
    kind.usual_columns().iter().map(|column| (*column).to_owned()).collect()
}

async fn locked(tx: &Tx, kinds: &QueueKinds, id: Uuid, expected: Option<i64>) -> Result<Queue, QueueError> {
    let queue = store::lock(tx, &reader(tx.ctx(), kinds)?, id).await?.ok_or(QueueError::NotFound)?;
    if let Some(reason) = refusal(tx.ctx(), kind(kinds, Some(&queue.over))?, &queue) {
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
    kinds: QueueKinds,
    id: Uuid,
    expected: Option<i64>,
    save: SaveQueue,
) -> Result<(), QueueError> {
    let found = find(app, ctx, &kinds, id).await?;
    let over = kind(&kinds, Some(&found.over))?;
    let query = match &save.query {
        Some(text) => Some(canonical(app, ctx, over, text).await?),
        None => None,
    };
    app.db
        .write(ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                let now = locked(tx, &kinds, id, expected).await?;
                let mut next = now.clone();
                next.name = save.name.map_or(next.name, |name| name.trim().to_owned());
                next.query = query.unwrap_or(next.query);
                next.columns = save.columns.unwrap_or(next.columns);
                next.visibility = save.visibility.unwrap_or(next.visibility);
                next.teams = tidy(save.teams.unwrap_or(next.teams), next.visibility);
                next.position = save.position.unwrap_or(next.position);
                let over = kind(&kinds, Some(&now.over))?;
                let wrong = complaints(over, &next.name, &next.columns, next.position);
                if !wrong.is_empty() {
                    return Err(QueueError::Invalid(wrong));
                }
                if (next.visibility, &next.teams) != (now.visibility, &now.teams) {
                    if next.visibility == Visibility::Private && next.owner.is_none() {
                        return Err(refused("A queue without an owner cannot be private."));
                    }
                    require_sharing(&*tx, tx.ctx(), over, next.visibility, &next.teams).await?;
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

/// Takes a queue away. Its records stay.
pub(super) async fn delete(
    app: &App,
    ctx: &Ctx,
    kinds: QueueKinds,
    id: Uuid,
    expected: Option<i64>,
) -> Result<(), QueueError> {
    app.db
        .write(ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                let mut queue = locked(tx, &kinds, id, expected).await?;
                queue.version += 1;
                store::delete(tx, &queue).await?;
                tx.emit(Event::new("QueueDeleted", QUEUE, id, queue.version, json!({})));
                Ok(())
            })
        })
        .await
}

/// The queues that come with the program over a kind of record.
#[derive(Clone, Copy, Debug)]
pub struct Seeds {
    /// Names and queries of the first start; they are written where there never was any queue.
    pub first: &'static [(&'static str, &'static str)],
    /// Those that came with a later version: a key by which each is written once, its name and its query.
    pub later: &'static [(&'static str, &'static str, &'static str)],
}

/// Writes the queues that come with the program, each once.
///
/// # Errors
/// When the database fails, or a query cannot be read, which is a defect.
pub async fn seed_in(tx: &mut Tx, kind: &dyn QueuedRecords, seeds: Seeds) -> Result<(), DbError> {
    let over = kind.over();
    let first = if store::any_was(&*tx, over).await? { &[][..] } else { seeds.first };
    let known = store::origins(&*tx, over).await?;
    let later = seeds.later.iter().filter(|(key, ..)| !known.iter().any(|origin| origin == key));
    let all = first.iter().map(|(name, text)| (None, *name, *text));
    for (key, name, text) in all.chain(later.map(|(key, name, text)| (Some(*key), *name, *text))) {
        let position = store::next_position(&*tx, over).await?;
        let query = query::parse(text).map_err(|wrong| DbError::Corrupt(wrong.to_string()))?.to_string();
        let (owner, visibility): (Option<PersonId>, _) = (None, Visibility::Everyone);
        let (over, columns) = (over.to_owned(), usual(kind));
        let (id, name, teams) = (tx.new_id(), name.to_owned(), Vec::new());
        add(tx, &Queue { id, over, name, query, columns, owner, visibility, teams, position, version: 1 }).await?;
        if let Some(key) = key {
            store::note_origin(tx, id, key).await?;
        }
    }
    Ok(())
}
