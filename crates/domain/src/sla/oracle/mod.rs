//! The fold against a clock that is counted step by step: a minute at a time over months, and a second at a time
//! around the nights when clocks change. Goals, calendars, pauses and people change at random in the middle.

mod random;

use jiff::Timestamp;
use kernel::{EventId, PersonId};
use proptest::prelude::*;
use uuid::Uuid;

use self::random::{Run, run};
use super::*;
use crate::{calendar::oracle::Naive, workflow::Category};

type Steps = i64;

/// A change in steps since the start.
#[derive(Clone, Debug)]
struct At {
    step: Steps,
    change: Change<u8>,
}

/// A cycle as the oracle counts it.
#[derive(Clone, Debug, Default)]
struct Counted {
    started: Steps,
    ended: Option<Steps>,
    by_resolution: bool,
    paused: bool,
    goal: Option<usize>,
    elapsed: Steps,
    /// Towards the goal in force.
    counted: Steps,
    crossed: Vec<(Mark, Steps)>,
}

/// The clock that is counted step by step.
struct Brute<'a> {
    sla: &'a SlaBody,
    calendars: &'a BTreeMap<String, Naive>,
    from: Timestamp,
    step_s: i64,
    facts: Option<Facts>,
    cycles: Vec<Counted>,
    by_person: BTreeMap<Option<PersonId>, Steps>,
}

impl Brute<'_> {
    fn instant(&self, step: Steps) -> Timestamp {
        Timestamp::from_second(self.from.as_second() + step * self.step_s).expect("in range")
    }

    fn happenings(before: Option<&Facts>, after: &Facts, comment: Option<Comment>) -> Vec<Trigger> {
        let mut all = Vec::new();
        let nothing = Facts {
            status: String::new(),
            category: Category::Todo,
            assignee: None,
            team: None,
            due: None,
            resolved: false,
        };
        if before.is_none() {
            all.push(Trigger::Created);
        }
        let before = before.unwrap_or(&nothing);
        if before.assignee != after.assignee {
            all.push(Trigger::AssigneeChanged);
            match (before.assignee, after.assignee) {
                (None, _) => all.push(Trigger::AssigneeFromUnassigned),
                (_, None) => all.push(Trigger::AssigneeToUnassigned),
                _ => {}
            }
        }
        if before.due != after.due {
            all.push(Trigger::DueDateChanged);
            match (before.due, after.due) {
                (None, _) => all.push(Trigger::DueDateSet),
                (_, None) => all.push(Trigger::DueDateCleared),
                _ => {}
            }
        }
        if before.status != after.status {
            all.push(Trigger::StatusEntered { status: after.status.clone() });
        }
        match (before.resolved, after.resolved) {
            (false, true) => all.push(Trigger::ResolutionSet),
            (true, false) => all.push(Trigger::ResolutionCleared),
            _ => {}
        }
        match comment {
            Some(Comment { by: CommentBy::Customer, .. }) => all.push(Trigger::CommentByCustomer),
            Some(Comment { by: CommentBy::Agent, public: true }) => all.push(Trigger::CommentForCustomers),
            _ => {}
        }
        all
    }

    fn change(&mut self, step: Steps, change: &Change<u8>) {
        let happened = Self::happenings(self.facts.as_ref(), &change.facts, change.comment);
        let any = |list: &[Trigger]| list.iter().any(|one| happened.contains(one));
        let (starts, stops) = (any(&self.sla.start), any(&self.sla.stop));
        let paused = self.sla.pause.iter().any(|state| state.holds(&change.facts));
        let goal = self.sla.goals.iter().position(|goal| goal.query.is_empty() || matches(goal, &change.snapshot));
        let resolved = happened.contains(&Trigger::ResolutionSet);
        let reopened = happened.contains(&Trigger::ResolutionCleared) && self.sla.on_reopen == OnReopen::Continue;
        let last = self.cycles.last_mut();
        match last {
            Some(cycle) if cycle.ended.is_none() && stops => {
                cycle.ended = Some(step);
                cycle.by_resolution = resolved;
            }
            Some(cycle) if cycle.ended.is_none() || (reopened && cycle.by_resolution && !stops) => {
                cycle.ended = None;
                cycle.paused = paused;
                if cycle.goal != goal {
                    cycle.goal = goal;
                    let from_change = goal.is_some_and(|goal| self.sla.goals[goal].counts_from == CountsFrom::Change);
                    cycle.counted = if from_change { 0 } else { cycle.elapsed };
                }
            }
            _ if starts && !stops => self.cycles.push(Counted { started: step, paused, goal, ..Counted::default() }),
            _ => {}
        }
        self.facts = Some(change.facts.clone());
        self.cross(step);
    }

    fn cross(&mut self, step: Steps) {
        let steps_of = |minutes: u32| i64::from(minutes) * 60 / self.step_s;
        let Some(cycle) = self.cycles.last_mut().filter(|cycle| cycle.ended.is_none()) else { return };
        let Some(goal) = cycle.goal else { return };
        let target_min = self.sla.goals[goal].target_min;
        let mut marks = vec![(Mark::Breach, steps_of(target_min))];
        for threshold in &self.sla.thresholds {
            let point = match threshold {
                Threshold::Percent { percent } => steps_of(target_min) * i64::from(*percent) / 100,
                Threshold::Remaining { remaining_min } if *remaining_min < target_min => {
                    steps_of(target_min - remaining_min)
                }
                Threshold::Remaining { .. } => continue,
            };
            marks.push((Mark::Warning { threshold: *threshold }, point));
        }
        for (mark, point) in marks {
            if cycle.counted >= point && cycle.crossed.iter().all(|(known, _)| *known != mark) {
                cycle.crossed.push((mark, step));
            }
        }
    }

    /// Counts the time from this step to the next.
    fn count(&mut self, step: Steps) {
        let at = self.instant(step);
        let Some(cycle) = self.cycles.last_mut() else { return };
        let Some(goal) = cycle.goal.filter(|_| cycle.ended.is_none() && !cycle.paused) else { return };
        let open = self.sla.goals[goal].calendar.as_ref().is_none_or(|key| self.calendars[key].is_open(at));
        if open {
            cycle.elapsed += 1;
            cycle.counted += 1;
            let person = self.facts.as_ref().and_then(|facts| facts.assignee);
            *self.by_person.entry(person).or_default() += 1;
            self.cross(step + 1);
        }
    }
}

fn matches(goal: &Goal, snapshot: &u8) -> bool {
    goal.query == snapshot.to_string()
}

fn check(run: &Run) {
    let sla = Sla::new(run.body.clone()).expect("is sound");
    let rules = Rules { sla: &sla, calendars: &run.calendars };
    let naive = run.calendars.iter().map(|(key, one)| (key.clone(), Naive::new(one.body()))).collect();
    let mut brute = Brute {
        sla: &run.body,
        calendars: &naive,
        from: run.from,
        step_s: run.step_s,
        facts: None,
        cycles: Vec::new(),
        by_person: BTreeMap::new(),
    };
    let end = run.changes.last().map_or(0, |last| last.step) + run.rest;
    let mut changes = run.changes.iter().peekable();
    for step in 0..=end {
        while let Some(next) = changes.next_if(|next| next.step == step) {
            brute.change(step, &next.change);
        }
        if step < end {
            brute.count(step);
        }
    }
    let now = brute.instant(end);
    let history = fold(rules, run.changes.iter().map(|at| &at.change), matches).expect("has its calendars");
    let clock = history.clock.advance(rules, now).expect("has its calendars").clock;
    let us = |steps: Steps| steps * run.step_s * 1_000_000;
    assert_eq!(clock.cycles.len(), brute.cycles.len(), "cycles");
    for (cycle, counted) in clock.cycles.iter().zip(&brute.cycles) {
        assert_eq!(cycle.started.at, brute.instant(counted.started));
        let ended = match cycle.phase {
            Phase::Completed { ended, .. } => Some(ended.at),
            Phase::Running | Phase::Paused { .. } => None,
        };
        assert_eq!(ended, counted.ended.map(|step| brute.instant(step)));
        let mut crossed: Vec<(Timestamp, String)> =
            cycle.crossed.iter().map(|crossing| (crossing.at, format!("{:?}", crossing.mark))).collect();
        let mut expected: Vec<(Timestamp, String)> =
            counted.crossed.iter().map(|(mark, step)| (brute.instant(*step), format!("{mark:?}"))).collect();
        crossed.sort();
        expected.sort();
        assert_eq!(crossed, expected, "marks of cycle {}", cycle.number);
        assert_eq!(cycle.goal.as_ref().map(|goal| goal.key.clone()), counted.goal.map(|goal| format!("g{goal}")));
        let Some(reading) = cycle.read(&run.calendars, now).expect("has its calendars") else { continue };
        assert_eq!(reading.elapsed_us, us(counted.elapsed), "elapsed of cycle {}", cycle.number);
        let target = counted.goal.map_or(0, |goal| run.body.goals[goal].target_min);
        let remaining_us = i64::from(target) * 60_000_000 - us(counted.counted);
        assert_eq!(reading.remaining_us, remaining_us, "remaining of cycle {}", cycle.number);
        assert_eq!(reading.breached, remaining_us <= 0);
        assert_eq!(reading.paused, counted.ended.is_none() && counted.paused);
        let Some(breach_at) = cycle.breach_at.filter(|_| cycle.is_ongoing()) else { continue };
        assert_eq!(breach_at <= now, reading.breached, "breached from {breach_at} on, read at {now}");
    }
    let mut by_person = elapsed_by(&whole(&history, rules, now), |segment| segment.assignee);
    by_person.retain(|_, elapsed| *elapsed != 0);
    assert_eq!(by_person, brute.by_person.iter().map(|(who, steps)| (*who, us(*steps))).collect());
    breaches_when_it_says(&mut brute, &clock, end);
    agrees_in_steps(run, rules, &history, now);
    agrees_with_sql(&clock, &run.calendars, now);
    agrees_after_a_repair(run, &sla);
}

/// Calendars that trade places in the middle of a history: from then on the clock is the one that the new calendars
/// give to all of it, people are told of each mark once, and completed cycles stay when nobody asks to repair them.
fn agrees_after_a_repair(run: &Run, sla: &Sla) {
    let [a, b] = ["a", "b"].map(|key| run.calendars[key].clone());
    let traded: Calendars = [("a".to_owned(), b), ("b".to_owned(), a)].into();
    let (old, new) = (Rules { sla, calendars: &run.calendars }, Rules { sla, calendars: &traded });
    let all: Vec<&Change<u8>> = run.changes.iter().map(|at| &at.change).collect();
    let (first, rest) = all.split_at(all.len().div_ceil(2));
    let at = rest.first().or(first.last()).map_or(run.from, |change| change.at);
    let known = |changes: &[&Change<u8>], rules| fold(rules, changes.iter().copied(), matches).expect("folds").clock;
    let stored = known(first, old).advance(old, at).expect("folds").clock;
    let told_of = |clock: &Clock| {
        let marks = |cycle: &Cycle| cycle.crossed.iter().map(|one| one.mark).collect::<Vec<_>>();
        clock.cycles.iter().map(|cycle| [marks(cycle), cycle.told.clone()].concat()).collect::<Vec<_>>()
    };
    let kept = stored.recomputed(new, known(first, new), Cause::Asked, at).expect("folds").clock;
    let completed = |clock: &Clock| clock.cycles.iter().filter(|one| !one.is_ongoing()).count();
    for (before, after) in stored.cycles.iter().zip(&kept.cycles).take(completed(&stored)) {
        assert_eq!(Cycle { told: Vec::new(), ..after.clone() }, *before, "a completed cycle stays");
    }
    let mut starts: Vec<EventId> = kept.cycles.iter().map(|cycle| cycle.started.event).collect();
    starts.dedup();
    assert_eq!(starts.len(), kept.cycles.len(), "no cycle twice");
    let mut clock = stored.repaired(new, known(first, new), Cause::Asked, at).expect("folds").clock;
    for (before, after) in told_of(&stored).iter().zip(told_of(&clock)) {
        assert!(before.iter().all(|mark| after.contains(mark)), "{before:?} are remembered in {after:?}");
    }
    for change in rest {
        clock = clock.apply(new, change, matches).expect("folds").clock;
    }
    clock.cycles.iter_mut().for_each(|cycle| cycle.told.clear());
    assert_eq!(clock, known(&all, new), "repaired in the middle, and by the new calendars from the start");
}

/// The segments up to now, as reports take them: a change that changes nothing settles the rest.
fn whole(history: &Step, rules: Rules<'_>, now: Timestamp) -> Vec<Segment> {
    let mut segments = history.segments.clone();
    let Some(facts) = history.clock.facts.clone() else { return segments };
    let Some(cycle) = history.clock.ongoing() else { return segments };
    let goal = cycle.goal.as_ref().map(|goal| goal.key.clone());
    let same = |one: &Goal, (): &()| Some(&one.key) == goal.as_ref();
    let change = Change { event: EventId(Uuid::nil()), at: now, facts, comment: None, snapshot: () };
    segments.extend(history.clock.apply(rules, &change, same).expect("has its calendars").segments);
    segments
}

/// Where the deadline lies ahead and nothing more happens, counting on reaches it when the clock says.
fn breaches_when_it_says(brute: &mut Brute<'_>, clock: &Clock, now: Steps) {
    let Some(cycle) = clock.ongoing().filter(|cycle| !cycle.has_crossed(Mark::Breach)) else { return };
    let Some(breach_at) = cycle.breach_at else { return };
    let last = now + 30 * 86_400 / brute.step_s.max(20);
    for step in now..last {
        brute.count(step);
        let crossed = &brute.cycles[brute.cycles.len() - 1].crossed;
        if let Some((_, step)) = crossed.iter().find(|(mark, _)| *mark == Mark::Breach) {
            assert_eq!(breach_at, brute.instant(*step), "foretold and counted breach");
            return;
        }
    }
    assert!(breach_at > brute.instant(last), "it should have been breached at {breach_at}");
}

/// One change after the other, through storage, with timers that look at any time between, gives the same.
fn agrees_in_steps(run: &Run, rules: Rules<'_>, history: &Step, now: Timestamp) {
    let mut clock = Clock::default();
    let (mut entries, mut segments) = (Vec::new(), Vec::new());
    for (index, at) in run.changes.iter().enumerate() {
        let next_at = run.changes.get(index + 1).map_or(now, |next| next.change.at);
        let step = clock.apply(rules, &at.change, matches).expect("has its calendars");
        entries.extend(step.entries);
        step.segments.into_iter().for_each(|segment| segment.join(&mut segments));
        let stored = serde_json::to_value(&step.clock).expect("serializes");
        clock = serde_json::from_value(stored).expect("reads back");
        // A timer that fires when it is told to, and one that looks in between for no reason.
        while let Some(due) = clock.next_due().filter(|due| due.at <= next_at) {
            let step = clock.advance(rules, due.at).expect("has its calendars");
            assert!(step.entries.iter().any(|entry| entry.at == due.at), "{due:?} was due");
            entries.extend(step.entries);
            clock = step.clock;
        }
        let between = (at.change.at.as_microsecond() + next_at.as_microsecond()) / 2;
        clock = clock.advance(rules, kernel::timestamp(between)).expect("has its calendars").clock;
    }
    let whole = history.clock.advance(rules, now).expect("has its calendars");
    assert_eq!(clock, whole.clock, "in steps and at once");
    assert_eq!(entries, [history.entries.clone(), whole.entries].concat(), "timelines in steps and at once");
    assert_eq!(segments, history.segments, "segments in steps and at once");
}

/// What a database compares gives the same answers as reading the clock.
fn agrees_with_sql(clock: &Clock, calendars: &Calendars, now: Timestamp) {
    let Some(cycle) = clock.ongoing() else { return };
    let (Some(goal), Some(breach_at), Some(zero_at)) = (&cycle.goal, cycle.breach_at, cycle.zero_at) else { return };
    let reading = cycle.read(calendars, now).expect("has its calendars").expect("has a goal");
    let add = |us: i64| goal.calendar(calendars).expect("is there").add_us(now, us);
    let around = |us: i64| [us - 3_600_000_000, us - 1, us, us + 1, us + 3_600_000_000];
    for d in around(reading.remaining_us).into_iter().chain([0]) {
        assert_eq!(reading.remaining_us.cmp(&d), breach_at.cmp(&add(d)), "remaining {} and {d}", reading.remaining_us);
    }
    for d in around(reading.elapsed_us).into_iter().filter(|d| *d >= 0) {
        assert_eq!(reading.elapsed_us.cmp(&d), add(-d).cmp(&zero_at), "elapsed {} and {d}", reading.elapsed_us);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_fold_agrees_minute_by_minute_over_months(run in run(60, 10_000, 4_000)) {
        check(&run);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn the_fold_agrees_second_by_second_around_the_nights_when_clocks_change(run in run(1, 60_000, 400)) {
        check(&run);
    }
}
