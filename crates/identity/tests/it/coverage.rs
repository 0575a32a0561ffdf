//! Every operation of this crate, as nobody, in the wrong role, and with another's records.
//!
//! The operations come from the description of the API: one that is added without a sample of its body, or that is
//! open to everybody without standing in [`PUBLIC`], fails here.

use http::Method;
use kernel::Role;
use serde_json::{Value, json};
use testkit::both_databases;

use crate::support::{Browser, app, person};

/// Operations that need no credentials. Each is protected by a secret in its body or path, or tells nothing.
const PUBLIC: [&str; 7] = [
    "accept_invitation",
    "get_invitation",
    "get_setup",
    "request_password_reset",
    "reset_password",
    "set_up",
    "sign_in",
];

struct Operation {
    id: String,
    method: Method,
    path: String,
    open: bool,
    body: Value,
}

fn operations() -> Vec<Operation> {
    let (_, description) = crate::support::routes().split_for_parts();
    let description = serde_json::to_value(description).unwrap();
    let mut all = Vec::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let Ok(method) = method.to_uppercase().parse::<Method>() else { continue };
            if !["GET", "POST", "PUT", "PATCH", "DELETE"].contains(&method.as_str()) {
                continue;
            }
            let id = operation["operationId"].as_str().unwrap().to_owned();
            let body = if operation["requestBody"].is_null() { Value::Null } else { sample(&id) };
            let open = operation["security"] == json!([{}]);
            all.push(Operation { id, method, path: path.clone(), open, body });
        }
    }
    assert!(all.len() > 35, "{}", all.len());
    all
}

/// A body that is right in itself.
fn sample(id: &str) -> Value {
    match id {
        "add_contact" => json!({ "kind": "mail", "address": "x@nordhaven.example" }),
        "accept_invitation" => json!({ "name": "X", "password": "correct horse battery" }),
        "change_me" | "change_person" | "change_team" => json!({ "name": "X" }),
        "change_password" => json!({ "current": "correct horse battery", "new": "another good one" }),
        "confirm_totp" | "verify_contact" => json!({ "code": "123456" }),
        "create_team" => json!({ "name": "X" }),
        "create_token" => json!({ "name": "X", "permissions": ["me"] }),
        "import_people" => json!("email,name\nx@nordhaven.example,X\n"),
        "put_organisation" => json!({ "time_zone": "UTC", "locale": "en" }),
        "invite_person" => json!({ "email": "x@nordhaven.example", "name": "X", "role": "admin" }),
        "put_notification_choices" => json!({ "choices": {} }),
        "read_notifications" | "unread_notifications" => json!({ "ids": [] }),
        "put_notification_rules" => json!({ "steps": [] }),
        "put_team_member" => json!({ "role": "admin" }),
        "request_password_reset" => json!({ "email": "x@nordhaven.example" }),
        "reset_password" | "switch_off_totp" => json!({ "password": "correct horse battery" }),
        "set_up" => {
            json!({ "token": "x", "name": "X", "email": "x@nordhaven.example", "password": "correct horse battery" })
        }
        "sign_in" => json!({ "email": "x@nordhaven.example", "password": "correct horse battery" }),
        other => panic!("the operation {other} has no sample body here"),
    }
}

/// The path with ids that belong to nobody, unless others are given.
fn filled(path: &str, id: &str) -> String {
    path.replace("{id}", id).replace("{person_id}", NOBODY).replace("{token}", "x")
}

const NOBODY: &str = "00000000-0000-7000-8000-000000000000";

#[test]
fn what_is_open_to_everybody_is_listed() {
    let mut open: Vec<String> =
        operations().into_iter().filter(|operation| operation.open).map(|operation| operation.id).collect();
    open.sort();
    assert_eq!(open, PUBLIC);
}

both_databases! {
    async fn nobody_gets_nothing(backend) {
        let app = app(backend).await;
        for operation in operations().into_iter().filter(|operation| !operation.open) {
            let path = filled(&operation.path, NOBODY);
            for caller in ["", "bw_unknown"] {
                let answer = app.call(caller, operation.method.clone(), &path, operation.body.clone()).await;
                assert_eq!(answer.status.as_u16(), 401, "{} as {caller:?}: {}", operation.id, answer.body);
            }
        }
    }

    async fn customers_have_their_own_profile_only(backend) {
        let app = app(backend).await;
        person(&app, "cus", Role::Customer).await;
        let browser = Browser::of(&app, "cus").await;
        for operation in operations() {
            if operation.open || operation.path.starts_with("/api/v1/me") || operation.path == "/api/v1/session" {
                continue;
            }
            let path = filled(&operation.path, NOBODY);
            let answer = browser.call(&app, operation.method, &path, operation.body).await;
            assert_eq!(answer.status.as_u16(), 403, "{}: {}", operation.id, answer.body);
        }
    }

    async fn agents_change_no_people_and_make_no_teams(backend) {
        let app = app(backend).await;
        let ana = person(&app, "ana", Role::Admin).await;
        person(&app, "ben", Role::Agent).await;
        let browser = Browser::of(&app, "ben").await;
        let mut seen = 0;
        for operation in operations() {
            let manages = operation.method != Method::GET && operation.path.starts_with("/api/v1/people");
            if !manages && operation.id != "create_team" {
                continue;
            }
            let path = filled(&operation.path, &ana.to_string());
            let answer = browser.call(&app, operation.method, &path, operation.body).await;
            assert_eq!(answer.status.as_u16(), 403, "{}: {}", operation.id, answer.body);
            seen += 1;
        }
        assert_eq!(seen, 5);
    }

    async fn the_records_of_others_do_not_exist(backend) {
        let app = app(backend).await;
        person(&app, "ana", Role::Admin).await;
        person(&app, "ben", Role::Agent).await;
        let (ana, ben) = (Browser::of(&app, "ana").await, Browser::of(&app, "ben").await);
        let team = ana.post(&app, "/api/v1/teams", json!({ "name": "Security", "private": true })).await.expect(201);
        let token = ana.post(&app, "/api/v1/me/tokens", sample("create_token")).await.expect(201);
        let first = async |path: &str| ana.get(&app, path).await.expect(200)["items"][0]["id"].clone();
        let foreign = [
            ("/api/v1/teams/{id}", team["id"].clone()),
            ("/api/v1/me/tokens/{id}", token["id"].clone()),
            ("/api/v1/me/contacts/{id}", first("/api/v1/me/contacts").await),
            ("/api/v1/me/sessions/{id}", first("/api/v1/me/sessions").await),
            // Agents see all people; what they may not change is tested above.
            ("/api/v1/people/{id}", Value::Null),
        ];
        for operation in operations().into_iter().filter(|operation| operation.path.contains("{id}")) {
            let (_, id) = foreign.iter().find(|(path, _)| operation.path.starts_with(path)).expect("a foreign record of this kind");
            let Some(id) = id.as_str() else { continue };
            let answer = ben.call(&app, operation.method, &filled(&operation.path, id), operation.body).await;
            // Removing a team is refused to agents before it is looked for.
            let expected = if operation.id == "delete_team" { 403 } else { 404 };
            assert_eq!(answer.status.as_u16(), expected, "{}: {}", operation.id, answer.body);
        }
        // And all of it is still there.
        ana.get(&app, &format!("/api/v1/teams/{}", team["id"].as_str().unwrap())).await.expect(200);
        assert_eq!(ana.get(&app, "/api/v1/me/tokens").await.expect(200)["items"][0]["name"], "X");
    }
}
