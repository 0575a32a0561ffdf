//! Documents over the wire.

use kernel::{Actor, timestamp};
use platform::history::ShownActor;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::store::VersionRow;

/// A version without its body.
#[derive(Debug, Serialize, ToSchema)]
pub struct DocumentVersionDto {
    /// 1, 2, 3 ...
    pub version: i64,
    /// Version of the body's shape.
    pub schema: i64,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub at: jiff::Timestamp,
    /// Who made it.
    pub actor: ShownActor,
}

/// A version with its body.
#[derive(Debug, Serialize, ToSchema)]
pub struct DocumentDto {
    /// What it configures.
    pub kind: String,
    /// Which one of its kind.
    pub key: String,
    /// 1, 2, 3 ...
    pub version: i64,
    /// Version of the body's shape.
    pub schema: i64,
    /// The configuration.
    #[schema(value_type = Object)]
    pub body: Value,
    /// When this version was made.
    #[schema(value_type = String, format = DateTime)]
    pub at: jiff::Timestamp,
    /// Who made it.
    pub actor: ShownActor,
}

impl VersionRow {
    /// Who made it.
    pub fn actor(&self) -> Actor {
        Actor::stored(&self.actor_kind, &self.actor_key)
    }

    /// Without the body.
    pub fn summary(self, actor: ShownActor) -> DocumentVersionDto {
        DocumentVersionDto { version: self.version, schema: self.schema_version, at: timestamp(self.created_at), actor }
    }

    /// With the body.
    pub fn whole(self, actor: ShownActor) -> DocumentDto {
        DocumentDto {
            kind: self.kind,
            key: self.key,
            version: self.version,
            schema: self.schema_version,
            body: self.body,
            at: timestamp(self.created_at),
            actor,
        }
    }
}
