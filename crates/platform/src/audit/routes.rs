//! `/api/v1/audit`.

use axum::{
    body::{Body, Bytes},
    extract::State,
    response::{IntoResponse, Response},
};
use futures::stream;
use http::header;
use jiff::Timestamp;
use kernel::{FieldError, Page, Permission};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{AuditEntry, Filter, shown, store};
use crate::{
    App, Caller, Ctx, DbError,
    http::{ApiError, Json, PageQuery, Query},
};

/// Events in one piece of an export.
const PIECE: i64 = 500;

/// Which changes.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// At this instant or later, RFC 3339.
    #[param(format = DateTime)]
    from: Option<String>,
    /// Before this instant, RFC 3339.
    #[param(format = DateTime)]
    to: Option<String>,
    /// A person's or integration's id, or the name of a part of the server.
    actor: Option<String>,
    /// Kind of record, such as `ticket`.
    record_kind: Option<String>,
    /// One record.
    record_id: Option<Uuid>,
    /// Kind of event, such as `TicketAssigned`.
    kind: Option<String>,
    /// Through which door: `web`, `api`, `cli`, `system`.
    origin: Option<String>,
    /// All changes of one request.
    request_id: Option<String>,
}

/// The form of an export.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// Comma-separated, with a line of headings.
    #[default]
    Csv,
    /// One JSON object a line.
    Ndjson,
}

/// The form of an export.
#[derive(Clone, Copy, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FormQuery {
    /// `csv` unless given.
    #[serde(default)]
    #[param(inline)]
    format: Form,
}

fn instant(field: &str, text: Option<String>) -> Result<Option<Timestamp>, FieldError> {
    text.filter(|text| !text.is_empty())
        .map(|text| text.parse().map_err(|_| FieldError::new(field, "must be an instant such as 2026-01-31T14:00:00Z")))
        .transpose()
}

impl AuditQuery {
    fn filter(self) -> Result<Filter, ApiError> {
        let read = || -> Result<Filter, FieldError> {
            let given = |text: Option<String>| text.filter(|text| !text.is_empty());
            Ok(Filter {
                from: instant("from", self.from)?,
                to: instant("to", self.to)?,
                actor: given(self.actor),
                record_kind: given(self.record_kind),
                record: self.record_id,
                kind: given(self.kind),
                origin: given(self.origin),
                request_id: given(self.request_id),
            })
        };
        read().map_err(|error| ApiError::invalid(vec![error]))
    }
}

/// Every change of everything, newest first.
#[utoipa::path(get, path = "/api/v1/audit", tag = "platform", params(AuditQuery, PageQuery),
    responses((status = 200, body = Page<AuditEntry>)), security(("session" = []), ("token" = [])))]
pub async fn list_audit(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(query): Query<AuditQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<AuditEntry>>, ApiError> {
    ctx.require(Permission::AuditRead)?;
    let page = page.request()?;
    let filter = query.filter()?;
    let rows = store::list(&app.db.read(), &filter, page.before_or_max(), i64::from(page.limit) + 1).await?;
    let numbered = page.page(rows, |(seq, _)| *seq, |(_, event)| event);
    Ok(Json(Page { items: shown(&app, &ctx, numbered.items).await?, next: numbered.next }))
}

/// The same as a file, oldest last, without an end to its length.
#[utoipa::path(get, path = "/api/v1/audit/export", tag = "platform", params(AuditQuery, FormQuery),
    responses((status = 200, body = String, content_type = "text/csv")), security(("session" = []), ("token" = [])))]
pub async fn export_audit(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(query): Query<AuditQuery>,
    Query(form): Query<FormQuery>,
) -> Result<Response, ApiError> {
    ctx.require(Permission::AuditRead)?;
    let filter = query.filter()?;
    let form = form.format;
    let (kind, name) = match form {
        Form::Csv => ("text/csv; charset=utf-8", "audit.csv"),
        Form::Ndjson => ("application/x-ndjson", "audit.ndjson"),
    };
    let headings = (form == Form::Csv).then(|| Ok(Bytes::from_static(HEADINGS.as_bytes())));
    let pieces = stream::try_unfold((app, ctx, filter, i64::MAX), move |state| piece(state, form));
    let body = Body::from_stream(futures::StreamExt::chain(stream::iter(headings), pieces));
    let disposition = format!("attachment; filename=\"{name}\"");
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, &disposition)], body).into_response())
}

type Reading = (App, Ctx, Filter, i64);

/// The next events in this form, by keyset: an export of any length holds no transaction open.
async fn piece((app, ctx, filter, before): Reading, form: Form) -> Result<Option<(Bytes, Reading)>, DbError> {
    let rows = store::list(&app.db.read(), &filter, before, PIECE).await?;
    let Some(last) = rows.last().map(|(seq, _)| *seq) else { return Ok(None) };
    let entries = shown(&app, &ctx, rows.into_iter().map(|(_, event)| event).collect()).await?;
    let bytes = match form {
        Form::Csv => csv(&entries),
        Form::Ndjson => ndjson(&entries),
    };
    Ok(Some((Bytes::from(bytes.map_err(|error| DbError::Corrupt(error.to_string()))?), (app, ctx, filter, last))))
}

fn ndjson(entries: &[AuditEntry]) -> Result<Vec<u8>, serde_json::Error> {
    let mut text = Vec::new();
    for entry in entries {
        serde_json::to_writer(&mut text, entry)?;
        text.push(b'\n');
    }
    Ok(text)
}

const HEADINGS: &str = "at,kind,actor_kind,actor,origin,request_id,record_kind,record_id,record,changes\n";

fn csv(entries: &[AuditEntry]) -> Result<Vec<u8>, serde_json::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for entry in entries {
        let changes: Vec<String> = entry
            .changes
            .iter()
            .map(|change| format!("{}: {} -> {}", change.field, change.before, change.after))
            .collect();
        let record = entry.record.key.clone().or_else(|| entry.record.title.clone()).unwrap_or_default();
        let actor = entry.actor.name.clone().or_else(|| entry.actor.id.map(|id| id.to_string())).unwrap_or_default();
        let row = [
            entry.at.to_string(),
            entry.kind.clone(),
            entry.actor.kind.clone(),
            harmless(actor),
            entry.origin.clone(),
            harmless(entry.request_id.clone().unwrap_or_default()),
            entry.record.kind.clone(),
            entry.record.id.to_string(),
            harmless(record),
            harmless(changes.join("; ")),
        ];
        writer.write_record(&row).map_err(serde::ser::Error::custom)?;
    }
    writer.into_inner().map_err(serde::ser::Error::custom)
}

/// Spreadsheets run a cell that begins like a formula; a quote in front makes it text.
fn harmless(text: String) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn no_cell_is_a_formula() {
        assert_eq!(harmless("=1+1".to_owned()), "'=1+1");
        assert_eq!(harmless("Ana".to_owned()), "Ana");
    }
}
