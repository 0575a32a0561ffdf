//! Two servers on one PostgreSQL database: either serves any request, and what one leaves undone when it is killed, the
//! other takes up within seconds. See `load` for what must hold afterwards.

mod load;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use testkit::Backend;
use testkit::binary::{Bridgewatch, Settings};
use testkit::client::Client;
use testkit::mail_server::MailServer;

use load::{Accepted, WRITERS, Writing, text};

const KILLS: usize = 6;
/// How long pages may take after a kill: the lease on what the killed server was sending, and a little work.
const PASSES_ON: Duration = Duration::from_secs(10);
/// Alerts that the killed server takes in its last moments.
const LAST: usize = 10;

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_server_leaves_passes_on() {
    let (database, _folder) = testkit::database::empty(Backend::Postgres).await;
    let mail = MailServer::start();
    let key = platform::secret::Vault::generate_key();
    let settings =
        Settings { database: Some(database), smtp_port: Some(mail.port), vault_key: Some(key), ..Settings::default() };
    let binary = env!("CARGO_BIN_EXE_bridgewatch");
    let mut servers = [Bridgewatch::ready(binary, settings.clone()), Bridgewatch::ready(binary, settings)];
    // Both make the tables at once.
    for server in &mut servers {
        server.launch().expect("a process");
    }
    for server in &mut servers {
        server.wait().expect("it starts");
    }
    let writing = Arc::new(Writing::set_up(&[&servers[0], &servers[1]]).await);
    let writers: Vec<_> = (0..WRITERS).map(|writer| tokio::spawn(writing.clone().run(writer))).collect();
    for round in 0..KILLS {
        writing.progress(40).await;
        let (victim, survivor) = (round % 2, (round + 1) % 2);
        let mut last = BTreeSet::new();
        for number in 0..LAST {
            last.insert(raise(&writing, victim, &format!("last-{round}-{number}")).await);
        }
        servers[victim].kill();
        let killed = Instant::now();
        last.insert(raise(&writing, survivor, &format!("after-{round}")).await);
        for alert in &last {
            while !paged(writing.admin(survivor), alert).await {
                let waited = killed.elapsed();
                assert!(waited < PASSES_ON, "{waited:?} after the kill nobody was paged for {alert}");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        eprintln!("round {round}: all paged {:?} after the kill", killed.elapsed());
        servers[victim].resume().expect("it starts again");
    }
    writing.stop();
    let mut accepted = Accepted::default();
    for writer in writers {
        accepted.add(writer.await.expect("a writer"));
    }
    writing.everything_is_there(&accepted, &mail).await;
}

/// Raises an alert at one server, which pages Ana; gives its id.
async fn raise(writing: &Writing, node: usize, alias: &str) -> String {
    let body = json!({"message": format!("Disk full on {alias}"), "alias": alias, "service_id": writing.service});
    text(&writing.admin(node).made("/api/v1/alerts", body).await["id"])
}

/// Whether Ana's page was handed over.
async fn paged(admin: &Client, alert: &str) -> bool {
    let trail = admin.get(&format!("/api/v1/alerts/{alert}/notifications")).await;
    trail["items"].as_array().is_some_and(|items| items.iter().any(|item| item["state"] == "sent"))
}
