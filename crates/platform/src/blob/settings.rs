//! Where blobs are kept, as an administrator sets it.

use std::path::PathBuf;

use serde::Deserialize;

/// Where attached files are kept.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StorageSettings {
    /// A folder; `blobs` in the data folder unless given.
    pub folder: Option<PathBuf>,
    /// An S3-compatible store in place of a folder.
    pub s3: Option<S3Settings>,
    /// How long a content that nothing uses is kept, in hours: 1 or more; 24 unless given.
    pub keep_unused_h: Option<u32>,
}

/// A bucket of an S3-compatible store.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct S3Settings {
    /// Its address, such as `https://minio.example.com:9000`; Amazon's for the region unless given.
    pub endpoint: Option<String>,
    /// The bucket; it must exist.
    pub bucket: String,
    /// The region; `us-east-1` unless given.
    pub region: Option<String>,
    /// In front of all names in the bucket.
    pub prefix: Option<String>,
    /// The access key's id.
    pub access_key: String,
    /// The secret key.
    pub secret_key: Option<String>,
    /// A file that holds the secret key, in place of `secret_key`.
    pub secret_key_file: Option<PathBuf>,
    /// Whether the bucket stands in the path (most servers of one's own) or in the host name; in the path when there is
    /// an `endpoint`, unless given.
    pub path_style: Option<bool>,
}

impl std::fmt::Debug for S3Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("S3Settings")
            .field("endpoint", &self.endpoint)
            .field("bucket", &self.bucket)
            .field("region", &self.region)
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_not_shown() {
        let text = r#"{"bucket": "b", "access_key": "AKIA", "secret_key": "hush"}"#;
        let settings: S3Settings = serde_json::from_str(text).unwrap();
        let shown = format!("{settings:?}");
        assert!(shown.contains("\"b\"") && !shown.contains("hush") && !shown.contains("AKIA"), "{shown}");
    }
}
