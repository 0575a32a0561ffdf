//! What can be asked for: fields and functions, as data that the caller brings.
//!
//! Tickets, alerts and assets each build a [`Vocabulary`]; custom fields are fields like all others.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::fmt;

use super::ast::{Comparison, FieldName};
use super::function::Function;
use super::near::near;
use super::print::quoted_if_needed;
use crate::priority::Priority;

/// What a field is called in code and in plans. Never shown.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FieldKey(String);

impl FieldKey {
    /// The key with this spelling.
    pub fn new(key: impl Into<String>) -> Self {
        Self(key.into())
    }

    /// Its spelling.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for FieldKey {
    fn from(key: &str) -> Self {
        Self::new(key)
    }
}

impl Borrow<str> for FieldKey {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FieldKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How `~` looks into a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Search {
    /// Whole words, as a full-text index has them: [`super::TextQuery`].
    Words,
    /// Anything that stands in it, `*` for any text: [`crate::alert_query::Pattern`].
    Parts,
}

/// What a field holds.
#[derive(Clone, Debug, PartialEq)]
pub enum FieldKind {
    /// A short text that is compared as a whole, in any case; and searched, if so.
    Text(Option<Search>),
    /// A long text, which is only searched.
    LongText(Search),
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// A point in time.
    Instant,
    /// A day.
    Date,
    /// True or false.
    Flag,
    /// One of these. With `ranked`, < and > compare the ranks.
    Choice {
        /// The choices.
        choices: Vec<Choice>,
        /// Whether they have an order.
        ranked: bool,
    },
    /// Another record of this kind (`person`, `team`, ...), by its name or id.
    Reference(String),
    /// Clocks of service levels; compared with functions only.
    Sla,
    /// A state that only functions of the vocabulary can ask for, such as approvals.
    State,
}

/// The kind of reference that people have.
pub const PERSON: &str = "person";

/// One of the values of a choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// As it is stored.
    pub key: String,
    /// As it is shown.
    pub name: String,
    /// Other spellings.
    pub aliases: Vec<String>,
    /// Greater is more.
    pub rank: i64,
}

impl Choice {
    /// A choice without rank.
    pub fn new(key: impl Into<String>, name: impl Into<String>) -> Self {
        Self { key: key.into(), name: name.into(), aliases: Vec::new(), rank: 0 }
    }

    /// With another spelling.
    #[must_use]
    pub fn alias(mut self, alias: impl Into<String>) -> Self {
        self.aliases.push(alias.into());
        self
    }

    /// With a rank; greater is more.
    #[must_use]
    pub fn rank(mut self, rank: i64) -> Self {
        self.rank = rank;
        self
    }

    pub(super) fn is_called(&self, name: &str) -> bool {
        let same = |known: &str| fold(known) == name;
        same(&self.key) || same(&self.name) || self.aliases.iter().any(|alias| same(alias))
    }
}

/// The priorities as choices: by key and by name, ranked.
pub fn priorities() -> FieldKind {
    let names = ["Critical", "High", "Medium", "Low", "Lowest"];
    let choice =
        |(priority, name): (&Priority, &str)| Choice::new(priority.as_str(), name).rank(-i64::from(priority.rank()));
    FieldKind::Choice { choices: Priority::ALL.iter().zip(names).map(choice).collect(), ranked: true }
}

/// What can be done with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    /// `=`, `<`, ...
    Compare(Comparison),
    /// `IN`
    In,
    /// `NOT IN`
    NotIn,
    /// `IS`, `IS NOT` EMPTY
    Is,
    /// `WAS`
    Was,
    /// `CHANGED`
    Changed,
}

impl Operator {
    /// As it is written.
    pub fn words(self) -> &'static str {
        match self {
            Self::Compare(comparison) => comparison.symbol(),
            Self::In => "IN",
            Self::NotIn => "NOT IN",
            Self::Is => "IS",
            Self::Was => "WAS",
            Self::Changed => "CHANGED",
        }
    }
}

/// A field that can be asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// What it is called in code.
    pub key: FieldKey,
    /// What it is called in queries.
    pub name: String,
    /// Other names in queries.
    pub aliases: Vec<String>,
    /// Its number, if it is a custom field: `cf[10010]`.
    pub number: Option<u64>,
    /// What it holds.
    pub kind: FieldKind,
    /// Whether records can be sorted by it.
    pub sortable: bool,
    /// Whether WAS and CHANGED know its past.
    pub history: bool,
    /// Whether the caller has values to offer beside the choices.
    pub suggests: bool,
    /// What it says, in a few words, for completion.
    pub description: String,
}

impl Field {
    /// A field that cannot be sorted by and has no past.
    pub fn new(key: impl Into<String>, name: impl Into<String>, kind: FieldKind) -> Self {
        Self {
            key: FieldKey::new(key),
            name: name.into(),
            aliases: Vec::new(),
            number: None,
            suggests: matches!(kind, FieldKind::Reference(_)),
            kind,
            sortable: false,
            history: false,
            description: String::new(),
        }
    }

    /// With another name.
    #[must_use]
    pub fn alias(mut self, alias: impl Into<String>) -> Self {
        self.aliases.push(alias.into());
        self
    }

    /// With the number of a custom field.
    #[must_use]
    pub fn number(mut self, number: u64) -> Self {
        self.number = Some(number);
        self
    }

    /// Records can be sorted by it.
    #[must_use]
    pub fn sortable(mut self) -> Self {
        self.sortable = true;
        self
    }

    /// WAS and CHANGED know its past.
    #[must_use]
    pub fn with_history(mut self) -> Self {
        self.history = true;
        self
    }

    /// The caller has values to offer, such as the labels in use.
    #[must_use]
    pub fn suggesting(mut self) -> Self {
        self.suggests = true;
        self
    }

    /// With a few words for completion.
    #[must_use]
    pub fn described(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// What can be done with it, likeliest first.
    pub fn operators(&self) -> Vec<Operator> {
        use Comparison as C;
        use Operator::{Changed, Compare, In, Is, NotIn, Was};
        let same = [Compare(C::Equal), Compare(C::NotEqual)];
        let order = [Compare(C::Less), Compare(C::AtMost), Compare(C::Greater), Compare(C::AtLeast)];
        let search = [Compare(C::Contains), Compare(C::ContainsNot)];
        let lists = [In, NotIn];
        let mut operators: Vec<Operator> = match &self.kind {
            FieldKind::LongText(_) => search.to_vec(),
            FieldKind::Text(None) | FieldKind::Flag | FieldKind::Reference(_) | FieldKind::State => {
                [&same[..], &lists].concat()
            }
            FieldKind::Choice { ranked: false, .. } => [&same[..], &lists].concat(),
            FieldKind::Choice { ranked: true, .. } => [&same[..], &lists, &order].concat(),
            FieldKind::Text(Some(_)) => [&search[..], &same, &lists].concat(),
            FieldKind::Integer | FieldKind::Number => [&same[..], &order, &lists].concat(),
            FieldKind::Instant | FieldKind::Date => [&order[..], &same, &lists].concat(),
            FieldKind::Sla => [&same[..], &order].concat(),
        };
        operators.push(Is);
        if self.history {
            operators.extend([Was, Changed]);
        }
        operators
    }

    /// Whether this can be done with it.
    pub fn takes(&self, operator: Operator) -> bool {
        self.operators().contains(&operator)
    }
}

/// The fields and functions of a kind of record.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Vocabulary {
    fields: Vec<Field>,
    functions: Vec<Function>,
    names: HashMap<String, usize>,
    numbers: HashMap<u64, usize>,
}

impl Vocabulary {
    /// The vocabulary of these fields and functions. Of two fields with one name the first has it; the other is
    /// reached by its number. A name beats an alias.
    pub fn new(fields: Vec<Field>, functions: Vec<Function>) -> Self {
        let mut names = HashMap::new();
        let mut numbers = HashMap::new();
        for (place, field) in fields.iter().enumerate() {
            names.entry(fold(&field.name)).or_insert(place);
            if let Some(number) = field.number {
                numbers.entry(number).or_insert(place);
            }
        }
        for (place, field) in fields.iter().enumerate() {
            for alias in &field.aliases {
                names.entry(fold(alias)).or_insert(place);
            }
        }
        Self { fields, functions, names, numbers }
    }

    /// All fields, in the order given.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The functions that this kind of record adds to those that all have.
    pub fn functions(&self) -> &[Function] {
        &self.functions
    }

    /// The field of this name.
    pub fn find(&self, name: &FieldName) -> Option<&Field> {
        let place = match name {
            FieldName::Named(name) => self.names.get(&fold(name)),
            FieldName::Custom(number) => self.numbers.get(number),
        };
        self.fields.get(*place?)
    }

    /// The field with this key.
    pub fn field(&self, key: &FieldKey) -> Option<&Field> {
        self.fields.iter().find(|field| field.key == *key)
    }

    /// How a field is written in a query: its name, or its number if another field has the name.
    pub fn spelling(&self, field: &Field) -> String {
        let own = self.find(&FieldName::Named(field.name.clone())).is_some_and(|found| found.key == field.key);
        match field.number {
            Some(number) if !own => FieldName::Custom(number).to_string(),
            _ => quoted_if_needed(&field.name),
        }
    }

    /// The function of this name among those of the vocabulary.
    pub fn function(&self, name: &str) -> Option<&Function> {
        self.functions.iter().find(|function| function.name.eq_ignore_ascii_case(name))
    }

    /// The names of fields near to this one.
    pub(super) fn near_fields(&self, name: &str) -> Vec<String> {
        let known = self.fields.iter().flat_map(|field| std::iter::once(&field.name).chain(&field.aliases));
        near(name, known.map(String::as_str)).iter().map(|name| quoted_if_needed(name)).collect()
    }
}

/// The form in which texts and names are compared: in any case. Store this form where a database's own lower case
/// ends at ASCII, as SQLite's does.
pub fn fold(text: &str) -> String {
    text.to_lowercase()
}
