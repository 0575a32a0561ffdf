//! The Opsgenie-compatible API, as its clients use it, on both databases.

use axum::body::Body;
use http::{Method, Request};
use kernel::{Origin, PersonId, Role, Scope};
use platform::{Ctx, Lane, Sql, params};
use serde_json::{Value, json};
use testkit::{Answer, Backend, TestApp};
use uuid::Uuid;

const ANA: Uuid = Uuid::from_u128(0xa1);

async fn app(backend: Backend) -> (TestApp, String) {
    let app = TestApp::builder()
        .migrations(identity::MIGRATIONS)
        .migrations(catalog::MIGRATIONS)
        .migrations(ops::MIGRATIONS)
        .migrations(facade::MIGRATIONS)
        .routes(ops::routes())
        .routes(facade::routes())
        .work(ops::work)
        .build(backend)
        .await;
    app.app
        .db
        .write(&Ctx::system("test"), Lane::Front, |tx| {
            Box::pin(async move {
                tx.execute(
                    "INSERT INTO people (id, name, name_key, email, email_key, role, time_zone, locale, single_keys, active, invited, \
                     created_at, updated_at, version) VALUES ($1,'Ana Lindqvist','ana lindqvist',$2,$2,'admin','UTC','en',$3,$3,$4,0,0,1)",
                    params![ANA, "ana@nordhaven.example", true, false],
                )
                .await?;
                tx.execute(
                    "INSERT INTO teams (id, name, name_key, description, private, time_zone, created_at, updated_at, version) \
                     VALUES ($1,'Platform','platform','',$2,'UTC',0,0,1)",
                    params![Uuid::from_u128(0x7f), false],
                )
                .await?;
                Ok::<_, platform::DbError>(())
            })
        })
        .await
        .expect("a person and a team");
    app.know("admin", Ctx::person_with_role(PersonId(ANA), Role::Admin, Scope::All, Origin::Api));
    app.know("cleo", Ctx::person_with_role(PersonId(ANA), Role::Customer, Scope::Customer(PersonId(ANA)), Origin::Api));
    let made = app
        .post("admin", "/api/v1/integrations", json!({"name": "Alertmanager", "kind": "opsgenie"}))
        .await
        .expect(201);
    let key = made["key"].as_str().expect("a key").to_owned();
    (app, key)
}

async fn call(app: &TestApp, key: &str, method: Method, path: &str, body: Value) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    if !key.is_empty() {
        request = request.header("authorization", format!("GenieKey {key}"));
    }
    let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
    app.send(request.body(body).expect("a request")).await
}

/// Makes a change and gives the status of its request.
async fn status(app: &TestApp, key: &str, method: Method, path: &str, body: Value) -> Value {
    let accepted = call(app, key, method, path, body).await.expect(202);
    assert_eq!(accepted["result"], "Request will be processed");
    let path = format!("/v2/alerts/requests/{}", accepted["requestId"].as_str().expect("a request id"));
    call(app, key, Method::GET, &path, Value::Null).await.expect(200)["data"].clone()
}

async fn show(app: &TestApp, key: &str, alias: &str) -> Value {
    let path = format!("/v2/alerts/{alias}?identifierType=alias");
    call(app, key, Method::GET, &path, Value::Null).await.expect(200)["data"].clone()
}

testkit::both_databases! {
async fn an_alert_lives_and_ends(backend) {
    let (app, key) = app(backend).await;
    let body = json!({"message": "Disk full", "alias": "disk", "priority": "P1", "tags": ["db"], "details": {"host": "db1", "n": 5},
        "responders": [{"type": "team", "name": "Platform"}, {"type": "user", "username": "nobody@nordhaven.example"}], "user": "ana"});
    let created = status(&app, &key, Method::POST, "/v2/alerts", body.clone()).await;
    assert_eq!((&created["isSuccess"], &created["action"], &created["alias"]), (&json!(true), &json!("Create"), &json!("disk")));
    status(&app, &key, Method::POST, "/v2/alerts", body).await;
    let alert = show(&app, &key, "disk").await;
    assert_eq!(alert["id"], created["alertId"]);
    assert_eq!((&alert["count"], &alert["details"]), (&json!(2), &json!({"host": "db1", "n": "5"})));
    assert_eq!(alert["responders"][0]["type"], "team");
    let verbs = "/v2/alerts/disk";
    let alias = "?identifierType=alias";
    for (method, path, body) in [
        (Method::POST, "acknowledge", json!({"user": "ana", "note": "on it"})),
        (Method::POST, "unacknowledge", Value::Null),
        (Method::POST, "snooze", json!({"endTime": "2026-03-02T10:00:00Z"})),
        (Method::POST, "notes", json!({"note": "a note"})),
        (Method::POST, "tags", json!({"tags": ["disk"]})),
        (Method::POST, "details", json!({"details": {"zone": "eu"}})),
        (Method::POST, "assign", json!({"owner": {"username": "ana@nordhaven.example"}})),
        (Method::PUT, "message", json!({"message": "x".repeat(200)})),
        (Method::PUT, "description", json!({"description": "More"})),
        (Method::PUT, "priority", json!({"priority": "P2"})),
    ] {
        let done = status(&app, &key, method, &format!("{verbs}/{path}{alias}"), body).await;
        assert_eq!(done["isSuccess"], true, "{path}: {done:#}");
    }
    status(&app, &key, Method::DELETE, &format!("{verbs}/tags{alias}&tags=db"), Value::Null).await;
    let alert = show(&app, &key, "disk").await;
    assert_eq!(alert["message"].as_str().unwrap().chars().count(), 130);
    assert_eq!((&alert["priority"], &alert["snoozed"], &alert["tags"]), (&json!("P2"), &json!(true), &json!(["disk"])));
    assert_eq!(alert["owner"], "ana@nordhaven.example");
    let notes = call(&app, &key, Method::GET, &format!("{verbs}/notes{alias}"), Value::Null).await.expect(200);
    let texts: Vec<_> = notes["data"].as_array().unwrap().iter().map(|note| note["note"].clone()).collect();
    assert_eq!(texts, ["a note", "on it"]);
    status(&app, &key, Method::POST, &format!("{verbs}/close{alias}"), json!({})).await;
    assert_eq!(show(&app, &key, "disk").await["status"], "closed");
}

async fn an_unknown_alert_fails_in_its_request_only(backend) {
    let (app, key) = app(backend).await;
    let closed = status(&app, &key, Method::POST, "/v2/alerts/none/close?identifierType=alias", json!({})).await;
    assert_eq!((&closed["isSuccess"], &closed["status"]), (&json!(false), &json!("Alert does not exist")));
    let missing = call(&app, &key, Method::GET, "/v2/alerts/none", Value::Null).await.expect(404);
    assert_eq!(missing["message"], "Alert does not exist");
    let other = app.post("admin", "/api/v1/integrations", json!({"name": "Other", "kind": "opsgenie"})).await.expect(201);
    let accepted = call(&app, &key, Method::POST, "/v2/alerts/none/close", json!({})).await.expect(202);
    let path = format!("/v2/alerts/requests/{}", accepted["requestId"].as_str().unwrap());
    call(&app, other["key"].as_str().unwrap(), Method::GET, &path, Value::Null).await.expect(404);
}

async fn lists_page_and_count(backend) {
    let (app, key) = app(backend).await;
    for number in 1..=3 {
        status(&app, &key, Method::POST, "/v2/alerts", json!({"message": format!("Alert {number}"), "alias": format!("a{number}")})).await;
    }
    let page = call(&app, &key, Method::GET, "/v2/alerts?query=status%3Aopen&limit=2&sort=tinyId&order=asc", Value::Null).await.expect(200);
    let messages: Vec<_> = page["data"].as_array().unwrap().iter().map(|alert| alert["message"].clone()).collect();
    assert_eq!(messages, ["Alert 1", "Alert 2"]);
    let next = page["paging"]["next"].as_str().unwrap().replace("https://bridgewatch.test", "");
    let rest = call(&app, &key, Method::GET, &next, Value::Null).await.expect(200);
    assert_eq!(rest["data"][0]["message"], "Alert 3");
    assert!(rest["paging"]["next"].is_null());
    let count = call(&app, &key, Method::GET, "/v2/alerts/count?query=priority%3AP3", Value::Null).await.expect(200);
    assert_eq!(count["data"]["count"], 3);
    call(&app, &key, Method::GET, "/v2/alerts?query=priority%3AP9", Value::Null).await.expect(422);
}

async fn keys_and_tokens_are_asked_for(backend) {
    let (app, key) = app(backend).await;
    let refused = call(&app, "", Method::GET, "/v2/alerts", Value::Null).await.expect(401);
    assert_eq!(refused["message"], "Could not authenticate");
    call(&app, "bwi_wrong", Method::POST, "/v2/alerts", json!({"message": "x"})).await.expect(401);
    call(&app, "cleo", Method::POST, "/v2/alerts", json!({"message": "x"})).await.expect(403);
    call(&app, "admin", Method::POST, "/v2/alerts", json!({"message": "x"})).await.expect(202);
    let wrong = call(&app, &key, Method::POST, "/v2/alerts", json!({"message": ""})).await.expect(422);
    assert!(wrong["errors"]["message"].is_string());
}
}
