//! Rows of documents and their versions. Documents are configuration of the whole organisation: they have no owner
//! team, so that the permission on the operation is what limits them.

use kernel::{Actor, PageRequest};
use platform::db::{DbError, FromRow, Sql, Tx};
use platform::params;
use serde_json::Value;
use uuid::Uuid;

use super::Document;

const VERSION_COLUMNS: &str = "d.id, d.kind, d.key, v.version, v.schema_version, v.body";

#[derive(FromRow)]
struct DocumentRow {
    id: Uuid,
    kind: String,
    key: String,
    version: i64,
    schema_version: i64,
    body: Value,
}

impl From<DocumentRow> for Document {
    fn from(row: DocumentRow) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            key: row.key,
            version: row.version,
            schema_version: row.schema_version,
            body: row.body,
        }
    }
}

/// The newest version, if the document exists.
pub async fn current(sql: &impl Sql, kind: &str, key: &str) -> Result<Option<Document>, DbError> {
    let text = format!(
        "SELECT {VERSION_COLUMNS} FROM documents d \
         JOIN document_versions v ON v.document_id = d.id AND v.version = d.version \
         WHERE d.kind = $1 AND d.key = $2"
    );
    Ok(sql.one::<DocumentRow>(&text, params![kind, key]).await?.map(Document::from))
}

/// A given version, if it exists.
pub async fn version_of(sql: &impl Sql, kind: &str, key: &str, version: i64) -> Result<Option<Document>, DbError> {
    let text = format!(
        "SELECT {VERSION_COLUMNS} FROM documents d JOIN document_versions v ON v.document_id = d.id \
         WHERE d.kind = $1 AND d.key = $2 AND v.version = $3"
    );
    Ok(sql.one::<DocumentRow>(&text, params![kind, key, version]).await?.map(Document::from))
}

/// The newest version of every document of a kind, by key.
pub async fn list_current(sql: &impl Sql, kind: &str) -> Result<Vec<Document>, DbError> {
    let text = format!(
        "SELECT {VERSION_COLUMNS} FROM documents d \
         JOIN document_versions v ON v.document_id = d.id AND v.version = d.version \
         WHERE d.kind = $1 ORDER BY d.key"
    );
    Ok(sql.all::<DocumentRow>(&text, params![kind]).await?.into_iter().map(Document::from).collect())
}

/// Which version of a document is in force.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Head {
    /// Names the document over all its versions.
    pub id: Uuid,
    /// What it configures.
    pub kind: String,
    /// Which one of its kind.
    pub key: String,
    /// Its newest version.
    pub version: i64,
}

/// The heads of all documents of these kinds, without their bodies.
pub(super) async fn heads(sql: &impl Sql, kinds: &[&str]) -> Result<Vec<Head>, DbError> {
    let text = format!(
        "SELECT id, kind, key, version FROM documents WHERE version > 0 AND kind IN ({}) ORDER BY kind, key",
        platform::db::placeholders(1, kinds.len())
    );
    sql.all(&text, kinds.iter().map(|kind| sea_orm::Value::from(*kind)).collect()).await
}

/// A version with who made it and when.
#[derive(FromRow)]
pub(super) struct VersionRow {
    pub seq: i64,
    pub kind: String,
    pub key: String,
    pub version: i64,
    pub schema_version: i64,
    pub body: Value,
    pub actor_kind: String,
    pub actor_key: String,
    pub created_at: i64,
}

const AUTHORED_COLUMNS: &str = "v.seq, d.kind, d.key, v.version, v.schema_version, v.body, v.actor_kind, v.actor_key, \
     v.created_at";

/// Versions of a document, newest first.
pub(super) async fn list_versions(
    sql: &impl Sql,
    kind: &str,
    key: &str,
    page: PageRequest,
) -> Result<Vec<VersionRow>, DbError> {
    let text = format!(
        "SELECT {AUTHORED_COLUMNS} FROM documents d JOIN document_versions v ON v.document_id = d.id \
         WHERE d.kind = $1 AND d.key = $2 AND v.seq < $3 ORDER BY v.seq DESC LIMIT $4"
    );
    sql.all(&text, params![kind, key, page.before_or_max(), i64::from(page.limit) + 1]).await
}

/// A version with its author: the given one, or the newest.
pub(super) async fn find_authored(
    sql: &impl Sql,
    kind: &str,
    key: &str,
    version: Option<i64>,
) -> Result<Option<VersionRow>, DbError> {
    let text = format!(
        "SELECT {AUTHORED_COLUMNS} FROM documents d JOIN document_versions v ON v.document_id = d.id \
         WHERE d.kind = $1 AND d.key = $2 AND v.version = COALESCE($3, d.version)"
    );
    sql.one(&text, params![kind, key, version]).await
}

#[derive(FromRow)]
pub(super) struct HeadRow {
    pub id: Uuid,
    pub version: i64,
}

/// Locks the document's head row, making it at version 0 when the document is new.
pub(super) async fn lock_head(tx: &Tx, new_id: Uuid, kind: &str, key: &str) -> Result<HeadRow, DbError> {
    tx.execute(
        "INSERT INTO documents (id, kind, key, version) VALUES ($1, $2, $3, 0) ON CONFLICT (kind, key) DO NOTHING",
        params![new_id, kind, key],
    )
    .await?;
    let text = format!("SELECT id, version FROM documents WHERE kind = $1 AND key = $2{}", tx.for_update());
    let head = tx.one(&text, params![kind, key]).await?;
    Ok(head.unwrap_or(HeadRow { id: new_id, version: 0 }))
}

/// Adds a version and moves the head to it.
pub(super) async fn insert_version(tx: &Tx, document: &Document, actor: &Actor) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO document_versions \
         (document_id, version, schema_version, body, actor_kind, actor_key, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        params![
            document.id,
            document.version,
            document.schema_version,
            document.body.clone(),
            actor.kind(),
            actor.key(),
            tx.now()
        ],
    )
    .await?;
    tx.execute("UPDATE documents SET version = $1 WHERE id = $2", params![document.version, document.id]).await?;
    Ok(())
}
