//! People, invitations, the caller's own profile.

use http::Method;
use kernel::Role;
use serde_json::{Value, json};
use testkit::both_databases;

use crate::support::{Browser, PASSWORD, app, events, mailed_token, person, sign_in};

both_databases! {
    async fn somebody_is_invited_and_accepts(backend) {
        let app = app(backend).await;
        person(&app, "ana", Role::Admin).await;
        let admin = Browser::of(&app, "ana").await;
        let team = admin.post(&app, "/api/v1/teams", json!({ "name": "Network" })).await.expect(201);
        let body = json!({ "email": "Eva@nordhaven.example", "name": "Eva", "role": "agent", "team_ids": [team["id"]] });
        let eva = admin.post(&app, "/api/v1/people/invitations", body.clone()).await.expect(201);
        assert_eq!((&eva["invited"], &eva["active"]), (&json!(true), &json!(true)));
        assert_eq!(eva["teams"][0]["name"], "Network");
        let taken = admin.post(&app, "/api/v1/people/invitations", body).await.expect(409);
        assert_eq!(taken["code"], "email_taken");

        let old = mailed_token(&app, "Eva@nordhaven.example", "/invite/").await;
        admin.post(&app, &format!("/api/v1/people/{}/invitation", eva["id"].as_str().unwrap()), Value::Null).await.expect(202);
        let token = mailed_token(&app, "Eva@nordhaven.example", "/invite/").await;
        app.get("", &format!("/api/v1/invitations/{old}")).await.expect(404);
        let path = format!("/api/v1/invitations/{token}");
        assert_eq!(app.get("", &path).await.expect(200), json!({ "email": "Eva@nordhaven.example", "name": "Eva" }));
        app.post("", &path, json!({ "name": "Eva Berg", "password": "short" })).await.expect(422);
        let browser = Browser::from(&app.post("", &path, json!({ "name": "Eva Berg", "password": PASSWORD })).await);
        let me = browser.get(&app, "/api/v1/me").await.expect(200);
        assert_eq!((&me["name"], &me["teams"][0]["name"]), (&json!("Eva Berg"), &json!("Network")));
        app.post("", &path, json!({ "name": "Mallory", "password": PASSWORD })).await.expect(404);
        sign_in(&app, "eva@nordhaven.example", PASSWORD, None).await.expect(200);
        let again = format!("/api/v1/people/{}/invitation", eva["id"].as_str().unwrap());
        assert_eq!(admin.post(&app, &again, Value::Null).await.expect(409)["code"], "not_invited");
    }

    async fn a_repeated_invitation_with_the_same_key_invites_once(backend) {
        let app = app(backend).await;
        person(&app, "ana", Role::Admin).await;
        let admin = Browser::of(&app, "ana").await;
        let body = json!({ "email": "eva@nordhaven.example", "name": "Eva", "role": "agent" });
        let headers = [("x-csrf-token", admin.csrf.as_str()), ("idempotency-key", "one")];
        let path = "/api/v1/people/invitations";
        let first = admin.call_with(&app, Method::POST, path, body.clone(), &headers).await.expect(201);
        let second = admin.call_with(&app, Method::POST, path, body, &headers).await.expect(201);
        assert_eq!(first["id"], second["id"]);
        app.settle().await;
        assert_eq!(app.mail.take().len(), 1);
    }

    async fn people_are_found_by_name_role_and_page(backend) {
        let app = app(backend).await;
        for (name, role) in [("ana", Role::Admin), ("ben_x", Role::Agent), ("benno", Role::Agent), ("cus", Role::Customer)] {
            person(&app, name, role).await;
        }
        let browser = Browser::of(&app, "benno").await;
        let names = async |query: &str| {
            let page = browser.get(&app, &format!("/api/v1/people{query}")).await.expect(200);
            let names: Vec<String> =
                page["items"].as_array().unwrap().iter().map(|p| p["name"].as_str().unwrap().to_owned()).collect();
            (names, page["next"].as_str().map(str::to_owned))
        };
        assert_eq!(names("?query=BEN").await.0, ["benno", "ben_x"]);
        assert_eq!(names("?query=n_").await.0, ["ben_x"], "an underscore stands for itself");
        assert_eq!(names("?role=customer").await.0, ["cus"]);
        let (first, next) = names("?limit=3").await;
        assert_eq!(first, ["cus", "benno", "ben_x"]);
        assert_eq!(names(&format!("?limit=3&cursor={}", next.unwrap())).await, (vec!["ana".to_owned()], None));
    }

    async fn roles_decide_what_is_allowed(backend) {
        let app = app(backend).await;
        let ana = person(&app, "ana", Role::Admin).await;
        person(&app, "ben", Role::Agent).await;
        person(&app, "cus", Role::Customer).await;
        let (ben, cus) = (Browser::of(&app, "ben").await, Browser::of(&app, "cus").await);
        let path = format!("/api/v1/people/{ana}");
        let shown = ben.get(&app, &path).await.expect(200);
        assert_eq!(shown["actions"][0]["allowed"], false);
        assert_eq!(ben.patch(&app, &path, json!({ "role": "customer" })).await.expect(403)["code"], "permission_missing");
        let invitation = json!({ "email": "x@nordhaven.example", "name": "X", "role": "admin" });
        ben.post(&app, "/api/v1/people/invitations", invitation).await.expect(403);
        for path in ["/api/v1/people", path.as_str(), "/api/v1/teams"] {
            cus.get(&app, path).await.expect(403);
            app.get("", path).await.expect(401);
        }
        assert_eq!(cus.get(&app, "/api/v1/me").await.expect(200)["permissions"], json!(["me", "tickets:read_own", "requests:raise"]));
    }

    async fn the_last_administrator_stays(backend) {
        let app = app(backend).await;
        let ana = person(&app, "ana", Role::Admin).await;
        let admin = Browser::of(&app, "ana").await;
        // An invited administrator cannot sign in yet, so does not count.
        let invitation = json!({ "email": "eva@nordhaven.example", "name": "Eva", "role": "admin" });
        admin.post(&app, "/api/v1/people/invitations", invitation).await.expect(201);
        for change in [json!({ "active": false }), json!({ "role": "agent" })] {
            let refused = admin.patch(&app, &format!("/api/v1/people/{ana}"), change).await.expect(409);
            assert_eq!(refused["code"], "last_admin");
        }
    }

    async fn two_administrators_cannot_demote_each_other_at_once(backend) {
        let app = app(backend).await;
        let (ana, ben) = (person(&app, "ana", Role::Admin).await, person(&app, "ben", Role::Admin).await);
        let (a, b) = (Browser::of(&app, "ana").await, Browser::of(&app, "ben").await);
        let (path_a, path_b) = (format!("/api/v1/people/{ana}"), format!("/api/v1/people/{ben}"));
        let (first, second) = tokio::join!(
            a.patch(&app, &path_b, json!({ "role": "agent" })),
            b.patch(&app, &path_a, json!({ "role": "agent" })),
        );
        let demoted = [first.status, second.status].iter().filter(|status| status.as_u16() == 200).count();
        assert!(demoted <= 1, "{first:?} {second:?}");
    }

    async fn a_disabled_person_is_out_at_once(backend) {
        let app = app(backend).await;
        person(&app, "ana", Role::Admin).await;
        let ben = person(&app, "ben", Role::Agent).await;
        let (admin, browser) = (Browser::of(&app, "ana").await, Browser::of(&app, "ben").await);
        let path = format!("/api/v1/people/{ben}");
        let disabled = admin.patch(&app, &path, json!({ "active": false })).await.expect(200);
        assert_eq!(disabled["active"], false);
        browser.get(&app, "/api/v1/me").await.expect(401);
        admin.patch(&app, &path, json!({ "active": true })).await.expect(200);
        browser.get(&app, "/api/v1/me").await.expect(401);
        Browser::of(&app, "ben").await;
    }

    async fn a_stale_change_is_refused(backend) {
        let app = app(backend).await;
        person(&app, "ana", Role::Admin).await;
        let ben = person(&app, "ben", Role::Agent).await;
        let admin = Browser::of(&app, "ana").await;
        let path = format!("/api/v1/people/{ben}");
        let shown = admin.get(&app, &path).await;
        let tag = shown.headers["etag"].to_str().unwrap().to_owned();
        admin.patch(&app, &path, json!({ "name": "Benno" })).await.expect(200);
        let headers = [("x-csrf-token", admin.csrf.as_str()), ("if-match", tag.as_str())];
        let refused = admin.call_with(&app, Method::PATCH, &path, json!({ "name": "Bert" }), &headers).await.expect(412);
        assert_eq!(refused["code"], "version_conflict");
    }

    async fn a_person_changes_their_own_settings(backend) {
        let app = app(backend).await;
        person(&app, "cus", Role::Customer).await;
        let browser = Browser::of(&app, "cus").await;
        let wrong = browser.patch(&app, "/api/v1/me", json!({ "time_zone": "Mars/Base", "locale": "x_y" })).await.expect(422);
        assert_eq!(wrong["errors"].as_array().unwrap().len(), 2);
        let body = json!({ "name": "Cus Tomer", "time_zone": "Europe/Oslo", "locale": "nb", "single_keys": false });
        let me = browser.patch(&app, "/api/v1/me", body).await.expect(200);
        assert_eq!((&me["name"], &me["single_keys"], &me["version"]), (&json!("Cus Tomer"), &json!(false), &json!(2)));
        browser.patch(&app, "/api/v1/me", json!({ "role": "admin" })).await.expect(422);
        let (kind, data) = events(&app).await.pop().unwrap();
        assert_eq!(kind, "PersonChanged");
        assert_eq!(data["changes"]["name"], json!({ "before": "changed", "after": "changed" }));
        assert_eq!(data["changes"]["time_zone"], json!({ "before": "UTC", "after": "Europe/Oslo" }));
    }
}
