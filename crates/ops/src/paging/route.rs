//! Which policy an alert follows, and why.
//!
//! Responders named on the alert come first and bypass everything else; then the service's policy; then the
//! service's own responders; then the routing of the team. Where nothing applies the alert notifies nobody, and the
//! flow says so.

use domain::escalation::{Condition, Policy, Step, Target};
use kernel::{Scope, TeamId};
use platform::DbError;
use platform::Sql;
use uuid::Uuid;

use super::{people::target_of, store};
use crate::{alert::AlertState, policy};

/// What was chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// This policy.
    Policy {
        /// Its id; none for people who were named one by one.
        id: Option<Uuid>,
        /// Version of its document; 0 without one.
        version: i64,
        /// What it says now.
        policy: Policy,
        /// Why this one.
        because: String,
    },
    /// Nobody.
    Nobody {
        /// Why.
        because: String,
    },
}

/// Chooses.
pub(crate) async fn choose(sql: &impl Sql, alert: &AlertState) -> Result<Route, DbError> {
    let mut passed = Vec::new();
    let named: Vec<_> = alert.responders.iter().map(|one| (one.kind.as_str(), one.id)).collect();
    if let Some(route) = of_responders(sql, &named, "The alert names its responders, which bypasses routing").await? {
        return Ok(route);
    }
    passed.push("no responders are named on it".to_owned());
    let mut team = alert.team_id;
    match alert.service_id {
        None => passed.push("it has no service".to_owned()),
        Some(id) => match store::find_service(sql, id.0).await? {
            None => passed.push("its service was removed".to_owned()),
            Some(service) => {
                if let Some(policy) = service.escalation_policy_id {
                    let because = format!("The service {} uses this policy", service.name);
                    if let Some(route) = of_policy(sql, policy, because).await? {
                        return Ok(route);
                    }
                }
                let responders = store::list_responders(sql, id.0).await?;
                let named: Vec<_> = responders.iter().map(|one| (one.kind.as_str(), one.responder_id)).collect();
                let because = format!("The service {} has no policy but names responders", service.name);
                if let Some(route) = of_responders(sql, &named, &because).await? {
                    return Ok(route);
                }
                passed.push(format!("the service {} has neither policy nor responders", service.name));
                team = team.or(service.owner_team_id.map(TeamId));
            }
        },
    }
    match team {
        None => passed.push("it belongs to no team".to_owned()),
        Some(team) => {
            let names = identity::lookup::team_names(sql, &[team]).await?;
            let name = names.get(&team).map_or("(removed)", String::as_str);
            let routing = policy::store::find_routing(sql, team.0).await?;
            if let Some(policy) = routing.and_then(|routing| routing.escalation_policy_id) {
                let because = format!("The routing of the team {name} names this policy");
                if let Some(route) = of_policy(sql, policy, because).await? {
                    return Ok(route);
                }
            }
            passed.push(format!("the team {name} routes to no policy"));
        }
    }
    Ok(Route::Nobody { because: format!("The alert notifies nobody: {}.", passed.join(", ")) })
}

/// A stored policy as it is now; none when it was removed.
async fn of_policy(sql: &impl Sql, id: Uuid, because: String) -> Result<Option<Route>, DbError> {
    let Some(row) = policy::store::find(sql, &Scope::All, id).await? else { return Ok(None) };
    let policy = row.policy()?;
    Ok(Some(Route::Policy { id: Some(id), version: row.document_version, policy, because }))
}

/// Responders as a policy of their own: all at once. A policy among them is followed instead.
async fn of_responders(sql: &impl Sql, named: &[(&str, Uuid)], because: &str) -> Result<Option<Route>, DbError> {
    if let Some((_, id)) = named.iter().find(|(kind, _)| *kind == "policy")
        && let Some(route) = of_policy(sql, *id, because.to_owned()).await?
    {
        return Ok(Some(route));
    }
    let targets: Vec<Target> = named.iter().filter_map(|(kind, id)| target_of(kind, *id)).collect();
    if targets.is_empty() {
        return Ok(None);
    }
    let step = |notify| Step { delay_min: 0, condition: Condition::IfNotAcked, notify };
    let policy = Policy {
        name: "Named responders".to_owned(),
        description: String::new(),
        team_id: None,
        steps: targets.into_iter().map(step).collect(),
        repeat: None,
        ack_timeout_min: None,
    };
    Ok(Some(Route::Policy { id: None, version: 0, policy, because: because.to_owned() }))
}
