//! Who calls: a GenieKey is an integration's key or an API token.

use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{HeaderValue, StatusCode, header};
use jiff::Timestamp;
use kernel::TeamId;
use ops::integration::Kind;
use ops::integration::credential::{authenticate, key_of};
use platform::auth::Credentials;
use platform::http::RequestId;
use platform::{App, Ctx};

use super::answer::GenieError;

/// The caller of a compatible operation.
#[derive(Clone, Debug)]
pub struct GenieCaller {
    /// Who.
    pub ctx: Ctx,
    /// The team of the integration.
    pub team: Option<TeamId>,
    /// When the request came.
    pub began: Timestamp,
}

impl FromRequestParts<App> for GenieCaller {
    type Rejection = GenieError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, GenieError> {
        let began = app.now();
        let refused = || GenieError::new(StatusCode::UNAUTHORIZED, "Could not authenticate");
        let key = key_of(&parts.headers).ok_or_else(refused)?;
        if key.starts_with("bwi_") {
            let request = parts.extensions.get::<RequestId>().map(|id| id.0.clone());
            let source = authenticate(app, &key, Kind::Opsgenie, request).await?;
            return Ok(Self { ctx: source.ctx, team: source.team_id, began });
        }
        let mut known = parts.clone();
        let bearer = HeaderValue::from_str(&format!("Bearer {key}")).map_err(|_| refused())?;
        known.headers.insert(header::AUTHORIZATION, bearer);
        known.headers.remove(header::COOKIE);
        match app.authenticator.authenticate(&known).await? {
            Credentials::Known(ctx) => Ok(Self { ctx: *ctx, team: None, began }),
            Credentials::None | Credentials::Refused(_) => Err(refused()),
        }
    }
}
