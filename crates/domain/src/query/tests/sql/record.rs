//! Random records.

use jiff::SignedDuration;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::super::*;

/// A record of the tests.
#[derive(Clone, Debug)]
pub(super) struct Ticket {
    pub seq: i64,
    pub status: &'static str,
    pub priority: Option<i64>,
    pub resolution: Option<&'static str>,
    pub assignee: Option<Uuid>,
    pub labels: Vec<&'static str>,
    pub summary: String,
    pub body: String,
    pub created: Timestamp,
    pub due: Option<&'static str>,
    pub count: Option<i64>,
    pub cost: Option<f64>,
    pub major: Option<bool>,
    pub approval: Option<&'static str>,
    pub past: Vec<Held>,
    pub clocks: Vec<Clock>,
}

pub(super) const TEAM: [u128; 2] = [ANA, KIM[0]];

pub(super) fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

/// Instants at and around the boundaries that queries ask for.
pub(super) fn instants() -> Vec<Timestamp> {
    let edges = ["2026-01-30T23:00:00Z", "2026-03-28T23:00:00Z", "2026-04-01T22:00:00Z", "2026-04-02T13:30:15.5Z"];
    let micro = SignedDuration::from_micros(1);
    edges.into_iter().map(at).flat_map(|edge| [edge - micro, edge, edge + micro]).collect()
}

impl Record for Ticket {
    fn values(&self, field: &FieldKey) -> Vec<Value> {
        let text = |text: &str| Value::Text(text.to_owned());
        match field.as_str() {
            "key" => vec![text(&format!("INC-{}", self.seq))],
            "status" => vec![Value::Choice(self.status.to_owned())],
            "priority" => self.priority.iter().map(|rank| Value::Choice(format!("P{rank}"))).collect(),
            "resolution" => self.resolution.into_iter().map(text).collect(),
            "assignee" => self.assignee.map(Value::Reference).into_iter().collect(),
            "labels" => self.labels.iter().map(|label| text(label)).collect(),
            "summary" => vec![text(&self.summary)],
            "text" => vec![text(&self.body)],
            "created" => vec![Value::Instant(self.created)],
            "due" => self.due.map(|day| Value::Date(day.parse().expect("a day"))).into_iter().collect(),
            "count" => self.count.map(Value::Integer).into_iter().collect(),
            "cost" => self.cost.map(Value::Number).into_iter().collect(),
            "major" => self.major.map(Value::Flag).into_iter().collect(),
            "approvals" => self.approval.into_iter().map(text).collect(),
            "resolve" => Vec::new(),
            other => panic!("{other} is not asked for"),
        }
    }

    fn held(&self, _: &FieldKey) -> Vec<Held> {
        self.past.clone()
    }

    fn clocks(&self, field: &FieldKey) -> Vec<Clock> {
        if field.as_str() == "resolve" { self.clocks.clone() } else { Vec::new() }
    }

    fn ask(&self, _: &FieldKey, call: &TypedCall) -> Option<bool> {
        match call.name.as_str() {
            "membersOf" => Some(TEAM.contains(&self.assignee?.as_u128())),
            "approved" => Some(self.approval? == "approved"),
            "pending" => Some(self.approval? == "pending"),
            other => panic!("{other} is not asked"),
        }
    }
}

pub(super) fn clock() -> BoxedStrategy<Clock> {
    let seconds = || proptest::option::of(select(&[-1_800_i64, 0, 1_800, 3_600, 7_200][..]));
    let flags = proptest::collection::vec(any::<bool>(), 6);
    (flags, seconds(), seconds())
        .prop_map(|(flags, elapsed, remaining)| Clock {
            breached: flags[0],
            ever_breached: flags[1],
            completed: flags[2],
            running: flags[3],
            paused: flags[4],
            within_calendar_hours: flags[5],
            elapsed: elapsed.map(SignedDuration::from_secs),
            remaining: remaining.map(SignedDuration::from_secs),
        })
        .boxed()
}

/// Values held one after the other, from an instant to the next.
pub(super) fn past() -> BoxedStrategy<Vec<Held>> {
    let status = proptest::option::weighted(0.8, select(&["open", "doing", "done"][..]));
    let by = proptest::option::of(select(&[ANA, BEN, KIM[1]][..]));
    (subsequence(instants(), 0..5), proptest::collection::vec((status, by), 5))
        .prop_map(|(instants, values)| {
            let choice = |key: Option<&str>| key.map(|key| Value::Choice(key.to_owned()));
            let held = |place: usize| Held {
                value: choice(values[place].0),
                previous: place.checked_sub(1).and_then(|before| choice(values[before].0)),
                since: instants[place],
                until: instants.get(place + 1).copied(),
                by: values[place].1.map(id),
                first: place == 0,
            };
            (0..instants.len()).map(held).collect()
        })
        .boxed()
}

pub(super) fn ticket() -> BoxedStrategy<Ticket> {
    let words = &["disk", "Disk full", "100% full_", "web-01 is down", "FULL disk", "diskette"][..];
    let first = (
        select(&["open", "doing", "done"][..]),
        proptest::option::of(1_i64..=5),
        proptest::option::of(select(&["Fixed", "duplicate", ""][..])),
        proptest::option::of(select(&[ANA, BEN, KIM[0], KIM[1]][..])),
        subsequence(vec!["vpn", "VPN2", "Remote Work"], 0..=3),
        prop_oneof![Just(String::new()), select(words).prop_map(str::to_owned)],
        proptest::collection::vec(select(words), 1..3),
    );
    let second = (
        select(instants()),
        proptest::option::of(select(&["2026-01-31", "2026-04-02", "2026-04-03"][..])),
        proptest::option::of(0_i64..3),
        proptest::option::of(select(&[0.5, 1.0, 2.25][..])),
        any::<Option<bool>>(),
        proptest::option::of(select(&["approved", "pending"][..])),
        past(),
        proptest::collection::vec(clock(), 0..3),
    );
    (first, second)
        .prop_map(|(first, second)| {
            let (status, priority, resolution, assignee, labels, summary, body) = first;
            let (created, due, count, cost, major, approval, past, clocks) = second;
            let (assignee, body) = (assignee.map(id), body.join(". "));
            Ticket {
                seq: 0,
                status,
                priority,
                resolution,
                assignee,
                labels,
                summary,
                body,
                created,
                due,
                count,
                cost,
                major,
                approval,
                past,
                clocks,
            }
        })
        .boxed()
}
