//! The documents that decide about tickets: workflows and the priority matrix.
//!
//! Both are stored as versioned documents: `workflow/default` and `priority_matrix/default`. They are written with
//! their defaults when the first ticket is opened, or by [`crate::seed`] at the first start.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use catalog::document::{self, Document, DocumentError, DocumentKind, Kept};
use domain::priority::Matrix;
use domain::workflow::Workflow;
use kernel::{FieldError, Permission};
use platform::{DbError, Sql, Tx};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::record::WorkflowRef;
use crate::CONFIGURATION;

/// Kind of the documents that hold workflows.
pub const WORKFLOW: &str = "workflow";
/// Kind of the document that holds the priority matrix.
pub const MATRIX: &str = "priority_matrix";
/// The key of both.
pub const DEFAULT_KEY: &str = "default";
/// Version of the shape of both.
const SCHEMA_VERSION: i64 = 1;

fn body<T: Serialize>(value: &T) -> Result<Value, DbError> {
    serde_json::to_value(value).map_err(|error| DbError::Corrupt(error.to_string()))
}

fn parsed<T: DeserializeOwned>(document: Document) -> Result<T, DbError> {
    let (kind, version) = (document.kind, document.version);
    serde_json::from_value(document.body)
        .map_err(|error| DbError::Corrupt(format!("document {kind}, version {version}: {error}")))
}

/// The workflow that new tickets start with; writes the default one first when there is none.
pub async fn current(tx: &mut Tx) -> Result<(Arc<Workflow>, WorkflowRef), DocumentError> {
    if let Some((flow, origin)) = (*in_force(&*tx).await?).clone() {
        return Ok((flow, origin));
    }
    let default = body(&Workflow::default())?;
    let stored = document::write_if_absent(tx, WORKFLOW, DEFAULT_KEY, SCHEMA_VERSION, default).await?;
    let origin = origin(&stored);
    Ok((Arc::new(parsed(stored)?), origin))
}

/// The default workflow in its newest version.
type Newest = Option<(Arc<Workflow>, WorkflowRef)>;

static NEWEST: Kept<Newest> = Kept::new(&[WORKFLOW], &CONFIGURATION);
static NEWEST_MATRIX: Kept<Option<Arc<Matrix>>> = Kept::new(&[MATRIX], &CONFIGURATION);

fn origin(document: &Document) -> WorkflowRef {
    WorkflowRef { key: document.key.clone(), version: document.version }
}

async fn in_force(sql: &impl Sql) -> Result<Arc<Newest>, DbError> {
    let read = async {
        let Some(stored) = document::current(sql, WORKFLOW, DEFAULT_KEY).await? else { return Ok(None) };
        let origin = origin(&stored);
        Ok(Some((Arc::new(parsed(stored)?), origin)))
    };
    NEWEST.now(sql, read).await
}

/// The matrix in force; writes the default one first when there is none.
pub async fn matrix(tx: &mut Tx) -> Result<Arc<Matrix>, DocumentError> {
    let sql = &*tx;
    let read = async {
        let stored = document::current(sql, MATRIX, DEFAULT_KEY).await?;
        stored.map(|stored| Ok(Arc::new(parsed(stored)?))).transpose()
    };
    if let Some(matrix) = (*NEWEST_MATRIX.now(sql, read).await?).clone() {
        return Ok(matrix);
    }
    let default = body(&Matrix::default())?;
    let stored = document::write_if_absent(tx, MATRIX, DEFAULT_KEY, SCHEMA_VERSION, default).await?;
    Ok(Arc::new(parsed(stored)?))
}

/// The workflow that a ticket started with.
pub async fn of(sql: &impl Sql, origin: &WorkflowRef) -> Result<Arc<Workflow>, DocumentError> {
    if let Some((flow, newest)) = in_force(sql).await?.as_ref()
        && newest == origin
    {
        return Ok(flow.clone());
    }
    let stored = document::version_of(sql, WORKFLOW, &origin.key, origin.version).await?;
    Ok(Arc::new(parsed(stored.ok_or(DocumentError::NotFound)?)?))
}

/// The workflows that several tickets started with, each read once.
pub async fn of_all<'a>(
    sql: &impl Sql,
    origins: impl Iterator<Item = &'a WorkflowRef>,
) -> Result<HashMap<WorkflowRef, Arc<Workflow>>, DocumentError> {
    let mut workflows = HashMap::new();
    for origin in origins {
        if !workflows.contains_key(origin) {
            workflows.insert(origin.clone(), of(sql, origin).await?);
        }
    }
    Ok(workflows)
}

fn wrong_body(error: &serde_json::Error) -> DocumentError {
    DocumentError::Invalid(vec![FieldError::new("body", error.to_string())])
}

/// Restoring old workflows. Tickets keep the version they started with.
pub struct WorkflowKind;

#[async_trait]
impl DocumentKind for WorkflowKind {
    fn kind(&self) -> &'static str {
        WORKFLOW
    }

    fn manage(&self) -> Permission {
        Permission::ProjectsManage
    }

    async fn put(&self, tx: &mut Tx, key: &str, body: Value) -> Result<(), DocumentError> {
        // Reading refuses a workflow that is not sound.
        let _: Workflow = serde_json::from_value(body.clone()).map_err(|error| wrong_body(&error))?;
        document::write(tx, WORKFLOW, key, SCHEMA_VERSION, body, None).await?;
        Ok(())
    }
}

/// Restoring old priority matrices. Tickets keep their priority until impact or urgency changes.
pub struct MatrixKind;

#[async_trait]
impl DocumentKind for MatrixKind {
    fn kind(&self) -> &'static str {
        MATRIX
    }

    fn manage(&self) -> Permission {
        Permission::ProjectsManage
    }

    async fn put(&self, tx: &mut Tx, key: &str, body: Value) -> Result<(), DocumentError> {
        let _: Matrix = serde_json::from_value(body.clone()).map_err(|error| wrong_body(&error))?;
        document::write(tx, MATRIX, key, SCHEMA_VERSION, body, None).await?;
        Ok(())
    }
}
