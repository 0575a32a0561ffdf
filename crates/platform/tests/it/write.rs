//! Transactions: durable when answered, whole or not at all, once per idempotency key.

use kernel::{Event, RecordKind};
use platform::db::FromRow;
use platform::{Ctx, DbError, Lane, NewJob, Sql, event_log, params};
use serde_json::json;
use testkit::TestApp;
use uuid::Uuid;

#[derive(FromRow)]
struct Count {
    n: i64,
}

async fn jobs(app: &TestApp) -> i64 {
    app.app.db.read().one::<Count>("SELECT COUNT(*) AS n FROM jobs", vec![]).await.unwrap().unwrap().n
}

testkit::both_databases! {
    async fn a_failed_change_leaves_nothing(kind) {
        let app = TestApp::builder().build(kind).await;
        let result: Result<(), DbError> = app.app.db.write(&Ctx::system("test"), Lane::Front, |tx| Box::pin(async move {
            tx.schedule(NewJob::now("test", "a", json!({}))).await?;
            tx.emit(Event::new("Tested", RecordKind::JOB, Uuid::nil(), 1, json!({})));
            Err(DbError::Corrupt("on purpose".to_owned()))
        })).await;
        assert!(result.is_err());
        assert_eq!(jobs(&app).await, 0);
        assert_eq!(event_log::last_position(&app.app.db.read()).await.unwrap(), 0);
    }

    async fn a_panic_rolls_back_and_the_writer_goes_on(kind) {
        let app = TestApp::builder().build(kind).await;
        let result: Result<(), DbError> = app.app.db.write(&Ctx::system("test"), Lane::Front, |tx| Box::pin(async move {
            tx.schedule(NewJob::now("test", "a", json!({}))).await?;
            panic!("on purpose");
        })).await;
        assert!(matches!(result, Err(DbError::Panicked)));
        let result: Result<(), DbError> = app.app.db.write(&Ctx::system("test"), Lane::Front, |tx| Box::pin(async move {
            tx.schedule(NewJob::now("test", "b", json!({}))).await
        })).await;
        result.unwrap();
        assert_eq!(jobs(&app).await, 1);
    }

    async fn a_change_whose_events_cannot_be_written_leaves_nothing(kind) {
        // On PostgreSQL positions are given after the commit.
        if kind == testkit::Backend::Postgres {
            return;
        }
        let app = TestApp::builder().build(kind).await;
        let ctx = Ctx::system("test");
        let write = |breaks: bool| app.app.db.write(&ctx, Lane::Front, move |tx| Box::pin(async move {
            tx.schedule(NewJob::now("test", if breaks { "a" } else { "b" }, json!({}))).await?;
            if breaks {
                tx.execute("DELETE FROM sequencer", vec![]).await?;
            }
            tx.emit(Event::new("Tested", RecordKind::JOB, Uuid::nil(), 1, json!({})));
            Ok::<_, DbError>(())
        }));
        // In one group, so that what the first leaves would be committed with the second.
        let (broken, sound) = tokio::join!(write(true), write(false));
        assert!(broken.is_err());
        sound.unwrap();
        assert_eq!(jobs(&app).await, 1);
        assert_eq!(event_log::last_position(&app.app.db.read()).await.unwrap(), 1);
    }

    async fn a_broken_rule_is_told_from_a_broken_database(kind) {
        let app = TestApp::builder().build(kind).await;
        let ctx = Ctx::system("test");
        let insert = || app.app.db.write(&ctx, Lane::Bulk, |tx| Box::pin(async move {
            tx.execute("INSERT INTO readers (name, position) VALUES ($1, $2)", params!["r", 1_i64]).await
        }));
        let first: Result<u64, DbError> = insert().await;
        assert_eq!(first.unwrap(), 1);
        let second: Result<u64, DbError> = insert().await;
        assert!(second.unwrap_err().is_unique());
    }

    async fn many_writers_at_once_all_land(kind) {
        let app = TestApp::builder().build(kind).await;
        let writes = (0..200).map(|n| {
            let db = app.app.db.clone();
            tokio::spawn(async move {
                let lane = if n % 2 == 0 { Lane::Front } else { Lane::Bulk };
                db.write::<(), DbError, _>(&Ctx::system("test"), lane, move |tx| Box::pin(async move {
                    tx.schedule(NewJob::now("test", n.to_string(), json!({}))).await
                })).await
            })
        });
        for write in writes.collect::<Vec<_>>() {
            write.await.unwrap().unwrap();
        }
        assert_eq!(jobs(&app).await, 200);
    }

    async fn migrations_may_run_twice_and_refuse_a_newer_database(kind) {
        let app = TestApp::builder().build(kind).await;
        assert_eq!(app.app.db.migrate(&[platform::MIGRATIONS]).await.unwrap(), 0);
        assert!(matches!(app.app.db.migrate(&[]).await, Err(DbError::NewerDatabase(name)) if name == "platform_0001_foundation"));
    }
}
