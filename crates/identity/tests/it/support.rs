//! An installation with people in it, and browsers.

use std::sync::Arc;

use axum::body::Body;
use http::{Method, Request, header};
use identity::{
    IdentityAuthenticator, NoProjects,
    person::{NewPerson, service},
};
use kernel::{PersonId, Role};
use platform::{App, Ctx, Sql};
use serde_json::{Value, json};
use testkit::{Answer, Backend, TestApp};
use utoipa_axum::router::OpenApiRouter;

/// The password of everybody who is made by [`person`].
pub const PASSWORD: &str = "correct horse battery";

/// All operations of this crate; nobody tells anything here.
pub fn routes() -> OpenApiRouter<App> {
    identity::routes().merge(identity::notification::routes(identity::notification::Sources::default()))
}

/// An empty installation with the real authenticator.
pub async fn app(backend: Backend) -> TestApp {
    TestApp::builder()
        .migrations(identity::MIGRATIONS)
        .routes(routes())
        .work(identity::work)
        .authenticator(|db| Arc::new(IdentityAuthenticator::new(db.clone(), Arc::new(NoProjects))))
        .build(backend)
        .await
}

/// Makes a person who can sign in as `<name>@nordhaven.example`.
pub async fn person(app: &TestApp, name: &str, role: Role) -> PersonId {
    let new = NewPerson { email: format!("{name}@nordhaven.example"), name: name.to_owned(), role };
    service::create(&app.app.db, &Ctx::system("test"), new, PASSWORD.to_owned()).await.expect("a person")
}

/// A browser with a cookie jar of one.
#[derive(Clone, Debug)]
pub struct Browser {
    pub cookie: String,
    pub csrf: String,
}

impl Browser {
    /// Signs a person in.
    pub async fn of(app: &TestApp, name: &str) -> Self {
        let answer = sign_in(app, &format!("{name}@nordhaven.example"), PASSWORD, None).await;
        Self::from(&answer)
    }

    /// Keeps the cookie and the CSRF token of an answer that signed somebody in.
    pub fn from(answer: &Answer) -> Self {
        assert_eq!(answer.status.as_u16(), 200, "{:#}", answer.body);
        let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap();
        assert!(
            cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Secure"),
            "{cookie}"
        );
        Self {
            cookie: cookie.split(';').next().unwrap().to_owned(),
            csrf: answer.body["csrf_token"].as_str().unwrap().to_owned(),
        }
    }

    /// One request with the cookie and the CSRF header.
    pub async fn call(&self, app: &TestApp, method: Method, path: &str, body: Value) -> Answer {
        self.call_with(app, method, path, body, &[("x-csrf-token", &self.csrf)]).await
    }

    /// One request with the cookie and these headers.
    pub async fn call_with(
        &self,
        app: &TestApp,
        method: Method,
        path: &str,
        body: Value,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header("cookie", &self.cookie);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        app.send(with_body(request, body)).await
    }

    pub async fn get(&self, app: &TestApp, path: &str) -> Answer {
        self.call(app, Method::GET, path, Value::Null).await
    }

    pub async fn post(&self, app: &TestApp, path: &str, body: Value) -> Answer {
        self.call(app, Method::POST, path, body).await
    }

    pub async fn patch(&self, app: &TestApp, path: &str, body: Value) -> Answer {
        self.call(app, Method::PATCH, path, body).await
    }

    pub async fn put(&self, app: &TestApp, path: &str, body: Value) -> Answer {
        self.call(app, Method::PUT, path, body).await
    }

    pub async fn delete(&self, app: &TestApp, path: &str) -> Answer {
        self.call(app, Method::DELETE, path, Value::Null).await
    }
}

fn with_body(request: http::request::Builder, body: Value) -> Request<Body> {
    match body {
        Value::Null => request.body(Body::empty()).unwrap(),
        body => request.header("content-type", "application/json").body(Body::from(body.to_string())).unwrap(),
    }
}

/// Tries to sign in.
pub async fn sign_in(app: &TestApp, email: &str, password: &str, totp: Option<&str>) -> Answer {
    app.post("", "/api/v1/session", json!({ "email": email, "password": password, "totp": totp })).await
}

/// The token at the end of the only link in the only mail that was sent since the last look.
pub async fn mailed_token(app: &TestApp, to: &str, path: &str) -> String {
    app.settle().await;
    let mails = app.mail.take();
    assert_eq!(mails.len(), 1, "{mails:#?}");
    assert_eq!(mails[0].to, to);
    let start = format!("https://bridgewatch.test{path}");
    let line = mails[0].text.lines().find_map(|line| line.strip_prefix(&start));
    line.unwrap_or_else(|| panic!("no link {start} in {}", mails[0].text)).to_owned()
}

#[derive(platform::db::FromRow)]
struct EventRow {
    kind: String,
    data: Value,
}

/// Kind and data of all events, oldest first.
pub async fn events(app: &TestApp) -> Vec<(String, Value)> {
    app.settle().await;
    let rows: Vec<EventRow> =
        app.app.db.read().all("SELECT kind, data FROM events ORDER BY seq", vec![]).await.unwrap();
    rows.into_iter().map(|row| (row.kind, row.data)).collect()
}
