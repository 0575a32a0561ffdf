//! The fold: a clock after a change.
//!
//! A change first settles what came before it, by the goal, the calendar and the phase that were in force; then its
//! triggers and its new state decide how the clock goes on.

use jiff::Timestamp;
use kernel::EventId;

use super::{
    Calendars, Clock, Comment, CommentBy, CountsFrom, Crossing, Cycle, Due, Entry, Facts, Figures, Goal, GoalInForce,
    Mark, Moment, OnReopen, Phase, Rules, Segment, SlaBody, SlaError, Trigger, Why,
};

/// What one event did to a ticket. `S` is what the ticket's values were after it, for the goals' queries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change<S> {
    /// The event, by which cycles are recognised and the timeline points into the log.
    pub event: EventId,
    /// When. An instant before the last change's counts as that one.
    pub at: Timestamp,
    /// What the ticket was like after it.
    pub facts: Facts,
    /// The comment it brought.
    pub comment: Option<Comment>,
    /// The values that the goals' queries ask about, also those of other records, as they were then.
    pub snapshot: S,
}

/// A clock after one or many changes, and what happened to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// The clock.
    pub clock: Clock,
    /// What happened, in order, each with its reason.
    pub entries: Vec<Entry>,
    /// The time since the change before, with who had the ticket.
    pub segments: Vec<Segment>,
}

/// The clock of a ticket from all of its changes, in the order of the log.
///
/// # Errors
/// Where a goal's calendar is missing.
pub fn fold<'c, S: 'c>(
    rules: Rules<'_>,
    changes: impl IntoIterator<Item = &'c Change<S>>,
    matches: impl Fn(&Goal, &S) -> bool,
) -> Result<Step, SlaError> {
    let mut folding = Folding::new(rules, Clock::default());
    for change in changes {
        folding.change(change, &matches)?;
    }
    Ok(folding.step)
}

impl Clock {
    /// The clock after one more change. `matches` says whether a goal's query matches the ticket as it was at that
    /// change; it is asked only as long as the cycle is ongoing, from the top, and not for goals without a query.
    ///
    /// # Errors
    /// Where a goal's calendar is missing.
    pub fn apply<S>(
        &self,
        rules: Rules<'_>,
        change: &Change<S>,
        matches: impl Fn(&Goal, &S) -> bool,
    ) -> Result<Step, SlaError> {
        let mut folding = Folding::new(rules, self.clone());
        folding.change(change, &matches)?;
        Ok(folding.step)
    }

    /// The clock with the marks noted that were crossed by now: what a timer calls. Everything else stays, so that a
    /// change that comes later, whatever its instant, finds the clock as the last change left it.
    ///
    /// # Errors
    /// Where a goal's calendar is missing.
    pub fn advance(&self, rules: Rules<'_>, now: Timestamp) -> Result<Step, SlaError> {
        let mut folding = Folding::new(rules, self.clone());
        folding.cross_until(now)?;
        folding.look_ahead()?;
        Ok(folding.step)
    }
}

pub(super) struct Folding<'a> {
    sla: &'a SlaBody,
    calendars: &'a Calendars,
    pub(super) step: Step,
}

impl<'a> Folding<'a> {
    pub(super) fn new(rules: Rules<'a>, clock: Clock) -> Self {
        let step = Step { clock, entries: Vec::new(), segments: Vec::new() };
        Self { sla: rules.sla.body(), calendars: rules.calendars, step }
    }

    fn change<S>(&mut self, change: &Change<S>, matches: impl Fn(&Goal, &S) -> bool) -> Result<(), SlaError> {
        let sla = self.sla;
        let last = self.step.clock.cycles.last().map_or(change.at, |cycle| cycle.as_of);
        let moment = Moment { at: change.at.max(last), event: change.event };
        self.settle(moment.at)?;
        let before = self.step.clock.facts.replace(change.facts.clone());
        let happened = |trigger: &&Trigger| trigger.happened(before.as_ref(), &change.facts, change.comment);
        let stop = sla.stop.iter().find(happened);
        let start = sla.start.iter().find(happened);
        let resolved = happened(&&Trigger::ResolutionSet);
        let reopened = happened(&&Trigger::ResolutionCleared);
        let goal = || sla.goals.iter().find(|goal| goal.is_for_all() || matches(goal, &change.snapshot));
        let ongoing = self.step.clock.ongoing().is_some();
        match (ongoing, stop, start) {
            (true, Some(stop), _) => self.complete(moment, stop, resolved),
            (true, None, _) => {
                let goal = goal();
                self.note_what_does_not_answer(moment, change.comment);
                self.pause_or_resume(moment, &change.facts);
                self.take(moment, goal);
            }
            (false, Some(stop), start) => self.note_what_does_not_start(moment, start, stop),
            (false, None, _) if reopened && self.continues() => {
                let goal = goal();
                self.go_on(moment, &change.facts);
                self.take(moment, goal);
            }
            (false, None, Some(start)) => {
                let goal = goal();
                self.open(moment, start, goal, &change.facts);
            }
            (false, None, None) => {}
        }
        self.cross_at(moment);
        self.look_ahead()
    }

    /// Counts what passed since the last change, by what was in force until now.
    fn settle(&mut self, to: Timestamp) -> Result<(), SlaError> {
        self.cross_until(to)?;
        let (calendars, facts) = (self.calendars, self.step.clock.facts.clone());
        let Some(cycle) = self.ongoing() else { return Ok(()) };
        if to <= cycle.as_of {
            return Ok(());
        }
        let elapsed_us = match &cycle.goal {
            Some(goal) if cycle.phase == Phase::Running => goal.calendar(calendars)?.between_us(cycle.as_of, to),
            _ => 0,
        };
        let segment = Segment {
            cycle: cycle.number,
            from: cycle.as_of,
            to,
            running: cycle.phase == Phase::Running,
            goal: cycle.goal.as_ref().map(|goal| goal.key.clone()),
            calendar: cycle.goal.as_ref().and_then(|goal| goal.calendar.clone()),
            assignee: facts.as_ref().and_then(|facts| facts.assignee),
            team: facts.as_ref().and_then(|facts| facts.team),
            elapsed_us,
        };
        cycle.elapsed_us += elapsed_us;
        cycle.as_of = to;
        segment.join(&mut self.step.segments);
        Ok(())
    }

    /// Notes the marks that a running clock crosses by an instant, with their own instants.
    fn cross_until(&mut self, to: Timestamp) -> Result<(), SlaError> {
        let calendars = self.calendars;
        let Some(cycle) = self.step.clock.ongoing().filter(|cycle| cycle.phase == Phase::Running) else {
            return Ok(());
        };
        let Some(goal) = &cycle.goal else { return Ok(()) };
        let calendar = goal.calendar(calendars)?;
        let counted = cycle.counted_us();
        let mut crossings = Vec::new();
        for (mark, point) in self.marks_ahead(cycle, goal) {
            let more_us = point - counted;
            let at = calendar.add_us(cycle.as_of, more_us);
            if at > to {
                break;
            }
            crossings.push((Crossing { at, mark }, Figures::of(cycle).after(more_us)));
        }
        for (crossing, figures) in crossings {
            self.cross(crossing, None, Some(figures));
        }
        Ok(())
    }

    /// Notes the marks that a clock is beyond after a change of its goal.
    fn cross_at(&mut self, moment: Moment) {
        let Some(cycle) = self.step.clock.ongoing() else { return };
        let Some(goal) = &cycle.goal else { return };
        let counted = cycle.counted_us();
        let ahead = self.marks_ahead(cycle, goal);
        for (mark, _) in ahead.into_iter().take_while(|(_, point)| *point <= counted) {
            self.cross(Crossing { at: moment.at, mark }, Some(moment.event), None);
        }
    }

    /// The marks that a cycle has not crossed, with what has to count for them, in order; warnings before the breach.
    fn marks_ahead(&self, cycle: &Cycle, goal: &GoalInForce) -> Vec<(Mark, i64)> {
        let warnings = self.sla.thresholds.iter().map(|threshold| Mark::Warning { threshold: *threshold });
        let marks = warnings.chain([Mark::Breach]).filter(|mark| !cycle.has_crossed(*mark));
        let mut ahead: Vec<(Mark, i64)> =
            marks.filter_map(|mark| goal.point_us(mark).map(|point| (mark, point))).collect();
        ahead.sort_by_key(|(_, point)| *point);
        ahead
    }

    fn cross(&mut self, crossing: Crossing, event: Option<EventId>, figures: Option<Figures>) {
        let Some(cycle) = self.ongoing() else { return };
        cycle.crossed.push(crossing);
        let told_before = cycle.told.contains(&crossing.mark);
        let (cycle, at) = (cycle.number, crossing.at);
        let why = match crossing.mark {
            Mark::Warning { threshold } => Why::Warned { threshold, told_before },
            Mark::Breach => Why::Breached { told_before },
        };
        self.step.entries.push(Entry { at, event, cycle: Some(cycle), why, figures });
    }

    /// Works out what follows from the clock as it stands: deadline, zero and next mark.
    pub(super) fn look_ahead(&mut self) -> Result<(), SlaError> {
        let calendars = self.calendars;
        let Some(cycle) = self.step.clock.ongoing() else { return Ok(()) };
        let (mut breach_at, mut zero_at, mut next) = (None, None, None);
        if let Some(goal) = cycle.goal.as_ref().filter(|_| cycle.phase == Phase::Running) {
            let calendar = goal.calendar(calendars)?;
            let counted = cycle.counted_us();
            breach_at = Some(calendar.add_us(cycle.as_of, goal.target_us - counted));
            zero_at = Some(calendar.add_us(cycle.as_of, -cycle.elapsed_us));
            next = (self.marks_ahead(cycle, goal).first())
                .map(|(mark, point)| Due { at: calendar.add_us(cycle.as_of, point - counted), mark: *mark });
        }
        if let Some(cycle) = self.ongoing() {
            (cycle.breach_at, cycle.zero_at, cycle.next) = (breach_at, zero_at, next);
        }
        self.fill_in_figures();
        Ok(())
    }

    /// The entries of this change show what the clock shows after it.
    fn fill_in_figures(&mut self) {
        let Some(cycle) = self.step.clock.cycles.last() else { return };
        let figures = Figures::of(cycle);
        for entry in self.step.entries.iter_mut().rev().take_while(|entry| entry.at >= cycle.as_of) {
            if entry.cycle == Some(cycle.number) && entry.figures.is_none() {
                entry.figures = Some(figures);
            }
        }
    }

    fn open(&mut self, moment: Moment, by: &Trigger, goal: Option<&Goal>, facts: &Facts) {
        let number = self.step.clock.cycles.last().map_or(1, |last| last.number + 1);
        let goal = goal.map(|goal| in_force(goal, moment.at, 0));
        self.step.clock.cycles.push(Cycle {
            number,
            started: moment,
            phase: Phase::Running,
            goal: goal.clone(),
            as_of: moment.at,
            elapsed_us: 0,
            breach_at: None,
            zero_at: None,
            next: None,
            crossed: Vec::new(),
            told: Vec::new(),
        });
        self.tell(moment, Why::Started { by: by.clone(), goal });
        self.pause_or_resume(moment, facts);
    }

    /// Whether reopening goes on with the last cycle.
    fn continues(&self) -> bool {
        let last = self.step.clock.cycles.last().map(|cycle| &cycle.phase);
        self.sla.on_reopen == OnReopen::Continue && matches!(last, Some(Phase::Completed { by_resolution: true, .. }))
    }

    fn go_on(&mut self, moment: Moment, facts: &Facts) {
        if let Some(cycle) = self.step.clock.cycles.last_mut() {
            cycle.phase = Phase::Running;
            cycle.as_of = moment.at;
        }
        self.tell(moment, Why::Continued);
        self.pause_or_resume(moment, facts);
    }

    fn complete(&mut self, moment: Moment, by: &Trigger, by_resolution: bool) {
        let Some(cycle) = self.ongoing() else { return };
        let in_time = cycle.remaining_us().map(|remaining| remaining > 0);
        cycle.phase = Phase::Completed { ended: moment, by_resolution };
        cycle.zero_at = None;
        cycle.next = None;
        self.tell(moment, Why::Stopped { by: by.clone(), in_time });
        self.fill_in_figures();
    }

    fn pause_or_resume(&mut self, moment: Moment, facts: &Facts) {
        let because = self.sla.pause.iter().find(|state| state.holds(facts)).cloned();
        let Some(cycle) = self.ongoing() else { return };
        let why = match (&mut cycle.phase, because) {
            (Phase::Running, Some(because)) => {
                cycle.phase = Phase::Paused { since: moment.at, because: because.clone() };
                Why::Paused { because }
            }
            (Phase::Paused { .. }, None) => {
                cycle.phase = Phase::Running;
                Why::Resumed
            }
            (Phase::Paused { because: before, .. }, Some(because)) if *before != because => {
                *before = because.clone();
                Why::StillPaused { because }
            }
            _ => return,
        };
        self.tell(moment, why);
    }

    /// Puts the goal in force that matches now.
    fn take(&mut self, moment: Moment, goal: Option<&Goal>) {
        let Some(cycle) = self.ongoing() else { return };
        let same = match (&cycle.goal, goal) {
            (Some(before), Some(goal)) => before.is(goal),
            (None, None) => true,
            _ => false,
        };
        if same {
            return;
        }
        let after = goal.map(|goal| in_force(goal, moment.at, cycle.elapsed_us));
        let before = std::mem::replace(&mut cycle.goal, after.clone());
        self.tell(moment, Why::GoalChanged { before, after });
    }

    /// A public comment that looks like an answer and is none.
    fn note_what_does_not_answer(&mut self, moment: Moment, comment: Option<Comment>) {
        let Some(comment) = comment.filter(|comment| comment.public) else { return };
        let machine = !matches!(comment.by, CommentBy::Agent | CommentBy::Customer);
        if machine && self.sla.stop.contains(&Trigger::CommentForCustomers) {
            self.tell(moment, Why::NotAPerson { by: comment.by });
        }
    }

    /// A change that would have started the clock, had it not stopped it too.
    fn note_what_does_not_start(&mut self, moment: Moment, start: Option<&Trigger>, stop: &Trigger) {
        if let Some(start) = start {
            let why = Why::NotStarted { by: start.clone(), stopped_by: stop.clone() };
            let entry = Entry { at: moment.at, event: Some(moment.event), cycle: None, why, figures: None };
            self.step.entries.push(entry);
        }
    }

    fn tell(&mut self, moment: Moment, why: Why) {
        let cycle = self.step.clock.cycles.last().map(|cycle| cycle.number);
        self.step.entries.push(Entry { at: moment.at, event: Some(moment.event), cycle, why, figures: None });
    }

    fn ongoing(&mut self) -> Option<&mut Cycle> {
        self.step.clock.cycles.last_mut().filter(|cycle| cycle.is_ongoing())
    }
}

fn in_force(goal: &Goal, since: Timestamp, elapsed_us: i64) -> GoalInForce {
    let uncounted_us = match goal.counts_from {
        CountsFrom::CycleStart => 0,
        CountsFrom::Change => elapsed_us,
    };
    GoalInForce {
        key: goal.key.clone(),
        target_us: goal.target_us(),
        calendar: goal.calendar.clone(),
        since,
        uncounted_us,
    }
}
