//! An HTTP client for tests of a running server.

use std::sync::Once;
use std::time::Duration;

use http::{HeaderMap, Method};
use serde_json::Value;

/// Speaks JSON with one server as one caller.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    headers: Vec<(String, String)>,
}

/// A status and a body: parsed where it is JSON, a string where not, null where empty.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Value,
}

impl Reply {
    /// The body, when the status is the expected one.
    ///
    /// # Panics
    /// When it is another; prints the body.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{:#}", self.body);
        self.body
    }
}

impl Client {
    /// A caller without credentials. `base` is such as `http://127.0.0.1:8080`.
    ///
    /// # Panics
    /// When the TLS library cannot start.
    pub fn new(base: &str) -> Self {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| {
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        let http = reqwest::Client::builder()
            .timeout(Duration::from_secs(30))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .expect("an HTTP client");
        Self { http, base: base.trim_end_matches('/').to_owned(), headers: Vec::new() }
    }

    /// The same with an API token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        self.with_header("authorization", &format!("Bearer {token}"))
    }

    /// The same with one header more.
    #[must_use]
    pub fn with_header(&self, name: &str, value: &str) -> Self {
        let mut other = self.clone();
        other.headers.push((name.to_owned(), value.to_owned()));
        other
    }

    /// One exchange; `Err` when no answer came. A null body sends none.
    pub async fn try_call(&self, method: Method, path: &str, body: &Value) -> Result<Reply, reqwest::Error> {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if !body.is_null() {
            request = request.json(body);
        }
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await?;
        let body = match text.is_empty() {
            true => Value::Null,
            false => serde_json::from_str(&text).unwrap_or(Value::String(text)),
        };
        Ok(Reply { status, headers, body })
    }

    /// One exchange.
    ///
    /// # Panics
    /// When no answer came.
    #[track_caller]
    pub fn call(&self, method: Method, path: &str, body: Value) -> impl Future<Output = Reply> {
        let (this, path) = (self.clone(), path.to_owned());
        async move {
            let answer = this.try_call(method.clone(), &path, &body).await;
            answer.unwrap_or_else(|error| panic!("{method} {path}: {error:?}"))
        }
    }

    /// Follows a stream of server-sent events.
    ///
    /// # Panics
    /// When the server does not open it.
    pub async fn listen(&self, path: &str) -> Listening {
        let mut request = self.http.get(format!("{}{path}", self.base)).timeout(Duration::from_secs(300));
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status().as_u16(), 200, "GET {path}");
        Listening { response, rest: String::new() }
    }

    /// GET, expecting 200.
    ///
    /// # Panics
    /// When the answer is another.
    pub async fn get(&self, path: &str) -> Value {
        self.call(Method::GET, path, Value::Null).await.expect(200)
    }

    /// POST.
    ///
    /// # Panics
    /// When no answer came.
    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.call(Method::POST, path, body).await
    }

    /// POST, expecting 200, 201, 202 or 204.
    ///
    /// # Panics
    /// When the answer is another.
    pub async fn made(&self, path: &str, body: Value) -> Value {
        let reply = self.post(path, body).await;
        assert!(matches!(reply.status, 200 | 201 | 202 | 204), "POST {path}: {} {:#}", reply.status, reply.body);
        reply.body
    }
}

/// A stream of server-sent events, being followed.
#[derive(Debug)]
pub struct Listening {
    response: reqwest::Response,
    rest: String,
}

impl Listening {
    /// Waits for an event whose data `wanted` accepts.
    ///
    /// # Panics
    /// When none came within `limit`, or the stream ended.
    pub async fn find(&mut self, limit: Duration, wanted: impl Fn(&Value) -> bool) -> Value {
        let search = async {
            loop {
                while let Some((event, rest)) = self.rest.split_once("\n\n") {
                    let data: String = event.lines().filter_map(|line| line.strip_prefix("data:")).collect();
                    self.rest = rest.to_owned();
                    if let Ok(data) = serde_json::from_str(data.trim())
                        && wanted(&data)
                    {
                        return data;
                    }
                }
                let more = self.response.chunk().await.expect("the stream").expect("the stream has not ended");
                self.rest += &String::from_utf8_lossy(&more);
            }
        };
        tokio::time::timeout(limit, search).await.expect("the event within the limit")
    }
}
