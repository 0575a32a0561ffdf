//! Lists: filters, order, paging.

use serde_json::{Value, json};

use crate::support::*;

fn keys(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().expect("items");
    items.iter().map(|ticket| ticket["key"].as_str().unwrap_or_default().to_owned()).collect()
}

testkit::both_databases! {
    async fn filters_narrow_and_pages_continue(backend) {
        let app = desk(backend).await;
        let service = service(&app, "Checkout", 1).await;
        incident(&app, "Checkout fails", json!({"service_id": service, "urgency": "critical", "labels": ["eu", "vip"]})).await;
        incident(&app, "Wiki is slow", json!({"assignee_id": person("bo"), "labels": ["eu"]})).await;
        incident(&app, "100% of disks full", json!({"team_id": TEAM})).await;
        app.post("ana", "/api/v1/tickets/INC-3/transition", json!({"to": "resolved", "resolution": "fixed"})).await.expect(200);
        let ask = |query: &'static str| {
            let app = &app;
            async move { keys(&app.get("bo", &format!("/api/v1/tickets?{query}")).await.expect(200)) }
        };
        assert_eq!(ask("").await, ["INC-3", "INC-2", "INC-1"]);
        assert_eq!(ask("status_category=open").await, ["INC-2", "INC-1"]);
        assert_eq!(ask("status_category=todo,doing").await, ["INC-2", "INC-1"]);
        assert_eq!(ask("status=resolved").await, ["INC-3"]);
        assert_eq!(ask("assignee=me").await, ["INC-2"]);
        assert_eq!(ask("assignee=none&sort=created").await, ["INC-1", "INC-3"]);
        assert_eq!(ask("priority=P1,P2").await, ["INC-1"]);
        assert_eq!(ask("label=eu,vip").await, ["INC-1"]);
        assert_eq!(ask("text=WIKI").await, ["INC-2"]);
        assert_eq!(ask("text=100%25").await, ["INC-3"]);
        assert_eq!(ask("text=1_0").await, [""; 0]);
        assert_eq!(ask("project=inc&kind=incident&limit=1").await, ["INC-3"]);
        assert_eq!(ask("project=REQ").await, [""; 0]);
        assert_eq!(ask("sort=-updated").await[0], "INC-3");
        app.get("bo", "/api/v1/tickets?sort=colour").await.expect(422);
        app.get("bo", "/api/v1/tickets?cursor=x").await.expect(422);
        app.get("bo", "/api/v1/tickets?priority=P9").await.expect(422);
        for sort in ["-created", "created", "priority", "-priority", "updated", "-updated"] {
            let mut seen = Vec::new();
            let mut path = format!("/api/v1/tickets?limit=1&sort={sort}");
            loop {
                let page = app.get("bo", &path).await.expect(200);
                seen.extend(keys(&page));
                let Some(next) = page["next"].as_str() else { break };
                path = format!("/api/v1/tickets?limit=1&sort={sort}&cursor={next}");
            }
            let whole = keys(&app.get("bo", &format!("/api/v1/tickets?sort={sort}")).await.expect(200));
            assert_eq!(seen, whole, "{sort}");
        }
    }
}
