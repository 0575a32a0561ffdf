//! The alert report.

use jiff::SignedDuration;
use serde_json::json;

use crate::support::{app, nothing, raise};

testkit::both_databases! {
async fn time_to_acknowledge_is_counted_by_the_first(backend) {
    let app = app(backend).await;
    let first = raise(&app, json!({"message": "One"})).await;
    raise(&app, json!({"message": "Two"})).await;
    app.advance(SignedDuration::from_secs(90)).await;
    let path = format!("/api/v1/alerts/{}", first["id"].as_str().unwrap());
    app.post("ana", &format!("{path}/acknowledge"), nothing()).await.expect(200);
    app.advance(SignedDuration::from_secs(600)).await;
    app.post("ana", &format!("{path}/unacknowledge"), nothing()).await.expect(200);
    app.post("ana", &format!("{path}/acknowledge"), nothing()).await.expect(200);
    let report = app.get("ana", "/api/v1/reports/alerts?from=2026-03-01T00:00:00Z&to=2026-03-03T00:00:00Z").await.expect(200);
    assert_eq!(report["mtta_s"], 90);
    assert_eq!(report["acknowledged"], 1);
    assert_eq!(report["created"], 2);
    assert_eq!(
        report["series"],
        json!([
            {"at": "2026-03-01T00:00:00Z", "acknowledged": 0, "created": 0},
            {"at": "2026-03-02T00:00:00Z", "mtta_s": 90, "acknowledged": 1, "created": 2},
        ])
    );
    // The records behind the numbers.
    let span = "from=2026-03-02T00:00:00Z&to=2026-03-03T00:00:00Z";
    let records = format!("/api/v1/reports/alerts/records?{span}&measure=");
    let taken = app.get("ana", &format!("{records}mtta")).await.expect(200);
    assert_eq!(taken["items"].as_array().unwrap().len(), 1);
    assert_eq!((&taken["items"][0]["seconds"], &taken["items"][0]["title"]), (&json!(90), &json!("One")));
    assert_eq!(taken["items"][0]["acknowledged_at"], "2026-03-02T09:01:30Z");
    let raised = app.get("ana", &format!("{records}count&limit=1")).await.expect(200);
    assert_eq!(raised["items"][0]["title"], "Two");
    let next = format!("{records}count&limit=1&cursor={}", raised["next"].as_str().unwrap());
    let rest = app.get("ana", &next).await.expect(200);
    assert_eq!((&rest["items"][0]["title"], &rest["next"]), (&json!("One"), &json!(null)));
    let before = "/api/v1/reports/alerts/records?measure=count&from=2026-03-01T00:00:00Z&to=2026-03-02T00:00:00Z";
    assert_eq!(app.get("ana", before).await.expect(200)["items"], json!([]));
    let team = format!("{records}count&team={}", crate::support::OPEN_TEAM);
    assert_eq!(app.get("ana", &team).await.expect(200)["items"], json!([]));
    app.get("cleo", &format!("{records}count")).await.expect(403);
    app.get("ana", &format!("{records}odd")).await.expect(422);
    app.get("cleo", "/api/v1/reports/alerts").await.expect(403);
    app.get("ana", "/api/v1/reports/alerts?from=odd").await.expect(422);
}
}
