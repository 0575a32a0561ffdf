//! Queries over real tickets, on both databases: a plan means what its query means in memory, page by page, for every
//! field and operator of the vocabulary.

use catalog::query::look_up;
use domain::priority::{Impact, Sourced, Urgency};
use domain::query::{self, Asker, Held, Names, TypedQuery, Value};
use domain::sla::Clock;
use domain::zone::Zone;
use kernel::{Origin, PersonId, Role, Scope, TeamId, TicketId, timestamp};
use platform::db::FromRow;
use platform::{Ctx, DbError, Lane, Sql, Tx, params};
use serde_json::json;
use testkit::queries::{Dice, FIND, Grammar, ORDER, SAME};
use testkit::{Backend, TestApp};
use uuid::Uuid;

use super::super::store::{self, Filter, Narrowed};
use super::super::{Cause, Kind, OpenTicket, ProjectChoice, Ticket, TicketError};
use super::record::TicketRecord;
use super::{Clocks, TicketTables, plan};
use crate::comment::{Visibility, comment_in};

const ANA: Uuid = Uuid::from_u128(1);
const BEN: Uuid = Uuid::from_u128(2);
const NETWORK: Uuid = Uuid::from_u128(0x10);
const MEMBERS: [(Uuid, Uuid); 1] = [(NETWORK, ANA)];
const WORDS: [&str; 6] = ["disk", "Disk full", "100% full_", "web-01 is down", "FULL disk", "Måling på ØYA"];

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

/// Custom fields of the kinds that differ in their rows.
async fn custom_fields(tx: &mut Tx) -> Result<(), DbError> {
    let options =
        json!([{"key": "eu", "name": "Europe"}, {"key": "us", "name": "Overseas"}, {"key": "asia", "name": "Asia"}]);
    for (key, name, kind) in [
        ("seats", "Seats", "number"),
        ("region", "Region", "choice"),
        ("regions", "Regions", "choices"),
        ("start", "First day", "date"),
        ("window", "Window", "instant"),
        ("outage", "Outage", "checkbox"),
        ("cost", "Cost centre", "text"),
        ("owner", "Owner", "person"),
    ] {
        let mut body = json!({"name": name, "kind": kind});
        if kind.starts_with("choice") {
            body["options"] = options.clone();
        }
        catalog::document::write(tx, "field", key, 1, body, None).await.expect("a field");
    }
    Ok(())
}

fn values(dice: &mut Dice) -> crate::field::Values {
    let mut values = crate::field::Values::new();
    for (key, all) in [
        ("seats", json!([1, 2.5, 3, -4.25])),
        ("region", json!(["eu", "us", "asia"])),
        ("regions", json!([["eu"], ["us", "asia"], ["eu", "us", "asia"]])),
        ("start", json!(["2026-01-01", "2026-03-02", "2026-03-12"])),
        ("window", json!(["2026-03-05T10:00:00Z", "2026-03-12T10:00:00.000001Z"])),
        ("outage", json!([true, false])),
        ("cost", json!(["CC 1", "cc 1", "Ærlig 100%", "other"])),
        ("owner", json!([ANA, BEN])),
    ] {
        let all = all.as_array().expect("a list");
        if let Some(n) = dice.below(all.len() + 1).checked_sub(1) {
            values.insert(key.to_owned(), all[n].clone());
        }
    }
    values
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
        due: some(dice.below(3)).map(|n| tx.now() + jiff::SignedDuration::from_hours([5, 300][n])),
        fields: values(dice),
        cause: Cause::Raised,
    };
    let id = super::super::open_in(tx, cmd).await.expect("opens");
    for visibility in [Visibility::Public, Visibility::Internal] {
        if dice.below(3) == 0 {
            comment_in(tx, id, visibility, dice.of(&WORDS).to_owned()).await.expect("comments");
        }
    }
    let move_to = async |tx: &mut Tx, status: &str, resolution: Option<&str>| {
        super::super::transition_in(tx, id, status, resolution).await.expect("moves");
    };
    match dice.below(6) {
        0 => move_to(tx, "resolved", Some("fixed")).await,
        1 => move_to(tx, "in_progress", None).await,
        2 => move_to(tx, "waiting", None).await,
        _ => {}
    }
}

/// Somebody, or a rule, changes some ticket.
async fn touch(tx: &mut Tx, dice: &mut Dice) -> Result<(), DbError> {
    let rows = tx.all::<IdRow>("SELECT id FROM tickets ORDER BY seq", vec![]).await?;
    let id = TicketId(rows[dice.below(rows.len())].id);
    let done = match dice.below(3) {
        0 => super::super::assign_if_free_in(tx, id, PersonId([ANA, BEN][dice.below(2)])).await,
        n => super::super::transition_in(tx, id, ["in_progress", "waiting"][n - 1], None).await.map(drop),
    };
    match done {
        Ok(()) | Err(TicketError::Transition(_)) => Ok(()),
        Err(error) => panic!("{error}"),
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
    let first = app.app.db.write(&system, Lane::Bulk, |tx| {
        Box::pin(async move {
            people(tx).await?;
            custom_fields(tx).await
        })
    });
    first.await.expect("people and fields");
    for n in 0..TICKETS {
        let write = app.app.db.write(&system, Lane::Bulk, move |tx| {
            Box::pin(async move {
                let mut dice = Dice(u64::try_from(n).expect("small") * 7_919 + 1);
                ticket(tx, &mut dice).await;
                Ok::<_, DbError>(())
            })
        });
        write.await.expect("a ticket");
        app.advance(jiff::SignedDuration::from_hours(3)).await;
        let scope = Scope::Agent { hidden_teams: vec![], hidden_projects: vec![] };
        let ana = Ctx::person_with_role(PersonId(ANA), Role::Agent, scope, Origin::Web);
        let by = if n % 3 == 0 { &system } else { &ana };
        let write = app.app.db.write(by, Lane::Bulk, move |tx| {
            Box::pin(async move { touch(tx, &mut Dice(u64::try_from(n).expect("small") + 99)).await })
        });
        write.await.expect("a change");
        app.advance(jiff::SignedDuration::from_hours(4)).await;
    }
    app
}

/// A ticket with what stands beside its row.
struct Whole {
    ticket: Ticket,
    comments: Vec<(bool, String)>,
    clocks: Vec<(String, Clock)>,
    past: Vec<(String, Held)>,
}

#[derive(FromRow)]
struct IdRow {
    id: Uuid,
}

#[derive(FromRow)]
struct PastRow {
    field: String,
    text: Option<String>,
    text_before: Option<String>,
    rank: Option<i64>,
    rank_before: Option<i64>,
    reference: Option<Uuid>,
    reference_before: Option<Uuid>,
    held_since: i64,
    held_until: Option<i64>,
    person_id: Option<Uuid>,
    is_first: bool,
}

impl PastRow {
    fn held(self) -> (String, Held) {
        let value = |text: Option<String>, rank: Option<i64>, reference: Option<Uuid>| {
            let rank = rank.map(|rank| Value::Choice(format!("P{rank}")));
            text.map(Value::Choice).or(rank).or(reference.map(Value::Reference))
        };
        let held = Held {
            value: value(self.text, self.rank, self.reference),
            previous: value(self.text_before, self.rank_before, self.reference_before),
            since: timestamp(self.held_since),
            until: self.held_until.map(timestamp),
            by: self.person_id,
            first: self.is_first,
        };
        (self.field, held)
    }
}

#[derive(FromRow)]
struct CommentRow {
    visibility: String,
    body: String,
}

#[derive(FromRow)]
struct ClockRow {
    sla_key: String,
    clock: serde_json::Value,
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
        let text = "SELECT sla_key, clock FROM sla_clocks WHERE ticket_id = $1";
        let clocks = sql.all::<ClockRow>(text, params![row.ticket.id]).await.expect("clocks");
        let clock = |row: ClockRow| (row.sla_key, serde_json::from_value(row.clock).expect("a clock"));
        let clocks = clocks.into_iter().map(clock).collect();
        let text = "SELECT field, text, text_before, rank, rank_before, reference, reference_before, held_since, \
                    held_until, person_id, is_first FROM ticket_past WHERE ticket_id = $1 ORDER BY field, number";
        let past = sql.all::<PastRow>(text, params![row.ticket.id]).await.expect("the past");
        let past = past.into_iter().map(PastRow::held).collect();
        tickets.push(Whole { ticket: row.ticket, comments, clocks, past });
    }
    tickets
}

fn in_memory(tickets: &[Whole], clocks: &Clocks, typed: &TypedQuery, internal: bool) -> Vec<String> {
    let holds = |whole: &&Whole| {
        let seen = whole.comments.iter().filter(|(public, _)| *public || internal);
        let comments: Vec<String> = seen.map(|(_, body)| body.clone()).collect();
        let custom = whole.ticket.fields.get("cost").filter(|_| internal);
        let texts: Vec<String> = custom.and_then(|text| text.as_str()).map(str::to_owned).into_iter().collect();
        typed.matches(&TicketRecord {
            ticket: &whole.ticket,
            comments: &comments,
            texts: &texts,
            members: &MEMBERS,
            clocks: &whole.clocks,
            past: &whole.past,
            calendars: &clocks.known.calendars,
            now: clocks.now,
        })
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
        let cursor = catalog::query::cursor_text(&last.keys);
        page = catalog::query::page_after(&plan, Some(&cursor)).expect("one of ours");
    }
    assert_eq!(paged, whole, "{text}, by pages");
    whole
}

const TIMES: &[&str] = &["2026-01-01", "now()", "-5d", "startOfDay()", "endOfWeek(-1)"];
const STATES: &[&str] =
    &["breached()", "everBreached()", "running()", "paused()", "completed()", "withinCalendarHours()"];
const BOUNDS: &[&str] = &["<", "<=", ">", ">="];
const LENGTHS: &[&str] =
    &["remaining(2h)", "remaining(-1d)", "remaining(7h)", "elapsed(90m)", "elapsed(0m)", "elapsed(7h)"];
const SOUGHT: &[&str] = &[
    "disk",
    "'dis*'",
    "\"full disk\"",
    "\"\\\"full disk\\\"\"",
    "web-01",
    "\"måling øya\"",
    "zebra",
    "\"ærlig 100\"",
    "cc",
];
const REGIONS: &[&str] = &["Europe", "us", "Asia"];
const CLAUSES: [(&str, &[&str], &[&str]); 36] = [
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
    ("\"SLA due\"", ORDER, TIMES),
    ("due", ORDER, TIMES),
    ("Seats", ORDER, &["1", "2.5", "-4.25", "100"]),
    ("Region", SAME, REGIONS),
    ("Regions", SAME, REGIONS),
    ("\"First day\"", ORDER, &["2026-03-02", "2026-01-01", "2027-01-01"]),
    ("Window", ORDER, &["2026-03-05", "2026-03-12T10:00:00Z", "now()"]),
    ("Outage", SAME, &["true", "no"]),
    ("\"Cost centre\"", SAME, &["\"CC 1\"", "\"ærlig 100%\"", "none"]),
    ("cost", FIND, &["\"cc*\"", "\"*100%\"", "\"æ\""]),
    ("Owner", SAME, &["ana", "\"Ben Berg\"", "currentUser()"]),
    ("\"Time to resolution\"", SAME, STATES),
    ("\"Time to resolution\"", BOUNDS, LENGTHS),
    ("\"Time to first response\"", SAME, STATES),
];
const SORTS: [&str; 27] = [
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
    "\"SLA due\"",
    "due",
    "Seats",
    "Region",
    "\"First day\"",
    "Window",
    "Outage",
    "\"Cost centre\"",
    "Owner",
];

const GRAMMAR: Grammar<'_> = Grammar {
    clauses: &CLAUSES,
    others: &[
        "assignee IN membersOf(Network)",
        "assignee NOT IN membersOf(Network)",
        "reporter IN membersOf(Network)",
        "reporter NOT IN membersOf(Network)",
        "status WAS Open",
        "status WAS NOT \"In progress\"",
        "status WAS IN (Waiting, Resolved)",
        "status CHANGED",
        "status CHANGED TO Resolved",
        "status CHANGED TO Waiting AFTER -8d",
        "status CHANGED FROM Open TO \"In progress\" BY currentUser()",
        "status WAS Waiting DURING (2026-03-04, 2026-03-09)",
        "status WAS Open ON 2026-03-05",
        "assignee WAS EMPTY",
        "assignee WAS ana BEFORE -3d",
        "assignee WAS NOT IN (ana, EMPTY)",
        "assignee CHANGED FROM EMPTY TO \"Ben Berg\"",
        "assignee CHANGED BY ana",
        "priority WAS High",
        "priority CHANGED",
        "team WAS Network",
        "team WAS EMPTY AFTER -2d",
    ],
    never_empty: &[],
    bare: &["\"Time to resolution\"", "\"Time to first response\""],
    sorts: &SORTS,
};

struct Asking {
    vocabulary: query::Vocabulary,
    asker: Asker,
}

impl Asking {
    async fn new(app: &TestApp) -> Self {
        let sql = app.app.db.read();
        let vocabulary = super::vocabulary(&sql, &Scope::All).await.expect("a vocabulary");
        let asker = Asker::new(app.app.now(), Zone::parse("Europe/Oslo").expect("a zone"), Some(ANA));
        Self { vocabulary, asker }
    }

    async fn typed(&self, app: &TestApp, text: &str) -> TypedQuery {
        let query = query::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let wanted = query::wanted(&query, &self.vocabulary);
        let (read, records) = (app.app.db.read(), &app.app.records);
        let names: Names = look_up(&read, records, &Scope::All, super::store::KINDS, wanted).await.expect("names");
        query::check(&query, &self.vocabulary, &self.asker, &names).unwrap_or_else(|wrong| panic!("{text}: {wrong:?}"))
    }
}

testkit::both_databases! {
    async fn plans_mean_what_queries_mean(backend) {
        let app = filled(backend).await;
        let asking = Asking::new(&app).await;
        let known = crate::sla::terms::in_force(&app.app.db.read()).await.expect("what is configured");
        let clocks = Clocks { now: app.app.now(), known };
        let tables = |internal| TicketTables { backend: app.app.db.backend(), internal, custom_texts: true, clocks: Some(&clocks) };
        let tickets = all(&app, tables(true)).await;
        assert_eq!(tickets.len(), TICKETS);
        let mut texts = GRAMMAR.each();
        let mut dice = Dice(4_711);
        // What the tests of clocks hold against each other is there.
        for state in STATES {
            let typed = asking.typed(&app, &format!("\"Time to resolution\" = {state}")).await;
            let found = in_memory(&tickets, &clocks, &typed, true).len();
            assert!((1..TICKETS).contains(&found), "{state} holds for some: {found}");
        }
        texts.extend((0..250).map(|_| GRAMMAR.query(&mut dice)));
        let mut found = 0;
        for (n, text) in texts.iter().enumerate() {
            let internal = n % 3 > 0;
            let typed = asking.typed(&app, text).await;
            let mut keys = listed(&app, tables(internal), &typed, text).await;
            keys.sort_unstable();
            assert_eq!(keys, in_memory(&tickets, &clocks, &typed, internal), "{text}");
            found += keys.len();
        }
        assert!(found > 2_000, "the tickets say something about the queries: {found}");
    }

    async fn orders_are_what_they_say(backend) {
        let app = filled(backend).await;
        let asking = Asking::new(&app).await;
        let tables = TicketTables { backend: app.app.db.backend(), internal: true, custom_texts: true, clocks: None };
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
}
