//! API tokens.

use http::Method;
use identity::token::service::create_for;
use jiff::SignedDuration;
use kernel::Role;
use platform::Ctx;
use serde_json::{Value, json};
use testkit::both_databases;

use crate::support::{Browser, app, person};

both_databases! {
    async fn a_token_allows_what_it_was_given(backend) {
        let app = app(backend).await;
        person(&app, "ana", Role::Admin).await;
        let browser = Browser::of(&app, "ana").await;
        let body = json!({ "name": "CI", "permissions": ["people:read", "me"] });
        let made = browser.post(&app, "/api/v1/me/tokens", body).await.expect(201);
        let secret = made["secret"].as_str().unwrap();
        assert!(secret.starts_with("bw_") && secret.starts_with(made["prefix"].as_str().unwrap()));
        app.get(secret, "/api/v1/people").await.expect(200);
        assert_eq!(app.get(secret, "/api/v1/me").await.expect(200)["permissions"], json!(["me", "people:read"]));
        app.post(secret, "/api/v1/teams", json!({ "name": "Network" })).await.expect(403);
        // Tokens make no tokens, change no passwords, have no session.
        let more = json!({ "name": "more", "permissions": ["people:manage"] });
        assert_eq!(app.post(secret, "/api/v1/me/tokens", more).await.expect(403)["code"], "session_needed");
        app.post(secret, "/api/v1/me/totp", Value::Null).await.expect(403);
        app.get(secret, "/api/v1/session").await.expect(401);

        let listed = browser.get(&app, "/api/v1/me/tokens").await.expect(200);
        assert_eq!(listed["items"][0]["name"], "CI");
        assert!(listed["items"][0]["last_used_at"].is_string());
        assert!(listed["items"][0].get("secret").is_none());
        browser.delete(&app, &format!("/api/v1/me/tokens/{}", made["id"].as_str().unwrap())).await.expect(204);
        app.get(secret, "/api/v1/people").await.expect(401);
        app.get("bw_unknown", "/api/v1/people").await.expect(401);
        app.get("nonsense", "/api/v1/people").await.expect(401);
    }

    async fn a_token_never_allows_more_than_its_owner(backend) {
        let app = app(backend).await;
        person(&app, "ana", Role::Admin).await;
        let ben = person(&app, "ben", Role::Admin).await;
        let (admin, browser) = (Browser::of(&app, "ana").await, Browser::of(&app, "ben").await);
        let body = json!({ "name": "script", "permissions": ["people:read", "teams:manage"] });
        let made = browser.post(&app, "/api/v1/me/tokens", body).await.expect(201);
        let secret = made["secret"].as_str().unwrap();
        app.post(secret, "/api/v1/teams", json!({ "name": "A" })).await.expect(201);
        admin.patch(&app, &format!("/api/v1/people/{ben}"), json!({ "role": "agent" })).await.expect(200);
        app.post(secret, "/api/v1/teams", json!({ "name": "B" })).await.expect(403);
        let wrong = json!({ "name": "script", "permissions": ["teams:manage"] });
        assert_eq!(browser.post(&app, "/api/v1/me/tokens", wrong).await.expect(422)["errors"][0]["field"], "permissions");
        admin.patch(&app, &format!("/api/v1/people/{ben}"), json!({ "active": false })).await.expect(200);
        app.get(secret, "/api/v1/people").await.expect(401);
    }

    async fn a_token_of_a_team_sees_that_team_only(backend) {
        let app = app(backend).await;
        person(&app, "ana", Role::Admin).await;
        let ben = person(&app, "ben", Role::Agent).await;
        let (admin, browser) = (Browser::of(&app, "ana").await, Browser::of(&app, "ben").await);
        let mut ids = Vec::new();
        for name in ["Network", "Storage"] {
            let team = admin.post(&app, "/api/v1/teams", json!({ "name": name })).await.expect(201);
            ids.push(team["id"].as_str().unwrap().to_owned());
        }
        let member = format!("/api/v1/teams/{}/members/{ben}", ids[0]);
        admin.put(&app, &member, json!({ "role": "admin" })).await.expect(200);
        let body = |team: &str| json!({ "name": "t", "permissions": ["people:read"], "team_id": team });
        browser.post(&app, "/api/v1/me/tokens", body(&ids[1])).await.expect(422);
        let made = browser.post(&app, "/api/v1/me/tokens", body(&ids[0])).await.expect(201);
        assert_eq!(made["team"]["name"], "Network");
        let secret = made["secret"].as_str().unwrap();
        app.get(secret, &format!("/api/v1/teams/{}", ids[0])).await.expect(200);
        app.get(secret, &format!("/api/v1/teams/{}", ids[1])).await.expect(404);
        assert_eq!(app.get(secret, "/api/v1/people").await.expect(200)["items"].as_array().unwrap().len(), 1);
        // The right of a team's administrator is the session's, not the token's.
        app.call(secret, Method::PATCH, &format!("/api/v1/teams/{}", ids[0]), json!({ "name": "x" })).await.expect(403);
        admin.delete(&app, &member).await.expect(204);
        app.get(secret, "/api/v1/people").await.expect(401);
    }

    async fn a_token_ends_at_its_time(backend) {
        let app = app(backend).await;
        person(&app, "ana", Role::Agent).await;
        let browser = Browser::of(&app, "ana").await;
        let body = |at: &str| json!({ "name": "t", "permissions": ["me"], "expires_at": at });
        browser.post(&app, "/api/v1/me/tokens", body("2026-03-02T08:00:00Z")).await.expect(422);
        let made = browser.post(&app, "/api/v1/me/tokens", body("2026-03-02T10:00:00Z")).await.expect(201);
        let secret = made["secret"].as_str().unwrap();
        app.get(secret, "/api/v1/me").await.expect(200);
        app.advance(SignedDuration::from_hours(1)).await;
        app.get(secret, "/api/v1/me").await.expect(401);
    }

    async fn the_secret_is_shown_once_whatever_is_repeated(backend) {
        let app = app(backend).await;
        person(&app, "ana", Role::Agent).await;
        let browser = Browser::of(&app, "ana").await;
        let body = json!({ "name": "t", "permissions": ["me"] });
        let headers = [("x-csrf-token", browser.csrf.as_str()), ("idempotency-key", "one")];
        browser.call_with(&app, Method::POST, "/api/v1/me/tokens", body.clone(), &headers).await.expect(201);
        let repeated = browser.call_with(&app, Method::POST, "/api/v1/me/tokens", body, &headers).await.expect(409);
        assert_eq!(repeated["code"], "token_shown_once");
        let listed = browser.get(&app, "/api/v1/me/tokens").await.expect(200);
        assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    }

    async fn the_command_line_makes_tokens(backend) {
        let app = app(backend).await;
        person(&app, "ana", Role::Agent).await;
        let made = create_for(&app.app.db, &Ctx::system("cli"), "ANA@nordhaven.example", "deploy").await.unwrap();
        app.get(&made.secret, "/api/v1/people").await.expect(200);
        assert!(create_for(&app.app.db, &Ctx::system("cli"), "nobody@nordhaven.example", "deploy").await.is_err());
    }

    async fn a_live_stream_ends_with_its_credentials(backend) {
        use platform::auth::Credentials;
        let app = app(backend).await;
        person(&app, "ana", Role::Admin).await;
        let ben = person(&app, "ben", Role::Agent).await;
        let admin = Browser::of(&app, "ana").await;
        let made = create_for(&app.app.db, &Ctx::system("cli"), "ben@nordhaven.example", "x").await.unwrap();
        let browser = Browser::of(&app, "ben").await;
        let ctx = async |name: &str, value: String| {
            let (parts, ()) = http::Request::builder().header(name, value).body(()).unwrap().into_parts();
            match app.app.authenticator.authenticate(&parts).await.unwrap() {
                Credentials::Known(ctx) => *ctx,
                other => panic!("{other:?}"),
            }
        };
        let by_token = ctx("authorization", format!("Bearer {}", made.secret)).await;
        let by_session = ctx("cookie", browser.cookie.clone()).await;
        for ctx in [&by_token, &by_session] {
            assert!(app.app.authenticator.still_valid(ctx).await);
        }
        admin.post(&app, "/api/v1/teams", json!({ "name": "Security", "private": true })).await.expect(201);
        for ctx in [&by_token, &by_session] {
            assert!(!app.app.authenticator.still_valid(ctx).await, "it sees less now");
        }
        let by_session = ctx("cookie", browser.cookie.clone()).await;
        browser.delete(&app, "/api/v1/session").await.expect(204);
        assert!(!app.app.authenticator.still_valid(&by_session).await);
        let by_token = ctx("authorization", format!("Bearer {}", made.secret)).await;
        admin.patch(&app, &format!("/api/v1/people/{ben}"), json!({ "active": false })).await.expect(200);
        assert!(!app.app.authenticator.still_valid(&by_token).await);
    }
}
