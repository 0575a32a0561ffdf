//! Where the fields of alerts stand in the tables. All SQL of conditions and sort keys is here.

use domain::query::{
    Column, Comparison, Condition, FieldKey, Mapping, Param, ParamKind, Place, Predicate, Rows, SortColumn, Sought,
    Sql, TextQuery, TypedCall, Value,
};
use platform::db::Backend;

/// The places of the fields of alerts. The scope stays with the statement.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AlertTables {
    /// Which database is asked.
    pub backend: Backend,
}

/// The columns of the index for full text: their names on SQLite, their weights on PostgreSQL.
const TITLE: (&str, &str) = ("title", "A");
const DESCRIPTION: (&str, &str) = ("description", "B");
const OTHER: (&str, &str) = ("other", "C");

const TAGS: Rows = Rows { from: "alert_tags g", link: "g.alert_id = a.id", only: Vec::new() };

impl AlertTables {
    /// What the index of this database is asked.
    fn search(self, field: &FieldKey, query: &TextQuery) -> String {
        let columns: &[(&str, &str)] = match field.as_str() {
            "title" => &[TITLE],
            "description" => &[DESCRIPTION],
            _ => &[TITLE, DESCRIPTION, OTHER],
        };
        match self.backend {
            Backend::Sqlite => query.fts5_in(&columns.iter().map(|(name, _)| *name).collect::<Vec<_>>()),
            Backend::Postgres => query.tsquery(&columns.iter().map(|(_, weight)| *weight).collect::<String>()),
        }
    }
}

impl AlertTables {
    /// That an alert has these words somewhere, the last of which may be the beginning of one, or this number.
    pub fn anywhere(self, text: &str) -> Condition {
        let text = text.trim();
        let open = text.chars().next_back().is_some_and(char::is_alphanumeric);
        let query = TextQuery::parse(&if open { format!("{text}*") } else { text.to_owned() });
        let words = query.and_then(|query| self.contains(&FieldKey::new("text"), &Sought::Words(query)));
        let number = text
            .trim_start_matches('#')
            .parse()
            .ok()
            .map(|number| Condition::Compare(Column::required("a.seq"), Comparison::Equal, Param::Integer(number)));
        Condition::any(words.into_iter().chain(number).collect())
    }
}

/// One of two conditions that leave nothing between them, in words that partial indexes know.
fn either(yes: bool, no: bool, when: Sql, when_not: Sql) -> Option<Condition> {
    match (yes, no) {
        (true, false) => Some(Condition::Raw(when, Vec::new())),
        (false, true) => Some(Condition::Raw(when_not, Vec::new())),
        _ => None,
    }
}

impl Mapping for AlertTables {
    fn place(&self, field: &FieldKey) -> Option<Place> {
        let column = match field.as_str() {
            "number" => Column::required("a.seq"),
            "status" => Column::required("a.status"),
            "acknowledged" => Column::required("(a.acknowledged_at IS NOT NULL)"),
            "snoozed" => Column::required("(a.snoozed_until IS NOT NULL)"),
            "priority" => Column::required("a.priority"),
            "title" => Column::required("a.message").text(),
            "description" => Column::required("a.description").text(),
            "text" => return Some(Place::Always),
            "service" => Column::optional("a.service_id"),
            "team" => Column::optional("a.team_id"),
            "owner" => Column::optional("a.owner_id"),
            "acknowledgedBy" => Column::optional("a.acknowledged_by"),
            "integration" => Column::optional("a.integration_id"),
            "incident" => Column::optional("a.incident_id"),
            "incidentState" => Column::required("a.incident_state"),
            "source" => Column::required("a.source").text(),
            "entity" => Column::required("a.entity").text(),
            "alias" => Column::required("a.alias").text(),
            "tags" => return Some(Place::Rows(TAGS, Column::required("g.tag").text())),
            "count" => Column::required("a.count"),
            "created" => Column::required("a.created_at"),
            "last" => Column::required("a.last_occurred_at"),
            "updated" => Column::required("a.updated_at"),
            "closed" => Column::optional("a.closed_at"),
            "acknowledgedAt" => Column::optional("a.acknowledged_at"),
            "snoozedUntil" => Column::optional("a.snoozed_until"),
            _ => return None,
        };
        Some(Place::Column(column))
    }

    fn insertion_number(&self) -> Sql {
        "a.seq"
    }

    /// The indexes of open alerts know `status = 'open'` as a literal.
    fn instead(&self, predicate: &Predicate, holds: bool) -> Option<Condition> {
        let Predicate::OneOf { field, values } = predicate else { return None };
        let has = |value: &Value| values.contains(value) == holds;
        let choice = |key: &str| has(&Value::Choice(key.to_owned()));
        let flag = |flag: bool| has(&Value::Flag(flag));
        match field.as_str() {
            "status" => either(choice("open"), choice("closed"), "a.status = 'open'", "a.status = 'closed'"),
            "acknowledged" => {
                either(flag(true), flag(false), "a.acknowledged_at IS NOT NULL", "a.acknowledged_at IS NULL")
            }
            "snoozed" => either(flag(true), flag(false), "a.snoozed_until IS NOT NULL", "a.snoozed_until IS NULL"),
            _ => None,
        }
    }

    fn contains(&self, field: &FieldKey, sought: &Sought) -> Option<Condition> {
        let Sought::Words(query) = sought else { return None };
        let sql = match self.backend {
            Backend::Sqlite => "a.seq IN (SELECT rowid FROM alert_search WHERE alert_search MATCH $?)",
            Backend::Postgres => {
                "a.seq IN (SELECT w.alert_seq FROM alert_words w WHERE w.search @@ to_tsquery('simple', $?))"
            }
        };
        Some(Condition::Raw(sql, vec![Param::Text(self.search(field, query))]))
    }

    fn ask(&self, field: &FieldKey, call: &TypedCall) -> Option<Condition> {
        match field.as_str() {
            "owner" => catalog::query::member_of(call, "m.person_id = a.owner_id"),
            "acknowledgedBy" => catalog::query::member_of(call, "m.person_id = a.acknowledged_by"),
            _ => None,
        }
    }

    fn sort(&self, field: &FieldKey) -> Option<SortColumn> {
        let by = |column, kind, reversed| Some(SortColumn { column, kind, reversed });
        let text = |sql| by(Column::required(sql).text(), ParamKind::Text, false);
        let named = |sql| by(Column::optional(sql), ParamKind::Text, false);
        let number = |column| by(column, ParamKind::Integer, false);
        match field.as_str() {
            "number" => number(Column::required("a.seq")),
            "status" => by(Column::required("a.status"), ParamKind::Text, false),
            // P1 stands before P2 and is more.
            "priority" => by(Column::required("a.priority"), ParamKind::Text, true),
            "title" => text("a.message"),
            "service" => named("(SELECT s.name FROM services s WHERE s.id = a.service_id)"),
            "team" => named("(SELECT t.name_key FROM teams t WHERE t.id = a.team_id)"),
            "owner" => named("(SELECT p.name_key FROM people p WHERE p.id = a.owner_id)"),
            "integration" => named("(SELECT i.name FROM integrations i WHERE i.id = a.integration_id)"),
            "source" => text("a.source"),
            "entity" => text("a.entity"),
            "count" => number(Column::required("a.count")),
            "created" => number(Column::required("a.created_at")),
            "last" => number(Column::required("a.last_occurred_at")),
            "updated" => number(Column::required("a.updated_at")),
            "closed" => number(Column::optional("a.closed_at")),
            "acknowledgedAt" => number(Column::optional("a.acknowledged_at")),
            "snoozedUntil" => number(Column::optional("a.snoozed_until")),
            _ => None,
        }
    }
}
