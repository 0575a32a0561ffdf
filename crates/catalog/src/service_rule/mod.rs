//! Service rules: which service an alert is about, from its labels.
//!
//! The rules are one ordered document, `service_rules/default`; the first rule whose conditions all hold wins, and
//! [`LabelMatcher`] says why. Rules whose service was deleted meanwhile are passed over.
//!
//! **Invariants**
//! - Every version of the rules stays; an alert can name the version that decided.
//! - A stored rule names a service that existed, and its patterns compile.

mod api;
mod record;
mod routes;
mod service;

use async_trait::async_trait;
use kernel::{ErrorKind, FieldError, KindedError, Permission};
use platform::{DbError, Denied, Tx};
use serde_json::Value;

use crate::document::{DocumentError, DocumentKind};

pub use record::{RuleSet, ServiceRule};
pub(crate) use routes::routes;
pub(crate) use service::rule_of_service;
pub use service::{LabelMatcher, put};

/// The kind of the document that holds the rules.
pub const DOCUMENT_KIND: &str = "service_rules";
/// The key of the document that holds the rules.
pub const DOCUMENT_KEY: &str = "default";

/// What can go wrong with service rules.
#[derive(Debug, thiserror::Error)]
pub enum RuleError {
    /// Rules are wrong.
    #[error("The service rules are not valid.")]
    Invalid(Vec<FieldError>),
    /// Storing the document failed.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// The caller lacks a permission.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl KindedError for RuleError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Invalid(fields) => ErrorKind::Invalid(fields.clone()),
            Self::Document(error) => error.kind(),
            Self::Denied(error) => error.kind(),
            Self::Db(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "service_rules_invalid",
            Self::Document(error) => error.code(),
            Self::Denied(error) => error.code(),
            Self::Db(error) => error.code(),
        }
    }
}

/// Restoring old rules.
pub(crate) struct RulesKind;

#[async_trait]
impl DocumentKind for RulesKind {
    fn kind(&self) -> &'static str {
        DOCUMENT_KIND
    }

    fn manage(&self) -> Permission {
        Permission::ServicesManage
    }

    async fn put(&self, tx: &mut Tx, _key: &str, body: Value) -> Result<(), DocumentError> {
        let rules: RuleSet = serde_json::from_value(body)
            .map_err(|error| DocumentError::Invalid(vec![FieldError::new("body", error.to_string())]))?;
        match service::put_in(tx, rules, None).await {
            Ok(_) => Ok(()),
            Err(RuleError::Invalid(fields)) => Err(DocumentError::Invalid(fields)),
            Err(RuleError::Document(error)) => Err(error),
            Err(RuleError::Denied(error)) => Err(error.into()),
            Err(RuleError::Db(error)) => Err(error.into()),
        }
    }
}
