//! SQL that all queries share: the names in them, and the statements of lists.

mod lists;
mod names;

pub use lists::{Keyed, Listing, Statement, count, list};
pub use names::{NamedKind, NamedRow, PERSON, SERVICE, Spelling, TEAM, like, look_up, member_of, offers, zone_of};
