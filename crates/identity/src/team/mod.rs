//! Teams: the people who own services and are on call together.
//!
//! **Vocabulary.** A team's *administrator* may change the team and its members. A *private* team, and what it owns,
//! is visible to its members and to administrators of the installation only.
//!
//! **Invariants**
//! - Every read takes the caller's scope: a private team does not exist for others, not even by id or as a filter.
//! - Names are unique whatever the spelling of their letters.
//! - Whether the caller may change a team is decided with the team's row locked.

pub mod api;
mod error;
pub mod routes;
pub mod service;
pub(crate) mod store;

use kernel::FieldError;
use serde::{Deserialize, Serialize};

pub use self::error::TeamError;

/// What a member is in a team.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = TeamMemberRole)]
pub enum MemberRole {
    /// May change the team and its members.
    Admin,
    /// Belongs to the team.
    Member,
}

impl MemberRole {
    /// The stored spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Member => "member",
        }
    }

    /// Reads the stored spelling; an unknown word gives the least.
    pub(crate) fn parse(text: &str) -> Self {
        if text == "admin" { Self::Admin } else { Self::Member }
    }
}

/// A team to be stored.
#[derive(Clone, Debug)]
pub struct NewTeam {
    /// Unique name.
    pub name: String,
    /// What the team does.
    pub description: String,
    /// Whether only members see it.
    pub private: bool,
    /// IANA zone of its working day.
    pub time_zone: String,
}

/// What changes about a team. `None` leaves a field as it is.
#[derive(Clone, Debug, Default)]
pub struct ChangeTeam {
    /// New name.
    pub name: Option<String>,
    /// New description.
    pub description: Option<String>,
    /// Whether only members see it.
    pub private: Option<bool>,
    /// IANA zone.
    pub time_zone: Option<String>,
}

/// Longest description, in characters.
const DESCRIPTION_MAX: usize = 2000;

/// The description, or what is wrong with it.
fn check_description(text: &str) -> Result<String, FieldError> {
    if text.chars().count() > DESCRIPTION_MAX {
        return Err(FieldError::new("description", format!("A description has at most {DESCRIPTION_MAX} characters.")));
    }
    Ok(text.trim().to_owned())
}
