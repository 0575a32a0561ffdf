//! A fresh, migrated database per test, on either backend.
//!
//! On PostgreSQL the schema is migrated once per set of migrations into a template database, and each
//! test copies it, which takes a tenth of a second. Databases whose test process has ended are dropped by
//! later tests.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::Context;
use kernel::Clock;
use platform::db::{Backend, Db, Migration};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, Statement};
use sea_orm::{DatabaseBackend, TransactionTrait};
use tempfile::TempDir;

use crate::pg;

/// The lock that guards making templates and dropping what ended tests left.
const LOCK: i64 = 0x6277_7465_7374;

/// A database that nobody else uses. It goes when this is dropped (SQLite) or when the run ends.
pub struct TestDatabase {
    /// The opened database.
    pub db: Db,
    /// Its address, for a second handle or for the binary.
    pub url: String,
    _folder: Option<TempDir>,
}

impl TestDatabase {
    /// A fresh database with `sets` applied, opened with `clock`.
    ///
    /// # Panics
    /// When it cannot be made; says why.
    pub async fn fresh(backend: Backend, sets: &[&[Migration]], clock: Arc<dyn Clock>) -> Self {
        let made = match backend {
            Backend::Sqlite => sqlite(sets, clock).await,
            Backend::Postgres => postgres(sets, clock).await,
        };
        made.unwrap_or_else(|error| panic!("a fresh {backend:?} database: {error:#}"))
    }

    /// A copy as a backup would hold it, opened with `clock`: everything committed by now, and nothing later.
    ///
    /// # Panics
    /// When it cannot be made; says why.
    pub async fn copy(&self, clock: Arc<dyn Clock>) -> Self {
        let made = match self._folder {
            Some(_) => sqlite_copy(&self.url, clock).await,
            None => postgres_copy(&self.url, clock).await,
        };
        made.unwrap_or_else(|error| panic!("a copy of {}: {error:#}", self.url))
    }
}

async fn sqlite_copy(url: &str, clock: Arc<dyn Clock>) -> anyhow::Result<TestDatabase> {
    let folder = tempfile::Builder::new().prefix("bwdb").tempdir()?;
    let file = folder.path().join("copy.db");
    let original = connection(url).await?;
    original.execute_unprepared(&format!("VACUUM INTO '{}'", file.display())).await?;
    original.close().await?;
    let url = format!("sqlite:{}", file.display());
    Ok(TestDatabase { db: Db::connect(&url, clock).await?, url, _folder: Some(folder) })
}

/// PostgreSQL copies a database only while nobody is connected to it: the pool of the original is cut off, and
/// connects anew.
async fn postgres_copy(url: &str, clock: Arc<dyn Clock>) -> anyhow::Result<TestDatabase> {
    let original = url.split('?').next().and_then(|url| url.rsplit('/').next()).context("no name in the address")?;
    let admin = admin().await?;
    let name = new_name();
    let end = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{original}'");
    let copy = format!("CREATE DATABASE {name} TEMPLATE {original}");
    let mut attempts = 0;
    loop {
        admin.execute_unprepared(&end).await?;
        match admin.execute_unprepared(&copy).await {
            Ok(_) => break,
            Err(error) if attempts > 100 => return Err(error).context("copying the database"),
            Err(_) => attempts += 1,
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    admin.close().await?;
    let url = pg::database_url(&name);
    Ok(TestDatabase { db: Db::connect(&url, clock).await?, url, _folder: None })
}

/// An address of an empty database that nothing has migrated, for tests that start the binary.
///
/// The folder must be kept as long as the database is used.
///
/// # Panics
/// When it cannot be made; says why.
pub async fn empty(backend: Backend) -> (String, TempDir) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = match backend {
        Backend::Sqlite => format!("sqlite:{}", folder.path().join("bridgewatch.db").display()),
        Backend::Postgres => {
            let admin = admin().await.expect("the cluster");
            let name = new_name();
            admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.expect("an empty database");
            pg::database_url(&name)
        }
    };
    (url, folder)
}

async fn sqlite(sets: &[&[Migration]], clock: Arc<dyn Clock>) -> anyhow::Result<TestDatabase> {
    let folder = tempfile::Builder::new().prefix("bwdb").tempdir()?;
    let url = format!("sqlite:{}", folder.path().join("test.db").display());
    let db = Db::connect(&url, clock).await?;
    db.migrate(sets).await?;
    Ok(TestDatabase { db, url, _folder: Some(folder) })
}

async fn postgres(sets: &[&[Migration]], clock: Arc<dyn Clock>) -> anyhow::Result<TestDatabase> {
    let admin = admin().await?;
    let template = format!("template_{:016x}", fingerprint(sets));
    let name = new_name();
    let copy = format!("CREATE DATABASE {name} TEMPLATE {template}");
    if admin.execute_unprepared(&copy).await.is_err() {
        make_template(&admin, &template, sets, &clock).await?;
        admin.execute_unprepared(&copy).await.context("copying the template database")?;
    }
    drop_what_is_left(&admin).await?;
    admin.close().await?;
    let url = pg::database_url(&name);
    let db = Db::connect(&url, clock).await?;
    Ok(TestDatabase { db, url, _folder: None })
}

/// Migrates a new database and gives it the template's name, unless another process was faster.
async fn make_template(
    admin: &DatabaseConnection,
    template: &str,
    sets: &[&[Migration]],
    clock: &Arc<dyn Clock>,
) -> anyhow::Result<()> {
    // A transaction keeps the lock on one connection; CREATE DATABASE itself cannot stand in one.
    let guard = connection(pg::admin_url()).await?;
    let lock = guard.begin().await?;
    lock.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({LOCK})")).await?;
    if !exists(admin, template).await? {
        let building = format!("building_{template}");
        admin.execute_unprepared(&format!("DROP DATABASE IF EXISTS {building} WITH (FORCE)")).await?;
        admin.execute_unprepared(&format!("CREATE DATABASE {building}")).await?;
        Db::connect(&pg::database_url(&building), clock.clone()).await?.migrate(sets).await?;
        let end = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{building}'");
        let rename = format!("ALTER DATABASE {building} RENAME TO {template}");
        let mut attempts = 0;
        loop {
            admin.execute_unprepared(&end).await?;
            match admin.execute_unprepared(&rename).await {
                Ok(_) => break,
                Err(error) if attempts > 100 => return Err(error).context("naming the template database"),
                Err(_) => attempts += 1,
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    lock.commit().await?;
    guard.close().await?;
    Ok(())
}

async fn exists(admin: &DatabaseConnection, name: &str) -> anyhow::Result<bool> {
    let sql = format!("SELECT 1 AS found FROM pg_database WHERE datname = '{name}'");
    Ok(admin.query_one_raw(Statement::from_string(DatabaseBackend::Postgres, sql)).await?.is_some())
}

/// Drops the databases of processes that have ended: their names carry the process id.
async fn drop_what_is_left(admin: &DatabaseConnection) -> anyhow::Result<()> {
    let sql = "SELECT datname FROM pg_database WHERE datname LIKE 'test\\_%' ORDER BY random() LIMIT 20";
    let rows = admin.query_all_raw(Statement::from_string(DatabaseBackend::Postgres, sql)).await?;
    for row in rows {
        let name: String = row.try_get("", "datname")?;
        let owner = name.split('_').nth(1).unwrap_or_default().to_owned();
        if !std::path::Path::new("/proc").join(owner).exists() {
            // Another test may be dropping it too.
            let _ = admin.execute_unprepared(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
        }
    }
    Ok(())
}

async fn admin() -> anyhow::Result<DatabaseConnection> {
    connection(pg::admin_url()).await
}

async fn connection(url: &str) -> anyhow::Result<DatabaseConnection> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await.context("connecting to the test cluster")
}

fn new_name() -> String {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let started =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_micros());
    format!("test_{}_{}_{:x}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed), started)
}

/// FNV-1a over names and texts: another schema is another template.
fn fingerprint(sets: &[&[Migration]]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for migration in sets.iter().copied().flatten() {
        for byte in migration.name.bytes().chain([0]).chain(migration.sql.bytes()).chain([0]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    hash
}

/// Makes two tests of each function, one per database. The function takes the backend and makes its own
/// fresh database from it:
///
/// ```ignore
/// testkit::both_databases! {
///     async fn a_duplicate_adds_one_to_the_count(backend) {
///         let app = app(backend).await;
///         ...
///     }
/// }
/// ```
#[macro_export]
macro_rules! both_databases {
    ($($(#[$meta:meta])* async fn $name:ident($backend:ident) $body:block)+) => {$(
        mod $name {
            use super::*;

            $(#[$meta])*
            async fn run($backend: $crate::Backend) $body

            #[tokio::test]
            async fn sqlite() {
                run($crate::Backend::Sqlite).await;
            }

            #[tokio::test]
            async fn postgres() {
                run($crate::Backend::Postgres).await;
            }
        }
    )+};
}
