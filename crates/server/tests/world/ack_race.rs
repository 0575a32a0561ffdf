//! Acknowledging by link: scanners, two people at once, and the end of the link.

use jiff::ToSpan;
use serde_json::{Value, json};

use crate::harness::World;

testkit::both_databases! {
    async fn two_people_press_the_button_and_one_of_them_has_it(backend) {
        let world = World::start(backend, "2026-03-02T09:00:00Z").await;
        world.agents(&["ana", "ben"]).await;
        let team = world.team("Network", &["ana"]).await;
        let policy = world.policy_of("Network 24x7", &[(0, "ana"), (0, "ben"), (5, "ana")], json!({})).await;
        world.route(team, &policy).await;
        let alert = world.alert("disk full", "P2", team).await;
        let ana = world.mailbox("ana").expect_page("disk full").link();
        let ben = world.mailbox("ben").expect_page("disk full").link();

        // A mail scanner opens both links; that changes nothing.
        for link in [&ana, &ben] {
            let page = world.get("", link).await;
            let text = page.body.as_str().unwrap();
            assert_eq!(page.status, 200);
            assert!(text.contains("<button") && !text.contains("<script"), "{text}");
        }
        assert_eq!(world.show(&alert).await["acknowledged"], false);

        let (first, second) = tokio::join!(
            world.post("", &ana, Value::Null),
            world.post("", &ben, Value::Null)
        );
        world.settle().await;
        let shown = world.show(&alert).await;
        let winner = shown["acknowledged_by"]["name"].as_str().unwrap().to_owned();
        for (name, answer) in [("ana", first), ("ben", second)] {
            let text = answer.body.as_str().unwrap().to_owned();
            let expected = if name == winner { "You have acknowledged" } else { "has acknowledged this alert" };
            assert!(text.contains(expected), "{name}: {text}");
        }
        let log = world.get("root", &format!("/api/v1/alerts/{alert}/log")).await.expect(200);
        let items = log["items"].as_array().unwrap();
        let taken: Vec<_> = items.iter().filter(|line| line["kind"] == "acknowledged").collect();
        assert_eq!(taken.len(), 1, "{log:#}");
        assert_eq!(taken[0]["actor"]["name"].as_str().unwrap(), winner);
        world.advance(24.hours()).await;
    }

    async fn the_link_ends_with_the_alert(backend) {
        let world = World::start(backend, "2026-03-02T09:00:00Z").await;
        world.agents(&["ana"]).await;
        let team = world.team("Network", &["ana"]).await;
        let policy = world.policy_of("Network 24x7", &[(0, "ana")], json!({})).await;
        world.route(team, &policy).await;
        let alert = world.alert("disk full", "P4", team).await;
        let link = world.mailbox("ana").expect_page("disk full").link();
        world.act("root", &alert, "close", json!({})).await;

        for answer in [world.get("", &link).await, world.post("", &link, Value::Null).await] {
            assert_eq!(answer.status, 200);
            let text = answer.body.as_str().unwrap();
            assert!(text.contains("This alert is closed") && !text.contains("<button"), "{text}");
        }
        assert_eq!(world.get("", &format!("{link}x")).await.status, 404);
        assert_eq!(world.get("", "/ack/nonsense").await.status, 404);
    }

    async fn an_old_acknowledgement_is_paged_again(backend) {
        let world = World::start(backend, "2026-03-02T09:00:00Z").await;
        world.agents(&["ana"]).await;
        let team = world.team("Network", &["ana"]).await;
        let policy = world.policy_of("Network 24x7", &[(0, "ana")], json!({ "ack_timeout_min": 45 })).await;
        world.route(team, &policy).await;
        let alert = world.alert("disk full", "P3", team).await;
        let link = world.mailbox("ana").expect_page("disk full").link();
        world.post("", &link, Value::Null).await.expect(200);
        world.settle().await;
        world.advance(44.minutes()).await;
        world.advance(1.minutes()).await;
        world.mailbox("ana").expect_page("disk full");
        assert_eq!(world.show(&alert).await["acknowledged"], false);
    }
}
