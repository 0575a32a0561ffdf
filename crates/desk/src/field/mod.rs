//! Custom fields: what an organisation adds to its tickets.
//!
//! **Vocabulary.** A *definition* ([`FieldBody`]) says what a field holds, on which tickets it stands, whether it must
//! be filled, and what customers may do with it. It is a versioned document of kind `field`. A *value* is JSON in one
//! spelling per kind ([`value`]): an option's key, `2026-05-17`, the id of a person.
//!
//! **Invariants**
//! - A ticket's values stand in its row, for showing, and as typed rows in `field_values`, for queries. Both are
//!   written in the transaction of the change.
//! - A field never changes its kind while tickets have values of it, and no option that is in use is taken away: it
//!   is retired. So every stored value can be read by the definition.
//! - What customers may not read is neither shown to them nor found by them.
//! - Free texts stand in no event: events point to them.

mod api;
mod definition;
mod documents;
mod error;
mod fill;
mod in_force;
mod manage;
mod routes;
mod show;
mod store;
mod value;

pub use definition::{CustomerAccess, FieldBody, FieldOption, NumberRules};
pub(crate) use definition::{FieldKind, is_key};
pub use documents::FieldDocuments;
pub use error::CustomFieldError;
pub(crate) use fill::{Filled, Of, Purpose, fill};
pub(crate) use in_force::{Defined, FIELD, in_force};
pub(crate) use routes::routes;
pub(crate) use show::{ShownField, references, show, words};
pub(crate) use store::{delete_rows, insert_rows};

use std::collections::BTreeMap;

use serde_json::Value;

/// A ticket's values by the keys of their fields. A field without a value is not in it.
pub type Values = BTreeMap<String, Value>;

/// What the name of a custom field begins with in events and columns.
pub(crate) const PREFIX: &str = "field:";
