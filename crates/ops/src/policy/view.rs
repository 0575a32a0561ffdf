//! Policies as answers.

use std::collections::HashMap;

use domain::escalation::Target;
use kernel::{Action, Page, PageRequest, Permission, Ref, TeamId};
use platform::{App, Ctx, DbError, Read};
use uuid::Uuid;

use super::{
    PolicyError,
    api::{PolicyDto, PolicyStep, PolicyVersion, PolicyVersions, Recipient, TeamRouting},
    service::target_names,
    store::{self, PolicyRow},
};

/// A page of policies.
pub(super) async fn list(app: &App, ctx: &Ctx, page: PageRequest) -> Result<Page<PolicyDto>, PolicyError> {
    ctx.require(Permission::OncallRead)?;
    let read = app.db.read();
    let rows = store::list(&read, &ctx.scope, page.before_or_max(), i64::from(page.limit) + 1).await?;
    let rows = page.page(rows, |row| row.seq, |row| row);
    Ok(Page { items: dtos(&read, ctx, rows.items).await?, next: rows.next })
}

/// One policy.
pub(super) async fn get(app: &App, ctx: &Ctx, id: Uuid) -> Result<PolicyDto, PolicyError> {
    ctx.require(Permission::OncallRead)?;
    let read = app.db.read();
    let row = store::find(&read, &ctx.scope, id).await?.ok_or(PolicyError::NotFound)?;
    dtos(&read, ctx, vec![row]).await?.pop().ok_or(PolicyError::NotFound)
}

async fn dtos(read: &Read, ctx: &Ctx, rows: Vec<PolicyRow>) -> Result<Vec<PolicyDto>, DbError> {
    let mut policies = Vec::with_capacity(rows.len());
    for row in rows {
        policies.push((row.policy()?, row));
    }
    let targets: Vec<Target> =
        policies.iter().flat_map(|(policy, _)| policy.steps.iter().map(|step| step.notify)).collect();
    let names: HashMap<Target, String> = target_names(read, &ctx.scope, &targets).await?;
    let teams: Vec<TeamId> = policies.iter().filter_map(|(policy, _)| policy.team_id).collect();
    let teams = identity::lookup::team_names(read, &teams).await?;
    let refusal = ctx.require(Permission::OncallManage).err().map(|denied| denied.to_string());
    Ok(policies
        .into_iter()
        .map(|(policy, row)| PolicyDto {
            id: row.id,
            name: row.name,
            description: row.description,
            team: policy.team_id.map(|id| Ref::new(id, teams.get(&id).map_or("(removed)", String::as_str))),
            steps: policy
                .steps
                .iter()
                .map(|step| PolicyStep {
                    delay_min: step.delay_min,
                    condition: step.condition,
                    notify: Recipient::of(step.notify, &names),
                })
                .collect(),
            repeat: policy.repeat,
            ack_timeout_min: policy.ack_timeout_min,
            document_version: row.document_version,
            version: row.version,
            actions: ["edit", "delete"].map(|name| Action::new(name, refusal.clone())).into(),
        })
        .collect())
}

/// The versions of a policy, newest first.
pub(super) async fn versions(app: &App, ctx: &Ctx, id: Uuid) -> Result<PolicyVersions, PolicyError> {
    ctx.require(Permission::OncallRead)?;
    let read = app.db.read();
    store::find(&read, &ctx.scope, id).await?.ok_or(PolicyError::NotFound)?;
    let rows = store::list_versions(&read, super::service::DOCUMENT_KIND, id).await?;
    let items = rows
        .into_iter()
        .map(|row| PolicyVersion { version: row.version, at: kernel::timestamp(row.created_at), body: row.body })
        .collect();
    Ok(PolicyVersions { items })
}

/// A team's routing.
pub(super) async fn routing(app: &App, ctx: &Ctx, team: TeamId) -> Result<TeamRouting, PolicyError> {
    ctx.require(Permission::OncallRead)?;
    let read = app.db.read();
    if !ctx.scope.sees_team(Some(team)) || identity::lookup::team_names(&read, &[team]).await?.is_empty() {
        return Err(PolicyError::NoTeam);
    }
    let row = store::find_routing(&read, team.0).await?;
    Ok(TeamRouting { escalation_policy_id: row.and_then(|row| row.escalation_policy_id) })
}
