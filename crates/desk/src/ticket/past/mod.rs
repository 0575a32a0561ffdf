//! What a ticket's status, priority, assignee and team were, for WAS and CHANGED in queries.
//!
//! **Vocabulary.** A value is *held* from when it was set until the next took its place. The first one of a field is
//! what the ticket was opened with, and no change.
//!
//! **Invariants**
//! - Rows are written in the transaction of the change, and follow from the event log: [`held`] gives them again.
//! - Tickets that are older than the table get their rows by a job ([`jobs`]); until then WAS and CHANGED know of them
//!   only what changed since.

mod jobs;
mod store;

use domain::priority::Priority;
use jiff::Timestamp;
use kernel::PersonId;
use platform::{DbError, Tx};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::record::Ticket;

pub(crate) use jobs::{schedule, work};

/// The fields whose past is kept, by their names in queries and events.
pub(crate) const FIELDS: [&str; 4] = ["status", "priority", "assignee", "team"];

/// A value that was held.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum HeldValue {
    Text(String),
    Rank(i64),
    Reference(Uuid),
}

/// A row.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Held {
    pub field: &'static str,
    /// 1, 2, 3 ... per field.
    pub number: i64,
    pub value: Option<HeldValue>,
    pub before: Option<HeldValue>,
    pub since: Timestamp,
    pub until: Option<Timestamp>,
    pub by: Option<PersonId>,
    pub first: bool,
}

/// The values of [`FIELDS`] at one moment.
type Values = [Option<HeldValue>; 4];

fn values(status: &str, priority: Priority, assignee: Option<Uuid>, team: Option<Uuid>) -> Values {
    [
        Some(HeldValue::Text(status.to_owned())),
        Some(HeldValue::Rank(i64::from(priority.rank()))),
        assignee.map(HeldValue::Reference),
        team.map(HeldValue::Reference),
    ]
}

/// A moment at which a ticket may have changed.
struct At {
    at: Timestamp,
    by: Option<PersonId>,
    values: Values,
}

/// What was held, from the moments of a ticket, oldest first.
fn held(moments: impl IntoIterator<Item = At>) -> Vec<Held> {
    let mut rows: Vec<Held> = Vec::new();
    for moment in moments {
        for (field, value) in FIELDS.into_iter().zip(moment.values) {
            let last = rows.iter_mut().rfind(|row| row.field == field);
            let (number, before, first) = match last {
                Some(last) if last.value == value => continue,
                Some(last) => {
                    last.until = Some(moment.at);
                    (last.number + 1, last.value.clone(), false)
                }
                None => (1, None, true),
            };
            rows.push(Held { field, number, value, before, since: moment.at, until: None, by: moment.by, first });
        }
    }
    rows
}

/// Notes what a new ticket begins with.
pub(super) async fn begin(tx: &Tx, ticket: &Ticket) -> Result<(), DbError> {
    let values =
        values(&ticket.status, ticket.priority.priority, ticket.assignee.map(Uuid::from), ticket.team.map(Uuid::from));
    store::insert(tx, ticket.id, &held([At { at: tx.now(), by: tx.ctx().person(), values }])).await
}

/// Reads a value out of the change of a field in an event.
fn noted(field: &str, value: &Value) -> Option<HeldValue> {
    let text = value.as_str()?;
    match field {
        "status" => Some(HeldValue::Text(text.to_owned())),
        "priority" => Priority::parse(text).map(|priority| HeldValue::Rank(i64::from(priority.rank()))),
        _ => text.parse().ok().map(HeldValue::Reference),
    }
}

/// Notes what changed, from the changes of an event.
pub(super) async fn follow(tx: &Tx, ticket: &Ticket, changes: &Map<String, Value>) -> Result<(), DbError> {
    for field in FIELDS {
        let Some(change) = changes.get(field) else { continue };
        let (before, value) = (noted(field, &change["before"]), noted(field, &change["after"]));
        let (since, by) = (tx.now(), tx.ctx().person());
        let row = Held { field, number: 0, value, before, since, until: None, by, first: false };
        store::add(tx, ticket.id, &row).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_held_until_the_next() {
        let at = |second: i64, status: &str, team: Option<u128>| At {
            at: Timestamp::from_second(second).expect("an instant"),
            by: None,
            values: values(status, Priority::P3, None, team.map(Uuid::from_u128)),
        };
        let rows = held([at(1, "open", None), at(2, "open", Some(7)), at(3, "waiting", Some(7)), at(4, "open", None)]);
        let of = |field: &str| -> Vec<(i64, i64, Option<i64>, bool)> {
            let rows = rows.iter().filter(|row| row.field == field);
            rows.map(|row| (row.number, row.since.as_second(), row.until.map(|at| at.as_second()), row.first)).collect()
        };
        assert_eq!(of("status"), [(1, 1, Some(3), true), (2, 3, Some(4), false), (3, 4, None, false)]);
        assert_eq!(of("team"), [(1, 1, Some(2), true), (2, 2, Some(4), false), (3, 4, None, false)]);
        assert_eq!(of("assignee"), [(1, 1, None, true)]);
        let last = rows.iter().rfind(|row| row.field == "team").expect("a row");
        assert_eq!((&last.value, &last.before), (&None, &Some(HeldValue::Reference(Uuid::from_u128(7)))));
    }
}
