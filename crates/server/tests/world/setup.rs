//! The first thirty minutes: the list of steps, a page to oneself, people from a file.

use http::Method;
use kernel::Role;
use serde_json::{Value, json};

use crate::harness::World;

fn state(list: &Value, key: &str) -> String {
    let step = list["steps"].as_array().expect("steps").iter().find(|step| step["key"] == key).expect("the step");
    step["state"].as_str().expect("a state").to_owned()
}

testkit::both_databases! {
    async fn a_page_to_oneself_ends_the_list(backend) {
        let world = World::start(backend, "2026-03-02T09:00:00Z").await;
        let list = world.get("root", "/api/v1/setup/checklist").await.expect(200);
        assert_eq!((&list["total"], &list["demo"], &list["dismissed"]), (&json!(8), &json!(null), &json!(false)));
        assert_eq!((state(&list, "base_url"), state(&list, "mail")), ("done".to_owned(), "todo".to_owned()));
        // Mail: refused, then taken.
        world.mail_server(false);
        let test = world.post("root", "/api/v1/setup/steps/mail/test", Value::Null).await.expect(200);
        assert_eq!(test["ok"], false);
        assert_eq!(state(&world.get("root", "/api/v1/setup/checklist").await.expect(200), "mail"), "failing");
        world.mail_server(true);
        let test = world.post("root", "/api/v1/setup/steps/mail/test", Value::Null).await.expect(200);
        assert_eq!(test["ok"], true);
        world.mailbox("root").expect_page("Test mail");
        let organisation = "/api/v1/setup/organisation";
        let body = json!({"time_zone": "Europe/Oslo", "locale": "nb"});
        let set = world.call("root", Method::PUT, organisation, body).await.expect(200);
        assert_eq!((&set["time_zone"], &set["version"]), (&json!("Europe/Oslo"), &json!(1)));
        // Its office hours are in its zone, until somebody edits them.
        world.settle().await;
        let office = world.get("root", "/api/v1/calendars/office").await.expect(200);
        assert_eq!(office["definition"]["time_zone"], "Europe/Oslo", "{office:#}");
        let wrong = json!({"time_zone": "Oslo", "locale": "nb"});
        world.call("root", Method::PUT, organisation, wrong).await.expect(422);
        // The page goes by the way of all pages, and again when asked for again.
        for _ in 0..2 {
            let page = world.post("root", "/api/v1/setup/test-page", Value::Null).await.expect(202);
            world.settle().await;
            world.mailbox("root").expect_page("Test page");
            world.expect_silence();
            let alert = format!("/api/v1/alerts/{}", page["alert_id"].as_str().expect("an alert"));
            assert_eq!(world.get("root", &alert).await.expect(200)["status"], "open");
        }
        let list = world.get("root", "/api/v1/setup/checklist").await.expect(200);
        for (key, expected) in [("mail", "done"), ("time_zone", "done"), ("test_page", "done"), ("backup", "todo")] {
            assert_eq!(state(&list, key), expected, "{key}");
        }
        assert_eq!(list["done"], 4);
        world.post("root", "/api/v1/setup/steps/team/test", Value::Null).await.expect(422);
        world.post("root", "/api/v1/setup/steps/luck/test", Value::Null).await.expect(404);
        let put = world.call("root", Method::PUT, "/api/v1/setup/checklist", json!({"dismissed": true})).await.expect(200);
        assert_eq!(put["dismissed"], true);
        world.person("ana", Role::Agent, "UTC").await;
        world.get("ana", "/api/v1/setup/checklist").await.expect(403);
    }
}
