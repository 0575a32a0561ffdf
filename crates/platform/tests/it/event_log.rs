//! Positions: no reader ever misses an event, whatever the order of commits.

use kernel::{Event, RecordKind};
use platform::{Ctx, DbError, Lane, event_log};
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
