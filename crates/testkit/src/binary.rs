//! The real binary as a child process, on a loopback port and a data folder of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, ensure};
use serde_json::Value;
use tempfile::TempDir;

use crate::client::Client;
use crate::process::{Process, free_port, listens};

/// What a server needs to know.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// `--database`; none: SQLite in the data folder.
    pub database: Option<String>,
    /// The port of the SMTP server on loopback.
    pub smtp_port: Option<u16>,
    /// `--demo`.
    pub demo: bool,
    /// The vault key that several servers on one database share; none: each makes its own.
    pub vault_key: Option<String>,
    /// More tables of the settings file.
    pub more: Option<String>,
}

/// A server, running or killed. Ended with SIGKILL when dropped.
#[derive(Debug)]
pub struct Bridgewatch {
    binary: PathBuf,
    settings: Settings,
    port: u16,
    process: Option<Process>,
    data: TempDir,
}

impl Bridgewatch {
    /// Starts `binary` and waits until it is ready.
    ///
    /// # Panics
    /// When it does not become ready within a minute; prints its log.
    pub fn start(binary: impl AsRef<Path>, settings: Settings) -> Self {
        let mut server = Self::ready(binary, settings);
        server.resume().expect("the server starts");
        server
    }

    /// A server that is not started yet; [`Bridgewatch::resume`] starts it.
    ///
    /// # Panics
    /// When its folder cannot be made.
    pub fn ready(binary: impl AsRef<Path>, settings: Settings) -> Self {
        Self::try_ready(binary.as_ref(), settings).expect("a folder for the server")
    }

    fn try_ready(binary: &Path, settings: Settings) -> anyhow::Result<Self> {
        let data = tempfile::Builder::new().prefix("bwserve").tempdir()?;
        let port = free_port();
        let mut text = format!("listen = \"127.0.0.1:{port}\"\nbase_url = \"http://127.0.0.1:{port}\"\n");
        if let Some(key) = &settings.vault_key {
            text += &format!("vault_key = \"{key}\"\n");
        }
        if let Some(port) = settings.smtp_port {
            text += &format!(
                "[smtp]\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\n\
                 from = \"Bridgewatch <watch@nordhaven.example>\"\n\n[outgoing]\nallow = [\"127.0.0.1/32\"]\n"
            );
        }
        text += settings.more.as_deref().unwrap_or_default();
        std::fs::write(data.path().join("bridgewatch.toml"), text)?;
        Ok(Self { binary: binary.to_owned(), settings, port, process: None, data })
    }

    fn command(&self, verb: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command.args(verb).arg("--data").arg(self.data.path()).stdin(Stdio::null());
        command.arg("--config").arg(self.data.path().join("bridgewatch.toml"));
        if let Some(url) = &self.settings.database {
            command.arg("--database").arg(url);
        }
        command
    }

    /// Starts it again on the same data and port, after [`Bridgewatch::kill`].
    ///
    /// # Errors
    /// When it does not become ready within a minute.
    pub fn resume(&mut self) -> anyhow::Result<()> {
        self.launch()?;
        self.wait()
    }

    /// Waits until it is ready, after [`Bridgewatch::launch`].
    ///
    /// # Errors
    /// When it does not become ready within a minute.
    pub fn wait(&mut self) -> anyhow::Result<()> {
        let port = self.port;
        match &mut self.process {
            Some(process) => process.wait_until(Duration::from_secs(60), || listens(port)),
            None => Ok(()),
        }
    }

    /// The same without waiting until it is ready.
    ///
    /// # Errors
    /// When the process cannot be started.
    pub fn launch(&mut self) -> anyhow::Result<()> {
        let mut command = self.command(&["serve"]);
        if self.settings.demo {
            command.arg("--demo");
        }
        self.process = Some(Process::start("bridgewatch", &mut command, &self.data.path().join("log"))?);
        Ok(())
    }

    /// Ends it at once, as a power cut would.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill();
        }
    }

    /// Asks it to drain and end; true when it ended by itself with success.
    ///
    /// # Errors
    /// When the signal cannot be sent.
    pub fn stop(&mut self) -> anyhow::Result<bool> {
        match self.process.take() {
            Some(mut process) => process.terminate(Duration::from_secs(20)),
            None => Ok(false),
        }
    }

    /// Its address, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// A caller without credentials.
    pub fn client(&self) -> Client {
        Client::new(&self.url())
    }

    /// What it has written.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.data.path().join("log")).unwrap_or_default()
    }

    /// Runs another command of the binary beside it, such as `["admin", "token", "create", ...]`, and gives what it
    /// printed.
    ///
    /// # Errors
    /// When it fails; says what it printed.
    pub fn run(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let output = self.command(arguments).output().context("starting the binary")?;
        ensure!(
            output.status.success(),
            "{arguments:?} ended with {}:\n{}{}",
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// Makes an administrator and a token for it, by the command line.
    ///
    /// # Panics
    /// When the command line fails.
    pub fn administrator(&self, email: &str, name: &str) -> Client {
        self.person(email, name, "admin");
        self.client().with_token(&self.token(email))
    }

    /// Makes a person by the command line.
    ///
    /// # Panics
    /// When the command line fails.
    pub fn person(&self, email: &str, name: &str, role: &str) {
        self.run(&["admin", "user", "create", "--email", email, "--name", name, "--role", role]).expect("a person");
    }

    /// Makes an API token by the command line.
    ///
    /// # Panics
    /// When the command line fails.
    pub fn token(&self, email: &str) -> String {
        self.run(&["admin", "token", "create", "--user", email, "--name", "test"]).expect("a token")
    }

    /// Makes an integration by the command line; gives its id, address and key.
    ///
    /// # Panics
    /// When the command line fails.
    pub fn integration(&self, kind: &str, name: &str) -> (String, String, String) {
        let text =
            self.run(&["admin", "integration", "create", "--kind", kind, "--name", name]).expect("an integration");
        let made: Value = serde_json::from_str(&text).expect("JSON");
        let field = |name: &str| made[name].as_str().unwrap_or_default().to_owned();
        (field("id"), field("url"), field("key"))
    }
}
