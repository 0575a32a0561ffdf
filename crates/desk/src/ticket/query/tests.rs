//! Queries over real tickets, on both databases: a plan means what its query means in memory, page by page, for every
//! field and operator of the vocabulary.

use domain::priority::{Impact, Sourced, Urgency};
use domain::query::{self, Asker, Names, TypedQuery};
use domain::zone::Zone;
use kernel::{PersonId, Scope, TeamId};
use platform::{Ctx, DbError, Lane, Sql, Tx, params};
use sea_orm::FromQueryResult;
use testkit::{Backend, TestApp};
use uuid::Uuid;

use super::super::store::{self, Filter, Narrowed};
use super::super::{Cause, Kind, OpenTicket, ProjectChoice, Ticket};
use super::record::TicketRecord;
use super::{TicketTables, plan};
use crate::comment::{Visibility, comment_in};

const ANA: Uuid = Uuid::from_u128(1);
const BEN: Uuid = Uuid::from_u128(2);
const NETWORK: Uuid = Uuid::from_u128(0x10);
const MEMBERS: [(Uuid, Uuid); 1] = [(NETWORK, ANA)];
const WORDS: [&str; 6] = ["disk", "Disk full", "100% full_", "web-01 is down", "FULL disk", "Måling på ØYA"];

/// Numbers that look random and are the same on every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % count
    }

    fn of<'v, T: ?Sized>(&mut self, values: &[&'v T]) -> &'v T {
        values[self.below(values.len())]
    }
}

async fn people(tx: &Tx) -> Result<(), DbError> {
    for (id, name) in [(ANA, "ana"), (BEN, "ben berg")] {
        tx.execute(
            "INSERT INTO people (id, name, name_key, email, email_key, role, time_zone, locale, single_keys, active, \
             invited, created_at, updated_at, version) \
             VALUES ($1, $2, $2, $3, $3, 'agent', 'Europe/Oslo', 'en', TRUE, TRUE, FALSE, 0, 0, 1)",
            params![id, name, format!("{name}@nordhaven.test")],
        )
        .await?;
    }
    tx.execute(
        "INSERT INTO teams (id, name, name_key, description, private, time_zone, created_at, updated_at, version) \
         VALUES ($1, 'Network', 'network', '', FALSE, 'UTC', 0, 0, 1)",
        params![NETWORK],
    )
    .await?;
    let member = "INSERT INTO team_members (team_id, person_id, role) VALUES ($1, $2, 'member')";
    tx.execute(member, params![NETWORK, ANA]).await?;
    Ok(())
}

async fn ticket(tx: &mut Tx, dice: &mut Dice) {
    let some = |n: usize| n.checked_sub(1);
    let person = |n: usize| some(n).map(|n| PersonId([ANA, BEN][n]));
    let (impacts, urgencies) = (Impact::ALL, Urgency::ALL);
    let labels = ["vpn", "VPN2", "remote work"].into_iter().filter(|_| dice.below(2) == 0).map(str::to_owned).collect();
    let cmd = OpenTicket {
        project: ProjectChoice::Key(dice.of(&["INC", "REQ"]).to_owned()),
        kind: [Kind::Incident, Kind::Request][dice.below(2)],
        summary: dice.of(&WORDS).to_owned(),
        description: dice.of(&["", "The disk of WEB-02. Full!", "nothing"]).to_owned(),
        impact: some(dice.below(impacts.len() + 1)).map(|n| Sourced::stated(impacts[n])),
        urgency: some(dice.below(urgencies.len() + 1)).map(|n| Sourced::stated(urgencies[n])),
        service: None,
        team: some(dice.below(2)).map(|_| TeamId(NETWORK)),
        assignee: person(dice.below(3)),
        reporter: person(dice.below(3)),
        labels,
        cause: Cause::Raised,
    };
    let id = super::super::open_in(tx, cmd).await.expect("opens");
    for visibility in [Visibility::Public, Visibility::Internal] {
        if dice.below(3) == 0 {
            comment_in(tx, id, visibility, dice.of(&WORDS).to_owned()).await.expect("comments");
        }
    }
    match dice.below(4) {
        0 => {
            super::super::transition_in(tx, id, "resolved", Some("fixed")).await.expect("resolves");
        }
        1 => {
            super::super::transition_in(tx, id, "in_progress", None).await.expect("moves");
        }
        _ => {}
    }
}

const TICKETS: usize = 60;

async fn filled(backend: Backend) -> TestApp {
    let app = TestApp::builder()
        .migrations(identity::MIGRATIONS)
        .migrations(catalog::MIGRATIONS)
        .migrations(crate::MIGRATIONS)
        .build(backend)
        .await;
    crate::seed(&app.app).await.expect("the first start");
    let system = Ctx::system("test");
    let first = app.app.db.write(&system, Lane::Bulk, |tx| Box::pin(async move { people(tx).await }));
    first.await.expect("people");
    for n in 0..TICKETS {
        let write = app.app.db.write(&system, Lane::Bulk, move |tx| {
            Box::pin(async move {
                let mut dice = Dice(u64::try_from(n).expect("small") * 7_919 + 1);
                ticket(tx, &mut dice).await;
                Ok::<_, DbError>(())
            })
        });
        write.await.expect("a ticket");
        app.advance(jiff::SignedDuration::from_hours(7)).await;
    }
    app
}

/// A ticket with the texts of its comments.
struct Whole {
    ticket: Ticket,
    comments: Vec<(bool, String)>,
}

#[derive(FromQueryResult)]
struct CommentRow {
    visibility: String,
    body: String,
}

fn everything() -> TypedQuery {
    TypedQuery { filter: query::Filter::everything(), order: Vec::new() }
}

async fn all(app: &TestApp, tables: TicketTables<'_>) -> Vec<Whole> {
    let (scope, filter) = (Scope::All, Filter::default());
    let narrowed = Narrowed { scope: &scope, filter: &filter, tables };
    let sql = app.app.db.read();
    let plan = plan(tables, &everything()).expect("a plan");
    let mut tickets = Vec::new();
    for row in store::list(&sql, narrowed, &plan, None, 1_000).await.expect("tickets") {
        let text = "SELECT visibility, body FROM ticket_comments WHERE ticket_id = $1 ORDER BY seq";
        let comments = sql.all::<CommentRow>(text, params![row.ticket.id]).await.expect("comments");
        let comments = comments.into_iter().map(|row| (row.visibility == "public", row.body)).collect();
        tickets.push(Whole { ticket: row.ticket, comments });
    }
    tickets
}

fn in_memory(tickets: &[Whole], typed: &TypedQuery, internal: bool) -> Vec<String> {
    let holds = |whole: &&Whole| {
        let seen = whole.comments.iter().filter(|(public, _)| *public || internal);
        let comments: Vec<String> = seen.map(|(_, body)| body.clone()).collect();
        typed.matches(&TicketRecord { ticket: &whole.ticket, comments: &comments, members: &MEMBERS })
    };
    let mut found: Vec<String> = tickets.iter().filter(holds).map(|whole| whole.ticket.key.clone()).collect();
    found.sort_unstable();
    found
}

async fn listed(app: &TestApp, tables: TicketTables<'_>, typed: &TypedQuery, text: &str) -> Vec<String> {
    let (scope, filter) = (Scope::All, Filter::default());
    let narrowed = Narrowed { scope: &scope, filter: &filter, tables };
    let sql = app.app.db.read();
    let plan = plan(tables, typed).unwrap_or_else(|error| panic!("{text}: {error}"));
    let keys = |rows: &[store::Listed]| rows.iter().map(|row| row.ticket.key.clone()).collect::<Vec<_>>();
    let rows = store::list(&sql, narrowed, &plan, None, 1_000).await.unwrap_or_else(|error| panic!("{text}: {error}"));
    let whole = keys(&rows);
    let count = store::count(&sql, narrowed, &plan, 1_000).await.expect("a count");
    assert_eq!(count, i64::try_from(whole.len()).expect("small"), "{text}, counted");
    let mut paged = Vec::new();
    let mut page = None;
    loop {
        let rows = store::list(&sql, narrowed, &plan, page.as_ref(), 7).await.expect("a page");
        paged.extend(keys(&rows));
        let Some(last) = rows.last().filter(|_| rows.len() == 7) else { break };
        let cursor = super::cursor_text(&last.keys);
        page = super::page_after(&plan, Some(&cursor)).expect("one of ours");
    }
    assert_eq!(paged, whole, "{text}, by pages");
    whole
}

const SAME: &[&str] = &["=", "!="];
const ORDER: &[&str] = &["=", "!=", "<", "<=", ">", ">="];
const FIND: &[&str] = &["~", "!~"];
const TIMES: &[&str] = &["2026-01-01", "now()", "-5d", "startOfDay()", "endOfWeek(-1)"];
const SOUGHT: &[&str] =
    &["disk", "'dis*'", "\"full disk\"", "\"\\\"full disk\\\"\"", "web-01", "\"måling øya\"", "zebra"];
const CLAUSES: [(&str, &[&str], &[&str]); 22] = [
    ("key", SAME, &["INC-1", "inc-2", "REQ-999"]),
    ("project", SAME, &["INC", "\"Service requests\""]),
    ("issuetype", SAME, &["Incident", "request"]),
    ("status", SAME, &["Open", "\"In progress\"", "Resolved"]),
    ("statusCategory", ORDER, &["Done", "\"To do\"", "doing", "Waiting"]),
    ("priority", ORDER, &["Critical", "High", "medium", "P4", "Lowest"]),
    ("impact", ORDER, &["Extensive", "moderate", "Minor"]),
    ("urgency", ORDER, &["Critical", "High", "Low"]),
    ("resolution", SAME, &["fixed", "Duplicate"]),
    ("assignee", SAME, &["ana", "\"Ben Berg\"", "currentUser()"]),
    ("reporter", SAME, &["ana@nordhaven.test", "currentUser()"]),
    ("team", SAME, &["Network"]),
    ("labels", SAME, &["VPN", "vpn2", "\"remote work\"", "none"]),
    ("summary", SAME, &["disk", "\"disk full\"", "other"]),
    ("summary", FIND, SOUGHT),
    ("description", FIND, SOUGHT),
    ("comment", FIND, SOUGHT),
    ("text", FIND, SOUGHT),
    ("created", ORDER, TIMES),
    ("updated", ORDER, TIMES),
    ("resolved", ORDER, TIMES),
    ("responded", ORDER, TIMES),
];
const SORTS: [&str; 18] = [
    "key",
    "project",
    "kind",
    "status",
    "statusCategory",
    "priority",
    "impact",
    "urgency",
    "resolution",
    "assignee",
    "reporter",
    "team",
    "service",
    "summary",
    "created",
    "updated",
    "resolved",
    "responded",
];

fn clause(dice: &mut Dice) -> String {
    let (field, operators, values) = CLAUSES[dice.below(CLAUSES.len())];
    if operators.len() == FIND.len() && operators[0] == FIND[0] {
        let not = if dice.below(4) == 0 && field != "text" { " IS NOT EMPTY" } else { "" };
        let sought = format!(" {} {}", dice.of(operators), dice.of(values));
        return format!("{field}{}", if not.is_empty() { &sought } else { not });
    }
    match dice.below(8) {
        0 => format!("{field} IS EMPTY"),
        1 => format!("{field} IN ({}, {}, EMPTY)", dice.of(values), dice.of(values)),
        2 => format!("{field} NOT IN ({}, {})", dice.of(values), dice.of(values)),
        3 => format!("{} {}IN membersOf(Network)", dice.of(&["assignee", "reporter"]), dice.of(&["", "NOT "])),
        _ => format!("{field} {} {}", dice.of(operators), dice.of(values)),
    }
}

fn filter(dice: &mut Dice, depth: usize) -> String {
    match if depth == 0 { 9 } else { dice.below(8) } {
        0 => format!("NOT ({})", filter(dice, depth - 1)),
        1 | 2 => format!("({} AND {})", filter(dice, depth - 1), filter(dice, depth - 1)),
        3 | 4 => format!("({} OR {})", filter(dice, depth - 1), filter(dice, depth - 1)),
        _ => clause(dice),
    }
}

fn random_query(dice: &mut Dice) -> String {
    let mut text = filter(dice, 3);
    let keys: Vec<String> =
        (0..dice.below(3)).map(|_| format!("{}{}", dice.of(&SORTS), dice.of(&["", " DESC"]))).collect();
    if !keys.is_empty() {
        text.push_str(&format!(" ORDER BY {}", keys.join(", ")));
    }
    text
}

struct Asking {
    vocabulary: query::Vocabulary,
    asker: Asker,
}

impl Asking {
    async fn new(app: &TestApp) -> Self {
        let sql = app.app.db.read();
        let vocabulary = super::vocabulary(&sql).await.expect("a vocabulary");
        let asker = Asker::new(app.app.now(), Zone::parse("Europe/Oslo").expect("a zone"), Some(ANA));
        Self { vocabulary, asker }
    }

    async fn typed(&self, app: &TestApp, text: &str) -> TypedQuery {
        let query = query::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let wanted = query::wanted(&query, &self.vocabulary);
        let names: Names = super::store::look_up(&app.app.db.read(), &Scope::All, wanted).await.expect("names");
        query::check(&query, &self.vocabulary, &self.asker, &names).unwrap_or_else(|wrong| panic!("{text}: {wrong:?}"))
    }
}

testkit::both_databases! {
    async fn plans_mean_what_queries_mean(backend) {
        let app = filled(backend).await;
        let asking = Asking::new(&app).await;
        let tables = |internal| TicketTables { backend: app.app.db.backend(), internal, clocks: None };
        let tickets = all(&app, tables(true)).await;
        assert_eq!(tickets.len(), TICKETS);
        let mut texts: Vec<String> = Vec::new();
        for (field, operators, values) in CLAUSES {
            texts.extend(operators.iter().flat_map(|op| values.iter().map(move |value| format!("{field} {op} {value}"))));
        }
        texts.extend(SORTS.iter().flat_map(|field| ["", " DESC"].map(|way| format!("ORDER BY {field}{way}"))));
        let mut dice = Dice(4_711);
        texts.extend((0..250).map(|_| random_query(&mut dice)));
        let mut found = 0;
        for (n, text) in texts.iter().enumerate() {
            let internal = n % 3 > 0;
            let typed = asking.typed(&app, text).await;
            let mut keys = listed(&app, tables(internal), &typed, text).await;
            keys.sort_unstable();
            assert_eq!(keys, in_memory(&tickets, &typed, internal), "{text}");
            found += keys.len();
        }
        assert!(found > 2_000, "the tickets say something about the queries: {found}");
    }

    async fn orders_are_what_they_say(backend) {
        let app = filled(backend).await;
        let asking = Asking::new(&app).await;
        let tables = TicketTables { backend: app.app.db.backend(), internal: true, clocks: None };
        let (scope, everything) = (Scope::All, Filter::default());
        let narrowed = Narrowed { scope: &scope, filter: &everything, tables };
        let typed = asking.typed(&app, "ORDER BY priority DESC, assignee, created DESC").await;
        let plan = plan(tables, &typed).expect("a plan");
        let rows = store::list(&app.app.db.read(), narrowed, &plan, None, 1_000).await.expect("tickets");
        let keys = rows.iter().map(|row| {
            let ticket = &row.ticket;
            // Ana has the smaller id and the smaller name; nobody comes first.
            (ticket.priority.priority, ticket.assignee.map(|person| person.0), std::cmp::Reverse(ticket.created_at))
        });
        assert!(keys.is_sorted(), "highest first, then by name, then newest first");
    }

    async fn service_levels_are_asked_by_their_cycles(backend) {
        let app = filled(backend).await;
        let system = Ctx::system("test");
        let now = app.app.now();
        let write = app.app.db.write(&system, Lane::Bulk, move |tx| Box::pin(async move {
            let level = serde_json::json!({"name": "Time to resolution"});
            catalog::document::write(tx, "sla", "resolution", 1, level, None).await.expect("a service level");
            // Open from Monday to Friday, 9 to 17 o'clock UTC.
            let day = serde_json::json!([{"from": "09:00", "to": "17:00"}]);
            let week = serde_json::json!({"monday": day, "tuesday": day, "wednesday": day, "thursday": day, "friday": day});
            let office = serde_json::json!({"kind": "business", "name": "Office", "time_zone": "UTC", "week": week,
                "holidays": []});
            catalog::document::write(tx, "calendar", "office", 1, office, None).await.expect("a calendar");
            for (key, number, phase, calendar, elapsed_min, remaining_min, breached, latest) in CYCLES {
                let us = |minutes: i64| minutes * 60_000_000;
                let running = phase == "running";
                // A running cycle's instants, as the clock around the clock gives them.
                let (breach, zero) = (kernel::micros(now) + us(remaining_min), kernel::micros(now) - us(elapsed_min));
                let breached_at = breached.then_some(kernel::micros(now) - 1);
                tx.execute(
                    "INSERT INTO sla_cycles (ticket_id, sla_key, number, started_at, started_event, phase, goal_key, \
                     calendar_key, target_us, as_of, elapsed_us, remaining_us, breach_at, zero_at, breached_at, latest) \
                     SELECT t.id, 'resolution', $2, 0, t.id, $3, 'all', $4, 0, 0, $5, $6, $7, $8, $9, $10 \
                     FROM tickets t WHERE t.key = $1",
                    params![key, number, phase, calendar, us(elapsed_min), us(remaining_min),
                        running.then_some(breach), running.then_some(zero), breached_at, latest],
                )
                .await?;
            }
            Ok::<_, DbError>(())
        }));
        write.await.expect("cycles");
        let asking = Asking::new(&app).await;
        let calendars = super::store::calendars(&app.app.db.read()).await.expect("calendars");
        let clocks = super::Clocks { now, calendars };
        let tables = TicketTables { backend: app.app.db.backend(), internal: true, clocks: Some(&clocks) };
        let ask = async |condition: &str| {
            let text = format!("\"Time to resolution\" {condition}");
            let mut keys = listed(&app, tables, &asking.typed(&app, &text).await, &text).await;
            keys.sort_unstable();
            keys
        };
        let none: [&str; 0] = [];
        assert_eq!(ask("IS NOT EMPTY").await, ["INC-1", "INC-2", "INC-3", "INC-4"]);
        assert_eq!(ask("= running()").await, ["INC-1", "INC-2"]);
        assert_eq!(ask("!= running()").await, ["INC-3", "INC-4"]);
        assert_eq!(ask("= paused()").await, ["INC-3"]);
        assert_eq!(ask("= completed()").await, ["INC-4"]);
        assert_eq!(ask("= breached()").await, ["INC-2"]);
        assert_eq!(ask("= everBreached()").await, ["INC-1", "INC-2"]);
        assert_eq!(ask("< remaining(1h)").await, ["INC-1", "INC-2"]);
        assert_eq!(ask("< remaining(30m)").await, ["INC-2"]);
        assert_eq!(ask("<= remaining(30m)").await, ["INC-1", "INC-2"]);
        assert_eq!(ask(">= remaining(2h)").await, ["INC-3"]);
        assert_eq!(ask("> elapsed(1h)").await, ["INC-2"]);
        assert_eq!(ask(">= elapsed(1h)").await, ["INC-1", "INC-2", "INC-3"]);
        assert_eq!(ask("> elapsed(3h)").await, none);
        assert_eq!(ask("= withinCalendarHours()").await, ["INC-1", "INC-2", "INC-3"]);
    }
}

/// Ticket, number, phase, calendar, minutes passed, minutes left, whether it broke its goal, whether it is the newest.
type Cycle = (&'static str, i64, &'static str, Option<&'static str>, i64, i64, bool, bool);

const CYCLES: [Cycle; 5] = [
    // An earlier cycle was too late, the newest runs with half an hour left.
    ("INC-1", 1, "completed", None, 90, -30, true, false),
    ("INC-1", 2, "running", None, 60, 30, false, true),
    ("INC-2", 1, "running", None, 90, 0, false, true),
    ("INC-3", 1, "paused", None, 60, 120, false, true),
    ("INC-4", 1, "completed", Some("office"), 30, 60, false, true),
];
