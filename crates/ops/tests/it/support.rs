//! What these tests share: an application with callers.

use std::collections::BTreeSet;
use std::sync::Arc;

use catalog::queue::QueueKinds;
use kernel::{Actor, Origin, Permission, PersonId, Role, Scope, TeamId};
use ops::alert::query::AlertQueues;
use platform::{Ctx, Lane, Sql, params};
use serde_json::{Value, json};
use testkit::{Backend, TestApp};
use uuid::Uuid;

pub const ANA: Uuid = Uuid::from_u128(0xa1);
pub const BEN: Uuid = Uuid::from_u128(0xb1);
pub const SECRET_TEAM: Uuid = Uuid::from_u128(0x7e);
pub const OPEN_TEAM: Uuid = Uuid::from_u128(0x7f);

/// An application with Ana (agent), Ben (agent, hidden from the private team), Cleo (customer) and a read-only token.
pub async fn app(backend: Backend) -> TestApp {
    let app = TestApp::builder()
        .migrations(identity::MIGRATIONS)
        .migrations(catalog::MIGRATIONS)
        .migrations(ops::MIGRATIONS)
        .titles(identity::TeamTitles)
        .routes(catalog::routes())
        .routes(ops::routes())
        .routes(catalog::queue::routes(QueueKinds::new(vec![Arc::new(AlertQueues)])))
        .work(ops::work)
        .build(backend)
        .await;
    app.app
        .db
        .write(&Ctx::system("test"), Lane::Front, |tx| {
            Box::pin(async move {
                for (id, name) in [(ANA, "Ana Lindqvist"), (BEN, "Ben Okafor")] {
                    let mail = format!("{}@nordhaven.example", name.split(' ').next().unwrap_or_default().to_lowercase());
                    tx.execute(
                        "INSERT INTO people (id, name, name_key, email, email_key, role, time_zone, locale, single_keys, active, invited, \
                         created_at, updated_at, version) VALUES ($1,$2,$2,$3,$3,'agent','UTC','en',$4,$4,$5,0,0,1)",
                        params![id, name, mail, true, false],
                    )
                    .await?;
                }
                for (id, name, private) in [(SECRET_TEAM, "Secret", true), (OPEN_TEAM, "Platform", false)] {
                    tx.execute(
                        "INSERT INTO teams (id, name, name_key, description, private, time_zone, created_at, updated_at, version) \
                         VALUES ($1,$2,$4,'',$3,'UTC',0,0,1)",
                        params![id, name, private, name.to_lowercase()],
                    )
                    .await?;
                }
                Ok::<_, platform::DbError>(())
            })
        })
        .await
        .expect("people and teams");
    let agent = |id: Uuid, hidden: Vec<TeamId>| {
        let scope = Scope::Agent { hidden_teams: hidden, hidden_projects: Vec::new() };
        Ctx::person_with_role(PersonId(id), Role::Agent, scope, Origin::Api)
    };
    app.know("ana", agent(ANA, vec![]));
    app.know("ben", agent(BEN, vec![TeamId(SECRET_TEAM)]));
    app.know("admin", Ctx::person_with_role(PersonId(ANA), Role::Admin, Scope::All, Origin::Web));
    app.know("cleo", Ctx::person_with_role(PersonId(BEN), Role::Customer, Scope::Customer(PersonId(BEN)), Origin::Web));
    let mut reader = agent(BEN, vec![]);
    reader.actor = Actor::Person { id: PersonId(BEN) };
    reader.permissions = BTreeSet::from([Permission::AlertsRead]);
    app.know("reader", reader);
    app
}

/// Raises an alert as Ana.
pub async fn raise(app: &TestApp, body: Value) -> Value {
    let answer = app.post("ana", "/api/v1/alerts", body).await;
    assert!(answer.status.is_success(), "{:#}", answer.body);
    answer.body
}

/// The messages of a list, in its order.
pub async fn messages(app: &TestApp, who: &str, path: &str) -> Vec<String> {
    let page = app.get(who, path).await.expect(200);
    page["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|item| item["message"].as_str().unwrap_or_default().to_owned())
        .collect()
}

/// The kinds of an alert's log lines, oldest first.
pub async fn log(app: &TestApp, id: &str) -> Vec<String> {
    let page = app.get("ana", &format!("/api/v1/alerts/{id}/log")).await.expect(200);
    let mut kinds: Vec<String> = page["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|item| item["kind"].as_str().unwrap_or_default().to_owned())
        .collect();
    kinds.reverse();
    kinds
}

/// `{}`.
pub fn nothing() -> Value {
    json!({})
}
