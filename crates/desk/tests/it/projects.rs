//! Projects, their members, and what private ones hide.

use axum::http::Method;
use kernel::ProjectId;
use serde_json::{Value, json};

use crate::support::*;

testkit::both_databases! {
    async fn a_private_project_is_hidden_from_all_but_its_members(backend) {
        let app = desk(backend).await;
        let body = json!({"key": "SEC", "name": "Security", "private": true});
        app.post("ana", "/api/v1/projects", body.clone()).await.expect(403);
        let project = app.post("root", "/api/v1/projects", body.clone()).await.expect(201);
        assert_eq!(project["members"][0]["principal"]["name"], "root");
        assert_eq!(app.post("root", "/api/v1/projects", body).await.expect(409)["code"], "project_key_taken");
        let id: ProjectId = project["id"].as_str().expect("an id").parse().expect("a uuid");
        let hidden = |name: &'static str| {
            let read = app.app.db.read();
            async move {
                let teams = if name == "bo" { vec![TEAM] } else { vec![] };
                desk::hidden_projects(&read, person(name), &teams).await.expect("projects")
            }
        };
        assert_eq!(hidden("ana").await, [id]);
        assert_eq!(hidden("bo").await, [id]);
        let member = format!("/api/v1/projects/{id}/members/team/{TEAM}");
        app.call("root", Method::PUT, &member, json!({"role": "viewer"})).await.expect(200);
        assert_eq!(hidden("bo").await, []);
        let open = json!({"project_key": "SEC", "kind": "incident", "summary": "Leak"});
        app.post("root", "/api/v1/tickets", open.clone()).await.expect(201);
        app.know("ana", caller_without("ana", hidden("ana").await));
        app.get("ana", "/api/v1/tickets/SEC-1").await.expect(404);
        app.get("ana", &format!("/api/v1/projects/{id}")).await.expect(404);
        app.post("ana", "/api/v1/tickets", open.clone()).await.expect(422);
        assert_eq!(app.get("ana", "/api/v1/tickets").await.expect(200)["items"], json!([]));
        let report = app.get("ana", "/api/v1/reports/tickets?from=2026-03-01T00:00:00Z&to=2026-03-04T00:00:00Z").await.expect(200);
        assert_eq!(report["opened"], 0);
        // Bo reads it as a viewer, and may do nothing to it.
        let seen = app.get("bo", "/api/v1/tickets/SEC-1").await.expect(200);
        assert_eq!(seen["actions"][0]["reason"], "You are a viewer in this project.");
        app.post("bo", "/api/v1/tickets", open).await.expect(403);
        app.post("bo", "/api/v1/tickets/SEC-1/comments", json!({"body": "x"})).await.expect(403);
        app.call("bo", Method::PATCH, "/api/v1/tickets/SEC-1", json!({"summary": "x"})).await.expect(403);
        // A customer may not raise requests in it.
        let request = json!({"project_key": "SEC", "kind": "request", "summary": "x"});
        app.post("cem", "/api/v1/tickets", request).await.expect(422);
        app.call("root", Method::DELETE, &member, Value::Null).await.expect(204);
        assert_eq!(hidden("bo").await, [id]);
    }

    async fn a_manager_changes_the_project_and_its_members(backend) {
        let app = desk(backend).await;
        let id = project_id(&app, "INC").await;
        let path = format!("/api/v1/projects/{id}");
        app.call("ana", Method::PATCH, &path, json!({"name": "Trouble"})).await.expect(403);
        app.call("root", Method::PUT, &format!("{path}/members/person/{}", person("ana")), json!({"role": "manager"})).await.expect(200);
        let changed = app.call("ana", Method::PATCH, &path, json!({"name": "Trouble"})).await.expect(200);
        assert_eq!((changed["name"].as_str(), changed["version"].as_i64()), (Some("Trouble"), Some(3)));
        let nobody = format!("{path}/members/person/{}", uuid::Uuid::from_u128(99));
        app.call("ana", Method::PUT, &nobody, json!({"role": "agent"})).await.expect(422);
        app.call("cem", Method::PATCH, &path, json!({"name": "Mine"})).await.expect(403);
        app.call("root", Method::PATCH, &path, json!({"name": " "})).await.expect(422);
    }

    async fn the_first_start_seeds_once(backend) {
        let app = desk(backend).await;
        desk::seed(&app.app).await.expect("again");
        assert_eq!((count(&app.app, "projects").await, count(&app.app, "document_versions").await), (2, 5));
    }
}
