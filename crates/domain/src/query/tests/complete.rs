//! What is offered at the cursor.

use insta::assert_snapshot;

use super::*;

/// For each text, with `|` at the cursor, what is offered.
fn check(texts: &[&str]) -> String {
    let mut shown = String::new();
    for text in texts {
        let cursor = text.chars().position(|c| c == '|').expect("has a cursor");
        let whole = text.replacen('|', "", 1);
        let completion = complete(&whole, cursor, &vocabulary());
        let items: Vec<&str> = completion.items.iter().map(|item| item.insert.as_str()).collect();
        shown.push_str(&format!("{text}\n    {}..{}: {}", completion.from, completion.to, items.join("  ")));
        if let Some(wanted) = completion.values {
            let (field, kind) =
                (wanted.field.map_or(String::new(), |f| f.to_string()), wanted.kind.unwrap_or_default());
            shown.push_str(&format!(" + values of [{field}] [{kind}] like {:?}", wanted.prefix));
        }
        shown.push('\n');
    }
    shown
}

#[test]
fn what_can_stand_at_the_cursor() {
    assert_snapshot!(check(&[
        "|",
        "pri|",
        "maj|",
        "\"Time to|",
        "cost|",
        "priority |",
        "created |",
        "\"Major incident\" i|",
        "status |",
        "priority = |",
        "priority = h| AND status = open",
        "status = \"in| prog\" and x = 1",
        "priority in |",
        "priority in (High, |",
        "priority in (High|",
        "assignee = |",
        "assignee in |",
        "assignee in (|",
        "assignee in membersOf(net|",
        "labels = v|",
        "created > st|",
        "created > startOfDay(|",
        "\"Time to resolution\" = |",
        "\"Time to resolution\" < |",
        "Approvals = |",
        "priority = High |",
        "priority = High o|",
        "(priority = High |",
        "status was Open |",
        "status was Open by |",
        "status changed during (|",
        "priority is |",
        "priority = High order |",
        "priority = High order by |",
        "order by created |",
        "not |",
        "nonsense |",
        "priority priority |",
        "a & |",
    ]), @r#"
    |
        0..0: key  project  kind  status  priority  resolution  assignee  reporter  labels  summary  text  created  due  count  Cost  cf[10011]  "Major incident"  Approvals  "Time to resolution"  "Time to first response"  NOT  (  ORDER BY
    pri|
        0..3: priority
    maj|
        0..3: "Major incident"
    "Time to|
        0..8: "Time to resolution"  "Time to first response"
    cost|
        0..4: Cost  cf[10011]
    priority |
        9..9: =  !=  IN  NOT IN  <  <=  >  >=  IS EMPTY  IS NOT EMPTY
    created |
        8..8: <  <=  >  >=  =  !=  IN  NOT IN  IS EMPTY  IS NOT EMPTY
    "Major incident" i|
        17..18: IN  IS EMPTY  IS NOT EMPTY  NOT IN
    status |
        7..7: =  !=  IN  NOT IN  IS EMPTY  IS NOT EMPTY  WAS  CHANGED
    priority = |
        11..11: Critical  High  Medium  Low  Lowest
    priority = h| AND status = open
        11..12: High
    status = "in| prog" and x = 1
        9..18: "In progress"
    priority in |
        12..12: (
    priority in (High, |
        19..19: Critical  High  Medium  Low  Lowest  EMPTY
    priority in (High|
        13..17: High
    assignee = |
        11..11: currentUser() + values of [assignee] [person] like ""
    assignee in |
        12..12: (  membersOf(  organizationMembers(
    assignee in (|
        13..13: currentUser()  membersOf(  organizationMembers(  EMPTY + values of [assignee] [person] like ""
    assignee in membersOf(net|
        22..25:  + values of [] [team] like "net"
    labels = v|
        9..10:  + values of [labels] [] like "v"
    created > st|
        10..12: startOfDay()  startOfWeek()  startOfMonth()  startOfYear()
    created > startOfDay(|
        21..21: +1d  -1d  +1w  -1w  )
    "Time to resolution" = |
        23..23: breached()  everBreached()  completed()  running()  paused()  withinCalendarHours()
    "Time to resolution" < |
        23..23: elapsed(  remaining(
    Approvals = |
        12..12: approved()  pending()  myPending()  myApproval()  pendingBy(  approver(
    priority = High |
        16..16: AND  OR  ORDER BY
    priority = High o|
        16..17: OR  ORDER BY
    (priority = High |
        17..17: AND  OR  )
    status was Open |
        16..16: FROM  TO  BY  BEFORE  AFTER  ON  DURING  AND  OR  ORDER BY
    status was Open by |
        19..19: currentUser()  ( + values of [] [person] like ""
    status changed during (|
        23..23: -1h  -1d  -7d  -30d  now()  startOfDay()  endOfDay()  startOfWeek()  endOfWeek()  startOfMonth()  endOfMonth()  startOfYear()  endOfYear()
    priority is |
        12..12: NOT  EMPTY
    priority = High order |
        22..22: BY
    priority = High order by |
        25..25: key  priority  assignee  summary  created  due  count  Cost  "Time to resolution"
    order by created |
        17..17: DESC  ASC  ,
    not |
        4..4: key  project  kind  status  priority  resolution  assignee  reporter  labels  summary  text  created  due  count  Cost  cf[10011]  "Major incident"  Approvals  "Time to resolution"  "Time to first response"  NOT  (
    nonsense |
        9..9: IN  NOT IN  IS  WAS  CHANGED
    priority priority |
        18..18: 
    a & |
        4..4:
    "#);
}

#[test]
fn everything_that_is_offered_can_be_read() {
    // Each offer, put in place, leaves a text whose next offers are not empty or which is a whole query.
    let starts =
        ["", "priority ", "priority = ", "priority in (", "priority = High ", "status was Open ", "created > "];
    for start in starts {
        for item in complete(start, start.len(), &vocabulary()).items {
            let text = format!("{start}{} ", item.insert);
            let next = complete(&text, text.len(), &vocabulary());
            let whole = parse(&text).is_ok();
            assert!(whole || !next.items.is_empty() || next.values.is_some(), "{text}");
        }
    }
}
