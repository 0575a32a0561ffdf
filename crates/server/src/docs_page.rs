//! The API reader at `/api/docs`: one page made from the description, without a script.

use std::fmt::Write;

use serde_json::Value;

const STYLE: &str = include_str!("docs_page.css");

/// The page for a description in OpenAPI 3.1.
pub fn page(api: &Value) -> String {
    let mut body = String::new();
    let paths = api["paths"].as_object().cloned().unwrap_or_default();
    let mut operations: Vec<(String, String, String, Value)> = Vec::new();
    for (path, item) in &paths {
        for method in ["get", "post", "put", "patch", "delete"] {
            if let Some(operation) = item.get(method) {
                let tag = operation["tags"][0].as_str().unwrap_or("other").to_owned();
                operations.push((tag, path.clone(), method.to_owned(), operation.clone()));
            }
        }
    }
    operations.sort_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
    let mut tags: Vec<&str> = operations.iter().map(|(tag, ..)| tag.as_str()).collect();
    tags.dedup();
    body.push_str("<nav aria-label=\"Areas\">");
    for tag in &tags {
        let _ = write!(body, "<a href=\"#{0}\">{0}</a> ", escape(tag));
    }
    body.push_str("</nav>");
    for tag in tags {
        let _ = write!(body, "<h2 id=\"{0}\">{0}</h2>", escape(tag));
        for (_, path, method, operation) in operations.iter().filter(|(of, ..)| of == tag) {
            operation_block(&mut body, path, method, operation);
        }
    }
    body.push_str("<h2 id=\"shapes\">Shapes</h2>");
    for (name, schema) in api["components"]["schemas"].as_object().into_iter().flatten() {
        let _ = write!(
            body,
            "<details id=\"shape-{0}\"><summary><code>{0}</code></summary>{1}</details>",
            escape(name),
            shape(schema)
        );
    }
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>Bridgewatch API</title><link rel=\"stylesheet\" href=\"/api/docs.css\"></head><body><main><h1>Bridgewatch API</h1><p>Send a token as <code>Authorization: Bearer …</code>; make one in your profile. Machines read <a href=\"/openapi.json\">/openapi.json</a>. Lists answer <code>{{items, next}}</code>; pass <code>next</code> as <code>cursor</code>. Errors are <code>application/problem+json</code> with a stable <code>code</code>.</p>{body}</main></body></html>"
    )
}

/// The page's style sheet.
pub fn style() -> &'static str {
    STYLE
}

fn operation_block(body: &mut String, path: &str, method: &str, operation: &Value) {
    let open = operation["security"].as_array().is_some_and(|all| {
        all.is_empty() || all.iter().any(|one| one.as_object().is_some_and(serde_json::Map::is_empty))
    });
    let summary = operation["summary"].as_str().or(operation["description"].as_str()).unwrap_or_default();
    let _ = write!(
        body,
        "<details><summary><b class=\"{method}\">{}</b> <code>{}</code> {}{}</summary>",
        method.to_uppercase(),
        escape(path),
        escape(summary),
        if open { " <em>open</em>" } else { "" }
    );
    if let Some(text) = operation["description"].as_str() {
        let _ = write!(body, "<p>{}</p>", escape(text));
    }
    let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
    if !parameters.is_empty() {
        body.push_str("<table><tr><th>Parameter</th><th>In</th><th>Meaning</th></tr>");
        for parameter in parameters {
            let _ = write!(
                body,
                "<tr><td><code>{}</code>{}</td><td>{}</td><td>{}</td></tr>",
                escape(parameter["name"].as_str().unwrap_or_default()),
                if parameter["required"] == true { " (required)" } else { "" },
                escape(parameter["in"].as_str().unwrap_or_default()),
                escape(parameter["description"].as_str().unwrap_or_default())
            );
        }
        body.push_str("</table>");
    }
    if let Some(content) = operation["requestBody"]["content"].as_object() {
        for (kind, media) in content {
            let _ = write!(body, "<p>Body, {}: {}</p>", escape(kind), type_of(&media["schema"]));
        }
    }
    body.push_str("<table><tr><th>Answer</th><th>Body</th></tr>");
    for (status, response) in operation["responses"].as_object().into_iter().flatten() {
        let schema = response["content"]
            .as_object()
            .and_then(|content| content.values().next())
            .map(|media| type_of(&media["schema"]));
        let text = response["description"].as_str().unwrap_or_default();
        let _ = write!(
            body,
            "<tr><td>{}</td><td>{} {}</td></tr>",
            escape(status),
            schema.unwrap_or_default(),
            escape(text)
        );
    }
    body.push_str("</table></details>");
}

fn shape(schema: &Value) -> String {
    let mut text = String::new();
    if let Some(description) = schema["description"].as_str() {
        let _ = write!(text, "<p>{}</p>", escape(description));
    }
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    match schema["properties"].as_object() {
        Some(fields) => {
            text.push_str("<table><tr><th>Field</th><th>Type</th><th>Meaning</th></tr>");
            for (name, field) in fields {
                let _ = write!(
                    text,
                    "<tr><td><code>{}</code>{}</td><td>{}</td><td>{}</td></tr>",
                    escape(name),
                    if required.contains(&name.as_str()) { "" } else { "?" },
                    type_of(field),
                    escape(field["description"].as_str().unwrap_or_default())
                );
            }
            text.push_str("</table>");
        }
        None => {
            let _ = write!(text, "<p>{}</p>", type_of(schema));
        }
    }
    text
}

/// A type in a few words, with links to shapes.
fn type_of(schema: &Value) -> String {
    if let Some(target) = schema["$ref"].as_str() {
        let name = escape(target.rsplit('/').next().unwrap_or(target));
        return format!("<a href=\"#shape-{name}\">{name}</a>");
    }
    for key in ["oneOf", "anyOf", "allOf"] {
        if let Some(many) = schema[key].as_array() {
            return many.iter().map(type_of).collect::<Vec<_>>().join(" or ");
        }
    }
    if let Some(values) = schema["enum"].as_array() {
        return values
            .iter()
            .map(|value| format!("<code>{}</code>", escape(&value.to_string())))
            .collect::<Vec<_>>()
            .join(" or ");
    }
    match &schema["type"] {
        Value::String(kind) if kind == "array" => format!("list of {}", type_of(&schema["items"])),
        Value::String(kind) => escape(schema["format"].as_str().unwrap_or(kind)),
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).map(escape).collect::<Vec<_>>().join(" or "),
        _ => "any".to_owned(),
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_from_the_description_is_escaped() {
        let api =
            serde_json::json!({"paths": {"/a<b>": {"get": {"tags": ["x"], "summary": "<script>", "responses": {}}}}});
        let page = page(&api);
        assert!(page.contains("/a&lt;b&gt;") && !page.contains("<script>"));
    }
}
