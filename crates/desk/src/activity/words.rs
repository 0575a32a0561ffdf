//! An event of a ticket in words.

use serde_json::Value;

/// How a field is called in a sentence.
pub(super) fn field_name(field: &str) -> String {
    field.replace('_', " ")
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) => text.replace('_', " "),
        Value::Array(items) if items.is_empty() => "none".to_owned(),
        Value::Array(items) => items.iter().map(shown).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// The sentence for an event, without its actor: "changed team from none to Payments". `changes` are the field, what
/// it was and what it is, with names in place of ids.
pub(super) fn sentence(kind: &str, data: &Value, changes: &[(String, Value, Value)]) -> String {
    let text_of = |field: &str| data.get(field).and_then(Value::as_str).unwrap_or_default();
    match kind {
        "TicketOpened" => match text_of("raised_by") {
            "alert" => format!("opened this {} because of an alert", text_of("kind")),
            _ => format!("opened this {}", text_of("kind")),
        },
        "TicketTransitioned" => format!("moved it from {} to {}", spaced(text_of("from")), spaced(text_of("to"))),
        "TicketResolved" => match text_of("resolution") {
            "" => "resolved it".to_owned(),
            resolution => format!("resolved it as {}", spaced(resolution)),
        },
        "TicketReopened" => "opened it again".to_owned(),
        "TicketPriorityOverridden" => "set the priority by hand".to_owned() + &told(changes),
        "TicketPriorityOverrideDropped" => "let the matrix give the priority again".to_owned() + &told(changes),
        "TicketFileAttached" => "attached a file".to_owned(),
        "TicketFileRemoved" => "removed a file".to_owned(),
        "TicketCommentEdited" => "changed a comment".to_owned(),
        "SlaWarned" => format!("warned about {}: {}", text_of("sla_name"), text_of("words")),
        "SlaBreached" => format!("noted that no time remains for {}", text_of("sla_name")),
        "SlaRecomputed" => format!("worked out {} anew: {}", text_of("sla_name"), text_of("words")),
        _ => match changes {
            [] => format!("did {kind}"),
            [(field, ..)] if is_text(field) => format!("changed the {}", field_name(field)),
            [(field, before, after)] => {
                format!("changed {} from {} to {}", field_name(field), shown(before), shown(after))
            }
            many => format!("changed{}", list(many)),
        },
    }
}

fn spaced(text: &str) -> String {
    text.replace('_', " ")
}

fn is_text(field: &str) -> bool {
    matches!(field, "summary" | "description" | "priority_reason")
}

fn list(changes: &[(String, Value, Value)]) -> String {
    let told: Vec<String> = changes
        .iter()
        .map(|(field, before, after)| {
            if is_text(field) {
                format!(" the {}", field_name(field))
            } else {
                format!(" {} from {} to {}", field_name(field), shown(before), shown(after))
            }
        })
        .collect();
    told.join(",")
}

fn told(changes: &[(String, Value, Value)]) -> String {
    changes
        .iter()
        .find(|(field, ..)| field == "priority")
        .map_or_else(String::new, |(_, before, after)| format!(", from {} to {}", shown(before), shown(after)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn events_read_as_sentences() {
        let none = Value::Null;
        let one = [("team".to_owned(), json!(null), json!("Payments"))];
        let two = [("summary".to_owned(), json!("a"), json!("b")), ("labels".to_owned(), json!([]), json!(["x", "y"]))];
        let cases = [
            (
                sentence("TicketOpened", &json!({"kind": "incident", "raised_by": "alert"}), &[]),
                "opened this incident because of an alert",
            ),
            (sentence("TicketOpened", &json!({"kind": "request"}), &[]), "opened this request"),
            (
                sentence("TicketTransitioned", &json!({"from": "open", "to": "in_progress"}), &[]),
                "moved it from open to in progress",
            ),
            (
                sentence("TicketResolved", &json!({"resolution": "not_reproducible"}), &[]),
                "resolved it as not reproducible",
            ),
            (sentence("TicketFieldChanged", &none, &one), "changed team from none to Payments"),
            (sentence("TicketFieldChanged", &none, &two[..1]), "changed the summary"),
            (sentence("TicketFieldChanged", &none, &two), "changed the summary, labels from none to x, y"),
        ];
        for (actual, expected) in cases {
            assert_eq!(actual, expected);
        }
    }
}
