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
    app.get("cleo", "/api/v1/reports/alerts").await.expect(403);
    app.get("ana", "/api/v1/reports/alerts?from=odd").await.expect(422);
}
}
