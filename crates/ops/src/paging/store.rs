//! SQL of escalations, pages, skips and alarms.

use std::collections::HashMap;

use domain::escalation::Run;
use jiff::Timestamp;
use kernel::{AlertId, PageId, PersonId, Scope};
use platform::{
    DbError, Sql, Tx,
    db::{FromRow, IntoParam, placeholders, scope_team},
    params,
};
use serde_json::Value;
use uuid::Uuid;

use super::message::AlertFacts;

/// How an escalation stands.
pub(crate) mod state {
    /// Steps are to come.
    pub(crate) const RUNNING: &str = "running";
    /// The alert was closed or snoozed, or a newer flow started.
    pub(crate) const STOPPED: &str = "stopped";
    /// All steps have run.
    pub(crate) const FINISHED: &str = "finished";
    /// The alert notifies nobody.
    pub(crate) const NOBODY: &str = "nobody";
}

/// One flow of an alert.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct EscalationRow {
    pub(crate) id: Uuid,
    pub(crate) alert_id: Uuid,
    pub(crate) flow: i64,
    pub(crate) policy_id: Option<Uuid>,
    pub(crate) policy_name: String,
    pub(crate) policy_version: i64,
    pub(crate) run: Option<Value>,
    pub(crate) because: String,
    pub(crate) state: String,
    pub(crate) started_at: i64,
}

impl EscalationRow {
    /// The frozen policy and how far it has come; none for a flow that notifies nobody.
    pub(crate) fn run(&self) -> Result<Option<Run>, DbError> {
        let read = |run: &Value| serde_json::from_value(run.clone());
        let run = self.run.as_ref().filter(|run| !run.is_null()).map(read).transpose();
        run.map_err(|error| DbError::Corrupt(format!("escalation {}: {error}", self.id)))
    }
}

const ESCALATION: &str =
    "e.id, e.alert_id, e.flow, e.policy_id, e.policy_name, e.policy_version, e.run, e.because, e.state, e.started_at";

/// The newest flow of an alert. The alert's row is the lock.
pub(crate) async fn find_latest(sql: &impl Sql, alert: AlertId) -> Result<Option<EscalationRow>, DbError> {
    let text = format!("SELECT {ESCALATION} FROM escalations e WHERE e.alert_id = $1 ORDER BY e.flow DESC LIMIT 1");
    sql.one(&text, params![alert]).await
}

/// One flow.
pub(crate) async fn find_escalation(sql: &impl Sql, id: Uuid) -> Result<Option<EscalationRow>, DbError> {
    sql.one(&format!("SELECT {ESCALATION} FROM escalations e WHERE e.id = $1"), params![id]).await
}

/// The newest flow of each of these alerts.
pub(crate) async fn list_latest(sql: &impl Sql, alerts: &[Uuid]) -> Result<Vec<EscalationRow>, DbError> {
    if alerts.is_empty() {
        return Ok(Vec::new());
    }
    let text = format!(
        "SELECT {ESCALATION} FROM escalations e WHERE e.alert_id IN ({}) \
         AND e.flow = (SELECT MAX(n.flow) FROM escalations n WHERE n.alert_id = e.alert_id)",
        placeholders(1, alerts.len())
    );
    sql.all(&text, alerts.iter().map(|id| (*id).into_param()).collect()).await
}

/// Adds flows.
pub(crate) async fn insert_escalations(tx: &Tx, rows: &[EscalationRow]) -> Result<(), DbError> {
    let mut values = Vec::with_capacity(rows.len() * 10);
    for row in rows {
        values.extend(params![
            row.id,
            row.alert_id,
            row.flow,
            row.policy_id,
            &row.policy_name,
            row.policy_version,
            row.run.clone(),
            &row.because,
            &row.state,
            row.started_at
        ]);
    }
    let head = "INSERT INTO escalations (id, alert_id, flow, policy_id, policy_name, policy_version, run, because, state, \
                started_at)";
    tx.insert_rows(head, values, "").await.map(drop)
}

/// Stores how far a flow has come.
pub(crate) async fn update_escalation(tx: &Tx, id: Uuid, run: Option<Value>, state: &str) -> Result<(), DbError> {
    tx.execute("UPDATE escalations SET run = $2, state = $3 WHERE id = $1", params![id, run, state]).await?;
    Ok(())
}

/// An intended notification.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct PageRow {
    pub(crate) id: Uuid,
    pub(crate) alert_id: Uuid,
    pub(crate) escalation_id: Uuid,
    pub(crate) round: i64,
    pub(crate) step: i64,
    pub(crate) step_text: String,
    pub(crate) person_id: Uuid,
    pub(crate) contact_id: Uuid,
    pub(crate) contact_kind: String,
    pub(crate) address: String,
    pub(crate) because: String,
    pub(crate) state: String,
    pub(crate) due_at: i64,
    pub(crate) created_at: i64,
    pub(crate) sent_at: Option<i64>,
    pub(crate) attempts: i64,
    pub(crate) last_error: Option<String>,
}

const PAGE: &str = "p.id, p.alert_id, p.escalation_id, p.round, p.step, p.step_text, p.person_id, p.contact_id, \
     p.contact_kind, p.address, p.because, p.state, p.due_at, p.created_at, p.sent_at, p.attempts, p.last_error";

/// Adds a page unless this flow's round and step have one for the contact; gives whether it is new.
pub(crate) async fn insert_page(tx: &Tx, page: &PageRow) -> Result<bool, DbError> {
    let rows = tx
        .execute(
            "INSERT INTO pages (id, alert_id, escalation_id, round, step, step_text, person_id, contact_id, contact_kind, \
             address, because, state, due_at, created_at, sent_at, attempts, last_error) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, NULL, 0, NULL) \
             ON CONFLICT (escalation_id, round, step, contact_id) DO NOTHING",
            params![
                page.id,
                page.alert_id,
                page.escalation_id,
                page.round,
                page.step,
                &page.step_text,
                page.person_id,
                page.contact_id,
                &page.contact_kind,
                &page.address,
                &page.because,
                &page.state,
                page.due_at,
                page.created_at
            ],
        )
        .await?;
    Ok(rows == 1)
}

/// One page.
pub(crate) async fn find_page(sql: &impl Sql, id: PageId) -> Result<Option<PageRow>, DbError> {
    sql.one(&format!("SELECT {PAGE} FROM pages p WHERE p.id = $1"), params![id]).await
}

/// All pages of an alert, oldest first. Whoever calls has checked that the caller sees the alert.
pub(crate) async fn list_pages(sql: &impl Sql, alert: AlertId) -> Result<Vec<PageRow>, DbError> {
    sql.all(&format!("SELECT {PAGE} FROM pages p WHERE p.alert_id = $1 ORDER BY p.seq"), params![alert]).await
}

/// Pages of an alert that are not sent yet.
pub(crate) async fn list_waiting(sql: &impl Sql, alert: AlertId) -> Result<Vec<PageRow>, DbError> {
    let text = format!(
        "SELECT {PAGE} FROM pages p WHERE p.alert_id = $1 AND p.state IN ('pending', 'held') ORDER BY p.due_at, p.seq"
    );
    sql.all(&text, params![alert]).await
}

/// The pages of one step to one person.
pub(crate) async fn list_of_step(sql: &impl Sql, like: &PageRow) -> Result<Vec<PageRow>, DbError> {
    let text = format!(
        "SELECT {PAGE} FROM pages p WHERE p.escalation_id = $1 AND p.round = $2 AND p.step = $3 AND p.person_id = $4 \
         ORDER BY p.due_at, p.seq"
    );
    sql.all(&text, params![like.escalation_id, like.round, like.step, like.person_id]).await
}

/// The page was handed over.
pub(crate) async fn mark_sent(tx: &Tx, id: Uuid, attempts: i64) -> Result<(), DbError> {
    tx.execute(
        "UPDATE pages SET state = 'sent', sent_at = $2, attempts = $3, last_error = NULL WHERE id = $1",
        params![id, tx.now(), attempts],
    )
    .await?;
    Ok(())
}

/// An attempt failed; the page is tried again at `due`, or is over.
pub(crate) async fn mark_tried(
    tx: &Tx,
    id: Uuid,
    attempts: i64,
    error: &str,
    again_at: Option<Timestamp>,
) -> Result<(), DbError> {
    let state = if again_at.is_some() { "pending" } else { "failed" };
    tx.execute(
        "UPDATE pages SET state = $2, attempts = $3, last_error = $4, due_at = COALESCE($5, due_at) WHERE id = $1",
        params![id, state, attempts, error, again_at],
    )
    .await?;
    Ok(())
}

/// The page is no longer wanted.
pub(crate) async fn mark_cancelled(tx: &Tx, id: Uuid, why: &str) -> Result<(), DbError> {
    tx.execute(
        "UPDATE pages SET state = 'cancelled', last_error = $2 WHERE id = $1 AND state IN ('pending', 'held')",
        params![id, why],
    )
    .await?;
    Ok(())
}

/// The page is due at once.
pub(crate) async fn mark_due(tx: &Tx, id: Uuid) -> Result<(), DbError> {
    tx.execute(
        "UPDATE pages SET state = 'pending', due_at = $2 WHERE id = $1 AND state IN ('pending', 'held')",
        params![id, tx.now()],
    )
    .await?;
    Ok(())
}

/// Somebody whom a step did not tell.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct SkipRow {
    pub(crate) person_id: Option<Uuid>,
    pub(crate) because: String,
}

/// Notes that a step did not tell somebody (or, without a person, anybody).
pub(crate) async fn insert_skip(
    tx: &Tx,
    escalation: &EscalationRow,
    round: i64,
    step: i64,
    person: Option<PersonId>,
    because: &str,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO page_skips (id, alert_id, escalation_id, round, step, person_id, because, at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        params![tx.new_id(), escalation.alert_id, escalation.id, round, step, person, because, tx.now()],
    )
    .await?;
    Ok(())
}

/// Whom the steps of an alert did not tell, and why flows of it told nobody at all.
pub(crate) async fn list_skips(sql: &impl Sql, alert: AlertId) -> Result<Vec<SkipRow>, DbError> {
    let text = "SELECT person_id, because FROM (SELECT seq, at, person_id, because FROM page_skips WHERE alert_id = $1 \
                UNION ALL SELECT 0, started_at, NULL, because FROM escalations WHERE alert_id = $1 AND state = $2) AS skips \
                ORDER BY at, seq";
    sql.all(text, params![alert, state::NOBODY]).await
}

/// What paging needs to know of a service.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct ServiceRow {
    pub(crate) name: String,
    pub(crate) owner_team_id: Option<Uuid>,
    pub(crate) escalation_policy_id: Option<Uuid>,
}

/// A service. Takes no scope: the caller is an escalation.
pub(crate) async fn find_service(sql: &impl Sql, id: Uuid) -> Result<Option<ServiceRow>, DbError> {
    sql.one(
        "SELECT s.name, s.owner_team_id, s.escalation_policy_id FROM services s WHERE s.id = $1 AND s.deleted_at IS NULL",
        params![id],
    )
    .await
}

/// Somebody who answers for a service or is named on an alert.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct ResponderRow {
    pub(crate) kind: String,
    pub(crate) responder_id: Uuid,
}

/// Who answers for a service, in order.
pub(crate) async fn list_responders(sql: &impl Sql, service: Uuid) -> Result<Vec<ResponderRow>, DbError> {
    sql.all(
        "SELECT kind, responder_id FROM service_responders WHERE service_id = $1 ORDER BY ordinal",
        params![service],
    )
    .await
}

#[derive(FromRow)]
struct SeenRow {
    id: Uuid,
}

/// Whether the scope may see the alert.
pub(crate) async fn sees_alert(sql: &impl Sql, scope: &Scope, alert: AlertId) -> Result<bool, DbError> {
    let mut values = params![alert];
    let seen = scope_team(scope, "a.team_id", &mut values);
    let row: Option<SeenRow> =
        sql.one(&format!("SELECT a.id FROM alerts a WHERE a.id = $1 AND {seen}"), values).await?;
    Ok(row.is_some_and(|row| row.id == alert.0))
}

/// An alert that waits for an answer, as the auditor looks at it.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct WatchedRow {
    pub(crate) id: Uuid,
    pub(crate) priority: String,
    pub(crate) service_id: Option<Uuid>,
    pub(crate) waiting_since: i64,
}

/// Open alerts that nobody has acknowledged and that are not snoozed, in the order of their ids.
pub(crate) async fn list_watched(sql: &impl Sql, after: Uuid, limit: i64) -> Result<Vec<WatchedRow>, DbError> {
    sql.all(
        "SELECT a.id, a.priority, a.service_id, a.updated_at AS waiting_since FROM alerts a \
         WHERE a.status = 'open' AND a.acknowledged_at IS NULL AND a.snoozed_until IS NULL AND a.id > $1 \
         ORDER BY a.id LIMIT $2",
        params![after, limit],
    )
    .await
}

/// The keys of the timers that are to run (or run now) for these escalations.
pub(crate) async fn list_timers(sql: &impl Sql, kind: &str, keys: &[String]) -> Result<Vec<String>, DbError> {
    #[derive(FromRow)]
    struct KeyRow {
        key: String,
    }
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let mut values = params![kind];
    values.extend(keys.iter().map(IntoParam::into_param));
    let text = format!(
        "SELECT key FROM jobs WHERE kind = $1 AND state = 'pending' AND key IN ({})",
        placeholders(2, keys.len())
    );
    Ok(sql.all::<KeyRow>(&text, values).await?.into_iter().map(|row| row.key).collect())
}

/// An alarm of the auditor.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct AlarmRow {
    pub(crate) alert_id: Uuid,
    pub(crate) seq: i64,
    pub(crate) message: String,
    pub(crate) priority: String,
    pub(crate) status: String,
    pub(crate) problem: String,
}

/// The standing alarms whose alerts the scope may see.
pub(crate) async fn list_alarms(sql: &impl Sql, scope: &Scope) -> Result<Vec<AlarmRow>, DbError> {
    let mut values = Vec::new();
    let seen = scope_team(scope, "a.team_id", &mut values);
    let text = format!(
        "SELECT m.alert_id, a.seq, a.message, a.priority, a.status, m.problem FROM paging_alarms m \
         JOIN alerts a ON a.id = m.alert_id WHERE {seen} ORDER BY m.seq DESC LIMIT 100"
    );
    sql.all(&text, values).await
}

/// Every standing alarm: alert and problem.
pub(crate) async fn list_problems(sql: &impl Sql) -> Result<HashMap<Uuid, String>, DbError> {
    #[derive(FromRow)]
    struct ProblemRow {
        alert_id: Uuid,
        problem: String,
    }
    let rows: Vec<ProblemRow> = sql.all("SELECT alert_id, problem FROM paging_alarms", Vec::new()).await?;
    Ok(rows.into_iter().map(|row| (row.alert_id, row.problem)).collect())
}

/// Raises an alarm, or changes its problem.
pub(crate) async fn upsert_alarm(tx: &Tx, alert: Uuid, problem: &str) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO paging_alarms (id, alert_id, problem, since) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (alert_id) DO UPDATE SET problem = excluded.problem",
        params![tx.new_id(), alert, problem, tx.now()],
    )
    .await?;
    Ok(())
}

/// Ends an alarm.
pub(crate) async fn delete_alarm(tx: &Tx, alert: Uuid) -> Result<(), DbError> {
    tx.execute("DELETE FROM paging_alarms WHERE alert_id = $1", params![alert]).await?;
    Ok(())
}

/// The active administrators of the organisation.
pub(crate) async fn list_administrators(sql: &impl Sql) -> Result<Vec<PersonId>, DbError> {
    let rows: Vec<SeenRow> =
        sql.all("SELECT p.id FROM people p WHERE p.role = 'admin' AND p.active ORDER BY p.seq", Vec::new()).await?;
    Ok(rows.into_iter().map(|row| row.id.into()).collect())
}

const ALERT: &str = "a.id, a.seq, a.message, a.description, a.status, a.priority, a.count, a.acknowledged_at, \
     a.acknowledged_by, a.snoozed_until, a.service_id, a.created_at";

/// The alert of a message. Takes no scope: the caller is a page to a person, or a signed link.
pub(crate) async fn find_alert(sql: &impl Sql, id: AlertId) -> Result<Option<AlertFacts>, DbError> {
    sql.one(&format!("SELECT {ALERT} FROM alerts a WHERE a.id = $1"), params![id]).await
}

/// The alerts of summaries. Whoever calls has checked that the caller sees them.
pub(crate) async fn list_alerts(sql: &impl Sql, ids: &[Uuid]) -> Result<Vec<AlertFacts>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let text = format!("SELECT {ALERT} FROM alerts a WHERE a.id IN ({})", placeholders(1, ids.len()));
    sql.all(&text, ids.iter().map(|id| (*id).into_param()).collect()).await
}
