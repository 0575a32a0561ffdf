//! The query language of alert lists as SQL: what `Query::holds` means, with bound parameters only.
//!
//! No condition made here is ever NULL (fields that may be empty are asked for with EXISTS or IS NOT NULL), so that
//! NOT means what people expect.

use domain::alert_query::{Clause, Flag, NumberField, Pattern, Query, TextField, TimeField};
use kernel::micros;
use platform::db::Backend;
use sea_orm::Value;
use uuid::Uuid;

/// The condition of a query; its parameters are appended.
pub(super) fn condition(query: &Query, params: &mut Params) -> String {
    match query {
        Query::And(parts) if parts.is_empty() => "1 = 1".to_owned(),
        Query::Or(parts) if parts.is_empty() => "1 = 0".to_owned(),
        Query::And(parts) => join(parts, " AND ", params),
        Query::Or(parts) => join(parts, " OR ", params),
        Query::Not(part) => format!("NOT ({})", condition(part, params)),
        Query::Clause(clause) => of_clause(clause, params),
    }
}

fn join(parts: &[Query], by: &str, params: &mut Params) -> String {
    let parts: Vec<String> = parts.iter().map(|part| condition(part, params)).collect();
    format!("({})", parts.join(by))
}

/// What a condition is written for, and what is bound so far.
pub(super) struct Params {
    /// The database that reads it.
    pub(super) backend: Backend,
    /// The value of `$1`, of `$2` and so on.
    pub(super) values: Vec<Value>,
}

fn bind(params: &mut Params, value: impl Into<Value>) -> String {
    params.values.push(value.into());
    format!("${}", params.values.len())
}

fn of_clause(clause: &Clause, params: &mut Params) -> String {
    match clause {
        Clause::AnyText(pattern) => {
            let parts: Vec<String> = Clause::ANY_TEXT.iter().map(|field| text(field, pattern, true, params)).collect();
            format!("({})", parts.join(" OR "))
        }
        Clause::Text { field, pattern } => text(field, pattern, field.contains(), params),
        Clause::Open(true) => "a.status = 'open'".to_owned(),
        Clause::Open(false) => "a.status = 'closed'".to_owned(),
        Clause::Flag { flag, value } => {
            let holds = match flag {
                Flag::Acknowledged => "a.acknowledged_at IS NOT NULL".to_owned(),
                Flag::Snoozed => "a.snoozed_until IS NOT NULL".to_owned(),
                Flag::Seen => format!("a.seen = {}", bind(params, true)),
            };
            if *value { holds } else { format!("NOT ({holds})") }
        }
        Clause::Priority(list) if list.is_empty() => "1 = 0".to_owned(),
        Clause::Priority(list) => {
            let places: Vec<String> = list.iter().map(|priority| bind(params, priority.as_str())).collect();
            format!("a.priority IN ({})", places.join(", "))
        }
        Clause::Time { field, from, to } => {
            let column = match field {
                TimeField::CreatedAt => "a.created_at",
                TimeField::UpdatedAt => "a.updated_at",
                TimeField::LastOccurredAt => "a.last_occurred_at",
                TimeField::SnoozedUntil => "a.snoozed_until",
                TimeField::ClosedAt => "a.closed_at",
            };
            let mut parts = vec![format!("{column} IS NOT NULL")];
            parts.extend(from.map(|from| format!("{column} >= {}", bind(params, micros(from)))));
            parts.extend(to.map(|to| format!("{column} < {}", bind(params, micros(to)))));
            format!("({})", parts.join(" AND "))
        }
        Clause::Number { field, from, to } => {
            let column = match field {
                NumberField::Count => "a.count",
                NumberField::TinyId => "a.seq",
            };
            let mut parts = vec!["1 = 1".to_owned()];
            parts.extend(from.map(|from| format!("{column} >= {}", bind(params, from))));
            parts.extend(to.map(|to| format!("{column} <= {}", bind(params, to))));
            format!("({})", parts.join(" AND "))
        }
    }
}

fn text(field: &TextField, pattern: &Pattern, contains: bool, params: &mut Params) -> String {
    let like = |params: &mut Params, column: &str| {
        format!("LOWER({column}) LIKE {} ESCAPE '\\'", bind(params, pattern.like(contains)))
    };
    let person = |params: &mut Params, column: &str| {
        let (name, mail) = (like(params, "p.name"), like(params, "p.email"));
        format!("EXISTS (SELECT 1 FROM people p WHERE p.id = {column} AND ({name} OR {mail}))")
    };
    let named = |params: &mut Params, table: &str, column: &str, shown: &str| {
        format!("EXISTS (SELECT 1 FROM {table} n WHERE n.id = {column} AND {})", like(params, shown))
    };
    match field {
        TextField::Id => match pattern.exact().and_then(|text| text.parse::<Uuid>().ok()) {
            Some(id) => format!("a.id = {}", bind(params, id)),
            None => "1 = 0".to_owned(),
        },
        TextField::Message => like(params, "a.message"),
        TextField::Description => like(params, "a.description"),
        TextField::Alias => like(params, "a.alias"),
        TextField::Entity => like(params, "a.entity"),
        TextField::Source => like(params, "a.source"),
        TextField::Tag => {
            format!("EXISTS (SELECT 1 FROM alert_tags g WHERE g.alert_id = a.id AND {})", like(params, "g.tag"))
        }
        TextField::Action => {
            let quoted = format!("%\"{}\"%", pattern.like(contains));
            format!("LOWER(CAST(a.actions AS TEXT)) LIKE {} ESCAPE '\\'", bind(params, quoted))
        }
        TextField::Owner => person(params, "a.owner_id"),
        TextField::AcknowledgedBy => person(params, "a.acknowledged_by"),
        TextField::ClosedBy => person(params, "a.closed_by"),
        TextField::Team => named(params, "teams", "a.team_id", "n.name"),
        TextField::Service => named(params, "services", "a.service_id", "n.name"),
        TextField::IntegrationName => named(params, "integrations", "a.integration_id", "n.name"),
        TextField::IntegrationKind => named(params, "integrations", "a.integration_id", "n.kind"),
        TextField::Responder => {
            let parts: Vec<String> = ["p.name", "p.email", "t.name", "s.name", "e.name"]
                .into_iter()
                .map(|column| like(params, &format!("COALESCE({column}, '')")))
                .collect();
            format!(
                "EXISTS (SELECT 1 FROM alert_responders r \
                 LEFT JOIN people p ON r.kind = 'person' AND p.id = r.responder_id \
                 LEFT JOIN teams t ON r.kind = 'team' AND t.id = r.responder_id \
                 LEFT JOIN schedules s ON r.kind = 'schedule' AND s.id = r.responder_id \
                 LEFT JOIN escalation_policies e ON r.kind = 'policy' AND e.id = r.responder_id \
                 WHERE r.alert_id = a.id AND ({}))",
                parts.join(" OR ")
            )
        }
        TextField::DetailKey => {
            let condition = like(params, "d.key");
            detail(params, &condition)
        }
        TextField::DetailValue => {
            let condition = like(params, "d.value");
            detail(params, &condition)
        }
        TextField::Detail(name) => {
            let name = bind(params, name.to_lowercase());
            let value = like(params, "d.value");
            detail(params, &format!("LOWER(d.key) = {name} AND {value}"))
        }
    }
}

/// A condition on a detail: its `d.key` and its text `d.value`.
fn detail(params: &Params, condition: &str) -> String {
    let pairs = match params.backend {
        Backend::Sqlite => "json_each(a.details)",
        Backend::Postgres => "jsonb_each_text(a.details)",
    };
    format!("EXISTS (SELECT 1 FROM {pairs} AS d WHERE {condition})")
}
