//! A person of the demo, who uses the API with a token of their own.

use anyhow::{Context, bail};
use axum::body::Body;
use http::{Method, Request};
use http_body_util::BodyExt;
use kernel::Role;
use platform::Ctx;
use serde_json::Value;
use tower::ServiceExt;

use super::{PASSWORD, Past};

/// Somebody who works at Nordhaven.
#[derive(Clone, Debug)]
pub struct Person {
    /// Full name.
    pub name: &'static str,
    /// Id.
    pub id: String,
    token: String,
    token_id: kernel::TokenId,
}

impl Person {
    /// Hires somebody: a person who can sign in, with a token for the time of the demo.
    pub async fn hire(past: &Past, name: &'static str, role: Role) -> anyhow::Result<Self> {
        let email = format!("{}@nordhaven.example", name.to_lowercase().replace(' ', "."));
        let ctx = Ctx::system("demo");
        let new = identity::person::NewPerson { email: email.clone(), name: name.to_owned(), role };
        let id = identity::person::service::create(&past.app.db, &ctx, new, PASSWORD.to_owned()).await?;
        let made = identity::token::service::create_for(&past.app.db, &ctx, &email, "Demo").await?;
        Ok(Self { name, id: id.to_string(), token: made.secret, token_id: made.id })
    }

    /// One request; an answer of 4xx or 5xx is an error that shows its body.
    pub async fn call(&self, past: &Past, method: Method, path: &str, body: Option<Value>) -> anyhow::Result<Value> {
        let request = Request::builder()
            .method(method.clone())
            .uri(path)
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", "application/json")
            .body(body.map_or_else(Body::empty, |body| Body::from(body.to_string())))?;
        let response = past.router.clone().oneshot(request).await?;
        let status = response.status();
        let bytes = response.into_body().collect().await?.to_bytes();
        if !status.is_success() {
            bail!("{method} {path} as {} was answered {status}: {}", self.name, String::from_utf8_lossy(&bytes));
        }
        if bytes.is_empty() {
            Ok(Value::Null)
        } else {
            serde_json::from_slice(&bytes).with_context(|| format!("{method} {path}"))
        }
    }

    /// POST.
    pub async fn post(&self, past: &Past, path: &str, body: Value) -> anyhow::Result<Value> {
        self.call(past, Method::POST, path, Some(body)).await
    }

    /// PUT.
    pub async fn put(&self, past: &Past, path: &str, body: Value) -> anyhow::Result<Value> {
        self.call(past, Method::PUT, path, Some(body)).await
    }

    /// PATCH.
    pub async fn patch(&self, past: &Past, path: &str, body: Value) -> anyhow::Result<Value> {
        self.call(past, Method::PATCH, path, Some(body)).await
    }

    /// GET.
    pub async fn get(&self, past: &Past, path: &str) -> anyhow::Result<Value> {
        self.call(past, Method::GET, path, None).await
    }

    /// Gives the token back.
    pub async fn leave(&self, past: &Past) -> anyhow::Result<()> {
        let (owner, ctx) = (self.id.parse()?, Ctx::system("demo"));
        identity::token::service::remove_for(&past.app.db, &ctx, owner, self.token_id).await?;
        Ok(())
    }
}

/// The id in an answer.
pub fn id(answer: &Value) -> anyhow::Result<String> {
    answer["id"].as_str().map(str::to_owned).with_context(|| format!("an answer without an id: {answer}"))
}
