//! Waking readers, and the live stream of changes.
//!
//! The stream carries only kind, id and version: clients fetch what they may see through their own scope.

use std::{
    collections::{BTreeSet, HashMap},
    convert::Infallible,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    extract::State,
    response::sse::{Event as SseEvent, KeepAlive, Sse},
};
use futures::{Stream, stream};
use http::HeaderMap;
use tokio::sync::watch;

use crate::{App, Caller, auth::Ctx, db::Backend, event_log, http::ApiError};

/// What a change leaves for others to do once it is committed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Left {
    /// It wrote events of these kinds, on records of these kinds.
    pub(crate) events: BTreeSet<(&'static str, &'static str)>,
    /// It scheduled jobs of these kinds.
    pub(crate) jobs: BTreeSet<&'static str>,
}

impl Left {
    /// Adds what another change left.
    pub(crate) fn add(&mut self, other: Self) {
        self.events.extend(other.events);
        self.jobs.extend(other.jobs);
    }
}

/// Tells those who wait for events and jobs that some were committed: each only of what concerns it, so that a commit
/// does not set every loop of the server to work.
#[derive(Clone)]
pub struct Wake(Arc<Channels>);

/// Whether a kind of record and a kind of event concern a reader.
type Concern = Box<dyn Fn(&str, &str) -> bool + Send + Sync>;

struct Channels {
    backend: Backend,
    written: watch::Sender<()>,
    placed: watch::Sender<()>,
    readers: Mutex<Vec<(Concern, watch::Sender<()>)>>,
    /// Committed by this process and without positions yet.
    unplaced: Mutex<BTreeSet<(&'static str, &'static str)>>,
    jobs: Mutex<HashMap<&'static str, watch::Sender<()>>>,
}

impl Wake {
    pub(crate) fn new(backend: Backend) -> Self {
        let channel = || watch::channel(()).0;
        Self(Arc::new(Channels {
            backend,
            written: channel(),
            placed: channel(),
            readers: Mutex::default(),
            unplaced: Mutex::default(),
            jobs: Mutex::default(),
        }))
    }

    /// Something was committed.
    pub(crate) fn committed(&self, left: &Left) {
        if !left.events.is_empty() {
            // On SQLite events have their positions when they are committed.
            if self.0.backend == Backend::Sqlite {
                self.readable(&left.events);
            } else {
                self.0.unplaced.lock().unwrap_or_else(PoisonError::into_inner).extend(&left.events);
                self.0.written.send_replace(());
            }
        }
        for kind in &left.jobs {
            self.job(kind).send_replace(());
        }
    }

    /// Events got their positions. Of those that other processes wrote readers hear when they look.
    pub(crate) fn placed(&self) {
        let events = std::mem::take(&mut *self.0.unplaced.lock().unwrap_or_else(PoisonError::into_inner));
        self.readable(&events);
    }

    fn readable(&self, events: &BTreeSet<(&'static str, &'static str)>) {
        self.0.placed.send_replace(());
        for (concerns, reader) in self.0.readers.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            if events.iter().any(|(record_kind, kind)| concerns(record_kind, kind)) {
                reader.send_replace(());
            }
        }
    }

    /// Sees the events of this process that concern a reader.
    pub(crate) fn events_that(
        &self,
        concerns: impl Fn(&str, &str) -> bool + Send + Sync + 'static,
    ) -> watch::Receiver<()> {
        let (sender, receiver) = watch::channel(());
        self.0.readers.lock().unwrap_or_else(PoisonError::into_inner).push((Box::new(concerns), sender));
        receiver
    }

    /// Sees every event that can be read from now on.
    pub fn events(&self) -> watch::Receiver<()> {
        self.0.placed.subscribe()
    }

    /// Sees every commit of events that have no positions yet.
    pub(crate) fn unplaced(&self) -> watch::Receiver<()> {
        self.0.written.subscribe()
    }

    /// Sees every job of this kind that is scheduled from now on.
    pub(crate) fn jobs(&self, kind: &'static str) -> watch::Receiver<()> {
        self.job(kind).subscribe()
    }

    fn job(&self, kind: &'static str) -> watch::Sender<()> {
        let mut channels = self.0.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        channels.entry(kind).or_insert_with(|| watch::channel(()).0).clone()
    }
}

/// How often a stream looks for events written by other nodes, and asks whether its session still holds.
const LOOK: Duration = Duration::from_secs(2);

struct Following {
    app: App,
    ctx: Ctx,
    position: i64,
    wake: watch::Receiver<()>,
    ready: std::collections::VecDeque<SseEvent>,
    looks: u32,
}

/// Live changes as server-sent events: `change` with `{kind, id, version}`. Resume with `Last-Event-ID`.
#[utoipa::path(
    get,
    path = "/api/v1/stream",
    tag = "platform",
    operation_id = "stream_changes",
    responses((status = 200, description = "Server-sent events `change` with `{kind, id, version}`", content_type = "text/event-stream", body = String)),
    security(("session" = []), ("token" = []))
)]
pub async fn stream(
    State(app): State<App>,
    Caller(ctx): Caller,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<SseEvent, Infallible>>>, ApiError> {
    let last = headers.get("last-event-id").and_then(|value| value.to_str().ok()).and_then(|text| text.parse().ok());
    let position = match last {
        Some(position) => position,
        None => event_log::last_position(&app.db.read()).await?,
    };
    let wake = app.db.wake().events();
    let following = Following {
        app,
        ctx,
        position,
        wake,
        ready: [SseEvent::default().event("hello").id(position.to_string()).data("{}")].into(),
        looks: 0,
    };
    Ok(Sse::new(stream::unfold(following, follow)).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))))
}

/// The next event of a stream, or its end when the session no longer holds or the server stops.
async fn follow(mut on: Following) -> Option<(Result<SseEvent, Infallible>, Following)> {
    loop {
        if let Some(event) = on.ready.pop_front() {
            return Some((Ok(event), on));
        }
        if on.app.stopping.is_stopping() {
            return None;
        }
        let events = event_log::list_after(&on.app.db.read(), on.position, 200).await.unwrap_or_default();
        if events.is_empty() {
            let mut stopping = on.app.stopping.clone();
            tokio::select! {
                _ = on.wake.changed() => {}
                () = crate::time::pause(LOOK) => {}
                () = stopping.wait() => return None,
            }
            on.looks += 1;
            if on.looks.is_multiple_of(5) && !on.app.authenticator.still_valid(&on.ctx).await {
                return None;
            }
            continue;
        }
        for event in events {
            on.position = event.position;
            if visible(&on.ctx, &event.record_kind, event.record) {
                let data =
                    serde_json::json!({"kind": event.record_kind, "id": event.record, "version": event.record_version});
                on.ready.push_back(
                    SseEvent::default().event("change").id(event.position.to_string()).data(data.to_string()),
                );
            }
        }
    }
}

/// Whether this caller may hear of records of this kind at all. Which records it may read, its fetch decides.
fn visible(ctx: &Ctx, record_kind: &str, record: uuid::Uuid) -> bool {
    use kernel::Permission as P;
    match record_kind {
        "alert" => ctx.allows(P::AlertsRead),
        "ticket" => ctx.allows(P::TicketsRead) || ctx.allows(P::TicketsReadOwn),
        "person" | "team" => ctx.allows(P::PeopleRead),
        "service" => ctx.allows(P::ServicesRead),
        "project" => ctx.allows(P::TicketsRead),
        "schedule" | "escalation_policy" => ctx.allows(P::OncallRead),
        "integration" => ctx.allows(P::IntegrationsRead),
        "job" => ctx.allows(P::JobsManage),
        // The record is the person who was told.
        "notification" => ctx.allows(P::OwnProfile) && ctx.person().is_some_and(|person| person.0 == record),
        _ => false,
    }
}
