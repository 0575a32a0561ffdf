//! `bridgewatch doctor`: what is wrong, and what to do about it. It changes nothing.

use std::{os::unix::fs::PermissionsExt, path::Path, sync::Arc, time::Duration};

use jiff::Timestamp;
use kernel::{Clock, Scope};
use platform::{
    Backend, Db,
    outgoing::{guard::AddressGuard, smtp::Smtp},
    secret_proof::{self, Proof},
    time::SystemClock,
    work::{hold, state},
};
use serde::Serialize;
use url::Url;

use crate::{assembly, config::Config};

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// As it should be.
    Ok,
    /// It works, but somebody should look.
    Warning,
    /// It does not work.
    Failure,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub check: &'static str,
    /// How it came out.
    pub outcome: Outcome,
    /// What was seen.
    pub text: String,
    /// What to do, unless all is well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

fn ok(check: &'static str, text: impl Into<String>) -> Finding {
    Finding { check, outcome: Outcome::Ok, text: text.into(), advice: None }
}

fn warning(check: &'static str, text: impl Into<String>, advice: impl Into<String>) -> Finding {
    Finding { check, outcome: Outcome::Warning, text: text.into(), advice: Some(advice.into()) }
}

fn failure(check: &'static str, text: impl Into<String>, advice: impl Into<String>) -> Finding {
    Finding { check, outcome: Outcome::Failure, text: text.into(), advice: Some(advice.into()) }
}

/// Looks at everything.
pub async fn examine(config: &Config) -> Vec<Finding> {
    let mut found = vec![base_url(config), data(&config.data), listener(config).await];
    found.push(mail(config).await);
    match database(config).await {
        Err(finding) => found.push(finding),
        Ok(db) => {
            let url = config.database_url().unwrap_or_default();
            found.push(ok("database", format!("{:?} answers", db.backend())));
            found.extend(inside(config, &db, &url).await);
        }
    }
    found
}

fn base_url(config: &Config) -> Finding {
    let text = config.base_url();
    let Ok(url) = Url::parse(&text) else {
        return failure(
            "base URL",
            format!("`{text}` is no address"),
            "set `base_url`, such as https://ops.example.com",
        );
    };
    let loopback = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    match (url.scheme(), loopback) {
        _ if matches!(url.host_str(), Some("0.0.0.0" | "[::]")) => failure(
            "base URL",
            format!("{text} is not an address that links in mails can lead to"),
            "set `base_url` to the name that people type",
        ),
        (_, true) => warning(
            "base URL",
            format!("{text} can be reached from this machine only"),
            "set `base_url` before pages with links go to people",
        ),
        ("https", false) => ok("base URL", text),
        _ => warning("base URL", format!("{text} is not encrypted"), "serve over https, here or at a proxy in front"),
    }
}

fn data(folder: &Path) -> Finding {
    let probe = folder.join(format!(".doctor.{}", std::process::id()));
    if !folder.exists() {
        return warning("data folder", format!("{} is not there yet", folder.display()), "the first start makes it");
    }
    match std::fs::write(&probe, b"x").and_then(|()| std::fs::remove_file(&probe)) {
        Ok(()) => ok("data folder", format!("{} can be written", folder.display())),
        Err(error) => failure(
            "data folder",
            format!("{} cannot be written: {error}", folder.display()),
            "give it to the user that runs the server, and look for free space",
        ),
    }
}

async fn listener(config: &Config) -> Finding {
    match tokio::net::TcpListener::bind(config.listen).await {
        Ok(_) => ok("listener", format!("{} is free; no server runs there", config.listen)),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            ok("listener", format!("{} is in use, by a running server it seems", config.listen))
        }
        Err(error) => failure(
            "listener",
            format!("cannot listen on {}: {error}", config.listen),
            "choose an address of this machine, and a port that this user may use, with --listen",
        ),
    }
}

async fn mail(config: &Config) -> Finding {
    let Some(settings) = &config.smtp else {
        return match &config.mail_folder {
            Some(folder) => warning(
                "mail",
                format!("mails go into the folder {}, and to nobody", folder.display()),
                "set `[smtp]` to send them",
            ),
            None => warning("mail", "no mail server is set", "set `[smtp]`: pages and invitations go by mail"),
        };
    };
    let advice = "look at `[smtp]` in the settings, and whether this machine may reach the server";
    let smtp = match Smtp::new(settings.clone(), AddressGuard::open()) {
        Ok(smtp) => smtp,
        Err(error) => {
            return failure("mail", error.message, "set `smtp.from`, such as Bridgewatch <alerts@example.com>");
        }
    };
    match smtp.check().await {
        Ok(()) => ok("mail", format!("{}:{} takes mail", settings.host, settings.port)),
        Err(error) => failure("mail", format!("{}:{}: {}", settings.host, settings.port, error.message), advice),
    }
}

async fn database(config: &Config) -> Result<Db, Finding> {
    let advice = "look at `database` in the settings, and whether the database server runs";
    let url = match &config.database {
        Some(url) => url.clone(),
        None => {
            let file = config.data.join("bridgewatch.db");
            if !file.exists() {
                let text = format!("{} is not there yet", file.display());
                return Err(warning("database", text, "the first start makes it"));
            }
            format!("sqlite:{}", file.display())
        }
    };
    Db::connect(&url, Arc::new(SystemClock)).await.map_err(|error| failure("database", error.to_string(), advice))
}

/// What only an open database tells.
async fn inside(config: &Config, db: &Db, url: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    match db.pending(&assembly::migrations()).await {
        Ok(0) => found.push(ok("tables", "up to date")),
        Ok(count) => {
            found.push(warning("tables", format!("{count} migrations are not applied yet"), "the next start does so"));
            return found;
        }
        Err(error) => {
            found.push(failure(
                "tables",
                error.to_string(),
                "start the version that made this database, or restore a backup",
            ));
            return found;
        }
    }
    if db.backend() == Backend::Sqlite {
        found.push(sqlite_file(db, url).await);
    }
    found.push(vault(config, db).await);
    found.push(storage(config, db).await);
    match work(db).await {
        Ok(more) => found.extend(more),
        Err(error) => found.push(failure("background work", error.to_string(), "look into the server's log")),
    }
    // Without a key an app cannot be put together, and this command makes none.
    if config.has_vault_key() {
        found.push(on_call(db, config).await);
    }
    found
}

async fn sqlite_file(db: &Db, url: &str) -> Finding {
    match db.quick_check().await {
        Ok(None) => ok("database file", url.trim_start_matches("sqlite:")),
        Ok(Some(damage)) => {
            failure("database file", format!("it is damaged: {damage}"), "stop the server and restore the last backup")
        }
        Err(error) => failure("database file", error.to_string(), "stop the server and restore the last backup"),
    }
}

async fn vault(config: &Config, db: &Db) -> Finding {
    let file = config.data.join("vault.key");
    if !config.has_vault_key() {
        return warning(
            "vault key",
            format!("{} is not there", file.display()),
            "put the key back that the database was used with; the next start would make a new one, which opens nothing",
        );
    }
    let open = std::fs::metadata(&file).is_ok_and(|meta| meta.permissions().mode() & 0o077 != 0);
    let vault = match config.vault() {
        Ok(vault) => vault,
        Err(error) => return failure("vault key", format!("{error:#}"), "put back the key from where you keep it"),
    };
    match secret_proof::look(&db.read(), &vault).await {
        Ok(Proof::Wrong) => failure(
            "vault key",
            "it is not the key under which this database's secrets were sealed",
            "put back the right key from where you keep it; backups do not hold it",
        ),
        Ok(_) if open && config.vault_key.is_none() => {
            warning("vault key", format!("others may read {}", file.display()), format!("chmod 600 {}", file.display()))
        }
        Ok(_) => ok("vault key", "opens this database's secrets; keep a copy away from the backups"),
        Err(error) => failure("vault key", error.to_string(), "look into the server's log"),
    }
}

async fn storage(config: &Config, db: &Db) -> Finding {
    let advice = "look at `[storage]` in the settings, and whether the store runs and takes these keys";
    if config.storage.s3.is_none() && !config.blob_folder().exists() {
        return warning(
            "file storage",
            format!("{} is not there yet", config.blob_folder().display()),
            "the next start makes it",
        );
    }
    let blobs = match config.blobs() {
        Ok(blobs) => blobs,
        Err(error) => return failure("file storage", format!("{error:#}"), advice),
    };
    if let Err(error) = blobs.probe().await {
        let mut text = format!("{} cannot be written and read: {error}", blobs.shown());
        if let Some(why) = std::error::Error::source(&error) {
            text += &format!(": {why}");
        }
        return failure("file storage", text, advice);
    }
    match blobs.holds_newest(&db.read()).await {
        Ok(true) => ok("file storage", format!("{} can be written and read", blobs.shown())),
        Ok(false) => failure(
            "file storage",
            format!("{} lacks the file that was attached last", blobs.shown()),
            "point `[storage]` at the store that was used before, or bring its contents here: a backup holds them",
        ),
        Err(error) => failure("file storage", error.to_string(), advice),
    }
}

async fn work(db: &Db) -> Result<Vec<Finding>, platform::DbError> {
    let now = SystemClock.now();
    let read = db.read();
    let mut found = Vec::new();
    if let Some(since) = hold::since(&read).await? {
        found.push(warning(
            "outgoing messages",
            format!("held since {since}, after a restore"),
            "look at what would be sent, then: bridgewatch admin release-outgoing",
        ));
    }
    let queues = state::queues(&read, now).await?;
    let dead: Vec<String> =
        queues.iter().filter(|queue| queue.dead > 0).map(|queue| format!("{} {}", queue.dead, queue.kind)).collect();
    if !dead.is_empty() {
        let text = format!("given up: {}", dead.join(", "));
        found.push(warning("jobs", text, "see why under Administration, Jobs, and run them again or drop them"));
    }
    let late = queues
        .iter()
        .filter_map(|queue| queue.oldest_due)
        .min()
        .map(|oldest| now.duration_since(kernel::timestamp(oldest)));
    match late {
        Some(late) if late.unsigned_abs() > Duration::from_secs(60) => found.push(warning(
            "timers",
            format!("the oldest that is due has waited for {} s", late.as_secs()),
            "start the server; if it runs, look into its log",
        )),
        _ => found.push(ok("timers", "none is late")),
    }
    let backlog = ops::integration::count_waiting(&read).await?;
    let waited = backlog.oldest.map(|oldest| now.duration_since(kernel::timestamp(oldest)));
    match waited {
        Some(waited) if waited.unsigned_abs() > Duration::from_secs(60) => found.push(warning(
            "intake",
            format!("{} accepted payloads wait, the first for {} s", backlog.payloads, waited.as_secs()),
            "start the server; if it runs, look into its log",
        )),
        _ => found.push(ok("intake", "nothing that was accepted waits long")),
    }
    for follower in state::followers(&read).await? {
        if follower.failures > 0 {
            found.push(failure(
                "event readers",
                format!(
                    "{} failed {} times: {}",
                    follower.name,
                    follower.failures,
                    follower.last_error.unwrap_or_default()
                ),
                "after eight failures the event is put aside among the dead jobs, and the reader goes on",
            ));
        } else if follower.behind > 1000 {
            let text = format!("{} is {} events behind", follower.name, follower.behind);
            found.push(warning("event readers", text, "start the server; if it runs, it is catching up"));
        }
    }
    Ok(found)
}

async fn on_call(db: &Db, config: &Config) -> Finding {
    let Ok(app) = assembly::app_for_commands(config, db.clone()) else {
        return warning("on call", "not looked at", "mend the failures above first");
    };
    match ops::paging::list_alarms(&app, &Scope::All).await {
        Ok(alarms) if alarms.is_empty() => ok("on call", "every open alert has somebody who will be paged"),
        Ok(alarms) => failure(
            "on call",
            format!("{} open alerts page nobody, the first: {}", alarms.len(), alarms[0].problem),
            "see the home page, which lists them",
        ),
        Err(error) => failure("on call", error.to_string(), "look into the server's log"),
    }
}

/// The report for the terminal.
pub fn report(found: &[Finding], at: Timestamp) -> String {
    let mut text = format!("Bridgewatch {} at {at:.0}\n\n", assembly::VERSION);
    for finding in found {
        let mark = match finding.outcome {
            Outcome::Ok => "ok      ",
            Outcome::Warning => "warning ",
            Outcome::Failure => "FAILED  ",
        };
        text += &format!("{mark} {:<18} {}\n", finding.check, finding.text);
        if let Some(advice) = &finding.advice {
            text += &format!("{:27} -> {advice}\n", "");
        }
    }
    text
}
