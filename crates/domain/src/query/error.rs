//! Why a query cannot be read, and what to write instead.

use super::ast::Span;

/// One thing that is wrong with a query, at its place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, serde::Serialize, utoipa::ToSchema)]
#[schema(as = QueryProblem)]
#[error("at character {}: {message}", position + 1)]
pub struct QueryError {
    /// The character at which the wrong part begins, from 0.
    pub position: usize,
    /// How many characters the wrong part has; 0 where something is missing.
    pub length: usize,
    /// What is wrong, what was expected, and what to do.
    pub message: String,
    /// What could stand in place of the wrong part, likeliest first.
    pub suggestions: Vec<String>,
}

impl QueryError {
    /// Something is wrong here.
    pub(super) fn new(span: Span, message: impl Into<String>) -> Self {
        let length = span.end.saturating_sub(span.start);
        Self { position: span.start, length, message: message.into(), suggestions: Vec::new() }
    }

    /// Something is wrong here; one of these was probably meant.
    pub(super) fn with_suggestions(span: Span, message: impl Into<String>, suggestions: Vec<String>) -> Self {
        let mut error = Self::new(span, message);
        if !suggestions.is_empty() {
            error.message = format!("{}; did you mean {}?", error.message, list(&suggestions, "or"));
        }
        error.suggestions = suggestions;
        error
    }
}

/// `a, b or c`.
pub(super) fn list<T: AsRef<str>>(items: &[T], last: &str) -> String {
    match items {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [first @ .., end] => {
            let first: Vec<&str> = first.iter().map(AsRef::as_ref).collect();
            format!("{} {last} {}", first.join(", "), end.as_ref())
        }
    }
}
