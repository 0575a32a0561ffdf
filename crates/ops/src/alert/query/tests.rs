//! Queries over real alerts, on both databases: a plan means what its query means in memory, page by page, for every
//! field and operator of the vocabulary.

use std::collections::BTreeMap;

use catalog::query::{cursor_text, everything, look_up, page_after};
use domain::alert::Raise;
use domain::priority::Priority;
use domain::query::{self, Asker, TypedQuery};
use domain::zone::Zone;
use jiff::SignedDuration;
use kernel::{Actor, AlertId, PersonId, Scope, TeamId, TicketId};
use platform::{Ctx, DbError, Lane, Sql, Tx, params};
use testkit::queries::{Dice, FIND, Grammar, ORDER, SAME};
use testkit::{Backend, TestApp};
use uuid::Uuid;

use super::super::change::{Change, apply_in};
use super::super::raise::{RaiseAlert, raise_in};
use super::super::search::AlertFilter;
use super::super::state::{IncidentState, Verb};
use super::super::store::AlertRow;
use super::record::AlertRecord;
use super::{AlertTables, plan, store, vocabulary};

const ANA: Uuid = Uuid::from_u128(1);
const BEN: Uuid = Uuid::from_u128(2);
const NETWORK: Uuid = Uuid::from_u128(0x10);
const PROBE: Uuid = Uuid::from_u128(0x20);
const INCIDENT: Uuid = Uuid::from_u128(0x30);
const MEMBERS: [(Uuid, Uuid); 1] = [(NETWORK, ANA)];
const WORDS: [&str; 6] = ["disk", "Disk full", "100% full_", "web-01 is down", "FULL disk", "Måling på ØYA"];
const ALERTS: usize = 60;

async fn company(tx: &Tx) -> Result<(), DbError> {
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
    tx.execute(
        "INSERT INTO integrations (id, name, kind, enabled, key_hash, key_prefix, settings, accepted, rejected, \
         created_at, version) VALUES ($1, 'Probe One', 'opsgenie', TRUE, 'x', 'x', $2, 0, 0, 0, 1)",
        params![PROBE, serde_json::json!({})],
    )
    .await?;
    Ok(())
}

async fn alert(tx: &mut Tx, dice: &mut Dice, n: usize) {
    let tags = ["db", "DB2", "needs care"].into_iter().filter(|_| dice.below(2) == 0).map(str::to_owned).collect();
    let raise = Raise {
        alias: [None, Some(format!("Alias-{}", n % 9))][dice.below(2)].clone(),
        message: dice.of(&WORDS).to_owned(),
        description: dice.of(&["", "The disk of WEB-02. Full!", "nothing"]).to_owned(),
        priority: [None, Some(Priority::P1), Some(Priority::P2), Some(Priority::P5)][dice.below(4)],
        source: dice.of(&["", "prometheus", "Nagios"]).to_owned(),
        entity: dice.of(&["", "web-01"]).to_owned(),
        tags,
        details: BTreeMap::from([("zone".to_owned(), dice.of(&["eu one", "US"]).to_owned())]),
        actions: vec![],
    };
    let team_id = [None, Some(TeamId(NETWORK))][dice.below(2)];
    let report = RaiseAlert { raise, team_id, ..RaiseAlert::default() };
    let id = raise_in(tx, &[report]).await.expect("raises")[0].id;
    let person = [ANA, BEN][dice.below(2)];
    let until = tx.now() + SignedDuration::from_hours(10_000);
    let verbs = match dice.below(7) {
        0 => vec![Verb::Acknowledge],
        1 => vec![Verb::Acknowledge, Verb::Close],
        2 => vec![Verb::Snooze(until)],
        3 => vec![Verb::Assign(PersonId(person), "somebody".to_owned())],
        4 => vec![Verb::SetIncident(IncidentState::Opened, Some(TicketId(INCIDENT)))],
        5 => vec![Verb::ChangeMessage("zebra crossing".to_owned()), Verb::AddTags(vec!["late".to_owned()])],
        _ => vec![],
    };
    for verb in verbs {
        let change = Change { by: Some(PersonId(person)), ..Change::default() };
        // A repeated report may have met an alert that is taken already.
        let _ = apply_in(tx, id, verb, change).await;
    }
}

async fn filled(backend: Backend) -> TestApp {
    let app = TestApp::builder()
        .migrations(identity::MIGRATIONS)
        .migrations(catalog::MIGRATIONS)
        .migrations(crate::MIGRATIONS)
        .build(backend)
        .await;
    let system = Ctx::system("test");
    let first = app.app.db.write(&system, Lane::Bulk, |tx| Box::pin(async move { company(tx).await }));
    first.await.expect("a company");
    let probe = Ctx { actor: Actor::Integration { id: PROBE.into() }, ..Ctx::system("test") };
    for n in 0..ALERTS {
        let ctx = if n % 3 == 0 { &probe } else { &system };
        let write = app.app.db.write(ctx, Lane::Bulk, move |tx| {
            Box::pin(async move {
                alert(tx, &mut Dice(u64::try_from(n).expect("small") * 7_919 + 1), n).await;
                Ok::<_, DbError>(())
            })
        });
        write.await.expect("an alert");
        app.advance(SignedDuration::from_hours(7)).await;
    }
    app
}

async fn listed(app: &TestApp, typed: &TypedQuery, text: &str) -> Vec<AlertRow> {
    let (ctx, filter, sql) = (Ctx::system("test"), AlertFilter::default(), app.app.db.read());
    let plan = plan(&app.app, typed).unwrap_or_else(|error| panic!("{text}: {error}"));
    let rows = store::list(&sql, &ctx, &filter, &plan, None, 1_000).await;
    let rows = rows.unwrap_or_else(|error| panic!("{text}: {error}"));
    let whole: Vec<i64> = rows.iter().map(|row| row.row.seq).collect();
    let count = store::count(&sql, &ctx, &filter, &plan, 1_000).await.expect("a count");
    assert_eq!(count, i64::try_from(whole.len()).expect("small"), "{text}, counted");
    let (mut paged, mut page) = (Vec::new(), None);
    loop {
        let rows = store::list(&sql, &ctx, &filter, &plan, page.as_ref(), 7).await.expect("a page");
        paged.extend(rows.iter().map(|row| row.row.seq));
        let Some(last) = rows.last().filter(|_| rows.len() == 7) else { break };
        page = page_after(&plan, Some(&cursor_text(&last.keys))).expect("one of ours");
    }
    assert_eq!(paged, whole, "{text}, by pages");
    rows.into_iter().map(|row| row.row).collect()
}

const FLAGS: &[&str] = &["true", "false"];
const TIMES: &[&str] = &["2026-03-05", "now()", "-5d", "startOfDay()", "endOfWeek(-1)"];
const SOUGHT: &[&str] =
    &["disk", "'dis*'", "\"full disk\"", "\"\\\"full disk\\\"\"", "web-01", "\"måling øya\"", "zebra"];
const CLAUSES: [(&str, &[&str], &[&str]); 27] = [
    ("number", ORDER, &["3", "40"]),
    ("status", SAME, &["Open", "closed"]),
    ("acknowledged", SAME, FLAGS),
    ("snoozed", SAME, FLAGS),
    ("priority", ORDER, &["Critical", "High", "medium", "P4", "Lowest"]),
    ("title", SAME, &["disk", "\"disk full\"", "other"]),
    ("title", FIND, SOUGHT),
    ("description", FIND, SOUGHT),
    ("text", FIND, &["disk", "prometheus", "late", "\"eu one\"", "'alias*'", "\"\\\"nagios web\\\"\""]),
    ("service", SAME, &["\"00000000-0000-0000-0000-000000000099\""]),
    ("team", SAME, &["Network"]),
    ("owner", SAME, &["ana", "\"Ben Berg\"", "currentUser()"]),
    ("acknowledgedBy", SAME, &["ana@nordhaven.test", "currentUser()"]),
    ("integration", SAME, &["\"probe one\""]),
    ("incident", SAME, &["\"00000000-0000-0000-0000-000000000030\""]),
    ("incidentState", SAME, &["Opened", "none"]),
    ("source", SAME, &["Prometheus", "nagios"]),
    ("entity", SAME, &["web-01"]),
    ("alias", SAME, &["alias-3"]),
    ("tags", SAME, &["DB", "db2", "\"needs care\"", "none"]),
    ("count", ORDER, &["1", "2"]),
    ("created", ORDER, TIMES),
    ("last", ORDER, TIMES),
    ("updated", ORDER, TIMES),
    ("closed", ORDER, TIMES),
    ("acknowledgedAt", ORDER, TIMES),
    ("snoozedUntil", ORDER, TIMES),
];
const GRAMMAR: Grammar<'_> = Grammar {
    clauses: &CLAUSES,
    others: &[
        "owner IN membersOf(Network)",
        "owner NOT IN membersOf(Network)",
        "acknowledgedBy IN membersOf(Network)",
        "acknowledgedBy NOT IN membersOf(Network)",
    ],
    never_empty: &["acknowledged", "snoozed"],
    bare: &[],
    sorts: &[
        "number",
        "status",
        "priority",
        "title",
        "service",
        "team",
        "owner",
        "integration",
        "source",
        "entity",
        "count",
        "created",
        "last",
        "updated",
        "closed",
        "acknowledgedAt",
        "snoozedUntil",
    ],
};

async fn typed(app: &TestApp, text: &str) -> TypedQuery {
    let vocabulary = vocabulary();
    let query = query::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let wanted = query::wanted(&query, &vocabulary);
    let (read, records) = (app.app.db.read(), &app.app.records);
    let names = look_up(&read, records, &Scope::All, store::KINDS, wanted).await.expect("names");
    let asker = Asker::new(app.app.now(), Zone::parse("Europe/Oslo").expect("a zone"), Some(ANA));
    query::check(&query, &vocabulary, &asker, &names).unwrap_or_else(|wrong| panic!("{text}: {wrong:?}"))
}

testkit::both_databases! {
    async fn plans_mean_what_queries_mean(backend) {
        let app = filled(backend).await;
        assert_eq!(app.app.db.backend(), AlertTables { backend }.backend);
        let alerts = listed(&app, &everything(), "everything").await;
        assert!(alerts.len() > 40 && alerts.iter().any(|alert| alert.count > 1), "{}", alerts.len());
        let mut texts = GRAMMAR.each();
        let mut dice = Dice(4_711);
        texts.extend((0..250).map(|_| GRAMMAR.query(&mut dice)));
        let mut found = 0;
        for text in &texts {
            let typed = typed(&app, text).await;
            let mut numbers: Vec<i64> = listed(&app, &typed, text).await.iter().map(|row| row.seq).collect();
            numbers.sort_unstable();
            let holds = |row: &&AlertRow| typed.matches(&AlertRecord { row, members: &MEMBERS });
            let mut expected: Vec<i64> = alerts.iter().filter(holds).map(|row| row.seq).collect();
            expected.sort_unstable();
            assert_eq!(numbers, expected, "{text}");
            found += numbers.len();
        }
        assert!(found > 2_000, "the alerts say something about the queries: {found}");
    }

    async fn the_most_pressing_come_first(backend) {
        let app = filled(backend).await;
        let typed = typed(&app, "status = open ORDER BY priority DESC, created DESC").await;
        let rows = listed(&app, &typed, "by priority").await;
        let keys = rows.iter().map(|row| (row.priority.clone(), std::cmp::Reverse(row.created_at)));
        assert!(rows.len() > 10 && keys.is_sorted());
    }

    async fn words_of_older_alerts_are_noted_at_the_start(backend) {
        let app = filled(backend).await;
        let system = Ctx::system("test");
        let forget = app.app.db.write(&system, Lane::Bulk, |tx| {
            Box::pin(async move { tx.execute("DELETE FROM alert_words", vec![]).await })
        });
        assert!(forget.await.expect("forgets") > 0);
        let zebras = typed(&app, "text ~ zebra").await;
        assert_eq!(listed(&app, &zebras, "none yet").await.len(), 0);
        crate::alert::seed(&app.app).await.expect("a start");
        let found = listed(&app, &zebras, "by then").await;
        assert!(!found.is_empty());
        let id = AlertId(found[0].id);
        let change = app.app.db.write(&system, Lane::Front, move |tx| {
            Box::pin(async move {
                apply_in(tx, id, Verb::ChangeMessage("okapi".to_owned()), Change::default()).await.expect("changes");
                Ok::<_, DbError>(())
            })
        });
        change.await.expect("a change");
        assert_eq!(listed(&app, &zebras, "one less").await.len(), found.len() - 1);
        let okapis = typed(&app, "title ~ okap* AND text !~ zebra").await;
        assert_eq!(listed(&app, &okapis, "an okapi").await.len(), 1);
    }
}
