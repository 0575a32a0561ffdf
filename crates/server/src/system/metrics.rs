//! `/metrics` for Prometheus: what was counted in this process, and how far background work is by the database.
//!
//! It needs the permission `system:manage`: give Prometheus an API token of its own (`authorization` in its scrape
//! configuration). Numbers of the database are the same on every node; take the maximum, not the sum.

use std::{fmt::Write, sync::OnceLock};

use axum::{Router, extract::State, response::IntoResponse, routing::get};
use http::header;
use jiff::Timestamp;
use kernel::{Permission, Scope};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use platform::{
    App, Caller, DbError,
    http::ApiError,
    measure,
    work::{hold, state},
};

/// Upper ends of the spans that are counted, in seconds: from a look into a cache to a time-out.
const SECONDS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];
/// The same for counts.
const COUNTS: &[f64] = &[1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0];

static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();

/// Starts counting. Without it `/metrics` shows the database's side only.
///
/// # Errors
/// When the process counts already in another way.
pub fn install() -> anyhow::Result<()> {
    let recorder = PrometheusBuilder::new()
        .set_buckets(SECONDS)?
        .set_buckets_for_metric(Matcher::Full(measure::GROUP_SIZE.to_owned()), COUNTS)?
        .install_recorder()?;
    describe();
    let _ = RECORDER.set(recorder);
    Ok(())
}

fn describe() {
    use metrics::{describe_counter, describe_histogram};
    describe_counter!(measure::REQUESTS, "Requests answered");
    describe_histogram!(measure::REQUEST_SECONDS, "Time to answer a request");
    describe_counter!(measure::CHANGES, "Changes to the database");
    describe_histogram!(measure::COMMIT_SECONDS, "Time of a durable commit on SQLite");
    describe_histogram!(measure::GROUP_SIZE, "Changes in one commit on SQLite");
    describe_counter!(measure::JOBS, "Jobs that ended");
    describe_histogram!(measure::JOB_SECONDS, "Time a job took");
    describe_histogram!(measure::JOB_DELAY_SECONDS, "Time from a job's due time to its start");
    describe_counter!(measure::STORE_OPERATIONS, "Exchanges with the file store");
    describe_histogram!(measure::STORE_SECONDS, "Time of an exchange with the file store");
    describe_counter!(measure::STORE_BYTES, "Bytes of attached files");
    describe_counter!(measure::MESSAGES, "Messages handed over to a channel");
    describe_histogram!(measure::MESSAGE_SECONDS, "Time of a hand-over");
}

/// The route.
pub fn routes() -> Router<App> {
    Router::new().route("/metrics", get(metrics))
}

async fn metrics(State(app): State<App>, Caller(ctx): Caller) -> Result<impl IntoResponse, ApiError> {
    ctx.require(Permission::SystemManage)?;
    let mut text = RECORDER.get().map(PrometheusHandle::render).unwrap_or_default();
    text += &stored(&app).await?;
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text))
}

/// What the database says.
async fn stored(app: &App) -> Result<String, DbError> {
    let (read, now) = (app.db.read(), app.now());
    let mut page = Exposition::default();
    page.gauge("bridgewatch_info", "The running version", [(&[("version", app.settings.version)][..], 1.0)]);
    let queues = state::queues(&read, now).await?;
    let each = |number: fn(&state::Queue, Timestamp) -> f64| {
        queues.iter().map(move |queue| (queue.kind.as_str(), number(queue, now))).collect::<Vec<_>>()
    };
    page.by("bridgewatch_jobs_pending", "Jobs and timers that wait", "kind", each(|queue, _| count(queue.pending)));
    page.by("bridgewatch_jobs_due", "Jobs that are due and not done", "kind", each(|queue, _| count(queue.due)));
    page.by("bridgewatch_jobs_leased", "Jobs claimed by a node", "kind", each(|queue, _| count(queue.leased)));
    page.by("bridgewatch_jobs_dead", "Jobs given up", "kind", each(|queue, _| count(queue.dead)));
    let late = each(|queue, now| {
        queue.oldest_due.map_or(0.0, |due| now.duration_since(kernel::timestamp(due)).as_secs_f64().max(0.0))
    });
    page.by("bridgewatch_jobs_late_seconds", "How long the oldest due job has waited", "kind", late);
    let readers = state::followers(&read).await?;
    let each = |number: fn(&state::Follower) -> i64| {
        readers.iter().map(move |reader| (reader.name.as_str(), count(number(reader)))).collect::<Vec<_>>()
    };
    page.by(
        "bridgewatch_reader_behind_events",
        "Events that a reader has not handled",
        "reader",
        each(|one| one.behind),
    );
    page.by("bridgewatch_reader_failures", "Failures at the next event", "reader", each(|one| one.failures));
    let backlog = ops::integration::count_waiting(&read).await?;
    page.gauge(
        "bridgewatch_intake_waiting_payloads",
        "Payloads of integrations that were accepted and wait for their turn",
        [(&[][..], count(backlog.payloads))],
    );
    let waited = backlog.oldest.map_or(0.0, |at| now.duration_since(kernel::timestamp(at)).as_secs_f64().max(0.0));
    page.gauge("bridgewatch_intake_waiting_seconds", "How long the first of them has waited", [(&[][..], waited)]);
    let held = f64::from(u8::from(hold::since(&read).await?.is_some()));
    page.gauge("bridgewatch_outgoing_held", "1 while messages are held after a restore", [(&[][..], held)]);
    let files = platform::blob::tally(&read).await?;
    page.gauge("bridgewatch_storage_files", "Contents in the file store", [(&[][..], count(files.blobs))]);
    page.gauge("bridgewatch_storage_stored_bytes", "Bytes of the contents", [(&[][..], count(files.bytes))]);
    page.gauge("bridgewatch_storage_unused", "Contents that wait to be removed", [(&[][..], count(files.unused))]);
    let alarms = ops::paging::list_alarms(app, &Scope::All).await?.len();
    let alarms = f64::from(u32::try_from(alarms).unwrap_or(u32::MAX));
    page.gauge("bridgewatch_alerts_without_page", "Open alerts that page nobody", [(&[][..], alarms)]);
    Ok(page.0)
}

#[expect(clippy::cast_precision_loss, reason = "numbers of rows")]
fn count(number: i64) -> f64 {
    number as f64
}

/// Gauges in the text form of Prometheus, for numbers that are read when they are asked for.
#[derive(Default)]
struct Exposition(String);

impl Exposition {
    fn gauge<'a>(
        &mut self,
        name: &str,
        help: &str,
        samples: impl IntoIterator<Item = (&'a [(&'a str, &'a str)], f64)>,
    ) {
        let _ = write!(self.0, "# HELP {name} {help}\n# TYPE {name} gauge\n");
        for (labels, value) in samples {
            let labels: Vec<String> =
                labels.iter().map(|(label, text)| format!("{label}=\"{}\"", escaped(text))).collect();
            let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
            let _ = writeln!(self.0, "{name}{labels} {value}");
        }
    }

    fn by(&mut self, name: &str, help: &str, label: &str, samples: Vec<(&str, f64)>) {
        let labelled: Vec<([(&str, &str); 1], f64)> =
            samples.into_iter().map(|(text, value)| ([(label, text)], value)).collect();
        self.gauge(name, help, labelled.iter().map(|(labels, value)| (&labels[..], *value)));
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gauges_are_written_as_prometheus_reads_them() {
        let mut page = Exposition::default();
        page.by("a_b", "What", "kind", vec![("x\"y\\", 2.0)]);
        page.gauge("c", "Other", [(&[][..], 0.5)]);
        assert_eq!(
            page.0,
            "# HELP a_b What\n# TYPE a_b gauge\na_b{kind=\"x\\\"y\\\\\"} 2\n# HELP c Other\n# TYPE c gauge\nc 0.5\n"
        );
    }
}
