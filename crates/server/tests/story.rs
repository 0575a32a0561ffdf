//! The story, on real parts: a real Alertmanager fires, Bridgewatch pages by mail through a real SMTP server,
//! nobody answers, the next person acknowledges with the signed link, the alert has opened an incident,
//! Alertmanager resolves, the agent resolves the incident, and the figures stand on the home page.
//!
//! Once on SQLite and once on PostgreSQL. Everything is started and stopped here.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use testkit::Backend;
use testkit::alertmanager::Alertmanager;
use testkit::binary::{Bridgewatch, Settings};
use testkit::client::Client;
use testkit::mail_server::{MailServer, Message};
use testkit::process::shows;

const ANA: &str = "ana.petrescu@nordhaven.example";
const JONAS: &str = "jonas.lindqvist@nordhaven.example";

testkit::both_databases! {
    async fn an_alert_becomes_a_page_an_acknowledgement_and_an_incident(backend) {
        story(backend).await;
    }
}

async fn story(backend: Backend) {
    let (database, _folder) = testkit::database::empty(backend).await;
    let mail = MailServer::start();
    let settings = Settings { database: Some(database), smtp_port: Some(mail.port), ..Settings::default() };
    let server = Bridgewatch::start(env!("CARGO_BIN_EXE_bridgewatch"), settings);
    let admin = server.administrator("mara.osei@nordhaven.example", "Mara Osei");
    let company = Company::set_up(&server, &admin).await;
    let (_, hook, key) = server.integration("alertmanager", "Prometheus");
    let manager = Alertmanager::start(&format!(
        "webhook_configs:\n  - url: {hook}\n    send_resolved: true\n    http_config:\n      authorization:\n        \
         credentials: {key}\n"
    ));

    // Alertmanager fires.
    let firing = json!([{
        "labels": {"alertname": "CheckoutErrors", "service": "checkout", "severity": "critical", "cluster": "fra1"},
        "annotations": {"summary": "Checkout answers 5xx", "description": "12 % of requests fail"},
        "generatorURL": "http://127.0.0.1/graph"
    }]);
    manager.post(&firing);
    let alert = shows("the alert", || async { one(&admin.get("/api/v1/alerts?status=open").await["items"]) }).await;
    let id = alert["id"].as_str().expect("an id").to_owned();
    let path = format!("/api/v1/alerts/{id}");
    assert_eq!(alert["service"]["name"], "Checkout", "{alert:#}");
    assert!(alert["service_reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{alert:#}");
    assert_eq!(alert["priority"], "P1", "{alert:#}");

    // The person on call is paged by mail; the alert has opened an incident.
    // Pages, not what people are told of the ticket.
    let about = |message: &Message| {
        message.raw.contains("Checkout answers 5xx") && message.header("x-bridgewatch-alert").is_some()
    };
    let first = mail.expect(ANA, Duration::from_secs(30), about);
    assert!(first.header("message-id").is_some());
    let alert = shows("the incident", || async {
        let alert = admin.get(&path).await;
        (!alert["incident"].is_null()).then_some(alert)
    })
    .await;
    let key = alert["incident"]["key"].as_str().expect("a ticket's key").to_owned();
    let ticket_path = format!("/api/v1/tickets/{key}");
    let ticket = admin.get(&ticket_path).await;
    assert_eq!(ticket["kind"], "incident");
    assert_eq!(ticket["service"]["name"], "Checkout", "{ticket:#}");
    assert_eq!((&ticket["impact"], &ticket["urgency"]), (&json!("extensive"), &json!("critical")), "{ticket:#}");
    assert_eq!(ticket["priority"], "P1", "{ticket:#}");
    assert!(ticket["priority_reason"]["text"].as_str().is_some_and(|text| !text.is_empty()), "{ticket:#}");

    // Alertmanager reports it again: one alert, a higher count, and who looks at it is told.
    let before = alert["count"].as_i64().expect("a count");
    let mut live = admin.listen("/api/v1/stream").await;
    let told = live.find(Duration::from_secs(30), |change| change["kind"] == "alert" && change["id"] == *id).await;
    assert!(told["version"].as_i64() > alert["version"].as_i64(), "{told} {alert:#}");
    shows("a higher count", || async {
        let alert = admin.get(&path).await;
        (alert["count"].as_i64() > Some(before)).then_some(())
    })
    .await;
    assert_eq!(admin.get("/api/v1/alerts?status=open").await["items"].as_array().map(Vec::len), Some(1));

    // Nobody answers: after the step's delay the next person is paged, and acknowledges with the signed link.
    assert!(mail.messages(JONAS).iter().all(|message| !about(message)), "the second step came too early");
    let second = mail.expect(JONAS, Duration::from_secs(120), about);
    let link = link_in(&second, &server.url());
    let scanner = server.client();
    let page = scanner.call(Method::GET, &link, Value::Null).await;
    assert_eq!(page.status, 200, "{:?}", page.body);
    assert_eq!(admin.get(&path).await["acknowledged"], false, "a GET must not act: mail scanners follow links");
    assert!(page.body.as_str().is_some_and(|html| html.contains("Jonas Lindqvist")), "{:?}", page.body);
    let acted = scanner.call(Method::POST, &link, Value::Null).await;
    assert!(matches!(acted.status, 200 | 303), "{} {:?}", acted.status, acted.body);
    let alert = admin.get(&path).await;
    assert_eq!(alert["acknowledged"], true);
    assert_eq!(alert["acknowledged_by"]["name"], "Jonas Lindqvist", "{alert:#}");

    // The responder is assigned; an agent comments.
    let assignee = shows("the assignee", || async {
        let ticket = admin.get(&ticket_path).await;
        (!ticket["assignee"].is_null()).then(|| ticket["assignee"].clone())
    })
    .await;
    assert_eq!(assignee["id"], company.jonas);
    let agent = server.client().with_token(&server.token(ANA));
    let comment = json!({"body": "Rolling back the last release.", "visibility": "internal"});
    agent.made(&format!("{ticket_path}/comments"), comment).await;

    // Alertmanager resolves; the alert closes; the agent resolves the incident.
    let mut resolved = firing.clone();
    resolved[0]["endsAt"] = json!("2026-01-01T00:00:00Z");
    resolved[0]["startsAt"] = json!("2025-12-31T23:00:00Z");
    manager.post(&resolved);
    shows("the alert to close", || async { (admin.get(&path).await["status"] == "closed").then_some(()) }).await;
    let ended = scanner.call(Method::POST, &link, Value::Null).await;
    assert!(ended.body.as_str().is_some_and(|html| html.contains("This alert is closed")), "{:?}", ended.body);
    resolve(&agent, &ticket_path).await;
    let ticket = agent.get(&ticket_path).await;
    assert_eq!(ticket["status"]["category"], "done", "{ticket:#}");
    let activity = agent.get(&format!("{ticket_path}/activity")).await.to_string();
    for said in ["Opened by alert #1", "tier 1 service Checkout", "Rolling back the last release.", "Alert #1 closed"] {
        assert!(activity.contains(said), "no `{said}` in {activity}");
    }

    // The figures, and the reasons.
    let report = admin.get("/api/v1/reports/alerts").await;
    assert!(report["mtta_s"].as_f64().is_some_and(|seconds| seconds > 0.0), "{report:#}");
    let report = admin.get("/api/v1/reports/tickets").await;
    assert!(report["mttr_s"].as_f64().is_some_and(|seconds| seconds > 0.0), "{report:#}");
    let trail = admin.get(&format!("{path}/notifications")).await;
    for person in [&company.ana, &company.jonas] {
        let told = trail["items"].as_array().into_iter().flatten().filter(|item| item["person"]["id"] == *person);
        let told: Vec<_> = told.collect();
        assert_eq!(told.len(), 1, "each is paged exactly once: {trail:#}");
        assert_eq!(told[0]["state"], "sent", "{trail:#}");
        assert!(told[0]["because"].as_str().is_some_and(|because| !because.is_empty()), "{trail:#}");
    }
    for address in [ANA, JONAS] {
        let pages = mail.messages(address).into_iter().filter(about).count();
        assert_eq!(pages, 1, "one mail to {address}");
    }
    let log = admin.get(&format!("{path}/log?limit=100")).await;
    let log = log["items"].as_array().expect("entries");
    for kind in ["raised", "duplicated", "escalation", "incident_changed", "notified", "acknowledged", "closed"] {
        let entry = log.iter().find(|entry| entry["kind"] == kind).unwrap_or_else(|| panic!("no `{kind}` in {log:#?}"));
        assert!(entry["because"].as_str().is_some_and(|because| !because.is_empty()), "{entry:#}");
    }
    assert!(!manager.log().contains("level=error"), "{}", manager.log());
}

/// Who works at the company of the story.
struct Company {
    ana: Value,
    jonas: Value,
}

impl Company {
    /// Two agents; Ana on call, Jonas after a minute; a tier 1 service found by its label.
    async fn set_up(server: &Bridgewatch, admin: &Client) -> Self {
        server.person(ANA, "Ana Petrescu", "agent");
        server.person(JONAS, "Jonas Lindqvist", "agent");
        let people = admin.get("/api/v1/people?limit=50").await;
        let person = |email: &str| {
            let found = people["items"].as_array().expect("people").iter().find(|person| person["email"] == email);
            found.expect("the person")["id"].clone()
        };
        let (ana, jonas) = (person(ANA), person(JONAS));
        let team = admin.made("/api/v1/teams", json!({"name": "Payments", "time_zone": "Europe/Stockholm"})).await;
        for id in [&ana, &jonas] {
            let path = format!("/api/v1/teams/{}/members/{}", text(&team["id"]), text(id));
            let reply = admin.call(Method::PUT, &path, json!({"role": "member"})).await;
            assert!(matches!(reply.status, 200 | 201 | 204), "{} {:#}", reply.status, reply.body);
        }
        let schedule = json!({
            "name": "Payments", "description": "", "team_id": team["id"], "time_zone": "Europe/Stockholm",
            "rotations": [{
                "name": "Week", "kind": "weekly", "length": 1, "start": "2026-01-05T09:00", "end": null,
                "participants": [{"kind": "person", "id": ana}], "restrictions": []
            }]
        });
        let schedule = admin.made("/api/v1/schedules", schedule).await;
        let policy = json!({
            "name": "Payments", "description": "", "team_id": team["id"],
            "steps": [
                {"delay_min": 0, "condition": "if_not_acked", "notify": {"kind": "schedule", "id": schedule["id"]}},
                {"delay_min": 1, "condition": "if_not_acked", "notify": {"kind": "person", "id": jonas}}
            ],
            "repeat": null, "ack_timeout_min": null
        });
        let policy = admin.made("/api/v1/escalation-policies", policy).await;
        let service = json!({
            "name": "Checkout", "description": "", "tier": 1, "owner_team_id": team["id"],
            "escalation_policy_id": policy["id"]
        });
        let service = admin.made("/api/v1/services", service).await;
        let rules = json!({"rules": [{
            "name": "By label", "service_id": service["id"],
            "conditions": [{"label": "service", "op": "equals", "value": "checkout"}]
        }]});
        admin.call(Method::PUT, "/api/v1/service-rules", rules).await.expect(200);
        let projects = admin.get("/api/v1/projects").await;
        if projects["items"].as_array().is_none_or(Vec::is_empty) {
            admin.made("/api/v1/projects", json!({"key": "INC", "name": "Incidents"})).await;
        }
        Self { ana, jonas }
    }
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

/// The only item of a list.
fn one(items: &Value) -> Option<Value> {
    let items = items.as_array()?;
    assert!(items.len() <= 1, "{items:#?}");
    items.first().cloned()
}

/// The path of the acknowledge link in a page.
fn link_in(message: &Message, base: &str) -> String {
    let text = message.text();
    let start = format!("{base}/ack/");
    let at = text.find(&start).unwrap_or_else(|| panic!("no acknowledge link in {text}"));
    let link = &text[at + base.len()..];
    link.split(|c: char| c.is_whitespace() || "<>\"".contains(c)).next().unwrap_or_default().to_owned()
}

/// Takes the ticket to its resolved state the way the interface does: by a transition that the server offers.
async fn resolve(agent: &Client, ticket_path: &str) {
    for _ in 0..4 {
        let ticket = agent.get(ticket_path).await;
        if ticket["status"]["category"] == "done" {
            return;
        }
        let transitions = ticket["transitions"].as_array().expect("transitions");
        let offered = transitions.iter().filter(|transition| transition["allowed"] == true);
        let done = offered.clone().find(|transition| transition["to"] == "resolved");
        let next = done.or_else(|| offered.clone().find(|transition| transition["to"] == "in_progress"));
        let next = next.unwrap_or_else(|| panic!("no way to resolve: {ticket:#}"));
        let mut body = json!({"to": next["to"]});
        if next["requires_resolution"] == true {
            body["resolution"] = json!("fixed");
        }
        agent.made(&format!("{ticket_path}/transition"), body).await;
    }
}
