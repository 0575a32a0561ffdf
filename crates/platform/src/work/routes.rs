//! Dead and waiting jobs, seen and run again by administrators.

use axum::extract::State;
use http::StatusCode;
use jiff::Timestamp;
use kernel::{JobId, Page, Permission};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::store;
use crate::{
    App, Caller, DbError, Lane,
    http::{ApiError, Json, PageQuery, Path, Query},
};

/// A timer or job.
#[derive(Serialize, ToSchema)]
pub struct ShownJob {
    /// Its id.
    #[schema(value_type = uuid::Uuid)]
    id: JobId,
    /// What it does.
    kind: String,
    /// Unique within the kind.
    key: String,
    /// `pending` or `dead`.
    state: String,
    /// When it is due.
    #[schema(value_type = String, format = DateTime)]
    due_at: Timestamp,
    /// Attempts made.
    attempt: i64,
    /// Attempts allowed.
    max_attempts: i64,
    /// Why the last attempt failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_error: Option<String>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// What it needs: ids only.
    payload: Value,
}

/// Which jobs.
#[derive(Deserialize, IntoParams)]
pub struct JobFilter {
    /// `dead` (default) or `pending`.
    state: Option<String>,
}

/// Timers and jobs that wait, or that were given up.
#[utoipa::path(get, path = "/api/v1/jobs", tag = "platform", operation_id = "list_jobs", params(JobFilter, PageQuery),
    responses((status = 200, body = Page<ShownJob>)), security(("session" = []), ("token" = [])))]
pub async fn list_jobs(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(filter): Query<JobFilter>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<ShownJob>>, ApiError> {
    ctx.require(Permission::JobsManage)?;
    let page = page.request()?;
    let state = if filter.state.as_deref() == Some("pending") { "pending" } else { "dead" };
    let rows = store::list(&app.db.read(), state, page).await?;
    Ok(Json(page.page(
        rows,
        |row| row.created_at,
        |row| ShownJob {
            id: row.id.into(),
            kind: row.kind,
            key: row.key,
            state: row.state,
            due_at: kernel::timestamp(row.due_at),
            attempt: row.attempt,
            max_attempts: row.max_attempts,
            last_error: row.last_error,
            created_at: kernel::timestamp(row.created_at),
            payload: row.payload,
        },
    )))
}

/// Runs a job again, now.
#[utoipa::path(post, path = "/api/v1/jobs/{id}/retry", tag = "platform", operation_id = "retry_job", params(("id" = uuid::Uuid, Path)),
    responses((status = 204)), security(("session" = []), ("token" = [])))]
pub async fn retry_job(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<JobId>,
) -> Result<StatusCode, ApiError> {
    ctx.require(Permission::JobsManage)?;
    let found = app.db.write(&ctx, Lane::Front, move |tx| {
        Box::pin(async move {
            let found = store::retry(tx, id).await?;
            if found {
                tx.emit(kernel::Event::new("JobRetried", kernel::RecordKind::JOB, id, 0, serde_json::json!({})));
            }
            Ok::<_, DbError>(found)
        })
    });
    if found.await? { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::not_found("job")) }
}

/// Drops a job for good.
#[utoipa::path(delete, path = "/api/v1/jobs/{id}", tag = "platform", operation_id = "delete_job", params(("id" = uuid::Uuid, Path)),
    responses((status = 204)), security(("session" = []), ("token" = [])))]
pub async fn delete_job(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<JobId>,
) -> Result<StatusCode, ApiError> {
    ctx.require(Permission::JobsManage)?;
    let found = app.db.write(&ctx, Lane::Front, move |tx| {
        Box::pin(async move {
            let found = store::delete(tx, id).await?;
            if found {
                tx.emit(kernel::Event::new("JobDropped", kernel::RecordKind::JOB, id, 0, serde_json::json!({})));
            }
            Ok::<_, DbError>(found)
        })
    });
    if found.await? { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::not_found("job")) }
}
