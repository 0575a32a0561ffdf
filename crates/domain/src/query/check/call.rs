//! Functions that are asked of a field: service levels, and those of the vocabulary.

use jiff::SignedDuration;

use super::Checker;
use super::value::no_arguments;
use crate::query::ast::{Call, Comparison, Operand, Span};
use crate::query::error::QueryError;
use crate::query::function::{Builtin, Function, Parameter};
use crate::query::print::quoted_if_needed;
use crate::query::time;
use crate::query::typed::{Filter, Predicate, SlaTest, TypedCall, Value};
use crate::query::vocabulary::{Field, FieldKind};

impl<'c> Checker<'c> {
    /// `field op function()`, if the function is one that is asked; none if it gives a value.
    pub(super) fn asked(
        &mut self,
        field: &'c Field,
        op: Comparison,
        at: Span,
        call: &Call,
    ) -> Result<Option<Filter>, QueryError> {
        if field.kind == FieldKind::Sla {
            let tests = vec![self.sla_test(field, op, at, call)?];
            return Ok(Some(Filter::Is(Predicate::Sla { field: field.key.clone(), tests })));
        }
        let Some(function) = self.own_function(field, call)? else { return Ok(None) };
        let negated = match op {
            Comparison::Equal => false,
            Comparison::NotEqual => true,
            _ => {
                let message = format!("{}() cannot be compared with {}", function.name, op.symbol());
                return Err(QueryError::new(at, message));
            }
        };
        if function.many {
            let instead = if negated { "NOT IN" } else { "IN" };
            let message = format!("{}() gives several values; write {instead}", function.name);
            let mut error = QueryError::new(at, message);
            error.suggestions.push(instead.to_owned());
            return Err(error);
        }
        let asked = self.ask(field, function, call)?;
        Ok(Some(if negated { Filter::Not(Box::new(asked)) } else { asked }))
    }

    /// `field IN function()`, if the function is one that is asked.
    pub(super) fn asked_in(&mut self, field: &'c Field, call: &Call) -> Result<Option<Filter>, QueryError> {
        match self.own_function(field, call)? {
            Some(function) => self.ask(field, function, call).map(Some),
            None => Ok(None),
        }
    }

    /// The function of the vocabulary, if it is one and fits the field.
    fn own_function(&self, field: &Field, call: &Call) -> Result<Option<&'c Function>, QueryError> {
        match self.vocabulary.function(&call.name) {
            Some(function) if function.fits(field) => Ok(Some(function)),
            Some(_) => Err(self.unfit(field, call, true)),
            None => Ok(None),
        }
    }

    fn ask(&mut self, field: &'c Field, function: &'c Function, call: &Call) -> Result<Filter, QueryError> {
        let given = call.arguments.len();
        let most = if function.repeats { usize::MAX } else { function.parameters.len() };
        if given < function.required || given > most {
            let takes = match (function.required, most) {
                (0, 0) => "no arguments".to_owned(),
                (least, usize::MAX) => format!("at least {least} {}", arguments(least)),
                (least, most) if least == most => format!("{least} {}", arguments(least)),
                (least, most) => format!("{least} to {most} arguments"),
            };
            return Err(QueryError::new(call.span, format!("{}() takes {takes}, not {given}", function.name)));
        }
        let mut typed = Vec::with_capacity(given);
        for (place, argument) in call.arguments.iter().enumerate() {
            let Some(parameter) = function.parameter(place) else { continue };
            let values = self.argument(parameter, argument)?;
            self.count(values.len(), argument.span())?;
            typed.push(values);
        }
        let call = TypedCall { name: function.name.clone(), arguments: typed };
        Ok(Filter::Is(Predicate::Ask { field: field.key.clone(), call }))
    }

    fn argument(&mut self, parameter: &Parameter, argument: &Operand) -> Result<Vec<Value>, QueryError> {
        match (parameter, argument) {
            (Parameter::Text, Operand::Value(literal)) => Ok(vec![Value::Text(literal.text.clone())]),
            (Parameter::Text, other) => Err(QueryError::new(other.span(), "expected a text")),
            (Parameter::Instant, operand) => Ok(vec![Value::Instant(self.moment(operand)?.from)]),
            (Parameter::Reference(kind), operand) => {
                let ids = match operand {
                    operand if kind == crate::query::vocabulary::PERSON => self.people(operand)?,
                    Operand::Value(literal) => self.ids(kind, &literal.text, literal.span)?,
                    other => return Err(QueryError::new(other.span(), format!("expected the name of a {kind}"))),
                };
                Ok(ids.into_iter().map(Value::Reference).collect())
            }
        }
    }

    fn sla_test(&self, field: &Field, op: Comparison, at: Span, call: &Call) -> Result<SlaTest, QueryError> {
        let builtin = Builtin::find(&call.name);
        let Some(builtin) = builtin.filter(|builtin| builtin.fits(field)) else {
            let exists = builtin.is_some() || self.vocabulary.function(&call.name).is_some();
            return Err(self.unfit(field, call, exists));
        };
        let same = matches!(op, Comparison::Equal | Comparison::NotEqual);
        match builtin {
            Builtin::Sla(_) if !same => Err(QueryError::new(at, format!("{}() is compared with = or !=", call.name))),
            Builtin::Sla(state) => {
                no_arguments(call)?;
                Ok(SlaTest::State { state, is: op == Comparison::Equal })
            }
            _ if same => Err(QueryError::new(at, format!("{}() is compared with <, <=, > or >=", call.name))),
            Builtin::Elapsed => Ok(SlaTest::Elapsed(op, duration(call)?)),
            _ => Ok(SlaTest::Remaining(op, duration(call)?)),
        }
    }
}

fn arguments(count: usize) -> &'static str {
    if count == 1 { "argument" } else { "arguments" }
}

fn duration(call: &Call) -> Result<SignedDuration, QueryError> {
    let wanted = || format!("{}() takes a length of time such as \"2h\" or \"1d 30m\"", call.name);
    match call.arguments.as_slice() {
        [Operand::Value(literal)] => time::duration(&literal.text).ok_or_else(|| {
            let found = quoted_if_needed(&literal.text);
            QueryError::new(literal.span, format!("{}, found {found}", wanted()))
        }),
        _ => Err(QueryError::new(call.span, wanted())),
    }
}
