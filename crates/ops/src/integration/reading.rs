//! Kinds of integrations, and how each reads a payload.

use std::collections::HashMap;

use domain::ingest::mapping::{CompiledMapping, Mapping};
use domain::ingest::{Reading, Unreadable, alertmanager, parse};
use kernel::FieldError;
use serde_json::Value;
use uuid::Uuid;

use super::error::IntegrationError;
use super::store::IntegrationRow;

/// Which payload an integration sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The webhook of Prometheus Alertmanager, version 4.
    Alertmanager,
    /// Any JSON, read by a mapping.
    Generic,
    /// The Opsgenie-compatible API.
    Opsgenie,
}

impl Kind {
    /// The stored spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Alertmanager => "alertmanager",
            Self::Generic => "generic",
            Self::Opsgenie => "opsgenie",
        }
    }

    /// Reads the stored spelling.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Alertmanager, Self::Generic, Self::Opsgenie].into_iter().find(|kind| kind.as_str() == text)
    }

    /// Where a source of this kind sends to.
    pub fn path(self) -> &'static str {
        match self {
            Self::Alertmanager => "/in/v1/alertmanager",
            Self::Generic => "/in/v1/generic",
            Self::Opsgenie => "/v2/alerts",
        }
    }
}

/// Complains about settings and a mapping that a kind cannot use.
pub fn check(kind: Kind, settings: &Value, mapping: Option<&Value>) -> Result<(), IntegrationError> {
    let mut errors = Vec::new();
    if !settings.is_object() {
        errors.push(FieldError::new("settings", "must be an object"));
    } else if kind == Kind::Alertmanager
        && let Err(error) = serde_json::from_value::<alertmanager::Settings>(settings.clone())
    {
        errors.push(FieldError::new("settings", error.to_string()));
    }
    match (kind, mapping) {
        (Kind::Generic, None) => {
            errors.push(FieldError::new("mapping", "is missing: it says how a payload becomes an alert"))
        }
        (Kind::Generic, Some(mapping)) => match serde_json::from_value::<Mapping>(mapping.clone()) {
            Err(error) => errors.push(FieldError::new("mapping", error.to_string())),
            Ok(mapping) => {
                if let Err(wrong) = mapping.compile() {
                    errors.extend(wrong);
                }
            }
        },
        (_, Some(_)) => errors.push(FieldError::new("mapping", "only an integration of kind `generic` has one")),
        (_, None) => {}
    }
    if errors.is_empty() { Ok(()) } else { Err(IntegrationError::Invalid(errors)) }
}

/// What a payload asks for.
pub fn read(row: &IntegrationRow, body: &[u8]) -> Reading {
    Reader::new(row).read(body)
}

/// Readers of integrations, each kept for as long as its integration stays at its version.
#[derive(Default)]
pub struct Readers(HashMap<(Uuid, i64), Reader>);

impl Readers {
    /// How many are kept.
    const KEPT: usize = 256;

    /// What a payload of this integration asks for.
    pub fn read(&mut self, row: &IntegrationRow, body: &[u8]) -> Reading {
        if self.0.len() > Self::KEPT {
            self.0.clear();
        }
        self.0.entry((row.id, row.version)).or_insert_with(|| Reader::new(row)).read(body)
    }
}

/// How an integration's payloads are read: made once, for as long as the integration stays at its version.
enum Reader {
    /// By an Alertmanager's settings.
    Alertmanager(alertmanager::Settings),
    /// By a mapping.
    Generic(Box<CompiledMapping>),
    /// Not at all, and why.
    Broken(Vec<Unreadable>),
}

impl Reader {
    /// For this version of the integration.
    fn new(row: &IntegrationRow) -> Self {
        let broken = |place: &str, message: String| Self::Broken(vec![Unreadable::new(place, message)]);
        match Kind::parse(&row.kind) {
            Some(Kind::Alertmanager) => {
                Self::Alertmanager(serde_json::from_value(row.settings.clone()).unwrap_or_default())
            }
            Some(Kind::Generic) => {
                let mapping: Result<Mapping, _> = serde_json::from_value(row.mapping.clone().unwrap_or(Value::Null));
                match mapping.map(|mapping| mapping.compile()) {
                    Ok(Ok(compiled)) => Self::Generic(Box::new(compiled)),
                    Ok(Err(wrong)) => {
                        let wrong = wrong.into_iter().map(|field| Unreadable::new(field.field, field.message));
                        Self::Broken(wrong.collect())
                    }
                    Err(error) => broken("mapping", error.to_string()),
                }
            }
            _ => broken("", "an integration of this kind sends through the Opsgenie-compatible API".to_owned()),
        }
    }

    /// What a payload asks for.
    fn read(&self, body: &[u8]) -> Reading {
        let failed = |errors| Reading { commands: Vec::new(), errors };
        match (parse(body), self) {
            (Err(error), _) => failed(vec![error]),
            (Ok(_), Self::Broken(errors)) => failed(errors.clone()),
            (Ok(payload), Self::Alertmanager(settings)) => alertmanager::read(&payload, settings),
            (Ok(payload), Self::Generic(mapping)) => mapping.read(&payload),
        }
    }
}
