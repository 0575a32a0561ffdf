//! Service levels in queries: conditions on the rows of their cycles.
//!
//! A cycle that runs keeps the instants of its deadline and of its zero, which move only when the clock is paused or
//! its goal changes. So "less than an hour is left" is "the deadline comes before an hour of business time from now",
//! with the instant computed once per calendar.

use std::sync::Arc;

use domain::query::{Column, Comparison, Condition, Param, Rows, SlaState, SlaTest, Sql};
use jiff::{SignedDuration, Timestamp};

use crate::sla::terms::InForce;

/// What is known about calendars at the instant of a query.
#[derive(Clone, Debug)]
pub(crate) struct Clocks {
    /// The instant.
    pub now: Timestamp,
    /// What is configured, calendars among it.
    pub known: Arc<InForce>,
}

/// The rows of the newest cycles of a service level.
pub(super) fn rows(key: &str) -> Rows {
    let only = vec![
        Condition::Compare(Column::required("y.sla_key"), Comparison::Equal, Param::Text(key.to_owned())),
        Condition::Compare(Column::required("y.latest"), Comparison::Equal, Param::Flag(true)),
    ];
    Rows { from: "sla_cycles y", link: "y.ticket_id = t.id", only }
}

/// A deadline further away than any other; no clock reaches it.
const BREACH: Sql = "COALESCE(y.breach_at, 9223372036854775807)";
const ZERO: Sql = "COALESCE(y.zero_at, 9223372036854775807)";

fn phase(name: &str) -> Condition {
    Condition::Compare(Column::required("y.phase"), Comparison::Equal, Param::Text(name.to_owned()))
}

fn compare(column: Sql, op: Comparison, number: i64) -> Condition {
    Condition::Compare(Column::required(column), op, Param::Integer(number))
}

/// What turns round when both sides change places.
fn turned(op: Comparison) -> Comparison {
    match op {
        Comparison::Less => Comparison::Greater,
        Comparison::AtMost => Comparison::AtLeast,
        Comparison::Greater => Comparison::Less,
        Comparison::AtLeast => Comparison::AtMost,
        other => other,
    }
}

fn micros(duration: SignedDuration) -> i64 {
    let limit = if duration.is_negative() { i64::MIN } else { i64::MAX };
    i64::try_from(duration.as_micros()).unwrap_or(limit)
}

impl Clocks {
    fn in_calendar(key: &str) -> Condition {
        Condition::Compare(
            Column::required("COALESCE(y.calendar_key, '')"),
            Comparison::Equal,
            Param::Text(key.to_owned()),
        )
    }

    /// A running cycle whose column compares so with the instant that lies `duration` of business time from now.
    fn running(&self, column: Sql, op: Comparison, duration: SignedDuration) -> Condition {
        let around = self.now.checked_add(duration).unwrap_or(if duration.is_negative() {
            Timestamp::MIN
        } else {
            Timestamp::MAX
        });
        // A plain column lets an index serve; a deadline that is not there is before none.
        let column = match op {
            Comparison::Less | Comparison::AtMost if column == BREACH => "y.breach_at",
            _ => column,
        };
        let mut ways = vec![Condition::all(vec![Self::in_calendar(""), compare(column, op, around.as_microsecond())])];
        for (key, calendar) in &self.known.calendars {
            let at = calendar.add_business_time(self.now, duration).as_microsecond();
            ways.push(Condition::all(vec![Self::in_calendar(key), compare(column, op, at)]));
        }
        Condition::all(vec![phase("running"), Condition::any(ways)])
    }

    fn breached(&self) -> Condition {
        Condition::any(vec![
            Condition::all(vec![phase("running"), compare(BREACH, Comparison::AtMost, self.now.as_microsecond())]),
            Condition::all(vec![phase("running").negated(), compare("y.remaining_us", Comparison::AtMost, 0)]),
        ])
    }

    fn state(&self, state: SlaState) -> Condition {
        match state {
            SlaState::Breached => self.breached(),
            SlaState::EverBreached => {
                let sql = "EXISTS (SELECT 1 FROM sla_cycles e WHERE e.ticket_id = y.ticket_id \
                           AND e.sla_key = y.sla_key AND e.breached_at IS NOT NULL)";
                Condition::any(vec![Condition::Raw(sql, Vec::new()), self.breached()])
            }
            SlaState::Completed => phase("completed"),
            SlaState::Running => phase("running"),
            SlaState::Paused => phase("paused"),
            SlaState::WithinCalendarHours => {
                let open = self.known.calendars.iter().filter(|(_, calendar)| calendar.is_open(self.now));
                let keys = open.map(|(key, _)| Self::in_calendar(key)).chain([Self::in_calendar("")]);
                Condition::all(vec![phase("completed").negated(), Condition::any(keys.collect())])
            }
        }
    }

    /// That a row passes all tests.
    pub fn passes(&self, tests: &[SlaTest]) -> Condition {
        let test = |test: &SlaTest| match test {
            SlaTest::State { state, is: true } => self.state(*state),
            SlaTest::State { state, is: false } => Condition::Not(Box::new(self.state(*state))),
            SlaTest::Remaining(op, wanted) => Condition::any(vec![
                self.running(BREACH, *op, *wanted),
                Condition::all(vec![phase("paused"), compare("y.remaining_us", *op, micros(*wanted))]),
            ]),
            SlaTest::Elapsed(op, wanted) => Condition::any(vec![
                self.running(ZERO, turned(*op), wanted.checked_neg().unwrap_or(SignedDuration::MAX)),
                Condition::all(vec![phase("paused"), compare("y.elapsed_us", *op, micros(*wanted))]),
            ]),
        };
        Condition::all(tests.iter().map(test).collect())
    }
}
