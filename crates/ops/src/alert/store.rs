//! SQL of alerts: rows, tags, details, responders, log and notes.

use kernel::{AlertId, PersonId, Scope, ServiceId, TicketId};
use platform::db::{Sql, placeholders, scope_team};
use platform::{DbError, Tx, params};
use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

/// A row of `alerts`.
#[derive(Clone, Debug, FromQueryResult)]
#[expect(missing_docs, reason = "the columns are explained at the API's alert and in domain::alert")]
pub struct AlertRow {
    pub seq: i64,
    pub id: Uuid,
    pub alias: String,
    pub message: String,
    pub description: String,
    pub status: String,
    pub priority: String,
    pub count: i64,
    pub source: String,
    pub entity: String,
    pub tags: serde_json::Value,
    pub details: serde_json::Value,
    pub actions: serde_json::Value,
    pub seen: bool,
    pub acknowledged_at: Option<i64>,
    pub acknowledged_by_kind: Option<String>,
    pub acknowledged_by: Option<Uuid>,
    pub acknowledged_by_part: Option<String>,
    pub first_acknowledged_at: Option<i64>,
    pub snoozed_until: Option<i64>,
    pub snoozed_by_kind: Option<String>,
    pub snoozed_by: Option<Uuid>,
    pub snoozed_by_part: Option<String>,
    pub owner_id: Option<Uuid>,
    pub team_id: Option<Uuid>,
    pub service_id: Option<Uuid>,
    pub service_reason: Option<String>,
    pub integration_id: Option<Uuid>,
    pub incident_state: String,
    pub incident_id: Option<Uuid>,
    pub created_at: i64,
    pub updated_at: i64,
    pub last_occurred_at: i64,
    pub closed_at: Option<i64>,
    pub closed_by_kind: Option<String>,
    pub closed_by: Option<Uuid>,
    pub closed_by_part: Option<String>,
    pub version: i64,
}

const COLUMNS: &str = "a.seq, a.id, a.alias, a.message, a.description, a.status, a.priority, a.count, a.source, a.entity, \
    a.tags, a.details, a.actions, a.seen, a.acknowledged_at, a.acknowledged_by_kind, a.acknowledged_by, \
    a.acknowledged_by_part, a.first_acknowledged_at, a.snoozed_until, a.snoozed_by_kind, a.snoozed_by, a.snoozed_by_part, \
    a.owner_id, a.team_id, a.service_id, a.service_reason, a.integration_id, a.incident_state, a.incident_id, \
    a.created_at, a.updated_at, a.last_occurred_at, a.closed_at, a.closed_by_kind, a.closed_by, a.closed_by_part, a.version";

/// Names of what an alert points at, from the tables of the crates below and of this one.
#[derive(Clone, Debug, FromQueryResult)]
pub struct NamesRow {
    pub id: Uuid,
    pub owner_name: Option<String>,
    pub acknowledged_by_name: Option<String>,
    pub team_name: Option<String>,
    pub service_name: Option<String>,
    pub service_tier: Option<i64>,
    pub integration_name: Option<String>,
    pub closed_by_name: Option<String>,
}

/// The names for a page of alerts, in one statement.
pub async fn list_names(sql: &impl Sql, ids: &[Uuid]) -> Result<Vec<NamesRow>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    sql.all(
        &format!(
            "SELECT a.id, o.name AS owner_name, ack.name AS acknowledged_by_name, t.name AS team_name, \
             s.name AS service_name, s.tier AS service_tier, i.name AS integration_name, \
             COALESCE(cp.name, ci.name) AS closed_by_name \
             FROM alerts a LEFT JOIN people o ON o.id = a.owner_id LEFT JOIN people ack ON ack.id = a.acknowledged_by \
             LEFT JOIN teams t ON t.id = a.team_id LEFT JOIN services s ON s.id = a.service_id \
             LEFT JOIN integrations i ON i.id = a.integration_id \
             LEFT JOIN people cp ON cp.id = a.closed_by LEFT JOIN integrations ci ON ci.id = a.closed_by \
             WHERE a.id IN ({})",
            placeholders(1, ids.len())
        ),
        ids.iter().map(|id| Value::from(*id)).collect(),
    )
    .await
}

/// The alert, if the caller may see it.
pub async fn find_alert(sql: &impl Sql, scope: &Scope, id: AlertId) -> Result<Option<AlertRow>, DbError> {
    let mut params = params![id];
    let seen = scope_team(scope, "a.team_id", &mut params);
    sql.one(&format!("SELECT {COLUMNS} FROM alerts a WHERE a.id = $1 AND {seen}"), params).await
}

/// The alert with this number (the "tiny id"), if the caller may see it.
pub async fn find_alert_by_number(sql: &impl Sql, scope: &Scope, number: i64) -> Result<Option<AlertRow>, DbError> {
    let mut params = params![number];
    let seen = scope_team(scope, "a.team_id", &mut params);
    sql.one(&format!("SELECT {COLUMNS} FROM alerts a WHERE a.seq = $1 AND {seen}"), params).await
}

/// The open alert with this alias, else the newest closed one, if the caller may see it.
pub async fn find_alert_by_alias(sql: &impl Sql, scope: &Scope, alias: &str) -> Result<Option<AlertRow>, DbError> {
    let mut params = params![alias];
    let seen = scope_team(scope, "a.team_id", &mut params);
    sql.one(
        &format!(
            "SELECT {COLUMNS} FROM alerts a WHERE a.alias = $1 AND {seen} \
             ORDER BY CASE a.status WHEN 'open' THEN 0 ELSE 1 END, a.seq DESC LIMIT 1"
        ),
        params,
    )
    .await
}

/// The alert, locked until the transaction ends.
pub async fn lock_alert(tx: &Tx, id: AlertId) -> Result<Option<AlertRow>, DbError> {
    tx.one(&format!("SELECT {COLUMNS} FROM alerts a WHERE a.id = $1{}", tx.for_update()), params![id]).await
}

/// The open alerts with these aliases, locked until the transaction ends.
pub async fn lock_open_aliases(tx: &Tx, aliases: &[String]) -> Result<Vec<AlertRow>, DbError> {
    if aliases.is_empty() {
        return Ok(Vec::new());
    }
    tx.all(
        &format!(
            "SELECT {COLUMNS} FROM alerts a WHERE a.status = 'open' AND a.alias IN ({}) ORDER BY a.alias{}",
            placeholders(1, aliases.len()),
            tx.for_update()
        ),
        aliases.iter().map(|alias| Value::from(alias.clone())).collect(),
    )
    .await
}

#[derive(FromQueryResult)]
struct IdRow {
    id: Uuid,
}

/// Rows in one INSERT: well under the parameter limits of both databases.
const CHUNK: usize = 200;

/// `($1,$2),($3,$4)`: `rows` groups of `columns` placeholders.
fn groups(rows: usize, columns: usize) -> String {
    (0..rows).map(|row| format!("({})", placeholders(1 + row * columns, columns))).collect::<Vec<_>>().join(",")
}

/// Inserts open alerts, leaving out those whose alias another transaction opened meanwhile; gives the ids inserted.
pub async fn insert_alerts(tx: &Tx, rows: &[AlertRow]) -> Result<Vec<Uuid>, DbError> {
    let mut inserted = Vec::with_capacity(rows.len());
    for chunk in rows.chunks(CHUNK) {
        let mut values = Vec::with_capacity(chunk.len() * 22);
        for row in chunk {
            values.extend(params![
                row.id,
                row.alias.clone(),
                row.message.clone(),
                row.description.clone(),
                row.status.clone(),
                row.priority.clone(),
                row.count,
                row.source.clone(),
                row.entity.clone(),
                row.tags.clone(),
                row.details.clone(),
                row.actions.clone(),
                row.seen,
                row.team_id,
                row.service_id,
                row.service_reason.clone(),
                row.integration_id,
                row.incident_state.clone(),
                row.created_at,
                row.updated_at,
                row.last_occurred_at,
                row.version
            ]);
        }
        let returned: Vec<IdRow> = tx
            .all(
                &format!(
                    "INSERT INTO alerts (id, alias, message, description, status, priority, count, source, entity, tags, \
                     details, actions, seen, team_id, service_id, service_reason, integration_id, incident_state, created_at, \
                     updated_at, last_occurred_at, version) VALUES {} \
                     ON CONFLICT (alias) WHERE status = 'open' DO NOTHING RETURNING id",
                    groups(chunk.len(), 22)
                ),
                values,
            )
            .await?;
        inserted.extend(returned.into_iter().map(|row| row.id));
    }
    Ok(inserted)
}

/// Writes every column that can change.
pub async fn update_alert(tx: &Tx, row: &AlertRow) -> Result<(), DbError> {
    tx.execute(
        "UPDATE alerts SET message = $2, description = $3, status = $4, priority = $5, count = $6, tags = $7, details = $8, \
         seen = $9, acknowledged_at = $10, acknowledged_by_kind = $11, acknowledged_by = $12, \
         acknowledged_by_part = $13, first_acknowledged_at = $14, snoozed_until = $15, snoozed_by_kind = $16, \
         snoozed_by = $17, snoozed_by_part = $18, owner_id = $19, team_id = $20, service_id = $21, \
         service_reason = $22, incident_state = $23, incident_id = $24, updated_at = $25, last_occurred_at = \
         $26, closed_at = $27, closed_by_kind = $28, closed_by = $29, closed_by_part = $30, version = $31 \
         WHERE id = $1",
        params![
            row.id,
            row.message.clone(),
            row.description.clone(),
            row.status.clone(),
            row.priority.clone(),
            row.count,
            row.tags.clone(),
            row.details.clone(),
            row.seen,
            row.acknowledged_at,
            row.acknowledged_by_kind.clone(),
            row.acknowledged_by,
            row.acknowledged_by_part.clone(),
            row.first_acknowledged_at,
            row.snoozed_until,
            row.snoozed_by_kind.clone(),
            row.snoozed_by,
            row.snoozed_by_part.clone(),
            row.owner_id,
            row.team_id,
            row.service_id,
            row.service_reason.clone(),
            row.incident_state.clone(),
            row.incident_id,
            row.updated_at,
            row.last_occurred_at,
            row.closed_at,
            row.closed_by_kind.clone(),
            row.closed_by,
            row.closed_by_part.clone(),
            row.version,
        ],
    )
    .await?;
    Ok(())
}

/// Adds tag rows; those that stand already stay.
pub async fn insert_tags(tx: &Tx, tags: &[(Uuid, String)]) -> Result<(), DbError> {
    for chunk in tags.chunks(CHUNK) {
        let values = chunk.iter().flat_map(|(alert, tag)| params![*alert, tag.clone()]).collect();
        let sql =
            format!("INSERT INTO alert_tags (alert_id, tag) VALUES {} ON CONFLICT DO NOTHING", groups(chunk.len(), 2));
        tx.execute(&sql, values).await?;
    }
    Ok(())
}

/// Takes tag rows away.
pub async fn delete_tags(tx: &Tx, alert: AlertId, tags: &[String]) -> Result<(), DbError> {
    for tag in tags {
        tx.execute("DELETE FROM alert_tags WHERE alert_id = $1 AND tag = $2", params![alert, tag.clone()]).await?;
    }
    Ok(())
}

/// Adds detail rows for new alerts.
pub async fn insert_details(tx: &Tx, details: &[(Uuid, String, String)]) -> Result<(), DbError> {
    for chunk in details.chunks(CHUNK) {
        let values =
            chunk.iter().flat_map(|(alert, name, value)| params![*alert, name.clone(), value.clone()]).collect();
        let sql = format!(
            "INSERT INTO alert_details (alert_id, name, value) VALUES {} \
             ON CONFLICT (alert_id, name) DO UPDATE SET value = excluded.value",
            groups(chunk.len(), 3)
        );
        tx.execute(&sql, values).await?;
    }
    Ok(())
}

/// Takes all detail rows of an alert away.
pub async fn delete_details(tx: &Tx, alert: AlertId) -> Result<(), DbError> {
    tx.execute("DELETE FROM alert_details WHERE alert_id = $1", params![alert]).await?;
    Ok(())
}

/// A responder of an alert.
#[derive(Clone, Debug, FromQueryResult)]
pub struct ResponderRow {
    pub alert_id: Uuid,
    pub kind: String,
    pub responder_id: Uuid,
    pub name: Option<String>,
}

/// Adds responders `(alert, kind, id)`; gives how many were new.
pub async fn insert_responders(tx: &Tx, responders: &[(Uuid, String, Uuid)], at: i64) -> Result<u64, DbError> {
    let mut added = 0;
    for chunk in responders.chunks(CHUNK) {
        let values = chunk.iter().flat_map(|(alert, kind, id)| params![*alert, kind.clone(), *id, at]).collect();
        let sql = format!(
            "INSERT INTO alert_responders (alert_id, kind, responder_id, added_at) VALUES {} ON CONFLICT DO NOTHING",
            groups(chunk.len(), 4)
        );
        added += tx.execute(&sql, values).await?;
    }
    Ok(added)
}

/// The responders of these alerts with their names, in the order they were added.
pub async fn list_responders(sql: &impl Sql, alerts: &[Uuid]) -> Result<Vec<ResponderRow>, DbError> {
    if alerts.is_empty() {
        return Ok(Vec::new());
    }
    sql.all(
        &format!(
            "SELECT r.alert_id, r.kind, r.responder_id, COALESCE(p.name, t.name, s.name, e.name) AS name \
             FROM alert_responders r \
             LEFT JOIN people p ON r.kind = 'person' AND p.id = r.responder_id \
             LEFT JOIN teams t ON r.kind = 'team' AND t.id = r.responder_id \
             LEFT JOIN schedules s ON r.kind = 'schedule' AND s.id = r.responder_id \
             LEFT JOIN escalation_policies e ON r.kind = 'policy' AND e.id = r.responder_id \
             WHERE r.alert_id IN ({}) ORDER BY r.added_at, r.kind, r.responder_id",
            placeholders(1, alerts.len())
        ),
        alerts.iter().map(|id| Value::from(*id)).collect(),
    )
    .await
}

/// A line of the log, or a note (`kind` and `data` empty), with the actor's name.
#[derive(Clone, Debug, FromQueryResult)]
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
    for chunk in lines.chunks(CHUNK) {
        let mut values = Vec::with_capacity(chunk.len() * 10);
        for line in chunk {
            values.extend(params![
                line.id,
                line.alert,
                line.at,
                line.actor.kind.clone(),
                line.actor.id,
                line.actor.part.clone(),
                line.kind.clone(),
                line.text.clone(),
                line.because.clone(),
                line.data.clone()
            ]);
        }
        let sql = format!(
            "INSERT INTO alert_log (id, alert_id, at, actor_kind, actor_id, actor_part, kind, text, because, data) VALUES {}",
            groups(chunk.len(), 10)
        );
        tx.execute(&sql, values).await?;
    }
    Ok(())
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
#[derive(Clone, Debug, FromQueryResult)]
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

/// Alerts of an incident, oldest first.
pub async fn list_by_incident(sql: &impl Sql, scope: &Scope, incident: TicketId) -> Result<Vec<AlertRow>, DbError> {
    let mut params = params![incident];
    let seen = scope_team(scope, "a.team_id", &mut params);
    sql.all(
        &format!("SELECT {COLUMNS} FROM alerts a WHERE a.incident_id = $1 AND {seen} ORDER BY a.seq LIMIT 500"),
        params,
    )
    .await
}

/// Alerts by their ids, those that the caller may see.
pub async fn list_by_ids(sql: &impl Sql, scope: &Scope, ids: &[Uuid]) -> Result<Vec<AlertRow>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut params: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    let seen = scope_team(scope, "a.team_id", &mut params);
    sql.all(
        &format!("SELECT {COLUMNS} FROM alerts a WHERE a.id IN ({}) AND {seen}", placeholders(1, ids.len())),
        params,
    )
    .await
}

#[derive(FromQueryResult)]
struct CountRow {
    n: i64,
}

/// How many alerts match a condition made by [`super::search`], which has the scope in it.
pub async fn count_matching(sql: &impl Sql, condition: &str, params: Vec<Value>) -> Result<i64, DbError> {
    let row: Option<CountRow> =
        sql.one(&format!("SELECT COUNT(*) AS n FROM alerts a WHERE {condition}"), params).await?;
    Ok(row.map_or(0, |row| row.n))
}

/// Alerts that match a condition made by [`super::search`], which has the scope in it.
pub async fn list_matching(
    sql: &impl Sql,
    condition: &str,
    order: &str,
    limit: i64,
    offset: i64,
    mut params: Vec<Value>,
) -> Result<Vec<AlertRow>, DbError> {
    params.push(Value::from(limit));
    params.push(Value::from(offset));
    let (limit, offset) = (params.len() - 1, params.len());
    sql.all(
        &format!("SELECT {COLUMNS} FROM alerts a WHERE {condition} ORDER BY {order} LIMIT ${limit} OFFSET ${offset}"),
        params,
    )
    .await
}

#[derive(FromQueryResult)]
struct ServiceCountRow {
    service_id: Uuid,
    n: i64,
}

/// How many open alerts each service has.
pub async fn count_open_by_service(
    sql: &impl Sql,
    scope: &Scope,
    services: &[ServiceId],
) -> Result<Vec<(ServiceId, i64)>, DbError> {
    if services.is_empty() {
        return Ok(Vec::new());
    }
    let mut params: Vec<Value> = services.iter().map(|id| Value::from(id.0)).collect();
    let seen = scope_team(scope, "a.team_id", &mut params);
    let rows: Vec<ServiceCountRow> = sql
        .all(
            &format!(
                "SELECT a.service_id, COUNT(*) AS n FROM alerts a WHERE a.status = 'open' AND a.service_id IN ({}) AND {seen} \
                 GROUP BY a.service_id",
                placeholders(1, services.len())
            ),
            params,
        )
        .await?;
    Ok(rows.into_iter().map(|row| (ServiceId(row.service_id), row.n)).collect())
}

#[derive(FromQueryResult)]
struct NameRow {
    name: String,
}

/// Table of a kind of responder.
fn responder_table(kind: &str) -> Option<&'static str> {
    match kind {
        "person" => Some("people"),
        "team" => Some("teams"),
        "schedule" => Some("schedules"),
        "policy" => Some("escalation_policies"),
        _ => None,
    }
}

/// The name of somebody that can be told: a person, a team, a schedule or a policy.
pub async fn find_responder(sql: &impl Sql, kind: &str, id: Uuid) -> Result<Option<String>, DbError> {
    let Some(table) = responder_table(kind) else { return Ok(None) };
    let row: Option<NameRow> = sql.one(&format!("SELECT name FROM {table} WHERE id = $1"), params![id]).await?;
    Ok(row.map(|row| row.name))
}

/// The responder with this name (or, for a person, this mail address): how compatible clients name them.
pub async fn find_responder_by_name(sql: &impl Sql, kind: &str, name: &str) -> Result<Option<Uuid>, DbError> {
    let Some(table) = responder_table(kind) else { return Ok(None) };
    let or_mail = if kind == "person" { " OR LOWER(email) = LOWER($1)" } else { "" };
    let statement = format!("SELECT id FROM {table} WHERE LOWER(name) = LOWER($1){or_mail} ORDER BY id LIMIT 1");
    let row: Option<IdRow> = sql.one(&statement, params![name]).await?;
    Ok(row.map(|row| row.id))
}

/// Owner team and tier of a service.
#[derive(Clone, Debug, FromQueryResult)]
pub struct ServiceRow {
    pub id: Uuid,
    pub owner_team_id: Option<Uuid>,
}

/// The services with these ids.
pub async fn list_services(sql: &impl Sql, ids: &[Uuid]) -> Result<Vec<ServiceRow>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    sql.all(
        &format!("SELECT id, owner_team_id FROM services WHERE id IN ({})", placeholders(1, ids.len())),
        ids.iter().map(|id| Value::from(*id)).collect(),
    )
    .await
}

/// A number of alerts.
#[derive(Clone, Debug, FromQueryResult)]
pub struct TallyRow {
    pub subject: Uuid,
    pub number: i64,
}

/// How many open alerts each of these services has, of those that the caller may see.
pub async fn count_open_of_services(sql: &impl Sql, scope: &Scope, ids: &[Uuid]) -> Result<Vec<TallyRow>, DbError> {
    count_by(sql, scope, "a.service_id", "a.status = 'open'", ids).await
}

/// How many alerts belong to each of these tickets, of those that the caller may see.
pub async fn count_of_tickets(sql: &impl Sql, scope: &Scope, ids: &[Uuid]) -> Result<Vec<TallyRow>, DbError> {
    count_by(sql, scope, "a.incident_id", "a.incident_id IS NOT NULL", ids).await
}

async fn count_by(
    sql: &impl Sql,
    scope: &Scope,
    column: &str,
    only: &str,
    ids: &[Uuid],
) -> Result<Vec<TallyRow>, DbError> {
    let mut params: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    let seen = scope_team(scope, "a.team_id", &mut params);
    let list = placeholders(1, ids.len());
    let text = format!(
        "SELECT {column} AS subject, COUNT(*) AS number FROM alerts a WHERE {only} AND {column} IN ({list}) AND {seen} \
         GROUP BY {column}"
    );
    sql.all(&text, params).await
}
