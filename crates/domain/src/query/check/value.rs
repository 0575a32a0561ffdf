//! Reading the values of a field.

use uuid::Uuid;

use super::Checker;
use crate::query::ast::{Call, Literal, Operand, Span};
use crate::query::error::QueryError;
use crate::query::function::{Builtin, near_functions};
use crate::query::near::near;
use crate::query::print::quoted_if_needed;
use crate::query::time::{self, Moment, Unit};
use crate::query::typed::Value;
use crate::query::vocabulary::{Choice, Field, FieldKind, PERSON, fold};

/// What an operand says.
pub(super) enum Reading {
    /// These values: several where one name belongs to several records, none where nobody asks.
    Values(Vec<Value>),
    /// A point or a stretch of time.
    Moment(Moment),
}

impl<'c> Checker<'c> {
    /// Reads an operand as a value of the field.
    pub(super) fn read(&mut self, field: &'c Field, operand: &Operand) -> Result<Reading, QueryError> {
        let reading = match operand {
            Operand::Empty(span) => return Err(QueryError::new(*span, "EMPTY cannot stand here")),
            Operand::Call(call) => self.read_call(field, call)?,
            Operand::Value(literal) => self.read_literal(field, literal)?,
        };
        let count = if let Reading::Values(values) = &reading { values.len() } else { 2 };
        self.count(count, operand.span())?;
        Ok(reading)
    }

    fn read_literal(&mut self, field: &'c Field, literal: &Literal) -> Result<Reading, QueryError> {
        let (text, span) = (literal.text.as_str(), literal.span);
        let wrong = |expected: &str| {
            QueryError::new(span, format!("expected {expected} for {}, found {}", field.name, quoted_if_needed(text)))
        };
        let one = |value| Ok(Reading::Values(vec![value]));
        match &field.kind {
            // An empty text is no value anywhere.
            FieldKind::Text(_) if text.is_empty() => {
                Err(QueryError::new(span, "nothing equals an empty text; write IS EMPTY or IS NOT EMPTY"))
            }
            FieldKind::Text(_) => one(Value::Text(fold(text))),
            FieldKind::Integer => one(Value::Integer(text.trim().parse().map_err(|_| wrong("a whole number"))?)),
            FieldKind::Number => match text.trim().parse::<f64>() {
                Ok(number) if number.is_finite() => one(Value::Number(number)),
                _ => Err(wrong("a number")),
            },
            FieldKind::Flag => match fold(text.trim()).as_str() {
                "true" | "yes" => one(Value::Flag(true)),
                "false" | "no" => one(Value::Flag(false)),
                _ => Err(wrong("true or false")),
            },
            FieldKind::Instant => time::moment(text, self.asker)
                .map(Reading::Moment)
                .ok_or_else(|| wrong(&format!("a time {}", time::EXAMPLES))),
            FieldKind::Date => {
                let moment =
                    time::moment(text, self.asker).ok_or_else(|| wrong(&format!("a day {}", time::EXAMPLES)))?;
                one(Value::Date(self.asker.day_of(moment.from)))
            }
            FieldKind::Choice { choices, .. } => {
                // Several workflows may call different statuses by one name: all of them are meant.
                let name = fold(text.trim());
                let called = choices.iter().filter(|choice| choice.is_called(&name));
                let values: Vec<Value> = called.map(|choice| Value::Choice(choice.key.clone())).collect();
                if values.is_empty() { Err(no_choice(field, choices, literal)) } else { Ok(Reading::Values(values)) }
            }
            FieldKind::Reference(kind) => {
                let ids = self.ids(kind, text, span)?;
                Ok(Reading::Values(ids.into_iter().map(Value::Reference).collect()))
            }
            FieldKind::LongText(_) | FieldKind::Sla | FieldKind::State => {
                let functions = crate::query::function::names_for(self.vocabulary, field);
                let example = functions.first().map_or(String::new(), |name| format!(" such as {name}()"));
                Err(wrong(&format!("a function{example}")))
            }
        }
    }

    /// A function that gives a value.
    fn read_call(&mut self, field: &'c Field, call: &Call) -> Result<Reading, QueryError> {
        let builtin = Builtin::find(&call.name);
        if let Some(builtin) = builtin.filter(|builtin| builtin.fits(field)) {
            if let Some(at) = self.moment_call(builtin, call)? {
                return Ok(match field.kind {
                    FieldKind::Date => Reading::Values(vec![Value::Date(self.asker.day_of(at.from))]),
                    _ => Reading::Moment(at),
                });
            }
            if builtin == Builtin::CurrentUser {
                no_arguments(call)?;
                return Ok(Reading::Values(self.asker.person().into_iter().map(Value::Reference).collect()));
            }
        }
        Err(self.unfit(field, call, builtin.is_some() || self.vocabulary.function(&call.name).is_some()))
    }

    /// Says that a function does not exist or does not fit the field.
    pub(super) fn unfit(&self, field: &Field, call: &Call, exists: bool) -> QueryError {
        let near = near_functions(self.vocabulary, field, &call.name);
        let message = if exists {
            let fitting = crate::query::function::names_for(self.vocabulary, field);
            let fitting: Vec<String> = fitting.into_iter().take(6).map(|name| format!("{name}()")).collect();
            match fitting.is_empty() {
                true => format!("{} takes no functions", field.name),
                false => format!(
                    "{}() cannot be compared with {}, which takes {}",
                    call.name,
                    field.name,
                    crate::query::error::list(&fitting, "and")
                ),
            }
        } else {
            format!("there is no function {}()", call.name)
        };
        let name_span = Span { start: call.span.start, end: call.span.end };
        QueryError::with_suggestions(name_span, message, near)
    }

    /// The records of a name.
    pub(super) fn ids(&mut self, kind: &str, text: &str, span: Span) -> Result<Vec<Uuid>, QueryError> {
        if let Some(wanted) = &mut self.wanted {
            wanted.note(kind, text.trim());
            return Ok(Vec::new());
        }
        self.names.ids(kind, text.trim()).map_err(|near| {
            let near = near.iter().map(|name| quoted_if_needed(name)).collect();
            QueryError::with_suggestions(span, format!("there is no {kind} {}", quoted_if_needed(text)), near)
        })
    }

    /// People, by name or as `currentUser()`.
    pub(super) fn people(&mut self, operand: &Operand) -> Result<Vec<Uuid>, QueryError> {
        match operand {
            Operand::Value(literal) => self.ids(PERSON, &literal.text, literal.span),
            Operand::Call(call) if Builtin::find(&call.name) == Some(Builtin::CurrentUser) => {
                no_arguments(call)?;
                Ok(self.asker.person().into_iter().collect())
            }
            other => Err(QueryError::new(other.span(), "expected a person or currentUser()")),
        }
    }

    /// A point in time, as written or by a function.
    pub(super) fn moment(&mut self, operand: &Operand) -> Result<Moment, QueryError> {
        let expected = || QueryError::new(operand.span(), format!("expected a time {}", time::EXAMPLES));
        match operand {
            Operand::Value(literal) => time::moment(&literal.text, self.asker).ok_or_else(expected),
            Operand::Call(call) => match Builtin::find(&call.name) {
                Some(builtin) => self.moment_call(builtin, call)?.ok_or_else(expected),
                None => Err(expected()),
            },
            Operand::Empty(_) => Err(expected()),
        }
    }

    /// A function that gives an instant; none if it gives something else.
    fn moment_call(&mut self, builtin: Builtin, call: &Call) -> Result<Option<Moment>, QueryError> {
        let beyond = || QueryError::new(call.span, "this lies beyond all calendars");
        let at = match builtin {
            Builtin::Now => {
                no_arguments(call)?;
                Some(self.asker.now())
            }
            Builtin::StartOf(unit) => self.asker.start_of(unit, offset(call, unit)?),
            Builtin::EndOf(unit) => self.asker.end_of(unit, offset(call, unit)?),
            _ => return Ok(None),
        };
        at.and_then(Moment::instant).map(Some).ok_or_else(beyond)
    }
}

fn offset(call: &Call, unit: Unit) -> Result<jiff::Span, QueryError> {
    match call.arguments.as_slice() {
        [] => Ok(jiff::Span::new()),
        [Operand::Value(literal)] => time::offset(&literal.text, Some(unit)).ok_or_else(|| {
            let message =
                format!("expected an offset such as \"+1d\" or -2w, found {}", quoted_if_needed(&literal.text));
            QueryError::new(literal.span, message)
        }),
        _ => Err(QueryError::new(call.span, format!("{}() takes one offset at most, such as \"+1d\"", call.name))),
    }
}

pub(super) fn no_arguments(call: &Call) -> Result<(), QueryError> {
    match call.arguments.first() {
        None => Ok(()),
        Some(first) => Err(QueryError::new(first.span(), format!("{}() takes no arguments", call.name))),
    }
}

fn no_choice(field: &Field, choices: &[Choice], literal: &Literal) -> QueryError {
    let known = choices.iter().flat_map(|choice| {
        std::iter::once(&choice.name).chain(&choice.aliases).chain(std::iter::once(&choice.key)).map(String::as_str)
    });
    let near: Vec<String> = near(&literal.text, known).iter().map(|name| quoted_if_needed(name)).collect();
    let mut message = format!("{} is never {}", field.name, quoted_if_needed(&literal.text));
    if near.is_empty() && choices.len() <= 8 && !choices.is_empty() {
        let names: Vec<&str> = choices.iter().map(|choice| choice.name.as_str()).collect();
        message = format!("{message}; it is one of {}", crate::query::error::list(&names, "or"));
    }
    QueryError::with_suggestions(literal.span, message, near)
}
