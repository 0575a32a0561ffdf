//! Traces for OpenTelemetry: what a request, a job or an outgoing call took, sent to a collector over OTLP/HTTP.
//!
//! **Vocabulary.** A *span* is one piece of work with a beginning and an end; spans that belong together share a trace,
//! which may begin in another system (`traceparent`, W3C Trace Context).
//!
//! **Invariants**
//! - Only spans of [`TARGET`] leave the house, and no log lines: their attributes are routes, kinds, outcomes and numbers,
//!   never ids of records, names, addresses, texts or secrets.
//! - Nothing waits for the collector. What it does not take in time is dropped.
//!
//! **One request walked through.** [`crate::http::layer`] opens the span of the request with [`request_span`], beneath the
//! caller's `traceparent` if it sent one; whatever it awaits that measures itself (mail, webhooks, files) adds spans
//! beneath it, and webhooks carry a `traceparent` on; a batch goes to the collector every few seconds, and the last one at
//! the end ([`Traces::finish`]).

use std::{collections::HashMap, time::Duration};

use http::{HeaderMap, Method};
use opentelemetry::{
    KeyValue,
    propagation::{Extractor, TextMapPropagator},
    trace::TracerProvider,
};
use opentelemetry_otlp::{WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{
    Resource,
    error::{OTelSdkError, OTelSdkResult},
    propagation::TraceContextPropagator,
    trace::{Sampler, SdkTracerProvider, SpanData, SpanExporter},
};
use serde::Deserialize;
use tracing::{Span, field::Empty};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::{Layer, filter::filter_fn, registry::LookupSpan};

/// The target of spans that are sent.
pub const TARGET: &str = "bridgewatch_trace";
/// One batch may take the collector this long.
const PATIENCE: Duration = Duration::from_secs(10);
/// What is left may take this long at the end.
const LAST: Duration = Duration::from_secs(5);

/// Where traces go, and how many.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TraceSettings {
    /// The collector, such as `http://127.0.0.1:4318`; `/v1/traces` is added where it is missing.
    pub endpoint: String,
    /// The share of traces that is sent, from 0 to 1; all unless given. One that began elsewhere follows what was decided
    /// there.
    #[serde(default = "all")]
    pub sample: f64,
    /// How this server is called; `bridgewatch` unless given.
    #[serde(default = "name")]
    pub service_name: String,
    /// Headers for the collector, such as an API key.
    #[serde(default)]
    pub headers: HashMap<String, String>,
}

fn all() -> f64 {
    1.0
}

fn name() -> String {
    "bridgewatch".to_owned()
}

impl std::fmt::Debug for TraceSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Headers hold keys.
        f.debug_struct("TraceSettings")
            .field("endpoint", &self.endpoint)
            .field("sample", &self.sample)
            .finish_non_exhaustive()
    }
}

/// A trace setting that cannot be.
#[derive(Debug, thiserror::Error)]
#[error("the setting `traces.{setting}` is wrong: {reason}")]
pub struct TraceError {
    setting: &'static str,
    reason: String,
}

/// The way to the collector.
pub struct Traces {
    provider: SdkTracerProvider,
}

impl Traces {
    /// Opens it. Call inside the runtime, which does the sending.
    ///
    /// # Errors
    /// When a setting cannot be.
    pub fn open(settings: &TraceSettings, version: &'static str) -> Result<Self, TraceError> {
        let wrong = |setting, reason: &dyn std::fmt::Display| TraceError { setting, reason: reason.to_string() };
        if !(0.0..=1.0).contains(&settings.sample) {
            return Err(wrong("sample", &"it must be from 0 to 1"));
        }
        let endpoint = settings.endpoint.trim_end_matches('/');
        let url: url::Url = endpoint.parse().map_err(|error: url::ParseError| wrong("endpoint", &error))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(wrong("endpoint", &"it must begin with http:// or https://"));
        }
        let endpoint =
            if endpoint.ends_with("/v1/traces") { endpoint.to_owned() } else { format!("{endpoint}/v1/traces") };
        let client = reqwest::Client::builder()
            .timeout(PATIENCE)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent("Bridgewatch")
            .build()
            .map_err(|error| wrong("endpoint", &error))?;
        let exporter = opentelemetry_otlp::SpanExporter::builder()
            .with_http()
            .with_http_client(client)
            .with_endpoint(endpoint)
            .with_timeout(PATIENCE)
            .with_headers(settings.headers.clone())
            .build()
            .map_err(|error| wrong("endpoint", &error))?;
        let resource = Resource::builder_empty()
            .with_service_name(settings.service_name.clone())
            .with_attribute(KeyValue::new("service.version", version))
            .build();
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(OnRuntime { exporter: exporter.into(), runtime: tokio::runtime::Handle::current() })
            .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(settings.sample))))
            .with_resource(resource)
            .build();
        Ok(Self { provider })
    }

    /// What to put among the layers of the subscriber.
    pub fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: tracing::Subscriber + for<'span> LookupSpan<'span>,
    {
        tracing_opentelemetry::layer()
            .with_tracer(self.provider.tracer("bridgewatch"))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_filter(filter_fn(|meta| meta.is_span() && meta.target() == TARGET))
    }

    /// Sends what is left, for a few seconds at most.
    pub async fn finish(self) {
        let ended = tokio::task::spawn_blocking(move || self.provider.shutdown_with_timeout(LAST)).await;
        if let Ok(Err(error)) = ended {
            tracing::warn!(%error, "the last traces could not be sent");
        }
    }
}

/// Sends on the server's runtime: batches are made by a thread that has none.
#[derive(Debug)]
struct OnRuntime {
    exporter: std::sync::Arc<opentelemetry_otlp::SpanExporter>,
    runtime: tokio::runtime::Handle,
}

impl SpanExporter for OnRuntime {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let exporter = self.exporter.clone();
        let sent = self.runtime.spawn(async move { exporter.export(batch).await });
        sent.await.map_err(|error| OTelSdkError::InternalFailure(error.to_string()))?
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        // Nobody else has it yet: it is called once, before the first batch.
        if let Some(exporter) = std::sync::Arc::get_mut(&mut self.exporter) {
            exporter.set_resource(resource);
        }
    }
}

/// Headers of a request, from which a trace goes on.
struct Carrier<'a>(&'a HeaderMap);

impl Extractor for Carrier<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).and_then(|value| value.to_str().ok())
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(http::HeaderName::as_str).collect()
    }
}

/// The span of a request; `route` has its parameters unfilled.
pub(crate) fn request_span(method: &Method, route: &str, headers: &HeaderMap) -> Span {
    let span = tracing::info_span!(
        target: TARGET,
        "request",
        otel.name = format!("{method} {route}"),
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = %method,
        http.route = route,
        http.response.status_code = Empty,
    );
    if !span.is_disabled() {
        let before = TraceContextPropagator::new().extract(&Carrier(headers));
        // It fails for spans that are not sent only.
        let _ = span.set_parent(before);
    }
    span
}

/// The request was answered.
pub(crate) fn answered(span: &Span, status: u16) {
    span.record("http.response.status_code", status);
    if status >= 500 {
        span.record("otel.status_code", "ERROR");
    }
}

/// The span of a job.
pub(crate) fn job_span(kind: &str, attempt: i64) -> Span {
    tracing::info_span!(
        target: TARGET,
        parent: None,
        "job",
        otel.name = format!("job {kind}"),
        otel.kind = "consumer",
        otel.status_code = Empty,
        job.kind = kind,
        job.attempt = attempt,
        outcome = Empty,
    )
}

/// The span of something that is asked of another system.
pub(crate) fn call_span(channel: &'static str, operation: &'static str) -> Span {
    tracing::info_span!(
        target: TARGET,
        "call",
        otel.name = format!("{channel} {operation}"),
        otel.kind = "client",
        otel.status_code = Empty,
        channel,
        operation,
        outcome = Empty,
    )
}

/// The headers by which whoever is called can go on with the trace; none when nothing is traced.
pub(crate) fn headers() -> HashMap<String, String> {
    let mut headers = HashMap::new();
    TraceContextPropagator::new().inject_context(&Span::current().context(), &mut headers);
    headers.retain(|_, value| !value.is_empty());
    headers
}

/// How a job or a call came out.
pub(crate) fn ended(span: &Span, outcome: &'static str, well: bool) {
    span.record("outcome", outcome);
    if !well {
        span.record("otel.status_code", "ERROR");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(endpoint: &str, sample: f64) -> TraceSettings {
        let headers = HashMap::from([("x-key".to_owned(), "hush".to_owned())]);
        TraceSettings { endpoint: endpoint.to_owned(), sample, service_name: name(), headers }
    }

    #[tokio::test]
    async fn wrong_settings_are_named_and_keys_are_not_shown() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        for (endpoint, sample, named) in
            [("127.0.0.1:4318", 1.0, "endpoint"), ("ftp://a", 1.0, "endpoint"), ("http://a", 1.5, "sample")]
        {
            let error = Traces::open(&settings(endpoint, sample), "1").err().expect("refused").to_string();
            assert!(error.contains(&format!("`traces.{named}`")), "{error}");
        }
        assert!(Traces::open(&settings("http://127.0.0.1:1/v1/traces", 0.1), "1").is_ok());
        assert!(!format!("{:?}", settings("http://a", 1.0)).contains("hush"));
    }
}
