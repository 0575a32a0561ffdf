//! Servers that a test starts and stops itself, on free loopback ports and in temporary folders.
//!
//! **Invariants**: dropping a server ends it and all its children, also when the test panics; a
//! server's own words are printed when it does not start.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

/// A loopback port that nobody listens on now.
///
/// # Panics
/// When the machine has no free port.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free loopback port");
    listener.local_addr().expect("the port's number").port()
}

/// A running child process with its log; ended by SIGKILL on drop.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts `command` with both outputs appended to `log`.
    pub fn start(name: &str, command: &mut Command, log: &Path) -> anyhow::Result<Self> {
        Self::spawn(name, command.stdin(Stdio::null()), log)
    }

    /// Starts a command that ends itself when its standard input closes, which happens however this process ends: the
    /// way to end what runs as another user.
    pub fn start_tied(name: &str, command: &mut Command, log: &Path) -> anyhow::Result<Self> {
        Self::spawn(name, command.stdin(Stdio::piped()), log)
    }

    fn spawn(name: &str, command: &mut Command, log: &Path) -> anyhow::Result<Self> {
        let file = std::fs::OpenOptions::new().create(true).append(true).open(log)?;
        let child = command
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()
            .with_context(|| format!("starting {name}: {command:?}; is it installed? See `make setup-test`"))?;
        Ok(Self { name: name.to_owned(), child, log: log.to_owned() })
    }

    /// Everything that it has written.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits until `ready` holds; fails when the process ends before that, or after `limit`.
    pub fn wait_until(&mut self, limit: Duration, mut ready: impl FnMut() -> bool) -> anyhow::Result<()> {
        let started = Instant::now();
        while !ready() {
            if let Some(status) = self.child.try_wait()? {
                bail!("{} ended with {status}:\n{}", self.name, self.log());
            }
            if started.elapsed() > limit {
                bail!("{} was not ready after {limit:?}:\n{}", self.name, self.log());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Ends it at once, as a power cut would (SIGKILL), and waits until it is gone.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        // What is tied to its input, and not ours to kill, ends now: `wait` closes the input first.
        let _ = self.child.wait();
    }

    /// Asks it to end (SIGTERM) and waits; true when it ended by itself with success within `limit`.
    pub fn terminate(&mut self, limit: Duration) -> anyhow::Result<bool> {
        Command::new("kill").arg("-TERM").arg(self.pid().to_string()).status()?;
        let started = Instant::now();
        while started.elapsed() < limit {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status.success());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(false)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            let log = self.log();
            let tail: Vec<_> = log.lines().rev().take(60).collect();
            eprintln!("--- last lines of {} ---", self.name);
            for line in tail.iter().rev() {
                eprintln!("{line}");
            }
        }
    }
}

/// True when something accepts connections on the loopback port.
pub fn listens(port: u16) -> bool {
    TcpStream::connect_timeout(&(Ipv4Addr::LOCALHOST, port).into(), Duration::from_millis(200)).is_ok()
}

/// Polls `look` every 50 ms until it gives something.
///
/// # Panics
/// When nothing came within `limit`; `what` says what was awaited.
pub fn eventually<T>(what: impl std::fmt::Display, limit: Duration, mut look: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(started.elapsed() < limit, "waited {limit:?} for {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The same for what an answer of a server must show: asks every 50 ms, for half a minute, until there is something.
///
/// # Panics
/// When nothing came; `what` says what was awaited.
pub async fn shows<T, F: Future<Output = Option<T>>>(what: &str, mut look: impl FnMut() -> F) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(started.elapsed() < Duration::from_secs(30), "waited half a minute for {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
