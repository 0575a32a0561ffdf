use insta::assert_snapshot;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;

const OPEN: Facts = Facts { open: true, acknowledged: false, snoozed: false, priority: Priority::P3 };

fn policy(steps: &[(u32, Condition)]) -> Policy {
    let steps = (steps.iter().enumerate())
        .map(|(index, (delay_min, condition))| {
            let notify = Target::Person { id: PersonId(Uuid::from_u128(index as u128 + 1)) };
            Step { delay_min: *delay_min, condition: *condition, notify }
        })
        .collect();
    let (repeat, ack_timeout_min, description) = (None, None, String::new());
    Policy { name: "Network".into(), description, team_id: None, steps, repeat, ack_timeout_min }
}

fn run(policy: Policy) -> Run {
    Run::start(1, kernel::DocumentId(Uuid::from_u128(1)), 4, policy, minute(0))
}

fn minute(minute: i64) -> Timestamp {
    let start: Timestamp = "2026-03-29T00:50:00Z".parse().expect("an instant");
    start + SignedDuration::from_mins(minute)
}

/// Runs everything due at each of the minutes; one line per decision.
fn walk(run: &Run, minutes: impl IntoIterator<Item = i64>, facts: impl Fn(i64) -> Facts) -> String {
    let mut run = run.clone();
    let mut text = String::new();
    for now in minutes {
        loop {
            let (next, decision) = run.run_due(facts(now), minute(now));
            run = next;
            text.push_str(&match decision {
                Decision::NotDue { .. } | Decision::Over => break,
                Decision::Notify { target: Target::Person { id }, because, .. } => {
                    format!("{now}: page {} because {because}\n", id.0.as_u128())
                }
                Decision::Notify { because, .. } => format!("{now}: page because {because}\n"),
                Decision::Skip { because, .. } => format!("{now}: skip because {because}\n"),
                Decision::Repeat { page_admins, because, .. } => {
                    format!("{now}: repeat (admins: {page_admins}) because {because}\n")
                }
                Decision::Finish { because } => format!("{now}: finish because {because}\n"),
                Decision::Stop { because } => format!("{now}: stop because {because}\n"),
            });
        }
    }
    text
}

const ACKED: Condition = Condition::IfNotAcked;
const CLOSED: Condition = Condition::IfNotClosed;

#[test]
fn nobody_answers_a_p3_and_the_policy_ends() {
    let run = run(policy(&[(0, ACKED), (5, ACKED), (10, CLOSED)]));
    assert_snapshot!(walk(&run, 0..600, |_| OPEN), @r#"
    0: page 1 because Step 1 of 3 of "Network": nobody has acknowledged.
    5: page 2 because Step 2 of 3 of "Network": nobody has acknowledged 5 min after step 1.
    15: page 3 because Step 3 of 3 of "Network": the alert is still open 10 min after step 2.
    20: finish because All steps have run and nobody acknowledged.
    "#);
}

#[test]
fn nobody_answers_a_p1_and_it_never_ends() {
    let run = run(policy(&[(0, ACKED), (5, ACKED)]));
    let p1 = Facts { priority: Priority::P1, ..OPEN };
    assert_snapshot!(walk(&run, 0..130, |_| p1), @r#"
    0: page 1 because Step 1 of 2 of "Network": nobody has acknowledged.
    5: page 2 because Step 2 of 2 of "Network": nobody has acknowledged 5 min after step 1.
    10: repeat (admins: true) because Round 2 of "Network" starts: all steps have run, nobody acknowledged and the alert is P1, so administrators are paged.
    10: page 1 because Step 1 of 2 of "Network", round 2: nobody has acknowledged.
    15: page 2 because Step 2 of 2 of "Network", round 2: nobody has acknowledged 5 min after step 1.
    20: repeat (admins: true) because Round 3 of "Network" starts: all steps have run, nobody acknowledged and the alert is P1, so administrators are paged.
    20: page 1 because Step 1 of 2 of "Network", round 3: nobody has acknowledged.
    25: page 2 because Step 2 of 2 of "Network", round 3: nobody has acknowledged 5 min after step 1.
    30: repeat (admins: true) because Round 4 of "Network" starts: all steps have run, nobody acknowledged and the alert is P1, so administrators are paged.
    30: page 1 because Step 1 of 2 of "Network", round 4: nobody has acknowledged.
    35: page 2 because Step 2 of 2 of "Network", round 4: nobody has acknowledged 5 min after step 1.
    95: repeat (admins: true) because Round 5 of "Network" starts: all steps have run, nobody acknowledged and the alert is P1, so administrators are paged.
    95: page 1 because Step 1 of 2 of "Network", round 5: nobody has acknowledged.
    100: page 2 because Step 2 of 2 of "Network", round 5: nobody has acknowledged 5 min after step 1.
    "#);
}

#[test]
fn acknowledging_silences_if_not_acked_but_not_if_not_closed() {
    let run = run(policy(&[(0, ACKED), (5, ACKED), (10, CLOSED)]));
    let facts = |now| Facts { acknowledged: now >= 3, priority: Priority::P1, ..OPEN };
    assert_snapshot!(walk(&run, 0..600, facts), @r#"
    0: page 1 because Step 1 of 3 of "Network": nobody has acknowledged.
    5: skip because Step 2 of 3 of "Network" was skipped: the alert is acknowledged.
    15: page 3 because Step 3 of 3 of "Network": the alert is still open 10 min after step 2.
    20: finish because All steps have run and the alert is acknowledged.
    "#);
}

#[test]
fn after_an_outage_late_steps_run_one_at_a_time() {
    let run = run(policy(&[(0, ACKED), (5, ACKED), (10, ACKED)]));
    assert_snapshot!(walk(&run, [0, 180, 181, 189, 190, 195], |_| OPEN), @r#"
    0: page 1 because Step 1 of 3 of "Network": nobody has acknowledged.
    180: page 2 because Step 2 of 3 of "Network": nobody has acknowledged 5 min after step 1 (this ran 175 min late).
    190: page 3 because Step 3 of 3 of "Network": nobody has acknowledged 10 min after step 2.
    195: finish because All steps have run and nobody acknowledged.
    "#);
}

#[test]
fn closing_and_snoozing_stop_and_a_restart_is_a_new_run() {
    let run = run(policy(&[(0, ACKED), (5, ACKED)]));
    let snoozed = Facts { snoozed: true, ..OPEN };
    let (stopped, _) = run.run_due(snoozed, minute(1));
    assert_snapshot!(walk(&run, 0..9, |now| if now < 2 { OPEN } else { snoozed }), @r#"
    0: page 1 because Step 1 of 2 of "Network": nobody has acknowledged.
    2: stop because the alert is snoozed
    "#);
    assert_eq!(stopped.run_due(OPEN, minute(50)).1, Decision::Over);
    assert_eq!(stopped.audit(OPEN, minute(50), 120), Some(Problem::Stopped));
    let edited = policy(&[(1, CLOSED)]);
    let again = stopped.restart(5, edited, minute(60));
    assert_eq!((again.number, again.policy_version, again.next_due()), (2, 5, Some(minute(61))));
    assert_eq!(again.audit(OPEN, minute(62), 120), None);
    assert_eq!(again.audit(OPEN, minute(64), 120), Some(Problem::Overdue { due: minute(61) }));
    assert_eq!(again.audit(Facts { acknowledged: true, ..OPEN }, minute(64), 120), None);
}

#[test]
fn an_alert_over_days_with_a_snooze_and_a_time_out() {
    let mut two = policy(&[(0, ACKED), (5, ACKED)]);
    two.ack_timeout_min = Some(24 * 60);
    let day = 24 * 60;
    let first = run(two.clone());
    let acked = |now| Facts { acknowledged: now >= 3, priority: Priority::P2, ..OPEN };
    let mut text = walk(&first, 0..day, acked);
    let again_at = first.policy.ack_expires_at(minute(3), Priority::P2).expect("has a time-out");
    assert_eq!(again_at, minute(day + 3));
    let (over, _) = first.stop(again_at, "the acknowledgement timed out");
    let second = over.restart(7, two, again_at);
    text.push_str(&walk(&second, day..day + 9, |_| Facts { priority: Priority::P2, ..OPEN }));
    text.push_str(&walk(&second, day + 3..3 * day, |now| Facts {
        snoozed: now > day + 4,
        priority: Priority::P2,
        ..OPEN
    }));
    assert_eq!((second.number, second.policy_version), (2, 7));
    assert_snapshot!(text, @r#"
    0: page 1 because Step 1 of 2 of "Network": nobody has acknowledged.
    5: skip because Step 2 of 2 of "Network" was skipped: the alert is acknowledged.
    10: finish because All steps have run and the alert is acknowledged.
    1443: page 1 because Step 1 of 2 of "Network": nobody has acknowledged.
    1448: page 2 because Step 2 of 2 of "Network": nobody has acknowledged 5 min after step 1.
    1443: page 1 because Step 1 of 2 of "Network": nobody has acknowledged.
    1445: stop because the alert is snoozed
    "#);
}

#[test]
fn a_step_that_reached_nobody_hurries_the_next() {
    let (after_first, _) = run(policy(&[(0, ACKED), (30, ACKED)])).run_due(OPEN, minute(0));
    let hurried = after_first.hurry(minute(0));
    assert_eq!(hurried.next_due(), Some(minute(0)));
    let (ended, decision) = hurried.run_due(OPEN, minute(0));
    assert!(matches!(decision, Decision::Notify { step: 1, .. }));
    assert_eq!(ended.next_due(), Some(minute(5)));
}

#[test]
fn repeats_as_the_policy_says() {
    let mut three = policy(&[(1, ACKED)]);
    three.repeat = Some(Repeat { wait_min: 20, count: 1 });
    assert_snapshot!(walk(&run(three.clone()), 0..600, |_| OPEN), @r#"
    1: page 1 because Step 1 of 1 of "Network": nobody has acknowledged 1 min after the start.
    21: repeat (admins: false) because Round 2 of "Network" starts: all steps have run, nobody acknowledged.
    22: page 1 because Step 1 of 1 of "Network", round 2: nobody has acknowledged 1 min after the start.
    42: finish because All steps have run and nobody acknowledged.
    "#);
    let run = run(three);
    let texts: Vec<_> = run.upcoming(OPEN).into_iter().map(|one| format!("{} {}", one.at, one.text)).collect();
    assert_snapshot!(texts.join("\n"), @r#"
    2026-03-29T00:51:00Z Step 1 of 1 of "Network": nobody has acknowledged 1 min after the start.
    2026-03-29T01:11:00Z Round 2 of "Network" starts: all steps have run, nobody acknowledged.
    "#);
}

#[test]
fn a_policy_without_steps_notifies_nobody_on_purpose() {
    let run = run(policy(&[]));
    assert_eq!((run.next_due(), run.audit(OPEN, minute(99), 0)), (None, None));
    assert!(matches!(run.progress, Progress::Finished { .. }));
}

#[test]
fn acknowledge_time_out() {
    let mut policy = policy(&[]);
    assert_eq!(policy.ack_expires_at(minute(0), Priority::P1), Some(minute(30)));
    assert_eq!(policy.ack_expires_at(minute(0), Priority::P2), None);
    policy.ack_timeout_min = Some(10);
    assert_eq!(policy.ack_expires_at(minute(0), Priority::P4), Some(minute(10)));
    policy.ack_timeout_min = Some(0);
    assert_eq!(policy.ack_expires_at(minute(0), Priority::P1), None);
}

#[test]
fn validation_names_each_field() {
    let mut bad = policy(&[(5, ACKED), (99_999, ACKED)]);
    bad.name = String::new();
    bad.repeat = Some(Repeat { wait_min: 0, count: 21 });
    let errors = bad.validate().expect_err("is wrong");
    let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(fields, ["name", "steps[1].delay_min", "repeat.wait_min", "repeat.count"]);
    assert_eq!(policy(&[(0, ACKED)]).validate(), Ok(()));
}

#[test]
fn the_wire_form() {
    let json = serde_json::to_string(&policy(&[(5, ACKED)]).steps).expect("writes");
    assert_snapshot!(json, @r#"[{"delay_min":5,"condition":"if_not_acked","notify":{"kind":"person","id":"00000000-0000-0000-0000-000000000001"}}]"#);
    let target: Target = serde_json::from_str(r#"{"kind":"service_responders"}"#).expect("reads");
    assert_eq!(target, Target::ServiceResponders);
    let run = run(policy(&[(5, ACKED)]));
    let again: Run = serde_json::from_str(&serde_json::to_string(&run).expect("writes")).expect("reads");
    assert_eq!(again, run);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the outages: pages of one run never come closer than the delay of the later step, in order, and a
    /// pressing alert always has a next step.
    #[test]
    fn pages_keep_their_distance(
        delays in prop::collection::vec(0u32..30, 1..5),
        wakes in prop::collection::vec(1i64..400, 1..60),
        p in 0usize..5,
    ) {
        let steps: Vec<_> = delays.iter().map(|delay| (*delay, ACKED)).collect();
        let facts = Facts { priority: Priority::ALL[p], ..OPEN };
        let mut run = run(policy(&steps));
        let (mut now, mut last) = (0, (0, 0, 0));
        for gap in wakes {
            now += gap;
            while run.next_due().is_some_and(|due| due <= minute(now)) {
                let (next, decision) = run.run_due(facts, minute(now));
                run = next;
                if let Decision::Notify { round, step, .. } = decision {
                    prop_assert!((round, step) >= (last.0, last.1));
                    let delay = i64::from(delays[step as usize]);
                    prop_assert!(now - last.2 >= delay);
                    last = (round, step, now);
                }
            }
            prop_assert!(!facts.priority.is_pressing() || run.next_due().is_some());
            prop_assert_eq!(run.audit(facts, minute(now), 0), None);
        }
    }
}
