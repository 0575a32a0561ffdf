//! Counting open time.
//!
//! Instants are microseconds since 1970, UTC. A *wall time* is an instant plus the zone's offset, so wall times are
//! counted as if they were UTC. Between two transitions of the zone the offset is constant: such a *piece* is counted
//! on the wall, where every week is alike but for its holidays.

use jiff::{
    Timestamp,
    civil::Date,
    tz::{Offset, TimeZone},
};

use super::{Business, Day};

const DAY_US: i64 = 86_400_000_000;
const WEEK_DAYS: i64 = 7;
/// Longest piece that is looked at as one.
const PIECE_US: i64 = 400 * DAY_US;
/// How far away an instant is looked for: 200 years.
const LIMIT_US: i64 = 200 * 366 * DAY_US;
/// How far ahead the end of an open stretch is looked for.
const HORIZONS_US: [i64; 2] = [8 * DAY_US, 400 * DAY_US];

/// A stretch of instants with one offset.
#[derive(Clone, Copy)]
struct Piece {
    from: i64,
    to: i64,
    offset: i64,
}

impl Day {
    /// Of pieces that do not overlap, in any order.
    pub(super) fn new(mut pieces: Vec<(i64, i64)>) -> Self {
        pieces.sort_unstable();
        let mut open: Vec<(i64, i64)> = Vec::with_capacity(pieces.len());
        for (from, to) in pieces {
            match open.last_mut() {
                Some(last) if last.1 == from => last.1 = to,
                _ => open.push((from, to)),
            }
        }
        let total = open.iter().map(|(from, to)| to - from).sum();
        Self { open, total }
    }

    /// What is open in both.
    pub(super) fn limited_to(&self, other: &Self) -> Self {
        let common = |a: &(i64, i64), b: &(i64, i64)| (a.0.max(b.0), a.1.min(b.1));
        let pairs = self.open.iter().flat_map(|a| other.open.iter().map(move |b| common(a, b)));
        Self::new(pairs.filter(|(from, to)| from < to).collect())
    }

    /// The open time from midnight to a time of day.
    fn until(&self, time: i64) -> i64 {
        self.open.iter().map(|(from, to)| (time.min(*to) - from).max(0)).sum()
    }

    /// The earliest time of day by which so much was open. The amount is above zero and at most the total.
    fn reaches(&self, amount: i64) -> i64 {
        let mut left = amount;
        for (from, to) in &self.open {
            if left <= to - from {
                return from + left;
            }
            left -= to - from;
        }
        DAY_US
    }
}

impl Business {
    pub(super) fn is_open(&self, at: i64) -> bool {
        let wall = at + offset_us(self.zone.rules(), at);
        let time = wall.rem_euclid(DAY_US);
        self.day(wall.div_euclid(DAY_US)).open.iter().any(|(from, to)| *from <= time && time < *to)
    }

    /// The open time in a range.
    pub(super) fn between(&self, from: i64, to: i64) -> i64 {
        let mut total = 0;
        let mut at = from;
        while at < to {
            let piece = self.piece_from(at, to);
            total += self.in_piece(piece);
            at = piece.to;
        }
        total
    }

    /// The earliest instant with `amount` (above zero) of open time between `from` and it.
    pub(super) fn after(&self, from: i64, amount: i64) -> Option<i64> {
        let end = from.saturating_add(LIMIT_US);
        let mut left = amount;
        let mut at = from;
        while at < end {
            let piece = self.piece_from(at, end);
            let open = self.in_piece(piece);
            if open >= left {
                return Some(self.reaches(piece, left));
            }
            left -= open;
            at = piece.to;
        }
        None
    }

    /// The earliest instant with `amount` (zero or above) of open time between it and `to`.
    pub(super) fn before(&self, to: i64, amount: i64) -> Option<i64> {
        let end = to.saturating_sub(LIMIT_US);
        let mut left = amount;
        let mut at = to;
        while at > end {
            let piece = self.piece_until(at, end);
            let open = self.in_piece(piece);
            if open > left {
                return Some(self.reaches(piece, open - left));
            }
            left -= open;
            at = piece.from;
        }
        None
    }

    pub(super) fn next_change(&self, at: i64) -> Option<i64> {
        if !self.is_open(at) {
            return self.after(at, 1).map(|first| first - 1).filter(|opens| opens - at <= PIECE_US);
        }
        HORIZONS_US.into_iter().find_map(|horizon| {
            let to = at.saturating_add(horizon);
            self.spans(at, to).first().map(|(_, end)| *end).filter(|end| *end < to)
        })
    }

    /// The open stretches of a range, neighbours joined.
    pub(super) fn spans(&self, from: i64, to: i64) -> Vec<(i64, i64)> {
        let mut spans: Vec<(i64, i64)> = Vec::new();
        let mut at = from;
        while at < to {
            let piece = self.piece_from(at, to);
            let (wall_from, wall_to) = (piece.from + piece.offset, piece.to + piece.offset);
            for day in wall_from.div_euclid(DAY_US)..=wall_to.div_euclid(DAY_US) {
                for (opens, closes) in &self.day(day).open {
                    let start = (day * DAY_US + opens).max(wall_from) - piece.offset;
                    let end = (day * DAY_US + closes).min(wall_to) - piece.offset;
                    match spans.last_mut() {
                        _ if start >= end => {}
                        Some(last) if last.1 == start => last.1 = end,
                        _ => spans.push((start, end)),
                    }
                }
            }
            at = piece.to;
        }
        spans
    }

    /// The piece that starts at an instant; it ends by `to`.
    fn piece_from(&self, from: i64, to: i64) -> Piece {
        let rules = self.zone.rules();
        let next = rules.following(clamped(from)).next().map(|next| next.timestamp().as_microsecond());
        let to = to.min(from.saturating_add(PIECE_US));
        let to = next.filter(|next| *next > from).map_or(to, |next| next.min(to));
        Piece { from, to, offset: offset_us(rules, from) }
    }

    /// The piece that ends at an instant; it starts no earlier than `from`.
    fn piece_until(&self, to: i64, from: i64) -> Piece {
        let rules = self.zone.rules();
        let last = rules.preceding(clamped(to)).next().map(|last| last.timestamp().as_microsecond());
        let from = from.max(to.saturating_sub(PIECE_US));
        let from = last.filter(|last| *last < to).map_or(from, |last| last.max(from));
        Piece { from, to, offset: offset_us(rules, from) }
    }

    fn in_piece(&self, piece: Piece) -> i64 {
        self.on_wall(piece.from + piece.offset, piece.to + piece.offset)
    }

    /// The earliest instant of a piece with `amount` of open time before it. The amount is above zero and at most
    /// what the piece has.
    fn reaches(&self, piece: Piece, amount: i64) -> i64 {
        let (from, to) = (piece.from + piece.offset, piece.to + piece.offset);
        let (mut low, mut high) = (from.div_euclid(DAY_US), to.div_euclid(DAY_US));
        while low < high {
            let day = low + (high - low) / 2;
            if self.on_wall(from, (day + 1) * DAY_US) >= amount {
                high = day;
            } else {
                low = day + 1;
            }
        }
        let before = self.on_wall(from, low * DAY_US);
        low * DAY_US + self.day(low).reaches(amount - before) - piece.offset
    }

    /// The open time between two wall times. Where `to` is the midnight before `from`, what was open in between counts
    /// as negative.
    fn on_wall(&self, from: i64, to: i64) -> i64 {
        let (first, last) = (from.div_euclid(DAY_US), to.div_euclid(DAY_US));
        self.whole_days(first, last) - self.day(first).until(from - first * DAY_US)
            + self.day(last).until(to - last * DAY_US)
    }

    /// The open time of the days from `first` to before `end`.
    fn whole_days(&self, first: i64, end: i64) -> i64 {
        if first >= end {
            return 0;
        }
        let usual = |day: i64| self.week[weekday(day)].total;
        let weeks = (end - first) / WEEK_DAYS;
        let week: i64 = self.week.iter().map(|day| day.total).sum();
        let mut total = weeks * week + (first + weeks * WEEK_DAYS..end).map(usual).sum::<i64>();
        for (day, holiday) in self.dated.range(first..end) {
            total += holiday.total - usual(*day);
        }
        if !self.yearly.is_empty() {
            for year in date_of(first).year()..=date_of(end - 1).year() {
                for ((month, day_of_month), holiday) in &self.yearly {
                    let Ok(date) = Date::new(year, *month, *day_of_month) else { continue };
                    let day = day_number(date);
                    if first <= day && day < end && !self.dated.contains_key(&day) {
                        total += holiday[weekday(day)].total - usual(day);
                    }
                }
            }
        }
        total
    }

    fn day(&self, day: i64) -> &Day {
        if let Some(holiday) = self.dated.get(&day) {
            return holiday;
        }
        if !self.yearly.is_empty() {
            let date = date_of(day);
            if let Some(holiday) = self.yearly.get(&(date.month(), date.day())) {
                return &holiday[weekday(day)];
            }
        }
        &self.week[weekday(day)]
    }
}

/// The weekday of a day since 1970-01-01, 0 (Monday) to 6. 1970-01-01 was a Thursday.
pub(super) fn weekday(day: i64) -> usize {
    usize::try_from((day + 3).rem_euclid(WEEK_DAYS)).unwrap_or(0)
}

/// Days since 1970-01-01.
pub(super) fn day_number(date: Date) -> i64 {
    Offset::UTC.to_timestamp(date.at(0, 0, 0, 0)).map_or(0, |at| at.as_microsecond().div_euclid(DAY_US))
}

fn date_of(day: i64) -> Date {
    Offset::UTC.to_datetime(clamped(day.saturating_mul(DAY_US))).date()
}

fn offset_us(rules: &TimeZone, at: i64) -> i64 {
    i64::from(rules.to_offset(clamped(at)).seconds()) * 1_000_000
}

fn clamped(at: i64) -> Timestamp {
    Timestamp::from_microsecond(at).unwrap_or(if at > 0 { Timestamp::MAX } else { Timestamp::MIN })
}
