//! Checking and restoring a backup.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use flate2::read::MultiGzDecoder;
use sea_orm::{ConnectionTrait, DatabaseTransaction, Value};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use super::{
    BackupError, BlobLine, EndLine, FORMAT, Manifest, Summary, TableLine,
    schema::{self, Column},
};
use crate::{
    blob::{self, Blobs, Draft},
    db::{Backend, Db, DbError, FromRow, Migration, placeholders, sql},
    work,
};

/// Rows in one INSERT, unless they have very many columns.
const CHUNK: usize = 200;
/// Parameters in one statement; both databases take more.
const PARAMETERS: usize = 30_000;

/// What to do with a database that is not empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// Refuse.
    Keep,
    /// Drop all its tables.
    Overwrite,
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads the whole file and checks that it is what was written.
///
/// # Errors
/// [`BackupError::Damaged`] with the line.
pub fn verify(file: &Path) -> Result<Summary, BackupError> {
    let mut lines = Lines::open(file)?;
    let manifest = lines.manifest()?;
    let (mut rows, mut blobs, mut content) = (0, 0, None::<Content>);
    while let Some(line) = lines.next()? {
        if line.starts_with('"') {
            let Some(content) = &mut content else { return Err(lines.damaged("a content stands before its name")) };
            content.add(&line).map_err(|reason| lines.damaged(&reason))?;
            continue;
        }
        if let Some(before) = content.take() {
            before.end().map_err(|reason| lines.damaged(&reason))?;
        }
        if line.starts_with(BLOB) {
            content = Some(Content::begin(&line).map_err(|reason| lines.damaged(&reason))?);
            blobs += 1;
        }
        rows += u64::from(line.starts_with('['));
    }
    if let Some(last) = content {
        last.end().map_err(|reason| lines.damaged(&reason))?;
    }
    if lines.rows != Some(rows) {
        return Err(lines.damaged("it ends too early: part of the file is missing"));
    }
    Ok(Summary { manifest, rows, blobs, lost: vec![] })
}

/// How a blob line begins.
const BLOB: &str = "{\"blob\"";

/// A content that is being checked.
struct Content {
    line: BlobLine,
    hash: Sha256,
    size: u64,
}

impl Content {
    fn begin(line: &str) -> Result<Self, String> {
        let line = serde_json::from_str(line).map_err(|error| error.to_string())?;
        Ok(Self { line, hash: Sha256::new(), size: 0 })
    }

    fn bytes(line: &str) -> Result<Vec<u8>, String> {
        STANDARD.decode(line.trim_matches('"')).map_err(|error| error.to_string())
    }

    fn add(&mut self, line: &str) -> Result<(), String> {
        let bytes = Self::bytes(line)?;
        self.size += bytes.len() as u64;
        self.hash.update(&bytes);
        Ok(())
    }

    fn end(self) -> Result<(), String> {
        if self.size == self.line.size && hex(&self.hash.finalize()) == self.line.blob {
            return Ok(());
        }
        Err(format!("the content {} before it is not what its hash says", self.line.blob))
    }
}

/// Makes the database what it was when the backup was written, in one transaction, brings its tables up to date, puts the
/// contents into the store before that is committed, and holds outgoing effects. Nobody else may use the database meanwhile.
///
/// # Errors
/// See [`BackupError`]; the database is then as it was.
pub async fn restore(
    db: &Db,
    blobs: &Blobs,
    sets: &[&[Migration]],
    file: &Path,
    existing: Existing,
) -> Result<Summary, BackupError> {
    let summary = verify(file)?;
    let known: Vec<&Migration> = sets.iter().copied().flatten().collect();
    let unknown = summary.manifest.migrations.iter().find(|name| known.iter().all(|one| one.name != name.as_str()));
    if let Some(migration) = unknown {
        return Err(BackupError::Newer { version: summary.manifest.version.clone(), migration: migration.clone() });
    }
    let backend = db.backend();
    let tx = db.alone().await?;
    let mut replaced = Vec::new();
    if !is_empty(&tx, backend).await? {
        if existing == Existing::Keep {
            return Err(BackupError::NotEmpty);
        }
        if there(&tx, backend).await?.iter().any(|table| table == "blobs") {
            replaced = blob::list_places(&tx, backend).await?;
        }
        clear(&tx, backend).await?;
    }
    let then: Vec<&Migration> =
        known.iter().copied().filter(|one| summary.manifest.migrations.iter().any(|name| name == one.name)).collect();
    crate::db::apply(&tx, backend, &then, db.now()).await?;
    for table in schema::tables(&then).iter().rev() {
        // Rows that a migration made come from the backup, as everything else does.
        tx.execute_unprepared(&format!("DELETE FROM \"{table}\"")).await?;
    }
    load(&tx, backend, blobs, file).await?;
    crate::db::apply(&tx, backend, &known, db.now()).await?;
    // What the replaced rows named is swept, unless the restored ones name it too.
    blob::discard(&tx, backend, &replaced, db.now()).await?;
    work::hold::begin_in(&tx, backend, db.now()).await?;
    tx.commit().await?;
    Ok(summary)
}

async fn load(tx: &DatabaseTransaction, backend: Backend, blobs: &Blobs, file: &Path) -> Result<(), BackupError> {
    let mut lines = Lines::open(file)?;
    lines.manifest()?;
    let mut table: Option<Table> = None;
    let mut content: Option<(BlobLine, Draft)> = None;
    while let Some(line) = lines.next()? {
        if line.starts_with('"') {
            let Some((_, draft)) = &mut content else { return Err(lines.damaged("a content stands before its name")) };
            let bytes = Content::bytes(&line).map_err(|reason| lines.damaged(&reason))?;
            draft.write(bytes.into()).await?;
            continue;
        }
        if let Some(whole) = content.take() {
            settle(blobs, whole).await?;
        }
        if line.starts_with(BLOB) {
            let head: BlobLine = serde_json::from_str(&line).map_err(|error| lines.damaged(&error.to_string()))?;
            content = Some((head, blobs.draft(u64::MAX)));
            continue;
        }
        if line.starts_with('[') {
            let Some(table) = &mut table else { return Err(lines.damaged("a row stands before any table")) };
            let row: Vec<Json> = serde_json::from_str(&line).map_err(|error| lines.damaged(&error.to_string()))?;
            table.add(tx, backend, row).await?.map_err(|reason| lines.damaged(&reason))?;
            continue;
        }
        let head: TableLine = serde_json::from_str(&line).map_err(|error| lines.damaged(&error.to_string()))?;
        if let Some(before) = table.take() {
            before.end(tx, backend).await?;
        }
        table = Some(Table::begin(tx, backend, head).await?.map_err(|reason| lines.damaged(&reason))?);
    }
    if let Some(last) = table {
        last.end(tx, backend).await?;
    }
    if let Some(whole) = content {
        settle(blobs, whole).await?;
    }
    Ok(())
}

/// Puts a content where its row says.
async fn settle(blobs: &Blobs, (head, draft): (BlobLine, Draft)) -> Result<(), BackupError> {
    let drafted = draft.finish().await?;
    if drafted.hash != head.blob {
        // It was checked before: the file was changed in between.
        return Err(BackupError::Damaged { line: 0, reason: format!("the content {} was changed", head.blob) });
    }
    Ok(blobs.settle(drafted, &head.place).await?)
}

/// The table that rows are being put into.
struct Table {
    head: TableLine,
    columns: Vec<Column>,
    waiting: Vec<Vec<Value>>,
}

impl Table {
    async fn begin(
        tx: &DatabaseTransaction,
        backend: Backend,
        head: TableLine,
    ) -> Result<Result<Self, String>, DbError> {
        let there = schema::columns(tx, backend, &head.table).await?;
        let find = |name: &String| {
            there
                .iter()
                .find(|column| column.name == *name)
                .cloned()
                .ok_or_else(|| format!("the table {} has no column {name}", head.table))
        };
        let columns: Result<Vec<Column>, String> = head.columns.iter().map(find).collect();
        Ok(columns.map(|columns| Self { head, columns, waiting: Vec::new() }))
    }

    async fn add(
        &mut self,
        tx: &DatabaseTransaction,
        backend: Backend,
        row: Vec<Json>,
    ) -> Result<Result<(), String>, DbError> {
        if row.len() != self.columns.len() {
            return Ok(Err(format!("{} values for {} columns", row.len(), self.columns.len())));
        }
        let values: Result<Vec<Value>, String> =
            row.iter().zip(&self.columns).map(|(json, column)| schema::value(backend, column.holds, json)).collect();
        match values {
            Err(reason) => return Ok(Err(reason)),
            Ok(values) => self.waiting.push(values),
        }
        if self.waiting.len() >= CHUNK.min(PARAMETERS / self.columns.len().max(1)) {
            self.flush(tx, backend).await?;
        }
        Ok(Ok(()))
    }

    async fn flush(&mut self, tx: &DatabaseTransaction, backend: Backend) -> Result<(), DbError> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let width = self.columns.len();
        let names: Vec<String> = self.columns.iter().map(|column| format!("\"{}\"", column.name)).collect();
        let groups: Vec<String> =
            (0..self.waiting.len()).map(|row| format!("({})", placeholders(1 + row * width, width))).collect();
        let own_numbers = if backend == Backend::Postgres { "OVERRIDING SYSTEM VALUE " } else { "" };
        let insert = format!(
            "INSERT INTO \"{}\" ({}) {own_numbers}VALUES {}",
            self.head.table,
            names.join(", "),
            groups.join(", ")
        );
        let values = std::mem::take(&mut self.waiting).into_iter().flatten().collect();
        sql::execute(tx, backend, &insert, values).await?;
        Ok(())
    }

    async fn end(mut self, tx: &DatabaseTransaction, backend: Backend) -> Result<(), DbError> {
        self.flush(tx, backend).await?;
        match self.head.last {
            Some(last) => schema::count_from(tx, backend, &self.head.table, last).await,
            None => Ok(()),
        }
    }
}

#[derive(FromRow)]
struct NameRow {
    name: String,
}

async fn there(tx: &DatabaseTransaction, backend: Backend) -> Result<Vec<String>, DbError> {
    let text = match backend {
        // Virtual tables first: dropping one drops the tables behind it.
        Backend::Sqlite => {
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
             ORDER BY sql NOT LIKE 'CREATE VIRTUAL%', rowid DESC"
        }
        Backend::Postgres => {
            "SELECT table_name::text AS name FROM information_schema.tables \
             WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'"
        }
    };
    let rows: Vec<NameRow> = sql::all(tx, backend, text, vec![]).await?;
    Ok(rows.into_iter().map(|row| row.name).collect())
}

async fn is_empty(tx: &DatabaseTransaction, backend: Backend) -> Result<bool, DbError> {
    Ok(there(tx, backend).await?.is_empty())
}

async fn clear(tx: &DatabaseTransaction, backend: Backend) -> Result<(), DbError> {
    let cascade = if backend == Backend::Postgres { " CASCADE" } else { "" };
    if backend == Backend::Sqlite {
        tx.execute_unprepared("PRAGMA defer_foreign_keys = ON").await?;
    }
    for table in there(tx, backend).await? {
        tx.execute_unprepared(&format!("DROP TABLE IF EXISTS \"{table}\"{cascade}")).await?;
    }
    Ok(())
}

/// The lines of a file, hashed while they are read.
struct Lines {
    reader: BufReader<MultiGzDecoder<File>>,
    hash: Sha256,
    number: u64,
    rows: Option<u64>,
}

impl Lines {
    fn open(file: &Path) -> Result<Self, BackupError> {
        let reader = BufReader::new(MultiGzDecoder::new(File::open(file)?));
        Ok(Self { reader, hash: Sha256::new(), number: 0, rows: None })
    }

    fn damaged(&self, reason: &str) -> BackupError {
        BackupError::Damaged { line: self.number, reason: reason.to_owned() }
    }

    fn manifest(&mut self) -> Result<Manifest, BackupError> {
        let line = self.next()?.ok_or_else(|| self.damaged("it is empty"))?;
        let manifest: Manifest = serde_json::from_str(&line)
            .map_err(|_| self.damaged("it does not begin as a backup of Bridgewatch does"))?;
        if manifest.format != FORMAT {
            return Err(self.damaged(&format!("its form {} is not known to this version", manifest.format)));
        }
        Ok(manifest)
    }

    /// The next line but the last; `None` after the last one, whose hash was right.
    fn next(&mut self) -> Result<Option<String>, BackupError> {
        let mut line = String::new();
        self.number += 1;
        let read = self.reader.read_line(&mut line).map_err(|error| self.damaged(&error.to_string()))?;
        if read == 0 {
            return Ok(None);
        }
        if !line.starts_with("{\"end\"") {
            self.hash.update(line.as_bytes());
            line.truncate(line.trim_end_matches('\n').len());
            return Ok(Some(line));
        }
        let end: EndLine = serde_json::from_str(&line).map_err(|error| self.damaged(&error.to_string()))?;
        if end.sha256 != hex(&self.hash.clone().finalize()) {
            return Err(self.damaged("the checksum is wrong: the file was changed after it was written"));
        }
        self.rows = Some(end.rows);
        Ok(None)
    }
}
