//! Every change stands in the audit list with who, what and from where; and anybody's rights can be explained.

use http::Method;
use kernel::{Origin, Role, Scope};
use platform::Ctx;
use serde_json::{Value, json};

use crate::harness::{World, id};

async fn audit(world: &World, query: &str) -> Vec<Value> {
    let page = world.get("root", &format!("/api/v1/audit?limit=200&{query}")).await.expect(200);
    page["items"].as_array().unwrap().clone()
}

fn kinds(entries: &[Value]) -> Vec<&str> {
    entries.iter().map(|entry| entry["kind"].as_str().unwrap()).collect()
}

testkit::both_databases! {
    async fn changes_are_found_by_actor_record_kind_and_time(backend) {
        let world = World::start(backend, "2026-03-02T09:00:00Z").await;
        world.agents(&["ana", "ben"]).await;
        let body = json!({ "project_key": "INC", "kind": "incident", "summary": "no card works" });
        let ticket = world.post("ana", "/api/v1/tickets", body).await.expect(201);
        let path = format!("/api/v1/tickets/{}", ticket["id"].as_str().unwrap());
        world.advance(jiff::Span::new().hours(1)).await;
        world.call("ben", Method::PATCH, &path, json!({ "urgency": "high" })).await.expect(200);

        let of_ticket = audit(&world, &format!("record_kind=ticket&record_id={}", id(&ticket))).await;
        let newest = &of_ticket[0];
        assert_eq!((&newest["actor"]["name"], &newest["record"]["key"]), (&json!("ben"), &ticket["key"]), "{newest:#}");
        let changed: Vec<&str> =
            newest["changes"].as_array().unwrap().iter().map(|change| change["field"].as_str().unwrap()).collect();
        assert!(changed.contains(&"urgency"), "{changed:?}");
        assert!(newest["request_id"].is_string() && newest["origin"] == "api", "{newest:#}");

        let ana = world.id_of("ana");
        let by_ana = audit(&world, &format!("actor={ana}&record_kind=ticket")).await;
        assert_eq!(kinds(&by_ana), ["TicketOpened"]);
        assert_eq!(audit(&world, "kind=TicketOpened").await.len(), 1);
        assert!(audit(&world, "record_kind=ticket&to=2026-03-02T09:30:00Z").await.iter().all(|entry| entry["actor"]["name"] == "ana"));
        assert!(audit(&world, "record_kind=ticket&from=2026-03-02T09:30:00Z").await.iter().all(|entry| entry["actor"]["name"] == "ben"));
        let request = newest["request_id"].as_str().unwrap();
        assert!(audit(&world, &format!("request_id={request}")).await.iter().all(|entry| entry["request_id"] == request));
        // Page by page it is the same list.
        let all = audit(&world, "").await;
        let mut paged = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = world.get("root", &format!("/api/v1/audit?limit=7{cursor}")).await.expect(200);
            paged.extend(page["items"].as_array().unwrap().clone());
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(paged, all);
        world.get("root", "/api/v1/audit?from=yesterday").await.expect(422);
        world.get("ana", "/api/v1/audit").await.expect(403);

        let file = world.get("root", "/api/v1/audit/export").await;
        assert_eq!(file.headers["content-disposition"], "attachment; filename=\"audit.csv\"");
        let text = file.expect(200).as_str().unwrap().to_owned();
        assert_eq!(text.lines().count(), all.len() + 1, "{text}");
        assert!(text.lines().any(|line| line.contains("TicketOpened") && line.contains(",ana,")), "{text}");
        let lines = world.get("root", "/api/v1/audit/export?format=ndjson&kind=TicketOpened").await.expect(200);
        assert_eq!(lines["record"]["key"], ticket["key"], "a single line is one JSON object");
    }

    async fn rights_are_explained_by_what_the_server_decides_by(backend) {
        let world = World::start(backend, "2026-03-02T09:00:00Z").await;
        world.agents(&["ana", "ben"]).await;
        world.person("cleo", Role::Customer, "UTC").await;
        let secret = json!({ "key": "SEC", "name": "Secret", "private": true, "default_kind": "incident" });
        let secret = id(&world.post("root", "/api/v1/projects", secret).await.expect(201));
        let member = format!("/api/v1/projects/{secret}/members/person/{}", world.id_of("ana"));
        let made = world.call("root", Method::PUT, &member, json!({ "role": "viewer" })).await;
        assert!(made.status.is_success(), "{:#}", made.body);
        let hidden = Scope::Agent { hidden_teams: vec![], hidden_projects: vec![secret.parse().unwrap()] };
        world.know("ben", Ctx::person_with_role(world.id_of("ben"), Role::Agent, hidden, Origin::Api));
        let ticket = json!({ "project_id": secret, "kind": "incident", "summary": "quiet" });
        let ticket = id(&world.post("root", "/api/v1/tickets", ticket).await.expect(201));
        let ask = async |name: &str, more: &str| {
            let path = format!("/api/v1/people/{}/access?{more}", world.id_of(name));
            world.get("root", &path).await.expect(200)
        };
        let on_ticket = |permission: &str| format!("permission={permission}&record_kind=ticket&record_id={ticket}");
        let texts = |answer: &Value| {
            answer["because"].as_array().unwrap().iter().map(|ground| ground["text"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let answer = ask("ana", "permission=tickets:write").await;
        assert_eq!((&answer["allowed"], texts(&answer)[0].as_str()), (&json!(true), "ana is an agent; agents have the permission tickets:write."));
        let answer = ask("ana", "permission=audit:read").await;
        assert_eq!(answer["allowed"], false);
        let answer = ask("ana", &on_ticket("tickets:write")).await;
        assert_eq!(answer["allowed"], false);
        assert!(texts(&answer)[2].contains("viewer"), "{answer:#}");
        assert_eq!(ask("ana", &on_ticket("tickets:read")).await["allowed"], true);
        let answer = ask("ben", &on_ticket("tickets:read")).await;
        assert!(texts(&answer)[1].contains("private team or project"), "{answer:#}");
        let answer = ask("cleo", &on_ticket("tickets:read_own")).await;
        assert!(texts(&answer)[1].contains("raised themselves"), "{answer:#}");
        assert_eq!(ask("root", &on_ticket("tickets:write")).await["allowed"], true);
        world.get("root", &format!("/api/v1/people/{}/access?permission=fly", world.id_of("ana"))).await.expect(422);
        world.get("ana", &format!("/api/v1/people/{}/access?permission=me", world.id_of("ana"))).await.expect(403);
    }
}
