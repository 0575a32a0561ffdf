//! Lists: filters, order, paging.

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::*;

fn keys(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().expect("items");
    items.iter().map(|ticket| ticket["key"].as_str().unwrap_or_default().to_owned()).collect()
}

testkit::both_databases! {
    async fn filters_narrow_and_pages_continue(backend) {
        let app = desk(backend).await;
        let service = service(&app, "Checkout", 1).await;
        incident(&app, "Checkout fails", json!({"service_id": service, "urgency": "critical", "labels": ["eu", "vip"]})).await;
        incident(&app, "Wiki is slow", json!({"assignee_id": person("bo"), "labels": ["eu"]})).await;
        incident(&app, "100% of disks full", json!({"team_id": TEAM})).await;
        app.post("ana", "/api/v1/tickets/INC-3/transition", json!({"to": "resolved", "resolution": "fixed"})).await.expect(200);
        let ask = |query: &'static str| {
            let app = &app;
            async move { keys(&app.get("bo", &format!("/api/v1/tickets?{query}")).await.expect(200)) }
        };
        assert_eq!(ask("").await, ["INC-3", "INC-2", "INC-1"]);
        assert_eq!(ask("status_category=open").await, ["INC-2", "INC-1"]);
        assert_eq!(ask("status_category=todo,doing").await, ["INC-2", "INC-1"]);
        assert_eq!(ask("status=resolved").await, ["INC-3"]);
        assert_eq!(ask("assignee=me").await, ["INC-2"]);
        assert_eq!(ask("assignee=none&sort=created").await, ["INC-1", "INC-3"]);
        assert_eq!(ask("priority=P1,P2").await, ["INC-1"]);
        assert_eq!(ask("label=eu,vip").await, ["INC-1"]);
        assert_eq!(ask("text=WIKI").await, ["INC-2"]);
        assert_eq!(ask("text=100%25").await, ["INC-3"]);
        assert_eq!(ask("text=1_0").await, [""; 0]);
        assert_eq!(ask("project=inc&kind=incident&limit=1").await, ["INC-3"]);
        assert_eq!(ask("project=REQ").await, [""; 0]);
        assert_eq!(ask("sort=-updated").await[0], "INC-3");
        app.get("bo", "/api/v1/tickets?sort=colour").await.expect(422);
        app.get("bo", "/api/v1/tickets?cursor=x").await.expect(422);
        app.get("bo", "/api/v1/tickets?priority=P9").await.expect(422);
        for sort in ["-created", "created", "priority", "-priority", "updated", "-updated"] {
            let mut seen = Vec::new();
            let mut path = format!("/api/v1/tickets?limit=1&sort={sort}");
            loop {
                let page = app.get("bo", &path).await.expect(200);
                seen.extend(keys(&page));
                let Some(next) = page["next"].as_str() else { break };
                path = format!("/api/v1/tickets?limit=1&sort={sort}&cursor={next}");
            }
            let whole = keys(&app.get("bo", &format!("/api/v1/tickets?sort={sort}")).await.expect(200));
            assert_eq!(seen, whole, "{sort}");
        }
    }
}

testkit::both_databases! {
    async fn queries_ask_for_what_is_seen(backend) {
        let app = desk(backend).await;
        incident(&app, "Checkout fails", json!({"assignee_id": person("bo"), "urgency": "critical"})).await;
        incident(&app, "Wiki is slow", json!({"labels": ["eu"]})).await;
        let internal = json!({"body": "zebra in the switch", "visibility": "internal"});
        app.post("ana", "/api/v1/tickets/INC-1/comments", internal).await.expect(201);
        let raised = json!({"project_key": "REQ", "kind": "request", "summary": "A new screen"});
        app.post("cem", "/api/v1/tickets", raised).await.expect(201);
        let public = json!({"body": "The zebra was ordered", "visibility": "public"});
        app.post("ana", "/api/v1/tickets/REQ-1/comments", public).await.expect(201);
        let hidden = json!({"body": "Too dear: giraffe", "visibility": "internal"});
        app.post("ana", "/api/v1/tickets/REQ-1/comments", hidden).await.expect(201);
        let ask = |who: &'static str, query: &'static str| {
            let app = &app;
            async move {
                let encoded = query.replace('%', "%25").replace(' ', "%20").replace('"', "%22").replace('>', "%3E");
                keys(&app.get(who, &format!("/api/v1/tickets?query={encoded}")).await.expect(200))
            }
        };
        assert_eq!(ask("bo", "assignee = currentUser()").await, ["INC-1"]);
        assert_eq!(ask("bo", "project = INC ORDER BY key").await, ["INC-1", "INC-2"]);
        assert_eq!(ask("bo", "priority > Medium OR label = EU").await, ["INC-2", "INC-1"]);
        assert_eq!(ask("bo", "comment ~ zebra").await, ["REQ-1", "INC-1"]);
        assert_eq!(ask("cem", "comment ~ zebra").await, ["REQ-1"]);
        assert_eq!(ask("cem", "text ~ giraffe").await, [""; 0]);
        assert_eq!(ask("bo", "text ~ giraffe").await, ["REQ-1"]);
        // Customers try out no names.
        app.get("cem", "/api/v1/tickets?query=assignee=bo").await.expect(422);
        let wrong = app.get("bo", "/api/v1/tickets?query=statsu=Open").await.expect(422);
        assert_eq!(wrong["code"], "query_invalid");
        let count = app.get("bo", "/api/v1/tickets/count?query=project=INC").await.expect(200);
        assert_eq!(count, json!({"count": 2, "capped": false}));
        let checked = app.post("bo", "/api/v1/tickets/query/check", json!({"query": "STATUS=open and team is null"})).await;
        assert_eq!(checked.expect(200)["canonical"], "STATUS = open AND team IS EMPTY");
        let checked = app.post("bo", "/api/v1/tickets/query/check", json!({"query": "assignee = nobdy"})).await.expect(200);
        assert_eq!(checked["problems"][0]["position"], 11);
        let at = json!({"text": "assignee = b", "cursor": 12});
        let offered = app.post("bo", "/api/v1/tickets/query/complete", at.clone()).await.expect(200);
        assert_eq!(offered["items"][0]["insert"], "bo");
        let offered = app.post("cem", "/api/v1/tickets/query/complete", at).await.expect(200);
        assert!(offered["items"].as_array().expect("items").iter().all(|item| item["insert"] != "bo"));
    }

    async fn words_follow_their_texts(backend) {
        let app = desk(backend).await;
        incident(&app, "Checkout fails", json!({"description": "Nobody can pay"})).await;
        let ask = |text: &'static str| {
            let app = &app;
            async move { keys(&app.get("bo", &format!("/api/v1/tickets?text={text}")).await.expect(200)) }
        };
        assert_eq!(ask("pay").await, ["INC-1"]);
        assert_eq!(ask("inc-1").await, ["INC-1"]);
        app.call("ana", Method::PATCH, "/api/v1/tickets/INC-1", json!({"description": "Nobody can buy"})).await.expect(200);
        assert_eq!(ask("pay").await, [""; 0]);
        assert_eq!(ask("buy%20checkout").await, ["INC-1"]);
    }
}
