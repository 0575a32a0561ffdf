//! The data layer on both databases.

mod event_log;
mod work;
mod write;
