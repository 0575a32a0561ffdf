//! Reading a query.
//!
//! The reader notes at every token what could stand there ([`Expect`]), and forgets it when it moves on. So the same
//! notes give the words of an error, and what completion offers at the end of an unfinished query.

mod reader;

use super::ast::{
    Call, Clause, Comparison, Expr, FieldName, FieldRef, HistoryKind, HistoryPredicate, Literal, Operand, Operands,
    Query, Sort, Test,
};
use super::error::QueryError;
use super::lex::{Token, TokenKind, lex};
use super::print::{quoted, quoted_if_needed};
use super::{CLAUSES_MAX, LIST_MAX, ORDER_MAX};
pub(super) use reader::{Expect, Reader};

/// Functions in arguments of functions nest this deep.
const CALL_DEPTH_MAX: usize = 3;

/// Reads a query; an empty one asks for everything.
pub fn parse(text: &str) -> Result<Query, QueryError> {
    let lexed = lex(text)?;
    if let Some(open) = &lexed.open {
        return Err(QueryError::new(open.span, "this quote is never closed"));
    }
    Reader::new(&lexed).query()
}

impl Reader<'_> {
    /// The whole query.
    pub fn query(&mut self) -> Result<Query, QueryError> {
        let mut query = Query::default();
        if !self.at_end() && !self.sees_order() {
            query.filter = Some(self.or(0)?);
        } else {
            self.expected.push(Expect::Field);
            self.expected.push(Expect::Keyword("NOT"));
            self.expected.push(Expect::Symbol("("));
        }
        if self.eat_word("ORDER BY", "ORDER") {
            self.require_word("BY")?;
            query.order = self.order()?;
        }
        self.expected.push(Expect::End);
        if self.at_end() { Ok(query) } else { Err(self.unexpected()) }
    }

    fn or(&mut self, depth: usize) -> Result<Expr, QueryError> {
        self.check_depth(depth)?;
        let mut parts = vec![self.and(depth)?];
        while self.eat_word("OR", "OR") || self.eat(&TokenKind::Or) {
            parts.push(self.and(depth)?);
        }
        Ok(Expr::or(parts))
    }

    fn and(&mut self, depth: usize) -> Result<Expr, QueryError> {
        let mut parts = vec![self.not(depth)?];
        while self.eat_word("AND", "AND") || self.eat(&TokenKind::And) {
            parts.push(self.not(depth)?);
        }
        Ok(Expr::and(parts))
    }

    fn not(&mut self, depth: usize) -> Result<Expr, QueryError> {
        self.check_depth(depth)?;
        self.field = None;
        self.expected.push(Expect::Field);
        if self.eat_word("NOT", "NOT") || self.eat(&TokenKind::Bang) {
            return Ok(Expr::Not(Box::new(self.not(depth + 1)?)));
        }
        if self.eat_symbol("(", &TokenKind::Open) {
            let inner = self.or(depth + 1)?;
            return if self.eat_symbol(")", &TokenKind::Close) { Ok(inner) } else { Err(self.unexpected()) };
        }
        self.clauses += 1;
        if self.clauses > CLAUSES_MAX {
            return Err(QueryError::new(self.span(), format!("a query has at most {CLAUSES_MAX} conditions")));
        }
        self.clause().map(Expr::Clause)
    }

    fn clause(&mut self) -> Result<Clause, QueryError> {
        let field = self.field_name()?;
        self.field = Some(field.name.clone());
        self.op = None;
        let start = field.span;
        let test = self.test()?;
        Ok(Clause { field, test, span: start.to(self.previous()) })
    }

    fn test(&mut self) -> Result<Test, QueryError> {
        let at = self.span();
        if let Some(op) = self.comparison() {
            return Ok(Test::Compare { op, at, operand: self.operand(false)? });
        }
        if self.eat_word("IN", "IN") {
            return Ok(Test::In { negated: false, at, operands: self.list_or_call()? });
        }
        if self.eat_word("NOT IN", "NOT") {
            self.require_word("IN")?;
            return Ok(Test::In { negated: true, at: at.to(self.previous()), operands: self.list_or_call()? });
        }
        if self.eat_word("IS", "IS") {
            let negated = self.eat_word("NOT", "NOT");
            if self.eat_word("EMPTY", "EMPTY") || self.eat_word("NULL", "NULL") {
                return Ok(Test::Empty { negated, at: at.to(self.previous()) });
            }
            return Err(self.unexpected());
        }
        if self.eat_word("WAS", "WAS") {
            let negated = self.eat_word("NOT", "NOT");
            let operands =
                if self.eat_word("IN", "IN") { self.list_or_call()? } else { Operands::One(self.operand(false)?) };
            return Ok(Test::Was { negated, at, operands, predicates: self.predicates()? });
        }
        if self.eat_word("CHANGED", "CHANGED") {
            return Ok(Test::Changed { at, predicates: self.predicates()? });
        }
        Err(self.unexpected())
    }

    fn comparison(&mut self) -> Option<Comparison> {
        self.expected.push(Expect::Compare);
        let TokenKind::Compare(op) = self.peek()?.kind else { return None };
        self.advance();
        self.op = Some(op);
        Some(op)
    }

    fn predicates(&mut self) -> Result<Vec<HistoryPredicate>, QueryError> {
        let mut predicates = Vec::new();
        loop {
            let start = self.span();
            let kind = if self.eat_word("FROM", "FROM") {
                HistoryKind::From(self.operands()?)
            } else if self.eat_word("TO", "TO") {
                HistoryKind::To(self.operands()?)
            } else if self.eat_word("BY", "BY") {
                self.people()?
            } else if self.eat_word("BEFORE", "BEFORE") {
                HistoryKind::Before(self.instant()?)
            } else if self.eat_word("AFTER", "AFTER") {
                HistoryKind::After(self.instant()?)
            } else if self.eat_word("ON", "ON") {
                HistoryKind::On(self.instant()?)
            } else if self.eat_word("DURING", "DURING") {
                self.require("(", &TokenKind::Open)?;
                let from = self.instant()?;
                self.require(",", &TokenKind::Comma)?;
                let to = self.instant()?;
                self.require(")", &TokenKind::Close)?;
                HistoryKind::During(from, to)
            } else {
                return Ok(predicates);
            };
            predicates.push(HistoryPredicate { kind, span: start.to(self.previous()) });
            if predicates.len() > CLAUSES_MAX {
                return Err(QueryError::new(start, "there are too many conditions here"));
            }
        }
    }

    fn instant(&mut self) -> Result<Operand, QueryError> {
        self.expected.push(Expect::Instant);
        self.single()
    }

    fn people(&mut self) -> Result<HistoryKind, QueryError> {
        self.expected.push(Expect::Person);
        if self.eat_symbol("(", &TokenKind::Open) {
            return Ok(HistoryKind::By(Operands::List(self.items(&Expect::Person)?)));
        }
        Ok(HistoryKind::By(Operands::One(self.single()?)))
    }

    fn operands(&mut self) -> Result<Operands, QueryError> {
        self.expected.push(Expect::Value { list: false });
        if self.eat_symbol("(", &TokenKind::Open) {
            return Ok(Operands::List(self.items(&Expect::Value { list: true })?));
        }
        Ok(Operands::One(self.operand(false)?))
    }

    /// What stands behind IN.
    fn list_or_call(&mut self) -> Result<Operands, QueryError> {
        if self.eat_symbol("(", &TokenKind::Open) {
            return Ok(Operands::List(self.items(&Expect::Value { list: true })?));
        }
        self.expected.push(Expect::Call);
        if self.peek_call() {
            return Ok(Operands::One(self.single()?));
        }
        let mut error = self.unexpected();
        if let Some(Token { kind: TokenKind::Word(word) | TokenKind::Quoted(word), .. }) = self.peek() {
            let suggestion = format!("({})", quoted_if_needed(word));
            error.message = format!("{}; a list stands in brackets: {suggestion}", error.message);
            error.suggestions = vec![suggestion];
        }
        Err(error)
    }

    /// The rest of a list, from behind its bracket.
    fn items(&mut self, expect: &Expect) -> Result<Vec<Operand>, QueryError> {
        let mut items = Vec::new();
        loop {
            if items.len() >= LIST_MAX {
                return Err(QueryError::new(self.span(), format!("a list has at most {LIST_MAX} values")));
            }
            self.expected.push(expect.clone());
            items.push(self.single()?);
            if self.eat_symbol(")", &TokenKind::Close) {
                return Ok(items);
            }
            self.require(",", &TokenKind::Comma)?;
        }
    }

    fn operand(&mut self, list: bool) -> Result<Operand, QueryError> {
        self.expected.push(Expect::Value { list });
        if self.sees(&TokenKind::Open) {
            let mut error = self.unexpected();
            error.message = format!("{}; a list needs IN", error.message);
            return Err(error);
        }
        self.single()
    }

    /// A value, a call or EMPTY.
    fn single(&mut self) -> Result<Operand, QueryError> {
        let span = self.span();
        // EMPTY is read where a value is expected, but only IS offers it.
        if self.next_is("EMPTY") || self.next_is("NULL") {
            self.advance();
            return Ok(Operand::Empty(span));
        }
        self.value(0)
    }

    fn value(&mut self, depth: usize) -> Result<Operand, QueryError> {
        if self.peek_call() {
            return self.call(depth).map(Operand::Call);
        }
        let span = self.span();
        match self.peek().map(|token| &token.kind) {
            Some(TokenKind::Quoted(text)) => {
                let text = text.clone();
                self.advance();
                Ok(Operand::Value(Literal { text, span }))
            }
            Some(TokenKind::Word(text)) if !starts_something(text) => {
                let text = text.clone();
                self.advance();
                Ok(Operand::Value(Literal { text, span }))
            }
            Some(TokenKind::Word(text)) => {
                let mut error = self.unexpected();
                let suggestion = quoted(text);
                error.message = format!("{}; if that is the value, write {suggestion}", error.message);
                error.suggestions = vec![suggestion];
                Err(error)
            }
            _ => Err(self.unexpected()),
        }
    }

    fn call(&mut self, depth: usize) -> Result<Call, QueryError> {
        let span = self.span();
        if depth >= CALL_DEPTH_MAX {
            return Err(QueryError::new(span, format!("functions nest at most {CALL_DEPTH_MAX} deep")));
        }
        let Some(TokenKind::Word(name)) = self.peek().map(|token| token.kind.clone()) else {
            return Err(self.unexpected());
        };
        self.advance();
        self.require("(", &TokenKind::Open)?;
        let mut arguments = Vec::new();
        self.expected.push(Expect::Argument(name.clone(), 0));
        if !self.eat_symbol(")", &TokenKind::Close) {
            loop {
                if arguments.len() >= LIST_MAX {
                    return Err(QueryError::new(self.span(), format!("a function has at most {LIST_MAX} arguments")));
                }
                self.expected.push(Expect::Argument(name.clone(), arguments.len()));
                arguments.push(self.value(depth + 1)?);
                if self.eat_symbol(")", &TokenKind::Close) {
                    break;
                }
                self.require(",", &TokenKind::Comma)?;
            }
        }
        Ok(Call { name, arguments, span: span.to(self.previous()) })
    }

    fn order(&mut self) -> Result<Vec<Sort>, QueryError> {
        let mut order = Vec::new();
        loop {
            if order.len() >= ORDER_MAX {
                return Err(QueryError::new(self.span(), format!("a list is sorted by at most {ORDER_MAX} fields")));
            }
            self.field = None;
            self.expected.push(Expect::SortField);
            let field = self.field_name()?;
            let descending = self.eat_word("DESC", "DESC");
            if !descending {
                self.eat_word("ASC", "ASC");
            }
            order.push(Sort { field, descending });
            if !self.eat_symbol(",", &TokenKind::Comma) {
                return Ok(order);
            }
        }
    }

    fn field_name(&mut self) -> Result<FieldRef, QueryError> {
        let span = self.span();
        let name = match self.peek().map(|token| &token.kind) {
            Some(TokenKind::Word(word)) if !starts_something(word) => FieldName::Named(word.clone()),
            Some(TokenKind::Quoted(text)) => FieldName::Named(text.clone()),
            Some(TokenKind::Custom(number)) => FieldName::Custom(*number),
            _ => return Err(self.unexpected()),
        };
        self.advance();
        Ok(FieldRef { name, span })
    }
}

/// Words that begin or join something, so that a value or a field with such a name needs quotes.
fn starts_something(word: &str) -> bool {
    ["AND", "OR", "NOT", "IN", "IS", "WAS", "CHANGED", "ORDER", "EMPTY", "NULL"]
        .iter()
        .any(|reserved| reserved.eq_ignore_ascii_case(word))
}
