//! Sign-in, sign-out, CSRF, throttling, passwords, set-up.

use http::Method;
use identity::setup;
use jiff::SignedDuration;
use kernel::Role;
use serde_json::{Value, json};
use testkit::both_databases;

use crate::support::{Browser, PASSWORD, app, events, mailed_token, person, sign_in};

both_databases! {
    async fn a_person_signs_in_and_out(backend) {
        let app = app(backend).await;
        person(&app, "ana", Role::Agent).await;
        let browser = Browser::of(&app, "ana").await;
        let session = browser.get(&app, "/api/v1/session").await.expect(200);
        assert_eq!(session["person"]["email"], "ana@nordhaven.example");
        assert_eq!(session["person"]["role"], "agent");
        assert_eq!(session["csrf_token"], browser.csrf.as_str());
        assert_eq!(session["expires_at"], "2026-03-09T09:00:00Z");

        assert_eq!(app.get("", "/api/v1/session").await.expect(401)["code"], "unauthenticated");
        let out = browser.delete(&app, "/api/v1/session").await;
        assert!(out.headers["set-cookie"].to_str().unwrap().contains("Max-Age=0"));
        out.expect(204);
        browser.get(&app, "/api/v1/session").await.expect(401);
        let kinds: Vec<String> = events(&app).await.into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(kinds, ["PersonCreated", "SessionOpened", "SessionEnded"]);
    }

    async fn a_change_by_cookie_needs_the_csrf_header(backend) {
        let app = app(backend).await;
        person(&app, "ana", Role::Agent).await;
        let browser = Browser::of(&app, "ana").await;
        let change = json!({ "time_zone": "Europe/Oslo" });
        for headers in [vec![], vec![("x-csrf-token", "wrong")]] {
            browser.call_with(&app, Method::PATCH, "/api/v1/me", change.clone(), &headers).await.expect(401);
        }
        browser.call_with(&app, Method::GET, "/api/v1/me", Value::Null, &[]).await.expect(200);
        browser.patch(&app, "/api/v1/me", change).await.expect(200);
    }

    async fn a_refusal_does_not_tell_whether_the_account_exists(backend) {
        let app = app(backend).await;
        person(&app, "ana", Role::Admin).await;
        let cid = person(&app, "cid", Role::Agent).await;
        let admin = Browser::of(&app, "ana").await;
        admin.patch(&app, &format!("/api/v1/people/{cid}"), json!({ "active": false })).await.expect(200);
        let invited = json!({ "email": "eva@nordhaven.example", "name": "Eva", "role": "agent" });
        admin.post(&app, "/api/v1/people/invitations", invited).await.expect(201);
        let mut answers = Vec::new();
        for (name, password) in [("ana", "wrong password"), ("nobody", PASSWORD), ("cid", PASSWORD), ("eva", PASSWORD)] {
            let mut body = sign_in(&app, &format!("{name}@nordhaven.example"), password, None).await.expect(401);
            body["request_id"] = json!("");
            answers.push(body);
        }
        assert_eq!(answers[0]["code"], "invalid_credentials");
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");

        // Asking for a new password answers the same, and mails only who can use it.
        app.settle().await;
        app.mail.take();
        for name in ["nobody", "cid"] {
            let email = format!("{name}@nordhaven.example");
            app.post("", "/api/v1/password-resets", json!({ "email": email })).await.expect(202);
        }
        app.settle().await;
        assert!(app.mail.take().is_empty());
    }

    async fn guessing_is_throttled_by_account_and_ends(backend) {
        let app = app(backend).await;
        person(&app, "ana", Role::Agent).await;
        for name in ["ana", "nobody"] {
            let email = format!("{name}@nordhaven.example");
            for _ in 0..10 {
                sign_in(&app, &email, "a wrong password", None).await.expect(401);
            }
            // The right password does not help now; nobody is treated as somebody.
            let answer = sign_in(&app, &email.to_uppercase(), PASSWORD, None).await;
            assert_eq!(answer.headers["retry-after"], "900");
            assert_eq!(answer.expect(429)["code"], "throttled");
        }
        app.advance(SignedDuration::from_mins(16)).await;
        Browser::of(&app, "ana").await;
    }

    async fn guessing_is_throttled_by_network_address(backend) {
        let app = app(backend).await;
        person(&app, "ana", Role::Agent).await;
        for n in 0..50 {
            sign_in(&app, &format!("guess{n}@nordhaven.example"), "a wrong password", None).await.expect(401);
        }
        sign_in(&app, "ana@nordhaven.example", PASSWORD, None).await.expect(429);
    }

    async fn the_right_password_clears_the_count(backend) {
        let app = app(backend).await;
        person(&app, "ana", Role::Agent).await;
        for _ in 0..3 {
            for _ in 0..9 {
                sign_in(&app, "ana@nordhaven.example", "a wrong password", None).await.expect(401);
            }
            Browser::of(&app, "ana").await;
        }
    }

    async fn sign_out_everywhere_ends_all_sessions(backend) {
        let app = app(backend).await;
        person(&app, "ana", Role::Agent).await;
        person(&app, "ben", Role::Agent).await;
        let (first, second, ben) =
            (Browser::of(&app, "ana").await, Browser::of(&app, "ana").await, Browser::of(&app, "ben").await);
        let sessions = first.get(&app, "/api/v1/me/sessions").await.expect(200);
        assert_eq!(sessions["items"].as_array().unwrap().len(), 2);
        let current: Vec<&Value> = sessions["items"].as_array().unwrap().iter().filter(|s| s["current"] == true).collect();
        assert_eq!(current.len(), 1);
        assert_eq!(current[0]["ip"], "127.0.0.1");
        // Another person's session is out of reach.
        let path = format!("/api/v1/me/sessions/{}", current[0]["id"].as_str().unwrap());
        ben.delete(&app, &path).await.expect(404);

        second.delete(&app, "/api/v1/me/sessions").await.expect(204);
        first.get(&app, "/api/v1/me").await.expect(401);
        second.get(&app, "/api/v1/me").await.expect(401);
        ben.get(&app, "/api/v1/me").await.expect(200);
    }

    async fn one_session_can_be_ended(backend) {
        let app = app(backend).await;
        person(&app, "ana", Role::Agent).await;
        let (first, second) = (Browser::of(&app, "ana").await, Browser::of(&app, "ana").await);
        let sessions = first.get(&app, "/api/v1/me/sessions").await.expect(200);
        let other = sessions["items"].as_array().unwrap().iter().find(|s| s["current"] == false).unwrap();
        first.delete(&app, &format!("/api/v1/me/sessions/{}", other["id"].as_str().unwrap())).await.expect(204);
        second.get(&app, "/api/v1/me").await.expect(401);
        first.get(&app, "/api/v1/me").await.expect(200);
    }

    async fn a_session_ends_after_a_week_without_use(backend) {
        let app = app(backend).await;
        person(&app, "ana", Role::Agent).await;
        let browser = Browser::of(&app, "ana").await;
        for _ in 0..4 {
            app.advance(SignedDuration::from_hours(6 * 24)).await;
            browser.get(&app, "/api/v1/me").await.expect(200);
        }
        app.advance(SignedDuration::from_hours(7 * 24)).await;
        browser.get(&app, "/api/v1/me").await.expect(401);
    }

    async fn a_changed_password_ends_the_other_sessions(backend) {
        let app = app(backend).await;
        person(&app, "ana", Role::Agent).await;
        let (browser, other) = (Browser::of(&app, "ana").await, Browser::of(&app, "ana").await);
        let change = |current: &str, new: &str| json!({ "current": current, "new": new });
        let wrong = browser.post(&app, "/api/v1/me/password", change("not my password", "another good one")).await.expect(422);
        assert_eq!(wrong["errors"][0]["field"], "current");
        let weak = browser.post(&app, "/api/v1/me/password", change(PASSWORD, "short")).await.expect(422);
        assert_eq!(weak["errors"][0]["field"], "new");
        browser.post(&app, "/api/v1/me/password", change(PASSWORD, "another good one")).await.expect(204);
        browser.get(&app, "/api/v1/me").await.expect(200);
        other.get(&app, "/api/v1/me").await.expect(401);
        sign_in(&app, "ana@nordhaven.example", PASSWORD, None).await.expect(401);
        sign_in(&app, "ana@nordhaven.example", "another good one", None).await.expect(200);
        app.settle().await;
        assert!(app.mail.take()[0].subject.contains("password"));
    }

    async fn a_forgotten_password_is_replaced_by_mail(backend) {
        let app = app(backend).await;
        person(&app, "ana", Role::Agent).await;
        let browser = Browser::of(&app, "ana").await;
        app.post("", "/api/v1/password-resets", json!({ "email": " ANA@nordhaven.example" })).await.expect(202);
        let token = mailed_token(&app, "ana@nordhaven.example", "/reset/").await;
        let path = format!("/api/v1/password-resets/{token}");
        app.post("", &path, json!({ "password": "short" })).await.expect(422);
        app.post("", &path, json!({ "password": "another good one" })).await.expect(204);
        // The link works once; all sessions ended.
        assert_eq!(app.post("", &path, json!({ "password": "yet another one" })).await.expect(404)["code"], "link_invalid");
        browser.get(&app, "/api/v1/me").await.expect(401);
        sign_in(&app, "ana@nordhaven.example", "another good one", None).await.expect(200);
    }

    async fn a_reset_link_ends(backend) {
        let app = app(backend).await;
        person(&app, "ana", Role::Agent).await;
        let email = json!({ "email": "ana@nordhaven.example" });
        app.post("", "/api/v1/password-resets", email.clone()).await.expect(202);
        let old = mailed_token(&app, "ana@nordhaven.example", "/reset/").await;
        app.post("", "/api/v1/password-resets", email.clone()).await.expect(202);
        let late = mailed_token(&app, "ana@nordhaven.example", "/reset/").await;
        let good = json!({ "password": "another good one" });
        // A newer link ends the older one; an hour ends all.
        app.post("", &format!("/api/v1/password-resets/{old}"), good.clone()).await.expect(404);
        app.advance(SignedDuration::from_mins(61)).await;
        app.post("", &format!("/api/v1/password-resets/{late}"), good).await.expect(404);
        // No flood of mails: three in a quarter of an hour.
        for _ in 0..5 {
            app.post("", "/api/v1/password-resets", email.clone()).await.expect(202);
        }
        app.settle().await;
        assert_eq!(app.mail.take().len(), 3);
    }

    async fn the_first_start_makes_an_administrator_once(backend) {
        let app = app(backend).await;
        assert_eq!(app.get("", "/api/v1/setup").await.expect(200)["needed"], true);
        let first = setup::ensure_token(&app.app.db).await.unwrap().unwrap();
        let second = setup::ensure_token(&app.app.db).await.unwrap().unwrap();
        let body = |token: &str| json!({ "token": token, "name": "Ana", "email": "ana@nordhaven.example", "password": PASSWORD });
        app.post("", "/api/v1/setup", body("wrong")).await.expect(404);
        let answer = app.post("", "/api/v1/setup", body(&first)).await;
        let browser = Browser::from(&answer);
        assert_eq!(answer.body["person"]["role"], "admin");
        browser.get(&app, "/api/v1/people").await.expect(200);
        app.post("", "/api/v1/setup", body(&second)).await.expect(404);
        assert_eq!(app.get("", "/api/v1/setup").await.expect(200)["needed"], false);
        assert!(setup::ensure_token(&app.app.db).await.unwrap().is_none());
    }

    async fn two_people_cannot_set_up_at_once(backend) {
        let app = app(backend).await;
        let first = setup::ensure_token(&app.app.db).await.unwrap().unwrap();
        let second = setup::ensure_token(&app.app.db).await.unwrap().unwrap();
        let body = |token: &str, name: &str| {
            json!({ "token": token, "name": name, "email": format!("{name}@nordhaven.example"), "password": PASSWORD })
        };
        let (a, b) = tokio::join!(
            app.post("", "/api/v1/setup", body(&first, "ana")),
            app.post("", "/api/v1/setup", body(&second, "ben")),
        );
        let mut statuses = [a.status.as_u16(), b.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 404]);
    }

    async fn no_secret_and_no_personal_data_reaches_the_event_log_or_the_jobs(backend) {
        use platform::Sql;
        #[derive(platform::db::FromRow)]
        struct Row { payload: Value }
        let app = app(backend).await;
        person(&app, "ana", Role::Admin).await;
        let browser = Browser::of(&app, "ana").await;
        let invited = json!({ "email": "eva@nordhaven.example", "name": "Eva Berg", "role": "agent" });
        browser.post(&app, "/api/v1/people/invitations", invited).await.expect(201);
        browser.patch(&app, "/api/v1/me", json!({ "name": "Ana Lund" })).await.expect(200);
        app.post("", "/api/v1/password-resets", json!({ "email": "ana@nordhaven.example" })).await.expect(202);
        let jobs: Vec<Row> = app.app.db.read().all("SELECT payload FROM jobs", vec![]).await.unwrap();
        let mut text: String = jobs.iter().map(|row| row.payload.to_string()).collect();
        text.push_str(&format!("{:?}", events(&app).await));
        assert!(text.contains("sealed") && text.contains("PersonInvited"));
        for personal in ["eva", "Eva", "Berg", "Lund", "nordhaven", "127.0.0.1"] {
            assert!(!text.contains(personal), "{personal} in {text}");
        }
    }
}
