//! The desk in process, on both databases.

mod customers;
mod doors;
mod lists;
mod projects;
mod queues;
mod sla_rules;
mod slas;
mod support;
mod tickets;
