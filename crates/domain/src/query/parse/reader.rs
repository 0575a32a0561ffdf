//! The token at which a query is read, what could stand there, and what is said when something else does.

use super::starts_something;
use crate::query::DEPTH_MAX;
use crate::query::ast::{Comparison, FieldName, Span};
use crate::query::error::{QueryError, list};
use crate::query::lex::{Lexed, Token, TokenKind};
use crate::query::near::near;
use crate::query::print::quoted;

/// What could stand at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::query) enum Expect {
    Field,
    SortField,
    /// `=`, `!=`, ... of the field.
    Compare,
    Keyword(&'static str),
    Symbol(&'static str),
    /// A value of the field; in a list if so.
    Value {
        list: bool,
    },
    /// A function that gives several values.
    Call,
    Person,
    Instant,
    /// The argument with this number of a function.
    Argument(String, usize),
    End,
}

impl Expect {
    fn words(&self) -> String {
        match self {
            Self::Field => "a field".to_owned(),
            Self::SortField => "a field to sort by".to_owned(),
            Self::Compare => "an operator such as = or ~".to_owned(),
            Self::Keyword(word) => (*word).to_owned(),
            Self::Symbol(symbol) => format!("\"{symbol}\""),
            Self::Value { .. } => "a value".to_owned(),
            Self::Call => "a function".to_owned(),
            Self::Person => "a person".to_owned(),
            Self::Instant => "a time".to_owned(),
            Self::Argument(function, _) => format!("an argument of {function}()"),
            Self::End => "the end".to_owned(),
        }
    }
}

/// Reads the tokens of one query.
pub(in crate::query) struct Reader<'t> {
    tokens: &'t [Token],
    at: usize,
    length: usize,
    pub(super) clauses: usize,
    /// What could stand at the current token.
    pub expected: Vec<Expect>,
    /// The field whose clause is being read.
    pub field: Option<FieldName>,
    /// The operator whose operand is being read.
    pub op: Option<Comparison>,
}

impl<'t> Reader<'t> {
    pub fn new(lexed: &'t Lexed) -> Self {
        let (tokens, length) = (lexed.tokens.as_slice(), lexed.length);
        Self { tokens, at: 0, length, clauses: 0, expected: Vec::new(), field: None, op: None }
    }

    pub(super) fn check_depth(&self, depth: usize) -> Result<(), QueryError> {
        if depth > DEPTH_MAX {
            let message = format!("brackets and NOT nest at most {DEPTH_MAX} deep");
            return Err(QueryError::new(self.span(), message));
        }
        Ok(())
    }

    pub(super) fn peek(&self) -> Option<&'t Token> {
        self.tokens.get(self.at)
    }

    /// A word with a bracket behind it.
    pub(super) fn peek_call(&self) -> bool {
        let word = matches!(self.peek(), Some(Token { kind: TokenKind::Word(word), .. }) if !starts_something(word));
        word && matches!(self.tokens.get(self.at + 1), Some(Token { kind: TokenKind::Open, .. }))
    }

    pub fn at_end(&self) -> bool {
        self.at >= self.tokens.len()
    }

    pub(super) fn advance(&mut self) {
        self.at += 1;
        self.expected.clear();
    }

    /// Where the current token stands; behind everything at the end.
    pub(super) fn span(&self) -> Span {
        let end = Span { start: self.length, end: self.length };
        self.peek().map_or(end, |token| token.span)
    }

    pub(super) fn previous(&self) -> Span {
        self.at.checked_sub(1).and_then(|last| self.tokens.get(last)).map_or(self.span(), |token| token.span)
    }

    pub(super) fn sees(&self, kind: &TokenKind) -> bool {
        self.peek().is_some_and(|token| token.kind == *kind)
    }

    pub(super) fn sees_order(&self) -> bool {
        self.next_is("ORDER")
    }

    pub(super) fn next_is(&self, word: &str) -> bool {
        matches!(self.peek(), Some(Token { kind: TokenKind::Word(found), .. }) if found.eq_ignore_ascii_case(word))
    }

    pub(super) fn eat(&mut self, kind: &TokenKind) -> bool {
        let found = self.sees(kind);
        if found {
            self.advance();
        }
        found
    }

    pub(super) fn eat_symbol(&mut self, symbol: &'static str, kind: &TokenKind) -> bool {
        self.expected.push(Expect::Symbol(symbol));
        self.eat(kind)
    }

    /// Takes a word; `offered` is how it is called where it is missing.
    pub(super) fn eat_word(&mut self, offered: &'static str, word: &str) -> bool {
        self.expected.push(Expect::Keyword(offered));
        let found = self.next_is(word);
        if found {
            self.advance();
        }
        found
    }

    pub(super) fn require(&mut self, symbol: &'static str, kind: &TokenKind) -> Result<(), QueryError> {
        if self.eat_symbol(symbol, kind) { Ok(()) } else { Err(self.unexpected()) }
    }

    pub(super) fn require_word(&mut self, word: &'static str) -> Result<(), QueryError> {
        if self.eat_word(word, word) { Ok(()) } else { Err(self.unexpected()) }
    }

    /// The current token is none of those that could stand here.
    pub(super) fn unexpected(&self) -> QueryError {
        let mut wanted: Vec<String> = Vec::new();
        for expect in &self.expected {
            let words = expect.words();
            if !wanted.contains(&words) {
                wanted.push(words);
            }
        }
        let wanted = list(&wanted, "or");
        let Some(token) = self.peek() else {
            return QueryError::new(self.span(), format!("expected {wanted}, found the end"));
        };
        let found = match &token.kind {
            TokenKind::Word(text) => text.chars().take(40).collect(),
            TokenKind::Quoted(text) => quoted(&text.chars().take(40).collect::<String>()),
            TokenKind::Custom(number) => format!("cf[{number}]"),
            TokenKind::Compare(op) => op.symbol().to_owned(),
            TokenKind::Open => "(".to_owned(),
            TokenKind::Close => ")".to_owned(),
            TokenKind::Comma => ",".to_owned(),
            TokenKind::And => "&&".to_owned(),
            TokenKind::Or => "||".to_owned(),
            TokenKind::Bang => "!".to_owned(),
        };
        let message = format!("expected {wanted}, found {found}");
        let TokenKind::Word(word) = &token.kind else { return QueryError::new(token.span, message) };
        let keywords = self.expected.iter().filter_map(|expect| match expect {
            Expect::Keyword(word) => Some(*word),
            _ => None,
        });
        let meant = near(word, keywords);
        let before = self.at.checked_sub(1).and_then(|last| self.tokens.get(last));
        match before {
            Some(Token { kind: TokenKind::Word(value), span }) if meant.is_empty() && self.after_value() => {
                let whole = quoted(&format!("{value} {word}"));
                let mut error =
                    QueryError::new(token.span, format!("{message}; if the value has several words, write {whole}"));
                error.position = span.start;
                error.length = token.span.end - span.start;
                error.suggestions = vec![whole];
                error
            }
            _ => QueryError::with_suggestions(token.span, message, meant),
        }
    }

    /// Whether the token before was a value.
    fn after_value(&self) -> bool {
        let operator = self.at.checked_sub(2).and_then(|place| self.tokens.get(place));
        matches!(operator, Some(Token { kind: TokenKind::Compare(_), .. }))
    }
}
