use insta::assert_snapshot;
use jiff::civil::date;
use proptest::{prelude::*, strategy::ValueTree};

use super::*;

fn person(n: u128) -> PersonId {
    PersonId(Uuid::from_u128(n))
}

fn rotation(kind: RotationKind, length: u32, start: &str, people: &[u128]) -> Rotation {
    Rotation {
        id: RotationId(Uuid::from_u128(1)),
        name: "Primary".into(),
        kind,
        length,
        start: start.parse().expect("a local time"),
        end: None,
        participants: people.iter().map(|n| Participant::Person { id: person(*n) }).collect(),
        restrictions: Vec::new(),
    }
}

fn schedule(zone: &str, rotations: Vec<Rotation>) -> Schedule {
    let time_zone = Zone::parse(zone).expect("a zone");
    Schedule { name: "Network".into(), time_zone, rotations, overrides: Vec::new() }
}

fn override_of(n: u128, from: &str, to: &str) -> Override {
    let (from, to) = (at(from), at(to));
    Override { id: OverrideId(Uuid::from_u128(900 + n)), person: person(n), from, to, rotation_ids: Vec::new() }
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

fn daily(from: &str, to: &str) -> Restriction {
    let time = |text: &str| text.parse().expect("a time");
    Restriction { from_weekday: None, from: time(from), to_weekday: None, to: time(to) }
}

fn weekly(from_day: i8, from: &str, to_day: i8, to: &str) -> Restriction {
    Restriction { from_weekday: Some(from_day), to_weekday: Some(to_day), ..daily(from, to) }
}

/// The final timeline, one line per span in local time.
fn show(schedule: &Schedule, from: &str, to: &str) -> String {
    let timeline = timeline(schedule, at(from), at(to));
    let local =
        |at: Timestamp| at.to_zoned(schedule.time_zone.rules().clone()).strftime("%a %m-%d %H:%M%:z").to_string();
    let mut text = String::new();
    for rotation in &timeline.final_spans {
        for span in &rotation.spans {
            let who = span.person.map_or("nobody".to_owned(), |person| person.0.as_u128().to_string());
            let why = if span.because == Because::Rotation { "" } else { " (override)" };
            text.push_str(&format!("{}  {} .. {}  {who}{why}\n", rotation.rotation, local(span.from), local(span.to)));
        }
    }
    for gap in &timeline.gaps {
        text.push_str(&format!("gap  {} .. {}\n", local(gap.from), local(gap.to)));
    }
    text
}

#[test]
fn a_weekly_hand_over_stays_at_nine_when_clocks_go_back() {
    let schedule = schedule("Europe/Oslo", vec![rotation(RotationKind::Weekly, 1, "2026-01-05T09:00", &[1, 2])]);
    assert_snapshot!(show(&schedule, "2026-10-15T00:00:00Z", "2026-11-05T00:00:00Z"), @r"
    Primary  Thu 10-15 02:00+02:00 .. Mon 10-19 09:00+02:00  1
    Primary  Mon 10-19 09:00+02:00 .. Mon 10-26 09:00+01:00  2
    Primary  Mon 10-26 09:00+01:00 .. Mon 11-02 09:00+01:00  1
    Primary  Mon 11-02 09:00+01:00 .. Thu 11-05 01:00+01:00  2
    ");
}

#[test]
fn a_hand_over_inside_the_lost_hour_happens_at_the_jump() {
    let schedule = schedule("Europe/Oslo", vec![rotation(RotationKind::Daily, 1, "2026-03-27T02:30", &[1, 2])]);
    assert_snapshot!(show(&schedule, "2026-03-28T00:00:00Z", "2026-03-30T12:00:00Z"), @r"
    Primary  Sat 03-28 01:00+01:00 .. Sat 03-28 02:30+01:00  1
    Primary  Sat 03-28 02:30+01:00 .. Sun 03-29 03:00+02:00  2
    Primary  Sun 03-29 03:00+02:00 .. Mon 03-30 02:30+02:00  1
    Primary  Mon 03-30 02:30+02:00 .. Mon 03-30 14:00+02:00  2
    ");
}

#[test]
fn the_repeated_hour_is_served_as_the_wall_clock_shows_it() {
    let schedule = schedule("Europe/Oslo", vec![rotation(RotationKind::Hourly, 1, "2026-10-24T23:00", &[1, 2, 3])]);
    assert_snapshot!(show(&schedule, "2026-10-24T23:00:00Z", "2026-10-25T03:00:00Z"), @r"
    Primary  Sun 10-25 01:00+02:00 .. Sun 10-25 02:00+02:00  3
    Primary  Sun 10-25 02:00+02:00 .. Sun 10-25 03:00+01:00  1
    Primary  Sun 10-25 03:00+01:00 .. Sun 10-25 04:00+01:00  2
    ");
}

#[test]
fn restrictions_and_nobody_on_purpose() {
    let mut office = rotation(RotationKind::Daily, 1, "2026-02-26T00:00", &[1, 2]);
    office.participants.push(Participant::None);
    office.restrictions = vec![daily("22:00", "06:00")];
    let schedule = schedule("America/New_York", vec![office]);
    assert_snapshot!(show(&schedule, "2026-02-27T05:00:00Z", "2026-03-02T05:00:00Z"), @r"
    Primary  Fri 02-27 00:00-05:00 .. Fri 02-27 06:00-05:00  2
    Primary  Fri 02-27 22:00-05:00 .. Sat 02-28 00:00-05:00  2
    Primary  Sat 02-28 00:00-05:00 .. Sat 02-28 06:00-05:00  nobody
    Primary  Sat 02-28 22:00-05:00 .. Sun 03-01 00:00-05:00  nobody
    Primary  Sun 03-01 00:00-05:00 .. Sun 03-01 06:00-05:00  1
    Primary  Sun 03-01 22:00-05:00 .. Mon 03-02 00:00-05:00  1
    gap  Fri 02-27 06:00-05:00 .. Fri 02-27 22:00-05:00
    gap  Sat 02-28 06:00-05:00 .. Sat 02-28 22:00-05:00
    gap  Sun 03-01 06:00-05:00 .. Sun 03-01 22:00-05:00
    ");
}

#[test]
fn a_weekend_restriction_over_a_year_end_with_an_override() {
    let mut weekend = rotation(RotationKind::Weekly, 1, "2026-12-21T00:00", &[1, 2]);
    weekend.restrictions = vec![weekly(5, "17:00", 1, "08:00")];
    let mut schedule = schedule("Asia/Kathmandu", vec![weekend]);
    schedule.overrides = vec![
        override_of(7, "2026-12-31T18:15:00Z", "2027-01-01T18:15:00Z"),
        override_of(8, "2027-01-01T06:15:00Z", "2027-01-01T10:15:00Z"),
    ];
    assert_snapshot!(show(&schedule, "2026-12-27T18:15:00Z", "2027-01-04T18:15:00Z"), @r"
    Primary  Mon 12-28 00:00+05:45 .. Mon 12-28 08:00+05:45  2
    Primary  Fri 01-01 00:00+05:45 .. Fri 01-01 12:00+05:45  7 (override)
    Primary  Fri 01-01 12:00+05:45 .. Fri 01-01 16:00+05:45  8 (override)
    Primary  Fri 01-01 16:00+05:45 .. Sat 01-02 00:00+05:45  7 (override)
    Primary  Sat 01-02 00:00+05:45 .. Mon 01-04 00:00+05:45  2
    Primary  Mon 01-04 00:00+05:45 .. Mon 01-04 08:00+05:45  1
    gap  Mon 12-28 08:00+05:45 .. Fri 01-01 00:00+05:45
    gap  Mon 01-04 08:00+05:45 .. Tue 01-05 00:00+05:45
    ");
}

#[test]
fn half_an_hour_of_daylight_saving_on_lord_howe_island() {
    let schedule = schedule("Australia/Lord_Howe", vec![rotation(RotationKind::Daily, 1, "2026-04-03T01:45", &[1, 2])]);
    assert_snapshot!(show(&schedule, "2026-04-03T15:00:00Z", "2026-04-05T15:00:00Z"), @r"
    Primary  Sat 04-04 02:00+11:00 .. Sun 04-05 01:45+11:00  2
    Primary  Sun 04-05 01:45+11:00 .. Sun 04-05 01:30+10:30  1
    Primary  Sun 04-05 01:30+10:30 .. Sun 04-05 01:45+10:30  2
    Primary  Sun 04-05 01:45+10:30 .. Mon 04-06 01:30+10:30  1
    ");
}

#[test]
fn ramadan_in_casablanca_takes_an_hour_off_the_clock_but_not_off_the_hand_over() {
    let schedule = schedule("Africa/Casablanca", vec![rotation(RotationKind::Weekly, 1, "2026-01-05T08:00", &[1, 2])]);
    assert_snapshot!(show(&schedule, "2026-02-10T00:00:00Z", "2026-03-25T00:00:00Z"), @r"
    Primary  Tue 02-10 01:00+01:00 .. Mon 02-16 08:00+00:00  2
    Primary  Mon 02-16 08:00+00:00 .. Mon 02-23 08:00+00:00  1
    Primary  Mon 02-23 08:00+00:00 .. Mon 03-02 08:00+00:00  2
    Primary  Mon 03-02 08:00+00:00 .. Mon 03-09 08:00+00:00  1
    Primary  Mon 03-09 08:00+00:00 .. Mon 03-16 08:00+00:00  2
    Primary  Mon 03-16 08:00+00:00 .. Mon 03-23 08:00+01:00  1
    Primary  Mon 03-23 08:00+01:00 .. Wed 03-25 01:00+01:00  2
    ");
}

#[test]
fn leap_day_year_end_and_the_end_of_a_rotation() {
    let mut leap = rotation(RotationKind::Daily, 1, "2028-02-27T00:00", &[1, 2, 3]);
    leap.end = Some(date(2028, 3, 2).at(12, 0, 0, 0));
    let schedule_leap = schedule("Europe/Oslo", vec![leap]);
    assert_snapshot!(show(&schedule_leap, "2028-02-27T23:00:00Z", "2028-03-02T23:00:00Z"), @r"
    Primary  Mon 02-28 00:00+01:00 .. Tue 02-29 00:00+01:00  2
    Primary  Tue 02-29 00:00+01:00 .. Wed 03-01 00:00+01:00  3
    Primary  Wed 03-01 00:00+01:00 .. Thu 03-02 00:00+01:00  1
    Primary  Thu 03-02 00:00+01:00 .. Thu 03-02 12:00+01:00  2
    gap  Thu 03-02 12:00+01:00 .. Fri 03-03 00:00+01:00
    ");
    let years = schedule("Europe/Oslo", vec![rotation(RotationKind::Weekly, 2, "2026-12-21T09:00", &[1, 2])]);
    assert_snapshot!(show(&years, "2026-12-31T22:00:00Z", "2027-01-20T22:00:00Z"), @r"
    Primary  Thu 12-31 23:00+01:00 .. Mon 01-04 09:00+01:00  1
    Primary  Mon 01-04 09:00+01:00 .. Mon 01-18 09:00+01:00  2
    Primary  Mon 01-18 09:00+01:00 .. Wed 01-20 23:00+01:00  1
    ");
}

#[test]
fn an_override_over_the_lost_hour_lasts_as_long_as_it_says() {
    let mut schedule =
        schedule("America/New_York", vec![rotation(RotationKind::Daily, 1, "2026-03-07T00:00", &[1, 2])]);
    schedule.overrides.push(override_of(9, "2026-03-08T06:30:00Z", "2026-03-08T07:30:00Z"));
    assert_snapshot!(show(&schedule, "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"), @r"
    Primary  Sun 03-08 00:00-05:00 .. Sun 03-08 01:30-05:00  2
    Primary  Sun 03-08 01:30-05:00 .. Sun 03-08 03:30-04:00  9 (override)
    Primary  Sun 03-08 03:30-04:00 .. Mon 03-09 00:00-04:00  2
    ");
}

#[test]
fn on_call_says_why_and_until() {
    let mut second = rotation(RotationKind::Daily, 1, "2026-01-01T08:00", &[5]);
    second.id = RotationId(Uuid::from_u128(2));
    second.name = "Secondary".into();
    let first = rotation(RotationKind::Weekly, 1, "2026-01-05T09:00", &[1, 2]);
    let mut schedule = schedule("Europe/Oslo", vec![first, second]);
    let mut only_first = override_of(9, "2026-02-03T10:00:00Z", "2026-02-03T12:00:00Z");
    only_first.rotation_ids = vec![RotationId(Uuid::from_u128(1))];
    schedule.overrides.push(only_first);
    let show = |text: &str| serde_json::to_string_pretty(&on_call_at(&schedule, at(text))).expect("serializes");
    assert_snapshot!(show("2026-02-03T11:00:00Z"), @r#"
    [
      {
        "rotation_id": "00000000-0000-0000-0000-000000000001",
        "rotation": "Primary",
        "person": "00000000-0000-0000-0000-000000000009",
        "because": "override",
        "override_id": "00000000-0000-0000-0000-00000000038d",
        "until": "2026-02-03T12:00:00Z"
      },
      {
        "rotation_id": "00000000-0000-0000-0000-000000000002",
        "rotation": "Secondary",
        "person": "00000000-0000-0000-0000-000000000005",
        "because": "rotation"
      }
    ]
    "#);
    assert_eq!(on_call_at(&schedule, at("2026-02-03T12:00:00Z"))[0].until, Some(at("2026-02-09T08:00:00Z")));
    assert!(on_call_at(&schedule, at("2025-12-31T00:00:00Z")).is_empty());
}

#[test]
fn the_wire_form_is_the_one_people_type() {
    let json = r#"{"name":"Net","time_zone":"Europe/Oslo","rotations":[{"id":"00000000-0000-0000-0000-000000000001",
        "name":"Primary","kind":"weekly","length":1,"start":"2026-01-05T09:00","end":null,
        "participants":[{"kind":"person","id":"00000000-0000-0000-0000-000000000001"},{"kind":"none"}],
        "restrictions":[{"from_weekday":1,"from":"09:00","to_weekday":5,"to":"17:00"}]}],"overrides":[]}"#;
    let schedule: Schedule = serde_json::from_str(json).expect("reads");
    assert_eq!(schedule.validate(), Ok(()));
    let again: serde_json::Value = serde_json::to_value(&schedule).expect("writes");
    assert_eq!(again, serde_json::from_str::<serde_json::Value>(json).expect("reads"));
}

#[test]
fn validation_names_each_field() {
    let mut bad = rotation(RotationKind::Weekly, 0, "2026-01-05T09:00", &[]);
    bad.end = Some(date(2026, 1, 5).at(9, 0, 0, 0));
    bad.restrictions = vec![daily("09:00", "09:00"), Restriction { from_weekday: Some(8), ..daily("09:00", "10:00") }];
    let mut schedule = schedule("UTC", vec![bad.clone(), Rotation { length: 53, ..bad }]);
    schedule.name = " ".into();
    let mut one = override_of(1, "2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z");
    one.rotation_ids = vec![RotationId(Uuid::from_u128(77))];
    schedule.overrides.push(one);
    let errors = schedule.validate().expect_err("is wrong");
    let text: Vec<_> = errors.iter().map(|error| format!("{}: {}", error.field, error.message)).collect();
    assert_snapshot!(text.join("\n"), @r"
    name: Give it a name.
    rotations[0].length: The length is between 1 and 52.
    rotations[0].participants: Add at least one participant.
    rotations[0].end: The end must be after the start.
    rotations[0].restrictions[0].to: Start and end are the same; leave the restriction out if the rotation always counts.
    rotations[0].restrictions[1].from_weekday: Weekdays go from 1 (Monday) to 7 (Sunday).
    rotations[0].restrictions[1].to_weekday: Give both weekdays, or none for every day.
    rotations[1].id: Two rotations have this id.
    rotations[1].length: The length is between 1 and 52.
    rotations[1].participants: Add at least one participant.
    rotations[1].end: The end must be after the start.
    rotations[1].restrictions[0].to: Start and end are the same; leave the restriction out if the rotation always counts.
    rotations[1].restrictions[1].from_weekday: Weekdays go from 1 (Monday) to 7 (Sunday).
    rotations[1].restrictions[1].to_weekday: Give both weekdays, or none for every day.
    overrides[0].to: The end must be after the start.
    overrides[0].rotation_ids[0]: The schedule has no such rotation.
    ");
}

// The oracle: asks the calendar library for the wall clock of every single minute, and counts.

const ZONES: [&str; 5] =
    ["Europe/Oslo", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca"];

/// Who has the rotation in the minute that starts at `at`: straight from the rules, one minute at a time.
fn oracle(schedule: &Schedule, rotation: &Rotation, at: Timestamp) -> Option<Option<PersonId>> {
    let mut winner = None;
    for one in &schedule.overrides {
        if (one.rotation_ids.is_empty() || one.rotation_ids.contains(&rotation.id)) && at >= one.from && at < one.to {
            winner = Some(one.person);
        }
    }
    if winner.is_some() {
        return Some(winner);
    }
    let wall = schedule.time_zone.rules().to_datetime(at);
    if wall < rotation.start || rotation.end.is_some_and(|end| wall >= end) {
        return None;
    }
    let weekday = wall.weekday().to_monday_one_offset();
    let allowed = rotation.restrictions.iter().any(|one| match (one.from_weekday, one.to_weekday) {
        (Some(from), Some(to)) => {
            let (from, now, to) = ((from, one.from), (weekday, wall.time()), (to, one.to));
            if from < to { from <= now && now < to } else { from <= now || now < to }
        }
        _ if one.from < one.to => one.from <= wall.time() && wall.time() < one.to,
        _ => wall.time() >= one.from || wall.time() < one.to,
    });
    if !rotation.restrictions.is_empty() && !allowed {
        return None;
    }
    let minutes = (day_number(wall) - day_number(rotation.start)) * 1440
        + (i64::from(wall.hour()) - i64::from(rotation.start.hour())) * 60
        + (i64::from(wall.minute()) - i64::from(rotation.start.minute()));
    let unit = match rotation.kind {
        RotationKind::Hourly => 60,
        RotationKind::Daily => 1440,
        RotationKind::Weekly => 10_080,
    };
    let shift = minutes / (unit * i64::from(rotation.length));
    let index = usize::try_from(shift).expect("after the start") % rotation.participants.len();
    Some(match rotation.participants[index] {
        Participant::Person { id } => Some(id),
        Participant::None => None,
    })
}

/// Days since 0000-03-01 of the proleptic calendar, counted by the formula for leap years.
fn day_number(at: DateTime) -> i64 {
    let (year, month) = (i64::from(at.year()), i64::from(at.month()));
    let (year, month) = if month < 3 { (year - 1, month + 9) } else { (year, month - 3) };
    365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + i64::from(at.day()) - 1
}

/// Compares the timeline with the oracle in every minute; returns how many minutes it looked at.
fn compare(schedule: &Schedule, from: Timestamp, minutes: i64) -> usize {
    let instant = |minute: i64| Timestamp::from_second(from.as_second() + minute * 60).expect("in range");
    let timeline = timeline(schedule, from, instant(minutes));
    let mut cursors = vec![0usize; schedule.rotations.len()];
    let mut gap = 0usize;
    for minute in 0..minutes {
        let now = instant(minute);
        let mut anyone = false;
        for (index, rotation) in schedule.rotations.iter().enumerate() {
            let spans = &timeline.final_spans[index].spans;
            while spans.get(cursors[index]).is_some_and(|span| span.to <= now) {
                cursors[index] += 1;
            }
            let found = spans.get(cursors[index]).filter(|span| span.from <= now).map(|span| span.person);
            let expected = oracle(schedule, rotation, now);
            assert_eq!(found, expected, "{} {} at {now} of {rotation:?}", schedule.time_zone, rotation.name);
            anyone |= expected.is_some();
        }
        while timeline.gaps.get(gap).is_some_and(|gap| gap.to <= now) {
            gap += 1;
        }
        assert_eq!(timeline.gaps.get(gap).is_some_and(|gap| gap.from <= now), !anyone, "gap at {now}");
        if minute % 997 == 0 {
            let direct: Vec<_> =
                on_call_at(schedule, now).into_iter().map(|one| (one.rotation_id, one.person)).collect();
            let expected: Vec<_> = (schedule.rotations.iter())
                .filter_map(|rotation| Some((rotation.id, oracle(schedule, rotation, now)??)))
                .collect();
            assert_eq!(direct, expected, "directly at {now}");
        }
    }
    for rotation in timeline.final_spans.iter().chain(&timeline.base) {
        for pair in rotation.spans.windows(2) {
            assert!(pair[0].to <= pair[1].from, "spans overlap: {pair:?}");
            let same = (pair[0].person, pair[0].because) == (pair[1].person, pair[1].because);
            assert!(pair[0].to < pair[1].from || !same, "spans are not merged: {pair:?}");
        }
    }
    minutes as usize
}

fn any_rotation(n: u128) -> impl Strategy<Value = Rotation> {
    let kind = prop_oneof![Just(RotationKind::Hourly), Just(RotationKind::Daily), Just(RotationKind::Weekly)];
    let participant =
        prop_oneof![9 => (1u128..9).prop_map(|n| Participant::Person { id: person(n) }), 1 => Just(Participant::None)];
    let time = (0i8..24, prop_oneof![Just(0i8), Just(30), 0i8..60])
        .prop_map(|(hour, minute)| Time::new(hour, minute, 0, 0).expect("valid"));
    let days = prop_oneof![Just(None), (1i8..8, 1i8..8).prop_map(Some)];
    let restriction = (days, time.clone(), time.clone())
        .prop_filter("not empty", |(days, from, to)| from != to || days.is_some_and(|(from, to)| from != to))
        .prop_map(|(days, from, to)| Restriction {
            from_weekday: days.map(|days| days.0),
            from,
            to_weekday: days.map(|days| days.1),
            to,
        });
    let start = (0i32..900, time).prop_map(|(day, time)| {
        date(2023, 6, 1).checked_add(jiff::Span::new().days(day)).expect("in range").to_datetime(time)
    });
    let lists = (prop::collection::vec(participant, 1..6), prop::collection::vec(restriction, 0..3));
    (kind, 1u32..9, start, prop::option::weighted(0.3, 1i32..800), lists).prop_map(
        move |(kind, length, start, end, (participants, restrictions))| Rotation {
            id: RotationId(Uuid::from_u128(n)),
            name: format!("Rotation {n}"),
            kind,
            length,
            start,
            end: end.map(|days| start.checked_add(jiff::Span::new().days(days)).expect("in range")),
            participants,
            restrictions,
        },
    )
}

fn any_schedule(zone: &'static str) -> impl Strategy<Value = Schedule> {
    let one = (1u128..20, 0i64..1_100_000, 1i64..20_000, prop::option::of(1u128..3));
    let overrides = prop::collection::vec(one, 0..12).prop_map(|list| {
        let first = at("2024-01-01T00:00:00Z").as_second();
        let minute = |minute: i64| Timestamp::from_second(first + minute * 60).expect("in range");
        (list.into_iter().enumerate())
            .map(|(index, (who, from, length, only))| Override {
                id: OverrideId(Uuid::from_u128(index as u128)),
                person: person(who),
                from: minute(from),
                to: minute(from + length),
                rotation_ids: only.map(|n| RotationId(Uuid::from_u128(n))).into_iter().collect(),
            })
            .collect::<Vec<_>>()
    });
    (any_rotation(1), any_rotation(2), overrides).prop_map(move |(first, second, overrides)| {
        let schedule = Schedule { overrides, ..schedule(zone, vec![first, second]) };
        assert_eq!(schedule.validate(), Ok(()));
        schedule
    })
}

/// Two years (one of them a leap year), five zones, every minute.
#[test]
fn the_final_schedule_equals_the_oracle_in_every_minute_of_two_years() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut looked = 0;
    for zone in ZONES {
        let schedule = any_schedule(zone).new_tree(&mut runner).expect("a schedule").current();
        looked += compare(&schedule, at("2024-01-01T00:00:00Z"), (366 + 365) * 1440);
    }
    assert_eq!(looked, 5 * 731 * 1440);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    /// Many different schedules, a fortnight each, at any time of the two years.
    #[test]
    fn any_schedule_equals_the_oracle(
        schedule in prop::sample::select(ZONES.to_vec()).prop_flat_map(any_schedule),
        day in 0i64..717,
    ) {
        let from = Timestamp::from_second(at("2024-01-01T00:00:00Z").as_second() + day * 86_400).expect("in range");
        compare(&schedule, from, 14 * 1440);
    }
}
