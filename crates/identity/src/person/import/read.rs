//! Reading the file.

use kernel::{FieldError, Role};

use super::super::{check_email, check_name, check_time_zone};

/// Most rows of a file.
const ROWS_MAX: usize = 2_000;

/// A row that can be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    pub email: String,
    pub name: String,
    /// None leaves the role as it is; new people become agents.
    pub role: Option<Role>,
    pub time_zone: Option<String>,
    /// Names of teams.
    pub teams: Vec<String>,
}

/// A row of the file: what it wants, or what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub line: u64,
    pub email: Option<String>,
    pub wanted: Result<Wanted, String>,
}

/// A file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct File {
    pub rows: Vec<Row>,
    pub ignored: Vec<String>,
}

const COLUMNS: [&str; 5] = ["email", "name", "role", "teams", "time_zone"];

fn wrong(message: impl Into<String>) -> FieldError {
    FieldError::new("file", message)
}

/// The column that a heading means: `E-Mail`, `Time zone` and the like are understood.
fn column_of(heading: &str) -> Option<&'static str> {
    let plain: String = heading.trim().to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
    COLUMNS.into_iter().find(|column| column.replace('_', "") == plain)
}

fn role_of(text: &str) -> Result<Option<Role>, String> {
    match text.to_lowercase().as_str() {
        "" => Ok(None),
        "agent" => Ok(Some(Role::Agent)),
        "customer" => Ok(Some(Role::Customer)),
        "admin" | "administrator" => Err("Nobody becomes administrator by a file; change the role by hand.".to_owned()),
        _ => Err(format!("There is no role \"{text}\": write agent or customer.")),
    }
}

fn wanted(cell: impl Fn(&str) -> String) -> Result<Wanted, String> {
    let said = |error: FieldError| error.message;
    let time_zone = Some(cell("time_zone")).filter(|zone| !zone.is_empty());
    let teams: Vec<String> =
        cell("teams").split(';').map(str::trim).filter(|team| !team.is_empty()).map(str::to_owned).collect();
    let wanted = Wanted {
        email: check_email(&cell("email"), "email").map_err(said)?,
        name: check_name(&cell("name"), "name").map_err(said)?,
        role: role_of(&cell("role"))?,
        time_zone: time_zone.map(|zone| check_time_zone(&zone, "time_zone")).transpose().map_err(said)?,
        teams,
    };
    if wanted.role == Some(Role::Customer) && !wanted.teams.is_empty() {
        return Err("Customers are not members of teams.".to_owned());
    }
    Ok(wanted)
}

/// Reads a file whose first line names its columns; commas or semicolons stand between them.
pub(super) fn read(text: &str) -> Result<File, FieldError> {
    let text = text.trim_start_matches('\u{feff}');
    let head = text.lines().next().unwrap_or_default();
    let delimiter = if head.matches(';').count() > head.matches(',').count() { b';' } else { b',' };
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(text.as_bytes());
    let headings = reader.headers().map_err(|error| wrong(error.to_string()))?.clone();
    let place = |column: &str| headings.iter().position(|heading| column_of(heading) == Some(column));
    for needed in ["email", "name"] {
        if place(needed).is_none() {
            let message = format!("The first line must name the columns; there is no column \"{needed}\".");
            return Err(wrong(message));
        }
    }
    let ignored = headings.iter().filter(|heading| column_of(heading).is_none()).map(str::to_owned).collect();
    let places: Vec<(&str, Option<usize>)> = COLUMNS.into_iter().map(|column| (column, place(column))).collect();
    let mut rows: Vec<Row> = Vec::new();
    for record in reader.records() {
        if rows.len() == ROWS_MAX {
            return Err(wrong(format!("A file has at most {ROWS_MAX} rows; split it.")));
        }
        let record = record.map_err(|error| wrong(error.to_string()))?;
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let cell = |column: &str| {
            let place = places.iter().find(|(name, _)| *name == column).and_then(|(_, place)| *place);
            place.and_then(|place| record.get(place)).unwrap_or_default().trim().to_owned()
        };
        let email = Some(cell("email")).filter(|email| !email.is_empty());
        let line = record.position().map_or(0, csv::Position::line);
        let key = |email: &Option<String>| email.as_deref().map(super::super::email_key);
        let first = rows.iter().find(|row| row.email.is_some() && key(&row.email) == key(&email)).map(|row| row.line);
        let wanted = match first {
            Some(first) => Err(format!("The same mail address stands on line {first}.")),
            None => wanted(cell),
        };
        rows.push(Row { line, email, wanted });
    }
    Ok(File { rows, ignored })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_other_programs_can_be_read() {
        let text =
            "\u{feff}E-Mail;Name;Phone;Teams;Time Zone\r\nana@x.test;\"Ana; Lind\";1;Payments; Europe/Oslo \r\n\r\n";
        let file = read(text).expect("a file");
        assert_eq!(file.ignored, ["Phone"]);
        let wanted = file.rows[0].wanted.clone().expect("a row");
        assert_eq!((wanted.email.as_str(), wanted.name.as_str()), ("ana@x.test", "Ana; Lind"));
        assert_eq!((wanted.role, wanted.time_zone.as_deref()), (None, Some("Europe/Oslo")));
        assert_eq!(wanted.teams, ["Payments"]);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let text = "email,name,role\nana@x.test,Ana,agent\nANA@x.test,Ana,\nnobody,Bo,\nbo@x.test,,\ncy@x.test,Cy,king\n\
                    di@x.test,Di,admin\n";
        let file = read(text).expect("a file");
        let wrong: Vec<u64> = file.rows.iter().filter(|row| row.wanted.is_err()).map(|row| row.line).collect();
        assert_eq!(wrong, [3, 4, 5, 6, 7]);
        assert!(read("name\nAna\n").expect_err("lacks a column").message.contains("email"));
    }
}
