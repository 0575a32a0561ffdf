//! Calendars and service levels: reading, putting into force, removing, trying out.

use domain::calendar::Calendar;
use jiff::SignedDuration;
use kernel::{Action, FieldError, Permission, Ref};
use platform::{App, Ctx, DbError, Lane, Sql};

use super::api::{CalendarDto, CalendarPreview, KeyedRef, PreviewBody, PutSlaBody, Recompute, SlaDto};
use super::documents::{self, CALENDAR, SLA, SlaDocument};
use super::error::SlaConfigError;
use super::store::{self, Wanted};
use super::terms::{InForce, Terms, in_force};

/// Longest time that a preview works out: ten years.
const PREVIEW_MAX_MIN: u32 = 10 * 366 * 24 * 60;
/// How far a preview lists open time, and how much of it.
const PREVIEW_DAYS: i64 = 400;
const PREVIEW_SPANS: usize = 60;

fn refusal(ctx: &Ctx) -> Option<String> {
    let needed = Permission::SlasManage;
    (!ctx.allows(needed)).then(|| format!("This needs the permission {}.", needed.as_str()))
}

fn users<'a>(known: &'a InForce, calendar: &'a str) -> impl Iterator<Item = &'a Terms> {
    let named = move |terms: &&Terms| terms.calendar_keys().any(|key| key == calendar);
    known.slas.iter().map(AsRef::as_ref).filter(named)
}

fn calendar_dto(app: &App, ctx: &Ctx, known: &InForce, key: &str, calendar: &Calendar) -> CalendarDto {
    let used_by: Vec<KeyedRef> =
        users(known, key).map(|terms| KeyedRef { key: terms.key.clone(), name: terms.name().to_owned() }).collect();
    let used = (!used_by.is_empty()).then(|| "SLAs count by it.".to_owned());
    let now = app.now();
    CalendarDto {
        key: key.to_owned(),
        version: known.calendar_versions.get(key).copied().unwrap_or_default(),
        name: calendar.name().to_owned(),
        open_now: calendar.is_open(now),
        next_change: calendar.next_change(now),
        definition: calendar.body().clone(),
        actions: vec![Action::new("edit", refusal(ctx)), Action::new("delete", refusal(ctx).or(used))],
        used_by,
    }
}

/// All calendars, by key.
pub(super) async fn calendars(app: &App, ctx: &Ctx) -> Result<Vec<CalendarDto>, SlaConfigError> {
    ctx.require(Permission::TicketsRead)?;
    let known = in_force(&app.db.read()).await?;
    Ok(known.calendars.iter().map(|(key, calendar)| calendar_dto(app, ctx, &known, key, calendar)).collect())
}

/// One calendar.
pub(super) async fn calendar(app: &App, ctx: &Ctx, key: &str) -> Result<CalendarDto, SlaConfigError> {
    ctx.require(Permission::TicketsRead)?;
    let known = in_force(&app.db.read()).await?;
    let found = known.calendars.get(key).ok_or(SlaConfigError::CalendarNotFound)?;
    Ok(calendar_dto(app, ctx, &known, key, found))
}

/// Puts a calendar into force.
pub(super) async fn put_calendar(
    app: &App,
    ctx: &Ctx,
    key: String,
    body: domain::calendar::CalendarBody,
    expected: Option<i64>,
) -> Result<(), SlaConfigError> {
    ctx.require(Permission::SlasManage)?;
    app.db
        .write(ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                documents::put_calendar(tx, &key, body, expected).await?;
                Ok(())
            })
        })
        .await
}

/// Removes a calendar that nothing counts by.
pub(super) async fn delete_calendar(
    app: &App,
    ctx: &Ctx,
    key: String,
    expected: Option<i64>,
) -> Result<(), SlaConfigError> {
    ctx.require(Permission::SlasManage)?;
    app.db
        .write(ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                let known = in_force(tx).await?;
                if !known.calendars.contains_key(&key) {
                    return Err(SlaConfigError::CalendarNotFound);
                }
                let names: Vec<&str> = users(&known, &key).map(Terms::name).collect();
                if !names.is_empty() {
                    let message = format!("These SLAs count by it: {}. Give them another calendar.", names.join(", "));
                    return Err(SlaConfigError::CalendarInUse(message));
                }
                if store::calendar_counts(tx, &key).await? {
                    let message =
                        "Clocks of tickets still count by it; they are being worked out anew. Try again soon.";
                    return Err(SlaConfigError::CalendarInUse(message.to_owned()));
                }
                documents::delete(tx, CALENDAR, &key, expected).await?;
                Ok(())
            })
        })
        .await
}

/// When business time by a calendar is over.
pub(super) async fn preview(app: &App, ctx: &Ctx, body: PreviewBody) -> Result<CalendarPreview, SlaConfigError> {
    ctx.require(Permission::TicketsRead)?;
    let invalid = |field: &str, message: &str| SlaConfigError::Invalid(vec![FieldError::new(field, message)]);
    if body.duration_min > PREVIEW_MAX_MIN {
        return Err(invalid("duration_min", "Ask for at most ten years."));
    }
    let calendar = match (body.definition, body.calendar) {
        (Some(definition), _) => Calendar::new(definition).map_err(|unsound| {
            let within = |wrong: FieldError| FieldError::new(format!("definition.{}", wrong.field), wrong.message);
            SlaConfigError::Invalid(unsound.0.into_iter().map(within).collect())
        })?,
        (None, Some(key)) => {
            let known = in_force(&app.db.read()).await?;
            known.calendars.get(&key).cloned().ok_or_else(|| invalid("calendar", "There is no such calendar."))?
        }
        (None, None) => return Err(invalid("calendar", "Name a calendar, or give the definition of one.")),
    };
    let due = calendar.add_business_time(body.start, SignedDuration::from_mins(i64::from(body.duration_min)));
    let last = body.start.saturating_add(SignedDuration::from_hours(24 * PREVIEW_DAYS)).unwrap_or(due).min(due);
    let spans = calendar.open_spans(body.start, last).into_iter().take(PREVIEW_SPANS).map(Into::into).collect();
    Ok(CalendarPreview {
        open_at_start: calendar.is_open(body.start),
        next_change: calendar.next_change(body.start),
        due,
        spans,
    })
}

async fn sla_dto(app: &App, ctx: &Ctx, known: &InForce, terms: &Terms) -> Result<SlaDto, DbError> {
    let sql = app.db.read();
    let calendars = known.versions_for(terms);
    let wanted = Wanted { key: &terms.key, version: terms.version, calendars: &calendars, projects: &terms.projects };
    let (pending, total) = store::progress(&sql, &wanted).await?;
    let ids: Vec<uuid::Uuid> = terms.projects.iter().map(|id| id.0).collect();
    let titles = app.records.titles(&sql, &ctx.scope, "project", &ids).await?;
    Ok(SlaDto {
        key: terms.key.clone(),
        version: terms.version,
        name: terms.name().to_owned(),
        projects: ids
            .iter()
            .map(|id| Ref::new(*id, titles.get(id).map_or("(hidden)", |title| title.title.as_str())))
            .collect(),
        definition: terms.body().clone(),
        recompute: Recompute { pending, total },
        actions: vec![Action::new("edit", refusal(ctx)), Action::new("delete", refusal(ctx))],
    })
}

/// All service levels, by key.
pub(super) async fn slas(app: &App, ctx: &Ctx) -> Result<Vec<SlaDto>, SlaConfigError> {
    ctx.require(Permission::TicketsRead)?;
    let known = in_force(&app.db.read()).await?;
    let mut all = Vec::new();
    for terms in &known.slas {
        all.push(sla_dto(app, ctx, &known, terms).await?);
    }
    Ok(all)
}

/// One service level.
pub(super) async fn sla(app: &App, ctx: &Ctx, key: &str) -> Result<SlaDto, SlaConfigError> {
    ctx.require(Permission::TicketsRead)?;
    let known = in_force(&app.db.read()).await?;
    let terms = known.find(key).ok_or(SlaConfigError::SlaNotFound)?;
    Ok(sla_dto(app, ctx, &known, terms).await?)
}

/// Puts a service level into force.
pub(super) async fn put_sla(
    app: &App,
    ctx: &Ctx,
    key: String,
    body: PutSlaBody,
    expected: Option<i64>,
) -> Result<(), SlaConfigError> {
    ctx.require(Permission::SlasManage)?;
    let body = SlaDocument { projects: body.projects, definition: body.definition };
    app.db
        .write(ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                documents::put_sla(tx, &key, body, expected).await?;
                Ok(())
            })
        })
        .await
}

/// Removes a service level: its ongoing cycles go, completed ones stay in reports.
pub(super) async fn delete_sla(app: &App, ctx: &Ctx, key: String, expected: Option<i64>) -> Result<(), SlaConfigError> {
    ctx.require(Permission::SlasManage)?;
    app.db
        .write(ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                if in_force(tx).await?.find(&key).is_none() {
                    return Err(SlaConfigError::SlaNotFound);
                }
                documents::delete(tx, SLA, &key, expected).await?;
                documents::recompute(tx, &key).await?;
                Ok(())
            })
        })
        .await
}

/// The names of service levels, deleted ones left out.
pub(super) async fn names(sql: &impl Sql) -> Result<Vec<KeyedRef>, DbError> {
    let known = in_force(sql).await?;
    Ok(known.slas.iter().map(|terms| KeyedRef { key: terms.key.clone(), name: terms.name().to_owned() }).collect())
}
