//! The verbs on policies and team routing.

use std::collections::{HashMap, HashSet};

use async_trait::async_trait;
use catalog::document::{DocumentError, DocumentKind};
use domain::escalation::{Policy, Target};
use jiff::Timestamp;
use kernel::{ErrorKind, Event, FieldError, KindedError, Permission, RecordKind, Scope, TeamId};
use platform::{App, Ctx, DbError, Denied, Lane, Sql, Tx};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    api::PolicyBody,
    store::{self, PolicyValues},
};
use crate::schedule;

/// Kind of the documents that keep every version of a policy.
pub(crate) const DOCUMENT_KIND: &str = "escalation_policy";
/// Version of the body's shape: a [`domain::escalation::Policy`].
const SCHEMA: i64 = 1;

/// What can go wrong with a policy.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// No such policy, or none that the caller may see.
    #[error("there is no such escalation policy")]
    NotFound,
    /// No such team.
    #[error("there is no such team")]
    NoTeam,
    /// The policy was changed meanwhile.
    #[error("the escalation policy is at version {current} by now: load it again and repeat your change")]
    Stale {
        /// Its present version.
        current: i64,
    },
    /// The content is wrong.
    #[error("the escalation policy cannot be saved like this")]
    Invalid(Vec<FieldError>),
    /// Something still uses it.
    #[error("still used by {0}: choose another policy there first")]
    InUse(String),
    /// The caller may not do this.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The documents refused.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl KindedError for PolicyError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound | Self::NoTeam => ErrorKind::NotFound,
            Self::Stale { .. } | Self::InUse(_) => ErrorKind::Conflict,
            Self::Invalid(fields) => ErrorKind::Invalid(fields.clone()),
            Self::Denied(error) => error.kind(),
            Self::Document(error) => error.kind(),
            Self::Db(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "escalation_policy_not_found",
            Self::NoTeam => "team_not_found",
            Self::Stale { .. } => "version_conflict",
            Self::Invalid(_) => "escalation_policy_invalid",
            Self::InUse(_) => "escalation_policy_in_use",
            Self::Denied(error) => error.code(),
            Self::Document(error) => error.code(),
            Self::Db(error) => error.code(),
        }
    }
}

/// Adds a policy.
///
/// # Errors
/// `Denied`, `Invalid`, or the database.
pub async fn create(app: &App, ctx: &Ctx, body: PolicyBody) -> Result<Uuid, PolicyError> {
    ctx.require(Permission::OncallManage)?;
    app.db
        .write_once(ctx, "escalation_policy.create", Lane::Front, move |tx| {
            Box::pin(async move {
                let policy = checked(tx, body, None).await?;
                let id = tx.new_id();
                let body = json_of(&policy)?;
                let document_version = put_document(tx, id, &body, None).await?;
                store::insert(tx, values(id, &policy, body, document_version, 1, tx.now())).await?;
                tx.emit(Event::new(
                    "EscalationPolicyCreated",
                    RecordKind::ESCALATION_POLICY,
                    id,
                    1,
                    json!({ "document_version": document_version }),
                ));
                Ok::<_, PolicyError>(id)
            })
        })
        .await
}

/// Replaces the content of a policy. Running escalations keep the plan they started with.
///
/// # Errors
/// `NotFound`, `Stale`, `Denied`, `Invalid`, or the database.
pub async fn change(
    app: &App,
    ctx: &Ctx,
    id: Uuid,
    expected: Option<i64>,
    body: PolicyBody,
) -> Result<(), PolicyError> {
    ctx.require(Permission::OncallManage)?;
    app.db.write(ctx, Lane::Front, move |tx| Box::pin(change_in(tx, id, expected, body))).await
}

/// As [`change`], inside a transaction whose caller was authorised.
async fn change_in(tx: &mut Tx, id: Uuid, expected: Option<i64>, body: PolicyBody) -> Result<(), PolicyError> {
    let scope = tx.ctx().scope.clone();
    let row = store::lock(tx, &scope, id).await?.ok_or(PolicyError::NotFound)?;
    if expected.is_some_and(|expected| expected != row.version) {
        return Err(PolicyError::Stale { current: row.version });
    }
    let policy = checked(tx, body, Some(id)).await?;
    let version = row.version + 1;
    let body = json_of(&policy)?;
    let document_version = put_document(tx, id, &body, Some(row.document_version)).await?;
    store::update(tx, values(id, &policy, body, document_version, version, tx.now())).await?;
    tx.emit(Event::new(
        "EscalationPolicyChanged",
        RecordKind::ESCALATION_POLICY,
        id,
        version,
        json!({ "changes": { "document_version": { "before": row.document_version, "after": document_version } } }),
    ));
    Ok(())
}

/// Removes a policy that nothing uses. Its versions stay readable as documents.
///
/// # Errors
/// `NotFound`, `InUse`, `Denied`, or the database.
pub async fn remove(app: &App, ctx: &Ctx, id: Uuid) -> Result<(), PolicyError> {
    ctx.require(Permission::OncallManage)?;
    let scope = ctx.scope.clone();
    app.db
        .write(ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                let row = store::lock(tx, &scope, id).await?.ok_or(PolicyError::NotFound)?;
                let users = store::list_users(tx, id).await?;
                if !users.is_empty() {
                    return Err(PolicyError::InUse(users.join(", ")));
                }
                store::delete(tx, id).await?;
                tx.emit(Event::new(
                    "EscalationPolicyRemoved",
                    RecordKind::ESCALATION_POLICY,
                    id,
                    row.version + 1,
                    json!({ "document_version": row.document_version }),
                ));
                Ok(())
            })
        })
        .await
}

/// Names the policy that a team's alerts use when their service names none; none means: nobody is notified.
///
/// # Errors
/// `NoTeam`, `Invalid`, `Denied`, or the database.
pub async fn set_routing(app: &App, ctx: &Ctx, team: TeamId, policy: Option<Uuid>) -> Result<(), PolicyError> {
    ctx.require(Permission::OncallManage)?;
    if !ctx.scope.sees_team(Some(team)) {
        return Err(PolicyError::NoTeam);
    }
    let scope = ctx.scope.clone();
    app.db
        .write(ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                if identity::lookup::team_names(tx, &[team]).await?.is_empty() {
                    return Err(PolicyError::NoTeam);
                }
                if let Some(id) = policy
                    && store::find(tx, &scope, id).await?.is_none()
                {
                    return Err(PolicyError::Invalid(vec![FieldError::new(
                        "escalation_policy_id",
                        "there is no such policy",
                    )]));
                }
                let before = store::find_routing(tx, team.0).await?;
                let version = before.as_ref().map_or(1, |row| row.version + 1);
                store::upsert_routing(tx, team.0, policy, version).await?;
                let before = before.and_then(|row| row.escalation_policy_id);
                tx.emit(Event::new(
                    "TeamRoutingChanged",
                    RecordKind::TEAM,
                    team,
                    version,
                    json!({ "changes": { "escalation_policy_id": { "before": before, "after": policy } } }),
                ));
                Ok(())
            })
        })
        .await
}

/// Checks a body; recipients must exist.
async fn checked(tx: &Tx, body: PolicyBody, own: Option<Uuid>) -> Result<Policy, PolicyError> {
    let policy = body.policy().map_err(PolicyError::Invalid)?;
    let mut problems = Vec::new();
    if store::name_taken(tx, &policy.name, own).await? {
        problems.push(FieldError::new("name", "another policy has this name"));
    }
    let scope = tx.ctx().scope.clone();
    if let Some(team) = policy.team_id
        && (!scope.sees_team(Some(team)) || identity::lookup::team_names(tx, &[team]).await?.is_empty())
    {
        problems.push(FieldError::new("team_id", "there is no such team"));
    }
    let targets: Vec<Target> = policy.steps.iter().map(|step| step.notify).collect();
    let names = target_names(tx, &scope, &targets).await?;
    for (index, step) in policy.steps.iter().enumerate() {
        if step.notify != Target::ServiceResponders && !names.contains_key(&step.notify) {
            problems
                .push(FieldError::new(format!("steps[{index}].notify"), "there is no such person, team or schedule"));
        }
    }
    if problems.is_empty() { Ok(policy) } else { Err(PolicyError::Invalid(problems)) }
}

/// The present names of these targets that exist and that the scope may see.
pub(crate) async fn target_names(
    sql: &impl Sql,
    scope: &Scope,
    targets: &[Target],
) -> Result<HashMap<Target, String>, DbError> {
    let (mut people, mut teams, mut schedules) = (Vec::new(), Vec::new(), Vec::new());
    for target in targets.iter().copied().collect::<HashSet<_>>() {
        match target {
            Target::Person { id } => people.push(id),
            Target::Team { id } if scope.sees_team(Some(id)) => teams.push(id),
            Target::Schedule { id } => schedules.push(id.0),
            Target::Team { .. } | Target::ServiceResponders => {}
        }
    }
    let mut names = HashMap::new();
    for (id, name) in identity::lookup::person_names(sql, &people).await? {
        names.insert(Target::Person { id }, name);
    }
    for (id, name) in identity::lookup::team_names(sql, &teams).await? {
        names.insert(Target::Team { id }, name);
    }
    for (id, name) in schedule::store::names(sql, scope, &schedules).await? {
        names.insert(Target::Schedule { id: id.into() }, name);
    }
    Ok(names)
}

async fn put_document(tx: &mut Tx, id: Uuid, body: &Value, expected: Option<i64>) -> Result<i64, PolicyError> {
    let document = catalog::document::write(tx, DOCUMENT_KIND, &id.to_string(), SCHEMA, body.clone(), expected).await?;
    Ok(document.version)
}

fn json_of(policy: &Policy) -> Result<Value, DbError> {
    serde_json::to_value(policy).map_err(|error| DbError::Corrupt(error.to_string()))
}

fn values<'a>(
    id: Uuid,
    policy: &'a Policy,
    body: Value,
    document_version: i64,
    version: i64,
    at: Timestamp,
) -> PolicyValues<'a> {
    PolicyValues {
        id,
        name: &policy.name,
        description: &policy.description,
        team_id: policy.team_id,
        policy: body,
        document_version,
        version,
        at,
    }
}

/// Brings old versions of policies back.
pub struct PolicyDocuments;

#[async_trait]
impl DocumentKind for PolicyDocuments {
    fn kind(&self) -> &'static str {
        DOCUMENT_KIND
    }

    fn manage(&self) -> Permission {
        Permission::OncallManage
    }

    async fn put(&self, tx: &mut Tx, key: &str, body: Value) -> Result<(), DocumentError> {
        let id = key.parse().map_err(|_| DocumentError::NotFound)?;
        let policy: Policy = serde_json::from_value(body)
            .map_err(|error| DocumentError::Invalid(vec![FieldError::new("body", error.to_string())]))?;
        let body = PolicyBody::of(policy);
        change_in(tx, id, None, body).await.map_err(|error| match error {
            PolicyError::Invalid(fields) => DocumentError::Invalid(fields),
            PolicyError::Document(error) => error,
            PolicyError::Denied(error) => DocumentError::Denied(error),
            PolicyError::Db(error) => DocumentError::Db(error),
            PolicyError::NotFound | PolicyError::NoTeam | PolicyError::Stale { .. } | PolicyError::InUse(_) => {
                DocumentError::NotFound
            }
        })
    }
}
