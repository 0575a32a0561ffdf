//! Who is behind a step at an instant, and how each of them is to be told.

use std::collections::{HashMap, HashSet};

use domain::{
    escalation::Target,
    notify::{Plan, Planned, Rules},
    priority::Priority,
    schedule::{Because, on_call_at},
    zone::Zone,
};
use identity::lookup::{self, ContactFacts, Reach};
use jiff::Timestamp;
use kernel::{ContactId, PersonId, TeamId};
use platform::{DbError, Sql};
use uuid::Uuid;

use super::store;
use crate::schedule;

/// Somebody whom a step is to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// Who.
    pub(crate) person: PersonId,
    /// Why this person.
    pub(crate) because: String,
}

/// Who is behind a target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// The people, each once.
    pub(crate) people: Vec<Candidate>,
    /// What led to nobody, one sentence each.
    pub(crate) nobody: Vec<String>,
}

impl Found {
    fn add(&mut self, person: PersonId, because: String) {
        if self.people.iter().all(|known| known.person != person) {
            self.people.push(Candidate { person, because });
        }
    }
}

/// Looks up the people behind a target at this instant. `service` is the alert's.
pub(crate) async fn find(
    sql: &impl Sql,
    target: Target,
    service: Option<Uuid>,
    at: Timestamp,
) -> Result<Found, DbError> {
    let mut found = Found::default();
    if target != Target::ServiceResponders {
        add_target(sql, &mut found, target, at).await?;
        return Ok(found);
    }
    let Some(service) = service else {
        found.nobody.push("the alert has no service, so there are no responders".to_owned());
        return Ok(found);
    };
    let responders = store::list_responders(sql, service).await?;
    if responders.is_empty() {
        found.nobody.push("the service names no responders".to_owned());
    }
    for responder in responders {
        match target_of(&responder.kind, responder.responder_id) {
            Some(target) => add_target(sql, &mut found, target, at).await?,
            None => {
                found.nobody.push("a policy as a service's responder is used only when the alert is raised".to_owned())
            }
        }
    }
    Ok(found)
}

/// The target that a responder's kind and id name; none for a policy, which is more than a target.
pub(crate) fn target_of(kind: &str, id: Uuid) -> Option<Target> {
    match kind {
        "person" => Some(Target::Person { id: id.into() }),
        "schedule" => Some(Target::Schedule { id: id.into() }),
        "team" => Some(Target::Team { id: id.into() }),
        _ => None,
    }
}

async fn add_target(sql: &impl Sql, found: &mut Found, target: Target, at: Timestamp) -> Result<(), DbError> {
    match target {
        Target::Person { id } => found.add(id, "named in this step".to_owned()),
        Target::Team { id } => add_team(sql, found, id).await?,
        Target::Schedule { id } => {
            let definitions = schedule::store::definitions(sql, &[id.0], at).await?;
            let Some(definition) = definitions.get(&id.0) else {
                found.nobody.push("the schedule was removed".to_owned());
                return Ok(());
            };
            let on_call = on_call_at(definition, at);
            if on_call.is_empty() {
                found.nobody.push(format!("nobody is on call on {} now", definition.name));
            }
            for one in on_call {
                let because = match one.because {
                    Because::Rotation => format!("on call on {}: their turn in {}", definition.name, one.rotation),
                    Because::Override { .. } => {
                        format!("on call on {}: an override puts them into {}", definition.name, one.rotation)
                    }
                };
                found.add(one.person, because);
            }
        }
        Target::ServiceResponders => {}
    }
    Ok(())
}

async fn add_team(sql: &impl Sql, found: &mut Found, team: TeamId) -> Result<(), DbError> {
    let names = lookup::team_names(sql, &[team]).await?;
    let name = names.get(&team).map_or("(removed)", String::as_str);
    let members = lookup::members(sql, &[team]).await?;
    if members.is_empty() {
        found.nobody.push(format!("the team {name} has no active members"));
    }
    for member in members {
        found.add(member.person, format!("member of the team {name}"));
    }
    Ok(())
}

/// The administrators who are paged when nobody answers: the team's, or without any the organisation's.
pub(crate) async fn find_admins(sql: &impl Sql, team: Option<TeamId>) -> Result<Found, DbError> {
    let mut found = Found::default();
    if let Some(team) = team {
        for person in lookup::team_admins(sql, team).await? {
            found.add(person, "administrator of the team".to_owned());
        }
    }
    if found.people.is_empty() {
        for person in store::list_administrators(sql).await? {
            found.add(person, "administrator of the organisation; the team has none".to_owned());
        }
    }
    if found.people.is_empty() {
        found.nobody.push("there is no active administrator".to_owned());
    }
    Ok(found)
}

/// One message to a person.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    /// Through what.
    pub(crate) contact: ContactFacts,
    /// When.
    pub(crate) at: Timestamp,
    /// Whether quiet hours hold it back.
    pub(crate) held: bool,
    /// Why this contact at this time.
    pub(crate) because: String,
}

/// How each candidate is to be told.
#[derive(Debug, Default)]
pub(crate) struct Plans {
    /// Messages by person.
    pub(crate) told: Vec<(Candidate, Vec<Message>)>,
    /// Who cannot be told, and why.
    pub(crate) untold: Vec<(PersonId, String)>,
}

/// Plans the messages to these people, by their own rules.
pub(crate) async fn plan(
    sql: &impl Sql,
    people: Vec<Candidate>,
    priority: Priority,
    at: Timestamp,
) -> Result<Plans, DbError> {
    let ids: Vec<PersonId> = people.iter().map(|one| one.person).collect();
    let reaches = lookup::reach(sql, &ids).await?;
    let mut plans = Plans::default();
    for candidate in people {
        match reaches.get(&candidate.person) {
            None => plans.untold.push((candidate.person, "the person was removed".to_owned())),
            Some(reach) if !reach.active => {
                plans.untold.push((candidate.person, "the account is disabled".to_owned()));
            }
            Some(reach) => match messages(reach, priority, at) {
                Ok(messages) => plans.told.push((candidate, messages)),
                Err(because) => plans.untold.push((candidate.person, because)),
            },
        }
    }
    Ok(plans)
}

/// The messages to one person, each contact once, or why there are none.
fn messages(reach: &Reach, priority: Priority, at: Timestamp) -> Result<Vec<Message>, String> {
    let zone = Zone::parse(&reach.time_zone).unwrap_or_else(|_| Zone::utc());
    let known = reach.known();
    let plan = match reach.rules.plan(&known, &zone, priority, at) {
        Plan::Unreachable { because } => return Err(because),
        Plan::Messages { messages } => messages,
    };
    let unheld = Rules { quiet_hours: None, ..reach.rules.clone() }.plan(&known, &zone, priority, at);
    let contacts: HashMap<ContactId, &ContactFacts> = reach.contacts.iter().map(|one| (one.id, one)).collect();
    let mut used = HashSet::new();
    Ok(plan
        .into_iter()
        .filter(|one| used.insert(one.contact_id))
        .filter_map(|one| {
            let contact = (*contacts.get(&one.contact_id)?).clone();
            let held = is_held(&one, unheld.messages());
            Some(Message { contact, at: one.at, held, because: one.because })
        })
        .collect())
}

/// Whether quiet hours moved this message.
fn is_held(message: &Planned, unheld: &[Planned]) -> bool {
    unheld.iter().filter(|one| one.contact_id == message.contact_id).all(|one| one.at != message.at)
}

/// A verified contact of the person that this step has not used.
pub(crate) async fn spare_contact(
    sql: &impl Sql,
    person: PersonId,
    used: &[Uuid],
) -> Result<Option<ContactFacts>, DbError> {
    let reaches = lookup::reach(sql, &[person]).await?;
    let Some(reach) = reaches.get(&person).filter(|reach| reach.active) else { return Ok(None) };
    Ok(reach.contacts.iter().find(|contact| contact.verified && !used.contains(&contact.id.0)).cloned())
}
