//! The webhook of Prometheus Alertmanager, version 4.
//!
//! Each alert of the group becomes a command of its own: `firing` raises, `resolved` closes. The alias is the
//! fingerprint, which Alertmanager makes from the labels. Labels become details, so that the affected service is
//! found by them.
//!
//! Source: <https://prometheus.io/docs/alerting/latest/configuration/#webhook_config>.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{AlertCommand, Reading, Unreadable, kind_of};
use crate::{alert::Raise, priority::Priority};

/// Annotations that may hold the message, best first.
const MESSAGE_ANNOTATIONS: [&str; 3] = ["summary", "title", "message"];
/// Labels that may hold the entity, best first.
const ENTITY_LABELS: [&str; 5] = ["instance", "host", "node", "pod", "job"];

/// How an Alertmanager's alerts are read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Settings {
    /// The label that holds the severity.
    pub severity_label: String,
    /// The priority of each severity, in lower case. `P1` to `P5` are always understood.
    pub priorities: BTreeMap<String, Priority>,
    /// The priority of other severities and of none.
    pub default_priority: Priority,
    /// Labels whose values become tags.
    pub tag_labels: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        use Priority::{P1, P2, P3, P4, P5};
        let priorities = [
            ("critical", P1),
            ("page", P1),
            ("error", P2),
            ("high", P2),
            ("major", P2),
            ("warning", P3),
            ("minor", P4),
            ("low", P4),
            ("info", P5),
            ("none", P5),
        ];
        Self {
            severity_label: "severity".into(),
            priorities: priorities.map(|(severity, priority)| (severity.to_owned(), priority)).into(),
            default_priority: P3,
            tag_labels: Vec::new(),
        }
    }
}

impl Settings {
    /// The priority of a severity.
    pub fn priority(&self, severity: Option<&str>) -> Priority {
        let Some(severity) = severity else { return self.default_priority };
        let severity = severity.trim().to_lowercase();
        self.priorities.get(&severity).copied().or_else(|| Priority::parse(&severity)).unwrap_or(self.default_priority)
    }
}

/// Reads a webhook payload.
pub fn read(payload: &Value, settings: &Settings) -> Reading {
    let Value::Object(root) = payload else {
        return Reading::failed("", format!("expected an object, found {}", kind_of(payload)));
    };
    if let Some(version) = root.get("version").filter(|version| version.as_str() != Some("4")) {
        return Reading::failed("version", format!("this door reads version \"4\", found {version}"));
    }
    let alerts = match root.get("alerts") {
        Some(Value::Array(alerts)) => alerts,
        Some(other) => return Reading::failed("alerts", format!("expected a list, found {}", kind_of(other))),
        None => return Reading::failed("alerts", "missing: is this the webhook of an Alertmanager?"),
    };
    let external_url = root.get("externalURL").and_then(Value::as_str).unwrap_or_default();
    let mut reading = Reading::default();
    for (index, alert) in alerts.iter().enumerate() {
        let place = format!("alerts[{index}]");
        match read_alert(alert, &place, external_url, settings) {
            Ok(command) => reading.command(&place, command),
            Err(error) => reading.errors.push(error),
        }
    }
    reading
}

fn read_alert(alert: &Value, place: &str, external_url: &str, settings: &Settings) -> Result<AlertCommand, Unreadable> {
    let Value::Object(fields) = alert else {
        return Err(Unreadable::new(place, format!("expected an object, found {}", kind_of(alert))));
    };
    let labels = texts(fields, place, "labels")?
        .ok_or_else(|| Unreadable::new(format!("{place}.labels"), "missing: every alert has labels"))?;
    let annotations = texts(fields, place, "annotations")?.unwrap_or_default();
    let alias = match text(fields, place, "fingerprint")?.filter(|fingerprint| !fingerprint.is_empty()) {
        Some(fingerprint) => fingerprint.to_owned(),
        None => labels.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(","),
    };
    if alias.is_empty() {
        let message = "missing, and there are no labels to tell the alert by";
        return Err(Unreadable::new(format!("{place}.fingerprint"), message));
    }
    match text(fields, place, "status")? {
        Some("resolved") => Ok(AlertCommand::Close { alias: crate::alert::fit_alias(&alias) }),
        Some("firing") => {
            let generator_url = text(fields, place, "generatorURL")?.unwrap_or_default();
            let raise = raise(alias, labels, annotations, [generator_url, external_url], settings);
            let raise = raise.fitted().map_err(|error| Unreadable::new(place, error.to_string()))?;
            Ok(AlertCommand::Raise(raise))
        }
        Some(other) => {
            let message = format!("expected \"firing\" or \"resolved\", found {other:?}");
            Err(Unreadable::new(format!("{place}.status"), message))
        }
        None => Err(Unreadable::new(format!("{place}.status"), "missing: expected \"firing\" or \"resolved\"")),
    }
}

fn raise(
    alias: String,
    labels: BTreeMap<String, String>,
    annotations: BTreeMap<String, String>,
    [generator_url, external_url]: [&str; 2],
    settings: &Settings,
) -> Raise {
    let filled = |text: Option<&String>| text.filter(|text| !text.trim().is_empty()).cloned();
    let message = (MESSAGE_ANNOTATIONS.iter())
        .find_map(|key| filled(annotations.get(*key)))
        .or_else(|| filled(labels.get("alertname")))
        .unwrap_or_else(|| "Alert without a name".into());
    let description = filled(annotations.get("description")).unwrap_or_default();
    let entity = ENTITY_LABELS.iter().find_map(|key| filled(labels.get(*key))).unwrap_or_default();
    let tags = settings.tag_labels.iter().filter_map(|key| labels.get(key).cloned()).collect();
    let priority = Some(settings.priority(labels.get(&settings.severity_label).map(String::as_str)));
    let mut details = labels;
    for (key, value) in annotations {
        if key != "description" && !MESSAGE_ANNOTATIONS.contains(&key.as_str()) {
            details.entry(key).or_insert(value);
        }
    }
    for (key, url) in [("generator_url", generator_url), ("alertmanager_url", external_url)] {
        if !url.is_empty() {
            details.entry(key.into()).or_insert_with(|| url.to_owned());
        }
    }
    let source = if external_url.is_empty() { "Alertmanager".to_owned() } else { external_url.to_owned() };
    let (alias, actions) = (Some(alias), Vec::new());
    Raise { alias, message, description, priority, source, entity, tags, details, actions }
}

fn text<'a>(fields: &'a Map<String, Value>, place: &str, key: &str) -> Result<Option<&'a str>, Unreadable> {
    match fields.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => {
            Err(Unreadable::new(format!("{place}.{key}"), format!("expected a text, found {}", kind_of(other))))
        }
    }
}

fn texts(fields: &Map<String, Value>, place: &str, key: &str) -> Result<Option<BTreeMap<String, String>>, Unreadable> {
    let map = match fields.get(key) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Object(map)) => map,
        Some(other) => {
            let message = format!("expected an object, found {}", kind_of(other));
            return Err(Unreadable::new(format!("{place}.{key}"), message));
        }
    };
    let read = map.iter().map(|(name, value)| match value {
        Value::String(text) => Ok((name.clone(), text.clone())),
        other => {
            Err(Unreadable::new(format!("{place}.{key}.{name}"), format!("expected a text, found {}", kind_of(other))))
        }
    });
    read.collect::<Result<_, _>>().map(Some)
}

#[cfg(test)]
mod tests {
    use insta::{assert_json_snapshot, assert_snapshot};
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn payload() -> Value {
        json!({
            "version": "4", "groupKey": "{}:{alertname=\"DiskFull\"}", "truncatedAlerts": 0, "status": "firing",
            "receiver": "bridgewatch", "groupLabels": {"alertname": "DiskFull"}, "commonLabels": {},
            "commonAnnotations": {}, "externalURL": "http://am.nordhaven.example:9093",
            "alerts": [
                {"status": "firing", "labels": {"alertname": "DiskFull", "severity": "critical", "instance": "db1:9100", "service": "payments"},
                 "annotations": {"summary": "Disk of db1 is full", "description": "97% used", "runbook_url": "https://wiki/disk"},
                 "startsAt": "2026-03-29T00:59:00Z", "endsAt": "0001-01-01T00:00:00Z",
                 "generatorURL": "http://prom:9090/graph?g0.expr=x", "fingerprint": "c7a1d8e0f0a1b2c3"},
                {"status": "resolved", "labels": {"alertname": "DiskFull"}, "annotations": {}, "fingerprint": "0011"},
            ],
        })
    }

    #[test]
    fn a_group_of_two() {
        assert_json_snapshot!(read(&payload(), &Settings::default()), @r#"
        {
          "commands": [
            {
              "place": "alerts[0]",
              "kind": "raise",
              "alias": "c7a1d8e0f0a1b2c3",
              "message": "Disk of db1 is full",
              "description": "97% used",
              "priority": "P1",
              "source": "http://am.nordhaven.example:9093",
              "entity": "db1:9100",
              "tags": [],
              "details": {
                "alertmanager_url": "http://am.nordhaven.example:9093",
                "alertname": "DiskFull",
                "generator_url": "http://prom:9090/graph?g0.expr=x",
                "instance": "db1:9100",
                "runbook_url": "https://wiki/disk",
                "service": "payments",
                "severity": "critical"
              },
              "actions": []
            },
            {
              "place": "alerts[1]",
              "kind": "close",
              "alias": "0011"
            }
          ],
          "errors": []
        }
        "#);
    }

    #[test]
    fn complaints_name_the_place_and_good_alerts_survive() {
        let mut payload = payload();
        let good = payload["alerts"][0].clone();
        payload["alerts"] = json!([
            {"status": "odd", "labels": {"a": "b"}},
            {"status": "firing", "labels": {"a": 1}},
            {"status": "firing", "labels": ["a"]},
            {"status": "firing"},
            {"labels": {"a": "b"}},
            {"status": "firing", "labels": {}},
            {"status": 5, "labels": {"a": "b"}},
            "text",
            good,
        ]);
        let reading = read(&payload, &Settings::default());
        assert_eq!(reading.commands.len(), 1);
        assert_eq!(reading.commands[0].place, "alerts[8]");
        let text: Vec<_> = reading.errors.iter().map(ToString::to_string).collect();
        assert_snapshot!(text.join("\n"), @r#"
        alerts[0].status: expected "firing" or "resolved", found "odd"
        alerts[1].labels.a: expected a text, found a number
        alerts[2].labels: expected an object, found a list
        alerts[3].labels: missing: every alert has labels
        alerts[4].status: missing: expected "firing" or "resolved"
        alerts[5].fingerprint: missing, and there are no labels to tell the alert by
        alerts[6].status: expected a text, found a number
        alerts[7]: expected an object, found a text
        "#);
        let whole = |payload: Value| read(&payload, &Settings::default()).errors[0].to_string();
        assert_snapshot!(whole(json!([])), @"expected an object, found a list");
        assert_snapshot!(whole(json!({})), @"alerts: missing: is this the webhook of an Alertmanager?");
        assert_snapshot!(whole(json!({"version": "3"})), @r#"version: this door reads version "4", found "3""#);
        assert_snapshot!(super::super::parse(b"{\"a\":\n oops}").expect_err("is not JSON"), @"not JSON: line 2, column 2: expected value");
    }

    #[test]
    fn severities() {
        let mut settings = Settings::default();
        settings.priorities.insert("sev0".into(), Priority::P1);
        let priority = |severity| settings.priority(severity).as_str();
        let found: Vec<_> = [
            Some("Critical"),
            Some("error"),
            Some("warning"),
            Some("info"),
            Some("sev0"),
            Some("p2"),
            Some("odd"),
            None,
        ]
        .map(priority)
        .into();
        assert_eq!(found, ["P1", "P2", "P3", "P5", "P1", "P2", "P3", "P3"]);
    }

    #[test]
    fn names_are_found_where_annotations_are_missing() {
        let mut payload = payload();
        payload["alerts"][0]["annotations"] = json!({});
        payload["alerts"][0]["fingerprint"] = Value::Null;
        payload["alerts"][0]["labels"]["zone"] = json!("z".repeat(600));
        let AlertCommand::Raise(raise) = &read(&payload, &Settings::default()).commands[0].command else {
            panic!("does not raise")
        };
        assert_eq!((raise.message.as_str(), raise.description.as_str()), ("DiskFull", ""));
        assert_eq!(raise.alias.as_ref().map(String::len), Some(512));
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            prop_oneof![Just("firing"), Just("resolved"), Just("4"), Just("é")].prop_map(Value::from),
        ];
        let key = prop::sample::select(vec!["alerts", "status", "labels", "annotations", "fingerprint", "x"]);
        leaf.prop_recursive(4, 40, 6, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::btree_map(key.clone().prop_map(str::to_owned), inner, 0..5)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Each alert of the payload gives exactly one command or one error, whatever it is.
        #[test]
        fn nothing_is_dropped_silently(alerts in prop::collection::vec(any_json(), 0..6)) {
            let reading = read(&json!({"alerts": alerts}), &Settings::default());
            prop_assert_eq!(reading.commands.len() + reading.errors.len(), alerts.len());
        }
    }
}
