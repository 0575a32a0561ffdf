//! What can be asked about tickets in the query language: by lists and queues, and by the goals of service levels.
//!
//! **Invariants**
//! - A field has one key everywhere; stored queries name it by its name or alias, so names are only added.
//! - Goals ask of a snapshot of small values that stands in the event log, so free texts and clocks are no fields of
//!   theirs; the tier of the service is one of theirs only.

use std::sync::Arc;

use domain::priority::{Impact, Urgency};
use domain::query::{Choice, Field, FieldKey, FieldKind, PERSON, Search, Vocabulary, priorities, ticket_functions};
use domain::workflow::{Category, Status, Workflow};

use super::{Kind, past};
use crate::field::{CustomerAccess, Defined};

/// A service level that tickets can be asked for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SlaName {
    /// Its key.
    pub key: String,
    /// Its name.
    pub name: String,
    /// Whether customers may see it.
    pub for_customers: bool,
}

/// For whom a vocabulary is: customers cannot ask for what they do not see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Audience {
    /// Those who work on tickets.
    Agents,
    /// Those who raised them.
    Customers,
}

/// A service level is the field of this and its key.
pub(crate) const SLA_PREFIX: &str = "sla:";

/// The field of the instant at which the next service level runs out.
pub(crate) const SLA_DUE: &str = "slaDue";

/// The functions of the language that lists can answer.
const ANSWERED: [&str; 1] = ["membersOf"];

/// What the words of lists depend on beside the fixed fields.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Facts {
    /// The statuses of all workflows.
    pub statuses: Vec<Status>,
    /// Their resolutions.
    pub resolutions: Vec<String>,
    /// The service levels.
    pub slas: Vec<SlaName>,
    /// Custom fields.
    pub fields: Arc<Vec<Defined>>,
}

impl Facts {
    /// The statuses and resolutions of these workflows, each once.
    pub fn of_workflows<'w>(workflows: impl Iterator<Item = &'w Workflow>) -> Self {
        let mut facts = Self::default();
        for workflow in workflows {
            let statuses = workflow.statuses().iter().filter(|status| !facts.statuses.contains(status));
            let statuses: Vec<Status> = statuses.cloned().collect();
            facts.statuses.extend(statuses);
            let resolutions = workflow.resolutions().iter().filter(|name| !facts.resolutions.contains(name));
            let resolutions: Vec<String> = resolutions.cloned().collect();
            facts.resolutions.extend(resolutions);
        }
        facts
    }

    fn list_fields(&self, audience: Audience) -> Vec<Field> {
        let mut fields = list_fields(&self.statuses, &self.resolutions);
        let agents = audience == Audience::Agents;
        // Customers are told of changes of the status alone.
        let kept = |key: &str| past::FIELDS.contains(&key) && (agents || key == "status");
        fields.iter_mut().for_each(|field| field.history = kept(field.key.as_str()));
        if agents {
            let due = Field::new(SLA_DUE, "SLA due", FieldKind::Instant).alias(SLA_DUE).alias("next SLA").sortable();
            fields.push(due.described("when the next of its service levels runs out"));
        }
        let shown = self.slas.iter().filter(|level| agents || level.for_customers);
        fields.extend(shown.map(|level| {
            Field::new(format!("{SLA_PREFIX}{}", level.key), &level.name, FieldKind::Sla)
                .described("the clock of a service level")
        }));
        let seen = |field: &&Defined| agents || field.body.customers != CustomerAccess::Hidden;
        fields.extend(self.fields.iter().filter(seen).map(custom_field));
        fields
    }

    /// What lists and queues can ask.
    pub fn vocabulary(&self, audience: Audience) -> Vocabulary {
        let functions = ticket_functions(&[FieldKey::new("key")]);
        let answered = functions.into_iter().filter(|function| ANSWERED.contains(&function.name.as_str()));
        Vocabulary::new(self.list_fields(audience), answered.collect())
    }
}

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
    let ranked = |keys: Vec<&'static str>| {
        let keys: Vec<Choice> =
            (1_i64..).zip(keys).map(|(place, key)| Choice::new(key, capital(key)).rank(-place)).collect();
        choices(keys, true)
    };
    let spoken = |key: &str| Choice::new(key, capital(&key.replace('_', " ")));
    vec![
        Field::new("key", "key", FieldKind::Text(None))
            .alias("issue")
            .alias("issuekey")
            .alias("id")
            .sortable()
            .described("such as INC-12; sorts by when it was opened"),
        Field::new("project", "project", reference("project")).sortable().described("by key or name"),
        Field::new("kind", "kind", choices([Kind::Incident, Kind::Request].map(|kind| spoken(kind.as_str())), false))
            .alias("issuetype")
            .alias("type")
            .sortable()
            .described("incident or request"),
        Field::new("status", "status", choices(status, false)).sortable().described("where it stands in its workflow"),
        Field::new("statusCategory", "statusCategory", choices(Category::ALL.iter().map(category), true))
            .sortable()
            .described("to do, in progress, waiting or done"),
        Field::new("priority", "priority", priorities()).sortable().described("P1 (critical) to P5"),
        Field::new("impact", "impact", ranked(Impact::ALL.iter().map(|impact| impact.as_str()).collect()))
            .sortable()
            .described("how much is affected"),
        Field::new("urgency", "urgency", ranked(Urgency::ALL.iter().map(|urgency| urgency.as_str()).collect()))
            .sortable()
            .described("how soon it matters"),
        Field::new("resolution", "resolution", choices(resolutions.iter().map(|key| spoken(key)), false))
            .sortable()
            .described("how it was resolved"),
        Field::new("assignee", "assignee", reference(PERSON)).sortable().described("who works on it"),
        Field::new("reporter", "reporter", reference(PERSON)).alias("creator").sortable().described("who raised it"),
        Field::new("team", "team", reference("team")).sortable().described("which team works on it"),
        Field::new("service", "service", reference("service"))
            .alias("Affected services")
            .sortable()
            .described("what is affected"),
        Field::new("labels", "labels", FieldKind::Text(None))
            .alias("label")
            .suggesting()
            .described("any of its labels"),
        Field::new("created", "created", FieldKind::Instant)
            .alias("createdDate")
            .sortable()
            .described("when it was opened"),
        Field::new("due", "due", FieldKind::Instant).alias("dueDate").sortable().described("when it is due"),
    ]
}

/// What lists and queues can ask, beside service levels.
fn list_fields(statuses: &[Status], resolutions: &[String]) -> Vec<Field> {
    let mut fields = small_fields(statuses, resolutions);
    let instant = |key: &str, words: &str| Field::new(key, key, FieldKind::Instant).sortable().described(words);
    let words = |key: &str, words: &str| Field::new(key, key, FieldKind::LongText(Search::Words)).described(words);
    fields.extend([
        instant("updated", "when it last changed").alias("updatedDate"),
        instant("resolved", "when it was resolved").alias("resolutionDate"),
        instant("responded", "when somebody first answered"),
        Field::new("summary", "summary", FieldKind::Text(Some(Search::Words))).sortable().described("its one line"),
        words("description", "words of its description"),
        words("comment", "words of its comments"),
        words("text", "words of anything that is written on it"),
    ]);
    fields
}

/// What the key of a custom field begins with; its kind and its own key follow.
const CUSTOM_PREFIX: &str = "field:";

/// A custom field in queries, by its name or its key.
fn custom_field(field: &Defined) -> Field {
    use crate::field::FieldKind as Kind;
    let body = &field.body;
    let kind = match body.kind {
        Kind::Text | Kind::Url => FieldKind::Text(Some(Search::Parts)),
        Kind::LongText => FieldKind::LongText(Search::Parts),
        Kind::Number => FieldKind::Number,
        Kind::Date => FieldKind::Date,
        Kind::Instant => FieldKind::Instant,
        Kind::Checkbox => FieldKind::Flag,
        Kind::Choice | Kind::Choices => {
            choices(body.options.iter().map(|option| Choice::new(&option.key, &option.name)), false)
        }
        Kind::Person | Kind::Team | Kind::Service => FieldKind::Reference(body.kind.as_str().to_owned()),
    };
    let key = format!("{CUSTOM_PREFIX}{}:{}", body.kind.as_str(), field.key);
    let asked = Field::new(key, &body.name, kind).alias(&field.key);
    let words = body.description.as_deref().unwrap_or("a field of your own");
    let asked = asked.described(words.lines().next().unwrap_or_default());
    if matches!(body.kind, Kind::Choices | Kind::LongText) { asked } else { asked.sortable() }
}

/// The kind and the key of a custom field, by what it is called in plans.
pub(crate) fn custom_field_key(key: &FieldKey) -> Option<(crate::field::FieldKind, &str)> {
    let (kind, key) = key.as_str().strip_prefix(CUSTOM_PREFIX)?.split_once(':')?;
    Some((crate::field::FieldKind::parse(kind)?, key))
}

/// What the goals of service levels can ask.
pub(crate) fn goal_fields(statuses: &[Status], resolutions: &[String]) -> Vec<Field> {
    let mut fields = small_fields(statuses, resolutions);
    fields
        .push(Field::new("serviceTier", "Service tier", FieldKind::Integer).alias("tier").described("1 (vital) to 4"));
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_workflows_and_service_levels_are_words() {
        let mut facts = Facts::of_workflows([Workflow::default()].iter());
        let level =
            |key: &str, name: &str, for_customers| SlaName { key: key.into(), name: name.into(), for_customers };
        facts.slas = vec![level("resolution", "Time to resolution", true), level("vendor", "Vendor answer", false)];
        let vocabulary = facts.vocabulary(Audience::Agents);
        let asker = domain::query::Asker::new(jiff::Timestamp::UNIX_EPOCH, domain::zone::Zone::utc(), None);
        let check = |text: &str| {
            let query = domain::query::parse(text).expect("is readable");
            domain::query::check(&query, &vocabulary, &asker, &domain::query::Names::default())
        };
        assert!(check("status = \"In progress\" AND priority > Medium AND statusCategory != Done").is_ok());
        assert!(check("\"Time to resolution\" < remaining(30m) ORDER BY priority DESC, created").is_ok());
        assert!(check("issuetype = incident AND priority IN (P1, Critical) AND resolution IS EMPTY").is_ok());
        let wrong = check("statsu = open AND priority > Huge").expect_err("is wrong");
        assert_eq!(wrong[0].suggestions, ["status"]);
        assert_eq!(wrong.len(), 2);
        let customers = facts.vocabulary(Audience::Customers);
        let known = |name: &str| customers.find(&domain::query::FieldName::Named(name.to_owned())).is_some();
        assert!(known("Time to resolution") && !known("Vendor answer") && !known("SLA due"));
    }
}
