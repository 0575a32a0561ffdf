//! Running the server: open, migrate, listen, work, drain.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, bail};
use axum::middleware;
use platform::{
    Db,
    app::Stopping,
    secret_proof::{self, Proof},
    time::SystemClock,
    trace::{self, Traces},
};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};
use tracing_subscriber::{EnvFilter, Layer, layer::SubscriberExt, util::SubscriberInitExt};

use kernel::Clock;

use crate::{
    assembly,
    config::{Config, Log, LogFormat},
    demo,
    listener::{self, Certificate, Listener, Peer},
    system::{self, heartbeat::Heartbeat},
};

/// Requests that run when the server is told to stop get this long.
const DRAIN: Duration = Duration::from_secs(20);

/// Serves until SIGTERM or SIGINT, then drains.
///
/// # Errors
/// When it cannot start; the message says what to do.
pub async fn serve(mut config: Config, demo: bool) -> anyhow::Result<()> {
    let traces = config.traces.as_ref().map(|settings| Traces::open(settings, assembly::VERSION)).transpose()?;
    log(&config.log, traces.as_ref())?;
    system::metrics::install()?;
    if demo {
        if !config.listen.ip().is_loopback() {
            bail!("--demo has a known password and only listens on loopback, not on {}", config.listen);
        }
        if config.smtp.is_none() && config.mail_folder.is_none() {
            config.mail_folder = Some(config.data.join("outbox"));
        }
    }
    let certificate = config.tls()?.map(Certificate::read).transpose()?;
    let listener = TcpListener::bind(config.listen)
        .await
        .with_context(|| format!("cannot listen on {}; choose another address with --listen", config.listen))?;
    config.listen = listener.local_addr()?;
    let url = config.database_url()?;
    let _only_server = system::files::lock(&url)?;
    let filled = demo && demo::fill(&config, SystemClock.now()).await?;
    let db = Db::connect(&url, Arc::new(SystemClock)).await?;
    db.migrate(&assembly::migrations()).await?;
    if secret_proof::ensure(&db, &config.vault()?).await? == Proof::Wrong {
        bail!("the vault key is not the one under which this database's secrets were sealed; put the right one back");
    }
    let (stop, stopping) = Stopping::new();
    let app = assembly::app(assembly::configured(&config, db.clone(), stopping.clone())?);
    assembly::seed(&app).await?;
    greet(&app, demo, filled).await?;

    let mut work = assembly::work(&app);
    if let Some(heartbeat) = config.heartbeat.clone() {
        work = work.job(Heartbeat::new(&app, heartbeat));
        system::heartbeat::start(&app).await?;
    }
    let work = tokio::spawn(work.run(db, stopping.clone()));
    let router = assembly::router(app.clone())
        .layer(middleware::from_fn(listener::tell_peer))
        .into_make_service_with_connect_info::<Peer>();
    let listener = match certificate {
        Some(certificate) => {
            reload_on_hangup(certificate.clone())?;
            Listener::tls(listener, certificate)?
        }
        None => Listener::Plain(listener),
    };
    tracing::info!(address = %config.listen, version = assembly::VERSION, "listening");
    let mut drain = stopping.clone();
    let serving = tokio::spawn(async move {
        axum::serve(listener, router).with_graceful_shutdown(async move { drain.wait().await }).await
    });
    told_to_stop().await?;
    tracing::info!("draining");
    stop.send_replace(true);
    let finished = tokio::time::timeout(DRAIN, async { tokio::join!(serving, work) }).await;
    if finished.is_err() {
        tracing::warn!("some requests did not end in time and were cut off; what they had committed stays");
    }
    if let Some(traces) = traces {
        traces.finish().await;
    }
    Ok(())
}

/// SIGHUP reads the certificate anew.
fn reload_on_hangup(certificate: Certificate) -> anyhow::Result<()> {
    let mut hangups = signal(SignalKind::hangup()).context("cannot listen for SIGHUP")?;
    tokio::spawn(async move {
        while hangups.recv().await.is_some() {
            match certificate.reload() {
                Ok(()) => tracing::info!("the certificate was read anew"),
                Err(error) => tracing::error!("the certificate stays as it was: {error:#}"),
            }
        }
    });
    Ok(())
}

async fn told_to_stop() -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for SIGINT")?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

/// Tells the person who started it how to get in.
#[expect(clippy::print_stdout, reason = "links with secrets go to the terminal, not into the log")]
async fn greet(app: &platform::App, demo: bool, filled: bool) -> anyhow::Result<()> {
    if demo && filled {
        println!(
            "Nordhaven, a made-up company, is ready:\n\n    {}\n    sign in as {} with the password {}\n",
            app.url("/"),
            demo::SIGN_IN,
            demo::PASSWORD
        );
    } else if demo {
        println!(
            "The database was filled before; sign in at {} as you did then (the demo: {} with {}).\n",
            app.url("/"),
            demo::SIGN_IN,
            demo::PASSWORD
        );
    }
    if let Some(token) = identity::setup::ensure_token(&app.db).await? {
        println!(
            "Nobody can sign in yet. Set up the first administrator here, once:\n\n    {}\n",
            app.url(&format!("/setup?token={token}"))
        );
    }
    Ok(())
}

/// Log lines go to standard error, spans of traces to their collector; neither goes the other way.
fn log(settings: &Log, traces: Option<&Traces>) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&settings.filter)
        .with_context(|| format!("the setting `log.filter` is wrong: {}", settings.filter))?;
    let filter = filter.add_directive(format!("{}=off", trace::TARGET).parse()?);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = match settings.format {
        LogFormat::Text => lines.with_filter(filter).boxed(),
        LogFormat::Json => lines.json().with_filter(filter).boxed(),
    };
    let set = tracing_subscriber::registry().with(traces.map(Traces::layer)).with(lines).try_init();
    set.map_err(|error| anyhow::anyhow!("cannot start logging: {error}"))
}
