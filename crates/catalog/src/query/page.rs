//! Parameters and cursors.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::query::{self, Condition, Param, Plan};
use kernel::FieldError;

/// How the driver takes a parameter of a plan.
pub fn driver(param: &Param) -> sea_orm::Value {
    match param {
        Param::Text(text) => text.clone().into(),
        Param::Integer(number) => (*number).into(),
        Param::Number(number) => (*number).into(),
        Param::Flag(flag) => (*flag).into(),
        Param::Id(id) => (*id).into(),
    }
}

/// A cursor as clients keep it.
pub fn cursor_text(keys: &[Option<Param>]) -> String {
    let json = serde_json::to_vec(keys).unwrap_or_default();
    URL_SAFE_NO_PAD.encode(json)
}

/// Where a page begins.
///
/// # Errors
/// When the cursor is not one of ours, or of another order.
pub fn page_after(plan: &Plan, cursor: Option<&str>) -> Result<Option<Condition>, FieldError> {
    let Some(cursor) = cursor else { return Ok(None) };
    let keys = URL_SAFE_NO_PAD.decode(cursor).ok();
    let keys = keys.and_then(|json| serde_json::from_slice::<Vec<Option<Param>>>(&json).ok());
    let condition = keys.and_then(|keys| query::after(&plan.order, &keys));
    let message = "This is not one of ours, or of another order; pass `next` of the page before.";
    condition.map(Some).ok_or_else(|| FieldError::new("cursor", message))
}
