//! More payloads at once than can be done at once: answered, then done in their order.

use axum::body::Body;
use http::{Method, Request};
use jiff::SignedDuration;
use platform::{Ctx, DbError, Lane, NewJob, Sql, db::FromRow, params};
use serde_json::{Value, json};
use testkit::{Answer, Backend, TestApp};
use uuid::Uuid;

use crate::support::{app, log};

struct Source {
    id: String,
    key: String,
}

async fn source(app: &TestApp, name: &str) -> Source {
    let mapping = json!({"alias": "{{ payload.id }}", "message": "{{ payload.text }}", "action": "payload.over ? 'close' : 'raise'"});
    let made = app.post("admin", "/api/v1/integrations", json!({"name": name, "kind": "generic", "mapping": mapping}));
    let made = made.await.expect(201);
    Source { id: made["id"].as_str().unwrap().to_owned(), key: made["key"].as_str().unwrap().to_owned() }
}

async fn send(app: &TestApp, source: &Source, id: &str, over: bool) -> Answer {
    let body = json!({"id": id, "text": format!("{id} is down"), "over": over}).to_string();
    let request = Request::builder().method(Method::POST).uri("/in/v1/generic").header("x-api-key", &source.key);
    app.send(request.header("content-type", "application/json").body(Body::from(body)).unwrap()).await
}

async fn counts(app: &TestApp, source: &Source) -> Value {
    app.get("admin", &format!("/api/v1/integrations/{}", source.id)).await.expect(200)["event_counts"].take()
}

/// Waits until so much was accepted and done.
async fn done(app: &TestApp, source: &Source, accepted: i64, rejected: i64) {
    let wanted = json!({"accepted": accepted, "rejected": rejected, "waiting": 0});
    let what = format!("{wanted}");
    testkit::process::shows(&what, || async { (counts(app, source).await == wanted).then_some(()) }).await;
}

async fn alerts(app: &TestApp, query: &str) -> Vec<Value> {
    let page = app.get("ana", &format!("/api/v1/alerts?limit=100&query={query}")).await.expect(200);
    page["items"].as_array().unwrap().clone()
}

#[derive(FromRow)]
struct Rows {
    rows: i64,
}

async fn rows(app: &TestApp, table: &str) -> i64 {
    let row: Option<Rows> =
        app.app.db.read().one(&format!("SELECT COUNT(*) AS rows FROM {table}"), vec![]).await.unwrap();
    row.unwrap().rows
}

async fn execute(app: &TestApp, text: &'static str) {
    let ctx = Ctx::system("test");
    let done = app
        .app
        .db
        .write(&ctx, Lane::Front, move |tx| Box::pin(async move { tx.execute(text, vec![]).await.map(drop) }));
    done.await.unwrap_or_else(|error: DbError| panic!("{error:?}"));
}

testkit::both_databases! {
async fn what_comes_at_once_is_answered_and_done_once(backend) {
    let app = app(backend).await;
    let monitor = source(&app, "Monitor").await;
    let ids: Vec<String> = (0..120).map(|number| format!("host-{}", number % 40)).collect();
    let answers = futures::future::join_all(ids.iter().map(|id| send(&app, &monitor, id, false))).await;
    let answers: Vec<Value> = answers.into_iter().map(|answer| answer.expect(202)).collect();
    assert!(answers.iter().all(|answer| answer["accepted"] == 1), "{answers:?}");
    assert!(answers.iter().any(|answer| answer["alerts"] == json!([])), "some had to wait");
    done(&app, &monitor, 120, 0).await;
    let found = alerts(&app, "status%20=%20open").await;
    assert_eq!(found.len(), 40);
    assert!(found.iter().all(|alert| alert["count"] == 3), "{found:?}");
    assert_eq!(rows(&app, "integration_backlog").await, 0);
    // Afterwards one that comes alone is done at once again.
    let alone = send(&app, &monitor, "alone", false).await.expect(202);
    assert_eq!(alone["alerts"].as_array().unwrap().len(), 1);
}

async fn a_source_keeps_its_order_while_others_storm(backend) {
    let app = app(backend).await;
    let (careful, storm) = (source(&app, "Careful").await, source(&app, "Storm").await);
    let one_after_the_other = async {
        for _ in 0..10 {
            send(&app, &careful, "door", false).await.expect(202);
            send(&app, &careful, "door", true).await.expect(202);
        }
    };
    let noise = async {
        for round in 0..10 {
            let hosts: Vec<String> = (0..30).map(|host| format!("host-{round}-{host}")).collect();
            let sent = hosts.iter().map(|host| send(&app, &storm, host, false));
            for answer in futures::future::join_all(sent).await {
                answer.expect(202);
            }
        }
    };
    futures::join!(one_after_the_other, noise);
    done(&app, &careful, 20, 0).await;
    done(&app, &storm, 300, 0).await;
    let doors = alerts(&app, "alias%20=%20door").await;
    assert_eq!(doors.len(), 10, "each was closed before it was raised anew");
    for door in doors {
        assert_eq!(door["status"], "closed");
        assert_eq!(log(&app, door["id"].as_str().unwrap()).await, ["raised", "closed"]);
    }
}

async fn what_the_database_refuses_is_kept_and_holds_up_nothing(backend) {
    let app = app(backend).await;
    execute(&app, match backend {
        Backend::Sqlite => "CREATE TRIGGER no_poison BEFORE INSERT ON alerts WHEN NEW.alias = 'poison' \
                            BEGIN SELECT RAISE(ABORT, 'poison'); END",
        Backend::Postgres => "ALTER TABLE alerts ADD CONSTRAINT no_poison CHECK (alias <> 'poison')",
    }).await;
    let monitor = source(&app, "Monitor").await;
    let ids: Vec<String> = (0..30).map(|number| if number == 17 { "poison".to_owned() } else { format!("h{number}") }).collect();
    for answer in futures::future::join_all(ids.iter().map(|id| send(&app, &monitor, id, false))).await {
        answer.expect(202);
    }
    done(&app, &monitor, 29, 1).await;
    assert_eq!(alerts(&app, "status%20=%20open").await.len(), 29);
    assert_eq!(rows(&app, "integration_backlog").await, 0);
    let events = app.get("admin", &format!("/api/v1/integrations/{}/events", monitor.id)).await.expect(200);
    let refused = events["items"].as_array().unwrap().iter().find(|event| event["state"] == "rejected").unwrap().clone();
    assert!(refused["payload"].as_str().unwrap().contains("poison"), "{refused}");
    assert!(refused["reason"].is_string());
    // Once what was wrong is mended, a person runs it again.
    execute(&app, match backend {
        Backend::Sqlite => "DROP TRIGGER no_poison",
        Backend::Postgres => "ALTER TABLE alerts DROP CONSTRAINT no_poison",
    }).await;
    let again = format!("/api/v1/integrations/{}/events/{}/replay", monitor.id, refused["id"].as_str().unwrap());
    assert_eq!(app.call("admin", Method::POST, &again, Value::Null).await.expect(200)["state"], "accepted");
    assert_eq!(alerts(&app, "alias%20=%20poison").await.len(), 1);
}

async fn what_a_dead_server_left_passes_on(backend) {
    let app = app(backend).await;
    let (monitor, gone) = (source(&app, "Monitor").await, Uuid::from_u128(0x6e));
    let integration: Uuid = monitor.id.parse().unwrap();
    let ctx = Ctx::system("test");
    let write = app.app.db.write(&ctx, Lane::Front, move |tx| {
        Box::pin(async move {
            for place in 1..=300_i64 {
                let payload = json!({"id": format!("host-{}", place % 200), "text": "It is down", "over": false}).to_string();
                let integration = if place % 100 == 0 { Uuid::from_u128(0xdead) } else { integration };
                tx.execute(
                    "INSERT INTO integration_backlog (owner, place, integration_id, received_at, commands, payload) \
                     VALUES ($1, $2, $3, $4, 1, $5)",
                    params![gone, place, integration, tx.now(), payload],
                )
                .await?;
            }
            let due = tx.now() + SignedDuration::from_secs(10);
            tx.schedule(NewJob::at("integration.backlog", gone.to_string(), due, json!({}))).await
        })
    });
    write.await.unwrap_or_else(|error: DbError| panic!("{error:?}"));
    app.settle().await;
    assert_eq!(counts(&app, &monitor).await, json!({"accepted": 0, "rejected": 0, "waiting": 297}), "it may still live");
    app.advance(SignedDuration::from_secs(11)).await;
    assert_eq!(counts(&app, &monitor).await, json!({"accepted": 297, "rejected": 0, "waiting": 0}));
    assert_eq!(rows(&app, "integration_backlog").await, 0, "also of integrations that are gone");
    assert_eq!(rows(&app, "alerts").await, 198);
    assert_eq!(rows(&app, "jobs WHERE kind = 'integration.backlog'").await, 0);
}
async fn what_comes_after_a_restart_waits_for_what_was_left(backend) {
    let app = app(backend).await;
    let (monitor, gone) = (source(&app, "Monitor").await, Uuid::from_u128(0x6e));
    let integration: Uuid = monitor.id.parse().unwrap();
    let ctx = Ctx::system("test");
    let left = app.app.db.write(&ctx, Lane::Front, move |tx| {
        Box::pin(async move {
            let payload = json!({"id": "door", "text": "The door is open", "over": false}).to_string();
            tx.execute(
                "INSERT INTO integration_backlog (owner, place, integration_id, received_at, commands, payload) \
                 VALUES ($1, 1, $2, $3, 1, $4)",
                params![gone, integration, tx.now(), payload],
            )
            .await?;
            tx.schedule(NewJob::now("integration.backlog", gone.to_string(), json!({}))).await
        })
    });
    left.await.unwrap_or_else(|error: DbError| panic!("{error:?}"));
    let over = send(&app, &monitor, "door", true).await.expect(202);
    assert_eq!(over, json!({"accepted": 1, "alerts": []}), "it waits");
    // On PostgreSQL the other server might still live, until its timer says that it does not.
    if backend == Backend::Postgres {
        assert_eq!(counts(&app, &monitor).await, json!({"accepted": 0, "rejected": 0, "waiting": 2}));
        app.settle().await;
    }
    done(&app, &monitor, 2, 0).await;
    let doors = alerts(&app, "alias%20=%20door").await;
    assert_eq!(doors.len(), 1);
    let mut log = log(&app, doors[0]["id"].as_str().unwrap()).await;
    log.retain(|line| line != "escalation");
    assert_eq!(log, ["raised", "closed"]);
    // From then on nothing waits.
    let alone = send(&app, &monitor, "alone", false).await.expect(202);
    assert_eq!(alone["alerts"].as_array().unwrap().len(), 1);
}
}
