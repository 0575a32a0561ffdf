//! From an integration's key to a caller.

use std::collections::BTreeSet;

use http::{HeaderMap, header};
use kernel::{Actor, IntegrationId, Origin, Permission, Scope, TeamId};
use platform::{App, Ctx};

use super::error::IntegrationError;
use super::limit;
use super::reading::Kind;
use super::store::{self, IntegrationRow};

/// An integration that showed its key.
#[derive(Clone, Debug)]
pub struct Source {
    /// The caller it is.
    pub ctx: Ctx,
    /// Its id.
    pub id: IntegrationId,
    /// Its team, whose alerts it raises unless the affected service has an owner.
    pub team_id: Option<TeamId>,
    /// Its name.
    pub name: String,
    pub(super) row: IntegrationRow,
}

/// The integration with this key, when it is switched on, of this kind, and not too fast.
pub async fn authenticate(
    app: &App,
    key: &str,
    kind: Kind,
    request_id: Option<String>,
) -> Result<Source, IntegrationError> {
    let read = app.db.read();
    let row = store::find_by_key(&read, &platform::secret::hash_token(key))
        .await?
        .filter(|row| row.enabled)
        .ok_or(IntegrationError::UnknownKey)?;
    if row.kind != kind.as_str() {
        return Err(IntegrationError::WrongKind(row.kind));
    }
    let rate =
        row.settings["rate_per_s"].as_u64().and_then(|rate| u32::try_from(rate).ok()).unwrap_or(limit::PER_SECOND);
    limit::take(IntegrationId(row.id), rate, app.now())
        .map_err(|retry_after_s| IntegrationError::TooMany { retry_after_s })?;
    let scope = match row.team_id {
        Some(team) => Scope::Team(TeamId(team)),
        None => Scope::Agent {
            hidden_teams: store::list_private_teams(&read).await?.into_iter().map(TeamId).collect(),
            hidden_projects: Vec::new(),
        },
    };
    let ctx = Ctx {
        actor: Actor::Integration { id: IntegrationId(row.id) },
        scope,
        role: None,
        permissions: BTreeSet::from([Permission::AlertsRead, Permission::AlertsWrite]),
        origin: Origin::Integration,
        request_id,
        session: None,
        token: None,
        idempotency: None,
    };
    Ok(Source { ctx, id: IntegrationId(row.id), team_id: row.team_id.map(TeamId), name: row.name.clone(), row })
}

/// The key in the headers: `Authorization: Bearer|GenieKey ...` or `X-API-Key`.
pub fn key_of(headers: &HeaderMap) -> Option<String> {
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let bearer = authorization.and_then(|value| {
        let (scheme, key) = value.trim().split_once(' ')?;
        let known = scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("geniekey");
        known.then(|| key.trim().to_owned())
    });
    bearer.or_else(|| headers.get("x-api-key").and_then(|value| value.to_str().ok()).map(|key| key.trim().to_owned()))
}
