//! What queries mean, and what is wrong with those that mean nothing.

use insta::assert_snapshot;

use super::*;

/// A filter in one line.
fn show(filter: &Filter) -> String {
    let list = |parts: &[Filter], by: &str| {
        let parts: Vec<String> = parts.iter().map(show).collect();
        format!("({})", parts.join(by))
    };
    match filter {
        Filter::And(parts) if parts.is_empty() => "everything".to_owned(),
        Filter::And(parts) => list(parts, " AND "),
        Filter::Or(parts) => list(parts, " OR "),
        Filter::Not(part) => format!("NOT {}", show(part)),
        Filter::Is(predicate) => show_predicate(predicate),
    }
}

fn show_value(value: &Value) -> String {
    match value {
        Value::Text(text) => format!("{text:?}"),
        Value::Integer(number) => number.to_string(),
        Value::Number(number) => format!("{number:?}"),
        Value::Instant(at) => at.to_string(),
        Value::Date(day) => day.to_string(),
        Value::Flag(flag) => flag.to_string(),
        Value::Choice(key) => format!("'{key}"),
        Value::Reference(id) => format!("#{:x}", id.as_u128()),
    }
}

fn show_values(values: &[Value]) -> String {
    values.iter().map(show_value).collect::<Vec<_>>().join(" ")
}

fn show_predicate(predicate: &Predicate) -> String {
    let window = |during: &Window| {
        let text = |at: Option<Timestamp>| at.map_or(String::new(), |at| at.to_string());
        format!("[{}..{})", text(during.from), text(during.to))
    };
    let past = |values: &[Option<Value>]| {
        let values: Vec<String> = values.iter().map(|v| v.as_ref().map_or("none".into(), show_value)).collect();
        values.join(" ")
    };
    let people = |by: &Option<Vec<Uuid>>| match by {
        None => String::new(),
        Some(by) => format!(" by {}", by.iter().map(|id| format!("#{:x}", id.as_u128())).collect::<Vec<_>>().join(" ")),
    };
    let field = predicate.field();
    match predicate {
        Predicate::Empty { .. } => format!("{field} empty"),
        Predicate::OneOf { values, .. } => format!("{field} in {{{}}}", show_values(values)),
        Predicate::Range { from, to, .. } => {
            let from = from.as_ref().map_or("(".to_owned(), |bound| {
                format!("{}{}", if bound.inclusive { "[" } else { "(" }, show_value(&bound.value))
            });
            let to = to.as_ref().map_or(")".to_owned(), |bound| {
                format!("{}{}", show_value(&bound.value), if bound.inclusive { "]" } else { ")" })
            });
            format!("{field} {from} .. {to}")
        }
        Predicate::Contains { sought: Sought::Part(pattern), .. } => format!("{field} like {}", pattern.like(true)),
        Predicate::Contains { sought: Sought::Words(query), .. } => format!("{field} match {}", query.fts5()),
        Predicate::Was { values, during, by, .. } => {
            format!("{field} was {{{}}} {}{}", past(values), window(during), people(by))
        }
        Predicate::Changed { from, to, during, by, .. } => {
            let side = |word: &str, values: &Option<Vec<Option<Value>>>| {
                values.as_ref().map_or(String::new(), |values| format!("{word}{{{}}} ", past(values)))
            };
            format!("{field} changed {}{}{}{}", side("from", from), side("to", to), window(during), people(by))
        }
        Predicate::Sla { tests, .. } => format!("{field} clock {tests:?}"),
        Predicate::Ask { call, .. } => {
            let arguments: Vec<String> = call.arguments.iter().map(|argument| show_values(argument)).collect();
            format!("{field} {}({})", call.name, arguments.join("; "))
        }
    }
}

fn check(queries: &[&str]) -> String {
    let mut text = String::new();
    for query in queries {
        match typed(query) {
            Ok(typed) => {
                text.push_str(&format!("{query}\n    {}", show(&typed.filter)));
                for key in typed.order {
                    text.push_str(&format!(" {}{}", if key.descending { "-" } else { "+" }, key.field));
                }
                text.push('\n');
            }
            Err(errors) => errors.iter().for_each(|error| text.push_str(&underlined(query, error))),
        }
    }
    text
}

#[test]
fn clauses_mean_what_the_fields_hold() {
    assert_snapshot!(check(&[
        "",
        r#""Major incident" is not EMPTY and resolution is EMPTY"#,
        "priority > Medium",
        "priority <= p4 order by PRIORITY desc, created, priority",
        "assignee = currentUser() OR assignee IN (kim, EMPTY, \"ben berg\")",
        "assignee != ana AND NOT reporter = 00000000-0000-0000-0000-00000000000a",
        "labels not in (VPN, vpn, \"Remote Work\")",
        "summary ~ 'disk*full_' and text ~ 'web-01 \"disk full\" back*'",
        "summary !~ x and key = inc-1",
        "count >= 3 and cost < 2.5 and cf[10011] = 1e3 and \"major incident\" = yes",
        "type = incident and status in (\"in progress\", done)",
        "assignee in membersOf(network) and key not in linkedIssues(INC-1, blocks)",
        "Approvals = pendingBy(ana, kim) and approvals != approved()",
        "assignee = EMPTY and reporter != null",
        "\"Time to resolution\" = breached() and count = 1 and \"time to RESOLUTION\" < remaining(\"1h 30m\")",
        "\"Time to resolution\" != paused() or \"Time to resolution\" >= elapsed(2h)",
    ]), @r#"
        everything
    "Major incident" is not EMPTY and resolution is EMPTY
        (NOT major empty AND resolution empty)
    priority > Medium
        priority in {'P1 'P2}
    priority <= p4 order by PRIORITY desc, created, priority
        priority in {'P4 'P5} -priority +created
    assignee = currentUser() OR assignee IN (kim, EMPTY, "ben berg")
        (assignee in {#a} OR (assignee in {#c #d #b} OR assignee empty))
    assignee != ana AND NOT reporter = 00000000-0000-0000-0000-00000000000a
        (NOT assignee in {#a} AND NOT reporter in {#a})
    labels not in (VPN, vpn, "Remote Work")
        NOT labels in {"vpn" "remote work"}
    summary ~ 'disk*full_' and text ~ 'web-01 "disk full" back*'
        (summary like %disk%full\_% AND text match "web 01" AND "disk full" AND "back"*)
    summary !~ x and key = inc-1
        (NOT summary like %x% AND key in {"inc-1"})
    count >= 3 and cost < 2.5 and cf[10011] = 1e3 and "major incident" = yes
        (count [3 .. ) AND cost ( .. 2.5) AND cost2 in {1000.0} AND major in {true})
    type = incident and status in ("in progress", done)
        (kind in {'incident} AND status in {'doing 'done})
    assignee in membersOf(network) and key not in linkedIssues(INC-1, blocks)
        (assignee membersOf(#1e) AND NOT key linkedIssues(#21; "blocks"))
    Approvals = pendingBy(ana, kim) and approvals != approved()
        (approvals pendingBy(#a; #c #d) AND NOT approvals approved())
    assignee = EMPTY and reporter != null
        (assignee empty AND NOT reporter empty)
    "Time to resolution" = breached() and count = 1 and "time to RESOLUTION" < remaining("1h 30m")
        (resolve clock [State { state: Breached, is: true }, Remaining(Less, 1h 30m)] AND count in {1})
    "Time to resolution" != paused() or "Time to resolution" >= elapsed(2h)
        (resolve clock [State { state: Paused, is: false }] OR resolve clock [Elapsed(AtLeast, 2h)])
    "#);
}

#[test]
fn time_is_the_askers() {
    assert_snapshot!(check(&[
        "created > 2026-01-31 and created <= 2026/1/31",
        "created = 2026-03-29",
        "created = \"2026-01-31 14:00\" or created = 2026-01-31T14:00:30",
        "created >= 2026-01-31T14:00:00Z and created < 2026-01-31T14:00:00+05:00",
        "created > -7d and created > \"-1w 2h\" and created < 2h",
        "created >= startOfDay() and created <= endOfDay()",
        "created >= startOfWeek(-1w) and created <= endOfWeek(-1)",
        "created >= startOfMonth(-1) and created <= endOfMonth(\"+1M\")",
        "created >= startOfYear() and created <= endOfYear(\"-1y\")",
        "created in (2026-01-01, now(), EMPTY)",
        "due = 2026-01-31 or due < now() or due <= endOfMonth() or due = 1d",
        "status was open before 2026-01-01",
        "status was not in (open, EMPTY) during (2026-01-01, 2026-01-31) by currentUser()",
        "status changed from open to (doing, done) after -7d by (ana, kim)",
        "assignee changed on 2026-03-29 and assignee was kim on now()",
    ]), @r#"
    created > 2026-01-31 and created <= 2026/1/31
        (created (2026-01-30T23:00:00Z .. ) AND created ( .. 2026-01-30T23:00:00Z])
    created = 2026-03-29
        created [2026-03-28T23:00:00Z .. 2026-03-29T22:00:00Z)
    created = "2026-01-31 14:00" or created = 2026-01-31T14:00:30
        (created [2026-01-31T13:00:00Z .. 2026-01-31T13:01:00Z) OR created [2026-01-31T13:00:30Z .. 2026-01-31T13:00:31Z))
    created >= 2026-01-31T14:00:00Z and created < 2026-01-31T14:00:00+05:00
        (created [2026-01-31T14:00:00Z .. ) AND created ( .. 2026-01-31T09:00:00Z))
    created > -7d and created > "-1w 2h" and created < 2h
        (created (2026-03-26T14:30:15.5Z .. ) AND created (2026-03-26T12:30:15.5Z .. ) AND created ( .. 2026-04-02T15:30:15.5Z))
    created >= startOfDay() and created <= endOfDay()
        (created [2026-04-01T22:00:00Z .. ) AND created ( .. 2026-04-02T21:59:59.999999Z])
    created >= startOfWeek(-1w) and created <= endOfWeek(-1)
        (created [2026-03-22T23:00:00Z .. ) AND created ( .. 2026-03-29T21:59:59.999999Z])
    created >= startOfMonth(-1) and created <= endOfMonth("+1M")
        (created [2026-02-28T23:00:00Z .. ) AND created ( .. 2026-05-31T21:59:59.999999Z])
    created >= startOfYear() and created <= endOfYear("-1y")
        (created [2025-12-31T23:00:00Z .. ) AND created ( .. 2025-12-31T22:59:59.999999Z])
    created in (2026-01-01, now(), EMPTY)
        (created [2025-12-31T23:00:00Z .. 2026-01-01T23:00:00Z) OR created [2026-04-02T13:30:15.5Z .. 2026-04-02T13:30:15.500001Z) OR created empty)
    due = 2026-01-31 or due < now() or due <= endOfMonth() or due = 1d
        (due in {2026-01-31} OR due ( .. 2026-04-02) OR due ( .. 2026-04-30] OR due in {2026-04-03})
    status was open before 2026-01-01
        status was {'open} [..2025-12-31T23:00:00Z)
    status was not in (open, EMPTY) during (2026-01-01, 2026-01-31) by currentUser()
        NOT status was {'open none} [2025-12-31T23:00:00Z..2026-01-31T23:00:00Z) by #a
    status changed from open to (doing, done) after -7d by (ana, kim)
        status changed from{'open} to{'doing 'done} [2026-03-26T14:30:15.5Z..) by #a #c #d
    assignee changed on 2026-03-29 and assignee was kim on now()
        (assignee changed [2026-03-28T23:00:00Z..2026-03-29T22:00:00Z) AND assignee was {#c #d} [2026-04-02T13:30:15.5Z..2026-04-02T13:30:15.500001Z))
    "#);
}

#[test]
fn mistakes_are_named() {
    assert_snapshot!(check(&[
        "prioriti = High AND stauts = Open",
        "cf[99] = 1",
        "priority = Urgent",
        "priority = Hihg",
        "status = closed",
        "assignee = anna",
        "assignee = nobody",
        "summary > a",
        "text = \"disk full\"",
        "priority ~ High",
        "created ~ x",
        "created > yesterday",
        "created > startOfDay(tomorrow)",
        "created > currentUser()",
        "created > strtOfDay()",
        "count = many and cost = x and count = 2.5",
        "\"Major incident\" = maybe",
        "priority was High",
        "status was open from done",
        "status changed to open to done",
        "status changed by now()",
        "assignee = membersOf(network)",
        "assignee in membersOf()",
        "assignee in membersOf(network, x)",
        "assignee in membersOf(nothing)",
        "reporter in linkedIssues(INC-1)",
        "key in linkedIssues(INC-1, a, b)",
        "Approvals = open",
        "Approvals = approved(x)",
        "\"Time to resolution\" = 3",
        "\"Time to resolution\" < breached()",
        "\"Time to resolution\" = remaining(2h)",
        "\"Time to resolution\" < remaining()",
        "\"Time to resolution\" < remaining(soon)",
        "count > EMPTY",
        "text ~ \"***\"",
        "summary = \"\"",
        "order by labels",
        "order by prioritty",
        "assignee = currentUser(x)",
        "created > -9999999y",
    ]), @r#"
    prioriti = High AND stauts = Open
    ^^^^^^^^ there is no field prioriti; did you mean priority?  ["priority"]
    prioriti = High AND stauts = Open
                        ^^^^^^ there is no field stauts; did you mean status?  ["status"]
    cf[99] = 1
    ^^^^^^ there is no field cf[99]
    priority = Urgent
               ^^^^^^ priority is never Urgent; it is one of Critical, High, Medium, Low or Lowest
    priority = Hihg
               ^^^^ priority is never Hihg; did you mean High?  ["High"]
    status = closed
             ^^^^^^ status is never closed; it is one of Open, In progress or Done
    assignee = anna
               ^^^^ there is no person anna; did you mean ana?  ["ana"]
    assignee = nobody
               ^^^^^^ there is no person nobody
    summary > a
            ^ summary cannot be compared with >; it takes ~, !~, =, !=, IN, NOT IN and IS
    text = "disk full"
         ^ text cannot be compared with =; it takes ~, !~ and IS  ["~"]
    priority ~ High
             ^ priority cannot be compared with ~; it takes =, !=, IN, NOT IN, <, <=, >, >= and IS  ["="]
    created ~ x
            ^ created cannot be compared with ~; it takes <, <=, >, >=, =, !=, IN, NOT IN and IS  ["="]
    created > yesterday
              ^^^^^^^^^ expected a time such as 2026-01-31, "2026-01-31 14:00", -7d or now() for created, found yesterday
    created > startOfDay(tomorrow)
                         ^^^^^^^^ expected an offset such as "+1d" or -2w, found tomorrow
    created > currentUser()
              ^^^^^^^^^^^^^ currentUser() cannot be compared with created, which takes now(), startOfDay(), endOfDay(), startOfWeek(), endOfWeek() and startOfMonth()
    created > strtOfDay()
              ^^^^^^^^^^^ there is no function strtOfDay(); did you mean startOfDay()?  ["startOfDay()"]
    count = many and cost = x and count = 2.5
            ^^^^ expected a whole number for count, found many
    count = many and cost = x and count = 2.5
                            ^ expected a number for Cost, found x
    count = many and cost = x and count = 2.5
                                          ^^^ expected a whole number for count, found 2.5
    "Major incident" = maybe
                       ^^^^^ expected true or false for Major incident, found maybe
    priority was High
             ^^^ the past of priority is not kept; it takes =, !=, IN, NOT IN, <, <=, >, >= and IS
    status was open from done
                    ^^^^^^^^^ FROM and TO belong to CHANGED; WAS takes BY, BEFORE, AFTER, ON and DURING
    status changed to open to done
                           ^^^^^^^ TO stands here twice
    status changed by now()
                      ^^^^^ expected a person or currentUser()
    assignee = membersOf(network)
             ^ membersOf() gives several values; write IN  ["IN"]
    assignee in membersOf()
                ^^^^^^^^^^^ membersOf() takes 1 argument, not 0
    assignee in membersOf(network, x)
                ^^^^^^^^^^^^^^^^^^^^^ membersOf() takes 1 argument, not 2
    assignee in membersOf(nothing)
                          ^^^^^^^ there is no team nothing
    reporter in linkedIssues(INC-1)
                ^^^^^^^^^^^^^^^^^^^ linkedIssues() cannot be compared with reporter, which takes currentUser(), membersOf() and organizationMembers()
    key in linkedIssues(INC-1, a, b)
           ^^^^^^^^^^^^^^^^^^^^^^^^^ linkedIssues() takes 1 to 2 arguments, not 3
    Approvals = open
                ^^^^ expected a function such as approved() for Approvals, found open
    Approvals = approved(x)
                ^^^^^^^^^^^ approved() takes no arguments, not 1
    "Time to resolution" = 3
                           ^ expected a function such as breached() for Time to resolution, found 3
    "Time to resolution" < breached()
                         ^ breached() is compared with = or !=
    "Time to resolution" = remaining(2h)
                         ^ remaining() is compared with <, <=, > or >=
    "Time to resolution" < remaining()
                           ^^^^^^^^^^^ remaining() takes a length of time such as "2h" or "1d 30m"
    "Time to resolution" < remaining(soon)
                                     ^^^^ remaining() takes a length of time such as "2h" or "1d 30m", found soon
    count > EMPTY
          ^ EMPTY cannot be compared with >; write IS EMPTY or IS NOT EMPTY
    text ~ "***"
           ^^^^^ there is no word in this text; expected a letter or a digit
    summary = ""
              ^^ nothing equals an empty text; write IS EMPTY or IS NOT EMPTY
    order by labels
             ^^^^^^ labels is not a field to sort by
    order by prioritty
             ^^^^^^^^^ there is no field prioritty; did you mean priority?  ["priority"]
    assignee = currentUser(x)
                           ^ currentUser() takes no arguments
    created > -9999999y
              ^^^^^^^^^ expected a time such as 2026-01-31, "2026-01-31 14:00", -7d or now() for created, found -9999999y
    "#);
}

#[test]
fn names_are_listed_once() {
    let query = "assignee in (kim, KIM, ana) and reporter was x or key in linkedIssues(INC-1) \
                 and assignee in membersOf(network) and nothing = x and priority = High \
                 and assignee = 00000000-0000-0000-0000-00000000000a and status changed by (ana, ben, currentUser())";
    let wanted = wanted(&parse(query).expect("reads"), &vocabulary());
    let wanted: Vec<String> = wanted.iter().map(|name| format!("{} {}", name.kind, name.text)).collect();
    assert_eq!(wanted, ["person ana", "person ben", "person kim", "team network", "ticket INC-1"]);
}

#[test]
fn nobody_in_particular_asks() {
    let query = parse("assignee = currentUser()").expect("reads");
    let asker = Asker::new(Timestamp::UNIX_EPOCH, Zone::utc(), None);
    let typed = super::super::check(&query, &vocabulary(), &asker, &names()).expect("is sound");
    assert_eq!(show(&typed.filter), "assignee in {}");
}

#[test]
fn a_field_without_its_name_is_spelt_by_number() {
    let vocabulary = vocabulary();
    let spelling = |key: &str| vocabulary.spelling(vocabulary.field(&key.into()).expect("exists"));
    assert_eq!(spelling("cost"), "Cost");
    assert_eq!(spelling("cost2"), "cf[10011]");
    assert_eq!(spelling("major"), "\"Major incident\"");
}

#[test]
fn a_name_may_stand_for_several_choices() {
    let choices = vec![Choice::new("done", "Done"), Choice::new("closed", "done"), Choice::new("open", "Open")];
    let vocabulary =
        Vocabulary::new(vec![Field::new("status", "status", FieldKind::Choice { choices, ranked: false })], Vec::new());
    let query = parse("status = DONE").expect("reads");
    let typed = super::super::check(&query, &vocabulary, &asker(), &names()).expect("is sound");
    assert_eq!(show(&typed.filter), "status in {'done 'closed}");
}

#[test]
fn values_are_counted() {
    let mut names = names();
    names.found(PERSON, "everybody", (0..6_000).map(id).collect());
    let check = |text: &str| super::super::check(&parse(text).expect("reads"), &vocabulary(), &asker(), &names);
    check("assignee = everybody").expect("is not too much");
    let errors = check("assignee = everybody AND reporter = everybody").expect_err("is too much");
    assert_eq!(errors[0].message, "a query has at most 10000 values");
}
