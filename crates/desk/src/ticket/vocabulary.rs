//! What can be asked about tickets in the query language: by lists and queues, and by the goals of service levels.
//!
//! **Invariants**
//! - A field has one key everywhere; stored queries name it by its name or alias, so names are only added.
//! - Goals ask of a snapshot of small values that stands in the event log, so free texts and clocks are no fields of
//!   theirs; the tier of the service is one of theirs only.

use domain::priority::{Impact, Priority, Urgency};
use domain::query::{Choice, Field, FieldKind, PERSON, Search};
use domain::workflow::{Category, Status};

use super::Kind;

/// A service level that tickets can be asked for: its key and its name.
pub(crate) type SlaName = (String, String);

fn choices(all: impl IntoIterator<Item = Choice>, ranked: bool) -> FieldKind {
    FieldKind::Choice { choices: all.into_iter().collect(), ranked }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The fields with small values, which goals can ask too.
fn small_fields(statuses: &[Status], resolutions: &[String]) -> Vec<Field> {
    let reference = |kind: &str| FieldKind::Reference(kind.to_owned());
    // Several workflows may have the same status, and give it other names.
    let mut status: Vec<Choice> = Vec::new();
    for one in statuses {
        match status.iter_mut().find(|known| known.key == one.key) {
            Some(known) if known.name != one.name => known.aliases.push(one.name.clone()),
            Some(_) => {}
            None => status.push(Choice::new(&one.key, &one.name)),
        }
    }
    let category = |category: &Category| {
        let (name, rank) = match category {
            Category::Todo => ("To do", 1),
            Category::Doing => ("In progress", 2),
            Category::Waiting => ("Waiting", 3),
            Category::Done => ("Done", 4),
        };
        Choice::new(category.as_str(), name).rank(rank)
    };
    let names = ["Critical", "High", "Medium", "Low", "Lowest"];
    let priorities = Priority::ALL
        .iter()
        .zip(names)
        .map(|(priority, name)| Choice::new(priority.as_str(), name).rank(-i64::from(priority.rank())));
    let ranked = |keys: Vec<&'static str>| {
        let keys: Vec<Choice> =
            (1_i64..).zip(keys).map(|(place, key)| Choice::new(key, capital(key)).rank(-place)).collect();
        choices(keys, true)
    };
    let spoken = |key: &str| Choice::new(key, capital(&key.replace('_', " ")));
    vec![
        Field::new("key", "key", FieldKind::Text(None)).alias("issue").alias("issuekey").alias("id"),
        Field::new("project", "project", reference("project")).described("by key or name"),
        Field::new("kind", "kind", choices([Kind::Incident, Kind::Request].map(|kind| spoken(kind.as_str())), false))
            .alias("issuetype")
            .alias("type")
            .described("incident or request"),
        Field::new("status", "status", choices(status, false)),
        Field::new("statusCategory", "statusCategory", choices(Category::ALL.iter().map(category), true)),
        Field::new("priority", "priority", choices(priorities, true)).sortable().described("P1 (critical) to P5"),
        Field::new("impact", "impact", ranked(Impact::ALL.iter().map(|impact| impact.as_str()).collect())),
        Field::new("urgency", "urgency", ranked(Urgency::ALL.iter().map(|urgency| urgency.as_str()).collect())),
        Field::new("resolution", "resolution", choices(resolutions.iter().map(|key| spoken(key)), false)),
        Field::new("assignee", "assignee", reference(PERSON)).described("who works on it"),
        Field::new("reporter", "reporter", reference(PERSON)).described("who raised it"),
        Field::new("team", "team", reference("team")).described("which team works on it"),
        Field::new("service", "service", reference("service")).alias("Affected services"),
        Field::new("labels", "labels", FieldKind::Text(None)).alias("label").suggesting(),
        Field::new("created", "created", FieldKind::Instant).alias("createdDate").sortable(),
    ]
}

/// What lists and queues can ask.
pub(crate) fn list_fields(statuses: &[Status], resolutions: &[String], slas: &[SlaName]) -> Vec<Field> {
    let mut fields = small_fields(statuses, resolutions);
    fields.extend([
        Field::new("updated", "updated", FieldKind::Instant).alias("updatedDate").sortable(),
        Field::new("resolved", "resolved", FieldKind::Instant).alias("resolutionDate"),
        Field::new("summary", "summary", FieldKind::Text(Some(Search::Parts))),
        Field::new("description", "description", FieldKind::LongText(Search::Parts)),
    ]);
    fields.extend(slas.iter().map(|(key, name)| {
        Field::new(format!("sla:{key}"), name, FieldKind::Sla).described("the clock of a service level")
    }));
    fields
}

/// What the goals of service levels can ask.
pub(crate) fn goal_fields(statuses: &[Status], resolutions: &[String]) -> Vec<Field> {
    let mut fields = small_fields(statuses, resolutions);
    fields
        .push(Field::new("serviceTier", "Service tier", FieldKind::Integer).alias("tier").described("1 (vital) to 4"));
    fields
}
