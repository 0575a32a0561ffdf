//! What happened on a ticket, as people read it: comments, and the events of the log in words.
//!
//! **Invariants**
//! - The feed is a view of the event log; nothing else is stored for it. Free texts are read from their own rows.
//! - Customers see public comments and what became of the status, and nothing else.

mod routes;
mod service;
mod words;

pub(crate) use routes::routes;
