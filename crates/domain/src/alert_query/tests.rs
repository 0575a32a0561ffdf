use std::fmt::Write;

use insta::assert_snapshot;
use proptest::prelude::*;

use super::*;

/// The query in one line, with brackets around everything.
fn show(query: &Query) -> String {
    let list = |parts: &[Query], word: &str| {
        let parts: Vec<_> = parts.iter().map(show).collect();
        format!("({})", parts.join(word))
    };
    match query {
        Query::And(parts) if parts.is_empty() => "everything".into(),
        Query::And(parts) => list(parts, " AND "),
        Query::Or(parts) => list(parts, " OR "),
        Query::Not(part) => format!("NOT {}", show(part)),
        Query::Clause(Clause::AnyText(pattern)) => format!("any~{}", pattern.like(true)),
        Query::Clause(Clause::Text { field, pattern }) => format!("{field:?}~{}", pattern.like(field.contains())),
        Query::Clause(Clause::Open(open)) => format!("open={open}"),
        Query::Clause(Clause::Flag { flag, value }) => format!("{flag:?}={value}"),
        Query::Clause(Clause::Priority(list)) => format!("priority in {list:?}"),
        Query::Clause(Clause::Time { field, from, to }) => {
            let text = |at: &Option<Timestamp>| at.map_or("..".to_owned(), |at| at.to_string());
            format!("{field:?} [{}, {})", text(from), text(to))
        }
        Query::Clause(Clause::Number { field, from, to }) => format!("{field:?} {from:?}..={to:?}"),
    }
}

fn check(queries: &[&str]) -> String {
    let mut text = String::new();
    for query in queries {
        let found = parse(query).map_or_else(|error| format!("error {error}"), |query| show(&query));
        writeln!(text, "{query}\n    {found}").expect("writes");
    }
    text
}

#[test]
fn queries_that_clients_send() {
    assert_snapshot!(check(&[
        "",
        "status: open",
        "status:open AND priority: (P1 OR P2) createdAt > 1470394841148 tag: x NOT tag: drill",
        "status=open OR status = closed AND acknowledged: false",
        "not (isSeen: true or snoozed : true)",
        "message: \"disk full\" entity: db* source != Nagios",
        "disk full",
        "\"100% \\\"sure\\\"\" !web_1",
        "tag: (a AND NOT \"b c\") teams: network",
        "createdAt >= 2026-02-28 createdAt <= 28-02-2028 updatedAt: 2028-02-29",
        "lastOccurredAt > 2026-01-31T14:00:00Z createdAt < 1470394841",
        "count > 5 tinyId: 42 priority >= P2 priority < P3",
        "details.key: host details.value: db1 details.region: eu* owner: ana@example.org",
        "tag: env:prod http://wiki/x android notable",
        "owner: null",
    ]), @r#"

        everything
    status: open
        open=true
    status:open AND priority: (P1 OR P2) createdAt > 1470394841148 tag: x NOT tag: drill
        (open=true AND (priority in [P1] OR priority in [P2]) AND CreatedAt [2016-08-05T11:00:41.149Z, ..) AND Tag~x AND NOT Tag~drill)
    status=open OR status = closed AND acknowledged: false
        (open=true OR (open=false AND Acknowledged=false))
    not (isSeen: true or snoozed : true)
        NOT (Seen=true OR Snoozed=true)
    message: "disk full" entity: db* source != Nagios
        (Message~%disk full% AND Entity~db% AND NOT Source~nagios)
    disk full
        (any~%disk% AND any~%full%)
    "100% \"sure\"" !web_1
        (any~%100\% "sure"% AND NOT any~%web\_1%)
    tag: (a AND NOT "b c") teams: network
        ((Tag~a AND NOT Tag~b c) AND Team~network)
    createdAt >= 2026-02-28 createdAt <= 28-02-2028 updatedAt: 2028-02-29
        (CreatedAt [2026-02-28T00:00:00Z, ..) AND CreatedAt [.., 2028-02-29T00:00:00Z) AND UpdatedAt [2028-02-29T00:00:00Z, 2028-03-01T00:00:00Z))
    lastOccurredAt > 2026-01-31T14:00:00Z createdAt < 1470394841
        (LastOccurredAt [2026-01-31T14:00:01Z, ..) AND CreatedAt [.., 2016-08-05T11:00:41Z))
    count > 5 tinyId: 42 priority >= P2 priority < P3
        (Count Some(6)..=None AND TinyId Some(42)..=Some(42) AND priority in [P1, P2] AND priority in [P4, P5])
    details.key: host details.value: db1 details.region: eu* owner: ana@example.org
        (DetailKey~host AND DetailValue~db1 AND Detail("region")~eu% AND Owner~ana@example.org)
    tag: env:prod http://wiki/x android notable
        (Tag~env:prod AND any~%http://wiki/x% AND any~%android% AND any~%notable%)
    owner: null
        Owner~null
    "#);
}

#[test]
fn errors_point_at_the_character() {
    assert_snapshot!(check(&[
        "stauts: open",
        "statuss: open",
        "foo: bar",
        "status: ajar",
        "status:",
        "status: open AND",
        "status: open OR OR tag: x",
        "(status: open",
        "status: open)",
        "tag: (a b)",
        "tag: (a OR",
        "message: \"disk",
        "acknowledged: maybe",
        "priority: P9",
        "createdAt > yesterday",
        "count > many",
        "message > x",
        "tag: ü AND stautus: open",
        "AND",
        "createdAt > 99999999999999999",
    ]), @r#"
    stauts: open
        error at character 1: there is no field "stauts"; did you mean status?
    statuss: open
        error at character 1: there is no field "statuss"; did you mean status?
    foo: bar
        error at character 1: there is no field "foo"; to search for this text, put it in quotes
    status: ajar
        error at character 9: expected open or closed, found "ajar"
    status:
        error at character 8: expected a value for status, found the end
    status: open AND
        error at character 17: expected a field, a text or (, found the end
    status: open OR OR tag: x
        error at character 17: expected a field, a text or (, found "OR"
    (status: open
        error at character 14: expected AND, OR or ), found the end
    status: open)
        error at character 13: expected AND, OR or the end, found ")"
    tag: (a b)
        error at character 9: expected OR, AND or ), found "b)"
    tag: (a OR
        error at character 11: expected a value for tag, found the end
    message: "disk
        error at character 10: this quote is never closed
    acknowledged: maybe
        error at character 15: expected true or false, found "maybe"
    priority: P9
        error at character 11: expected P1 to P5, found "P9"
    createdAt > yesterday
        error at character 13: expected a time such as 1470394841148, 2026-01-31, 31-01-2026 or 2026-01-31T14:00:00Z, found "yesterday"
    count > many
        error at character 9: expected a whole number, found "many"
    message > x
        error at character 11: only :, = and != are possible here; < and > need a time, a number or a priority
    tag: ü AND stautus: open
        error at character 12: there is no field "stautus"; did you mean status?
    AND
        error at character 1: expected a field, a text or (, found "AND"
    createdAt > 99999999999999999
        error at character 13: expected a time such as 1470394841148, 2026-01-31, 31-01-2026 or 2026-01-31T14:00:00Z, found "99999999999999999"
    "#);
}

#[test]
fn limits() {
    assert_snapshot!(parse(&"x".repeat(4001)).expect_err("is long"), @"at character 4001: a query has at most 4000 characters");
    assert_snapshot!(parse(&"(".repeat(2000)).expect_err("is deep"), @"at character 32: brackets and NOT nest at most 30 deep");
    assert_snapshot!(parse(&"!".repeat(2000)).expect_err("is deep"), @"at character 32: brackets and NOT nest at most 30 deep");
    assert_snapshot!(parse(&"not ".repeat(900)).expect_err("is deep"), @"at character 125: brackets and NOT nest at most 30 deep");
    assert_snapshot!(parse(&"a ".repeat(300)).expect_err("has many conditions"), @"at character 403: a query has at most 200 conditions");
}

#[test]
fn wildcards() {
    let cases = [
        ("db*", "DB1", true, true),
        ("db*", "my-db1", false, true),
        ("*db", "my-DB", true, true),
        ("*b*1", "db-1", true, true),
        ("a*a", "a", false, false),
        ("a*a", "aa", true, true),
        ("a*b*a", "aba", true, true),
        ("*", "", true, true),
        ("é*", "Élan", true, true),
        ("x", "xx", false, true),
    ];
    for (pattern, value, is, contains) in cases {
        let pattern = Pattern::wildcards(pattern);
        assert_eq!(
            (pattern.matches(value, false), pattern.matches(value, true)),
            (is, contains),
            "{pattern:?} {value}"
        );
    }
    assert_eq!(Pattern::literal("50%_\\*").like(false), r"50\%\_\\*");
    assert!(Pattern::literal("a*").matches("a*", false) && !Pattern::literal("a*").matches("ab", false));
}

struct Disk;

impl Subject for Disk {
    fn texts(&self, field: &TextField) -> Vec<String> {
        match field {
            TextField::Message => vec!["Disk full on db1".into()],
            TextField::Tag => vec!["disk".into(), "prod".into()],
            TextField::Entity => vec!["db1".into()],
            TextField::Detail(key) if key == "region" => vec!["eu-north".into()],
            _ => Vec::new(),
        }
    }
    fn is_open(&self) -> bool {
        true
    }
    fn flag(&self, flag: Flag) -> bool {
        flag == Flag::Seen
    }
    fn priority(&self) -> Priority {
        Priority::P2
    }
    fn time(&self, field: TimeField) -> Option<Timestamp> {
        (field == TimeField::CreatedAt).then(|| "2028-02-29T23:59:59.5Z".parse().expect("an instant"))
    }
    fn number(&self, _: NumberField) -> i64 {
        7
    }
}

#[test]
fn what_holds() {
    let cases = [
        ("", true),
        ("status: open AND tag: prod", true),
        ("tag: pro", false),
        ("tag: pro*", true),
        ("NOT tag: drill", true),
        ("tag != prod", false),
        ("message: full", true),
        ("entity: DB1 \"full on\"", true),
        ("createdAt: 2028-02-29", true),
        ("createdAt > 2028-02-29", false),
        ("createdAt >= 29-02-2028 AND createdAt < 2028-03-01", true),
        ("createdAt > 1835481599499 createdAt <= 1835481599500", true),
        ("snoozedUntil > 0", false),
        ("count >= 7 count < 8 priority: (P1 OR P2)", true),
        ("priority > P2", false),
        ("isSeen: true acknowledged: false", true),
        ("details.region: eu*", true),
        ("closed OR nope", false),
    ];
    for (query, expected) in cases {
        assert_eq!(parse(query).expect(query).holds(&Disk), expected, "{query}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// Any text is a query or an error that points into it.
    #[test]
    fn any_text_is_a_query_or_an_error(
        any in "\\PC{0,40}",
        words in prop::collection::vec(prop::sample::select(vec![
            "status", ":", "open", "(", ")", "AND", "or", "NOT", "!", "tag", "=", "\"a b\"", "\"", "P1", "priority",
            ">", "createdAt", "2026-02-29", "é", "*", " ", "\\",
        ]), 0..14),
    ) {
        for text in [any, words.join(" "), words.concat()] {
            if let Err(error) = parse(&text) {
                prop_assert!(error.position <= text.chars().count(), "{} in {:?}", error, text);
            }
        }
    }

    /// A pattern means what a database makes of it.
    #[test]
    fn patterns_mean_what_like_means(pattern in "[ab*_%]{0,6}", value in "[ab_%]{0,6}", contains in any::<bool>()) {
        let pattern = Pattern::wildcards(&pattern);
        let like: Vec<char> = pattern.like(contains).chars().collect();
        let value_chars: Vec<char> = value.chars().collect();
        prop_assert_eq!(pattern.matches(&value, contains), like_matches(&like, &value_chars));
    }
}

/// `LIKE ... ESCAPE '\'`, straight from its definition.
fn like_matches(like: &[char], value: &[char]) -> bool {
    match like {
        [] => value.is_empty(),
        ['%', rest @ ..] => (0..=value.len()).any(|from| like_matches(rest, &value[from..])),
        ['\\', escaped, rest @ ..] => value.first() == Some(escaped) && like_matches(rest, &value[1..]),
        ['_', rest @ ..] => !value.is_empty() && like_matches(rest, &value[1..]),
        [letter, rest @ ..] => value.first() == Some(letter) && like_matches(rest, &value[1..]),
    }
}
