//! Who commits, and when.
//!
//! On SQLite one thread owns the only write connection, and changes run on it: no statement is handed to another. It
//! begins IMMEDIATE, runs each queued change (all but the first under a savepoint), commits when the queue is empty or
//! after [`GROUP`], and only then answers. Why: the disk makes a few thousand single durable commits a second, but
//! hundreds of thousands of rows in groups.
//!
//! On PostgreSQL each change runs in a task of its own, so that a caller that hangs up cancels nothing.

use std::{
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures::{FutureExt, future::BoxFuture};
use kernel::Clock;
use sea_orm::{DatabaseConnection, DatabaseTransaction, TransactionTrait};
use tokio::{
    runtime::Handle,
    sync::{mpsc, oneshot},
};

use super::{DbError, Lane, Tx, connect, sqlite::Sqlite, tx::Level};
use crate::{
    auth::Ctx,
    live::{Left, Wake},
    measure::{CHANGES, COMMIT_SECONDS, GROUP_SIZE, Stopwatch},
};

/// How long a group stays open at most.
const GROUP: Duration = Duration::from_millis(5);
/// How long a group of bulk work alone stays open at most.
const BULK_GROUP: Duration = Duration::from_millis(50);
/// Dead connections that a change may meet before it gives up: as many as there are, and one more.
const DEAD: u32 = connect::POSTGRES_CONNECTIONS + 1;
/// Waiting changes per lane, before callers have to wait to hand one in.
const QUEUE: usize = 4096;

/// Groups of this process that could not be committed.
static LOST_GROUPS: AtomicU64 = AtomicU64::new(0);

/// How many groups of changes could not be committed. What a change read of others in its group, before this number rose,
/// may never have been: nothing made of it may be kept.
pub fn lost_groups() -> u64 {
    LOST_GROUPS.load(Ordering::Acquire)
}

/// Told after the commit: whether it succeeded.
type Answer = Box<dyn FnOnce(Result<(), DbError>) + Send>;
/// Runs one change and gives what to call after the commit, and what it leaves to do.
type Change = Box<dyn FnOnce(Level) -> BoxFuture<'static, (Answer, Left)> + Send>;

pub(super) enum Writer {
    Grouped { front: mpsc::Sender<Change>, bulk: mpsc::Sender<Change>, clock: Arc<dyn Clock> },
    Pooled { connection: DatabaseConnection, counters: DatabaseConnection, clock: Arc<dyn Clock>, wake: Wake },
}

impl Writer {
    pub(super) fn grouped(connection: Sqlite, clock: Arc<dyn Clock>, wake: Wake) -> Result<Self, DbError> {
        let (front, front_queue) = mpsc::channel(QUEUE);
        let (bulk, bulk_queue) = mpsc::channel(QUEUE);
        let queues = Queues { front: front_queue, bulk: bulk_queue };
        let runtime = Handle::current();
        std::thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || runtime.block_on(run(Arc::new(connection), queues, wake)))
            .map_err(|error| DbError::Database(error.into()))?;
        Ok(Self::Grouped { front, bulk, clock })
    }

    pub(super) fn pooled(
        connection: DatabaseConnection,
        counters: DatabaseConnection,
        clock: Arc<dyn Clock>,
        wake: Wake,
    ) -> Self {
        Self::Pooled { connection, counters, clock, wake }
    }

    pub(super) async fn write<T, E, F>(&self, ctx: Ctx, lane: Lane, change: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: for<'a> FnOnce(&'a mut Tx) -> BoxFuture<'a, Result<T, E>> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel::<Result<T, E>>();
        match self {
            Self::Grouped { front, bulk, clock, .. } => {
                let clock = clock.clone();
                let job: Change = Box::new(move |level| {
                    Box::pin(async move {
                        let tx = Tx::new(level, ctx, clock.now());
                        let (result, left) = run_change(tx, change).await;
                        let tell: Answer = Box::new(move |committed| {
                            let result = match committed {
                                Ok(()) => result,
                                Err(error) => result.and(Err(E::from(error))),
                            };
                            let _ = answer.send(result);
                        });
                        (tell, left)
                    })
                });
                let queue = if lane == Lane::Front { front } else { bulk };
                queue.send(job).await.map_err(|_| E::from(DbError::Closed))?;
            }
            Self::Pooled { connection, counters, clock, wake } => {
                let (connection, counters) = (connection.clone(), counters.clone());
                let (clock, wake) = (clock.clone(), wake.clone());
                tokio::spawn(async move {
                    let result = match begin(&connection).await {
                        Ok(transaction) => {
                            let tx = Tx::new(Level::Own { transaction, counters }, ctx, clock.now());
                            let (result, left) = run_change(tx, change).await;
                            wake.committed(&left);
                            result
                        }
                        Err(error) => Err(E::from(error)),
                    };
                    let _ = answer.send(result);
                });
            }
        }
        answered.await.unwrap_or_else(|_| Err(E::from(DbError::Closed)))
    }
}

/// Begins on a connection that lives: dead ones, which a restart of PostgreSQL leaves, are given back and replaced.
async fn begin(connection: &DatabaseConnection) -> Result<DatabaseTransaction, DbError> {
    let mut dead = 0;
    loop {
        match connection.begin().await.map_err(DbError::from) {
            Err(error) if error.is_dead_connection() && dead < DEAD => dead += 1,
            begun => return begun,
        }
    }
}

/// Runs the change, then commits or rolls back its own level.
async fn run_change<T, E, F>(mut tx: Tx, change: F) -> (Result<T, E>, Left)
where
    E: From<DbError>,
    F: for<'a> FnOnce(&'a mut Tx) -> BoxFuture<'a, Result<T, E>>,
{
    let (outcome, result) = match AssertUnwindSafe(change(&mut tx)).catch_unwind().await {
        Ok(Ok(value)) => match tx.commit().await {
            Ok(left) => ("committed", (Ok(value), left)),
            Err(error) => ("failed", (Err(E::from(error)), Left::default())),
        },
        Ok(Err(error)) => {
            tx.rollback().await;
            ("rolled_back", (Err(error), Left::default()))
        }
        Err(_) => {
            tx.rollback().await;
            ("panicked", (Err(E::from(DbError::Panicked)), Left::default()))
        }
    };
    metrics::counter!(CHANGES, "outcome" => outcome).increment(1);
    result
}

struct Queues {
    front: mpsc::Receiver<Change>,
    bulk: mpsc::Receiver<Change>,
}

impl Queues {
    /// Waits for a change; the front lane goes first.
    async fn next(&mut self) -> Option<(Change, Lane)> {
        tokio::select! {
            biased;
            Some(change) = self.front.recv() => Some((change, Lane::Front)),
            Some(change) = self.bulk.recv() => Some((change, Lane::Bulk)),
            else => None,
        }
    }

    fn try_next(&mut self) -> Option<(Change, Lane)> {
        self.front
            .try_recv()
            .map(|change| (change, Lane::Front))
            .or_else(|_| self.bulk.try_recv().map(|change| (change, Lane::Bulk)))
            .ok()
    }
}

async fn run(connection: Arc<Sqlite>, mut queues: Queues, wake: Wake) {
    while let Some(first) = queues.next().await {
        group(&connection, first, &mut queues, &wake).await;
    }
}

/// One durable commit for as many changes as are waiting.
async fn group(connection: &Arc<Sqlite>, first: (Change, Lane), queues: &mut Queues, wake: &Wake) {
    if let Err(error) = connection.run("BEGIN IMMEDIATE") {
        // The change is dropped unrun: its caller sees `Closed`, which says to try again.
        tracing::error!(%error, "cannot begin a write transaction");
        return;
    }
    let begun = Stopwatch::start();
    let mut answers = Vec::new();
    let mut left = Left::default();
    let mut next = Some(first);
    let mut limit = BULK_GROUP;
    while let Some((change, lane)) = next.take() {
        if lane == Lane::Front {
            limit = GROUP;
        }
        match Level::shared(connection, answers.is_empty()) {
            Ok(level) => {
                let (answer, leaves) = change(level).await;
                left.add(leaves);
                answers.push(answer);
            }
            Err(error) => {
                tracing::error!(%error, "cannot begin a savepoint");
                break;
            }
        }
        if connection.is_idle() {
            // A full disk, for example, ends the whole transaction: the commit will say so to all.
            break;
        }
        if begun.elapsed() < limit {
            next = queues.try_next();
        }
    }
    let watch = Stopwatch::start();
    let committed = connection.run("COMMIT");
    metrics::histogram!(COMMIT_SECONDS).record(watch.elapsed());
    metrics::histogram!(GROUP_SIZE).record(u32::try_from(answers.len()).unwrap_or(u32::MAX));
    match committed {
        Ok(()) => {
            answers.into_iter().for_each(|answer| answer(Ok(())));
            wake.committed(&left);
        }
        Err(error) => {
            tracing::error!(%error, "a group of changes could not be committed");
            let _ = connection.run("ROLLBACK");
            LOST_GROUPS.fetch_add(1, Ordering::Release);
            let text = error.to_string();
            for answer in answers {
                answer(Err(DbError::Database(text.clone().into())));
            }
        }
    }
}
