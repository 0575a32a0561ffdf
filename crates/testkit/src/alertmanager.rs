//! A real Prometheus Alertmanager that a test configures, feeds and stops.

use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::Value;
use tempfile::TempDir;

use crate::process::{Process, free_port};

/// A running Alertmanager on a loopback port.
#[derive(Debug)]
pub struct Alertmanager {
    port: u16,
    process: Process,
    _folder: TempDir,
}

impl Alertmanager {
    /// Starts one with the given receiver block (YAML below `receivers: - name: bridgewatch`,
    /// without indentation), grouping by alert name with the shortest waits it allows.
    ///
    /// # Panics
    /// When it is not installed or does not start.
    pub fn start(receiver: &str) -> Self {
        Self::try_start(receiver).expect("a real Alertmanager")
    }

    fn try_start(receiver: &str) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("bwam").tempdir()?;
        let receiver: String = receiver.trim_end().lines().map(|line| format!("    {line}\n")).collect();
        let file = folder.path().join("alertmanager.yml");
        fs::write(
            &file,
            format!(
                "route:\n  receiver: bridgewatch\n  group_by: [alertname, service]\n  group_wait: 100ms\n  \
                 group_interval: 500ms\n  repeat_interval: 1s\nreceivers:\n  - name: bridgewatch\n{receiver}"
            ),
        )?;
        let port = free_port();
        let mut command = Command::new("prometheus-alertmanager");
        command
            .arg(format!("--config.file={}", file.display()))
            .arg(format!("--storage.path={}", folder.path().join("data").display()))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .arg("--cluster.listen-address=")
            .arg("--log.level=debug");
        let mut process = Process::start("prometheus-alertmanager", &mut command, &folder.path().join("log"))?;
        process.wait_until(Duration::from_secs(20), || call(port, "GET", "/-/ready", "").is_ok())?;
        Ok(Self { port, process, _folder: folder })
    }

    /// What Prometheus does: posts alerts (API v2). An alert with an `endsAt` in the past resolves.
    ///
    /// # Panics
    /// When Alertmanager refuses them.
    pub fn post(&self, alerts: &Value) {
        call(self.port, "POST", "/api/v2/alerts", &alerts.to_string()).expect("Alertmanager takes the alerts");
    }

    /// What it has logged, with every notification and its outcome.
    pub fn log(&self) -> String {
        self.process.log()
    }
}

/// One HTTP exchange; fails when the answer is not a 2xx.
fn call(port: u16, method: &str, path: &str, body: &str) -> anyhow::Result<String> {
    let mut stream = TcpStream::connect_timeout(&(Ipv4Addr::LOCALHOST, port).into(), Duration::from_secs(2))?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let status = answer.split(' ').nth(1).context("an HTTP status")?;
    if !status.starts_with('2') {
        bail!("{method} {path}: {answer}");
    }
    Ok(answer)
}
