//! A calendar that knows nothing but how to look at one instant: what the arithmetic is compared with.

use jiff::{
    Timestamp,
    civil::{Date, Weekday},
    tz::TimeZone,
};
use proptest::prelude::*;

use super::{Calendar, CalendarBody, Holiday, OpenHours, WeekHours};
use crate::zone::Zone;

/// Zones with transitions of an hour, half an hour and a whole day, at night, at midnight and never.
pub const ZONES: [&str; 11] = [
    "Europe/Oslo",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "Asia/Kathmandu",
    "Africa/Casablanca",
    "Atlantic/Azores",
    "Asia/Beirut",
    "Pacific/Apia",
    "Pacific/Auckland",
    "UTC",
];

/// Pieces of a day, in seconds since midnight.
type Pieces = Vec<(i64, i64)>;

/// The calendar of a document, looked at instant by instant.
pub struct Naive {
    zone: Option<TimeZone>,
    week: Vec<Pieces>,
    holidays: Vec<(Date, bool, Pieces)>,
}

impl Naive {
    pub fn new(body: &CalendarBody) -> Self {
        let CalendarBody::Business { time_zone, week, holidays, .. } = body else {
            return Self { zone: None, week: Vec::new(), holidays: Vec::new() };
        };
        let holiday = |one: &Holiday| (one.date.parse().expect("a date"), one.yearly, pieces(&one.open));
        Self {
            zone: Some(Zone::parse(time_zone).expect("a zone").rules().clone()),
            week: week.days().iter().map(|(_, hours)| pieces(hours)).collect(),
            holidays: holidays.iter().map(holiday).collect(),
        }
    }

    pub fn is_open(&self, at: Timestamp) -> bool {
        let Some(zone) = &self.zone else { return true };
        let local = zone.to_datetime(at);
        let date = local.date();
        let second = i64::from(local.hour()) * 3600 + i64::from(local.minute()) * 60 + i64::from(local.second());
        let within = |pieces: &Pieces| pieces.iter().any(|(from, to)| *from <= second && second < *to);
        let today = |(day, yearly, _): &&(Date, bool, Pieces)| {
            (*yearly && (day.month(), day.day()) == (date.month(), date.day())) || *day == date
        };
        within(&self.week[usize::try_from(date.weekday().since(Weekday::Monday)).expect("0 to 6")])
            && self.holidays.iter().filter(today).all(|(_, _, open)| within(open))
    }

    /// How much was open by each step after `from`: the first is zero.
    pub fn counted(&self, from: Timestamp, steps: usize, step_s: i64) -> Vec<i64> {
        let mut counted = vec![0];
        let mut total = 0;
        for step in 0..steps {
            let at = Timestamp::from_second(from.as_second() + step as i64 * step_s).expect("in range");
            total += i64::from(self.is_open(at));
            counted.push(total);
        }
        counted
    }
}

fn pieces(hours: &[OpenHours]) -> Pieces {
    let second = |text: &str| {
        let (hour, minute) = text.split_once(':').expect("HH:MM");
        hour.parse::<i64>().expect("an hour") * 3600 + minute.parse::<i64>().expect("a minute") * 60
    };
    hours.iter().map(|piece| (second(&piece.from), second(&piece.to))).collect()
}

/// Up to three pieces of a day on whole minutes, also such that touch, and such that reach midnight.
pub fn hours() -> BoxedStrategy<Vec<OpenHours>> {
    let minute = prop_oneof![4 => 0_i64..=1440, 1 => Just(0_i64), 1 => Just(1440_i64), 2 => 0_i64..=240];
    proptest::collection::vec(minute, 0..=5)
        .prop_map(|mut edges| {
            edges.sort_unstable();
            edges.dedup();
            let text = |minute: i64| format!("{:02}:{:02}", minute / 60, minute % 60);
            let piece = |from: i64, to: i64| OpenHours { from: text(from), to: text(to) };
            let mut hours: Vec<_> =
                edges.chunks(2).filter(|pair| pair.len() == 2).map(|pair| piece(pair[0], pair[1])).collect();
            if let (5, [.., before, last]) = (edges.len(), edges.as_slice()) {
                hours.push(piece(*before, *last));
            }
            hours
        })
        .boxed()
}

/// A calendar's document, of any zone, with holidays near the given years.
pub fn body(years: std::ops::Range<i16>) -> BoxedStrategy<CalendarBody> {
    let open = prop_oneof![2 => Just(Vec::new()), 1 => hours()];
    // Half of them share a date, so that yearly holidays and those of one year meet.
    let date = prop_oneof![(1_i8..=12, 1_i8..=31), Just((5, 17)), Just((2, 29))];
    let day = ("[A-Z]", years, date, any::<bool>(), open);
    let holiday = day.prop_filter_map("a date", |(name, year, (month, day), yearly, open)| {
        let date = Date::new(year, month, day).ok()?.to_string();
        Some(Holiday { name, date, yearly, open })
    });
    let days = proptest::collection::vec(hours(), 7);
    let holidays = proptest::collection::vec(holiday, 0..40);
    (prop::sample::select(&ZONES[..]), days, holidays)
        .prop_filter_map("is sound", |(zone, days, mut holidays)| {
            let mut days = days.into_iter();
            let mut next = || days.next().unwrap_or_default();
            let week = WeekHours {
                monday: next(),
                tuesday: next(),
                wednesday: next(),
                thursday: next(),
                friday: next(),
                saturday: next(),
                sunday: next(),
            };
            let same = |one: &Holiday| (one.yearly, one.date[if one.yearly { 5 } else { 0 }..].to_owned());
            holidays.sort_by_key(same);
            holidays.dedup_by_key(|one| same(one));
            let body = CalendarBody::Business { name: "Any".to_owned(), time_zone: zone.to_owned(), week, holidays };
            Calendar::new(body.clone()).is_ok().then_some(body)
        })
        .boxed()
}

/// The last transition of a calendar's zone before an instant, if it has one.
pub fn transition_before(calendar: &Calendar, at: Timestamp) -> Timestamp {
    let rules = calendar.zone().map(|zone| zone.rules().clone());
    rules.and_then(|rules| rules.preceding(at).next().map(|one| one.timestamp())).unwrap_or(at)
}
