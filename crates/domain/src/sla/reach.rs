//! Clocks that could never start or never run.
//!
//! A ticket is looked at as a small machine: its status, whether it is assigned, has a due date, is resolved, and
//! which team has it. Every single change leads from every state to another, and says by [`Trigger::happened`] what
//! happens in it, so that this check and the fold cannot disagree. Changes that do several things at once only add
//! stop conditions to those that do one, so that looking at single ones is enough. Ways between statuses are not
//! looked at: the check refuses only what no workflow could save.

use std::collections::HashSet;

use jiff::civil::{Date, date};
use kernel::{FieldError, PersonId, TeamId};
use uuid::Uuid;

use super::{Comment, CommentBy, Facts, SlaBody, StateMatch, Trigger};
use crate::workflow::{Category, Status};

/// A state of the machine: positions in the lists of [`Machine`].
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct State {
    status: usize,
    assignee: usize,
    due: usize,
    team: usize,
}

struct Machine<'a> {
    statuses: &'a [Status],
    /// Nobody, and two people, so that an assignee can change.
    assignees: Vec<Option<PersonId>>,
    /// None, and two dates.
    dues: Vec<Option<Date>>,
    /// None, which is another team than any, and those that the SLA names.
    teams: Vec<Option<TeamId>>,
}

/// One change: the state before (none for a new ticket), the state after, and the comment.
type Move = (Option<State>, State, Option<Comment>);

/// What is wrong with an SLA for tickets with these statuses, all of which its conditions must know.
pub(super) fn complaints(body: &SlaBody, statuses: &[Status]) -> Vec<FieldError> {
    let machine = Machine::new(body, statuses);
    let mut wrong = Vec::new();
    let creations: Vec<Move> = machine.states().map(|state| (None, state, None)).collect();
    let moves: Vec<Move> = machine.states().flat_map(|state| machine.moves_from(state)).chain(creations).collect();
    let mut started = HashSet::new();
    for (index, start) in body.start.iter().enumerate() {
        let starting: Vec<&Move> = moves.iter().filter(|one| machine.happened(start, one)).collect();
        let stops = |one: &Move| body.stop.iter().any(|stop| machine.happened(stop, one));
        let attaching: Vec<State> = starting.iter().filter(|one| !stops(one)).map(|(_, after, _)| *after).collect();
        if attaching.is_empty() && !starting.is_empty() {
            let always = body.stop.iter().find(|stop| starting.iter().all(|one| machine.happened(stop, one)));
            let stop = always.map_or("a stop condition is met".to_owned(), ToString::to_string);
            let message = format!(
                "It never starts the clock: whenever {start}, {stop} too, and stop goes before start. Remove it here, \
                 or from the stop conditions."
            );
            wrong.push(FieldError::new(format!("start[{index}]"), message));
        }
        started.extend(attaching);
    }
    if wrong.is_empty() && !started.is_empty() && !machine.runs(body, started) {
        let states: Vec<String> = body.pause.iter().map(ToString::to_string).collect();
        let message = format!(
            "The clock would never run: from its start to its stop, one of these always holds: {}. Start and pause \
             exclude each other; change one of them.",
            states.join(", ")
        );
        wrong.push(FieldError::new("pause", message));
    }
    wrong
}

impl<'a> Machine<'a> {
    fn new(body: &SlaBody, statuses: &'a [Status]) -> Self {
        let person = |n| Some(PersonId(Uuid::from_u128(n)));
        let named = body.pause.iter().filter_map(|state| match state {
            StateMatch::TeamIsNot { team } => Some(Some(*team)),
            _ => None,
        });
        Self {
            statuses,
            assignees: vec![None, person(1), person(2)],
            dues: vec![None, Some(date(2026, 1, 1)), Some(date(2026, 1, 2))],
            teams: [None].into_iter().chain(named).collect(),
        }
    }

    fn states(&self) -> impl Iterator<Item = State> {
        let (assignees, dues, teams) = (self.assignees.len(), self.dues.len(), self.teams.len());
        (0..self.statuses.len()).flat_map(move |status| {
            (0..assignees).flat_map(move |assignee| {
                (0..dues).flat_map(move |due| (0..teams).map(move |team| State { status, assignee, due, team }))
            })
        })
    }

    /// The changes of one thing, and comments.
    fn moves_from(&self, from: State) -> Vec<Move> {
        let statuses = (0..self.statuses.len()).map(|status| State { status, ..from });
        let assignees = (0..self.assignees.len()).map(|assignee| State { assignee, ..from });
        let dues = (0..self.dues.len()).map(|due| State { due, ..from });
        let teams = (0..self.teams.len()).map(|team| State { team, ..from });
        let changes = statuses.chain(assignees).chain(dues).chain(teams).filter(|to| *to != from);
        let comments = [CommentBy::Customer, CommentBy::Agent].map(|by| Comment { by, public: true });
        changes
            .map(|to| (Some(from), to, None))
            .chain(comments.map(|comment| (Some(from), from, Some(comment))))
            .collect()
    }

    fn facts(&self, state: State) -> Facts {
        let status = &self.statuses[state.status];
        Facts {
            status: status.key.clone(),
            category: status.category,
            assignee: self.assignees[state.assignee],
            team: self.teams[state.team],
            due: self.dues[state.due],
            resolved: status.category == Category::Done,
        }
    }

    fn happened(&self, trigger: &Trigger, (before, after, comment): &Move) -> bool {
        trigger.happened(before.map(|state| self.facts(state)).as_ref(), &self.facts(*after), *comment)
    }

    /// Whether a cycle that starts in one of these states ever runs before it stops.
    fn runs(&self, body: &SlaBody, started: HashSet<State>) -> bool {
        let mut reached = started.clone();
        let mut to_visit: Vec<State> = started.into_iter().collect();
        while let Some(state) = to_visit.pop() {
            let facts = self.facts(state);
            if !body.pause.iter().any(|pause| pause.holds(&facts)) {
                return true;
            }
            for one in self.moves_from(state) {
                if !body.stop.iter().any(|stop| self.happened(stop, &one)) && reached.insert(one.1) {
                    to_visit.push(one.1);
                }
            }
        }
        false
    }
}
