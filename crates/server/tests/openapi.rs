//! The committed description of the API is the one that this code gives.

use std::path::Path;

#[test]
fn the_committed_description_is_current() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let made = server::assembly::description().to_pretty_json().unwrap() + "\n";
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(&file, &made).unwrap();
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(committed == made, "docs/openapi.json is out of date; run `make openapi` and commit it");
}

#[test]
fn operation_ids_are_unique() {
    let api: serde_json::Value = serde_json::from_str(&server::assembly::description().to_json().unwrap()).unwrap();
    let mut seen = std::collections::BTreeSet::new();
    for item in api["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values().filter_map(|operation| operation["operationId"].as_str()) {
            assert!(seen.insert(operation.to_owned()), "{operation} names two operations");
        }
    }
}
