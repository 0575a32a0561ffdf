//! What queries need read beside tickets: the names in them, what can be offered, and what the vocabulary holds.
//!
//! Names are found within the asker's scope. A customer finds nobody and nothing by name but their own projects:
//! whether somebody exists is not theirs to try out.

use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use catalog::document::{self, Head};
use domain::query::{Name, Names, PERSON, fold};
use domain::workflow::Workflow;
use domain::zone::Zone;
use kernel::{PersonId, Scope};
use platform::db::{placeholders, scope_team};
use platform::{DbError, Sql, params};
use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

use super::super::vocabulary::{Facts, SlaName};
use super::super::workflow::WORKFLOW;
use crate::field;
use crate::sla;

#[derive(FromQueryResult)]
struct BodyRow {
    body: serde_json::Value,
}

#[derive(FromQueryResult)]
struct ZoneRow {
    time_zone: String,
}

/// The versions that were read, and what they say.
type ReadFacts = (Vec<Head>, Arc<Facts>);

/// What was read last. One suffices: it changes when somebody edits a document.
static LAST: LazyLock<Mutex<Option<ReadFacts>>> = LazyLock::new(|| Mutex::new(None));

/// Everything that the vocabulary of tickets depends on. Reads documents only when one changed since the last time.
pub(super) async fn facts(sql: &impl Sql) -> Result<Arc<Facts>, DbError> {
    let heads = document::heads(sql, &[WORKFLOW, sla::SLA, field::FIELD]).await?;
    {
        let last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, facts)) = last.as_ref()
            && *known == heads
        {
            return Ok(facts.clone());
        }
    }
    let facts = Arc::new(read_facts(sql).await?);
    *LAST.lock().unwrap_or_else(PoisonError::into_inner) = Some((heads, facts.clone()));
    Ok(facts)
}

async fn read_facts(sql: &impl Sql) -> Result<Facts, DbError> {
    let text = "SELECT v.body FROM documents d JOIN document_versions v ON v.document_id = d.id \
                WHERE d.kind = 'workflow' ORDER BY d.key, v.version DESC";
    let rows = sql.all::<BodyRow>(text, vec![]).await?;
    let read = |row: BodyRow| {
        serde_json::from_value::<Workflow>(row.body).map_err(|error| DbError::Corrupt(format!("a workflow: {error}")))
    };
    let mut workflows = rows.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
    if workflows.is_empty() {
        workflows.push(Workflow::default());
    }
    let mut facts = Facts::of_workflows(workflows.iter());
    facts.fields = field::in_force(sql).await?;
    let known = sla::terms::in_force(sql).await?;
    facts.slas = (known.slas.iter())
        .map(|terms| SlaName {
            key: terms.key.clone(),
            name: terms.name().to_owned(),
            for_customers: terms.is_for_customers(),
        })
        .collect();
    Ok(facts)
}

/// The zone in which this person's days begin.
pub(super) async fn zone_of(sql: &impl Sql, person: Option<PersonId>) -> Result<Zone, DbError> {
    let Some(person) = person else { return Ok(Zone::utc()) };
    let row = sql.one::<ZoneRow>("SELECT time_zone FROM people WHERE id = $1", params![person]).await?;
    Ok(row.and_then(|row| Zone::parse(&row.time_zone).ok()).unwrap_or_else(Zone::utc))
}

/// A kind of record that queries name.
struct Kind {
    name: &'static str,
    /// SELECT of `id, name, other` up to WHERE; `other` is a second spelling.
    select: &'static str,
    /// The name and its other spelling as they are compared.
    keys: [&'static str; 2],
    /// Which rows a list of offers shows.
    current: &'static str,
}

const KINDS: [Kind; 4] = [
    Kind {
        name: PERSON,
        select: "SELECT r.id, r.name, r.email AS other FROM people r",
        keys: ["r.name_key", "r.email_key"],
        current: "r.active = TRUE",
    },
    Kind {
        name: "team",
        select: "SELECT r.id, r.name, '' AS other FROM teams r",
        keys: ["r.name_key", "r.name_key"],
        current: "TRUE",
    },
    Kind {
        name: "project",
        select: "SELECT r.id, r.name, r.key AS other FROM projects r",
        keys: ["LOWER(r.name)", "LOWER(r.key)"],
        current: "TRUE",
    },
    Kind {
        name: "service",
        select: "SELECT r.id, r.name, r.key AS other FROM services r",
        keys: ["LOWER(r.name)", "LOWER(r.key)"],
        current: "r.deleted_at IS NULL",
    },
];

/// A record that has a name.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct NamedRow {
    pub id: Uuid,
    pub name: String,
    /// Mail address or key.
    pub other: String,
}

/// That the asker may find a row of this kind by its name.
fn visible(kind: &Kind, scope: &Scope, values: &mut Vec<Value>) -> String {
    match kind.name {
        "team" => scope_team(scope, "r.id", values),
        "service" => scope_team(scope, "r.owner_team_id", values),
        "project" => match scope {
            Scope::Agent { hidden_projects, .. } if !hidden_projects.is_empty() => {
                let list = placeholders(values.len() + 1, hidden_projects.len());
                values.extend(hidden_projects.iter().map(|project| Value::from(project.0)));
                format!("r.id NOT IN ({list})")
            }
            Scope::Customer(person) => {
                values.push(person.0.into());
                let n = values.len();
                format!("r.id IN (SELECT own.project_id FROM tickets own WHERE own.reporter_id = ${n})")
            }
            Scope::Team(_) => "FALSE".to_owned(),
            _ => "TRUE".to_owned(),
        },
        _ => match scope {
            Scope::Customer(person) => {
                values.push(person.0.into());
                format!("r.id = ${}", values.len())
            }
            _ => "TRUE".to_owned(),
        },
    }
}

/// Looks up the names of a query, each kind at once, within the asker's scope.
pub(crate) async fn look_up(sql: &impl Sql, scope: &Scope, wanted: Vec<Name>) -> Result<Names, DbError> {
    let mut names = Names::default();
    for kind in &KINDS {
        let asked: Vec<&str> =
            wanted.iter().filter(|name| name.kind == kind.name).map(|name| name.text.as_str()).collect();
        for part in asked.chunks(1_000) {
            let mut values: Vec<Value> = part.iter().map(|text| Value::from(fold(text))).collect();
            let list = placeholders(1, part.len());
            let visible = visible(kind, scope, &mut values);
            let [name, other] = kind.keys;
            let text = format!("{} WHERE ({name} IN ({list}) OR {other} IN ({list})) AND {visible}", kind.select);
            let found = sql.all::<NamedRow>(&text, values).await?;
            for text in part {
                let sought = fold(text);
                let same = |row: &&NamedRow| fold(&row.name) == sought || fold(&row.other) == sought;
                let ids: Vec<Uuid> = found.iter().filter(same).map(|row| row.id).collect();
                if ids.is_empty() {
                    let head: String = sought.chars().take(3).collect();
                    let near = offers(sql, scope, kind.name, &head, 3).await?;
                    names.missing(kind.name, text, near.into_iter().map(|row| row.name).collect());
                } else {
                    names.found(kind.name, text, ids);
                }
            }
        }
    }
    Ok(names)
}

fn like(text: &str) -> String {
    let mut pattern = String::new();
    for c in fold(text).chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

/// Records of a kind whose name, or other spelling, begins so.
pub(super) async fn offers(
    sql: &impl Sql,
    scope: &Scope,
    kind: &str,
    prefix: &str,
    limit: i64,
) -> Result<Vec<NamedRow>, DbError> {
    let Some(kind) = KINDS.iter().find(|known| known.name == kind) else { return Ok(Vec::new()) };
    let mut values: Vec<Value> = vec![like(prefix).into(), limit.into()];
    let visible = visible(kind, scope, &mut values);
    let [name, other] = kind.keys;
    let text = format!(
        "{} WHERE ({name} LIKE $1 ESCAPE '\\' OR {other} LIKE $1 ESCAPE '\\') AND {} AND {visible} \
         ORDER BY {name} LIMIT $2",
        kind.select, kind.current
    );
    sql.all(&text, values).await
}

#[derive(FromQueryResult)]
struct LabelRow {
    label: String,
}

/// Labels in use on tickets that the asker may see.
pub(super) async fn labels(sql: &impl Sql, scope: &Scope, prefix: &str, limit: i64) -> Result<Vec<String>, DbError> {
    let mut values: Vec<Value> = vec![like(prefix).into(), limit.into()];
    let visible = platform::db::scope_project(scope, "t.project_id", "t.reporter_id", &mut values);
    let text = format!(
        "SELECT DISTINCT l.label FROM ticket_labels l JOIN tickets t ON t.id = l.ticket_id \
         WHERE LOWER(l.label) LIKE $1 ESCAPE '\\' AND {visible} ORDER BY l.label LIMIT $2"
    );
    Ok(sql.all::<LabelRow>(&text, values).await?.into_iter().map(|row| row.label).collect())
}
