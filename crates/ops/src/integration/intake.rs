//! Payloads that arrive at the same time go through together: one look at their keys, one transaction.
//!
//! Nobody waits for company: a payload that comes alone goes through alone, at once. While its transaction is written
//! others come, and they are the next group: the more there is to do, the less each costs.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use axum::body::Bytes;
use domain::ingest::Unreadable;
use platform::{App, DbError};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use super::credential::{Shown, authenticate, authenticate_all};
use super::error::IntegrationError;
use super::reading::{Kind, Reader};
use super::run::{self, Outcome, Payload};

/// Payloads that wait for their turn, before callers have to wait to hand one in.
const QUEUE: usize = 1024;
/// Payloads in one transaction, at most.
const PAYLOADS: usize = 64;
/// Commands in one transaction, beyond the first payload's: people wait behind it.
const COMMANDS: usize = 500;
/// Integrations whose reader is remembered.
const READERS: usize = 256;

/// Where the doors hand payloads in.
#[derive(Clone, Default)]
pub struct Intake(Arc<OnceLock<mpsc::Sender<Waiting>>>);

/// What became of a payload: what was done, and what could not be read when nothing could.
pub type Taken = Result<Outcome, IntegrationError>;

struct Waiting {
    key: String,
    kind: Kind,
    request_id: Option<String>,
    body: Bytes,
    answer: oneshot::Sender<Taken>,
}

struct Ready {
    payload: Payload,
    answer: oneshot::Sender<Taken>,
}

impl Intake {
    /// Takes a payload of a source that shows this key. Durable when it returns `Ok`, or [`IntegrationError::Unreadable`].
    pub async fn take(
        &self,
        app: &App,
        key: String,
        kind: Kind,
        request_id: Option<String>,
        body: Bytes,
    ) -> Result<Outcome, IntegrationError> {
        let queue = self.0.get_or_init(|| start(app.clone()));
        let (answer, taken) = oneshot::channel();
        let closed = || IntegrationError::Db(DbError::Closed);
        queue.send(Waiting { key, kind, request_id, body, answer }).await.map_err(|_| closed())?;
        taken.await.unwrap_or_else(|_| Err(closed()))
    }
}

fn start(app: App) -> mpsc::Sender<Waiting> {
    let (queue, waiting) = mpsc::channel(QUEUE);
    tokio::spawn(run(app, waiting));
    queue
}

/// Checks keys, reads payloads, and does what they ask for, a group at a time.
async fn run(app: App, mut queue: mpsc::Receiver<Waiting>) {
    let mut readers: HashMap<(Uuid, i64), Reader> = HashMap::new();
    let mut waiting = Vec::with_capacity(PAYLOADS);
    while queue.recv_many(&mut waiting, PAYLOADS).await > 0 {
        let mut ready: Vec<Ready> = Vec::with_capacity(waiting.len());
        let mut commands = 0;
        for (source, one) in admit(&app, std::mem::take(&mut waiting)).await {
            let source = match source {
                Ok(source) => source,
                Err(error) => {
                    let _ = one.answer.send(Err(error));
                    continue;
                }
            };
            if readers.len() > READERS {
                readers.clear();
            }
            let version = (source.row.id, source.row.version);
            let reading = readers.entry(version).or_insert_with(|| Reader::new(&source.row)).read(&one.body);
            let text = String::from_utf8_lossy(&one.body).into_owned();
            if commands > 0 && commands + reading.commands.len() > COMMANDS {
                commands = 0;
                write(&app, std::mem::take(&mut ready)).await;
            }
            commands += reading.commands.len();
            ready.push(Ready { payload: Payload { source, reading, text }, answer: one.answer });
        }
        if !ready.is_empty() {
            write(&app, ready).await;
        }
    }
}

type Admitted = Result<super::credential::Source, IntegrationError>;

/// Who sent each of these.
async fn admit(app: &App, waiting: Vec<Waiting>) -> Vec<(Admitted, Waiting)> {
    let shown = waiting.iter().map(|one| Shown {
        key_hash: platform::secret::hash_token(&one.key),
        kind: one.kind,
        request_id: one.request_id.clone(),
    });
    match authenticate_all(app, shown.collect()).await {
        Ok(sources) => sources.into_iter().zip(waiting).collect(),
        // Each gets an error of its own.
        Err(_) => {
            let mut admitted = Vec::with_capacity(waiting.len());
            for one in waiting {
                admitted.push((authenticate(app, &one.key, one.kind, one.request_id.clone()).await, one));
            }
            admitted
        }
    }
}

/// Does what the payloads ask for, in one transaction.
async fn write(app: &App, ready: Vec<Ready>) {
    let (payloads, answers): (Vec<Payload>, Vec<_>) =
        ready.into_iter().map(|ready| (ready.payload, ready.answer)).unzip();
    let rejected: Vec<Option<Vec<Unreadable>>> =
        payloads.iter().map(|payload| payload.reading.is_rejected().then(|| payload.reading.errors.clone())).collect();
    let outcomes = run::take_all(app, payloads).await;
    for ((outcome, rejected), answer) in outcomes.into_iter().zip(rejected).zip(answers) {
        let taken = match (outcome, rejected) {
            (Ok(_), Some(errors)) => Err(IntegrationError::Unreadable(errors)),
            (outcome, _) => outcome,
        };
        let _ = answer.send(taken);
    }
}
