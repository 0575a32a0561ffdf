//! Writing a backup.

use std::io::{BufWriter, Write};

use flate2::{Compression, write::GzEncoder};
use sha2::{Digest, Sha256};

use super::{BackupError, EndLine, FORMAT, Manifest, Summary, TableLine, schema};
use crate::db::{Db, Migration};

/// Writes all rows to `out` and gives what it wrote. The caller makes the file and gives it its name when this is
/// done, so that a file under the right name is whole.
///
/// # Errors
/// When the database or the file fails.
pub async fn write(
    db: &Db,
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
        if columns.is_empty() {
            // A later migration has dropped it.
            continue;
        }
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
    file.end(rows)?;
    tx.commit().await?;
    Ok(Summary { manifest, rows })
}

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

    fn end(mut self, rows: u64) -> std::io::Result<()> {
        let sha256 = super::read::hex(&self.hash.finalize());
        let end = serde_json::to_string(&EndLine { end: true, rows, sha256 })?;
        self.out.write_all(end.as_bytes())?;
        self.out.write_all(b"\n")?;
        self.out.finish()?.flush()
    }
}
