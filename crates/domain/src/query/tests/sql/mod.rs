//! A plan means in a database what its query means in memory: random queries over random records, in SQLite.

mod queries;
mod record;
mod tables;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};

use super::*;
use queries::{SPECIAL, query};
use record::{TEAM, Ticket, ticket};
use tables::{SCHEMA, Tables};

fn driver(param: &Param) -> sea_orm::Value {
    match param {
        Param::Text(text) => text.clone().into(),
        Param::Integer(number) => (*number).into(),
        Param::Number(number) => (*number).into(),
        Param::Flag(flag) => (*flag).into(),
        Param::Id(id) => (*id).into(),
    }
}

async fn run(db: &DatabaseConnection, sql: &str, values: Vec<sea_orm::Value>) {
    let statement = Statement::from_sql_and_values(DbBackend::Sqlite, sql, values);
    db.execute_raw(statement).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

async fn insert(db: &DatabaseConnection, ticket: &Ticket) {
    let seq = ticket.seq;
    let values = vec![
        seq.into(),
        format!("inc-{seq}").into(),
        ticket.status.into(),
        ticket.priority.into(),
        ticket.resolution.into(),
        ticket.assignee.into(),
        ticket.summary.clone().into(),
        ticket.created.as_microsecond().into(),
        ticket.due.into(),
        ticket.count.into(),
        ticket.major.into(),
        ticket.approval.into(),
    ];
    run(db, "INSERT INTO tickets VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12)", values).await;
    run(db, "INSERT INTO texts (rowid, body) VALUES ($1,$2)", vec![seq.into(), words(&ticket.body).join(" ").into()])
        .await;
    for label in &ticket.labels {
        run(db, "INSERT INTO labels VALUES ($1,$2)", vec![seq.into(), (*label).into()]).await;
    }
    if let Some(cost) = ticket.cost {
        run(db, "INSERT INTO field_values VALUES ($1,10010,$2)", vec![seq.into(), cost.into()]).await;
    }
    // Another custom field, which must not be mistaken for the first.
    run(db, "INSERT INTO field_values VALUES ($1,10011,1.0)", vec![seq.into()]).await;
    for held in &ticket.past {
        let stored = |value: &Option<Value>| match value {
            Some(Value::Choice(key)) => Some(key.clone()),
            _ => None,
        };
        let values = vec![
            seq.into(),
            stored(&held.value).into(),
            stored(&held.previous).into(),
            held.since.as_microsecond().into(),
            held.until.map(|until| until.as_microsecond()).into(),
            held.by.into(),
            held.first.into(),
        ];
        run(db, "INSERT INTO held VALUES ($1,$2,$3,$4,$5,$6,$7)", values).await;
    }
    for clock in &ticket.clocks {
        let values = vec![
            seq.into(),
            clock.breached.into(),
            clock.ever_breached.into(),
            clock.completed.into(),
            clock.running.into(),
            clock.paused.into(),
            clock.within_calendar_hours.into(),
            clock.elapsed.map(|elapsed| elapsed.as_secs()).into(),
            clock.remaining.map(|remaining| remaining.as_secs()).into(),
        ];
        run(db, "INSERT INTO clocks VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)", values).await;
    }
}

/// The insertion numbers that a statement lists.
async fn list(db: &DatabaseConnection, plan: &Plan, page: Option<&Condition>, limit: i64) -> Vec<i64> {
    let mut values: Vec<sea_orm::Value> = Vec::new();
    let mut bind = |param: &Param| {
        values.push(driver(param));
        values.len()
    };
    let mut condition = plan.condition.sql(&mut bind);
    if let Some(page) = page {
        condition = format!("{condition} AND {}", page.sql(&mut bind));
    }
    let order = order_sql(&plan.order, &mut bind);
    let sql = format!("SELECT t.seq FROM tickets t WHERE {condition} ORDER BY {order} LIMIT {limit}");
    let statement = Statement::from_sql_and_values(DbBackend::Sqlite, &sql, values);
    let rows = db.query_all_raw(statement).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    rows.iter().map(|row| row.try_get::<i64>("", "seq").expect("a number")).collect()
}

/// What a record is sorted by: greater is further back in ascending order, none comes first.
fn sort_value(ticket: &Ticket, field: &str) -> Option<Param> {
    match field {
        "priority" => ticket.priority.map(Param::Integer),
        "summary" => Some(Param::Text(ticket.summary.to_lowercase())),
        "created" => Some(Param::of_instant(ticket.created)),
        "due" => ticket.due.map(|day| Param::Text(day.to_owned())),
        "count" => ticket.count.map(Param::Integer),
        "cost" => ticket.cost.map(Param::Number),
        other => panic!("{other} is not sorted by"),
    }
}

fn compare(left: &Option<Param>, right: &Option<Param>) -> std::cmp::Ordering {
    match (left, right) {
        (Some(Param::Integer(left)), Some(Param::Integer(right))) => left.cmp(right),
        (Some(Param::Text(left)), Some(Param::Text(right))) => left.cmp(right),
        (Some(Param::Number(left)), Some(Param::Number(right))) => left.total_cmp(right),
        (left, right) => left.is_some().cmp(&right.is_some()),
    }
}

/// The records in the order that the query asks for.
fn sorted(tickets: &[Ticket], typed: &TypedQuery, plan: &Plan) -> Vec<i64> {
    let mut found: Vec<&Ticket> = tickets.iter().filter(|ticket| typed.matches(*ticket)).collect();
    found.sort_by(|left, right| {
        let keys = typed.order.iter().map(|key| {
            let (left, right) = (sort_value(left, key.field.as_str()), sort_value(right, key.field.as_str()));
            let order = compare(&left, &right);
            let both = left.is_some() && right.is_some();
            let order = if key.field.as_str() == "priority" && both { order.reverse() } else { order };
            if key.descending { order.reverse() } else { order }
        });
        let by_number = left.seq.cmp(&right.seq);
        let newest = plan.order.last().is_some_and(|last| last.descending);
        let last = if newest { by_number.reverse() } else { by_number };
        keys.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then).then(last)
    });
    found.into_iter().map(|ticket| ticket.seq).collect()
}

async fn compare_with_memory(db: &DatabaseConnection, tickets: &[Ticket], text: &str) -> usize {
    let typed = typed(text).unwrap_or_else(|errors| panic!("{text}: {errors:?}"));
    let plan = lower(&typed, &Tables).unwrap_or_else(|error| panic!("{text}: {error}"));
    let expected = sorted(tickets, &typed, &plan);
    assert_eq!(list(db, &plan, None, -1).await, expected, "{text}");
    // The same, page by page.
    let mut paged: Vec<i64> = Vec::new();
    let mut page = None;
    loop {
        let part = list(db, &plan, page.as_ref(), 17).await;
        paged.extend(&part);
        let Some(last) = part.last().filter(|_| part.len() == 17) else { break };
        let last = tickets.iter().find(|ticket| ticket.seq == *last).expect("is there");
        let mut cursor: Vec<Option<Param>> =
            typed.order.iter().map(|key| sort_value(last, key.field.as_str())).collect();
        cursor.push(Some(Param::Integer(last.seq)));
        page = Some(after(&plan.order, &cursor).expect("fits"));
    }
    assert_eq!(paged, expected, "{text}, by pages");
    expected.len()
}

#[test]
fn plans_mean_what_queries_mean() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut options = ConnectOptions::new("sqlite::memory:");
    options.max_connections(1);
    let db = runtime.block_on(Database::connect(options)).expect("a database");
    let seed = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), seed);
    let mut tickets: Vec<Ticket> =
        (0..120).map(|_| ticket().new_tree(&mut runner).expect("a ticket").current()).collect();
    (1..).zip(&mut tickets).for_each(|(seq, ticket)| ticket.seq = seq);
    runtime.block_on(async {
        for statement in SCHEMA.split(';') {
            run(&db, statement, Vec::new()).await;
        }
        for person in TEAM {
            run(&db, "INSERT INTO members VALUES ($1,$2)", vec![id(0x1e).into(), id(person).into()]).await;
        }
        for ticket in &tickets {
            insert(&db, ticket).await;
        }
    });
    let mut found = 0;
    for clause in SPECIAL {
        found += runtime.block_on(compare_with_memory(&db, &tickets, clause));
    }
    assert!(found > 500, "the records say something about the queries: {found}");
    let cases = Config::with_cases(1_500);
    let seed = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(cases, seed);
    let run = runner.run(&query(), |text| {
        runtime.block_on(compare_with_memory(&db, &tickets, &text));
        Ok(())
    });
    run.expect("the database agrees with the memory");
}

#[test]
fn nothing_that_is_written_becomes_sql() {
    let text = "summary ~ \"'; DROP TABLE tickets; --\" AND key IN (\"' OR 1 = 1\", $1) AND labels = \"$?\" \
                AND assignee WAS ana ORDER BY Cost, created DESC";
    let plan = lower(&typed(text).expect("is sound"), &Tables).expect("has a plan");
    let mut params = Vec::new();
    let mut bind = |param: &Param| {
        params.push(param.clone());
        params.len()
    };
    let mut sql = plan.condition.sql(&mut bind);
    sql.push_str(&format!(" ORDER BY {}", order_sql(&plan.order, &mut bind)));
    insta::assert_snapshot!(sql, @r#"(LOWER(t.summary) LIKE $1 ESCAPE '\' AND t.key IN ($2, $3) AND EXISTS (SELECT 1 FROM labels l WHERE l.seq = t.seq AND LOWER(l.label) = $4) AND EXISTS (SELECT 1 FROM held h WHERE h.seq = t.seq AND h.value = $5)) ORDER BY (SELECT v.number FROM field_values v WHERE v.seq = t.seq AND v.field = $6) ASC NULLS FIRST, t.created DESC, t.seq DESC"#);
    insta::assert_snapshot!(format!("{params:?}"), @r#"[Text("%'; drop table tickets; --%"), Text("' or 1 = 1"), Text("$1"), Text("$?"), Id(00000000-0000-0000-0000-00000000000a), Integer(10010)]"#);
}

#[test]
fn strange_cursors_are_refused() {
    let plan = lower(&typed("ORDER BY priority, created").expect("is sound"), &Tables).expect("has a plan");
    let number = || Some(Param::Integer(1));
    assert!(after(&plan.order, &[number(), number(), number()]).is_some());
    assert!(after(&plan.order, &[None, number(), number()]).is_some());
    assert_eq!(after(&plan.order, &[number(), None, number()]), None, "created is never empty");
    assert_eq!(after(&plan.order, &[number(), number()]), None, "one is missing");
    assert_eq!(after(&plan.order, &[Some(Param::Text("1".into())), number(), number()]), None, "a text");
    assert_eq!(after(&[], &[]), None);
}

#[test]
fn a_field_without_place_is_a_defect() {
    let error = |text: &str| lower(&typed(text).expect("is sound"), &Tables).expect_err("has no plan").to_string();
    insta::assert_snapshot!(error("reporter = ana"), @r#"no place is known for the values of the field reporter"#);
    insta::assert_snapshot!(error("ORDER BY assignee"), @r#"no place is known for the order of the field assignee"#);
    insta::assert_snapshot!(error("Approvals = myApproval()"), @r#"no place is known for a function of the field approvals"#);
}
