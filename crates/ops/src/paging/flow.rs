//! Starting, running and stopping the escalation of one alert.
//!
//! Every function here expects the alert's row to be locked (`alert::get_in` does that).

use std::collections::{HashMap, HashSet};

use domain::escalation::{Condition, Decision, Facts, Policy, Progress, Run, Target};
use kernel::{AlertId, DocumentId, PageId, PersonId, Scope, ServiceId, TeamId, micros};
use platform::{DbError, NewJob, Tx};
use serde_json::json;
use uuid::Uuid;

use super::{
    PagingError,
    deliver::DELIVER,
    jobs::{END_ACKNOWLEDGEMENT, RUN_STEP},
    people::{self, Found},
    route::{self, Route},
    store::{self, EscalationRow, PageRow, state},
};
use crate::{
    alert::{AlertState, log_all_in, log_in},
    policy::{target_name, target_names},
};

/// The step number of pages to administrators, who stand in no policy.
pub(super) const ADMINS: i64 = -1;
/// The step number of pages to responders who were added by hand.
pub(super) const ADDED: i64 = -2;

/// Starts a new flow: whatever an older one still had to do is void.
pub(super) async fn start(tx: &mut Tx, alert: &AlertState, occasion: &str) -> Result<(), PagingError> {
    if !alert.open || alert.snoozed_until.is_some() {
        return Ok(());
    }
    let before = store::find_latest(tx, alert.id).await?;
    if let Some(before) = &before {
        halt(tx, alert, before, "a new flow started").await?;
    }
    let flow = before.map_or(1, |row| row.flow + 1);
    match route::choose(tx, alert).await? {
        Route::Nobody { because } => notify_nobody(tx, &[(alert, flow, because)]).await,
        Route::Policy { id, version, policy, because } => {
            follow(tx, alert, flow, (id, version, policy, because), occasion).await
        }
    }
}

/// As [`start`] for alerts that were raised together, in a handful of statements for those that notify nobody.
pub(super) async fn start_all(tx: &mut Tx, ids: &[AlertId], occasion: &str) -> Result<(), PagingError> {
    let alerts = crate::alert::get_all_in(tx, ids).await?;
    let wanted: Vec<&AlertState> = alerts.iter().filter(|alert| alert.open && alert.snoozed_until.is_none()).collect();
    let plain: Vec<Uuid> = wanted.iter().map(|alert| alert.id.0).collect();
    let flowing: HashSet<Uuid> = store::list_latest(tx, &plain).await?.into_iter().map(|row| row.alert_id).collect();
    // What an alert without responders of its own follows, its service and its team decide.
    let mut routes: HashMap<(Option<ServiceId>, Option<TeamId>), Route> = HashMap::new();
    let mut nobody = Vec::new();
    for alert in wanted {
        if flowing.contains(&alert.id.0) || !alert.responders.is_empty() {
            start(tx, alert, occasion).await?;
            continue;
        }
        let place = (alert.service_id, alert.team_id);
        let route = match routes.get(&place) {
            Some(route) => route.clone(),
            None => {
                let route = route::choose(tx, alert).await?;
                routes.entry(place).or_insert(route).clone()
            }
        };
        match route {
            Route::Nobody { because } => nobody.push((alert, 1, because)),
            Route::Policy { id, version, policy, because } => {
                follow(tx, alert, 1, (id, version, policy, because), occasion).await?;
            }
        }
    }
    notify_nobody(tx, &nobody).await
}

fn new_flow(tx: &Tx, alert: &AlertState, flow: i64, because: &str, state: &str) -> EscalationRow {
    EscalationRow {
        id: tx.new_id(),
        alert_id: alert.id.0,
        flow,
        policy_id: None,
        policy_name: String::new(),
        policy_version: 0,
        run: None,
        because: because.to_owned(),
        state: state.to_owned(),
        started_at: micros(tx.now()),
    }
}

/// Flows `(alert, number, because)` that end where they begin.
async fn notify_nobody(tx: &mut Tx, flows: &[(&AlertState, i64, String)]) -> Result<(), PagingError> {
    if flows.is_empty() {
        return Ok(());
    }
    let rows: Vec<EscalationRow> =
        flows.iter().map(|(alert, flow, because)| new_flow(tx, alert, *flow, because, state::NOBODY)).collect();
    store::insert_escalations(tx, &rows).await?;
    let lines: Vec<(AlertId, &str)> = flows.iter().map(|(alert, _, because)| (alert.id, because.as_str())).collect();
    Ok(log_all_in(tx, &lines, "escalation", "Nobody is notified").await?)
}

/// A flow that follows a policy: its id, version and text, and why this one.
async fn follow(
    tx: &mut Tx,
    alert: &AlertState,
    flow: i64,
    (id, version, policy, because): (Option<Uuid>, i64, Policy, String),
    occasion: &str,
) -> Result<(), PagingError> {
    let mut row = new_flow(tx, alert, flow, &because, state::RUNNING);
    let number = u32::try_from(flow).unwrap_or(u32::MAX);
    let run = Run::start(number, DocumentId(id.unwrap_or_default()), version, policy, tx.now());
    row.policy_id = id;
    row.policy_name.clone_from(&run.policy.name);
    row.policy_version = version;
    store::insert_escalations(tx, std::slice::from_ref(&row)).await?;
    let text = format!("Escalation \"{}\" started: {occasion}", row.policy_name);
    let data = json!({ "policy_id": id, "policy_version": version, "flow": flow });
    log_in(tx, alert.id, "escalation", &text, Some(&because), data).await?;
    if run.policy.steps.is_empty() {
        let why = "The policy has no steps: it notifies nobody, on purpose.";
        store::insert_skip(tx, &row, 0, 0, None, why).await?;
        log_in(tx, alert.id, "escalation", "Nobody is notified", Some(why), json!({})).await?;
    }
    advance(tx, alert, &row, run, alert.facts()).await
}

/// Runs everything that is due, stores how far the flow has come and sets the next timer.
pub(super) async fn advance(
    tx: &mut Tx,
    alert: &AlertState,
    row: &EscalationRow,
    mut run: Run,
    facts: Facts,
) -> Result<(), PagingError> {
    let mut stand = state::RUNNING;
    loop {
        let (next, decision) = run.run_due(facts, tx.now());
        run = next;
        match decision {
            Decision::NotDue { .. } => break,
            Decision::Over => {
                stand = if row.state == state::RUNNING { state::FINISHED } else { row.state.as_str() };
                break;
            }
            Decision::Notify { round, step, target, because } => {
                if !notify(tx, alert, row, &run, (round, step), target, &because).await? {
                    run = hurry_to_next_step(&run, tx.now());
                }
            }
            Decision::Skip { round, step, because } => {
                store::insert_skip(tx, row, round.into(), step.into(), None, &because).await?;
            }
            Decision::Repeat { round, page_admins, because } => {
                log_in(tx, alert.id, "escalation", &because, None, json!({ "round": round + 1 })).await?;
                if page_admins {
                    let team = run.policy.team_id.or(team_of(tx, alert).await?);
                    let found = people::find_admins(tx, team).await?;
                    let text = "Administrators";
                    page(tx, alert, row, (round.into(), ADMINS), text, found, &because).await?;
                }
            }
            Decision::Finish { because } => {
                log_in(tx, alert.id, "escalation", "Escalation ended", Some(&because), json!({})).await?;
                stand = state::FINISHED;
                break;
            }
            Decision::Stop { because } => {
                log_in(tx, alert.id, "escalation", "Escalation stopped", Some(&because), json!({})).await?;
                stand = state::STOPPED;
                break;
            }
        }
    }
    store_run(tx, row.id, &run, stand).await
}

async fn store_run(tx: &mut Tx, id: Uuid, run: &Run, stand: &str) -> Result<(), PagingError> {
    let body = serde_json::to_value(run).map_err(|error| DbError::Corrupt(error.to_string()))?;
    store::update_escalation(tx, id, Some(body), stand).await?;
    match run.next_due() {
        Some(due) => tx.schedule(NewJob::at(RUN_STEP, id.to_string(), due, json!({ "escalation": id }))).await?,
        None => tx.cancel(RUN_STEP, &id.to_string()).await?,
    }
    Ok(())
}

/// Hurries only to a further step of the same round: a round that reached nobody at all ends in its own time.
fn hurry_to_next_step(run: &Run, now: jiff::Timestamp) -> Run {
    match run.progress {
        Progress::Waiting { step, .. } if step > 0 => run.hurry(now),
        _ => run.clone(),
    }
}

/// The team whose administrators stand behind the alert: its own, or the owner of its service.
async fn team_of(tx: &Tx, alert: &AlertState) -> Result<Option<TeamId>, DbError> {
    match (alert.team_id, alert.service_id) {
        (Some(team), _) => Ok(Some(team)),
        (None, Some(service)) => {
            Ok(store::find_service(tx, service.0).await?.and_then(|service| service.owner_team_id).map(TeamId))
        }
        (None, None) => Ok(None),
    }
}

/// Runs one step; gives whether anybody was reached.
async fn notify(
    tx: &mut Tx,
    alert: &AlertState,
    row: &EscalationRow,
    run: &Run,
    (round, step): (u32, u32),
    target: Target,
    because: &str,
) -> Result<bool, PagingError> {
    let found = people::find(tx, target, alert.service_id.map(|id| id.0), tx.now()).await?;
    let names = target_names(tx, &Scope::All, &[target]).await?;
    let text = format!("Step {} of {}: {}", step + 1, run.policy.steps.len(), target_name(target, &names));
    page(tx, alert, row, (round.into(), step.into()), &text, found, because).await
}

/// Pages these people, each by their own rules, and notes who was not told; gives whether anybody was.
async fn page(
    tx: &mut Tx,
    alert: &AlertState,
    row: &EscalationRow,
    (round, step): (i64, i64),
    text: &str,
    found: Found,
    because: &str,
) -> Result<bool, PagingError> {
    for nobody in &found.nobody {
        store::insert_skip(tx, row, round, step, None, &format!("{text}: {nobody}")).await?;
    }
    let ids: Vec<PersonId> = found.people.iter().map(|one| one.person).collect();
    let names = identity::lookup::person_names(tx, &ids).await?;
    let name_of = |person: PersonId| names.get(&person).map_or("(removed)", String::as_str);
    let plans = people::plan(tx, found.people, alert.priority, tx.now()).await?;
    for (person, untold) in &plans.untold {
        store::insert_skip(tx, row, round, step, Some(*person), untold).await?;
        let line = format!("{} was not told", name_of(*person));
        log_in(tx, alert.id, "not_notified", &line, Some(untold), json!({ "person": person })).await?;
    }
    let reached = !plans.told.is_empty();
    for (candidate, messages) in plans.told {
        for message in messages {
            let page = PageRow {
                id: tx.new_id(),
                alert_id: alert.id.0,
                escalation_id: row.id,
                round,
                step,
                step_text: text.to_owned(),
                person_id: candidate.person.0,
                contact_id: message.contact.id.0,
                contact_kind: message.contact.kind.as_str().to_owned(),
                address: message.contact.address.clone(),
                because: format!("{because} {}: {}; {}", name_of(candidate.person), candidate.because, message.because),
                state: if message.held { "held" } else { "pending" }.to_owned(),
                due_at: micros(message.at),
                created_at: micros(tx.now()),
                sent_at: None,
                attempts: 0,
                last_error: None,
            };
            intend(tx, &page).await?;
        }
    }
    if !reached {
        let why = if found.nobody.is_empty() { "nobody in it can be told".to_owned() } else { found.nobody.join(", ") };
        log_in(tx, alert.id, "not_notified", &format!("{text} reached nobody"), Some(&why), json!({})).await?;
    }
    Ok(reached)
}

/// Stores a page with its delivery job, unless the step has one for the contact.
pub(super) async fn intend(tx: &mut Tx, page: &PageRow) -> Result<bool, DbError> {
    let new = store::insert_page(tx, page).await?;
    if new {
        schedule_delivery(tx, PageId(page.id), kernel::timestamp(page.due_at)).await?;
    }
    Ok(new)
}

/// Sets or moves the delivery of a page.
pub(super) async fn schedule_delivery(tx: &mut Tx, page: PageId, at: jiff::Timestamp) -> Result<(), DbError> {
    tx.schedule(NewJob::at(DELIVER, page.to_string(), at, json!({ "page": page })).max_attempts(1000)).await
}

/// Pages a responder who was added by hand, beside the running flow.
pub(super) async fn page_added(
    tx: &mut Tx,
    alert: &AlertState,
    kind: &str,
    responder: Uuid,
) -> Result<(), PagingError> {
    if !alert.open {
        return Ok(());
    }
    let latest = store::find_latest(tx, alert.id).await?;
    let (Some(row), Some(target)) =
        (latest.filter(|row| row.state != state::NOBODY), people::target_of(kind, responder))
    else {
        return start(tx, alert, "a responder was added").await;
    };
    let found = people::find(tx, target, alert.service_id.map(|id| id.0), tx.now()).await?;
    let names = target_names(tx, &Scope::All, &[target]).await?;
    let text = format!("Added responder: {}", target_name(target, &names));
    let round = row.run()?.map_or(0, |run| run.round());
    page(tx, alert, &row, (round.into(), ADDED), &text, found, "Added to the alert as responder.").await?;
    Ok(())
}

/// Somebody has taken the alert: what only makes sense while nobody has is cancelled. Steps that run until the
/// alert is closed go on.
pub(super) async fn quieten(tx: &mut Tx, alert: &AlertState) -> Result<(), PagingError> {
    let run = match store::find_latest(tx, alert.id).await? {
        Some(row) => row.run()?,
        None => None,
    };
    for page in store::list_waiting(tx, alert.id).await? {
        if !goes_on(run.as_ref(), page.step) {
            cancel(tx, &page, "the alert was acknowledged").await?;
        }
    }
    arm_ack_timeout(tx, alert, run.as_ref()).await
}

/// Whether pages of this step are wanted although the alert is acknowledged.
pub(super) fn goes_on(run: Option<&Run>, step: i64) -> bool {
    let Ok(index) = usize::try_from(step) else { return step == ADDED };
    let step = run.and_then(|run| run.policy.steps.get(index));
    step.is_some_and(|step| step.condition == Condition::IfNotClosed)
}

/// Sets the timer after which an acknowledged alert that is still open is paged again.
async fn arm_ack_timeout(tx: &mut Tx, alert: &AlertState, run: Option<&Run>) -> Result<(), PagingError> {
    let expires =
        alert.acknowledged_at.and_then(|at| run.and_then(|run| run.policy.ack_expires_at(at, alert.priority)));
    match expires {
        Some(at) => {
            let job = NewJob::at(END_ACKNOWLEDGEMENT, alert.id.to_string(), at, json!({ "alert": alert.id }));
            tx.schedule(job).await?;
        }
        None => tx.cancel(END_ACKNOWLEDGEMENT, &alert.id.to_string()).await?,
    }
    Ok(())
}

/// The alert was closed or snoozed: nothing more is sent.
pub(super) async fn stop(tx: &mut Tx, alert: &AlertState, because: &str) -> Result<(), PagingError> {
    if let Some(row) = store::find_latest(tx, alert.id).await? {
        halt(tx, alert, &row, because).await?;
    }
    tx.cancel(END_ACKNOWLEDGEMENT, &alert.id.to_string()).await?;
    store::delete_alarm(tx, alert.id.0).await?;
    Ok(())
}

/// Stops a flow and cancels the pages that wait.
async fn halt(tx: &mut Tx, alert: &AlertState, row: &EscalationRow, because: &str) -> Result<(), PagingError> {
    if row.state == state::RUNNING
        && let Some(run) = row.run()?
    {
        let (stopped, _) = run.stop(tx.now(), because);
        store_run(tx, row.id, &stopped, state::STOPPED).await?;
    }
    for page in store::list_waiting(tx, alert.id).await? {
        cancel(tx, &page, because).await?;
    }
    Ok(())
}

/// Cancels a page that waits, with its job.
pub(super) async fn cancel(tx: &mut Tx, page: &PageRow, because: &str) -> Result<(), DbError> {
    store::mark_cancelled(tx, page.id, because).await?;
    tx.cancel(DELIVER, &page.id.to_string()).await
}

/// Runs the next step at once because somebody asked for it, acknowledged or not.
pub(super) async fn escalate_now(tx: &mut Tx, alert: &AlertState) -> Result<(), PagingError> {
    let Some(row) = store::find_latest(tx, alert.id).await?.filter(|row| row.state == state::RUNNING) else {
        return start(tx, alert, "somebody asked to escalate").await;
    };
    let Some(run) = row.run()? else { return Ok(()) };
    let facts = Facts { acknowledged: false, ..alert.facts() };
    advance(tx, alert, &row, run.hurry(tx.now()), facts).await
}

/// No method of a person worked in this step: the step after it runs at once, if it is still to come.
pub(super) async fn hurry_after(tx: &mut Tx, alert: &AlertState, page: &PageRow) -> Result<(), PagingError> {
    let Some(row) = store::find_escalation(tx, page.escalation_id).await?.filter(|row| row.state == state::RUNNING)
    else {
        return Ok(());
    };
    let Some(run) = row.run()? else { return Ok(()) };
    match run.progress {
        Progress::Waiting { round, step, .. } if i64::from(round) == page.round && i64::from(step) == page.step + 1 => {
            let hurried = hurry_to_next_step(&run, tx.now());
            advance(tx, alert, &row, hurried, alert.facts()).await
        }
        _ => Ok(()),
    }
}

/// The priority was changed: what quiet hours held back is sent when it became P1 or P2, and an escalation that had
/// ended starts again.
pub(super) async fn reconsider(tx: &mut Tx, alert: &AlertState) -> Result<(), PagingError> {
    if !alert.open || !alert.priority.is_pressing() || alert.snoozed_until.is_some() {
        return Ok(());
    }
    for page in store::list_waiting(tx, alert.id).await? {
        if page.state == "held" {
            store::mark_due(tx, page.id).await?;
            schedule_delivery(tx, PageId(page.id), tx.now()).await?;
        }
    }
    let ended = store::find_latest(tx, alert.id).await?.is_some_and(|row| row.state == state::FINISHED);
    if ended && !alert.is_acknowledged() {
        start(tx, alert, &format!("the priority is {} now", alert.priority)).await?;
    }
    Ok(())
}

/// Locks the alert and gives it.
pub(super) async fn locked(tx: &mut Tx, alert: AlertId) -> Result<AlertState, PagingError> {
    Ok(crate::alert::get_in(tx, alert).await?)
}
