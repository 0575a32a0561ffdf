//! `backup` and `restore`, and the lock that keeps two servers from one SQLite file.

use std::{
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use kernel::{Event, RecordKind};
use platform::{
    Backend, Blobs, Ctx, Db, DbError, Lane,
    backup::{self, Existing, Summary},
};

use crate::assembly;

/// Writes a backup of the database, which a server may be using. The file appears under its name when it is whole.
///
/// # Errors
/// When it exists already, or cannot be written.
pub async fn backup(db: &Db, blobs: &Blobs, file: &Path) -> anyhow::Result<Summary> {
    if file.exists() {
        bail!("{} exists already; choose another name", file.display());
    }
    let mut draft = file.as_os_str().to_owned();
    draft.push(".part");
    let draft = PathBuf::from(draft);
    let failed = || format!("cannot write {}", draft.display());
    let out = private(&draft).with_context(failed)?;
    let written = backup::write(db, blobs, &assembly::migrations(), assembly::VERSION, &out).await;
    let whole = match written {
        Ok(summary) => out.sync_all().and_then(|()| fs::rename(&draft, file)).with_context(failed).map(|()| summary),
        Err(error) => Err(error.into()),
    };
    if whole.is_err() {
        // What could be written of it is of no use; the error that matters is the first one.
        let _ = fs::remove_file(&draft);
    }
    if whole.is_ok() {
        note(db).await?;
    }
    whole
}

/// Notes in the log that a backup was written, for the list of the first set-up and for the audit.
async fn note(db: &Db) -> anyhow::Result<()> {
    let ctx = Ctx::system("backup");
    let written = db.write(&ctx, Lane::Front, |tx| {
        Box::pin(async move {
            let event = Event::new("BackupWritten", RecordKind::SERVER, uuid::Uuid::nil(), 1, serde_json::json!({}));
            tx.emit(event);
            Ok::<_, DbError>(())
        })
    });
    Ok(written.await?)
}

/// A new file that only its owner may read: a backup holds personal data.
fn private(file: &Path) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(file)
}

/// Puts a backup in the place of the database. No server may run on it.
///
/// # Errors
/// See [`backup::BackupError`]; the database is then as it was.
pub async fn restore(db: &Db, blobs: &Blobs, url: &str, file: &Path, force: bool) -> anyhow::Result<Summary> {
    let _lock = lock(url)?;
    if db.backend() == Backend::Postgres {
        let others = db.other_connections().await?;
        if others > 0 {
            bail!("{others} other connections use this database; stop all servers first");
        }
    }
    let existing = if force { Existing::Overwrite } else { Existing::Keep };
    Ok(backup::restore(db, blobs, &assembly::migrations(), file, existing).await?)
}

/// Holds a SQLite file for this process; nothing on PostgreSQL, which several servers share. Dropping it lets go.
///
/// # Errors
/// When another server holds it.
pub fn lock(url: &str) -> anyhow::Result<Option<File>> {
    let Some(path) = url.strip_prefix("sqlite:").and_then(|rest| rest.split('?').next()) else {
        return Ok(None);
    };
    let path = format!("{}.lock", path.trim_start_matches("//"));
    let file = private(Path::new(&path)).with_context(|| format!("cannot write {path}"))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => {
            bail!("another bridgewatch runs on this database ({path} is locked); stop it first")
        }
        Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("cannot lock {path}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_server_per_file() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("b.db").display());
        let held = lock(&url).unwrap();
        assert!(held.is_some());
        assert!(lock(&url).unwrap_err().to_string().contains("stop it first"));
        drop(held);
        assert!(lock(&url).unwrap().is_some());
        assert!(lock("postgres://localhost/b").unwrap().is_none());
    }
}
