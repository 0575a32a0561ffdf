//! Adding up.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use kernel::{AlertId, Page, PageRequest, Permission, Ref, micros, timestamp};
use platform::{App, Ctx};

use super::api::{AlertBucket, AlertReport, Measure, RecordsQuery, ReportQuery, ReportedAlert};
use super::store::{self, DAY, DayRow, RecordRow};
use crate::alert::{AlertError, instant};

/// Days without a given beginning.
const DEFAULT_DAYS: i64 = 30;
/// Days of the longest report.
const MOST_DAYS: i64 = 400;

/// The report of a span.
pub async fn report(app: &App, ctx: &Ctx, query: ReportQuery) -> Result<AlertReport, AlertError> {
    ctx.require(Permission::ReportsRead)?;
    let (from, to) = span(app.now(), &query)?;
    let read = app.db.read();
    let created = by_day(store::count_created(&read, &ctx.scope, micros(from), micros(to)).await?);
    let acknowledged = by_day(store::sum_acknowledged(&read, &ctx.scope, micros(from), micros(to)).await?);
    Ok(join(micros(from), micros(to), &created, &acknowledged))
}

/// The alerts behind a number of the report: the same span, scope and conditions.
pub async fn records(
    app: &App,
    ctx: &Ctx,
    query: RecordsQuery,
    page: PageRequest,
) -> Result<Page<ReportedAlert>, AlertError> {
    ctx.require(Permission::ReportsRead)?;
    let RecordsQuery { measure, from, to, service, team } = query;
    let (from, to) = span(app.now(), &ReportQuery { from, to, bucket: None })?;
    let span = (micros(from), micros(to));
    let rows = store::list_records(&app.db.read(), &ctx.scope, measure, span, (service, team), page).await?;
    Ok(page.page(rows, |row| row.seq, |row| record(measure, row)))
}

fn record(measure: Measure, row: RecordRow) -> ReportedAlert {
    let taken = row.first_acknowledged_at.map(|at| (at - row.created_at) / 1_000_000);
    ReportedAlert {
        id: AlertId(row.id),
        tiny_id: row.seq.to_string(),
        title: row.message,
        priority: row.priority,
        service: Ref::joined(row.service_id, row.service_name),
        team: Ref::joined(row.team_id, row.team_name),
        opened_at: instant(row.created_at),
        acknowledged_at: row.first_acknowledged_at.map(instant),
        closed_at: row.closed_at.map(instant),
        seconds: taken.filter(|_| measure == Measure::Mtta),
    }
}

fn span(now: Timestamp, query: &ReportQuery) -> Result<(Timestamp, Timestamp), AlertError> {
    let parsed = |field: &str, text: &str| {
        text.parse::<Timestamp>()
            .map_err(|_| AlertError::invalid(field, "must be an instant such as 2026-01-31T14:00:00Z"))
    };
    if query.bucket.as_deref().is_some_and(|bucket| bucket != "day") {
        return Err(AlertError::invalid("bucket", "must be day"));
    }
    let to = query.to.as_deref().map(|text| parsed("to", text)).transpose()?.unwrap_or(now);
    let from = match query.from.as_deref() {
        Some(text) => parsed("from", text)?,
        None => to.checked_sub(SignedDuration::from_hours(24 * DEFAULT_DAYS)).unwrap_or(Timestamp::MIN),
    };
    if from >= to || to.duration_since(from) > SignedDuration::from_hours(24 * MOST_DAYS) {
        return Err(AlertError::invalid("from", format!("must lie before `to`, by at most {MOST_DAYS} days")));
    }
    Ok((from, to))
}

fn by_day(rows: Vec<DayRow>) -> HashMap<i64, DayRow> {
    rows.into_iter().map(|row| (row.day, row)).collect()
}

fn join(from: i64, to: i64, created: &HashMap<i64, DayRow>, acknowledged: &HashMap<i64, DayRow>) -> AlertReport {
    let mean = |n: i64, total: i64| (n > 0).then(|| total / n / 1_000_000);
    let series = (from.div_euclid(DAY)..=(to - 1).div_euclid(DAY))
        .map(|day| {
            let taken = acknowledged.get(&day);
            AlertBucket {
                at: timestamp(day * DAY).to_string(),
                mtta_s: taken.and_then(|row| mean(row.n, row.total)),
                acknowledged: taken.map_or(0, |row| row.n),
                created: created.get(&day).map_or(0, |row| row.n),
            }
        })
        .collect();
    let (n, total) = acknowledged.values().fold((0, 0), |(n, total), row| (n + row.n, total + row.total));
    AlertReport { mtta_s: mean(n, total), acknowledged: n, created: created.values().map(|row| row.n).sum(), series }
}
