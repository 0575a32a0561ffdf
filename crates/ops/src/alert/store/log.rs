//! SQL of an alert's log and notes.

use kernel::PersonId;
use platform::db::{FromRow, Sql};
use platform::{DbError, Tx, params};
use uuid::Uuid;

use super::AlertRow;

/// A line of the log, or a note (`kind` and `data` empty), with the actor's name.
#[derive(Clone, Debug, FromRow)]
pub struct LogRow {
    pub seq: i64,
    pub id: Uuid,
    pub at: i64,
    pub actor_kind: String,
    pub actor_id: Option<Uuid>,
    pub actor_part: Option<String>,
    pub actor_name: Option<String>,
    pub kind: String,
    pub text: String,
    pub because: Option<String>,
    pub data: serde_json::Value,
}

/// A log line to write.
#[derive(Clone, Debug)]
pub struct NewLog {
    pub id: Uuid,
    pub alert: Uuid,
    pub at: i64,
    pub actor: StoredActor,
    pub kind: String,
    pub text: String,
    pub because: Option<String>,
    pub data: serde_json::Value,
}

/// How an actor stands in a row: kind, and an id or the part's name.
#[derive(Clone, Debug)]
pub struct StoredActor {
    pub kind: String,
    pub id: Option<Uuid>,
    pub part: Option<String>,
}

impl From<&kernel::Actor> for StoredActor {
    fn from(actor: &kernel::Actor) -> Self {
        let (id, part) = match actor {
            kernel::Actor::Person { id } => (Some(id.0), None),
            kernel::Actor::Integration { id } => (Some(id.0), None),
            kernel::Actor::System { part } => (None, Some(part.clone())),
        };
        Self { kind: actor.kind().to_owned(), id, part }
    }
}

/// The actor that stands in three columns.
pub fn actor(kind: Option<&str>, id: Option<Uuid>, part: Option<&str>) -> Option<kernel::Actor> {
    match (kind?, id) {
        ("person", Some(id)) => Some(kernel::Actor::Person { id: PersonId(id) }),
        ("integration", Some(id)) => Some(kernel::Actor::Integration { id: kernel::IntegrationId(id) }),
        _ => Some(kernel::Actor::system(part.unwrap_or("system"))),
    }
}

/// Appends log lines.
pub async fn insert_log(tx: &Tx, lines: &[NewLog]) -> Result<(), DbError> {
    let mut values = Vec::with_capacity(lines.len() * 10);
    for line in lines {
        values.extend(params![
            line.id,
            line.alert,
            line.at,
            &line.actor.kind,
            line.actor.id,
            line.actor.part.clone(),
            &line.kind,
            &line.text,
            line.because.clone(),
            line.data.clone()
        ]);
    }
    let head = "INSERT INTO alert_log (id, alert_id, at, actor_kind, actor_id, actor_part, kind, text, because, data)";
    tx.insert_rows(head, values, "").await.map(drop)
}

/// Lines of the log before `before` (an insertion number), newest first; the caller has read the alert in scope.
pub async fn list_log(sql: &impl Sql, alert: &AlertRow, before: i64, limit: i64) -> Result<Vec<LogRow>, DbError> {
    sql.all(
        "SELECT l.seq, l.id, l.at, l.actor_kind, l.actor_id, l.actor_part, COALESCE(p.name, i.name) AS actor_name, \
         l.kind, l.text, l.because, l.data FROM alert_log l \
         LEFT JOIN people p ON p.id = l.actor_id LEFT JOIN integrations i ON i.id = l.actor_id \
         WHERE l.alert_id = $1 AND l.seq < $2 ORDER BY l.seq DESC LIMIT $3",
        params![alert.id, before, limit],
    )
    .await
}

/// A note of an alert.
#[derive(Clone, Debug, FromRow)]
pub struct NoteRow {
    pub seq: i64,
    pub id: Uuid,
    pub at: i64,
    pub actor_kind: String,
    pub actor_id: Option<Uuid>,
    pub actor_part: Option<String>,
    pub actor_name: Option<String>,
    pub text: String,
}

/// Adds notes `(note, alert, text)`, all by one actor at one instant.
pub async fn insert_notes(
    tx: &Tx,
    notes: &[(Uuid, Uuid, String)],
    at: i64,
    actor: &StoredActor,
) -> Result<(), DbError> {
    for (id, alert, text) in notes {
        tx.execute(
            "INSERT INTO alert_notes (id, alert_id, at, actor_kind, actor_id, actor_part, text) VALUES ($1,$2,$3,$4,$5,$6,$7)",
            params![*id, *alert, at, actor.kind.clone(), actor.id, actor.part.clone(), text.clone()],
        )
        .await?;
    }
    Ok(())
}

/// Notes before `before` (an insertion number), newest first; the caller has read the alert in scope.
pub async fn list_notes(sql: &impl Sql, alert: &AlertRow, before: i64, limit: i64) -> Result<Vec<NoteRow>, DbError> {
    sql.all(
        "SELECT n.seq, n.id, n.at, n.actor_kind, n.actor_id, n.actor_part, COALESCE(p.name, i.name) AS actor_name, n.text \
         FROM alert_notes n LEFT JOIN people p ON p.id = n.actor_id LEFT JOIN integrations i ON i.id = n.actor_id \
         WHERE n.alert_id = $1 AND n.seq < $2 ORDER BY n.seq DESC LIMIT $3",
        params![alert.id, before, limit],
    )
    .await
}
