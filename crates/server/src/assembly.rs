//! The slices, joined: tables, routes, titles, background work.

use std::sync::Arc;

use anyhow::Context;
use axum::{Router, middleware, response::Html, routing::get};
use catalog::queue::QueueKinds;
use http::{HeaderName, HeaderValue, header};
use identity::{IdentityAuthenticator, notification::Sources};
use kernel::{PersonId, ProjectId, TeamId};
use platform::{
    App, Authenticator, Blobs, Db, DbError, Mailer, Migration, Read, RecordTally, RecordTitles, Records, Settings,
    WebhookSender, Work,
    app::Stopping,
    measure::Measured,
    outgoing::{
        guard::AddressGuard,
        smtp::{MailFolder, NoMail, Smtp},
        webhook::GuardedWebhooks,
    },
    secret::Vault,
};
use tower_http::{catch_panic::CatchPanicLayer, compression::CompressionLayer, set_header::SetResponseHeaderLayer};
use utoipa::openapi::{
    OpenApi,
    security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
};
use utoipa_axum::router::OpenApiRouter;

use crate::{bridge, config::Config, docs_page, health, setup, system, web};

/// The version of this build.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The tables of all slices, in their order of dependence.
pub fn migrations() -> Vec<&'static [Migration]> {
    vec![
        platform::MIGRATIONS,
        identity::MIGRATIONS,
        catalog::MIGRATIONS,
        desk::MIGRATIONS,
        ops::MIGRATIONS,
        facade::MIGRATIONS,
        setup::MIGRATIONS,
    ]
}

/// Titles and numbers of records, from all slices.
pub fn records() -> Records {
    let titles: Vec<Arc<dyn RecordTitles>> = vec![
        Arc::new(identity::PersonTitles),
        Arc::new(identity::TeamTitles),
        Arc::new(catalog::CatalogTitles),
        Arc::new(desk::TicketTitles),
        Arc::new(desk::ProjectTitles),
        Arc::new(catalog::queue::QueueTitles),
        Arc::new(ops::alert::AlertTitles),
        Arc::new(ops::schedule::ScheduleTitles),
        Arc::new(ops::policy::PolicyTitles),
        Arc::new(ops::integration::IntegrationTitles),
    ];
    let tallies: Vec<Arc<dyn RecordTally>> = vec![
        Arc::new(desk::OpenTicketsOfService),
        Arc::new(ops::alert::OpenAlertsOfService),
        Arc::new(ops::alert::AlertsOfTicket),
    ];
    Records::new(titles, tallies)
}

/// The slices that tell people about their records.
fn sources() -> Sources {
    Sources::new(vec![Arc::new(desk::notification::TicketNotices)])
}

/// The records that queues are over.
fn queue_kinds() -> QueueKinds {
    QueueKinds::new(vec![Arc::new(desk::TicketQueues), Arc::new(ops::alert::query::AlertQueues)])
}

/// Readers and jobs of all slices.
pub fn work(app: &App) -> Work {
    platform::blob::work(app)
        .and(platform::db::upkeep::work(app))
        .and(identity::work(app))
        .and(identity::notification::work(app, sources()))
        .and(catalog::work(app))
        .and(desk::work(app))
        .and(ops::work(app))
        .and(bridge::work(app))
}

/// What an empty database begins with; what is there already stays as it is.
///
/// # Errors
/// When the database fails.
pub async fn seed(app: &App) -> Result<(), desk::TicketError> {
    desk::seed(app).await?;
    ops::alert::seed(app).await?;
    ops::paging::start_auditor(app).await?;
    platform::blob::start(app).await?;
    Ok(platform::db::upkeep::start(app).await?)
}

/// Tells identity which projects of the desk a person may not see.
struct PrivateProjects;

#[async_trait::async_trait]
impl identity::HiddenProjects for PrivateProjects {
    async fn hidden_projects(
        &self,
        read: &Read,
        person: PersonId,
        teams: &[TeamId],
    ) -> Result<Vec<ProjectId>, DbError> {
        desk::hidden_projects(read, person, teams).await
    }
}

/// Who calls.
pub fn authenticator(db: &Db) -> Arc<dyn Authenticator> {
    Arc::new(IdentityAuthenticator::new(db.clone(), Arc::new(PrivateProjects)))
}

/// The operations of the API, of all slices.
pub fn api() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(platform::http::routes())
        .merge(identity::routes())
        .merge(identity::notification::routes(sources()))
        .merge(catalog::routes_with(
            catalog::kinds().and(desk::kinds()).and(ops::kinds()).with(bridge::incident_rule::IncidentRulesKind),
        ))
        .merge(catalog::queue::routes(queue_kinds()))
        .merge(desk::routes())
        .merge(ops::routes())
        .merge(facade::routes())
        .merge(bridge::routes())
        .merge(system::routes())
        .merge(setup::routes())
}

/// The description of the API.
pub fn description() -> OpenApi {
    let (_, mut description) = api().split_for_parts();
    description.info.title = "Bridgewatch".to_owned();
    description.info.version = VERSION.to_owned();
    description.info.description = Some(
        "IT service and operations management. Errors are `application/problem+json` with a stable `code`.".to_owned(),
    );
    let components = description.components.get_or_insert_default();
    components
        .add_security_scheme("token", SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build()));
    components.add_security_scheme(
        "integration_key",
        SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build()),
    );
    components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("bw_session"))));
    description
}

/// Everything that the listener answers.
pub fn router(app: App) -> Router {
    let description = description();
    let json: Arc<str> = description.to_json().unwrap_or_default().into();
    let page: Arc<str> = docs_page::page(&serde_json::from_str(&json).unwrap_or_default()).into();
    let (routes, _) = api().split_for_parts();
    let header = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
    };
    routes
        .merge(health::routes())
        .merge(system::metrics::routes())
        .route(
            "/openapi.json",
            get(move || async move { ([(header::CONTENT_TYPE, "application/json")], json.to_string()) }),
        )
        .route("/api/docs", get(move || async move { Html(page.to_string()) }))
        .route("/api/docs.css", get(|| async { ([(header::CONTENT_TYPE, "text/css")], docs_page::style()) }))
        .fallback(web::interface)
        .layer(middleware::from_fn(platform::http::layer))
        .layer(CatchPanicLayer::new())
        .layer(CompressionLayer::new())
        .layer(header(header::CONTENT_SECURITY_POLICY, web::POLICY))
        .layer(header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(header::REFERRER_POLICY, "no-referrer"))
        .layer(header(header::CACHE_CONTROL, "no-store"))
        .with_state(app)
}

/// The parts of a server over an open database.
pub struct Parts {
    /// The database, already migrated.
    pub db: Db,
    /// Settings of the slices.
    pub settings: Settings,
    /// The vault.
    pub vault: Vault,
    /// Files.
    pub blobs: Blobs,
    /// Mail.
    pub mailer: Arc<dyn Mailer>,
    /// Webhooks.
    pub webhooks: Arc<dyn WebhookSender>,
    /// Says when to drain.
    pub stopping: Stopping,
}

/// Joins the parts.
pub fn app(parts: Parts) -> App {
    let authenticator = authenticator(&parts.db);
    App {
        db: parts.db,
        settings: Arc::new(parts.settings),
        vault: parts.vault,
        blobs: parts.blobs,
        mailer: parts.mailer,
        webhooks: parts.webhooks,
        records: records(),
        authenticator,
        stopping: parts.stopping,
    }
}

/// The parts as configured.
///
/// # Errors
/// When a setting is wrong or the vault key cannot be read.
pub fn configured(config: &Config, db: Db, stopping: Stopping) -> anyhow::Result<Parts> {
    let guard = AddressGuard::allowing(&config.outgoing.allow).context("the setting `outgoing.allow` is wrong")?;
    let mailer: Arc<dyn Mailer> = match (&config.smtp, &config.mail_folder) {
        (Some(smtp), _) => {
            // The administrator named the mail server: its address needs no further permission.
            Arc::new(Measured(Smtp::new(smtp.clone(), AddressGuard::open())?))
        }
        (None, Some(folder)) => Arc::new(Measured(MailFolder::new(folder.clone()))),
        (None, None) => Arc::new(NoMail),
    };
    Ok(Parts {
        db,
        settings: Settings {
            base_url: config.base_url(),
            organisation: config.organisation.clone(),
            version: VERSION,
            mail_configured: config.smtp.is_some() || config.mail_folder.is_some(),
            trusted_proxies: config.trusted_proxies.clone(),
            attachments: config.attachments.limits(),
        },
        vault: config.vault()?,
        blobs: config.blobs()?,
        mailer,
        webhooks: Arc::new(Measured(GuardedWebhooks::new(guard))),
        stopping,
    })
}

/// An app for commands that run beside a server.
///
/// # Errors
/// As [`configured`].
pub fn app_for_commands(config: &Config, db: Db) -> anyhow::Result<App> {
    Ok(app(configured(config, db, Stopping::new().1)?))
}
