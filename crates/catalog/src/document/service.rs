//! Writing and restoring documents.

use kernel::{Actor, Event, Page, PageRequest, Permission, RecordKind};
use platform::db::{Lane, Tx};
use platform::history::shown_actors;
use platform::{App, Ctx, Sql};
use serde_json::{Value, json};

use super::kept;
use super::store::{self, VersionRow};
use super::{Document, DocumentDto, DocumentError, DocumentVersionDto, Kinds};

/// Puts `body` into force under `(kind, key)` as the next version, and gives the document as it then is.
/// `expected` is the version that the caller read (0 for "does not exist yet"); another one by now is a conflict.
/// A body equal to the current one adds nothing.
pub async fn write(
    tx: &mut Tx,
    kind: &str,
    key: &str,
    schema_version: i64,
    body: Value,
    expected: Option<i64>,
) -> Result<Document, DocumentError> {
    let new_id = tx.new_id();
    let head = store::lock_head(tx, new_id, kind, key).await?;
    if expected.is_some_and(|expected| expected != head.version) {
        return Err(DocumentError::VersionConflict { current: head.version });
    }
    if head.version > 0
        && let Some(same) = store::current(&*tx, kind, key).await?
        && same.body == body
        && same.schema_version == schema_version
    {
        return Ok(same);
    }
    let document = Document {
        id: head.id,
        kind: kind.to_owned(),
        key: key.to_owned(),
        version: head.version + 1,
        schema_version,
        body,
    };
    let actor = tx.ctx().actor.clone();
    kept::writes(tx.memory());
    store::insert_version(tx, &document, &actor).await?;
    tx.emit(Event::new(
        "DocumentChanged",
        RecordKind::DOCUMENT,
        document.id,
        document.version,
        json!({"kind": kind, "key": key, "changes": {"version": {"before": head.version, "after": document.version}}}),
    ));
    Ok(document)
}

/// The current version; writes `body` as version 1 first when the document does not exist.
pub async fn write_if_absent(
    tx: &mut Tx,
    kind: &str,
    key: &str,
    schema_version: i64,
    body: Value,
) -> Result<Document, DocumentError> {
    match store::current(&*tx, kind, key).await? {
        Some(document) => Ok(document),
        None => match write(tx, kind, key, schema_version, body, Some(0)).await {
            // Another node wrote it while we waited for the head row.
            Err(DocumentError::VersionConflict { .. }) => {
                store::current(&*tx, kind, key).await?.ok_or(DocumentError::NotFound)
            }
            done => done,
        },
    }
}

/// Brings an old version back: its body becomes the newest version, by the checks of its kind.
pub async fn restore(
    app: &App,
    ctx: &Ctx,
    kinds: &Kinds,
    kind: &str,
    key: &str,
    version: i64,
) -> Result<(), DocumentError> {
    ctx.require(Permission::HistoryRead)?;
    let known = kinds.find(kind).ok_or_else(|| DocumentError::NotRestorable(kind.to_owned()))?;
    ctx.require(known.manage())?;
    let old = store::version_of(&app.db.read(), kind, key, version).await?.ok_or(DocumentError::NotFound)?;
    let key = key.to_owned();
    app.db
        .write(ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                known.put(tx, &key, old.body).await?;
                tx.emit(Event::new(
                    "DocumentRestored",
                    RecordKind::DOCUMENT,
                    old.id,
                    old.version,
                    json!({"kind": old.kind, "key": key, "restored_version": old.version}),
                ));
                Ok::<_, DocumentError>(())
            })
        })
        .await
}

/// The given version, or the newest.
pub(super) async fn find(
    app: &App,
    ctx: &Ctx,
    kind: &str,
    key: &str,
    version: Option<i64>,
) -> Result<DocumentDto, DocumentError> {
    ctx.require(Permission::HistoryRead)?;
    let row = store::find_authored(&app.db.read(), kind, key, version).await?.ok_or(DocumentError::NotFound)?;
    let actor = shown_actors(app, &ctx.scope, &[row.actor()]).await?.pop().ok_or(DocumentError::NotFound)?;
    Ok(row.whole(actor))
}

/// Versions, newest first.
pub(super) async fn versions(
    app: &App,
    ctx: &Ctx,
    kind: &str,
    key: &str,
    page: PageRequest,
) -> Result<Page<DocumentVersionDto>, DocumentError> {
    ctx.require(Permission::HistoryRead)?;
    let sql = app.db.read();
    let rows = store::list_versions(&sql, kind, key, page).await?;
    if rows.is_empty() && store::current(&sql, kind, key).await?.is_none() {
        return Err(DocumentError::NotFound);
    }
    let actors: Vec<Actor> = rows.iter().map(VersionRow::actor).collect();
    let rows: Vec<_> = rows.into_iter().zip(shown_actors(app, &ctx.scope, &actors).await?).collect();
    Ok(page.page(rows, |(row, _)| row.seq, |(row, actor)| row.summary(actor)))
}
