//! Teams, their members, and what private ones hide.

use identity::lookup;
use kernel::{Role, TeamId};
use serde_json::{Value, json};
use testkit::both_databases;

use crate::support::{Browser, app, person};

both_databases! {
    async fn a_private_team_does_not_exist_for_others(backend) {
        let app = app(backend).await;
        person(&app, "ana", Role::Admin).await;
        let ben = person(&app, "ben", Role::Agent).await;
        person(&app, "cid", Role::Agent).await;
        let (admin, member, other) =
            (Browser::of(&app, "ana").await, Browser::of(&app, "ben").await, Browser::of(&app, "cid").await);
        let team = admin.post(&app, "/api/v1/teams", json!({ "name": "Security", "private": true })).await.expect(201);
        let id = team["id"].as_str().unwrap().to_owned();
        let path = format!("/api/v1/teams/{id}");
        member.get(&app, &path).await.expect(404);
        admin.put(&app, &format!("{path}/members/{ben}"), json!({ "role": "member" })).await.expect(200);
        assert_eq!(member.get(&app, &path).await.expect(200)["members"][0]["person"]["name"], "ben");

        other.get(&app, &path).await.expect(404);
        assert_eq!(other.get(&app, "/api/v1/teams").await.expect(200)["items"], json!([]));
        assert_eq!(other.get(&app, &format!("/api/v1/people?team={id}")).await.expect(200)["items"], json!([]));
        assert_eq!(other.get(&app, &format!("/api/v1/people/{ben}")).await.expect(200)["teams"], json!([]));
        other.patch(&app, &path, json!({ "name": "Mine" })).await.expect(404);
        assert_eq!(member.get(&app, &format!("/api/v1/people?team={id}")).await.expect(200)["items"][0]["name"], "ben");
        assert_eq!(admin.get(&app, &format!("/api/v1/people/{ben}")).await.expect(200)["teams"][0]["name"], "Security");
    }

    async fn a_team_administrator_changes_their_own_team_only(backend) {
        let app = app(backend).await;
        person(&app, "ana", Role::Admin).await;
        let (ben, cid) = (person(&app, "ben", Role::Agent).await, person(&app, "cid", Role::Agent).await);
        let (admin, lead) = (Browser::of(&app, "ana").await, Browser::of(&app, "ben").await);
        let mut paths = Vec::new();
        for name in ["Network", "Storage"] {
            let team = admin.post(&app, "/api/v1/teams", json!({ "name": name })).await.expect(201);
            paths.push(format!("/api/v1/teams/{}", team["id"].as_str().unwrap()));
        }
        lead.patch(&app, &paths[0], json!({ "description": "ours" })).await.expect(403);
        admin.put(&app, &format!("{}/members/{ben}", paths[0]), json!({ "role": "admin" })).await.expect(200);
        let changed = lead.patch(&app, &paths[0], json!({ "description": "ours" })).await.expect(200);
        assert_eq!(changed["actions"][0], json!({ "name": "change", "allowed": true }));
        assert_eq!(changed["actions"][2]["allowed"], false, "deleting is for administrators");
        lead.put(&app, &format!("{}/members/{cid}", paths[0]), json!({ "role": "member" })).await.expect(200);
        lead.delete(&app, &format!("{}/members/{cid}", paths[0])).await.expect(204);
        assert_eq!(lead.delete(&app, &format!("{}/members/{cid}", paths[0])).await.expect(404)["code"], "not_a_member");
        lead.patch(&app, &paths[1], json!({ "description": "theirs" })).await.expect(403);
        lead.delete(&app, &paths[0]).await.expect(403);
        lead.post(&app, "/api/v1/teams", json!({ "name": "Third" })).await.expect(403);
        admin.delete(&app, &paths[0]).await.expect(204);
        lead.get(&app, &paths[0]).await.expect(404);
    }

    async fn names_are_unique_and_fields_checked(backend) {
        let app = app(backend).await;
        person(&app, "ana", Role::Admin).await;
        let cus = person(&app, "cus", Role::Customer).await;
        let admin = Browser::of(&app, "ana").await;
        let team = admin.post(&app, "/api/v1/teams", json!({ "name": "Network", "time_zone": "Europe/Oslo" })).await.expect(201);
        assert_eq!(admin.post(&app, "/api/v1/teams", json!({ "name": " NETWORK " })).await.expect(409)["code"], "team_name_taken");
        let wrong = admin.post(&app, "/api/v1/teams", json!({ "name": " ", "time_zone": "x" })).await.expect(422);
        assert_eq!(wrong["errors"].as_array().unwrap().len(), 2);
        let path = format!("/api/v1/teams/{}/members/{cus}", team["id"].as_str().unwrap());
        assert_eq!(admin.put(&app, &path, json!({ "role": "member" })).await.expect(409)["code"], "customer_member");
    }

    async fn other_slices_learn_names_members_and_administrators(backend) {
        let app = app(backend).await;
        let ana = person(&app, "ana", Role::Admin).await;
        let ben = person(&app, "ben", Role::Agent).await;
        let admin = Browser::of(&app, "ana").await;
        let team = admin.post(&app, "/api/v1/teams", json!({ "name": "Network" })).await.expect(201);
        let id: TeamId = team["id"].as_str().unwrap().parse().unwrap();
        for (who, role) in [(ana, "member"), (ben, "admin")] {
            admin.put(&app, &format!("/api/v1/teams/{id}/members/{who}"), json!({ "role": role })).await.expect(200);
        }
        let read = app.app.db.read();
        assert_eq!(lookup::team_names(&read, &[id]).await.unwrap()[&id], "Network");
        assert_eq!(lookup::person_names(&read, &[ana, ben]).await.unwrap().len(), 2);
        assert_eq!(lookup::person_names(&read, &[]).await.unwrap().len(), 0);
        assert_eq!(lookup::team_admins(&read, id).await.unwrap(), [ben]);
        let members = lookup::members(&read, &[id]).await.unwrap();
        assert_eq!(members.iter().map(|member| member.person).collect::<Vec<_>>(), [ana, ben]);
        admin.patch(&app, &format!("/api/v1/people/{ben}"), json!({ "active": false })).await.expect(200);
        assert_eq!(lookup::members(&read, &[id]).await.unwrap().len(), 1);
        let answer = admin.get(&app, &format!("/api/v1/teams/{id}")).await.expect(200);
        assert_ne!(answer["members"], Value::Null);
        assert_eq!(lookup::person_by_email(&read, "ANA@nordhaven.example").await.unwrap().unwrap().id, ana);
    }
}
