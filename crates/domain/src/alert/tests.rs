use insta::assert_snapshot;
use kernel::IntegrationId;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;

fn at(minute: i64) -> Timestamp {
    let start: Timestamp = "2028-02-29T23:00:00Z".parse().expect("an instant");
    start + jiff::SignedDuration::from_mins(minute)
}

fn ana() -> Actor {
    Actor::Person { id: PersonId(Uuid::from_u128(1)) }
}

fn ben() -> Actor {
    Actor::Person { id: PersonId(Uuid::from_u128(2)) }
}

fn monitor() -> Actor {
    Actor::Integration { id: IntegrationId(Uuid::from_u128(3)) }
}

fn disk_full() -> Alert {
    let raise = Raise { message: "disk full".into(), tags: vec!["disk".into()], ..Raise::default() };
    Alert::raise(raise.checked().expect("is valid"), "id-1", at(0)).0
}

/// The alert after the change, and its log line.
fn did(changed: Changed) -> (Alert, String) {
    let (alert, events) = changed.expect("is allowed");
    let text = events.iter().map(|event| format!("{}: {}", event.kind(), event.log_text())).collect::<Vec<_>>();
    (alert, text.join("; "))
}

#[test]
fn a_night_with_an_alert() {
    let mut log = Vec::new();
    let mut step = |changed: Changed| {
        let (alert, text) = did(changed);
        log.push(text);
        alert
    };
    let alert = step(Ok(Alert::raise(Raise { message: "disk full".into(), ..Raise::default() }, "id-1", at(0))));
    assert_eq!((alert.alias.as_str(), alert.priority, alert.count), ("id-1", Priority::P3, 1));
    let alert = step(alert.duplicate(at(1)));
    let alert = step(alert.snooze(&ana(), at(60), at(2)));
    let alert = step(alert.expire_snooze(at(59)));
    let alert = step(alert.expire_snooze(at(60)));
    let alert = step(alert.acknowledge(&ana(), at(61)));
    assert_eq!(alert.owner, ana().person());
    let alert = step(alert.time_out_acknowledgement(at(91)));
    let alert = step(alert.set_priority(Priority::P1, at(92)));
    let alert = step(alert.acknowledge(&ben(), at(93)));
    let alert = step(alert.add_note("deleted logs", at(94)));
    let alert = step(alert.close(&monitor(), at(95)));
    assert_eq!((alert.time_to_acknowledge_s(), alert.time_to_close_s()), (Some(61 * 60), Some(95 * 60)));
    assert_eq!(alert.updated_at, at(95));
    assert_snapshot!(log.join("\n"), @r"
    AlertRaised: Alert raised with priority P3
    AlertDuplicated: Occurred again (2 times now)
    AlertSnoozed: Alert snoozed until 2028-03-01T00:00:00Z

    AlertSnoozeEnded: Snooze is over; paging starts over
    AlertAcknowledged: Alert acknowledged
    AlertUnacknowledged: Acknowledgement timed out while the alert stayed open; paging starts over
    AlertPriorityChanged: Priority changed from P3 to P1
    AlertAcknowledged: Alert acknowledged
    AlertNoteAdded: Note added
    AlertClosed: Alert closed
    ");
}

#[test]
fn the_first_to_acknowledge_wins() {
    let (alert, _) = did(disk_full().acknowledge(&ana(), at(1)));
    assert_eq!(alert.acknowledge(&ben(), at(2)), Err(AlertError::AlreadyAcknowledged { by: ana(), at: at(1) }));
    assert_eq!(alert.owner, ana().person());
}

#[test]
fn a_duplicate_overwrites_nothing() {
    let first = disk_full();
    let (second, _) = did(first.duplicate(at(5)));
    assert_eq!(second, Alert { count: 2, last_occurred_at: at(5), updated_at: at(5), ..first });
}

#[test]
fn what_a_closed_alert_refuses() {
    let (alert, _) = did(disk_full().close(&ana(), at(1)));
    let refused = [
        alert.duplicate(at(2)),
        alert.acknowledge(&ben(), at(2)),
        alert.unacknowledge(at(2)),
        alert.snooze(&ben(), at(9), at(2)),
        alert.unsnooze(at(2)),
        alert.close(&ben(), at(2)),
        alert.assign(ben().person(), at(2)),
        alert.set_priority(Priority::P1, at(2)),
        alert.set_message("x", at(2)),
    ];
    for result in refused {
        assert_eq!(result, Err(AlertError::Closed { by: ana(), at: at(1) }));
    }
    assert!(alert.add_note("late insight", at(2)).is_ok());
    assert!(alert.add_tags(vec!["pir".into()], at(2)).is_ok());
}

#[test]
fn the_end_of_a_snooze_takes_the_acknowledgement_back() {
    let (alert, _) = did(disk_full().acknowledge(&ana(), at(1)));
    let (alert, _) = did(alert.snooze(&ana(), at(30), at(2)));
    assert!(alert.facts().acknowledged && alert.facts().snoozed);
    let (alert, events) = alert.unsnooze(at(3)).expect("is snoozed");
    assert!(!alert.facts().acknowledged && !alert.facts().snoozed);
    assert!(events[0].restarts_paging());
    assert_eq!(alert.unsnooze(at(4)), Err(AlertError::NotSnoozed));
    assert_eq!(alert.first_acknowledged_at, Some(at(1)));
    assert!(alert.snooze(&ana(), at(4), at(4)).is_err());
    assert!(alert.snooze(&ana(), at(4 + 367 * 24 * 60), at(4)).is_err());
}

#[test]
fn tags_and_details_change_by_what_differs() {
    let (alert, text) = did(disk_full().add_tags(vec![" disk ".into(), "db".into(), "db".into()], at(1)));
    assert_eq!(
        (alert.tags.as_slice(), text.as_str()),
        (["disk".to_owned(), "db".into()].as_slice(), "AlertTagsAdded: Tags added: db")
    );
    let (alert, text) = did(alert.remove_tags(&["disk".into(), "nope".into()], at(2)));
    assert_eq!(
        (alert.tags.as_slice(), text.as_str()),
        (["db".to_owned()].as_slice(), "AlertTagsRemoved: Tags removed: disk")
    );
    let map = |pairs: &[(&str, &str)]| pairs.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
    let (alert, _) = did(alert.set_details(map(&[("host", "db1"), ("zone", "a")]), at(3)));
    let (alert, text) = did(alert.add_details(map(&[("host", "db2"), ("zone", "a")]), at(4)));
    assert_eq!(text, "AlertDetailsChanged: Details changed: host");
    let (alert, text) = did(alert.remove_details(&["zone".into(), "nope".into()], at(5)));
    assert_eq!(text, "AlertDetailsChanged: Details changed: zone");
    assert_eq!(did(alert.remove_details(&["zone".into()], at(6))), (alert, String::new()));
}

#[test]
fn our_api_names_what_does_not_fit_and_monitors_are_cut() {
    let long = Raise {
        alias: Some("a".repeat(600)),
        message: format!("{}é", "m".repeat(130)),
        tags: (0..25).map(|n| format!("{n}{}", "t".repeat(60))).collect(),
        details: [("k".into(), "v".repeat(9000)), ("z".into(), "w".into())].into(),
        source: "s".repeat(101),
        ..Raise::default()
    };
    let AlertError::Invalid(errors) = long.clone().checked().expect_err("does not fit") else { panic!("other error") };
    let fields: Vec<_> = errors.iter().take(4).map(|error| format!("{}: {}", error.field, error.message)).collect();
    assert_snapshot!(fields.join("\n"), @r"
    message: At most 130 characters; this has 131.
    alias: At most 512 characters; this has 600.
    source: At most 100 characters; this has 101.
    tags: At most 20; these are 25.
    ");
    let fitted = long.fitted().expect("has a message");
    assert_eq!(fitted.message, format!("{}…", "m".repeat(129)));
    assert_eq!((fitted.tags.len(), fitted.tags[0].len()), (20, 50));
    assert_eq!(fitted.details.len(), 1);
    let (alert, _) = Alert::raise(fitted, "id", at(0));
    assert!(alert.fits());
    assert!(Raise::default().fitted().is_err() && Raise::default().checked().is_err());
}

#[test]
fn long_aliases_stay_apart() {
    let (one, two) = (format!("{}1", "a".repeat(600)), format!("{}2", "a".repeat(600)));
    assert_ne!(fit_alias(&one), fit_alias(&two));
    assert_eq!(fit_alias(&fit_alias(&one)), fit_alias(&one));
    assert_eq!(fit_alias("short"), "short");
}

#[test]
fn actions_say_why_not() {
    let show = |alert: &Alert| {
        let line = |action: &kernel::Action| match &action.reason {
            Some(reason) => format!("{}: {reason}", action.name),
            None => action.name.to_string(),
        };
        alert.actions().iter().map(line).collect::<Vec<_>>().join("\n")
    };
    let (alert, _) = did(disk_full().acknowledge(&ana(), at(1)));
    assert_snapshot!(show(&alert), @r"
    acknowledge: the alert was acknowledged at 2028-02-29T23:01:00Z already
    unacknowledge
    snooze
    unsnooze: the alert is not snoozed
    close
    escalate
    assign
    change
    add_note
    ");
}

#[test]
fn events_are_stored_with_their_facts_only() {
    let event = AlertEvent::AlertPriorityChanged { before: Priority::P3, after: Priority::P1 };
    assert_snapshot!(event.data(), @r#"{"changes":{"priority":{"after":"P1","before":"P3"}}}"#);
    assert_snapshot!(AlertEvent::AlertDuplicated { count: 3 }.data(), @r#"{"count":3}"#);
    assert_snapshot!(AlertEvent::AlertClosed {}.data(), @"{}");
    let json = serde_json::to_string(&event).expect("writes");
    assert_eq!(serde_json::from_str::<AlertEvent>(&json).expect("reads"), event);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever people press, in whatever order: the facts never contradict each other.
    #[test]
    fn facts_never_contradict(presses in prop::collection::vec((0u8..10, any::<bool>()), 0..40)) {
        let mut alert = disk_full();
        let mut occurrences = 1;
        for (index, (press, by_ana)) in presses.into_iter().enumerate() {
            let (now, by) = (at(index as i64 + 1), if by_ana { ana() } else { ben() });
            let before = alert.clone();
            let changed = match press {
                0 => alert.duplicate(now),
                1 => alert.acknowledge(&by, now),
                2 => alert.unacknowledge(now),
                3 => alert.snooze(&by, at(index as i64 + 5), now),
                4 => alert.unsnooze(now),
                5 => alert.expire_snooze(now),
                6 if index > 20 => alert.close(&by, now),
                7 => alert.add_tags(vec![format!("t{index}")], now),
                8 => alert.set_priority(Priority::ALL[index % 5], now),
                _ => alert.time_out_acknowledgement(now),
            };
            if let Ok((next, events)) = changed {
                occurrences += i64::from(matches!(events.first(), Some(AlertEvent::AlertDuplicated { .. })));
                prop_assert_eq!(events.is_empty(), next == before);
                prop_assert!(events.iter().all(|event| !event.restarts_paging()) || !next.facts().acknowledged);
                alert = next;
            }
            prop_assert_eq!(alert.count, occurrences);
            prop_assert!(alert.acknowledged.is_none() || alert.first_acknowledged_at.is_some());
            prop_assert!(alert.is_open() || alert.snoozed.is_none());
            prop_assert!(before.is_open() || !alert.is_open());
        }
    }
}
