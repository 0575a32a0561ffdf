use insta::assert_snapshot;
use jiff::Timestamp;
use kernel::{EventId, PersonId};
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::{
    calendar::CalendarBody,
    workflow::{Category, Workflow},
    zone::Zone,
};

const HOUR_US: i64 = 3_600_000_000;

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

/// Office hours in UTC, Monday to Friday 08:00 to 16:00, and a holiday if asked for.
fn calendars(holiday: Option<&str>) -> Calendars {
    let mut body = CalendarBody::office_hours(&Zone::utc());
    if let (CalendarBody::Business { holidays, .. }, Some(date)) = (&mut body, holiday) {
        holidays.push(serde_json::from_value(json!({"name": "Holiday", "date": date})).expect("has the shape"));
    }
    [("office".to_owned(), Calendar::new(body).expect("is sound"))].into()
}

fn sla(json: serde_json::Value) -> Sla {
    serde_json::from_value(json).expect("is sound")
}

/// P1 in 4 h around the clock, P2 in 8 h and the rest in 24 h by office hours.
fn resolve() -> Sla {
    sla(json!({
        "name": "Resolve",
        "start": [{"event": "created"}],
        "pause": [{"state": "category", "category": "waiting"}],
        "stop": [{"event": "resolution_set"}],
        "goals": [
            {"key": "p1", "query": "P1", "target_min": 240},
            {"key": "p2", "query": "P2", "target_min": 480, "calendar": "office"},
            {"key": "rest", "target_min": 1440, "calendar": "office"},
        ],
        "thresholds": [{"kind": "percent", "percent": 75}, {"kind": "remaining", "remaining_min": 30}],
    }))
}

/// A history as it is told: each call adds a change.
#[derive(Default)]
struct Told(Vec<Change<&'static str>>);

impl Told {
    fn new(text: &str, priority: &'static str) -> Self {
        let facts = Facts {
            status: "open".into(),
            category: Category::Todo,
            assignee: None,
            team: None,
            due: None,
            resolved: false,
        };
        Self::default().add(text, facts, None, priority)
    }

    fn add(mut self, text: &str, facts: Facts, comment: Option<Comment>, priority: &'static str) -> Self {
        let event = EventId(Uuid::from_u128(self.0.len() as u128 + 1));
        self.0.push(Change { event, at: at(text), facts, comment, snapshot: priority });
        self
    }

    fn last(&self) -> (Facts, &'static str) {
        let last = self.0.last().expect("was created");
        (last.facts.clone(), last.snapshot)
    }

    fn moves(self, text: &str, status: &str) -> Self {
        let (mut facts, priority) = self.last();
        facts.category = Workflow::default().status(status).expect("a status").category;
        facts.status = status.to_owned();
        facts.resolved = facts.category == Category::Done;
        self.add(text, facts, None, priority)
    }

    fn assigns(self, text: &str, person: u128) -> Self {
        let (mut facts, priority) = self.last();
        facts.assignee = Some(PersonId(Uuid::from_u128(person)));
        self.add(text, facts, None, priority)
    }

    fn becomes(self, text: &str, priority: &'static str) -> Self {
        let facts = self.last().0;
        self.add(text, facts, None, priority)
    }

    fn comments(self, text: &str, by: CommentBy, public: bool) -> Self {
        let (facts, priority) = self.last();
        self.add(text, facts, Some(Comment { by, public }), priority)
    }

    fn fold(&self, sla: &Sla, calendars: &Calendars, now: &str) -> Step {
        let rules = Rules { sla, calendars };
        let mut step = fold(rules, &self.0, matches).expect("has its calendars");
        let last = step.clock.advance(rules, at(now)).expect("has its calendars");
        step.entries.extend(last.entries);
        Step { clock: last.clock, ..step }
    }
}

fn matches(goal: &Goal, priority: &&str) -> bool {
    goal.query == *priority
}

fn show(step: &Step) -> String {
    let line = |entry: &Entry| {
        let figures = entry.figures.map_or(String::new(), |figures| {
            let remaining = figures.remaining_us.map_or("-".to_owned(), timeline::words);
            let due = figures.breach_at.map_or("-".to_owned(), |at| at.strftime("%a %H:%M").to_string());
            format!(" [{} used, {remaining} left, due {due}]", timeline::words(figures.elapsed_us))
        });
        format!("{} {}{figures}\n", entry.at.strftime("%a %H:%M"), entry.why)
    };
    step.entries.iter().map(line).collect()
}

#[test]
fn the_ticket_that_the_essay_walks_through() {
    let told = Told::new("2026-01-09T15:00:00Z", "P2")
        .moves("2026-01-09T15:30:00Z", "waiting")
        .moves("2026-01-12T09:00:00Z", "in_progress")
        .becomes("2026-01-12T10:00:00Z", "P1")
        .moves("2026-01-12T12:00:00Z", "resolved");
    let step = told.fold(&resolve(), &calendars(None), "2026-01-13T00:00:00Z");
    assert_snapshot!(show(&step), @r"
    Fri 15:00 The clock started: the ticket was created. Goal p2: 8 h by office. [0 s used, 8 h left, due Mon 15:00]
    Fri 15:30 The clock is paused: it waits for somebody else. [30 min used, 7 h 30 min left, due -]
    Mon 09:00 The clock runs again: nothing pauses it any more. [30 min used, 7 h 30 min left, due Tue 08:30]
    Mon 10:00 The goal changed from p2. Goal p1: 4 h around the clock. All of the cycle counts. [1 h 30 min used, 2 h 30 min left, due Mon 12:30]
    Mon 11:30 Warning: 75 % of the time is used. [3 h used, 1 h left, due Mon 12:30]
    Mon 12:00 Warning: 30 min remain. [3 h 30 min used, 30 min left, due Mon 12:30]
    Mon 12:00 The clock stopped, in time: it was resolved. [3 h 30 min used, 30 min left, due Mon 12:30]
    ");
}

#[test]
fn a_deadline_is_missed_and_the_clock_goes_below_zero() {
    let told = Told::new("2026-01-09T15:00:00Z", "P1");
    let calendars = calendars(None);
    let step = told.fold(&resolve(), &calendars, "2026-01-09T20:00:00Z");
    assert_snapshot!(show(&step), @r"
    Fri 15:00 The clock started: the ticket was created. Goal p1: 4 h around the clock. [0 s used, 4 h left, due Fri 19:00]
    Fri 18:00 Warning: 75 % of the time is used. [3 h used, 1 h left, due Fri 19:00]
    Fri 18:30 Warning: 30 min remain. [3 h 30 min used, 30 min left, due Fri 19:00]
    Fri 19:00 Breached: no time remains. [4 h used, 0 s left, due Fri 19:00]
    ");
    let read = |now: &str| step.clock.cycles[0].read(&calendars, at(now)).expect("reads").expect("has a goal");
    assert!(!read("2026-01-09T18:59:59.999999Z").breached, "a moment before");
    assert!(read("2026-01-09T19:00:00Z").breached, "the instant of the deadline is too late");
    assert_eq!(read("2026-01-09T20:00:00Z").remaining_us, -HOUR_US);
    assert_eq!(step.clock.next_due(), None, "nothing is left to look for");
}

#[test]
fn outside_its_hours_a_clock_stands_still_and_is_not_paused() {
    let told = Told::new("2026-01-09T15:00:00Z", "P2");
    let calendars = calendars(None);
    let step = told.fold(&resolve(), &calendars, "2026-01-10T12:00:00Z");
    let read = |now: &str| step.clock.cycles[0].read(&calendars, at(now)).expect("reads").expect("has a goal");
    let saturday = read("2026-01-10T12:00:00Z");
    assert!(saturday.stands_still() && !saturday.paused && !saturday.within_calendar_hours);
    assert!(!read("2026-01-12T08:00:00Z").stands_still());
    let answer = |function| step.clock.answer(function, &calendars, at("2026-01-10T12:00:00Z")).expect("answers");
    assert_eq!(answer(Function::Running), Some(true));
    assert_eq!(answer(Function::WithinCalendarHours), Some(false));
    assert_eq!(answer(Function::Paused), Some(false));
    assert_eq!(answer(Function::Completed), Some(false));
    assert_eq!(Clock::default().answer(Function::Running, &calendars, at("2026-01-10T12:00:00Z")), Ok(None));
}

#[test]
fn reopening_continues_the_resolution_and_leaves_out_the_time_between() {
    let told = Told::new("2026-01-09T08:00:00Z", "P1")
        .moves("2026-01-09T09:00:00Z", "resolved")
        .moves("2026-01-09T18:00:00Z", "in_progress")
        .moves("2026-01-09T19:00:00Z", "resolved");
    let step = told.fold(&resolve(), &calendars(None), "2026-01-10T00:00:00Z");
    assert_snapshot!(show(&step), @r"
    Fri 08:00 The clock started: the ticket was created. Goal p1: 4 h around the clock. [0 s used, 4 h left, due Fri 12:00]
    Fri 09:00 The clock stopped, in time: it was resolved. [1 h used, 3 h left, due Fri 12:00]
    Fri 18:00 The clock goes on: the ticket was reopened. [1 h used, 3 h left, due Fri 21:00]
    Fri 19:00 The clock stopped, in time: it was resolved. [2 h used, 2 h left, due Fri 21:00]
    ");
    assert_eq!(step.clock.cycles.len(), 1);

    let mut body = resolve().body().clone();
    body.on_reopen = OnReopen::StartCondition;
    body.start.push(Trigger::ResolutionCleared);
    let anew = told.fold(&Sla::new(body).expect("is sound"), &calendars(None), "2026-01-10T00:00:00Z");
    let elapsed: Vec<i64> = anew.clock.cycles.iter().map(|cycle| cycle.elapsed_us).collect();
    assert_eq!(elapsed, [HOUR_US, HOUR_US], "a new cycle, and the completed one is kept");
}

#[test]
fn only_a_person_answers() {
    let first_response = Sla::new(SlaBody::first_response(Some("office"))).expect("is sound");
    let told = Told::new("2026-01-09T08:00:00Z", "low")
        .comments("2026-01-09T08:01:00Z", CommentBy::Automation, true)
        .comments("2026-01-09T08:02:00Z", CommentBy::AutoReply, true)
        .comments("2026-01-09T08:03:00Z", CommentBy::Echo, true)
        .comments("2026-01-09T08:04:00Z", CommentBy::Customer, true)
        .comments("2026-01-09T08:05:00Z", CommentBy::Agent, false)
        .comments("2026-01-09T08:06:00Z", CommentBy::Agent, true)
        .moves("2026-01-09T09:00:00Z", "resolved")
        .moves("2026-01-09T10:00:00Z", "in_progress");
    let step = told.fold(&first_response, &calendars(None), "2026-01-09T12:00:00Z");
    assert_snapshot!(show(&step), @r"
    Fri 08:00 The clock started: the ticket was created. Goal rest: 8 h by office. [0 s used, 8 h left, due Fri 16:00]
    Fri 08:01 A public comment did not stop the clock: automation wrote it, and only a person answers. [1 min used, 7 h 59 min left, due Fri 16:00]
    Fri 08:02 A public comment did not stop the clock: it is an automatic reply, and only a person answers. [2 min used, 7 h 58 min left, due Fri 16:00]
    Fri 08:03 A public comment did not stop the clock: it is the copy of a comment of another system, and only a person answers. [3 min used, 7 h 57 min left, due Fri 16:00]
    Fri 08:06 The clock stopped, in time: a person answered in public. [6 min used, 7 h 54 min left, due Fri 16:00]
    ");
    let unanswered = Told::new("2026-01-09T08:00:00Z", "low")
        .moves("2026-01-09T09:00:00Z", "resolved")
        .moves("2026-01-09T10:00:00Z", "in_progress");
    let step = unanswered.fold(&first_response, &calendars(None), "2026-01-09T12:00:00Z");
    assert_eq!(step.clock.ongoing(), None, "resolution is an answer, and reopening asks for no other");
}

#[test]
fn stop_goes_before_start() {
    let assign = sla(json!({
        "name": "Assign", "start": [{"event": "created"}, {"event": "assignee_to_unassigned"}],
        "stop": [{"event": "assignee_from_unassigned"}], "goals": [{"key": "all", "target_min": 10}],
    }));
    let mut told = Told::new("2026-01-09T08:00:00Z", "");
    told.0[0].facts.assignee = Some(PersonId(Uuid::from_u128(1)));
    assert_snapshot!(show(&told.fold(&assign, &calendars(None), "2026-01-09T09:00:00Z")), @"Fri 08:00 The clock did not start: the ticket was created, but it was assigned by the same change, and stop goes first.");
}

#[test]
fn a_goal_counts_from_the_start_or_from_the_change() {
    let goals = |counts_from: &str| {
        sla(json!({
            "name": "Resolve", "start": [{"event": "created"}], "stop": [{"event": "resolution_set"}],
            "goals": [
                {"key": "p1", "query": "P1", "target_min": 60, "counts_from": counts_from},
                {"key": "p2", "query": "P2", "target_min": 480, "calendar": "office"},
            ],
            "thresholds": [{"kind": "percent", "percent": 50}],
        }))
    };
    let told = Told::new("2026-01-09T15:00:00Z", "P2")
        .becomes("2026-01-09T19:30:00Z", "P1")
        .becomes("2026-01-09T20:00:00Z", "none")
        .becomes("2026-01-09T21:00:00Z", "P2");
    let from_change = told.fold(&goals("change"), &calendars(None), "2026-01-09T22:00:00Z");
    assert_snapshot!(show(&from_change), @r"
    Fri 15:00 The clock started: the ticket was created. Goal p2: 8 h by office. [0 s used, 8 h left, due Mon 15:00]
    Fri 19:30 The goal changed from p2. Goal p1: 1 h around the clock. It counts from here; the 1 h before do not count. [1 h used, 1 h left, due Fri 20:30]
    Fri 20:00 Warning: 50 % of the time is used. [1 h 30 min used, 30 min left, due Fri 20:30]
    Fri 20:00 The goal changed from p1. No goal matches, so no time counts. [1 h 30 min used, - left, due -]
    Fri 21:00 The goal changed from none. Goal p2: 8 h by office. All of the cycle counts. [1 h 30 min used, 6 h 30 min left, due Mon 14:30]
    ");
    let from_start = told.fold(&goals("cycle_start"), &calendars(None), "2026-01-09T22:00:00Z");
    assert_snapshot!(show(&from_start), @r"
    Fri 15:00 The clock started: the ticket was created. Goal p2: 8 h by office. [0 s used, 8 h left, due Mon 15:00]
    Fri 19:30 The goal changed from p2. Goal p1: 1 h around the clock. All of the cycle counts. [1 h used, 0 s left, due Fri 19:30]
    Fri 19:30 Warning: 50 % of the time is used. [1 h used, 0 s left, due Fri 19:30]
    Fri 19:30 Breached: no time remains. [1 h used, 0 s left, due Fri 19:30]
    Fri 20:00 The goal changed from p1. No goal matches, so no time counts. [1 h 30 min used, - left, due -]
    Fri 21:00 The goal changed from none. Goal p2: 8 h by office. All of the cycle counts. [1 h 30 min used, 6 h 30 min left, due Mon 14:30]
    ");
    // The hour of P2 by office hours, half an hour of P1 around the clock, and nothing without a goal.
    assert_eq!(from_start.clock.cycles[0].elapsed_us, HOUR_US * 3 / 2);
    let calendars = calendars(None);
    let answer = |function| {
        from_start.clock.answer(function, &calendars, at("2026-01-09T22:00:00Z")).expect("answers").expect("a cycle")
    };
    assert!(!answer(Function::Breached) && answer(Function::EverBreached), "P1 was breached, P2 is not");
}

#[test]
fn time_is_split_by_who_had_the_ticket() {
    let told = Told::new("2026-01-09T08:00:00Z", "P1")
        .assigns("2026-01-09T09:00:00Z", 1)
        .moves("2026-01-09T09:30:00Z", "waiting")
        .moves("2026-01-09T10:30:00Z", "in_progress")
        .assigns("2026-01-09T11:00:00Z", 2)
        .moves("2026-01-09T13:00:00Z", "resolved");
    let step = told.fold(&resolve(), &calendars(None), "2026-01-10T00:00:00Z");
    let by_person = elapsed_by(&step.segments, |segment| segment.assignee.map(|person| person.0.as_u128()));
    let minutes: Vec<_> = by_person.into_iter().map(|(who, us)| (who, us / 60_000_000)).collect();
    assert_eq!(minutes, [(None, 60), (Some(1), 60), (Some(2), 120)]);
}

#[test]
fn a_repaired_calendar_takes_a_breach_back_and_nobody_is_told_twice() {
    let (sla, before, after) = (resolve(), calendars(None), calendars(Some("2026-01-12")));
    let told = Told::new("2026-01-09T14:00:00Z", "P2");
    let old = told.fold(&sla, &before, "2026-01-12T15:00:00Z").clock;
    assert_eq!(old.cycles[0].breached_at(), Some(at("2026-01-12T14:00:00Z")));
    let rules = Rules { sla: &sla, calendars: &after };
    let fresh = fold(rules, &told.0, matches).expect("has its calendars").clock;
    let cause = Cause::CalendarEdited { calendar: "office".into(), version: 2 };
    let recomputed = old.recomputed(rules, fresh, cause, at("2026-01-12T15:00:00Z")).expect("has its calendars");
    let cycle = &recomputed.clock.cycles[0];
    assert_eq!((cycle.breached_at(), cycle.breach_at), (None, Some(at("2026-01-13T14:00:00Z"))));
    assert_eq!(recomputed.newly_crossed, []);
    let entry = recomputed.entry.expect("it shows something else");
    assert_snapshot!(entry.why, @"The clock was worked out anew: the calendar office was edited (version 2).");
    let later = recomputed.clock.advance(rules, at("2026-01-13T14:00:00Z")).expect("has its calendars");
    assert_eq!(later.clock.cycles[0].breached_at(), Some(at("2026-01-13T14:00:00Z")), "it is a fact after all");
    let told_before = |entry: &Entry| {
        matches!(entry.why, Why::Warned { told_before: true, .. } | Why::Breached { told_before: true })
    };
    assert_eq!(later.entries.len(), 3);
    assert!(later.entries.iter().all(told_before), "{:?}", later.entries);
    // The other way: a holiday is removed, and the warnings of its hours are found.
    let rules = Rules { sla: &sla, calendars: &before };
    let old = told.fold(&sla, &after, "2026-01-12T15:00:00Z").clock;
    let fresh = told.fold(&sla, &before, "2026-01-12T13:00:00Z").clock;
    let found = old.recomputed(rules, fresh, Cause::Asked, at("2026-01-12T13:00:00Z")).expect("has its calendars");
    assert_eq!(found.newly_crossed.len(), 1);
    assert_eq!(found.clock.next_due().map(|due| due.at), Some(at("2026-01-12T13:30:00Z")));
}

#[test]
fn completed_cycles_are_history_unless_they_are_repaired() {
    let (sla, before, after) = (resolve(), calendars(None), calendars(Some("2026-01-12")));
    let told = Told::new("2026-01-09T15:00:00Z", "P2").moves("2026-01-12T10:00:00Z", "resolved");
    let old = told.fold(&sla, &before, "2026-01-13T00:00:00Z").clock;
    let rules = Rules { sla: &sla, calendars: &after };
    let fresh = || fold(rules, &told.0, matches).expect("has its calendars").clock;
    let now = at("2026-01-13T00:00:00Z");
    let kept = old.recomputed(rules, fresh(), Cause::Asked, now).expect("has its calendars");
    assert_eq!((&kept.clock, &kept.entry), (&old, &None));
    let repaired = old.repaired(rules, fresh(), Cause::Asked, now).expect("has its calendars");
    assert_eq!(repaired.clock.cycles[0].elapsed_us, HOUR_US);
    assert!(repaired.entry.is_some());
}

#[test]
fn a_missing_calendar_is_named() {
    let told = Told::new("2026-01-09T15:00:00Z", "P2");
    let sla = resolve();
    let rules = Rules { sla: &sla, calendars: &Calendars::new() };
    let error = fold(rules, &told.0, matches).expect_err("is refused");
    assert_snapshot!(error, @r#"the goal "p2" counts by the calendar "office", which is not there; restore it or edit the goal"#);
}

fn complaints(result: Result<(), Vec<kernel::FieldError>>) -> String {
    let errors = result.expect_err("is refused");
    errors.iter().map(|error| format!("{}: {}\n", error.field, error.message)).collect()
}

fn parse(query: &str) -> Result<(), String> {
    if query.contains('?') { Err(format!("There is no field {query}.")) } else { Ok(()) }
}

#[test]
fn the_defaults_are_sound_and_read_back() {
    let workflow = Workflow::default();
    for body in [SlaBody::first_response(Some("office")), SlaBody::resolution(Some("office"))] {
        let sla = Sla::new(body).expect("is sound");
        sla.check(workflow.statuses(), &calendars(None), parse).expect("fits the default workflow");
        let json = serde_json::to_value(&sla).expect("serializes");
        assert_eq!(serde_json::from_value::<Sla>(json).expect("reads back"), sla);
    }
}

#[test]
fn clocks_that_never_start_or_never_run_are_refused() {
    let check = |start: serde_json::Value, pause: serde_json::Value, stop: serde_json::Value| {
        let sla = sla(json!({
            "name": "A", "start": start, "pause": pause, "stop": stop, "goals": [{"key": "all", "target_min": 60}],
        }));
        sla.check(Workflow::default().statuses(), &Calendars::new(), parse)
    };
    assert_snapshot!(complaints(check(
        json!([{"event": "created"}, {"event": "assignee_from_unassigned"}]),
        json!([]),
        json!([{"event": "resolution_set"}, {"event": "assignee_changed"}]),
    )), @"start[1]: It never starts the clock: whenever it was assigned, its assignee changed too, and stop goes before start. Remove it here, or from the stop conditions.");
    assert_snapshot!(complaints(check(
        json!([{"event": "status_entered", "status": "closed"}, {"event": "resolution_set"}]),
        json!([{"state": "resolved"}]),
        json!([{"event": "resolution_cleared"}]),
    )), @"pause: The clock would never run: from its start to its stop, one of these always holds: it is resolved. Start and pause exclude each other; change one of them.");
    assert_snapshot!(complaints(check(
        json!([{"event": "created"}]),
        json!([{"state": "assigned"}, {"state": "unassigned"}]),
        json!([{"event": "resolution_set"}]),
    )), @"pause: The clock would never run: from its start to its stop, one of these always holds: it has an assignee, it has no assignee. Start and pause exclude each other; change one of them.");
    // From resolved to closed is no new resolution: this one starts, and runs until the ticket is reopened.
    check(
        json!([{"event": "status_entered", "status": "closed"}]),
        json!([]),
        json!([{"event": "resolution_set"}, {"event": "resolution_cleared"}]),
    )
    .expect("may start");
}

#[test]
fn definitions_say_what_is_wrong() {
    let body: SlaBody = serde_json::from_value(json!({
        "name": "", "agreement": {"kind": "underpinning_contract", "vendor": " "},
        "start": [], "pause": [{"state": "assigned"}, {"state": "assigned"}], "stop": [],
        "goals": [
            {"key": "a", "target_min": 0},
            {"key": "a", "query": "x", "target_min": 30},
        ],
        "thresholds": [
            {"kind": "percent", "percent": 0}, {"kind": "remaining", "remaining_min": 30},
            {"kind": "remaining", "remaining_min": 0},
        ],
    }))
    .expect("has the shape");
    assert_snapshot!(complaints(Sla::new(body).map(|_| ()).map_err(|unsound| unsound.0)), @r"
    name: Give it a name of 1 to 120 characters; queries use it.
    agreement.vendor: Name the vendor.
    start: Nothing starts the clock; say what does, such as created.
    pause[1]: pause[0] says the same; keep one of them.
    stop: Nothing stops the clock; say what does, such as resolution_set.
    goals[0].target_min: The target is between 1 and 5270400 minutes.
    goals[1].key: goals[0] has this key already; each goal needs one of its own.
    goals[1]: goals[0] is for every ticket, so this one is never tried; move it before that.
    thresholds[0].percent: The percentage is between 1 and 1000.
    thresholds[1].remaining_min: No goal is longer than this; stay below 30 minutes.
    thresholds[2].remaining_min: Nothing remains at the breach, which is always noted; leave this threshold out.
    ");
    let mut body = resolve().body().clone();
    body.start.push(Trigger::StatusEntered { status: "triage".into() });
    body.pause.push(StateMatch::Status { status: "parked".into() });
    body.goals[0].query = "who?".into();
    let checked = Sla::new(body).expect("is sound").check(Workflow::default().statuses(), &Calendars::new(), parse);
    assert_snapshot!(complaints(checked), @r#"
    start[1].status: There is no status "triage"; there are open, in_progress, waiting, resolved, closed.
    pause[1].status: There is no status "parked"; there are open, in_progress, waiting, resolved, closed.
    goals[0].query: There is no field who?.
    goals[1].calendar: There is no calendar "office"; there are none yet. Leave it out to count around the clock.
    goals[2].calendar: There is no calendar "office"; there are none yet. Leave it out to count around the clock.
    "#);
    let unknown = json!({"name": "A", "start": [{"event": "sneezed"}], "stop": [], "goals": []});
    assert_snapshot!(serde_json::from_value::<SlaBody>(unknown).expect_err("is refused"), @"unknown variant `sneezed`, expected one of `created`, `assignee_from_unassigned`, `assignee_to_unassigned`, `assignee_changed`, `comment_by_customer`, `comment_for_customers`, `due_date_set`, `due_date_cleared`, `due_date_changed`, `resolution_set`, `resolution_cleared`, `status_entered`");
}
