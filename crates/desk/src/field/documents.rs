//! The documents that hold definitions, and what they must be before they count.

use std::collections::BTreeSet;

use async_trait::async_trait;
use catalog::document::{self, Document, DocumentError, DocumentKind};
use domain::query::FieldName;
use kernel::{FieldError, Permission, ProjectId, Scope};
use platform::{DbError, Sql, Tx};
use serde_json::Value;

use super::definition::{FieldBody, key_complaint};
use super::in_force::FIELD;
use super::store;
use crate::ticket;
use crate::ticket::vocabulary::custom_field_key;

/// Version of the shape of definitions.
const SCHEMA_VERSION: i64 = 1;

/// Puts a definition into force.
pub(super) async fn put_field(
    tx: &mut Tx,
    key: &str,
    mut body: FieldBody,
    expected: Option<i64>,
) -> Result<Document, DocumentError> {
    body.name = body.name.trim().to_owned();
    let mut wrong: Vec<FieldError> = key_complaint(key).into_iter().chain(body.complaints()).collect();
    if wrong.is_empty() {
        wrong = conflicts(&*tx, key, &body).await?;
    }
    if !wrong.is_empty() {
        return Err(DocumentError::Invalid(wrong));
    }
    let stored = serde_json::to_value(&body).map_err(|error| DbError::Corrupt(error.to_string()))?;
    document::write(tx, FIELD, key, SCHEMA_VERSION, stored, expected).await
}

/// Says in a new version that the field is gone. Its values stay, and come back with it.
pub(super) async fn delete(tx: &mut Tx, key: &str, expected: Option<i64>) -> Result<(), DocumentError> {
    document::write(tx, FIELD, key, SCHEMA_VERSION, Value::Null, expected).await.map(drop)
}

/// What the field was when it last was there.
async fn last(sql: &impl Sql, key: &str) -> Result<Option<FieldBody>, DbError> {
    let Some(mut found) = document::current(sql, FIELD, key).await? else { return Ok(None) };
    if found.body.is_null() {
        // Taking away adds one version, so the one before has a body.
        match document::version_of(sql, FIELD, key, found.version - 1).await? {
            Some(before) => found = before,
            None => return Ok(None),
        }
    }
    serde_json::from_value(found.body).map(Some).map_err(|error| DbError::Corrupt(format!("field {key}: {error}")))
}

/// What does not fit with what is there already.
async fn conflicts(sql: &impl Sql, key: &str, body: &FieldBody) -> Result<Vec<FieldError>, DbError> {
    let mut wrong = Vec::new();
    let vocabulary = ticket::query::vocabulary(sql, &Scope::All).await?;
    let taken = |name: &str| {
        let found = vocabulary.find(&FieldName::Named(name.to_owned()));
        found.is_some_and(|found| custom_field_key(&found.key).is_none_or(|(_, other)| other != key))
    };
    if taken(&body.name) {
        wrong.push(FieldError::new("name", "Queries call something else by this name; choose another."));
    }
    if taken(key) {
        wrong.push(FieldError::new("key", "Queries call something else by this key; choose another."));
    }
    let projects: BTreeSet<ProjectId> = body.projects.iter().copied().collect();
    if !projects.is_empty() && store::count_projects(sql, &projects).await? != projects.len() {
        wrong.push(FieldError::new("projects", "One of the projects does not exist."));
    }
    if let Some(before) = last(sql, key).await? {
        if before.kind != body.kind && store::is_used(sql, key).await? {
            let message = "Tickets have values of the kind that it has now; make another field.";
            wrong.push(FieldError::new("kind", message));
        }
        let gone = before.options.iter().map(|option| option.key.as_str()).filter(|key| body.option(key).is_none());
        let gone: Vec<&str> = gone.collect();
        let used = store::options_in_use(sql, key, &gone).await?;
        if !used.is_empty() {
            let message = format!("Tickets have these options: {}. Retire them instead.", used.join(", "));
            wrong.push(FieldError::new("options", message));
        }
    }
    Ok(wrong)
}

/// Restoring old versions of definitions.
pub struct FieldDocuments;

#[async_trait]
impl DocumentKind for FieldDocuments {
    fn kind(&self) -> &'static str {
        FIELD
    }

    fn manage(&self) -> Permission {
        Permission::FieldsManage
    }

    async fn put(&self, tx: &mut Tx, key: &str, body: Value) -> Result<(), DocumentError> {
        let wrong = |error: serde_json::Error| DocumentError::Invalid(vec![FieldError::new("body", error.to_string())]);
        let body: FieldBody = serde_json::from_value(body).map_err(wrong)?;
        put_field(tx, key, body, None).await.map(drop)
    }
}
