//! Reading notifications, marking them, and choosing what to be told.

use std::collections::BTreeMap;

use jiff::Timestamp;
use kernel::{Event, FieldError, PageRequest, Permission, PersonId, RecordKind, Scope, micros};
use platform::history::ShownActor;
use platform::{App, Ctx, Lane, Tx};
use serde_json::json;
use uuid::Uuid;

use super::error::NotificationError;
use super::store::{self, NotificationRow};
use super::{Choice, Choices, Sources, Words, jobs, words};
use crate::person;

/// Most notifications that one call marks by id.
const MARKED_MAX: usize = 200;

/// Which notifications to mark as read.
#[derive(Clone, Debug)]
pub(super) enum Marked {
    /// These.
    Some(Vec<Uuid>),
    /// All up to an instant.
    Until(Timestamp),
}

/// A page of notifications, with what each says; those that the caller may no longer see have no words.
pub(super) struct Found {
    pub items: Vec<(NotificationRow, ShownActor, Option<Words>)>,
    pub next: Option<String>,
    pub unread: i64,
}

fn own(ctx: &Ctx) -> Result<PersonId, NotificationError> {
    ctx.require(Permission::OwnProfile)?;
    ctx.person().ok_or(NotificationError::NoPerson)
}

/// The caller's notifications, newest first.
pub(super) async fn list(
    app: &App,
    ctx: &Ctx,
    sources: &Sources,
    unread: bool,
    page: PageRequest,
) -> Result<Found, NotificationError> {
    let me = own(ctx)?;
    let sql = app.db.read();
    let rows = store::list(&sql, me, unread, page.before_or_max(), i64::from(page.limit) + 1).await?;
    let page = page.page(rows, |row| row.seq, |row| row);
    let actors = words::actors(app, &ctx.scope, &page.items).await?;
    let mut worded = words::of_rows(app, ctx, sources, &page.items, &actors).await?;
    let items = page.items.into_iter().zip(actors);
    let items = items.map(|(row, actor)| {
        let words = worded.remove(&row.id);
        (row, actor, words)
    });
    Ok(Found { items: items.collect(), next: page.next, unread: store::count_unread(&sql, me).await? })
}

/// Tells the person's other browsers that something was read.
fn emit_read(tx: &mut Tx, me: PersonId, changed: u64) {
    if changed > 0 {
        let version = micros(tx.now());
        let facts = json!({"count": changed});
        tx.emit(Event::new("NotificationsRead", RecordKind::NOTIFICATION, me, version, facts));
    }
}

fn few(ids: &[Uuid]) -> Result<(), NotificationError> {
    if ids.len() <= MARKED_MAX {
        return Ok(());
    }
    let message = format!("Name at most {MARKED_MAX} notifications.");
    Err(NotificationError::Invalid(vec![FieldError::new("ids", message)]))
}

/// Marks notifications of the caller as read, and gives how many are not.
pub(super) async fn read(app: &App, ctx: &Ctx, marked: Marked) -> Result<i64, NotificationError> {
    let me = own(ctx)?;
    if let Marked::Some(ids) = &marked {
        few(ids)?;
    }
    app.db
        .write(ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                let changed = match marked {
                    Marked::Some(ids) => store::mark(tx, me, &ids, Some(tx.now())).await?,
                    Marked::Until(until) => store::mark_until(tx, me, until).await?,
                };
                if changed > 0 {
                    jobs::plan_sweep(tx, jobs::READ_KEPT).await?;
                }
                emit_read(tx, me, changed);
                Ok(store::count_unread(&*tx, me).await?)
            })
        })
        .await
}

/// Marks notifications of the caller as not read, and gives how many are not.
pub(super) async fn unread(app: &App, ctx: &Ctx, ids: Vec<Uuid>) -> Result<i64, NotificationError> {
    let me = own(ctx)?;
    few(&ids)?;
    app.db
        .write(ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                let changed = store::mark(tx, me, &ids, None).await?;
                emit_read(tx, me, changed);
                Ok(store::count_unread(&*tx, me).await?)
            })
        })
        .await
}

/// The caller's own choices and their version; version 0 when they never chose.
pub(super) async fn choices(app: &App, ctx: &Ctx) -> Result<(Choices, i64), NotificationError> {
    let found = store::list_choices(&app.db.read(), &[own(ctx)?]).await?.pop();
    Ok(found.map_or_else(Default::default, |(_, choices, version)| (choices, version)))
}

/// Changes the caller's choices; topics that are not named stay.
pub(super) async fn choose(
    app: &App,
    ctx: &Ctx,
    sources: &Sources,
    chosen: BTreeMap<String, Choice>,
    expected: Option<i64>,
) -> Result<(), NotificationError> {
    let me = own(ctx)?;
    let unknown = chosen.keys().filter(|key| sources.topics().all(|topic| topic.key != key.as_str()));
    let wrong: Vec<FieldError> =
        unknown.map(|key| FieldError::new(format!("choices.{key}"), "There is no such event.")).collect();
    if !wrong.is_empty() {
        return Err(NotificationError::Invalid(wrong));
    }
    app.db
        .write(ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                let found = person::store::find_for_update(tx, &Scope::Customer(me), me).await?;
                found.ok_or(NotificationError::NoPerson)?;
                let before = store::list_choices(&*tx, &[me]).await?.pop();
                let (mut choices, version) =
                    before.map_or_else(Default::default, |(_, choices, version)| (choices, version));
                if expected.is_some_and(|expected| expected != version) {
                    return Err(NotificationError::VersionConflict { current: version });
                }
                let old = choices.clone();
                choices.extend(chosen);
                if choices == old {
                    return Ok(());
                }
                store::put_choices(tx, me, &choices, version + 1).await?;
                let record_version = person::store::touch(tx, me).await?;
                let data = json!({"changes": {"notification_choices": {"before": old, "after": choices}}});
                tx.emit(Event::new("NotificationChoicesChanged", RecordKind::PERSON, me, record_version, data));
                Ok(())
            })
        })
        .await
}
