//! Backup and restore: every row comes back on either database, damage is found before anything is touched, and nothing
//! is sent until somebody has looked.

use std::{io::Read as _, path::Path, sync::Arc};

use flate2::read::GzDecoder;
use jiff::ToSpan;
use platform::{
    Backend, Blobs, Ctx, Db, DbError, Lane,
    backup::{self, BackupError, Existing},
    blob::StorageSettings,
    work::hold,
};
use serde_json::json;
use server::assembly;

use crate::harness::World;

pub async fn save(db: &Db, blobs: &Blobs, file: &Path) -> u64 {
    let out = std::fs::File::create(file).unwrap();
    backup::write(db, blobs, &assembly::migrations(), "0.1.0", out).await.unwrap().rows
}

/// The lines of a backup but for the first and the last, which hold its time and checksum.
pub fn rows(file: &Path) -> Vec<String> {
    let mut text = String::new();
    GzDecoder::new(std::fs::File::open(file).unwrap()).read_to_string(&mut text).unwrap();
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    // Order within a table is the database's own; JSON texts may differ in their spaces and order of keys.
    let mut table = String::new();
    let mut all: Vec<String> = lines[1..lines.len() - 1]
        .iter()
        .map(|line| {
            let value: serde_json::Value = serde_json::from_str(line).unwrap();
            if value.is_string() || value["blob"].is_string() {
                return format!("content {value}");
            }
            if let Some(name) = value["table"].as_str() {
                table = name.to_owned();
                return format!("{table} {value}");
            }
            let values = value.as_array().unwrap().iter().map(|value| {
                match value
                    .as_str()
                    .filter(|text| text.starts_with(['{', '[']))
                    .map(serde_json::from_str::<serde_json::Value>)
                {
                    Some(Ok(parsed)) => parsed,
                    _ => value.clone(),
                }
            });
            format!("{table} {}", serde_json::Value::from_iter(values))
        })
        .filter(|line| !line.starts_with("outgoing_hold"))
        .collect();
    all.sort();
    all
}

pub async fn lived_in(backend: Backend) -> World {
    let world = World::start(backend, "2026-03-02T09:00:00Z").await;
    world.agents(&["ana"]).await;
    let team = world.team("Network", &["ana"]).await;
    let policy =
        world.policy_of("Network 24x7", &[(0, "ana")], json!({ "repeat": { "wait_min": 10, "count": 1 } })).await;
    world.route(team, &policy).await;
    world.daily_schedule("Network", "Europe/Vienna", "2026-03-01", &["ana"]).await;
    let service = json!({ "name": "Zahlungsverkehr – API \"1\"", "tier": 1, "owner_team_id": team });
    let service = world.post("root", "/api/v1/services", service).await.expect(201);
    let body = json!({ "message": "disk full", "priority": "P2", "service_id": service["id"], "tags": ["db", "disk"],
        "details": { "host": "db-1" } });
    world.post("root", "/api/v1/alerts", body).await.expect(201);
    let ticket = json!({ "project_key": "REQ", "kind": "request", "summary": "A cage for the zebra" });
    let ticket = world.post("root", "/api/v1/tickets", ticket).await.expect(201);
    // More than one line of a backup.
    world.attach("ana", ticket["key"].as_str().unwrap(), "zebra ".repeat(20_000).as_bytes()).await;
    world.settle().await;
    world.mailbox("ana").expect_page("disk full");
    world
}

testkit::both_databases! {
    async fn every_row_comes_back_on_either_database(backend) {
        let world = lived_in(backend).await;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.backup");
        let count = save(&world.app().db, &world.app().blobs, &file).await;
        assert!(count > 50, "{count} rows");
        for onto in [Backend::Sqlite, Backend::Postgres] {
            let (url, other) = testkit::database::empty(onto).await;
            let db = Db::connect(&url, world.app().db.clock()).await.unwrap();
            let blobs = Blobs::open(&StorageSettings::default(), other.path().join("blobs")).unwrap();
            let restored = backup::restore(&db, &blobs, &assembly::migrations(), &file, Existing::Keep).await.unwrap();
            assert_eq!((restored.rows, restored.blobs), (count, 1));
            let again = folder.path().join(format!("{onto:?}.backup"));
            save(&db, &blobs, &again).await;
            assert_eq!(rows(&again), rows(&file), "from {backend:?} onto {onto:?}");
            // Numbers go on where they were.
            let made = db.write::<_, DbError, _>(&Ctx::system("test"), Lane::Front, |tx| Box::pin(async move {
                let text = "INSERT INTO projects (id, key, name, private, default_kind, created_at, updated_at, version, last_number) \
                            VALUES ($1, 'NEW', 'New', $2, 'incident', 0, 0, 1, 0)";
                platform::Sql::execute(tx, text, platform::params![tx.new_id(), false]).await
            })).await;
            assert_eq!(made.unwrap(), 1);
        }
    }

    async fn a_file_that_is_damaged_is_named_and_holds_up_nothing(backend) {
        let world = lived_in(backend).await;
        let ticket = world.get("root", "/api/v1/tickets?query=text~zebra").await.expect(200)["items"][0]["key"].clone();
        world.attach("ana", ticket.as_str().unwrap(), b"whole").await;
        let mut places = vec![world.files().to_owned()];
        while let Some(place) = places.pop() {
            if place.is_dir() {
                places.extend(std::fs::read_dir(place).unwrap().map(|entry| entry.unwrap().path()));
            } else if std::fs::metadata(&place).unwrap().len() > 100 {
                std::fs::write(&place, "Zebra ".repeat(20_000)).unwrap();
            }
        }
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.backup");
        let out = std::fs::File::create(&file).unwrap();
        let app = world.app();
        let written = backup::write(&app.db, &app.blobs, &assembly::migrations(), "0.1.0", out).await.unwrap();
        assert_eq!((written.blobs, written.lost.len()), (1, 1));
        assert_eq!(backup::verify(&file).unwrap().blobs, 1);
        // What the replaced database named alone is swept after a restore, and nothing else.
        world.attach("ana", ticket.as_str().unwrap(), b"later").await;
        let restored = backup::restore(&app.db, &app.blobs, &assembly::migrations(), &file, Existing::Overwrite).await.unwrap();
        assert_eq!(restored.blobs, 1);
        platform::blob::start(app).await.unwrap();
        world.settle().await;
        let listed = world.get("ana", &format!("/api/v1/tickets/{}/attachments", ticket.as_str().unwrap())).await.expect(200);
        let ids: Vec<&str> = listed["items"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
        assert_eq!(ids.len(), 2);
        let whole = world.get("ana", &format!("/api/v1/attachments/{}/content", ids[1])).await.expect(200);
        assert_eq!(whole, "whole");
        let places = std::fs::read_dir(world.files().join("sha256")).unwrap();
        let files: usize = places.map(|place| std::fs::read_dir(place.unwrap().path()).unwrap().count()).sum();
        assert_eq!(files, 2);
        world.ignore_messages();
    }

    async fn nothing_is_sent_after_a_restore_until_it_is_released(backend) {
        let world = lived_in(backend).await;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.backup");
        save(&world.app().db, &world.app().blobs, &file).await;
        // Meanwhile the original goes on; then its backup is put in its place.
        let summary = backup::restore(&world.app().db, &world.app().blobs, &assembly::migrations(), &file, Existing::Overwrite).await.unwrap();
        assert_eq!(summary.manifest.version, "0.1.0");
        assert!(hold::since(&world.app().db.read()).await.unwrap().is_some());
        // Full text is found again, and new text goes on to be.
        let ticket = json!({ "project_key": "REQ", "kind": "request", "summary": "Hay for the zebra" });
        world.post("root", "/api/v1/tickets", ticket).await.expect(201);
        let found = world.get("ana", "/api/v1/tickets?query=text~zebra").await.expect(200);
        assert_eq!(found["items"].as_array().map(Vec::len), Some(2), "{found:#}");
        world.advance(10.minutes()).await;
        world.expect_silence();
        let status = world.get("ana", "/api/v1/system/status").await.expect(200);
        assert!(status["outgoing_held_since"].is_string(), "{status:#}");
        world.post("ana", "/api/v1/system/release-outgoing", json!({})).await.expect(403);
        world.post("root", "/api/v1/system/release-outgoing", json!({})).await.expect(200);
        world.settle().await;
        world.mailbox("ana").expect_page("disk full");
        world.ignore_messages();
        assert!(world.get("ana", "/api/v1/system/status").await.expect(200)["outgoing_held_since"].is_null());
    }

    async fn what_is_there_is_not_lost_by_mistake(backend) {
        let world = lived_in(backend).await;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.backup");
        save(&world.app().db, &world.app().blobs, &file).await;
        let (db, blobs) = (&world.app().db, &world.app().blobs);
        let migrations = assembly::migrations();
        let refused = backup::restore(db, blobs, &migrations, &file, Existing::Keep).await.unwrap_err();
        assert!(matches!(refused, BackupError::NotEmpty), "{refused}");

        // Cut off, changed, or from a newer version: the database stays as it was.
        let whole = std::fs::read(&file).unwrap();
        let cut = folder.path().join("cut.backup");
        std::fs::write(&cut, &whole[..whole.len() / 2]).unwrap();
        let refused = backup::restore(db, blobs, &migrations, &cut, Existing::Overwrite).await.unwrap_err();
        assert!(matches!(refused, BackupError::Damaged { .. }), "{refused}");
        let mut text = String::new();
        GzDecoder::new(&whole[..]).read_to_string(&mut text).unwrap();
        let changed = text.replacen("disk full", "disk fuII", 1);
        let other = folder.path().join("changed.backup");
        let mut packed = flate2::write::GzEncoder::new(std::fs::File::create(&other).unwrap(), flate2::Compression::fast());
        std::io::Write::write_all(&mut packed, changed.as_bytes()).unwrap();
        packed.finish().unwrap();
        let refused = backup::restore(db, blobs, &migrations, &other, Existing::Overwrite).await.unwrap_err();
        assert!(refused.to_string().contains("checksum"), "{refused}");
        let older: Vec<_> = migrations.iter().copied().take(2).collect();
        let (url, _folder) = testkit::database::empty(backend).await;
        let empty = Db::connect(&url, Arc::new(platform::time::SystemClock)).await.unwrap();
        let refused = backup::restore(&empty, blobs, &older, &file, Existing::Keep).await.unwrap_err();
        assert!(matches!(refused, BackupError::Newer { .. }), "{refused}");
        assert_eq!(world.get("root", "/api/v1/alerts").await.expect(200)["items"].as_array().unwrap().len(), 1);
    }
}
