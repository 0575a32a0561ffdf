//! Names in a query and the records that they stand for.
//!
//! A query says `assignee = ana`; a condition needs ids. The names are looked up between parsing and checking:
//! [`wanted`](super::wanted) lists them, the caller finds them all at once within its scope, and tells [`Names`].

use std::collections::{BTreeMap, HashMap};

use uuid::Uuid;

use super::vocabulary::fold;

/// A name that a query uses.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    /// The kind of record, such as `person` or `team`.
    pub kind: String,
    /// As it was written: a name, a key or a mail address.
    pub text: String,
}

/// What became of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Found {
    Ids(Vec<Uuid>),
    Nothing { near: Vec<String> },
}

/// The names that were looked up. A name that was not is unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    found: HashMap<(String, String), Found>,
}

impl Names {
    /// A name stands for these records; several may have the same.
    pub fn found(&mut self, kind: &str, text: &str, ids: Vec<Uuid>) {
        let found = if ids.is_empty() { Found::Nothing { near: Vec::new() } } else { Found::Ids(ids) };
        self.found.insert((kind.to_owned(), fold(text)), found);
    }

    /// No record has this name; some have one that is near.
    pub fn missing(&mut self, kind: &str, text: &str, near: Vec<String>) {
        self.found.insert((kind.to_owned(), fold(text)), Found::Nothing { near });
    }

    /// The records of this name, or the names near to it. An id stands for itself.
    pub(super) fn ids(&self, kind: &str, text: &str) -> Result<Vec<Uuid>, Vec<String>> {
        if let Some(id) = as_id(text) {
            return Ok(vec![id]);
        }
        match self.found.get(&(kind.to_owned(), fold(text))) {
            Some(Found::Ids(ids)) => Ok(ids.clone()),
            Some(Found::Nothing { near }) => Err(near.clone()),
            None => Err(Vec::new()),
        }
    }
}

fn as_id(text: &str) -> Option<Uuid> {
    // Only the spelling that people copy from an address: not every run of 32 digits is meant as an id.
    if text.len() == 36 { text.parse().ok() } else { None }
}

/// Gathers names, each once.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    names: BTreeMap<(String, String), String>,
}

impl Wanted {
    pub fn note(&mut self, kind: &str, text: &str) {
        if as_id(text).is_none() {
            self.names.entry((kind.to_owned(), fold(text))).or_insert_with(|| text.to_owned());
        }
    }

    pub fn into_names(self) -> Vec<Name> {
        self.names.into_iter().map(|((kind, _), text)| Name { kind, text }).collect()
    }
}
