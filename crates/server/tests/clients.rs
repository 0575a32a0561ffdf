//! Unmodified Opsgenie clients: Alertmanager's own `opsgenie_configs`, and the Python `opsgenie-sdk`.

use std::path::Path;
use std::process::Command;

use serde_json::json;
use testkit::Backend;
use testkit::alertmanager::Alertmanager;
use testkit::binary::{Bridgewatch, Settings};
use testkit::process::shows;

const MARA: &str = "mara.osei@nordhaven.example";

testkit::both_databases! {
    async fn alertmanagers_opsgenie_receiver_creates_and_closes(backend) {
        let (server, _folder) = start(backend).await;
        let admin = server.administrator(MARA, "Mara Osei");
        let (_, _, key) = server.integration("opsgenie", "Alertmanager");
        let manager = Alertmanager::start(&format!(
            "opsgenie_configs:\n  - api_key: {key}\n    api_url: {}/\n    message: '{{{{ .CommonAnnotations.summary }}}}'\n    \
             priority: P2\n    tags: checkout,errors\n    send_resolved: true\n    update_alerts: true\n",
            server.url()
        ));
        let mut alerts = json!([{
            "labels": {"alertname": "CheckoutErrors", "service": "checkout"},
            "annotations": {"summary": "Checkout answers 5xx"}
        }]);
        manager.post(&alerts);
        let alert = shows("the alert", || async {
            admin.get("/api/v1/alerts?status=open").await["items"].get(0).cloned()
        })
        .await;
        assert_eq!(alert["message"], "Checkout answers 5xx", "{alert:#}");
        assert_eq!(alert["priority"], "P2");
        assert_eq!(alert["tags"], json!(["checkout", "errors"]));
        assert_eq!(alert["details"]["alertname"], "CheckoutErrors", "{alert:#}");
        let path = format!("/api/v1/alerts/{}", alert["id"].as_str().expect("an id"));
        // `update_alerts` sends the new message beside the duplicate.
        alerts[0]["annotations"]["summary"] = json!("Checkout is down");
        manager.post(&alerts);
        shows("the new message", || async {
            let alert = admin.get(&path).await;
            (alert["message"] == "Checkout is down" && alert["count"].as_i64() > Some(1)).then_some(())
        })
        .await;
        alerts[0]["startsAt"] = json!("2025-12-31T23:00:00Z");
        alerts[0]["endsAt"] = json!("2026-01-01T00:00:00Z");
        manager.post(&alerts);
        shows("the alert to close", || async { (admin.get(&path).await["status"] == "closed").then_some(()) }).await;
        assert_eq!(admin.get("/api/v1/alerts").await["items"].as_array().map(Vec::len), Some(1));
    }

    async fn the_python_sdk_creates_reads_acknowledges_notes_and_closes(backend) {
        let (server, _folder) = start(backend).await;
        server.administrator(MARA, "Mara Osei");
        let (_, _, key) = server.integration("opsgenie", "Python");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/opsgenie_client.py");
        let output = Command::new(python()).arg(script).arg(server.url()).arg(key).arg(MARA).output().expect("python");
        assert!(
            output.status.success(),
            "{}{}\n{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
            server.log()
        );
    }
}

async fn start(backend: Backend) -> (Bridgewatch, tempfile::TempDir) {
    let (database, folder) = testkit::database::empty(backend).await;
    let settings = Settings { database: Some(database), ..Settings::default() };
    (Bridgewatch::start(env!("CARGO_BIN_EXE_bridgewatch"), settings), folder)
}

/// The interpreter of the virtual environment that `make setup-test` made from `requirements.txt`.
fn python() -> std::path::PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("opsgenie-sdk");
    let wanted = include_str!("requirements.txt");
    let made = std::fs::read_to_string(folder.join("made-from.txt")).unwrap_or_default();
    assert!(
        made == wanted,
        "the Python opsgenie-sdk is not in {} as requirements.txt wants it: run `make setup-test`, which needs python3 \
         with venv (Debian: python3-venv)",
        folder.display()
    );
    folder.join("bin/python")
}
