//! The same change to many tickets.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use crate::support::*;

const PATH: &str = "/api/v1/tickets/bulk";

fn keys(outcome: &Value, list: &str) -> Vec<String> {
    let items = outcome[list].as_array().expect("a list");
    items.iter().map(|item| item["key"].as_str().unwrap_or_default().to_owned()).collect()
}

testkit::both_databases! {
    async fn each_ticket_is_changed_as_if_alone(backend) {
        let app = desk(backend).await;
        let one = incident(&app, "one", json!({"labels": ["old", "kept"]})).await;
        let two = incident(&app, "two", json!({})).await;
        let done = incident(&app, "three", json!({})).await;
        app.post("ana", "/api/v1/tickets/INC-3/transition", json!({"to": "resolved", "resolution": "fixed"})).await.expect(200);
        let nowhere = "00000000-0000-7000-8000-00000000dead";
        let ids = json!([one["id"], two["id"], done["id"], nowhere, one["id"]]);
        let change = json!({"assignee_id": person("bo"), "priority": "P1", "add_labels": ["vip", " vip "],
            "remove_labels": ["old", "never"], "transition": "start",
            "comment": {"text": "Taken over.", "internal": true}});
        let outcome = app.post("ana", PATH, json!({"ids": ids, "change": change})).await.expect(200);
        assert_eq!(keys(&outcome, "changed"), ["INC-1", "INC-2"], "{outcome}");
        assert_eq!(keys(&outcome, "failed"), ["INC-3", ""]);
        let codes: Vec<_> = outcome["failed"].as_array().expect("a list").iter().map(|item| item["code"].clone()).collect();
        assert_eq!(codes, ["transition_refused", "ticket_not_found"]);
        let one = app.get("ana", "/api/v1/tickets/INC-1").await.expect(200);
        assert_eq!((&one["assignee"]["name"], &one["priority"], &one["status"]["key"]), (&json!("bo"), &json!("P1"), &json!("in_progress")));
        assert_eq!(one["labels"], json!(["kept", "vip"]));
        assert!(one["slas"].as_array().is_some_and(|slas| !slas.is_empty()));
        // Of what was refused nothing stays.
        let three = app.get("ana", "/api/v1/tickets/INC-3").await.expect(200);
        assert_eq!((&three["labels"], &three["assignee"], &three["version"]), (&json!([]), &Value::Null, &json!(2)));
        let feed = app.get("ana", "/api/v1/tickets/INC-2/activity").await.expect(200);
        let kinds: Vec<_> = feed["items"].as_array().expect("items").iter().map(|item| item["kind"].as_str().unwrap_or("comment").to_owned()).collect();
        assert_eq!(kinds, ["TicketOpened", "TicketFieldChanged", "TicketPriorityOverridden", "TicketTransitioned", "comment"]);
        // Again, without the comment: nothing is left to do.
        let change = json!({"assignee_id": person("bo"), "priority": "P1", "add_labels": ["vip"], "transition": "In progress"});
        let outcome = app.post("ana", PATH, json!({"ids": [one["id"]], "change": change})).await.expect(200);
        assert_eq!((keys(&outcome, "unchanged"), keys(&outcome, "changed").len()), (vec!["INC-1".to_owned()], 0));
    }

    async fn a_repeated_request_changes_nothing_twice(backend) {
        let app = desk(backend).await;
        let one = incident(&app, "one", json!({})).await;
        let two = incident(&app, "two", json!({})).await;
        let body = json!({"ids": [one["id"], two["id"]], "change": {"comment": {"text": "Hello."}}}).to_string();
        for _ in 0..2 {
            let request = Request::post(PATH).header("authorization", "Bearer ana").header("content-type", "application/json").header("idempotency-key", "k1");
            let request = request.body(Body::from(body.clone())).expect("a request");
            let outcome = app.send(request).await.expect(200);
            assert_eq!(keys(&outcome, "changed"), ["INC-1", "INC-2"]);
        }
        assert_eq!(count(&app.app, "ticket_comments").await, 2);
    }

    async fn what_is_wrong_with_a_bulk_change_is_said(backend) {
        let app = desk(backend).await;
        let one = incident(&app, "one", json!({})).await;
        let wrong = app.post("ana", PATH, json!({"ids": [], "change": {"resolution": "fixed"}})).await.expect(422);
        let fields: Vec<_> = wrong["errors"].as_array().expect("errors").iter().map(|error| error["field"].clone()).collect();
        assert_eq!(fields, ["ids", "change", "change.resolution"]);
        app.post("cem", PATH, json!({"ids": [one["id"]], "change": {"priority": "P1"}})).await.expect(403);
        let viewer = app.post("dora", PATH, json!({"ids": [one["id"]], "change": {"assignee_id": person("cem")}})).await.expect(200);
        assert_eq!(viewer["failed"][0]["message"], "There is no such active agent.");
    }
}
