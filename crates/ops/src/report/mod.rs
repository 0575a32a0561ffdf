//! Reports over alerts: how many were raised, how many were taken, and how long that took.
//!
//! **Vocabulary.** *MTTA*: mean time to acknowledge, from the alert's creation to its first acknowledgement, over the
//! alerts whose first acknowledgement falls into the span. Alerts that nobody acknowledged do not count into it.
//!
//! **Invariants**
//! - The caller's scope is in every number.
//! - The records behind a number are those that it counts: their seconds have the same mean.
//! - Buckets are days in UTC, and every day of the span is there, also when nothing happened on it.

mod api;
mod routes;
mod service;
mod store;

pub use routes::routes;
