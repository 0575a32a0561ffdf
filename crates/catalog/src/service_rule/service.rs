//! Storing the rules and matching labels against them.

use std::collections::{BTreeMap, HashMap};

use kernel::{FieldError, Permission, Scope, ServiceId};
use platform::{App, Ctx, DbError, Lane, Sql, Tx};

use super::record::RuleSet;
use super::{DOCUMENT_KEY, DOCUMENT_KIND, RuleError};
use crate::document;
use crate::service::{self, LabelMatch, Service};

/// Version of the shape of the rules' document.
const SCHEMA_VERSION: i64 = 1;

/// The rules in force with their version; no rules at version 0 when none were ever stored.
async fn current(sql: &impl Sql) -> Result<(RuleSet, i64), DbError> {
    let Some(stored) = document::current(sql, DOCUMENT_KIND, DOCUMENT_KEY).await? else {
        return Ok((RuleSet::default(), 0));
    };
    let rules = serde_json::from_value(stored.body)
        .map_err(|error| DbError::Corrupt(format!("service rules, version {}: {error}", stored.version)))?;
    Ok((rules, stored.version))
}

/// Puts the rules into force. `expected` is the version that the caller read. Gives the new version.
pub async fn put(app: &App, ctx: &Ctx, rules: RuleSet, expected: Option<i64>) -> Result<i64, RuleError> {
    ctx.require(Permission::ServicesManage)?;
    app.db.write(ctx, Lane::Front, move |tx| Box::pin(async move { put_in(tx, rules, expected).await })).await
}

/// As [`put`], inside a transaction whose caller has authorised it.
pub(super) async fn put_in(tx: &mut Tx, mut rules: RuleSet, expected: Option<i64>) -> Result<i64, RuleError> {
    for rule in &mut rules.rules {
        if rule.id.is_nil() {
            rule.id = tx.new_id();
        }
    }
    let mut wrong = rules.complaints();
    let services: Vec<ServiceId> = rules.rules.iter().map(|rule| rule.service_id).collect();
    let mut known = service::names(&*tx, &tx.ctx().scope, &services).await?;
    // Who may not see a service keeps the rules that find it already, so that the others can be changed.
    let (now, _) = current(&*tx).await?;
    let kept: Vec<ServiceId> = now.rules.iter().map(|rule| rule.service_id).collect();
    known.extend(service::names(&*tx, &Scope::All, &kept).await?);
    for (n, rule) in rules.rules.iter().enumerate() {
        if known.get(&rule.service_id).is_none_or(|name| name.deleted) {
            wrong.push(FieldError::new(format!("rules[{n}].service_id"), "There is no such service."));
        }
    }
    if !wrong.is_empty() {
        return Err(RuleError::Invalid(wrong));
    }
    let body = serde_json::to_value(&rules).map_err(|error| DbError::Corrupt(error.to_string()))?;
    let stored = document::write(tx, DOCUMENT_KIND, DOCUMENT_KEY, SCHEMA_VERSION, body, expected).await?;
    Ok(stored.version)
}

/// The rules for a caller to read.
pub(super) async fn read(app: &App, ctx: &Ctx) -> Result<(RuleSet, i64), RuleError> {
    ctx.require(Permission::ServicesRead)?;
    Ok(current(&app.db.read()).await?)
}

/// Which service these labels point to, for a caller who tries the rules out.
pub(super) async fn test(
    app: &App,
    ctx: &Ctx,
    labels: &BTreeMap<String, String>,
) -> Result<Option<LabelMatch>, RuleError> {
    ctx.require(Permission::ServicesRead)?;
    let read = app.db.read();
    let found = LabelMatcher::load(&read).await?.find(&read, labels).await?;
    Ok(found.filter(|found| ctx.scope.sees_team(found.service.owner_team)))
}

/// The rules in force, read once, for many labels.
pub struct LabelMatcher {
    rules: RuleSet,
    version: i64,
    services: HashMap<ServiceId, Service>,
}

impl LabelMatcher {
    /// Reads the rules.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn load(sql: &impl Sql) -> Result<Self, DbError> {
        let (rules, version) = current(sql).await?;
        Ok(Self { rules, version, services: HashMap::new() })
    }

    /// The first rule that holds for these labels, with its service and the reason.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find(
        &mut self,
        sql: &impl Sql,
        labels: &BTreeMap<String, String>,
    ) -> Result<Option<LabelMatch>, DbError> {
        while let Some((rule, reason)) = self.rules.first_match(labels) {
            let known = self.services.get(&rule.service_id).cloned();
            let service = match known {
                Some(service) => Some(service),
                // Labels are matched for the system: who may see the alert is decided by its owner later.
                None => service::get(sql, &Scope::All, rule.service_id).await?,
            };
            if let Some(service) = service {
                self.services.insert(rule.service_id, service.clone());
                let (rule_id, rule_name) = (rule.id, rule.name);
                return Ok(Some(LabelMatch { service, rule_id, rule_name, rules_version: self.version, reason }));
            }
            self.rules.rules.retain(|other| other.service_id != rule.service_id);
        }
        Ok(None)
    }
}

/// The name of a rule that points to this service.
pub(crate) async fn rule_of_service(sql: &impl Sql, id: ServiceId) -> Result<Option<String>, DbError> {
    let (rules, _) = current(sql).await?;
    Ok(rules.rules.into_iter().find(|rule| rule.service_id == id).map(|rule| rule.name))
}
