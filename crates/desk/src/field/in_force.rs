//! Fields as they are defined now: read from their documents, kept in memory.

use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use catalog::document::{self, Head};
use domain::query::fold;
use platform::{DbError, Sql};

use super::definition::FieldBody;

/// Kind of the documents that hold definitions.
pub(crate) const FIELD: &str = "field";

/// A field as it is defined now.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Defined {
    pub key: String,
    pub version: i64,
    pub body: FieldBody,
}

/// The versions that were read, and what they say.
type Read = (Vec<Head>, Arc<Vec<Defined>>);

/// What was read last. One suffices: it changes when somebody edits a definition.
static LAST: LazyLock<Mutex<Option<Read>>> = LazyLock::new(|| Mutex::new(None));

/// All fields, by name. Reads documents only when one of them changed since the last time.
pub(crate) async fn in_force(sql: &impl Sql) -> Result<Arc<Vec<Defined>>, DbError> {
    let heads = document::heads(sql, &[FIELD]).await?;
    if heads.is_empty() {
        return Ok(Arc::default());
    }
    {
        let last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, fields)) = last.as_ref()
            && *known == heads
        {
            return Ok(fields.clone());
        }
    }
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
    let fields = Arc::new(fields);
    *LAST.lock().unwrap_or_else(PoisonError::into_inner) = Some((heads, fields.clone()));
    Ok(fields)
}
