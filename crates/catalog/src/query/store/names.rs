//! The names in queries, within the scope of whoever asks.

use domain::query::{Column, Condition, Name, Names, Param, Rows, TypedCall, fold};
use domain::zone::Zone;
use kernel::{PersonId, Scope};
use platform::db::{FromRow, placeholders, scope_team};
use platform::{DbError, Read, Records, Sql, params};
use sea_orm::Value;
use uuid::Uuid;

#[derive(FromRow)]
struct ZoneRow {
    time_zone: String,
}

/// The zone in which this person's days begin.
///
/// # Errors
/// When the database fails.
pub async fn zone_of(sql: &impl Sql, person: Option<PersonId>) -> Result<Zone, DbError> {
    let Some(person) = person else { return Ok(Zone::utc()) };
    let row = sql.one::<ZoneRow>("SELECT time_zone FROM people WHERE id = $1", params![person]).await?;
    Ok(row.and_then(|row| Zone::parse(&row.time_zone).ok()).unwrap_or_else(Zone::utc))
}

/// Which spelling stands in a query that completion writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling {
    /// The name.
    Name,
    /// The key.
    Other,
}

/// A kind of record that queries name.
#[derive(Clone, Copy, Debug)]
pub struct NamedKind {
    /// The kind, as references of the vocabulary call it.
    pub name: &'static str,
    /// SELECT of `id, name, other` up to WHERE from a table called `r`; `other` is a second spelling.
    pub select: &'static str,
    /// The name and its other spelling as they are compared.
    pub keys: [&'static str; 2],
    /// Which rows a list of offers shows.
    pub current: &'static str,
    /// How completion writes it.
    pub written: Spelling,
    /// That the asker may find a row by its name.
    pub visible: fn(&Scope, &mut Vec<Value>) -> String,
}

/// People, by name or mail address. Customers find themselves.
pub const PERSON: NamedKind = NamedKind {
    name: domain::query::PERSON,
    select: "SELECT r.id, r.name, r.email AS other FROM people r",
    keys: ["r.name_key", "r.email_key"],
    current: "r.active = TRUE",
    written: Spelling::Name,
    visible: |scope, values| match scope {
        Scope::Customer(person) => {
            values.push(person.0.into());
            format!("r.id = ${}", values.len())
        }
        _ => "TRUE".to_owned(),
    },
};

/// Teams.
pub const TEAM: NamedKind = NamedKind {
    name: "team",
    select: "SELECT r.id, r.name, '' AS other FROM teams r",
    keys: ["r.name_key", "r.name_key"],
    current: "TRUE",
    written: Spelling::Name,
    visible: |scope, values| scope_team(scope, "r.id", values),
};

/// Services, by name or key.
pub const SERVICE: NamedKind = NamedKind {
    name: "service",
    select: "SELECT r.id, r.name, r.key AS other FROM services r",
    keys: ["LOWER(r.name)", "LOWER(r.key)"],
    current: "r.deleted_at IS NULL",
    written: Spelling::Name,
    visible: |scope, values| scope_team(scope, "r.owner_team_id", values),
};

/// A record that has a name.
#[derive(Clone, Debug, FromRow)]
pub struct NamedRow {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Mail address or key.
    pub other: String,
}

/// Looks up the names of a query, each kind at once, within the asker's scope. Kinds that are not the slice's own are
/// found by their keys.
///
/// # Errors
/// When the database fails.
pub async fn look_up(
    read: &Read,
    records: &Records,
    scope: &Scope,
    kinds: &[NamedKind],
    wanted: Vec<Name>,
) -> Result<Names, DbError> {
    let mut names = Names::default();
    for kind in kinds {
        let asked: Vec<&str> =
            wanted.iter().filter(|name| name.kind == kind.name).map(|name| name.text.as_str()).collect();
        for part in asked.chunks(1_000) {
            let mut values: Vec<Value> = part.iter().map(|text| Value::from(fold(text))).collect();
            let list = placeholders(1, part.len());
            let visible = (kind.visible)(scope, &mut values);
            let [name, other] = kind.keys;
            let text = format!("{} WHERE ({name} IN ({list}) OR {other} IN ({list})) AND {visible}", kind.select);
            let found = read.all::<NamedRow>(&text, values).await?;
            for text in part {
                let sought = fold(text);
                let same = |row: &&NamedRow| fold(&row.name) == sought || fold(&row.other) == sought;
                let ids: Vec<Uuid> = found.iter().filter(same).map(|row| row.id).collect();
                if ids.is_empty() {
                    let head: String = sought.chars().take(3).collect();
                    let near = offers(read, scope, kind, &head, 3).await?;
                    names.missing(kind.name, text, near.into_iter().map(|row| row.name).collect());
                } else {
                    names.found(kind.name, text, ids);
                }
            }
        }
    }
    for name in wanted.iter().filter(|name| kinds.iter().all(|kind| kind.name != name.kind)) {
        let ids = records.find_by_key(read, scope, &name.kind, &name.text).await?;
        names.found(&name.kind, &name.text, ids);
    }
    Ok(names)
}

/// `membersOf(team)`: that a person is in one of the teams. `link` joins `team_members m` with the person's column.
/// None for other functions.
pub fn member_of(call: &TypedCall, link: domain::query::Sql) -> Option<Condition> {
    if call.name != "membersOf" {
        return None;
    }
    let teams: Vec<Param> = call.references(0).into_iter().map(Param::Id).collect();
    if teams.is_empty() {
        return Some(Condition::False);
    }
    let only = vec![Condition::OneOf(Column::required("m.team_id"), teams)];
    Some(Condition::exists(Rows { from: "team_members m", link, only }, Condition::True))
}

/// The pattern of texts that begin so, for `LIKE .. ESCAPE '\'` over folded texts.
pub fn like(text: &str) -> String {
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
///
/// # Errors
/// When the database fails.
pub async fn offers(
    sql: &impl Sql,
    scope: &Scope,
    kind: &NamedKind,
    prefix: &str,
    limit: i64,
) -> Result<Vec<NamedRow>, DbError> {
    let mut values: Vec<Value> = vec![like(prefix).into(), limit.into()];
    let visible = (kind.visible)(scope, &mut values);
    let [name, other] = kind.keys;
    let text = format!(
        "{} WHERE ({name} LIKE $1 ESCAPE '\\' OR {other} LIKE $1 ESCAPE '\\') AND {} AND {visible} \
         ORDER BY {name} LIMIT $2",
        kind.select, kind.current
    );
    sql.all(&text, values).await
}
