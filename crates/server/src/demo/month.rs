//! Four weeks at Nordhaven: alerts, acknowledgements, incidents, requests, and one live incident at the end.

use axum::body::Body;
use http::Request;
use http_body_util::BodyExt;
use jiff::{SignedDuration, Timestamp};
use kernel::Clock;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::{Past, company::Company};

/// Service label, alert name, severity, summary.
const TROUBLES: &[(&str, &str, &str, &str)] = &[
    ("payments-api", "HighErrorRate", "error", "payments-api: failed requests above 2 %"),
    ("checkout-web", "HighLatency", "warning", "checkout: p99 latency above 3 s"),
    ("orders-db", "ReplicationLag", "error", "orders-db: replica is 90 s behind"),
    ("till-gateway", "AuthorisationTimeouts", "error", "till-gateway: authorisation timeouts in shops DE"),
    ("search", "IndexStale", "warning", "search: index is older than 2 h"),
    ("settlement-batch", "BatchLate", "warning", "settlement-batch: did not finish by 04:00"),
    ("office-network", "LinkDown", "info", "office-network: uplink Oslo 2 is down"),
    ("intranet", "CertificateExpires", "info", "intranet: certificate expires in 14 days"),
    ("orders-db", "DiskFilling", "warning", "orders-db: disk will be full in 8 h"),
    ("checkout-web", "HighErrorRate", "critical", "checkout: orders fail for one in ten customers"),
];

const REQUESTS: &[&str] = &[
    "Access to the settlement reports for the new controller",
    "A second monitor for the service desk in Bergen",
    "VPN does not reconnect after sleep",
    "New till for the shop in Tromsø",
    "Mailing list for the spring campaign",
    "Restore of a folder deleted on Friday",
    "Laptop for Kari, who starts on Monday",
    "Raise the quota of the shared drive of Finance",
];

/// Lives from the clock's present to `now`.
pub async fn live(past: &Past, company: &Company, now: Timestamp) -> anyhow::Result<()> {
    let begin = past.clock.now();
    let days = (now - begin).total(jiff::Unit::Hour)? as i64 / 24;
    for day in 0..days {
        let morning = begin + SignedDuration::from_hours(day * 24);
        trouble(past, company, morning, day).await?;
        if day % 2 == 0 {
            request(past, company, morning + SignedDuration::from_hours(9), day).await?;
        }
    }
    crisis(past, company, now).await
}

/// One alert of the day: raised, repeated, acknowledged after a while, and over some time later.
async fn trouble(past: &Past, company: &Company, morning: Timestamp, day: i64) -> anyhow::Result<()> {
    let what = TROUBLES[usize::try_from(day * 7 % 10)?];
    // Figures that differ from day to day, the same at every start.
    let (hour, patience, length) = (day * 5 % 22, 2 + day * 3 % 11, 20 + day * 13 % 90);
    let start = morning + SignedDuration::from_hours(hour);
    past.walk_to(start).await?;
    fire(past, company, what, "firing", day).await?;
    past.walk_to(start + SignedDuration::from_mins(1)).await?;
    fire(past, company, what, "firing", day).await?;
    past.walk_to(start + SignedDuration::from_mins(patience)).await?;
    acknowledge_what_pages(past, company).await?;
    past.walk_to(start + SignedDuration::from_mins(length)).await?;
    fire(past, company, what, "resolved", day).await?;
    past.settle().await?;
    resolve_incidents(past, company).await
}

/// What Alertmanager sends.
async fn fire(
    past: &Past,
    company: &Company,
    what: (&str, &str, &str, &str),
    status: &str,
    day: i64,
) -> anyhow::Result<()> {
    let (service, name, severity, summary) = what;
    let at = past.clock.now().to_string();
    let labels = json!({"alertname": name, "service": service, "severity": severity, "cluster": "prod-eu-1"});
    let body = json!({
        "version": "4", "groupKey": format!("{{}}:{{alertname=\"{name}\"}}"), "truncatedAlerts": 0, "status": status,
        "receiver": "bridgewatch", "groupLabels": {"alertname": name}, "commonLabels": labels,
        "commonAnnotations": {"summary": summary}, "externalURL": "http://alertmanager.nordhaven.example",
        "alerts": [{
            "status": status, "labels": labels, "annotations": {"summary": summary},
            "startsAt": at, "endsAt": if status == "resolved" { at.clone() } else { "0001-01-01T00:00:00Z".to_owned() },
            "generatorURL": format!("http://prometheus.nordhaven.example/graph?g0.expr={name}"),
            "fingerprint": format!("{service}-{name}-{day}"),
        }],
    });
    let request = Request::post(format!("/in/v1/alertmanager/{}", company.prometheus_key))
        .header("content-type", "application/json")
        .body(Body::from(body.to_string()))?;
    let response = past.router.clone().oneshot(request).await?;
    if !response.status().is_success() {
        let text = response.into_body().collect().await?.to_bytes();
        anyhow::bail!("an alert was refused: {}", String::from_utf8_lossy(&text));
    }
    past.settle().await
}

/// Whoever was paged last acknowledges.
async fn acknowledge_what_pages(past: &Past, company: &Company) -> anyhow::Result<()> {
    let boss = company.person("Amara Okafor")?;
    for alert in items(boss.get(past, "/api/v1/alerts?status=open&acknowledged=false&limit=50").await?) {
        let id = alert["id"].as_str().unwrap_or_default();
        let trail = boss.get(past, &format!("/api/v1/alerts/{id}/notifications")).await?;
        let paged = trail["items"]
            .as_array()
            .and_then(|pages| pages.last())
            .and_then(|page| page["person"]["id"].as_str().map(str::to_owned));
        if let Some(person) = paged.and_then(|id| company.by_id(&id)) {
            person.post(past, &format!("/api/v1/alerts/{id}/acknowledge"), json!({})).await?;
        }
    }
    past.settle().await
}

/// Incidents whose alerts are over are resolved by whoever works on them.
async fn resolve_incidents(past: &Past, company: &Company) -> anyhow::Result<()> {
    let boss = company.person("Amara Okafor")?;
    for ticket in items(boss.get(past, "/api/v1/tickets?kind=incident&status_category=todo&limit=50").await?) {
        let key = ticket["key"].as_str().unwrap_or_default().to_owned();
        let worker = ticket["assignee"]["id"].as_str().and_then(|id| company.by_id(id)).unwrap_or(boss);
        let comment = json!({"body": "Found it: a deployment had halved the connection pool. Rolled back; figures are normal.", "visibility": "internal"});
        worker.post(past, &format!("/api/v1/tickets/{key}/comments"), comment).await?;
        advance(past, worker, &key, "doing").await?;
        past.walk_to(past.clock.now() + SignedDuration::from_mins(12)).await?;
        advance(past, worker, &key, "done").await?;
    }
    past.settle().await
}

/// Takes the first transition that is allowed and leads into the category.
async fn advance(past: &Past, worker: &super::person::Person, key: &str, category: &str) -> anyhow::Result<()> {
    let ticket = worker.get(past, &format!("/api/v1/tickets/{key}")).await?;
    let wanted: &[&str] =
        if category == "done" { &["resolved", "done", "closed"] } else { &["investigating", "in_progress", "doing"] };
    let transitions = ticket["transitions"].as_array().cloned().unwrap_or_default();
    let next = transitions.iter().find(|way| way["allowed"] == true && wanted.iter().any(|to| way["to"] == *to));
    if let Some(way) = next {
        let mut body = json!({"to": way["to"]});
        if way["requires_resolution"] == true {
            body["resolution"] = json!("fixed");
        }
        worker.post(past, &format!("/api/v1/tickets/{key}/transition"), body).await?;
    }
    Ok(())
}

/// A request from the shop floor, answered and mostly done.
async fn request(past: &Past, company: &Company, at: Timestamp, day: i64) -> anyhow::Result<()> {
    past.walk_to(at.max(past.clock.now())).await?;
    let (ingrid, elin) = (company.person("Ingrid Solberg")?, company.person("Elin Dahl")?);
    let summary = REQUESTS[usize::try_from(day / 2)? % REQUESTS.len()];
    let ticket = ingrid
        .post(past, "/api/v1/tickets", json!({"project_key": "REQ", "kind": "request", "summary": summary}))
        .await?;
    let key = ticket["key"].as_str().unwrap_or_default().to_owned();
    past.walk_to(past.clock.now() + SignedDuration::from_mins(25 + day)).await?;
    elin.patch(past, &format!("/api/v1/tickets/{key}"), json!({"assignee_id": elin.id})).await?;
    let reply = json!({"body": "Thank you, we are on it.", "visibility": "public"});
    elin.post(past, &format!("/api/v1/tickets/{key}/comments"), reply).await?;
    if day % 6 != 0 {
        advance(past, elin, &key, "doing").await?;
        past.walk_to(past.clock.now() + SignedDuration::from_mins(90)).await?;
        advance(past, elin, &key, "done").await?;
    }
    Ok(())
}

/// The live incident: card payments fail, twelve minutes ago.
async fn crisis(past: &Past, company: &Company, now: Timestamp) -> anyhow::Result<()> {
    let ago = |minutes: i64| now - SignedDuration::from_mins(minutes);
    past.walk_to(ago(12)).await?;
    let card = ("payments-api", "CardPaymentsFailing", "critical", "payments-api: failed requests above 2 %");
    fire(past, company, card, "firing", 900).await?;
    past.walk_to(ago(10)).await?;
    let tills = ("till-gateway", "AuthorisationTimeouts", "error", "till-gateway: authorisation timeouts");
    fire(past, company, tills, "firing", 901).await?;
    past.walk_to(ago(7)).await?;
    let search = ("search", "IndexStale", "warning", "search: index is older than 2 h");
    fire(past, company, search, "firing", 902).await?;
    for minute in [5, 3, 1] {
        past.walk_to(ago(minute)).await?;
        fire(past, company, card, "firing", 900).await?;
    }
    past.walk_to(now).await
}

fn items(page: Value) -> Vec<Value> {
    page["items"].as_array().cloned().unwrap_or_default()
}
