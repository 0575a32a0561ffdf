//! Who is told about tickets, by which way, and what it says to whom.

use axum::http::Method;
use jiff::SignedDuration;
use kernel::{ProjectId, RecordKind};
use platform::{Ctx, Lane, NewJob, SendError};
use serde_json::{Value, json};
use testkit::TestApp;

use crate::support::*;

async fn told(app: &TestApp, name: &str) -> Vec<(String, String)> {
    app.settle().await;
    let page = app.get(name, "/api/v1/me/notifications").await.expect(200);
    let text = |item: &Value, field: &str| item[field].as_str().unwrap_or_default().to_owned();
    let items = page["items"].as_array().expect("items");
    items.iter().map(|item| (text(item, "event"), text(item, "title"))).collect()
}

fn events(told: &[(String, String)]) -> Vec<&str> {
    told.iter().map(|(event, _)| event.as_str()).collect()
}

async fn comment(app: &TestApp, who: &str, ticket: &Value, body: &str, visibility: &str) {
    let path = format!("/api/v1/tickets/{}/comments", ticket["key"].as_str().expect("a key"));
    app.post(who, &path, json!({"body": body, "visibility": visibility})).await.expect(201);
}

fn mention(name: &str) -> String {
    format!("@[{name}](person:{})", person(name))
}

/// A request that Cem raised.
async fn request(app: &TestApp) -> Value {
    let body = json!({"project_key": "REQ", "kind": "request", "summary": "A second monitor"});
    app.post("cem", "/api/v1/tickets", body).await.expect(201)
}

testkit::both_databases! {
    async fn those_concerned_are_told_once_and_never_of_their_own_acts(backend) {
        let app = desk(backend).await;
        let ticket = incident(&app, "Checkout fails", json!({"assignee_id": person("bo")})).await;
        assert_eq!(told(&app, "bo").await, [("assigned".to_owned(), "ana assigned INC-1 to you".to_owned())]);
        assert_eq!(told(&app, "ana").await, []);
        let mail = app.mail.take().pop().expect("a mail");
        assert_eq!((mail.to.as_str(), mail.subject.as_str()), ("bo@nordhaven.test", "INC-1 Checkout fails"));
        assert!(mail.text.contains("https://bridgewatch.test/tickets/INC-1"), "{}", mail.text);
        assert!(mail.text.contains("Why you: You are the assignee."), "{}", mail.text);
        // Ana raised it and comments on it; Bo is mentioned, works on it, and is told once, of the mention.
        comment(&app, "ana", &ticket, &format!("Please look, {}!", mention("bo")), "public").await;
        let bo = told(&app, "bo").await;
        assert_eq!(events(&bo), ["mentioned", "assigned"]);
        assert_eq!(app.get("bo", "/api/v1/me/notifications").await.expect(200)["items"][0]["text"], "Please look, @bo!");
        // Bo answers: the reporter is told, and whoever commented; Ana is both.
        comment(&app, "bo", &ticket, "On it.", "public").await;
        assert_eq!(events(&told(&app, "ana").await), ["commented"]);
        assert_eq!(told(&app, "bo").await.len(), 2);
        let mails = app.mail.take();
        assert_eq!(mails.len(), 2);
        assert_eq!(mails[0].thread, mails[1].thread, "one conversation");
        assert!(mails.iter().all(|mail| mail.message_id.starts_with("notification.")));
        // Nothing is told twice when the readers look again.
        app.advance(SignedDuration::from_hours(1)).await;
        assert_eq!((told(&app, "bo").await.len(), app.mail.take().len()), (2, 0));
    }

    async fn nobody_is_told_what_they_may_not_see(backend) {
        let app = desk(backend).await;
        let ticket = request(&app).await;
        let text = format!("{} and {}: the customer is impatient", mention("cem"), mention("eve"));
        comment(&app, "ana", &ticket, &text, "internal").await;
        comment(&app, "ana", &ticket, &format!("Hello {}", mention("eve")), "public").await;
        comment(&app, "bo", &ticket, "Only for us", "internal").await;
        // Cem raised it: of three comments he is told of the public one. Eve sees nothing of his.
        assert_eq!(told(&app, "cem").await, [("commented".to_owned(), "ana commented on REQ-1".to_owned())]);
        assert_eq!(told(&app, "eve").await, []);
        assert_eq!(events(&told(&app, "ana").await), ["commented"]);
        let mails = app.mail.take();
        assert!(mails.iter().all(|mail| mail.to != "eve@nordhaven.test"));
        assert!(mails.iter().filter(|mail| mail.to == "cem@nordhaven.test").all(|mail| !mail.text.contains("impatient")));
        // Who loses sight of the project keeps a row without words.
        let project = project_id(&app, "REQ").await.parse::<ProjectId>().expect("an id");
        app.know("ana", caller_without("ana", vec![project]));
        let page = app.get("ana", "/api/v1/me/notifications").await.expect(200);
        assert_eq!(page["unread"], 1);
        assert_eq!(page["items"][0]["title"], "This is no longer visible to you.");
        assert!(!page.to_string().contains("REQ-1") && !page.to_string().contains("Only for us"), "{page}");
        // And is told nothing new.
        comment(&app, "bo", &ticket, "Again", "internal").await;
        assert_eq!(told(&app, "ana").await.len(), 1);
        // A token that may not read tickets reads none here either.
        let mut narrow = caller("bo");
        narrow.permissions.retain(|permission| *permission == kernel::Permission::OwnProfile);
        incident(&app, "For Bo", json!({"assignee_id": person("bo")})).await;
        app.settle().await;
        app.know("bo", narrow);
        let page = app.get("bo", "/api/v1/me/notifications").await.expect(200);
        assert!(page["unread"].as_i64() >= Some(1) && !page.to_string().contains("For Bo"), "{page}");
    }

    async fn reporters_follow_the_status(backend) {
        let app = desk(backend).await;
        let ticket = request(&app).await;
        let path = format!("/api/v1/tickets/{}/transition", ticket["id"].as_str().expect("an id"));
        app.post("ana", &path, json!({"to": "in_progress"})).await.expect(200);
        app.post("ana", &path, json!({"to": "resolved", "resolution": "fixed"})).await.expect(200);
        let cem = told(&app, "cem").await;
        assert_eq!(cem[1], ("status_changed".to_owned(), "ana moved REQ-1 to In progress".to_owned()));
        assert_eq!(cem.len(), 2);
    }

    async fn a_mention_counts_when_it_is_written(backend) {
        let app = desk(backend).await;
        let first = format!("See {}", mention("bo"));
        let ticket = incident(&app, "Slow", json!({"description": first})).await;
        assert_eq!(events(&told(&app, "bo").await), ["mentioned"]);
        let path = format!("/api/v1/tickets/{}", ticket["id"].as_str().expect("an id"));
        let body = json!({"description": format!("{first} and {}", mention("dora"))});
        app.call("ana", Method::PATCH, &path, body).await.expect(200);
        assert_eq!(told(&app, "bo").await.len(), 1);
        assert_eq!(told(&app, "dora").await, [("mentioned".to_owned(), "ana mentioned you in INC-1".to_owned())]);
        let written = app.post("ana", &format!("{path}/comments"), json!({"body": "Hm"})).await.expect(201);
        let comment = format!("{path}/comments/{}", written["id"].as_str().expect("an id"));
        app.call("ana", Method::PATCH, &comment, json!({"body": format!("Hm, {}", mention("bo"))})).await.expect(204);
        assert_eq!(events(&told(&app, "bo").await), ["mentioned", "mentioned"]);
    }

    async fn clocks_warn_whoever_can_do_something(backend) {
        let app = desk(backend).await;
        incident(&app, "Till down", json!({"assignee_id": person("ana"), "urgency": "critical"})).await;
        incident(&app, "Till slow", json!({"team_id": TEAM, "urgency": "critical"})).await;
        app.mail.take();
        app.advance(SignedDuration::from_hours(24 * 7)).await;
        let ana = told(&app, "ana").await;
        assert!(events(&ana).contains(&"sla_breached") && events(&ana).contains(&"sla_warned"), "{ana:?}");
        assert!(ana.iter().all(|(_, title)| title.contains("INC-1")), "{ana:?}");
        let bo = told(&app, "bo").await;
        assert!(events(&bo).contains(&"sla_breached") && bo.iter().all(|(_, title)| title.contains("INC-2")), "{bo:?}");
        // Warnings are not mailed unless somebody wants that.
        let mails = app.mail.take();
        assert!(!mails.is_empty() && mails.iter().all(|mail| mail.text.contains("No time remains")), "{mails:?}");
    }

    async fn people_choose_what_they_are_told(backend) {
        let app = desk(backend).await;
        let path = "/api/v1/me/notification-choices";
        let choices = app.get("bo", path).await.expect(200);
        assert_eq!(choices["version"], 0);
        assert_eq!(choices["events"][0]["event"], "assigned");
        assert_eq!(choices["events"].as_array().expect("events").len(), 6);
        let mine = json!({"choices": {"assigned": {"app": false, "mail": true}, "commented": {"app": false, "mail": false}}});
        let chosen = app.call("bo", Method::PUT, path, mine.clone()).await.expect(200);
        assert_eq!((&chosen["version"], &chosen["events"][0]["app"]), (&json!(1), &json!(false)));
        assert_eq!(app.call("bo", Method::PUT, path, mine).await.expect(200)["version"], 1, "nothing changed");
        let stale = axum::http::Request::put(path)
            .header("authorization", "Bearer bo")
            .header("if-match", "\"0\"")
            .header("content-type", "application/json");
        let stale = stale.body(axum::body::Body::from(json!({"choices": {}}).to_string())).expect("a request");
        assert_eq!(app.send(stale).await.status.as_u16(), 412);
        let wrong = json!({"choices": {"born": {"app": true, "mail": true}}});
        let wrong = app.call("bo", Method::PUT, path, wrong).await.expect(422);
        assert_eq!(wrong["errors"][0]["field"], "choices.born");
        // By mail only, and not at all.
        let ticket = incident(&app, "Checkout fails", json!({"assignee_id": person("bo")})).await;
        comment(&app, "ana", &ticket, "Look", "public").await;
        assert_eq!(told(&app, "bo").await, []);
        assert_eq!(app.mail.take().len(), 1);
        // What is not wanted as a comment is told as a mention.
        comment(&app, "ana", &ticket, &mention("bo"), "public").await;
        assert_eq!(events(&told(&app, "bo").await), ["mentioned"]);
    }

    async fn reading_counts_down_and_old_ones_go(backend) {
        let app = desk(backend).await;
        let none = json!({"app": false, "mail": false});
        let quiet = json!({"choices": {"sla_warned": none, "sla_breached": none}});
        app.call("bo", Method::PUT, "/api/v1/me/notification-choices", quiet).await.expect(200);
        for _ in 0..3 {
            incident(&app, "Checkout fails", json!({"assignee_id": person("bo")})).await;
        }
        app.settle().await;
        let page = app.get("bo", "/api/v1/me/notifications?limit=2").await.expect(200);
        assert_eq!((&page["unread"], page["items"].as_array().map(Vec::len)), (&json!(3), Some(2)));
        let next = format!("/api/v1/me/notifications?limit=2&cursor={}", page["next"].as_str().expect("a page"));
        assert_eq!(app.get("bo", &next).await.expect(200)["items"].as_array().map(Vec::len), Some(1));
        let ids = json!({"ids": [page["items"][0]["id"]]});
        let read = "/api/v1/me/notifications/read";
        // Nobody reads for somebody else.
        assert_eq!(app.post("ana", read, ids.clone()).await.expect(200)["unread"], 0);
        assert_eq!(app.post("bo", read, ids.clone()).await.expect(200)["unread"], 2);
        let unread = app.get("bo", "/api/v1/me/notifications?unread=true").await.expect(200);
        assert_eq!(unread["items"].as_array().map(Vec::len), Some(2));
        assert_eq!(app.post("bo", "/api/v1/me/notifications/unread", ids).await.expect(200)["unread"], 3);
        let before = json!({"all": true, "until": "2020-01-01T00:00:00Z"});
        assert_eq!(app.post("bo", read, before).await.expect(200)["unread"], 3);
        assert_eq!(app.post("bo", read, json!({"all": true})).await.expect(200)["unread"], 0);
        app.advance(SignedDuration::from_hours(24 * 89)).await;
        assert_eq!(told(&app, "bo").await.len(), 3);
        app.advance(SignedDuration::from_hours(24 * 3)).await;
        assert_eq!(told(&app, "bo").await.len(), 0);
        assert_eq!(count(&app.app, "notifications").await, 0);
    }

    async fn mails_wait_for_the_server_and_for_release(backend) {
        let app = desk(backend).await;
        app.mail.fail(Some(SendError::temporary("down")));
        incident(&app, "Checkout fails", json!({"assignee_id": person("bo")})).await;
        app.settle().await;
        assert_eq!(app.mail.take(), []);
        app.mail.fail(None);
        app.advance(SignedDuration::from_mins(1)).await;
        assert_eq!(app.mail.take().len(), 1);
        // Read in the app while the server was down: no mail comes behind.
        app.mail.fail(Some(SendError::temporary("down")));
        incident(&app, "Search fails", json!({"assignee_id": person("bo")})).await;
        app.settle().await;
        app.post("bo", "/api/v1/me/notifications/read", json!({"all": true})).await.expect(200);
        app.mail.fail(None);
        app.advance(SignedDuration::from_hours(1)).await;
        assert_eq!(app.mail.take(), []);
        // A mail whose notification is gone is no dead job.
        let system = Ctx::system("test");
        let lost = app.app.db.write(&system, Lane::Front, |tx| {
            Box::pin(async move {
                let job = NewJob::now("notification.mail", uuid::Uuid::nil().to_string(), Value::Null);
                tx.schedule(job).await
            })
        });
        lost.await.expect("a job");
        app.settle().await;
        assert_eq!((app.mail.take().len(), count(&app.app, "jobs WHERE state = 'dead'").await), (0, 0));
    }

    async fn browsers_hear_of_their_own_only(backend) {
        let app = desk(backend).await;
        incident(&app, "Checkout fails", json!({"assignee_id": person("bo")})).await;
        app.settle().await;
        let events = platform::event_log::list_after(&app.app.db.read(), 0, 1_000).await.expect("events");
        let told: Vec<_> = events.iter().filter(|event| event.record_kind == RecordKind::NOTIFICATION.0).collect();
        assert_eq!(told.len(), 1);
        assert_eq!((told[0].kind.as_str(), told[0].record), ("PersonNotified", person("bo").0));
        assert!(told[0].data.get("notification").is_some());
    }
}
