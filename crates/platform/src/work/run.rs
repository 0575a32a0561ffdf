//! Driving readers and jobs: in steps for tests, and in loops for a server.

use std::{
    pin::pin,
    sync::{Arc, PoisonError},
    time::Duration,
};

use futures::{FutureExt, StreamExt, stream};
use jiff::Timestamp;
use kernel::JobId;
use tracing::Instrument;

use super::{
    Finished, Job, JobHandler, Reader, Work, WorkError, back_off, store,
    store::{Kinds, ReaderRow},
};
use crate::{
    app::Stopping,
    auth::Ctx,
    db::{Backend, Db, DbError, Lane, Tx},
    event_log,
    measure::{JOB_DELAY_SECONDS, JOB_SECONDS, JOBS, Stopwatch},
    time, trace,
};

/// Events whose kinds a reader looks at before it reads them.
const LOOK_AHEAD: i64 = 1000;
/// Events that a reader handles in one transaction.
const BATCH: i64 = 200;
/// An event that fails this often is put aside.
const POISON: i64 = 8;
/// Jobs of one kind that run at once.
const PARALLEL: usize = 8;
/// As many of a kind that sends something: they wait for other servers rather than for this one, and some are slow.
const PARALLEL_OUTGOING: usize = 32;
/// How often to look for what another node committed, or for what has become due.
const LOOK: Duration = Duration::from_millis(250);

/// What one loop of a server does again and again.
enum Turn {
    /// Gives committed events their positions.
    Place,
    /// Handles events.
    Read(Arc<dyn Reader>),
    /// Does jobs of one kind.
    Do(&'static str, Kinds),
}

impl Work {
    /// Does what is due now, once; gives whether anything was done. Call until it gives `false`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn step(&self, db: &Db) -> Result<bool, DbError> {
        let mut progressed = event_log::place(db).await? > 0;
        for reader in &self.readers {
            progressed |= self.step_reader(db, reader, true).await? != Handled::Nothing;
        }
        progressed |= self.step_jobs(db, self.kinds()).await?;
        Ok(progressed)
    }

    /// When, after now, the next timer is due.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next_due(&self, db: &Db) -> Result<Option<Timestamp>, DbError> {
        store::next_due(db, db.now(), &self.kinds()).await
    }

    /// The kinds of jobs that this server does.
    fn kinds(&self) -> Kinds {
        let mut kinds = Kinds { inner: vec!["reader.event"], outgoing: vec![] };
        for handler in &self.handlers {
            let list = if handler.outgoing() { &mut kinds.outgoing } else { &mut kinds.inner };
            list.push(handler.kind());
        }
        kinds
    }

    /// Runs until the server stops: one loop that places events, one per reader, one per kind of job. A kind that hangs,
    /// such as mail to a server that does not answer, holds up no other.
    pub async fn run(self, db: Db, stopping: Stopping) {
        if db.backend() == Backend::Sqlite {
            release(&db).await;
        }
        let turns = [Turn::Place].into_iter();
        let turns = turns
            .chain(self.readers.iter().cloned().map(Turn::Read))
            .chain(self.kinds().apart().map(|(kind, kinds)| Turn::Do(kind, kinds)));
        let turns: Vec<Turn> = turns.collect();
        let work = Arc::new(self);
        let mut loops = vec![];
        for turn in turns {
            let (work, db, stopping) = (work.clone(), db.clone(), stopping.clone());
            loops.push(tokio::spawn(async move { work.turn(turn, db, stopping).await }));
        }
        futures::future::join_all(loops).await;
    }

    async fn turn(&self, turn: Turn, db: Db, mut stopping: Stopping) {
        let mut wake = match &turn {
            Turn::Place => db.wake().unplaced(),
            Turn::Read(reader) => {
                let reader = reader.clone();
                db.wake().events_that(move |record_kind, kind| reader.concerns(record_kind, kind))
            }
            Turn::Do(kind, _) => db.wake().jobs(kind),
        };
        let (mut quiet, mut woken) = (false, false);
        while !stopping.is_stopping() {
            woken |= wake.has_changed().unwrap_or(false);
            wake.mark_unchanged();
            let done = match &turn {
                Turn::Place => event_log::place(&db).await.map(|placed| {
                    if placed > 0 {
                        db.wake().placed();
                    }
                    placed > 0
                }),
                Turn::Read(reader) => {
                    let handled = if std::mem::take(&mut woken) {
                        let seen = self.seen(reader.name());
                        self.read_on(&db, reader, seen).await
                    } else {
                        self.step_reader(&db, reader, quiet).await
                    };
                    // Where many concern it, it need not look which ones do.
                    woken |= matches!(handled, Ok(Handled::More { concerned: true }));
                    handled.map(|handled| matches!(handled, Handled::More { .. }))
                }
                Turn::Do(_, kinds) => self.step_jobs(&db, kinds.clone()).await,
            };
            match done {
                Ok(true) => {}
                Ok(false) => tokio::select! {
                    _ = wake.changed() => (quiet, woken) = (false, true),
                    () = time::pause(LOOK) => quiet = true,
                    () = stopping.wait() => {}
                },
                Err(error) => {
                    tracing::error!(error = &error as &dyn std::error::Error, "background work failed; trying again");
                    time::pause(Duration::from_secs(1)).await;
                }
            }
        }
    }

    /// Hands a reader the next events that concern it. With `settle` its position is stored although nothing concerned it.
    async fn step_reader(&self, db: &Db, reader: &Arc<dyn Reader>, settle: bool) -> Result<Handled, DbError> {
        let name = reader.name();
        let Some(place) = store::find_reader(&db.read(), name).await? else {
            db.write(&Ctx::system(name), Lane::Front, move |tx| store::insert_reader(tx, name).boxed()).await?;
            return Ok(Handled::MORE);
        };
        let seen = place.position.max(self.seen(name));
        let kinds = event_log::kinds_after(&db.read(), seen, LOOK_AHEAD).await?;
        let Some(last) = kinds.last().map(|event| event.position) else {
            if settle && seen > place.position {
                db.write(&Ctx::system(name), Lane::Front, move |tx| pass(tx, name, seen).boxed()).await?;
            }
            return Ok(Handled::Nothing);
        };
        let first = kinds.iter().find(|event| reader.concerns(&event.record_kind, &event.kind));
        let Some(before) = first.map(|event| event.position - 1) else {
            self.seen.lock().unwrap_or_else(PoisonError::into_inner).insert(name, last);
            if last - place.position > LOOK_AHEAD {
                db.write(&Ctx::system(name), Lane::Front, move |tx| pass(tx, name, last).boxed()).await?;
            }
            return Ok(Handled::MORE);
        };
        self.read_on(db, reader, before).await
    }

    /// Hands a reader the next events after `before`, which no event before concerns.
    async fn read_on(&self, db: &Db, reader: &Arc<dyn Reader>, before: i64) -> Result<Handled, DbError> {
        let name = reader.name();
        let handler = reader.clone();
        let handled: Result<Handled, Failed> = db
            .write(&Ctx::system(name), Lane::Front, move |tx| {
                async move {
                    let Some(place) = store::lock_reader(tx, name).await? else { return Ok(Handled::Nothing) };
                    let failures = place.failures;
                    let handled = handle(tx, handler, place, before).await;
                    handled.map_err(|error| Failed { error, failures })
                }
                .boxed()
            })
            .await;
        match handled {
            Ok(handled) => Ok(handled),
            Err(Failed { error: WorkError::Db(error @ DbError::Closed), .. }) => Err(error),
            Err(Failed { error: WorkError::Db(error), .. }) if error.is_deadlock() => {
                tracing::info!(reader = name, error = chain(&error), "a reader gave way to another transaction");
                Ok(Handled::MORE)
            }
            Err(Failed { error, failures }) => {
                let text = chain(&error);
                tracing::warn!(reader = name, error = text, "a reader failed");
                let dead = matches!(error, WorkError::Dead(_)) && failures > 0 || failures + 1 >= POISON;
                db.write(&Ctx::system(name), Lane::Front, move |tx| give_up(tx, name, before, dead, text).boxed())
                    .await?;
                time::pause(Duration::from_millis(20)).await;
                Ok(Handled::MORE)
            }
        }
    }

    fn seen(&self, name: &'static str) -> i64 {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).get(name).copied().unwrap_or_default()
    }

    async fn step_jobs(&self, db: &Db, kinds: Kinds) -> Result<bool, DbError> {
        if !store::is_due(db, db.now(), &kinds).await? {
            return Ok(false);
        }
        let parallel = if kinds.outgoing.is_empty() { PARALLEL } else { PARALLEL_OUTGOING };
        let node = db.node().to_owned();
        let jobs: Vec<Job> = db
            .write(&Ctx::system("jobs"), Lane::Front, move |tx| {
                async move { store::claim(tx, &node, &kinds).await }.boxed()
            })
            .await?;
        let ids: Vec<JobId> = jobs.iter().map(|job| job.id).collect();
        let done = stream::iter(jobs).for_each_concurrent(parallel, |job| self.run_job(db, job));
        futures::future::select(pin!(done), pin!(keep(db, &ids))).await;
        Ok(!ids.is_empty())
    }

    async fn run_job(&self, db: &Db, job: Job) {
        let watch = Stopwatch::start();
        let delay = db.now().duration_since(job.due_at);
        metrics::histogram!(JOB_DELAY_SECONDS, "kind" => job.kind.clone()).record(delay.unsigned_abs());
        let span = trace::job_span(&job.kind, job.attempt);
        let run = async {
            match self.handlers.iter().find(|handler| handler.kind() == job.kind) {
                Some(handler) => run_caught(handler.as_ref(), &job).await,
                None => self.run_event_again(db, &job).await,
            }
        };
        let done = run.instrument(span.clone()).await;
        let ended = |outcome: &'static str| {
            trace::ended(&span, outcome, matches!(outcome, "done" | "lost"));
            metrics::counter!(JOBS, "kind" => job.kind.clone(), "outcome" => outcome).increment(1);
            metrics::histogram!(JOB_SECONDS, "kind" => job.kind.clone()).record(watch.elapsed());
        };
        let error = match done {
            Ok(_) => return ended("done"),
            Err(WorkError::Db(DbError::LeaseLost)) => return ended("lost"),
            Err(error) => error,
        };
        let text = chain(&error);
        let dead = matches!(error, WorkError::Dead(_)) || job.attempt >= job.max_attempts;
        ended(if dead { "dead" } else { "failed" });
        tracing::warn!(kind = job.kind, attempt = job.attempt, dead, error = text, "a job failed");
        let due = db.now() + back_off(job.attempt);
        let kept: Result<(), DbError> = db
            .write(&Ctx::system("jobs"), Lane::Front, move |tx| {
                async move { store::fail(tx, &job, due, dead, &text).await }.boxed()
            })
            .await;
        if let Err(error) = kept {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "a failed job could not be put back; its lease will run out"
            );
        }
    }

    /// A person asked for an event that was put aside to be handled again.
    async fn run_event_again(&self, db: &Db, job: &Job) -> Result<Finished, WorkError> {
        let name = job.payload["reader"].as_str().unwrap_or_default();
        let position = job.payload["position"].as_i64().unwrap_or_default();
        let reader = self.readers.iter().find(|reader| reader.name() == name).cloned();
        let reader = reader.ok_or_else(|| WorkError::Dead(format!("there is no reader `{name}` any more")))?;
        let job = job.clone();
        db.write(&Ctx::system(reader.name()), Lane::Front, move |tx| {
            async move {
                for event in event_log::list_after(tx, position - 1, 1).await? {
                    reader.handle(tx, &event).await?;
                }
                Ok(tx.finish(&job).await?)
            }
            .boxed()
        })
        .await
    }
}

/// A SQLite file has one server: what is still claimed when it starts was claimed by one that was killed.
async fn release(db: &Db) {
    let released: Result<(), DbError> =
        db.write(&Ctx::system("jobs"), Lane::Front, |tx| async move { store::release_all(tx).await }.boxed()).await;
    if let Err(error) = released {
        tracing::warn!(error = &error as &dyn std::error::Error, "claimed jobs wait until their leases run out");
    }
}

/// Renews the leases of these jobs for as long as it is polled: a lease can be short, so that the work of a killed
/// node passes on soon, and a job may take long all the same.
async fn keep(db: &Db, jobs: &[JobId]) {
    loop {
        time::pause(Db::LEASE / 3).await;
        let (node, jobs) = (db.node().to_owned(), jobs.to_vec());
        let kept: Result<(), DbError> = db
            .write(&Ctx::system("jobs"), Lane::Front, move |tx| {
                async move { store::renew(tx, &node, &jobs).await }.boxed()
            })
            .await;
        if let Err(error) = kept {
            tracing::warn!(error = &error as &dyn std::error::Error, "leases could not be renewed; trying again");
        }
    }
}

async fn run_caught(handler: &dyn JobHandler, job: &Job) -> Result<Finished, WorkError> {
    std::panic::AssertUnwindSafe(handler.run(job))
        .catch_unwind()
        .await
        .unwrap_or_else(|_| Err(WorkError::Failed("the job panicked; the log says where".to_owned())))
}

/// What came of looking for events to handle.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Handled {
    /// There were none, or another node is at them.
    Nothing,
    /// All that there were.
    All,
    /// There may be more.
    More {
        /// Whether some of those that were handled concerned the reader.
        concerned: bool,
    },
}

impl Handled {
    /// There may be more, which may or may not concern it.
    const MORE: Self = Self::More { concerned: false };
}

/// Why events could not be handled, and how often that happened before.
struct Failed {
    error: WorkError,
    failures: i64,
}

impl From<DbError> for Failed {
    fn from(error: DbError) -> Self {
        Self { error: error.into(), failures: 0 }
    }
}

/// Handles what concerns the reader of the events after its place, of which none up to `before` concerns it.
async fn handle(tx: &mut Tx, reader: Arc<dyn Reader>, place: ReaderRow, before: i64) -> Result<Handled, WorkError> {
    // After a failure events go one by one, so that the culprit stands alone.
    let limit = if place.failures > 0 { 1 } else { BATCH };
    let mut events = event_log::list_after(tx, place.position.max(before), limit).await?;
    let Some(last) = events.last().map(|event| event.position) else {
        return Ok(Handled::Nothing);
    };
    let more = events.len() as i64 == limit;
    events.retain(|event| reader.concerns(&event.record_kind, &event.kind));
    let handled = if more { Handled::More { concerned: !events.is_empty() } } else { Handled::All };
    reader.handle_all(tx, &events).await?;
    store::move_reader(tx, reader.name(), last).await?;
    Ok(handled)
}

/// Moves a reader past events that do not concern it.
async fn pass(tx: &mut Tx, name: &'static str, position: i64) -> Result<(), DbError> {
    match store::lock_reader(tx, name).await? {
        Some(place) if place.position < position => store::move_reader(tx, name, position).await,
        _ => Ok(()),
    }
}

async fn give_up(tx: &mut Tx, name: &'static str, before: i64, dead: bool, error: String) -> Result<(), DbError> {
    let Some(place) = store::lock_reader(tx, name).await? else {
        return Ok(());
    };
    let event = event_log::list_after(tx, place.position.max(before), 1).await?.pop();
    match event {
        Some(event) if dead => {
            store::insert_dead_event(tx, name, event.position, &error).await?;
            store::move_reader(tx, name, event.position).await
        }
        _ => store::fail_reader(tx, name, &error).await,
    }
}

/// An error with its sources, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}
