//! Every operation of the catalogue and the desk, asked by nobody, by a customer, and by an agent from whom the
//! record is hidden. An operation without a case fails the test.

use std::collections::BTreeSet;

use axum::http::Method;
use kernel::{ProjectId, Scope, TeamId};
use platform::{Ctx, Lane, Sql, params};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::*;

const PRIVATE_TEAM: TeamId = TeamId(Uuid::from_u128(0x11));

/// What a caller meets.
#[derive(Clone, Copy, Debug)]
enum Meets {
    /// This status.
    Status(u16),
    /// An answer without this text, which the administrator's answer has.
    Without(&'static str),
    /// The same as everybody with the permission: the record belongs to the whole organisation.
    All,
}
use Meets::{All, Status, Without};

struct Case {
    method: Method,
    /// The path as the description has it.
    path: &'static str,
    /// The path that is asked for.
    uri: String,
    body: Value,
    customer: Meets,
    outsider: Meets,
}

struct Hidden {
    project: String,
    ticket: String,
    comment: String,
    service: String,
    link: String,
    queue: String,
    attachment: String,
}

/// A private project with a ticket and a service of a private team, linked.
async fn hidden(app: &testkit::TestApp) -> Hidden {
    let id = |value: &Value| value["id"].as_str().expect("an id").to_owned();
    let team = "INSERT INTO teams (id, name, name_key, description, private, time_zone, created_at, updated_at, version) \
         VALUES ($1, 'Guard', 'guard', '', TRUE, 'UTC', 0, 0, 1)";
    let system = Ctx::system("test");
    let write = app
        .app
        .db
        .write(&system, Lane::Front, move |tx| Box::pin(async move { tx.execute(team, params![PRIVATE_TEAM]).await }));
    write.await.expect("a team");
    let project = json!({"key": "SEC", "name": "Secrets", "private": true});
    let project = id(&app.post("root", "/api/v1/projects", project).await.expect(201));
    let service = json!({"name": "Vault", "tier": 1, "owner_team_id": PRIVATE_TEAM});
    let service = id(&app.post("root", "/api/v1/services", service).await.expect(201));
    let ticket = json!({"project_key": "SEC", "kind": "incident", "summary": "Leak", "service_id": service});
    let ticket = id(&app.post("root", "/api/v1/tickets", ticket).await.expect(201));
    let comment = format!("/api/v1/tickets/{ticket}/comments");
    let comment = id(&app.post("root", &comment, json!({"body": "Hush"})).await.expect(201));
    let file = ("leak.txt", "text/plain", &b"Hush"[..]);
    let attachment =
        id(&app.upload("root", &format!("/api/v1/tickets/{ticket}/attachments"), file, &[]).await.expect(201));
    // Its clocks end in the report.
    let resolved = json!({"to": "resolved", "resolution": "fixed"});
    app.post("root", &format!("/api/v1/tickets/{ticket}/transition"), resolved).await.expect(200);
    let link = json!({"type": "relates_to", "from": {"kind": "ticket", "id": ticket}, "to": {"kind": "service", "id": service}});
    let link = id(&app.post("root", "/api/v1/links", link).await.expect(201));
    let queue = json!({"name": "Leaks", "query": "project = SEC"});
    let queue = id(&app.post("root", "/api/v1/queues", queue).await.expect(201));
    let rules = json!({"rules": [{"name": "r", "service_id": service,
        "conditions": [{"label": "service", "op": "equals", "value": "v"}]}]});
    app.call("root", Method::PUT, "/api/v1/service-rules", rules).await.expect(200);
    let field = json!({"name": "Hush", "kind": "text"});
    app.call("root", Method::PUT, "/api/v1/fields/hush", field).await.expect(200);
    let outsider = Scope::Agent {
        hidden_teams: vec![PRIVATE_TEAM],
        hidden_projects: vec![project.parse::<ProjectId>().expect("a uuid")],
    };
    app.know("ana", Ctx { scope: outsider, ..caller("ana") });
    Hidden { project, ticket, comment, service, link, queue, attachment }
}

fn case(
    method: Method,
    path: &'static str,
    uri: impl Into<String>,
    body: Value,
    customer: Meets,
    outsider: Meets,
) -> Case {
    Case { method, path, uri: uri.into(), body, customer, outsider }
}

fn catalog_cases(of: &Hidden) -> Vec<Case> {
    let (get, post, put) = (Method::GET, Method::POST, Method::PUT);
    let service = format!("/api/v1/services/{}", of.service);
    let document = "/api/v1/documents/workflow/default";
    let end = json!({"kind": "ticket", "id": of.ticket});
    let other = json!({"kind": "service", "id": of.service});
    let rule = json!({"rules": [{"name": "x", "service_id": Uuid::nil(), "conditions": []}]});
    let refused = Status(403);
    vec![
        case(get.clone(), "/api/v1/services", "/api/v1/services", Value::Null, refused, Without("Vault")),
        case(
            post.clone(),
            "/api/v1/services",
            "/api/v1/services",
            json!({"name": "x", "tier": 1, "owner_team_id": PRIVATE_TEAM}),
            refused,
            Status(422),
        ),
        case(get.clone(), "/api/v1/services/{id}", &service, Value::Null, refused, Status(404)),
        case(Method::PATCH, "/api/v1/services/{id}", &service, json!({"tier": 2}), refused, Status(404)),
        case(Method::DELETE, "/api/v1/services/{id}", &service, Value::Null, refused, Status(404)),
        case(get.clone(), "/api/v1/service-rules", "/api/v1/service-rules", Value::Null, refused, Without("Vault")),
        case(put, "/api/v1/service-rules", "/api/v1/service-rules", rule, refused, Status(422)),
        case(
            post.clone(),
            "/api/v1/service-rules/test",
            "/api/v1/service-rules/test",
            json!({"labels": {"service": "v"}}),
            refused,
            Without("Vault"),
        ),
        case(get.clone(), "/api/v1/documents/{kind}/{key}", document, Value::Null, refused, All),
        case(
            get.clone(),
            "/api/v1/documents/{kind}/{key}/versions",
            format!("{document}/versions"),
            Value::Null,
            refused,
            All,
        ),
        case(
            get.clone(),
            "/api/v1/documents/{kind}/{key}/versions/{version}",
            format!("{document}/versions/1"),
            Value::Null,
            refused,
            All,
        ),
        case(
            post.clone(),
            "/api/v1/documents/{kind}/{key}/versions/{version}/restore",
            format!("{document}/versions/1/restore"),
            Value::Null,
            refused,
            Status(403),
        ),
        case(
            get,
            "/api/v1/links",
            format!("/api/v1/links?kind=ticket&id={}", of.ticket),
            Value::Null,
            refused,
            Without("Leak"),
        ),
        case(
            post,
            "/api/v1/links",
            "/api/v1/links",
            json!({"type": "blocks", "from": end, "to": other}),
            refused,
            Status(422),
        ),
        case(
            Method::DELETE,
            "/api/v1/links/{id}",
            format!("/api/v1/links/{}", of.link),
            Value::Null,
            refused,
            Status(404),
        ),
    ]
}

fn desk_cases(of: &Hidden) -> Vec<Case> {
    let (get, post) = (Method::GET, Method::POST);
    let project = format!("/api/v1/projects/{}", of.project);
    let member = format!("{project}/members/person/{}", person("ana"));
    let ticket = format!("/api/v1/tickets/{}", of.ticket);
    let comment = format!("{ticket}/comments/{}", of.comment);
    let report = "/api/v1/reports/tickets?from=2026-03-01T00:00:00Z&to=2026-03-04T00:00:00Z";
    let gone = Status(404);
    let bulk = json!({"ids": [of.ticket], "change": {"priority": "P1"}});
    let open = json!({"project_id": of.project, "kind": "request", "summary": "x"});
    vec![
        case(get.clone(), "/api/v1/projects", "/api/v1/projects", Value::Null, Without("Secrets"), Without("Secrets")),
        case(
            post.clone(),
            "/api/v1/projects",
            "/api/v1/projects",
            json!({"key": "NEW", "name": "x"}),
            Status(403),
            Status(403),
        ),
        case(get.clone(), "/api/v1/projects/{id}", &project, Value::Null, gone, gone),
        case(Method::PATCH, "/api/v1/projects/{id}", &project, json!({"name": "x"}), gone, gone),
        case(
            Method::PUT,
            "/api/v1/projects/{id}/members/{kind}/{principal_id}",
            &member,
            json!({"role": "manager"}),
            gone,
            gone,
        ),
        case(Method::DELETE, "/api/v1/projects/{id}/members/{kind}/{principal_id}", &member, Value::Null, gone, gone),
        case(get.clone(), "/api/v1/tickets", "/api/v1/tickets", Value::Null, Without("Leak"), Without("Leak")),
        case(post.clone(), "/api/v1/tickets", "/api/v1/tickets", open, Status(422), Status(422)),
        case(
            post.clone(),
            "/api/v1/tickets/bulk",
            "/api/v1/tickets/bulk",
            bulk,
            Status(403),
            Without(r#""changed":[{"#),
        ),
        case(get.clone(), "/api/v1/tickets/{id}", &ticket, Value::Null, gone, gone),
        case(Method::PATCH, "/api/v1/tickets/{id}", &ticket, json!({"summary": "x"}), gone, gone),
        case(
            post.clone(),
            "/api/v1/tickets/{id}/transition",
            format!("{ticket}/transition"),
            json!({"to": "waiting"}),
            gone,
            gone,
        ),
        case(
            post.clone(),
            "/api/v1/tickets/{id}/priority",
            format!("{ticket}/priority"),
            json!({"priority": "P1", "reason": "x"}),
            gone,
            gone,
        ),
        case(Method::DELETE, "/api/v1/tickets/{id}/priority", format!("{ticket}/priority"), Value::Null, gone, gone),
        case(post, "/api/v1/tickets/{id}/comments", format!("{ticket}/comments"), json!({"body": "x"}), gone, gone),
        case(Method::PATCH, "/api/v1/tickets/{id}/comments/{comment}", comment, json!({"body": "x"}), gone, gone),
        case(get.clone(), "/api/v1/tickets/{id}/activity", format!("{ticket}/activity"), Value::Null, gone, gone),
        case(get.clone(), "/api/v1/reports/tickets", report, Value::Null, Status(403), Without(r#""opened":1"#)),
        case(
            get,
            "/api/v1/reports/tickets/records",
            report.replace("tickets?", "tickets/records?measure=opened&"),
            Value::Null,
            Status(403),
            Without("Leak"),
        ),
    ]
}

fn sla_cases(of: &Hidden) -> Vec<Case> {
    let (get, put, delete) = (Method::GET, Method::PUT, Method::DELETE);
    let ticket = format!("/api/v1/tickets/{}", of.ticket);
    let (calendar, sla) = ("/api/v1/calendars/office", "/api/v1/slas/resolution");
    let span = "from=2026-03-01T00:00:00Z&to=2026-03-04T00:00:00Z";
    let always = json!({"kind": "always", "name": "24x7"});
    let definition = json!({"definition": {"name": "x", "start": [{"event": "created"}],
        "stop": [{"event": "resolution_set"}], "goals": [{"key": "all", "target_min": 1}]}});
    let preview = json!({"definition": always, "start": "2026-03-02T09:00:00Z", "duration_min": 1});
    let (refused, gone) = (Status(403), Status(404));
    let reports = "/api/v1/reports/slas";
    vec![
        case(get.clone(), "/api/v1/calendars", "/api/v1/calendars", Value::Null, refused, All),
        case(get.clone(), "/api/v1/calendars/{key}", calendar, Value::Null, refused, All),
        case(put.clone(), "/api/v1/calendars/{key}", calendar, always, refused, refused),
        case(delete.clone(), "/api/v1/calendars/{key}", calendar, Value::Null, refused, refused),
        case(Method::POST, "/api/v1/calendars/preview", "/api/v1/calendars/preview", preview, refused, All),
        case(get.clone(), "/api/v1/slas", "/api/v1/slas", Value::Null, refused, All),
        case(get.clone(), "/api/v1/slas/{key}", sla, Value::Null, refused, All),
        case(put, "/api/v1/slas/{key}", sla, definition, refused, refused),
        case(delete, "/api/v1/slas/{key}", sla, Value::Null, refused, refused),
        case(get.clone(), "/api/v1/tickets/{id}/slas", format!("{ticket}/slas"), Value::Null, gone, gone),
        case(
            get.clone(),
            "/api/v1/tickets/{id}/slas/timeline",
            format!("{ticket}/slas/timeline"),
            Value::Null,
            gone,
            gone,
        ),
        case(get.clone(), reports, format!("{reports}?{span}"), Value::Null, refused, Without(r#""met":1"#)),
        case(
            get,
            "/api/v1/reports/slas/tickets",
            format!("{reports}/tickets?{span}"),
            Value::Null,
            refused,
            Without("Leak"),
        ),
    ]
}

fn query_cases(of: &Hidden) -> Vec<Case> {
    let (get, post) = (Method::GET, Method::POST);
    let (refused, gone) = (Status(403), Status(404));
    let queues = "/api/v1/queues";
    let queue = format!("{queues}/{}", of.queue);
    let one = "/api/v1/queues/{id}";
    let secret = json!({"query": "project = SEC"});
    let saved = json!({"name": "x", "query": "project = SEC"});
    let written = json!({"text": "project = S", "cursor": 11});
    let (count, check) = ("/api/v1/tickets/count", "/api/v1/tickets/query/check");
    let complete = "/api/v1/tickets/query/complete";
    let counted = Without(r#""count":1"#);
    vec![
        case(get.clone(), count, count, Value::Null, counted, counted),
        case(post.clone(), check, check, secret, Without("canonical"), Without("canonical")),
        case(post.clone(), complete, complete, written, Without("Secrets"), Without("Secrets")),
        case(get.clone(), queues, queues, Value::Null, refused, Without("Leaks")),
        case(post, queues, queues, saved, refused, Status(422)),
        case(get, one, &queue, Value::Null, refused, gone),
        case(Method::PATCH, one, &queue, json!({"name": "x"}), refused, gone),
        case(Method::DELETE, one, &queue, Value::Null, refused, gone),
    ]
}

fn attachment_cases(of: &Hidden) -> Vec<Case> {
    let gone = Status(404);
    let (all, one) = ("/api/v1/tickets/{id}/attachments", "/api/v1/attachments/{id}");
    let (of_ticket, uri) =
        (format!("/api/v1/tickets/{}/attachments", of.ticket), format!("/api/v1/attachments/{}", of.attachment));
    vec![
        case(Method::GET, all, &of_ticket, Value::Null, gone, gone),
        case(Method::POST, all, &of_ticket, json!({}), gone, gone),
        case(Method::GET, one, &uri, Value::Null, gone, gone),
        case(Method::GET, "/api/v1/attachments/{id}/content", format!("{uri}/content"), Value::Null, gone, gone),
        case(Method::GET, "/api/v1/attachments/{id}/thumbnail", format!("{uri}/thumbnail"), Value::Null, gone, gone),
        case(Method::DELETE, one, &uri, Value::Null, gone, gone),
    ]
}

fn field_cases() -> Vec<Case> {
    let (all, one, uri) = ("/api/v1/fields", "/api/v1/fields/{key}", "/api/v1/fields/hush");
    let (refused, gone) = (Status(403), Status(404));
    let body = json!({"name": "Other", "kind": "text"});
    vec![
        case(Method::GET, all, all, Value::Null, Without("hush"), All),
        case(Method::GET, one, uri, Value::Null, gone, All),
        case(Method::PUT, one, uri, body, refused, refused),
        case(Method::DELETE, one, uri, Value::Null, refused, refused),
    ]
}

/// `GET /path` of every operation in the description.
fn operations() -> BTreeSet<String> {
    let (_, described) = catalog::routes().merge(desk::routes()).merge(queues()).split_for_parts();
    let described = serde_json::to_value(described).expect("a description");
    let mut operations = BTreeSet::new();
    for (path, methods) in described["paths"].as_object().expect("paths") {
        for method in methods.as_object().expect("methods").keys() {
            operations.insert(format!("{} {path}", method.to_uppercase()));
        }
    }
    operations
}

async fn meets(app: &testkit::TestApp, case: &Case, who: &str, expected: Meets) {
    let answer = app.call(who, case.method.clone(), &case.uri, case.body.clone()).await;
    let what = format!("{} {} as {who}: {:#}", case.method, case.uri, answer.body);
    match expected {
        Status(status) => assert_eq!(answer.status.as_u16(), status, "{what}"),
        All => assert_eq!(answer.status.as_u16(), 200, "{what}"),
        Without(text) => {
            assert_eq!(answer.status.as_u16(), 200, "{what}");
            assert!(!answer.body.to_string().contains(text), "{what}");
            let whole = app.call("root", case.method.clone(), &case.uri, case.body.clone()).await.body.to_string();
            assert!(whole.contains(text), "the administrator sees {text} at {}: {whole}", case.uri);
        }
    }
}

testkit::both_databases! {
    async fn every_operation_has_its_three_cases(backend) {
        let app = desk(backend).await;
        let of = hidden(&app).await;
        let (catalog, slas) = (catalog_cases(&of).into_iter(), sla_cases(&of));
        let cases: Vec<Case> = catalog.chain(desk_cases(&of)).chain(slas).chain(query_cases(&of)).chain(field_cases()).chain(attachment_cases(&of)).collect();
        let covered: BTreeSet<String> = cases.iter().map(|case| format!("{} {}", case.method, case.path)).collect();
        assert_eq!(operations(), covered);
        for case in &cases {
            meets(&app, case, "", Status(401)).await;
            meets(&app, case, "cem", case.customer).await;
            meets(&app, case, "ana", case.outsider).await;
        }
    }
}
