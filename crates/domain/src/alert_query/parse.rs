//! Reading a query.

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use winnow::{
    LocatingSlice, ModalResult, Parser,
    ascii::{Caseless, multispace0},
    combinator::{alt, cut_err, delimited, not, peek, repeat, terminated},
    error::{ErrMode, StrContext, StrContextValue},
    stream::Location,
    token::{any, none_of, one_of, take_while},
};

use super::{
    CLAUSES_MAX, Clause, DEPTH_MAX, Flag, LENGTH_MAX, NumberField, Pattern, Query, QueryError, TextField, TimeField,
};
use crate::priority::Priority;
use crate::query::near::distance;

type Input<'q> = LocatingSlice<&'q str>;

/// Reads a query; an empty one asks for everything.
pub fn parse(text: &str) -> Result<Query, QueryError> {
    if text.chars().count() > LENGTH_MAX {
        let message = format!("a query has at most {LENGTH_MAX} characters");
        return Err(QueryError { position: LENGTH_MAX, message });
    }
    let mut reader = Reader { text, input: LocatingSlice::new(text), clauses: 0 };
    reader.space();
    if reader.at_end() {
        return Ok(Query::And(Vec::new()));
    }
    let query = reader.or(0)?;
    if reader.at_end() { Ok(query) } else { Err(reader.expected("AND, OR or the end")) }
}

struct Reader<'q> {
    text: &'q str,
    input: Input<'q>,
    clauses: usize,
}

/// How a field and its value are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Op {
    Is,
    IsNot,
    Less,
    AtMost,
    More,
    AtLeast,
}

/// A value as it stands in the query.
#[derive(Clone, Debug)]
struct Value {
    at: usize,
    text: String,
    quoted: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    And,
    Or,
    Not,
}

impl Reader<'_> {
    fn or(&mut self, depth: usize) -> Result<Query, QueryError> {
        if depth > DEPTH_MAX {
            return Err(self.error(format!("brackets and NOT nest at most {DEPTH_MAX} deep")));
        }
        let mut parts = vec![self.and(depth)?];
        while self.eat(Word::Or) {
            parts.push(self.and(depth)?);
        }
        Ok(joined(parts, Query::Or))
    }

    fn and(&mut self, depth: usize) -> Result<Query, QueryError> {
        let mut parts = vec![self.not(depth)?];
        loop {
            if self.eat(Word::And) {
                parts.push(self.not(depth)?);
            } else if self.at_end() || self.sees(")") || self.peeks(Word::Or) {
                return Ok(joined(parts, Query::And));
            } else {
                parts.push(self.not(depth)?);
            }
        }
    }

    fn not(&mut self, depth: usize) -> Result<Query, QueryError> {
        if depth > DEPTH_MAX {
            return Err(self.error(format!("brackets and NOT nest at most {DEPTH_MAX} deep")));
        }
        if self.eat(Word::Not) || self.eat_text("!") {
            return Ok(Query::Not(Box::new(self.not(depth + 1)?)));
        }
        if self.eat_text("(") {
            let query = self.or(depth + 1)?;
            return if self.eat_text(")") { Ok(query) } else { Err(self.expected("AND, OR or )")) };
        }
        self.clause(depth)
    }

    fn clause(&mut self, depth: usize) -> Result<Query, QueryError> {
        let start = self.position();
        if self.at_end() || self.sees(")") || self.peeks(Word::And) || self.peeks(Word::Or) {
            return Err(self.expected("a field, a text or ("));
        }
        let before = self.input;
        if let Ok(name) = field_name.parse_next(&mut self.input) {
            self.space();
            if let Ok(op) = operator.parse_next(&mut self.input) {
                self.space();
                let field = Field::parse(name).ok_or_else(|| self.unknown_field(start, name))?;
                return self.values(&field, op, name, depth);
            }
            self.input = before;
        }
        let value = self.value("a field, a text or (")?;
        self.count()?;
        Ok(Query::Clause(Clause::AnyText(value.pattern())))
    }

    /// The value of a field, or several in brackets.
    fn values(&mut self, field: &Field, op: Op, name: &str, depth: usize) -> Result<Query, QueryError> {
        if !self.eat_text("(") {
            return self.compared(field, op, name);
        }
        if depth >= DEPTH_MAX {
            return Err(self.error(format!("brackets and NOT nest at most {DEPTH_MAX} deep")));
        }
        let mut either = Vec::new();
        let mut all = Vec::new();
        loop {
            let negated = self.eat(Word::Not);
            let one = self.compared(field, op, name)?;
            all.push(if negated { Query::Not(Box::new(one)) } else { one });
            if self.eat(Word::And) {
                continue;
            }
            either.push(joined(std::mem::take(&mut all), Query::And));
            if self.eat_text(")") {
                return Ok(joined(either, Query::Or));
            }
            if !self.eat(Word::Or) {
                return Err(self.expected("OR, AND or )"));
            }
        }
    }

    fn compared(&mut self, field: &Field, op: Op, name: &str) -> Result<Query, QueryError> {
        let value = self.value(&format!("a value for {name}"))?;
        self.count()?;
        let clause = field.clause(op, &value).map_err(|message| self.error_at(value.at, message))?;
        let query = Query::Clause(clause);
        Ok(if op == Op::IsNot { Query::Not(Box::new(query)) } else { query })
    }

    fn value(&mut self, expected: &str) -> Result<Value, QueryError> {
        let at = self.position();
        if self.peeks(Word::And) || self.peeks(Word::Or) || self.peeks(Word::Not) {
            return Err(self.expected(expected));
        }
        let found = alt((quoted.map(|text| (text, true)), bare.map(|text| (text, false)))).parse_next(&mut self.input);
        let (text, quoted) = match found {
            Ok(found) => found,
            Err(ErrMode::Backtrack(_)) => return Err(self.expected(expected)),
            Err(_) => return Err(self.error_at(at, "this quote is never closed")),
        };
        self.space();
        Ok(Value { at, text, quoted })
    }

    fn count(&mut self) -> Result<(), QueryError> {
        self.clauses += 1;
        if self.clauses > CLAUSES_MAX {
            return Err(self.error(format!("a query has at most {CLAUSES_MAX} conditions")));
        }
        Ok(())
    }

    fn space(&mut self) {
        let _: ModalResult<&str> = multispace0.parse_next(&mut self.input);
    }

    fn at_end(&self) -> bool {
        self.input.is_empty()
    }

    fn sees(&self, text: &str) -> bool {
        self.input.starts_with(text)
    }

    fn eat_text(&mut self, text: &str) -> bool {
        let mut wanted = text;
        let found: ModalResult<&str> = wanted.parse_next(&mut self.input);
        self.space();
        found.is_ok()
    }

    fn peeks(&self, word: Word) -> bool {
        keyword(word, &mut self.input.clone()).is_ok()
    }

    fn eat(&mut self, word: Word) -> bool {
        // A keyword that turns out to be the start of a longer word must not be consumed.
        let mut ahead = self.input;
        let found = keyword(word, &mut ahead).is_ok();
        if found {
            self.input = ahead;
            self.space();
        }
        found
    }

    /// The character at which the reader stands.
    fn position(&self) -> usize {
        let bytes = self.input.current_token_start();
        self.text.get(..bytes).map_or(bytes, |before| before.chars().count())
    }

    fn expected(&self, what: &str) -> QueryError {
        let found: String = self.input.chars().take_while(|character| !character.is_whitespace()).take(20).collect();
        let found = if found.is_empty() { "the end".to_owned() } else { format!("\"{found}\"") };
        self.error(format!("expected {what}, found {found}"))
    }

    fn error(&self, message: impl Into<String>) -> QueryError {
        self.error_at(self.position(), message)
    }

    fn error_at(&self, position: usize, message: impl Into<String>) -> QueryError {
        QueryError { position, message: message.into() }
    }

    fn unknown_field(&self, position: usize, name: &str) -> QueryError {
        let near: Vec<&str> = Field::NAMES.iter().copied().filter(|known| distance(name, known) <= 2).collect();
        let hint = if near.is_empty() {
            "to search for this text, put it in quotes".to_owned()
        } else {
            format!("did you mean {}?", near.join(" or "))
        };
        self.error_at(position, format!("there is no field \"{name}\"; {hint}"))
    }
}

fn joined(mut parts: Vec<Query>, join: fn(Vec<Query>) -> Query) -> Query {
    match parts.len() {
        1 => parts.remove(0),
        _ => join(parts),
    }
}

fn keyword(word: Word, input: &mut Input<'_>) -> ModalResult<()> {
    let ends = || peek(alt((winnow::combinator::eof.void(), one_of((' ', '\t', '\r', '\n', '(', ')', '"')).void())));
    match word {
        Word::And => terminated(alt((Caseless("and").void(), "&&".void())), ends()).parse_next(input),
        Word::Or => terminated(alt((Caseless("or").void(), "||".void())), ends()).parse_next(input),
        Word::Not => terminated(Caseless("not").void(), ends()).parse_next(input),
    }
}

/// A name that may be a field: `status`, `details.host`.
fn field_name<'q>(input: &mut Input<'q>) -> ModalResult<&'q str> {
    take_while(1.., |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-')).parse_next(input)
}

fn operator(input: &mut Input<'_>) -> ModalResult<Op> {
    alt((
        "!=".value(Op::IsNot),
        "<=".value(Op::AtMost),
        ">=".value(Op::AtLeast),
        '<'.value(Op::Less),
        '>'.value(Op::More),
        '='.value(Op::Is),
        terminated(':', not('/')).value(Op::Is),
    ))
    .parse_next(input)
}

/// A text in quotes, in which `\"` and `\\` stand for themselves.
fn quoted(input: &mut Input<'_>) -> ModalResult<String> {
    let character = alt((('\\', any).map(|(_, character)| character), none_of(['"', '\\'])));
    let text = repeat(0.., character).fold(String::new, |mut text, character| {
        text.push(character);
        text
    });
    let closing = cut_err('"').context(StrContext::Expected(StrContextValue::CharLiteral('"')));
    delimited('"', text, closing).parse_next(input)
}

/// A word without quotes; it ends at a space or a bracket.
fn bare(input: &mut Input<'_>) -> ModalResult<String> {
    take_while(1.., |c: char| !c.is_whitespace() && !matches!(c, '(' | ')' | '"')).map(str::to_owned).parse_next(input)
}

/// A field by its kind.
#[derive(Clone, Debug)]
enum Field {
    Text(TextField),
    Status,
    Flag(Flag),
    Priority,
    Time(TimeField),
    Number(NumberField),
}

impl Field {
    /// The names that people are offered.
    const NAMES: [&str; 29] = [
        "status",
        "acknowledged",
        "isSeen",
        "snoozed",
        "priority",
        "createdAt",
        "updatedAt",
        "lastOccurredAt",
        "snoozedUntil",
        "closedAt",
        "count",
        "tinyId",
        "id",
        "message",
        "description",
        "alias",
        "entity",
        "source",
        "tag",
        "actions",
        "owner",
        "acknowledgedBy",
        "closedBy",
        "teams",
        "responders",
        "service",
        "integration.name",
        "details.key",
        "details.value",
    ];

    fn parse(name: &str) -> Option<Self> {
        use TextField as T;
        let lower = name.to_lowercase();
        Some(match lower.as_str() {
            "status" => Self::Status,
            "acknowledged" => Self::Flag(Flag::Acknowledged),
            "isseen" | "seen" => Self::Flag(Flag::Seen),
            "snoozed" => Self::Flag(Flag::Snoozed),
            "priority" => Self::Priority,
            "createdat" => Self::Time(TimeField::CreatedAt),
            "updatedat" => Self::Time(TimeField::UpdatedAt),
            "lastoccurredat" => Self::Time(TimeField::LastOccurredAt),
            "snoozeduntil" => Self::Time(TimeField::SnoozedUntil),
            "closedat" => Self::Time(TimeField::ClosedAt),
            "count" => Self::Number(NumberField::Count),
            "tinyid" => Self::Number(NumberField::TinyId),
            "id" => Self::Text(T::Id),
            "message" => Self::Text(T::Message),
            "description" => Self::Text(T::Description),
            "alias" => Self::Text(T::Alias),
            "entity" => Self::Text(T::Entity),
            "source" => Self::Text(T::Source),
            "tag" | "tags" => Self::Text(T::Tag),
            "action" | "actions" => Self::Text(T::Action),
            "owner" => Self::Text(T::Owner),
            "acknowledgedby" => Self::Text(T::AcknowledgedBy),
            "closedby" => Self::Text(T::ClosedBy),
            "team" | "teams" => Self::Text(T::Team),
            "responder" | "responders" | "recipient" | "recipients" => Self::Text(T::Responder),
            "service" => Self::Text(T::Service),
            "integration" | "integration.name" => Self::Text(T::IntegrationName),
            "integration.type" => Self::Text(T::IntegrationKind),
            "details.key" => Self::Text(T::DetailKey),
            "details" | "details.value" => Self::Text(T::DetailValue),
            _ => {
                let (prefix, key) = name.split_once('.')?;
                if !prefix.eq_ignore_ascii_case("details") || key.is_empty() {
                    return None;
                }
                Self::Text(T::Detail(key.to_owned()))
            }
        })
    }

    fn clause(&self, op: Op, value: &Value) -> Result<Clause, String> {
        let equality = matches!(op, Op::Is | Op::IsNot);
        match self {
            Self::Text(_) | Self::Status | Self::Flag(_) if !equality => {
                Err("only :, = and != are possible here; < and > need a time, a number or a priority".to_owned())
            }
            Self::Text(field) => Ok(Clause::Text { field: field.clone(), pattern: value.pattern() }),
            Self::Status => match value.text.to_lowercase().as_str() {
                "open" => Ok(Clause::Open(true)),
                "closed" | "close" => Ok(Clause::Open(false)),
                _ => Err(format!("expected open or closed, found \"{}\"", value.text)),
            },
            Self::Flag(flag) => match value.text.to_lowercase().as_str() {
                "true" => Ok(Clause::Flag { flag: *flag, value: true }),
                "false" => Ok(Clause::Flag { flag: *flag, value: false }),
                _ => Err(format!("expected true or false, found \"{}\"", value.text)),
            },
            Self::Priority => priorities(op, &value.text).map(Clause::Priority),
            Self::Time(field) => {
                let (from, to) = time(&value.text)?;
                let (from, to) = match op {
                    Op::Is | Op::IsNot => (Some(from), Some(to)),
                    Op::Less => (None, Some(from)),
                    Op::AtMost => (None, Some(to)),
                    Op::More => (Some(to), None),
                    Op::AtLeast => (Some(from), None),
                };
                Ok(Clause::Time { field: *field, from, to })
            }
            Self::Number(field) => {
                let number: i64 =
                    value.text.parse().map_err(|_| format!("expected a whole number, found \"{}\"", value.text))?;
                let (from, to) = match op {
                    Op::Is | Op::IsNot => (Some(number), Some(number)),
                    Op::Less => (None, Some(number.saturating_sub(1))),
                    Op::AtMost => (None, Some(number)),
                    Op::More => (Some(number.saturating_add(1)), None),
                    Op::AtLeast => (Some(number), None),
                };
                Ok(Clause::Number { field: *field, from, to })
            }
        }
    }
}

impl Value {
    fn pattern(&self) -> Pattern {
        if self.quoted { Pattern::literal(&self.text) } else { Pattern::wildcards(&self.text) }
    }
}

/// The priorities that compare so; P1 is the greatest.
fn priorities(op: Op, text: &str) -> Result<Vec<Priority>, String> {
    let wanted = Priority::parse(text).ok_or_else(|| format!("expected P1 to P5, found \"{text}\""))?;
    let fits = |priority: Priority| match op {
        Op::Is | Op::IsNot => priority == wanted,
        Op::Less => priority > wanted,
        Op::AtMost => priority >= wanted,
        Op::More => priority < wanted,
        Op::AtLeast => priority <= wanted,
    };
    Ok(Priority::ALL.iter().copied().filter(|priority| fits(*priority)).collect())
}

/// The stretch of time that a text names: a millisecond, a second or a day. The end is not included.
fn time(text: &str) -> Result<(Timestamp, Timestamp), String> {
    let wrong = || {
        format!(
            "expected a time such as 1470394841148, 2026-01-31, 31-01-2026 or 2026-01-31T14:00:00Z, found \"{text}\""
        )
    };
    let stretch =
        |from: Timestamp, length: SignedDuration| from.checked_add(length).map(|to| (from, to)).map_err(|_| wrong());
    if let Ok(number) = text.parse::<i64>() {
        return if number.abs() < 100_000_000_000 {
            stretch(Timestamp::from_second(number).map_err(|_| wrong())?, SignedDuration::from_secs(1))
        } else {
            stretch(Timestamp::from_millisecond(number).map_err(|_| wrong())?, SignedDuration::from_millis(1))
        };
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        return stretch(at, SignedDuration::from_secs(1));
    }
    let day = text.parse::<Date>().or_else(|_| Date::strptime("%d-%m-%Y", text)).map_err(|_| wrong())?;
    let midnight = |day: Date| day.to_zoned(TimeZone::UTC).map(|at| at.timestamp()).map_err(|_| wrong());
    Ok((midnight(day)?, midnight(day.tomorrow().map_err(|_| wrong())?)?))
}
