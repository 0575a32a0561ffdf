//! The document that describes a calendar, and what it must be before it counts.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use kernel::FieldError;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Business, Day, Hours, MINUTE_US, arithmetic};
use crate::{workflow::Unsound, zone::Zone};

/// Longest name, in characters.
const NAME_MAX: usize = 120;
/// Most pieces of open hours in a day.
const PIECES_MAX: usize = 24;
/// Most holidays in a calendar.
const HOLIDAYS_MAX: usize = 1000;

/// A calendar as it is written down. Times and dates are texts here, so that a wrong one is named by its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[expect(clippy::large_enum_variant, reason = "calendars are few, and nearly all are of the large kind")]
pub enum CalendarBody {
    /// Open around the clock.
    Always {
        /// Its name, such as `24x7`.
        name: String,
    },
    /// Open by weekly hours, but for holidays.
    Business {
        /// Its name, such as `Office hours`.
        name: String,
        /// The zone by whose wall clock it opens.
        #[schema(examples("Europe/Oslo"))]
        time_zone: String,
        /// The hours of a usual week.
        week: WeekHours,
        /// The days on which other hours hold.
        #[serde(default)]
        holidays: Vec<Holiday>,
    },
}

/// The open hours of a usual week. A day without any is closed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct WeekHours {
    /// Monday.
    pub monday: Vec<OpenHours>,
    /// Tuesday.
    pub tuesday: Vec<OpenHours>,
    /// Wednesday.
    pub wednesday: Vec<OpenHours>,
    /// Thursday.
    pub thursday: Vec<OpenHours>,
    /// Friday.
    pub friday: Vec<OpenHours>,
    /// Saturday.
    pub saturday: Vec<OpenHours>,
    /// Sunday.
    pub sunday: Vec<OpenHours>,
}

impl WeekHours {
    /// The same hours from Monday to Friday.
    pub fn workdays(hours: &[OpenHours]) -> Self {
        let day = || hours.to_vec();
        Self { monday: day(), tuesday: day(), wednesday: day(), thursday: day(), friday: day(), ..Self::default() }
    }

    /// Its days with their names, Monday first.
    pub fn days(&self) -> [(&'static str, &[OpenHours]); 7] {
        [
            ("monday", &self.monday),
            ("tuesday", &self.tuesday),
            ("wednesday", &self.wednesday),
            ("thursday", &self.thursday),
            ("friday", &self.friday),
            ("saturday", &self.saturday),
            ("sunday", &self.sunday),
        ]
    }
}

/// A piece of a day, by the wall clock. The end is not included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenHours {
    /// Its start, such as `08:00`.
    #[schema(examples("08:00"))]
    pub from: String,
    /// Its end, up to `24:00`.
    #[schema(examples("16:00"))]
    pub to: String,
}

impl OpenHours {
    /// From one time of day to another.
    pub fn new(from: &str, to: &str) -> Self {
        Self { from: from.to_owned(), to: to.to_owned() }
    }
}

/// A day with fewer hours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Holiday {
    /// Its name, such as `Constitution Day`.
    pub name: String,
    /// Its date; of a yearly one only month and day count.
    #[schema(examples("2026-05-17"))]
    pub date: String,
    /// Whether it comes every year.
    #[serde(default)]
    pub yearly: bool,
    /// A half day: the part of the day's own hours that stays open. Nothing does, if empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub open: Vec<OpenHours>,
}

impl CalendarBody {
    /// Monday to Friday, 08:00 to 16:00, without holidays: what a new organisation starts with.
    pub fn office_hours(zone: &Zone) -> Self {
        Self::Business {
            name: "Office hours".to_owned(),
            time_zone: zone.name().to_owned(),
            week: WeekHours::workdays(&[OpenHours::new("08:00", "16:00")]),
            holidays: Vec::new(),
        }
    }

    /// The hours it describes, or everything that is wrong with it.
    pub(super) fn hours(&self) -> Result<Hours, Unsound> {
        let mut wrong = Vec::new();
        match self {
            Self::Always { name } => {
                check_name(&mut wrong, "name", name);
                if wrong.is_empty() { Ok(Hours::Always) } else { Err(Unsound(wrong)) }
            }
            Self::Business { name, time_zone, week, holidays } => {
                check_name(&mut wrong, "name", name);
                let zone = Zone::parse(time_zone);
                if let Err(unknown) = &zone {
                    wrong.push(FieldError::new("time_zone", sentence(&unknown.to_string())));
                }
                let days = week.days().map(|(day, hours)| day_of(&mut wrong, &format!("week.{day}"), hours));
                if wrong.iter().all(|error| !error.field.starts_with("week")) && days.iter().all(|day| day.total == 0) {
                    let message = "No day has hours, so no time would ever count. Give at least one day its hours.";
                    wrong.push(FieldError::new("week", message));
                }
                let limits = limits(&mut wrong, holidays);
                match zone {
                    Ok(zone) if wrong.is_empty() => Ok(Hours::Business(Box::new(Business::new(zone, days, &limits)))),
                    _ => Err(Unsound(wrong)),
                }
            }
        }
    }
}

/// What holidays leave open, each with its date and whether it is yearly.
type Limits = Vec<(Date, bool, Day)>;

impl Business {
    fn new(zone: Zone, week: [Day; 7], limits: &Limits) -> Self {
        let mut yearly: BTreeMap<(i8, i8), [Day; 7]> = BTreeMap::new();
        for (date, _, limit) in limits.iter().filter(|(_, yearly, _)| *yearly) {
            let days = yearly.entry((date.month(), date.day())).or_insert_with(|| week.clone());
            *days = days.each_ref().map(|day| day.limited_to(limit));
        }
        let mut dated: BTreeMap<i64, Day> = BTreeMap::new();
        for (date, _, limit) in limits.iter().filter(|(_, yearly, _)| !*yearly) {
            let number = arithmetic::day_number(*date);
            let usual = yearly.get(&(date.month(), date.day())).unwrap_or(&week);
            let day = dated.entry(number).or_insert_with(|| usual[arithmetic::weekday(number)].clone());
            *day = day.limited_to(limit);
        }
        Self { zone, week, yearly, dated }
    }
}

fn limits(wrong: &mut Vec<FieldError>, holidays: &[Holiday]) -> Limits {
    if holidays.len() > HOLIDAYS_MAX {
        let message = format!("At most {HOLIDAYS_MAX} holidays; make those that come every year yearly.");
        wrong.push(FieldError::new("holidays", message));
    }
    let mut seen: HashMap<(bool, String), usize> = HashMap::new();
    let mut limits = Vec::new();
    for (index, holiday) in holidays.iter().enumerate() {
        let path = format!("holidays[{index}]");
        check_name(wrong, &format!("{path}.name"), &holiday.name);
        let open = day_of(wrong, &format!("{path}.open"), &holiday.open);
        let date = holiday.date.trim().parse::<Date>().ok().filter(|date| (1970..=2999).contains(&date.year()));
        let Some(date) = date else {
            let message = format!("{:?} is not a date from 1970 to 2999 such as 2026-05-17.", holiday.date);
            wrong.push(FieldError::new(format!("{path}.date"), message));
            continue;
        };
        let same = if holiday.yearly { date.strftime("%m-%d").to_string() } else { date.to_string() };
        if let Some(first) = seen.insert((holiday.yearly, same), index) {
            let message = format!("holidays[{first}] has this date already; keep one of them.");
            wrong.push(FieldError::new(format!("{path}.date"), message));
        }
        limits.push((date, holiday.yearly, open));
    }
    limits
}

fn day_of(wrong: &mut Vec<FieldError>, path: &str, pieces: &[OpenHours]) -> Day {
    if pieces.len() > PIECES_MAX {
        wrong.push(FieldError::new(path, format!("At most {PIECES_MAX} pieces in a day.")));
        return Day::default();
    }
    let errors_before = wrong.len();
    let mut taken: Vec<(usize, i64, i64)> = Vec::new();
    for (index, piece) in pieces.iter().enumerate() {
        let mut read = |field: &str, text: &str| {
            let minute = minute_of_day(text);
            if minute.is_none() {
                let message = format!("{text:?} is not a time of day from 00:00 to 24:00 such as 08:30.");
                wrong.push(FieldError::new(format!("{path}[{index}].{field}"), message));
            }
            minute.map(|minute| minute * MINUTE_US)
        };
        let (Some(from), Some(to)) = (read("from", &piece.from), read("to", &piece.to)) else { continue };
        if from >= to {
            let message = "The end must be after the start. Hours over midnight are two pieces: until 24:00, and from \
                           00:00 on the next day.";
            wrong.push(FieldError::new(format!("{path}[{index}].to"), message));
        } else if let Some((other, ..)) = taken.iter().find(|(_, start, end)| *start < to && from < *end) {
            let message = format!("It overlaps with {path}[{other}]; join them, or move one.");
            wrong.push(FieldError::new(format!("{path}[{index}]"), message));
        }
        taken.push((index, from, to));
    }
    if wrong.len() > errors_before {
        return Day::default();
    }
    Day::new(taken.into_iter().map(|(_, from, to)| (from, to)).collect())
}

/// Minutes since midnight of `HH:MM`, 24:00 included.
fn minute_of_day(text: &str) -> Option<i64> {
    let (hour, minute) = text.trim().split_once(':')?;
    let digits = |part: &str| (part.len() == 2).then(|| part.parse::<u8>().ok()).flatten().map(i64::from);
    let (hour, minute) = (digits(hour)?, digits(minute)?);
    let sum = hour * 60 + minute;
    (minute < 60 && sum <= 24 * 60).then_some(sum)
}

fn check_name(wrong: &mut Vec<FieldError>, field: &str, name: &str) {
    if name.trim().is_empty() {
        wrong.push(FieldError::new(field, "Give it a name."));
    } else if name.chars().count() > NAME_MAX {
        wrong.push(FieldError::new(field, format!("At most {NAME_MAX} characters.")));
    }
}

/// An error's text as a sentence.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}
