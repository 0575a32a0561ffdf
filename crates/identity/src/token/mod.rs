//! API tokens: a person's rights, or part of them, for a program.
//!
//! **Invariants**
//! - Only the SHA-256 of a token is stored; the token is 256 random bits, so that a plain hash cannot be searched.
//! - A token never allows more than its owner's role does now, whatever it was given once; it ends with its owner's
//!   account, and when bound to a team, with the owner's membership.
//! - A token bound to a team sees that team's records only.
//! - Tokens are made in the browser or on the command line: a token cannot make another one.

pub mod api;
mod error;
pub mod routes;
pub mod service;
pub(crate) mod store;

pub use self::error::TokenError;

/// What every token begins with, so that secret scanners find it.
pub const PREFIX: &str = "bw_";
