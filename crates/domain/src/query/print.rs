//! The canonical text of a query: words of the language in capitals, brackets and quotes only where needed. Reading
//! it gives the same query.

use std::fmt::{self, Display, Formatter, Write};

use super::ast::{
    Call, Clause, Expr, FieldName, FieldRef, HistoryKind, HistoryPredicate, Literal, Operand, Operands, Query, Test,
};
use super::lex::{RESERVED, is_word_character};

/// A name or a value as it has to be written: in quotes unless it is a plain word.
pub fn quoted_if_needed(text: &str) -> String {
    let plain = !text.is_empty()
        && text.chars().all(is_word_character)
        && !RESERVED.iter().any(|word| word.eq_ignore_ascii_case(text));
    if plain { text.to_owned() } else { quoted(text) }
}

/// A text in quotes.
pub(super) fn quoted(text: &str) -> String {
    let mut written = String::with_capacity(text.len() + 2);
    written.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => {
                written.push('\\');
                written.push(character);
            }
            '\n' => written.push_str("\\n"),
            '\r' => written.push_str("\\r"),
            '\t' => written.push_str("\\t"),
            other => written.push(other),
        }
    }
    written.push('"');
    written
}

impl Display for Query {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(filter) = &self.filter {
            filter.fmt(f)?;
        }
        for (number, sort) in self.order.iter().enumerate() {
            f.write_str(match (number, self.filter.is_some()) {
                (0, true) => " ORDER BY ",
                (0, false) => "ORDER BY ",
                _ => ", ",
            })?;
            write!(f, "{} {}", sort.field, if sort.descending { "DESC" } else { "ASC" })?;
        }
        Ok(())
    }
}

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Or(parts) => joined(f, parts, " OR ", |_| false),
            Self::And(parts) => joined(f, parts, " AND ", |part| matches!(part, Self::Or(_))),
            Self::Not(part) if matches!(**part, Self::And(_) | Self::Or(_)) => write!(f, "NOT ({part})"),
            Self::Not(part) => write!(f, "NOT {part}"),
            Self::Clause(clause) => clause.fmt(f),
        }
    }
}

fn joined(f: &mut Formatter<'_>, parts: &[Expr], by: &str, bracket: fn(&Expr) -> bool) -> fmt::Result {
    for (number, part) in parts.iter().enumerate() {
        if number > 0 {
            f.write_str(by)?;
        }
        if bracket(part) { write!(f, "({part})")? } else { part.fmt(f)? }
    }
    Ok(())
}

impl Display for FieldRef {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.name.fmt(f)
    }
}

impl Display for FieldName {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) => f.write_str(&quoted_if_needed(name)),
            Self::Custom(number) => write!(f, "cf[{number}]"),
        }
    }
}

impl Display for Clause {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let field = &self.field;
        let not = |negated: &bool| if *negated { "NOT " } else { "" };
        match &self.test {
            Test::Compare { op, operand, .. } => write!(f, "{field} {} {operand}", op.symbol()),
            Test::In { negated, operands, .. } => write!(f, "{field} {}IN {operands}", not(negated)),
            Test::Empty { negated, .. } => write!(f, "{field} IS {}EMPTY", not(negated)),
            Test::Was { negated, operands, predicates, .. } => {
                let list = if matches!(operands, Operands::List(_)) { "IN " } else { "" };
                write!(f, "{field} WAS {}{list}{operands}", not(negated))?;
                predicates.iter().try_for_each(|predicate| predicate.fmt(f))
            }
            Test::Changed { predicates, .. } => {
                write!(f, "{field} CHANGED")?;
                predicates.iter().try_for_each(|predicate| predicate.fmt(f))
            }
        }
    }
}

impl Display for HistoryPredicate {
    /// With a space in front.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.kind {
            HistoryKind::From(operands) => write!(f, " FROM {operands}"),
            HistoryKind::To(operands) => write!(f, " TO {operands}"),
            HistoryKind::By(operands) => write!(f, " BY {operands}"),
            HistoryKind::Before(operand) => write!(f, " BEFORE {operand}"),
            HistoryKind::After(operand) => write!(f, " AFTER {operand}"),
            HistoryKind::On(operand) => write!(f, " ON {operand}"),
            HistoryKind::During(from, to) => write!(f, " DURING ({from}, {to})"),
        }
    }
}

impl Display for Operands {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(operand) => operand.fmt(f),
            Self::List(list) => {
                f.write_char('(')?;
                for (number, operand) in list.iter().enumerate() {
                    if number > 0 {
                        f.write_str(", ")?;
                    }
                    operand.fmt(f)?;
                }
                f.write_char(')')
            }
        }
    }
}

impl Display for Operand {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(literal) => literal.fmt(f),
            Self::Call(call) => call.fmt(f),
            Self::Empty(_) => f.write_str("EMPTY"),
        }
    }
}

impl Display for Literal {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&quoted_if_needed(&self.text))
    }
}

impl Display for Call {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let arguments: Vec<String> = self.arguments.iter().map(ToString::to_string).collect();
        write!(f, "{}({})", self.name, arguments.join(", "))
    }
}
