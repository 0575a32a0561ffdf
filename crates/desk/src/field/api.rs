//! What callers get about custom fields.

use kernel::Action;
use serde::Serialize;
use utoipa::ToSchema;

use super::definition::FieldBody;

/// A custom field.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Field)]
pub(super) struct FieldDto {
    /// What it is called in requests.
    pub key: String,
    /// Counts its definitions.
    pub version: i64,
    /// What it is.
    pub definition: FieldBody,
    /// Whether tickets have values of it: its kind stays then, and options are retired rather than removed.
    pub used: bool,
    /// What this caller may do.
    pub actions: Vec<Action>,
}

/// Custom fields.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Fields)]
pub(super) struct FieldsDto {
    /// By name.
    pub items: Vec<FieldDto>,
}
