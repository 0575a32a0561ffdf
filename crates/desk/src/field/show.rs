//! Values as people see them.

use kernel::Ref;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Values;
use super::definition::{CustomerAccess, FieldBody, FieldKind};
use super::in_force::Defined;

/// A field of a ticket with its value.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = TicketField)]
pub(crate) struct ShownField {
    /// Key of the field.
    key: String,
    /// Its name.
    name: String,
    /// What it holds.
    kind: FieldKind,
    /// The value, as it is given when it is changed.
    value: Value,
    /// In words, such as the name of an option.
    text: String,
    /// The record that the value names, if the caller may see it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    refs: Vec<Ref>,
}

/// The records that values name.
pub(crate) fn references<'a>(
    fields: &'a [Defined],
    values: &'a Values,
) -> impl Iterator<Item = (FieldKind, Uuid)> + 'a {
    let id = |field: &Defined| values.get(&field.key)?.as_str()?.parse().ok();
    fields
        .iter()
        .filter(|field| field.body.kind.record().is_some())
        .filter_map(move |field| Some((field.body.kind, id(field)?)))
}

/// The values of a ticket in the order of their names. `name` gives those records that the caller may see.
pub(crate) fn show(
    fields: &[Defined],
    values: &Values,
    customer: bool,
    name: impl Fn(FieldKind, Uuid) -> Option<String>,
) -> Vec<ShownField> {
    let seen = |field: &&Defined| !customer || field.body.customers != CustomerAccess::Hidden;
    let shown = |field: &Defined| {
        let value = values.get(&field.key)?.clone();
        let kind = field.body.kind;
        let id = value.as_str().and_then(|id| id.parse::<Uuid>().ok()).filter(|_| kind.record().is_some());
        let found = id.map(|id| name(kind, id).map(|name| Ref { id, name }));
        let (text, refs) = match found {
            Some(Some(found)) => (found.name.clone(), vec![found]),
            Some(None) => ("(hidden)".to_owned(), Vec::new()),
            None => (words(&field.body, &value), Vec::new()),
        };
        Some(ShownField { key: field.key.clone(), name: field.body.name.clone(), kind, value, text, refs })
    };
    fields.iter().filter(seen).filter_map(shown).collect()
}

/// A value in words; records are named by whoever may see them.
pub(crate) fn words(body: &FieldBody, value: &Value) -> String {
    let option = |value: &Value| {
        let key = value.as_str().unwrap_or_default();
        body.option(key).map_or_else(|| key.to_owned(), |option| option.name.clone())
    };
    match (body.kind, value) {
        (FieldKind::Choice, value) => option(value),
        (FieldKind::Choices, Value::Array(keys)) => keys.iter().map(option).collect::<Vec<_>>().join(", "),
        (FieldKind::Checkbox, Value::Bool(flag)) => if *flag { "Yes" } else { "No" }.to_owned(),
        (FieldKind::Number, value) => match body.number.as_ref().and_then(|rules| rules.unit.as_deref()) {
            Some(unit) => format!("{value} {unit}"),
            None => value.to_string(),
        },
        (_, Value::String(text)) => text.clone(),
        (_, value) => value.to_string(),
    }
}
