//! What can stand at the cursor of a query that is being written.

use std::ops::Range;

use serde::Serialize;
use utoipa::ToSchema;

use super::ast::{Comparison, FieldName};
use super::function::{Builtin, Function, Parameter};
use super::lex::{TokenKind, lex};
use super::parse::{Expect, Reader};
use super::print::quoted_if_needed;
use super::vocabulary::{Field, FieldKey, FieldKind, Operator, PERSON, Vocabulary, fold};

/// Most items that are offered.
const ITEMS_MAX: usize = 50;

/// What can stand at the cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = QueryCompletion)]
pub struct Completion {
    /// First character of what an item replaces.
    pub from: usize,
    /// Character after the last of what an item replaces.
    pub to: usize,
    /// The offers, likeliest first.
    pub items: Vec<CompletionItem>,
    /// Values that only the caller knows; it adds them behind the items.
    #[serde(skip)]
    pub values: Option<ValuesWanted>,
}

/// Something that can stand at the cursor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = QueryCompletionItem)]
pub struct CompletionItem {
    /// As it is shown.
    pub label: String,
    /// As it is written.
    pub insert: String,
    /// What it is.
    pub kind: ItemKind,
    /// A few words about it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

/// What an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = QueryCompletionKind)]
pub enum ItemKind {
    /// A field.
    Field,
    /// An operator.
    Operator,
    /// A word of the language.
    Keyword,
    /// A value.
    Value,
    /// A function.
    Function,
}

/// Values that the caller can offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValuesWanted {
    /// Of which field; none in an argument of a function.
    pub field: Option<FieldKey>,
    /// Names of which kind of record; none for plain values such as labels.
    pub kind: Option<String>,
    /// What was written so far.
    pub prefix: String,
}

impl CompletionItem {
    /// A value that the caller offers.
    pub fn value(name: &str, detail: impl Into<String>) -> Self {
        let (label, insert) = (name.to_owned(), quoted_if_needed(name));
        Self { label, insert, kind: ItemKind::Value, detail: detail.into() }
    }

    fn plain(text: &str, kind: ItemKind) -> Self {
        Self { label: text.to_owned(), insert: text.to_owned(), kind, detail: String::new() }
    }
}

/// What can stand at the cursor, a number of characters from the start of the text. Nothing is offered behind a
/// mistake.
pub fn complete(text: &str, cursor: usize, vocabulary: &Vocabulary) -> Completion {
    let cursor = cursor.min(text.chars().count());
    let head: String = text.chars().take(cursor).collect();
    let nothing = Completion { from: cursor, to: cursor, ..Completion::default() };
    let Ok(mut lexed) = lex(&head) else { return nothing };
    let mut from = cursor;
    let mut prefix = String::new();
    if let Some(open) = lexed.open.take() {
        from = open.span.start;
        prefix = open.text;
    } else if let Some(last) = lexed.tokens.last()
        && last.span.end == cursor
        && let TokenKind::Word(word) = &last.kind
    {
        from = last.span.start;
        prefix.clone_from(word);
        lexed.tokens.pop();
    }
    let mut reader = Reader::new(&lexed);
    let _unfinished = reader.query();
    if !reader.at_end() {
        return nothing;
    }
    let to = word_at(text, from).map_or(cursor, |word| word.end.max(cursor));
    let mut offers = Offers { vocabulary, prefix, items: Vec::new(), values: None };
    let field = reader.field.as_ref();
    for expect in &reader.expected {
        offers.add(expect, field, reader.op);
    }
    Completion { from, to, items: offers.items(), values: offers.values }
}

/// The word or quote that begins at a character of the whole text.
fn word_at(text: &str, from: usize) -> Option<Range<usize>> {
    let lexed = lex(text).ok()?;
    let token = lexed.tokens.iter().find(|token| token.span.start == from)?;
    matches!(token.kind, TokenKind::Word(_) | TokenKind::Quoted(_)).then_some(token.span.start..token.span.end)
}

struct Offers<'v> {
    vocabulary: &'v Vocabulary,
    prefix: String,
    items: Vec<CompletionItem>,
    values: Option<ValuesWanted>,
}

impl Offers<'_> {
    fn add(&mut self, expect: &Expect, field: Option<&FieldName>, op: Option<Comparison>) {
        let field = field.and_then(|name| self.vocabulary.find(name));
        match expect {
            Expect::Field => self.fields(|_| true),
            Expect::SortField => self.fields(|field| field.sortable),
            Expect::Compare => self.operators(field),
            Expect::Keyword(word) => self.keyword(word, field),
            Expect::Symbol(symbol) => self.items.push(CompletionItem::plain(symbol, ItemKind::Keyword)),
            Expect::Value { list } => {
                if let Some(field) = field {
                    self.values_of(field, *list, op);
                }
            }
            Expect::Call => {
                let functions = self.vocabulary.functions();
                let fitting = functions.iter().filter(|function| field.is_some_and(|field| function.fits(field)));
                self.items.extend(fitting.map(function_item));
            }
            Expect::Person => {
                self.values = Some(self.wanted(None, Some(PERSON)));
                self.builtins(|builtin| builtin == Builtin::CurrentUser);
            }
            Expect::Instant => self.instants(),
            Expect::Argument(function, place) => self.argument(function, *place),
            Expect::End => {}
        }
    }

    fn wanted(&self, field: Option<&Field>, kind: Option<&str>) -> ValuesWanted {
        let field = field.map(|field| field.key.clone());
        ValuesWanted { field, kind: kind.map(str::to_owned), prefix: self.prefix.clone() }
    }

    fn fields(&mut self, wanted: impl Fn(&Field) -> bool) {
        let vocabulary = self.vocabulary;
        let fields = vocabulary.fields().iter().filter(|field| wanted(field));
        self.items.extend(fields.map(|field| CompletionItem {
            label: field.name.clone(),
            insert: vocabulary.spelling(field),
            kind: ItemKind::Field,
            detail: field.description.clone(),
        }));
    }

    fn operators(&mut self, field: Option<&Field>) {
        for operator in field.map(Field::operators).unwrap_or_default() {
            match operator {
                Operator::Is => {
                    self.items.push(CompletionItem::plain("IS EMPTY", ItemKind::Operator));
                    self.items.push(CompletionItem::plain("IS NOT EMPTY", ItemKind::Operator));
                }
                other => self.items.push(CompletionItem::plain(other.words(), ItemKind::Operator)),
            }
        }
    }

    fn keyword(&mut self, word: &'static str, field: Option<&Field>) {
        // Where an operator is expected, the field's own are offered already.
        let operator = matches!(word, "IN" | "NOT IN" | "IS" | "WAS" | "CHANGED");
        if operator && !self.items.is_empty() && field.is_some() {
            return;
        }
        // NULL is another word for EMPTY, and ascending is the order without a word.
        if !matches!(word, "NULL") {
            self.items.push(CompletionItem::plain(word, ItemKind::Keyword));
        }
    }

    fn values_of(&mut self, field: &Field, list: bool, op: Option<Comparison>) {
        match &field.kind {
            FieldKind::Choice { choices, .. } => {
                self.items.extend(choices.iter().map(|choice| CompletionItem::value(&choice.name, "")));
            }
            FieldKind::Flag => {
                self.items.extend(["true", "false"].map(|word| CompletionItem::plain(word, ItemKind::Value)));
            }
            FieldKind::Reference(kind) => self.values = Some(self.wanted(Some(field), Some(kind))),
            FieldKind::Instant | FieldKind::Date => return self.instants(),
            _ if field.suggests => self.values = Some(self.wanted(Some(field), None)),
            _ => {}
        }
        let same = matches!(op, None | Some(Comparison::Equal | Comparison::NotEqual));
        self.builtins(|builtin| {
            builtin.fits(field) && (field.kind != FieldKind::Sla || builtin.needs_argument() != same)
        });
        let functions = self.vocabulary.functions().iter();
        let fitting = functions.filter(|function| function.fits(field) && (list || !function.many));
        self.items.extend(fitting.map(function_item));
        if list {
            self.items.push(CompletionItem::plain("EMPTY", ItemKind::Keyword));
        }
    }

    fn instants(&mut self) {
        for (text, detail) in
            [("-1h", "an hour ago"), ("-1d", "a day ago"), ("-7d", "a week ago"), ("-30d", "30 days ago")]
        {
            self.items.push(CompletionItem::value(text, detail));
        }
        self.builtins(|builtin| matches!(builtin, Builtin::Now | Builtin::StartOf(_) | Builtin::EndOf(_)));
    }

    fn builtins(&mut self, wanted: impl Fn(Builtin) -> bool) {
        let fitting = Builtin::ALL.iter().filter(|(_, builtin)| wanted(*builtin));
        self.items.extend(fitting.map(|(name, builtin)| CompletionItem {
            label: format!("{name}()"),
            insert: if builtin.needs_argument() { format!("{name}(") } else { format!("{name}()") },
            kind: ItemKind::Function,
            detail: String::new(),
        }));
    }

    fn argument(&mut self, function: &str, place: usize) {
        let samples: &[&str] = match Builtin::find(function) {
            Some(Builtin::StartOf(_) | Builtin::EndOf(_)) if place == 0 => &["+1d", "-1d", "+1w", "-1w"],
            Some(Builtin::Elapsed | Builtin::Remaining) if place == 0 => &["30m", "1h", "2h", "1d"],
            _ => &[],
        };
        self.items.extend(samples.iter().map(|sample| CompletionItem::value(sample, "")));
        match self.vocabulary.function(function).and_then(|function| function.parameter(place)) {
            Some(Parameter::Reference(kind)) => {
                self.values = Some(self.wanted(None, Some(kind)));
                if kind == PERSON {
                    self.builtins(|builtin| builtin == Builtin::CurrentUser);
                }
            }
            Some(Parameter::Instant) => self.instants(),
            Some(Parameter::Text) | None => {}
        }
    }

    /// What begins with the prefix, then what holds it, each once.
    fn items(&mut self) -> Vec<CompletionItem> {
        let prefix = fold(&self.prefix);
        let mut begins = Vec::new();
        let mut holds = Vec::new();
        for item in self.items.drain(..) {
            let label = fold(&item.label);
            let list = if label.starts_with(&prefix) {
                &mut begins
            } else if label.contains(&prefix) {
                &mut holds
            } else {
                continue;
            };
            if !list.contains(&item) {
                list.push(item);
            }
        }
        begins.extend(holds);
        begins.truncate(ITEMS_MAX);
        begins
    }
}

fn function_item(function: &Function) -> CompletionItem {
    let insert = if function.parameters.is_empty() { "()" } else { "(" };
    CompletionItem {
        label: format!("{}()", function.name),
        insert: format!("{}{insert}", function.name),
        kind: ItemKind::Function,
        detail: function.description.clone(),
    }
}
