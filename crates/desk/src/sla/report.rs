//! How many cycles met their goal, and which they are.

use axum::extract::State;
use jiff::{SignedDuration, Timestamp};
use kernel::{FieldError, Permission, micros, timestamp};
use platform::App;
use platform::http::{ApiError, Caller, Json, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::api::KeyedRef;
use super::manage;
use super::store::{self, Ended, OutcomeRow};

/// The reports on service levels.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(report_slas)).routes(routes!(report_sla_tickets))
}

/// Width of a span.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SlaReportBucket)]
enum Bucket {
    /// An hour.
    Hour,
    /// 24 hours.
    #[default]
    Day,
    /// Seven times 24 hours.
    Week,
}

impl Bucket {
    fn micros(self) -> i64 {
        let hours = match self {
            Self::Hour => 1,
            Self::Day => 24,
            Self::Week => 168,
        };
        hours * 3_600_000_000
    }
}

/// Which completed cycles the report is about.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SlaReportQuery {
    /// Cycles that ended from here; 30 days before its end unless given.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Its end, not included; now unless given.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
    /// Width of the spans, counted from its beginning: `hour`, `day` (unless given) or `week`.
    #[serde(default)]
    #[param(inline)]
    bucket: Bucket,
    /// Id or key of a project.
    project: Option<String>,
    /// Key of a service level.
    sla: Option<String>,
}

/// One service level in the report.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
struct SlaReportLine {
    key: String,
    name: String,
    /// Cycles that were completed in time.
    met: i64,
    /// Cycles that were completed too late.
    breached: i64,
    /// Of those that ended, how many in a hundred were in time; absent when none ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    met_percent: Option<f64>,
    /// Mean business time, in seconds; absent when none ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    mean_elapsed_s: Option<f64>,
}

/// One span of the report.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
struct SlaReportSpan {
    /// Its beginning.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    met: i64,
    breached: i64,
}

/// How many cycles met their goal.
#[derive(Debug, Serialize, ToSchema)]
struct SlaReport {
    /// By service level.
    slas: Vec<SlaReportLine>,
    /// By spans, the empty ones too, of all these service levels together.
    series: Vec<SlaReportSpan>,
}

/// The span asked for, in microseconds, at most 1000 buckets.
fn span(app: &App, from: Option<Timestamp>, to: Option<Timestamp>) -> Result<(i64, i64), ApiError> {
    let to = to.unwrap_or_else(|| app.now());
    let from = from.unwrap_or(to - SignedDuration::from_hours(30 * 24));
    if from >= to {
        return Err(ApiError::invalid(vec![FieldError::new("to", "The end must lie after the beginning.")]));
    }
    Ok((micros(from), micros(to)))
}

fn count(rows: &[OutcomeRow], met: bool, of: impl Fn(&OutcomeRow) -> bool) -> i64 {
    rows.iter().filter(|row| row.met == met && of(row)).map(|row| row.cycles).sum()
}

fn line(sla: &KeyedRef, rows: &[OutcomeRow]) -> SlaReportLine {
    let of = |row: &OutcomeRow| row.sla_key == sla.key;
    let (met, breached) = (count(rows, true, of), count(rows, false, of));
    let ended = met + breached;
    let elapsed: i64 = rows.iter().filter(|row| of(row)).map(|row| row.elapsed_us).sum();
    SlaReportLine {
        key: sla.key.clone(),
        name: sla.name.clone(),
        met,
        breached,
        met_percent: (ended > 0).then(|| met as f64 * 100.0 / ended as f64),
        mean_elapsed_s: (ended > 0).then(|| elapsed as f64 / ended as f64 / 1e6),
    }
}

/// Cycles of service levels that were completed in time or too late, over the tickets that the caller may see.
#[utoipa::path(get, path = "/api/v1/reports/slas", tag = "reports", params(SlaReportQuery),
    responses((status = 200, body = SlaReport)), security(("session" = []), ("token" = [])))]
async fn report_slas(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(query): Query<SlaReportQuery>,
) -> Result<Json<SlaReport>, ApiError> {
    ctx.require(Permission::ReportsRead)?;
    let (from, to) = span(&app, query.from, query.to)?;
    let width = query.bucket.micros();
    if (to - from) / width > 1000 {
        return Err(ApiError::invalid(vec![FieldError::new("bucket", "Ask for at most 1000 spans.")]));
    }
    let sql = app.db.read();
    let ended = Ended { from, to, sla: query.sla.as_deref(), project: query.project.as_deref() };
    let rows = store::count_outcomes(&sql, &ctx.scope, &ended, width).await?;
    let names = manage::names(&sql).await?;
    let wanted = |sla: &&KeyedRef| query.sla.as_ref().is_none_or(|key| *key == sla.key);
    let slas = names.iter().filter(wanted).map(|sla| line(sla, &rows)).collect();
    let series = (0..(to - from + width - 1) / width)
        .map(|span| SlaReportSpan {
            at: timestamp(from + span * width),
            met: count(&rows, true, |row| row.span == span),
            breached: count(&rows, false, |row| row.span == span),
        })
        .collect();
    Ok(Json(SlaReport { slas, series }))
}

/// Whether a cycle was completed in time.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SlaOutcome)]
enum Outcome {
    /// In time.
    Met,
    /// Too late.
    Breached,
}

/// Which number of the report to look behind.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SlaTicketsQuery {
    /// Cycles that ended from here; 30 days before its end unless given.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Its end, not included; now unless given.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
    /// Id or key of a project.
    project: Option<String>,
    /// Key of a service level.
    sla: Option<String>,
    /// `met` or `breached`; both unless given.
    #[param(inline)]
    outcome: Option<Outcome>,
    /// 1 to 200; 50 unless given.
    limit: Option<u32>,
}

/// A completed cycle with its ticket.
#[derive(Debug, Serialize, ToSchema)]
struct SlaReportTicket {
    id: Uuid,
    /// Such as `INC-12`.
    key: String,
    summary: String,
    /// Key of the service level.
    sla: String,
    /// Number of the cycle.
    cycle: i64,
    #[schema(value_type = String, format = DateTime)]
    ended_at: Timestamp,
    elapsed_s: i64,
    target_s: i64,
    /// Negative when it was too late.
    remaining_s: i64,
}

/// Completed cycles with their tickets.
#[derive(Debug, Serialize, ToSchema)]
struct SlaReportTickets {
    items: Vec<SlaReportTicket>,
}

/// The tickets behind a number of the report on service levels, the last completed first.
#[utoipa::path(get, path = "/api/v1/reports/slas/tickets", tag = "reports", params(SlaTicketsQuery),
    responses((status = 200, body = SlaReportTickets)), security(("session" = []), ("token" = [])))]
async fn report_sla_tickets(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(query): Query<SlaTicketsQuery>,
) -> Result<Json<SlaReportTickets>, ApiError> {
    ctx.require(Permission::ReportsRead)?;
    let (from, to) = span(&app, query.from, query.to)?;
    let ended = Ended { from, to, sla: query.sla.as_deref(), project: query.project.as_deref() };
    let met = query.outcome.map(|outcome| matches!(outcome, Outcome::Met));
    let limit = i64::from(query.limit.unwrap_or(50).clamp(1, 200));
    let rows = store::list_ended(&app.db.read(), &ctx.scope, &ended, met, limit).await?;
    let seconds = |us: i64| us.div_euclid(1_000_000);
    let items = rows
        .into_iter()
        .map(|row| SlaReportTicket {
            id: row.id,
            key: row.key,
            summary: row.summary,
            sla: row.sla_key,
            cycle: row.number,
            ended_at: timestamp(row.ended_at),
            elapsed_s: seconds(row.elapsed_us),
            target_s: seconds(row.target_us),
            remaining_s: seconds(row.remaining_us),
        })
        .collect();
    Ok(Json(SlaReportTickets { items }))
}
