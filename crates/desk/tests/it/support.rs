//! People, callers and short ways to ask.

use std::sync::Arc;

use catalog::queue::QueueKinds;
use desk::ticket::{Kind, OpenTicket, ProjectChoice};
use identity::notification::Sources;
use kernel::{Origin, PersonId, ProjectId, Role, Scope, TeamId};
use platform::app::AttachmentLimits;
use platform::db::{Lane, Sql, Tx};
use platform::{App, Ctx, DbError, params};
use serde_json::{Value, json};
use testkit::{Backend, TestApp};
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

/// Ana and Bo are agents, Cem is a customer, Dora a viewer of INC, Root an administrator.
pub const PEOPLE: [(&str, u128, Role); 6] = [
    ("ana", 1, Role::Agent),
    ("bo", 2, Role::Agent),
    ("cem", 3, Role::Customer),
    ("dora", 4, Role::Agent),
    ("root", 5, Role::Admin),
    ("eve", 6, Role::Customer),
];

pub const TEAM: TeamId = TeamId(Uuid::from_u128(0x10));

pub fn person(name: &str) -> PersonId {
    let known = PEOPLE.iter().find(|(known, ..)| *known == name).expect("a known person");
    PersonId(Uuid::from_u128(known.1))
}

pub fn caller(name: &str) -> Ctx {
    let role = PEOPLE.iter().find(|(known, ..)| *known == name).expect("a known person").2;
    let scope = match role {
        Role::Admin => Scope::All,
        Role::Agent => Scope::Agent { hidden_teams: vec![], hidden_projects: vec![] },
        Role::Customer => Scope::Customer(person(name)),
    };
    Ctx::person_with_role(person(name), role, scope, Origin::Web)
}

/// The agent `name`, from whom these projects are hidden.
pub fn caller_without(name: &str, hidden_projects: Vec<ProjectId>) -> Ctx {
    Ctx { scope: Scope::Agent { hidden_teams: vec![], hidden_projects }, ..caller(name) }
}

async fn insert_people(tx: &Tx) -> Result<(), DbError> {
    for (name, id, role) in PEOPLE {
        tx.execute(
            "INSERT INTO people (id, name, name_key, email, email_key, role, time_zone, locale, single_keys, active, \
             invited, created_at, updated_at, version) \
             VALUES ($1, $2, $2, $3, $3, $4, 'UTC', 'en', TRUE, TRUE, FALSE, 0, 0, 1)",
            params![Uuid::from_u128(id), name, format!("{name}@nordhaven.test"), role.as_str()],
        )
        .await?;
    }
    tx.execute(
        "INSERT INTO teams (id, name, name_key, description, private, time_zone, created_at, updated_at, version) \
         VALUES ($1, 'Payments', 'payments', '', FALSE, 'UTC', 0, 0, 1)",
        params![TEAM],
    )
    .await?;
    let member = "INSERT INTO team_members (team_id, person_id, role) VALUES ($1, $2, 'member')";
    tx.execute(member, params![TEAM, person("bo")]).await?;
    Ok(())
}

/// The operations on queues.
pub fn queues() -> OpenApiRouter<App> {
    catalog::queue::routes(QueueKinds::new(vec![Arc::new(desk::TicketQueues)]))
}

fn sources() -> Sources {
    Sources::new(vec![Arc::new(desk::notification::TicketNotices)])
}

/// The desk with its people, and the projects INC and REQ of the first start.
pub async fn desk(backend: Backend) -> TestApp {
    desk_with(backend, AttachmentLimits::default()).await
}

/// The same with other limits of files.
pub async fn desk_with(backend: Backend, limits: AttachmentLimits) -> TestApp {
    let app = TestApp::builder()
        .migrations(identity::MIGRATIONS)
        .migrations(catalog::MIGRATIONS)
        .migrations(desk::MIGRATIONS)
        .routes(catalog::routes_with(catalog::kinds().and(desk::kinds())))
        .routes(desk::routes())
        .routes(queues())
        .routes(identity::notification::routes(sources()))
        .work(|app| desk::work(app).and(identity::notification::work(app, sources())).and(platform::blob::work(app)))
        .attachments(limits)
        .titles(identity::PersonTitles)
        .titles(identity::TeamTitles)
        .titles(catalog::CatalogTitles)
        .titles(desk::TicketTitles)
        .titles(desk::ProjectTitles)
        .build(backend)
        .await;
    app.app
        .db
        .write(&Ctx::system("test"), Lane::Front, |tx| Box::pin(async move { insert_people(tx).await }))
        .await
        .expect("people");
    desk::seed(&app.app).await.expect("the first start");
    for (name, ..) in PEOPLE {
        app.know(name, caller(name));
    }
    app
}

/// Opens an incident in INC as Ana and gives it.
pub async fn incident(app: &TestApp, summary: &str, more: Value) -> Value {
    let mut body = json!({"project_key": "INC", "kind": "incident", "summary": summary});
    body.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
    app.post("ana", "/api/v1/tickets", body).await.expect(201)
}

/// Creates a service as the administrator and gives its id.
pub async fn service(app: &TestApp, name: &str, tier: i64) -> String {
    let body = json!({"name": name, "tier": tier});
    let service = app.post("root", "/api/v1/services", body).await.expect(201);
    service["id"].as_str().expect("an id").to_owned()
}

/// The id of a project by its key.
pub async fn project_id(app: &TestApp, key: &str) -> String {
    let page = app.get("root", "/api/v1/projects").await.expect(200);
    let found = page["items"].as_array().expect("items").iter().find(|project| project["key"] == key);
    found.expect("the project")["id"].as_str().expect("an id").to_owned()
}

/// The number of rows of a table.
pub async fn count(app: &App, table: &str) -> i64 {
    #[derive(platform::db::FromRow)]
    struct Row {
        number: i64,
    }
    let text = format!("SELECT COUNT(*) AS number FROM {table}");
    app.db.read().one::<Row>(&text, vec![]).await.expect("a count").expect("a row").number
}

/// The command that opens an incident, for those who open it in a transaction of their own.
pub fn an_incident(summary: &str) -> OpenTicket {
    OpenTicket::new(ProjectChoice::Key("INC".to_owned()), Kind::Incident, summary)
}
