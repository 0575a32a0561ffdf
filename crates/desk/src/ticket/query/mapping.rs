//! Where the fields of tickets stand in the tables. All SQL of conditions and sort keys is here.

use domain::priority::Priority;
use domain::query::{
    Column, Comparison, Condition, FieldKey, HistoryPlace, Mapping, Param, ParamKind, Place, Predicate, Rows, SlaTest,
    SortColumn, Sought, Sql, TextQuery, TypedCall, Value,
};
use domain::workflow::Category;
use platform::db::Backend;

use super::super::vocabulary::{SLA_DUE, SLA_PREFIX, custom_field_key};
use super::super::words::MARK;
use super::clocks::{self, Clocks};
use crate::field::FieldKind;

/// The places of the fields of tickets for one asker. The scope over tickets stays with the statement.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TicketTables<'c> {
    /// Which database is asked.
    pub backend: Backend,
    /// Whether comments that customers do not see are searched.
    pub internal: bool,
    /// Whether there are custom fields that hold texts.
    pub custom_texts: bool,
    /// What queries about service levels need; without it they have no plan.
    pub clocks: Option<&'c Clocks>,
}

/// The columns of the index for full text: their names on SQLite, their weights on PostgreSQL.
const SUMMARY: (&str, &str) = ("summary", "A");
const DESCRIPTION: (&str, &str) = ("description", "B");
const PUBLIC: (&str, &str) = ("public_comments", "C");
const INTERNAL: (&str, &str) = ("internal_comments", "D");

impl TicketTables<'_> {
    /// The columns of the index that a field is searched in.
    fn searched(self, field: &FieldKey) -> Vec<(&'static str, &'static str)> {
        let comments = if self.internal { vec![PUBLIC, INTERNAL] } else { vec![PUBLIC] };
        match field.as_str() {
            "summary" => vec![SUMMARY],
            "description" => vec![DESCRIPTION],
            "comment" => comments,
            _ => [vec![SUMMARY, DESCRIPTION], comments].concat(),
        }
    }

    /// What the index of this database is asked.
    pub fn search(self, field: &FieldKey, query: &TextQuery) -> String {
        let columns = self.searched(field);
        // Words of custom fields are marked; they are part of what is written anywhere.
        let anywhere = field.as_str() == "text" && self.internal && self.custom_texts;
        let query = if anywhere { query.clone().or_marked(MARK) } else { query.clone() };
        match self.backend {
            Backend::Sqlite => query.fts5_in(&columns.iter().map(|(name, _)| *name).collect::<Vec<_>>()),
            Backend::Postgres => query.tsquery(&columns.iter().map(|(_, weight)| *weight).collect::<String>()),
        }
    }

    /// That a ticket has these words somewhere, the last of which may be the beginning of one, or this key.
    pub fn anywhere(self, text: &str) -> Condition {
        let text = text.trim();
        let open = text.chars().next_back().is_some_and(char::is_alphanumeric);
        let query = TextQuery::parse(&if open { format!("{text}*") } else { text.to_owned() });
        let field = FieldKey::new("text");
        let words = query.and_then(|query| self.contains(&field, &Sought::Words(query)));
        let key = Condition::Compare(Column::required("t.key"), Comparison::Equal, Param::Text(text.to_uppercase()));
        Condition::any(words.into_iter().chain([key]).collect())
    }

    fn comments(self) -> Rows {
        let visibility = Column::required("c.visibility");
        let public = Condition::Compare(visibility, Comparison::Equal, Param::Text("public".to_owned()));
        let only = if self.internal { vec![] } else { vec![public] };
        Rows { from: "ticket_comments c", link: "c.ticket_id = t.id", only }
    }
}

const LABELS: Rows = Rows { from: "ticket_labels l", link: "l.ticket_id = t.id", only: Vec::new() };

/// The typed rows of a custom field.
fn values_of(key: &str) -> Rows {
    let field = Condition::Compare(Column::required("v.field"), Comparison::Equal, Param::Text(key.to_owned()));
    Rows { from: "field_values v", link: "v.record_id = t.id", only: vec![field] }
}

/// The column of these rows in which values of a kind stand. Texts are in lower case, and none is empty.
fn value_column(kind: FieldKind) -> Column {
    Column::required(match kind {
        FieldKind::Text | FieldKind::Url | FieldKind::Checkbox | FieldKind::Choice | FieldKind::Choices => "v.text",
        FieldKind::LongText => "v.long_text",
        FieldKind::Number => "v.number",
        FieldKind::Date => "v.date",
        FieldKind::Instant => "v.instant",
        FieldKind::Person | FieldKind::Team | FieldKind::Service => "v.reference",
    })
}

/// By what tickets are sorted by a custom field of a kind, if its values are single.
fn value_sort(kind: FieldKind) -> Option<(Sql, ParamKind)> {
    Some(match kind {
        FieldKind::Text | FieldKind::Url | FieldKind::Checkbox | FieldKind::Choice => {
            ("(SELECT v.text FROM field_values v WHERE v.record_id = t.id AND v.field = $?)", ParamKind::Text)
        }
        FieldKind::Number => {
            ("(SELECT v.number FROM field_values v WHERE v.record_id = t.id AND v.field = $?)", ParamKind::Number)
        }
        FieldKind::Date => {
            ("(SELECT v.date FROM field_values v WHERE v.record_id = t.id AND v.field = $?)", ParamKind::Text)
        }
        FieldKind::Instant => {
            ("(SELECT v.instant FROM field_values v WHERE v.record_id = t.id AND v.field = $?)", ParamKind::Integer)
        }
        FieldKind::Person => (
            "(SELECT p.name_key FROM field_values v JOIN people p ON p.id = v.reference \
              WHERE v.record_id = t.id AND v.field = $?)",
            ParamKind::Text,
        ),
        FieldKind::Team => (
            "(SELECT g.name_key FROM field_values v JOIN teams g ON g.id = v.reference \
              WHERE v.record_id = t.id AND v.field = $?)",
            ParamKind::Text,
        ),
        FieldKind::Service => (
            "(SELECT LOWER(s.name) FROM field_values v JOIN services s ON s.id = v.reference \
              WHERE v.record_id = t.id AND v.field = $?)",
            ParamKind::Text,
        ),
        FieldKind::Choices | FieldKind::LongText => return None,
    })
}

fn category_condition(values: &[Value], holds: bool) -> Option<Condition> {
    let keys: Vec<&str> =
        values.iter().map(|value| if let Value::Choice(key) = value { key.as_str() } else { "" }).collect();
    let done = keys.contains(&Category::Done.as_str());
    let params: Vec<Param> = keys.iter().map(|key| Param::Text((*key).to_owned())).collect();
    let unresolved = || Condition::Raw("t.resolved_at IS NULL", Vec::new());
    let column = || Column::required("t.status_category");
    match (holds, done, params.len()) {
        (true, true, 1) => Some(Condition::Raw("t.resolved_at IS NOT NULL", Vec::new())),
        (false, true, 1) => Some(unresolved()),
        (true, false, 1..) => {
            let open = Category::ALL.len() - 1;
            if params.len() == open {
                return Some(unresolved());
            }
            Some(Condition::all(vec![unresolved(), Condition::OneOf(column(), params)]))
        }
        (false, true, _) => Some(Condition::all(vec![unresolved(), Condition::NoneOf(column(), params)])),
        _ => None,
    }
}

impl Mapping for TicketTables<'_> {
    fn place(&self, field: &FieldKey) -> Option<Place> {
        let column = match field.as_str() {
            "key" => Column::required("t.key"),
            "project" => Column::required("t.project_id"),
            "kind" => Column::required("t.kind"),
            "status" => Column::required("t.status"),
            "statusCategory" => Column::required("t.status_category"),
            "priority" => Column::required("t.priority"),
            "impact" => Column::required("t.impact->>'value'"),
            "urgency" => Column::required("t.urgency->>'value'"),
            "resolution" => Column::optional("t.resolution"),
            "assignee" => Column::optional("t.assignee_id"),
            "reporter" => Column::optional("t.reporter_id"),
            "team" => Column::optional("t.team_id"),
            "service" => Column::optional("t.service_id"),
            "labels" => return Some(Place::Rows(LABELS, Column::required("l.label").text())),
            "summary" => Column::required("t.summary").text(),
            "description" => Column::required("t.description").text(),
            "comment" => return Some(Place::Rows(self.comments(), Column::required("c.body").text())),
            "text" => return Some(Place::Always),
            "created" => Column::required("t.created_at"),
            "updated" => Column::required("t.updated_at"),
            "resolved" => Column::optional("t.resolved_at"),
            "responded" => Column::optional("t.first_response_at"),
            SLA_DUE => Column::optional("t.sla_due_at"),
            "due" => Column::optional("t.due_at"),
            other => {
                if let Some((kind, key)) = custom_field_key(field) {
                    return Some(Place::Rows(values_of(key), value_column(kind)));
                }
                let level = clocks::rows(other.strip_prefix(SLA_PREFIX)?);
                return Some(Place::Rows(level, Column::required("y.number")));
            }
        };
        Some(Place::Column(column))
    }

    fn insertion_number(&self) -> Sql {
        "t.seq"
    }

    fn param(&self, field: &FieldKey, value: &Value) -> Option<Param> {
        match (field.as_str(), value) {
            ("priority", Value::Choice(key)) => {
                Priority::parse(key).map(|priority| Param::Integer(i64::from(priority.rank())))
            }
            // Truth is a word in typed rows.
            (_, Value::Flag(flag)) if custom_field_key(field).is_some() => Some(Param::Text(flag.to_string())),
            // Keys are stored in upper case, so that their index serves.
            ("key", Value::Text(key)) => Some(Param::Text(key.to_uppercase())),
            _ => Some(Param::of(value)),
        }
    }

    /// The indexes of open work know that `resolved_at` is set exactly while the category is done.
    fn instead(&self, predicate: &Predicate, holds: bool) -> Option<Condition> {
        match predicate {
            Predicate::OneOf { field, values } if field.as_str() == "statusCategory" => {
                category_condition(values, holds)
            }
            _ => None,
        }
    }

    fn contains(&self, field: &FieldKey, sought: &Sought) -> Option<Condition> {
        let Sought::Words(query) = sought else { return None };
        let sql = match self.backend {
            Backend::Sqlite => "t.seq IN (SELECT rowid FROM ticket_search WHERE ticket_search MATCH $?)",
            Backend::Postgres => {
                "t.seq IN (SELECT w.ticket_seq FROM ticket_words w WHERE w.search @@ to_tsquery('simple', $?))"
            }
        };
        Some(Condition::Raw(sql, vec![Param::Text(self.search(field, query))]))
    }

    fn history(&self, field: &FieldKey) -> Option<HistoryPlace> {
        let (name, value, previous) = match field.as_str() {
            "status" => ("status", "h.text", "h.text_before"),
            "priority" => ("priority", "h.rank", "h.rank_before"),
            "assignee" => ("assignee", "h.reference", "h.reference_before"),
            "team" => ("team", "h.reference", "h.reference_before"),
            _ => return None,
        };
        let of = Condition::Compare(Column::required("h.field"), Comparison::Equal, Param::Text(name.to_owned()));
        Some(HistoryPlace {
            rows: Rows { from: "ticket_past h", link: "h.ticket_id = t.id", only: vec![of] },
            value: Column::optional(value),
            previous: Column::optional(previous),
            since: "h.held_since",
            until: "h.held_until",
            by: "h.person_id",
            first: "h.is_first",
        })
    }

    fn sla(&self, field: &FieldKey, tests: &[SlaTest]) -> Option<Condition> {
        let level = clocks::rows(field.as_str().strip_prefix(SLA_PREFIX)?);
        Some(Condition::exists(level, self.clocks?.passes(tests)))
    }

    fn ask(&self, field: &FieldKey, call: &TypedCall) -> Option<Condition> {
        match field.as_str() {
            "assignee" => catalog::query::member_of(call, "m.person_id = t.assignee_id"),
            "reporter" => catalog::query::member_of(call, "m.person_id = t.reporter_id"),
            _ => None,
        }
    }

    fn sort(&self, field: &FieldKey) -> Option<SortColumn> {
        let by = |column, kind, reversed| Some(SortColumn { column, kind, reversed });
        let text = |sql| by(Column::required(sql), ParamKind::Text, false);
        let maybe_text = |sql| by(Column::optional(sql), ParamKind::Text, false);
        let number = |column| by(column, ParamKind::Integer, false);
        match field.as_str() {
            "key" => number(Column::required("t.seq")),
            "project" => text("(SELECT p.key FROM projects p WHERE p.id = t.project_id)"),
            "kind" => text("t.kind"),
            "status" => text("t.status"),
            "statusCategory" => number(Column::required(
                "CASE t.status_category WHEN 'todo' THEN 1 WHEN 'doing' THEN 2 WHEN 'waiting' THEN 3 ELSE 4 END",
            )),
            "priority" => by(Column::required("t.priority"), ParamKind::Integer, true),
            "impact" => number(Column::required(
                "CASE t.impact->>'value' WHEN 'minor' THEN 1 WHEN 'moderate' THEN 2 WHEN 'significant' THEN 3 ELSE 4 END",
            )),
            "urgency" => number(Column::required(
                "CASE t.urgency->>'value' WHEN 'low' THEN 1 WHEN 'medium' THEN 2 WHEN 'high' THEN 3 ELSE 4 END",
            )),
            "resolution" => maybe_text("t.resolution"),
            "assignee" => maybe_text("(SELECT p.name_key FROM people p WHERE p.id = t.assignee_id)"),
            "reporter" => maybe_text("(SELECT p.name_key FROM people p WHERE p.id = t.reporter_id)"),
            "team" => maybe_text("(SELECT g.name_key FROM teams g WHERE g.id = t.team_id)"),
            "service" => maybe_text("(SELECT s.name FROM services s WHERE s.id = t.service_id)"),
            "summary" => by(Column::required("t.summary").text(), ParamKind::Text, false),
            "created" => number(Column::required("t.created_at")),
            "updated" => number(Column::required("t.updated_at")),
            "resolved" => number(Column::optional("t.resolved_at")),
            "responded" => number(Column::optional("t.first_response_at")),
            SLA_DUE => number(Column::optional("t.sla_due_at")),
            "due" => number(Column::optional("t.due_at")),
            _ => {
                let (kind, key) = custom_field_key(field)?;
                let (sql, kind) = value_sort(kind)?;
                by(Column::optional(sql).with(vec![Param::Text(key.to_owned())]), kind, false)
            }
        }
    }
}
