//! Comments on tickets: public ones that the reporter sees, internal ones for agents only.
//!
//! **Invariants**
//! - A customer never sees an internal comment, nor that there is one.
//! - The text of a comment stands in its row; events name the comment. A changed text keeps what it was before.

mod routes;
mod service;
pub(crate) mod store;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(crate) use routes::routes;
pub use service::comment_in;

/// Who sees a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CommentVisibility)]
pub enum Visibility {
    /// Everybody who sees the ticket, the reporter too.
    Public,
    /// Agents.
    Internal,
}

impl Visibility {
    /// The stored spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Internal => "internal",
        }
    }

    /// Reads the stored spelling.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Public, Self::Internal].into_iter().find(|visibility| visibility.as_str() == text)
    }
}
