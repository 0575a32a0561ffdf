//! Conditions and choices written in CEL, the Common Expression Language, within limits.
//!
//! An [`Expression`] is compiled once. [`Inputs`] holds the values that it may name; one root is made per payload
//! and each item gets a scope on top, because making a root is the dear part.
//!
//! **Invariants**
//! - Length and nesting are limited before parsing, so no text overflows the parser's stack.
//! - Loops (`map`, `filter`, `all`, `exists`) never stand inside each other, so work grows with the input and no
//!   faster.

use std::{collections::HashMap, fmt, sync::Arc};

use cel::{
    Context, Program,
    common::ast::{EntryExpr, Expr, IdedExpr},
    objects::{Key, Map, Value as Cel},
};
use serde_json::Value;

/// Longest expression, in characters.
const LENGTH_MAX: usize = 1_000;
/// Deepest nesting of brackets, and of anything else in the syntax tree.
const DEPTH_MAX: usize = 40;

/// A compiled expression.
pub struct Expression {
    source: String,
    program: Program,
    loops: bool,
}

/// Why an expression cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExpressionError {
    /// Longer or deeper than allowed.
    #[error("{0}")]
    TooLarge(String),
    /// It is not CEL.
    #[error("{0}")]
    Syntax(String),
    /// It failed on the values at hand.
    #[error("`{source_text}` failed: {message}")]
    Failed {
        /// The expression.
        source_text: String,
        /// What went wrong.
        message: String,
    },
    /// It gave something else than what is needed.
    #[error("`{source_text}` gave {found}, but {expected} is needed")]
    WrongType {
        /// The expression.
        source_text: String,
        /// What it gave.
        found: &'static str,
        /// What is needed.
        expected: &'static str,
    },
}

impl Expression {
    /// Compiles an expression that may name these values.
    pub fn compile(source: &str, names: &[&str]) -> Result<Self, ExpressionError> {
        limit_text(source)?;
        let program = Program::compile(source).map_err(|errors| ExpressionError::Syntax(syntax_text(&errors)))?;
        let mut bound = Vec::new();
        limit_tree(program.expression(), 0, 0, &mut bound)?;
        let loops = !bound.is_empty();
        for name in program.references().variables() {
            if !names.contains(&name) && !bound.contains(&name) {
                let known = names.join(", ");
                return Err(ExpressionError::Syntax(format!("unknown name `{name}`; known names: {known}")));
            }
        }
        Ok(Self { source: source.to_owned(), program, loops })
    }

    /// Its text.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Whether it walks over a list.
    pub fn has_loops(&self) -> bool {
        self.loops
    }

    /// True or false.
    pub fn test(&self, inputs: &Inputs<'_>) -> Result<bool, ExpressionError> {
        match self.run(inputs)? {
            Cel::Bool(value) => Ok(value),
            other => Err(self.wrong(&other, "true or false")),
        }
    }

    /// A text.
    pub fn text(&self, inputs: &Inputs<'_>) -> Result<String, ExpressionError> {
        match self.run(inputs)? {
            Cel::String(value) => Ok(value.to_string()),
            other => Err(self.wrong(&other, "a text")),
        }
    }

    /// A list.
    pub fn list(&self, inputs: &Inputs<'_>) -> Result<Vec<Value>, ExpressionError> {
        match self.run(inputs)? {
            Cel::List(items) => Ok(items.iter().map(json).collect()),
            other => Err(self.wrong(&other, "a list")),
        }
    }

    fn run(&self, inputs: &Inputs<'_>) -> Result<Cel, ExpressionError> {
        self.program
            .execute(&inputs.0)
            .map_err(|error| ExpressionError::Failed { source_text: self.source.clone(), message: brief(&error) })
    }

    fn wrong(&self, found: &Cel, expected: &'static str) -> ExpressionError {
        ExpressionError::WrongType { source_text: self.source.clone(), found: type_name(found), expected }
    }
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Expression").field(&self.source).finish()
    }
}

/// The values that expressions may name.
pub struct Inputs<'p>(Context<'p, 'static>);

impl Inputs<'static> {
    /// A root without values.
    pub fn root() -> Self {
        Self(Context::default())
    }
}

impl<'p> Inputs<'p> {
    /// Adds a value.
    #[must_use]
    pub fn with(mut self, name: &str, value: &Value) -> Self {
        self.0.add_variable_from_value(name, cel_value(value));
        self
    }

    /// A scope on top of this one.
    pub fn scope(&self) -> Inputs<'_> {
        Inputs(self.0.new_inner_scope())
    }
}

fn limit_text(source: &str) -> Result<(), ExpressionError> {
    if source.trim().is_empty() {
        return Err(ExpressionError::Syntax("the expression is empty".into()));
    }
    if source.chars().count() > LENGTH_MAX {
        return Err(ExpressionError::TooLarge(format!("an expression has at most {LENGTH_MAX} characters")));
    }
    let mut depth = 0_usize;
    for character in source.chars() {
        match character {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEPTH_MAX {
            return Err(ExpressionError::TooLarge(format!("brackets nest at most {DEPTH_MAX} deep")));
        }
    }
    Ok(())
}

/// Refuses trees that are too deep or loop within loops; collects the names that loops bind.
fn limit_tree<'t>(
    node: &'t IdedExpr,
    depth: usize,
    loops: usize,
    bound: &mut Vec<&'t str>,
) -> Result<(), ExpressionError> {
    if depth > LENGTH_MAX {
        return Err(ExpressionError::TooLarge("the expression is too deep".into()));
    }
    let mut visit = |node: &'t IdedExpr| limit_tree(node, depth + 1, loops, bound);
    match &node.expr {
        Expr::Call(call) => {
            call.target.iter().try_for_each(|target| visit(target))?;
            call.args.iter().try_for_each(visit)
        }
        Expr::Comprehension(one) => {
            visit(&one.iter_range)?;
            if loops > 0 {
                return Err(ExpressionError::TooLarge(
                    "map, filter, all and exists cannot stand inside each other".into(),
                ));
            }
            bound.extend([one.iter_var.as_str(), one.accu_var.as_str()]);
            bound.extend(one.iter_var2.as_deref());
            [&one.accu_init, &one.loop_cond, &one.loop_step, &one.result]
                .into_iter()
                .try_for_each(|part| limit_tree(part, depth + 1, loops + 1, bound))
        }
        Expr::List(list) => list.elements.iter().try_for_each(visit),
        Expr::Map(map) => {
            map.entries.iter().try_for_each(|entry| entry_parts(&entry.expr).into_iter().try_for_each(&mut visit))
        }
        Expr::Struct(one) => {
            one.entries.iter().try_for_each(|entry| entry_parts(&entry.expr).into_iter().try_for_each(&mut visit))
        }
        Expr::Select(select) => visit(&select.operand),
        Expr::Unspecified | Expr::Ident(_) | Expr::Literal(_) => Ok(()),
    }
}

fn entry_parts(entry: &EntryExpr) -> Vec<&IdedExpr> {
    match entry {
        EntryExpr::StructField(field) => vec![&field.value],
        EntryExpr::MapEntry(entry) => vec![&entry.key, &entry.value],
    }
}

fn syntax_text(errors: &cel::ParseErrors) -> String {
    match errors.errors.first() {
        Some(error) => {
            let what = error.msg.trim().trim_start_matches("Syntax error: ");
            let what = what.split(" expecting ").next().unwrap_or(what).replace("'<EOF>'", "end of the expression");
            format!("line {}, column {}: {what}", error.pos.0, error.pos.1)
        }
        None => "this is not an expression".into(),
    }
}

/// The error in words that fit on a line; values of the payload are not repeated at length.
fn brief(error: &cel::ExecutionError) -> String {
    let text = error.to_string();
    if text.chars().count() > 200 { format!("{}…", text.chars().take(200).collect::<String>()) } else { text }
}

fn type_name(value: &Cel) -> &'static str {
    match value {
        Cel::List(_) => "a list",
        Cel::Map(_) | Cel::Struct(_) => "an object",
        Cel::Int(_) | Cel::UInt(_) | Cel::Float(_) => "a number",
        Cel::String(_) => "a text",
        Cel::Bytes(_) => "bytes",
        Cel::Bool(_) => "true or false",
        Cel::Null => "null",
        _ => "something else",
    }
}

/// JSON as CEL sees it. Whole numbers are `int`, so that `count > 3` works as written.
fn cel_value(value: &Value) -> Cel {
    match value {
        Value::Null => Cel::Null,
        Value::Bool(value) => Cel::Bool(*value),
        Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(value), _) => Cel::Int(value),
            (None, Some(value)) => Cel::UInt(value),
            (None, None) => Cel::Float(number.as_f64().unwrap_or(f64::NAN)),
        },
        Value::String(value) => Cel::String(Arc::new(value.clone())),
        Value::Array(items) => Cel::List(Arc::new(items.iter().map(cel_value).collect())),
        Value::Object(fields) => {
            let map: HashMap<Key, Cel> =
                fields.iter().map(|(key, value)| (Key::from(key.as_str()), cel_value(value))).collect();
            Cel::Map(Map { map: Arc::new(map) })
        }
    }
}

fn json(value: &Cel) -> Value {
    value.json().unwrap_or(Value::Null)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn check(source: &str) -> String {
        let payload = json!({"state": "alerting", "count": 5, "load": 1.5, "tags": ["a", "b"], "big": u64::MAX});
        match Expression::compile(source, &["payload"]) {
            Err(error) => format!("refused: {error}"),
            Ok(expression) => match expression.run(&Inputs::root().with("payload", &payload).scope()) {
                Err(error) => error.to_string(),
                Ok(value) => json(&value).to_string(),
            },
        }
    }

    #[test]
    fn expressions() {
        let sources = [
            "payload.state == 'alerting' && payload.count > 3",
            "payload.load > 1.0 ? 'raise' : 'close'",
            "payload.tags.filter(t, t != 'a')",
            "has(payload.nope)",
            "payload.nope == 1",
            "paylod.state",
            "payload.state ==",
            "payload.tags.all(t, payload.tags.exists(u, u == t))",
            "payload.tags.map(t, t).exists(t, t == 'b')",
            "payload.state.matches('^al')",
            "",
        ];
        let text: Vec<_> = sources.iter().map(|source| format!("{source}  =>  {}", check(source))).collect();
        insta::assert_snapshot!(text.join("\n"), @r#"
        payload.state == 'alerting' && payload.count > 3  =>  true
        payload.load > 1.0 ? 'raise' : 'close'  =>  "raise"
        payload.tags.filter(t, t != 'a')  =>  ["b"]
        has(payload.nope)  =>  false
        payload.nope == 1  =>  `payload.nope == 1` failed: No such key: nope
        paylod.state  =>  refused: unknown name `paylod`; known names: payload
        payload.state ==  =>  refused: line 1, column 17: mismatched input end of the expression
        payload.tags.all(t, payload.tags.exists(u, u == t))  =>  refused: map, filter, all and exists cannot stand inside each other
        payload.tags.map(t, t).exists(t, t == 'b')  =>  true
        payload.state.matches('^al')  =>  true
          =>  refused: the expression is empty
        "#);
    }

    #[test]
    fn deep_and_long_texts_are_refused_before_they_hurt() {
        for source in ["(".repeat(900), "[".repeat(900), "x".repeat(1001), format!("{}1", "-(".repeat(60))] {
            assert!(check(&source).starts_with("refused"), "{source}");
        }
        for source in
            [format!("{}true", "!".repeat(900)), format!("{}1", "true?1:".repeat(140)), vec!["1"; 330].join(" + ")]
        {
            let thread = std::thread::Builder::new().stack_size(1024 * 1024);
            let handle = thread.spawn(move || check(&source)).expect("starts");
            handle.join().expect("does not overflow the stack");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// No text makes the compiler panic.
        #[test]
        fn any_text_is_an_expression_or_an_error(
            text in "[a-z0-9 .,:?!&|<>=+*/%(){}\\[\\]'\"\\\\-]{0,60}", any in "\\PC{0,40}",
        ) {
            check(&text);
            check(&any);
            check(&format!("payload.{text}"));
        }
    }
}
