//! The mail server goes down and comes back: nothing is lost, nothing is sent twice, late steps keep their distance.

use std::collections::HashSet;

use jiff::ToSpan;
use serde_json::json;

use crate::harness::World;

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
}
