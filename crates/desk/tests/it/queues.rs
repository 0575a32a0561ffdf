//! Queues: who sees, shares, changes and counts them.

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::*;

fn names(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().expect("items");
    items.iter().map(|queue| queue["name"].as_str().unwrap_or_default().to_owned()).collect()
}

fn named<'p>(page: &'p Value, name: &str) -> &'p Value {
    page["items"].as_array().expect("items").iter().find(|queue| queue["name"] == name).expect("the queue")
}

testkit::both_databases! {
    async fn the_first_queues_count_for_whoever_looks(backend) {
        let app = desk(backend).await;
        incident(&app, "Checkout fails", json!({"assignee_id": person("bo"), "urgency": "critical"})).await;
        incident(&app, "Wiki is slow", json!({"urgency": "low"})).await;
        let page = app.get("bo", "/api/v1/queues?counts=true").await.expect(200);
        assert_eq!(names(&page), ["Unassigned", "My open work", "All open", "P1 and P2", "Breaching soon"]);
        assert_eq!(named(&page, "Unassigned")["count"], json!({"count": 1, "capped": false}));
        assert_eq!(named(&page, "My open work")["count"]["count"], 1);
        assert_eq!(named(&page, "All open")["count"]["count"], 2);
        // The critical one is to be answered within half an hour, the other within a day.
        assert_eq!(named(&page, "Breaching soon")["count"]["count"], 1);
        let page = app.get("ana", "/api/v1/queues?counts=true").await.expect(200);
        assert_eq!(named(&page, "My open work")["count"]["count"], 0);
        assert!(app.get("ana", "/api/v1/queues").await.expect(200)["items"][0].get("count").is_none());
        app.get("cem", "/api/v1/queues").await.expect(403);
        // Seeding again, and after one is gone, adds nothing.
        let id = named(&page, "P1 and P2")["id"].as_str().expect("an id").to_owned();
        app.call("ana", Method::DELETE, &format!("/api/v1/queues/{id}"), Value::Null).await.expect(403);
        app.call("root", Method::DELETE, &format!("/api/v1/queues/{id}"), Value::Null).await.expect(204);
        desk::seed(&app.app).await.expect("a later start");
        assert_eq!(names(&app.get("bo", "/api/v1/queues").await.expect(200)).len(), 4);
    }

    async fn queues_are_private_until_shared(backend) {
        let app = desk(backend).await;
        let body = json!({"name": "Mine", "query": "label=EU and status=open order by PRIORITY desc"});
        let queue = app.post("bo", "/api/v1/queues", body).await.expect(201);
        assert_eq!(queue["query"], "label = EU AND status = open ORDER BY PRIORITY DESC");
        assert_eq!((&queue["visibility"], &queue["version"]), (&json!("private"), &json!(1)));
        assert_eq!(queue["owner"]["name"], "bo");
        let path = format!("/api/v1/queues/{}", queue["id"].as_str().expect("an id"));
        let edit = |who: &'static str, body: Value| app.call(who, Method::PATCH, &path, body);
        // Not even administrators see it.
        app.get("ana", &path).await.expect(404);
        app.get("root", &path).await.expect(404);
        edit("ana", json!({"name": "Hers"})).await.expect(404);
        edit("bo", json!({"visibility": "everyone"})).await.expect(403);
        edit("bo", json!({"visibility": "teams"})).await.expect(422);
        let shared = edit("bo", json!({"visibility": "teams", "team_ids": [TEAM]})).await.expect(200);
        assert_eq!(shared["teams"][0]["name"], "Payments");
        // Ana is not in the team; whoever manages projects sees what teams share.
        app.get("ana", &path).await.expect(404);
        app.get("root", &path).await.expect(200);
        let everyone = edit("root", json!({"visibility": "everyone"})).await.expect(200);
        assert_eq!((&everyone["teams"], &everyone["version"]), (&json!([]), &json!(3)));
        let seen = app.get("ana", &path).await.expect(200);
        assert_eq!(seen["actions"][0]["allowed"], false);
        edit("ana", json!({"name": "Hers"})).await.expect(403);
        let same = edit("bo", json!({"name": "Mine"})).await.expect(200);
        assert_eq!(same["version"], 3, "nothing changed");
        app.call("bo", Method::DELETE, &path, Value::Null).await.expect(204);
        app.get("bo", &path).await.expect(404);
    }

    async fn what_is_wrong_with_a_queue_is_said(backend) {
        let app = desk(backend).await;
        let wrong = app.post("bo", "/api/v1/queues", json!({"name": "X", "query": "statsu = Open"})).await.expect(422);
        assert_eq!(wrong["code"], "query_invalid");
        let body = json!({"name": " ", "query": "", "columns": ["key", "key", "colour"], "position": -1});
        let wrong = app.post("bo", "/api/v1/queues", body).await.expect(422);
        assert_eq!(wrong["errors"].as_array().expect("errors").len(), 4, "{wrong}");
        let body = json!({"name": "X", "query": "", "visibility": "teams", "team_ids": [uuid::Uuid::nil()]});
        app.post("bo", "/api/v1/queues", body).await.expect(422);
        let body = json!({"name": "X", "query": "", "visibility": "teams", "team_ids": [TEAM]});
        app.post("ana", "/api/v1/queues", body).await.expect(403);
    }
}
