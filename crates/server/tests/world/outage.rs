//! Mail servers and webhooks go down and come back: nothing is lost, nothing is sent twice, late steps keep their
//! distance, and another method takes the place of one that fails.

use std::collections::HashSet;

use jiff::ToSpan;
use platform::SendError;
use serde_json::json;

use crate::harness::{World, id};

testkit::both_databases! {
    async fn pages_wait_for_the_mail_server(backend) {
        let world = World::start(backend, "2026-03-02T09:00:00Z").await;
        world.agents(&["ana", "ben"]).await;
        let team = world.team("Network", &["ana"]).await;
        let policy = world.policy_of("Network 24x7", &[(0, "ana"), (30, "ben")], json!({})).await;
        world.route(team, &policy).await;

        world.mail_server(false);
        let alert = world.alert("disk full", "P2", team).await;
        world.advance(20.minutes()).await;
        let trail = world.trail(&alert).await;
        let items = trail["items"].as_array().unwrap();
        // Ana's page failed three times: Ben was not kept waiting for half an hour.
        let names: HashSet<_> = items.iter().map(|item| item["person"]["name"].as_str().unwrap()).collect();
        assert_eq!(names, HashSet::from(["ana", "ben"]));
        for item in items {
            assert_eq!(item["state"], "pending", "{item:#}");
            assert_eq!(item["last_error"], "connection refused");
            assert!(item["attempts"].as_i64().unwrap() > 3);
        }

        world.mail_server(true);
        world.advance(5.minutes()).await;
        let pages = [world.mailbox("ana").expect_page("disk full"), world.mailbox("ben").expect_page("disk full")];
        let rounds: HashSet<_> = pages.iter().map(|page| page.0.message_id.clone()).collect();
        assert_eq!(rounds.len(), 2);
        world.ignore_messages();
        world.act("ana", &alert, "acknowledge", json!({})).await;
        world.advance(25.minutes()).await;
        let trail = world.trail(&alert).await;
        let waiting = trail["items"].as_array().unwrap().iter().filter(|item| item["state"] == "pending").count();
        assert_eq!(waiting, 0);
        world.act("ana", &alert, "close", json!({})).await;
    }

    async fn an_acknowledgement_cancels_what_the_outage_held(backend) {
        let world = World::start(backend, "2026-03-02T09:00:00Z").await;
        world.agents(&["ana"]).await;
        let team = world.team("Network", &["ana"]).await;
        let policy = world.policy_of("Network 24x7", &[(0, "ana")], json!({})).await;
        world.route(team, &policy).await;
        world.mail_server(false);
        let alert = world.alert("disk full", "P3", team).await;
        world.advance(1.minutes()).await;
        world.act("ana", &alert, "acknowledge", json!({})).await;
        world.mail_server(true);
        world.advance(24.hours()).await;
        let trail = world.trail(&alert).await;
        assert_eq!(trail["items"][0]["state"], "cancelled");
        assert_eq!(trail["items"][0]["last_error"], "the alert was acknowledged");
    }

    async fn a_webhook_that_refuses_fails_over_to_mail(backend) {
        let world = World::start(backend, "2026-03-02T09:00:00Z").await;
        let team = webhook_first(&world).await;
        let alert = world.alert("disk full", "P2", team).await;
        let posted = world.posted();
        assert_eq!(posted.len(), 1);
        assert_eq!(posted[0].url, "https://hooks.example.org/ana");
        // Colleagues see that a webhook was used, and not its address, which would let them post to it.
        let used = world.trail(&alert).await["items"][0]["contact"].clone();
        assert_eq!(used, json!({ "kind": "webhook", "address": "hooks.example.org" }));
        assert_eq!(posted[0].body["alert"]["message"], "disk full", "{:#}", posted[0].body);
        world.expect_silence();
        world.act("ana", &alert, "close", json!({})).await;

        // The address is gone for good: mail takes its place at once, ten minutes before its turn.
        world.webhooks(Some(SendError::permanent("404 Not Found")));
        let alert = world.alert("fan broken", "P4", team).await;
        world.mailbox("ana").expect_page("fan broken");
        let items = world.trail(&alert).await["items"].as_array().unwrap().clone();
        let failed = items.iter().find(|item| item["contact"]["kind"] == "webhook").unwrap();
        assert_eq!((&failed["state"], &failed["last_error"]), (&json!("failed"), &json!("404 Not Found")), "{failed:#}");
        world.advance(24.hours()).await;
        world.expect_silence();
        world.act("ana", &alert, "close", json!({})).await;
    }

    async fn a_webhook_that_is_down_is_tried_on_beside_mail(backend) {
        let world = World::start(backend, "2026-03-02T09:00:00Z").await;
        let team = webhook_first(&world).await;
        world.webhooks(Some(SendError::temporary("503 Service Unavailable")));
        let alert = world.alert("disk full", "P2", team).await;
        world.expect_silence();
        // 5 and 10 seconds later the second and third attempts have failed, and mail goes out.
        world.advance(15.seconds()).await;
        world.mailbox("ana").expect_page("disk full");
        world.webhooks(None);
        world.advance(1.minutes()).await;
        assert_eq!(world.posted().len(), 1, "delivered once it answers, and once only");
        let items = world.trail(&alert).await["items"].as_array().unwrap().clone();
        assert!(items.iter().all(|item| item["state"] == "sent"), "{items:#?}");
        world.act("ana", &alert, "close", json!({})).await;
        world.advance(1.hours()).await;
        assert!(world.posted().is_empty());
    }
}

/// Ana is paged by webhook, and ten minutes later by mail.
async fn webhook_first(world: &World) -> kernel::TeamId {
    world.agents(&["ana"]).await;
    let team = world.team("Network", &["ana"]).await;
    let policy = world.policy_of("Network 24x7", &[(0, "ana")], json!({})).await;
    world.route(team, &policy).await;
    let hook = json!({ "kind": "webhook", "address": "https://hooks.example.org/ana" });
    let hook = id(&world.post("ana", "/api/v1/me/contacts", hook).await.expect(201));
    world.settle().await;
    assert_eq!(world.posted().len(), 1, "the test post that verifies it");
    let contacts = world.get("ana", "/api/v1/me/contacts").await.expect(200);
    let mail = contacts["items"].as_array().unwrap().iter().find(|contact| contact["kind"] == "mail").map(id).unwrap();
    let rules = json!({ "steps": [{ "delay_min": 0, "contact_id": hook }, { "delay_min": 10, "contact_id": mail }] });
    world.rules("ana", rules).await;
    team
}
