//! Rows of notifications and choices. Each statement names the person: nobody reads another's.

use jiff::Timestamp;
use kernel::{Actor, PersonId};
use platform::db::{FromRow, placeholders};
use platform::{DbError, Sql, StoredEvent, Tx, params};
use sea_orm::Value;
use uuid::Uuid;

use super::{Choice, Choices, Notice, Reason};

/// A notification as stored.
#[derive(Clone, Debug, FromRow)]
pub(super) struct NotificationRow {
    pub seq: i64,
    pub id: Uuid,
    pub person_id: Uuid,
    pub at: i64,
    pub topic: String,
    pub why: String,
    pub record_kind: String,
    pub record_id: Uuid,
    pub actor_kind: String,
    pub actor_key: String,
    pub data: serde_json::Value,
    pub in_app: bool,
    pub read_at: Option<i64>,
}

impl NotificationRow {
    /// Who did it.
    pub fn actor(&self) -> Actor {
        Actor::stored(&self.actor_kind, &self.actor_key)
    }

    /// The notification, to be worded.
    pub fn notice(&self, who: String) -> Notice {
        Notice { id: self.id, topic: self.topic.clone(), record: self.record_id, who, data: self.data.clone() }
    }
}

const COLUMNS: &str = "seq, id, person_id, at, topic, why, record_kind, record_id, actor_kind, actor_key, data, in_app, \
                       read_at";

/// Adds a notification about an event; false when the person was told of this event before.
pub(super) async fn insert(
    tx: &Tx,
    id: Uuid,
    event: &StoredEvent,
    reason: &Reason,
    data: serde_json::Value,
    in_app: bool,
) -> Result<bool, DbError> {
    let read_at = (!in_app).then_some(event.at);
    let text = "INSERT INTO notifications (id, person_id, event_id, at, topic, why, record_kind, record_id, actor_kind, \
                actor_key, data, in_app, read_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) \
                ON CONFLICT (event_id, person_id) DO NOTHING";
    let values = params![
        id,
        reason.person,
        event.id,
        event.at,
        reason.topic.key,
        reason.why,
        &event.record_kind,
        event.record,
        event.actor.kind(),
        event.actor.key(),
        data,
        in_app,
        read_at
    ];
    Ok(tx.execute(text, values).await? == 1)
}

/// A page of what a person is shown in the app, newest first.
pub(super) async fn list(
    sql: &impl Sql,
    person: PersonId,
    unread: bool,
    before: i64,
    limit: i64,
) -> Result<Vec<NotificationRow>, DbError> {
    let narrowed = if unread { " AND read_at IS NULL" } else { "" };
    let text = format!(
        "SELECT {COLUMNS} FROM notifications WHERE person_id = $1 AND in_app = TRUE AND seq < $2{narrowed} \
         ORDER BY seq DESC LIMIT $3"
    );
    sql.all(&text, params![person, before, limit]).await
}

/// One notification, whoever it is for: for the job that mails it.
pub(super) async fn find(sql: &impl Sql, id: Uuid) -> Result<Option<NotificationRow>, DbError> {
    sql.one(&format!("SELECT {COLUMNS} FROM notifications WHERE id = $1"), params![id]).await
}

#[derive(FromRow)]
struct NumberRow {
    number: i64,
}

/// How many a person has not read.
pub(super) async fn count_unread(sql: &impl Sql, person: PersonId) -> Result<i64, DbError> {
    let text = "SELECT COUNT(*) AS number FROM notifications WHERE person_id = $1 AND read_at IS NULL";
    Ok(sql.one::<NumberRow>(text, params![person]).await?.map_or(0, |row| row.number))
}

/// Marks some of a person's notifications; gives how many changed. `read_at` none: as not read.
pub(super) async fn mark(tx: &Tx, person: PersonId, ids: &[Uuid], read_at: Option<Timestamp>) -> Result<u64, DbError> {
    if ids.is_empty() {
        return Ok(0);
    }
    let mut values = params![person, read_at];
    values.extend(ids.iter().map(|id| Value::from(*id)));
    let list = placeholders(3, ids.len());
    let other = if read_at.is_some() { "read_at IS NULL" } else { "read_at IS NOT NULL" };
    let text = format!(
        "UPDATE notifications SET read_at = $2 WHERE person_id = $1 AND in_app = TRUE AND {other} AND id IN ({list})"
    );
    tx.execute(&text, values).await
}

/// Marks what a person was told up to an instant as read; gives how many changed.
pub(super) async fn mark_until(tx: &Tx, person: PersonId, until: Timestamp) -> Result<u64, DbError> {
    let text = "UPDATE notifications SET read_at = $2 WHERE person_id = $1 AND read_at IS NULL AND at <= $3";
    tx.execute(text, params![person, tx.now(), until]).await
}

/// Removes what was read before an instant, and all that is older than another.
pub(super) async fn delete_old(tx: &Tx, read_before: Timestamp, before: Timestamp) -> Result<(), DbError> {
    tx.execute("DELETE FROM notifications WHERE read_at <= $1", params![read_before]).await?;
    tx.execute("DELETE FROM notifications WHERE at <= $1", params![before]).await?;
    Ok(())
}

#[derive(FromRow)]
struct ChoicesRow {
    person_id: Uuid,
    choices: serde_json::Value,
    version: i64,
}

/// The choices of these people and their versions; those who never chose have none.
pub(super) async fn list_choices(
    sql: &impl Sql,
    people: &[PersonId],
) -> Result<Vec<(PersonId, Choices, i64)>, DbError> {
    if people.is_empty() {
        return Ok(Vec::new());
    }
    let values = people.iter().map(|person| Value::from(person.0)).collect();
    let text = format!(
        "SELECT person_id, choices, version FROM notification_choices WHERE person_id IN ({})",
        placeholders(1, people.len())
    );
    let rows = sql.all::<ChoicesRow>(&text, values).await?;
    let read = |row: ChoicesRow| {
        let choices = serde_json::from_value::<std::collections::BTreeMap<String, Choice>>(row.choices)
            .map_err(|error| DbError::Corrupt(format!("the choices of person {}: {error}", row.person_id)))?;
        Ok((PersonId(row.person_id), choices, row.version))
    };
    rows.into_iter().map(read).collect()
}

/// Stores a person's choices.
pub(super) async fn put_choices(tx: &Tx, person: PersonId, choices: &Choices, version: i64) -> Result<(), DbError> {
    let choices = serde_json::to_value(choices).map_err(|error| DbError::Corrupt(error.to_string()))?;
    let text = "INSERT INTO notification_choices (person_id, choices, version, updated_at) VALUES ($1, $2, $3, $4) \
                ON CONFLICT (person_id) DO UPDATE SET choices = excluded.choices, version = excluded.version, \
                updated_at = excluded.updated_at";
    tx.execute(text, params![person, choices, version, tx.now()]).await?;
    Ok(())
}
