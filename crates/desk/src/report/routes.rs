//! `/api/v1/reports/tickets`.

use axum::extract::State;
use jiff::{SignedDuration, Timestamp};
use kernel::{FieldError, Permission, micros, timestamp};
use platform::App;
use platform::http::{ApiError, Caller, Json, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::store::{self, SpanRow};

/// The report on tickets.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(report_tickets))
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

/// Tickets opened and resolved, and the mean time to resolve, over the tickets that the caller may see.
#[utoipa::path(get, path = "/api/v1/reports/tickets", tag = "reports", params(TicketReportQuery),
    responses((status = 200, body = TicketReport)), security(("session" = []), ("token" = [])))]
async fn report_tickets(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(query): Query<TicketReportQuery>,
) -> Result<Json<TicketReport>, ApiError> {
    ctx.require(Permission::ReportsRead)?;
    let to = query.to.unwrap_or_else(|| app.now());
    let from = query.from.unwrap_or(to - SignedDuration::from_hours(30 * 24));
    let width = query.bucket.micros();
    let (from, to) = (micros(from), micros(to));
    if from >= to {
        return Err(ApiError::invalid(vec![FieldError::new("to", "The end must lie after the beginning.")]));
    }
    if (to - from) / width > 1000 {
        return Err(ApiError::invalid(vec![FieldError::new("bucket", "Ask for at most 1000 spans.")]));
    }
    let sql = app.db.read();
    let resolved = store::count_resolved(&sql, &ctx.scope, from, to, width).await?;
    let opened = store::count_opened(&sql, &ctx.scope, from, to, width).await?;
    Ok(Json(report(from, to, width, &resolved, &opened)))
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
