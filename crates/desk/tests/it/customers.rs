//! What customers may do and see.

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::*;

async fn request(app: &testkit::TestApp, name: &str) -> Value {
    let body = json!({"project_key": "REQ", "kind": "request", "summary": format!("A monitor for {name}")});
    app.post(name, "/api/v1/tickets", body).await.expect(201)
}

testkit::both_databases! {
    async fn a_customer_sees_own_requests_only(backend) {
        let app = desk(backend).await;
        let (own, other) = (request(&app, "cem").await, request(&app, "eve").await);
        incident(&app, "Checkout fails", json!({})).await;
        let page = app.get("cem", "/api/v1/tickets").await.expect(200);
        assert_eq!(page["items"].as_array().map(Vec::len), Some(1));
        assert_eq!(page["items"][0]["key"], own["key"]);
        app.get("cem", &format!("/api/v1/tickets/{}", other["key"].as_str().expect("a key"))).await.expect(404);
        app.get("cem", "/api/v1/tickets/INC-1").await.expect(404);
        app.get("cem", &format!("/api/v1/tickets/{}/activity", other["id"].as_str().expect("an id"))).await.expect(404);
        let comment = json!({"body": "Me too"});
        app.post("cem", &format!("/api/v1/tickets/{}/comments", other["id"].as_str().expect("an id")), comment).await.expect(404);
        assert_eq!(app.get("ana", "/api/v1/tickets").await.expect(200)["items"].as_array().map(Vec::len), Some(3));
    }

    async fn a_customer_sees_public_comments_only(backend) {
        let app = desk(backend).await;
        let own = request(&app, "cem").await;
        let path = format!("/api/v1/tickets/{}", own["id"].as_str().expect("an id"));
        app.post("ana", &format!("{path}/comments"), json!({"body": "He asks every week.", "visibility": "internal"})).await.expect(201);
        app.post("ana", &format!("{path}/comments"), json!({"body": "It is on its way.", "visibility": "public"})).await.expect(201);
        app.post("ana", &format!("{path}/priority"), json!({"priority": "P5", "reason": "He can wait"})).await.expect(200);
        app.post("ana", &format!("{path}/transition"), json!({"to": "in_progress"})).await.expect(200);
        app.post("cem", &format!("{path}/comments"), json!({"body": "Thank you."})).await.expect(201);
        let feed = app.get("cem", &format!("{path}/activity")).await.expect(200).to_string();
        assert!(feed.contains("It is on its way.") && feed.contains("Thank you.") && feed.contains("from open to in progress"), "{feed}");
        assert!(!feed.contains("every week") && !feed.contains("wait"), "{feed}");
        let seen = app.get("cem", &path).await.expect(200);
        assert!(!seen.to_string().contains("He can wait"), "{seen}");
        assert!(seen["first_response_at"].is_string());
        let allowed: Vec<_> = seen["actions"].as_array().expect("actions").iter().filter(|action| action["allowed"] == true).map(|action| action["name"].clone()).collect();
        assert_eq!(allowed, ["comment_public"]);
    }

    async fn a_customer_raises_requests_and_nothing_else(backend) {
        let app = desk(backend).await;
        let body = json!({"project_key": "INC", "kind": "incident", "summary": "x", "urgency": "critical", "labels": ["vip"]});
        let refused = app.post("cem", "/api/v1/tickets", body).await.expect(422);
        let fields: Vec<_> = refused["errors"].as_array().expect("errors").iter().map(|error| error["field"].clone()).collect();
        assert_eq!(fields, ["kind", "urgency", "labels"]);
        let own = request(&app, "cem").await;
        let path = format!("/api/v1/tickets/{}", own["id"].as_str().expect("an id"));
        app.call("cem", Method::PATCH, &path, json!({"summary": "y"})).await.expect(403);
        app.post("cem", &format!("{path}/transition"), json!({"to": "in_progress"})).await.expect(403);
        app.post("cem", &format!("{path}/priority"), json!({"priority": "P1", "reason": "now"})).await.expect(403);
        app.call("cem", Method::DELETE, &format!("{path}/priority"), Value::Null).await.expect(403);
        app.post("cem", &format!("{path}/comments"), json!({"body": "x", "visibility": "internal"})).await.expect(403);
        app.get("cem", "/api/v1/reports/tickets").await.expect(403);
        app.get("cem", "/api/v1/services").await.expect(403);
        let projects = app.get("cem", "/api/v1/projects").await.expect(200);
        assert_eq!(projects["items"][0]["members"], json!([]));
    }
}
