//! Rows of clocks and cycles, and the names that goals' queries use.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::sla::{Clock, Phase};
use kernel::{ProjectId, Scope, TicketId, micros};
use platform::db::{FromRow, placeholders, scope_project};
use platform::{DbError, Sql, StoredEvent, Tx, event_log, params};
use sea_orm::Value;
use uuid::Uuid;

use super::terms::CalendarVersions;

/// A clock with the versions of the documents that it was folded with.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct StoredClock {
    pub version: i64,
    pub calendars: CalendarVersions,
    pub clock: Clock,
}

#[derive(FromRow)]
struct ClockRow {
    sla_key: String,
    sla_version: i64,
    calendar_versions: serde_json::Value,
    clock: serde_json::Value,
}

impl ClockRow {
    fn stored(self) -> Result<StoredClock, DbError> {
        let corrupt = |error: serde_json::Error| DbError::Corrupt(format!("clock of {}: {error}", self.sla_key));
        Ok(StoredClock {
            version: self.sla_version,
            calendars: serde_json::from_value(self.calendar_versions).map_err(corrupt)?,
            clock: serde_json::from_value(self.clock).map_err(corrupt)?,
        })
    }
}

/// The clocks of a ticket, by service level.
pub(super) async fn clocks_of(sql: &impl Sql, ticket: TicketId) -> Result<BTreeMap<String, StoredClock>, DbError> {
    let text = "SELECT sla_key, sla_version, calendar_versions, clock FROM sla_clocks WHERE ticket_id = $1";
    let rows: Vec<ClockRow> = sql.all(text, params![ticket]).await?;
    rows.into_iter().map(|row| Ok((row.sla_key.clone(), row.stored()?))).collect()
}

/// One clock of a ticket.
pub(super) async fn clock_of(sql: &impl Sql, ticket: TicketId, key: &str) -> Result<Option<StoredClock>, DbError> {
    let text = "SELECT sla_key, sla_version, calendar_versions, clock FROM sla_clocks \
                WHERE ticket_id = $1 AND sla_key = $2";
    sql.one::<ClockRow>(text, params![ticket, key]).await?.map(ClockRow::stored).transpose()
}

fn json<T: serde::Serialize>(value: &T) -> Result<serde_json::Value, DbError> {
    serde_json::to_value(value).map_err(|error| DbError::Corrupt(error.to_string()))
}

/// Stores clocks of a ticket.
pub(super) async fn save_clocks(tx: &Tx, ticket: TicketId, clocks: &[(&str, &StoredClock)]) -> Result<(), DbError> {
    let mut values = Vec::with_capacity(clocks.len() * 5);
    for (key, stored) in clocks {
        values.extend(params![ticket, *key, stored.version, json(&stored.calendars)?, json(&stored.clock)?]);
    }
    let head = "INSERT INTO sla_clocks (ticket_id, sla_key, sla_version, calendar_versions, clock)";
    let tail = "ON CONFLICT (ticket_id, sla_key) DO UPDATE SET sla_version = excluded.sla_version, \
                calendar_versions = excluded.calendar_versions, clock = excluded.clock";
    tx.insert_rows(head, values, tail).await.map(drop)
}

/// Removes a clock; its cycles are the caller's.
pub(super) async fn delete_clock(tx: &Tx, ticket: TicketId, key: &str) -> Result<(), DbError> {
    tx.execute("DELETE FROM sla_clocks WHERE ticket_id = $1 AND sla_key = $2", params![ticket, key]).await.map(drop)
}

/// A cycle with a goal, as lists and reports compare it.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub(super) struct CycleRow {
    pub ticket_id: Uuid,
    pub sla_key: String,
    pub number: i64,
    pub started_at: i64,
    pub started_event: Uuid,
    pub phase: String,
    pub goal_key: String,
    pub calendar_key: Option<String>,
    pub target_us: i64,
    pub as_of: i64,
    pub elapsed_us: i64,
    pub remaining_us: i64,
    pub breach_at: Option<i64>,
    pub zero_at: Option<i64>,
    pub next_at: Option<i64>,
    pub breached_at: Option<i64>,
    pub ended_at: Option<i64>,
    pub latest: bool,
}

const CYCLE_COLUMNS: &str = "ticket_id, sla_key, number, started_at, started_event, phase, goal_key, calendar_key, \
     target_us, as_of, elapsed_us, remaining_us, breach_at, zero_at, next_at, breached_at, ended_at, latest";

/// The rows of a clock's cycles. Cycles without a goal are none to queries, and have no row.
pub(super) fn rows_of(ticket: TicketId, key: &str, clock: &Clock) -> Vec<CycleRow> {
    let mut rows: Vec<CycleRow> = clock
        .cycles
        .iter()
        .filter_map(|cycle| {
            let (goal, remaining_us) = (cycle.goal.as_ref()?, cycle.remaining_us()?);
            Some(CycleRow {
                ticket_id: ticket.0,
                sla_key: key.to_owned(),
                number: i64::from(cycle.number),
                started_at: micros(cycle.started.at),
                started_event: cycle.started.event.0,
                phase: cycle.phase.as_str().to_owned(),
                goal_key: goal.key.clone(),
                calendar_key: goal.calendar.clone(),
                target_us: goal.target_us,
                as_of: micros(cycle.as_of),
                elapsed_us: cycle.elapsed_us,
                remaining_us,
                breach_at: cycle.breach_at.map(micros),
                zero_at: cycle.zero_at.map(micros),
                next_at: cycle.next.map(|due| micros(due.at)),
                breached_at: cycle.breached_at().map(micros),
                ended_at: match &cycle.phase {
                    Phase::Completed { ended, .. } => Some(micros(ended.at)),
                    Phase::Running | Phase::Paused { .. } => None,
                },
                latest: false,
            })
        })
        .collect();
    if let Some(last) = rows.last_mut() {
        last.latest = true;
    }
    rows
}

/// When the next of these clocks runs out.
pub(super) fn next_due(rows: &[CycleRow]) -> Option<i64> {
    rows.iter().filter(|row| row.latest && row.phase == "running").filter_map(|row| row.breach_at).min()
}

/// Notes at the ticket when the next of its clocks runs out.
pub(super) async fn note_next_due(tx: &Tx, ticket: Uuid) -> Result<(), DbError> {
    let text = "UPDATE tickets SET sla_due_at = (SELECT MIN(y.breach_at) FROM sla_cycles y \
                WHERE y.ticket_id = $1 AND y.latest AND y.phase = 'running') WHERE id = $1";
    tx.execute(text, params![ticket]).await.map(drop)
}

/// Stores the cycles that changed between two states of some clocks of one ticket, and removes those that are gone. Gives
/// whether another one is the next to run out, which the ticket has to note.
pub(super) async fn save_cycles(tx: &Tx, before: &[CycleRow], after: &[CycleRow]) -> Result<bool, DbError> {
    let same =
        |a: &CycleRow, b: &CycleRow| a.ticket_id == b.ticket_id && a.sla_key == b.sla_key && a.number == b.number;
    for gone in before.iter().filter(|row| !after.iter().any(|other| same(row, other))) {
        let text = "DELETE FROM sla_cycles WHERE ticket_id = $1 AND sla_key = $2 AND number = $3";
        tx.execute(text, params![gone.ticket_id, &gone.sla_key, gone.number]).await?;
    }
    let mut values = Vec::new();
    for row in after.iter().filter(|row| !before.contains(row)) {
        values.extend(params![
            row.ticket_id,
            &row.sla_key,
            row.number,
            row.started_at,
            row.started_event,
            &row.phase,
            &row.goal_key,
            row.calendar_key.clone(),
            row.target_us,
            row.as_of,
            row.elapsed_us,
            row.remaining_us,
            row.breach_at,
            row.zero_at,
            row.next_at,
            row.breached_at,
            row.ended_at,
            row.latest
        ]);
    }
    let tail = "ON CONFLICT (ticket_id, sla_key, number) DO UPDATE \
                SET started_at = excluded.started_at, started_event = excluded.started_event, phase = excluded.phase, \
                goal_key = excluded.goal_key, calendar_key = excluded.calendar_key, target_us = excluded.target_us, \
                as_of = excluded.as_of, elapsed_us = excluded.elapsed_us, remaining_us = excluded.remaining_us, \
                breach_at = excluded.breach_at, zero_at = excluded.zero_at, next_at = excluded.next_at, \
                breached_at = excluded.breached_at, ended_at = excluded.ended_at, latest = excluded.latest";
    tx.insert_rows(&format!("INSERT INTO sla_cycles ({CYCLE_COLUMNS})"), values, tail).await?;
    Ok(next_due(before) != next_due(after))
}

/// Removes the cycle that goes on, for a clock that is not there.
pub(super) async fn delete_ongoing(tx: &Tx, ticket: TicketId, key: &str) -> Result<(), DbError> {
    let text = "DELETE FROM sla_cycles WHERE ticket_id = $1 AND sla_key = $2 AND phase <> 'completed'";
    tx.execute(text, params![ticket, key]).await?;
    note_next_due(tx, ticket.0).await
}

/// The statement that reads the latest cycles of so many tickets; apart so that tests can ask for its plan.
pub(crate) fn latest_cycles_query(tickets: usize) -> String {
    let ids = placeholders(1, tickets);
    format!("SELECT {CYCLE_COLUMNS} FROM sla_cycles WHERE ticket_id IN ({ids}) AND latest ORDER BY sla_key")
}

/// The latest cycle of each service level of these tickets, which the caller may see.
pub(super) async fn latest_cycles(sql: &impl Sql, tickets: &[Uuid]) -> Result<HashMap<Uuid, Vec<CycleRow>>, DbError> {
    let mut found: HashMap<Uuid, Vec<CycleRow>> = HashMap::new();
    if tickets.is_empty() {
        return Ok(found);
    }
    for row in sql
        .all::<CycleRow>(&latest_cycles_query(tickets.len()), tickets.iter().map(|id| Value::from(*id)).collect())
        .await?
    {
        found.entry(row.ticket_id).or_default().push(row);
    }
    Ok(found)
}

/// All events of a ticket, oldest first.
pub(crate) async fn events_of(sql: &impl Sql, ticket: TicketId) -> Result<Vec<StoredEvent>, DbError> {
    const PAGE: i64 = 1000;
    let (mut events, mut before) = (Vec::new(), i64::MAX);
    loop {
        let page = event_log::list_of_record(sql, ticket.0, before, PAGE).await?;
        let full = page.len() as i64 == PAGE;
        before = page.last().map_or(0, |(seq, _)| *seq);
        events.extend(page.into_iter().map(|(_, event)| event));
        if !full {
            break;
        }
    }
    events.reverse();
    Ok(events)
}

#[derive(FromRow)]
struct IdRow {
    id: Uuid,
}

#[derive(FromRow)]
struct NumberRow {
    number: i64,
}

/// The records that a name in a goal's query stands for. Goals see everything: administrators write them.
pub(super) async fn ids_of(sql: &impl Sql, kind: &str, name: &str) -> Result<Vec<Uuid>, DbError> {
    let text = match kind {
        "person" => "SELECT id FROM people WHERE name_key = $1 OR email_key = $1",
        "team" => "SELECT id FROM teams WHERE name_key = $1",
        "project" => "SELECT id FROM projects WHERE LOWER(key) = $1 OR LOWER(name) = $1",
        "service" => "SELECT id FROM services WHERE deleted_at IS NULL AND (LOWER(key) = $1 OR LOWER(name) = $1)",
        _ => return Ok(Vec::new()),
    };
    let rows: Vec<IdRow> = sql.all(text, params![name.trim().to_lowercase()]).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// How many of these projects there are.
pub(super) async fn count_projects(sql: &impl Sql, projects: &BTreeSet<ProjectId>) -> Result<i64, DbError> {
    let text = format!("SELECT COUNT(*) AS number FROM projects WHERE id IN ({})", placeholders(1, projects.len()));
    let row: Option<NumberRow> = sql.one(&text, projects.iter().map(|id| Value::from(id.0)).collect()).await?;
    Ok(row.map_or(0, |row| row.number))
}

/// Whether a clock that is not stopped counts by the calendar.
pub(super) async fn calendar_counts(sql: &impl Sql, key: &str) -> Result<bool, DbError> {
    let text = "SELECT COUNT(*) AS number FROM (SELECT 1 AS one FROM sla_cycles \
                WHERE latest AND phase <> 'completed' AND calendar_key = $1 LIMIT 1) c";
    let row: Option<NumberRow> = sql.one(text, params![key]).await?;
    Ok(row.is_some_and(|row| row.number > 0))
}

/// What a re-computation of one service level is for.
pub(super) struct Wanted<'a> {
    pub key: &'a str,
    pub version: i64,
    pub calendars: &'a CalendarVersions,
    /// All, if empty.
    pub projects: &'a [ProjectId],
}

impl Wanted<'_> {
    /// Its parameters: `$1` is the key, `$2` and `$3` are the versions.
    fn values(&self) -> Result<Vec<Value>, DbError> {
        Ok(params![self.key, self.version, json(self.calendars)?])
    }

    /// Open tickets of its projects.
    fn open_tickets(&self, values: &mut Vec<Value>) -> String {
        if self.projects.is_empty() {
            return "t.resolved_at IS NULL".to_owned();
        }
        let list = placeholders(values.len() + 1, self.projects.len());
        values.extend(self.projects.iter().map(|id| Value::from(id.0)));
        format!("t.resolved_at IS NULL AND t.project_id IN ({list})")
    }
}

/// A ticket without a clock of the newest versions.
const NOT_UP_TO_DATE: &str = "NOT EXISTS (SELECT 1 FROM sla_clocks c WHERE c.ticket_id = t.id AND c.sla_key = $1 \
     AND c.sla_version = $2 AND c.calendar_versions = $3)";

#[derive(FromRow)]
struct PlaceRow {
    id: Uuid,
    seq: i64,
}

/// Up to `limit` open tickets after an insertion number whose clock has to be worked out anew, or that lack one, and
/// the last one's insertion number.
pub(super) async fn open_to_recompute(
    sql: &impl Sql,
    wanted: &Wanted<'_>,
    after: i64,
    limit: i64,
) -> Result<(Vec<TicketId>, i64), DbError> {
    let mut values = wanted.values()?;
    let open = wanted.open_tickets(&mut values);
    values.push(after.into());
    let text = format!(
        "SELECT t.id, t.seq FROM tickets t WHERE {open} AND t.seq > ${} AND {NOT_UP_TO_DATE} ORDER BY t.seq LIMIT {limit}",
        values.len()
    );
    let rows: Vec<PlaceRow> = sql.all(&text, values).await?;
    let last = rows.last().map_or(after, |row| row.seq);
    Ok((rows.into_iter().map(|row| TicketId(row.id)).collect(), last))
}

/// Up to `limit` other tickets whose clock goes on by old versions: resolved ones, and those of projects that the
/// service level is no longer for.
pub(super) async fn others_to_recompute(
    sql: &impl Sql,
    wanted: &Wanted<'_>,
    limit: i64,
) -> Result<Vec<TicketId>, DbError> {
    let text = format!(
        "SELECT t.id FROM sla_cycles y JOIN tickets t ON t.id = y.ticket_id WHERE y.sla_key = $1 AND y.latest \
         AND y.phase <> 'completed' AND {NOT_UP_TO_DATE} ORDER BY t.id LIMIT {limit}"
    );
    let rows: Vec<IdRow> = sql.all(&text, wanted.values()?).await?;
    Ok(rows.into_iter().map(|row| TicketId(row.id)).collect())
}

/// Up to `limit` tickets on which a clock of a service level goes on.
pub(super) async fn tickets_going_on(sql: &impl Sql, key: &str, limit: i64) -> Result<Vec<TicketId>, DbError> {
    let text = format!(
        "SELECT y.ticket_id AS id FROM sla_cycles y WHERE y.sla_key = $1 AND y.latest AND y.phase <> 'completed' \
         ORDER BY y.ticket_id LIMIT {limit}"
    );
    let rows: Vec<IdRow> = sql.all(&text, params![key]).await?;
    Ok(rows.into_iter().map(|row| TicketId(row.id)).collect())
}

/// How many open tickets a service level is for, and on how many of these its clock is still to be worked out by the
/// newest versions, or lacks.
pub(super) async fn progress(sql: &impl Sql, wanted: &Wanted<'_>) -> Result<(i64, i64), DbError> {
    let number = async |text: String, values: Vec<Value>| {
        let row: Option<NumberRow> = sql.one(&text, values).await?;
        Ok::<i64, DbError>(row.map_or(0, |row| row.number))
    };
    let mut values = wanted.values()?;
    let open = wanted.open_tickets(&mut values);
    let text = format!("SELECT COUNT(*) AS number FROM tickets t WHERE {open} AND {NOT_UP_TO_DATE}");
    let pending = number(text, values).await?;
    let mut values = Vec::new();
    let open = wanted.open_tickets(&mut values);
    let total = number(format!("SELECT COUNT(*) AS number FROM tickets t WHERE {open}"), values).await?;
    Ok((pending, total))
}

/// What one span of the report counts.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub(super) struct OutcomeRow {
    pub sla_key: String,
    pub span: i64,
    pub met: bool,
    pub cycles: i64,
    pub elapsed_us: i64,
}

/// Which completed cycles a report is about: those that ended from `from` (inclusive) to `to` (exclusive).
pub(super) struct Ended<'a> {
    pub from: i64,
    pub to: i64,
    pub sla: Option<&'a str>,
    pub project: Option<&'a str>,
}

impl Ended<'_> {
    fn condition(&self, scope: &Scope, values: &mut Vec<Value>) -> String {
        values.extend(params![self.from, self.to]);
        let mut text = format!("y.ended_at >= ${} AND y.ended_at < ${}", values.len() - 1, values.len());
        let visible = scope_project(scope, "t.project_id", "t.reporter_id", values);
        text.push_str(&format!(" AND {visible}"));
        if let Some(sla) = self.sla {
            values.push(sla.into());
            text.push_str(&format!(" AND y.sla_key = ${}", values.len()));
        }
        if let Some(project) = self.project {
            match project.parse::<Uuid>() {
                Ok(id) => {
                    values.push(id.into());
                    text.push_str(&format!(" AND t.project_id = ${}", values.len()));
                }
                Err(_) => {
                    values.push(project.to_uppercase().into());
                    text.push_str(&format!(
                        " AND t.project_id = (SELECT id FROM projects WHERE key = ${})",
                        values.len()
                    ));
                }
            }
        }
        text
    }
}

/// Completed cycles by service level, span of `width` microseconds and outcome.
pub(super) async fn count_outcomes(
    sql: &impl Sql,
    scope: &Scope,
    ended: &Ended<'_>,
    width: i64,
) -> Result<Vec<OutcomeRow>, DbError> {
    let mut values = params![width];
    let condition = ended.condition(scope, &mut values);
    let text = format!(
        "SELECT y.sla_key, (y.ended_at - $2) / $1 AS span, (y.remaining_us > 0) AS met, COUNT(*) AS cycles, \
         CAST(SUM(y.elapsed_us) AS BIGINT) AS elapsed_us FROM sla_cycles y JOIN tickets t ON t.id = y.ticket_id \
         WHERE {condition} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
    );
    sql.all(&text, values).await
}

/// A completed cycle with its ticket.
#[derive(Clone, Debug, FromRow)]
pub(super) struct EndedRow {
    pub id: Uuid,
    pub key: String,
    pub summary: String,
    pub sla_key: String,
    pub number: i64,
    pub ended_at: i64,
    pub elapsed_us: i64,
    pub target_us: i64,
    pub remaining_us: i64,
}

/// The completed cycles behind a number of the report, the last first.
pub(super) async fn list_ended(
    sql: &impl Sql,
    scope: &Scope,
    ended: &Ended<'_>,
    met: Option<bool>,
    limit: i64,
) -> Result<Vec<EndedRow>, DbError> {
    let mut values = Vec::new();
    let mut condition = ended.condition(scope, &mut values);
    match met {
        Some(true) => condition.push_str(" AND y.remaining_us > 0"),
        Some(false) => condition.push_str(" AND y.remaining_us <= 0"),
        None => {}
    }
    values.push(limit.into());
    let text = format!(
        "SELECT t.id, t.key, t.summary, y.sla_key, y.number, y.ended_at, y.elapsed_us, y.target_us, y.remaining_us \
         FROM sla_cycles y JOIN tickets t ON t.id = y.ticket_id WHERE {condition} \
         ORDER BY y.ended_at DESC, y.ticket_id DESC LIMIT ${}",
        values.len()
    );
    sql.all(&text, values).await
}
