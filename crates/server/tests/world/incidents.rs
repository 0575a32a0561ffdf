//! Alerts and incidents: the rule by tier and priority, joining, the storm cap, pages of incidents raised by hand.

use http::Method;
use jiff::ToSpan;
use serde_json::{Value, json};

use crate::harness::{World, id};

/// A team, its policy that pages `person`, and a service of this tier that the policy answers for.
async fn service(world: &World, name: &str, tier: i64, person: &str) -> String {
    let team = world.team(&format!("{name} team"), &[person]).await;
    let policy = world.policy_of(&format!("{name} 24x7"), &[(0, person)], json!({})).await;
    let body = json!({ "name": name, "tier": tier, "owner_team_id": team, "escalation_policy_id": policy,
        "responders": [{ "kind": "person", "id": world.id_of(person) }] });
    id(&world.post("root", "/api/v1/services", body).await.expect(201))
}

/// Raises an alert about a service and lets everything run that is due at once.
async fn alert(world: &World, message: &str, priority: &str, service: &str) -> String {
    let body = json!({ "message": message, "alias": message, "priority": priority, "service_id": service });
    let raised = world.post("root", "/api/v1/alerts", body).await.expect(201);
    world.settle().await;
    id(&raised)
}

async fn tickets(world: &World) -> Vec<Value> {
    let page = world.get("root", "/api/v1/tickets").await.expect(200);
    page["items"].as_array().unwrap().clone()
}

async fn ticket(world: &World, key: &str) -> Value {
    world.get("root", &format!("/api/v1/tickets/{key}")).await.expect(200)
}

/// The texts of a ticket's comments, oldest first.
async fn comments(world: &World, key: &str) -> Vec<String> {
    let page = world.get("root", &format!("/api/v1/tickets/{key}/activity")).await.expect(200);
    page["items"].as_array().unwrap().iter().filter_map(|item| Some(item["body"].as_str()?.to_owned())).collect()
}

async fn resolve(world: &World, key: &str) {
    let version = ticket(world, key).await["version"].clone();
    let path = format!("/api/v1/tickets/{key}/transition");
    let offered = ticket(world, key).await["transitions"].clone();
    let done = offered.as_array().unwrap().iter().find(|offer| offer["requires_resolution"] == true).unwrap().clone();
    let body = json!({ "to": done["to"], "resolution": done["resolutions"][0] });
    let answer = world.call("root", Method::POST, &path, body).await;
    assert!(answer.status.is_success(), "version {version}: {:#}", answer.body);
    world.settle().await;
}

testkit::both_databases! {
    async fn a_critical_alert_opens_an_incident_that_collects_the_rest(backend) {
        let world = World::start(backend, "2026-03-02T09:00:00Z").await;
        world.agents(&["ana"]).await;
        let payments = service(&world, "Payments API", 1, "ana").await;
        let first = alert(&world, "error rate", "P1", &payments).await;
        world.mailbox("ana").expect_page("error rate");
        let shown = world.show(&first).await;
        assert_eq!(shown["incident_state"], "opened");
        let key = shown["incident"]["key"].as_str().unwrap().to_owned();
        let incident = ticket(&world, &key).await;
        assert_eq!((&incident["priority"], &incident["kind"]), (&json!("P1"), &json!("incident")));
        assert_eq!(incident["assignee"], Value::Null);

        world.advance(2.minutes()).await;
        let second = alert(&world, "queue length", "P2", &payments).await;
        world.mailbox("ana").expect_page("queue length");
        assert_eq!(world.show(&second).await["incident"]["key"], key.as_str());
        assert_eq!(world.show(&second).await["incident_state"], "joined");
        assert_eq!(tickets(&world).await.len(), 1);

        // Whoever acknowledges works on the incident.
        world.act("ana", &first, "acknowledge", json!({})).await;
        world.act("ana", &second, "acknowledge", json!({})).await;
        let incident = ticket(&world, &key).await;
        assert_eq!(incident["assignee"]["id"], world.id_of("ana").to_string());
        assert_eq!(incident["alert_count"], 2);
        let shown = world.get("root", &format!("/api/v1/services/{payments}")).await.expect(200);
        assert_eq!((&shown["open_alerts"], &shown["open_tickets"]), (&json!(2), &json!(1)));

        world.advance(8.minutes()).await;
        world.act("ana", &first, "close", json!({})).await;
        let told = comments(&world, &key).await;
        assert!(told[0].contains("P1 alert on the tier 1 service Payments API, default incident rules"), "{told:#?}");
        assert!(told[1].contains("joined this incident: queue length"), "{told:#?}");
        assert!(told[2].contains("closed after 1 report: error rate"), "{told:#?}");
        resolve(&world, &key).await;
        world.act("ana", &second, "close", json!({})).await;
        let span = "from=2026-03-02T00:00:00Z&to=2026-03-03T00:00:00Z";
        let report = world.get("root", &format!("/api/v1/reports/tickets?{span}")).await.expect(200);
        assert_eq!((&report["opened"], &report["resolved"], &report["mttr_s"]), (&json!(1), &json!(1), &json!(600.0)));
        let report = world.get("root", &format!("/api/v1/reports/alerts?{span}")).await.expect(200);
        assert_eq!((&report["created"], &report["acknowledged"], &report["mtta_s"]), (&json!(2), &json!(2), &json!(60)));
        let shown = world.get("root", &format!("/api/v1/services/{payments}")).await.expect(200);
        assert_eq!((&shown["open_alerts"], &shown["open_tickets"]), (&json!(0), &json!(0)));
        // A new alert opens a new incident: the resolved one stays as it was.
        let third = alert(&world, "error rate", "P1", &payments).await;
        world.mailbox("ana").expect_page("error rate");
        assert_ne!(world.show(&third).await["incident"]["key"], key.as_str());
    }

    async fn less_is_proposed_or_left_alone(backend) {
        let world = World::start(backend, "2026-03-02T09:00:00Z").await;
        world.agents(&["ana"]).await;
        let search = service(&world, "Search", 2, "ana").await;
        let proposed = alert(&world, "slow", "P2", &search).await;
        world.mailbox("ana").expect_page("slow");
        let shown = world.show(&proposed).await;
        assert_eq!((&shown["incident_state"], &shown["incident"]), (&json!("proposed"), &Value::Null));
        let ignored = alert(&world, "a little slow", "P4", &search).await;
        world.mailbox("ana").expect_page("a little slow");
        assert_eq!(world.show(&ignored).await["incident_state"], "none");
        assert!(tickets(&world).await.is_empty());

        // A person takes the proposal up; a raised priority asks by itself.
        world.act("ana", &proposed, "incident", json!({})).await;
        let opened = world.show(&proposed).await;
        assert_eq!(opened["incident_state"], "opened");
        resolve(&world, opened["incident"]["key"].as_str().unwrap()).await;
        let path = format!("/api/v1/alerts/{ignored}");
        world.call("ana", Method::PATCH, &path, json!({ "priority": "P1" })).await.expect(200);
        world.settle().await;
        world.ignore_messages();
        assert_eq!(world.show(&ignored).await["incident_state"], "opened");
    }

    async fn two_incidents_at_once_have_their_own_people(backend) {
        let world = World::start(backend, "2026-03-02T09:00:00Z").await;
        world.agents(&["ana", "ben"]).await;
        let payments = service(&world, "Payments API", 1, "ana").await;
        let shop = service(&world, "Shop", 1, "ben").await;
        let disk = alert(&world, "payments down", "P1", &payments).await;
        let till = alert(&world, "shop down", "P1", &shop).await;
        world.mailbox("ana").expect_page("payments down");
        world.mailbox("ben").expect_page("shop down");
        assert_eq!(tickets(&world).await.len(), 2);
        world.act("ben", &till, "acknowledge", json!({})).await;
        let of = async |alert: &str| {
            let key = world.show(alert).await["incident"]["key"].as_str().unwrap().to_owned();
            (ticket(&world, &key).await, key)
        };
        let (first, first_key) = of(&disk).await;
        let (second, second_key) = of(&till).await;
        assert_ne!(first_key, second_key);
        assert_eq!(first["assignee"], Value::Null);
        assert_eq!(second["assignee"]["id"], world.id_of("ben").to_string());
        world.act("ana", &disk, "acknowledge", json!({})).await;
        resolve(&world, &second_key).await;
        assert_eq!(ticket(&world, &first_key).await["status"]["category"], first["status"]["category"]);
        assert_eq!(ticket(&world, &first_key).await["assignee"]["id"], world.id_of("ana").to_string());
    }

    async fn a_storm_is_folded_into_one_incident(backend) {
        let world = World::start(backend, "2026-03-02T09:00:00Z").await;
        world.agents(&["ana"]).await;
        let rules = world.get("root", "/api/v1/incident-rules").await.expect(200);
        let body = json!({ "by_tier": rules["by_tier"], "storm_cap": { "max_incidents": 2, "window_min": 30 } });
        world.call("root", Method::PUT, "/api/v1/incident-rules", body).await.expect(200);
        let mut alerts = Vec::new();
        for number in 1..=4 {
            let one = service(&world, &format!("Service {number}"), 1, "ana").await;
            alerts.push(alert(&world, &format!("down {number}"), "P1", &one).await);
            world.mailbox("ana").expect_page(&format!("down {number}"));
        }
        let mut shown = Vec::new();
        for alert in &alerts {
            shown.push(world.show(alert).await);
        }
        let states: Vec<_> = shown.iter().map(|alert| alert["incident_state"].as_str().unwrap()).collect();
        assert_eq!(states, ["opened", "opened", "folded", "folded"]);
        assert_eq!(shown[3]["incident"]["key"], shown[1]["incident"]["key"]);
        assert_eq!(tickets(&world).await.len(), 2);
        // The window passes, and the rule opens again.
        for one in &alerts {
            world.act("ana", one, "acknowledge", json!({})).await;
        }
        world.advance(31.minutes()).await;
        world.ignore_messages();
        let late = service(&world, "Late", 1, "ana").await;
        let late = alert(&world, "down late", "P1", &late).await;
        world.mailbox("ana").expect_page("down late");
        assert_eq!(world.show(&late).await["incident_state"], "opened");
    }

    async fn a_p1_raised_by_hand_pages_and_its_end_closes_the_alert(backend) {
        let world = World::start(backend, "2026-03-02T09:00:00Z").await;
        world.agents(&["ana"]).await;
        let payments = service(&world, "Payments API", 1, "ana").await;
        let body = json!({ "project_key": "INC", "kind": "incident", "summary": "no card works", "impact": "extensive",
            "urgency": "critical", "service_id": payments });
        let made = world.post("root", "/api/v1/tickets", body).await.expect(201);
        assert_eq!(made["priority"], "P1", "{made:#}");
        let key = made["key"].as_str().unwrap();
        world.settle().await;
        world.mailbox("ana").expect_page("no card works");
        let open = world.get("root", &format!("/api/v1/tickets/{key}/alerts")).await.expect(200);
        assert_eq!(open["items"].as_array().unwrap().len(), 1);
        let page = open["items"][0]["id"].as_str().unwrap().to_owned();
        assert_eq!(world.show(&page).await["responders"][0]["name"], "ana");
        // The monitor notices too: its alert joins, and no second incident is opened.
        let noticed = alert(&world, "error rate", "P1", &payments).await;
        world.mailbox("ana").expect_page("error rate");
        assert_eq!(world.show(&noticed).await["incident"]["key"], key);
        assert_eq!(tickets(&world).await.len(), 1);
        resolve(&world, key).await;
        assert_eq!(world.show(&page).await["status"], "closed");
        assert_eq!(world.show(&noticed).await["status"], "open");
        world.act("ana", &noticed, "close", json!({})).await;
    }
}
