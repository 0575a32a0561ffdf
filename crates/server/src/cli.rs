//! The command line.

use std::{
    io::Read,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use clap::{Args, Parser, Subcommand};
use kernel::{Clock, Origin, Role};
use platform::{Ctx, Db, secret_proof, time::SystemClock};
use serde::Serialize;
use std::sync::Arc;

use crate::{
    assembly,
    config::{Config, Flags},
    serve, system,
};

/// IT service and operations management in one binary.
#[derive(Parser, Debug)]
#[command(name = "bridgewatch", version, propagate_version = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    flags: Flags,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Run the server
    Serve(ServeFlags),
    /// Bring the database up to date, then stop
    Migrate,
    /// Print the description of the API (OpenAPI 3.1)
    Openapi,
    /// Say what is wrong and what to do about it; changes nothing
    Doctor {
        /// One JSON object per finding
        #[arg(long)]
        json: bool,
    },
    /// Write everything but the vault key into one file, attached files too; works beside a running server
    Backup {
        /// The file to make
        file: PathBuf,
    },
    /// Put a backup in the place of the database, here or on the other kind of database; no server may run on it
    Restore {
        /// The file
        file: PathBuf,
        /// Overwrite what is in the database
        #[arg(long)]
        force: bool,
    },
    /// Make people, tokens and integrations; works beside a running server
    Admin {
        #[command(subcommand)]
        what: Admin,
    },
}

/// Flags of `serve`.
#[derive(Args, Clone, Debug, Default, Serialize)]
pub struct ServeFlags {
    /// Address and port to listen on [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    listen: Option<SocketAddr>,
    /// Where people and monitors reach the server
    #[arg(long, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    base_url: Option<String>,
    /// Certificate chain (PEM) for serving over TLS
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    #[serde(skip_serializing_if = "Option::is_none")]
    tls_cert: Option<PathBuf>,
    /// The certificate's key (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    #[serde(skip_serializing_if = "Option::is_none")]
    tls_key: Option<PathBuf>,
    /// Fill an empty database with a made-up company and print the sign-in
    #[arg(long)]
    #[serde(skip)]
    demo: bool,
}

#[derive(Subcommand, Debug)]
enum Admin {
    /// People
    User {
        #[command(subcommand)]
        what: User,
    },
    /// API tokens
    Token {
        #[command(subcommand)]
        what: Token,
    },
    /// Alert sources
    Integration {
        #[command(subcommand)]
        what: Integration,
    },
    /// Let messages go out again that are held since a restore
    ReleaseOutgoing,
}

#[derive(Subcommand, Debug)]
enum User {
    /// Make a person who can sign in
    Create {
        /// Mail address
        #[arg(long)]
        email: String,
        /// Name
        #[arg(long)]
        name: String,
        /// admin, agent or customer
        #[arg(long, value_parser = parse_role)]
        role: Role,
        /// Read the password from standard input; without it one is made and printed
        #[arg(long)]
        password_stdin: bool,
    },
}

#[derive(Subcommand, Debug)]
enum Token {
    /// Make a token with all the person's rights and print it, alone, on standard output
    Create {
        /// Whose token (mail address)
        #[arg(long)]
        user: String,
        /// What it is for
        #[arg(long)]
        name: String,
    },
}

#[derive(Subcommand, Debug)]
enum Integration {
    /// Make an integration and print {"id","url","key"}
    Create {
        /// alertmanager, generic or opsgenie
        #[arg(long)]
        kind: String,
        /// Name
        #[arg(long)]
        name: String,
        /// A file with the mapping (JSON) that says how a payload becomes an alert; for kind generic
        #[arg(long, value_name = "FILE")]
        mapping: Option<PathBuf>,
    },
}

fn parse_role(text: &str) -> Result<Role, String> {
    Role::parse(text).ok_or_else(|| "must be admin, agent or customer".to_owned())
}

#[derive(Serialize)]
struct AllFlags<'a> {
    #[serde(flatten)]
    common: &'a Flags,
    #[serde(flatten)]
    serve: Option<&'a ServeFlags>,
}

/// Runs a command.
///
/// # Errors
/// What the person at the terminal should read.
pub fn run(cli: Cli) -> anyhow::Result<()> {
    let Cli { command, flags } = cli;
    let serve_flags = if let Command::Serve(flags) = &command { Some(flags) } else { None };
    let file = flags.config.clone().or_else(|| std::env::var_os("BRIDGEWATCH_CONFIG").map(PathBuf::from));
    let config = Config::load(file.as_deref(), AllFlags { common: &flags, serve: serve_flags })?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads(&config)).enable_all().build();
    runtime.context("cannot start")?.block_on(perform(command, config))
}

/// Statements on SQLite run where they are asked: as many threads more as may wait for one.
fn threads(config: &Config) -> usize {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let sqlite = config.database_url().is_ok_and(|url| url.starts_with("sqlite:"));
    cores + if sqlite { platform::db::READERS } else { 0 }
}

async fn perform(command: Command, config: Config) -> anyhow::Result<()> {
    match command {
        Command::Openapi => print(&assembly::description().to_pretty_json()?),
        Command::Serve(flags) => serve::serve(config, flags.demo).await,
        Command::Migrate => {
            let db = open(&config).await?;
            let count = db.migrate(&assembly::migrations()).await?;
            print(&format!("{count} migrations applied"))
        }
        Command::Doctor { json } => doctor(&config, json).await,
        Command::Backup { file } => {
            let db = open(&config).await?;
            let done = system::files::backup(&db, &config.blobs()?, &file).await?;
            print(&format!(
                "{} rows and {} files in {}; the vault key is not in it: keep a copy elsewhere",
                done.rows,
                done.blobs,
                file.display()
            ))?;
            match done.lost.as_slice() {
                [] => Ok(()),
                lost => bail!(
                    "the backup is whole but for {} files that the storage lacks or has damaged; their SHA-256:\n{}",
                    lost.len(),
                    lost.join("\n")
                ),
            }
        }
        Command::Restore { file, force } => restore(&config, &file, force).await,
        Command::Admin { what } => admin(&config, what).await,
    }
}

async fn open(config: &Config) -> anyhow::Result<Db> {
    Ok(Db::connect(&config.database_url()?, Arc::new(SystemClock)).await?)
}

async fn doctor(config: &Config, json: bool) -> anyhow::Result<()> {
    let found = system::doctor::examine(config).await;
    if json {
        for finding in &found {
            print(&serde_json::to_string(finding)?)?;
        }
    } else {
        print(&system::doctor::report(&found, SystemClock.now()))?;
    }
    let failed = found.iter().filter(|finding| finding.outcome == system::doctor::Outcome::Failure).count();
    if failed > 0 { bail!("{failed} of {} checks failed", found.len()) } else { Ok(()) }
}

async fn restore(config: &Config, file: &Path, force: bool) -> anyhow::Result<()> {
    // A wrong file is said before the database is even made.
    platform::backup::verify(file)?;
    let url = config.database_url()?;
    let db = Db::connect(&url, Arc::new(SystemClock)).await?;
    let done = system::files::restore(&db, &config.blobs()?, &url, file, force).await?;
    print(&format!(
        "{} rows and {} files restored from {} of {}.\nOutgoing messages are held until: bridgewatch admin release-outgoing",
        done.rows, done.blobs, done.manifest.version, done.manifest.at
    ))?;
    let right =
        config.has_vault_key() && secret_proof::look(&db.read(), &config.vault()?).await? != secret_proof::Proof::Wrong;
    if !right {
        bail!(
            "the rows are restored, but the vault key of this backup is not here: put its vault.key into {} before the first start",
            config.data.display()
        );
    }
    Ok(())
}

async fn admin(config: &Config, what: Admin) -> anyhow::Result<()> {
    let db = open(config).await?;
    db.migrate(&assembly::migrations()).await?;
    let ctx = Ctx { origin: Origin::Cli, ..Ctx::system("command line") };
    match what {
        Admin::User { what: User::Create { email, name, role, password_stdin } } => {
            let (password, made) =
                if password_stdin { (read_password()?, false) } else { (platform::secret::random_token(), true) };
            let new = identity::person::NewPerson { email, name, role };
            identity::person::service::create(&db, &ctx, new, password.clone()).await.map_err(full)?;
            if made { print(&format!("password: {password}")) } else { Ok(()) }
        }
        Admin::Token { what: Token::Create { user, name } } => {
            let made = identity::token::service::create_for(&db, &ctx, &user, &name).await.map_err(full)?;
            print(&made.secret)
        }
        Admin::ReleaseOutgoing => match system::status::release(&db, &ctx).await? {
            true => print("outgoing messages go out again"),
            false => print("nothing was held"),
        },
        Admin::Integration { what: Integration::Create { kind, name, mapping } } => {
            let Some(kind) = ops::integration::Kind::parse(&kind) else {
                bail!("`{kind}` is no kind of integration: alertmanager, generic or opsgenie");
            };
            let mapping = mapping.map(|file| read_json(&file)).transpose()?;
            let app = assembly::app_for_commands(config, db)?;
            let new = ops::integration::service::CreateIntegration {
                name,
                kind,
                team_id: None,
                settings: serde_json::json!({}),
                mapping,
            };
            let (row, key) = ops::integration::service::create(&app, &ctx, new).await.map_err(full)?;
            let key = key.context("the integration was made before by the same request")?;
            print(&serde_json::json!({"id": row.id, "url": app.url(kind.path()), "key": key}).to_string())
        }
    }
}

/// An error whose wrong fields are named in one line, for the terminal.
fn full<E: kernel::KindedError>(error: E) -> anyhow::Error {
    match error.kind() {
        kernel::ErrorKind::Invalid(fields) if !fields.is_empty() => {
            let fields: Vec<String> =
                fields.iter().map(|field| format!("{}: {}", field.field, field.message)).collect();
            anyhow::anyhow!(fields.join("; "))
        }
        _ => error.into(),
    }
}

fn read_json(file: &Path) -> anyhow::Result<serde_json::Value> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is no JSON", file.display()))
}

fn read_password() -> anyhow::Result<String> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).context("cannot read the password from standard input")?;
    let password = text.trim_end_matches(['\r', '\n']).to_owned();
    if password.is_empty() {
        bail!("standard input held no password");
    }
    Ok(password)
}

#[expect(clippy::print_stdout, reason = "commands answer on standard output")]
fn print(text: &str) -> anyhow::Result<()> {
    println!("{text}");
    Ok(())
}
