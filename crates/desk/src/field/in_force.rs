//! Fields as they are defined now: read from their documents, kept in memory.

use std::sync::Arc;

use catalog::document::{self, Kept};
use domain::query::fold;
use platform::{DbError, Sql};

use super::definition::FieldBody;
use crate::CONFIGURATION;

/// Kind of the documents that hold definitions.
pub(crate) const FIELD: &str = "field";

/// A field as it is defined now.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Defined {
    pub key: String,
    pub version: i64,
    pub body: FieldBody,
}

static FIELDS: Kept<Vec<Defined>> = Kept::new(&[FIELD], &CONFIGURATION);

/// All fields, by name. Reads documents only when one of them changed since the last time.
pub(crate) async fn in_force(sql: &impl Sql) -> Result<Arc<Vec<Defined>>, DbError> {
    FIELDS.now(sql, read(sql)).await
}

async fn read(sql: &impl Sql) -> Result<Vec<Defined>, DbError> {
    let mut fields = Vec::new();
    for document in document::list_current(sql, FIELD).await? {
        // One that was taken away has an empty body.
        if document.body.is_null() {
            continue;
        }
        let body = serde_json::from_value(document.body)
            .map_err(|error| DbError::Corrupt(format!("field {}: {error}", document.key)))?;
        fields.push(Defined { key: document.key, version: document.version, body });
    }
    fields.sort_by_key(|field| fold(&field.body.name));
    Ok(fields)
}
