//! Alerts, integrations and reports on both databases.

mod alert;
mod backlog;
mod integration;
mod report;
mod support;
