//! Texts made from a payload by templates, within limits.
//!
//! The syntax is Jinja's: `{{ item.labels.host }} is {{ item.state | upper }}`. Values that do not exist give an
//! empty text.
//!
//! **Invariants**
//! - Only `if` and `for` blocks exist, `for` at most [`LOOPS_MAX`] deep: nothing can assign, include or recurse.
//! - Each rendering has a limited number of steps.

use std::sync::LazyLock;

use minijinja::{
    Environment,
    ErrorKind::{UnknownFilter, UnknownFunction, UnknownTest},
    UndefinedBehavior, value,
};
use regex::Regex;
use serde::Serialize;

/// Longest template, in characters.
const LENGTH_MAX: usize = 4_000;
/// Steps of one rendering.
const STEPS_MAX: u64 = 20_000;
/// Deepest nesting of `for`.
pub const LOOPS_MAX: usize = 2;
/// Deepest nesting of brackets.
const DEPTH_MAX: usize = 40;

static BLOCK: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\{%[-+]?\s*([A-Za-z_]*)").expect("the pattern is a constant"));

/// Templates by name.
#[derive(Debug)]
pub struct Templates(Environment<'static>);

/// Why a template cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TemplateError(String);

impl Default for Templates {
    fn default() -> Self {
        let mut environment = Environment::new();
        environment.set_fuel(Some(STEPS_MAX));
        environment.set_recursion_limit(64);
        environment.set_undefined_behavior(UndefinedBehavior::Chainable);
        environment.set_debug(false);
        for function in ["range", "debug", "namespace", "dict"] {
            environment.remove_global(function);
        }
        for filter in ["indent", "format", "pprint", "batch", "slice", "chain", "zip"] {
            environment.remove_filter(filter);
        }
        Self(environment)
    }
}

impl Templates {
    /// Adds a template under a name.
    pub fn add(&mut self, name: &str, source: &str) -> Result<(), TemplateError> {
        limit(source)?;
        self.0.add_template_owned(name.to_owned(), source.to_owned()).map_err(|error| TemplateError(text(&error)))?;
        // Unknown filters, tests and functions only show when a template runs.
        let trial = self.0.get_template(name).and_then(|template| template.render(()));
        match trial {
            Err(error) if matches!(error.kind(), UnknownFilter | UnknownTest | UnknownFunction) => {
                self.0.remove_template(name);
                Err(TemplateError(text(&error)))
            }
            _ => Ok(()),
        }
    }

    /// Renders the template of this name; the result is trimmed.
    pub fn render(&self, name: &str, values: &impl Serialize) -> Result<String, TemplateError> {
        let render = || self.0.get_template(name)?.render(value::Value::from(value::Serde(values)));
        render().map(|text: String| text.trim().to_owned()).map_err(|error| TemplateError(text(&error)))
    }
}

fn limit(source: &str) -> Result<(), TemplateError> {
    if source.chars().count() > LENGTH_MAX {
        return Err(TemplateError(format!("a template has at most {LENGTH_MAX} characters")));
    }
    let mut depth = 0_usize;
    for character in source.chars() {
        match character {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEPTH_MAX {
            return Err(TemplateError(format!("brackets nest at most {DEPTH_MAX} deep")));
        }
    }
    let mut loops = 0_usize;
    for block in BLOCK.captures_iter(source) {
        match &block[1] {
            "for" => loops += 1,
            "endfor" => loops = loops.saturating_sub(1),
            "if" | "elif" | "else" | "endif" => {}
            other => return Err(TemplateError(format!("`{other}` is not available here; use if and for"))),
        }
        if loops > LOOPS_MAX {
            return Err(TemplateError(format!("`for` nests at most {LOOPS_MAX} deep")));
        }
    }
    Ok(())
}

fn text(error: &minijinja::Error) -> String {
    if error.kind() == minijinja::ErrorKind::OutOfFuel {
        return format!("the template needs more than {STEPS_MAX} steps");
    }
    let detail = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    match error.line() {
        Some(line) if line > 1 => format!("line {line}: {detail}"),
        _ => detail,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn check(source: &str) -> String {
        let mut templates = Templates::default();
        if let Err(error) = templates.add("t", source) {
            return format!("refused: {error}");
        }
        let values = json!({"item": {"host": "db1", "state": "down", "list": (0..300).collect::<Vec<_>>()}});
        templates.render("t", &values).unwrap_or_else(|error| format!("failed: {error}"))
    }

    #[test]
    fn templates() {
        let sources = [
            "{{ item.host }} is {{ item.state | upper }}",
            "[{{ item.nope.deeper }}]",
            "{% if item.state == 'down' %}P1{% else %}P3{% endif %}",
            "{{ item.host | nofilter }}",
            "{{ item.host",
            "{% set x = 1 %}",
            "{%- include 'x' %}",
            "{% for a in item.list %}{% for b in item.list %}{{ a * b }}{% endfor %}{% endfor %}",
            "{% for a in [1] %}{% for b in [1] %}{% for c in [1] %}{% endfor %}{% endfor %}{% endfor %}",
            "{{ range(10) }}",
            "{{ 1 / 0 }}",
        ];
        let text: Vec<_> = sources.iter().map(|source| format!("{source}  =>  {}", check(source))).collect();
        insta::assert_snapshot!(text.join("\n"), @r"
        {{ item.host }} is {{ item.state | upper }}  =>  db1 is DOWN
        [{{ item.nope.deeper }}]  =>  []
        {% if item.state == 'down' %}P1{% else %}P3{% endif %}  =>  P1
        {{ item.host | nofilter }}  =>  refused: filter nofilter is unknown
        {{ item.host  =>  refused: unexpected end of input, expected end of variable block
        {% set x = 1 %}  =>  refused: `set` is not available here; use if and for
        {%- include 'x' %}  =>  refused: `include` is not available here; use if and for
        {% for a in item.list %}{% for b in item.list %}{{ a * b }}{% endfor %}{% endfor %}  =>  failed: the template needs more than 20000 steps
        {% for a in [1] %}{% for b in [1] %}{% for c in [1] %}{% endfor %}{% endfor %}{% endfor %}  =>  refused: `for` nests at most 2 deep
        {{ range(10) }}  =>  refused: range is unknown
        {{ 1 / 0 }}  =>  failed: unable to calculate 1 / 0
        ");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// No text makes the compiler panic.
        #[test]
        fn any_text_is_a_template_or_an_error(text in "[a-z0-9 .|(){}%#'\"-]{0,60}", any in "\\PC{0,40}") {
            check(&text);
            check(&any);
            check(&format!("{{{{ {text} }}}}"));
        }
    }
}
