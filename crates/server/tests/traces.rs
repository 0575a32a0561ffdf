//! Traces as a collector gets them: spans of requests, jobs and calls, in the caller's trace, without what is private.

use std::sync::{Arc, Mutex};

use axum::{Router, body::Bytes, extract::State, http::HeaderMap, routing::post};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{KeyValue, any_value::Value},
    trace::v1::Span,
};
use prost::Message;
use serde_json::json;
use testkit::{
    Backend,
    binary::{Bridgewatch, Settings},
    process::shows,
};

/// What came to the collector, and the headers of the signs of life.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<(HeaderMap, ExportTraceServiceRequest)>>>, Arc<Mutex<Vec<HeaderMap>>>);

impl Collector {
    async fn start() -> (Self, String) {
        let collector = Self::default();
        let note = |State(Collector(_, pings)): State<Collector>, headers: HeaderMap| async move {
            pings.lock().expect("the signs of life").push(headers);
        };
        let take = |State(Collector(taken, _)): State<Collector>, headers: HeaderMap, body: Bytes| async move {
            let batch = ExportTraceServiceRequest::decode(body).expect("a batch of spans");
            taken.lock().expect("the batches").push((headers, batch));
        };
        let router =
            Router::new().route("/v1/traces", post(take)).route("/ping", post(note)).with_state(collector.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("its address"));
        tokio::spawn(async move { axum::serve(listener, router).await });
        (collector, url)
    }

    fn spans(&self) -> Vec<Span> {
        let taken = self.0.lock().expect("the batches");
        let resources = taken.iter().flat_map(|(_, batch)| &batch.resource_spans);
        resources.flat_map(|resource| &resource.scope_spans).flat_map(|scope| scope.spans.clone()).collect()
    }
}

fn attribute(attributes: &[KeyValue], key: &str) -> String {
    let found = attributes.iter().find(|one| one.key == key).and_then(|one| one.value.clone()?.value);
    match found {
        Some(Value::StringValue(text)) => text,
        Some(Value::IntValue(number)) => number.to_string(),
        other => format!("{other:?}"),
    }
}

fn named<'a>(spans: &'a [Span], name: &str) -> &'a Span {
    let names: Vec<&str> = spans.iter().map(|span| span.name.as_str()).collect();
    spans.iter().find(|span| span.name == name).unwrap_or_else(|| panic!("no span {name:?} among {names:?}"))
}

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn settings(url: &str, sample: &str, mails: &std::path::Path, database: String) -> Settings {
    let traces = format!(
        "mail_folder = \"{}\"\n[traces]\nendpoint = \"{url}\"\nsample = {sample}\nservice_name = \"watch\"\n\
         [traces.headers]\n\"x-key\" = \"k-17\"\n[heartbeat]\nurl = \"{url}/ping\"\nevery_s = 60\n\
         [outgoing]\nallow = [\"127.0.0.1/32\"]\n",
        mails.display()
    );
    Settings { database: Some(database), more: Some(traces), ..Settings::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_gets_requests_jobs_and_calls() {
    let (collector, url) = Collector::start().await;
    let (database, folder) = testkit::database::empty(Backend::Sqlite).await;
    let mails = folder.path().join("mails");
    let mut server = Bridgewatch::start(env!("CARGO_BIN_EXE_bridgewatch"), settings(&url, "1.0", &mails, database));
    let admin = server.administrator("mara.osei@nordhaven.example", "Mara Osei");
    let in_trace = admin.with_header("traceparent", &format!("00-{TRACE}-00f067aa0ba902b7-01"));
    let ticket = json!({"project_key": "INC", "kind": "incident", "summary": "zebra in the rack"});
    let ticket = in_trace.post("/api/v1/tickets", ticket).await.expect(201);
    let id = ticket["id"].as_str().expect("an id").to_owned();
    let path = format!("/api/v1/tickets/{}?secret=hush", ticket["key"].as_str().expect("a key"));
    admin.get(&path).await;
    admin.call(axum::http::Method::GET, "/api/v1/tickets/NOPE-1", serde_json::Value::Null).await.expect(404);
    let invitation = json!({"email": "new.one@nordhaven.example", "name": "New One", "role": "agent"});
    admin.post("/api/v1/people/invitations", invitation).await.expect(201);
    shows("the invitation", || async { std::fs::read_dir(&mails).ok()?.next().map(drop) }).await;
    shows("a sign of life", || async { collector.1.lock().expect("the signs of life").first().map(drop) }).await;
    // What waits is sent at the end.
    assert!(server.stop().expect("it stops"), "{}", server.log());

    let spans = collector.spans();
    let opened = named(&spans, "POST /api/v1/tickets");
    assert_eq!((hex(&opened.trace_id), hex(&opened.parent_span_id)), (TRACE.to_owned(), "00f067aa0ba902b7".to_owned()));
    assert_eq!(attribute(&opened.attributes, "http.response.status_code"), "201");
    assert_eq!(attribute(&opened.attributes, "http.route"), "/api/v1/tickets");
    assert_eq!(opened.kind, 2, "a server's");
    let looked: Vec<&Span> = spans.iter().filter(|span| span.name == "GET /api/v1/tickets/{id}").collect();
    assert_eq!(looked.len(), 2);
    assert!(looked.iter().all(|span| hex(&span.trace_id) != TRACE && span.parent_span_id.is_empty()));
    let job = spans.iter().find(|span| span.name.starts_with("job ") && span.name.contains("mail"));
    let job = job
        .unwrap_or_else(|| panic!("no job sends mail: {:?}", spans.iter().map(|span| &span.name).collect::<Vec<_>>()));
    assert_eq!(attribute(&job.attributes, "outcome"), "done");
    let call = named(&spans, "mail send");
    assert_eq!((&call.trace_id, &call.parent_span_id), (&job.trace_id, &job.span_id));
    assert_eq!(call.kind, 3, "a client's");
    // Whoever is called can go on with the trace.
    let post = named(&spans, "webhook send");
    let ping = collector.1.lock().expect("the signs of life")[0].clone();
    assert_eq!(ping["traceparent"], format!("00-{}-{}-01", hex(&post.trace_id), hex(&post.span_id)));
    let taken = collector.0.lock().expect("the batches");
    for (headers, batch) in taken.iter() {
        assert_eq!(headers["x-key"], "k-17");
        let resource = batch.resource_spans[0].resource.as_ref().expect("who sends");
        assert_eq!(attribute(&resource.attributes, "service.name"), "watch");
        assert_eq!(attribute(&resource.attributes, "service.version"), server::assembly::VERSION);
    }
    // Nothing private, and no log lines.
    let all = format!("{taken:?}");
    for hidden in ["zebra", "hush", "mara", "Mara", "new.one", "nordhaven", &id, "INC-1", "NOPE"] {
        assert!(!all.contains(hidden), "{hidden} was sent");
    }
    assert!(spans.iter().all(|span| span.events.is_empty()));
    // And no spans among the log's lines.
    assert!(!server.log().contains("otel.name"), "{}", server.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_sampled_is_not_sent_unless_the_caller_is() {
    let (collector, url) = Collector::start().await;
    let (database, folder) = testkit::database::empty(Backend::Sqlite).await;
    let settings = settings(&url, "0.0", folder.path(), database);
    let mut server = Bridgewatch::start(env!("CARGO_BIN_EXE_bridgewatch"), settings);
    let client = server.client();
    client.call(axum::http::Method::GET, "/healthz", serde_json::Value::Null).await.expect(200);
    let sampled = client.with_header("traceparent", &format!("00-{TRACE}-00f067aa0ba902b7-01"));
    sampled.call(axum::http::Method::GET, "/readyz", serde_json::Value::Null).await.expect(200);
    let not = client.with_header("traceparent", &format!("00-{TRACE}-00f067aa0ba902b7-00"));
    not.call(axum::http::Method::GET, "/healthz", serde_json::Value::Null).await.expect(200);
    assert!(server.stop().expect("it stops"));
    let names: Vec<String> = collector.spans().into_iter().map(|span| span.name).collect();
    assert_eq!(names, ["GET /readyz"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_that_is_away_holds_nothing_up() {
    let port = testkit::process::free_port();
    let (database, folder) = testkit::database::empty(Backend::Sqlite).await;
    let settings = settings(&format!("http://127.0.0.1:{port}"), "1.0", folder.path(), database);
    let mut server = Bridgewatch::start(env!("CARGO_BIN_EXE_bridgewatch"), settings);
    let client = server.client();
    for _ in 0..20 {
        client.call(axum::http::Method::GET, "/healthz", serde_json::Value::Null).await.expect(200);
    }
    assert!(server.stop().expect("it stops"));
}
