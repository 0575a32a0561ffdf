//! Positions: no reader ever misses an event, whatever the order of commits.

use kernel::{Event, RecordKind};
use platform::db::FromRow;
use platform::{Ctx, Db, DbError, Lane, Reader, Sql, StoredEvent, Tx, Work, WorkError, event_log, params};
use serde_json::json;
use testkit::{Backend, TestApp};
use tokio::sync::oneshot;
use uuid::Uuid;

fn tested(n: i64) -> Event {
    Event::new("Tested", RecordKind::JOB, Uuid::from_u128(n.unsigned_abs().into()), n, json!({"n": n}))
}

async fn write(app: &TestApp, n: i64) {
    app.app
        .db
        .write::<(), DbError, _>(&Ctx::system("test"), Lane::Front, move |tx| {
            Box::pin(async move {
                tx.emit(tested(n));
                Ok(())
            })
        })
        .await
        .unwrap();
}

async fn positions(app: &TestApp, after: i64) -> Vec<(i64, i64)> {
    event_log::place(&app.app.db).await.unwrap();
    let events = event_log::list_after(&app.app.db.read(), after, 1000).await.unwrap();
    events.iter().map(|event| (event.position, event.record_version)).collect()
}

testkit::both_databases! {
    async fn positions_count_from_one_without_gaps(kind) {
        let app = TestApp::builder().build(kind).await;
        for n in 1..=5 {
            write(&app, n).await;
        }
        assert_eq!(positions(&app, 0).await, [(1, 1), (2, 2), (3, 3), (4, 4), (5, 5)]);
        assert_eq!(positions(&app, 3).await, [(4, 4), (5, 5)]);
    }
}

/// Only PostgreSQL lets writers overlap: one that began early and commits late gets a later position.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_writer_delays_nobody_and_is_not_skipped() {
    let app = TestApp::builder().build(Backend::Postgres).await;
    let (go, wait) = oneshot::channel::<()>();
    let (began, has_begun) = oneshot::channel::<()>();
    let db = app.app.db.clone();
    let slow = tokio::spawn(async move {
        db.write::<(), DbError, _>(&Ctx::system("slow"), Lane::Front, move |tx| {
            Box::pin(async move {
                platform::Sql::execute(tx, "SELECT 1", vec![]).await?;
                began.send(()).unwrap();
                wait.await.unwrap();
                tx.emit(tested(1));
                Ok(())
            })
        })
        .await
    });
    has_begun.await.unwrap();
    write(&app, 2).await;
    assert_eq!(positions(&app, 0).await, [(1, 2)], "the fast writer is seen while the slow one is open");
    go.send(()).unwrap();
    slow.await.unwrap().unwrap();
    assert_eq!(positions(&app, 1).await, [(2, 1)], "the slow writer comes later and is not missed");
}

/// The horizon of running transactions is shared by all databases of a cluster: positions must not rest on it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_open_transaction_of_another_database_delays_nothing() {
    let (app, other) =
        (TestApp::builder().build(Backend::Postgres).await, TestApp::builder().build(Backend::Postgres).await);
    let (go, wait) = oneshot::channel::<()>();
    let (began, has_begun) = oneshot::channel::<()>();
    let db = other.app.db.clone();
    let neighbour = tokio::spawn(async move {
        db.write::<(), DbError, _>(&Ctx::system("neighbour"), Lane::Front, move |tx| {
            Box::pin(async move {
                let insert = "INSERT INTO readers (name, position) VALUES ('neighbour', 0)";
                platform::Sql::execute(tx, insert, vec![]).await?;
                began.send(()).unwrap();
                wait.await.unwrap();
                tx.emit(tested(7));
                Ok(())
            })
        })
        .await
    });
    has_begun.await.unwrap();
    for n in 1..=3 {
        write(&app, n).await;
    }
    assert_eq!(positions(&app, 0).await, [(1, 1), (2, 2), (3, 3)]);
    go.send(()).unwrap();
    neighbour.await.unwrap().unwrap();
    assert_eq!(positions(&app, 3).await, [], "the neighbour's events are its own");
    assert_eq!(positions(&other, 0).await, [(1, 7)]);
}

/// Remembers in its own rows which events it has seen, so that one handled twice breaks a key.
struct Witness;

#[async_trait::async_trait]
impl Reader for Witness {
    fn name(&self) -> &'static str {
        "witness"
    }

    fn concerns(&self, _: &str, _: &str) -> bool {
        true
    }

    async fn handle(&self, tx: &mut Tx, event: &StoredEvent) -> Result<(), WorkError> {
        let insert = "INSERT INTO readers (name, position) VALUES ($1, 0)";
        tx.execute(insert, params![format!("saw {}", event.record_version)]).await?;
        Ok(())
    }
}

async fn seen(db: &Db) -> i64 {
    #[derive(FromRow)]
    struct Count {
        count: i64,
    }
    let text = "SELECT COUNT(*) AS count FROM readers WHERE name LIKE 'saw %'";
    db.read().one::<Count>(text, vec![]).await.unwrap().unwrap().count
}

async fn drain(work: &Work, db: &Db) {
    while work.step(db).await.unwrap() {}
}

testkit::both_databases! {
    /// A copy that was taken while some events had no position yet, and readers were behind, goes on from there:
    /// each event is handled once, and new events follow.
    async fn a_restored_copy_goes_on_where_it_was_taken(kind) {
        let app = TestApp::builder().work(|_| Work::new().reader(Witness)).build(kind).await;
        for n in 1..=3 {
            write(&app, n).await;
        }
        app.settle().await;
        for n in 4..=6 {
            write(&app, n).await;
        }
        let copy = app.database().copy(app.clock.clone()).await;
        app.settle().await;
        assert_eq!(seen(&app.app.db).await, 6);
        // What the original did after the copy is unknown to it.
        assert_eq!(seen(&copy.db).await, 3);
        let work = Work::new().reader(Witness);
        drain(&work, &copy.db).await;
        assert_eq!(seen(&copy.db).await, 6);
        let db = copy.db.clone();
        db.write::<(), DbError, _>(&Ctx::system("test"), Lane::Front, |tx| {
            Box::pin(async move {
                tx.emit(tested(7));
                Ok(())
            })
        })
        .await
        .unwrap();
        drain(&work, &copy.db).await;
        assert_eq!(seen(&copy.db).await, 7);
        let events = event_log::list_after(&copy.db.read(), 0, 100).await.unwrap();
        let placed: Vec<i64> = events.iter().map(|event| event.position).collect();
        assert_eq!(placed, [1, 2, 3, 4, 5, 6, 7]);
    }
}
