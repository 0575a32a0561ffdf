//! How many tickets are opened and resolved, and how long resolving takes.
//!
//! **Vocabulary.** *MTTR*, the mean time to resolve: the mean, over the tickets that were resolved in a span and
//! still are, of resolution minus opening, in seconds. It counts by the clock on the wall, pauses included.

mod routes;
mod store;

pub(crate) use routes::routes;
