//! Integrations and what they send.

use axum::body::Body;
use http::{Method, Request};
use serde_json::{Value, json};
use testkit::{Answer, TestApp};

use crate::support::{SECRET_TEAM, app, log, messages};

async fn create(app: &TestApp, body: Value) -> Value {
    app.post("admin", "/api/v1/integrations", body).await.expect(201)
}

async fn send(app: &TestApp, path: &str, key: Option<&str>, body: impl Into<Body>) -> Answer {
    let mut request = Request::builder().method(Method::POST).uri(path).header("content-type", "application/json");
    if let Some(key) = key {
        request = request.header("authorization", format!("Bearer {key}"));
    }
    app.send(request.body(body.into()).unwrap()).await
}

fn webhook(status: &str) -> String {
    json!({"version": "4", "status": status, "externalURL": "http://am.nordhaven.example", "alerts": [
        {"status": status, "labels": {"alertname": "DiskFull", "severity": "critical", "instance": "db1"},
         "annotations": {"summary": "Disk of db1 is full"}, "fingerprint": "f1"}]})
    .to_string()
}

testkit::both_databases! {
async fn alertmanager_fires_and_resolves(backend) {
    let app = app(backend).await;
    let made = create(&app, json!({"name": "Prometheus", "kind": "alertmanager"})).await;
    let key = made["key"].as_str().unwrap();
    assert!(key.starts_with(made["key_prefix"].as_str().unwrap()));
    assert_eq!(made["url"], "https://bridgewatch.test/in/v1/alertmanager");
    let path = format!("/in/v1/alertmanager/{key}");
    let first = send(&app, &path, None, webhook("firing")).await.expect(202);
    let again = send(&app, "/in/v1/alertmanager", Some(key), webhook("firing")).await.expect(202);
    assert_eq!(first["alerts"], again["alerts"]);
    let id = first["alerts"][0].as_str().unwrap();
    let alert = app.get("ana", &format!("/api/v1/alerts/{id}")).await.expect(200);
    assert_eq!((&alert["count"], &alert["priority"]), (&json!(2), &json!("P1")));
    assert_eq!(alert["integration"]["name"], "Prometheus");
    assert_eq!(alert["details"]["instance"], "db1");
    send(&app, &path, None, webhook("resolved")).await.expect(202);
    // Resolving what is closed already is no error.
    send(&app, &path, None, webhook("resolved")).await.expect(202);
    let alert = app.get("ana", &format!("/api/v1/alerts/{id}")).await.expect(200);
    assert_eq!(alert["status"], "closed");
    assert_eq!(alert["closed_by"]["name"], "Prometheus");
    assert_eq!(log(&app, id).await, ["raised", "duplicated", "closed"]);
    let lines = app.get("ana", &format!("/api/v1/alerts/{id}/log")).await.expect(200);
    assert_eq!(lines["items"][0]["because"], "Prometheus reported it, in alerts[0] of what it sent");
    let shown = app.get("admin", &format!("/api/v1/integrations/{}", made["id"].as_str().unwrap())).await.expect(200);
    assert_eq!(shown["event_counts"], json!({"accepted": 4, "rejected": 0, "waiting": 0}));
    assert!(shown["key"].is_null() && !shown.to_string().contains(key));
}

async fn payloads_that_come_together_are_taken_and_answered_each(backend) {
    let app = app(backend).await;
    let mapping = json!({"alias": "{{ payload.id }}", "message": "{{ payload.text }}"});
    let generic = create(&app, json!({"name": "Backups", "kind": "generic", "mapping": mapping})).await;
    let prometheus = create(&app, json!({"name": "Prometheus", "kind": "alertmanager"})).await;
    let (id, key) = (generic["id"].as_str().unwrap(), generic["key"].as_str());
    let report = |number: usize| json!({"id": format!("b{}", number % 4), "text": "Backup failed"}).to_string();
    let reports = (0..40).map(|number| send(&app, "/in/v1/generic", key, report(number)));
    let others = (0..10).map(|_| send(&app, "/in/v1/alertmanager", prometheus["key"].as_str(), webhook("firing")));
    let unreadable = (0..3).map(|_| send(&app, "/in/v1/generic", key, "no JSON"));
    let strangers = (0..3).map(|_| send(&app, "/in/v1/generic", Some("bwi_nobody"), report(0)));
    let (reports, others, unreadable, strangers) = futures::join!(
        futures::future::join_all(reports),
        futures::future::join_all(others),
        futures::future::join_all(unreadable),
        futures::future::join_all(strangers)
    );
    for answer in reports.into_iter().chain(others) {
        assert_eq!(answer.expect(202)["accepted"], 1);
    }
    for answer in unreadable {
        assert_eq!(answer.expect(422)["code"], "payload_unreadable");
    }
    for answer in strangers {
        answer.expect(401);
    }
    let counted = json!({"accepted": 40, "rejected": 3, "waiting": 0});
    testkit::process::shows("all to be done", || async {
        let shown = app.get("admin", &format!("/api/v1/integrations/{id}")).await.expect(200);
        (shown["event_counts"] == counted).then_some(())
    })
    .await;
    let page = app.get("ana", "/api/v1/alerts").await.expect(200);
    let mut alerts: Vec<(&str, &str, i64)> = page["items"].as_array().unwrap().iter().map(|alert| {
        let (name, alias) = (alert["integration"]["name"].as_str().unwrap(), alert["alias"].as_str().unwrap());
        (name, if name == "Backups" { alias } else { "" }, alert["count"].as_i64().unwrap())
    }).collect();
    alerts.sort_unstable();
    let backups = ["b0", "b1", "b2", "b3"].map(|alias| ("Backups", alias, 10));
    assert_eq!(alerts, [&backups[..], &[("Prometheus", "", 10)]].concat());
    let events = app.get("admin", &format!("/api/v1/integrations/{id}/events")).await.expect(200);
    assert_eq!(events["items"].as_array().unwrap().len(), 43);
}

async fn an_unreadable_payload_is_kept_and_can_be_run_again(backend) {
    let app = app(backend).await;
    let mapping = json!({"alias": "{{ payload.id }}", "message": "{{ payload.text }}"});
    let made = create(&app, json!({"name": "Backups", "kind": "generic", "mapping": mapping})).await;
    let (id, key) = (made["id"].as_str().unwrap(), made["key"].as_str().unwrap());
    let bad = send(&app, "/in/v1/generic", Some(key), "{\"id\":\n oops}").await.expect(422);
    assert_eq!(bad["code"], "payload_unreadable");
    assert!(bad["detail"].as_str().unwrap().contains("line 2"), "{bad:#}");
    let empty = send(&app, "/in/v1/generic", Some(key), json!({"id": "b1", "title": "Backup failed"}).to_string()).await;
    empty.expect(422);
    assert!(messages(&app, "ana", "/api/v1/alerts").await.is_empty());
    let events = app.get("admin", &format!("/api/v1/integrations/{id}/events")).await.expect(200);
    assert_eq!(events["items"].as_array().unwrap().len(), 2);
    let event = &events["items"][0];
    assert_eq!(event["state"], "rejected");
    assert!(event["reason"].is_string());
    let payload = json!({"payload": {"id": "b1", "title": "Backup failed"}});
    let better = json!({"mapping": {"alias": "{{ payload.id }}", "message": "{{ payload.title }}"}});
    app.call("admin", Method::PATCH, &format!("/api/v1/integrations/{id}"), better).await.expect(200);
    let tried = app.post("admin", &format!("/api/v1/integrations/{id}/test"), payload).await.expect(200);
    assert_eq!(tried["commands"][0]["message"], "Backup failed");
    assert!(messages(&app, "ana", "/api/v1/alerts").await.is_empty());
    let path = format!("/api/v1/integrations/{id}/events/{}/replay", event["id"].as_str().unwrap());
    let replayed = app.call("admin", Method::POST, &path, Value::Null).await.expect(200);
    assert_eq!(replayed["state"], "accepted");
    assert_eq!(replayed["alerts"][0]["message"], "Backup failed");
    assert_eq!(messages(&app, "ana", "/api/v1/alerts").await, ["Backup failed"]);
}

async fn keys_rotate_and_switch_off(backend) {
    let app = app(backend).await;
    let made = create(&app, json!({"name": "Prometheus", "kind": "alertmanager"})).await;
    let (id, key) = (made["id"].as_str().unwrap(), made["key"].as_str().unwrap());
    let path = format!("/api/v1/integrations/{id}");
    let new = app.call("admin", Method::POST, &format!("{path}/rotate-key"), Value::Null).await.expect(200);
    send(&app, "/in/v1/alertmanager", Some(key), webhook("firing")).await.expect(401);
    let key = new["key"].as_str().unwrap();
    send(&app, "/in/v1/alertmanager", Some(key), webhook("firing")).await.expect(202);
    send(&app, "/in/v1/generic", Some(key), webhook("firing")).await.expect(403);
    send(&app, "/in/v1/alertmanager", None, webhook("firing")).await.expect(401);
    app.call("admin", Method::PATCH, &path, json!({"enabled": false})).await.expect(200);
    send(&app, "/in/v1/alertmanager", Some(key), webhook("firing")).await.expect(401);
    app.call("admin", Method::DELETE, &path, Value::Null).await.expect(204);
    app.get("admin", &path).await.expect(404);
    assert_eq!(messages(&app, "ana", "/api/v1/alerts").await, ["Disk of db1 is full"]);
}

async fn a_large_payload_is_refused(backend) {
    let app = app(backend).await;
    let made = create(&app, json!({"name": "Prometheus", "kind": "alertmanager"})).await;
    let body = format!("{{\"x\": \"{}\"}}", "y".repeat(1024 * 1024));
    let refused = send(&app, "/in/v1/alertmanager", made["key"].as_str(), body).await.expect(413);
    assert_eq!(refused["code"], "payload_too_large");
}

async fn a_fast_source_is_told_to_wait(backend) {
    let app = app(backend).await;
    let made = create(&app, json!({"name": "Prometheus", "kind": "alertmanager", "settings": {"rate_per_s": 1}})).await;
    let key = made["key"].as_str();
    for _ in 0..2 {
        send(&app, "/in/v1/alertmanager", key, webhook("firing")).await.expect(202);
    }
    let refused = send(&app, "/in/v1/alertmanager", key, webhook("firing")).await;
    assert_eq!(refused.headers["retry-after"], "1");
    refused.expect(429);
    app.advance(jiff::SignedDuration::from_secs(1)).await;
    send(&app, "/in/v1/alertmanager", key, webhook("firing")).await.expect(202);
}

async fn an_integration_of_a_private_team_raises_its_alerts(backend) {
    let app = app(backend).await;
    let made = create(&app, json!({"name": "Secret", "kind": "alertmanager", "team_id": SECRET_TEAM})).await;
    send(&app, "/in/v1/alertmanager", made["key"].as_str(), webhook("firing")).await.expect(202);
    assert!(messages(&app, "ben", "/api/v1/alerts").await.is_empty());
    assert_eq!(messages(&app, "ana", "/api/v1/alerts").await, ["Disk of db1 is full"]);
    send(&app, "/in/v1/alertmanager", made["key"].as_str(), webhook("resolved")).await.expect(202);
    assert!(messages(&app, "ana", "/api/v1/alerts?status=open").await.is_empty());
    app.get("ben", &format!("/api/v1/integrations/{}", made["id"].as_str().unwrap())).await.expect(404);
}

async fn integrations_ask_for_permissions(backend) {
    let app = app(backend).await;
    let body = json!({"name": "Prometheus", "kind": "alertmanager"});
    app.post("", "/api/v1/integrations", body.clone()).await.expect(401);
    app.post("ana", "/api/v1/integrations", body.clone()).await.expect(403);
    app.get("cleo", "/api/v1/integrations").await.expect(403);
    let wrong = json!({"name": "", "kind": "alertmanager"});
    assert_eq!(app.post("admin", "/api/v1/integrations", wrong).await.expect(422)["errors"][0]["field"], "name");
    app.post("admin", "/api/v1/integrations", json!({"name": "x", "kind": "odd"})).await.expect(422);
    app.post("admin", "/api/v1/integrations", json!({"name": "x", "kind": "generic"})).await.expect(422);
    let broken = json!({"name": "x", "kind": "generic", "mapping": {"message": "{{ payload.x", "alias": "{{ payload.id }}"}});
    app.post("admin", "/api/v1/integrations", broken).await.expect(422);
}
}
