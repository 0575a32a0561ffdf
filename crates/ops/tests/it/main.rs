//! Alerts, integrations and reports on both databases.

mod alert;
mod integration;
mod report;
mod support;
