//! People from a CSV file: all of them in one transaction, after a dry run if one likes.
//!
//! A row names a person by the mail address. Somebody who is new is stored as invited (and mailed, unless told
//! otherwise); of somebody who exists, the columns that the row fills are brought up to date, and teams are joined, never
//! left. What is wrong is said row by row.

use std::collections::{HashMap, HashSet};

use kernel::{Event, Permission, PersonId, RecordKind, Role, TeamId};
use platform::{App, Ctx, Lane, Tx};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use super::{
    ChangePerson, NewPerson, PersonError, check_locale, check_time_zone, email_key, service,
    store::{self, PersonRow},
};
use crate::team;

/// Rows of a file, at most.
const ROWS: usize = 5_000;

/// How to import.
#[derive(Clone, Copy, Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct ImportOptions {
    /// Only say what would be done.
    pub dry_run: bool,
    /// Mail an invitation to everybody who is new; true unless said otherwise.
    #[param(default = true)]
    pub invite: Option<bool>,
    /// Import the rows that are right, although others are wrong.
    pub skip_errors: bool,
}

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportOutcome {
    /// A new person.
    Create,
    /// Somebody who exists, brought up to date.
    Update,
    /// Somebody who is so already.
    Same,
    /// It cannot be imported; `message` says why.
    Error,
}

/// A row of the file.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ImportedRow {
    /// Its line in the file; the header is line 1.
    pub line: u64,
    /// Whom it names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// What became of it, or would.
    pub outcome: ImportOutcome,
    /// What is wrong with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// What changes, in words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<String>,
}

/// What an import did, or would do.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct Imported {
    /// Rows that made a person.
    pub created: usize,
    /// Rows that changed one.
    pub updated: usize,
    /// Rows that changed nothing.
    pub unchanged: usize,
    /// Rows that are wrong.
    pub failed: usize,
    /// Whether it was written.
    pub done: bool,
    /// Every row, in order.
    pub rows: Vec<ImportedRow>,
}

/// A row as it stands in the file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Line {
    email: String,
    name: String,
    role: String,
    teams: String,
    time_zone: String,
    locale: String,
}

const COLUMNS: [&str; 6] = ["email", "name", "role", "teams", "time_zone", "locale"];

/// Imports a file.
///
/// # Errors
/// When the caller may not manage people, or the file cannot be read at all; what is wrong with a row stands at the row.
pub async fn import(app: &App, ctx: &Ctx, text: &str, options: ImportOptions) -> Result<Imported, PersonError> {
    ctx.require(Permission::PeopleManage)?;
    let lines = read(text)?;
    let vault = app.vault.clone();
    let tried = app
        .db
        .write(ctx, Lane::Bulk, move |tx| {
            Box::pin(async move {
                let mut imported = Imported::default();
                let teams = team_names(tx).await?;
                let mut seen = HashSet::new();
                for (line, fields) in lines {
                    let email = Some(fields.email.trim().to_owned()).filter(|email| !email.is_empty());
                    let again = !seen.insert(email_key(&fields.email));
                    let done = if again {
                        Err(PersonRefusal("The same address stands in an earlier line.".to_owned()).into())
                    } else {
                        one(tx, &vault, &fields, &teams, options).await
                    };
                    let (outcome, message, changes) = match done {
                        Ok((outcome, changes)) => (outcome, None, changes),
                        Err(Failed::Row(refusal)) => (ImportOutcome::Error, Some(refusal.0), vec![]),
                        Err(Failed::All(error)) => return Err(error.into()),
                    };
                    match outcome {
                        ImportOutcome::Create => imported.created += 1,
                        ImportOutcome::Update => imported.updated += 1,
                        ImportOutcome::Same => imported.unchanged += 1,
                        ImportOutcome::Error => imported.failed += 1,
                    }
                    imported.rows.push(ImportedRow { line, email, outcome, message, changes });
                }
                imported.done = !options.dry_run && (imported.failed == 0 || options.skip_errors);
                if imported.done { Ok(imported) } else { Err(Undone::Tried(imported)) }
            })
        })
        .await;
    match tried {
        // Nothing stays of a transaction that fails: this is how a dry run leaves no trace.
        Ok(imported) | Err(Undone::Tried(imported)) => Ok(imported),
        Err(Undone::Failed(error)) => Err(error),
    }
}

/// Why nothing was written.
enum Undone {
    /// It was a dry run, or some rows are wrong.
    Tried(Imported),
    /// It failed.
    Failed(PersonError),
}

impl From<platform::DbError> for Undone {
    fn from(error: platform::DbError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<PersonError> for Undone {
    fn from(error: PersonError) -> Self {
        Self::Failed(error)
    }
}

/// What is wrong with a row.
struct PersonRefusal(String);

enum Failed {
    Row(PersonRefusal),
    All(PersonError),
}

impl From<PersonRefusal> for Failed {
    fn from(refusal: PersonRefusal) -> Self {
        Self::Row(refusal)
    }
}

impl From<platform::DbError> for Failed {
    fn from(error: platform::DbError) -> Self {
        Self::All(error.into())
    }
}

impl From<PersonError> for Failed {
    fn from(error: PersonError) -> Self {
        match error {
            PersonError::Invalid(fields) => {
                let fields: Vec<String> = fields.iter().map(|one| format!("{}: {}", one.field, one.message)).collect();
                Self::Row(PersonRefusal(fields.join(" ")))
            }
            // Of these something may have been written already.
            PersonError::Db(_) | PersonError::Denied(_) | PersonError::Vault | PersonError::Team(_) => Self::All(error),
            PersonError::EmailTaken => Self::All(error),
            other => Self::Row(PersonRefusal(other.to_string())),
        }
    }
}

fn refused(text: impl Into<String>) -> Failed {
    Failed::Row(PersonRefusal(text.into()))
}

/// The rows with their lines. A file of a spreadsheet may have semicolons between its columns.
fn read(text: &str) -> Result<Vec<(u64, Line)>, PersonError> {
    let text = text.trim_start_matches('\u{feff}');
    let header = text.lines().next().unwrap_or_default();
    let delimiter = if header.contains(';') && !header.contains(',') { b';' } else { b',' };
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).trim(csv::Trim::All).from_reader(text.as_bytes());
    let unreadable = |line: u64, what: &str| PersonError::Csv { line, what: what.to_owned() };
    let headers = reader.headers().map_err(|error| unreadable(1, &error.to_string()))?.clone();
    let headers: csv::StringRecord = headers.iter().map(str::to_lowercase).collect();
    if let Some(unknown) = headers.iter().find(|name| !COLUMNS.contains(name)) {
        let known = COLUMNS.join(", ");
        return Err(unreadable(1, &format!("there is no column `{unknown}`; there are {known}")));
    }
    if let Some(missing) = ["email", "name"].into_iter().find(|name| !headers.iter().any(|have| have == *name)) {
        return Err(unreadable(1, &format!("the column `{missing}` is missing; the first line names the columns")));
    }
    let mut lines = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| {
            let line = error.position().map_or(1, csv::Position::line);
            unreadable(line, "it has more or fewer columns than the first line, or a quote that does not end")
        })?;
        let line = record.position().map_or(1, csv::Position::line);
        let fields = record.deserialize(Some(&headers)).map_err(|error| unreadable(line, &error.to_string()))?;
        lines.push((line, fields));
        if lines.len() > ROWS {
            return Err(unreadable(line, &format!("a file has at most {ROWS} people; split it")));
        }
    }
    if lines.is_empty() {
        return Err(unreadable(1, "there are no people in it"));
    }
    Ok(lines)
}

/// The visible teams by the spelling under which names are compared.
async fn team_names(tx: &Tx) -> Result<HashMap<String, (TeamId, String)>, PersonError> {
    let teams = team::store::list_all(tx, &tx.ctx().scope).await?;
    Ok(teams.into_iter().map(|team| (team.name.trim().to_lowercase(), (TeamId(team.id), team.name))).collect())
}

async fn one(
    tx: &mut Tx,
    vault: &platform::secret::Vault,
    line: &Line,
    teams: &HashMap<String, (TeamId, String)>,
    options: ImportOptions,
) -> Result<(ImportOutcome, Vec<String>), Failed> {
    let role = match line.role.to_lowercase().as_str() {
        "" => None,
        word => Some(Role::parse(word).ok_or_else(|| refused("role: must be admin, agent or customer."))?),
    };
    let filled = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let wrong = |error: kernel::FieldError| refused(format!("{}: {}", error.field, error.message));
    let zone = filled(&line.time_zone).map(|zone| check_time_zone(&zone, "time_zone")).transpose().map_err(wrong)?;
    let locale = filled(&line.locale).map(|tag| check_locale(&tag, "locale")).transpose().map_err(wrong)?;
    let mut joins: Vec<(TeamId, String)> = Vec::new();
    for name in line.teams.split('|').map(str::trim).filter(|name| !name.is_empty()) {
        let team = teams.get(&name.to_lowercase());
        joins.push(team.cloned().ok_or_else(|| refused(format!("teams: there is no team `{name}`; make it first.")))?);
    }
    let person = store::find_by_email(tx, &email_key(&line.email)).await?;
    let role_then = role.or_else(|| person.as_ref().map(PersonRow::role)).unwrap_or(Role::Agent);
    if role_then == Role::Customer && !joins.is_empty() {
        return Err(refused("teams: customers are not members of teams."));
    }
    let (id, mut changes, outcome) = match person {
        Some(person) => {
            let id = person.person_id();
            let changes = update(tx, person, line, role, zone, locale).await?;
            (id, changes, ImportOutcome::Update)
        }
        None => {
            let id = create(tx, vault, line, role, zone, locale, options).await?;
            (id, vec![], ImportOutcome::Create)
        }
    };
    let member_of = team::store::list_ids_of(tx, id).await?;
    for (team, name) in joins {
        if member_of.contains(&team) {
            continue;
        }
        let row = team::store::find_for_update(tx, &tx.ctx().scope, team).await?;
        let row = row.ok_or_else(|| refused(format!("teams: there is no team `{name}`; make it first.")))?;
        team::service::add_member(tx, &row, id, team::MemberRole::Member).await.map_err(PersonError::from)?;
        changes.push(format!("joins {name}"));
    }
    let outcome = if outcome == ImportOutcome::Update && changes.is_empty() { ImportOutcome::Same } else { outcome };
    Ok((outcome, changes))
}

async fn create(
    tx: &mut Tx,
    vault: &platform::secret::Vault,
    line: &Line,
    role: Option<Role>,
    zone: Option<String>,
    locale: Option<String>,
    options: ImportOptions,
) -> Result<PersonId, Failed> {
    let new = NewPerson { email: line.email.clone(), name: line.name.clone(), role: role.unwrap_or(Role::Agent) };
    let new = new.checked().map_err(PersonError::Invalid)?;
    let id = PersonId(tx.new_id());
    service::store_person(tx, id, &new, true).await?;
    if zone.is_some() || locale.is_some() {
        store::update_place(tx, id, zone.as_deref(), locale.as_deref()).await?;
    }
    tx.emit(Event::new("PersonInvited", RecordKind::PERSON, id, 1, json!({ "role": new.role, "by": "import" })));
    if options.invite.unwrap_or(true) && !options.dry_run {
        service::mail_invitation(vault, tx, id, &new.email, &new.name).await?;
    }
    Ok(id)
}

/// Brings somebody up to date with what the row fills.
async fn update(
    tx: &mut Tx,
    person: PersonRow,
    line: &Line,
    role: Option<Role>,
    zone: Option<String>,
    locale: Option<String>,
) -> Result<Vec<String>, Failed> {
    let mut words = Vec::new();
    let name = super::check_name(&line.name, "name").map_err(|error| refused(format!("name: {}", error.message)))?;
    if name != person.name {
        words.push("name".to_owned());
    }
    if role.is_some_and(|role| role != person.role()) {
        words.push("role".to_owned());
    }
    let change = ChangePerson { name: Some(name), role, ..ChangePerson::default() };
    if !words.is_empty() {
        service::change_in(tx, person.person_id(), &change, None).await?;
    }
    let zone = zone.filter(|zone| *zone != person.time_zone);
    let locale = locale.filter(|tag| *tag != person.locale);
    if zone.is_some() || locale.is_some() {
        words.extend(zone.as_ref().map(|_| "time zone".to_owned()));
        words.extend(locale.as_ref().map(|_| "language".to_owned()));
        let id = person.person_id();
        store::update_place(tx, id, zone.as_deref(), locale.as_deref()).await?;
        let version = store::touch(tx, id).await?;
        let data = json!({ "changed": words });
        tx.emit(Event::new("PersonChanged", RecordKind::PERSON, id, version, data));
    }
    Ok(words)
}
