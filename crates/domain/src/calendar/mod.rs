//! Business calendars: which time counts.
//!
//! A [`Calendar`] is open around the clock, or by weekly hours in a time zone with holidays. *Business time* is the
//! time during which it is open. [`Calendar::business_duration_between`] measures it,
//! [`Calendar::add_business_time`] finds the instant that lies so much business time away.
//!
//! **Invariants**
//! - **Only the wall clock of the calendar's zone counts**: an instant is open when its local date and time lie in the
//!   open hours. An hour that clocks skip is not there to be counted; one that they show twice counts twice.
//! - **A holiday only takes hours away.** It closes the day, or leaves open what lies both in the day's hours and in
//!   its own (a half day). So a half day that falls on a Sunday does not open the Sunday.
//! - A yearly holiday is a month and a day, in every year; 29 February only in leap years.
//! - Hours end by midnight: work at night is written as two pieces, so that a holiday takes exactly its own date.
//! - [`Calendar::add_business_time`] gives the **earliest** instant at which the business clock shows the sum, also
//!   for zero and backwards. Two such instants therefore compare as their business times do, which is what lets a
//!   database compare stored deadlines (see [`crate::sla`]).
//! - Time is counted in whole microseconds, as it is stored; what an instant has beyond them is dropped.
//! - A [`Calendar`] that exists is sound: [`Calendar::new`] and reading from JSON refuse anything else.
//!
//! Both questions cost a few steps per change of the zone's offset and per holiday, not per day: a zone's offset is
//! constant between two transitions, and there whole weeks are counted by multiplication.

mod arithmetic;
mod body;
#[cfg(test)]
pub(crate) mod oracle;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use body::{CalendarBody, Holiday, OpenHours, WeekHours};

use crate::{workflow::Unsound, zone::Zone};

/// Microseconds of a minute.
const MINUTE_US: i64 = 60_000_000;

/// A sound calendar, ready to count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "CalendarBody", into = "CalendarBody")]
pub struct Calendar {
    body: CalendarBody,
    hours: Hours,
}

/// When a calendar is open.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Hours {
    /// Around the clock.
    Always,
    /// By the week and its holidays.
    Business(Box<Business>),
}

/// Weekly hours and holidays, worked out per kind of day.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Business {
    zone: Zone,
    /// Monday to Sunday.
    week: [Day; 7],
    /// Yearly holidays by month and day: the day as it is when it falls on a Monday, a Tuesday, ...
    yearly: BTreeMap<(i8, i8), [Day; 7]>,
    /// Holidays of one date, by days since 1970-01-01; yearly holidays of that date are in it.
    dated: BTreeMap<i64, Day>,
}

/// The open hours of a day, in microseconds of the wall clock since midnight: sorted, apart from each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Day {
    open: Vec<(i64, i64)>,
    total: i64,
}

/// A stretch of open time. The end is not included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = OpenSpan)]
pub struct OpenSpan {
    /// From when.
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// Until when.
    #[schema(value_type = String, format = DateTime)]
    pub to: Timestamp,
}

impl Calendar {
    /// The calendar that this document describes.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its place.
    pub fn new(body: CalendarBody) -> Result<Self, Unsound> {
        let hours = body.hours()?;
        Ok(Self { body, hours })
    }

    /// Open around the clock.
    pub fn always() -> Self {
        Self { body: CalendarBody::Always { name: "24x7".to_owned() }, hours: Hours::Always }
    }

    /// The document that describes it.
    pub fn body(&self) -> &CalendarBody {
        &self.body
    }

    /// Its name.
    pub fn name(&self) -> &str {
        match &self.body {
            CalendarBody::Always { name } | CalendarBody::Business { name, .. } => name,
        }
    }

    /// The zone by whose wall clock it opens, if it ever closes.
    pub fn zone(&self) -> Option<&Zone> {
        match &self.hours {
            Hours::Always => None,
            Hours::Business(business) => Some(&business.zone),
        }
    }

    /// The open time from `a` to `b`; negative where `b` lies before `a`.
    pub fn business_duration_between(&self, a: Timestamp, b: Timestamp) -> SignedDuration {
        SignedDuration::from_micros(self.between_us(a, b))
    }

    /// The earliest instant that is `duration` of open time away from `from`; a negative duration goes back. Zero
    /// gives `from` where time was open just before it, else the end of the last open hours.
    ///
    /// Saturates at [`Timestamp::MAX`] and [`Timestamp::MIN`] for what lies more than 200 years away.
    pub fn add_business_time(&self, from: Timestamp, duration: SignedDuration) -> Timestamp {
        let us =
            i64::try_from(duration.as_micros()).unwrap_or(if duration.is_negative() { i64::MIN } else { i64::MAX });
        self.add_us(from, us)
    }

    /// Whether the calendar is open at an instant.
    pub fn is_open(&self, at: Timestamp) -> bool {
        match &self.hours {
            Hours::Always => true,
            Hours::Business(business) => business.is_open(at.as_microsecond()),
        }
    }

    /// When it next closes, or, if it is closed, next opens; none if it does not within 400 days.
    pub fn next_change(&self, at: Timestamp) -> Option<Timestamp> {
        match &self.hours {
            Hours::Always => None,
            Hours::Business(business) => business.next_change(at.as_microsecond()).map(kernel::timestamp),
        }
    }

    /// The open time from `from` to `to`, in order, neighbours joined. Costs a step per day: the caller bounds the
    /// range.
    pub fn open_spans(&self, from: Timestamp, to: Timestamp) -> Vec<OpenSpan> {
        match &self.hours {
            Hours::Always if from < to => vec![OpenSpan { from, to }],
            Hours::Always => Vec::new(),
            Hours::Business(business) => business
                .spans(from.as_microsecond(), to.as_microsecond())
                .into_iter()
                .map(|(from, to)| OpenSpan { from: kernel::timestamp(from), to: kernel::timestamp(to) })
                .collect(),
        }
    }

    /// [`Calendar::business_duration_between`] in microseconds.
    pub(crate) fn between_us(&self, a: Timestamp, b: Timestamp) -> i64 {
        let (a, b) = (a.as_microsecond(), b.as_microsecond());
        match &self.hours {
            Hours::Always => b - a,
            Hours::Business(business) if a <= b => business.between(a, b),
            Hours::Business(business) => -business.between(b, a),
        }
    }

    /// [`Calendar::add_business_time`] in microseconds.
    pub(crate) fn add_us(&self, from: Timestamp, us: i64) -> Timestamp {
        let at = from.as_microsecond();
        let sum = match &self.hours {
            Hours::Always => Some(at.saturating_add(us)),
            Hours::Business(business) if us > 0 => business.after(at, us),
            Hours::Business(business) => business.before(at, us.saturating_neg()),
        };
        let end = if us > 0 { Timestamp::MAX } else { Timestamp::MIN };
        sum.and_then(|sum| Timestamp::from_microsecond(sum).ok()).unwrap_or(end)
    }
}

impl TryFrom<CalendarBody> for Calendar {
    type Error = Unsound;

    fn try_from(body: CalendarBody) -> Result<Self, Unsound> {
        Self::new(body)
    }
}

impl From<Calendar> for CalendarBody {
    fn from(calendar: Calendar) -> Self {
        calendar.body
    }
}
