//! From a query as written to one whose every part makes sense: fields exist, operators fit them, values can be read.

mod call;
mod history;
mod value;

use jiff::Timestamp;

use super::ast::{Clause, Comparison, Expr, FieldRef, Operand, Operands, Query, Span, Test};
use super::error::{QueryError, list};
use super::names::{Name, Names, Wanted};
use super::time::Asker;
use super::typed::{Bound, Filter, OrderBy, Predicate, Sought, TypedQuery, Value};
use super::vocabulary::{Field, FieldKind, Operator, Search, Vocabulary};
use super::{ERRORS_MAX, VALUES_MAX, text::TextQuery};
use crate::alert_query::Pattern;
use crate::zone::Zone;
use value::Reading;

/// Checks a query. Gives everything that is wrong with it, in the order of the text.
pub fn check(
    query: &Query,
    vocabulary: &Vocabulary,
    asker: &Asker,
    names: &Names,
) -> Result<TypedQuery, Vec<QueryError>> {
    let mut checker = Checker { vocabulary, asker, names, wanted: None, errors: Vec::new(), values: 0 };
    let typed = checker.query(query);
    let mut errors = checker.errors;
    errors.sort_by_key(|error| error.position);
    if errors.is_empty() { Ok(typed) } else { Err(errors) }
}

/// The names that have to be looked up before the query is checked.
pub fn wanted(query: &Query, vocabulary: &Vocabulary) -> Vec<Name> {
    // What is wrong with the query is said by `check`.
    let asker = Asker::new(Timestamp::UNIX_EPOCH, Zone::utc(), None);
    let names = Names::default();
    let wanted = Some(Wanted::default());
    let mut checker = Checker { vocabulary, asker: &asker, names: &names, wanted, errors: Vec::new(), values: 0 };
    checker.query(query);
    checker.wanted.unwrap_or_default().into_names()
}

struct Checker<'c> {
    vocabulary: &'c Vocabulary,
    asker: &'c Asker,
    names: &'c Names,
    /// Gathers names instead of complaining about them.
    wanted: Option<Wanted>,
    errors: Vec<QueryError>,
    /// Values so far.
    values: usize,
}

impl<'c> Checker<'c> {
    fn query(&mut self, query: &Query) -> TypedQuery {
        let filter = query.filter.as_ref().map_or_else(Filter::everything, |filter| self.expr(filter));
        let mut order: Vec<OrderBy> = Vec::new();
        for sort in &query.order {
            match self.sort_field(&sort.field) {
                // A field that stands there already decides nothing any more.
                Ok(field) if order.iter().any(|known| known.field == field.key) => {}
                Ok(field) => order.push(OrderBy { field: field.key.clone(), descending: sort.descending }),
                Err(error) => self.complain(error),
            }
        }
        TypedQuery { filter, order }
    }

    fn complain(&mut self, error: QueryError) {
        if self.errors.len() < ERRORS_MAX {
            self.errors.push(error);
        }
    }

    fn expr(&mut self, expr: &Expr) -> Filter {
        match expr {
            Expr::And(parts) => {
                let parts = parts.iter().map(|part| self.expr(part)).collect();
                Filter::And(one_clock_each(parts))
            }
            Expr::Or(parts) => Filter::Or(parts.iter().map(|part| self.expr(part)).collect()),
            Expr::Not(part) => Filter::Not(Box::new(self.expr(part))),
            Expr::Clause(clause) => self.clause(clause).unwrap_or_else(|error| {
                self.complain(error);
                Filter::everything()
            }),
        }
    }

    fn field(&self, field: &FieldRef) -> Result<&'c Field, QueryError> {
        self.vocabulary.find(&field.name).ok_or_else(|| {
            let near = match &field.name {
                super::ast::FieldName::Named(name) => self.vocabulary.near_fields(name),
                super::ast::FieldName::Custom(_) => Vec::new(),
            };
            QueryError::with_suggestions(field.span, format!("there is no field {}", field.name), near)
        })
    }

    fn sort_field(&self, sort: &FieldRef) -> Result<&'c Field, QueryError> {
        let field = self.field(sort)?;
        if field.sortable {
            return Ok(field);
        }
        Err(QueryError::new(sort.span, format!("{} is not a field to sort by", field.name)))
    }

    fn clause(&mut self, clause: &Clause) -> Result<Filter, QueryError> {
        let field = self.field(&clause.field)?;
        match &clause.test {
            Test::Compare { op, at, operand } => self.compare(field, *op, *at, operand),
            Test::In { negated, at, operands } => {
                let operator = if *negated { Operator::NotIn } else { Operator::In };
                require(field, operator, *at)?;
                let filter = self.any_of(field, operands)?;
                Ok(if *negated { Filter::Not(Box::new(filter)) } else { filter })
            }
            Test::Empty { negated, at } => {
                require(field, Operator::Is, *at)?;
                Ok(empty(field, *negated))
            }
            Test::Was { negated, at, operands, predicates } => {
                require(field, Operator::Was, *at)?;
                let was = self.was(field, operands, predicates)?;
                Ok(if *negated { Filter::Not(Box::new(Filter::Is(was))) } else { Filter::Is(was) })
            }
            Test::Changed { at, predicates } => {
                require(field, Operator::Changed, *at)?;
                self.changed(field, predicates).map(Filter::Is)
            }
        }
    }

    fn compare(&mut self, field: &'c Field, op: Comparison, at: Span, operand: &Operand) -> Result<Filter, QueryError> {
        if let Operand::Empty(_) = operand {
            return match op {
                Comparison::Equal => Ok(empty(field, false)),
                Comparison::NotEqual => Ok(empty(field, true)),
                _ => {
                    let message =
                        format!("EMPTY cannot be compared with {}; write IS EMPTY or IS NOT EMPTY", op.symbol());
                    Err(QueryError::new(at, message))
                }
            };
        }
        require(field, Operator::Compare(op), at)?;
        if let Operand::Call(call) = operand
            && let Some(filter) = self.asked(field, op, at, call)?
        {
            return Ok(filter);
        }
        match op {
            Comparison::Contains => self.sought(field, operand),
            Comparison::ContainsNot => Ok(Filter::Not(Box::new(self.sought(field, operand)?))),
            Comparison::Equal => self.equal(field, operand),
            Comparison::NotEqual => Ok(Filter::Not(Box::new(self.equal(field, operand)?))),
            _ => self.ordered(field, op, operand),
        }
    }

    fn equal(&mut self, field: &'c Field, operand: &Operand) -> Result<Filter, QueryError> {
        Ok(match self.read(field, operand)? {
            Reading::Values(values) => Filter::Is(Predicate::OneOf { field: field.key.clone(), values }),
            Reading::Moment(moment) => within(field, moment.from, moment.to),
        })
    }

    fn ordered(&mut self, field: &'c Field, op: Comparison, operand: &Operand) -> Result<Filter, QueryError> {
        let value = match self.read(field, operand)? {
            Reading::Moment(moment) => Value::Instant(moment.from),
            Reading::Values(mut values) if !values.is_empty() => values.remove(0),
            Reading::Values(_) => return Err(QueryError::new(operand.span(), "expected one value")),
        };
        let key = field.key.clone();
        if let (FieldKind::Choice { choices, .. }, Value::Choice(wanted)) = (&field.kind, &value) {
            let rank = choices.iter().find(|choice| choice.key == *wanted).map_or(0, |choice| choice.rank);
            let fits = choices.iter().filter(|choice| holds(op, choice.rank.cmp(&rank)));
            let values = fits.map(|choice| Value::Choice(choice.key.clone())).collect();
            return Ok(Filter::Is(Predicate::OneOf { field: key, values }));
        }
        let inclusive = matches!(op, Comparison::AtMost | Comparison::AtLeast);
        let bound = Some(Bound { value, inclusive });
        let below = matches!(op, Comparison::Less | Comparison::AtMost);
        let (from, to) = if below { (None, bound) } else { (bound, None) };
        Ok(Filter::Is(Predicate::Range { field: key, from, to }))
    }

    fn sought(&mut self, field: &'c Field, operand: &Operand) -> Result<Filter, QueryError> {
        let search = match &field.kind {
            FieldKind::Text(Some(search)) | FieldKind::LongText(search) => *search,
            _ => return Err(QueryError::new(operand.span(), format!("{} cannot be searched", field.name))),
        };
        let Operand::Value(literal) = operand else {
            return Err(QueryError::new(operand.span(), "expected a text to search for"));
        };
        self.count(1, literal.span)?;
        let sought = match search {
            Search::Words => TextQuery::parse(&literal.text).map(Sought::Words),
            Search::Parts => {
                let stars_only = literal.text.chars().all(|character| character == '*');
                (!stars_only).then(|| Sought::Part(Pattern::wildcards(&literal.text)))
            }
        };
        let sought = sought.ok_or_else(|| {
            QueryError::new(literal.span, "there is no word in this text; expected a letter or a digit")
        })?;
        Ok(Filter::Is(Predicate::Contains { field: field.key.clone(), sought }))
    }

    /// One of the operands of IN.
    fn any_of(&mut self, field: &'c Field, operands: &Operands) -> Result<Filter, QueryError> {
        let mut values = Vec::new();
        let mut parts = Vec::new();
        for operand in operands.iter() {
            match operand {
                Operand::Empty(_) => parts.push(empty(field, false)),
                Operand::Call(call) => match self.asked_in(field, call)? {
                    Some(filter) => parts.push(filter),
                    None => self.gather(field, operand, &mut values, &mut parts)?,
                },
                Operand::Value(_) => self.gather(field, operand, &mut values, &mut parts)?,
            }
        }
        if !values.is_empty() || parts.is_empty() {
            parts.insert(0, Filter::Is(Predicate::OneOf { field: field.key.clone(), values }));
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Filter::Or(parts) })
    }

    fn gather(
        &mut self,
        field: &'c Field,
        operand: &Operand,
        values: &mut Vec<Value>,
        parts: &mut Vec<Filter>,
    ) -> Result<(), QueryError> {
        match self.read(field, operand)? {
            Reading::Values(more) => {
                for value in more {
                    if !values.contains(&value) {
                        values.push(value);
                    }
                }
            }
            Reading::Moment(moment) => parts.push(within(field, moment.from, moment.to)),
        }
        Ok(())
    }

    /// Counts values, so that a statement never has more parameters than a database takes.
    fn count(&mut self, more: usize, at: Span) -> Result<(), QueryError> {
        self.values += more;
        if self.values > VALUES_MAX {
            return Err(QueryError::new(at, format!("a query has at most {VALUES_MAX} values")));
        }
        Ok(())
    }
}

fn empty(field: &Field, negated: bool) -> Filter {
    let empty = Filter::Is(Predicate::Empty { field: field.key.clone() });
    if negated { Filter::Not(Box::new(empty)) } else { empty }
}

fn within(field: &Field, from: Timestamp, to: Timestamp) -> Filter {
    let from = Some(Bound { value: Value::Instant(from), inclusive: true });
    let to = Some(Bound { value: Value::Instant(to), inclusive: false });
    Filter::Is(Predicate::Range { field: field.key.clone(), from, to })
}

/// Whether things in this order compare so.
pub(super) fn holds(op: Comparison, order: std::cmp::Ordering) -> bool {
    match op {
        Comparison::Equal => order.is_eq(),
        Comparison::NotEqual => order.is_ne(),
        Comparison::Less => order.is_lt(),
        Comparison::AtMost => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::AtLeast => order.is_ge(),
        Comparison::Contains | Comparison::ContainsNot => false,
    }
}

/// Joins the tests of one service level within a conjunction: they are about the same clock.
fn one_clock_each(parts: Vec<Filter>) -> Vec<Filter> {
    let mut joined: Vec<Filter> = Vec::with_capacity(parts.len());
    for part in parts {
        if let Filter::Is(Predicate::Sla { field, tests }) = &part {
            let same = joined.iter_mut().find_map(|known| match known {
                Filter::Is(Predicate::Sla { field: other, tests }) if other == field => Some(tests),
                _ => None,
            });
            if let Some(known) = same {
                known.extend(tests.iter().cloned());
                continue;
            }
        }
        joined.push(part);
    }
    joined
}

/// Refuses an operator that the field does not take.
fn require(field: &Field, operator: Operator, at: Span) -> Result<(), QueryError> {
    if field.takes(operator) {
        return Ok(());
    }
    let takes: Vec<&str> = field.operators().into_iter().map(Operator::words).collect();
    let wrong = operator.words();
    let message = format!("{} cannot be compared with {wrong}; it takes {}", field.name, list(&takes, "and"));
    let message = match operator {
        Operator::Was | Operator::Changed => {
            format!("the past of {} is not kept; it takes {}", field.name, list(&takes, "and"))
        }
        _ => message,
    };
    let mut error = QueryError::new(at, message);
    let instead = match operator {
        Operator::Compare(Comparison::Equal) | Operator::In => Comparison::Contains,
        Operator::Compare(Comparison::NotEqual) | Operator::NotIn => Comparison::ContainsNot,
        Operator::Compare(Comparison::Contains) => Comparison::Equal,
        Operator::Compare(Comparison::ContainsNot) => Comparison::NotEqual,
        _ => return Err(error),
    };
    if field.takes(Operator::Compare(instead)) {
        error.suggestions.push(instead.symbol().to_owned());
    }
    Err(error)
}
