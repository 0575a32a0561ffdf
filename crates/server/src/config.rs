//! Settings: defaults, then a TOML file, then `BRIDGEWATCH_*` variables, then flags.

use std::{
    fs,
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use figment::{
    Figment,
    providers::{Env, Format, Serialized, Toml},
};
use platform::{
    Blobs, app::AttachmentLimits, blob::StorageSettings, outgoing::smtp::SmtpSettings, secret::Vault,
    trace::TraceSettings,
};
use serde::{Deserialize, Serialize};

use crate::listener::TlsFiles;

/// Everything that can be set. Names in the TOML file are the field names; as variables they are upper case with
/// `BRIDGEWATCH_` in front and `__` between levels, such as `BRIDGEWATCH_SMTP__HOST`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Folder for the database, the vault key and other files.
    pub data: PathBuf,
    /// Address of the database; SQLite in the data folder unless given.
    pub database: Option<String>,
    /// Address and port to listen on.
    pub listen: SocketAddr,
    /// Certificate chain (PEM) for serving over TLS; together with `tls_key`.
    pub tls_cert: Option<PathBuf>,
    /// The certificate's key (PEM).
    pub tls_key: Option<PathBuf>,
    /// An address outside that is told every so often that this server works.
    pub heartbeat: Option<Heartbeat>,
    /// Where people and monitors reach the server; from `listen` unless given.
    pub base_url: Option<String>,
    /// The organisation's name.
    pub organisation: String,
    /// The vault key itself, in place of `vault.key` in the data folder.
    pub vault_key: Option<String>,
    /// Outgoing mail through an SMTP server.
    pub smtp: Option<SmtpSettings>,
    /// Outgoing mail into a folder, one file each: for trying out.
    pub mail_folder: Option<PathBuf>,
    /// Outgoing connections.
    #[serde(default)]
    pub outgoing: Outgoing,
    /// Peers whose `X-Forwarded-For` is believed.
    #[serde(default)]
    pub trusted_proxies: Vec<IpAddr>,
    /// Where attached files are kept.
    #[serde(default)]
    pub storage: StorageSettings,
    /// What may be attached.
    #[serde(default)]
    pub attachments: Attachments,
    /// Traces for OpenTelemetry.
    pub traces: Option<TraceSettings>,
    /// Logs.
    #[serde(default)]
    pub log: Log,
}

/// A sign of life for a watcher outside, such as a dead man's switch.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Heartbeat {
    /// Where to post it.
    pub url: String,
    /// How often, in seconds: 10 to 3600.
    #[serde(default = "a_minute")]
    pub every_s: u32,
}

fn a_minute() -> u32 {
    60
}

/// What may be attached to records.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attachments {
    /// Size of one file, in MiB; 25 unless given.
    pub limit_mib: Option<u32>,
    /// Files of one ticket; 100 unless given.
    pub per_ticket: Option<u32>,
    /// Types of content that are not taken, in place of those of programs.
    pub refused: Option<Vec<String>>,
}

impl Attachments {
    /// What holds.
    pub fn limits(&self) -> AttachmentLimits {
        let usual = AttachmentLimits::default();
        AttachmentLimits {
            bytes: self.limit_mib.map_or(usual.bytes, |limit| u64::from(limit.max(1)) << 20),
            per_record: self.per_ticket.unwrap_or(usual.per_record),
            refused: self.refused.clone().unwrap_or(usual.refused),
        }
    }
}

/// Limits of outgoing connections.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outgoing {
    /// Private networks that may be called all the same, such as `10.1.0.0/16`.
    #[serde(default)]
    pub allow: Vec<String>,
}

/// How to log.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// `text` or `json`.
    pub format: LogFormat,
    /// Which records: a level or a filter such as `info,platform=debug`.
    pub filter: String,
}

impl Default for Log {
    fn default() -> Self {
        Self { format: LogFormat::Text, filter: "info,sqlx=warn".to_owned() }
    }
}

/// Form of a log line.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// What flags can set.
#[derive(Clone, Debug, Default, Serialize, clap::Args)]
pub struct Flags {
    /// Folder for the database and other files [default: ./data]
    #[arg(long, value_name = "DIR", global = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<PathBuf>,
    /// Database: postgres://… or sqlite:PATH [default: SQLite in the data folder]
    #[arg(long, value_name = "URL", global = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database: Option<String>,
    /// TOML file with settings
    #[arg(long, value_name = "FILE", global = true)]
    #[serde(skip)]
    pub config: Option<PathBuf>,
}

#[derive(Serialize)]
struct Defaults {
    data: PathBuf,
    listen: SocketAddr,
    organisation: &'static str,
}

impl Config {
    /// Reads all sources; `flags` win.
    ///
    /// # Errors
    /// When a file or value cannot be read; the message names the setting and where it came from.
    pub fn load(file: Option<&Path>, flags: impl Serialize) -> anyhow::Result<Self> {
        let defaults = Defaults {
            data: "data".into(),
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            organisation: "Bridgewatch",
        };
        let mut figment = Figment::from(Serialized::defaults(defaults));
        if let Some(file) = file {
            if !file.is_file() {
                bail!("there is no settings file {}", file.display());
            }
            figment = figment.merge(Toml::file_exact(file));
        }
        let variables = Env::prefixed("BRIDGEWATCH_")
            .filter(|key| {
                let key = key.as_str().to_ascii_lowercase();
                !key.starts_with("test") && !["root", "url", "config"].contains(&key.as_str())
            })
            .split("__");
        let config: Self = figment
            .merge(variables)
            .merge(Serialized::defaults(flags))
            .extract()
            .map_err(|error| anyhow::anyhow!("a setting is wrong: {error}"))?;
        Ok(config)
    }

    /// The database's address.
    ///
    /// # Errors
    /// When the data folder cannot be made.
    pub fn database_url(&self) -> anyhow::Result<String> {
        if let Some(url) = &self.database {
            return Ok(url.clone());
        }
        self.make_data()?;
        Ok(format!("sqlite:{}", self.data.join("bridgewatch.db").display()))
    }

    fn make_data(&self) -> anyhow::Result<()> {
        fs::create_dir_all(&self.data).with_context(|| format!("cannot make the data folder {}", self.data.display()))
    }

    /// The folder for attached files, where they are not kept elsewhere.
    pub fn blob_folder(&self) -> PathBuf {
        self.storage.folder.clone().unwrap_or_else(|| self.data.join("blobs"))
    }

    /// The store of attached files.
    ///
    /// # Errors
    /// When a setting is wrong, or the folder cannot be made.
    pub fn blobs(&self) -> anyhow::Result<Blobs> {
        Ok(Blobs::open(&self.storage, self.blob_folder())?)
    }

    /// Where the server is reached, without a slash at the end: as the settings say, else from this machine.
    pub fn base_url(&self) -> String {
        let scheme = if self.tls_cert.is_some() { "https" } else { "http" };
        let url = self.base_url.clone().unwrap_or_else(|| {
            let (listen, port) = (self.listen, self.listen.port());
            // Listening on every address is no address that a link can lead to.
            let host = if listen.ip().is_unspecified() { format!("localhost:{port}") } else { listen.to_string() };
            format!("{scheme}://{host}")
        });
        url.trim_end_matches('/').to_owned()
    }

    /// The certificate's files, when TLS is asked for.
    ///
    /// # Errors
    /// When only one of the two is set.
    pub fn tls(&self) -> anyhow::Result<Option<TlsFiles>> {
        match (&self.tls_cert, &self.tls_key) {
            (Some(cert), Some(key)) => Ok(Some(TlsFiles { cert: cert.clone(), key: key.clone() })),
            (None, None) => Ok(None),
            _ => bail!("set `tls_cert` and `tls_key` together"),
        }
    }

    /// Whether there is a vault key already.
    pub fn has_vault_key(&self) -> bool {
        self.vault_key.is_some() || self.data.join("vault.key").exists()
    }

    /// The vault: from the setting, or from `vault.key` in the data folder, made at the first start.
    ///
    /// # Errors
    /// When the key is no key, or the file cannot be read or made.
    pub fn vault(&self) -> anyhow::Result<Vault> {
        if let Some(key) = &self.vault_key {
            return Vault::from_text(key).context("the setting `vault_key` is no vault key (43 characters of base64)");
        }
        self.make_data()?;
        let file = self.data.join("vault.key");
        if !file.exists() {
            write_private(&file, &Vault::generate_key())?;
        }
        let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        Vault::from_text(&text).with_context(|| format!("{} holds no vault key", file.display()))
    }
}

/// Writes a file that only its owner may read, whole or not at all. A file made by another process meanwhile stays.
fn write_private(file: &Path, text: &str) -> anyhow::Result<()> {
    use std::{io::Write, os::unix::fs::OpenOptionsExt};
    let draft = file.with_extension(format!("{}.new", std::process::id()));
    let failed = || format!("cannot write {}", file.display());
    let mut open = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft).with_context(failed)?;
    open.write_all(text.as_bytes()).and_then(|()| open.sync_all()).with_context(failed)?;
    let linked = fs::hard_link(&draft, file);
    fs::remove_file(&draft).with_context(failed)?;
    match linked {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error).with_context(failed),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_and_flags_win() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("b.toml");
        fs::write(&file, "listen = \"127.0.0.1:9000\"\norganisation = \"Nordhaven\"\n[smtp]\nhost = \"mail\"\nport = 25\nfrom = \"a@example.com\"\n").unwrap();
        let flags = Flags { data: Some(folder.path().to_owned()), ..Flags::default() };
        let config = Config::load(Some(&file), flags).unwrap();
        assert_eq!(config.listen.port(), 9000);
        assert_eq!(config.organisation, "Nordhaven");
        assert_eq!(config.data, folder.path());
        assert_eq!(config.base_url(), "http://127.0.0.1:9000");
        let everywhere = Config { listen: "0.0.0.0:9000".parse().unwrap(), ..config.clone() };
        assert_eq!(everywhere.base_url(), "http://localhost:9000");
        assert_eq!(config.smtp.unwrap().port, 25);
    }

    #[test]
    fn a_wrong_setting_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("b.toml");
        fs::write(&file, "listne = \"127.0.0.1:9000\"\n").unwrap();
        let error = Config::load(Some(&file), Flags::default()).unwrap_err().to_string();
        assert!(error.contains("listne"), "{error}");
    }

    #[test]
    fn the_vault_key_is_made_once_and_is_private() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let flags = Flags { data: Some(folder.path().join("data")), ..Flags::default() };
        let config = Config::load(None, flags).unwrap();
        let sealed = config.vault().unwrap().seal(b"x").unwrap();
        assert_eq!(config.vault().unwrap().open(&sealed).unwrap(), b"x");
        let mode = fs::metadata(folder.path().join("data/vault.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
