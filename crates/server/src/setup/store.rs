//! What the steps ask of the tables.

use platform::db::FromRow;
use platform::{DbError, Sql, Tx, params};
use uuid::Uuid;

/// What is there.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Counts {
    pub teams: i64,
    pub services: i64,
    pub integrations: i64,
    pub reporting: i64,
    pub test_pages: i64,
    pub test_pages_sent: i64,
    pub backup_at: Option<i64>,
}

/// Counts what the steps ask for; test pages are those of one alias.
pub(super) async fn counts(sql: &impl Sql, test_page: &str) -> Result<Counts, DbError> {
    let text = "SELECT \
        (SELECT COUNT(DISTINCT m.team_id) FROM team_members m JOIN people p ON p.id = m.person_id WHERE p.active = TRUE) \
            AS teams, \
        (SELECT COUNT(*) FROM services s WHERE s.deleted_at IS NULL AND s.owner_team_id IS NOT NULL) AS services, \
        (SELECT COUNT(*) FROM integrations i WHERE i.enabled = TRUE) AS integrations, \
        (SELECT COUNT(*) FROM integrations i WHERE i.accepted > 0) AS reporting, \
        (SELECT COUNT(*) FROM alerts a WHERE a.alias = $1) AS test_pages, \
        (SELECT COUNT(*) FROM alerts a JOIN pages g ON g.alert_id = a.id \
            WHERE a.alias = $1 AND g.state = 'sent') AS test_pages_sent, \
        (SELECT MAX(e.at) FROM events e WHERE e.record_id = $2 AND e.kind = 'BackupWritten') AS backup_at";
    sql.one(text, params![test_page, Uuid::nil()])
        .await?
        .ok_or_else(|| DbError::Corrupt("counting gave no row".to_owned()))
}

/// What came of the last test of a step.
#[derive(Clone, Debug, FromRow)]
pub(super) struct TestRow {
    pub step: String,
    pub ok: bool,
    pub detail: String,
}

/// What came of all last tests.
pub(super) async fn tests(sql: &impl Sql) -> Result<Vec<TestRow>, DbError> {
    sql.all("SELECT step, ok, detail FROM setup_tests", vec![]).await
}

/// Notes what came of a test.
pub(super) async fn note(tx: &Tx, step: &str, ok: bool, detail: &str) -> Result<(), DbError> {
    let text = "INSERT INTO setup_tests (step, ok, detail, at) VALUES ($1, $2, $3, $4) \
                ON CONFLICT (step) DO UPDATE SET ok = excluded.ok, detail = excluded.detail, at = excluded.at";
    tx.execute(text, params![step, ok, detail, tx.now()]).await?;
    Ok(())
}

/// How much goes with the demo.
#[derive(Clone, Copy, Debug, FromRow)]
pub(super) struct Removed {
    pub people: i64,
    pub tickets: i64,
    pub alerts: i64,
    pub services: i64,
}

/// How much would go.
pub(super) async fn removed(sql: &impl Sql) -> Result<Removed, DbError> {
    let text = "SELECT (SELECT COUNT(*) FROM people) AS people, (SELECT COUNT(*) FROM tickets) AS tickets, \
                (SELECT COUNT(*) FROM alerts) AS alerts, \
                (SELECT COUNT(*) FROM services WHERE deleted_at IS NULL) AS services";
    sql.one(text, vec![]).await?.ok_or_else(|| DbError::Corrupt("counting gave no row".to_owned()))
}

/// Leaves all files to the sweep.
pub(super) async fn discard_files(tx: &Tx) -> Result<(), DbError> {
    let text = "INSERT INTO blob_garbage (place, at) SELECT place, $1 FROM blobs WHERE TRUE ON CONFLICT DO NOTHING";
    tx.execute(text, params![tx.now()]).await.map(drop)
}
