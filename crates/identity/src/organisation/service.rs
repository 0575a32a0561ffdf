//! Reading and setting the organisation.

use kernel::{Event, Permission, RecordKind};
use platform::{App, Ctx, DbError, Lane, Sql};
use uuid::Uuid;

use super::OrganisationError;
use super::store::{self, OrganisationRow};
use crate::person::{Changes, check_locale, check_time_zone};

/// What new people begin with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organisation {
    /// IANA name of the time zone.
    pub time_zone: String,
    /// BCP 47 tag of the language.
    pub locale: String,
    /// Counts the changes; 0 when nobody has set it.
    pub version: i64,
}

/// The organisation; UTC and English where nobody has set it.
///
/// # Errors
/// When the database fails.
pub async fn find(sql: &impl Sql) -> Result<Organisation, DbError> {
    let found = store::find(sql).await?;
    let (time_zone, locale, version) = match found {
        Some(row) => (row.time_zone, row.locale, row.version),
        None => ("UTC".to_owned(), "en".to_owned(), 0),
    };
    Ok(Organisation { time_zone, locale, version })
}

/// As [`find`], for administrators.
pub(super) async fn get(app: &App, ctx: &Ctx) -> Result<Organisation, OrganisationError> {
    ctx.require(Permission::SystemManage)?;
    Ok(find(&app.db.read()).await?)
}

/// Sets the organisation.
pub(super) async fn set(
    app: &App,
    ctx: &Ctx,
    time_zone: &str,
    locale: &str,
    expected: Option<i64>,
) -> Result<(), OrganisationError> {
    ctx.require(Permission::SystemManage)?;
    let (time_zone, locale) = match (check_time_zone(time_zone, "time_zone"), check_locale(locale, "locale")) {
        (Ok(time_zone), Ok(locale)) => (time_zone, locale),
        (zone, tag) => return Err(OrganisationError::Invalid(zone.err().into_iter().chain(tag.err()).collect())),
    };
    app.db
        .write(ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                let before = find(&*tx).await?;
                if expected.is_some_and(|expected| expected != before.version) {
                    return Err(OrganisationError::VersionConflict { current: before.version });
                }
                let mut changes = Changes::default();
                changes.field("time_zone", &before.time_zone, &time_zone);
                changes.field("locale", &before.locale, &locale);
                // What was never set is set by saying that it is right.
                if changes.is_empty() && before.version > 0 {
                    return Ok(());
                }
                let version = before.version + 1;
                store::put(tx, &OrganisationRow { time_zone, locale, version }).await?;
                tx.emit(Event::new(
                    "OrganisationChanged",
                    RecordKind::ORGANISATION,
                    Uuid::nil(),
                    version,
                    changes.data(),
                ));
                Ok(())
            })
        })
        .await
}

/// The name in the configuration, and the rest.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
#[schema(as = Organisation)]
pub(super) struct OrganisationDto {
    /// Its name, from the configuration.
    name: String,
    /// IANA zone that new people begin with.
    time_zone: String,
    /// Language tag that new people begin with.
    locale: String,
    /// Counts the changes; 0 when nobody has set it.
    pub version: i64,
}

impl OrganisationDto {
    pub(super) fn of(app: &App, found: Organisation) -> Self {
        let Organisation { time_zone, locale, version } = found;
        Self { name: app.settings.organisation.clone(), time_zone, locale, version }
    }
}
