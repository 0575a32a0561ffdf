//! SQL of the set-up: its own rows, and the facts that decide about its steps.

use platform::{DbError, Sql, Tx, params};
use sea_orm::FromQueryResult;

use super::api::Counts;

/// The last result of a test.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct TestRow {
    pub step: String,
    pub ok: bool,
    pub detail: String,
    pub tested_at: i64,
}

/// The last results of all tests.
pub(super) async fn list_tests(sql: &impl Sql) -> Result<Vec<TestRow>, DbError> {
    sql.all("SELECT step, ok, detail, tested_at FROM setup_tests", vec![]).await
}

/// Keeps the result of a test.
pub(super) async fn put_test(tx: &Tx, step: &str, ok: bool, detail: &str) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO setup_tests (step, ok, detail, tested_at) VALUES ($1, $2, $3, $4) ON CONFLICT (step) DO UPDATE SET \
         ok = excluded.ok, detail = excluded.detail, tested_at = excluded.tested_at",
        params![step, ok, detail, tx.now()],
    )
    .await
    .map(drop)
}

/// What is remembered of the set-up.
#[derive(Clone, Copy, Debug, Default, FromQueryResult)]
pub(super) struct StateRow {
    pub dismissed: bool,
    pub demo: bool,
}

/// What is remembered of the set-up.
pub(super) async fn state(sql: &impl Sql) -> Result<StateRow, DbError> {
    let row: Option<StateRow> = sql.one("SELECT dismissed, demo FROM setup_state WHERE id = 1", vec![]).await?;
    Ok(row.unwrap_or_default())
}

/// Writes what is remembered of the set-up.
pub(super) async fn put_state(tx: &Tx, state: StateRow) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO setup_state (id, dismissed, demo) VALUES (1, $1, $2) \
         ON CONFLICT (id) DO UPDATE SET dismissed = excluded.dismissed, demo = excluded.demo",
        params![state.dismissed, state.demo],
    )
    .await
    .map(drop)
}

/// What is there.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct FactsRow {
    pub teams: i64,
    pub services: i64,
    pub integrations: i64,
    pub last_event_at: Option<i64>,
    pub pages: i64,
    pub pages_sent: i64,
    pub page_error: Option<String>,
}

/// What is there. `alias` is the beginning of the aliases of test pages.
pub(super) async fn facts(sql: &impl Sql, alias: &str) -> Result<FactsRow, DbError> {
    let pages = "FROM pages g JOIN alerts a ON a.id = g.alert_id WHERE a.alias >= $1 AND a.alias < $2";
    let text = format!(
        "SELECT (SELECT COUNT(*) FROM teams) AS teams, \
         (SELECT COUNT(*) FROM services WHERE deleted_at IS NULL) AS services, \
         (SELECT COUNT(*) FROM integrations) AS integrations, \
         (SELECT MAX(last_event_at) FROM integrations) AS last_event_at, \
         (SELECT COUNT(*) {pages}) AS pages, (SELECT COUNT(*) {pages} AND g.state = 'sent') AS pages_sent, \
         (SELECT g.last_error {pages} ORDER BY g.seq DESC LIMIT 1) AS page_error"
    );
    // `0` follows `/` in the order of characters, so that the index of aliases serves.
    let end = format!("{}0", alias.trim_end_matches('/'));
    let row: Option<FactsRow> = sql.one(&text, params![alias, end]).await?;
    row.ok_or_else(|| DbError::Corrupt("a SELECT without FROM gave no row".to_owned()))
}

#[derive(FromQueryResult)]
struct CountsRow {
    people: i64,
    tickets: i64,
    alerts: i64,
    services: i64,
}

/// How much there is.
pub(super) async fn counts(sql: &impl Sql) -> Result<Counts, DbError> {
    let text = "SELECT (SELECT COUNT(*) FROM people) AS people, (SELECT COUNT(*) FROM tickets) AS tickets, \
                (SELECT COUNT(*) FROM alerts) AS alerts, (SELECT COUNT(*) FROM services) AS services";
    let row: Option<CountsRow> = sql.one(text, vec![]).await?;
    row.map(|CountsRow { people, tickets, alerts, services }| Counts { people, tickets, alerts, services })
        .ok_or_else(|| DbError::Corrupt("a SELECT without FROM gave no row".to_owned()))
}
