//! Tests of the identity slice: requests in process, on both databases, in time that the tests move.

#![expect(clippy::unwrap_used, reason = "a test that lacks what it expects has failed")]

mod contact;
mod coverage;
mod import;
mod person;
mod session;
mod support;
mod team;
mod token;
mod totp;
