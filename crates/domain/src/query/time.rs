//! Instants and durations as people write them.
//!
//! | written | means |
//! |---|---|
//! | `2026-01-31`, `2026/01/31` | that day in the asker's zone |
//! | `"2026-01-31 14:00"`, `2026-01-31T14:00:30` | that minute, or second, in the asker's zone |
//! | `2026-01-31T14:00:00Z`, `...+02:00` | that second |
//! | `-7d`, `"+1w 2d"`, `"2h"` | so far from now: years `y`, months `M`, weeks `w`, days `d`, hours `h`, minutes `m`; days and longer by the calendar of the asker's zone |
//!
//! A day or a minute is a stretch. With `=` any instant in it is meant; `<`, `<=`, `>`, `>=` compare with its first
//! instant, as other systems with such a language do.

use jiff::civil::{Date, DateTime, Weekday};
use jiff::{SignedDuration, Span, Timestamp, ToSpan, Zoned};
use uuid::Uuid;

use crate::zone::Zone;

/// Who asks, when and where: what `now()`, `currentUser()` and days refer to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asker {
    /// When; whole microseconds, as instants are stored.
    now: Timestamp,
    /// Where days begin.
    zone: Zone,
    /// Who, if a person asks.
    person: Option<Uuid>,
}

impl Asker {
    /// Somebody who asks at an instant, with days in a zone and weeks from Monday.
    pub fn new(now: Timestamp, zone: Zone, person: Option<Uuid>) -> Self {
        Self { now: whole_micros(now), zone, person }
    }

    /// When.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Who.
    pub fn person(&self) -> Option<Uuid> {
        self.person
    }

    fn local(&self) -> Zoned {
        self.now.to_zoned(self.zone.rules().clone())
    }

    /// The day of an instant.
    pub(super) fn day_of(&self, at: Timestamp) -> Date {
        at.to_zoned(self.zone.rules().clone()).date()
    }

    fn at(&self, local: DateTime) -> Option<Timestamp> {
        local.to_zoned(self.zone.rules().clone()).ok().map(|at| at.timestamp())
    }

    fn midnight(&self, day: Date) -> Option<Zoned> {
        day.to_zoned(self.zone.rules().clone()).ok()
    }

    /// The first instant of the unit that holds now, moved by an offset.
    pub(super) fn start_of(&self, unit: Unit, offset: Span) -> Option<Timestamp> {
        let start = self.midnight(unit.first_day(self.local().date())?)?;
        start.checked_add(offset).ok().map(|at| at.timestamp())
    }

    /// The last microsecond of the unit that holds now, moved by an offset.
    pub(super) fn end_of(&self, unit: Unit, offset: Span) -> Option<Timestamp> {
        let first = unit.first_day(self.local().date())?;
        let next = self.midnight(first.checked_add(unit.span(1)?).ok()?)?;
        next.checked_add(offset).ok()?.timestamp().checked_sub(MICROSECOND).ok()
    }
}

const MICROSECOND: SignedDuration = SignedDuration::from_micros(1);

fn whole_micros(at: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at)
}

/// What days are gathered into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Day,
    Week,
    Month,
    Year,
}

impl Unit {
    fn first_day(self, day: Date) -> Option<Date> {
        match self {
            Self::Day => Some(day),
            Self::Week => day.checked_sub(i64::from(day.weekday().since(Weekday::Monday)).days()).ok(),
            Self::Month => Some(day.first_of_month()),
            Self::Year => Some(day.first_of_year()),
        }
    }

    pub fn span(self, count: i64) -> Option<Span> {
        let span = Span::new();
        match self {
            Self::Day => span.try_days(count),
            Self::Week => span.try_weeks(count),
            Self::Month => span.try_months(count),
            Self::Year => span.try_years(count),
        }
        .ok()
    }
}

/// A point in time as written: an instant, or all instants of a minute or a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    /// The first instant.
    pub from: Timestamp,
    /// The instant after the last.
    pub to: Timestamp,
}

impl Moment {
    /// One instant.
    pub fn instant(at: Timestamp) -> Option<Self> {
        Some(Self { from: at, to: at.checked_add(MICROSECOND).ok()? })
    }
}

/// The examples that an error shows.
pub(super) const EXAMPLES: &str = "such as 2026-01-31, \"2026-01-31 14:00\", -7d or now()";

/// A point in time without function.
pub(super) fn moment(text: &str, asker: &Asker) -> Option<Moment> {
    let text = text.trim();
    if let Some(offset) = offset(text, None) {
        let at = asker.local().checked_add(offset).ok()?.timestamp();
        return Moment::instant(whole_micros(at));
    }
    // Everything else has at least a whole date.
    if text.len() < 8 || !text.is_ascii() {
        return None;
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        return stretch(whole_micros(at), SignedDuration::from_secs(1));
    }
    let dashed = text.replace('/', "-");
    if let Some(day) = date(&dashed) {
        let from = asker.midnight(day)?.timestamp();
        let to = asker.midnight(day.tomorrow().ok()?)?.timestamp();
        return Some(Moment { from, to });
    }
    let (day, time) = dashed.split_once([' ', 'T', 't'])?;
    let day = date(day)?;
    let (length, time) = match time.trim().split(':').count() {
        2 => (SignedDuration::from_mins(1), jiff::civil::Time::strptime("%H:%M", time.trim()).ok()?),
        3 => (SignedDuration::from_secs(1), jiff::civil::Time::strptime("%H:%M:%S", time.trim()).ok()?),
        _ => return None,
    };
    stretch(asker.at(day.to_datetime(time))?, length)
}

fn stretch(from: Timestamp, length: SignedDuration) -> Option<Moment> {
    Some(Moment { from, to: from.checked_add(length).ok()? })
}

/// `2026-01-31`, `2026-1-31`.
fn date(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let plain = |part: &str, most: usize| {
        !part.is_empty() && part.len() <= most && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    if parts.next().is_some() || year.len() != 4 || !plain(year, 4) || !plain(month, 2) || !plain(day, 2) {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// `-7d`, `+1w 2d`; a number alone counts in `unit`, if there is one.
pub(super) fn offset(text: &str, unit: Option<Unit>) -> Option<Span> {
    let (negative, parts) = parts(text)?;
    if let ([(count, None)], Some(unit)) = (parts.as_slice(), unit) {
        return unit.span(if negative { -count } else { *count });
    }
    let mut span = Span::new();
    for (count, letter) in parts {
        let sum = |before: i64| before.checked_add(count);
        span = match letter? {
            'y' | 'Y' => span.try_years(sum(span.get_years().into())?),
            'M' => span.try_months(sum(span.get_months().into())?),
            'w' | 'W' => span.try_weeks(sum(span.get_weeks().into())?),
            'd' | 'D' => span.try_days(sum(span.get_days().into())?),
            'h' | 'H' => span.try_hours(sum(span.get_hours().into())?),
            'm' => span.try_minutes(sum(span.get_minutes())?),
            _ => return None,
        }
        .ok()?;
    }
    Some(if negative { span.negate() } else { span })
}

/// `2h`, `1d 4h 30m`, `-15m`, `90s`: a length of time. A day has 24 hours, a week 7 days: service levels count hours,
/// whatever the calendar.
pub(super) fn duration(text: &str) -> Option<SignedDuration> {
    let (negative, parts) = parts(text)?;
    let mut seconds = 0_i64;
    for (count, letter) in parts {
        let unit = match letter? {
            'w' | 'W' => 7 * 86_400,
            'd' | 'D' => 86_400,
            'h' | 'H' => 3_600,
            'm' => 60,
            's' | 'S' => 1,
            _ => return None,
        };
        seconds = seconds.checked_add(count.checked_mul(unit)?)?;
    }
    // Far beyond any service level, and no sum with an instant overflows.
    let seconds = if negative { -seconds } else { seconds };
    (seconds.abs() <= 100 * 366 * 86_400).then(|| SignedDuration::from_secs(seconds))
}

/// A number with the letter of its unit.
type Counted = (i64, Option<char>);

/// Whether there is a minus, and the numbers behind it.
fn parts(text: &str) -> Option<(bool, Vec<Counted>)> {
    let text = text.trim();
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let mut parts = Vec::new();
    let mut digits = String::new();
    for character in rest.chars() {
        match character {
            '0'..='9' if digits.len() < 7 => digits.push(character),
            ' ' if digits.is_empty() => {}
            _ if character.is_ascii_alphabetic() && !digits.is_empty() => {
                parts.push((digits.parse().ok()?, Some(character)));
                digits.clear();
            }
            _ => return None,
        }
        if parts.len() > 6 {
            return None;
        }
    }
    if !digits.is_empty() {
        parts.push((digits.parse().ok()?, None));
    }
    (!parts.is_empty()).then_some((negative, parts))
}
