//! People from a file.

use axum::body::Body;
use http::Request;
use kernel::Role;
use serde_json::{Value, json};
use testkit::{Answer, TestApp, both_databases};

use crate::support::{Browser, app, events, person};

async fn put(app: &TestApp, browser: &Browser, query: &str, file: &str) -> Answer {
    let request = Request::post(format!("/api/v1/people/import{query}"))
        .header("cookie", &browser.cookie)
        .header("x-csrf-token", &browser.csrf)
        .header("content-type", "text/csv");
    app.send(request.body(Body::from(file.to_owned())).unwrap()).await
}

fn outcomes(report: &Value) -> Vec<(i64, String)> {
    let rows = report["rows"].as_array().unwrap();
    rows.iter().map(|row| (row["line"].as_i64().unwrap(), row["outcome"].as_str().unwrap().to_owned())).collect()
}

async fn emails(app: &TestApp, browser: &Browser) -> Vec<String> {
    let page = browser.get(app, "/api/v1/people").await.expect(200);
    page["items"].as_array().unwrap().iter().map(|item| item["email"].as_str().unwrap().to_owned()).collect()
}

both_databases! {
    async fn a_file_invites_changes_and_joins(backend) {
        let app = app(backend).await;
        person(&app, "ana", Role::Admin).await;
        person(&app, "ben", Role::Agent).await;
        let ana = Browser::of(&app, "ana").await;
        ana.post(&app, "/api/v1/teams", json!({"name": "Payments"})).await.expect(201);
        let zone = json!({"time_zone": "Europe/Oslo", "locale": "nb"});
        ana.put(&app, "/api/v1/setup/organisation", zone).await.expect(200);
        let file = "Email,Name,Phone,Role,Teams,Time zone\n\
                    cleo@nordhaven.example,Cleo Aas,1,customer,,\n\
                    dora@nordhaven.example,Dora Bø,2,,payments,Europe/Berlin\n\
                    BEN@nordhaven.example,Ben Berg,3,,Payments,\n\
                    ana@nordhaven.example,ana,4,,,\n";
        let dry = put(&app, &ana, "?dry_run=true", file).await.expect(200);
        assert_eq!((&dry["applied"], &dry["created"], &dry["updated"], &dry["unchanged"]), (&json!(false), &json!(2), &json!(1), &json!(1)));
        assert_eq!(dry["ignored_columns"], json!(["Phone"]));
        assert_eq!(emails(&app, &ana).await.len(), 2);
        app.settle().await;
        assert_eq!(app.mail.take().len(), 0, "a dry run invites nobody");
        let done = put(&app, &ana, "", file).await.expect(200);
        assert_eq!(done["applied"], true);
        assert_eq!(done["rows"], dry["rows"], "the dry run said what would happen");
        assert_eq!(done["rows"][2]["changes"], json!(["name", "joins Payments"]));
        app.settle().await;
        let mut invited: Vec<String> = app.mail.take().into_iter().map(|mail| mail.to).collect();
        invited.sort();
        assert_eq!(invited, ["cleo@nordhaven.example", "dora@nordhaven.example"]);
        let people = ana.get(&app, "/api/v1/people").await.expect(200);
        let of = |email: &str| people["items"].as_array().unwrap().iter().find(|one| one["email"] == email).cloned().unwrap();
        assert_eq!((&of("cleo@nordhaven.example")["role"], &of("cleo@nordhaven.example")["time_zone"]), (&json!("customer"), &json!("Europe/Oslo")));
        assert_eq!(of("dora@nordhaven.example")["time_zone"], "Europe/Berlin");
        assert_eq!(of("ben@nordhaven.example")["teams"][0]["name"], "Payments");
        // Once more changes nothing, and mails nobody.
        let again = put(&app, &ana, "", file).await.expect(200);
        assert_eq!((&again["unchanged"], &again["created"]), (&json!(4), &json!(0)));
        app.settle().await;
        assert_eq!(app.mail.take().len(), 0);
        assert!(events(&app).await.iter().all(|(_, data)| !data.to_string().contains("Cleo")), "no names in events");
    }

    async fn a_wrong_row_stops_the_file_unless_it_is_left_out(backend) {
        let app = app(backend).await;
        person(&app, "ana", Role::Admin).await;
        person(&app, "ben", Role::Agent).await;
        let ana = Browser::of(&app, "ana").await;
        let file = "email,name,role,teams\n\
                    cleo@nordhaven.example,Cleo,agent,\n\
                    nobody,Nobody,,\n\
                    dora@nordhaven.example,Dora,,Nowhere\n\
                    ana@nordhaven.example,Ana,customer,\n\
                    cleo@nordhaven.example,Cleo again,,\n";
        let report = put(&app, &ana, "", file).await.expect(200);
        let expected = [(2, "create"), (3, "error"), (4, "error"), (5, "error"), (6, "error")];
        assert_eq!(outcomes(&report), expected.map(|(line, outcome)| (line, outcome.to_owned())));
        assert_eq!((&report["applied"], &report["failed"]), (&json!(false), &json!(4)));
        assert_eq!(emails(&app, &ana).await.len(), 2);
        let report = put(&app, &ana, "?skip_errors=true", file).await.expect(200);
        assert_eq!((&report["applied"], &report["created"]), (&json!(true), &json!(1)));
        assert!(emails(&app, &ana).await.contains(&"cleo@nordhaven.example".to_owned()));
        put(&app, &ana, "", "name\nCleo\n").await.expect(422);
        put(&app, &Browser::of(&app, "ben").await, "", file).await.expect(403);
    }
}
