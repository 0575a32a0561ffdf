//! What queries need read beside tickets: what they name, what can be offered, and what the vocabulary holds.

use std::sync::Arc;

use catalog::document::Kept;
use catalog::query::{NamedKind, PERSON, SERVICE, Spelling, TEAM, like};
use domain::workflow::Workflow;
use kernel::Scope;
use platform::db::{FromRow, placeholders};
use platform::{DbError, Sql};
use sea_orm::Value;

use super::super::vocabulary::{Facts, SlaName};
use super::super::workflow::WORKFLOW;
use crate::{CONFIGURATION, field, sla};

#[derive(FromRow)]
struct BodyRow {
    body: serde_json::Value,
}

static FACTS: Kept<Facts> = Kept::new(&[WORKFLOW, sla::SLA, field::FIELD], &CONFIGURATION);

/// Everything that the vocabulary of tickets depends on. Reads documents only when one changed since the last time.
pub(super) async fn facts(sql: &impl Sql) -> Result<Arc<Facts>, DbError> {
    FACTS.now(sql, read_facts(sql)).await
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

/// Projects, by key or name. Customers find those that they raised something in.
const PROJECT: NamedKind = NamedKind {
    name: "project",
    select: "SELECT r.id, r.name, r.key AS other FROM projects r",
    keys: ["LOWER(r.name)", "LOWER(r.key)"],
    current: "TRUE",
    written: Spelling::Other,
    visible: |scope, values| match scope {
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
};

/// The kinds of records that queries over tickets name.
pub(super) const KINDS: &[NamedKind] = &[PERSON, TEAM, PROJECT, SERVICE];

#[derive(FromRow)]
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
