//! What the report looks like in the API.

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
