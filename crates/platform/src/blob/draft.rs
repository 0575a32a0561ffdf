//! A content on its way in.

use std::sync::Arc;

use axum::body::Bytes;
use object_store::{ObjectStore, ObjectStoreExt, WriteMultipart, path::Path};
use sha2::{Digest, Sha256};

use super::{BlobError, Blobs, objects::measured};
use crate::secret;

/// Contents up to this size wait in memory; larger ones go into the store at once.
const IN_MEMORY: u64 = 8 << 20;
/// The pieces in which large contents are sent.
const PIECE: usize = 8 << 20;
/// As much of the beginning is kept for recognising the type.
const HEAD: usize = 8192;

/// Takes the pieces of a content. Dropping it forgets them.
pub struct Draft {
    blobs: Blobs,
    limit: u64,
    size: u64,
    hash: Sha256,
    head: Vec<u8>,
    pieces: Vec<Bytes>,
    large: Option<(WriteMultipart, Incoming)>,
}

/// A whole content that has no row yet. Dropping it forgets it.
#[derive(Debug)]
pub struct Drafted {
    /// SHA-256 in hexadecimal.
    pub hash: String,
    /// Bytes.
    pub size: u64,
    /// Its first bytes.
    pub head: Vec<u8>,
    held: Held,
}

/// Where a whole content waits.
#[derive(Debug)]
pub(super) enum Held {
    Memory(Vec<Bytes>),
    Incoming(Incoming),
}

/// An object in `incoming/`, removed when this is dropped.
#[derive(Debug)]
pub(super) struct Incoming {
    objects: Arc<dyn ObjectStore>,
    place: Option<Path>,
    here: Path,
}

impl Incoming {
    pub(super) fn place(&self) -> &Path {
        &self.here
    }

    /// It has its final place: nothing is left to remove.
    pub(super) fn moved(mut self) {
        self.place = None;
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        let (Some(place), Ok(runtime)) = (self.place.take(), tokio::runtime::Handle::try_current()) else { return };
        let objects = self.objects.clone();
        // What cannot be removed now is removed by the sweep.
        runtime.spawn(async move { measured("delete", objects.delete(&place)).await.ok() });
    }
}

impl Blobs {
    /// Begins a content of at most `limit` bytes.
    pub fn draft(&self, limit: u64) -> Draft {
        Draft {
            blobs: self.clone(),
            limit,
            size: 0,
            hash: Sha256::new(),
            head: Vec::new(),
            pieces: Vec::new(),
            large: None,
        }
    }

    /// A whole content in memory.
    pub fn drafted(&self, content: impl Into<Bytes>) -> Drafted {
        let content = content.into();
        Drafted {
            hash: secret::hex(&Sha256::digest(&content)),
            size: content.len() as u64,
            head: content[..content.len().min(HEAD)].to_vec(),
            held: Held::Memory(vec![content]),
        }
    }
}

impl Draft {
    /// Takes the next piece.
    ///
    /// # Errors
    /// [`BlobError::TooLarge`] as soon as the limit is passed; when the store fails.
    pub async fn write(&mut self, piece: Bytes) -> Result<(), BlobError> {
        self.size += piece.len() as u64;
        if self.size > self.limit {
            return Err(BlobError::TooLarge { limit: self.limit });
        }
        self.hash.update(&piece);
        let wanted = HEAD.saturating_sub(self.head.len()).min(piece.len());
        self.head.extend_from_slice(&piece[..wanted]);
        if let Some((upload, _)) = &mut self.large {
            upload.wait_for_capacity(2).await?;
            upload.put(piece);
            return Ok(());
        }
        self.pieces.push(piece);
        if self.size > IN_MEMORY {
            let here = Blobs::new_incoming();
            let objects = self.blobs.objects().clone();
            let upload = measured("put", objects.put_multipart(&here)).await?;
            let mut upload = WriteMultipart::new_with_chunk_size(upload, PIECE);
            for piece in self.pieces.drain(..) {
                upload.put(piece);
            }
            self.large = Some((upload, Incoming { objects, place: Some(here.clone()), here }));
        }
        Ok(())
    }

    /// The content is whole.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn finish(mut self) -> Result<Drafted, BlobError> {
        let held = match self.large.take() {
            None => Held::Memory(std::mem::take(&mut self.pieces)),
            Some((upload, incoming)) => {
                measured("put", upload.finish()).await?;
                Held::Incoming(incoming)
            }
        };
        let hash = secret::hex(&std::mem::take(&mut self.hash).finalize());
        Ok(Drafted { hash, size: self.size, head: std::mem::take(&mut self.head), held })
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        let (Some((upload, incoming)), Ok(runtime)) = (self.large.take(), tokio::runtime::Handle::try_current()) else {
            return;
        };
        runtime.spawn(async move {
            let ended = upload.abort().await;
            if let Err(error) = ended {
                tracing::debug!(error = &error as &dyn std::error::Error, "a cut-off upload is left for the sweep");
            }
            drop(incoming);
        });
    }
}

impl Drafted {
    pub(super) fn into_held(self) -> Held {
        self.held
    }

    /// All bytes, when they are in memory.
    pub fn bytes(&self) -> Option<Bytes> {
        match &self.held {
            Held::Memory(pieces) => match pieces.as_slice() {
                [one] => Some(one.clone()),
                many => Some(many.concat().into()),
            },
            Held::Incoming(_) => None,
        }
    }
}
