//! A slice in process: its routes, readers and jobs on a fresh database, in time that the test moves.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use http::{Method, Request, StatusCode};
use http_body_util::BodyExt;
use jiff::{SignedDuration, Timestamp};
use kernel::ManualClock;
use platform::app::AttachmentLimits;
use platform::app::Stopping;
use platform::auth::{Authenticator, Ctx};
use platform::blob::StorageSettings;
use platform::db::{Backend, Migration};
use platform::records::{RecordTitles, Records};
use platform::secret::Vault;
use platform::{App, Blobs, Settings, Work};
use serde_json::Value;
use tower::ServiceExt;

use crate::database::TestDatabase;
use crate::fakes::{FakeAuthenticator, FakeMailer, FakeWebhooks};

/// When a test begins unless it says otherwise: a Monday, 09:00 UTC.
pub const START: &str = "2026-03-02T09:00:00Z";

/// Makes a [`TestApp`].
#[derive(Default)]
pub struct Builder {
    migrations: Vec<&'static [Migration]>,
    routes: Router<App>,
    titles: Vec<Arc<dyn RecordTitles>>,
    records: Option<Records>,
    work: Option<MakeWork>,
    authenticator: Option<MakeAuthenticator>,
    start: Option<Timestamp>,
    blobs: Option<Blobs>,
    attachments: Option<AttachmentLimits>,
}

type MakeWork = Box<dyn FnOnce(&App) -> Work>;
type MakeAuthenticator = Box<dyn FnOnce(&platform::Db) -> Arc<dyn Authenticator>>;

impl Builder {
    /// Adds a crate's tables. `platform`'s are there already.
    #[must_use]
    pub fn migrations(mut self, set: &'static [Migration]) -> Self {
        self.migrations.push(set);
        self
    }

    /// Adds routes, such as `ops::routes()`.
    #[must_use]
    pub fn routes(mut self, routes: impl Into<Router<App>>) -> Self {
        self.routes = self.routes.merge(routes.into());
        self
    }

    /// Adds a kind of record that has titles.
    #[must_use]
    pub fn titles(mut self, titles: impl RecordTitles) -> Self {
        self.titles.push(Arc::new(titles));
        self
    }

    /// Titles and tallies of a whole server, in place of single kinds.
    #[must_use]
    pub fn records(mut self, records: Records) -> Self {
        self.records = Some(records);
        self
    }

    /// The readers and jobs, such as `ops::work`.
    #[must_use]
    pub fn work(mut self, work: impl FnOnce(&App) -> Work + 'static) -> Self {
        self.work = Some(Box::new(work));
        self
    }

    /// A real authenticator in place of the fake one.
    #[must_use]
    pub fn authenticator(mut self, make: impl FnOnce(&platform::Db) -> Arc<dyn Authenticator> + 'static) -> Self {
        self.authenticator = Some(Box::new(make));
        self
    }

    /// Another store of files than a folder of the test's own.
    #[must_use]
    pub fn blobs(mut self, blobs: Blobs) -> Self {
        self.blobs = Some(blobs);
        self
    }

    /// Other limits of attachments.
    #[must_use]
    pub fn attachments(mut self, limits: AttachmentLimits) -> Self {
        self.attachments = Some(limits);
        self
    }

    /// When it begins.
    #[must_use]
    pub fn start_at(mut self, start: Timestamp) -> Self {
        self.start = Some(start);
        self
    }

    /// Builds it on a fresh database.
    ///
    /// # Panics
    /// When the database cannot be made.
    pub async fn build(self, backend: Backend) -> TestApp {
        let start = self.start.unwrap_or_else(|| START.parse().expect("a valid instant"));
        let clock = Arc::new(ManualClock::new(start));
        let sets: Vec<_> = [platform::MIGRATIONS].into_iter().chain(self.migrations).collect();
        let database = TestDatabase::fresh(backend, &sets, clock.clone()).await;
        let mail = Arc::new(FakeMailer::default());
        let webhooks = Arc::new(FakeWebhooks::default());
        let callers = Arc::new(FakeAuthenticator::default());
        let authenticator = match self.authenticator {
            Some(make) => make(&database.db),
            None => callers.clone(),
        };
        let (switch, stopping) = Stopping::new();
        let files = tempfile::Builder::new().prefix("bwfiles").tempdir().expect("a folder for files");
        let storage = StorageSettings::default();
        let blobs = self.blobs.unwrap_or_else(|| Blobs::open(&storage, files.path().to_owned()).expect("a store"));
        let app = App {
            db: database.db.clone(),
            settings: Arc::new(Settings {
                base_url: "https://bridgewatch.test".to_owned(),
                organisation: "Nordhaven".to_owned(),
                version: "0.0.0",
                mail_configured: true,
                trusted_proxies: Vec::new(),
                attachments: self.attachments.unwrap_or_default(),
            }),
            vault: Vault::new([7; 32]),
            blobs,
            mailer: mail.clone(),
            webhooks: webhooks.clone(),
            records: self.records.unwrap_or_else(|| Records::new(self.titles, Vec::new())),
            authenticator,
            stopping,
        };
        let work = self.work.map_or_else(Work::new, |work| work(&app));
        let router = self.routes.layer(axum::middleware::from_fn(platform::http::layer)).with_state(app.clone());
        TestApp { app, clock, mail, webhooks, callers, work, router, _switch: switch, files, database }
    }
}

/// The parts of a running slice, and the hands of the test on them.
pub struct TestApp {
    /// What services and handlers get.
    pub app: App,
    /// The time; move it with [`TestApp::advance`].
    pub clock: Arc<ManualClock>,
    /// What was mailed.
    pub mail: Arc<FakeMailer>,
    /// What was posted to webhooks.
    pub webhooks: Arc<FakeWebhooks>,
    callers: Arc<FakeAuthenticator>,
    work: Work,
    router: Router,
    _switch: tokio::sync::watch::Sender<bool>,
    files: tempfile::TempDir,
    database: TestDatabase,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: http::HeaderMap,
    /// Its body: parsed where it is JSON, a string where not, null where empty.
    pub body: Value,
}

impl Answer {
    /// The body, when the status is the expected one.
    ///
    /// # Panics
    /// When it is another; prints the body.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{:#}", self.body);
        self.body
    }
}

impl TestApp {
    /// Starts a description of one.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The database under it.
    pub fn database(&self) -> &TestDatabase {
        &self.database
    }

    /// The folder in which contents are kept, unless the test named another store.
    pub fn files(&self) -> &std::path::Path {
        self.files.path()
    }

    /// Requests sent as `name` come from `ctx` from now on.
    pub fn know(&self, name: &str, ctx: Ctx) {
        self.callers.know(name, ctx);
    }

    /// One request as the known caller `name` (empty: without credentials), with a JSON body unless it is null.
    ///
    /// # Panics
    /// When the path is not one, or the body cannot be read.
    pub async fn call(&self, name: &str, method: Method, path: &str, body: Value) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if !name.is_empty() {
            request = request.header("authorization", format!("Bearer {name}"));
        }
        let body = if body.is_null() {
            Body::empty()
        } else {
            request = request.header("content-type", "application/json");
            Body::from(body.to_string())
        };
        self.send(request.body(body).expect("a request")).await
    }

    /// One request as it is.
    ///
    /// # Panics
    /// When the answer's body cannot be read.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.expect("routers do not fail");
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a body").to_bytes();
        let body = match bytes.is_empty() {
            true => Value::Null,
            false => serde_json::from_slice(&bytes)
                .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned())),
        };
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// Sends a form as `name`: its file, what the client says that it is, and texts beside it.
    pub async fn upload(&self, name: &str, path: &str, file: (&str, &str, &[u8]), texts: &[(&str, &str)]) -> Answer {
        let (file_name, declared, content) = file;
        let (kind, body) = form(file_name, declared, content, texts);
        let request =
            Request::builder().method(Method::POST).uri(path).header("authorization", format!("Bearer {name}"));
        let request = request.header("content-type", kind).header("content-length", body.len());
        self.send(request.body(Body::from(body)).expect("a request")).await
    }

    /// GET as `name`.
    pub async fn get(&self, name: &str, path: &str) -> Answer {
        self.call(name, Method::GET, path, Value::Null).await
    }

    /// POST as `name`.
    pub async fn post(&self, name: &str, path: &str, body: Value) -> Answer {
        self.call(name, Method::POST, path, body).await
    }

    /// Lets readers and due jobs run until nothing is left to do now.
    ///
    /// # Panics
    /// When the database fails, or when work never ends.
    pub async fn settle(&self) {
        for _ in 0..10_000 {
            if !self.work.step(&self.app.db).await.expect("background work") {
                return;
            }
        }
        panic!("background work does not come to an end");
    }

    /// Lets `span` pass: walks to each instant at which something is due, in order, and settles there.
    ///
    /// # Panics
    /// As [`TestApp::settle`].
    pub async fn advance(&self, span: SignedDuration) {
        let until = self.app.now() + span;
        self.settle().await;
        while let Some(due) = self.work.next_due(&self.app.db).await.expect("the next timer") {
            if due > until {
                break;
            }
            self.clock.set(due.max(self.app.now()));
            self.settle().await;
        }
        self.clock.set(until);
        self.settle().await;
    }
}

/// A form with a file in the part `file` and texts behind it: its content type and its bytes.
pub fn form(file_name: &str, declared: &str, content: &[u8], texts: &[(&str, &str)]) -> (String, Vec<u8>) {
    let boundary = "bridgewatch-test-boundary";
    let mut body = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{file_name}\"\r\n\
         Content-Type: {declared}\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(content);
    for (name, text) in texts {
        let part = format!("\r\n--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}");
        body.extend_from_slice(part.as_bytes());
    }
    body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={boundary}"), body)
}
