//! Contents that are kept outside the database: attached files and their thumbnails, in a directory or in an
//! S3-compatible store.
//!
//! **Vocabulary.** A *blob* is a content, known by its SHA-256, with a row that says how large it is and at which
//! *place* in the store it lies. A *draft* is a content on its way in. A record *uses* a blob for a *purpose*. *Garbage*
//! is a place whose row is gone.
//!
//! **Invariants**
//! - A content is durable before a row uses it: the file and its folder are synced, or the store has confirmed it.
//! - A blob that is used is never swept. [`refer`] and the sweep lock the blob's row; a swept blob leaves its place for
//!   good, and the same content gets a new place when it comes again, so that a slow deletion hits nothing.
//! - Blobs are given out to whoever may see the record that uses them: never by their hash.
//! - Names and types that a client claims go no further than [`media`].
//!
//! **One upload walked through.** [`Blobs::draft`] takes the pieces, counts and hashes them; small ones wait in memory,
//! large ones go into the store's `incoming/`. [`Blobs::keep`] writes the row, then puts the content in its place.
//! The caller's transaction calls [`refer`] beside its own rows and its event.

mod draft;
mod error;
pub mod media;
mod objects;
mod settings;
mod store;
mod sweep;
pub mod thumbnail;

use kernel::BlobId;

pub use draft::{Draft, Drafted};
pub use error::BlobError;
pub use objects::{Blobs, Content};
pub use settings::{S3Settings, StorageSettings};
pub use store::{Blob, Tally, find, refer, release, tally};
pub(crate) use store::{discard, list_places, list_stored};
pub use sweep::{start, work};

/// A content that is in the store, for [`refer`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its row.
    pub id: BlobId,
    /// Bytes.
    pub size: u64,
    /// SHA-256 in hexadecimal.
    pub hash: String,
}
