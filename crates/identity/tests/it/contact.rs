//! Contacts and notification rules.

use identity::lookup;
use jiff::SignedDuration;
use kernel::Role;
use platform::SendError;
use serde_json::{Value, json};
use testkit::{TestApp, both_databases};

use crate::support::{Browser, app, person};

/// The code in the last mail to an address.
async fn mailed_code(app: &TestApp, to: &str) -> String {
    app.settle().await;
    let mail = app.mail.take().pop().unwrap();
    assert_eq!(mail.to, to);
    mail.text.lines().find_map(|line| line.strip_prefix("    ")).unwrap().to_owned()
}

both_databases! {
    async fn a_mail_contact_is_verified_by_its_code(backend) {
        let app = app(backend).await;
        let ana = person(&app, "ana", Role::Agent).await;
        person(&app, "ben", Role::Agent).await;
        let (browser, other) = (Browser::of(&app, "ana").await, Browser::of(&app, "ben").await);
        let contacts = browser.get(&app, "/api/v1/me/contacts").await.expect(200);
        assert_eq!(contacts["items"][0]["verified"], true, "the sign-in address");
        let body = json!({ "kind": "mail", "address": "ana@home.example" });
        let made = browser.post(&app, "/api/v1/me/contacts", body.clone()).await.expect(201);
        assert_eq!(made["verified"], false);
        assert_eq!(browser.post(&app, "/api/v1/me/contacts", body).await.expect(409)["code"], "contact_exists");
        let path = format!("/api/v1/me/contacts/{}", made["id"].as_str().unwrap());
        let code = mailed_code(&app, "ana@home.example").await;
        browser.post(&app, &format!("{path}/test"), Value::Null).await.expect(409);
        let verify = format!("{path}/verify");
        let wrong = if code == "000000" { "000001" } else { "000000" };
        browser.post(&app, &verify, json!({ "code": wrong })).await.expect(422);
        other.post(&app, &verify, json!({ "code": &code })).await.expect(404);
        assert_eq!(browser.post(&app, &verify, json!({ "code": &code })).await.expect(200)["verified"], true);
        browser.post(&app, &format!("{path}/test"), Value::Null).await.expect(202);
        app.settle().await;
        assert!(app.mail.take()[0].subject.starts_with("Test message"));
        let reach = lookup::reach(&app.app.db.read(), &[ana]).await.unwrap().remove(&ana).unwrap();
        assert_eq!(reach.contacts.iter().filter(|contact| contact.verified).count(), 2);
        assert_eq!(reach.known()[1].label, "mail ana@home.example");
    }

    async fn a_code_ends_after_five_guesses_or_a_quarter_of_an_hour(backend) {
        let app = app(backend).await;
        person(&app, "ana", Role::Agent).await;
        let browser = Browser::of(&app, "ana").await;
        let body = json!({ "kind": "mail", "address": "ana@home.example" });
        let made = browser.post(&app, "/api/v1/me/contacts", body).await.expect(201);
        let path = format!("/api/v1/me/contacts/{}", made["id"].as_str().unwrap());
        let verify = format!("{path}/verify");
        let code = mailed_code(&app, "ana@home.example").await;
        for _ in 0..5 {
            browser.post(&app, &verify, json!({ "code": "wrong" })).await.expect(422);
        }
        browser.post(&app, &verify, json!({ "code": code })).await.expect(422);
        browser.post(&app, &format!("{path}/send-code"), Value::Null).await.expect(202);
        let code = mailed_code(&app, "ana@home.example").await;
        app.advance(SignedDuration::from_mins(15)).await;
        browser.post(&app, &verify, json!({ "code": code })).await.expect(422);
        for _ in 0..10 {
            browser.post(&app, &format!("{path}/send-code"), Value::Null).await.expect(202);
        }
        assert_eq!(browser.post(&app, &format!("{path}/send-code"), Value::Null).await.expect(429)["code"], "throttled");
    }

    async fn a_webhook_is_verified_once_it_answers(backend) {
        let app = app(backend).await;
        person(&app, "ana", Role::Agent).await;
        let browser = Browser::of(&app, "ana").await;
        app.webhooks.fail(Some(SendError::temporary("no answer")));
        let body = json!({ "kind": "webhook", "address": "https://hooks.example.org/ana" });
        browser.post(&app, "/api/v1/me/contacts", json!({ "kind": "webhook", "address": "hooks" })).await.expect(422);
        let made = browser.post(&app, "/api/v1/me/contacts", body).await.expect(201);
        app.settle().await;
        let verified = async || browser.get(&app, "/api/v1/me/contacts").await.expect(200)["items"][1]["verified"].clone();
        assert_eq!(verified().await, false);
        app.webhooks.fail(None);
        app.advance(SignedDuration::from_secs(10)).await;
        assert_eq!(verified().await, true);
        assert_eq!(app.webhooks.take()[0].url, "https://hooks.example.org/ana");
        browser.post(&app, &format!("/api/v1/me/contacts/{}/test", made["id"].as_str().unwrap()), Value::Null).await.expect(202);
        app.settle().await;
        assert_eq!(app.webhooks.take().len(), 1);
    }

    async fn rules_name_own_verified_contacts(backend) {
        let app = app(backend).await;
        let ana = person(&app, "ana", Role::Agent).await;
        person(&app, "ben", Role::Agent).await;
        let (browser, other) = (Browser::of(&app, "ana").await, Browser::of(&app, "ben").await);
        let path = "/api/v1/me/notification-rules";
        assert_eq!(browser.get(&app, path).await.expect(200), json!({ "version": 0, "steps": [], "quiet_hours": null }));
        let contacts = browser.get(&app, "/api/v1/me/contacts").await.expect(200);
        let id = contacts["items"][0]["id"].clone();
        let body = json!({
            "version": 0,
            "steps": [{ "delay_min": 5, "contact_id": id, "priorities": ["P1", "P2"] }],
            "quiet_hours": { "from": "22:00", "to": "07:00" },
        });
        let stored = browser.put(&app, path, body.clone()).await.expect(200);
        assert_eq!(stored["version"], 1);
        assert_eq!((&stored["steps"], &stored["quiet_hours"]), (&body["steps"], &body["quiet_hours"]));
        browser.put(&app, path, body.clone()).await.expect(412);
        assert_eq!(other.put(&app, path, body).await.expect(422)["errors"][0]["field"], "steps[0].contact_id");
        let reach = lookup::reach(&app.app.db.read(), &[ana]).await.unwrap().remove(&ana).unwrap();
        assert_eq!(reach.rules.steps[0].delay_min, 5);
        // A contact in use, and the last one, stay.
        let contact = format!("/api/v1/me/contacts/{}", id.as_str().unwrap());
        assert_eq!(browser.delete(&app, &contact).await.expect(409)["code"], "last_contact");
        let hook = json!({ "kind": "webhook", "address": "https://hooks.example.org/ana" });
        browser.post(&app, "/api/v1/me/contacts", hook).await.expect(201);
        app.settle().await;
        assert_eq!(browser.delete(&app, &contact).await.expect(409)["code"], "contact_in_use");
        browser.put(&app, path, json!({ "steps": [] })).await.expect(200);
        browser.delete(&app, &contact).await.expect(204);
    }
}
