//! Adding, removing and showing links.

use std::collections::HashMap;

use kernel::{Event, FieldError, LinkId, Permission, RecordKind};
use platform::{App, Ctx, DbError, Lane, Title, Tx};
use serde_json::json;
use uuid::Uuid;

use super::store::{self, LinkRow};
use super::{End, LinkError, LinkType};

/// What seeing and changing links of this kind of record needs; nothing for kinds that have no links.
fn needed(kind: &str) -> Option<(Permission, Permission)> {
    match kind {
        "ticket" => Some((Permission::TicketsRead, Permission::TicketsWrite)),
        "alert" => Some((Permission::AlertsRead, Permission::AlertsWrite)),
        "service" => Some((Permission::ServicesRead, Permission::ServicesManage)),
        _ => None,
    }
}

fn permissions_of(field: &str, end: &End) -> Result<(Permission, Permission), LinkError> {
    needed(&end.kind).ok_or_else(|| {
        let message = format!("Records of kind {} cannot be linked; use ticket, alert or service.", end.kind);
        LinkError::Invalid(vec![FieldError::new(format!("{field}.kind"), message)])
    })
}

/// Links two records that the caller may see. Linking them again gives the same link.
pub async fn add(app: &App, ctx: &Ctx, link_type: LinkType, from: End, to: End) -> Result<LinkId, LinkError> {
    ctx.require(permissions_of("from", &from)?.1)?;
    ctx.require(permissions_of("to", &to)?.0)?;
    if from == to {
        return Err(LinkError::Invalid(vec![FieldError::new("to", "A record cannot be linked to itself.")]));
    }
    for (field, end) in [("from", &from), ("to", &to)] {
        let known = app.records.titles(&app.db.read(), &ctx.scope, &end.kind, &[end.id]).await?;
        if !known.contains_key(&end.id) {
            let message = format!("There is no such {}.", end.kind);
            return Err(LinkError::Invalid(vec![FieldError::new(field, message)]));
        }
    }
    app.db
        .write_once(ctx, "link.add", Lane::Front, move |tx| {
            Box::pin(async move { Ok(add_in(tx, link_type, &from, &to).await?) })
        })
        .await
}

/// As [`add`], inside a transaction whose caller has authorised it.
///
/// # Errors
/// When the database fails.
pub async fn add_in(tx: &mut Tx, link_type: LinkType, from: &End, to: &End) -> Result<LinkId, DbError> {
    let id = LinkId(tx.new_id());
    if !store::insert(tx, id.0, link_type, from, to).await? {
        let same = store::find_same(&*tx, link_type, from, to).await?;
        return Ok(same.map_or(id, |row| LinkId(row.id)));
    }
    let data = json!({"type": link_type, "from": from, "to": to});
    tx.emit(Event::new("LinkAdded", RecordKind::LINK, id, 1, data));
    Ok(id)
}

/// Removes a link between records that the caller may see.
pub async fn remove(app: &App, ctx: &Ctx, id: LinkId) -> Result<(), LinkError> {
    let row = store::find(&app.db.read(), id.0).await?.ok_or(LinkError::NotFound)?;
    if let Some((_, write)) = needed(&row.from_kind) {
        ctx.require(write)?;
    }
    let row = visible(app, ctx, vec![row]).await?.pop().ok_or(LinkError::NotFound)?.row;
    app.db
        .write(ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                if !store::delete(tx, row.id).await? {
                    return Err(LinkError::NotFound);
                }
                let from = End { kind: row.from_kind, id: row.from_id };
                let to = End { kind: row.to_kind, id: row.to_id };
                let data = json!({"type": row.link_type, "from": from, "to": to});
                tx.emit(Event::new("LinkRemoved", RecordKind::LINK, row.id, 2, data));
                Ok(())
            })
        })
        .await
}

/// A link whose ends the caller may see.
pub(super) struct Visible {
    pub row: LinkRow,
    pub from: Title,
    pub to: Title,
}

/// The links of one record.
pub(super) async fn list(app: &App, ctx: &Ctx, end: &End) -> Result<Vec<Visible>, LinkError> {
    ctx.require(permissions_of("record", end)?.0)?;
    let rows = store::list_of(&app.db.read(), end).await?;
    visible(app, ctx, rows).await
}

async fn visible(app: &App, ctx: &Ctx, rows: Vec<LinkRow>) -> Result<Vec<Visible>, LinkError> {
    let mut by_kind: HashMap<&str, Vec<Uuid>> = HashMap::new();
    for row in &rows {
        by_kind.entry(&row.from_kind).or_default().push(row.from_id);
        by_kind.entry(&row.to_kind).or_default().push(row.to_id);
    }
    let mut titles: HashMap<(String, Uuid), Title> = HashMap::new();
    for (kind, mut ids) in by_kind {
        if needed(kind).is_none_or(|(read, _)| !ctx.allows(read)) {
            continue;
        }
        ids.sort_unstable();
        ids.dedup();
        let known = app.records.titles(&app.db.read(), &ctx.scope, kind, &ids).await?;
        titles.extend(known.into_iter().map(|(id, title)| ((kind.to_owned(), id), title)));
    }
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            let from = titles.get(&(row.from_kind.clone(), row.from_id))?.clone();
            let to = titles.get(&(row.to_kind.clone(), row.to_id))?.clone();
            Some(Visible { row, from, to })
        })
        .collect())
}
