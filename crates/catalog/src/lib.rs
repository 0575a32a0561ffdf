//! What the organisation runs and how it is configured: services, the rules that find them, versioned
//! configuration documents, typed links between any two records, and queues of records.
//!
//! **Vocabulary**
//! - A *service* is something the organisation runs for somebody; its *tier* (1 to 4) says how much hangs on it.
//! - A *service rule* says which service an alert is about, from the alert's labels. The first match wins.
//! - A *document* is one piece of configuration under a kind and a key. Every version of it stays.
//! - A *link* joins two records with a type, such as an alert and the incident it belongs to.
//! - A *queue* is a saved query; [`query`] is what all lists share that are asked in the query language.
//!
//! **Invariants**
//! - SQL stands in `store.rs` files only; reads take the caller's scope.
//! - A change, its event and its new document version commit together.
//! - Nothing here knows about tickets or alerts: their titles come through `platform`'s records port.
//!
//! **One request walked through.** `PUT /api/v1/service-rules` arrives in [`service_rule`]'s routes, which call its
//! service: it checks the permission, that every named service exists and that every pattern compiles; then one
//! transaction locks the document's head row, compares the version, adds version n+1 and emits `DocumentChanged`.

pub mod document;
pub mod link;
pub mod query;
pub mod queue;
pub mod service;
pub mod service_rule;
mod titles;

use platform::App;
use platform::Migration;
use platform::Work;
use utoipa_axum::router::OpenApiRouter;

pub use titles::CatalogTitles;

/// The tables of this crate, in order.
pub const MIGRATIONS: &[Migration] = &[
    Migration { name: "catalog_0001_documents", sql: include_str!("../migrations/0001_documents.sql") },
    Migration { name: "catalog_0002_services", sql: include_str!("../migrations/0002_services.sql") },
    Migration { name: "catalog_0003_links", sql: include_str!("../migrations/0003_links.sql") },
    // Queues were over tickets only, and the desk's; names of migrations never change.
    Migration { name: "desk_0005_queues", sql: include_str!("../migrations/0005_queues.sql") },
    Migration { name: "catalog_0006_queues_over", sql: include_str!("../migrations/0006_queues_over.sql") },
];

/// The HTTP operations, with `kinds` as the kinds of documents that may be restored through the API.
pub fn routes_with(kinds: document::Kinds) -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(service::routes())
        .merge(service_rule::routes())
        .merge(document::routes(kinds))
        .merge(link::routes())
}

/// The HTTP operations with only this crate's own kinds of documents.
pub fn routes() -> OpenApiRouter<App> {
    routes_with(kinds())
}

/// The kinds of documents that this crate owns.
pub fn kinds() -> document::Kinds {
    document::Kinds::new().with(service_rule::RulesKind)
}

/// Nothing runs in the background here.
pub fn work(_app: &App) -> Work {
    Work::new()
}
