//! Escalation over days: rounds, administrators, repeats and people who change with the schedule.

use jiff::ToSpan;
use serde_json::json;

use crate::harness::World;

testkit::both_databases! {
    async fn nobody_answers_a_p3_and_everybody_is_told_once(backend) {
        let world = World::start(backend, "2026-03-02T09:00:00Z").await;
        world.agents(&["ana", "ben"]).await;
        let team = world.team("Network", &["ana"]).await;
        let policy = world.policy_of("Network 24x7", &[(0, "ana"), (5, "ben")], json!({})).await;
        world.route(team, &policy).await;

        let alert = world.alert("disk full", "P3", team).await;
        let page = world.mailbox("ana").expect_page("disk full");
        assert_eq!(page.0.subject, "[P3] disk full");
        assert!(page.0.text.contains("Why you: Step 1 of 2 of \"Network 24x7\": nobody has acknowledged."), "{}", page.0.text);
        world.advance(299.seconds()).await;
        world.expect_silence();
        world.advance(1.seconds()).await;
        world.mailbox("ben").expect_page("disk full");
        world.advance(48.hours()).await;

        let shown = world.show(&alert).await;
        assert_eq!(shown["escalation"]["state"], "finished");
        assert_eq!(shown["escalation"]["policy"]["name"], "Network 24x7");
        // The auditor says that nothing more will happen.
        let alarms = ops::paging::list_alarms(world.app(), &kernel::Scope::All).await.unwrap();
        assert_eq!(alarms.len(), 1);
        assert!(alarms[0].problem.contains("All steps have run"), "{}", alarms[0].problem);
        world.act("ana", &alert, "close", json!({})).await;
        world.advance(10.minutes()).await;
        assert!(ops::paging::list_alarms(world.app(), &kernel::Scope::All).await.unwrap().is_empty());
    }

    async fn a_p1_goes_on_for_days_and_pages_administrators(backend) {
        let world = World::start(backend, "2026-03-02T09:00:00Z").await;
        world.agents(&["ana", "chief"]).await;
        let team = world.team("Network", &["chief", "ana"]).await;
        let more = json!({ "repeat": { "wait_min": 10, "count": 2 } });
        let policy = world.policy_of("Network 24x7", &[(0, "ana")], more).await;
        world.route(team, &policy).await;

        let alert = world.alert("core switch down", "P1", team).await;
        world.mailbox("ana").expect_page("core switch down");
        for _round in 2..=3 {
            world.advance(10.minutes()).await;
            world.mailbox("chief").expect_page("core switch down");
            world.mailbox("ana").expect_page("core switch down");
        }
        // The rounds of the policy are over; a P1 goes on every hour, whatever happens.
        for _hour in 0..50 {
            world.advance(1.hours()).await;
            world.mailbox("chief").expect_page("core switch down");
            world.mailbox("ana").expect_page("core switch down");
        }
        assert_eq!(world.show(&alert).await["escalation"]["state"], "running");
        world.act("ana", &alert, "close", json!({})).await;
        world.advance(24.hours()).await;
        assert_eq!(world.show(&alert).await["escalation"]["state"], "stopped");
    }

    async fn the_policy_is_frozen_but_people_are_looked_up(backend) {
        let world = World::start(backend, "2026-03-02T08:50:00Z").await;
        world.agents(&["ana", "ben", "eve"]).await;
        let team = world.team("Network", &["ana"]).await;
        let schedule = world.daily_schedule("Network", "UTC", "2026-03-01", &["ana", "ben"]).await;
        let more = json!({ "repeat": { "wait_min": 15, "count": 1 } });
        let policy = world.policy("Network 24x7", &[(0, "schedule", &schedule)], more).await;
        world.route(team, &policy).await;

        let alert = world.alert("disk full", "P4", team).await;
        world.mailbox("ana").expect_page("disk full");
        // An edit changes nothing that runs; at 09:00 the watch passes to Ben.
        let edited = json!({ "name": "Network 24x7", "steps": [{ "delay_min": 0, "condition": "if_not_acked",
            "notify": { "kind": "person", "id": world.id_of("eve") } }] });
        let path = format!("/api/v1/escalation-policies/{policy}");
        world.call("root", http::Method::PUT, &path, edited).await.expect(200);
        world.advance(15.minutes()).await;
        world.mailbox("ben").expect_page("disk full");
        let shown = world.show(&alert).await;
        assert_eq!((&shown["escalation"]["policy_version"], &shown["escalation"]["round"]), (&json!(1), &json!(2)));
        // The next alert follows the edited policy.
        world.alert("fan broken", "P4", team).await;
        world.mailbox("eve").expect_page("fan broken");
    }

    async fn two_alerts_at_once_do_not_disturb_each_other(backend) {
        let world = World::start(backend, "2026-03-02T09:00:00Z").await;
        world.agents(&["ana", "ben", "cleo"]).await;
        let (network, shop) = (world.team("Network", &["ana"]).await, world.team("Shop", &["cleo"]).await);
        let first = world.policy_of("Network 24x7", &[(0, "ana"), (5, "ben")], json!({})).await;
        let second = world.policy_of("Shop 24x7", &[(2, "cleo"), (5, "ben")], json!({})).await;
        world.route(network, &first).await;
        world.route(shop, &second).await;

        let disk = world.alert("disk full", "P2", network).await;
        let till = world.alert("till offline", "P3", shop).await;
        world.mailbox("ana").expect_page("disk full");
        world.advance(2.minutes()).await;
        world.mailbox("cleo").expect_page("till offline");
        world.act("ana", &disk, "acknowledge", json!({})).await;
        world.advance(5.minutes()).await;
        world.mailbox("ben").expect_page("till offline");
        world.act("ben", &till, "close", json!({})).await;
        world.advance(24.hours()).await;
        let who = |trail: serde_json::Value| {
            let items = trail["items"].as_array().unwrap().clone();
            items.iter().map(|item| item["person"]["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(who(world.trail(&disk).await), ["ana"]);
        assert_eq!(who(world.trail(&till).await), ["cleo", "ben"]);
    }
}
