//! What a field was, and how it changed.

use uuid::Uuid;

use super::Checker;
use super::value::Reading;
use crate::query::ast::{HistoryKind, HistoryPredicate, Operand, Operands};
use crate::query::error::QueryError;
use crate::query::typed::{Predicate, Value, Window};
use crate::query::vocabulary::Field;

/// Values of the past; `None` is no value.
type Past = Vec<Option<Value>>;

/// What narrows the past.
#[derive(Default)]
struct Narrowed {
    from: Option<Past>,
    to: Option<Past>,
    during: Window,
    by: Option<Vec<Uuid>>,
}

impl<'c> Checker<'c> {
    pub(super) fn was(
        &mut self,
        field: &'c Field,
        operands: &Operands,
        predicates: &[HistoryPredicate],
    ) -> Result<Predicate, QueryError> {
        let misplaced =
            |predicate: &&HistoryPredicate| matches!(predicate.kind, HistoryKind::From(_) | HistoryKind::To(_));
        if let Some(predicate) = predicates.iter().find(misplaced) {
            let message = "FROM and TO belong to CHANGED; WAS takes BY, BEFORE, AFTER, ON and DURING";
            return Err(QueryError::new(predicate.span, message));
        }
        let values = self.past(field, operands)?;
        let Narrowed { during, by, .. } = self.narrowed(field, predicates)?;
        Ok(Predicate::Was { field: field.key.clone(), values, during, by })
    }

    pub(super) fn changed(
        &mut self,
        field: &'c Field,
        predicates: &[HistoryPredicate],
    ) -> Result<Predicate, QueryError> {
        let Narrowed { from, to, during, by } = self.narrowed(field, predicates)?;
        Ok(Predicate::Changed { field: field.key.clone(), from, to, during, by })
    }

    fn past(&mut self, field: &'c Field, operands: &Operands) -> Result<Past, QueryError> {
        let mut past = Vec::new();
        for operand in operands.iter() {
            if let Operand::Empty(_) = operand {
                past.push(None);
                continue;
            }
            match self.read(field, operand)? {
                Reading::Values(values) => past.extend(values.into_iter().map(Some)),
                Reading::Moment(_) => {
                    let message = format!("the past of {} cannot be compared with a time", field.name);
                    return Err(QueryError::new(operand.span(), message));
                }
            }
        }
        Ok(past)
    }

    fn narrowed(&mut self, field: &'c Field, predicates: &[HistoryPredicate]) -> Result<Narrowed, QueryError> {
        let mut narrowed = Narrowed::default();
        for predicate in predicates {
            let twice = |word: &str| QueryError::new(predicate.span, format!("{word} stands here twice"));
            match &predicate.kind {
                HistoryKind::From(operands) => {
                    let past = self.past(field, operands)?;
                    if narrowed.from.replace(past).is_some() {
                        return Err(twice("FROM"));
                    }
                }
                HistoryKind::To(operands) => {
                    let past = self.past(field, operands)?;
                    if narrowed.to.replace(past).is_some() {
                        return Err(twice("TO"));
                    }
                }
                HistoryKind::By(operands) => {
                    let mut people = Vec::new();
                    for operand in operands.iter() {
                        people.extend(self.people(operand)?);
                    }
                    self.count(people.len(), predicate.span)?;
                    if narrowed.by.replace(people).is_some() {
                        return Err(twice("BY"));
                    }
                }
                HistoryKind::Before(operand) => {
                    let to = Some(self.moment(operand)?.from);
                    narrowed.during = narrowed.during.and(Window { from: None, to });
                }
                HistoryKind::After(operand) => {
                    let from = Some(self.moment(operand)?.from);
                    narrowed.during = narrowed.during.and(Window { from, to: None });
                }
                HistoryKind::On(operand) => {
                    let moment = self.moment(operand)?;
                    narrowed.during = narrowed.during.and(Window { from: Some(moment.from), to: Some(moment.to) });
                }
                HistoryKind::During(from, to) => {
                    let (from, to) = (self.moment(from)?.from, self.moment(to)?.to);
                    narrowed.during = narrowed.during.and(Window { from: Some(from), to: Some(to) });
                }
            }
        }
        Ok(narrowed)
    }
}
