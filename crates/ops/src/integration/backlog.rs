//! Payloads that were accepted and wait for their turn.
//!
//! When more payloads come at once than can be done at once, they are put into a table, which is quick, and answered;
//! what they ask for follows, in their order and in large transactions. A payload leaves the table in the transaction
//! that does what it asks for, so that this happens once.
//!
//! On SQLite, where one transaction is written at a time, the same one does what waits and then adds what came
//! meanwhile: one commit for both. On PostgreSQL the two go beside each other.
//!
//! Each server does what it took in itself. A timer, which it puts off for as long as it lives, hands what a dead server
//! left to another. A server that starts does nothing before what others took in before it is done: it may be what it
//! left itself when it was killed, and what comes now must not overtake it.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use domain::ingest::Reading;
use jiff::{SignedDuration, Timestamp};
use kernel::micros;
use platform::{App, Backend, Ctx, DbError, Finished, Job, JobHandler, Lane, NewJob, Tx, WorkError, params};
use serde_json::json;
use tokio::sync::Notify;
use uuid::Uuid;

use super::credential::{Source, hidden_teams, source};
use super::error::IntegrationError;
use super::reading::Readers;
use super::run::{self, Payload};
use super::store::{self, IntegrationRow, Piece, WaitingRow};

/// Commands that may wait, before the doors let callers wait instead: half a minute of work on two cores.
const LIMIT: usize = 100_000;
/// Commands that are kept as they were read; further ones are read anew from their text, which takes less memory.
const READ: usize = 5_000;
/// Payloads done in one transaction, at most.
const PAYLOADS: usize = 128;
/// Commands done in one transaction, beyond the first payload's: people wait behind it.
pub(super) const COMMANDS: usize = 500;
/// Wait before a transaction that only does what waits, so that it does more at once.
const GATHER: Duration = Duration::from_millis(20);
/// A payload whose transaction the database fails this often is given up, and kept as rejected.
const ATTEMPTS: u32 = 8;
/// Wait after a failure.
const PAUSE: Duration = Duration::from_millis(250);
/// How long after its server was last heard of another one takes over what waits.
const ORPHANED: SignedDuration = SignedDuration::from_secs(10);
/// Kind of the timer that hands on what waits; its key is the owner.
const HAND_ON: &str = "integration.backlog";

/// What a server has accepted and not done. Cheap to clone.
#[derive(Clone)]
pub(super) struct Backlog(Arc<Inner>);

struct Inner {
    app: App,
    owner: Uuid,
    queues: Mutex<Queues>,
    /// Until when, in microseconds, nobody else touches what waits.
    held_until: AtomicI64,
    /// Something came, or was stored.
    more: Notify,
    /// Something was done.
    fewer: Notify,
}

#[derive(Default)]
struct Queues {
    /// Handed in, and neither stored nor answered.
    arrived: Vec<Arrival>,
    /// Stored and answered, in order.
    stored: VecDeque<Waiting>,
    /// How many payloads were handed in and are not done.
    payloads: usize,
    /// Their commands.
    commands: usize,
    /// The place of the last one.
    place: i64,
    /// Nothing is done before what was there when the server started.
    waits: bool,
    /// Stored or not: their callers were told that they are not, so that they have to go.
    doubtful: Vec<Piece>,
}

/// Called when a payload is durable, or could not be stored.
pub(super) type Stored = Box<dyn FnOnce(Result<(), IntegrationError>) + Send>;

struct Arrival {
    waiting: Waiting,
    stored: Stored,
}

/// A payload with its place.
struct Waiting {
    place: i64,
    commands: usize,
    source: Source,
    /// What it asks for; read again from the text when it is needed and was not kept.
    reading: Option<Reading>,
    text: String,
    received_at: Timestamp,
}

impl Waiting {
    fn new(place: i64, payload: Payload) -> Self {
        let Payload { source, reading, text, received_at } = payload;
        let commands = reading.commands.len();
        Self { place, commands, source, reading: Some(reading), text, received_at }
    }

    fn read(self, readers: &mut Readers) -> (i64, Payload) {
        let Self { place, source, reading, text, received_at, .. } = self;
        let reading = reading.unwrap_or_else(|| readers.read(&source.row, text.as_bytes()));
        (place, Payload { source, reading, text, received_at })
    }
}

impl Backlog {
    /// Nothing of its own yet; what is put into it is done in the background, for as long as the server runs.
    pub(super) async fn start(app: &App) -> Self {
        let owner = platform::secret::new_id(app.now());
        let others = store::list_owners(&app.db.read(), owner).await;
        // When that cannot be told, it is looked at again.
        let waits = !matches!(&others, Ok(others) if others.is_empty());
        let backlog = Self(Arc::new(Inner {
            app: app.clone(),
            owner,
            queues: Mutex::new(Queues { waits, ..Queues::default() }),
            held_until: AtomicI64::new(0),
            more: Notify::new(),
            fewer: Notify::new(),
        }));
        if waits {
            tokio::spawn(backlog.clone().others_first(others.ok()));
        }
        match app.db.backend() {
            Backend::Sqlite => drop(tokio::spawn(backlog.clone().run(true, true))),
            Backend::Postgres => {
                tokio::spawn(backlog.clone().run(true, false));
                tokio::spawn(backlog.clone().run(false, true));
            }
        }
        backlog
    }

    fn queues(&self) -> MutexGuard<'_, Queues> {
        self.0.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether nothing waits, so that a payload may be done at once without overtaking another.
    pub(super) fn is_empty(&self) -> bool {
        let queues = self.queues();
        queues.payloads == 0 && !queues.waits
    }

    /// Sees to it that what others have left is done: whose it is, and up to which place. The file of SQLite has one server,
    /// so that they are gone; on PostgreSQL others may live, and do it themselves or pass it on.
    async fn others_first(self, mut others: Option<Vec<(Uuid, i64)>>) {
        let app = &self.0.app;
        loop {
            let step = match &mut others {
                Some(left) => self.others_step(left).await.map(|()| left.is_empty()),
                None => store::list_owners(&app.db.read(), self.0.owner).await.map(|left| {
                    others = Some(left);
                    false
                }),
            };
            match step {
                Ok(true) => break,
                Ok(false) => {}
                Err(error) => not_done(&error),
            }
            // What is stored meanwhile must not be handed on: it would overtake the others, too.
            if let Err(error) = self.put_off().await {
                not_done(&error);
            }
            platform::time::pause(PAUSE).await;
        }
        self.queues().waits = false;
        self.0.more.notify_waiters();
    }

    async fn others_step(&self, left: &mut Vec<(Uuid, i64)>) -> Result<(), DbError> {
        while let Some(&(owner, last)) = left.last() {
            if self.0.app.db.backend() == Backend::Sqlite {
                Doing::new(self.0.app.clone(), owner).rest().await?;
            }
            if store::is_waiting(&self.0.app.db.read(), owner, last).await? {
                break;
            }
            left.pop();
        }
        Ok(())
    }

    /// Waits until there is room for more.
    pub(super) async fn room(&self) {
        loop {
            let fewer = self.0.fewer.notified();
            if self.queues().commands < LIMIT {
                return;
            }
            fewer.await;
        }
    }

    /// Puts a payload behind the others; tells when it is durable. For one task only, which also asks
    /// [`Backlog::is_empty`] and [`Backlog::room`].
    pub(super) fn add(&self, payload: Payload, stored: Stored) {
        let mut queues = self.queues();
        queues.place += 1;
        let mut waiting = Waiting::new(queues.place, payload);
        if queues.commands > READ {
            waiting.reading = None;
        }
        queues.payloads += 1;
        queues.commands += waiting.commands;
        queues.arrived.push(Arrival { waiting, stored });
        drop(queues);
        self.0.more.notify_waiters();
    }
}

/// Payloads with their places, in order.
type Places = Arc<Vec<(i64, Payload)>>;

impl Backlog {
    /// Stores what arrives, or does what was stored, or both in one transaction.
    async fn run(self, stores: bool, does: bool) {
        let mut doing = Doing::new(self.0.app.clone(), self.0.owner);
        loop {
            if !stores {
                platform::time::pause(GATHER).await;
            }
            let more = self.0.more.notified();
            let next = if does { self.next() } else { Vec::new() };
            if next.is_empty() && !(stores && self.has_arrivals()) {
                more.await;
                continue;
            }
            let (payloads, commands) = (next.len(), next.iter().map(|one| one.commands).sum());
            let places = Arc::new(next.into_iter().map(|one| one.read(&mut doing.readers)).collect::<Vec<_>>());
            let done = match self.turn(places.clone(), stores).await {
                Ok(()) => Ok(()),
                Err(_) => doing.one_by_one(&places).await,
            };
            match done {
                Ok(()) => self.done(payloads, commands),
                Err(error) => {
                    not_done(&error);
                    self.put_back(&places);
                    platform::time::pause(PAUSE).await;
                }
            }
        }
    }

    /// The next payloads for one transaction.
    fn next(&self) -> Vec<Waiting> {
        let mut queues = self.queues();
        let (mut next, mut commands) = (Vec::new(), 0);
        while !queues.waits
            && let Some(one) = queues.stored.front()
            && (next.is_empty() || next.len() < PAYLOADS && commands + one.commands <= COMMANDS)
        {
            commands += one.commands;
            next.extend(queues.stored.pop_front());
        }
        next
    }

    fn put_back(&self, places: &Places) {
        let mut queues = self.queues();
        for (place, payload) in places.iter().rev() {
            queues.stored.push_front(Waiting::new(*place, payload.clone()));
        }
    }

    fn has_arrivals(&self) -> bool {
        !self.queues().arrived.is_empty()
    }

    fn done(&self, payloads: usize, commands: usize) {
        let mut queues = self.queues();
        queues.payloads -= payloads;
        // What was read anew may have come to other commands than before.
        queues.commands = if queues.payloads == 0 { 0 } else { queues.commands.saturating_sub(commands) };
        drop(queues);
        self.0.fewer.notify_waiters();
    }

    /// One transaction: does these payloads, and stores what has arrived by then. When it fails, nothing of the first is
    /// done; who waited for the second is told.
    async fn turn(&self, places: Places, stores: bool) -> Result<(), IntegrationError> {
        let taken: Arc<Mutex<Vec<Arrival>>> = Arc::default();
        let (ctx, hold) = (system(), self.hold());
        let (backlog, into) = (self.clone(), taken.clone());
        let doubtful = if stores { std::mem::take(&mut self.queues().doubtful) } else { Vec::new() };
        let gone = doubtful.clone();
        let write = self.0.app.db.write(&ctx, Lane::Bulk, move |tx| {
            Box::pin(async move {
                do_all(tx, backlog.0.owner, &places).await?;
                for piece in gone {
                    store::delete_waiting(tx, piece).await?;
                }
                if stores {
                    let arrived = std::mem::take(&mut backlog.queues().arrived);
                    let rows = arrived.iter().flat_map(|arrival| backlog.row(&arrival.waiting)).collect();
                    *into.lock().unwrap_or_else(PoisonError::into_inner) = arrived;
                    tx.insert_rows(store::INSERT_WAITING, rows, "").await?;
                }
                if let Some(job) = hold {
                    tx.schedule(job).await?;
                }
                Ok(())
            })
        });
        let written: Result<(), IntegrationError> = write.await;
        if written.is_err() {
            // The timer may not have been put off.
            self.0.held_until.store(0, Ordering::Release);
        }
        let arrived = std::mem::take(&mut *taken.lock().unwrap_or_else(PoisonError::into_inner));
        match &written {
            Ok(()) => {
                let (waiting, stored): (Vec<_>, Vec<_>) =
                    arrived.into_iter().map(|arrival| (arrival.waiting, arrival.stored)).unzip();
                self.queues().stored.extend(waiting);
                self.0.more.notify_waiters();
                stored.into_iter().for_each(|stored| stored(Ok(())));
            }
            Err(error) => {
                let text = error.to_string();
                let places = arrived.first().zip(arrived.last());
                let piece = places.map(|(first, last)| Piece {
                    owner: self.0.owner,
                    first: first.waiting.place,
                    last: last.waiting.place,
                });
                // The commit may have been lost, or only word of it.
                self.queues().doubtful.extend(doubtful.into_iter().chain(piece));
                self.done(arrived.len(), arrived.iter().map(|arrival| arrival.waiting.commands).sum());
                for arrival in arrived {
                    let error = DbError::Database(text.clone().into());
                    (arrival.stored)(Err(error.into()));
                }
            }
        }
        written
    }

    fn row(&self, waiting: &Waiting) -> Vec<sea_orm::Value> {
        params![
            self.0.owner,
            waiting.place,
            waiting.source.id,
            waiting.source.ctx.request_id.clone(),
            micros(waiting.received_at),
            i64::try_from(waiting.commands).unwrap_or(i64::MAX),
            waiting.text.clone(),
        ]
    }

    /// Puts the timer off, when that has to be done.
    async fn put_off(&self) -> Result<(), DbError> {
        let Some(job) = self.hold() else { return Ok(()) };
        let ctx = system();
        let write = self.0.app.db.write(&ctx, Lane::Bulk, move |tx| Box::pin(async move { tx.schedule(job).await }));
        let written = write.await;
        if written.is_err() {
            self.0.held_until.store(0, Ordering::Release);
        }
        written
    }

    /// The timer, when it has to be put off.
    fn hold(&self) -> Option<NewJob> {
        let now = self.0.app.now();
        if micros(now + ORPHANED / 2) <= self.0.held_until.load(Ordering::Acquire) {
            return None;
        }
        let due = now + ORPHANED;
        self.0.held_until.store(micros(due), Ordering::Release);
        Some(NewJob::at(HAND_ON, self.0.owner.to_string(), due, json!({})).max_attempts(1000))
    }
}

fn system() -> Ctx {
    Ctx::system("intake")
}

fn not_done(error: &DbError) {
    tracing::error!(error = error as &dyn std::error::Error, "accepted payloads could not be done; trying again");
}

/// Does these payloads of an owner, unless another server did some of them.
async fn do_all(tx: &mut Tx, owner: Uuid, places: &[(i64, Payload)]) -> Result<(), IntegrationError> {
    let (Some((first, _)), Some((last, _))) = (places.first(), places.last()) else { return Ok(()) };
    let deleted = store::delete_waiting(tx, Piece { owner, first: *first, last: *last }).await?;
    if usize::try_from(deleted) != Ok(places.len()) {
        return Err(DbError::LeaseLost.into());
    }
    let payloads: Vec<&Payload> = places.iter().map(|(_, payload)| payload).collect();
    run::take_together(tx, &payloads).await?;
    Ok(())
}

/// Doing what waits of one owner.
struct Doing {
    app: App,
    owner: Uuid,
    readers: Readers,
    /// The payload that the database failed at last, and how often in a row.
    failed: (i64, u32),
}

impl Doing {
    fn new(app: App, owner: Uuid) -> Self {
        Self { app, owner, readers: Readers::default(), failed: (0, 0) }
    }

    /// Does each payload in a transaction of its own, so that none spoils another.
    async fn one_by_one(&mut self, places: &Places) -> Result<(), DbError> {
        for one in places.iter() {
            self.alone(one).await?;
        }
        Ok(())
    }

    /// What a payload asks for may be refused: then it is kept as rejected, since nobody is there any more to be told.
    async fn alone(&mut self, one: &(i64, Payload)) -> Result<(), DbError> {
        let (ctx, owner, places) = (system(), self.owner, Arc::new(vec![one.clone()]));
        let write =
            self.app.db.write(&ctx, Lane::Bulk, move |tx| Box::pin(async move { do_all(tx, owner, &places).await }));
        match write.await {
            // Or another server did it.
            Ok(()) | Err(IntegrationError::Db(DbError::LeaseLost)) => Ok(()),
            Err(IntegrationError::Db(DbError::Closed)) => Err(DbError::Closed),
            Err(IntegrationError::Db(error)) if !self.is_hopeless(one.0) => Err(error),
            Err(error) => self.give_up(one.clone(), &error).await,
        }
    }

    async fn give_up(&mut self, (place, payload): (i64, Payload), why: &IntegrationError) -> Result<(), DbError> {
        tracing::error!(error = why as &dyn std::error::Error, "an accepted payload was refused");
        let (ctx, reason) = (system(), why.to_string());
        let piece = Piece { owner: self.owner, first: place, last: place };
        let write = self.app.db.write(&ctx, Lane::Bulk, move |tx| {
            Box::pin(async move {
                if store::delete_waiting(tx, piece).await? == 1 {
                    run::refuse(tx, &payload, reason).await?;
                }
                Ok::<_, DbError>(())
            })
        });
        let given_up = write.await;
        if given_up.is_err() {
            // It may be the database's fault alone.
            self.failed = (0, 0);
        }
        given_up
    }

    /// Does all that the table holds of the owner.
    async fn rest(&mut self) -> Result<(), DbError> {
        let (ctx, owner) = (system(), self.owner);
        let (mut after, mut failures) = (0, 0);
        while let Some((places, last)) = self.next(after).await? {
            let all = places.clone();
            let write =
                self.app.db.write(&ctx, Lane::Bulk, move |tx| Box::pin(async move { do_all(tx, owner, &all).await }));
            let done = match write.await {
                Ok(()) => Ok(()),
                Err(_) => self.one_by_one(&places).await,
            };
            match done {
                Ok(()) => (after, failures) = (last, 0),
                // Often enough for a hopeless payload to be given up.
                Err(_) if failures < ATTEMPTS => {
                    failures += 1;
                    platform::time::pause(PAUSE).await;
                }
                Err(error) => return Err(error),
            }
        }
        let write = self
            .app
            .db
            .write(&ctx, Lane::Bulk, move |tx| Box::pin(async move { store::delete_stranded(tx, owner).await }));
        write.await
    }

    /// The owner's next payloads for one transaction, and the place of the last.
    async fn next(&mut self, after: i64) -> Result<Option<(Places, i64)>, DbError> {
        let read = self.app.db.read();
        let next = store::list_waiting(&read, self.owner, after, PAYLOADS).await?;
        let Some(&(first, _)) = next.first() else { return Ok(None) };
        let (mut last, mut commands) = (first, 0);
        for (place, own) in next {
            if place > first && commands + own > COMMANDS {
                break;
            }
            commands += own;
            last = place;
        }
        let rows = store::read_waiting(&read, Piece { owner: self.owner, first, last }).await?;
        let ids: BTreeSet<Uuid> = rows.iter().map(|row| row.integration_id).collect();
        let integrations = store::list_by_ids(&read, &ids.into_iter().collect::<Vec<_>>()).await?;
        let hidden = hidden_teams(&read, &integrations).await?;
        let integrations: HashMap<Uuid, Arc<IntegrationRow>> =
            integrations.into_iter().map(|row| (row.id, Arc::new(row))).collect();
        let mut places = Vec::with_capacity(rows.len());
        for WaitingRow { place, integration_id, request_id, received_at, payload } in rows {
            // An integration takes what waits of it along when it is deleted.
            let Some(integration) = integrations.get(&integration_id) else { continue };
            let source = source(integration, request_id, &hidden);
            let reading = self.readers.read(integration, payload.as_bytes());
            let received_at = kernel::timestamp(received_at);
            places.push((place, Payload { source, reading, text: payload, received_at }));
        }
        Ok(Some((Arc::new(places), last)))
    }

    /// Counts a failure of the database at this payload; gives whether it has failed too often.
    fn is_hopeless(&mut self, place: i64) -> bool {
        let times = if self.failed.0 == place { self.failed.1 + 1 } else { 1 };
        self.failed = (place, times);
        times >= ATTEMPTS
    }
}

/// Does what a server left that has not been heard of.
pub(super) struct HandOn {
    app: App,
}

impl HandOn {
    /// The handler, on this application.
    pub(super) fn new(app: &App) -> Self {
        Self { app: app.clone() }
    }
}

#[async_trait]
impl JobHandler for HandOn {
    fn kind(&self) -> &'static str {
        HAND_ON
    }

    async fn run(&self, job: &Job) -> Result<Finished, WorkError> {
        let owner: Uuid = job.key.parse().map_err(|_| WorkError::Dead(format!("the key {} is not an id", job.key)))?;
        Doing::new(self.app.clone(), owner).rest().await?;
        let (ctx, job) = (system(), job.clone());
        let ended = self.app.db.write(&ctx, Lane::Bulk, move |tx| Box::pin(async move { tx.finish(&job).await }));
        Ok(ended.await?)
    }
}
