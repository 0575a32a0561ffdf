//! Versions after each other on one database: the newest binary goes on with what the first one made, and a binary
//! refuses a database of a newer one. `data/README.md` says how the old databases were made.

use std::io::Read;

use axum::http::Method;
use flate2::read::GzDecoder;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};
use serde_json::{Value, json};
use testkit::Backend;
use testkit::binary::{Bridgewatch, Settings};
use testkit::process::shows;

fn unpacked(mut packed: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    GzDecoder::new(&mut packed).read_to_end(&mut plain).expect("a packed file");
    plain
}

async fn connected(url: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await.expect("the database")
}

/// A database as the first version left it.
async fn first_version(backend: Backend) -> (String, tempfile::TempDir) {
    let (url, folder) = testkit::database::empty(backend).await;
    match backend {
        Backend::Sqlite => {
            let file = url.trim_start_matches("sqlite:");
            std::fs::write(file, unpacked(include_bytes!("data/2026-11-22-sqlite.db.gz"))).expect("a file");
        }
        Backend::Postgres => {
            let text = unpacked(include_bytes!("data/2026-11-22-postgresql.sql.gz"));
            let database = connected(&url).await;
            let text = String::from_utf8(text).expect("SQL");
            database.execute_unprepared(&text).await.expect("the rows of the first version");
            database.close().await.expect("the end");
        }
    }
    (url, folder)
}

fn server(url: &str) -> Bridgewatch {
    let settings = Settings { database: Some(url.to_owned()), ..Settings::default() };
    Bridgewatch::ready(env!("CARGO_BIN_EXE_bridgewatch"), settings)
}

/// Waits until it answers: it listens before its tables are up to date.
async fn ready(server: &Bridgewatch) {
    let client = server.client();
    shows("the server to be ready", || async {
        let answer = client.try_call(Method::GET, "/readyz", &Value::Null).await.ok()?;
        (answer.status == 200).then_some(())
    })
    .await;
}

fn keys(page: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> =
        page["items"].as_array().expect("items").iter().filter_map(|item| item["key"].as_str()).collect();
    keys.sort_unstable();
    keys
}

testkit::both_databases! {
    async fn the_newest_goes_on_with_what_the_first_version_made(backend) {
        let (url, _folder) = first_version(backend).await;
        let mut server = server(&url);
        server.resume().expect("it starts on an old database");
        ready(&server).await;
        // People sign in as they did.
        let sign_in = json!({"email": server::demo::SIGN_IN, "password": server::demo::PASSWORD});
        server.client().post("/api/v1/session", sign_in).await.expect(200);
        let amara = server.client().with_token(&server.token(server::demo::SIGN_IN));
        let tickets = amara.get("/api/v1/tickets?limit=200").await;
        let keys_then: Vec<String> =
            (1..=10).map(|n| format!("INC-{n}")).chain((1..=14).map(|n| format!("REQ-{n}"))).collect();
        let mut keys_then: Vec<&str> = keys_then.iter().map(String::as_str).collect();
        keys_then.sort_unstable();
        assert_eq!(keys(&tickets), keys_then);
        let one = amara.get("/api/v1/tickets/INC-10").await;
        assert_eq!(one["summary"], "till-gateway: authorisation timeouts");
        assert_eq!(one["status"]["key"], "open");
        assert!(!amara.get("/api/v1/tickets/INC-10/activity").await["items"].as_array().expect("items").is_empty());
        let alerts = amara.get("/api/v1/alerts?limit=200").await;
        assert_eq!(alerts["items"].as_array().map(Vec::len), Some(31));

        // What came later works on what was there before: full text, queues, files, numbers that go on.
        let found = amara.get("/api/v1/tickets?query=text~Bergen").await;
        assert_eq!(keys(&found), ["REQ-10", "REQ-2"]);
        assert!(!amara.get("/api/v1/queues").await["items"].as_array().expect("items").is_empty());
        let new = json!({"project_key": "INC", "kind": "incident", "summary": "After the upgrade"});
        let new = amara.post("/api/v1/tickets", new).await.expect(201);
        assert_eq!(new["key"], "INC-11");
        assert!(!new["slas"].as_array().expect("clocks").is_empty(), "{new:#}");

        // Once more, with nothing left to do.
        server.kill();
        server.resume().expect("it starts again");
        ready(&server).await;
        assert_eq!(amara.get("/api/v1/tickets/INC-11").await["summary"], "After the upgrade");
    }

    async fn an_older_version_refuses_a_newer_database(backend) {
        let (url, _folder) = first_version(backend).await;
        let mut server = server(&url);
        server.resume().expect("it starts");
        ready(&server).await;
        server.kill();
        let database = connected(&url).await;
        // What a later version would leave behind.
        database.execute_unprepared("INSERT INTO migrations (name, at) VALUES ('desk_9999_tomorrow', 0)").await.expect("a row");
        database.close().await.expect("the end");
        let before = server.log().len();
        server.launch().expect("a process");
        let said = shows("its last words", || async {
            let said = server.log().split_off(before);
            said.contains("bridgewatch: ").then_some(said)
        })
        .await;
        assert!(!server.stop().expect("it has ended"), "with a failure: {said}");
        let reason = "the database holds the migration `desk_9999_tomorrow`, which this version does not know";
        assert!(said.contains(reason), "{said}");
        assert!(said.contains("start that version or restore a backup"), "{said}");
        // Nor do the commands beside it, and the doctor says why.
        let said = server.run(&["admin", "token", "create", "--user", server::demo::SIGN_IN, "--name", "x"]);
        assert!(said.expect_err("no command works").to_string().contains("made by a newer Bridgewatch"));
        let said = server.run(&["doctor"]).expect_err("the doctor finds it").to_string();
        assert!(said.contains("desk_9999_tomorrow"), "{said}");
    }
}

#[test]
fn migrations_only_add() {
    for migration in server::assembly::migrations().into_iter().flatten() {
        for line in migration.sql.lines().map(str::to_ascii_uppercase).filter(|line| !line.starts_with("--")) {
            // The version before works on the same database while several servers are restarted one after the other.
            let takes = ["DROP TABLE", "DROP COLUMN", "RENAME "].into_iter().find(|words| line.contains(words));
            assert_eq!(takes, None, "{}: {line}", migration.name);
        }
    }
}
