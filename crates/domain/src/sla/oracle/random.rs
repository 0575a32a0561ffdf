//! Random SLAs, calendars and histories.

use jiff::{Timestamp, civil::date};
use kernel::{EventId, PersonId, TeamId};
use proptest::{collection, option, prelude::*, sample::select};
use uuid::Uuid;

use super::{super::*, At, Steps};
use crate::{
    calendar::oracle::{body, transition_before},
    workflow::Category,
};

fn status() -> BoxedStrategy<(&'static str, Category)> {
    select(vec![
        ("open", Category::Todo),
        ("doing", Category::Doing),
        ("waiting", Category::Waiting),
        ("resolved", Category::Done),
        ("closed", Category::Done),
    ])
    .boxed()
}

fn facts() -> BoxedStrategy<Facts> {
    (status(), 0_u128..3, 0_u128..3, 0_i8..3)
        .prop_map(|((status, category), assignee, team, due)| Facts {
            status: status.to_owned(),
            category,
            assignee: (assignee > 0).then(|| PersonId(Uuid::from_u128(assignee))),
            team: (team > 0).then(|| TeamId(Uuid::from_u128(team))),
            due: (due > 0).then(|| date(2026, 1, due)),
            resolved: category == Category::Done,
        })
        .boxed()
}

/// Steps since the change before, facts, comment, and which goal's query matches.
type Happening = (Steps, Facts, Option<Comment>, u8);

/// Random changes, of which most alter one thing only, as people do.
fn changes(longest: Steps) -> BoxedStrategy<Vec<Happening>> {
    let by = select(vec![
        CommentBy::Customer,
        CommentBy::Agent,
        CommentBy::Automation,
        CommentBy::AutoReply,
        CommentBy::Echo,
    ]);
    let comment = option::weighted(0.3, (by, any::<bool>()).prop_map(|(by, public)| Comment { by, public }));
    let later = prop_oneof![1 => Just(0), 3 => 0..longest / 30, 2 => 0..longest];
    let snapshot = prop_oneof![Just(0_u8), Just(1), Just(2)];
    collection::vec((later, facts(), comment, snapshot, 0_u8..7), 1..20)
        .prop_map(|many| {
            let mut now: Option<(Facts, u8)> = None;
            let mut changes = Vec::new();
            for (later, fresh, comment, snapshot, what) in many {
                let (mut facts, mut goal) = now.unwrap_or((fresh.clone(), snapshot));
                match what {
                    0 | 1 => {
                        (facts.status, facts.category, facts.resolved) = (fresh.status, fresh.category, fresh.resolved)
                    }
                    2 => facts.assignee = fresh.assignee,
                    3 => facts.due = fresh.due,
                    4 => facts = fresh,
                    5 => goal = snapshot,
                    _ => (facts.team, facts.assignee, goal) = (fresh.team, fresh.assignee, snapshot),
                }
                changes.push((later, facts.clone(), comment, goal));
                now = Some((facts, goal));
            }
            changes
        })
        .boxed()
}

fn trigger() -> BoxedStrategy<Trigger> {
    prop_oneof![
        select(vec![
            Trigger::AssigneeFromUnassigned,
            Trigger::AssigneeToUnassigned,
            Trigger::AssigneeChanged,
            Trigger::CommentByCustomer,
            Trigger::CommentForCustomers,
            Trigger::DueDateSet,
            Trigger::DueDateCleared,
            Trigger::DueDateChanged,
            Trigger::ResolutionSet,
            Trigger::ResolutionCleared,
        ]),
        status().prop_map(|(status, _)| Trigger::StatusEntered { status: status.to_owned() }),
    ]
    .boxed()
}

fn pause() -> BoxedStrategy<StateMatch> {
    select(vec![
        StateMatch::Category { category: Category::Waiting },
        StateMatch::Status { status: "open".to_owned() },
        StateMatch::Assigned,
        StateMatch::Unassigned,
        StateMatch::DueDateSet,
        StateMatch::DueDateUnset,
        StateMatch::Resolved,
        StateMatch::TeamIsNot { team: TeamId(Uuid::from_u128(1)) },
    ])
    .boxed()
}

/// An SLA whose targets and thresholds fall on whole minutes.
fn sla(longest_target: u32) -> BoxedStrategy<SlaBody> {
    let start = collection::vec(trigger(), 0..3).prop_map(|mut more| {
        more.insert(0, Trigger::Created);
        more
    });
    let goal = (1..longest_target / 20, select(vec![None, Some("a"), Some("b")]), any::<bool>());
    let threshold = prop_oneof![
        (1_u32..40).prop_map(|n| Threshold::Percent { percent: n * 5 }),
        (1..longest_target).prop_map(|remaining_min| Threshold::Remaining { remaining_min }),
    ];
    (
        start,
        collection::vec(pause(), 0..3),
        collection::vec(trigger(), 1..3),
        any::<bool>(),
        collection::vec(goal, 1..4),
        any::<bool>(),
        collection::vec(threshold, 0..4),
    )
        .prop_filter_map("is sound", |(start, pause, stop, continues, goals, last_for_all, thresholds)| {
            let count = goals.len();
            let goal = |(index, (n, calendar, from_change)): (usize, (u32, Option<&str>, bool))| Goal {
                key: format!("g{index}"),
                query: if last_for_all && index + 1 == count { String::new() } else { index.to_string() },
                target_min: n * 20,
                calendar: calendar.map(str::to_owned),
                counts_from: if from_change { CountsFrom::Change } else { CountsFrom::CycleStart },
            };
            let goals = goals.into_iter().enumerate().map(goal).collect();
            let on_reopen = if continues { OnReopen::Continue } else { OnReopen::StartCondition };
            let agreement = Agreement::default();
            let body = SlaBody { name: "Any".into(), agreement, start, pause, stop, on_reopen, goals, thresholds };
            Sla::new(body.clone()).is_ok().then_some(body)
        })
        .boxed()
}

/// Everything about one random run.
#[derive(Debug)]
pub(super) struct Run {
    pub body: SlaBody,
    pub calendars: Calendars,
    pub from: Timestamp,
    pub step_s: i64,
    pub changes: Vec<At>,
    /// Steps from the last change to when the clocks are read.
    pub rest: Steps,
}

pub(super) fn run(step_s: i64, longest: Steps, longest_target: u32) -> BoxedStrategy<Run> {
    let calendars = (body(2025..2028), body(2025..2028));
    let input = (sla(longest_target), calendars, changes(longest), 0..longest, 1_767_225_600_i64..1_830_297_600);
    (input, 0_i64..180_000)
        .prop_map(move |((body, (a, b), changes, rest, day), before_s)| {
            let calendar = |body| Calendar::new(body).expect("is sound");
            let calendars: Calendars = [("a".to_owned(), calendar(a)), ("b".to_owned(), calendar(b))].into();
            let night = transition_before(&calendars["a"], Timestamp::from_second(day).expect("in range"));
            let from_s = (night.as_second() - before_s).div_euclid(step_s) * step_s;
            let from = Timestamp::from_second(from_s).expect("in range");
            let mut step = 0;
            let mut at = Vec::new();
            for (index, (later, facts, comment, snapshot)) in changes.into_iter().enumerate() {
                step += if index == 0 { 0 } else { later };
                let instant = Timestamp::from_second(from_s + step * step_s).expect("in range");
                let event = EventId(Uuid::from_u128(index as u128));
                at.push(At { step, change: Change { event, at: instant, facts, comment, snapshot } });
            }
            Run { body, calendars, from, step_s, changes: at, rest }
        })
        .boxed()
}
