//! Random queries, all of them sound.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

pub(super) const SAME: &[&str] = &["=", "!="];
pub(super) const ORDER: &[&str] = &["=", "!=", "<", "<=", ">", ">="];
pub(super) const FIND: &[&str] = &["~", "!~", "=", "!="];
pub(super) const INSTANTS: &[&str] =
    &["2026-01-31", "2026-03-29", "now()", "startOfDay()", "endOfDay(-1)", "\"2026-04-02 15:30\""];

/// Fields with their operators and values.
pub(super) const FIELDS: [(&str, &[&str], &[&str]); 12] = [
    ("status", SAME, &["Open", "\"In progress\"", "Done"]),
    ("priority", ORDER, &["Critical", "High", "medium", "P4", "Lowest"]),
    ("resolution", SAME, &["fixed", "Duplicate", "other"]),
    ("assignee", SAME, &["ana", "kim", "\"Ben Berg\"", "currentUser()"]),
    ("label", SAME, &["VPN", "vpn2", "\"remote work\"", "none"]),
    ("summary", FIND, &["disk", "d*k", "full_", "\"100%\"", "\"Disk full\"", "\"k f\""]),
    ("created", ORDER, INSTANTS),
    ("due", ORDER, INSTANTS),
    ("count", ORDER, &["0", "1", "2"]),
    ("Cost", ORDER, &["0.5", "1", "2"]),
    ("\"Major incident\"", SAME, &["true", "no"]),
    ("key", SAME, &["INC-1", "inc-7", "inc-999"]),
];

/// Clauses that are unlike the others.
pub(super) const SPECIAL: [&str; 24] = [
    "text ~ disk",
    "text !~ disk",
    "text ~ \"\\\"disk full\\\"\"",
    "text ~ \"full disk\"",
    "text ~ 'disk*'",
    "text ~ web-01",
    "assignee IN membersOf(network)",
    "assignee NOT IN (membersOf(network), \"Ben Berg\")",
    "assignee IN (EMPTY, membersOf(network))",
    "Approvals = approved()",
    "Approvals != pending()",
    "Approvals IS EMPTY",
    "\"Time to resolution\" = breached()",
    "\"Time to resolution\" != breached()",
    "\"Time to resolution\" = breached() AND \"Time to resolution\" = running()",
    "\"Time to resolution\" < remaining(1h)",
    "\"Time to resolution\" >= elapsed(\"2h\") AND \"Time to resolution\" != paused()",
    "\"Time to resolution\" IS EMPTY",
    "\"Time to resolution\" = withinCalendarHours()",
    "\"Time to resolution\" > remaining(-30m)",
    "resolution IS NOT EMPTY",
    "summary IS EMPTY",
    "label IS EMPTY",
    "assignee = EMPTY",
];

pub(super) fn clause() -> BoxedStrategy<String> {
    let of_field = (select(&FIELDS[..]), any::<(prop::sample::Index, prop::sample::Index)>(), 0..8_usize)
        .prop_flat_map(|((field, ops, values), (op, value), way)| {
            let (op, value) = (*op.get(ops), *value.get(values));
            let single = format!("{field} {op} {value}");
            subsequence(values.to_vec(), 1..=values.len()).prop_map(move |list| match way {
                0 => format!("{field} IN ({})", list.join(", ")),
                1 => format!("{field} NOT IN ({})", list.join(", ")),
                2 => format!("{field} IN ({}, EMPTY)", list.join(", ")),
                3 => format!("{field} NOT IN (EMPTY, {})", list.join(", ")),
                4 => format!("{field} IS {}EMPTY", if list.len() == 1 { "NOT " } else { "" }),
                _ => single.clone(),
            })
        });
    let when = prop_oneof![
        Just(String::new()),
        (select(&["BEFORE", "AFTER", "ON"][..]), select(INSTANTS)).prop_map(|(word, at)| format!(" {word} {at}")),
        (select(INSTANTS), select(INSTANTS)).prop_map(|(from, to)| format!(" DURING ({from}, {to})")),
    ];
    let by = select(&["", " BY ana", " BY (kim, currentUser())"][..]);
    let value = || select(&["Open", "(Open, Done)", "EMPTY", "(EMPTY, \"In progress\")"][..]);
    let history = (any::<bool>(), value(), value(), 0..4_usize, when, by).prop_map(|(not, a, b, way, when, by)| {
        let list = if a.starts_with('(') { "IN " } else { "" };
        match way {
            0 | 1 => format!("status WAS {}{list}{a}{when}{by}", if not { "NOT " } else { "" }),
            2 => format!("status CHANGED FROM {a} TO {b}{when}{by}"),
            _ => format!("status CHANGED{}{when}{by}", if not { format!(" TO {b}") } else { String::new() }),
        }
    });
    prop_oneof![5 => of_field, 2 => select(&SPECIAL[..]).prop_map(str::to_owned), 2 => history].boxed()
}

pub(super) fn query() -> BoxedStrategy<String> {
    let filter = clause().prop_recursive(4, 12, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 2..4).prop_map(|parts| format!("({})", parts.join(" AND "))),
            proptest::collection::vec(inner.clone(), 2..4).prop_map(|parts| format!("({})", parts.join(" OR "))),
            inner.prop_map(|part| format!("NOT ({part})")),
        ]
    });
    let key = (select(&["priority", "summary", "created", "due", "count", "Cost"][..]), any::<bool>());
    let order = proptest::collection::vec(key, 0..4);
    (filter, order)
        .prop_map(|(filter, order)| {
            let keys: Vec<String> =
                order.iter().map(|(field, down)| format!("{field} {}", if *down { "DESC" } else { "ASC" })).collect();
            if keys.is_empty() { filter } else { format!("{filter} ORDER BY {}", keys.join(", ")) }
        })
        .boxed()
}
