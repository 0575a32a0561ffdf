//! The store itself: a directory, or a bucket.

use std::{fs, io, ops::Range, os::unix::fs::DirBuilderExt, path::PathBuf, sync::Arc, time::Duration};

use axum::body::Bytes;
use futures::{TryStreamExt, stream::BoxStream};
use jiff::{SignedDuration, Timestamp};
use object_store::{
    ClientOptions, GetOptions, GetRange, ObjectStore, ObjectStoreExt, PutPayload, RetryConfig, aws::AmazonS3Builder,
    local::LocalFileSystem, path::Path, prefix::PrefixStore,
};
use sha2::{Digest, Sha256};
use tracing::Instrument;

use super::{Blob, BlobError, Kept, S3Settings, StorageSettings, draft::Drafted, draft::Held, store};
use crate::{
    auth::Ctx,
    db::{Db, Lane, Sql},
    measure::{STORE_BYTES, STORE_OPERATIONS, STORE_SECONDS, Stopwatch},
    secret, trace,
};

/// Where drafts wait that are too large for memory.
const INCOMING: &str = "incoming";
/// One exchange with a bucket may take this long in all, retries included.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a content that nothing uses is kept unless the settings say otherwise.
const GRACE: SignedDuration = SignedDuration::from_hours(24);

/// The blob store. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Blobs(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    objects: Arc<dyn ObjectStore>,
    folder: Option<PathBuf>,
    shown: String,
    grace: SignedDuration,
}

/// The bytes of a blob, or of a part of it.
pub struct Content {
    /// Which part this is.
    pub range: Range<u64>,
    /// The bytes, piece by piece. An error ends them.
    pub stream: BoxStream<'static, Result<Bytes, object_store::Error>>,
}

impl Blobs {
    /// The store that the settings name; `folder` unless they say otherwise.
    ///
    /// # Errors
    /// When a setting is wrong, or the folder cannot be made.
    pub fn open(settings: &StorageSettings, folder: PathBuf) -> Result<Self, BlobError> {
        let grace = settings.keep_unused_h.map_or(GRACE, |hours| SignedDuration::from_hours(i64::from(hours.max(1))));
        let folder = match (&settings.folder, &settings.s3) {
            (Some(_), Some(_)) => {
                return Err(BlobError::Setting("set either `storage.folder` or `storage.s3`".to_owned()));
            }
            (None, Some(bucket)) => return Self::bucket(bucket, grace),
            (Some(other), None) => other.clone(),
            (None, None) => folder,
        };
        Self::folder(folder, grace)
    }

    fn folder(folder: PathBuf, grace: SignedDuration) -> Result<Self, BlobError> {
        let wrong = |error: &dyn std::fmt::Display| {
            BlobError::Setting(format!("cannot use the folder {} for files: {error}", folder.display()))
        };
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder).map_err(|error| wrong(&error))?;
        let objects = LocalFileSystem::new_with_prefix(&folder).map_err(|error| wrong(&error))?.with_fsync(true);
        let shown = folder.display().to_string();
        Ok(Self(Arc::new(Inner { objects: Arc::new(objects), folder: Some(folder), shown, grace })))
    }

    fn bucket(settings: &S3Settings, grace: SignedDuration) -> Result<Self, BlobError> {
        let secret_key = match (&settings.secret_key, &settings.secret_key_file) {
            (Some(key), None) => key.clone(),
            (None, Some(file)) => fs::read_to_string(file)
                .map(|text| text.trim().to_owned())
                .map_err(|error| BlobError::Setting(format!("cannot read {}: {error}", file.display())))?,
            _ => {
                let text = "set either `storage.s3.secret_key` or `storage.s3.secret_key_file`";
                return Err(BlobError::Setting(text.to_owned()));
            }
        };
        let options = ClientOptions::new()
            .with_timeout(PATIENCE)
            .with_connect_timeout(Duration::from_secs(5))
            .with_allow_http(settings.endpoint.as_deref().is_some_and(|url| url.starts_with("http://")));
        let retry = RetryConfig { max_retries: 3, retry_timeout: PATIENCE, ..RetryConfig::default() };
        let path_style = settings.path_style.unwrap_or(settings.endpoint.is_some());
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&settings.bucket)
            .with_region(settings.region.as_deref().unwrap_or("us-east-1"))
            .with_access_key_id(&settings.access_key)
            .with_secret_access_key(secret_key)
            .with_virtual_hosted_style_request(!path_style)
            .with_client_options(options)
            .with_retry(retry);
        if let Some(endpoint) = &settings.endpoint {
            builder = builder.with_endpoint(endpoint.trim_end_matches('/'));
        }
        let objects = builder.build().map_err(|error| BlobError::Setting(format!("`storage.s3` is wrong: {error}")))?;
        let place = settings.endpoint.as_deref().unwrap_or("Amazon S3");
        let shown = format!("the bucket {} at {place}", settings.bucket);
        let objects: Arc<dyn ObjectStore> = match settings.prefix.as_deref().map(|text| text.trim_matches('/')) {
            None | Some("") => Arc::new(objects),
            Some(prefix) => Arc::new(PrefixStore::new(objects, prefix)),
        };
        Ok(Self(Arc::new(Inner { objects, folder: None, shown, grace })))
    }

    /// Where it is, for people; without keys.
    pub fn shown(&self) -> &str {
        &self.0.shown
    }

    /// How long a content that nothing uses is kept.
    pub(super) fn grace(&self) -> SignedDuration {
        self.0.grace
    }

    pub(super) fn objects(&self) -> &Arc<dyn ObjectStore> {
        &self.0.objects
    }

    pub(super) fn new_incoming() -> Path {
        Path::from(format!("{INCOMING}/{}", secret::hex(&secret::random_bytes::<16>())))
    }

    /// Puts a draft where its row says. The content is durable when this returns; it is swept unless a record uses it
    /// within the grace time ([`super::refer`]).
    ///
    /// # Errors
    /// When the store or the database fails.
    pub async fn keep(&self, db: &Db, drafted: Drafted) -> Result<Kept, BlobError> {
        let (hash, size) = (drafted.hash.clone(), drafted.size);
        let blob: Blob = db
            .write(&Ctx::system("storage"), Lane::Front, {
                let hash = hash.clone();
                move |tx| Box::pin(async move { store::touch(tx, &hash, size).await })
            })
            .await
            .map_err(BlobError::Db)?;
        let place = Path::from(blob.place.as_str());
        let there = blob.stored && self.holds(&place, size).await?;
        match drafted.into_held() {
            _ if there => {}
            Held::Memory(pieces) => self.put(&place, pieces.into_iter().collect()).await?,
            Held::Incoming(draft) => {
                let moved = self.0.objects.rename(draft.place(), &place);
                measured("put", moved).await?;
                draft.moved();
            }
        }
        metrics::counter!(STORE_BYTES, "direction" => "in").increment(if there { 0 } else { size });
        Ok(Kept { id: blob.id, size, hash })
    }

    async fn put(&self, place: &Path, payload: PutPayload) -> Result<(), BlobError> {
        measured("put", self.0.objects.put(place, payload)).await?;
        Ok(())
    }

    async fn holds(&self, place: &Path, size: u64) -> Result<bool, BlobError> {
        match measured("head", self.0.objects.head(place)).await {
            Ok(meta) => Ok(meta.size == size),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Opens a blob, or this part of it.
    ///
    /// # Errors
    /// [`BlobError::Missing`] when it is not there; when the store fails.
    pub async fn content(&self, blob: &Blob, range: Option<Range<u64>>) -> Result<Content, BlobError> {
        let options = GetOptions::new().with_range(range.map(GetRange::Bounded));
        let place = Path::from(blob.place.as_str());
        match measured("get", self.0.objects.get_opts(&place, options)).await {
            Ok(found) => {
                let range = found.range.clone();
                metrics::counter!(STORE_BYTES, "direction" => "out").increment(range.end - range.start);
                Ok(Content { range, stream: found.into_stream() })
            }
            Err(object_store::Error::NotFound { .. }) => Err(BlobError::Missing),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether the store has a blob as it was put there.
    ///
    /// # Errors
    /// As [`Blobs::content`].
    pub(crate) async fn intact(&self, blob: &Blob) -> Result<bool, BlobError> {
        let mut content = self.content(blob, None).await?;
        let mut hash = Sha256::new();
        while let Some(piece) = content.stream.try_next().await? {
            hash.update(&piece);
        }
        Ok(secret::hex(&hash.finalize()) == blob.hash)
    }

    /// All bytes of a blob, for contents that are small enough to be held.
    ///
    /// # Errors
    /// As [`Blobs::content`].
    pub async fn bytes(&self, blob: &Blob) -> Result<Bytes, BlobError> {
        let mut all = Vec::with_capacity(usize::try_from(blob.size).unwrap_or(0));
        let mut content = self.content(blob, None).await?;
        while let Some(piece) = content.stream.try_next().await? {
            all.extend_from_slice(&piece);
        }
        Ok(all.into())
    }

    /// Puts a restored content under the place that its row names.
    pub(crate) async fn settle(&self, drafted: Drafted, place: &str) -> Result<(), BlobError> {
        match drafted.into_held() {
            Held::Memory(pieces) => self.put(&Path::from(place), pieces.into_iter().collect()).await,
            Held::Incoming(draft) => {
                measured("put", self.0.objects.rename(draft.place(), &Path::from(place))).await?;
                draft.moved();
                Ok(())
            }
        }
    }

    /// Empties a place; nothing there is as good.
    pub(super) async fn delete(&self, place: &str) -> Result<(), BlobError> {
        match measured("delete", self.0.objects.delete(&Path::from(place))).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Removes what uploads left that were cut off before this instant; gives how many pieces.
    pub(super) async fn tidy(&self, before: Timestamp) -> Result<u64, BlobError> {
        let incoming = Path::from(INCOMING);
        let old: Vec<Path> = self
            .0
            .objects
            .list(Some(&incoming))
            .try_filter(|meta| std::future::ready(meta.last_modified.timestamp() < before.as_second()))
            .map_ok(|meta| meta.location)
            .try_collect()
            .await?;
        let mut removed = 0;
        for place in &old {
            self.delete(place.as_ref()).await?;
            removed += 1;
        }
        if let Some(folder) = self.0.folder.clone() {
            let swept = tokio::task::spawn_blocking(move || half_written(&folder, before)).await;
            removed += swept.ok().and_then(Result::ok).unwrap_or(0);
        }
        Ok(removed)
    }

    /// Writes something, reads it again and removes it.
    ///
    /// # Errors
    /// When any of it fails.
    pub async fn probe(&self) -> Result<(), BlobError> {
        let place = Path::from(format!("probe/{}", secret::hex(&secret::random_bytes::<8>())));
        let content = secret::random_bytes::<32>();
        self.put(&place, PutPayload::from(content.to_vec())).await?;
        let found = self.0.objects.get(&place).await?.bytes().await?;
        self.0.objects.delete(&place).await?;
        if found[..] == content[..] { Ok(()) } else { Err(BlobError::Missing) }
    }

    /// Whether the newest blob that the database names is in this store; false when it is not. A store that was changed
    /// in the settings without its contents lacks it.
    ///
    /// # Errors
    /// When the store or the database fails.
    pub async fn holds_newest(&self, sql: &impl Sql) -> Result<bool, BlobError> {
        match store::newest(sql).await? {
            None => Ok(true),
            Some(blob) => self.holds(&Path::from(blob.place.as_str()), blob.size).await,
        }
    }
}

/// Files that were being written in a folder when the process ended: their names end in `#` and a number.
fn half_written(folder: &std::path::Path, before: Timestamp) -> io::Result<u64> {
    let mut removed = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let meta = entry.metadata()?;
        if meta.is_dir() {
            removed += half_written(&entry.path(), before)?;
        } else if entry.file_name().to_string_lossy().contains('#')
            && Timestamp::try_from(meta.modified()?).is_ok_and(|at| at < before)
        {
            fs::remove_file(entry.path())?;
            removed += 1;
        }
    }
    Ok(removed)
}

/// Counts and times an exchange with the store.
pub(super) async fn measured<T>(
    operation: &'static str,
    exchange: impl Future<Output = object_store::Result<T>>,
) -> object_store::Result<T> {
    let (watch, span) = (Stopwatch::start(), trace::call_span("storage", operation));
    let done = exchange.instrument(span.clone()).await;
    let outcome = match &done {
        Ok(_) => "done",
        Err(object_store::Error::NotFound { .. }) => "missing",
        Err(_) => "failed",
    };
    trace::ended(&span, outcome, outcome != "failed");
    metrics::counter!(STORE_OPERATIONS, "operation" => operation, "outcome" => outcome).increment(1);
    metrics::histogram!(STORE_SECONDS, "operation" => operation).record(watch.elapsed());
    done
}
