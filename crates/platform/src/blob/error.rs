//! What can go wrong with blobs.

use kernel::{ErrorKind, KindedError};

use crate::DbError;

/// What can go wrong with a blob.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// More bytes than are taken.
    #[error("The file is larger than {}, which is the limit.", size(*limit))]
    TooLarge {
        /// Bytes.
        limit: u64,
    },
    /// The row is there, but not its content.
    #[error(
        "The content is not in the store. An administrator can see with `bridgewatch doctor` whether the storage settings are right."
    )]
    Missing,
    /// It was swept between being kept and being used.
    #[error("The upload took too long; send the file again.")]
    Gone,
    /// The store does not answer, or refuses.
    #[error("The file store does not answer; try again later.")]
    Store(#[from] object_store::Error),
    /// A setting of the store is wrong.
    #[error("{0}")]
    Setting(String),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Bytes as people say them.
fn size(bytes: u64) -> String {
    match bytes {
        whole if whole.is_multiple_of(1 << 20) => format!("{} MiB", whole >> 20),
        whole if whole.is_multiple_of(1 << 10) => format!("{} KiB", whole >> 10),
        bytes => format!("{bytes} bytes"),
    }
}

impl KindedError for BlobError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::TooLarge { .. } => ErrorKind::TooLarge,
            Self::Store(error) => {
                tracing::error!(error = error as &dyn std::error::Error, "the file store failed");
                ErrorKind::Unavailable
            }
            Self::Gone => ErrorKind::Unavailable,
            Self::Missing | Self::Setting(_) => ErrorKind::Internal,
            Self::Db(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "too_large",
            Self::Missing => "content_missing",
            Self::Gone => "upload_expired",
            Self::Store(_) => "storage_unavailable",
            Self::Setting(_) => "storage_misconfigured",
            Self::Db(error) => error.code(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_named() {
        let text = |limit| BlobError::TooLarge { limit }.to_string();
        assert_eq!(text(25 << 20), "The file is larger than 25 MiB, which is the limit.");
        assert!(text(1500).contains("1500 bytes") && text(2048).contains("2 KiB"));
    }
}
