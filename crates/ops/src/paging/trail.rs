//! The trail: who was told, when, how and why; who was not; what comes next.

use std::collections::{HashMap, HashSet};

use domain::escalation::{Facts, Run, Target, Upcoming};
use jiff::Timestamp;
use kernel::{AlertId, PersonId, Ref, Scope, timestamp};
use platform::{App, Ctx, DbError, Sql};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::store::{self, EscalationRow, PageRow, state};
use crate::{
    alert::{AlertError, api::AlertEscalation},
    policy::{target_name, target_names},
};

/// A person's contact, as a message used it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UsedContact {
    /// `mail` or `webhook`.
    pub kind: String,
    /// Where to.
    pub address: String,
}

/// One intended notification.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Notification {
    /// Id, also the Message-ID.
    pub id: Uuid,
    /// When it was intended.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Which step.
    pub step_text: String,
    /// The round, from 1.
    pub round: i64,
    /// The step, from 1; 0 for administrators and added responders.
    pub step: i64,
    /// Whom.
    pub person: Ref,
    /// Through what.
    pub contact: UsedContact,
    /// `pending`, `held`, `sent`, `failed` or `cancelled`.
    pub state: String,
    /// When it is or was due.
    #[schema(value_type = String, format = DateTime)]
    pub due_at: Timestamp,
    /// When it was handed over.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub sent_at: Option<Timestamp>,
    /// How often it was tried.
    pub attempts: i64,
    /// Why it failed or was cancelled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
    /// Why this person, through this, at this time.
    pub because: String,
}

/// Something to come.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NextStep {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// What.
    pub text: String,
    /// Why.
    pub because: String,
}

/// Somebody who was not told; nobody in particular when a step led to no person.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NotNotified {
    /// Who.
    pub person: Ref,
    /// Why.
    pub because: String,
}

/// The trail of an alert.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Trail {
    /// Intended notifications, oldest first.
    pub items: Vec<Notification>,
    /// What comes next if nothing happens.
    pub next: Vec<NextStep>,
    /// Who was not told.
    pub not_notified: Vec<NotNotified>,
}

/// The alert's facts, from the row that messages use.
fn facts(alert: &super::message::AlertFacts) -> Facts {
    Facts {
        open: alert.status == "open",
        acknowledged: alert.acknowledged_at.is_some(),
        snoozed: alert.snoozed_until.is_some(),
        priority: alert.priority(),
    }
}

/// The trail of an alert that the caller may see.
pub(super) async fn of_alert(app: &App, ctx: &Ctx, id: AlertId) -> Result<Trail, AlertError> {
    ctx.require(kernel::Permission::AlertsRead)?;
    let read = app.db.read();
    if !store::sees_alert(&read, &ctx.scope, id).await? {
        return Err(AlertError::NotFound);
    }
    let Some(alert) = store::find_alert(&read, id).await? else { return Err(AlertError::NotFound) };
    let pages = store::list_pages(&read, id).await?;
    let skips = store::list_skips(&read, id).await?;
    let people: HashSet<PersonId> = pages
        .iter()
        .map(|page| page.person_id)
        .chain(skips.iter().filter_map(|skip| skip.person_id))
        .map(PersonId)
        .collect();
    let names = identity::lookup::person_names(&read, &people.into_iter().collect::<Vec<_>>()).await?;
    let named = |id: Uuid| Ref::new(id, names.get(&PersonId(id)).map_or("(removed)", String::as_str));
    let mut next: Vec<NextStep> = pages
        .iter()
        .filter(|page| matches!(page.state.as_str(), "pending" | "held"))
        .map(|page| NextStep {
            at: timestamp(page.due_at),
            text: format!("{} to {}", page.contact_kind, named(page.person_id).name),
            because: page.because.clone(),
        })
        .collect();
    if let Some(row) = store::find_latest(&read, id).await?
        && row.state == state::RUNNING
        && let Some(run) = row.run()?
    {
        next.extend(to_come(&read, &run, facts(&alert)).await?);
    }
    next.sort_by_key(|one| one.at);
    let mut seen = HashSet::new();
    let not_notified = skips
        .into_iter()
        .filter(|skip| seen.insert((skip.person_id, skip.because.clone())))
        .map(|skip| NotNotified {
            person: skip.person_id.map_or_else(|| Ref::new(Uuid::nil(), "Nobody"), &named),
            because: skip.because,
        })
        .collect();
    Ok(Trail { items: pages.into_iter().map(|page| notification(page, &named)).collect(), next, not_notified })
}

fn notification(page: PageRow, named: &impl Fn(Uuid) -> Ref) -> Notification {
    Notification {
        id: page.id,
        at: timestamp(page.created_at),
        step_text: page.step_text,
        round: page.round + 1,
        step: (page.step + 1).max(0),
        person: named(page.person_id),
        contact: UsedContact { kind: page.contact_kind, address: page.address },
        state: page.state,
        due_at: timestamp(page.due_at),
        sent_at: page.sent_at.map(timestamp),
        attempts: page.attempts,
        last_error: page.last_error,
        because: page.because,
    }
}

/// The steps to come in this round and its end.
async fn to_come(sql: &impl Sql, run: &Run, facts: Facts) -> Result<Vec<NextStep>, DbError> {
    let upcoming = run.upcoming(facts);
    let targets: Vec<Target> = upcoming.iter().filter_map(|one| one.target).collect();
    let names = target_names(sql, &Scope::All, &targets).await?;
    Ok(upcoming
        .into_iter()
        .map(|one| NextStep { at: one.at, text: headline(&one, &names), because: one.text })
        .collect())
}

fn headline(one: &Upcoming, names: &HashMap<Target, String>) -> String {
    match (one.step, one.target) {
        (Some(step), Some(target)) => format!("Step {}: {}", step + 1, target_name(target, names)),
        _ => "End of the round".to_owned(),
    }
}

/// How the escalation of each of these alerts stands.
pub(super) async fn escalations_of(
    sql: &impl Sql,
    alerts: &[AlertId],
) -> Result<HashMap<AlertId, AlertEscalation>, DbError> {
    let ids: Vec<Uuid> = alerts.iter().map(|id| id.0).collect();
    let rows = store::list_latest(sql, &ids).await?;
    let facts: HashMap<Uuid, Facts> =
        store::list_alerts(sql, &ids).await?.into_iter().map(|alert| (alert.id, facts(&alert))).collect();
    let mut runs = Vec::new();
    for row in rows {
        if let (Some(run), Some(facts)) = (row.run()?, facts.get(&row.alert_id)) {
            runs.push((row, run, *facts));
        }
    }
    let targets: Vec<Target> =
        runs.iter().flat_map(|(_, run, _)| run.policy.steps.iter().map(|step| step.notify)).collect();
    let names = target_names(sql, &Scope::All, &targets).await?;
    Ok(runs
        .into_iter()
        .map(|(row, run, facts)| (AlertId(row.alert_id), escalation(row, &run, facts, &names)))
        .collect())
}

/// Names of policies change rarely: the frozen one is shown, with the version it belongs to.
fn escalation(row: EscalationRow, run: &Run, facts: Facts, names: &HashMap<Target, String>) -> AlertEscalation {
    let next = if row.state == state::RUNNING { run.upcoming(facts).into_iter().next() } else { None };
    let stand = match (row.state.as_str(), &next) {
        (state::FINISHED, _) => state::FINISHED,
        (state::RUNNING, Some(next)) if next.step.is_some() || !facts.acknowledged => state::RUNNING,
        _ => state::STOPPED,
    };
    let next = next.filter(|_| stand == state::RUNNING);
    AlertEscalation {
        policy: Ref::new(row.policy_id.unwrap_or_default(), row.policy_name),
        policy_version: row.policy_version,
        round: i64::from(run.round()) + 1,
        next_step_at: next.as_ref().map(|next| next.at.to_string()),
        next_text: next.map(|next| headline(&next, names)),
        state: stand.to_owned(),
    }
}
