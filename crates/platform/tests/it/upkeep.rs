//! Statistics for SQLite's planner.

use jiff::SignedDuration;
use platform::db::FromRow;
use platform::{Ctx, DbError, Lane, Migration, Sql, db::upkeep};
use testkit::{Backend, TestApp};

#[derive(FromRow)]
struct Count {
    count: i64,
}

/// A table to fill, so that the database is not small.
const FILLER: &str =
    "CREATE TABLE filler (n BIGINT PRIMARY KEY, word TEXT NOT NULL);\nCREATE INDEX filler_by_word ON filler (word);";

#[tokio::test]
async fn a_grown_sqlite_database_gets_statistics() {
    const MIGRATIONS: &[Migration] = &[Migration { name: "test_0001_filler", sql: FILLER }];
    let app = TestApp::builder().migrations(MIGRATIONS).work(upkeep::work).build(Backend::Sqlite).await;
    let kept = || async {
        let text = "SELECT COUNT(*) AS count FROM sqlite_master WHERE name = 'sqlite_stat1'";
        app.app.db.read().one::<Count>(text, vec![]).await.unwrap().unwrap().count
    };
    upkeep::start(&app.app).await.unwrap();
    app.settle().await;
    assert_eq!(kept().await, 0, "a small one needs none");
    let fill = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 400000) \
                INSERT INTO filler SELECT n, 'a word that takes some room, number ' || n % 7 FROM c";
    let system = Ctx::system("test");
    let filled: Result<(), DbError> = app
        .app
        .db
        .write(&system, Lane::Bulk, move |tx| Box::pin(async move { tx.execute(fill, vec![]).await.map(drop) }))
        .await;
    filled.unwrap();
    app.advance(SignedDuration::from_mins(31)).await;
    assert_eq!(kept().await, 1);
}
