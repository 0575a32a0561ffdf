//! Rows of queues and the teams that they are shared with.

use kernel::{PersonId, Scope, TeamId};
use platform::db::{FromRow, placeholders};
use platform::{DbError, Sql, Tx, params};
use sea_orm::Value;
use uuid::Uuid;

use super::Visibility;

/// A queue.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Queue {
    pub id: Uuid,
    pub over: String,
    pub name: String,
    pub query: String,
    pub columns: Vec<String>,
    pub owner: Option<PersonId>,
    pub visibility: Visibility,
    pub teams: Vec<TeamId>,
    pub position: i64,
    pub version: i64,
}

/// For whom queues are read.
#[derive(Clone, Debug)]
pub(super) struct Reader {
    pub person: Option<PersonId>,
    /// The kinds of records that they see as agents.
    pub reads: Vec<&'static str>,
    /// Those of them among whose shared queues they keep order.
    pub manages: Vec<&'static str>,
}

#[derive(FromRow)]
struct QueueRow {
    id: Uuid,
    records: String,
    name: String,
    query: String,
    columns: serde_json::Value,
    owner_id: Option<Uuid>,
    visibility: String,
    position: i64,
    version: i64,
}

impl QueueRow {
    fn queue(self) -> Result<Queue, DbError> {
        let wrong = |what: &str| DbError::Corrupt(format!("{what} of queue {}", self.id));
        Ok(Queue {
            visibility: Visibility::parse(&self.visibility).ok_or_else(|| wrong("visibility"))?,
            columns: serde_json::from_value(self.columns.clone()).map_err(|_| wrong("columns"))?,
            id: self.id,
            over: self.records,
            name: self.name,
            query: self.query,
            owner: self.owner_id.map(PersonId),
            teams: Vec::new(),
            position: self.position,
            version: self.version,
        })
    }
}

const COLUMNS: &str = "q.id, q.records, q.name, q.query, q.columns, q.owner_id, q.visibility, q.position, q.version";

/// That a reader may see a queue.
fn visible(reader: &Reader, values: &mut Vec<Value>) -> String {
    // Whoever is not a person owns nothing and is in no team: nobody has the nil id.
    values.push(reader.person.map_or(Uuid::nil(), |person| person.0).into());
    let n = values.len();
    let among = |kinds: &[&'static str], values: &mut Vec<Value>| {
        if kinds.is_empty() {
            return "FALSE".to_owned();
        }
        let list = placeholders(values.len() + 1, kinds.len());
        values.extend(kinds.iter().map(|kind| Value::from((*kind).to_owned())));
        format!("q.records IN ({list})")
    };
    let (reads, manages) = (among(&reader.reads, values), among(&reader.manages, values));
    format!(
        "q.deleted_at IS NULL AND {reads} AND (q.owner_id = ${n} OR q.visibility = 'everyone' \
         OR (q.visibility = 'teams' AND ({manages} OR EXISTS (SELECT 1 FROM queue_teams s JOIN team_members m \
         ON m.team_id = s.team_id WHERE s.queue_id = q.id AND m.person_id = ${n}))))"
    )
}

#[derive(FromRow)]
struct TeamRow {
    queue_id: Uuid,
    team_id: Uuid,
}

async fn with_teams(sql: &impl Sql, rows: Vec<QueueRow>) -> Result<Vec<Queue>, DbError> {
    let mut queues = rows.into_iter().map(QueueRow::queue).collect::<Result<Vec<_>, _>>()?;
    if queues.is_empty() {
        return Ok(queues);
    }
    let values = queues.iter().map(|queue| Value::from(queue.id)).collect();
    let text = format!(
        "SELECT queue_id, team_id FROM queue_teams WHERE queue_id IN ({}) ORDER BY team_id",
        placeholders(1, queues.len())
    );
    for row in sql.all::<TeamRow>(&text, values).await? {
        if let Some(queue) = queues.iter_mut().find(|queue| queue.id == row.queue_id) {
            queue.teams.push(TeamId(row.team_id));
        }
    }
    Ok(queues)
}

/// The queues over a kind of record that a reader may see, in their order.
pub(super) async fn list(sql: &impl Sql, reader: &Reader, over: &str) -> Result<Vec<Queue>, DbError> {
    let mut values = params![over];
    let visible = visible(reader, &mut values);
    let text = format!(
        "SELECT {COLUMNS} FROM queues q WHERE q.records = $1 AND {visible} ORDER BY q.position, q.seq LIMIT 500"
    );
    let rows = sql.all(&text, values).await?;
    with_teams(sql, rows).await
}

/// A queue, if the reader may see it.
pub(super) async fn find(sql: &impl Sql, reader: &Reader, id: Uuid) -> Result<Option<Queue>, DbError> {
    let mut values = params![id];
    let visible = visible(reader, &mut values);
    let text = format!("SELECT {COLUMNS} FROM queues q WHERE q.id = $1 AND {visible}");
    let row = sql.one::<QueueRow>(&text, values).await?;
    Ok(with_teams(sql, row.into_iter().collect()).await?.pop())
}

/// Locks a queue's row and reads it, if the reader may see it.
pub(super) async fn lock(tx: &Tx, reader: &Reader, id: Uuid) -> Result<Option<Queue>, DbError> {
    let mut values = params![id];
    let visible = visible(reader, &mut values);
    let text = format!("SELECT {COLUMNS} FROM queues q WHERE q.id = $1 AND {visible}{}", tx.for_update());
    let row = tx.one::<QueueRow>(&text, values).await?;
    Ok(with_teams(tx, row.into_iter().collect()).await?.pop())
}

fn columns(queue: &Queue) -> serde_json::Value {
    serde_json::Value::from(queue.columns.clone())
}

/// Adds a queue.
pub(super) async fn insert(tx: &Tx, queue: &Queue) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO queues (id, name, query, columns, owner_id, visibility, position, version, created_at, \
         updated_at, records) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10)",
        params![
            queue.id,
            &queue.name,
            &queue.query,
            columns(queue),
            queue.owner,
            queue.visibility.as_str(),
            queue.position,
            queue.version,
            tx.now(),
            &queue.over
        ],
    )
    .await?;
    insert_teams(tx, queue).await
}

async fn insert_teams(tx: &Tx, queue: &Queue) -> Result<(), DbError> {
    for team in &queue.teams {
        let text = "INSERT INTO queue_teams (queue_id, team_id) VALUES ($1, $2)";
        tx.execute(text, params![queue.id, *team]).await?;
    }
    Ok(())
}

/// Stores a queue's fields and teams.
pub(super) async fn update(tx: &Tx, queue: &Queue) -> Result<(), DbError> {
    tx.execute(
        "UPDATE queues SET name = $2, query = $3, columns = $4, visibility = $5, position = $6, version = $7, \
         updated_at = $8 WHERE id = $1",
        params![
            queue.id,
            &queue.name,
            &queue.query,
            columns(queue),
            queue.visibility.as_str(),
            queue.position,
            queue.version,
            tx.now()
        ],
    )
    .await?;
    tx.execute("DELETE FROM queue_teams WHERE queue_id = $1", params![queue.id]).await?;
    insert_teams(tx, queue).await
}

/// Takes a queue away.
pub(super) async fn delete(tx: &Tx, queue: &Queue) -> Result<(), DbError> {
    let text = "UPDATE queues SET deleted_at = $2, version = $3 WHERE id = $1";
    tx.execute(text, params![queue.id, tx.now(), queue.version]).await?;
    Ok(())
}

#[derive(FromRow)]
struct NumberRow {
    number: i64,
}

/// Whether there was ever a queue over a kind of record.
pub(super) async fn any_was(sql: &impl Sql, over: &str) -> Result<bool, DbError> {
    let text = "SELECT COUNT(*) AS number FROM queues WHERE records = $1";
    let row = sql.one::<NumberRow>(text, params![over]).await?;
    Ok(row.is_some_and(|row| row.number > 0))
}

/// The name of a queue.
#[derive(Debug, FromRow)]
pub(crate) struct QueueNameRow {
    pub id: Uuid,
    pub name: String,
    pub deleted_at: Option<i64>,
}

/// The names of those of these queues that everybody of this scope may see, deleted ones too.
pub(super) async fn list_shared_names(
    sql: &impl Sql,
    scope: &Scope,
    ids: &[Uuid],
) -> Result<Vec<QueueNameRow>, DbError> {
    let shared = match scope {
        Scope::All => "q.visibility <> 'private'",
        Scope::Agent { .. } => "q.visibility = 'everyone'",
        _ => return Ok(Vec::new()),
    };
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let list = placeholders(1, ids.len());
    let text = format!("SELECT q.id, q.name, q.deleted_at FROM queues q WHERE q.id IN ({list}) AND {shared}");
    sql.all(&text, ids.iter().map(|id| Value::from(*id)).collect()).await
}

#[derive(FromRow)]
struct OriginRow {
    origin: String,
}

/// Which of the queues that come with a later version were written; deleted ones too.
pub(super) async fn origins(sql: &impl Sql, over: &str) -> Result<Vec<String>, DbError> {
    let text = "SELECT origin FROM queues WHERE origin IS NOT NULL AND records = $1";
    let rows = sql.all::<OriginRow>(text, params![over]).await?;
    Ok(rows.into_iter().map(|row| row.origin).collect())
}

/// Notes which of the queues that come with the program this is.
pub(super) async fn note_origin(tx: &Tx, id: Uuid, origin: &str) -> Result<(), DbError> {
    tx.execute("UPDATE queues SET origin = $2 WHERE id = $1", params![id, origin]).await.map(drop)
}

/// The position behind all queues over a kind of record.
pub(super) async fn next_position(sql: &impl Sql, over: &str) -> Result<i64, DbError> {
    let text = "SELECT CAST(COALESCE(MAX(position), 0) AS BIGINT) AS number FROM queues \
                WHERE deleted_at IS NULL AND records = $1";
    Ok(sql.one::<NumberRow>(text, params![over]).await?.map_or(1, |row| row.number.saturating_add(1)))
}

/// In how many of these teams a person is; with `person` none, how many of them exist.
pub(super) async fn count_teams(sql: &impl Sql, teams: &[TeamId], person: Option<PersonId>) -> Result<usize, DbError> {
    if teams.is_empty() {
        return Ok(0);
    }
    let mut values: Vec<Value> = teams.iter().map(|team| Value::from(team.0)).collect();
    let list = placeholders(1, teams.len());
    let text = match person {
        Some(person) => {
            values.push(person.0.into());
            let n = values.len();
            format!("SELECT COUNT(*) AS number FROM team_members WHERE team_id IN ({list}) AND person_id = ${n}")
        }
        None => format!("SELECT COUNT(*) AS number FROM teams WHERE id IN ({list})"),
    };
    let row = sql.one::<NumberRow>(&text, values).await?;
    Ok(row.map_or(0, |row| usize::try_from(row.number).unwrap_or_default()))
}
