//! What the report looks like in the API.

use kernel::{AlertId, Ref, ServiceId, TeamId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// The span of a report.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReportQuery {
    /// Its beginning, RFC 3339; 30 days before its end when absent.
    pub from: Option<String>,
    /// Its end, RFC 3339; now when absent.
    pub to: Option<String>,
    /// `day`.
    pub bucket: Option<String>,
}

/// A day.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct AlertBucket {
    /// Its beginning.
    pub at: String,
    /// Mean seconds to acknowledge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mtta_s: Option<i64>,
    /// Alerts first acknowledged on it.
    pub acknowledged: i64,
    /// Alerts raised on it.
    pub created: i64,
}

/// Alerts over a span.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct AlertReport {
    /// Mean seconds to acknowledge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mtta_s: Option<i64>,
    /// Alerts first acknowledged in it.
    pub acknowledged: i64,
    /// Alerts raised in it.
    pub created: i64,
    /// Day by day.
    pub series: Vec<AlertBucket>,
}

/// A number of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = AlertMeasure)]
pub enum Measure {
    /// The mean time to acknowledge: alerts first acknowledged in the span.
    Mtta,
    /// How many were raised: alerts raised in the span.
    Count,
}

/// The records behind a number of the report, or of one of its days.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RecordsQuery {
    /// Which number: `mtta` or `count`.
    #[param(inline)]
    pub measure: Measure,
    /// Beginning of the span, RFC 3339; 30 days before its end when absent.
    pub from: Option<String>,
    /// Its end, RFC 3339; now when absent.
    pub to: Option<String>,
    /// Only this service's.
    pub service: Option<ServiceId>,
    /// Only this team's.
    pub team: Option<TeamId>,
}

/// An alert behind a number of the report.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ReportedAlert {
    /// The alert.
    pub id: AlertId,
    /// Its number, for people.
    pub tiny_id: String,
    /// Its one line.
    pub title: String,
    /// `P1` to `P5`.
    pub priority: String,
    /// The affected service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<Ref>,
    /// The team that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team: Option<Ref>,
    /// When it was raised.
    pub opened_at: String,
    /// When it was first taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acknowledged_at: Option<String>,
    /// When it was closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<String>,
    /// What it adds to the number: seconds from being raised to being first taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<i64>,
}
