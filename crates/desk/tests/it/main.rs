//! The desk in process, on both databases.

mod attachments;
mod bulk;
mod customers;
mod doors;
mod fields;
mod lists;
mod notifications;
mod past;
mod projects;
mod queues;
mod sla_rules;
mod slas;
mod support;
mod tickets;
