//! Opening, changing, moving, prioritising and commenting.

use axum::body::Body;
use axum::http::{Method, Request};
use serde_json::{Value, json};

use crate::support::*;

testkit::both_databases! {
    async fn numbers_count_up_in_each_project(backend) {
        let app = desk(backend).await;
        let keys = [incident(&app, "one", json!({})).await, incident(&app, "two", json!({})).await];
        assert_eq!([&keys[0]["key"], &keys[1]["key"]], ["INC-1", "INC-2"]);
        let body = json!({"project_key": "REQ", "kind": "request", "summary": "A monitor"});
        assert_eq!(app.post("ana", "/api/v1/tickets", body).await.expect(201)["key"], "REQ-1");
    }

    async fn numbers_do_not_repeat_when_many_open_at_once(backend) {
        let app = desk(backend).await;
        let opened = open_many(&app, 12).await;
        let mut keys: Vec<String> = opened.iter().map(|ticket| ticket["key"].as_str().unwrap_or_default().to_owned()).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), 12);
    }

    async fn a_change_that_fails_gives_nobody_its_number(backend) {
        let app = desk(backend).await;
        let system = platform::Ctx::system("test");
        let write = app.app.db.write(&system, platform::Lane::Front, |tx| Box::pin(async move {
            desk::ticket::open_in(tx, an_incident("never seen")).await?;
            Err::<(), _>(desk::TicketError::NotFound)
        }));
        write.await.expect_err("rolled back");
        // On SQLite the number comes back, on PostgreSQL it is left out.
        let key = if backend == testkit::Backend::Sqlite { "INC-1" } else { "INC-2" };
        assert_eq!(incident(&app, "the first", json!({})).await["key"], key);
        assert_eq!(app.get("ana", "/api/v1/tickets").await.expect(200)["items"].as_array().map(Vec::len), Some(1));
    }

    async fn who_opens_a_ticket_waits_for_nobody_who_opens_another(backend) {
        // SQLite has one writer: there the changes queue up.
        if backend == testkit::Backend::Sqlite {
            return;
        }
        let app = desk(backend).await;
        let (go, wait) = tokio::sync::oneshot::channel::<()>();
        let (begun, other) = tokio::sync::oneshot::channel::<()>();
        let db = app.app.db.clone();
        let slow = tokio::spawn(async move {
            db.write(&platform::Ctx::system("test"), platform::Lane::Front, |tx| Box::pin(async move {
                desk::ticket::open_in(tx, an_incident("slow")).await?;
                let _ = begun.send(());
                let _ = wait.await;
                Ok::<_, desk::TicketError>(())
            })).await
        });
        other.await.expect("the slow one has its number");
        assert_eq!(incident(&app, "quick", json!({})).await["key"], "INC-2");
        go.send(()).expect("the slow one waits");
        slow.await.expect("no panic").expect("opens");
        assert_eq!(app.get("ana", "/api/v1/tickets/INC-1").await.expect(200)["summary"], "slow");
    }

    async fn the_priority_says_why(backend) {
        let app = desk(backend).await;
        let service = service(&app, "Checkout", 1).await;
        let ticket = incident(&app, "Checkout fails", json!({"service_id": service, "urgency": "critical"})).await;
        assert_eq!(ticket["priority"], "P1");
        assert_eq!(
            ticket["priority_reason"]["text"],
            "impact extensive (Checkout is tier 1), urgency critical (as stated)"
        );
        assert_eq!(ticket["service"]["tier"], 1);
        // Without the service the impact falls back; a stated one would have stayed.
        let id = ticket["id"].as_str().expect("an id");
        let ticket = app.call("ana", Method::PATCH, &format!("/api/v1/tickets/{id}"), json!({"service_id": null})).await.expect(200);
        assert_eq!((ticket["impact"].as_str(), ticket["priority"].as_str()), (Some("moderate"), Some("P2")));
        assert!(ticket["service"].is_null());
    }

    async fn an_override_needs_a_reason_and_can_be_dropped(backend) {
        let app = desk(backend).await;
        let ticket = incident(&app, "Wiki is slow", json!({})).await;
        assert_eq!(ticket["priority"], "P3");
        let path = format!("/api/v1/tickets/{}/priority", ticket["key"].as_str().expect("a key"));
        let refused = app.post("ana", &path, json!({"priority": "P1", "reason": " "})).await.expect(422);
        assert_eq!(refused["errors"][0]["field"], "reason");
        let set = app.post("ana", &path, json!({"priority": "P1", "reason": "board meeting"})).await.expect(200);
        assert_eq!((set["priority"].as_str(), set["priority_reason"]["overridden"].as_bool()), (Some("P1"), Some(true)));
        let dropped = app.call("ana", Method::DELETE, &path, Value::Null).await.expect(200);
        assert_eq!((dropped["priority"].as_str(), dropped["version"].as_i64()), (Some("P3"), Some(3)));
    }

    async fn a_ticket_moves_along_its_workflow(backend) {
        let app = desk(backend).await;
        let ticket = incident(&app, "Checkout fails", json!({})).await;
        let offered: Vec<_> = ticket["transitions"].as_array().expect("transitions").iter().map(|t| t["to"].clone()).collect();
        assert_eq!(offered, ["in_progress", "waiting", "resolved"]);
        let path = "/api/v1/tickets/INC-1/transition";
        let refused = app.post("ana", path, json!({"to": "closed"})).await.expect(409);
        assert_eq!(refused["code"], "transition_refused");
        assert_eq!(app.post("ana", path, json!({"to": "resolved"})).await.expect(409)["code"], "transition_refused");
        app.post("ana", path, json!({"to": "in_progress"})).await.expect(200);
        app.clock.set("2026-03-02T10:00:00Z".parse().expect("an instant"));
        let body = json!({"to": "resolved", "resolution": "fixed", "comment": "Restarted it."});
        let resolved = app.post("ana", path, body).await.expect(200);
        assert_eq!((resolved["resolution"].as_str(), resolved["resolved_at"].as_str()), (Some("fixed"), Some("2026-03-02T10:00:00Z")));
        let report = app.get("ana", "/api/v1/reports/tickets?from=2026-03-02T00:00:00Z&to=2026-03-04T00:00:00Z").await.expect(200);
        assert_eq!((report["mttr_s"].as_f64(), report["resolved"].as_i64(), report["opened"].as_i64()), (Some(3600.0), Some(1), Some(1)));
        let records = app.get("ana", "/api/v1/reports/tickets/records?measure=mttr&from=2026-03-02T00:00:00Z&to=2026-03-04T00:00:00Z").await.expect(200);
        assert_eq!((&records["items"][0]["key"], &records["items"][0]["seconds"]), (&json!("INC-1"), &json!(3600)));
        assert_eq!(records["items"].as_array().map(Vec::len), Some(1));
        let opened = app.get("ana", "/api/v1/reports/tickets/records?measure=opened").await.expect(200);
        assert!(opened["items"][0].get("seconds").is_none());
        assert_eq!(report["series"].as_array().map(Vec::len), Some(2));
        let reopened = app.post("ana", path, json!({"to": "in_progress"})).await.expect(200);
        assert!(reopened["resolved_at"].is_null() && reopened["resolution"].is_null());
    }

    async fn the_feed_tells_everything_and_the_log_holds_no_text(backend) {
        let app = desk(backend).await;
        let ticket = incident(&app, "Secret summary", json!({})).await;
        let path = format!("/api/v1/tickets/{}", ticket["id"].as_str().expect("an id"));
        let edit = json!({"summary": "Clear summary", "team_id": TEAM, "assignee_id": person("bo"), "labels": ["eu", "eu"]});
        app.call("ana", Method::PATCH, &path, edit).await.expect(200);
        let note = json!({"body": "Looks like the disk.", "visibility": "internal"});
        let comment = app.post("bo", &format!("{path}/comments"), note).await.expect(201);
        let own = format!("{path}/comments/{}", comment["id"].as_str().expect("an id"));
        app.call("ana", Method::PATCH, &own, json!({"body": "No, the network."})).await.expect(403);
        app.call("bo", Method::PATCH, &own, json!({"body": "It is the disk."})).await.expect(204);
        let feed = app.get("ana", &format!("{path}/activity")).await.expect(200);
        let told: Vec<String> = feed["items"].as_array().expect("items").iter().map(|entry| match entry["type"].as_str() {
            Some("comment") => format!("{} [{}] {}", entry["author"]["name"].as_str().unwrap_or("?"), entry["visibility"].as_str().unwrap_or("?"), entry["body"].as_str().unwrap_or("?")),
            _ => format!("{} {}", entry["actor"]["name"].as_str().unwrap_or("?"), entry["text"].as_str().unwrap_or("?")),
        }).collect();
        assert_eq!(told, [
            "ana opened this incident",
            "ana changed assignee from none to bo, labels from none to eu, the summary, team from none to Payments",
            "bo [internal] It is the disk.",
        ]);
        let change = feed["items"][1]["changes"].as_array().expect("changes").iter().find(|c| c["field"] == "summary").cloned();
        assert_eq!(change, Some(json!({"field": "summary", "before": "Secret summary", "after": "Clear summary"})));
        // The log itself carries ids only.
        platform::event_log::place(&app.app.db).await.expect("positions");
        let events = platform::event_log::list_after(&app.app.db.read(), -1, 100).await.expect("events");
        assert!(events.len() > 5);
        let log: String = events.iter().map(|event| event.data.to_string()).collect();
        for text in ["Secret", "Clear", "disk"] {
            assert!(!log.contains(text), "{text} stands in the log: {log}");
        }
        assert_eq!(count(&app.app, "ticket_texts").await, 3);
    }

    async fn a_stale_edit_is_refused(backend) {
        let app = desk(backend).await;
        let ticket = incident(&app, "Checkout fails", json!({})).await;
        let path = format!("/api/v1/tickets/{}", ticket["id"].as_str().expect("an id"));
        let edit = |version: &str| Request::builder().method(Method::PATCH).uri(&path)
            .header("authorization", "Bearer ana").header("content-type", "application/json")
            .header("if-match", version.to_owned())
            .body(Body::from(json!({"summary": format!("by {version}")}).to_string())).expect("a request");
        let answer = app.send(edit("\"1\"")).await;
        assert_eq!(answer.headers["etag"], "\"2\"");
        answer.expect(200);
        assert_eq!(app.send(edit("\"1\"")).await.expect(412)["code"], "version_conflict");
    }

    async fn the_same_key_opens_one_ticket(backend) {
        let app = desk(backend).await;
        let open = || Request::builder().method(Method::POST).uri("/api/v1/tickets")
            .header("authorization", "Bearer ana").header("content-type", "application/json").header("idempotency-key", "k1")
            .body(Body::from(json!({"project_key": "INC", "kind": "incident", "summary": "Once"}).to_string())).expect("a request");
        let (first, again) = (app.send(open()).await.expect(201), app.send(open()).await.expect(201));
        assert_eq!((first["id"].clone(), count(&app.app, "tickets").await), (again["id"].clone(), 1));
    }

    async fn wrong_fields_are_named(backend) {
        let app = desk(backend).await;
        let body = json!({"project_key": "NOPE", "kind": "incident", "summary": "x"});
        assert_eq!(app.post("ana", "/api/v1/tickets", body).await.expect(422)["errors"][0]["field"], "project_key");
        let body = json!({"project_key": "INC", "kind": "incident", "summary": " "});
        assert_eq!(app.post("ana", "/api/v1/tickets", body).await.expect(422)["errors"][0]["field"], "summary");
        let body = json!({"project_key": "INC", "kind": "incident", "summary": "x", "assignee_id": person("cem")});
        assert_eq!(app.post("ana", "/api/v1/tickets", body).await.expect(422)["errors"][0]["field"], "assignee_id");
        app.post("", "/api/v1/tickets", json!({})).await.expect(401);
    }

    async fn links_are_seen_from_both_ends(backend) {
        let app = desk(backend).await;
        let (one, two) = (incident(&app, "one", json!({})).await, incident(&app, "two", json!({})).await);
        let body = json!({"type": "caused_by", "from": {"kind": "ticket", "id": one["id"]}, "to": {"kind": "ticket", "id": two["id"]}});
        let link = app.post("ana", "/api/v1/links", body.clone()).await.expect(201);
        assert_eq!(app.post("ana", "/api/v1/links", body).await.expect(201)["id"], link["id"]);
        let seen = app.get("ana", &format!("/api/v1/links?kind=ticket&id={}", two["id"].as_str().expect("an id"))).await.expect(200);
        assert_eq!((seen["items"][0]["from"]["key"].as_str(), seen["items"][0]["type"].as_str()), (Some("INC-1"), Some("caused_by")));
        let path = format!("/api/v1/links/{}", link["id"].as_str().expect("an id"));
        app.call("cem", Method::DELETE, &path, Value::Null).await.expect(403);
        app.call("ana", Method::DELETE, &path, Value::Null).await.expect(204);
        app.call("ana", Method::DELETE, &path, Value::Null).await.expect(404);
    }

    async fn an_old_workflow_comes_back_and_running_tickets_keep_theirs(backend) {
        let app = desk(backend).await;
        incident(&app, "one", json!({})).await;
        let document = app.get("root", "/api/v1/documents/workflow/default").await.expect(200);
        assert_eq!(document["version"], 1);
        let path = "/api/v1/documents/workflow/default/versions/1/restore";
        app.post("ana", path, Value::Null).await.expect(403);
        // The body is the one in force: nothing is added.
        assert_eq!(app.post("root", path, Value::Null).await.expect(200)["version"], 1);
        let versions = app.get("root", "/api/v1/documents/workflow/default/versions").await.expect(200);
        assert_eq!(versions["items"][0]["actor"]["kind"], "system");
        app.get("root", "/api/v1/documents/workflow/nope").await.expect(404);
        app.get("cem", "/api/v1/documents/workflow/default").await.expect(403);
    }
}

/// Opens tickets at the same moment and gives their keys.
async fn open_many(app: &testkit::TestApp, count: usize) -> Vec<Value> {
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..count {
        let ctx = caller("ana");
        let app = app.app.clone();
        tasks.spawn(async move {
            let id = desk::ticket::open(&app, &ctx, an_incident(&format!("number {n}"))).await.expect("opens");
            let titles = app.records.titles(&app.db.read(), &ctx.scope, "ticket", &[id.0]).await.expect("a title");
            json!({"key": titles[&id.0].key})
        });
    }
    tasks.join_all().await
}
