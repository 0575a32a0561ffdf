//! Reading and changing the organisation.

use kernel::{Event, Permission, RecordKind};
use platform::{DbError, Settings, Sql, Tx};
use serde_json::json;
use uuid::Uuid;

use super::{Organisation, OrganisationError, store};
use crate::person::{check_locale, check_name, check_time_zone};

/// The organisation as it is.
///
/// # Errors
/// When the database fails.
pub async fn current(sql: &impl Sql, settings: &Settings) -> Result<Organisation, DbError> {
    Ok(find(sql).await?.unwrap_or_else(|| Organisation { name: settings.organisation.clone(), ..unchanged() }))
}

/// What somebody made of it, if anybody did.
pub(crate) async fn find(sql: &impl Sql) -> Result<Option<Organisation>, DbError> {
    store::find(sql).await
}

/// What it is before anybody changed it, but for its name.
pub(crate) fn unchanged() -> Organisation {
    Organisation { name: String::new(), time_zone: "UTC".to_owned(), locale: "en".to_owned(), version: 0 }
}

/// Changes it; `expected` is the version that the caller read. Gives what it was and what it is.
///
/// # Errors
/// When a field is wrong, the caller may not, or somebody was faster.
pub async fn put_in(
    tx: &mut Tx,
    settings: &Settings,
    new: Organisation,
    expected: Option<i64>,
) -> Result<(Organisation, Organisation), OrganisationError> {
    tx.ctx().require(Permission::SystemManage)?;
    let before = current(&*tx, settings).await?;
    if expected.is_some_and(|version| version != before.version) {
        return Err(OrganisationError::Stale);
    }
    let mut wrong = Vec::new();
    let mut keep = |checked: Result<String, _>| checked.map_err(|error| wrong.push(error)).unwrap_or_default();
    let after = Organisation {
        name: keep(check_name(&new.name, "name")),
        time_zone: keep(check_time_zone(&new.time_zone, "time_zone")),
        locale: keep(check_locale(&new.locale, "locale")),
        version: before.version + 1,
    };
    if !wrong.is_empty() {
        return Err(OrganisationError::Invalid(wrong));
    }
    if !store::put(tx, &after).await? {
        return Err(OrganisationError::Stale);
    }
    let mut changes = serde_json::Map::new();
    for (field, before, after) in [
        ("name", &before.name, &after.name),
        ("time_zone", &before.time_zone, &after.time_zone),
        ("locale", &before.locale, &after.locale),
    ] {
        if before != after {
            changes.insert(field.to_owned(), json!({ "before": before, "after": after }));
        }
    }
    let data = json!({ "changes": changes });
    tx.emit(Event::new("OrganisationChanged", RecordKind::SERVER, Uuid::nil(), after.version, data));
    Ok((before, after))
}
