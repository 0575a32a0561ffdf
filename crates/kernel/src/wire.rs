//! Small shapes that many answers of the API share.

use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A record named in the answer about another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Ref {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
}

impl Ref {
    /// A reference to the record `id`.
    pub fn new(id: impl Into<Uuid>, name: impl Into<String>) -> Self {
        Self { id: id.into(), name: name.into() }
    }

    /// Both halves of an outer join: a reference where both are there.
    pub fn joined(id: Option<Uuid>, name: Option<String>) -> Option<Self> {
        Some(Self { id: id?, name: name? })
    }
}

/// Something that may be done to a record, and whether this caller may do it now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Action {
    /// Its name, such as `edit`.
    pub name: String,
    /// Whether the caller may do it now.
    pub allowed: bool,
    /// Why not, when not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Action {
    /// An action that is allowed unless `refusal` says why not.
    pub fn new(name: &str, refusal: Option<String>) -> Self {
        Self { name: name.to_owned(), allowed: refusal.is_none(), reason: refusal }
    }
}

/// Reads a field of a partial change that may be absent (keep), null (clear) or a value (set):
/// `#[serde(default, deserialize_with = "kernel::nullable")] team_id: Option<Option<TeamId>>`.
pub fn nullable<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::<T>::deserialize(deserializer).map(Some)
}
