//! Tests of the identity slice: requests in process, on both databases, in time that the tests move.

mod contact;
mod person;
mod session;
mod support;
mod team;
mod token;
mod totp;
