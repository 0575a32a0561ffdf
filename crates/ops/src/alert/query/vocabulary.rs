//! What can be asked about alerts in the query language.
//!
//! **Invariant.** Stored queries name a field by its name or alias, so names are only added.

use domain::query::{Choice, Field, FieldKey, FieldKind, PERSON, Search, Vocabulary, priorities, ticket_functions};

use super::super::state::IncidentState;

/// The functions of the language that lists of alerts answer.
const ANSWERED: [&str; 1] = ["membersOf"];

fn choices(all: &[(&str, &str)]) -> FieldKind {
    let choices = all.iter().map(|(key, name)| Choice::new(*key, *name)).collect();
    FieldKind::Choice { choices, ranked: false }
}

fn fields() -> Vec<Field> {
    let reference = |kind: &str| FieldKind::Reference(kind.to_owned());
    let instant = |key: &str, words: &str| Field::new(key, key, FieldKind::Instant).sortable().described(words);
    let flag = |key: &str, words: &str| Field::new(key, key, FieldKind::Flag).described(words);
    let text = |key: &str, words: &str| Field::new(key, key, FieldKind::Text(None)).described(words);
    let words = |key: &str, words: &str| Field::new(key, key, FieldKind::LongText(Search::Words)).described(words);
    let incidents = [
        (IncidentState::None, "None"),
        (IncidentState::Opened, "Opened"),
        (IncidentState::Proposed, "Proposed"),
        (IncidentState::Folded, "Folded"),
        (IncidentState::Joined, "Joined"),
    ];
    vec![
        Field::new("number", "number", FieldKind::Integer)
            .alias("tinyId")
            .sortable()
            .described("such as 12; sorts by when it was raised"),
        Field::new("status", "status", choices(&[("open", "Open"), ("closed", "Closed")]))
            .sortable()
            .described("open or closed"),
        flag("acknowledged", "whether somebody has taken it"),
        flag("snoozed", "whether it is quiet for now"),
        Field::new("priority", "priority", priorities()).sortable().described("P1 (critical) to P5"),
        Field::new("title", "title", FieldKind::Text(Some(Search::Words)))
            .alias("message")
            .sortable()
            .described("its one line"),
        words("description", "words of its description"),
        words("text", "words of anything that is written on it"),
        Field::new("service", "service", reference("service")).sortable().described("what is affected"),
        Field::new("team", "team", reference("team")).sortable().described("whose it is"),
        Field::new("owner", "owner", reference(PERSON)).sortable().described("who works on it"),
        Field::new("acknowledgedBy", "acknowledgedBy", reference(PERSON)).described("who has taken it"),
        Field::new("integration", "integration", reference("integration")).sortable().described("what reported it"),
        Field::new("incident", "incident", reference("ticket")).described("the incident that it belongs to, by key"),
        Field::new("incidentState", "incidentState", choices(&incidents.map(|(state, name)| (state.as_str(), name))))
            .described("how it came to its incident"),
        text("source", "where it comes from").sortable(),
        text("entity", "what it is about").sortable(),
        text("alias", "what de-duplicates it"),
        text("tags", "any of its tags").alias("tag").suggesting(),
        Field::new("count", "count", FieldKind::Integer).sortable().described("how often it was reported"),
        instant("created", "when it was raised").alias("first").alias("createdAt"),
        instant("last", "when it was last reported").alias("lastOccurredAt"),
        instant("updated", "when it last changed").alias("updatedAt"),
        instant("closed", "when it was closed").alias("closedAt"),
        instant("acknowledgedAt", "when it was taken"),
        instant("snoozedUntil", "until when it is quiet"),
    ]
}

/// What lists and queues can ask.
pub(crate) fn vocabulary() -> Vocabulary {
    let functions = ticket_functions(&[FieldKey::new("number")]);
    let answered = functions.into_iter().filter(|function| ANSWERED.contains(&function.name.as_str()));
    Vocabulary::new(fields(), answered.collect())
}
