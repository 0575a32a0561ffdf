//! The server: the only place where the slices are wired together.
//!
//! **Vocabulary.** [`assembly`] joins the slices' tables, routes, titles and background work; [`bridge`] holds what
//! crosses siblings (an alert opens an incident, a P1 ticket pages); [`setup`] is the list of the first thirty minutes; [`system`] is about the server itself; [`serve`]
//! runs it all behind a listener.
//!
//! **Invariants**
//! - Slices never import each other: whatever needs two of them stands here.
//! - The binary and the simulated-time tests use the same [`assembly`], so that what is tested is what runs.

pub mod assembly;
pub mod bridge;
pub mod cli;
pub mod config;
pub mod demo;
pub mod docs_page;
pub mod health;
pub mod listener;
pub mod serve;
pub mod setup;
pub mod system;
pub mod web;
