//! A plan means in a database what its query means in memory: random queries over random records, in SQLite.

use jiff::SignedDuration;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};

use super::*;

/// A record of the tests.
#[derive(Clone, Debug)]
struct Ticket {
    seq: i64,
    status: &'static str,
    priority: Option<i64>,
    resolution: Option<&'static str>,
    assignee: Option<Uuid>,
    labels: Vec<&'static str>,
    summary: String,
    body: String,
    created: Timestamp,
    due: Option<&'static str>,
    count: Option<i64>,
    cost: Option<f64>,
    major: Option<bool>,
    approval: Option<&'static str>,
    past: Vec<Held>,
    clocks: Vec<Clock>,
}

const TEAM: [u128; 2] = [ANA, KIM[0]];

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

/// Instants at and around the boundaries that queries ask for.
fn instants() -> Vec<Timestamp> {
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

/// The places of the fields in the tables of the tests.
struct Tables;

const HISTORY: Rows = Rows { from: "held h", link: "h.seq = t.seq", only: Vec::new() };
const CLOCKS: Rows = Rows { from: "clocks c", link: "c.seq = t.seq", only: Vec::new() };

impl Mapping for Tables {
    fn place(&self, field: &FieldKey) -> Option<Place> {
        let column = match field.as_str() {
            "key" => Column::required("t.key").folded_text(),
            "status" => Column::required("t.status"),
            "priority" => Column::optional("t.priority"),
            "resolution" => Column::optional("t.resolution").text(),
            "assignee" => Column::optional("t.assignee"),
            "summary" => Column::required("t.summary").text(),
            "created" => Column::required("t.created"),
            "due" => Column::optional("t.due"),
            "count" => Column::optional("t.count"),
            "cost" => {
                // As a custom field stands: in typed rows, chosen by a parameter.
                let number = Column::required("v.field");
                let only = vec![Condition::Compare(number, Comparison::Equal, Param::Integer(10_010))];
                let rows = Rows { from: "field_values v", link: "v.seq = t.seq", only };
                return Some(Place::Rows(rows, Column::required("v.number")));
            }
            "major" => Column::optional("t.major"),
            "approvals" => Column::optional("t.approval"),
            "labels" => {
                let rows = Rows { from: "labels l", link: "l.seq = t.seq", only: Vec::new() };
                return Some(Place::Rows(rows, Column::required("l.label").text()));
            }
            "resolve" => return Some(Place::Rows(CLOCKS, Column::required("c.seq"))),
            "text" => return Some(Place::Always),
            _ => return None,
        };
        Some(Place::Column(column))
    }

    fn insertion_number(&self) -> Sql {
        "t.seq"
    }

    fn param(&self, field: &FieldKey, value: &Value) -> Option<Param> {
        match (field.as_str(), value) {
            ("priority", Value::Choice(key)) => key.strip_prefix('P')?.parse().ok().map(Param::Integer),
            _ => Some(Param::of(value)),
        }
    }

    fn contains(&self, _: &FieldKey, sought: &Sought) -> Option<Condition> {
        let Sought::Words(query) = sought else { return None };
        let sql = "t.seq IN (SELECT rowid FROM texts WHERE texts MATCH $?)";
        Some(Condition::Raw(sql, vec![Param::Text(query.fts5())]))
    }

    fn history(&self, _: &FieldKey) -> Option<HistoryPlace> {
        Some(HistoryPlace {
            rows: HISTORY,
            value: Column::optional("h.value"),
            previous: Column::optional("h.previous"),
            since: "h.since",
            until: "h.until",
            by: "h.person",
            first: "h.first",
        })
    }

    fn sla(&self, _: &FieldKey, tests: &[SlaTest]) -> Option<Condition> {
        let test = |test: &SlaTest| match test {
            SlaTest::State { state, is } => {
                let column = match state {
                    SlaState::Breached => "c.breached",
                    SlaState::EverBreached => "c.ever_breached",
                    SlaState::Completed => "c.completed",
                    SlaState::Running => "c.running",
                    SlaState::Paused => "c.paused",
                    SlaState::WithinCalendarHours => "c.open",
                };
                Condition::Compare(Column::required(column), Comparison::Equal, Param::Flag(*is))
            }
            SlaTest::Elapsed(op, wanted) => {
                Condition::Compare(Column::optional("c.elapsed"), *op, Param::Integer(wanted.as_secs()))
            }
            SlaTest::Remaining(op, wanted) => {
                Condition::Compare(Column::optional("c.remaining"), *op, Param::Integer(wanted.as_secs()))
            }
        };
        Some(Condition::exists(CLOCKS, Condition::all(tests.iter().map(test).collect())))
    }

    fn ask(&self, _: &FieldKey, call: &TypedCall) -> Option<Condition> {
        Some(match call.name.as_str() {
            "membersOf" => {
                let team = call.references(0).into_iter().map(Param::Id).collect();
                let only = vec![Condition::OneOf(Column::required("m.team"), team)];
                let rows = Rows { from: "members m", link: "m.person = t.assignee", only };
                Condition::exists(rows, Condition::True)
            }
            "approved" => Condition::Raw("t.approval IS NOT NULL AND t.approval = 'approved'", Vec::new()),
            "pending" => Condition::Raw("COALESCE(t.approval, '') = $?", vec![Param::Text("pending".into())]),
            _ => return None,
        })
    }

    fn instead(&self, predicate: &Predicate, holds: bool) -> Option<Condition> {
        match predicate {
            Predicate::Empty { field } if field.as_str() == "count" => {
                let sql = if holds { "t.count IS NULL" } else { "t.count IS NOT NULL" };
                Some(Condition::Raw(sql, Vec::new()))
            }
            _ => None,
        }
    }

    fn sort(&self, field: &FieldKey) -> Option<SortColumn> {
        let sort = |column, kind| Some(SortColumn { column, kind, reversed: false });
        match field.as_str() {
            "priority" => {
                Some(SortColumn { column: Column::optional("t.priority"), kind: ParamKind::Integer, reversed: true })
            }
            "summary" => sort(Column::required("t.summary").text(), ParamKind::Text),
            "created" => sort(Column::required("t.created"), ParamKind::Integer),
            "due" => sort(Column::optional("t.due"), ParamKind::Text),
            "count" => sort(Column::optional("t.count"), ParamKind::Integer),
            "cost" => {
                let sql = "(SELECT v.number FROM field_values v WHERE v.seq = t.seq AND v.field = $?)";
                sort(Column::optional(sql).with(vec![Param::Integer(10_010)]), ParamKind::Number)
            }
            _ => None,
        }
    }
}

const SCHEMA: &str = "
CREATE TABLE tickets (seq INTEGER PRIMARY KEY, key TEXT NOT NULL, status TEXT NOT NULL, priority BIGINT, resolution TEXT,
  assignee BLOB, summary TEXT NOT NULL, created BIGINT NOT NULL, due TEXT, count BIGINT, major BOOLEAN, approval TEXT);
CREATE TABLE labels (seq BIGINT NOT NULL, label TEXT NOT NULL);
CREATE TABLE field_values (seq BIGINT NOT NULL, field BIGINT NOT NULL, number DOUBLE NOT NULL);
CREATE TABLE members (team BLOB NOT NULL, person BLOB NOT NULL);
CREATE TABLE held (seq BIGINT NOT NULL, value TEXT, previous TEXT, since BIGINT NOT NULL, until BIGINT, person BLOB,
  first BOOLEAN NOT NULL);
CREATE TABLE clocks (seq BIGINT NOT NULL, breached BOOLEAN NOT NULL, ever_breached BOOLEAN NOT NULL,
  completed BOOLEAN NOT NULL, running BOOLEAN NOT NULL, paused BOOLEAN NOT NULL, open BOOLEAN NOT NULL,
  elapsed BIGINT, remaining BIGINT);
CREATE VIRTUAL TABLE texts USING fts5(body, tokenize = 'unicode61 remove_diacritics 0')";

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

fn clock() -> BoxedStrategy<Clock> {
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
fn past() -> BoxedStrategy<Vec<Held>> {
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

fn ticket() -> BoxedStrategy<Ticket> {
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

const SAME: &[&str] = &["=", "!="];
const ORDER: &[&str] = &["=", "!=", "<", "<=", ">", ">="];
const FIND: &[&str] = &["~", "!~", "=", "!="];
const INSTANTS: &[&str] =
    &["2026-01-31", "2026-03-29", "now()", "startOfDay()", "endOfDay(-1)", "\"2026-04-02 15:30\""];

/// Fields with their operators and values.
const FIELDS: [(&str, &[&str], &[&str]); 12] = [
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
const SPECIAL: [&str; 24] = [
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

fn clause() -> BoxedStrategy<String> {
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

fn query() -> BoxedStrategy<String> {
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
