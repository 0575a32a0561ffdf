//! The data layer on both databases.

mod blobs;
mod event_log;
mod s3;
mod upkeep;
mod work;
mod write;
