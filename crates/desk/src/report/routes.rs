//! `/api/v1/reports/tickets`.

use axum::extract::State;
use jiff::{SignedDuration, Timestamp};
use kernel::{FieldError, Page, Permission, Ref, TicketId, micros, timestamp};
use platform::App;
use platform::http::{ApiError, Caller, Json, PageQuery, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::store::{self, RecordRow, SpanRow};

/// The report on tickets.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(report_tickets)).routes(routes!(list_reported_tickets))
}

/// Width of a span.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = TicketReportBucket)]
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

/// Which time the report covers.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct TicketReportQuery {
    /// Its beginning; 30 days before its end unless given.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Its end, not included; now unless given.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
    /// Width of the spans, counted from its beginning: `hour`, `day` (unless given) or `week`.
    #[serde(default)]
    #[param(inline)]
    bucket: Bucket,
}

/// One span of the report.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
struct TicketReportSpan {
    /// Its beginning.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Mean time to resolve, in seconds; absent when nothing was resolved.
    #[serde(skip_serializing_if = "Option::is_none")]
    mttr_s: Option<f64>,
    /// Tickets resolved.
    resolved: i64,
    /// Tickets opened.
    opened: i64,
}

/// How many tickets were opened and resolved, and how long resolving took.
#[derive(Debug, Serialize, ToSchema)]
struct TicketReport {
    /// Mean time to resolve, in seconds; absent when nothing was resolved.
    #[serde(skip_serializing_if = "Option::is_none")]
    mttr_s: Option<f64>,
    /// Tickets resolved.
    resolved: i64,
    /// Tickets opened.
    opened: i64,
    /// By spans, the empty ones too.
    series: Vec<TicketReportSpan>,
}

fn mean_s(total_micros: i64, tickets: i64) -> Option<f64> {
    // Microseconds of a few centuries fit into the 53 bits that a double keeps.
    (tickets > 0).then(|| total_micros as f64 / tickets as f64 / 1e6)
}

fn report(from: i64, to: i64, width: i64, resolved: &[SpanRow], opened: &[SpanRow]) -> TicketReport {
    let spans = (to - from + width - 1) / width;
    let at =
        |rows: &[SpanRow], span: i64| rows.iter().find(|row| row.span == span).map_or((0, 0), |r| (r.tickets, r.total));
    let series = (0..spans)
        .map(|span| {
            let (tickets, total) = at(resolved, span);
            TicketReportSpan {
                at: timestamp(from + span * width),
                mttr_s: mean_s(total, tickets),
                resolved: tickets,
                opened: at(opened, span).0,
            }
        })
        .collect();
    let tickets = resolved.iter().map(|row| row.tickets).sum();
    TicketReport {
        mttr_s: mean_s(resolved.iter().map(|row| row.total).sum(), tickets),
        resolved: tickets,
        opened: opened.iter().map(|row| row.tickets).sum(),
        series,
    }
}

/// The span that is meant, in microseconds.
fn span(now: Timestamp, from: Option<Timestamp>, to: Option<Timestamp>) -> Result<(i64, i64), ApiError> {
    let to = to.unwrap_or(now);
    let from = from.unwrap_or(to - SignedDuration::from_hours(30 * 24));
    if from >= to {
        return Err(ApiError::invalid(vec![FieldError::new("to", "The end must lie after the beginning.")]));
    }
    Ok((micros(from), micros(to)))
}

/// Tickets opened and resolved, and the mean time to resolve, over the tickets that the caller may see.
#[utoipa::path(get, path = "/api/v1/reports/tickets", tag = "reports", params(TicketReportQuery),
    responses((status = 200, body = TicketReport)), security(("session" = []), ("token" = [])))]
async fn report_tickets(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(query): Query<TicketReportQuery>,
) -> Result<Json<TicketReport>, ApiError> {
    ctx.require(Permission::ReportsRead)?;
    let width = query.bucket.micros();
    let (from, to) = span(app.now(), query.from, query.to)?;
    if (to - from) / width > 1000 {
        return Err(ApiError::invalid(vec![FieldError::new("bucket", "Ask for at most 1000 spans.")]));
    }
    let sql = app.db.read();
    let resolved = store::count_resolved(&sql, &ctx.scope, from, to, width).await?;
    let opened = store::count_opened(&sql, &ctx.scope, from, to, width).await?;
    Ok(Json(report(from, to, width, &resolved, &opened)))
}

/// A number of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = TicketMeasure)]
pub(super) enum Measure {
    /// The mean time to resolve: tickets resolved in the span.
    Mttr,
    /// How many were opened: tickets opened in the span.
    Opened,
}

/// The records behind a number of the report, or of one of its spans.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ReportedTicketsQuery {
    /// Which number: `mttr` or `opened`.
    #[param(inline)]
    measure: Measure,
    /// Its beginning; 30 days before its end unless given.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Its end, not included; now unless given.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
}

/// A ticket behind a number of the report.
#[derive(Debug, Serialize, ToSchema)]
struct ReportedTicket {
    id: TicketId,
    /// Such as `INC-12`.
    key: String,
    summary: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<Ref>,
    /// Its team, if the caller may see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    team: Option<Ref>,
    #[schema(value_type = String, format = DateTime)]
    opened_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    resolved_at: Option<Timestamp>,
    /// What it adds to the number: seconds from being opened to being resolved.
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds: Option<i64>,
}

/// The tickets behind a number of the report, the last opened first.
#[utoipa::path(get, path = "/api/v1/reports/tickets/records", tag = "reports", params(ReportedTicketsQuery, PageQuery),
    responses((status = 200, body = Page<ReportedTicket>)), security(("session" = []), ("token" = [])))]
async fn list_reported_tickets(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(query): Query<ReportedTicketsQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<ReportedTicket>>, ApiError> {
    ctx.require(Permission::ReportsRead)?;
    let page = page.request()?;
    let span = span(app.now(), query.from, query.to)?;
    let sql = app.db.read();
    let rows = store::list_records(&sql, &ctx.scope, query.measure, span, page).await?;
    let services: Vec<_> = rows.iter().filter_map(|row| row.service_id).map(kernel::ServiceId).collect();
    let services = catalog::service::names(&sql, &ctx.scope, &services).await?;
    let seen = |row: &RecordRow| row.team_id.filter(|team| ctx.scope.sees_team(Some(kernel::TeamId(*team))));
    Ok(Json(page.page(
        rows,
        |row| row.seq,
        |row| {
            ReportedTicket {
                team: Ref::joined(seen(&row), row.team_name.clone()),
                service: row
                    .service_id
                    .and_then(|id| Some(Ref::new(id, services.get(&kernel::ServiceId(id))?.name.clone()))),
                seconds: (query.measure == Measure::Mttr)
                    .then(|| row.resolved_at.map(|at| (at - row.created_at) / 1_000_000))
                    .flatten(),
                id: TicketId(row.id),
                key: row.key,
                summary: row.summary,
                opened_at: timestamp(row.created_at),
                resolved_at: row.resolved_at.map(timestamp),
            }
        },
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_spans_stand_in_the_series() {
        let day = Bucket::Day.micros();
        let resolved = [SpanRow { span: 1, tickets: 2, total: 7_200_000_000 }];
        let opened = [SpanRow { span: 0, tickets: 3, total: 0 }];
        let report = report(0, 2 * day + 1, day, &resolved, &opened);
        assert_eq!((report.mttr_s, report.resolved, report.opened), (Some(3600.0), 2, 3));
        let shown: Vec<_> = report.series.iter().map(|span| (span.resolved, span.opened, span.mttr_s)).collect();
        assert_eq!(shown, [(0, 3, None), (2, 0, Some(3600.0)), (0, 0, None)]);
    }
}
