//! Every on-call operation as nobody, in the wrong role, and from outside a private team.

use http::Method;
use kernel::{Origin, Role, Scope, TeamId};
use platform::Ctx;
use serde_json::{Value, json};

use crate::harness::{World, id};

testkit::both_databases! {
    async fn nobody_a_customer_and_an_outsider_are_refused(backend) {
        let world = World::start(backend, "2026-03-02T09:00:00Z").await;
        world.agents(&["ana"]).await;
        world.person("cust", Role::Customer, "UTC").await;
        let team = world.team("Secret", &["ana"]).await;
        let person = world.id_of("ana");
        let schedule = json!({ "name": "Secret", "time_zone": "UTC", "team_id": team, "rotations": [{ "name": "One",
            "kind": "weekly", "length": 1, "start": "2026-03-02T09:00", "participants": [{ "kind": "person", "id": person }] }] });
        let policy = json!({ "name": "Secret", "team_id": team, "steps": [{ "delay_min": 0, "condition": "if_not_closed",
            "notify": { "kind": "person", "id": person } }] });
        let s = id(&world.post("root", "/api/v1/schedules", schedule.clone()).await.expect(201));
        let p = id(&world.post("root", "/api/v1/escalation-policies", policy.clone()).await.expect(201));
        let over = json!({ "person_id": person, "from": "2026-03-03T00:00:00Z", "to": "2026-03-04T00:00:00Z" });
        let o = id(&world.post("root", &format!("/api/v1/schedules/{s}/overrides"), over.clone()).await.expect(201));
        let alert = world.alert("secret", "P5", team).await;
        let rehearse = json!({ "at": "2026-03-02T09:00:00Z", "priority": "P1" });
        let routing = json!({ "escalation_policy_id": p });
        let outside = Scope::Agent { hidden_teams: vec![TeamId(team.0)], hidden_projects: vec![] };
        world.know("outsider", Ctx::person_with_role(person, Role::Agent, outside, Origin::Api));

        // The last column says what an agent outside the team gets.
        let operations: Vec<(Method, String, Value, u16)> = vec![
            (Method::GET, "/api/v1/schedules".into(), Value::Null, 200),
            (Method::GET, "/api/v1/on-call".into(), Value::Null, 200),
            (Method::GET, "/api/v1/on-call/me".into(), Value::Null, 200),
            (Method::GET, "/api/v1/escalation-policies".into(), Value::Null, 200),
            (Method::POST, "/api/v1/schedules".into(), schedule.clone(), 422),
            (Method::POST, "/api/v1/escalation-policies".into(), policy.clone(), 422),
            (Method::GET, format!("/api/v1/schedules/{s}"), Value::Null, 404),
            (Method::PUT, format!("/api/v1/schedules/{s}"), schedule, 404),
            (Method::GET, format!("/api/v1/schedules/{s}/timeline"), Value::Null, 404),
            (Method::GET, format!("/api/v1/schedules/{s}/overrides"), Value::Null, 404),
            (Method::POST, format!("/api/v1/schedules/{s}/overrides"), over, 404),
            (Method::DELETE, format!("/api/v1/schedules/{s}/overrides/{o}"), Value::Null, 404),
            (Method::DELETE, format!("/api/v1/schedules/{s}"), Value::Null, 404),
            (Method::GET, format!("/api/v1/escalation-policies/{p}"), Value::Null, 404),
            (Method::PUT, format!("/api/v1/escalation-policies/{p}"), policy, 404),
            (Method::GET, format!("/api/v1/escalation-policies/{p}/versions"), Value::Null, 404),
            (Method::POST, format!("/api/v1/escalation-policies/{p}/rehearse"), rehearse, 404),
            (Method::DELETE, format!("/api/v1/escalation-policies/{p}"), Value::Null, 404),
            (Method::GET, format!("/api/v1/teams/{team}/routing"), Value::Null, 404),
            (Method::PUT, format!("/api/v1/teams/{team}/routing"), routing, 404),
            (Method::GET, format!("/api/v1/alerts/{alert}/notifications"), Value::Null, 404),
        ];
        for (method, path, body, outside) in operations {
            for (who, expected) in [("", 401), ("cust", 403), ("outsider", outside)] {
                let answer = world.call(who, method.clone(), &path, body.clone()).await;
                assert_eq!(answer.status.as_u16(), expected, "{who:?} {method} {path}: {:#}", answer.body);
                if expected == 200 {
                    assert!(!answer.body.to_string().contains("Secret"), "{path} shows a private team: {:#}", answer.body);
                }
            }
        }
    }
}
