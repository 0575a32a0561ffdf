//! Creating, editing, deleting and finding services.

use std::collections::HashSet;

use kernel::{Event, FieldError, Page, PageRequest, Permission, RecordKind, Scope, ServiceId};
use platform::db::{DbError, Lane, Sql, Tx};
use platform::{App, Ctx};
use serde_json::json;
use uuid::Uuid;

use super::ServiceError;
use super::record::{IncidentRule, Responder, ResponderKind, Service, ServiceDraft};
use super::store::{self, Listed};
use crate::service_rule;

/// Proof that a service was deleted.
#[derive(Debug)]
pub struct Deleted;

/// Creates a service.
pub async fn create(app: &App, ctx: &Ctx, draft: ServiceDraft) -> Result<ServiceId, ServiceError> {
    ctx.require(Permission::ServicesManage)?;
    check(app, ctx, &draft, None).await?;
    app.db
        .write_once(ctx, "service.create", Lane::Front, move |tx| {
            Box::pin(async move {
                let id = ServiceId(tx.new_id());
                refuse_taken_key(tx, &draft.key, None).await?;
                let service = Service::of(id, draft, 1);
                store::insert(tx, &service).await?;
                let data = json!({"key": service.key, "tier": service.tier, "owner_team": service.owner_team});
                tx.emit(Event::new("ServiceCreated", RecordKind::SERVICE, id, 1, data));
                Ok::<_, ServiceError>(id)
            })
        })
        .await
}

/// Applies `edit` to the service's fields. `expected` is the version the caller read.
pub async fn edit(
    app: &App,
    ctx: &Ctx,
    id: ServiceId,
    expected: Option<i64>,
    edit: impl FnOnce(&mut ServiceDraft) + Send + 'static,
) -> Result<(), ServiceError> {
    ctx.require(Permission::ServicesManage)?;
    let before = store::find(&app.db.read(), &ctx.scope, id).await?.ok_or(ServiceError::NotFound)?;
    let mut draft = before.draft();
    edit(&mut draft);
    check(app, ctx, &draft, Some(&before)).await?;
    // The draft was made from this version: a change in between is a conflict even when the caller named none.
    let expected = expected.unwrap_or(before.version);
    app.db
        .write(ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                let scope = tx.ctx().scope.clone();
                let now = store::lock(tx, &scope, id).await?.ok_or(ServiceError::NotFound)?;
                if now.version != expected {
                    return Err(ServiceError::VersionConflict { current: now.version });
                }
                refuse_taken_key(tx, &draft.key, Some(id)).await?;
                let (service, changes) = now.edited(draft);
                if changes.is_empty() {
                    return Ok(());
                }
                store::update(tx, &service).await?;
                let data = json!({ "changes": changes });
                tx.emit(Event::new("ServiceChanged", RecordKind::SERVICE, id, service.version, data));
                Ok(())
            })
        })
        .await
}

/// Deletes a service that no rule points to. Tickets and alerts keep its name.
pub async fn delete(app: &App, ctx: &Ctx, id: ServiceId, expected: Option<i64>) -> Result<Deleted, ServiceError> {
    ctx.require(Permission::ServicesManage)?;
    app.db
        .write(ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                let scope = tx.ctx().scope.clone();
                let service = store::lock(tx, &scope, id).await?.ok_or(ServiceError::NotFound)?;
                if expected.is_some_and(|expected| expected != service.version) {
                    return Err(ServiceError::VersionConflict { current: service.version });
                }
                if let Some(rule) = service_rule::rule_of_service(&*tx, id).await? {
                    return Err(ServiceError::UsedByRule { service: id, rule });
                }
                let version = service.version + 1;
                store::mark_deleted(tx, id, version).await?;
                tx.emit(Event::new("ServiceDeleted", RecordKind::SERVICE, id, version, json!({"key": service.key})));
                Ok(Deleted)
            })
        })
        .await
}

async fn refuse_taken_key(tx: &Tx, key: &str, except: Option<ServiceId>) -> Result<(), ServiceError> {
    if store::key_is_taken(tx, key, except).await? {
        return Err(ServiceError::KeyTaken(key.to_owned()));
    }
    Ok(())
}

/// Checks a draft: its own shape, and that everything it newly names exists and may be seen by the caller.
async fn check(app: &App, ctx: &Ctx, draft: &ServiceDraft, before: Option<&Service>) -> Result<(), ServiceError> {
    let mut wrong = draft.complaints();
    let new_team = draft.owner_team.filter(|team| before.and_then(|b| b.owner_team) != Some(*team));
    if let Some(team) = new_team {
        let known = app.records.titles(&app.db.read(), &ctx.scope, "team", &[team.0]).await?;
        if !known.contains_key(&team.0) || !ctx.scope.sees_team(Some(team)) {
            wrong.push(FieldError::new("owner_team_id", "There is no such team."));
        }
    } else if draft.owner_team.is_none() && !ctx.scope.sees_team(None) {
        wrong.push(FieldError::new("owner_team_id", "Name the team that you act for as the owner."));
    }
    let new_policy = draft.escalation_policy.filter(|policy| before.and_then(|b| b.escalation_policy) != Some(*policy));
    if let Some(policy) = new_policy
        && !app.records.titles(&app.db.read(), &ctx.scope, "escalation_policy", &[policy]).await?.contains_key(&policy)
    {
        wrong.push(FieldError::new("escalation_policy_id", "There is no such escalation policy."));
    }
    let old: HashSet<Uuid> = before.map(|b| b.responders.iter().map(|r| r.id).collect()).unwrap_or_default();
    for kind in ResponderKind::ALL {
        let new: Vec<Uuid> =
            draft.responders.iter().filter(|r| r.kind == *kind && !old.contains(&r.id)).map(|r| r.id).collect();
        if new.is_empty() {
            continue;
        }
        let known = app.records.titles(&app.db.read(), &ctx.scope, kind.record_kind(), &new).await?;
        for (n, responder) in draft.responders.iter().enumerate() {
            if responder.kind == *kind && new.contains(&responder.id) && !known.contains_key(&responder.id) {
                wrong.push(FieldError::new(format!("responders[{n}]"), format!("There is no such {}.", kind.as_str())));
            }
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(ServiceError::Invalid(wrong)) }
}

/// The services whose name or key contains `query`, newest first.
pub(super) async fn list(
    app: &App,
    ctx: &Ctx,
    query: Option<&str>,
    page: PageRequest,
) -> Result<Page<Listed>, ServiceError> {
    ctx.require(Permission::ServicesRead)?;
    let query = query.map(str::trim).filter(|query| !query.is_empty());
    let rows = store::list(&app.db.read(), &ctx.scope, query, page).await?;
    Ok(page.page(rows, |row| row.seq, |row| row))
}

/// One service.
pub(super) async fn find(app: &App, ctx: &Ctx, id: ServiceId) -> Result<Listed, ServiceError> {
    ctx.require(Permission::ServicesRead)?;
    store::find_listed(&app.db.read(), &ctx.scope, id).await?.ok_or(ServiceError::NotFound)
}

/// Who is called for a service; empty when the service is gone.
pub async fn responders(sql: &impl Sql, id: ServiceId) -> Result<Vec<Responder>, DbError> {
    Ok(store::find(sql, &Scope::All, id).await?.map(|service| service.responders).unwrap_or_default())
}

/// What the service's alerts do about incidents, and its tier; nothing when the service is gone.
pub async fn incident_rule(sql: &impl Sql, id: ServiceId) -> Result<Option<(IncidentRule, i64)>, DbError> {
    Ok(store::find(sql, &Scope::All, id).await?.map(|service| (service.incident_rule, service.tier)))
}

/// The service that an alert is about, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelMatch {
    /// The service.
    pub service: Service,
    /// The rule that found it.
    pub rule_id: Uuid,
    /// That rule's name.
    pub rule_name: String,
    /// Version of the rules that decided.
    pub rules_version: i64,
    /// Why, in words.
    pub reason: String,
}
