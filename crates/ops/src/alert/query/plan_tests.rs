//! The plans of the queries that people wait for, on both databases.

use domain::query::{Asker, Names};
use kernel::{Origin, PersonId, Role, Scope};
use platform::db::FromRow;
use platform::{Ctx, DbError, Lane, Sql, params};
use testkit::{Backend, TestApp};
use uuid::Uuid;

use super::super::raise::{RaiseAlert, raise_in};
use super::super::search::AlertFilter;
use super::{plan as plan_of, queue, store, vocabulary};

const BUSY: PersonId = PersonId(Uuid::from_u128(1));
const RARE: PersonId = PersonId(Uuid::from_u128(2));

/// 3000 alerts, most of them closed, so that the planners have something to choose from.
async fn filled(backend: Backend) -> TestApp {
    let app = TestApp::builder()
        .migrations(identity::MIGRATIONS)
        .migrations(catalog::MIGRATIONS)
        .migrations(crate::MIGRATIONS)
        .build(backend)
        .await;
    let system = Ctx::system("test");
    let write = app.app.db.write(&system, Lane::Bulk, |tx| {
        Box::pin(async move {
            let mut first = RaiseAlert::default();
            first.raise.message = "the first".to_owned();
            let id = raise_in(tx, &[first]).await.expect("raises")[0].id;
            let columns = "message, description, source, entity, tags, details, actions, seen, incident_state, version";
            let text = format!(
                "INSERT INTO alerts ({columns}, id, alias, status, priority, count, owner_id, created_at, updated_at, \
                 last_occurred_at) SELECT {columns}, $1, $2, $3, $4, 1, $5, $6, $6, $6 FROM alerts WHERE id = $7"
            );
            for n in 0..3000_i64 {
                let status = if n % 10 == 0 { "open" } else { "closed" };
                let owner = if n % 500 == 0 { RARE } else { BUSY };
                let priority = format!("P{}", n % 5 + 1);
                tx.execute(&text, params![tx.new_id(), format!("filler-{n}"), status, priority, owner, n, id]).await?;
            }
            loop {
                let rows = super::super::store::list_without_words(&*tx, 1_000).await?;
                if rows.is_empty() {
                    break;
                }
                let words: Vec<_> = rows.iter().map(super::super::words::of).collect();
                super::super::store::insert_words(tx, &words).await?;
            }
            tx.execute("ANALYZE", vec![]).await?;
            Ok::<_, DbError>(())
        })
    });
    write.await.expect("alerts");
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

async fn plan(app: &TestApp, backend: Backend, text: &str) -> String {
    let asker = Asker::new(app.app.now(), domain::zone::Zone::utc(), Some(RARE.0));
    let parsed = domain::query::parse(text).expect("is readable");
    let typed = domain::query::check(&parsed, &vocabulary(), &asker, &Names::default()).expect("is sound");
    let asked = plan_of(&app.app, &typed).expect("a plan");
    let scope = Scope::Agent { hidden_teams: vec![], hidden_projects: vec![] };
    let ctx = Ctx::person_with_role(RARE, Role::Agent, scope, Origin::Web);
    let query = store::list_query(backend, &ctx, &AlertFilter::default(), &asked, None, 51);
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
    async fn the_first_queues_use_indexes_of_open_alerts(backend) {
        let app = filled(backend).await;
        let mut cases: Vec<(&str, &str)> = queue::FIRST.iter().map(|(_, text)| (*text, "alerts_open")).collect();
        cases.push(("owner = currentUser() AND status = Open", "alerts_open_by_owner"));
        // So few open ones PostgreSQL rather sorts.
        let urgent = if backend == Backend::Sqlite { "alerts_open_by_priority" } else { "alerts_open" };
        cases.push(("status = Open ORDER BY priority DESC", urgent));
        cases.push(("ORDER BY created", "alerts_by_creation"));
        // PostgreSQL rightly reads so few short rows without the index.
        if backend == Backend::Sqlite {
            cases.push(("text ~ first", "alert_search"));
        }
        for (text, index) in cases {
            let plan = plan(&app, backend, text).await;
            assert!(plan.contains(index), "{text} should use {index}:\n{plan}");
        }
    }
}
