//! Custom fields and due dates: defining, filling, showing, asking.

use axum::http::Method;
use serde_json::{Value, json};
use testkit::TestApp;

use crate::support::*;

async fn define(app: &TestApp, key: &str, body: Value) -> Value {
    app.call("root", Method::PUT, &format!("/api/v1/fields/{key}"), body).await.expect(200)
}

/// A field of each kind.
async fn all_kinds(app: &TestApp) {
    let options = json!([{"key": "eu", "name": "Europe"}, {"key": "us", "name": "Overseas"}]);
    for (key, body) in [
        ("cost_centre", json!({"name": "Cost centre", "kind": "text"})),
        ("plan", json!({"name": "Back-out plan", "kind": "long_text"})),
        ("seats", json!({"name": "Seats", "kind": "number", "number": {"min": 1, "decimals": 1, "unit": "seats"}})),
        ("start", json!({"name": "First day", "kind": "date"})),
        ("window", json!({"name": "Window", "kind": "instant"})),
        ("outage", json!({"name": "Outage", "kind": "checkbox"})),
        ("region", json!({"name": "Region", "kind": "choice", "options": options})),
        ("regions", json!({"name": "Regions", "kind": "choices", "options": options})),
        ("owner", json!({"name": "Owner", "kind": "person"})),
        ("squad", json!({"name": "Squad", "kind": "team"})),
        ("backend", json!({"name": "Backend", "kind": "service"})),
        ("runbook", json!({"name": "Runbook", "kind": "url"})),
    ] {
        define(app, key, body).await;
    }
}

fn shown(ticket: &Value, key: &str) -> Value {
    let fields = ticket["fields"].as_array().expect("fields");
    fields.iter().find(|field| field["key"] == key).cloned().unwrap_or_default()
}

async fn found(app: &TestApp, who: &'static str, query: &str) -> Vec<String> {
    let encoded: String = query.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let page = app.get(who, &format!("/api/v1/tickets?query={encoded}")).await.expect(200);
    let items = page["items"].as_array().expect("items");
    items.iter().map(|ticket| ticket["key"].as_str().unwrap_or_default().to_owned()).collect()
}

async fn wrong(app: &TestApp, who: &'static str, body: Value) -> Vec<(String, String)> {
    let refused = app.post(who, "/api/v1/tickets", body).await.expect(422);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let errors = refused["errors"].as_array().expect("errors");
    errors.iter().map(|error| (text(&error["field"]), text(&error["message"]))).collect()
}

testkit::both_databases! {
    async fn values_of_every_kind_are_kept_shown_and_found(backend) {
        let app = desk(backend).await;
        all_kinds(&app).await;
        let service = service(&app, "Ledger", 2).await;
        let fields = json!({"cost_centre": " CC-Ärger ", "plan": "Roll it back.\nThen tell people.", "seats": 12.5,
            "start": "2026-05-17", "window": "2026-03-05T12:00:00+02:00", "outage": true, "region": "eu",
            "regions": ["us", "eu"], "owner": person("bo"), "squad": TEAM, "backend": service,
            "runbook": "https://wiki.test/ledger"});
        let one = incident(&app, "one", json!({"fields": fields, "due_at": "2026-03-04T00:00:00Z"})).await;
        incident(&app, "two", json!({"fields": {"seats": 3, "region": "us", "outage": false, "start": "2026-01-01"}})).await;
        incident(&app, "three", json!({})).await;
        assert_eq!((&shown(&one, "seats")["value"], &shown(&one, "seats")["text"]), (&json!(12.5), &json!("12.5 seats")));
        assert_eq!((&shown(&one, "regions")["value"], &shown(&one, "regions")["text"]), (&json!(["eu", "us"]), &json!("Europe, Overseas")));
        assert_eq!(shown(&one, "owner")["refs"], json!([{"id": person("bo"), "name": "bo"}]));
        assert_eq!((&shown(&one, "squad")["text"], &shown(&one, "backend")["text"]), (&json!("Payments"), &json!("Ledger")));
        assert_eq!((&shown(&one, "window")["value"], &one["due_at"]), (&json!("2026-03-05T10:00:00Z"), &json!("2026-03-04T00:00:00Z")));
        for (query, keys) in [
            ("\"Cost centre\" = cc-ärger", vec!["INC-1"]),
            ("cost_centre ~ \"*ärg*\"", vec!["INC-1"]),
            ("\"Back-out plan\" ~ \"tell people\"", vec!["INC-1"]),
            ("text ~ \"tell roll ledger\"", vec!["INC-1"]),
            ("text ~ \"\\\"tell people\\\"\"", vec!["INC-1"]),
            ("comment ~ tell", vec![]),
            ("Seats > 3 ORDER BY Seats", vec!["INC-1"]),
            ("Seats IS NOT EMPTY ORDER BY Seats", vec!["INC-2", "INC-1"]),
            ("ORDER BY Seats DESC, key", vec!["INC-1", "INC-2", "INC-3"]),
            ("\"First day\" < 2026-05-17", vec!["INC-2"]),
            ("\"First day\" = 2026-05-17", vec!["INC-1"]),
            ("Window > 2026-03-05", vec!["INC-1"]),
            ("Outage = false", vec!["INC-2"]),
            ("Outage != false", vec!["INC-1"]),
            ("Region IN (Overseas, eu) ORDER BY Region", vec!["INC-1", "INC-2"]),
            ("Regions = Europe AND Regions = Overseas", vec!["INC-1"]),
            ("Regions IS EMPTY ORDER BY key", vec!["INC-2", "INC-3"]),
            ("Owner = bo ORDER BY Owner", vec!["INC-1"]),
            ("Squad = Payments ORDER BY Squad", vec!["INC-1"]),
            ("Backend = Ledger ORDER BY Backend", vec!["INC-1"]),
            ("Runbook ~ \"*wiki*\"", vec!["INC-1"]),
            ("due < 2026-03-05 ORDER BY due", vec!["INC-1"]),
            ("due IS EMPTY ORDER BY key", vec!["INC-2", "INC-3"]),
        ] {
            assert_eq!(found(&app, "ana", query).await, keys, "{query}");
        }
        let complete = app.post("ana", "/api/v1/tickets/query/complete", json!({"text": "Region = E", "cursor": 10})).await.expect(200);
        assert_eq!(complete["items"][0]["label"], "Europe");
        let queue = json!({"name": "By seats", "query": "Seats > 1", "columns": ["key", "field:seats", "due"]});
        app.post("ana", "/api/v1/queues", queue).await.expect(201);
    }

    async fn changes_stand_in_the_history_without_free_text(backend) {
        let app = desk(backend).await;
        all_kinds(&app).await;
        let fields = json!({"cost_centre": "Hush 1", "region": "eu", "owner": person("bo")});
        let one = incident(&app, "one", json!({"fields": fields})).await;
        let path = format!("/api/v1/tickets/{}", one["key"].as_str().expect("a key"));
        let change = json!({"fields": {"cost_centre": "Hush 2", "region": "us", "owner": null, "seats": null}, "due_at": "2026-04-01T00:00:00Z"});
        let after = app.call("ana", Method::PATCH, &path, change.clone()).await.expect(200);
        assert_eq!((&after["version"], &shown(&after, "owner"), &shown(&after, "cost_centre")["value"]), (&json!(2), &Value::Null, &json!("Hush 2")));
        assert_eq!(app.call("ana", Method::PATCH, &path, change).await.expect(200)["version"], 2, "nothing changed");
        assert_eq!(found(&app, "ana", "\"Cost centre\" = \"Hush 1\" OR Owner IS NOT EMPTY").await.len(), 0);
        app.post("ana", &format!("{path}/comments"), json!({"body": "quiet"})).await.expect(201);
        assert_eq!(found(&app, "ana", "text ~ \"hush 2 quiet\"").await, ["INC-1"]);
        assert_eq!(found(&app, "ana", "text ~ \"\\\"hush 1\\\"\"").await.len(), 0);
        let feed = app.get("ana", &format!("{path}/activity")).await.expect(200);
        let changes = feed["items"][1]["changes"].as_array().expect("changes").clone();
        let told: Vec<_> = changes.iter().map(|change| (change["field"].clone(), change["before"].clone(), change["after"].clone())).collect();
        assert!(told.contains(&(json!("Cost centre"), json!("Hush 1"), json!("Hush 2"))), "{told:?}");
        assert!(told.contains(&(json!("Region"), json!("Europe"), json!("Overseas"))));
        assert!(told.contains(&(json!("Owner"), json!("bo"), Value::Null)));
        platform::event_log::place(&app.app.db).await.expect("positions");
        let events = platform::event_log::list_after(&app.app.db.read(), -1, 1_000).await.expect("events");
        let log: String = events.iter().map(|event| event.data.to_string()).collect();
        assert!(log.contains("field:cost_centre") && !log.contains("Hush"), "{log}");
        let cleared = app.call("ana", Method::PATCH, &path, json!({"due_at": null})).await.expect(200);
        assert!(cleared["due_at"].is_null());
    }

    async fn a_due_date_starts_clocks(backend) {
        let app = desk(backend).await;
        let definition = json!({"name": "Promise", "start": [{"event": "due_date_set"}], "stop": [{"event": "resolution_set"}],
            "goals": [{"key": "soon", "query": "due < 2026-03-10", "target_min": 60}, {"key": "later", "target_min": 600}]});
        app.call("root", Method::PUT, "/api/v1/slas/promise", json!({"definition": definition})).await.expect(200);
        incident(&app, "one", json!({})).await;
        let path = "/api/v1/tickets/INC-1";
        let promise = async |due: Value| {
            let ticket = app.call("ana", Method::PATCH, path, json!({"due_at": due})).await.expect(200);
            ticket["slas"].as_array().expect("clocks").iter().find(|clock| clock["key"] == "promise").cloned()
        };
        assert_eq!(promise(Value::Null).await, None, "nothing is due");
        assert_eq!(promise(json!("2026-03-09T12:00:00Z")).await.expect("a clock")["target_s"], 3_600);
        assert_eq!(promise(json!("2026-03-11T12:00:00Z")).await.expect("a clock")["target_s"], 36_000);
    }

    async fn what_does_not_fit_is_said(backend) {
        let app = desk(backend).await;
        all_kinds(&app).await;
        let inc = project_id(&app, "INC").await;
        define(&app, "root_cause", json!({"name": "Root cause", "kind": "text", "required": true, "projects": [inc], "ticket_kinds": ["incident"]})).await;
        let body = |fields: Value| json!({"project_key": "INC", "kind": "incident", "summary": "x", "fields": fields});
        let said = wrong(&app, "ana", body(json!({"seats": 0, "region": "asia", "colour": 1, "owner": uuid::Uuid::nil()}))).await;
        let said: Vec<_> = said.iter().map(|(field, message)| (field.as_str(), message.as_str())).collect();
        assert_eq!(said, [
            ("fields.colour", "There is no field \"colour\"."),
            ("fields.owner", "There is no such person."),
            ("fields.region", "Choose one of eu, us."),
            ("fields.root_cause", "Fill in Root cause."),
            ("fields.seats", "Give a number from 1."),
        ]);
        // It stands on incidents of INC alone.
        let request = json!({"project_key": "REQ", "kind": "request", "summary": "x", "fields": {"root_cause": "rain"}});
        assert_eq!(wrong(&app, "ana", request).await[0].0, "fields.root_cause");
        let one = app.post("ana", "/api/v1/tickets", body(json!({"root_cause": "rain"}))).await.expect(201);
        let path = format!("/api/v1/tickets/{}", one["key"].as_str().expect("a key"));
        app.call("ana", Method::PATCH, &path, json!({"fields": {"root_cause": null}})).await.expect(422);
        // A monitor cannot know what is required.
        let system = platform::Ctx::system("test");
        let write = app.app.db.write(&system, platform::Lane::Front, |tx| Box::pin(async move {
            desk::ticket::open_in(tx, an_incident("by a monitor")).await
        }));
        write.await.expect("opens");
    }

    async fn customers_see_and_fill_what_they_may(backend) {
        let app = desk(backend).await;
        define(&app, "secret", json!({"name": "Secret", "kind": "text", "required": true, "default": "none yet"})).await;
        define(&app, "note", json!({"name": "Note", "kind": "text", "customers": "read", "default": "hello"})).await;
        define(&app, "desk", json!({"name": "Desk", "kind": "text", "customers": "write", "required": true})).await;
        let body = |fields: Value| json!({"project_key": "REQ", "kind": "request", "summary": "A monitor", "fields": fields});
        assert_eq!(wrong(&app, "cem", body(json!({"secret": "x", "note": "x"}))).await.len(), 3);
        let own = app.post("cem", "/api/v1/tickets", body(json!({"desk": "4.12"}))).await.expect(201);
        let keys: Vec<_> = own["fields"].as_array().expect("fields").iter().map(|field| field["key"].clone()).collect();
        assert_eq!(keys, ["desk", "note"]);
        assert_eq!(found(&app, "cem", "Desk = 4.12 AND Note = hello").await, ["REQ-1"]);
        assert_eq!(found(&app, "ana", "text ~ none").await, ["REQ-1"]);
        assert_eq!(found(&app, "cem", "text ~ none").await.len(), 0);
        assert_eq!(found(&app, "ana", "Secret = \"none yet\"").await, ["REQ-1"]);
        let check = app.post("cem", "/api/v1/tickets/query/check", json!({"query": "Secret = x"})).await.expect(200);
        assert_eq!(check["problems"].as_array().map(Vec::len), Some(1));
        let fields = app.get("cem", "/api/v1/fields").await.expect(200);
        assert_eq!(fields["items"].as_array().map(Vec::len), Some(2));
        app.get("cem", "/api/v1/fields/secret").await.expect(404);
    }

    async fn definitions_are_versioned_and_guarded(backend) {
        let app = desk(backend).await;
        let path = "/api/v1/fields/region";
        let options = json!([{"key": "eu", "name": "Europe"}, {"key": "us", "name": "Overseas"}]);
        let body = json!({"name": "Region", "kind": "choice", "options": options});
        app.call("ana", Method::PUT, path, body.clone()).await.expect(403);
        let field = app.call("root", Method::PUT, path, body.clone()).await.expect(200);
        assert_eq!((&field["version"], &field["used"]), (&json!(1), &json!(false)));
        for (key, body, place) in [
            ("status2", json!({"name": "Status", "kind": "text"}), "name"),
            ("status", json!({"name": "Other", "kind": "text"}), "key"),
            ("other", json!({"name": "region", "kind": "text"}), "name"),
            ("other", json!({"name": "Time to resolution", "kind": "text"}), "name"),
            ("Other!", json!({"name": "Other", "kind": "text"}), "key"),
            ("other", json!({"name": "Other", "kind": "text", "projects": [uuid::Uuid::nil()]}), "projects"),
        ] {
            let refused = app.call("root", Method::PUT, &format!("/api/v1/fields/{key}"), body).await.expect(422);
            assert_eq!((&refused["errors"][0]["field"], &refused["code"]), (&json!(place), &json!("field_invalid")), "{refused}");
        }
        incident(&app, "one", json!({"fields": {"region": "eu"}})).await;
        assert_eq!(app.get("ana", path).await.expect(200)["used"], true);
        let text = json!({"name": "Region", "kind": "text"});
        assert_eq!(app.call("root", Method::PUT, path, text.clone()).await.expect(422)["errors"][0]["field"], "kind");
        let fewer = json!({"name": "Region", "kind": "choice", "options": [{"key": "us", "name": "Overseas"}]});
        assert_eq!(app.call("root", Method::PUT, path, fewer).await.expect(422)["errors"][0]["field"], "options");
        // Retired, it stays where it is and cannot be chosen.
        let retired = json!({"name": "Region", "kind": "choice", "options": [{"key": "eu", "name": "Europe", "retired": true}, {"key": "us", "name": "Overseas"}]});
        app.call("root", Method::PUT, path, retired).await.expect(200);
        assert_eq!(found(&app, "ana", "Region = Europe").await, ["INC-1"]);
        app.post("ana", "/api/v1/tickets", json!({"project_key": "INC", "kind": "incident", "summary": "x", "fields": {"region": "eu"}})).await.expect(422);
        // Taken away it is gone; with the kind that it had it comes back, values included.
        app.call("root", Method::DELETE, path, Value::Null).await.expect(204);
        assert_eq!(app.get("ana", "/api/v1/tickets/INC-1").await.expect(200)["fields"], json!([]));
        app.get("ana", path).await.expect(404);
        app.call("root", Method::PUT, path, text).await.expect(422);
        app.call("root", Method::PUT, path, body).await.expect(200);
        assert_eq!(found(&app, "ana", "Region = Europe").await, ["INC-1"]);
    }
}
