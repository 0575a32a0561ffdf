//! Values: what a field takes, in one spelling per kind.
//!
//! | kind | value |
//! |---|---|
//! | text, long_text, url | a text |
//! | number | a number |
//! | date | `"2026-05-17"` |
//! | instant | `"2026-05-17T12:00:00Z"` |
//! | checkbox | true or false |
//! | choice | the key of an option |
//! | choices | keys of options, in the order of the options |
//! | person, team, service | an id |

use domain::query::fold;
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};
use uuid::Uuid;

use super::definition::{FieldBody, FieldKind};

const TEXT_MAX: usize = 500;
const LONG_TEXT_MAX: usize = 20_000;
const URL_MAX: usize = 2_000;

/// The value in its one spelling, none where it says that the field is empty; or why the field does not take it.
/// `before` is what the ticket has: an option that was retired since may stay. That a person, team or service exists
/// is for the caller to see.
pub(super) fn check(body: &FieldBody, value: &Value, before: Option<&Value>) -> Result<Option<Value>, String> {
    if value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty()) {
        return Ok(None);
    }
    let text = |expected: &str| value.as_str().map(str::trim).ok_or_else(|| expected.to_owned());
    let value = match body.kind {
        FieldKind::Text => json!(line(text("Give a text.")?)?),
        FieldKind::LongText => {
            let text = text("Give a text.")?;
            if text.chars().count() > LONG_TEXT_MAX {
                return Err("Keep it under 20,000 characters.".to_owned());
            }
            json!(text)
        }
        FieldKind::Url => json!(url(text("Give a web address.")?)?),
        FieldKind::Number => number(body, value)?,
        FieldKind::Date => {
            let expected = "Give a day such as 2026-05-17.";
            let day: Date = text(expected)?.parse().map_err(|_| expected.to_owned())?;
            if !(1..=9999).contains(&day.year()) {
                return Err(expected.to_owned());
            }
            json!(day.to_string())
        }
        FieldKind::Instant => {
            let expected = "Give an instant such as 2026-05-17T12:00:00Z.";
            let at: Timestamp = text(expected)?.parse().map_err(|_| expected.to_owned())?;
            json!(kernel::timestamp(kernel::micros(at)).to_string())
        }
        FieldKind::Checkbox => json!(value.as_bool().ok_or("Give true or false.")?),
        FieldKind::Choice => json!(option(body, value, &chosen(before))?),
        FieldKind::Choices => {
            let given = value.as_array().ok_or("Give a list of keys of options.")?;
            let before = chosen(before);
            let keys = given.iter().map(|one| option(body, one, &before)).collect::<Result<Vec<_>, _>>()?;
            let ordered: Vec<&str> =
                body.options.iter().map(|known| known.key.as_str()).filter(|key| keys.contains(key)).collect();
            if ordered.is_empty() {
                return Ok(None);
            }
            json!(ordered)
        }
        FieldKind::Person | FieldKind::Team | FieldKind::Service => {
            let expected = format!("Give the id of a {}.", body.kind.as_str());
            let id: Uuid = text(&expected)?.parse().map_err(|_| expected.clone())?;
            json!(id)
        }
    };
    Ok(Some(value))
}

fn line(text: &str) -> Result<&str, String> {
    if text.chars().count() > TEXT_MAX || text.chars().any(char::is_control) {
        return Err("Give one line of up to 500 characters.".to_owned());
    }
    Ok(text)
}

fn url(text: &str) -> Result<&str, String> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let host = rest.map_or("", |rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'<' | b'>' | b'\\'));
    if host.is_empty() || host.contains('@') || !plain || text.len() > URL_MAX {
        return Err("Give a web address that begins with https:// or http://.".to_owned());
    }
    Ok(text)
}

fn number(body: &FieldBody, value: &Value) -> Result<Value, String> {
    let number = value.as_f64().filter(|number| number.is_finite()).ok_or("Give a number.")?;
    let rules = body.number.clone().unwrap_or_default();
    if rules.min.is_some_and(|min| number < min) || rules.max.is_some_and(|max| number > max) {
        let from = rules.min.map(|min| format!(" from {min}")).unwrap_or_default();
        let to = rules.max.map(|max| format!(" up to {max}")).unwrap_or_default();
        return Err(format!("Give a number{from}{to}."));
    }
    if let Some(decimals) = rules.decimals {
        let scaled = number * 10_f64.powi(i32::from(decimals));
        if (scaled - scaled.round()).abs() > 1e-6 {
            return Err(match decimals {
                0 => "Give a whole number.".to_owned(),
                digits => format!("Give a number with at most {digits} digits behind the point."),
            });
        }
    }
    Ok(value.clone())
}

fn chosen(before: Option<&Value>) -> Vec<&str> {
    match before {
        Some(Value::Array(keys)) => keys.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(key)) => vec![key],
        _ => Vec::new(),
    }
}

fn option<'b>(body: &'b FieldBody, value: &Value, before: &[&str]) -> Result<&'b str, String> {
    let known = value.as_str().and_then(|key| body.option(key.trim()));
    match known {
        Some(option) if !option.retired || before.contains(&option.key.as_str()) => Ok(&option.key),
        _ => {
            let keys: Vec<&str> =
                body.options.iter().filter(|option| !option.retired).map(|option| option.key.as_str()).collect();
            let shown = keys.iter().take(20).copied().collect::<Vec<_>>().join(", ");
            let more = if keys.len() > 20 { ", ..." } else { "" };
            Err(format!("Choose one of {shown}{more}."))
        }
    }
}

/// A value as a typed row: exactly one column is set.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct TypedValue {
    pub text: Option<String>,
    pub long_text: Option<String>,
    pub number: Option<f64>,
    pub instant: Option<i64>,
    pub date: Option<String>,
    pub reference: Option<Uuid>,
}

/// The typed rows of a value that was checked.
pub(super) fn typed(kind: FieldKind, value: &Value) -> Vec<TypedValue> {
    let text = |text: String| TypedValue { text: Some(text), ..TypedValue::default() };
    let string = || value.as_str().unwrap_or_default();
    match kind {
        FieldKind::Text | FieldKind::Url => vec![text(fold(string()))],
        FieldKind::LongText => vec![TypedValue { long_text: Some(fold(string())), ..TypedValue::default() }],
        FieldKind::Number => vec![TypedValue { number: value.as_f64(), ..TypedValue::default() }],
        FieldKind::Date => vec![TypedValue { date: Some(string().to_owned()), ..TypedValue::default() }],
        FieldKind::Instant => {
            let at = string().parse::<Timestamp>().ok().map(kernel::micros);
            vec![TypedValue { instant: at, ..TypedValue::default() }]
        }
        FieldKind::Checkbox => vec![text(value.as_bool().unwrap_or_default().to_string())],
        FieldKind::Choice | FieldKind::Choices => {
            chosen(Some(value)).into_iter().map(|key| text(key.to_owned())).collect()
        }
        FieldKind::Person | FieldKind::Team | FieldKind::Service => {
            vec![TypedValue { reference: string().parse().ok(), ..TypedValue::default() }]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(kind: &str, more: Value) -> FieldBody {
        let mut body = json!({"name": "X", "kind": kind});
        body.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
        serde_json::from_value(body).expect("the shape of a definition")
    }

    #[test]
    fn values_have_one_spelling() {
        let options = json!({"options": [{"key": "a", "name": "A"}, {"key": "b", "name": "B"},
            {"key": "old", "name": "Old", "retired": true}]});
        let none = json!({});
        let id = json!("018f0000-0000-7000-8000-000000000001");
        let cases = [
            ("text", &none, json!("  CC 1 "), Ok(Some(json!("CC 1")))),
            ("text", &none, json!(" "), Ok(None)),
            ("text", &none, json!(5), Err("Give a text.")),
            ("text", &none, json!("a\nb"), Err("Give one line of up to 500 characters.")),
            ("long_text", &none, json!("a\nb"), Ok(Some(json!("a\nb")))),
            ("url", &none, json!("https://a.test/x?y#z"), Ok(Some(json!("https://a.test/x?y#z")))),
            (
                "url",
                &none,
                json!("javascript:alert(1)"),
                Err("Give a web address that begins with https:// or http://."),
            ),
            ("number", &json!({"number": {"min": 0, "decimals": 2}}), json!(12.34), Ok(Some(json!(12.34)))),
            ("number", &json!({"number": {"min": 0, "max": 5}}), json!(6), Err("Give a number from 0 up to 5.")),
            ("number", &json!({"number": {"decimals": 0}}), json!(1.5), Err("Give a whole number.")),
            ("date", &none, json!("2026-05-17"), Ok(Some(json!("2026-05-17")))),
            ("date", &none, json!("17.5.2026"), Err("Give a day such as 2026-05-17.")),
            ("instant", &none, json!("2026-05-17T14:00:00+02:00"), Ok(Some(json!("2026-05-17T12:00:00Z")))),
            ("checkbox", &none, json!(false), Ok(Some(json!(false)))),
            ("checkbox", &none, json!("yes"), Err("Give true or false.")),
            ("choice", &options, json!("a"), Ok(Some(json!("a")))),
            ("choice", &options, json!("old"), Err("Choose one of a, b.")),
            ("choices", &options, json!(["b", "a", "b"]), Ok(Some(json!(["a", "b"])))),
            ("choices", &options, json!([]), Ok(None)),
            ("choices", &options, json!("a"), Err("Give a list of keys of options.")),
            ("person", &none, id.clone(), Ok(Some(id.clone()))),
            ("team", &none, json!("Network"), Err("Give the id of a team.")),
            ("date", &none, Value::Null, Ok(None)),
        ];
        for (kind, more, value, expected) in cases {
            let checked = check(&field(kind, more.clone()), &value, None);
            assert_eq!(checked, expected.map_err(str::to_owned), "{kind} {value}");
        }
        let kept = check(&field("choices", options), &json!(["old", "a"]), Some(&json!(["old"])));
        assert_eq!(kept, Ok(Some(json!(["a", "old"]))), "what was retired may stay");
    }

    #[test]
    fn each_kind_has_its_column() {
        let row = |kind, value: Value| typed(kind, &value);
        assert_eq!(row(FieldKind::Text, json!("ÆØ"))[0].text.as_deref(), Some("æø"));
        assert_eq!(row(FieldKind::Choices, json!(["a", "b"])).len(), 2);
        assert_eq!(row(FieldKind::Checkbox, json!(true))[0].text.as_deref(), Some("true"));
        assert_eq!(row(FieldKind::Instant, json!("1970-01-01T00:00:01Z"))[0].instant, Some(1_000_000));
        assert_eq!(row(FieldKind::Person, json!(Uuid::nil()))[0].reference, Some(Uuid::nil()));
    }
}
