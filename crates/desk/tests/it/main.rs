//! The desk in process, on both databases.

mod customers;
mod doors;
mod lists;
mod projects;
mod support;
mod tickets;
