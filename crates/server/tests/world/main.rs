//! The whole server in simulated time: people, schedules, policies and alerts over days, in milliseconds.
//!
//! A [`harness::World`] runs every reader, timer and job of the server against a fresh database. Time moves only by
//! [`harness::World::advance`], which walks to each instant at which something is due. A message that no test asked
//! for fails the test: before time moves on, and at the end.

mod ack_race;
mod audit;
mod backup;
mod days;
mod demo_end;
mod dst;
mod harness;
mod incidents;
mod outage;
mod restarts;
mod rights;
mod setup;
