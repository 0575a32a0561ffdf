//! Writing a backup.

use std::io::{BufWriter, Write};

use base64::{Engine, engine::general_purpose::STANDARD};
use flate2::{Compression, write::GzEncoder};
use futures::TryStreamExt;
use sha2::{Digest, Sha256};

use super::{BackupError, BlobLine, EndLine, FORMAT, Manifest, Summary, TableLine, schema};
use crate::{
    blob::{self, Blob, BlobError, Blobs},
    db::{Db, Migration},
};

/// Writes all rows and contents to `out` and gives what it wrote. The caller makes the file and gives it its name when this is
/// done, so that a file under the right name is whole.
///
/// # Errors
/// When the database or the file fails.
pub async fn write(
    db: &Db,
    blobs: &Blobs,
    sets: &[&[Migration]],
    version: &str,
    out: impl Write + Send,
) -> Result<Summary, BackupError> {
    let backend = db.backend();
    let tx = db.snapshot().await?;
    let applied = crate::db::applied(&tx, backend).await?;
    let known: Vec<&Migration> =
        sets.iter().copied().flatten().filter(|migration| applied.iter().any(|name| name == migration.name)).collect();
    let migrations = known.iter().map(|migration| migration.name.to_owned()).collect();
    let manifest = Manifest { format: FORMAT, version: version.to_owned(), at: db.now(), migrations };
    let mut file = Lines { out: GzEncoder::new(BufWriter::new(out), Compression::fast()), hash: Sha256::new() };
    file.line(&serde_json::to_string(&manifest).map_err(std::io::Error::from)?)?;
    let mut rows = 0;
    for table in schema::tables(&known) {
        let columns = schema::columns(&tx, backend, &table).await?;
        let last = schema::last_number(&tx, backend, &table, &columns).await?;
        let names = columns.iter().map(|column| column.name.clone()).collect();
        let head = TableLine { table: table.clone(), columns: names, last };
        file.line(&serde_json::to_string(&head).map_err(std::io::Error::from)?)?;
        let mut pages = schema::Pages::begin(&tx, backend, &table, &columns).await?;
        loop {
            let lines = pages.next(&tx).await?;
            if lines.is_empty() {
                break;
            }
            for line in lines {
                file.line(&line)?;
                rows += 1;
            }
        }
    }
    let (mut count, mut lost, mut after) = (0, Vec::new(), String::new());
    while known.iter().any(|one| one.name == HAS_BLOBS) {
        let page = blob::list_stored(&tx, backend, &after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after.clone_from(&last.hash);
        for one in &page {
            if file.blob(blobs, one).await? {
                count += 1;
            } else {
                lost.push(one.hash.clone());
            }
        }
    }
    file.end(rows)?;
    tx.commit().await?;
    Ok(Summary { manifest, rows, blobs: count, lost })
}

/// The migration since which there are contents.
const HAS_BLOBS: &str = "platform_0004_blobs";
/// Contents looked up at once.
const PAGE: i64 = 200;
/// Bytes of a content in one line: a multiple of three, so that the base64 of the pieces is that of the whole.
const PIECE: usize = 48 << 10;

struct Lines<W: Write> {
    out: GzEncoder<BufWriter<W>>,
    hash: Sha256,
}

impl<W: Write> Lines<W> {
    fn line(&mut self, text: &str) -> std::io::Result<()> {
        for part in [text.as_bytes(), b"\n"] {
            self.hash.update(part);
            self.out.write_all(part)?;
        }
        Ok(())
    }

    /// A content, checked on the way; false when the store does not have it as it was put there.
    async fn blob(&mut self, blobs: &Blobs, blob: &Blob) -> Result<bool, BackupError> {
        let whole = match blobs.intact(blob).await {
            Ok(whole) => whole,
            Err(BlobError::Missing) => false,
            Err(error) => return Err(error.into()),
        };
        if !whole {
            return Ok(false);
        }
        let head = BlobLine { blob: blob.hash.clone(), size: blob.size, place: blob.place.clone() };
        self.line(&serde_json::to_string(&head).map_err(std::io::Error::from)?)?;
        let mut content = blobs.content(blob, None).await?;
        let mut waiting: Vec<u8> = Vec::with_capacity(2 * PIECE);
        while let Some(piece) = content.stream.try_next().await.map_err(BlobError::from)? {
            waiting.extend_from_slice(&piece);
            let whole = waiting.len() - waiting.len() % PIECE;
            for piece in waiting[..whole].chunks(PIECE) {
                self.line(&format!("\"{}\"", STANDARD.encode(piece)))?;
            }
            waiting.drain(..whole);
        }
        if !waiting.is_empty() {
            self.line(&format!("\"{}\"", STANDARD.encode(&waiting)))?;
        }
        Ok(true)
    }

    fn end(mut self, rows: u64) -> std::io::Result<()> {
        let sha256 = super::read::hex(&self.hash.finalize());
        let end = serde_json::to_string(&EndLine { end: true, rows, sha256 })?;
        self.out.write_all(end.as_bytes())?;
        self.out.write_all(b"\n")?;
        self.out.finish()?.flush()
    }
}
