//! The documents that hold calendars and service levels, and what they must be before they count.

use std::collections::BTreeSet;

use async_trait::async_trait;
use catalog::document::{self, Document, DocumentError, DocumentKind};
use domain::calendar::{Calendar, CalendarBody};
use domain::query::{Asker, Names, check, parse, wanted};
use domain::sla::{Sla, SlaBody};
use domain::zone::Zone;
use kernel::{FieldError, Permission, ProjectId};
use platform::{DbError, NewJob, Sql, Tx};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::jobs::RECOMPUTE;
use super::store;
use super::terms::{InForce, in_force};

/// Kind of the documents that hold calendars.
pub(crate) const CALENDAR: &str = "calendar";
/// Kind of the documents that hold service levels.
pub(crate) const SLA: &str = "sla";
/// Version of the shape of both.
const SCHEMA_VERSION: i64 = 1;
/// Longest key, in characters.
const KEY_MAX: usize = 60;

/// A service level and the projects whose tickets it is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SlaDocument {
    /// Ids of the projects; all, if empty.
    #[serde(default)]
    pub projects: Vec<ProjectId>,
    /// What it says.
    pub definition: SlaBody,
}

fn stored<T: Serialize>(value: &T) -> Result<Value, DbError> {
    serde_json::to_value(value).map_err(|error| DbError::Corrupt(error.to_string()))
}

fn check_key(key: &str) -> Result<(), DocumentError> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    if key.is_empty() || key.len() > KEY_MAX || !key.chars().all(fits) {
        let message = format!("A key has 1 to {KEY_MAX} of the characters a-z, 0-9, - and _.");
        return Err(DocumentError::Invalid(vec![FieldError::new("key", message)]));
    }
    Ok(())
}

/// Puts a calendar into force; the clocks that count by it are worked out anew.
pub(super) async fn put_calendar(
    tx: &mut Tx,
    key: &str,
    body: CalendarBody,
    expected: Option<i64>,
) -> Result<Document, DocumentError> {
    check_key(key)?;
    let calendar = Calendar::new(body).map_err(|unsound| DocumentError::Invalid(unsound.0))?;
    // Read before the write: what is kept in memory must not come from a change that may be rolled back.
    let known = in_force(tx).await?;
    let document = document::write(tx, CALENDAR, key, SCHEMA_VERSION, stored(calendar.body())?, expected).await?;
    for terms in &known.slas {
        if terms.calendar_keys().any(|named| named == key) {
            recompute(tx, &terms.key).await?;
        }
    }
    Ok(document)
}

/// Puts a service level into force; its clocks are worked out anew, and open tickets without one get one.
pub(super) async fn put_sla(
    tx: &mut Tx,
    key: &str,
    body: SlaDocument,
    expected: Option<i64>,
) -> Result<Document, DocumentError> {
    check_key(key)?;
    let known = in_force(tx).await?;
    check_sla(tx, &known, key, &body).await?;
    let document = document::write(tx, SLA, key, SCHEMA_VERSION, stored(&body)?, expected).await?;
    recompute(tx, key).await?;
    Ok(document)
}

/// Has the clocks of a service level worked out anew.
pub(super) async fn recompute(tx: &mut Tx, sla: &str) -> Result<(), DbError> {
    tx.schedule(NewJob::now(RECOMPUTE, sla, json!({}))).await
}

/// Says in a new version that the document is gone.
pub(super) async fn delete(tx: &mut Tx, kind: &str, key: &str, expected: Option<i64>) -> Result<(), DocumentError> {
    document::write(tx, kind, key, SCHEMA_VERSION, Value::Null, expected).await?;
    Ok(())
}

fn within_definition(wrong: Vec<FieldError>) -> Vec<FieldError> {
    wrong.into_iter().map(|wrong| FieldError::new(format!("definition.{}", wrong.field), wrong.message)).collect()
}

async fn check_sla(sql: &impl Sql, known: &InForce, key: &str, body: &SlaDocument) -> Result<(), DocumentError> {
    let sla =
        Sla::new(body.definition.clone()).map_err(|unsound| DocumentError::Invalid(within_definition(unsound.0)))?;
    let mut wrong = Vec::new();
    let name = body.definition.name.trim().to_lowercase();
    if let Some(other) = known.slas.iter().find(|other| other.key != key && other.name().trim().to_lowercase() == name)
    {
        let message = format!("The SLA {} has this name already; queries tell them apart by it.", other.key);
        wrong.push(FieldError::new("definition.name", message));
    }
    let distinct: BTreeSet<ProjectId> = body.projects.iter().copied().collect();
    if !distinct.is_empty() {
        let there = store::count_projects(sql, &distinct).await?;
        if there != distinct.len() as i64 {
            wrong.push(FieldError::new("projects", "One of the projects does not exist."));
        }
    }
    let mut names = Names::default();
    for goal in &body.definition.goals {
        let Ok(query) = parse(&goal.query) else { continue };
        for name in wanted(&query, &known.vocabulary) {
            names.found(&name.kind, &name.text, store::ids_of(sql, &name.kind, &name.text).await?);
        }
    }
    let asker = Asker::new(jiff::Timestamp::UNIX_EPOCH, Zone::utc(), None);
    let understood = |text: &str| {
        let query = parse(text).map_err(|error| error.to_string())?;
        match check(&query, &known.vocabulary, &asker, &names) {
            Ok(_) => Ok(()),
            Err(errors) => Err(errors.first().map_or_else(String::new, ToString::to_string)),
        }
    };
    if let Err(more) = sla.check(&known.statuses, &known.calendars, understood) {
        wrong.extend(within_definition(more));
    }
    if wrong.is_empty() { Ok(()) } else { Err(DocumentError::Invalid(wrong)) }
}

/// The calendar of the office hours that a new organisation starts with.
const OFFICE: &str = "office";

/// Writes what a new organisation starts with, where nothing is configured: office hours, and service levels of first
/// response and resolution for all projects.
pub async fn seed_in(tx: &mut Tx) -> Result<(), DocumentError> {
    if !document::heads(&*tx, &[CALENDAR, SLA]).await?.is_empty() {
        return Ok(());
    }
    let office = CalendarBody::office_hours(&Zone::utc());
    document::write_if_absent(tx, CALENDAR, OFFICE, SCHEMA_VERSION, stored(&office)?).await?;
    for (key, definition) in
        [("first-response", SlaBody::first_response(Some(OFFICE))), ("resolution", SlaBody::resolution(Some(OFFICE)))]
    {
        let body = SlaDocument { projects: Vec::new(), definition };
        document::write_if_absent(tx, SLA, key, SCHEMA_VERSION, stored(&body)?).await?;
        recompute(tx, key).await?;
    }
    Ok(())
}

/// Moves the office hours of a new organisation to another zone, unless somebody has edited them.
pub(super) async fn move_office(tx: &mut Tx, from: &str, to: &str) -> Result<(), DocumentError> {
    let zone = |name: &str| {
        Zone::parse(name).map_err(|error| DocumentError::Invalid(vec![FieldError::new("time_zone", error.to_string())]))
    };
    let unedited = stored(&CalendarBody::office_hours(&zone(from)?))?;
    match document::current(&*tx, CALENDAR, OFFICE).await? {
        Some(office) if office.body == unedited => {
            put_calendar(tx, OFFICE, CalendarBody::office_hours(&zone(to)?), None).await.map(drop)
        }
        _ => Ok(()),
    }
}

fn wrong_body(error: &serde_json::Error) -> DocumentError {
    DocumentError::Invalid(vec![FieldError::new("body", error.to_string())])
}

/// Restoring old versions of calendars.
pub struct CalendarKind;

#[async_trait]
impl DocumentKind for CalendarKind {
    fn kind(&self) -> &'static str {
        CALENDAR
    }

    fn manage(&self) -> Permission {
        Permission::SlasManage
    }

    async fn put(&self, tx: &mut Tx, key: &str, body: Value) -> Result<(), DocumentError> {
        let body: CalendarBody = serde_json::from_value(body).map_err(|error| wrong_body(&error))?;
        put_calendar(tx, key, body, None).await.map(drop)
    }
}

/// Restoring old versions of service levels.
pub struct SlaKind;

#[async_trait]
impl DocumentKind for SlaKind {
    fn kind(&self) -> &'static str {
        SLA
    }

    fn manage(&self) -> Permission {
        Permission::SlasManage
    }

    async fn put(&self, tx: &mut Tx, key: &str, body: Value) -> Result<(), DocumentError> {
        let body: SlaDocument = serde_json::from_value(body).map_err(|error| wrong_body(&error))?;
        put_sla(tx, key, body, None).await.map(drop)
    }
}
