//! Alerts through the API.

use http::Method;
use jiff::SignedDuration;
use kernel::{AlertId, TicketId};
use ops::alert::search::{AlertFilter, Order, SortKey};
use ops::alert::{AlertError, Change, IncidentState, RaiseAlert, raise_in, service, set_incident_in};
use platform::{Ctx, Lane};
use serde_json::json;
use uuid::Uuid;

use crate::support::{ANA, OPEN_TEAM, SECRET_TEAM, app, log, messages, nothing, raise};

fn report(alias: &str) -> RaiseAlert {
    let raise =
        domain::alert::Raise { alias: Some(alias.to_owned()), message: "Down".to_owned(), ..Default::default() };
    RaiseAlert { raise, ..RaiseAlert::default() }
}

testkit::both_databases! {
async fn one_alert_is_open_per_alias(backend) {
    let app = app(backend).await;
    let first = app.post("ana", "/api/v1/alerts", json!({"message": "Disk full", "alias": "disk"})).await.expect(201);
    let again = app.post("ana", "/api/v1/alerts", json!({"message": "Other words", "alias": "disk"})).await.expect(200);
    assert_eq!(first["id"], again["id"]);
    assert_eq!(again["count"], 2);
    assert_eq!(again["message"], "Disk full");
    let id = first["id"].as_str().unwrap();
    app.post("ana", &format!("/api/v1/alerts/{id}/close"), nothing()).await.expect(200);
    let new = app.post("ana", "/api/v1/alerts", json!({"message": "Disk full", "alias": "disk"})).await.expect(201);
    assert_ne!(first["id"], new["id"]);
    assert_eq!(log(&app, id).await, ["raised", "duplicated", "closed"]);
    let late = app.post("ana", &format!("/api/v1/alerts/{id}/acknowledge"), nothing()).await;
    assert_eq!(late.expect(409)["code"], "alert_closed");
}

async fn the_first_to_acknowledge_wins(backend) {
    let app = app(backend).await;
    let alert = raise(&app, json!({"message": "Disk full"})).await;
    assert_eq!(alert["alias"], alert["id"]);
    let path = format!("/api/v1/alerts/{}/acknowledge", alert["id"].as_str().unwrap());
    let taken = app.post("ana", &path, json!({"note": "on it"})).await.expect(200);
    assert_eq!(taken["acknowledged"], true);
    assert_eq!(taken["acknowledged_by"]["name"], "Ana Lindqvist");
    assert_eq!(taken["owner"]["id"], json!(ANA));
    app.post("ana", &path, nothing()).await.expect(200);
    let late = app.post("ben", &path, nothing()).await.expect(409);
    assert_eq!(late["code"], "alert_already_acknowledged");
    assert_eq!(log(&app, alert["id"].as_str().unwrap()).await, ["raised", "acknowledged", "note_added"]);
}

async fn a_snooze_ends_by_its_timer(backend) {
    let app = app(backend).await;
    let alert = raise(&app, json!({"message": "Disk full"})).await;
    let id = alert["id"].as_str().unwrap();
    let until = (app.app.now() + SignedDuration::from_mins(30)).to_string();
    let quiet = app.post("ana", &format!("/api/v1/alerts/{id}/snooze"), json!({"until": until})).await.expect(200);
    assert_eq!(quiet["snoozed_until"], until);
    app.advance(SignedDuration::from_mins(29)).await;
    assert_eq!(app.get("ana", &format!("/api/v1/alerts/{id}")).await.expect(200)["snoozed_until"], until);
    app.advance(SignedDuration::from_mins(1)).await;
    let alert = app.get("ana", &format!("/api/v1/alerts/{id}")).await.expect(200);
    assert!(alert["snoozed_until"].is_null());
    assert_eq!(log(&app, id).await, ["raised", "snoozed", "snooze_ended", "escalation"]);
    let past = app.post("ana", &format!("/api/v1/alerts/{id}/snooze"), json!({"until": "2020-01-01T00:00:00Z"})).await;
    assert_eq!(past.expect(422)["errors"][0]["field"], "until");
}

async fn changes_tell_what_happened(backend) {
    let app = app(backend).await;
    let body = json!({"message": "Disk full", "tags": ["db"], "details": {"host": "db1"}, "note": "first",
        "responders": [{"kind": "team", "id": OPEN_TEAM}]});
    let alert = raise(&app, body).await;
    assert_eq!(alert["responders"][0]["name"], "Platform");
    let path = format!("/api/v1/alerts/{}", alert["id"].as_str().unwrap());
    let change = json!({"priority": "P1", "add_details": {"zone": "eu"}, "message": "Disk really full"});
    let changed = app.call("ana", Method::PATCH, &path, change).await.expect(200);
    assert_eq!(changed["priority"], "P1");
    assert_eq!(changed["details"], json!({"host": "db1", "zone": "eu"}));
    app.post("ana", &format!("{path}/tags"), json!({"tags": ["disk", "db"]})).await.expect(200);
    let tagged = app.call("ana", Method::DELETE, &format!("{path}/tags"), json!({"tags": ["db"]})).await.expect(200);
    assert_eq!(tagged["tags"], json!(["disk"]));
    app.post("ana", &format!("{path}/notes"), json!({"text": "second"})).await.expect(200);
    let notes = app.get("ana", &format!("{path}/notes")).await.expect(200);
    let texts: Vec<_> = notes["items"].as_array().unwrap().iter().map(|note| note["text"].clone()).collect();
    assert_eq!(texts, ["second", "first"]);
    app.post("ana", &format!("{path}/assign"), json!({"person_id": ANA})).await.expect(200);
    app.post("ana", &format!("{path}/escalate"), nothing()).await.expect(200);
    assert_eq!(
        log(&app, alert["id"].as_str().unwrap()).await,
        ["raised", "message_changed", "priority_changed", "details_changed", "tags_added", "tags_removed", "note_added", "assigned", "escalated"]
    );
}

async fn others_do_not_see_a_private_team(backend) {
    let app = app(backend).await;
    let secret = raise(&app, json!({"message": "Secret", "team_id": SECRET_TEAM})).await;
    raise(&app, json!({"message": "Open", "team_id": OPEN_TEAM})).await;
    let path = format!("/api/v1/alerts/{}", secret["id"].as_str().unwrap());
    app.get("ben", &path).await.expect(404);
    app.get("ben", &format!("{path}/log")).await.expect(404);
    app.post("ben", &format!("{path}/acknowledge"), nothing()).await.expect(404);
    assert_eq!(messages(&app, "ben", "/api/v1/alerts").await, ["Open"]);
    assert_eq!(messages(&app, "ana", "/api/v1/alerts").await, ["Open", "Secret"]);
    let team = app.post("ben", "/api/v1/alerts", json!({"message": "x", "team_id": SECRET_TEAM})).await;
    assert_eq!(team.expect(422)["errors"][0]["field"], "team_id");
}

async fn permissions_are_asked_for(backend) {
    let app = app(backend).await;
    let alert = raise(&app, json!({"message": "Disk full"})).await;
    let path = format!("/api/v1/alerts/{}", alert["id"].as_str().unwrap());
    app.get("", &path).await.expect(401);
    app.get("cleo", &path).await.expect(403);
    app.post("reader", &format!("{path}/close"), nothing()).await.expect(403);
    let shown = app.get("reader", &path).await.expect(200);
    assert!(shown["actions"].as_array().unwrap().iter().all(|action| action["allowed"] == false));
}

async fn wrong_input_names_its_field(backend) {
    let app = app(backend).await;
    let long = "x".repeat(131);
    for (body, field) in [
        (json!({"message": " "}), "message"),
        (json!({"message": long}), "message"),
        (json!({"message": "x", "priority": "P9"}), "priority"),
        (json!({"message": "x", "responders": [{"kind": "person", "id": Uuid::nil()}]}), "responders[0]"),
        (json!({"message": "x", "service_id": Uuid::nil()}), "service_id"),
    ] {
        let problem = app.post("ana", "/api/v1/alerts", body).await.expect(422);
        assert_eq!(problem["errors"][0]["field"], field);
    }
}

async fn a_stale_version_is_refused(backend) {
    let app = app(backend).await;
    let alert = raise(&app, json!({"message": "Disk full"})).await;
    let path = format!("/api/v1/alerts/{}", alert["id"].as_str().unwrap());
    app.call("ana", Method::PATCH, &path, json!({"priority": "P2"})).await.expect(200);
    let request = http::Request::builder()
        .method(Method::PATCH)
        .uri(&path)
        .header("authorization", "Bearer ana")
        .header("content-type", "application/json")
        .header("if-match", "\"1\"")
        .body(axum::body::Body::from(json!({"priority": "P1"}).to_string()))
        .unwrap();
    assert_eq!(app.send(request).await.expect(412)["code"], "version_conflict");
}

async fn lists_filter_and_page(backend) {
    let app = app(backend).await;
    for number in 1..=5 {
        let priority = if number % 2 == 0 { "P1" } else { "P4" };
        raise(&app, json!({"message": format!("Alert {number}"), "alias": format!("a{number}"), "priority": priority})).await;
    }
    assert_eq!(messages(&app, "ana", "/api/v1/alerts?priority=P1").await, ["Alert 4", "Alert 2"]);
    let page = app.get("ana", "/api/v1/alerts?limit=2").await.expect(200);
    let next = format!("/api/v1/alerts?limit=2&cursor={}", page["next"].as_str().unwrap());
    assert_eq!(messages(&app, "ana", &next).await, ["Alert 3", "Alert 2"]);
    assert_eq!(app.get("ana", "/api/v1/alerts/count?status=open&acknowledged=false").await.expect(200)["count"], 5);
    assert_eq!(app.get("ana", "/api/v1/alerts/count?status=closed").await.expect(200)["count"], 0);
    app.get("ana", "/api/v1/alerts?status=odd").await.expect(422);
}

async fn a_repeated_request_raises_once(backend) {
    let app = app(backend).await;
    let request = || {
        http::Request::builder()
            .method(Method::POST)
            .uri("/api/v1/alerts")
            .header("authorization", "Bearer ana")
            .header("content-type", "application/json")
            .header("idempotency-key", "one")
            .body(axum::body::Body::from(json!({"message": "Disk full"}).to_string()))
            .unwrap()
    };
    let first = app.send(request()).await.expect(201);
    let again = app.send(request()).await.expect(201);
    assert_eq!(first["id"], again["id"]);
    assert_eq!(app.get("ana", "/api/v1/alerts/count").await.expect(200)["count"], 1);
}

async fn many_reports_in_one_call(backend) {
    let app = app(backend).await;
    let reports: Vec<RaiseAlert> = (0..500).map(|number| report(&format!("host{}", number % 250))).collect();
    let raised = app
        .app
        .db
        .write(&Ctx::system("test"), Lane::Bulk, move |tx| Box::pin(async move { raise_in(tx, &reports).await }))
        .await
        .unwrap();
    assert_eq!(raised.len(), 500);
    assert!(raised[..250].iter().all(|one| !one.repeated));
    assert!(raised[250..].iter().all(|one| one.repeated && one.count == 2));
    assert_eq!(raised[0].id, raised[250].id);
    assert_eq!(app.get("ana", "/api/v1/alerts/count").await.expect(200)["count"], 250);
}

async fn reports_at_the_same_time_open_one_alert(backend) {
    let app = app(backend).await;
    let mut tasks = Vec::new();
    for _ in 0..16 {
        let db = app.app.db.clone();
        tasks.push(tokio::spawn(async move {
            db.write(&Ctx::system("test"), Lane::Front, |tx| {
                Box::pin(async move { raise_in(tx, &[report("same"), report("other")]).await })
            })
            .await
        }));
    }
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    let page = app.get("ana", "/api/v1/alerts").await.expect(200);
    let counts: Vec<_> = page["items"].as_array().unwrap().iter().map(|item| item["count"].clone()).collect();
    assert_eq!(counts, [16, 16]);
}

async fn bulk_says_what_became_of_each(backend) {
    let app = app(backend).await;
    let alert = raise(&app, json!({"message": "Disk full"})).await;
    let body = json!({"action": "close", "ids": [alert["id"], Uuid::nil()]});
    let result = app.post("ana", "/api/v1/alerts/bulk", body).await.expect(200);
    assert_eq!(result["items"][0]["ok"], true);
    assert_eq!(result["items"][1]["ok"], false);
    app.post("ana", "/api/v1/alerts/bulk", json!({"action": "explode", "ids": [alert["id"]]})).await.expect(422);
}

async fn an_incident_is_noted(backend) {
    let app = app(backend).await;
    let alert = raise(&app, json!({"message": "Disk full"})).await;
    let id: AlertId = serde_json::from_value(alert["id"].clone()).unwrap();
    let ticket = TicketId(Uuid::from_u128(9));
    let state = app
        .app
        .db
        .write(&Ctx::system("incidents"), Lane::Front, move |tx| {
            Box::pin(async move {
                set_incident_in(tx, id, IncidentState::Opened, Some(ticket), Some("tier 1 and P1".to_owned())).await?;
                ops::alert::acknowledge_in(tx, id, Change::default()).await
            })
        })
        .await;
    let state = state.unwrap();
    assert_eq!(state.incident_id, Some(ticket));
    let shown = app.get("ana", &format!("/api/v1/alerts/{id}")).await.expect(200);
    assert_eq!(shown["incident_state"], "opened");
    // No ticket slice is wired here, so nobody can see the ticket.
    assert!(shown["incident"].is_null());
    let again = app.post("ana", &format!("/api/v1/alerts/{id}/incident"), nothing()).await.expect(409);
    assert_eq!(again["code"], "alert_has_incident");
    let error: Result<(), AlertError> = Err(AlertError::HasIncident);
    assert!(error.is_err());
}

async fn the_affected_service_is_found_by_its_labels(backend) {
    let app = app(backend).await;
    let service = json!({"name": "Payments", "key": "payments", "tier": 1, "owner_team_id": OPEN_TEAM});
    let service = app.post("admin", "/api/v1/services", service).await.expect(201);
    let rule = json!({"rules": [{"name": "by service", "service_id": service["id"],
        "conditions": [{"label": "service", "op": "equals", "value": "payments"}]}]});
    app.call("admin", Method::PUT, "/api/v1/service-rules", rule).await.expect(200);
    let found = raise(&app, json!({"message": "Down", "details": {"service": "payments"}})).await;
    assert_eq!(found["service"]["name"], "Payments");
    assert_eq!(found["service"]["tier"], 1);
    assert_eq!(found["team"]["name"], "Platform");
    assert!(found["service_reason"].is_string());
    let other = raise(&app, json!({"message": "Down", "details": {"service": "search"}})).await;
    assert!(other["service"].is_null());
    let by_service = format!("/api/v1/alerts?service={}", service["id"].as_str().unwrap());
    assert_eq!(messages(&app, "ana", &by_service).await.len(), 1);
}

async fn queries_mean_what_they_say(backend) {
    let app = app(backend).await;
    raise(&app, json!({"message": "Disk full on db1", "priority": "P1", "tags": ["db", "drill"], "entity": "db1",
        "details": {"zone": "eu_1"}, "team_id": OPEN_TEAM})).await;
    let web = raise(&app, json!({"message": "Slow pages", "priority": "P3", "entity": "web1", "source": "Probe"})).await;
    let path = format!("/api/v1/alerts/{}", web["id"].as_str().unwrap());
    app.post("ana", &format!("{path}/acknowledge"), nothing()).await.expect(200);
    let ids = async |query: &str| {
        let filter = AlertFilter { query: Some(AlertFilter::query(query).expect("a query")), ..AlertFilter::default() };
        let order = Order { key: SortKey::Number, descending: true };
        let ctx = platform::Ctx::system("test");
        let alerts = service::list_at(&app.app, &ctx, filter, order, 0, 100).await.expect("alerts");
        alerts.into_iter().map(|alert| alert.message).collect::<Vec<_>>()
    };
    for (query, expected) in [
        ("", vec!["Slow pages", "Disk full on db1"]),
        ("status: open AND priority: P1", vec!["Disk full on db1"]),
        ("priority: (P1 OR P3) AND NOT tag: drill", vec!["Slow pages"]),
        ("\"disk FULL\"", vec!["Disk full on db1"]),
        ("entity: w*", vec!["Slow pages"]),
        ("acknowledged: true", vec!["Slow pages"]),
        ("NOT acknowledged: true", vec!["Disk full on db1"]),
        ("owner: ana@nordhaven.example", vec!["Slow pages"]),
        ("NOT owner: ana@nordhaven.example", vec!["Disk full on db1"]),
        ("teams: Platform", vec!["Disk full on db1"]),
        ("details.zone: eu_1", vec!["Disk full on db1"]),
        ("details.zone: eu?1", vec![]),
        ("details.ZONE: eu*", vec!["Disk full on db1"]),
        ("details.key: zo*", vec!["Disk full on db1"]),
        ("details.value: EU_1", vec!["Disk full on db1"]),
        ("NOT details.key: zone", vec!["Slow pages"]),
        ("count > 1", vec![]),
        ("createdAt > 1470394841148 source: probe", vec!["Slow pages"]),
        ("snoozed: false", vec!["Slow pages", "Disk full on db1"]),
        ("isSeen: true", vec!["Slow pages"]),
    ] {
        assert_eq!(ids(query).await, expected, "{query}");
    }
    assert!(AlertFilter::query("priority: P9").is_err());
}

async fn the_query_bar_lists_counts_checks_and_completes(backend) {
    let app = app(backend).await;
    let disk = json!({"message": "Disk full on db1", "priority": "P1", "tags": ["database"], "team_id": SECRET_TEAM});
    raise(&app, disk).await;
    let web = raise(&app, json!({"message": "Slow pages", "priority": "P3", "source": "Probe"})).await;
    let path = format!("/api/v1/alerts/{}", web["id"].as_str().unwrap());
    app.post("ana", &format!("{path}/acknowledge"), nothing()).await.expect(200);
    let encoded = |query: &str| -> String { query.bytes().map(|byte| format!("%{byte:02X}")).collect() };
    for (who, query, expected) in [
        ("ana", "", vec!["Slow pages", "Disk full on db1"]),
        ("ana", "text ~ disk AND priority > Medium", vec!["Disk full on db1"]),
        ("ana", "owner = currentUser() AND acknowledged = true", vec!["Slow pages"]),
        ("ana", "team IS EMPTY OR tags = database ORDER BY priority DESC", vec!["Disk full on db1", "Slow pages"]),
        // What somebody may not see they cannot find either.
        ("ben", "text ~ disk", vec![]),
        ("ben", "status = Open", vec!["Slow pages"]),
    ] {
        let listed = messages(&app, who, &format!("/api/v1/alerts?query={}", encoded(query))).await;
        assert_eq!(listed, expected, "{query}");
        let count = app.get(who, &format!("/api/v1/alerts/count?query={}", encoded(query))).await.expect(200);
        assert_eq!(count, json!({"count": expected.len(), "capped": false}), "{query}");
    }
    // The filters beside the query are joined to it.
    let both = format!("/api/v1/alerts?priority=P3&query={}", encoded("status = open"));
    assert_eq!(messages(&app, "ana", &both).await, ["Slow pages"]);
    let number = web["tiny_id"].as_str().unwrap();
    for (text, expected) in [("pro", vec!["Slow pages"]), (number, vec!["Slow pages"]), ("nothing", vec![])] {
        assert_eq!(messages(&app, "ana", &format!("/api/v1/alerts?text={text}")).await, expected, "{text}");
    }
    assert_eq!(messages(&app, "ben", "/api/v1/alerts?text=disk").await, Vec::<String>::new());
    let first = app.get("ana", "/api/v1/alerts?limit=1&query=ORDER%20BY%20priority").await.expect(200);
    let next = format!("/api/v1/alerts?limit=1&query=ORDER%20BY%20priority&cursor={}", first["next"].as_str().unwrap());
    assert_eq!(messages(&app, "ana", &next).await, ["Disk full on db1"]);
    app.get("ana", "/api/v1/alerts?cursor=odd").await.expect(422);
    let wrong = app.get("ana", "/api/v1/alerts?query=priority%20%3D%20P9").await.expect(422);
    assert_eq!((&wrong["code"], &wrong["errors"][0]["field"]), (&json!("query_invalid"), &json!("query")));
    let check = "/api/v1/alerts/query/check";
    let good = app.post("ana", check, json!({"query": "STATUS=open and owner is empty"})).await.expect(200);
    assert_eq!(good, json!({"canonical": "STATUS = open AND owner IS EMPTY", "problems": []}));
    let bad = app.post("ana", check, json!({"query": "statsu = open AND team = Secret"})).await.expect(200);
    assert_eq!((&bad["problems"][0]["position"], &bad["problems"][0]["suggestions"][0]), (&json!(0), &json!("status")));
    assert_eq!(bad["problems"].as_array().unwrap().len(), 1);
    // Ben may not know that there is a team of that name.
    let bad = app.post("ben", check, json!({"query": "team = Secret"})).await.expect(200);
    assert_eq!(bad["problems"].as_array().unwrap().len(), 1);
    let complete = "/api/v1/alerts/query/complete";
    let labels = async |who: &str, text: &str| {
        let body = json!({"text": text, "cursor": text.chars().count()});
        let answer = app.post(who, complete, body).await.expect(200);
        let items = answer["items"].as_array().unwrap().clone();
        items.iter().map(|item| item["label"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert!(labels("ana", "tags = da").await.contains(&"database".to_owned()));
    assert!(!labels("ben", "tags = da").await.contains(&"database".to_owned()));
    assert!(labels("ana", "team = Sec").await.contains(&"Secret".to_owned()));
    assert!(labels("ana", "pri").await.contains(&"priority".to_owned()));
    app.get("cleo", "/api/v1/alerts").await.expect(403);
    app.post("cleo", check, json!({"query": ""})).await.expect(403);
    app.post("cleo", complete, json!({"text": "", "cursor": 0})).await.expect(403);
}

async fn queues_over_alerts_stand_beside_those_over_tickets(backend) {
    let app = app(backend).await;
    ops::alert::seed(&app.app).await.expect("the first start");
    let first = raise(&app, json!({"message": "Disk full", "priority": "P1"})).await;
    let page = app.get("ana", "/api/v1/queues?over=alerts&counts=true").await.expect(200);
    let counts: Vec<_> = page["items"].as_array().unwrap().iter().map(|queue| queue["count"]["count"].clone()).collect();
    assert_eq!(counts, [1, 0, 1, 1], "{page}");
    app.post("ana", &format!("/api/v1/alerts/{}/acknowledge", first["id"].as_str().unwrap()), nothing()).await.expect(200);
    let page = app.get("ana", "/api/v1/queues?over=alerts&counts=true").await.expect(200);
    let counts: Vec<_> = page["items"].as_array().unwrap().iter().map(|queue| queue["count"]["count"].clone()).collect();
    assert_eq!(counts, [0, 1, 1, 1], "{page}");
    let body = json!({"over": "alerts", "name": "Mine", "query": "source=probe", "columns": ["title", "count"]});
    let queue = app.post("ben", "/api/v1/queues", body).await.expect(201);
    assert_eq!((&queue["over"], &queue["query"]), (&json!("alerts"), &json!("source = probe")));
    app.get("ana", &format!("/api/v1/queues/{}", queue["id"].as_str().unwrap())).await.expect(404);
    // Columns and fields of tickets are none of alerts.
    let wrong = json!({"over": "alerts", "name": "X", "query": "", "columns": ["summary"]});
    app.post("ben", "/api/v1/queues", wrong).await.expect(422);
    let wrong = json!({"over": "alerts", "name": "X", "query": "assignee IS EMPTY"});
    app.post("ben", "/api/v1/queues", wrong).await.expect(422);
    let wrong = app.post("ben", "/api/v1/queues", json!({"over": "assets", "name": "X", "query": ""})).await.expect(422);
    assert_eq!(wrong["errors"][0]["field"], "over");
    app.get("cleo", "/api/v1/queues?over=alerts").await.expect(403);
}
}
