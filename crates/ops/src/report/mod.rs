//! Reports over alerts.
