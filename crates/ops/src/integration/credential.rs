//! From an integration's key to a caller.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use http::{HeaderMap, header};
use kernel::{Actor, IntegrationId, Origin, Permission, Scope, TeamId};
use platform::{App, Ctx, DbError, Sql};

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
    pub(super) row: Arc<IntegrationRow>,
}

/// The integration with this key, when it is switched on, of this kind, and not too fast.
pub async fn authenticate(
    app: &App,
    key: &str,
    kind: Kind,
    request_id: Option<String>,
) -> Result<Source, IntegrationError> {
    let shown = Shown { key_hash: platform::secret::hash_token(key), kind, request_id };
    let mut sources = authenticate_all(app, vec![shown]).await?;
    sources.pop().unwrap_or(Err(IntegrationError::UnknownKey))
}

/// A key that somebody showed at a door for sources of this kind.
pub(super) struct Shown {
    pub(super) key_hash: String,
    pub(super) kind: Kind,
    pub(super) request_id: Option<String>,
}

/// As [`authenticate`], for many: answers in their order.
pub(super) async fn authenticate_all(
    app: &App,
    shown: Vec<Shown>,
) -> Result<Vec<Result<Source, IntegrationError>>, DbError> {
    let read = app.db.read();
    let mut hashes: Vec<String> = shown.iter().map(|shown| shown.key_hash.clone()).collect();
    hashes.sort_unstable();
    hashes.dedup();
    let rows = store::list_by_keys(&read, &hashes).await?;
    let private_teams = hidden_teams(&read, &rows).await?;
    let rows: HashMap<String, Arc<IntegrationRow>> =
        rows.into_iter().map(|row| (row.key_hash.clone(), Arc::new(row))).collect();
    let admitted = |shown: Shown| {
        let row = rows.get(&shown.key_hash).filter(|row| row.enabled).ok_or(IntegrationError::UnknownKey)?;
        admit(app, row, shown, &private_teams)
    };
    Ok(shown.into_iter().map(admitted).collect())
}

/// The teams that those of these integrations do not see that have no team of their own.
pub(super) async fn hidden_teams(sql: &impl Sql, rows: &[IntegrationRow]) -> Result<Vec<TeamId>, DbError> {
    if rows.iter().any(|row| row.team_id.is_none()) {
        return Ok(store::list_private_teams(sql).await?.into_iter().map(TeamId).collect());
    }
    Ok(Vec::new())
}

fn admit(
    app: &App,
    row: &Arc<IntegrationRow>,
    shown: Shown,
    private_teams: &[TeamId],
) -> Result<Source, IntegrationError> {
    if row.kind != shown.kind.as_str() {
        return Err(IntegrationError::WrongKind(row.kind.clone()));
    }
    let rate =
        row.settings["rate_per_s"].as_u64().and_then(|rate| u32::try_from(rate).ok()).unwrap_or(limit::PER_SECOND);
    limit::take(IntegrationId(row.id), rate, app.now())
        .map_err(|retry_after_s| IntegrationError::TooMany { retry_after_s })?;
    Ok(source(row, shown.request_id, private_teams))
}

/// The caller that an integration is.
pub(super) fn source(row: &Arc<IntegrationRow>, request_id: Option<String>, private_teams: &[TeamId]) -> Source {
    let scope = match row.team_id {
        Some(team) => Scope::Team(TeamId(team)),
        None => Scope::Agent { hidden_teams: private_teams.to_vec(), hidden_projects: Vec::new() },
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
    let (id, team_id, name) = (IntegrationId(row.id), row.team_id.map(TeamId), row.name.clone());
    Source { ctx, id, team_id, name, row: row.clone() }
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
