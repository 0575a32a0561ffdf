//! Services over the wire.

use std::collections::HashMap;

use kernel::{Action, Permission, Ref, TeamId, nullable};
use platform::db::DbError;
use platform::{App, Ctx, Tally, Title};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::record::{IncidentRule, Responder, ResponderKind, ServiceDraft, key_of};
use super::store::Listed;

/// A responder with its name.
#[derive(Debug, Serialize, ToSchema)]
pub struct ResponderDto {
    /// What kind of responder.
    pub kind: ResponderKind,
    /// The person, team, schedule or policy.
    pub id: Uuid,
    /// Its name; empty when the caller may not see it.
    pub name: String,
}

/// A service.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Service)]
pub struct ServiceDto {
    /// Its id.
    pub id: Uuid,
    /// Short unique name.
    pub key: String,
    /// Name.
    pub name: String,
    /// What it does.
    pub description: String,
    /// 1 (most hangs on it) to 4.
    pub tier: i64,
    /// The team that owns it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner_team: Option<Ref>,
    /// Who is called for it.
    pub responders: Vec<ResponderDto>,
    /// The policy for its alerts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub escalation_policy: Option<Ref>,
    /// What its alerts do about incidents; priorities not named follow the tier.
    pub incident_rule: IncidentRule,
    /// Open alerts about it, of those that the caller may see.
    pub open_alerts: i64,
    /// Unresolved tickets about it, of those that the caller may see.
    pub open_tickets: i64,
    /// Counts its changes.
    pub version: i64,
    /// What this caller may do.
    pub actions: Vec<Action>,
}

/// What a list of services is narrowed to.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ServiceFilter {
    /// Part of the name or key.
    pub query: Option<String>,
}

/// A new service.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CreateService {
    /// Name.
    pub name: String,
    /// Short unique name; made from the name when absent.
    pub key: Option<String>,
    /// What it does.
    #[serde(default)]
    pub description: String,
    /// 1 (most hangs on it) to 4.
    pub tier: i64,
    /// The team that owns it.
    pub owner_team_id: Option<TeamId>,
    /// The policy for its alerts.
    pub escalation_policy_id: Option<Uuid>,
    /// Who is called for it.
    #[serde(default)]
    pub responders: Vec<Responder>,
    /// What its alerts do about incidents.
    #[serde(default)]
    pub incident_rule: IncidentRule,
}

impl From<CreateService> for ServiceDraft {
    fn from(body: CreateService) -> Self {
        Self {
            key: body.key.unwrap_or_else(|| key_of(&body.name)),
            name: body.name,
            description: body.description,
            tier: body.tier,
            owner_team: body.owner_team_id,
            escalation_policy: body.escalation_policy_id,
            responders: body.responders,
            incident_rule: body.incident_rule,
        }
    }
}

/// Fields of a service to change; absent ones stay, null clears.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EditService {
    /// Name.
    pub name: Option<String>,
    /// Short unique name.
    pub key: Option<String>,
    /// What it does.
    pub description: Option<String>,
    /// 1 (most hangs on it) to 4.
    pub tier: Option<i64>,
    /// The team that owns it.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<Uuid>)]
    pub owner_team_id: Option<Option<TeamId>>,
    /// The policy for its alerts.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<Uuid>)]
    pub escalation_policy_id: Option<Option<Uuid>>,
    /// Who is called for it.
    pub responders: Option<Vec<Responder>>,
    /// What its alerts do about incidents.
    pub incident_rule: Option<IncidentRule>,
}

impl EditService {
    /// Writes the named fields into the draft.
    pub fn apply(self, draft: &mut ServiceDraft) {
        fn set<T>(field: &mut T, value: Option<T>) {
            if let Some(value) = value {
                *field = value;
            }
        }
        set(&mut draft.name, self.name);
        set(&mut draft.key, self.key);
        set(&mut draft.description, self.description);
        set(&mut draft.tier, self.tier);
        set(&mut draft.owner_team, self.owner_team_id);
        set(&mut draft.escalation_policy, self.escalation_policy_id);
        set(&mut draft.responders, self.responders);
        set(&mut draft.incident_rule, self.incident_rule);
    }
}

/// Shows services, with the names of what they refer to read in one go per kind.
pub(super) async fn show(app: &App, ctx: &Ctx, services: Vec<Listed>) -> Result<Vec<ServiceDto>, DbError> {
    let mut names: HashMap<&'static str, HashMap<Uuid, Title>> = HashMap::new();
    for kind in ResponderKind::ALL {
        let mut ids: Vec<Uuid> = services
            .iter()
            .flat_map(|listed| &listed.service.responders)
            .filter(|responder| responder.kind == *kind)
            .map(|responder| responder.id)
            .collect();
        if *kind == ResponderKind::Policy {
            ids.extend(services.iter().filter_map(|listed| listed.service.escalation_policy));
        }
        ids.sort_unstable();
        ids.dedup();
        if !ids.is_empty() {
            names.insert(
                kind.record_kind(),
                app.records.titles(&app.db.read(), &ctx.scope, kind.record_kind(), &ids).await?,
            );
        }
    }
    let name_of = |kind: &str, id: Uuid| {
        names.get(kind).and_then(|known| known.get(&id)).map(|title| title.title.clone()).unwrap_or_default()
    };
    let ids: Vec<Uuid> = services.iter().map(|listed| listed.service.id.0).collect();
    let tally = async |tally| app.records.tally(&app.db.read(), &ctx.scope, tally, &ids).await;
    let (alerts, tickets) = (tally(Tally::OpenAlertsOfService).await?, tally(Tally::OpenTicketsOfService).await?);
    let open = |id: Uuid| {
        let of = |tally: &HashMap<Uuid, i64>| tally.get(&id).copied().unwrap_or_default();
        (of(&alerts), of(&tickets))
    };
    Ok(services.into_iter().map(|listed| dto(ctx, listed, &name_of, open)).collect())
}

fn dto(
    ctx: &Ctx,
    listed: Listed,
    name_of: &dyn Fn(&str, Uuid) -> String,
    open: impl Fn(Uuid) -> (i64, i64),
) -> ServiceDto {
    let service = listed.service;
    let (open_alerts, open_tickets) = open(service.id.0);
    let refusal = (!ctx.allows(Permission::ServicesManage))
        .then(|| format!("This needs the permission {}.", Permission::ServicesManage.as_str()));
    ServiceDto {
        id: service.id.0,
        key: service.key,
        name: service.name,
        description: service.description,
        tier: service.tier,
        owner_team: Ref::joined(service.owner_team.map(Uuid::from), listed.owner_team_name),
        responders: service
            .responders
            .into_iter()
            .map(|responder| ResponderDto {
                kind: responder.kind,
                id: responder.id,
                name: name_of(responder.kind.record_kind(), responder.id),
            })
            .collect(),
        escalation_policy: service.escalation_policy.map(|id| Ref::new(id, name_of("escalation_policy", id))),
        incident_rule: service.incident_rule,
        open_alerts,
        open_tickets,
        version: service.version,
        actions: vec![Action::new("edit", refusal.clone()), Action::new("delete", refusal)],
    }
}
