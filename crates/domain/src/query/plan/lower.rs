//! Predicates by the places of their fields.

use super::{Column, Condition, Exists, HistoryPlace, Mapping, Param, Place, Plan, PlanError, Rows, order};
use crate::query::ast::Comparison;
use crate::query::typed::{Bound, Filter, Predicate, Sought, TypedQuery, Value, Window};
use crate::query::vocabulary::FieldKey;

/// The plan of a query.
pub fn lower(query: &TypedQuery, mapping: &dyn Mapping) -> Result<Plan, PlanError> {
    let condition = Lowering { mapping }.filter(&query.filter, true)?;
    Ok(Plan { condition, order: order::plan(&query.order, mapping)? })
}

struct Lowering<'m> {
    mapping: &'m dyn Mapping,
}

impl Lowering<'_> {
    /// A condition that is true exactly when the filter is true, or exactly when it is false.
    fn filter(&self, filter: &Filter, holds: bool) -> Result<Condition, PlanError> {
        let each = |parts: &[Filter]| parts.iter().map(|part| self.filter(part, holds)).collect::<Result<Vec<_>, _>>();
        Ok(match filter {
            Filter::And(parts) if holds => Condition::all(each(parts)?),
            Filter::And(parts) => Condition::any(each(parts)?),
            Filter::Or(parts) if holds => Condition::any(each(parts)?),
            Filter::Or(parts) => Condition::all(each(parts)?),
            Filter::Not(part) => self.filter(part, !holds)?,
            Filter::Is(predicate) => match self.mapping.instead(predicate, holds) {
                Some(better) => better,
                None => self.predicate(predicate, holds)?,
            },
        })
    }

    fn predicate(&self, predicate: &Predicate, holds: bool) -> Result<Condition, PlanError> {
        match predicate {
            Predicate::Empty { field } => {
                Ok(if holds { empty(self.place(field)?) } else { present(self.place(field)?) })
            }
            Predicate::OneOf { field, values } => {
                let params = self.params(field, values);
                let known = params.clone();
                let yes = move |column: Column| one_of(column, known.clone());
                let no = move |column: Column| none_of(column, params.clone());
                self.compared(field, holds, yes, no)
            }
            Predicate::Range { field, from, to } => {
                let from = self.bound(field, from.as_ref())?;
                let to = self.bound(field, to.as_ref())?;
                let (low, high) = (from.clone(), to.clone());
                let yes = move |column: Column| {
                    let above = low.clone().map(|(param, inclusive)| {
                        let op = if inclusive { Comparison::AtLeast } else { Comparison::Greater };
                        Condition::Compare(column.clone(), op, param)
                    });
                    let below = high.clone().map(|(param, inclusive)| {
                        let op = if inclusive { Comparison::AtMost } else { Comparison::Less };
                        Condition::Compare(column.clone(), op, param)
                    });
                    Condition::all(above.into_iter().chain(below).collect())
                };
                let no = move |column: Column| {
                    let below = from.clone().map(|(param, inclusive)| {
                        let op = if inclusive { Comparison::Less } else { Comparison::AtMost };
                        Condition::Compare(column.clone(), op, param)
                    });
                    let above = to.clone().map(|(param, inclusive)| {
                        let op = if inclusive { Comparison::Greater } else { Comparison::AtLeast };
                        Condition::Compare(column.clone(), op, param)
                    });
                    Condition::any(below.into_iter().chain(above).collect())
                };
                self.compared(field, holds, yes, no)
            }
            Predicate::Contains { field, sought } => self.contains(field, sought, holds),
            Predicate::Was { field, values, during, by } => {
                let place = self.history(field)?;
                let when = Condition::all(vec![
                    self.past(field, &place.value, values),
                    held_during(&place, *during),
                    by_one_of(&place, by.as_deref()),
                ]);
                Ok(signed(Condition::exists(place.rows, when), holds))
            }
            Predicate::Changed { field, from, to, during, by } => {
                let place = self.history(field)?;
                let optional = |column: &Column, values: &Option<Vec<Option<Value>>>| match values {
                    Some(values) => self.past(field, column, values),
                    None => Condition::True,
                };
                let when = Condition::all(vec![
                    Condition::Not(Box::new(Condition::Raw(place.first, Vec::new()))),
                    optional(&place.previous, from),
                    optional(&place.value, to),
                    since(&place, *during),
                    by_one_of(&place, by.as_deref()),
                ]);
                Ok(signed(Condition::exists(place.rows, when), holds))
            }
            Predicate::Sla { field, tests } => {
                let asked = self.mapping.sla(field, tests);
                self.answered(field, asked, holds, "the clocks")
            }
            Predicate::Ask { field, call } => {
                let asked = self.mapping.ask(field, call);
                self.answered(field, asked, holds, "a function")
            }
        }
    }

    fn place(&self, field: &FieldKey) -> Result<Place, PlanError> {
        self.mapping.place(field).ok_or_else(|| unknown(field, "the values"))
    }

    fn history(&self, field: &FieldKey) -> Result<HistoryPlace, PlanError> {
        self.mapping.history(field).ok_or_else(|| unknown(field, "the past"))
    }

    fn params(&self, field: &FieldKey, values: &[Value]) -> Vec<Param> {
        let stored = values.iter().filter(|value| !matches!(value, Value::Text(text) if text.is_empty()));
        stored.filter_map(|value| self.mapping.param(field, value)).collect()
    }

    fn bound(&self, field: &FieldKey, bound: Option<&Bound>) -> Result<Option<(Param, bool)>, PlanError> {
        let Some(bound) = bound else { return Ok(None) };
        let param = self.mapping.param(field, &bound.value).ok_or_else(|| unknown(field, "the bound of a range"))?;
        Ok(Some((param, bound.inclusive)))
    }

    /// A test of the field's value: `yes` is true if it passes, `no` if a value that is there does not.
    fn compared(
        &self,
        field: &FieldKey,
        holds: bool,
        yes: impl Fn(Column) -> Condition,
        no: impl Fn(Column) -> Condition,
    ) -> Result<Condition, PlanError> {
        Ok(match (self.place(field)?, holds) {
            (Place::Column(column), true) => yes(column),
            (Place::Column(column), false) => Condition::all(vec![present(Place::Column(column.clone())), no(column)]),
            (Place::Rows(rows, column), true) => exists_unless_impossible(rows, yes(column)),
            (Place::Rows(rows, column), false) => {
                let passes = exists_unless_impossible(rows.clone(), yes(column.clone()));
                Condition::all(vec![present(Place::Rows(rows, column)), passes.negated()])
            }
            (Place::Always, _) => return Err(unknown(field, "the column")),
        })
    }

    fn contains(&self, field: &FieldKey, sought: &Sought, holds: bool) -> Result<Condition, PlanError> {
        if let Some(found) = self.mapping.contains(field, sought) {
            return self.answered(field, Some(found), holds, "a text");
        }
        let Sought::Part(pattern) = sought else { return Err(unknown(field, "words")) };
        let like = pattern.like(true);
        let yes = |column: Column| Condition::Like(column, like.clone());
        let no = |column: Column| Condition::Not(Box::new(Condition::Like(column, like.clone())));
        self.compared(field, holds, yes, no)
    }

    /// What the mapping answered, and for the opposite that the field is not empty.
    fn answered(
        &self,
        field: &FieldKey,
        answer: Option<Condition>,
        holds: bool,
        what: &'static str,
    ) -> Result<Condition, PlanError> {
        let answer = answer.ok_or_else(|| unknown(field, what))?;
        if holds {
            return Ok(answer);
        }
        Ok(Condition::all(vec![present(self.place(field)?), answer.negated()]))
    }

    /// That a value of the past is one of these.
    fn past(&self, field: &FieldKey, column: &Column, values: &[Option<Value>]) -> Condition {
        let some: Vec<Value> = values.iter().flatten().cloned().collect();
        let mut parts = vec![one_of(column.clone(), self.params(field, &some))];
        if values.contains(&None) {
            parts.push(Condition::Null(column.clone()));
        }
        Condition::any(parts)
    }
}

fn unknown(field: &FieldKey, what: &'static str) -> PlanError {
    PlanError { field: field.clone(), what }
}

fn signed(condition: Condition, holds: bool) -> Condition {
    if holds { condition } else { condition.negated() }
}

fn exists_unless_impossible(rows: Rows, when: Condition) -> Condition {
    match when {
        Condition::False => Condition::False,
        when => Condition::Exists(Box::new(Exists { rows, when })),
    }
}

fn one_of(column: Column, mut params: Vec<Param>) -> Condition {
    match params.len() {
        0 => Condition::False,
        1 => Condition::Compare(column, Comparison::Equal, params.remove(0)),
        _ => Condition::OneOf(column, params),
    }
}

fn none_of(column: Column, mut params: Vec<Param>) -> Condition {
    match params.len() {
        0 => Condition::True,
        1 => Condition::Compare(column, Comparison::NotEqual, params.remove(0)),
        _ => Condition::NoneOf(column, params),
    }
}

/// That the field has a value.
fn present(place: Place) -> Condition {
    match place {
        Place::Always => Condition::True,
        Place::Column(column) => {
            let mut parts = Vec::new();
            if column.nullable {
                parts.push(Condition::NotNull(column.clone()));
            }
            if column.blank {
                let plain = Column { folds: false, ..column };
                parts.push(Condition::Compare(plain, Comparison::NotEqual, Param::Text(String::new())));
            }
            Condition::all(parts)
        }
        Place::Rows(rows, column) => Condition::exists(rows, present(Place::Column(column))),
    }
}

/// That the field has no value.
fn empty(place: Place) -> Condition {
    match place {
        Place::Always => Condition::False,
        Place::Column(column) => {
            let mut parts = Vec::new();
            if column.nullable {
                parts.push(Condition::Null(column.clone()));
            }
            if column.blank {
                let plain = Column { folds: false, ..column };
                parts.push(Condition::Compare(plain, Comparison::Equal, Param::Text(String::new())));
            }
            Condition::any(parts)
        }
        Place::Rows(rows, column) => Condition::not_exists(rows, present(Place::Column(column))),
    }
}

fn held_during(place: &HistoryPlace, during: Window) -> Condition {
    let mut parts = Vec::new();
    if let Some(to) = during.to {
        parts.push(Condition::Compare(Column::required(place.since), Comparison::Less, Param::of_instant(to)));
    }
    if let Some(from) = during.from {
        parts.push(Condition::any(vec![
            Condition::Null(Column::optional(place.until)),
            Condition::Compare(Column::optional(place.until), Comparison::Greater, Param::of_instant(from)),
        ]));
    }
    Condition::all(parts)
}

fn since(place: &HistoryPlace, during: Window) -> Condition {
    let since = || Column::required(place.since);
    let from = during.from.map(|from| Condition::Compare(since(), Comparison::AtLeast, Param::of_instant(from)));
    let to = during.to.map(|to| Condition::Compare(since(), Comparison::Less, Param::of_instant(to)));
    Condition::all(from.into_iter().chain(to).collect())
}

fn by_one_of(place: &HistoryPlace, people: Option<&[uuid::Uuid]>) -> Condition {
    match people {
        None => Condition::True,
        Some(people) => one_of(Column::optional(place.by), people.iter().map(|person| Param::Id(*person)).collect()),
    }
}
