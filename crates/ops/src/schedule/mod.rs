//! Schedules: who is on call.
