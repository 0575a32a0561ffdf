//! The plans of the queries that people wait for, on both databases.

use catalog::query::Statement;
use domain::query::{Asker, Names};
use kernel::{PersonId, Scope};
use platform::db::FromRow;
use platform::{Ctx, DbError, Lane, Sql, params};
use testkit::{Backend, TestApp};
use uuid::Uuid;

use super::query::{Clocks, TicketTables, plan as plan_of};
use super::store::{AssigneeFilter, Filter, Narrowed, list_query};
use super::{Kind, OpenTicket, ProjectChoice};

const BUSY: PersonId = PersonId(Uuid::from_u128(1));
const RARE: PersonId = PersonId(Uuid::from_u128(2));

/// 3000 tickets, most of them resolved, so that the planners have something to choose from.
async fn filled(backend: Backend) -> TestApp {
    let app = TestApp::builder()
        .migrations(identity::MIGRATIONS)
        .migrations(catalog::MIGRATIONS)
        .migrations(crate::MIGRATIONS)
        .build(backend)
        .await;
    crate::seed(&app.app).await.expect("the first start");
    let system = Ctx::system("test");
    let write = app.app.db.write(&system, Lane::Bulk, |tx| {
        Box::pin(async move {
            let first = OpenTicket::new(ProjectChoice::Key("INC".to_owned()), Kind::Incident, "the first");
            super::open_in(tx, first).await.expect("opens");
            let columns = "project_id, kind, description, workflow_key, workflow_version, status_category, impact, \
                 urgency, priority_reason, labels, first_response_at, version, team_id, service_id";
            let text = format!(
                "INSERT INTO tickets ({columns}, id, key, summary, status, priority, assignee_id, reporter_id, \
                 created_at, updated_at, resolved_at) SELECT {columns}, $1, $2, 'filler', 'open', $3, $4, $5, $6, \
                 $6, $7 FROM tickets WHERE key = 'INC-1'"
            );
            for n in 0..3000_i64 {
                let resolved = (n % 3 != 0).then_some(n);
                let (assignee, reporter) =
                    (if n % 100 == 0 { RARE } else { BUSY }, if n % 500 == 0 { RARE } else { BUSY });
                let values = params![tx.new_id(), format!("FILL-{n}"), n % 5 + 1, assignee, reporter, n, resolved];
                tx.execute(&text, values).await?;
            }
            // Each has the clocks of the first, which run out one after the other.
            let rest = "goal_key, calendar_key, target_us, as_of, elapsed_us, remaining_us, zero_at, next_at, latest";
            let rows: String = rest.split(", ").map(|column| format!(", y.{column}")).collect();
            let cycles = format!(
                "INSERT INTO sla_cycles (ticket_id, sla_key, number, started_at, started_event, phase, breach_at, {rest}) \
                 SELECT t.id, y.sla_key, y.number, y.started_at, y.started_event, y.phase, t.created_at{rows} \
                 FROM tickets t CROSS JOIN sla_cycles y WHERE t.key LIKE 'FILL-%' AND t.resolved_at IS NULL"
            );
            assert_eq!(tx.execute(&cycles, vec![]).await?, 2_000);
            let due = "UPDATE tickets SET sla_due_at = created_at WHERE resolved_at IS NULL";
            tx.execute(due, vec![]).await?;
            while super::words::catch_up(tx, 1_000).await? > 0 {}
            tx.execute("ANALYZE", vec![]).await?;
            Ok::<_, DbError>(())
        })
    });
    write.await.expect("tickets");
    app
}

#[derive(FromRow)]
struct SqlitePlan {
    detail: String,
}

#[derive(FromRow)]
struct PostgresPlan {
    #[column = "QUERY PLAN"]
    line: String,
}

async fn plan(app: &TestApp, backend: Backend, scope: &Scope, filter: &Filter, text: &str) -> String {
    let known = crate::sla::terms::in_force(&app.app.db.read()).await.expect("what is configured");
    let clocks = Clocks { now: app.app.now(), known };
    let tables =
        TicketTables { backend: app.app.db.backend(), internal: true, custom_texts: true, clocks: Some(&clocks) };
    let vocabulary = super::query::vocabulary(&app.app.db.read(), scope).await.expect("a vocabulary");
    let asker = Asker::new(app.app.now(), domain::zone::Zone::utc(), Some(RARE.0));
    let parsed = domain::query::parse(text).expect("is readable");
    let typed = domain::query::check(&parsed, &vocabulary, &asker, &Names::default()).expect("is sound");
    let asked = plan_of(tables, &typed).expect("a plan");
    explained(app, backend, list_query(Narrowed { scope, filter, tables }, &asked, None, 51)).await
}

async fn explained(app: &TestApp, backend: Backend, query: Statement) -> String {
    let read = app.app.db.read();
    match backend {
        Backend::Sqlite => {
            let text = format!("EXPLAIN QUERY PLAN {}", query.text);
            let rows: Vec<SqlitePlan> = read.all(&text, query.values).await.expect("a plan");
            rows.into_iter().map(|row| row.detail).collect::<Vec<_>>().join("\n")
        }
        Backend::Postgres => {
            let text = format!("EXPLAIN {}", query.text);
            let rows: Vec<PostgresPlan> = read.all(&text, query.values).await.expect("a plan");
            rows.into_iter().map(|row| row.line).collect::<Vec<_>>().join("\n")
        }
    }
}

testkit::both_databases! {
    async fn the_hot_lists_use_their_indexes(backend) {
        let app = filled(backend).await;
        let agent = Scope::Agent { hidden_teams: vec![], hidden_projects: vec![] };
        let open = Filter { open: true, ..Filter::default() };
        let mine = Filter { assignee: Some(AssigneeFilter::Person(RARE)), ..open.clone() };
        let (newest, urgent, recent) = ("", "ORDER BY priority DESC", "ORDER BY updated DESC");
        let everything = Filter::default();
        let mut cases = vec![
            ("open, newest first", &agent, &open, newest, "tickets_open"),
            ("open, mine", &agent, &mine, newest, "tickets_open_by_assignee"),
            ("open, most pressing first", &agent, &open, urgent, "tickets_open_by_priority"),
            ("all, last changed first", &agent, &everything, recent, "tickets_by_update"),
            ("all, oldest first", &agent, &everything, "ORDER BY created", "tickets_by_creation"),
            ("all, by priority and age", &agent, &everything, "ORDER BY priority, created DESC", "tickets_by_priority"),
            ("open, most pressing first, the oldest first", &agent, &open, "ORDER BY priority DESC, created",
                "tickets_open_by_priority_oldest"),
            ("open, most pressing first, the newest first", &agent, &open, "ORDER BY priority DESC, created DESC",
                "tickets_open_by_priority_newest"),
            ("a customer's", &Scope::Customer(RARE), &everything, newest, "tickets_by_reporter"),
        ];
        // PostgreSQL rightly reads so few short rows without the index.
        if backend == Backend::Sqlite {
            cases.push(("a rare word", &agent, &everything, "text ~ first", "ticket_search"));
        }
        // The queues of the first start.
        for (name, text) in crate::queue::FIRST {
            let index = match (name, backend) {
                // PostgreSQL rightly sorts so few.
                ("My open work" | "Unassigned", Backend::Sqlite) => "tickets_open_by_assignee_priority",
                ("My open work", Backend::Postgres) => "tickets_open_by_assignee",
                _ => "tickets_open",
            };
            cases.push((name, &agent, &everything, text, index));
        }
        for (_, name, text) in crate::queue::LATER {
            cases.push((name, &agent, &everything, text, "tickets_open_by_sla_due"));
        }
        for (what, scope, filter, order, index) in cases {
            let plan = plan(&app, backend, scope, filter, order).await;
            assert!(plan.contains(index), "{what} should use {index}:\n{plan}");
        }
    }

    async fn clocks_are_read_and_sorted_along_indexes(backend) {
        let app = filled(backend).await;
        let agent = Scope::Agent { hidden_teams: vec![], hidden_projects: vec![] };
        let everything = Filter::default();
        let (key, sorts) = match backend {
            Backend::Sqlite => ("sqlite_autoindex_sla_cycles_1", "TEMP B-TREE"),
            Backend::Postgres => ("sla_cycles_pkey", "Sort"),
        };
        let due = "\"SLA due\" IS NOT EMPTY AND statusCategory != Done ORDER BY \"SLA due\"";
        for text in [due, crate::queue::LATER[0].2] {
            let plan = plan(&app, backend, &agent, &everything, text).await;
            assert!(plan.contains("tickets_open_by_sla_due") && !plan.contains(sorts), "{text}:\n{plan}");
        }
        let soon = "\"Time to resolution\" < remaining(1h) AND statusCategory != Done";
        let plan = plan(&app, backend, &agent, &everything, soon).await;
        // PostgreSQL rightly reads so few clocks at once.
        if backend == Backend::Sqlite {
            assert!(plan.contains("tickets_open") && plan.contains(key), "{soon}:\n{plan}");
        }
        // The column of service levels on a page; a short one, since PostgreSQL rightly reads so few clocks at once.
        let ids: Vec<_> = (0..2).map(|n| sea_orm::Value::from(Uuid::from_u128(n))).collect();
        let query = Statement { text: crate::sla::latest_cycles_query(ids.len()), values: ids };
        let plan = explained(&app, backend, query).await;
        assert!(plan.contains(key), "{plan}");
    }
}
