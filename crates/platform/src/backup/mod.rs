//! Backups: every row of every table and every stored content in one compressed file, which either database and either
//! kind of store can restore.
//!
//! **Vocabulary.** The *manifest* says which version wrote the backup and which migrations its tables had. A *table
//! line* names the columns of the rows that follow it; a *row line* is an array in that order. Ids are hexadecimal,
//! booleans 0 and 1, JSON columns texts, so that a file does not tell which database it came from. Behind
//! the rows stand the contents: a *blob line* names one, and the lines after it hold it in base64, each in quotes. The
//! *end line* holds the SHA-256 of everything before it.
//!
//! **Invariants**
//! - A backup is one snapshot: nothing that was committed while it ran is in it, and no writer waits for it.
//! - Restoring checks the whole file first, then changes the database in one transaction: a damaged file or a crash
//!   in the middle leaves what was there before.
//! - Contents are checked against their hashes, when they are written and when they are read. One that is damaged or
//!   missing in the store is left out and named: it holds up nothing else.
//! - The vault key is not in it (the sealed secrets are). A restore without the key cannot open them.
//! - After a restore, outgoing effects are held ([`crate::work::hold`]) until an administrator releases them.

mod clear;
mod read;
mod schema;
mod write;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{blob::BlobError, db::DbError};

pub use clear::clear;
pub use read::{Existing, restore, verify};
pub use write::write;

/// The version of the file's form.
const FORMAT: u32 = 1;

/// The first line.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Manifest {
    /// The version of the file's form.
    #[serde(rename = "bridgewatch_backup")]
    pub format: u32,
    /// The version of the server that wrote it.
    pub version: String,
    /// When.
    pub at: Timestamp,
    /// The migrations that its tables had.
    pub migrations: Vec<String>,
}

/// A line before the rows of a table.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct TableLine {
    table: String,
    columns: Vec<String>,
    /// The last insertion number that was given, where the table counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<i64>,
}

/// The line before a content.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct BlobLine {
    /// SHA-256 in hexadecimal.
    blob: String,
    /// Bytes.
    size: u64,
    /// Where it lies in the store.
    place: String,
}

/// The last line.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct EndLine {
    end: bool,
    rows: u64,
    sha256: String,
}

/// What a backup holds.
#[derive(Clone, Debug)]
pub struct Summary {
    /// Its first line.
    pub manifest: Manifest,
    /// Rows in all tables.
    pub rows: u64,
    /// Contents.
    pub blobs: u64,
    /// Contents that rows name and that the store did not have, or had damaged: their hashes. Known when writing.
    pub lost: Vec<String>,
}

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The file cannot be written or read.
    #[error("the backup file cannot be used")]
    File(#[from] std::io::Error),
    /// It is no backup, or not all of it is there, or it was changed.
    #[error("the file is no whole backup: line {line}: {reason}")]
    Damaged {
        /// Which line.
        line: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// It was made by a newer version.
    #[error(
        "the backup was made by Bridgewatch {version}, which is newer (it has `{migration}`): restore it with that version"
    )]
    Newer {
        /// The version that made it.
        version: String,
        /// What this version does not know.
        migration: String,
    },
    /// There is something already.
    #[error("the database is not empty: restoring would overwrite it; give --force to do so")]
    NotEmpty,
    /// The store of contents failed.
    #[error(transparent)]
    Blob(#[from] BlobError),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<sea_orm::DbErr> for BackupError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Db(error.into())
    }
}
