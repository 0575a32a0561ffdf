//! The end of the demo: what is left is what a new database begins with, and one administrator.

use std::collections::BTreeMap;

use jiff::ToSpan;
use platform::{Ctx, DbError, Lane, Sql, params};
use serde_json::json;

use crate::backup::{lived_in, rows, save};
use crate::harness::World;

const PATH: &str = "/api/v1/setup/remove-demo";
const PASSWORD: &str = "a lantern in the harbour";

/// How many rows each table has; what only tells of the past aside.
async fn tables(world: &World, folder: &std::path::Path) -> BTreeMap<String, usize> {
    let file = folder.join("rows.backup");
    save(&world.app().db, &world.app().blobs, &file).await;
    let mut counts = BTreeMap::new();
    for line in rows(&file) {
        let table = line.split(' ').next().unwrap_or_default().to_owned();
        *counts.entry(table).or_default() += 1;
    }
    counts.retain(|table, _| !["events", "readers", "blob_garbage"].contains(&table.as_str()));
    counts
}

/// Notes that the demo has filled this database.
async fn as_demo(world: &World) {
    let note = "INSERT INTO setup_tests (step, ok, detail, at) VALUES ('demo', TRUE, '', $1)";
    let noted: Result<(), DbError> = world
        .app()
        .db
        .write(&Ctx::system("test"), Lane::Front, move |tx| {
            Box::pin(async move { tx.execute(note, params![tx.now()]).await.map(drop) })
        })
        .await;
    noted.unwrap();
}

testkit::both_databases! {
    async fn what_is_left_is_a_new_database(backend) {
        let folder = tempfile::tempdir().unwrap();
        let world = lived_in(backend).await;
        let body = |confirm: &str, email: &str| json!({"confirm": confirm,
            "administrator": {"name": "Mara Osei", "email": email, "password": PASSWORD}});
        let answer = world.post("root", PATH, body("Nordhaven", "mara@example.com")).await.expect(409);
        assert_eq!(answer["code"], "no_demo");
        as_demo(&world).await;
        assert_eq!(world.get("root", "/api/v1/setup/checklist").await.expect(200)["demo"], "Nordhaven");
        world.post("ana", PATH, body("Nordhaven", "mara@example.com")).await.expect(403);
        let wrong = world.post("root", PATH, body("Southport", "mara@example.com")).await.expect(422);
        assert_eq!(wrong["errors"][0]["field"], "confirm");
        let wrong = world.post("root", PATH, body("Nordhaven", "mara")).await.expect(422);
        assert_eq!(wrong["errors"][0]["field"], "administrator.email");
        assert_eq!(world.get("root", "/api/v1/setup/checklist").await.expect(200)["demo"], "Nordhaven");
        assert!(walk(world.files()) > 0);

        let gone = world.post("root", PATH, body("Nordhaven", "mara@example.com")).await.expect(200);
        assert_eq!((&gone["people"], &gone["tickets"], &gone["services"]), (&json!(2), &json!(2), &json!(1)));
        world.settle().await;
        world.expect_silence();
        let fresh = World::start(backend, "2026-03-02T09:00:00Z").await;
        fresh.settle().await;
        assert_eq!(tables(&world, folder.path()).await, tables(&fresh, folder.path()).await);
        assert!(world.get("root", "/api/v1/setup/checklist").await.expect(200)["demo"].is_null());
        let people = world.get("root", "/api/v1/people").await.expect(200);
        assert_eq!(people["items"][0]["email"], "mara@example.com");
        // It works on from there, and the files follow.
        let ticket = json!({"project_key": "REQ", "kind": "request", "summary": "The first real one"});
        assert_eq!(world.post("root", "/api/v1/tickets", ticket).await.expect(201)["key"], "REQ-1");
        world.advance(48.hours()).await;
        assert_eq!(walk(world.files()), 0);
    }
}

/// How many files there are.
fn walk(folder: &std::path::Path) -> usize {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| if entry.path().is_dir() { walk(&entry.path()) } else { 1 }).sum()
}
