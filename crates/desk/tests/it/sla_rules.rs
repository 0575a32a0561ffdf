//! Configuring calendars and service levels, and who sees what of them.

use axum::body::Body;
use axum::http::{Method, Request};
use serde_json::{Value, json};

use crate::slas::{office, put, shown, wipe};
use crate::support::*;

fn simple(name: &str, goals: Value) -> Value {
    json!({"definition": {"name": name, "start": [{"event": "created"}], "stop": [{"event": "resolution_set"}], "goals": goals}})
}

testkit::both_databases! {
    async fn what_does_not_fit_is_refused_with_its_place(backend) {
        let app = desk(backend).await;
        let mut calendar = office("Europe/Oslo", &["2026-02-30"]);
        calendar["week"]["monday"][0]["to"] = json!("07:00");
        let refused = put(&app, "root", "/api/v1/calendars/night", calendar).await.expect(422);
        let fields: Vec<_> = refused["errors"].as_array().expect("errors").iter().map(|error| error["field"].clone()).collect();
        assert_eq!(fields, ["week.monday[0].to", "holidays[0].date"]);
        put(&app, "root", "/api/v1/calendars/Not%20a%20key", office("UTC", &[])).await.expect(422);
        let goals = json!([
            {"key": "a", "query": "priority = P9", "target_min": 60},
            {"key": "b", "query": "service = Checkout", "target_min": 60, "calendar": "mars"},
        ]);
        let refused = put(&app, "root", "/api/v1/slas/mine", simple("Mine", goals)).await.expect(422);
        let fields: Vec<_> = refused["errors"].as_array().expect("errors").iter().map(|error| error["field"].clone()).collect();
        assert_eq!(fields, ["definition.goals[0].query", "definition.goals[1].calendar", "definition.goals[1].query"]);
        let goals = json!([{"key": "a", "target_min": 60}]);
        let refused = put(&app, "root", "/api/v1/slas/mine", simple("time to RESOLUTION", goals.clone())).await.expect(422);
        assert_eq!(refused["errors"][0]["field"], "definition.name");
        put(&app, "root", "/api/v1/slas/mine", simple("Mine", goals.clone())).await.expect(200);
        put(&app, "ana", "/api/v1/slas/mine", simple("Mine", goals)).await.expect(403);
        put(&app, "ana", "/api/v1/calendars/office", office("UTC", &[])).await.expect(403);
        app.get("cem", "/api/v1/slas").await.expect(403);
        assert_eq!(app.get("ana", "/api/v1/slas").await.expect(200)["items"].as_array().map(Vec::len), Some(3));
    }

    async fn a_calendar_that_counts_cannot_be_removed(backend) {
        let app = desk(backend).await;
        let refused = app.call("root", Method::DELETE, "/api/v1/calendars/office", Value::Null).await.expect(409);
        assert_eq!(refused["code"], "calendar_in_use");
        let shown = app.get("ana", "/api/v1/calendars/office").await.expect(200);
        assert_eq!((shown["used_by"].as_array().map(Vec::len), shown["open_now"].as_bool()), (Some(2), Some(true)));
        put(&app, "root", "/api/v1/calendars/night", office("UTC", &[])).await.expect(200);
        app.call("root", Method::DELETE, "/api/v1/calendars/night", Value::Null).await.expect(204);
        app.get("ana", "/api/v1/calendars/night").await.expect(404);
        // An old version brings it back, by the checks of an edit.
        let path = "/api/v1/documents/calendar/night/versions/1/restore";
        app.call("root", Method::POST, path, Value::Null).await.expect(200);
        assert_eq!(app.get("ana", "/api/v1/calendars/night").await.expect(200)["version"], 3);
    }

    async fn versions_guard_against_each_other(backend) {
        let app = desk(backend).await;
        let send = async |version: &str, days: &[&str]| {
            let request = Request::put("/api/v1/calendars/office")
                .header("authorization", "Bearer root")
                .header("if-match", format!("\"{version}\""))
                .header("content-type", "application/json")
                .body(Body::from(office("UTC", days).to_string()))
                .expect("a request");
            app.send(request).await
        };
        assert_eq!(send("1", &["2026-05-17"]).await.expect(200)["version"], 2);
        assert_eq!(send("1", &["2026-05-01"]).await.expect(412)["code"], "version_conflict");
        assert_eq!(send("0", &["2026-05-01"]).await.expect(412)["code"], "version_conflict");
    }

    async fn a_preview_says_when_time_is_over(backend) {
        let app = desk(backend).await;
        let body = json!({"definition": office("Europe/Oslo", &["2026-03-30"]), "start": "2026-03-27T14:00:00Z", "duration_min": 120});
        let shown = app.post("ana", "/api/v1/calendars/preview", body).await.expect(200);
        assert_eq!((shown["due"].as_str(), shown["open_at_start"].as_bool()), (Some("2026-03-31T07:00:00Z"), Some(true)));
        assert_eq!(shown["spans"].as_array().map(Vec::len), Some(2));
        let body = json!({"calendar": "office", "start": "2026-03-06T15:00:00Z", "duration_min": 120});
        assert_eq!(app.post("ana", "/api/v1/calendars/preview", body).await.expect(200)["due"], "2026-03-09T09:00:00Z");
    }

    async fn goals_ask_of_the_ticket_and_its_service(backend) {
        let app = desk(backend).await;
        let vital = service(&app, "Checkout", 1).await;
        let goals = json!([
            {"key": "vital", "query": "\"Service tier\" = 1 AND kind = incident AND project = INC", "target_min": 30},
            {"key": "ours", "query": "team = Payments OR labels = vip", "target_min": 45},
            {"key": "rest", "target_min": 60},
        ]);
        put(&app, "root", "/api/v1/slas/mine", simple("Mine", goals)).await.expect(200);
        incident(&app, "one", json!({"service_id": vital})).await;
        incident(&app, "two", json!({"team_id": TEAM})).await;
        incident(&app, "three", json!({})).await;
        let targets = async || {
            let mut targets = Vec::new();
            for key in ["INC-1", "INC-2", "INC-3"] {
                targets.push(shown(&app, key, "mine").await["target_s"].as_i64().expect("a target") / 60);
            }
            targets
        };
        assert_eq!(targets().await, [30, 45, 60]);
        app.call("ana", Method::PATCH, "/api/v1/tickets/INC-3", json!({"labels": ["vip"]})).await.expect(200);
        app.call("ana", Method::PATCH, "/api/v1/tickets/INC-1", json!({"service_id": null})).await.expect(200);
        assert_eq!(targets().await, [60, 45, 45]);
    }

    async fn a_service_level_comes_to_open_tickets_and_goes(backend) {
        let app = desk(backend).await;
        incident(&app, "one", json!({})).await;
        wipe(&app).await;
        let request = json!({"project_key": "REQ", "kind": "request", "summary": "A monitor"});
        app.post("ana", "/api/v1/tickets", request).await.expect(201);
        app.clock.set("2026-03-02T10:00:00Z".parse().expect("an instant"));
        let mut body = simple("Mine", json!([{"key": "all", "target_min": 30}]));
        body["projects"] = json!([project_id(&app, "INC").await]);
        put(&app, "root", "/api/v1/slas/mine", body).await.expect(200);
        app.settle().await;
        // It counts from the start, but what was over before it came is told to nobody.
        let clock = shown(&app, "INC-1", "mine").await;
        assert_eq!((clock["breached"].as_bool(), clock["elapsed_s"].as_i64()), (Some(true), Some(3600)));
        assert_eq!(clock["breached_at"], "2026-03-02T09:30:00Z");
        let feed = app.get("ana", "/api/v1/tickets/INC-1/activity").await.expect(200);
        assert!(!feed.to_string().contains("SlaBreached"), "{feed}");
        assert!(shown(&app, "REQ-1", "mine").await.is_null());
        app.call("root", Method::DELETE, "/api/v1/slas/mine", Value::Null).await.expect(204);
        app.settle().await;
        assert!(shown(&app, "INC-1", "mine").await.is_null());
        app.get("ana", "/api/v1/slas/mine").await.expect(404);
        app.post("ana", "/api/v1/tickets/INC-1/comments", json!({"body": "Hm."})).await.expect(201);
    }

    async fn customers_see_when_their_request_is_due_and_no_more(backend) {
        let app = desk(backend).await;
        let mut inner = simple("Between teams", json!([{"key": "all", "target_min": 30}]));
        inner["definition"]["agreement"] = json!({"kind": "operational_level", "team": TEAM});
        put(&app, "root", "/api/v1/slas/inner", inner).await.expect(200);
        let request = json!({"project_key": "REQ", "kind": "request", "summary": "A monitor"});
        let opened = app.post("cem", "/api/v1/tickets", request).await.expect(201);
        let keys: Vec<_> = opened["slas"].as_array().expect("clocks").iter().map(|sla| sla["key"].clone()).collect();
        assert_eq!(keys, ["first-response", "resolution"]);
        let clocks = app.get("cem", "/api/v1/tickets/REQ-1/slas").await.expect(200);
        assert_eq!(clocks["items"].as_array().map(Vec::len), Some(2));
        assert!(clocks["items"][0]["goal"].is_null() && clocks["items"][0]["calendar"].is_null());
        app.get("cem", "/api/v1/tickets/REQ-1/slas/timeline").await.expect(403);
        app.get("eve", "/api/v1/tickets/REQ-1/slas").await.expect(404);
        assert_eq!(app.get("ana", "/api/v1/tickets/REQ-1").await.expect(200)["slas"].as_array().map(Vec::len), Some(3));
        // The customer's own comment is no answer; the agent's is.
        app.post("cem", "/api/v1/tickets/REQ-1/comments", json!({"body": "Any news?"})).await.expect(201);
        assert_eq!(shown(&app, "REQ-1", "first-response").await["phase"], "running");
        app.post("ana", "/api/v1/tickets/REQ-1/comments", json!({"body": "Tomorrow."})).await.expect(201);
        assert_eq!(shown(&app, "REQ-1", "first-response").await["phase"], "completed");
    }
}
