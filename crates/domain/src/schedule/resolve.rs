//! Finding who is on call.
//!
//! A zone's offset is constant between two transitions, so there the wall clock is the instant plus an offset.
//! Within such a piece every change of a rotation (hand-over, start, end, edge of a restriction) is a wall-clock
//! time found by arithmetic. The timeline evaluates the rotation at those times only.
//!
//! Wall-clock times are counted in seconds as if they were UTC.

use jiff::{Timestamp, civil, tz::Offset};
use kernel::PersonId;

use super::{
    Because, Gap, OnCall, Override, Participant, Restriction, Rotation, RotationKind, RotationSpans, Schedule, Span,
    Timeline,
};
use crate::zone::Zone;

const DAY_S: i64 = 86_400;
const WEEK_S: i64 = 7 * DAY_S;
/// 1970-01-01 was a Thursday: a Monday-based week started this long before.
const MONDAY_S: i64 = -3 * DAY_S;
/// How far ahead [`on_call_at`] looks for the end of a shift, in seconds; each try costs more.
const HORIZONS_S: [i64; 3] = [2 * DAY_S, 40 * DAY_S, 400 * DAY_S];

/// Who is on call at an instant, in the order of the rotations. A person may be on call in several of them.
pub fn on_call_at(schedule: &Schedule, at: Timestamp) -> Vec<OnCall> {
    let mut found = Vec::new();
    for rotation in &schedule.rotations {
        let Some((Some(person), because)) = slot_at(schedule, rotation, at) else { continue };
        let until = until(schedule, rotation, at, (Some(person), because));
        found.push(OnCall { rotation_id: rotation.id, rotation: rotation.name.clone(), person, because, until });
    }
    found
}

/// The people on call at an instant, each once, in the order of the rotations. Cheaper than [`on_call_at`].
pub fn people_on_call_at(schedule: &Schedule, at: Timestamp) -> Vec<(PersonId, Because)> {
    let mut people: Vec<(PersonId, Because)> = Vec::new();
    for rotation in &schedule.rotations {
        let Some((Some(person), because)) = slot_at(schedule, rotation, at) else { continue };
        if people.iter().all(|(known, _)| *known != person) {
            people.push((person, because));
        }
    }
    people
}

/// What the schedule says from `from` until `to`. Costs a step per shift and per edge of a restriction: the caller
/// bounds the range.
pub fn timeline(schedule: &Schedule, from: Timestamp, to: Timestamp) -> Timeline {
    let mut base = Vec::new();
    let mut final_spans = Vec::new();
    for rotation in &schedule.rotations {
        let turns = base_spans(rotation, &schedule.time_zone, from, to);
        final_spans.push(labelled(rotation, final_spans_of(schedule, rotation, &turns, from, to)));
        base.push(labelled(rotation, turns));
    }
    let overrides = (schedule.overrides.iter())
        .filter(|one| one.from < to && from < one.to)
        .map(|one| Override { from: one.from.max(from), to: one.to.min(to), ..one.clone() })
        .collect();
    let gaps = gaps(&final_spans, from, to);
    Timeline { base, overrides, final_spans, gaps }
}

/// Who has the rotation, and why; `None` where it is silent.
type Slot = (Option<PersonId>, Because);

fn slot_at(schedule: &Schedule, rotation: &Rotation, at: Timestamp) -> Option<Slot> {
    let winner = schedule.overrides.iter().rev().find(|one| one.covers(rotation.id) && one.from <= at && at < one.to);
    if let Some(one) = winner {
        return Some((Some(one.person), Because::Override { override_id: one.id }));
    }
    let offset = schedule.time_zone.rules().to_offset(at);
    let turn = turn_at(rotation, seconds(at) + i64::from(offset.seconds()))?;
    Some((turn.person(), Because::Rotation))
}

fn until(schedule: &Schedule, rotation: &Rotation, at: Timestamp, slot: Slot) -> Option<Timestamp> {
    for horizon in HORIZONS_S {
        let to = instant(seconds(at).saturating_add(horizon));
        let turns = base_spans(rotation, &schedule.time_zone, at, to);
        let spans = final_spans_of(schedule, rotation, &turns, at, to);
        let end = spans.first().filter(|span| (span.person, span.because) == slot).map_or(at, |span| span.to);
        if end < to {
            return Some(end);
        }
    }
    None
}

/// Whose turn it is at a wall-clock time; `None` outside the rotation and its restrictions.
fn turn_at(rotation: &Rotation, wall: i64) -> Option<Participant> {
    let since = wall - wall_seconds(rotation.start);
    if since < 0 || rotation.end.is_some_and(|end| wall >= wall_seconds(end)) || rotation.participants.is_empty() {
        return None;
    }
    if !rotation.restrictions.is_empty() && !rotation.restrictions.iter().any(|one| admits(one, wall)) {
        return None;
    }
    let shift = since / shift_s(rotation);
    let index = shift.rem_euclid(i64::try_from(rotation.participants.len()).ok()?);
    rotation.participants.get(usize::try_from(index).ok()?).copied()
}

fn admits(restriction: &Restriction, wall: i64) -> bool {
    let (period, base, from, to) = edges(restriction);
    let now = (wall - base).rem_euclid(period);
    if from < to { from <= now && now < to } else { now >= from || now < to }
}

/// A restriction as a part of a repeating period: period, where periods start, and the two edges within it.
fn edges(restriction: &Restriction) -> (i64, i64, i64, i64) {
    let of_day = |time: civil::Time| i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60;
    match (restriction.from_weekday, restriction.to_weekday) {
        (Some(from_day), Some(to_day)) => {
            let from = i64::from(from_day - 1) * DAY_S + of_day(restriction.from);
            let to = i64::from(to_day - 1) * DAY_S + of_day(restriction.to);
            (WEEK_S, MONDAY_S, from, to)
        }
        _ => (DAY_S, 0, of_day(restriction.from), of_day(restriction.to)),
    }
}

/// The rotation's spans, without overrides.
fn base_spans(rotation: &Rotation, zone: &Zone, from: Timestamp, to: Timestamp) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    for (piece_from, piece_to, offset) in constant_offsets(zone, seconds(from), seconds_up(to)) {
        let cuts = wall_cuts(rotation, piece_from + offset, piece_to + offset);
        for (index, cut) in cuts.iter().enumerate() {
            let Some(turn) = turn_at(rotation, *cut) else { continue };
            let end = cuts.get(index + 1).map_or(piece_to, |next| next - offset);
            let (start, end) = (instant(cut - offset).max(from), instant(end).min(to));
            push(&mut spans, Span { from: start, to: end, person: turn.person(), because: Because::Rotation });
        }
    }
    spans
}

/// Lays the overrides over a rotation's spans.
fn final_spans_of(
    schedule: &Schedule,
    rotation: &Rotation,
    turns: &[Span],
    from: Timestamp,
    to: Timestamp,
) -> Vec<Span> {
    let overrides: Vec<&Override> =
        schedule.overrides.iter().filter(|one| one.covers(rotation.id) && one.from < to && from < one.to).collect();
    if overrides.is_empty() {
        return turns.to_vec();
    }
    let mut cuts = vec![from];
    cuts.extend(overrides.iter().flat_map(|one| [one.from, one.to]));
    cuts.extend(turns.iter().flat_map(|span| [span.from, span.to]));
    cuts.retain(|cut| from <= *cut && *cut < to);
    cuts.sort_unstable();
    cuts.dedup();
    let mut spans = Vec::new();
    let mut turn = 0;
    for (index, cut) in cuts.iter().enumerate() {
        let end = cuts.get(index + 1).copied().unwrap_or(to);
        while turns.get(turn).is_some_and(|span| span.to <= *cut) {
            turn += 1;
        }
        if let Some(one) = overrides.iter().rev().find(|one| one.from <= *cut && *cut < one.to) {
            let because = Because::Override { override_id: one.id };
            push(&mut spans, Span { from: *cut, to: end, person: Some(one.person), because });
        } else if let Some(span) = turns.get(turn).filter(|span| span.from <= *cut) {
            push(&mut spans, Span { from: *cut, to: end, ..*span });
        }
    }
    spans
}

/// Adds a span, or lengthens the last one where it goes on.
fn push(spans: &mut Vec<Span>, span: Span) {
    if span.from >= span.to {
        return;
    }
    match spans.last_mut() {
        Some(last) if last.to == span.from && last.person == span.person && last.because == span.because => {
            last.to = span.to;
        }
        _ => spans.push(span),
    }
}

fn labelled(rotation: &Rotation, spans: Vec<Span>) -> RotationSpans {
    RotationSpans { rotation_id: rotation.id, rotation: rotation.name.clone(), spans }
}

fn gaps(rotations: &[RotationSpans], from: Timestamp, to: Timestamp) -> Vec<Gap> {
    let mut spans: Vec<&Span> = rotations.iter().flat_map(|rotation| &rotation.spans).collect();
    spans.sort_unstable_by_key(|span| span.from);
    let mut gaps = Vec::new();
    let mut covered = from;
    for span in spans {
        if covered < span.from {
            gaps.push(Gap { from: covered, to: span.from });
        }
        covered = covered.max(span.to);
    }
    if covered < to {
        gaps.push(Gap { from: covered, to });
    }
    gaps
}

/// The range cut where the zone's offset changes: (from, to, offset), all in seconds.
fn constant_offsets(zone: &Zone, from: i64, to: i64) -> Vec<(i64, i64, i64)> {
    let mut pieces = Vec::new();
    let mut start = from;
    while start < to {
        let at = instant(start);
        let next = zone.rules().following(at).next().map(|transition| seconds(transition.timestamp()));
        let end = next.filter(|next| *next > start).map_or(to, |next| next.min(to));
        pieces.push((start, end, i64::from(zone.rules().to_offset(at).seconds())));
        start = end;
    }
    pieces
}

/// `from`, and the wall-clock times after it and before `to` at which the rotation may change.
fn wall_cuts(rotation: &Rotation, from: i64, to: i64) -> Vec<i64> {
    let mut cuts = vec![from];
    let start = wall_seconds(rotation.start);
    let end = rotation.end.map_or(to, wall_seconds);
    cuts.extend([start, end].into_iter().filter(|edge| from < *edge && *edge < to));
    let (active_from, active_to) = (from.max(start), to.min(end));
    repeat(&mut cuts, shift_s(rotation), start, active_from, active_to);
    for restriction in &rotation.restrictions {
        let (period, base, opens, closes) = edges(restriction);
        repeat(&mut cuts, period, base + opens, active_from, active_to);
        repeat(&mut cuts, period, base + closes, active_from, active_to);
    }
    cuts.sort_unstable();
    cuts.dedup();
    cuts
}

/// Adds the members of `anchor + k * period` strictly between `from` and `to`.
fn repeat(cuts: &mut Vec<i64>, period: i64, anchor: i64, from: i64, to: i64) {
    let mut next = anchor + ((from - anchor).div_euclid(period) + 1) * period;
    while next < to {
        cuts.push(next);
        next += period;
    }
}

/// Length of a shift, in wall-clock seconds. Validation keeps it above zero; a zero read from elsewhere counts as one.
fn shift_s(rotation: &Rotation) -> i64 {
    let unit = match rotation.kind {
        RotationKind::Hourly => 3600,
        RotationKind::Daily => DAY_S,
        RotationKind::Weekly => WEEK_S,
    };
    unit * i64::from(rotation.length.max(1))
}

fn wall_seconds(at: civil::DateTime) -> i64 {
    Offset::UTC.to_timestamp(at).map_or(0, seconds)
}

/// The instant's whole seconds, rounded down.
fn seconds(at: Timestamp) -> i64 {
    at.as_microsecond().div_euclid(1_000_000)
}

/// The instant's whole seconds, rounded up.
fn seconds_up(at: Timestamp) -> i64 {
    -(-at.as_microsecond()).div_euclid(1_000_000)
}

fn instant(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds.clamp(Timestamp::MIN.as_second(), Timestamp::MAX.as_second()))
        .unwrap_or(Timestamp::MAX)
}
