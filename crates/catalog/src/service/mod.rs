//! Services: what the organisation runs, how much hangs on it, who owns it and who is called for it.
//!
//! A service names its *tier* (1 hangs the whole organisation on it, 4 hardly anything), the *owner team*, the
//! *responders* and the escalation policy for its alerts, and its *incident rule*: whether an alert of each priority
//! opens an incident, proposes one, or neither. Where the rule says nothing the rule of the tier holds.
//!
//! **Invariants**
//! - A service of a private team is seen by members of that team only.
//! - Keys are unique among services that are not deleted. A deleted service keeps its row: old tickets name it.
//! - A service that a service rule points to cannot be deleted.

mod api;
mod record;
mod routes;
#[expect(
    clippy::module_inception,
    reason = "each slice keeps its verbs in a module `service`; this slice is about services"
)]
mod service;
mod store;

use kernel::{ErrorKind, FieldError, KindedError, ServiceId};
use platform::auth::Denied;
use platform::db::DbError;

pub use api::{ResponderDto, ServiceDto};
pub use record::{IncidentAction, IncidentRule, Responder, ResponderKind, Service, ServiceDraft};
pub(crate) use routes::routes;
pub use service::{Deleted, LabelMatch, create, delete, edit, incident_rule, responders};
pub use store::{ServiceName, find as get, names};

/// What can go wrong with a service.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// No such service, or none that the caller may see.
    #[error("There is no such service.")]
    NotFound,
    /// Another service has this key.
    #[error("Another service has the key {0}; choose a different one.")]
    KeyTaken(String),
    /// Somebody changed it since the caller read it.
    #[error("The service is at version {current} by now; read it again and repeat the change.")]
    VersionConflict {
        /// Its version now.
        current: i64,
    },
    /// A service rule points to it.
    #[error("The service rule \"{rule}\" finds service {service}; change or remove the rule first.")]
    UsedByRule {
        /// The service.
        service: ServiceId,
        /// The rule's name.
        rule: String,
    },
    /// Fields are wrong.
    #[error("The service is not valid.")]
    Invalid(Vec<FieldError>),
    /// The caller lacks a permission.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl KindedError for ServiceError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound => ErrorKind::NotFound,
            Self::KeyTaken(_) | Self::VersionConflict { .. } | Self::UsedByRule { .. } => ErrorKind::Conflict,
            Self::Invalid(fields) => ErrorKind::Invalid(fields.clone()),
            Self::Denied(_) => ErrorKind::Forbidden,
            Self::Db(_) => ErrorKind::Internal,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "service_not_found",
            Self::KeyTaken(_) => "service_key_taken",
            Self::VersionConflict { .. } => "version_conflict",
            Self::UsedByRule { .. } => "service_in_use",
            Self::Invalid(_) => "service_invalid",
            Self::Denied(_) => "forbidden",
            Self::Db(_) => "internal",
        }
    }
}
