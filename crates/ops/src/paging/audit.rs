//! The auditor: every open alert that waits for an answer and follows a policy must have a step to come that can
//! reach somebody. Where one has none, an alarm stands until that is put right.
//!
//! Notifying nobody on purpose (no policy, or a policy without steps) is valid; a missing or unverified contact, a
//! lost timer and an escalation that has run out are not.

use std::collections::HashMap;

use async_trait::async_trait;
use domain::{
    escalation::{Facts, Problem, Run, Target},
    priority::Priority,
};
use jiff::{SignedDuration, Timestamp};
use kernel::{AlertId, Scope, timestamp};
use platform::{App, Ctx, DbError, Finished, Job, JobHandler, Lane, NewJob, Read, Tx, WorkError};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    PagingError,
    jobs::RUN_STEP,
    people,
    store::{self, EscalationRow, WatchedRow, state},
};
use crate::alert::log_in;

/// The auditor's timer; there is one.
const AUDIT: &str = "paging.audit";
const KEY: &str = "auditor";
/// How often it looks.
const EVERY: SignedDuration = SignedDuration::from_mins(5);
/// How late a step may be, in seconds.
const GRACE_S: i64 = 120;
/// Alerts looked at in one go.
const BATCH: i64 = 200;

/// An alert that waits for an answer and may never get one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct OnCallAlarm {
    /// The alert.
    pub alert: AlarmedAlert,
    /// What is wrong and what to do.
    pub problem: String,
}

/// The alert of an alarm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AlarmedAlert {
    /// Its id.
    pub id: AlertId,
    /// Its short number.
    pub tiny_id: String,
    /// Its message.
    pub message: String,
    /// `P1` to `P5`.
    pub priority: String,
    /// `open` or `closed`.
    pub status: String,
}

/// The alarms that stand, of alerts that the scope may see; the newest 100.
///
/// # Errors
/// When the database fails.
pub async fn list_alarms(app: &App, scope: &Scope) -> Result<Vec<OnCallAlarm>, DbError> {
    let alarm = |row: store::AlarmRow| OnCallAlarm {
        alert: AlarmedAlert {
            id: AlertId(row.alert_id),
            tiny_id: row.seq.to_string(),
            message: row.message,
            priority: row.priority,
            status: row.status,
        },
        problem: row.problem,
    };
    Ok(store::list_alarms(&app.db.read(), scope).await?.into_iter().map(alarm).collect())
}

/// Sets the auditor's timer, unless it is set.
pub(super) async fn start(app: &App) -> Result<(), DbError> {
    app.db
        .write(&Ctx::system("auditor"), Lane::Front, |tx| {
            Box::pin(async move {
                if store::list_timers(tx, AUDIT, &[KEY.to_owned()]).await?.is_empty() {
                    tx.schedule(NewJob::now(AUDIT, KEY, json!({}))).await?;
                }
                Ok(())
            })
        })
        .await
}

/// Does the audit.
pub(super) struct Audit {
    app: App,
}

impl Audit {
    pub(super) fn new(app: &App) -> Self {
        Self { app: app.clone() }
    }
}

#[async_trait]
impl JobHandler for Audit {
    fn kind(&self) -> &'static str {
        AUDIT
    }

    async fn run(&self, job: &Job) -> Result<Finished, WorkError> {
        let found = look(&self.app.db.read(), self.app.now()).await?;
        let job = job.clone();
        let ctx = Ctx::system("auditor");
        let done = self.app.db.write(&ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                let finished = tx.finish(&job).await?;
                record(tx, found).await?;
                let next = tx.now() + EVERY;
                tx.schedule(NewJob::at(AUDIT, KEY, next, json!({})).max_attempts(1000)).await?;
                Ok::<_, PagingError>(finished)
            })
        });
        Ok(done.await?)
    }
}

/// One thing that is wrong.
struct Finding {
    alert: AlertId,
    problem: String,
    /// A timer to set again.
    lost_timer: Option<(Uuid, Timestamp)>,
}

/// Looks at every alert that waits for an answer.
async fn look(read: &Read, now: Timestamp) -> Result<Vec<Finding>, DbError> {
    let mut found = Vec::new();
    let mut reach = Reachability { read, now, known: HashMap::new() };
    let mut after = Uuid::nil();
    loop {
        let watched = store::list_watched(read, after, BATCH).await?;
        let Some(last) = watched.last() else { return Ok(found) };
        after = last.id;
        let ids: Vec<Uuid> = watched.iter().map(|alert| alert.id).collect();
        let flows: HashMap<Uuid, EscalationRow> =
            store::list_latest(read, &ids).await?.into_iter().map(|row| (row.alert_id, row)).collect();
        let keys: Vec<String> = flows.values().map(|row| row.id.to_string()).collect();
        let timers = store::list_timers(read, RUN_STEP, &keys).await?;
        for alert in &watched {
            let flow = flows.get(&alert.id);
            let has_timer = flow.is_some_and(|row| timers.contains(&row.id.to_string()));
            found.extend(inspect(&mut reach, alert, flow, has_timer, now).await?);
        }
    }
}

/// What is wrong with one alert, if anything.
async fn inspect(
    reach: &mut Reachability<'_>,
    alert: &WatchedRow,
    flow: Option<&EscalationRow>,
    has_timer: bool,
    now: Timestamp,
) -> Result<Option<Finding>, DbError> {
    let finding = |problem: String| Some(Finding { alert: AlertId(alert.id), problem, lost_timer: None });
    let waited_s = now.duration_since(timestamp(alert.waiting_since)).as_secs();
    let Some(row) = flow else {
        let late = waited_s > GRACE_S;
        return Ok(late
            .then(|| finding("No escalation was started for it. Run the dead jobs again.".to_owned()))
            .flatten());
    };
    if row.state == state::NOBODY {
        return Ok(None);
    }
    let Some(run) = row.run()? else { return Ok(None) };
    if run.policy.steps.is_empty() {
        return Ok(None);
    }
    if row.state == state::FINISHED {
        return Ok(finding("All steps have run and nobody acknowledged: nothing more will happen.".to_owned()));
    }
    let priority = Priority::parse(&alert.priority).unwrap_or(Priority::P5);
    let facts = Facts { open: true, acknowledged: false, snoozed: false, priority };
    if row.state == state::STOPPED && waited_s <= GRACE_S {
        // The event that starts it again is on its way.
        return Ok(None);
    }
    let broken = match run.audit(facts, now, GRACE_S) {
        Some(Problem::Stopped) => Some("Its escalation has stopped although it waits for an answer.".to_owned()),
        Some(Problem::Overdue { due }) => Some(format!("The step that was due at {due} has not run.")),
        Some(Problem::NoSuchStep) => Some("Its escalation points at a step that the policy does not have.".to_owned()),
        None => None,
    };
    if let (false, Some(due)) = (has_timer, run.next_due()) {
        let problem = "The timer of its next step was lost; it is set again.".to_owned();
        return Ok(Some(Finding { alert: AlertId(alert.id), problem, lost_timer: Some((row.id, due)) }));
    }
    if let Some(problem) = broken {
        return Ok(finding(problem));
    }
    Ok(reach.problem(&run, alert.service_id, priority).await?.and_then(finding))
}

/// Which targets reach somebody now; each is looked up once per audit.
struct Reachability<'a> {
    read: &'a Read,
    now: Timestamp,
    known: HashMap<(Target, Option<Uuid>), Option<String>>,
}

impl Reachability<'_> {
    /// Why no step of the policy reaches anybody, if none does.
    async fn problem(
        &mut self,
        run: &Run,
        service: Option<Uuid>,
        priority: Priority,
    ) -> Result<Option<String>, DbError> {
        let mut reasons = Vec::new();
        for step in &run.policy.steps {
            match self.unreachable(step.notify, service, priority).await? {
                None => return Ok(None),
                Some(reason) if !reasons.contains(&reason) => reasons.push(reason),
                Some(_) => {}
            }
        }
        Ok(Some(format!("No step of \"{}\" reaches anybody now: {}.", run.policy.name, reasons.join("; "))))
    }

    async fn unreachable(
        &mut self,
        target: Target,
        service: Option<Uuid>,
        priority: Priority,
    ) -> Result<Option<String>, DbError> {
        let key = (target, service.filter(|_| target == Target::ServiceResponders));
        if let Some(known) = self.known.get(&key) {
            return Ok(known.clone());
        }
        let found = people::find(self.read, target, service, self.now).await?;
        let mut reasons = found.nobody;
        let plans = people::plan(self.read, found.people, priority, self.now).await?;
        let untold: Vec<_> = plans.untold.iter().map(|(person, _)| *person).collect();
        let names = identity::lookup::person_names(self.read, &untold).await?;
        reasons.extend(plans.untold.iter().map(|(person, why)| {
            format!("{} cannot be told: {why}", names.get(person).map_or("(removed)", String::as_str))
        }));
        let reason = plans.told.is_empty().then(|| reasons.join("; "));
        self.known.insert(key, reason.clone());
        Ok(reason)
    }
}

/// Raises new alarms, ends those that are put right, and sets lost timers again.
async fn record(tx: &mut Tx, found: Vec<Finding>) -> Result<(), PagingError> {
    let mut standing = store::list_problems(tx).await?;
    for finding in found {
        let before = standing.remove(&finding.alert.0);
        if before.as_deref() != Some(finding.problem.as_str()) {
            store::upsert_alarm(tx, finding.alert.0, &finding.problem).await?;
            log_in(tx, finding.alert, "alarm", "On-call alarm", Some(&finding.problem), json!({})).await?;
            tracing::error!(alert = %finding.alert, problem = finding.problem, "an alert waits for an answer that may never come");
        }
        if let Some((escalation, due)) = finding.lost_timer {
            let due = due.max(tx.now());
            tx.schedule(NewJob::at(RUN_STEP, escalation.to_string(), due, json!({ "escalation": escalation }))).await?;
        }
    }
    for alert in standing.into_keys() {
        store::delete_alarm(tx, alert).await?;
    }
    Ok(())
}
