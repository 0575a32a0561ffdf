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
        let write = |key: &'static str, breaks: bool| app.app.db.write(&ctx, Lane::Front, move |tx| Box::pin(async move {
            tx.schedule(NewJob::now("test", key, json!({}))).await?;
            if breaks {
                tx.execute("DELETE FROM sequencer", vec![]).await?;
            }
            tx.emit(Event::new("Tested", RecordKind::JOB, Uuid::nil(), 1, json!({})));
            Ok::<_, DbError>(())
        }));
        // In one group, so that what a broken one leaves would be committed with the others: first the one that begins it,
        // then one within.
        let (broken, sound) = tokio::join!(write("a", true), write("b", false));
        assert!(broken.is_err());
        sound.unwrap();
        assert_eq!(jobs(&app).await, 1);
        let (before, broken, after) = tokio::join!(write("c", false), write("d", true), write("e", false));
        assert!(broken.is_err());
        before.unwrap();
        after.unwrap();
        assert_eq!(jobs(&app).await, 3);
        assert_eq!(event_log::last_position(&app.app.db.read()).await.unwrap(), 3);
    }

    async fn many_rows_are_inserted_at_once(kind) {
        let app = TestApp::builder().build(kind).await;
        // More values than a statement of either database takes.
        let rows = 9_000_i64;
        app.app.db.write::<(), DbError, _>(&Ctx::system("test"), Lane::Bulk, move |tx| Box::pin(async move {
            let (head, keep) = ("INSERT INTO readers (name, position)", "ON CONFLICT DO NOTHING");
            assert_eq!(tx.insert_rows(head, vec![], keep).await.unwrap(), 0);
            assert_eq!(tx.insert_rows(head, params!["r7", 7_i64], keep).await.unwrap(), 1);
            let values = (0..rows).flat_map(|n| params![format!("r{n}"), n]).collect();
            assert_eq!(tx.insert_rows(head, values, keep).await.unwrap(), rows as u64 - 1);
            let uneven = tx.insert_rows(head, params!["a", 1_i64, "b"], "").await.unwrap_err();
            assert!(uneven.to_string().contains("3 values for rows of 2 columns"), "{uneven}");
            let ids = [Uuid::from_u128(1), Uuid::from_u128(2), Uuid::from_u128(3)];
            let event = |id: Uuid| params![id, 0_i64, "Tested", 1_i64, "job", id, 1_i64, "system", "test", "system", json!({})];
            let head = "INSERT INTO events (id, at, kind, version, record_kind, record_id, record_version, actor_kind, \
                        actor_key, origin, data)";
            let first = tx.insert_numbered_rows(head, event(ids[1]), keep).await.unwrap();
            let rest = tx.insert_numbered_rows(head, ids.into_iter().flat_map(event).collect(), keep).await.unwrap();
            assert_eq!((first.len(), rest.len()), (1, 2), "what stood there gets no number");
            let listed = event_log::list_of_record(&*tx, ids[2], i64::MAX, 9).await.unwrap();
            assert_eq!(rest[&ids[2]], listed[0].0);
            assert!(first[&ids[1]] < rest[&ids[0]] && rest[&ids[0]] < rest[&ids[2]]);
            Ok(())
        })).await.unwrap();
        let count = "SELECT COUNT(*) AS n FROM readers WHERE name LIKE 'r%'";
        assert_eq!(app.app.db.read().one::<Count>(count, vec![]).await.unwrap().unwrap().n, rows);
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

/// What a restart of PostgreSQL does to the connections of a server that runs on.
#[tokio::test]
async fn reads_and_changes_outlive_their_connections() {
    let app = TestApp::builder().build(testkit::Backend::Postgres).await;
    let ctx = Ctx::system("test");
    let read = async || jobs(&app).await;
    let change = async || {
        let done: Result<(), DbError> = app
            .app
            .db
            .write(&ctx, Lane::Front, |tx| {
                Box::pin(async move {
                    tx.count_on::<Count>("SELECT COUNT(*) AS n FROM jobs", vec![]).await?;
                    tx.schedule(NewJob::now("test", "a", json!({}))).await
                })
            })
            .await;
        done.unwrap();
    };
    // Several of each.
    futures::join!(change(), change(), change(), read(), read(), read());
    for _ in 0..3 {
        let killed: Result<Option<Count>, DbError> = app
            .app
            .db
            .write(&ctx, Lane::Front, |tx| {
                Box::pin(async move {
                    let text = "SELECT COUNT(pg_terminate_backend(pid)) AS n FROM pg_stat_activity \
                        WHERE datname = current_database() AND pid <> pg_backend_pid()";
                    tx.one(text, vec![]).await
                })
            })
            .await;
        assert!(killed.unwrap().unwrap().n > 0);
        change().await;
        assert_eq!(read().await, 1);
        futures::join!(change(), change(), read(), read());
    }
}
