//! Snooze, un-acknowledge and quiet hours: what restarts a flow and what holds a message back.

use jiff::{Timestamp, ToSpan};
use kernel::Role;
use serde_json::json;

use crate::harness::World;

testkit::both_databases! {
    async fn a_snooze_keeps_quiet_and_its_end_starts_again(backend) {
        let world = World::start(backend, "2026-03-02T09:00:00Z").await;
        world.agents(&["ana", "ben"]).await;
        let team = world.team("Network", &["ana"]).await;
        let policy = world.policy_of("Network 24x7", &[(0, "ana"), (5, "ben")], json!({})).await;
        world.route(team, &policy).await;
        let alert = world.alert("disk full", "P2", team).await;
        world.mailbox("ana").expect_page("disk full");
        let until: Timestamp = world.now() + 2.hours();
        world.act("ana", &alert, "snooze", json!({ "until": until })).await;
        world.advance(119.minutes()).await;
        world.expect_silence();
        world.advance(1.minutes()).await;
        world.mailbox("ana").expect_page("disk full");
        world.advance(5.minutes()).await;
        world.mailbox("ben").expect_page("disk full");
        world.act("ben", &alert, "acknowledge", json!({})).await;
        world.advance(24.hours()).await;
    }

    async fn giving_an_alert_back_starts_again(backend) {
        let world = World::start(backend, "2026-03-02T09:00:00Z").await;
        world.agents(&["ana", "ben"]).await;
        let team = world.team("Network", &["ana"]).await;
        let policy = world.policy_of("Network 24x7", &[(0, "ana"), (5, "ben")], json!({})).await;
        world.route(team, &policy).await;
        let alert = world.alert("disk full", "P3", team).await;
        world.mailbox("ana").expect_page("disk full");
        world.advance(4.minutes()).await;
        world.act("ana", &alert, "acknowledge", json!({})).await;
        world.advance(1.hours()).await;
        world.act("ana", &alert, "unacknowledge", json!({})).await;
        world.mailbox("ana").expect_page("disk full");
        world.advance(5.minutes()).await;
        world.mailbox("ben").expect_page("disk full");
        world.act("ben", &alert, "close", json!({})).await;
        world.advance(1.hours()).await;
    }

    async fn quiet_hours_hold_a_p3_but_not_a_p1(backend) {
        let world = World::start(backend, "2026-03-02T21:30:00Z").await;
        world.person("ana", Role::Agent, "Europe/Oslo").await;
        world.rules("ana", json!({ "steps": [], "quiet_hours": { "from": "22:00", "to": "07:00" } })).await;
        let team = world.team("Network", &["ana"]).await;
        let policy = world.policy_of("Network 24x7", &[(0, "ana")], json!({})).await;
        world.route(team, &policy).await;

        // 22:30 in Oslo.
        let quiet = world.alert("disk full", "P3", team).await;
        world.expect_silence();
        assert_eq!(world.trail(&quiet).await["items"][0]["state"], "held");
        let loud = world.alert("core switch down", "P1", team).await;
        world.mailbox("ana").expect_page("core switch down");
        world.act("ana", &loud, "close", json!({})).await;
        world.advance_to("2026-03-03T05:59:59Z").await;
        world.expect_silence();
        world.advance(1.seconds()).await;
        world.mailbox("ana").expect_page("disk full");
    }

    async fn an_alert_that_nobody_routes_says_so(backend) {
        let world = World::start(backend, "2026-03-02T09:00:00Z").await;
        world.agents(&["ana"]).await;
        let team = world.team("Network", &["ana"]).await;
        let alert = world.alert("disk full", "P1", team).await;
        world.advance(24.hours()).await;
        let trail = world.trail(&alert).await;
        let because = trail["not_notified"][0]["because"].as_str().unwrap();
        assert!(because.contains("the team Network routes to no policy"), "{because}");
        assert!(ops::paging::list_alarms(world.app(), &kernel::Scope::All).await.unwrap().is_empty());
    }

    async fn somebody_who_cannot_be_told_is_passed_over_and_an_alarm_is_raised(backend) {
        let world = World::start(backend, "2026-03-02T09:00:00Z").await;
        world.agents(&["ana", "ben"]).await;
        let team = world.team("Network", &["ben"]).await;
        let first = world.policy_of("Network 24x7", &[(0, "ana"), (30, "ben")], json!({})).await;
        world.route(team, &first).await;
        let ana = world.get("root", &format!("/api/v1/people/{}", world.id_of("ana"))).await.expect(200);
        let path = format!("/api/v1/people/{}", ana["id"].as_str().unwrap());
        world.call("root", http::Method::PATCH, &path, json!({ "active": false })).await.expect(200);

        let alert = world.alert("disk full", "P3", team).await;
        // Ben does not have to wait the half hour that was meant for Ana.
        world.mailbox("ben").expect_page("disk full");
        let trail = world.trail(&alert).await;
        assert_eq!(trail["not_notified"][0]["person"]["name"], "ana");
        assert_eq!(trail["not_notified"][0]["because"], "the account is disabled");
        world.act("ben", &alert, "close", json!({})).await;

        let only_ana = world.policy_of("Ana alone", &[(60, "ana")], json!({})).await;
        world.route(team, &only_ana).await;
        world.alert("fan broken", "P5", team).await;
        world.advance(6.minutes()).await;
        let alarms = ops::paging::list_alarms(world.app(), &kernel::Scope::All).await.unwrap();
        assert_eq!(alarms.len(), 1);
        assert_eq!(alarms[0].problem, "No step of \"Ana alone\" reaches anybody now: ana cannot be told: the account is disabled.");
    }
}
