//! Rehearsal: what a policy would do, and whom it would reach, for an alert raised at some instant. Sends nothing.

use domain::{
    escalation::{Decision, Facts, Policy, Run, Target},
    priority::Priority,
};
use jiff::Timestamp;
use kernel::{DocumentId, FieldError, Permission, PersonId, Ref, Scope};
use platform::{App, Ctx, DbError, Read};
use uuid::Uuid;

use super::{
    PolicyError,
    api::{Rehearsal, RehearseBody, RehearsedContact, RehearsedPerson, RehearsedStep, target_name},
    service::target_names,
    store,
};
use crate::paging::people::{self, Found};

/// The most lines of a rehearsal: a P1 that nobody acknowledges never ends.
const LINES: usize = 60;

/// Walks through the first round and shows how it goes on, as if nobody acknowledged.
pub(super) async fn rehearse(app: &App, ctx: &Ctx, id: Uuid, body: RehearseBody) -> Result<Rehearsal, PolicyError> {
    ctx.require(Permission::OncallRead)?;
    let priority = Priority::parse(&body.priority)
        .ok_or_else(|| PolicyError::Invalid(vec![FieldError::new("priority", "one of P1, P2, P3, P4, P5")]))?;
    let read = app.db.read();
    let row = store::find(&read, &ctx.scope, id).await?.ok_or(PolicyError::NotFound)?;
    let policy = row.policy()?;
    if policy.steps.is_empty() {
        let step = RehearsedStep {
            at: body.at,
            text: "The policy has no steps".to_owned(),
            people: Vec::new(),
            problem: Some("It notifies nobody, on purpose.".to_owned()),
        };
        return Ok(Rehearsal { steps: vec![step] });
    }
    Ok(Rehearsal { steps: walk(&read, policy, row.document_version, priority, body.at).await? })
}

async fn walk(
    read: &Read,
    policy: Policy,
    version: i64,
    priority: Priority,
    start: Timestamp,
) -> Result<Vec<RehearsedStep>, DbError> {
    let targets: Vec<Target> = policy.steps.iter().map(|step| step.notify).collect();
    let names = target_names(read, &Scope::All, &targets).await?;
    let team = policy.team_id;
    let count = policy.steps.len();
    let facts = Facts { open: true, acknowledged: false, snoozed: false, priority };
    let mut run = Run::start(1, DocumentId(Uuid::nil()), version, policy, start);
    let mut lines = Vec::new();
    while let Some(at) = run.next_due().filter(|_| lines.len() < LINES) {
        let (next, decision) = run.run_due(facts, at);
        run = next;
        match decision {
            Decision::Notify { round, step, target, because } => {
                let found = people::find(read, target, None, at).await?;
                let text = format!("Step {} of {count}: {}. {because}", step + 1, target_name(target, &names));
                let line = line(read, at, text, found, priority).await?;
                // Like the real thing: a step that reaches nobody does not keep the next one waiting.
                if line.people.is_empty() && (step as usize) + 1 < count {
                    run = run.hurry(at);
                }
                lines.push(line);
                if round > 0 {
                    break;
                }
            }
            Decision::Repeat { page_admins, because, .. } => {
                let found = if page_admins { people::find_admins(read, team).await? } else { Found::default() };
                let mut repeat = line(read, at, because, found, priority).await?;
                if !page_admins {
                    repeat.problem = None;
                }
                lines.push(repeat);
            }
            Decision::Skip { because, .. } | Decision::Finish { because } | Decision::Stop { because } => {
                lines.push(RehearsedStep { at, text: because, people: Vec::new(), problem: None });
            }
            Decision::NotDue { .. } | Decision::Over => break,
        }
    }
    Ok(lines)
}

/// One line: whom it would reach, through what, and when.
async fn line(
    read: &Read,
    at: Timestamp,
    text: String,
    found: Found,
    priority: Priority,
) -> Result<RehearsedStep, DbError> {
    let ids: Vec<PersonId> = found.people.iter().map(|one| one.person).collect();
    let names = identity::lookup::person_names(read, &ids).await?;
    let named = |id: PersonId| Ref::new(id, names.get(&id).map_or("(removed)", String::as_str));
    let plans = people::plan(read, found.people, priority, at).await?;
    let mut problems = found.nobody;
    problems.extend(plans.untold.iter().map(|(person, why)| format!("{} cannot be told: {why}", named(*person).name)));
    let people = plans
        .told
        .into_iter()
        .map(|(candidate, messages)| RehearsedPerson {
            person: named(candidate.person),
            contacts: messages
                .into_iter()
                .map(|message| RehearsedContact {
                    kind: message.contact.kind.as_str().to_owned(),
                    address: message.contact.address,
                    at: message.at,
                })
                .collect(),
            because: candidate.because,
        })
        .collect();
    let problem = (!problems.is_empty()).then(|| problems.join("; "));
    Ok(RehearsedStep { at, text, people, problem })
}
