//! A throw-away PostgreSQL cluster, shared by every test process of a run.
//!
//! `make test` starts one through `scripts/with-postgres.sh` and passes it in
//! `BRIDGEWATCH_TEST_PG_URL`. A test that runs without it starts the same script in the background
//! and leaves the address in a state file, so that the next test process (cargo-nextest gives each
//! test its own) uses the same cluster; ten minutes after the last use it ends by itself.
//!
//! **Invariants**: a cluster listens on a socket in its own temporary folder and on nothing else;
//! it belongs to an ordinary user; it holds nothing that outlives the run.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use anyhow::{Context, bail};

/// The address of the `postgres` database of the run's cluster, as a URL that sqlx and the binary
/// take. The first call in a run may start the cluster (about two seconds).
///
/// # Panics
/// When no PostgreSQL server is installed or the cluster does not start: a test that needs the
/// database cannot go on, and says why.
pub fn admin_url() -> &'static str {
    static URL: OnceLock<String> = OnceLock::new();
    URL.get_or_init(|| match std::env::var("BRIDGEWATCH_TEST_PG_URL") {
        Ok(url) if !url.is_empty() => url,
        _ => shared_cluster().expect("a throw-away PostgreSQL cluster"),
    })
}

/// The address of the database `name` in the same cluster.
pub fn database_url(name: &str) -> String {
    admin_url().replacen("/postgres?", &format!("/{name}?"), 1)
}

/// The cluster of the state file, or a new one under the file's lock.
fn shared_cluster() -> anyhow::Result<String> {
    let folder = state_folder()?;
    let lock = File::create(folder.join("lock")).context("the cluster's lock file")?;
    lock.lock().context("locking the cluster's lock file")?;
    let state = folder.join("url");
    if let Some(url) = alive(&state) {
        return Ok(url);
    }
    let _ = fs::remove_file(&state);
    start(&folder, &state)?;
    for _ in 0..600 {
        if let Some(url) = alive(&state) {
            return Ok(url);
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
    bail!("PostgreSQL did not start within a minute:\n{log}")
}

/// A folder of this user's that nobody else can write to.
fn state_folder() -> anyhow::Result<PathBuf> {
    let me = fs::metadata("/proc/self").context("/proc/self")?.uid();
    let folder = std::env::temp_dir().join(format!("bridgewatch-test-pg-{me}"));
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    let found = fs::metadata(&folder)?;
    if found.uid() != me {
        bail!("{} belongs to somebody else: remove it", folder.display());
    }
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700))?;
    Ok(folder)
}

/// The URL in `state` when a server answers on its socket; the file is touched, which keeps the cluster.
fn alive(state: &Path) -> Option<String> {
    let url = fs::read_to_string(state).ok()?.trim().to_owned();
    let socket = url.split_once("?host=")?.1.replace("%2F", "/");
    UnixStream::connect(format!("{socket}/.s.PGSQL.5432")).ok()?;
    let file = OpenOptions::new().write(true).open(state).ok()?;
    file.set_modified(SystemTime::now()).ok()?;
    Some(url)
}

fn start(folder: &Path, state: &Path) -> anyhow::Result<()> {
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts");
    let log = File::create(folder.join("log"))?;
    Command::new(scripts.join("with-postgres.sh"))
        .arg(scripts.join("test-cluster.sh"))
        .arg(state)
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        // A group of its own: the end of the test that started it is not its end.
        .process_group(0)
        .spawn()
        .context("scripts/with-postgres.sh")?;
    Ok(())
}
