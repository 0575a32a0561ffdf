//! Tests of the query language, on a vocabulary like that of tickets.

mod check;
mod complete;
mod parse;
mod property;
mod sql;

use jiff::Timestamp;
use uuid::Uuid;

use super::*;
use crate::zone::Zone;

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// People of the tests.
const ANA: u128 = 0xa;
const BEN: u128 = 0xb;
/// Two people of one name.
const KIM: [u128; 2] = [0xc, 0xd];

fn vocabulary() -> Vocabulary {
    let choices = |names: &[(&str, &str)]| names.iter().map(|(key, name)| Choice::new(*key, *name)).collect();
    let reference = |kind: &str| FieldKind::Reference(kind.to_owned());
    let priorities = ["Critical", "High", "Medium", "Low", "Lowest"];
    let priorities = priorities
        .iter()
        .zip(1_i64..)
        .map(|(name, rank)| Choice::new(format!("P{rank}"), *name).alias(format!("P{rank}")).rank(10 - rank));
    let fields = vec![
        Field::new("key", "key", FieldKind::Text(None)).alias("issue").alias("id").sortable(),
        Field::new("project", "project", reference("project")),
        Field::new(
            "kind",
            "kind",
            FieldKind::Choice { choices: choices(&[("incident", "Incident"), ("request", "Request")]), ranked: false },
        )
        .alias("issuetype")
        .alias("type"),
        Field::new(
            "status",
            "status",
            FieldKind::Choice {
                choices: choices(&[("open", "Open"), ("doing", "In progress"), ("done", "Done")]),
                ranked: false,
            },
        )
        .with_history(),
        Field::new("priority", "priority", FieldKind::Choice { choices: priorities.collect(), ranked: true })
            .sortable()
            .described("P1 to P5"),
        Field::new("resolution", "resolution", FieldKind::Text(None)),
        Field::new("assignee", "assignee", reference(PERSON)).sortable().with_history(),
        Field::new("reporter", "reporter", reference(PERSON)),
        Field::new("labels", "labels", FieldKind::Text(None)).alias("label").suggesting(),
        Field::new("summary", "summary", FieldKind::Text(Some(Search::Parts))).sortable(),
        Field::new("text", "text", FieldKind::LongText(Search::Words)),
        Field::new("created", "created", FieldKind::Instant).alias("createdDate").sortable(),
        Field::new("due", "due", FieldKind::Date).sortable(),
        Field::new("count", "count", FieldKind::Integer).sortable(),
        Field::new("cost", "Cost", FieldKind::Number).number(10_010).sortable(),
        Field::new("cost2", "Cost", FieldKind::Number).number(10_011),
        Field::new("major", "Major incident", FieldKind::Flag).number(10_020),
        Field::new("approvals", "Approvals", FieldKind::State),
        Field::new("resolve", "Time to resolution", FieldKind::Sla).sortable(),
        Field::new("respond", "Time to first response", FieldKind::Sla),
    ];
    Vocabulary::new(fields, ticket_functions(&["key".into()]))
}

/// A Thursday afternoon in Oslo, a week after summer time began.
fn asker() -> Asker {
    let now: Timestamp = "2026-04-02T13:30:15.5Z".parse().expect("an instant");
    Asker::new(now, Zone::parse("Europe/Oslo").expect("a zone"), Some(id(ANA)))
}

fn names() -> Names {
    let mut names = Names::default();
    names.found(PERSON, "ana", vec![id(ANA)]);
    names.found(PERSON, "Ben Berg", vec![id(BEN)]);
    names.found(PERSON, "kim", KIM.map(id).to_vec());
    names.missing(PERSON, "anna", vec!["ana".to_owned()]);
    names.found("team", "network", vec![id(0x1e)]);
    names.found("project", "INC", vec![id(0x11)]);
    names.found("ticket", "INC-1", vec![id(0x21)]);
    names
}

fn typed(text: &str) -> Result<TypedQuery, Vec<QueryError>> {
    let query = parse(text).map_err(|error| vec![error])?;
    super::check(&query, &vocabulary(), &asker(), &names())
}

/// The error with a line under what it is about.
fn underlined(text: &str, error: &QueryError) -> String {
    let line = format!("{}{}", " ".repeat(error.position), "^".repeat(error.length.max(1)));
    let offers = if error.suggestions.is_empty() { String::new() } else { format!("  {:?}", error.suggestions) };
    format!("  {text}\n  {line} {}{offers}\n", error.message)
}
