//! Clocks of service levels on tickets, in simulated time.

use axum::http::Method;
use jiff::SignedDuration;
use platform::db::{Lane, Sql};
use platform::{Ctx, DbError};
use serde_json::{Value, json};
use testkit::TestApp;

use crate::support::*;

pub fn at(app: &TestApp, instant: &str) {
    app.clock.set(instant.parse().expect("an instant"));
}

pub async fn put(app: &TestApp, who: &str, path: &str, body: Value) -> testkit::Answer {
    app.call(who, Method::PUT, path, body).await
}

/// Office hours in a zone, with days off.
pub fn office(zone: &str, days_off: &[&str]) -> Value {
    let hours = json!([{"from": "08:00", "to": "16:00"}]);
    let holidays: Vec<Value> = days_off.iter().map(|date| json!({"name": "Off", "date": date})).collect();
    json!({"kind": "business", "name": "Office hours", "time_zone": zone, "holidays": holidays,
        "week": {"monday": hours, "tuesday": hours, "wednesday": hours, "thursday": hours, "friday": hours}})
}

/// What a service level shows on a ticket.
pub async fn shown(app: &TestApp, ticket: &str, sla: &str) -> Value {
    let ticket = app.get("ana", &format!("/api/v1/tickets/{ticket}")).await.expect(200);
    let all = ticket["slas"].as_array().expect("clocks").clone();
    all.into_iter().find(|one| one["key"] == sla).unwrap_or(Value::Null)
}

async fn events(app: &TestApp, ticket: &str, kind: &str) -> Vec<Value> {
    let feed = app.get("ana", &format!("/api/v1/tickets/{ticket}/activity?limit=200")).await.expect(200);
    let items = feed["items"].as_array().expect("items").clone();
    items.into_iter().filter(|entry| entry["kind"] == kind).collect()
}

async fn kinds(app: &TestApp, ticket: &str, sla: &str) -> Vec<String> {
    let timeline = app.get("ana", &format!("/api/v1/tickets/{ticket}/slas/timeline")).await.expect(200);
    let items = timeline["items"].as_array().expect("items").clone();
    let own = items.iter().filter(|entry| entry["sla"]["key"] == sla);
    own.map(|entry| entry["kind"].as_str().expect("a kind").to_owned()).collect()
}

testkit::both_databases! {
    async fn a_clock_waits_over_a_summer_time_night_and_a_holiday(backend) {
        let app = desk(backend).await;
        put(&app, "root", "/api/v1/calendars/office", office("Europe/Oslo", &["2026-03-30"])).await.expect(200);
        app.settle().await;
        // Friday, 14:00 in Oslo. Summer time begins on Sunday, and Monday is off.
        at(&app, "2026-03-27T13:00:00Z");
        incident(&app, "Wiki is slow", json!({})).await;
        let response = shown(&app, "INC-1", "first-response").await;
        assert_eq!((response["due"].as_str(), response["target_s"].as_i64()), (Some("2026-03-31T08:00:00Z"), Some(4 * 3600)));
        at(&app, "2026-03-27T14:00:00Z");
        let path = "/api/v1/tickets/INC-1/transition";
        app.post("ana", path, json!({"to": "waiting"})).await.expect(200);
        at(&app, "2026-03-30T10:00:00Z");
        let paused = shown(&app, "INC-1", "resolution").await;
        assert_eq!(
            (paused["phase"].as_str(), paused["paused"].as_bool(), paused["within_hours"].as_bool()),
            (Some("paused"), Some(true), Some(false))
        );
        assert_eq!((paused["remaining_s"].as_i64(), paused["elapsed_s"].as_i64()), (Some(23 * 3600), Some(3600)));
        assert!(paused["due"].is_null());
        assert_eq!(paused["next_change"], "2026-03-31T06:00:00Z");
        // The first response is not paused by waiting, but stands still on a day off.
        let response = shown(&app, "INC-1", "first-response").await;
        assert_eq!((response["phase"].as_str(), response["remaining_s"].as_i64()), (Some("running"), Some(2 * 3600)));
        // Tuesday, 09:00 in Oslo.
        at(&app, "2026-03-31T07:00:00Z");
        app.post("ana", path, json!({"to": "in_progress"})).await.expect(200);
        let running = shown(&app, "INC-1", "resolution").await;
        assert_eq!((running["phase"].as_str(), running["due"].as_str()), (Some("running"), Some("2026-04-02T14:00:00Z")));
        assert_eq!(kinds(&app, "INC-1", "resolution").await, ["started", "paused", "resumed"]);
        let clocks = app.get("ana", "/api/v1/tickets/INC-1/slas").await.expect(200);
        let resolution = &clocks["items"][1];
        assert_eq!((resolution["goal"]["key"].as_str(), resolution["calendar"]["key"].as_str()), (Some("p3"), Some("office")));
        assert_eq!(resolution["by_assignee"][0]["elapsed_s"], 3600);
    }

    async fn warning_and_breach_are_told_once(backend) {
        let app = desk(backend).await;
        incident(&app, "Wiki is slow", json!({})).await;
        app.advance(SignedDuration::from_mins(179)).await;
        assert_eq!(events(&app, "INC-1", "SlaWarned").await.len(), 0);
        app.advance(SignedDuration::from_hours(3)).await;
        let (warned, breached) = (events(&app, "INC-1", "SlaWarned").await, events(&app, "INC-1", "SlaBreached").await);
        assert_eq!((warned.len(), breached.len()), (1, 1), "{warned:?} {breached:?}");
        assert_eq!((warned[0]["at"].as_str(), breached[0]["at"].as_str()), (Some("2026-03-02T12:00:00Z"), Some("2026-03-02T13:00:00Z")));
        assert_eq!(warned[0]["text"], "warned about Time to first response: 75 % of the time is used");
        let late = shown(&app, "INC-1", "first-response").await;
        assert_eq!((late["breached"].as_bool(), late["breached_at"].as_str()), (Some(true), Some("2026-03-02T13:00:00Z")));
        assert_eq!(late["remaining_s"], -(2 * 3600 - 60));
        // An internal note is no answer, and a customer's or one's own neither.
        app.post("ana", "/api/v1/tickets/INC-1/comments", json!({"body": "Hm.", "visibility": "internal"})).await.expect(201);
        assert_eq!(shown(&app, "INC-1", "first-response").await["phase"], "running");
        app.post("bo", "/api/v1/tickets/INC-1/comments", json!({"body": "On it."})).await.expect(201);
        app.advance(SignedDuration::from_hours(1)).await;
        let done = shown(&app, "INC-1", "first-response").await;
        assert_eq!((done["phase"].as_str(), done["breached"].as_bool()), (Some("completed"), Some(true)));
        assert_eq!(events(&app, "INC-1", "SlaBreached").await.len(), 1);
        let report = app.get("ana", "/api/v1/reports/slas?from=2026-03-02T00:00:00Z&to=2026-03-03T00:00:00Z").await.expect(200);
        let lines: Vec<_> = report["slas"].as_array().expect("lines").iter().map(|line| (line["key"].clone(), line["met"].clone(), line["breached"].clone())).collect();
        assert_eq!(lines, [(json!("first-response"), json!(0), json!(1)), (json!("resolution"), json!(0), json!(0))]);
        assert_eq!(report["series"][0]["breached"], 1);
        let behind = app.get("ana", "/api/v1/reports/slas/tickets?sla=first-response&outcome=breached&from=2026-03-02T00:00:00Z&to=2026-03-03T00:00:00Z").await.expect(200);
        assert_eq!(behind["items"][0]["key"], "INC-1");
        let met = app.get("ana", "/api/v1/reports/slas/tickets?outcome=met").await.expect(200);
        assert_eq!(met["items"], json!([]));
    }

    async fn a_change_tells_what_a_late_timer_did_not(backend) {
        let app = desk(backend).await;
        incident(&app, "Wiki is slow", json!({})).await;
        // Nothing ran in between: the change finds the warning, and the timer that comes late says nothing again.
        at(&app, "2026-03-02T12:30:00Z");
        app.post("ana", "/api/v1/tickets/INC-1/comments", json!({"body": "Hm.", "visibility": "internal"})).await.expect(201);
        assert_eq!(events(&app, "INC-1", "SlaWarned").await.len(), 1);
        app.settle().await;
        assert_eq!(events(&app, "INC-1", "SlaWarned").await.len(), 1);
        assert_eq!(kinds(&app, "INC-1", "first-response").await, ["started", "warned"]);
    }

    async fn an_edited_calendar_moves_what_is_due(backend) {
        let app = desk(backend).await;
        incident(&app, "done before", json!({})).await;
        app.post("ana", "/api/v1/tickets/INC-1/transition", json!({"to": "resolved", "resolution": "fixed"})).await.expect(200);
        incident(&app, "Wiki is slow", json!({})).await;
        assert_eq!(shown(&app, "INC-2", "resolution").await["due"], "2026-03-05T09:00:00Z");
        let done = shown(&app, "INC-1", "resolution").await;
        put(&app, "root", "/api/v1/calendars/office", office("UTC", &["2026-03-04"])).await.expect(200);
        let before = app.get("root", "/api/v1/slas/resolution").await.expect(200);
        assert_eq!(before["recompute"], json!({"pending": 1, "total": 1}));
        // A change that comes before the job goes on by the old calendar.
        app.post("ana", "/api/v1/tickets/INC-2/comments", json!({"body": "Hm.", "visibility": "internal"})).await.expect(201);
        assert_eq!(shown(&app, "INC-2", "resolution").await["due"], "2026-03-05T09:00:00Z");
        app.settle().await;
        assert_eq!(shown(&app, "INC-2", "resolution").await["due"], "2026-03-06T09:00:00Z");
        let after = app.get("root", "/api/v1/slas/resolution").await.expect(200);
        assert_eq!(after["recompute"], json!({"pending": 0, "total": 1}));
        assert_eq!(kinds(&app, "INC-2", "resolution").await, ["started", "recomputed"]);
        let told = events(&app, "INC-2", "SlaRecomputed").await;
        let text = told.iter().map(|event| event["text"].to_string()).find(|text| text.contains("resolution")).expect("the event");
        assert!(text.contains("the calendar office was edited (version 2)"), "{text}");
        assert_eq!(shown(&app, "INC-1", "resolution").await["elapsed_s"], done["elapsed_s"]);
        // The timer follows: the warning is due at 75 %, after the day off.
        app.advance(SignedDuration::from_hours(24 * 3 + 3)).await;
        let warned = events(&app, "INC-2", "SlaWarned").await;
        let at: Vec<_> = warned.iter().filter(|event| event["text"].to_string().contains("resolution")).map(|event| event["at"].clone()).collect();
        assert_eq!(at, ["2026-03-05T11:00:00Z"]);
        // Whoever is resolved is left out; reopened, the clock goes on by the calendar as it is by then.
        put(&app, "root", "/api/v1/calendars/office", office("UTC", &["2026-03-04", "2026-03-09"])).await.expect(200);
        app.settle().await;
        app.post("ana", "/api/v1/tickets/INC-1/transition", json!({"to": "in_progress"})).await.expect(200);
        assert_eq!(shown(&app, "INC-1", "resolution").await["due"], "2026-03-10T12:00:00Z");
        app.settle().await;
        assert_eq!(shown(&app, "INC-1", "resolution").await["due"], "2026-03-11T12:00:00Z");
    }

    async fn a_new_priority_brings_another_goal_and_keeps_the_time(backend) {
        let app = desk(backend).await;
        incident(&app, "Wiki is slow", json!({})).await;
        at(&app, "2026-03-02T10:00:00Z");
        app.post("ana", "/api/v1/tickets/INC-1/priority", json!({"priority": "P1", "reason": "board meeting"})).await.expect(200);
        let clock = shown(&app, "INC-1", "resolution").await;
        assert_eq!((clock["due"].as_str(), clock["elapsed_s"].as_i64()), (Some("2026-03-02T13:00:00Z"), Some(3600)));
        assert!(clock["next_change"].is_null(), "it counts around the clock: {clock}");
        assert_eq!(kinds(&app, "INC-1", "resolution").await, ["started", "goal_changed"]);
        // The first response had an hour and needs 15 minutes by now: it is late at once, and told so once.
        app.settle().await;
        assert_eq!(events(&app, "INC-1", "SlaBreached").await.len(), 1);
        let open = shown(&app, "INC-1", "first-response").await;
        assert_eq!((open["breached"].as_bool(), open["breached_at"].as_str()), (Some(true), Some("2026-03-02T10:00:00Z")));
    }

    async fn stored_cycles_are_what_the_fold_over_the_log_gives(backend) {
        let app = desk(backend).await;
        put(&app, "root", "/api/v1/calendars/office", office("Europe/Oslo", &["2026-03-05"])).await.expect(200);
        app.settle().await;
        let service = service(&app, "Checkout", 1).await;
        for summary in ["one", "two", "three"] {
            incident(&app, summary, json!({})).await;
        }
        let transition = async |key: &str, body: Value| {
            app.post("ana", &format!("/api/v1/tickets/{key}/transition"), body).await.expect(200);
            app.advance(SignedDuration::from_mins(47)).await;
        };
        let edit = async |key: &str, body: Value| {
            app.call("ana", Method::PATCH, &format!("/api/v1/tickets/{key}"), body).await.expect(200);
            app.advance(SignedDuration::from_hours(11)).await;
        };
        transition("INC-1", json!({"to": "in_progress"})).await;
        edit("INC-1", json!({"assignee_id": person("bo"), "labels": ["vip"]})).await;
        transition("INC-2", json!({"to": "waiting"})).await;
        edit("INC-2", json!({"service_id": service, "urgency": "critical"})).await;
        transition("INC-1", json!({"to": "resolved", "resolution": "fixed", "comment": "Done."})).await;
        edit("INC-3", json!({"urgency": "high"})).await;
        app.post("bo", "/api/v1/tickets/INC-3/comments", json!({"body": "Looking."})).await.expect(201);
        transition("INC-1", json!({"to": "in_progress"})).await;
        transition("INC-2", json!({"to": "in_progress"})).await;
        app.advance(SignedDuration::from_hours(30)).await;
        let before = cycles(&app).await;
        assert!(before.len() >= 6, "{before:?}");
        wipe(&app).await;
        assert_eq!(cycles(&app).await, Vec::<String>::new());
        for key in ["first-response", "resolution"] {
            let sla = app.get("root", &format!("/api/v1/slas/{key}")).await.expect(200);
            put(&app, "root", &format!("/api/v1/slas/{key}"), json!({"definition": sla["definition"]})).await.expect(200);
        }
        app.settle().await;
        assert_eq!(cycles(&app).await, before);
    }
}

/// All cycles, as text.
async fn cycles(app: &TestApp) -> Vec<String> {
    #[derive(Debug, platform::db::FromRow)]
    #[expect(dead_code, reason = "compared by what it prints")]
    struct Row {
        ticket_id: uuid::Uuid,
        sla_key: String,
        number: i64,
        started_at: i64,
        started_event: uuid::Uuid,
        phase: String,
        goal_key: String,
        calendar_key: Option<String>,
        target_us: i64,
        as_of: i64,
        elapsed_us: i64,
        remaining_us: i64,
        breach_at: Option<i64>,
        zero_at: Option<i64>,
        next_at: Option<i64>,
        breached_at: Option<i64>,
        ended_at: Option<i64>,
        latest: bool,
    }
    let rows: Vec<Row> = app
        .app
        .db
        .read()
        .all("SELECT * FROM sla_cycles ORDER BY ticket_id, sla_key, number", vec![])
        .await
        .expect("rows");
    rows.iter().map(|row| format!("{row:?}")).collect()
}

/// Forgets all clocks, as if the service levels were new.
pub async fn wipe(app: &TestApp) {
    app.app
        .db
        .write(&Ctx::system("test"), Lane::Front, |tx| {
            Box::pin(async move {
                for table in ["sla_cycles", "sla_clocks", "jobs"] {
                    tx.execute(&format!("DELETE FROM {table}"), vec![]).await?;
                }
                Ok::<_, DbError>(())
            })
        })
        .await
        .expect("wiped");
}
