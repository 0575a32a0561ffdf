//! Integrations: sources of alerts, each with a key.
