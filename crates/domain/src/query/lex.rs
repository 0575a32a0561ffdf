//! Words, texts, operators and brackets of a query.

use super::LENGTH_MAX;
use super::ast::{Comparison, Span};
use super::error::QueryError;

/// A piece of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub kind: TokenKind,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// Without quotes: a name, a keyword, a number, `-7d`.
    Word(String),
    /// In quotes.
    Quoted(String),
    /// `cf[10010]`.
    Custom(u64),
    Compare(Comparison),
    Open,
    Close,
    Comma,
    /// `&&`
    And,
    /// `||`
    Or,
    /// `!`
    Bang,
}

/// Words with a meaning of their own. Nothing that is printed without quotes is one of them.
pub(super) const RESERVED: [&str; 20] = [
    "AND", "OR", "NOT", "IN", "IS", "EMPTY", "NULL", "WAS", "CHANGED", "ORDER", "BY", "ASC", "DESC", "FROM", "TO",
    "BEFORE", "AFTER", "ON", "DURING", "CF",
];

/// Whether a character may stand in a word without quotes.
pub(super) fn is_word_character(character: char) -> bool {
    !character.is_whitespace()
        && !character.is_control()
        && !matches!(character, '(' | ')' | '[' | ']' | ',' | '"' | '\'' | '=' | '!' | '<' | '>' | '~' | '|' | '&')
}

/// What stands at the end of a text that breaks off there, as it does while somebody types.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Open {
    /// The text of a quote that is not closed.
    pub text: String,
    pub span: Span,
}

/// Everything in a text.
pub(super) struct Lexed {
    pub tokens: Vec<Token>,
    /// A quote that is never closed.
    pub open: Option<Open>,
    /// Characters in the text.
    pub length: usize,
}

/// Takes a text apart. A quote that is never closed is left to the caller.
pub(super) fn lex(text: &str) -> Result<Lexed, QueryError> {
    let characters: Vec<char> = text.chars().take(LENGTH_MAX + 1).collect();
    if characters.len() > LENGTH_MAX {
        let at = Span { start: LENGTH_MAX, end: LENGTH_MAX };
        return Err(QueryError::new(at, format!("a query has at most {LENGTH_MAX} characters")));
    }
    if let Some(at) = characters.iter().position(|character| *character == '\0') {
        // PostgreSQL cannot hold this character in a text.
        return Err(QueryError::new(Span { start: at, end: at + 1 }, "a query cannot hold the character NUL"));
    }
    let mut lexer = Lexer { characters: &characters, at: 0, tokens: Vec::new() };
    let open = lexer.run()?;
    Ok(Lexed { tokens: lexer.tokens, open, length: characters.len() })
}

struct Lexer<'c> {
    characters: &'c [char],
    at: usize,
    tokens: Vec<Token>,
}

impl Lexer<'_> {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.characters.get(self.at + ahead).copied()
    }

    fn run(&mut self) -> Result<Option<Open>, QueryError> {
        while let Some(character) = self.peek(0) {
            let next = self.peek(1);
            match character {
                _ if character.is_whitespace() => self.at += 1,
                '(' => self.push(TokenKind::Open, 1),
                ')' => self.push(TokenKind::Close, 1),
                ',' => self.push(TokenKind::Comma, 1),
                '"' | '\'' => {
                    if let Some(open) = self.quoted(character) {
                        return Ok(Some(open));
                    }
                }
                '&' if next == Some('&') => self.push(TokenKind::And, 2),
                '|' if next == Some('|') => self.push(TokenKind::Or, 2),
                '&' => return Err(self.instead(1, "a single & means nothing here", "AND")),
                '|' => return Err(self.instead(1, "a single | means nothing here", "OR")),
                '=' if next == Some('=') => return Err(self.instead(2, "== is no operator", "=")),
                '<' if next == Some('>') => return Err(self.instead(2, "<> is no operator", "!=")),
                '=' => self.compare(Comparison::Equal, 1),
                '!' if next == Some('=') => self.compare(Comparison::NotEqual, 2),
                '!' if next == Some('~') => self.compare(Comparison::ContainsNot, 2),
                '!' => self.push(TokenKind::Bang, 1),
                '<' if next == Some('=') => self.compare(Comparison::AtMost, 2),
                '<' => self.compare(Comparison::Less, 1),
                '>' if next == Some('=') => self.compare(Comparison::AtLeast, 2),
                '>' => self.compare(Comparison::Greater, 1),
                '~' => self.compare(Comparison::Contains, 1),
                _ if is_word_character(character) => self.word()?,
                _ => {
                    let span = Span { start: self.at, end: self.at + 1 };
                    let message = format!("the character {character:?} can stand only in quotes");
                    return Err(QueryError::new(span, message));
                }
            }
        }
        Ok(None)
    }

    fn push(&mut self, kind: TokenKind, length: usize) {
        self.tokens.push(Token { kind, span: Span { start: self.at, end: self.at + length } });
        self.at += length;
    }

    fn compare(&mut self, comparison: Comparison, length: usize) {
        self.push(TokenKind::Compare(comparison), length);
    }

    fn instead(&self, length: usize, message: &str, suggestion: &str) -> QueryError {
        let span = Span { start: self.at, end: self.at + length };
        QueryError::with_suggestions(span, message, vec![suggestion.to_owned()])
    }

    /// A text in quotes, in which a backslash takes the next character as it is; `\n`, `\r` and `\t` are the
    /// usual ones. Gives the text if the quote is never closed.
    fn quoted(&mut self, quote: char) -> Option<Open> {
        let start = self.at;
        let mut text = String::new();
        self.at += 1;
        while let Some(character) = self.peek(0) {
            self.at += 1;
            match character {
                '\\' => {
                    let Some(escaped) = self.peek(0) else { break };
                    self.at += 1;
                    text.push(match escaped {
                        'n' => '\n',
                        'r' => '\r',
                        't' => '\t',
                        other => other,
                    });
                }
                _ if character == quote => {
                    let span = Span { start, end: self.at };
                    self.tokens.push(Token { kind: TokenKind::Quoted(text), span });
                    return None;
                }
                _ => text.push(character),
            }
        }
        Some(Open { text, span: Span { start, end: self.at } })
    }

    fn word(&mut self) -> Result<(), QueryError> {
        let start = self.at;
        let text: String = self.characters[start..].iter().take_while(|c| is_word_character(**c)).collect();
        self.at += text.chars().count();
        if text.eq_ignore_ascii_case("cf") && self.peek(0) == Some('[') {
            return self.custom(start);
        }
        self.tokens.push(Token { kind: TokenKind::Word(text), span: Span { start, end: self.at } });
        Ok(())
    }

    /// `cf[10010]`, standing at its bracket.
    fn custom(&mut self, start: usize) -> Result<(), QueryError> {
        self.at += 1;
        let digits: String = self.characters[self.at..].iter().take_while(|c| c.is_ascii_digit()).collect();
        self.at += digits.len();
        let number = digits.parse::<u64>();
        match (number, self.peek(0)) {
            (Ok(number), Some(']')) => {
                self.at += 1;
                self.tokens.push(Token { kind: TokenKind::Custom(number), span: Span { start, end: self.at } });
                Ok(())
            }
            _ => {
                let span = Span { start, end: self.at };
                Err(QueryError::new(span, "expected the number of a custom field, such as cf[10010]"))
            }
        }
    }
}
