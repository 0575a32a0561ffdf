//! The HTTP toolkit: errors as problem+json, extractors, paging, ETags, idempotency, request ids.

mod error;
mod extract;
mod file;
mod form;
pub mod idempotency;
mod middleware;

use utoipa_axum::{router::OpenApiRouter, routes};

pub use self::{
    error::{ApiError, Problem},
    extract::{Caller, IfMatch, Json, MaybeCaller, PageQuery, Path, Query, Versioned, client_address},
    file::file,
    form::{Form, Part},
    middleware::{RequestId, layer},
};
use crate::App;

/// The routes of this crate.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(crate::live::stream))
        .routes(routes!(crate::history::list_history))
        .routes(routes!(crate::audit::routes::list_audit))
        .routes(routes!(crate::audit::routes::export_audit))
        .routes(routes!(crate::work::routes::list_jobs))
        .routes(routes!(crate::work::routes::retry_job))
        .routes(routes!(crate::work::routes::delete_job))
}
