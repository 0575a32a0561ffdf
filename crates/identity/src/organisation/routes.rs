//! `/api/v1/setup/organisation`.

use axum::extract::State;
use platform::http::{ApiError, Caller, IfMatch, Json, Versioned};
use platform::{App, Ctx};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::service::{self, OrganisationDto};

/// The operations on the organisation.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_organisation, put_organisation))
}

/// What new people begin with.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PutOrganisation {
    /// IANA zone.
    #[schema(examples("Europe/Berlin"))]
    time_zone: String,
    /// Language tag.
    #[schema(examples("en"))]
    locale: String,
}

async fn shown(app: &App, ctx: &Ctx) -> Result<Versioned<OrganisationDto>, ApiError> {
    let shown = OrganisationDto::of(app, service::get(app, ctx).await?);
    let version = shown.version;
    Ok(Versioned(shown, version))
}

/// The organisation.
#[utoipa::path(get, path = "/api/v1/setup/organisation", tag = "setup",
    responses((status = 200, body = OrganisationDto)), security(("session" = []), ("token" = [])))]
async fn get_organisation(State(app): State<App>, Caller(ctx): Caller) -> Result<Versioned<OrganisationDto>, ApiError> {
    shown(&app, &ctx).await
}

/// Sets the time zone and the language that new people begin with.
#[utoipa::path(put, path = "/api/v1/setup/organisation", tag = "setup", request_body = PutOrganisation,
    responses((status = 200, body = OrganisationDto)), security(("session" = []), ("token" = [])))]
async fn put_organisation(
    State(app): State<App>,
    Caller(ctx): Caller,
    IfMatch(expected): IfMatch,
    Json(body): Json<PutOrganisation>,
) -> Result<Versioned<OrganisationDto>, ApiError> {
    service::set(&app, &ctx, &body.time_zone, &body.locale, expected).await?;
    shown(&app, &ctx).await
}
