//! Writers that post alerts and tickets with ids of their own while servers are killed, and the proof that every
//! acknowledged write is there, that no alias has two open alerts, and that every intended page exists exactly once.
//!
//! Half of the writers speak our own API with idempotency keys, so that a repeated write counts once; the others speak
//! Opsgenie's, whose clients just post again. All of them send webhooks of Alertmanager, many at once, so that some are
//! answered before they are done.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use http::Method;
use serde_json::{Value, json};
use testkit::binary::Bridgewatch;
use testkit::client::{Client, Reply};
use testkit::mail_server::MailServer;
use testkit::process::shows;

/// How many writers to run.
pub const WRITERS: u64 = 4;
/// Aliases that the writers of one kind share, so that duplicates and re-openings race.
const ALIASES: u64 = 6;
/// Webhooks that a writer sends at once.
const BURST: u64 = 8;
/// Who is paged.
const ANA: &str = "ana.petrescu@nordhaven.example";
const ADMINISTRATOR: &str = "mara.osei@nordhaven.example";

/// What the server said yes to.
#[derive(Default)]
pub struct Accepted {
    /// Raised through our own API: each alert's id, and how often each alias was reported.
    pub alerts: BTreeSet<String>,
    pub reports: BTreeMap<String, i64>,
    /// Raised through Opsgenie's.
    pub requests: BTreeSet<String>,
    pub posts: BTreeMap<String, i64>,
    /// Closed.
    pub closed: BTreeSet<String>,
    pub tickets: BTreeSet<String>,
}

fn the_alerts_are_there(accepted: &Accepted, alerts: &[Value]) {
    let mut open: BTreeMap<String, usize> = BTreeMap::new();
    let mut counts: BTreeMap<String, i64> = BTreeMap::new();
    let mut states: BTreeMap<String, bool> = BTreeMap::new();
    for alert in alerts {
        let is_open = alert["status"] == "open";
        *open.entry(text(&alert["alias"])).or_default() += usize::from(is_open);
        *counts.entry(text(&alert["alias"])).or_default() += alert["count"].as_i64().expect("a count");
        states.insert(text(&alert["id"]), is_open);
    }
    let twice: Vec<_> = open.iter().filter(|(_, count)| **count > 1).collect();
    assert!(twice.is_empty(), "aliases with two open alerts: {twice:?}");
    let lost: Vec<_> = accepted.alerts.iter().filter(|id| !states.contains_key(*id)).collect();
    assert!(lost.is_empty(), "alerts that were acknowledged and are gone: {lost:?}");
    let reopened: Vec<_> = accepted.closed.iter().filter(|id| states.get(*id) != Some(&false)).collect();
    assert!(reopened.is_empty(), "alerts whose close was acknowledged and is gone: {reopened:?}");
    for (alias, reports) in &accepted.reports {
        assert_eq!(counts.get(alias), Some(reports), "each report of `{alias}` is counted once");
    }
    for (alias, posts) in &accepted.posts {
        assert!(counts.get(alias) >= Some(posts), "a post of `{alias}` is gone: {posts}, {:?}", counts.get(alias));
    }
}

/// Each alert was to page Ana once: one intent per alert, one Message-ID per intent, each delivered.
async fn each_page_exists_once(admin: &Client, alerts: &[Value], mail: &MailServer) {
    let mut told: BTreeSet<String> = BTreeSet::new();
    for alert in alerts {
        let path = format!("/api/v1/alerts/{}/notifications", text(&alert["id"]));
        let items = shows("the pages to be settled", || async {
            let trail = admin.get(&path).await;
            let items = trail["items"].as_array().expect("items").clone();
            let settled = items.iter().all(|item| matches!(item["state"].as_str(), Some("sent" | "cancelled")));
            // An alert that was closed before its first step ran has nobody to tell.
            (settled && (!items.is_empty() || alert["status"] == "closed")).then_some(items)
        })
        .await;
        assert!(items.len() <= 1, "more than one page for one step and contact: {items:#?}");
        assert!(
            alert["status"] == "closed" || items[0]["state"] == "sent",
            "an open alert whose page is gone: {items:#?}"
        );
        if items.iter().any(|item| item["state"] == "sent") {
            told.insert(text(&alert["id"]));
        }
    }
    assert!(!told.is_empty());
    // Mail is delivered at least once: a kill between the server's yes and the note of it sends the same mail again,
    // under the same Message-ID.
    let delivered = shows("every page's mail", || async {
        let mut delivered: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for message in mail.messages(ANA) {
            let id = alert_in(&message.text());
            delivered.entry(id).or_default().push(message.header("message-id").expect("a Message-ID"));
        }
        told.iter().all(|id| delivered.contains_key(id)).then_some(delivered)
    })
    .await;
    let mut again = 0;
    for (id, mails) in &delivered {
        let distinct: BTreeSet<_> = mails.iter().collect();
        assert_eq!(distinct.len(), 1, "alert {id} was paged by several messages: {mails:?}");
        again += mails.len() - 1;
    }
    eprintln!("{} alerts, {} paged, {again} mails delivered again under the same Message-ID", alerts.len(), told.len());
}

/// The alert that a page is about, by its address in the text.
fn alert_in(text: &str) -> String {
    let at = text.find("/alerts/").unwrap_or_else(|| panic!("no alert's address in {text}")) + "/alerts/".len();
    text[at..].chars().take_while(|c| c.is_ascii_hexdigit() || *c == '-').collect()
}

/// What the writers share.
pub struct Writing {
    /// Each server that writes go to.
    nodes: Vec<Node>,
    /// Whose alerts page Ana.
    pub service: Value,
    project: Value,
    stop: AtomicBool,
    number: AtomicU64,
    pub answered: AtomicU64,
    pub unanswered: AtomicU64,
}

/// The callers at one server.
struct Node {
    admin: Client,
    genie: Client,
    monitor: Client,
}

impl Node {
    fn client(&self, door: &Door) -> Client {
        match door {
            Door::Own { key } => self.admin.with_header("idempotency-key", key),
            Door::Genie => self.genie.clone(),
            Door::Webhook => self.monitor.clone(),
        }
    }
}

/// Which API a write goes through.
enum Door {
    /// Our own, with an idempotency key.
    Own { key: String },
    /// Opsgenie's.
    Genie,
    /// Alertmanager's webhook.
    Webhook,
}

impl Door {
    fn own(what: &str, number: u64) -> Self {
        Self::Own { key: format!("{what}-{number}") }
    }
}

impl Writing {
    /// A service whose policy mails Ana at once and whose alerts open no incidents; the same policy for the alerts that
    /// come through Opsgenie's API.
    pub async fn set_up(servers: &[&Bridgewatch]) -> Self {
        let server = servers[0];
        server.person(ADMINISTRATOR, "Mara Osei", "admin");
        let token = server.token(ADMINISTRATOR);
        let admin = &server.client().with_token(&token);
        server.person(ANA, "Ana Petrescu", "agent");
        let people = admin.get("/api/v1/people?limit=50").await;
        let ana = people["items"].as_array().expect("people").iter().find(|person| person["email"] == ANA);
        let policy = json!({
            "name": "Storage", "description": "", "repeat": null, "ack_timeout_min": null,
            "steps": [{
                "delay_min": 0, "condition": "if_not_acked",
                "notify": {"kind": "person", "id": ana.expect("Ana")["id"]}
            }]
        });
        let policy = admin.made("/api/v1/escalation-policies", policy).await;
        let ignore = ["P1", "P2", "P3", "P4", "P5"].map(|priority| (priority.to_owned(), json!("ignore")));
        let service = json!({
            "name": "Storage", "description": "", "tier": 3, "escalation_policy_id": policy["id"],
            "incident_rule": {"by_priority": serde_json::Map::from_iter(ignore)}
        });
        let service = admin.made("/api/v1/services", service).await["id"].clone();
        let rules = json!({"rules": [{
            "name": "By label", "service_id": service,
            "conditions": [{"label": "service", "op": "equals", "value": "storage"}]
        }]});
        admin.call(Method::PUT, "/api/v1/service-rules", rules).await.expect(200);
        let projects = admin.get("/api/v1/projects").await;
        let project = match projects["items"].get(0) {
            Some(project) => project["id"].clone(),
            None => admin.made("/api/v1/projects", json!({"key": "INC", "name": "Incidents"})).await["id"].clone(),
        };
        let (_, _, key) = server.integration("opsgenie", "Storage");
        let genie = format!("GenieKey {key}");
        let (_, _, key) = server.integration("alertmanager", "Monitor");
        let monitor = format!("Bearer {key}");
        let nodes = servers.iter().map(|server| Node {
            monitor: server.client().with_header("authorization", &monitor),
            admin: server.client().with_token(&token),
            genie: server.client().with_header("authorization", &genie),
        });
        Self {
            nodes: nodes.collect(),
            service,
            project,
            stop: AtomicBool::new(false),
            number: AtomicU64::new(0),
            answered: AtomicU64::new(0),
            unanswered: AtomicU64::new(0),
        }
    }

    /// Lets the writers come to their ends.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Waits for `count` answers more.
    pub async fn progress(&self, count: u64) {
        let enough = self.answered.load(Ordering::Relaxed) + count;
        shows("the writes go on", || async { (self.answered.load(Ordering::Relaxed) >= enough).then_some(()) }).await;
    }

    /// The administrator at one server.
    pub fn admin(&self, node: usize) -> &Client {
        &self.nodes[node].admin
    }

    /// Fails unless everything that was acknowledged stands there once, and every intended page was sent once.
    pub async fn everything_is_there(&self, accepted: &Accepted, mail: &MailServer) {
        let (admin, genie) = (self.admin(0), &self.nodes[0].genie);
        shows("all that was accepted to be done", || async {
            let integrations = admin.get("/api/v1/integrations?limit=50").await;
            let mut waiting = integrations["items"].as_array().expect("integrations").iter();
            waiting.all(|one| one["event_counts"]["waiting"] == 0).then_some(())
        })
        .await;
        let alerts = list(admin, "/api/v1/alerts?limit=100").await;
        the_alerts_are_there(accepted, &alerts);
        for id in &accepted.requests {
            let reply = genie.call(Method::GET, &format!("/v2/alerts/requests/{id}"), Value::Null).await;
            assert_eq!(reply.status, 200, "a request that was accepted and is gone: {id}");
        }
        let mut tickets: BTreeMap<String, usize> = BTreeMap::new();
        for ticket in list(admin, "/api/v1/tickets?limit=100").await {
            *tickets.entry(text(&ticket["summary"])).or_default() += 1;
        }
        for summary in &accepted.tickets {
            assert_eq!(tickets.get(summary), Some(&1), "how often the acknowledged ticket `{summary}` exists");
        }
        assert_eq!(tickets.len(), accepted.tickets.len(), "every ticket was answered for in the end");
        each_page_exists_once(admin, &alerts, mail).await;
    }

    /// Writes until told to stop; a write without an answer is repeated with the same ids until it has one.
    pub async fn run(self: Arc<Self>, writer: u64) -> Accepted {
        let mut accepted = Accepted::default();
        let mut random = Random::new(writer + 1);
        while !self.stop.load(Ordering::Relaxed) {
            let number = self.number.fetch_add(1, Ordering::Relaxed);
            let close = random.below(4) == 0;
            let alias = match random.below(3) {
                0 => format!("own-{writer}-{number}"),
                _ => format!("shared-{}-{}", writer % 2, random.below(ALIASES)),
            };
            if writer.is_multiple_of(2) {
                self.report(alias, number, close, &mut accepted).await;
            } else {
                self.post(alias, close, &mut accepted).await;
            }
            if random.below(3) == 0 {
                self.burst(number, &mut accepted).await;
            }
            let summary = format!("ticket {number}");
            let body = json!({"project_id": self.project, "kind": "incident", "summary": summary});
            self.insist(Door::own("ticket", number), "/api/v1/tickets", &body).await;
            accepted.tickets.insert(summary);
        }
        accepted
    }

    /// Through our own API.
    async fn report(&self, alias: String, number: u64, close: bool, accepted: &mut Accepted) {
        let body = json!({
            "message": format!("Disk full on {alias}"), "alias": alias, "priority": "P3", "service_id": self.service
        });
        let alert = self.insist(Door::own("alert", number), "/api/v1/alerts", &body).await;
        let id = text(&alert.body["id"]);
        accepted.alerts.insert(id.clone());
        *accepted.reports.entry(alias).or_default() += 1;
        if close {
            let path = format!("/api/v1/alerts/{id}/close");
            // Another writer, or the write that got no answer, may have closed it before: 409, and just as closed.
            self.insist(Door::own("close", number), &path, &json!({})).await;
            accepted.closed.insert(id);
        }
    }

    /// Through Opsgenie's.
    async fn post(&self, alias: String, close: bool, accepted: &mut Accepted) {
        let details = json!({"service": "storage"});
        let body = json!({"message": format!("Disk full on {alias}"), "alias": alias, "details": details});
        let made = self.insist(Door::Genie, "/v2/alerts", &body).await;
        accepted.requests.insert(text(&made.body["requestId"]));
        if close {
            let path = format!("/v2/alerts/{alias}/close?identifierType=alias");
            let closed = self.insist(Door::Genie, &path, &json!({})).await;
            accepted.requests.insert(text(&closed.body["requestId"]));
        }
        *accepted.posts.entry(alias).or_default() += 1;
    }

    /// Webhooks of one monitor, at once.
    async fn burst(&self, number: u64, accepted: &mut Accepted) {
        let sent = (0..BURST).map(|one| async move {
            let labels = json!({"alertname": "DiskFull", "instance": format!("{number}-{one}"), "service": "storage"});
            let alert = json!({"status": "firing", "labels": labels, "annotations": {}});
            let body = json!({"version": "4", "status": "firing", "alerts": [alert]});
            self.insist(Door::Webhook, "/in/v1/alertmanager", &body).await;
            format!("alertname=DiskFull,instance={number}-{one},service=storage")
        });
        for alias in futures::future::join_all(sent).await {
            *accepted.posts.entry(alias).or_default() += 1;
        }
    }

    /// Posts until a server has answered; each try goes to the next one.
    async fn insist(&self, door: Door, path: &str, body: &Value) -> Reply {
        let began = Instant::now();
        let first = usize::try_from(self.answered.load(Ordering::Relaxed)).unwrap_or_default();
        for attempt in first.. {
            if began.elapsed() > Duration::from_secs(30) {
                break;
            }
            let client = self.nodes[attempt % self.nodes.len()].client(&door);
            match client.try_call(Method::POST, path, body).await {
                Ok(reply) if reply.status < 300 || (reply.status == 409 && path.ends_with("/close")) => {
                    self.answered.fetch_add(1, Ordering::Relaxed);
                    return reply;
                }
                Ok(reply) if reply.status < 500 && reply.status != 429 => {
                    panic!("POST {path}: {} {:#}", reply.status, reply.body)
                }
                Ok(_) => {}
                Err(error) if error.is_connect() => {}
                Err(_) => {
                    self.unanswered.fetch_add(1, Ordering::Relaxed);
                }
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("POST {path}: no answer in half a minute");
    }
}

impl Accepted {
    pub fn add(&mut self, other: Self) {
        self.alerts.extend(other.alerts);
        self.requests.extend(other.requests);
        self.closed.extend(other.closed);
        self.tickets.extend(other.tickets);
        for (all, its) in [(&mut self.reports, other.reports), (&mut self.posts, other.posts)] {
            for (alias, count) in its {
                *all.entry(alias).or_default() += count;
            }
        }
    }
}

async fn list(client: &Client, path: &str) -> Vec<Value> {
    let mut all = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = client.get(&format!("{path}{cursor}")).await;
        all.extend(page["items"].as_array().expect("items").iter().cloned());
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}

pub fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// A small generator with a seed: the moments of the kills differ, and a run can be told apart.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}
