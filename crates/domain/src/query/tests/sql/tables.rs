//! Where the fields of the records stand.

use super::super::*;

/// The places of the fields in the tables of the tests.
pub(super) struct Tables;

pub(super) const HISTORY: Rows = Rows { from: "held h", link: "h.seq = t.seq", only: Vec::new() };
pub(super) const CLOCKS: Rows = Rows { from: "clocks c", link: "c.seq = t.seq", only: Vec::new() };

impl Mapping for Tables {
    fn place(&self, field: &FieldKey) -> Option<Place> {
        let column = match field.as_str() {
            "key" => Column::required("t.key").folded_text(),
            "status" => Column::required("t.status"),
            "priority" => Column::optional("t.priority"),
            "resolution" => Column::optional("t.resolution").text(),
            "assignee" => Column::optional("t.assignee"),
            "summary" => Column::required("t.summary").text(),
            "created" => Column::required("t.created"),
            "due" => Column::optional("t.due"),
            "count" => Column::optional("t.count"),
            "cost" => {
                // As a custom field stands: in typed rows, chosen by a parameter.
                let number = Column::required("v.field");
                let only = vec![Condition::Compare(number, Comparison::Equal, Param::Integer(10_010))];
                let rows = Rows { from: "field_values v", link: "v.seq = t.seq", only };
                return Some(Place::Rows(rows, Column::required("v.number")));
            }
            "major" => Column::optional("t.major"),
            "approvals" => Column::optional("t.approval"),
            "labels" => {
                let rows = Rows { from: "labels l", link: "l.seq = t.seq", only: Vec::new() };
                return Some(Place::Rows(rows, Column::required("l.label").text()));
            }
            "resolve" => return Some(Place::Rows(CLOCKS, Column::required("c.seq"))),
            "text" => return Some(Place::Always),
            _ => return None,
        };
        Some(Place::Column(column))
    }

    fn insertion_number(&self) -> Sql {
        "t.seq"
    }

    fn param(&self, field: &FieldKey, value: &Value) -> Option<Param> {
        match (field.as_str(), value) {
            ("priority", Value::Choice(key)) => key.strip_prefix('P')?.parse().ok().map(Param::Integer),
            _ => Some(Param::of(value)),
        }
    }

    fn contains(&self, _: &FieldKey, sought: &Sought) -> Option<Condition> {
        let Sought::Words(query) = sought else { return None };
        let sql = "t.seq IN (SELECT rowid FROM texts WHERE texts MATCH $?)";
        Some(Condition::Raw(sql, vec![Param::Text(query.fts5())]))
    }

    fn history(&self, _: &FieldKey) -> Option<HistoryPlace> {
        Some(HistoryPlace {
            rows: HISTORY,
            value: Column::optional("h.value"),
            previous: Column::optional("h.previous"),
            since: "h.since",
            until: "h.until",
            by: "h.person",
            first: "h.first",
        })
    }

    fn sla(&self, _: &FieldKey, tests: &[SlaTest]) -> Option<Condition> {
        let test = |test: &SlaTest| match test {
            SlaTest::State { state, is } => {
                let column = match state {
                    SlaState::Breached => "c.breached",
                    SlaState::EverBreached => "c.ever_breached",
                    SlaState::Completed => "c.completed",
                    SlaState::Running => "c.running",
                    SlaState::Paused => "c.paused",
                    SlaState::WithinCalendarHours => "c.open",
                };
                Condition::Compare(Column::required(column), Comparison::Equal, Param::Flag(*is))
            }
            SlaTest::Elapsed(op, wanted) => {
                Condition::Compare(Column::optional("c.elapsed"), *op, Param::Integer(wanted.as_secs()))
            }
            SlaTest::Remaining(op, wanted) => {
                Condition::Compare(Column::optional("c.remaining"), *op, Param::Integer(wanted.as_secs()))
            }
        };
        Some(Condition::exists(CLOCKS, Condition::all(tests.iter().map(test).collect())))
    }

    fn ask(&self, _: &FieldKey, call: &TypedCall) -> Option<Condition> {
        Some(match call.name.as_str() {
            "membersOf" => {
                let team = call.references(0).into_iter().map(Param::Id).collect();
                let only = vec![Condition::OneOf(Column::required("m.team"), team)];
                let rows = Rows { from: "members m", link: "m.person = t.assignee", only };
                Condition::exists(rows, Condition::True)
            }
            "approved" => Condition::Raw("t.approval IS NOT NULL AND t.approval = 'approved'", Vec::new()),
            "pending" => Condition::Raw("COALESCE(t.approval, '') = $?", vec![Param::Text("pending".into())]),
            _ => return None,
        })
    }

    fn instead(&self, predicate: &Predicate, holds: bool) -> Option<Condition> {
        match predicate {
            Predicate::Empty { field } if field.as_str() == "count" => {
                let sql = if holds { "t.count IS NULL" } else { "t.count IS NOT NULL" };
                Some(Condition::Raw(sql, Vec::new()))
            }
            _ => None,
        }
    }

    fn sort(&self, field: &FieldKey) -> Option<SortColumn> {
        let sort = |column, kind| Some(SortColumn { column, kind, reversed: false });
        match field.as_str() {
            "priority" => {
                Some(SortColumn { column: Column::optional("t.priority"), kind: ParamKind::Integer, reversed: true })
            }
            "summary" => sort(Column::required("t.summary").text(), ParamKind::Text),
            "created" => sort(Column::required("t.created"), ParamKind::Integer),
            "due" => sort(Column::optional("t.due"), ParamKind::Text),
            "count" => sort(Column::optional("t.count"), ParamKind::Integer),
            "cost" => {
                let sql = "(SELECT v.number FROM field_values v WHERE v.seq = t.seq AND v.field = $?)";
                sort(Column::optional(sql).with(vec![Param::Integer(10_010)]), ParamKind::Number)
            }
            _ => None,
        }
    }
}

pub(super) const SCHEMA: &str = "
CREATE TABLE tickets (seq INTEGER PRIMARY KEY, key TEXT NOT NULL, status TEXT NOT NULL, priority BIGINT, resolution TEXT,
  assignee BLOB, summary TEXT NOT NULL, created BIGINT NOT NULL, due TEXT, count BIGINT, major BOOLEAN, approval TEXT);
CREATE TABLE labels (seq BIGINT NOT NULL, label TEXT NOT NULL);
CREATE TABLE field_values (seq BIGINT NOT NULL, field BIGINT NOT NULL, number DOUBLE NOT NULL);
CREATE TABLE members (team BLOB NOT NULL, person BLOB NOT NULL);
CREATE TABLE held (seq BIGINT NOT NULL, value TEXT, previous TEXT, since BIGINT NOT NULL, until BIGINT, person BLOB,
  first BOOLEAN NOT NULL);
CREATE TABLE clocks (seq BIGINT NOT NULL, breached BOOLEAN NOT NULL, ever_breached BOOLEAN NOT NULL,
  completed BOOLEAN NOT NULL, running BOOLEAN NOT NULL, paused BOOLEAN NOT NULL, open BOOLEAN NOT NULL,
  elapsed BIGINT, remaining BIGINT);
CREATE VIRTUAL TABLE texts USING fts5(body, tokenize = 'unicode61 remove_diacritics 0')";
