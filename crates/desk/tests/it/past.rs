//! What tickets were: WAS and CHANGED.

use axum::http::Method;
use jiff::SignedDuration;
use platform::db::Sql;
use platform::{Ctx, DbError, Lane};
use serde_json::json;
use testkit::TestApp;

use crate::support::*;

async fn found(app: &TestApp, who: &'static str, query: &str) -> Vec<String> {
    let encoded: String = query.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let page = app.get(who, &format!("/api/v1/tickets?query={encoded}")).await.expect(200);
    let items = page["items"].as_array().expect("items");
    items.iter().map(|ticket| ticket["key"].as_str().unwrap_or_default().to_owned()).collect()
}

#[derive(Debug, PartialEq, platform::db::FromRow)]
struct Row {
    ticket_id: uuid::Uuid,
    field: String,
    number: i64,
    text: Option<String>,
    text_before: Option<String>,
    rank: Option<i64>,
    reference: Option<uuid::Uuid>,
    reference_before: Option<uuid::Uuid>,
    held_since: i64,
    held_until: Option<i64>,
    person_id: Option<uuid::Uuid>,
    is_first: bool,
}

async fn rows(app: &TestApp) -> Vec<Row> {
    let text = "SELECT ticket_id, field, number, text, text_before, rank, reference, reference_before, held_since, \
                held_until, person_id, is_first FROM ticket_past ORDER BY ticket_id, field, number";
    app.app.db.read().all(text, vec![]).await.expect("rows")
}

/// Three tickets with a past.
async fn lived(app: &TestApp) {
    for n in 0..3 {
        incident(app, "x", json!({"labels": [format!("n{n}")]})).await;
    }
    app.advance(SignedDuration::from_hours(1)).await;
    let patch = json!({"assignee_id": person("bo"), "team_id": TEAM});
    app.call("bo", Method::PATCH, "/api/v1/tickets/INC-1", patch).await.expect(200);
    app.post("ana", "/api/v1/tickets/INC-1/transition", json!({"to": "in_progress"})).await.expect(200);
    app.post("ana", "/api/v1/tickets/INC-2/priority", json!({"priority": "P1", "reason": "the board"}))
        .await
        .expect(200);
    app.advance(SignedDuration::from_hours(1)).await;
    app.post("bo", "/api/v1/tickets/INC-1/transition", json!({"to": "waiting"})).await.expect(200);
    app.call("ana", Method::PATCH, "/api/v1/tickets/INC-1", json!({"assignee_id": null})).await.expect(200);
    app.post("ana", "/api/v1/tickets/INC-2/comments", json!({"body": "hello", "visibility": "internal"}))
        .await
        .expect(201);
}

testkit::both_databases! {
    async fn queries_know_what_was(backend) {
        let app = desk(backend).await;
        lived(&app).await;
        for (query, keys) in [
            ("status WAS \"In progress\"", vec!["INC-1"]),
            ("status WAS Open ORDER BY key", vec!["INC-1", "INC-2", "INC-3"]),
            ("status WAS Open AFTER -90m ORDER BY key", vec!["INC-1", "INC-2", "INC-3"]),
            ("status WAS Open AFTER -30m ORDER BY key", vec!["INC-2", "INC-3"]),
            ("status CHANGED TO Waiting BY bo", vec!["INC-1"]),
            ("status CHANGED TO Waiting BY ana", vec![]),
            ("status CHANGED FROM Open BEFORE -30m", vec!["INC-1"]),
            ("assignee WAS bo AND assignee IS EMPTY", vec!["INC-1"]),
            ("assignee CHANGED FROM bo TO EMPTY", vec!["INC-1"]),
            ("NOT assignee CHANGED ORDER BY key", vec!["INC-2", "INC-3"]),
            ("team CHANGED TO Payments", vec!["INC-1"]),
            ("priority CHANGED FROM Medium TO Critical BY ana", vec!["INC-2"]),
            ("priority WAS NOT Medium", vec![]),
        ] {
            assert_eq!(found(&app, "ana", query).await, keys, "{query}");
        }
        let check = app.post("ana", "/api/v1/tickets/query/check", json!({"query": "labels CHANGED"})).await.expect(200);
        assert_eq!(check["problems"].as_array().map(Vec::len), Some(1), "only some fields have a past");
        let check = app.post("cem", "/api/v1/tickets/query/check", json!({"query": "status WAS Open AND priority CHANGED"})).await.expect(200);
        assert_eq!(check["problems"].as_array().map(Vec::len), Some(1), "customers know that of the status");
    }

    async fn the_past_of_old_tickets_is_worked_out_of_the_log(backend) {
        let app = desk(backend).await;
        lived(&app).await;
        let written = rows(&app).await;
        assert_eq!(written.len(), 12 + 6);
        // As after an upgrade: the tickets are there, their past is not. One has changed since.
        let system = Ctx::system("test");
        let forget = app.app.db.write(&system, Lane::Front, |tx| Box::pin(async move {
            tx.execute("DELETE FROM ticket_past WHERE NOT (field = 'assignee' AND number = 3)", vec![]).await?;
            tx.execute("UPDATE ticket_rebuilds SET done_to = 0, up_to = (SELECT MAX(seq) FROM tickets)", vec![]).await?;
            Ok::<_, DbError>(())
        }));
        forget.await.expect("forgets");
        assert_eq!(rows(&app).await.len(), 1);
        desk::seed(&app.app).await.expect("a later start");
        app.settle().await;
        assert_eq!(rows(&app).await, written);
    }
}
