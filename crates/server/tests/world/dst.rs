//! Nights on which clocks change, in three zones: the watch passes at the same wall-clock time, and the right person
//! is woken on both sides of the change.

use jiff::ToSpan;
use serde_json::json;

use crate::harness::World;

/// Ana's day ends at 09:00 local time after the night of the change; Ben's begins.
async fn night(backend: testkit::Backend, zone: &str, first_day: &str, in_the_night: &str, hand_over: &str) {
    let start: jiff::Timestamp = in_the_night.parse().unwrap();
    let world = World::start(backend, &(start - 1.hours()).to_string()).await;
    world.agents(&["ana", "ben"]).await;
    let team = world.team("Network", &["ana"]).await;
    let schedule = world.daily_schedule("Network", zone, first_day, &["ana", "ben"]).await;
    let policy = world.policy("Network 24x7", &[(0, "schedule", &schedule)], json!({})).await;
    world.route(team, &policy).await;

    world.advance_to(in_the_night).await;
    world.alert("in the night", "P4", team).await;
    world.mailbox("ana").expect_page("in the night");
    let before = hand_over.parse::<jiff::Timestamp>().unwrap() - 1.seconds();
    world.advance_to(&before.to_string()).await;
    world.alert("before the hand-over", "P4", team).await;
    world.mailbox("ana").expect_page("before the hand-over");
    world.advance(1.seconds()).await;
    world.alert("after the hand-over", "P4", team).await;
    world.mailbox("ben").expect_page("after the hand-over");
    let now = world.get("ana", "/api/v1/on-call").await.expect(200);
    assert_eq!(now["items"][0]["on_call"][0]["person"]["name"], "ben");
}

testkit::both_databases! {
    /// Oslo: 02:00 becomes 03:00, so 09:00 is 07:00 UTC instead of 08:00.
    async fn spring_in_oslo(backend) {
        night(backend, "Europe/Oslo", "2026-03-28", "2026-03-29T01:30:00Z", "2026-03-29T07:00:00Z").await;
    }

    /// New York: 02:00 becomes 01:00, so 09:00 is 14:00 UTC instead of 13:00.
    async fn autumn_in_new_york(backend) {
        night(backend, "America/New_York", "2026-10-31", "2026-11-01T06:30:00Z", "2026-11-01T14:00:00Z").await;
    }

    /// Lord Howe: half an hour back in April, so 09:00 is 22:30 UTC of the day before instead of 22:00.
    async fn autumn_on_lord_howe(backend) {
        night(backend, "Australia/Lord_Howe", "2026-04-04", "2026-04-04T15:10:00Z", "2026-04-04T22:30:00Z").await;
    }
}
