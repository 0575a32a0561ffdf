//! What the tests of every crate stand on: fresh databases and the servers that they need.
//!
//! It is a development dependency only; nothing of it reaches the binary.

#![expect(
    clippy::disallowed_methods,
    reason = "test machinery waits for real processes and reads where the run's cluster is"
)]

pub mod alertmanager;
pub mod app;
pub mod binary;
pub mod client;
pub mod database;
pub mod fakes;
pub mod mail_server;
pub mod pg;
pub mod process;
pub mod queries;

pub use app::{Answer, TestApp, form};
pub use platform::db::Backend;
