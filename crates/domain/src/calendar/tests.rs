use insta::assert_snapshot;
use proptest::prelude::*;
use serde_json::json;

use super::{
    oracle::{Naive, body, transition_before},
    *,
};

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

fn calendar(json: serde_json::Value) -> Calendar {
    Calendar::new(serde_json::from_value(json).expect("has the shape")).expect("is sound")
}

/// Monday to Friday with a lunch break, some holidays, Oslo.
fn office() -> Calendar {
    let day = json!([{"from": "08:00", "to": "12:00"}, {"from": "12:30", "to": "16:00"}]);
    calendar(json!({
        "kind": "business", "name": "Office", "time_zone": "Europe/Oslo",
        "week": {"monday": day, "tuesday": day, "wednesday": day, "thursday": day, "friday": day},
        "holidays": [
            {"name": "Constitution Day", "date": "2020-05-17", "yearly": true},
            {"name": "Christmas Eve", "date": "2020-12-24", "yearly": true, "open": [{"from": "00:00", "to": "12:00"}]},
            {"name": "Leap day party", "date": "2024-02-29", "yearly": true},
            {"name": "Good Friday", "date": "2026-04-03"},
        ],
    }))
}

/// One piece of hours on every day.
fn nights(zone: &str, from: &str, to: &str) -> Calendar {
    let day = vec![OpenHours::new(from, to)];
    let week = WeekHours { saturday: day.clone(), sunday: day.clone(), ..WeekHours::workdays(&day) };
    let body = CalendarBody::Business { name: "Nights".into(), time_zone: zone.into(), week, holidays: Vec::new() };
    Calendar::new(body).expect("is sound")
}

fn spans(calendar: &Calendar, from: &str, to: &str) -> String {
    let zone = calendar.zone().expect("has a zone").rules().clone();
    let local = |at: Timestamp| at.to_zoned(zone.clone()).strftime("%a %m-%d %H:%M%:z").to_string();
    let line = |span: &OpenSpan| format!("{} .. {}\n", local(span.from), local(span.to));
    calendar.open_spans(at(from), at(to)).iter().map(line).collect()
}

#[test]
fn holidays_take_hours_away() {
    assert_snapshot!(spans(&office(), "2026-04-02T00:00:00Z", "2026-04-04T00:00:00Z"), @r"
    Thu 04-02 08:00+02:00 .. Thu 04-02 12:00+02:00
    Thu 04-02 12:30+02:00 .. Thu 04-02 16:00+02:00
    ");
    assert_snapshot!(spans(&office(), "2027-12-23T23:00:00Z", "2027-12-24T23:00:00Z"), @"Fri 12-24 08:00+01:00 .. Fri 12-24 12:00+01:00");
    // In 2028 it falls on a Sunday, and a half day opens nothing.
    assert_snapshot!(spans(&office(), "2028-12-23T23:00:00Z", "2028-12-24T23:00:00Z"), @"");
    // 29 February is a holiday in leap years; 28 February and 1 March never are.
    let of_day = |from: &str, to: &str| office().business_duration_between(at(from), at(to)).as_mins();
    assert_eq!(of_day("2028-02-28T23:00:00Z", "2028-02-29T23:00:00Z"), 0);
    assert_eq!(of_day("2027-02-28T23:00:00Z", "2027-03-01T23:00:00Z"), 450);
}

#[test]
fn a_due_time_jumps_over_a_long_weekend() {
    let due = office().add_business_time(at("2026-04-02T13:00:00Z"), SignedDuration::from_hours(2));
    assert_eq!(due, at("2026-04-06T07:00:00Z"), "one hour on Thursday, none on Good Friday, one on Monday");
    let late = office().add_business_time(due, SignedDuration::from_hours(-2));
    assert_eq!(late, at("2026-04-02T13:00:00Z"));
}

#[test]
fn the_earliest_of_equal_instants_is_given() {
    let office = office();
    let (friday, saturday, monday) =
        (at("2026-01-09T15:00:00Z"), at("2026-01-10T10:00:00Z"), at("2026-01-12T07:00:00Z"));
    let hour = SignedDuration::from_hours(1);
    assert_eq!(office.add_business_time(friday - hour, hour), friday, "the end of Friday, not the start of Monday");
    assert_eq!(office.add_business_time(saturday, SignedDuration::ZERO), friday);
    assert_eq!(office.add_business_time(monday, SignedDuration::ZERO), friday);
    assert_eq!(office.add_business_time(monday + hour, SignedDuration::ZERO), monday + hour);
    assert_eq!(office.next_change(saturday), Some(monday));
    assert_eq!(office.next_change(monday), Some(at("2026-01-12T11:00:00Z")));
}

#[test]
fn a_lost_hour_is_not_there_and_a_repeated_one_counts_twice() {
    let oslo = nights("Europe/Oslo", "02:00", "04:00");
    let open = |from: &str, to: &str| oslo.business_duration_between(at(from), at(to)).as_mins();
    assert_eq!(open("2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z"), 60);
    assert_eq!(open("2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z"), 180);
    assert_eq!(open("2026-06-24T12:00:00Z", "2026-06-25T12:00:00Z"), 120);
    assert_snapshot!(spans(&oslo, "2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z"), @"Sun 10-25 02:00+02:00 .. Sun 10-25 04:00+01:00");
    let island = nights("Australia/Lord_Howe", "01:30", "02:00");
    let twice = island.business_duration_between(at("2026-04-04T12:00:00Z"), at("2026-04-05T12:00:00Z"));
    assert_eq!(twice.as_mins(), 60, "half an hour is shown twice");
}

#[test]
fn samoa_had_no_thirtieth_of_december_in_2011() {
    let apia = nights("Pacific/Apia", "09:00", "17:00");
    assert_snapshot!(spans(&apia, "2011-12-29T10:00:00Z", "2011-12-31T10:00:00Z"), @r"
    Thu 12-29 09:00-10:00 .. Thu 12-29 17:00-10:00
    Sat 12-31 09:00+14:00 .. Sat 12-31 17:00+14:00
    ");
}

#[test]
fn midnight_does_not_split_what_is_open_on_both_sides() {
    let mut body = nights("UTC", "20:00", "24:00").body().clone();
    let CalendarBody::Business { week, .. } = &mut body else { panic!("has hours") };
    week.tuesday.insert(0, OpenHours::new("00:00", "06:00"));
    let calendar = Calendar::new(body).expect("is sound");
    assert_eq!(calendar.next_change(at("2026-01-05T21:00:00Z")), Some(at("2026-01-06T06:00:00Z")));
    let round_the_clock = nights("UTC", "00:00", "24:00");
    assert_eq!(round_the_clock.next_change(at("2026-01-05T21:00:00Z")), None);
}

#[test]
fn far_away_is_the_end_of_time() {
    let office = office();
    let forever = SignedDuration::from_hours(8 * 366 * 300);
    assert_eq!(office.add_business_time(at("2026-01-01T00:00:00Z"), forever), Timestamp::MAX);
    assert_eq!(office.add_business_time(at("2026-01-01T00:00:00Z"), -forever), Timestamp::MIN);
    assert_eq!(office.add_business_time(Timestamp::MAX, SignedDuration::MAX), Timestamp::MAX);
    assert_eq!(office.add_business_time(Timestamp::MIN, SignedDuration::MIN), Timestamp::MIN);
    assert_eq!(Calendar::always().add_business_time(at("2026-01-01T00:00:00Z"), SignedDuration::MAX), Timestamp::MAX);
}

#[test]
fn documents_read_back_and_say_what_is_wrong() {
    let office = office();
    let json = serde_json::to_value(&office).expect("serializes");
    assert_eq!(serde_json::from_value::<Calendar>(json).expect("reads back"), office);
    let wrong = |json: serde_json::Value| {
        let body = serde_json::from_value::<CalendarBody>(json).expect("has the shape");
        let errors = Calendar::new(body).expect_err("is refused").0;
        errors.iter().map(|error| format!("{}: {}\n", error.field, error.message)).collect::<String>()
    };
    assert_snapshot!(wrong(json!({
        "kind": "business", "name": " ", "time_zone": "Europe/Atlantis",
        "week": {
            "monday": [{"from": "8:00", "to": "16:00"}, {"from": "10:00", "to": "12:00"}, {"from": "11:00", "to": "13:00"}],
            "tuesday": [{"from": "22:00", "to": "06:00"}, {"from": "23:00", "to": "24:01"}],
        },
        "holidays": [
            {"name": "A", "date": "2026-02-29"},
            {"name": "B", "date": "2026-12-25", "yearly": true, "open": [{"from": "noon", "to": "24:00"}]},
            {"name": "C", "date": "2027-12-25", "yearly": true},
            {"name": "D", "date": "2027-12-25"},
        ],
    })), @r#"
    name: Give it a name.
    time_zone: There is no time zone "Europe/Atlantis"; names look like "Europe/Oslo".
    week.monday[0].from: "8:00" is not a time of day from 00:00 to 24:00 such as 08:30.
    week.monday[2]: It overlaps with week.monday[1]; join them, or move one.
    week.tuesday[0].to: The end must be after the start. Hours over midnight are two pieces: until 24:00, and from 00:00 on the next day.
    week.tuesday[1].to: "24:01" is not a time of day from 00:00 to 24:00 such as 08:30.
    holidays[0].date: "2026-02-29" is not a date from 1970 to 2999 such as 2026-05-17.
    holidays[1].open[0].from: "noon" is not a time of day from 00:00 to 24:00 such as 08:30.
    holidays[2].date: holidays[1] has this date already; keep one of them.
    "#);
    assert_snapshot!(wrong(json!({"kind": "business", "name": "", "time_zone": "UTC", "week": {}})), @r"
    name: Give it a name.
    week: No day has hours, so no time would ever count. Give at least one day its hours.
    ");
    let unknown = json!({"kind": "business", "name": "A", "time_zone": "UTC", "week": {"funday": []}});
    assert_snapshot!(serde_json::from_value::<CalendarBody>(unknown).expect_err("is refused"), @"unknown field `funday`, expected one of `monday`, `tuesday`, `wednesday`, `thursday`, `friday`, `saturday`, `sunday`");
}

/// Compares everything with a count of steps from `from`; `picks` choose the instants to ask about.
fn agrees(body: &CalendarBody, from: Timestamp, steps: usize, step_s: i64, picks: &[(usize, usize, usize)]) {
    let calendar = Calendar::new(body.clone()).expect("is sound");
    let counted = Naive::new(body).counted(from, steps, step_s);
    let instant = |step: usize| Timestamp::from_second(from.as_second() + step as i64 * step_s).expect("in range");
    let us = |count: i64| count * step_s * 1_000_000;
    for (a, b, aim) in picks {
        let (a, b) = (a % counted.len(), b % counted.len());
        let (from, to) = (instant(a), instant(b));
        assert_eq!(calendar.between_us(from, to), us(counted[b] - counted[a]), "between {from} and {to}");
        // Any amount that the count reaches after its own start.
        let last = counted[counted.len() - 1];
        if last > 0 {
            let aim = 1 + i64::try_from(*aim).expect("is small") % last;
            let earliest = instant(counted.partition_point(|count| *count < aim));
            assert_eq!(calendar.add_us(from, us(aim - counted[a])), earliest, "{} from {from}", aim - counted[a]);
        }
    }
}

fn picks() -> impl Strategy<Value = (usize, usize, usize)> {
    (0_usize..1 << 40, 0_usize..1 << 40, 0_usize..1 << 40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn agrees_second_by_second_around_the_nights_when_clocks_change(
        body in body(2010..2031),
        year in 2011_i16..2030, day in 1_i16..=365,
        before_s in 0_i64..130_000,
        picks in proptest::collection::vec(picks(), 30),
    ) {
        let calendar = Calendar::new(body.clone()).expect("is sound");
        let some_day = jiff::civil::date(year, 1, 1).checked_add(jiff::Span::new().days(day)).expect("a date");
        let some_day = jiff::tz::Offset::UTC.to_timestamp(some_day.at(0, 0, 0, 0)).expect("in range");
        let night = transition_before(&calendar, some_day);
        let from = Timestamp::from_second(night.as_second() - before_s).expect("in range");
        agrees(&body, from, 200_000, 1, &picks);
    }

    #[test]
    fn open_spans_and_the_next_change_agree_minute_by_minute(
        body in body(2025..2028), start_min in 0_i64..525_600,
    ) {
        let calendar = Calendar::new(body.clone()).expect("is sound");
        let naive = Naive::new(&body);
        let from = Timestamp::from_second(1_767_225_600 + start_min * 60).expect("in range");
        let minutes: Vec<Timestamp> =
            (0..20_160).map(|minute| Timestamp::from_second(from.as_second() + minute * 60).expect("in range")).collect();
        let spans = calendar.open_spans(from, minutes[minutes.len() - 1]);
        let within = |at: Timestamp| spans.iter().any(|span| span.from <= at && at < span.to);
        for pair in minutes.windows(2) {
            let open = naive.is_open(pair[0]);
            prop_assert_eq!(within(pair[0]), open, "{}", pair[0]);
            prop_assert_eq!(calendar.is_open(pair[0]), open, "{}", pair[0]);
        }
        prop_assert!(spans.windows(2).all(|pair| pair[0].to < pair[1].from), "neighbours are joined");
        let now = naive.is_open(from);
        let change = minutes.iter().find(|at| naive.is_open(**at) != now);
        if let Some(change) = change {
            prop_assert_eq!(calendar.next_change(from), Some(*change));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn agrees_minute_by_minute_over_two_years(
        body in body(2009..2031),
        start_day in 14_600_i64..21_900,
        picks in proptest::collection::vec(picks(), 60),
    ) {
        let from = Timestamp::from_second(start_day * 86_400).expect("in range");
        agrees(&body, from, 2 * 365 * 1440, 60, &picks);
    }
}

proptest! {
    /// Over decades and between whole minutes, where the oracle would be too slow, the laws still hold.
    #[test]
    fn the_laws_of_business_time(
        body in body(1990..2050),
        mut at_us in prop::array::uniform3(631_152_000_000_000_i64..2_556_144_000_000_000),
        amount in -100_000_000_000_i64..100_000_000_000,
    ) {
        at_us.sort_unstable();
        let calendar = Calendar::new(body).expect("is sound");
        let [a, b, c] = at_us.map(kernel::timestamp);
        prop_assert_eq!(calendar.between_us(a, b) + calendar.between_us(b, c), calendar.between_us(a, c));
        prop_assert_eq!(calendar.between_us(c, a), -calendar.between_us(a, c));
        let there = calendar.add_us(b, amount);
        prop_assert_eq!(calendar.between_us(b, there), amount);
        let just_before = kernel::timestamp(there.as_microsecond() - 1);
        prop_assert!(calendar.is_open(just_before), "an earlier instant would do as well");
        prop_assert_eq!(calendar.add_us(there, 0), there);
        prop_assert_eq!(calendar.add_us(there, -amount), calendar.add_us(b, 0));
    }
}
