//! Texts and what is read out of them.

use insta::assert_snapshot;

use super::*;

/// Every query with its tree in one line, or its error.
fn check(queries: &[&str]) -> String {
    let mut text = String::new();
    for query in queries {
        match parse(query) {
            Ok(parsed) => text.push_str(&format!("{query}\n    {parsed}\n")),
            Err(error) => text.push_str(&underlined(query, &error)),
        }
    }
    text
}

#[test]
fn queries_are_read_and_written() {
    assert_snapshot!(check(&[
        "",
        r#""Major incident" is not EMPTY and resolution is EMPTY"#,
        "a=1 or b=2 and not c=3",
        "(a = 1 OR b = 2) && !(c = 3) || d != 4",
        "((a = 1)) AND (b = 2 AND (c = 3))",
        "NOT NOT a = 1",
        "priority in (High, 'very high', EMPTY) order by created",
        "assignee not in membersOf(\"the network\") ORDER BY priority DESC, updated asc,cf[10010] desc",
        "cf[10010] <= 3.5 and CF[7] ~ \"disk\\\"s\\\\ full\\n\"",
        "status was \"In progress\" by ana before startOfWeek() and status was not in (a, b) during (-7d, now())",
        "status changed from open to (done, closed) by (ana, currentUser()) after 2026-01-31 on '2026/02/01 14:00'",
        "created >= -1w and due < endOfMonth(\"+1M\") and \"Time to resolution\" < remaining(\"30m\")",
        "Approvals = approver(currentUser(), ana) and resolution = EMPTY and by = on",
        "order by created",
        "a !~ b and a~b",
    ]), @r#"
        
    "Major incident" is not EMPTY and resolution is EMPTY
        "Major incident" IS NOT EMPTY AND resolution IS EMPTY
    a=1 or b=2 and not c=3
        a = 1 OR b = 2 AND NOT c = 3
    (a = 1 OR b = 2) && !(c = 3) || d != 4
        (a = 1 OR b = 2) AND NOT c = 3 OR d != 4
    ((a = 1)) AND (b = 2 AND (c = 3))
        a = 1 AND b = 2 AND c = 3
    NOT NOT a = 1
        NOT NOT a = 1
    priority in (High, 'very high', EMPTY) order by created
        priority IN (High, "very high", EMPTY) ORDER BY created ASC
    assignee not in membersOf("the network") ORDER BY priority DESC, updated asc,cf[10010] desc
        assignee NOT IN membersOf("the network") ORDER BY priority DESC, updated ASC, cf[10010] DESC
    cf[10010] <= 3.5 and CF[7] ~ "disk\"s\\ full\n"
        cf[10010] <= 3.5 AND cf[7] ~ "disk\"s\\ full\n"
    status was "In progress" by ana before startOfWeek() and status was not in (a, b) during (-7d, now())
        status WAS "In progress" BY ana BEFORE startOfWeek() AND status WAS NOT IN (a, b) DURING (-7d, now())
    status changed from open to (done, closed) by (ana, currentUser()) after 2026-01-31 on '2026/02/01 14:00'
        status CHANGED FROM open TO (done, closed) BY (ana, currentUser()) AFTER 2026-01-31 ON "2026/02/01 14:00"
    created >= -1w and due < endOfMonth("+1M") and "Time to resolution" < remaining("30m")
        created >= -1w AND due < endOfMonth(+1M) AND "Time to resolution" < remaining(30m)
    Approvals = approver(currentUser(), ana) and resolution = EMPTY and by = on
        Approvals = approver(currentUser(), ana) AND resolution = EMPTY AND "by" = "on"
    order by created
        ORDER BY created ASC
    a !~ b and a~b
        a !~ b AND a ~ b
    "#);
}

#[test]
fn errors_point_at_the_place() {
    assert_snapshot!(check(&[
        "priority",
        "priority High",
        "priority = ",
        "priority = High status = Open",
        "status = In progress",
        "status = Not started",
        "summary ~ disk full",
        "priority = High ADN status = Open",
        "priority == High",
        "priority <> High",
        "a = 1 & b = 2",
        "priority in High",
        "priority = (High, Low)",
        "priority in ()",
        "priority in (High, )",
        "priority in (High",
        "priority is High",
        "priority not like x",
        "(a = 1",
        "a = 1)",
        "a = 1 order created",
        "a = 1 order by",
        "a = 1 order by created up",
        "summary ~ \"disk",
        "cf[x] = 1",
        "a = [1]",
        "status changed during -7d",
        "a = 1 and and b = 2",
        "a = f(g(h(i(1))))",
    ]), @r#"
    priority
            ^ expected an operator such as = or ~, IN, NOT IN, IS, WAS or CHANGED, found the end
    priority High
             ^^^^ expected an operator such as = or ~, IN, NOT IN, IS, WAS or CHANGED, found High
    priority = 
               ^ expected a value, found the end
    priority = High status = Open
               ^^^^^^^^^^^ expected AND, OR, ORDER BY or the end, found status; if the value has several words, write "High status"  ["\"High status\""]
    status = In progress
             ^^ expected a value, found In; if that is the value, write "In"  ["\"In\""]
    status = Not started
             ^^^ expected a value, found Not; if that is the value, write "Not"  ["\"Not\""]
    summary ~ disk full
              ^^^^^^^^^ expected AND, OR, ORDER BY or the end, found full; if the value has several words, write "disk full"  ["\"disk full\""]
    priority = High ADN status = Open
                    ^^^ expected AND, OR, ORDER BY or the end, found ADN; did you mean AND?  ["AND"]
    priority == High
             ^^ == is no operator; did you mean =?  ["="]
    priority <> High
             ^^ <> is no operator; did you mean !=?  ["!="]
    a = 1 & b = 2
          ^ a single & means nothing here; did you mean AND?  ["AND"]
    priority in High
                ^^^^ expected "(" or a function, found High; a list stands in brackets: (High)  ["(High)"]
    priority = (High, Low)
               ^ expected a value, found (; a list needs IN
    priority in ()
                 ^ expected a value, found )
    priority in (High, )
                       ^ expected a value, found )
    priority in (High
                     ^ expected ")" or ",", found the end
    priority is High
                ^^^^ expected NOT, EMPTY or NULL, found High
    priority not like x
                 ^^^^ expected IN, found like
    (a = 1
          ^ expected AND, OR or ")", found the end
    a = 1)
         ^ expected AND, OR, ORDER BY or the end, found )
    a = 1 order created
                ^^^^^^^ expected BY, found created
    a = 1 order by
                  ^ expected a field to sort by, found the end
    a = 1 order by created up
                           ^^ expected DESC, ASC, "," or the end, found up
    summary ~ "disk
              ^^^^^ this quote is never closed
    cf[x] = 1
    ^^^ expected the number of a custom field, such as cf[10010]
    a = [1]
        ^ the character '[' can stand only in quotes
    status changed during -7d
                          ^^^ expected "(", found -7d
    a = 1 and and b = 2
              ^^^ expected a field, NOT or "(", found and
    a = f(g(h(i(1))))
              ^ functions nest at most 3 deep
    "#);
}

#[test]
fn limits_are_kept() {
    let error = |text: String| parse(&text).expect_err("is too much").message;
    assert_snapshot!(error("a".repeat(LENGTH_MAX + 1)), @r#"a query has at most 20000 characters"#);
    assert_snapshot!(error("(".repeat(DEPTH_MAX + 2)), @r#"brackets and NOT nest at most 30 deep"#);
    assert_snapshot!(error("NOT ".repeat(DEPTH_MAX + 2)), @r#"brackets and NOT nest at most 30 deep"#);
    assert_snapshot!(error(["a = 1"; CLAUSES_MAX + 1].join(" AND ")), @r#"a query has at most 200 conditions"#);
    assert_snapshot!(error(format!("a IN ({})", ["1"; LIST_MAX + 1].join(","))), @r#"a list has at most 1000 values"#);
    assert_snapshot!(error(format!("ORDER BY {}", ["a"; ORDER_MAX + 1].join(","))), @r#"a list is sorted by at most 8 fields"#);
    parse(&"(".repeat(DEPTH_MAX)).expect_err("is unfinished");
    assert_snapshot!(error("a = \0".to_owned()), @r#"a query cannot hold the character NUL"#);
    let deep = format!("{}a = 1{}", "(".repeat(DEPTH_MAX), ")".repeat(DEPTH_MAX));
    assert_eq!(parse(&deep), parse("a = 1"));
    parse(&["a = 1"; CLAUSES_MAX].join(" OR ")).expect("is not too much");
}
