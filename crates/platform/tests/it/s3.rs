//! The blob store in a bucket of a real S3-compatible server: moto, which `make setup-test` installs.

use std::{path::Path, process::Command, time::Duration};

use futures::TryStreamExt;
use platform::{
    BlobError, Blobs, Ctx, Lane,
    blob::{self, StorageSettings},
};
use serde_json::json;
use testkit::{
    Backend, TestApp,
    process::{Process, free_port, listens},
};
use uuid::Uuid;

struct Moto {
    _process: Process,
    url: String,
    folder: tempfile::TempDir,
}

impl Moto {
    async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let port = free_port();
        let mut command = Command::new(installed().join("bin/moto_server"));
        command.args(["-H", "127.0.0.1", "-p", &port.to_string()]);
        let mut process = Process::start("moto", &mut command, &folder.path().join("log")).expect("moto starts");
        process.wait_until(Duration::from_secs(60), || listens(port)).expect("moto listens");
        let url = format!("http://127.0.0.1:{port}");
        let _ = rustls::crypto::ring::default_provider().install_default();
        let made = reqwest::Client::new().put(format!("{url}/files")).send().await.expect("an answer");
        assert!(made.status().is_success(), "{made:?}");
        Self { _process: process, url, folder }
    }

    fn open(&self, more: serde_json::Value) -> Result<Blobs, BlobError> {
        let mut s3 = json!({"endpoint": self.url, "bucket": "files", "access_key": "AKIDTEST", "secret_key": "hush"});
        let fields = s3.as_object_mut().expect("an object");
        fields.extend(more.as_object().cloned().unwrap_or_default());
        fields.retain(|_, value| !value.is_null());
        let settings: StorageSettings = serde_json::from_value(json!({"s3": s3})).expect("settings");
        Blobs::open(&settings, self.folder.path().join("unused"))
    }

    async fn listed(&self, bucket: &str) -> String {
        let listed = reqwest::get(format!("{}/{bucket}?list-type=2", self.url)).await.expect("an answer");
        listed.text().await.expect("a list")
    }
}

/// The virtual environment that `make setup-test` made from `requirements-moto.txt`.
fn installed() -> std::path::PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("moto");
    let wanted = include_str!("../requirements-moto.txt");
    let made = std::fs::read_to_string(folder.join("made-from.txt")).unwrap_or_default();
    assert!(
        made == wanted,
        "moto, the S3-compatible server, is not in {} as requirements-moto.txt wants it: run `make setup-test`, which \
         needs python3 with venv (Debian: python3-venv)",
        folder.display()
    );
    folder
}

#[tokio::test]
async fn a_bucket_keeps_and_sweeps_contents() {
    let moto = Moto::start().await;
    let blobs = moto.open(json!({"prefix": "bridgewatch/"})).expect("settings");
    let test = TestApp::builder().work(blob::work).blobs(blobs).build(Backend::Sqlite).await;
    let app = &test.app;
    app.blobs.probe().await.expect("the bucket can be written and read");

    // Small ones go at once; large ones in parts, and are moved when their hash is known.
    let large: Vec<u8> = (0..20_000_003_u32).map(|at| (at % 251) as u8).collect();
    let mut draft = app.blobs.draft(u64::MAX);
    for piece in large.chunks(1_000_000) {
        draft.write(piece.to_vec().into()).await.expect("a piece");
    }
    let kept = [
        app.blobs.keep(&app.db, draft.finish().await.expect("a whole")).await.expect("kept"),
        app.blobs.keep(&app.db, app.blobs.drafted(&b"small"[..])).await.expect("kept"),
    ];
    let ids = [kept[0].id, kept[1].id];
    let used: Result<(), BlobError> = app
        .db
        .write(&Ctx::system("test"), Lane::Front, move |tx| {
            Box::pin(async move { blob::refer(tx, ids[0], Uuid::from_u128(1), "test").await })
        })
        .await;
    used.expect("a use");
    let row = blob::find(&app.db.read(), ids[0]).await.expect("the database").expect("a row");
    assert_eq!(app.blobs.bytes(&row).await.expect("the content"), large);
    let part = app.blobs.content(&row, Some(15_000_000..15_000_100)).await.expect("a part");
    assert_eq!(part.range, 15_000_000..15_000_100);
    let part: Vec<_> = part.stream.try_collect().await.expect("bytes");
    assert_eq!(part.concat(), large[15_000_000..15_000_100]);
    let listed = moto.listed("files").await;
    assert!(listed.contains(&format!("bridgewatch/sha256/{}/{}", &kept[0].hash[..2], kept[0].hash)), "{listed}");
    assert!(!listed.contains("incoming") && !listed.contains("probe"), "{listed}");

    test.advance(jiff::SignedDuration::from_hours(25)).await;
    blob::start(app).await.expect("a sweep");
    test.settle().await;
    let listed = moto.listed("files").await;
    assert!(listed.contains(&kept[0].hash) && !listed.contains(&kept[1].hash), "{listed}");
}

#[tokio::test]
async fn what_is_wrong_with_a_bucket_is_said_without_its_keys() {
    let moto = Moto::start().await;
    let missing = moto.open(json!({"bucket": "other"})).expect("settings");
    let error = missing.probe().await.expect_err("there is no such bucket");
    let said = format!("{error}: {:?}", std::error::Error::source(&error).map(ToString::to_string));
    assert!(said.contains("NoSuchBucket") || said.contains("404"), "{said}");
    assert!(!said.contains("hush"), "{said}");
    assert!(!format!("{missing:?}").contains("hush"));
    // The key can stand in a file.
    let file = moto.folder.path().join("key");
    std::fs::write(&file, "hush\n").expect("a file");
    let from_file = moto.open(json!({"secret_key": null, "secret_key_file": file})).expect("settings");
    from_file.probe().await.expect("the bucket works");
    assert!(matches!(moto.open(json!({"secret_key": null})), Err(BlobError::Setting(_))));
}
