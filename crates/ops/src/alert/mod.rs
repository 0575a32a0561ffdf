//! Alerts: something that a machine or a person says is wrong, until it is closed.
