//! `/api/v1/links`.

use axum::extract::State;
use axum::http::StatusCode;
use kernel::LinkId;
use platform::http::{ApiError, Caller, Json, Path, Query};
use platform::{App, Title};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::service::{self, Visible};
use super::{End, LinkType};

/// The operations on links.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_links, add_link)).routes(routes!(remove_link))
}

/// One end of a link, with what to show of it.
#[derive(Debug, Serialize, ToSchema)]
struct ShownEnd {
    /// Kind of the record.
    kind: String,
    /// Its id.
    id: Uuid,
    /// Its key, where the kind has keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    /// Its name or summary.
    title: String,
    /// Its status, where the kind has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
}

impl ShownEnd {
    fn of(kind: String, title: Title) -> Self {
        Self { kind, id: title.id, key: title.key, title: title.title, status: title.status }
    }
}

/// A link.
#[derive(Debug, Serialize, ToSchema)]
struct Link {
    /// Its id.
    id: Uuid,
    /// What it says about `from`.
    #[serde(rename = "type")]
    link_type: Option<LinkType>,
    /// The first record.
    from: ShownEnd,
    /// The second record.
    to: ShownEnd,
}

impl From<Visible> for Link {
    fn from(link: Visible) -> Self {
        Self {
            id: link.row.id,
            link_type: LinkType::parse(&link.row.link_type),
            from: ShownEnd::of(link.row.from_kind, link.from),
            to: ShownEnd::of(link.row.to_kind, link.to),
        }
    }
}

/// The links of one record.
#[derive(Debug, Serialize, ToSchema)]
struct Links {
    /// Oldest first.
    items: Vec<Link>,
}

/// Which record's links.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct LinksOf {
    /// Kind of the record: `ticket`, `alert` or `service`.
    kind: String,
    /// Its id.
    id: Uuid,
}

/// A link to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AddLink {
    /// What it says about `from`.
    #[serde(rename = "type")]
    link_type: LinkType,
    /// The first record.
    from: End,
    /// The second record.
    to: End,
}

/// A link that was made.
#[derive(Debug, Serialize, ToSchema)]
struct AddedLink {
    /// The link's id.
    id: LinkId,
}

/// The links of a record, in either direction, whose other end the caller may see.
#[utoipa::path(get, path = "/api/v1/links", tag = "links", params(LinksOf),
    responses((status = 200, body = Links)), security(("session" = []), ("token" = [])))]
async fn list_links(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(of): Query<LinksOf>,
) -> Result<Json<Links>, ApiError> {
    let links = service::list(&app, &ctx, &End { kind: of.kind, id: of.id }).await?;
    Ok(Json(Links { items: links.into_iter().map(Link::from).collect() }))
}

/// Links two records.
#[utoipa::path(post, path = "/api/v1/links", tag = "links", request_body = AddLink,
    responses((status = 201, body = AddedLink)), security(("session" = []), ("token" = [])))]
async fn add_link(
    State(app): State<App>,
    Caller(ctx): Caller,
    Json(body): Json<AddLink>,
) -> Result<(StatusCode, Json<AddedLink>), ApiError> {
    let id = service::add(&app, &ctx, body.link_type, body.from, body.to).await?;
    Ok((StatusCode::CREATED, Json(AddedLink { id })))
}

/// Removes a link.
#[utoipa::path(delete, path = "/api/v1/links/{id}", tag = "links", params(("id" = Uuid, Path)),
    responses((status = 204)), security(("session" = []), ("token" = [])))]
async fn remove_link(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<LinkId>,
) -> Result<StatusCode, ApiError> {
    service::remove(&app, &ctx, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
