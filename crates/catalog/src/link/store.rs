//! Rows of links. Who may see a link depends on the records at its ends, which other slices own: the service asks
//! for their titles under the caller's scope.

use platform::db::FromRow;
use platform::{DbError, Sql, Tx, params};
use uuid::Uuid;

use super::{End, LinkType};

/// A link as stored.
#[derive(Clone, Debug, FromRow)]
pub(super) struct LinkRow {
    pub id: Uuid,
    pub link_type: String,
    pub from_kind: String,
    pub from_id: Uuid,
    pub to_kind: String,
    pub to_id: Uuid,
}

const COLUMNS: &str = "id, type AS link_type, from_kind, from_id, to_kind, to_id";

/// The links of a record in either direction, oldest first; at most 500.
pub(super) async fn list_of(sql: &impl Sql, end: &End) -> Result<Vec<LinkRow>, DbError> {
    let text = format!(
        "SELECT {COLUMNS} FROM links WHERE (from_kind = $1 AND from_id = $2) OR (to_kind = $1 AND to_id = $2) \
         ORDER BY seq LIMIT 500"
    );
    sql.all(&text, params![&end.kind, end.id]).await
}

/// One link.
pub(super) async fn find(sql: &impl Sql, id: Uuid) -> Result<Option<LinkRow>, DbError> {
    sql.one(&format!("SELECT {COLUMNS} FROM links WHERE id = $1"), params![id]).await
}

/// The link of this type from one record to the other.
pub(super) async fn find_same(
    sql: &impl Sql,
    link_type: LinkType,
    from: &End,
    to: &End,
) -> Result<Option<LinkRow>, DbError> {
    let text = format!(
        "SELECT {COLUMNS} FROM links \
         WHERE from_kind = $1 AND from_id = $2 AND type = $3 AND to_kind = $4 AND to_id = $5"
    );
    sql.one(&text, params![&from.kind, from.id, link_type.as_str(), &to.kind, to.id]).await
}

/// Adds a link; gives whether it is new.
pub(super) async fn insert(tx: &Tx, id: Uuid, link_type: LinkType, from: &End, to: &End) -> Result<bool, DbError> {
    let added = tx
        .execute(
            "INSERT INTO links (id, type, from_kind, from_id, to_kind, to_id, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (from_kind, from_id, type, to_kind, to_id) DO NOTHING",
            params![id, link_type.as_str(), &from.kind, from.id, &to.kind, to.id, tx.now()],
        )
        .await?;
    Ok(added > 0)
}

/// Removes a link; gives whether it was there.
pub(super) async fn delete(tx: &Tx, id: Uuid) -> Result<bool, DbError> {
    Ok(tx.execute("DELETE FROM links WHERE id = $1", params![id]).await? > 0)
}
