//! Every operation of the API: refused without credentials, refused to the wrong role, and blind outside the caller's
//! scope. The operations come from the description, so a new one without a case fails here.

use std::{collections::BTreeMap, sync::Arc};

use axum::{Router, body::Body};
use http::{Method, Request};
use http_body_util::BodyExt;
use kernel::{ManualClock, Role};
use platform::{
    Blobs, Ctx, Db, Settings,
    app::{AttachmentLimits, Stopping},
    blob::StorageSettings,
    outgoing::{guard::AddressGuard, smtp::NoMail, webhook::GuardedWebhooks},
    secret::Vault,
};
use serde_json::{Value, json};
use server::assembly;
use tower::ServiceExt;

/// Operations that anybody may call, each for a reason.
const OPEN: &[(&str, &str)] = &[
    ("get /api/v1/setup", "says whether the first start is over"),
    ("post /api/v1/setup", "guarded by the one-time link"),
    ("post /api/v1/session", "signs in"),
    ("get /api/v1/invitations/{token}", "guarded by the link"),
    ("post /api/v1/invitations/{token}", "guarded by the link"),
    ("post /api/v1/password-resets", "always answers the same"),
    ("post /api/v1/password-resets/{token}", "guarded by the link"),
    ("get /ack/{token}", "guarded by the signed link"),
    ("post /ack/{token}", "guarded by the signed link"),
];

/// Inbound doors with keys of their own; they answer 401 to everybody without one, whatever their role.
const KEYED: &[&str] = &["/in/v1/", "/v2/"];

/// Operations for everybody who is signed in, customers included.
const ANYBODY: &[&str] = &[
    "/api/v1/session",
    "/api/v1/me",
    "/api/v1/stream",
    "/api/v1/system/status",
    "get /api/v1/projects",
    "get /api/v1/projects/{id}",
    "get /api/v1/tickets",
    "post /api/v1/tickets",
    "get /api/v1/fields",
    "get /api/v1/fields/{key}",
    "get /api/v1/tickets/count",
    "post /api/v1/tickets/query/check",
    "post /api/v1/tickets/query/complete",
    "get /api/v1/tickets/{id}",
    "get /api/v1/tickets/{id}/activity",
    "post /api/v1/tickets/{id}/comments",
    "patch /api/v1/tickets/{id}/comments/{comment_id}",
];

struct Operation {
    method: String,
    path: String,
    open: bool,
    body: Option<Value>,
    query: String,
}

impl Operation {
    fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// The smallest body that fits a schema.
fn sample(api: &Value, schema: &Value) -> Value {
    if let Some(target) = schema["$ref"].as_str() {
        let name = target.rsplit('/').next().unwrap();
        return sample(api, &api["components"]["schemas"][name]);
    }
    if let Some(value) = schema["enum"].as_array().and_then(|values| values.first()) {
        return value.clone();
    }
    for key in ["oneOf", "anyOf"] {
        if let Some(many) = schema[key].as_array() {
            let first = many.iter().find(|one| one["type"] != "null").unwrap();
            return sample(api, first);
        }
    }
    if let Some(all) = schema["allOf"].as_array() {
        let mut joined = serde_json::Map::new();
        for part in all {
            if let Value::Object(fields) = sample(api, part) {
                joined.extend(fields);
            }
        }
        return Value::Object(joined);
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => {
            kinds.iter().find(|kind| *kind != "null").and_then(Value::as_str).unwrap_or("object").to_owned()
        }
        kind => kind.as_str().unwrap_or("object").to_owned(),
    };
    match kind.as_str() {
        "string" => match schema["format"].as_str() {
            Some("uuid") => json!("00000000-0000-7000-8000-000000000000"),
            Some("date-time") => json!("2030-01-01T00:00:00Z"),
            _ => schema["examples"].as_array().and_then(|all| all.first()).cloned().unwrap_or(json!("sample")),
        },
        "integer" | "number" => schema["minimum"].is_number().then(|| schema["minimum"].clone()).unwrap_or(json!(1)),
        "boolean" => json!(false),
        "array" => json!([]),
        _ => {
            let required = schema["required"].as_array().cloned().unwrap_or_default();
            let fields = required.iter().filter_map(Value::as_str);
            Value::Object(fields.map(|name| (name.to_owned(), sample(api, &schema["properties"][name]))).collect())
        }
    }
}

fn operations() -> Vec<Operation> {
    let api: Value = serde_json::from_str(&assembly::description().to_json().unwrap()).unwrap();
    let mut all = Vec::new();
    for (path, item) in api["paths"].as_object().unwrap() {
        for method in ["get", "post", "put", "patch", "delete"] {
            let Some(operation) = item.get(method) else { continue };
            let open = operation["security"]
                .as_array()
                .is_some_and(|all| all.iter().all(|one| one.as_object().unwrap().is_empty()));
            let content = operation["requestBody"]["content"].as_object().and_then(|content| content.values().next());
            let required = operation["parameters"].as_array().cloned().unwrap_or_default();
            let query: Vec<String> = required
                .iter()
                .filter(|parameter| parameter["in"] == "query" && parameter["required"] == true)
                .map(|parameter| {
                    format!(
                        "{}={}",
                        parameter["name"].as_str().unwrap(),
                        sample(&api, &parameter["schema"]).to_string().trim_matches('"')
                    )
                })
                .collect();
            all.push(Operation {
                method: method.to_owned(),
                path: path.clone(),
                open,
                body: content.map(|media| sample(&api, &media["schema"])),
                query: if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) },
            });
        }
    }
    assert!(all.len() > 40, "the description lists only {} operations", all.len());
    all
}

struct Server {
    router: Router,
    db: Db,
    _folder: tempfile::TempDir,
}

impl Server {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::new("2026-03-02T09:00:00Z".parse().unwrap()));
        let url = format!("sqlite:{}", folder.path().join("b.db").display());
        let db = Db::connect(&url, clock).await.unwrap();
        db.migrate(&assembly::migrations()).await.unwrap();
        let app = assembly::app(assembly::Parts {
            db: db.clone(),
            settings: Settings {
                base_url: "http://127.0.0.1".to_owned(),
                organisation: "Test".to_owned(),
                version: "test",
                mail_configured: false,
                trusted_proxies: vec![],
                attachments: AttachmentLimits::default(),
            },
            vault: Vault::new([1; 32]),
            blobs: Blobs::open(&StorageSettings::default(), folder.path().join("blobs")).unwrap(),
            mailer: Arc::new(NoMail),
            webhooks: Arc::new(GuardedWebhooks::new(AddressGuard::default())),
            stopping: Stopping::new().1,
        });
        Self { router: assembly::router(app), db, _folder: folder }
    }

    /// Makes a person and gives a token with all their rights.
    async fn person(&self, name: &str, role: Role) -> (String, String) {
        let ctx = Ctx::system("test");
        let email = format!("{name}@example.com");
        let new = identity::person::NewPerson { email: email.clone(), name: name.to_owned(), role };
        let id =
            identity::person::service::create(&self.db, &ctx, new, "a long enough password".to_owned()).await.unwrap();
        let token = identity::token::service::create_for(&self.db, &ctx, &email, "test").await.unwrap();
        (id.to_string(), token.secret)
    }

    async fn send(&self, token: &str, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let mut request =
            Request::builder().method(Method::from_bytes(method.to_uppercase().as_bytes()).unwrap()).uri(path);
        if !token.is_empty() {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let body = match body {
            Some(body) => {
                request = request.header("content-type", "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        let response = self.router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let status = response.status().as_u16();
        if path.starts_with("/api/v1/stream") && status == 200 {
            return (status, Value::Null);
        }
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&bytes).unwrap_or_else(|_| json!(String::from_utf8_lossy(&bytes))))
    }

    /// Attaches a file and gives its id.
    async fn attach(&self, token: &str, ticket: &str) -> String {
        let (kind, body) = testkit::form("secret.txt", "text/plain", b"secret", &[]);
        let request = Request::post(format!("/api/v1/tickets/{ticket}/attachments"));
        let request = request.header("authorization", format!("Bearer {token}")).header("content-type", kind);
        let response = self.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        assert_eq!(response.status().as_u16(), 201);
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        let answer: Value = serde_json::from_slice(&bytes).unwrap();
        answer["id"].as_str().unwrap().to_owned()
    }

    async fn make(&self, token: &str, path: &str, body: Value) -> String {
        let (status, answer) = self.send(token, "post", path, Some(&body)).await;
        assert!((200..300).contains(&status), "POST {path}: {status} {answer}");
        answer["id"].as_str().unwrap_or_else(|| panic!("POST {path} gave no id: {answer}")).to_owned()
    }
}

/// A path with every parameter replaced.
fn filled(path: &str, value: impl Fn(&str) -> String) -> String {
    let mut text = String::new();
    for part in path.split('/').skip(1) {
        text.push('/');
        match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            Some("version") => text.push('1'),
            Some("kind") if text.ends_with("/members/") => text.push_str("person"),
            Some(name) => text.push_str(&value(name)),
            None => text.push_str(part),
        }
    }
    text
}

fn nowhere(_: &str) -> String {
    "00000000-0000-7000-8000-00000000dead".to_owned()
}

fn for_anybody(operation: &Operation) -> bool {
    let name = operation.name();
    ANYBODY.iter().any(|may| {
        *may == name || *may == operation.path || (!may.contains(' ') && operation.path.starts_with(&format!("{may}/")))
    })
}

fn keyed(operation: &Operation) -> bool {
    KEYED.iter().any(|prefix| operation.path.starts_with(prefix))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_gets_in_without_credentials() {
    let server = Server::start().await;
    let mut wrong = Vec::new();
    for operation in operations() {
        let listed = OPEN.iter().any(|(name, _)| *name == operation.name());
        if operation.open != listed {
            wrong.push(format!(
                "{} is described as {}, but listed otherwise here",
                operation.name(),
                if operation.open { "open" } else { "closed" }
            ));
        }
        if listed {
            continue;
        }
        let path = filled(&operation.path, nowhere) + &operation.query;
        let (status, answer) = server.send("", &operation.method, &path, operation.body.as_ref()).await;
        if status != 401 {
            wrong.push(format!("{} without credentials: {status} {answer}", operation.name()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Records that exist: private ones are outside the scope of whoever is no member.
struct Existing {
    by_noun: BTreeMap<&'static str, String>,
    admin: String,
}

impl Existing {
    async fn make(server: &Server, private: bool) -> Self {
        let (admin_id, admin) = server.person("admin", Role::Admin).await;
        let make = async |path: &str, body: Value| server.make(&admin, path, body).await;
        let team = make("/api/v1/teams", json!({"name": "Secret", "private": private})).await;
        let project = json!({"key": "SEC", "name": "Secret", "private": private, "default_kind": "incident"});
        let project = make("/api/v1/projects", project).await;
        let ticket = json!({"project_id": project, "kind": "incident", "summary": "secret"});
        let schedule = json!({"name": "Secret", "team_id": team, "time_zone": "UTC", "rotations": []});
        let policy = json!({"name": "Secret", "team_id": team, "steps": []});
        let integration = json!({"name": "Secret", "kind": "alertmanager", "team_id": team});
        let service = json!({"name": "Secret", "tier": 1, "owner_team_id": team});
        let alert = json!({"message": "secret", "team_id": team});
        let ticket = make("/api/v1/tickets", ticket).await;
        let other = json!({"project_id": project, "kind": "incident", "summary": "secret"});
        let other = make("/api/v1/tickets", other).await;
        let link = json!({"from": {"kind": "ticket", "id": ticket}, "to": {"kind": "ticket", "id": other},
            "type": "relates_to"});
        let by_noun = BTreeMap::from([
            ("attachments", server.attach(&admin, &ticket).await),
            ("alerts", make("/api/v1/alerts", alert).await),
            ("schedules", make("/api/v1/schedules", schedule).await),
            ("escalation-policies", make("/api/v1/escalation-policies", policy).await),
            ("integrations", make("/api/v1/integrations", integration).await),
            ("services", make("/api/v1/services", service).await),
            ("links", make("/api/v1/links", link).await),
            ("queues", make("/api/v1/queues", json!({"name": "Secret", "query": "status = Open"})).await),
            ("teams", team),
            ("projects", project),
            ("tickets", ticket),
            ("people", admin_id),
            // Only administrators reach these at all; whether one exists says nothing to others.
            ("jobs", nowhere("")),
            ("documents", "service_rules".to_owned()),
            // Every agent may know how time is counted; only administrators say it.
            ("calendars", "office".to_owned()),
            ("slas", "resolution".to_owned()),
            ("fields", "none".to_owned()),
            // Only administrators reach the steps.
            ("setup", "mail".to_owned()),
        ]);
        Self { by_noun, admin }
    }

    fn id(&self, noun: &str) -> &str {
        &self.by_noun[noun]
    }

    /// The path of the operation on a record that exists.
    fn path(&self, operation: &Operation) -> String {
        let noun = operation.path.split('/').nth(3).unwrap_or_default();
        let record = self.by_noun.get(noun);
        assert!(
            record.is_some() || !operation.path.contains('{'),
            "{} has no record here to be refused: add one",
            operation.name()
        );
        let path = filled(&operation.path, |name| match name {
            "id" | "kind" => record.cloned().unwrap_or_default(),
            other => nowhere(other),
        });
        path + &self.query(operation)
    }

    fn query(&self, operation: &Operation) -> String {
        match operation.name().as_str() {
            "get /api/v1/links" => format!("?kind=ticket&id={}", self.id("tickets")),
            "get /api/v1/history" => format!("?record_kind=ticket&record_id={}", self.id("tickets")),
            _ => operation.query.clone(),
        }
    }

    /// A body that would be accepted from somebody who may, where the smallest one of the schema would not.
    fn body(&self, operation: &Operation) -> Option<Value> {
        Some(match operation.name().as_str() {
            "post /api/v1/integrations" => json!({"name": "New", "kind": "alertmanager"}),
            "post /api/v1/alerts/{id}/assign" => json!({"person_id": self.id("people")}),
            "post /api/v1/alerts/{id}/responders" => json!({"kind": "person", "id": self.id("people")}),
            "post /api/v1/escalation-policies/{id}/rehearse" => {
                json!({"at": "2026-03-02T09:00:00Z", "priority": "P1"})
            }
            "post /api/v1/links" => json!({"from": {"kind": "ticket", "id": self.id("tickets")},
                "to": {"kind": "alert", "id": self.id("alerts")}, "type": "relates_to"}),
            _ => return operation.body.clone(),
        })
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_wrong_role_is_refused() {
    let server = Server::start().await;
    let existing = Existing::make(&server, false).await;
    let (_, customer) = server.person("customer", Role::Customer).await;
    let mut wrong = Vec::new();
    for operation in operations() {
        if operation.open || keyed(&operation) || for_anybody(&operation) {
            continue;
        }
        let body = existing.body(&operation);
        let (status, answer) =
            server.send(&customer, &operation.method, &existing.path(&operation), body.as_ref()).await;
        // A record that a customer may not see does not exist for them.
        if status != 403 && !(status == 404 && operation.path.contains('{')) {
            wrong.push(format!("{} as a customer: {status} {answer}", operation.name()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_outside_the_callers_scope_can_be_found() {
    let server = Server::start().await;
    let existing = Existing::make(&server, true).await;
    let (_, outsider) = server.person("outsider", Role::Agent).await;
    let mut wrong = Vec::new();
    let own = |operation: &Operation| operation.path.starts_with("/api/v1/me") || operation.path.ends_with("/stream");
    // People and services are known to every agent; only administrators change them.
    let shared = |operation: &Operation| {
        operation.method == "get"
            && ["people", "services", "documents"]
                .iter()
                .any(|noun| operation.path.starts_with(&format!("/api/v1/{noun}/")))
    };
    for operation in operations() {
        if operation.open || keyed(&operation) || own(&operation) {
            continue;
        }
        let by_record = operation.path.contains('{');
        let body = if by_record { existing.body(&operation) } else { None };
        if !by_record && operation.method != "get" {
            continue;
        }
        let path = existing.path(&operation);
        let (status, answer) = server.send(&outsider, &operation.method, &path, body.as_ref()).await;
        if by_record && !shared(&operation) && !matches!(status, 403 | 404) {
            wrong.push(format!("{} outside the scope: {status} {answer}", operation.name()));
        }
        let shared_name = operation.path.starts_with("/api/v1/services");
        if !shared_name && answer.to_string().to_lowercase().contains("\"secret\"") {
            wrong.push(format!("{} tells of a hidden record: {answer}", operation.name()));
        }
        // The case can fail: whoever may see the record is not refused.
        if by_record && operation.method == "get" && operation.path.ends_with("{id}") {
            let (status, answer) = server.send(&existing.admin, "get", &path, None).await;
            assert_eq!(status, 200, "{} as an administrator: {answer}", operation.name());
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
