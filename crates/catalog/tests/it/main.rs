//! The catalogue in process, on both databases.

use axum::body::Body;
use axum::http::{Method, Request};
use kernel::{Origin, PersonId, Role, Scope, TeamId};
use platform::db::{Backend, Lane, Sql};
use platform::{Ctx, DbError, params};
use serde_json::{Value, json};
use testkit::TestApp;
use uuid::Uuid;

const ANA: PersonId = PersonId(Uuid::from_u128(1));
const OPEN_TEAM: TeamId = TeamId(Uuid::from_u128(0x10));
const PRIVATE_TEAM: TeamId = TeamId(Uuid::from_u128(0x11));

fn caller(role: Role, scope: Scope) -> Ctx {
    Ctx::person_with_role(ANA, role, scope, Origin::Web)
}

/// Callers: `root` sees all, `ana` is in no private team, `token` is bound to the open team, `cem` is a customer.
async fn catalog(backend: Backend) -> TestApp {
    let app = TestApp::builder()
        .migrations(identity::MIGRATIONS)
        .migrations(catalog::MIGRATIONS)
        .routes(catalog::routes())
        .titles(identity::PersonTitles)
        .titles(identity::TeamTitles)
        .titles(catalog::CatalogTitles)
        .build(backend)
        .await;
    let system = Ctx::system("test");
    let write = app.app.db.write(&system, Lane::Front, |tx| {
        Box::pin(async move {
            tx.execute(
                "INSERT INTO people (id, name, name_key, email, email_key, role, time_zone, locale, single_keys, \
                 active, invited, created_at, updated_at, version) \
                 VALUES ($1, 'Ana', 'ana', 'a@nordhaven.test', 'a@nordhaven.test', 'agent', 'UTC', 'en', TRUE, TRUE, \
                 FALSE, 0, 0, 1)",
                params![ANA],
            )
            .await?;
            for (id, name, private) in [(OPEN_TEAM, "Payments", false), (PRIVATE_TEAM, "Security", true)] {
                tx.execute(
                    "INSERT INTO teams (id, name, name_key, description, private, time_zone, created_at, updated_at, \
                     version) VALUES ($1, $2, $2, '', $3, 'UTC', 0, 0, 1)",
                    params![id, name, private],
                )
                .await?;
            }
            Ok::<_, DbError>(())
        })
    });
    write.await.expect("people and teams");
    app.know("root", caller(Role::Admin, Scope::All));
    let agent = Scope::Agent { hidden_teams: vec![PRIVATE_TEAM], hidden_projects: vec![] };
    app.know("ana", caller(Role::Agent, agent));
    app.know("token", caller(Role::Agent, Scope::Team(OPEN_TEAM)));
    app.know("cem", caller(Role::Customer, Scope::Customer(ANA)));
    app
}

async fn service(app: &TestApp, body: Value) -> Value {
    app.post("root", "/api/v1/services", body).await.expect(201)
}

fn path_of(service: &Value) -> String {
    format!("/api/v1/services/{}", service["id"].as_str().expect("an id"))
}

fn names(page: &Value) -> Vec<&str> {
    page["items"].as_array().expect("items").iter().filter_map(|service| service["name"].as_str()).collect()
}

testkit::both_databases! {
    async fn a_service_is_created_edited_and_deleted(backend) {
        let app = catalog(backend).await;
        let made = service(&app, json!({
            "name": "Web shop", "tier": 1, "owner_team_id": OPEN_TEAM,
            "responders": [{"kind": "person", "id": ANA}, {"kind": "team", "id": OPEN_TEAM}],
            "incident_rule": {"by_priority": {"P1": "open", "P3": "ignore"}},
        })).await;
        assert_eq!((made["key"].as_str(), made["owner_team"]["name"].as_str()), (Some("web-shop"), Some("Payments")));
        assert_eq!(made["responders"][0]["name"], "Ana");
        assert_eq!(made["incident_rule"]["by_priority"], json!({"P1": "open", "P3": "ignore"}));
        let path = path_of(&made);
        let edited = app.call("ana", Method::PATCH, &path, json!({"tier": 2, "responders": [], "owner_team_id": null})).await;
        assert_eq!(edited.headers["etag"], "\"2\"");
        let edited = edited.expect(200);
        assert_eq!((edited["tier"].as_i64(), edited["responders"].clone(), edited["owner_team"].is_null()), (Some(2), json!([]), true));
        let stale = Request::builder().method(Method::PATCH).uri(&path).header("authorization", "Bearer ana")
            .header("content-type", "application/json").header("if-match", "\"1\"")
            .body(Body::from(json!({"tier": 3}).to_string())).expect("a request");
        assert_eq!(app.send(stale).await.expect(412)["code"], "version_conflict");
        app.call("ana", Method::DELETE, &path, Value::Null).await.expect(204);
        app.get("ana", &path).await.expect(404);
        // Its key is free again.
        assert_eq!(service(&app, json!({"name": "Web shop", "tier": 1})).await["key"], "web-shop");
    }

    async fn wrong_fields_are_named(backend) {
        let app = catalog(backend).await;
        let unknown = Uuid::from_u128(99);
        let body = json!({"name": " ", "key": "NO", "tier": 9, "owner_team_id": unknown, "escalation_policy_id": unknown,
            "responders": [{"kind": "person", "id": unknown}]});
        let refused = app.post("root", "/api/v1/services", body).await.expect(422);
        let fields: Vec<_> = refused["errors"].as_array().expect("errors").iter().map(|error| error["field"].clone()).collect();
        assert_eq!(fields, ["name", "key", "tier", "owner_team_id", "escalation_policy_id", "responders[0]"]);
        service(&app, json!({"name": "Wiki", "tier": 4})).await;
        assert_eq!(app.post("root", "/api/v1/services", json!({"name": "Wiki", "tier": 4})).await.expect(409)["code"], "service_key_taken");
    }

    async fn services_of_private_teams_are_hidden(backend) {
        let app = catalog(backend).await;
        let vault = service(&app, json!({"name": "Vault", "tier": 1, "owner_team_id": PRIVATE_TEAM})).await;
        let shop = service(&app, json!({"name": "Shop", "tier": 1, "owner_team_id": OPEN_TEAM})).await;
        service(&app, json!({"name": "Wiki", "tier": 4})).await;
        assert_eq!(names(&app.get("root", "/api/v1/services").await.expect(200)), ["Wiki", "Shop", "Vault"]);
        assert_eq!(names(&app.get("ana", "/api/v1/services").await.expect(200)), ["Wiki", "Shop"]);
        assert_eq!(names(&app.get("token", "/api/v1/services").await.expect(200)), ["Shop"]);
        assert_eq!(names(&app.get("ana", "/api/v1/services?query=SHO").await.expect(200)), ["Shop"]);
        for (name, path) in [("ana", path_of(&vault)), ("token", path_of(&vault))] {
            app.get(name, &path).await.expect(404);
            app.call(name, Method::PATCH, &path, json!({"tier": 2})).await.expect(404);
            app.call(name, Method::DELETE, &path, Value::Null).await.expect(404);
        }
        let stolen = json!({"owner_team_id": PRIVATE_TEAM});
        app.call("ana", Method::PATCH, &path_of(&shop), stolen).await.expect(422);
        app.get("cem", "/api/v1/services").await.expect(403);
        app.post("cem", "/api/v1/services", json!({"name": "x", "tier": 1})).await.expect(403);
        app.get("", "/api/v1/services").await.expect(401);
        // Pages continue where the one before ended.
        let page = app.get("root", "/api/v1/services?limit=2").await.expect(200);
        let next = page["next"].as_str().expect("a next page");
        assert_eq!(names(&app.get("root", &format!("/api/v1/services?limit=2&cursor={next}")).await.expect(200)), ["Vault"]);
    }

    async fn rules_find_services_and_can_be_restored(backend) {
        let app = catalog(backend).await;
        let shop = service(&app, json!({"name": "Shop", "tier": 1})).await;
        let wiki = service(&app, json!({"name": "Wiki", "tier": 4})).await;
        let rule = |name: &str, service: &Value, value: &str| json!({"name": name, "service_id": service["id"],
            "conditions": [{"label": "service", "op": "matches", "value": value}]});
        assert_eq!(app.get("ana", "/api/v1/service-rules").await.expect(200)["version"], 0);
        let first = json!({"rules": [rule("shops", &shop, "shop-.*"), rule("all", &wiki, ".*")]});
        let stored = app.call("ana", Method::PUT, "/api/v1/service-rules", first).await.expect(200);
        assert_eq!((stored["version"].as_i64(), stored["rules"][0]["service"]["name"].as_str()), (Some(1), Some("Shop")));
        let test = |value: &'static str| {
            let app = &app;
            async move { app.post("ana", "/api/v1/service-rules/test", json!({"labels": {"service": value}})).await.expect(200) }
        };
        let found = test("shop-eu").await;
        assert_eq!((found["service"]["name"].as_str(), found["rule"]["name"].as_str()), (Some("Shop"), Some("shops")));
        assert_eq!(found["reason"], r#"rule "shops": service "shop-eu" matches shop-.*"#);
        assert_eq!(test("other").await["service"]["name"], "Wiki");
        // A service that a rule names stays.
        assert_eq!(app.call("ana", Method::DELETE, &path_of(&shop), Value::Null).await.expect(409)["code"], "service_in_use");
        let wrong = json!({"rules": [rule("bad", &shop, "("), rule("none", &json!({"id": Uuid::from_u128(9)}), "x")]});
        let refused = app.call("ana", Method::PUT, "/api/v1/service-rules", wrong).await.expect(422);
        let fields: Vec<_> = refused["errors"].as_array().expect("errors").iter().map(|error| error["field"].clone()).collect();
        assert_eq!(fields, ["rules[0].conditions[0]", "rules[1].service_id"]);
        // Version 2 has no rules; restoring 1 makes it version 3.
        app.call("ana", Method::PUT, "/api/v1/service-rules", json!({"rules": []})).await.expect(200);
        assert!(test("shop-eu").await["service"].is_null());
        let restore = "/api/v1/documents/service_rules/default/versions/1/restore";
        assert_eq!(app.post("ana", restore, Value::Null).await.expect(200)["version"], 3);
        assert_eq!(test("shop-eu").await["service"]["name"], "Shop");
        let versions = app.get("ana", "/api/v1/documents/service_rules/default/versions").await.expect(200);
        let told: Vec<_> = versions["items"].as_array().expect("items").iter().map(|v| (v["version"].as_i64(), v["actor"]["name"].as_str())).collect();
        assert_eq!(told, [(Some(3), Some("Ana")), (Some(2), Some("Ana")), (Some(1), Some("Ana"))]);
        assert_eq!(app.get("ana", "/api/v1/documents/service_rules/default/versions/2").await.expect(200)["body"], json!({"rules": []}));
        app.post("ana", "/api/v1/documents/nothing/default/versions/1/restore", Value::Null).await.expect(409);
        for (method, path) in [(Method::GET, "/api/v1/service-rules"), (Method::PUT, "/api/v1/service-rules"), (Method::POST, restore)] {
            let body = if method == Method::PUT { json!({"rules": []}) } else { Value::Null };
            app.call("cem", method.clone(), path, body.clone()).await.expect(403);
            app.call("", method, path, body).await.expect(401);
        }
    }

    async fn what_was_made_of_documents_is_kept_until_one_of_them_changes(backend) {
        static KEPT: catalog::document::Kept<Value> = catalog::document::Kept::new(&["kept"], &["kept", "kept_too"]);
        async fn body(sql: &impl Sql) -> Result<Value, DbError> {
            Ok(catalog::document::current(sql, "kept", "key").await?.map_or(Value::Null, |document| document.body))
        }
        let app = catalog(backend).await;
        let db = &app.app.db;
        let put = |value: &'static str, fails: bool| async move {
            db.write(&Ctx::system("test"), Lane::Front, move |tx| Box::pin(async move {
                KEPT.now(&*tx, body(&*tx)).await?;
                catalog::document::write(tx, "kept", "key", 1, json!(value), None).await?;
                // A change sees what it wrote itself.
                assert_eq!(*KEPT.now(&*tx, body(&*tx)).await?, value);
                if fails { Err(catalog::document::DocumentError::NotFound) } else { Ok(()) }
            })).await
        };
        let now = || async {
            let read = db.read();
            KEPT.now(&read, body(&read)).await.expect("read")
        };
        put("first", false).await.expect("written");
        assert_eq!(*now().await, "first");
        let read = db.read();
        let unasked = async { panic!("nothing has changed") };
        assert_eq!(*KEPT.now(&read, unasked).await.expect("read"), "first");
        put("rolled back", true).await.expect_err("rolled back");
        assert_eq!(*now().await, "first");
        // It has the version that the one before had, and another body.
        put("second", false).await.expect("written");
        assert_eq!(*now().await, "second");
    }

    async fn nothing_is_kept_of_a_group_that_was_not_committed(backend) {
        // Only on SQLite do changes see each other before they are committed.
        if backend == Backend::Postgres {
            return;
        }
        static KEPT: catalog::document::Kept<Value> = catalog::document::Kept::new(&["lost"], &["lost"]);
        async fn body(sql: &impl Sql) -> Result<Value, DbError> {
            Ok(catalog::document::current(sql, "lost", "key").await?.map_or(Value::Null, |document| document.body))
        }
        let app = catalog(backend).await;
        let db = &app.app.db;
        let ctx = Ctx::system("test");
        let put = |value: &'static str, breaks: bool| db.write(&ctx, Lane::Front, move |tx| Box::pin(async move {
            if breaks {
                // What nobody has noticed yet when the change ends, and the commit refuses.
                tx.execute("PRAGMA defer_foreign_keys = ON", vec![]).await?;
                tx.execute("INSERT INTO team_members (team_id, person_id, role) VALUES ($1, $1, 'member')", params![Uuid::nil()]).await?;
            }
            catalog::document::write(tx, "lost", "key", 1, json!(value), None).await.map(|document| document.version)
        }));
        let look = || db.write(&ctx, Lane::Front, |tx| Box::pin(async move { KEPT.now(&*tx, body(&*tx)).await }));
        assert_eq!(put("first", false).await.expect("written"), 1);
        assert_eq!(*look().await.expect("read"), "first");
        // Until both are in one group.
        loop {
            let (written, seen) = tokio::join!(put("lost", true), look());
            written.expect_err("the commit refuses it");
            match seen {
                Ok(seen) => assert_eq!(*seen, "first"),
                Err(_) => break,
            }
        }
        assert_eq!(put("second", false).await.expect("written"), 2, "the number that the lost one had");
        assert_eq!(*look().await.expect("read"), "second");
    }

    async fn two_writers_of_a_document_make_two_versions(backend) {
        let app = catalog(backend).await;
        let write = |value: i64, expected: Option<i64>| {
            let db = app.app.db.clone();
            async move {
                db.write(&Ctx::system("test"), Lane::Front, move |tx| {
                    Box::pin(async move { catalog::document::write(tx, "kind", "key", 1, json!(value), expected).await })
                })
                .await
            }
        };
        let (a, b) = tokio::join!(write(1, None), write(2, None));
        let mut versions = [a.expect("written").version, b.expect("written").version];
        versions.sort_unstable();
        assert_eq!(versions, [1, 2]);
        assert!(matches!(write(3, Some(1)).await, Err(catalog::document::DocumentError::VersionConflict { current: 2 })));
        let read = app.app.db.read();
        let now = catalog::document::current(&read, "kind", "key").await.expect("read").expect("there");
        // The same body again adds nothing.
        let same = write(now.body.as_i64().expect("a number"), Some(2)).await.expect("kept");
        assert_eq!(same.version, 2);
        assert!(catalog::document::version_of(&read, "kind", "key", 9).await.expect("read").is_none());
    }
}
