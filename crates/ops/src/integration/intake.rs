//! Payloads that arrive at the same time go through together: one look at their keys, one transaction.
//!
//! Nobody waits for company: a payload that comes alone goes through alone, at once. While its transaction is written
//! others come, and they are the next group. When a group is too large for that, its payloads are put into the
//! [`Backlog`] and answered, and so are those that come while something waits there, so that none overtakes another.

use std::sync::{Arc, OnceLock};

use axum::body::Bytes;
use domain::ingest::{AlertCommand, Unreadable};
use kernel::AlertId;
use platform::{App, DbError};
use tokio::sync::{mpsc, oneshot};

use super::backlog::{Backlog, COMMANDS};
use super::credential::{Shown, Source, authenticate, authenticate_all};
use super::error::IntegrationError;
use super::reading::{Kind, Readers};
use super::run::{self, Payload};

/// Payloads that wait to be looked at, before callers have to wait to hand one in.
const QUEUE: usize = 1024;
/// Payloads of a group, at most.
const GROUP: usize = 64;
/// Payloads that are done at once when they come together.
const AT_ONCE: usize = 4;

/// Where the doors hand payloads in.
#[derive(Clone, Default)]
pub struct Intake(Arc<OnceLock<mpsc::Sender<Waiting>>>);

/// What became of a payload.
pub struct Taken {
    /// How many reports were taken.
    pub accepted: usize,
    /// The alerts they concerned, each once; none yet when the payload waits for its turn.
    pub alerts: Vec<AlertId>,
}

type Answer = oneshot::Sender<Result<Taken, IntegrationError>>;

struct Waiting {
    key: String,
    kind: Kind,
    request_id: Option<String>,
    body: Bytes,
    answer: Answer,
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
    ) -> Result<Taken, IntegrationError> {
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

/// Checks keys, reads payloads, and does what they ask for or lets them wait, a group at a time.
async fn run(app: App, mut queue: mpsc::Receiver<Waiting>) {
    let backlog = Backlog::start(&app).await;
    let mut readers = Readers::default();
    let mut group = Vec::with_capacity(GROUP);
    while queue.recv_many(&mut group, GROUP).await > 0 {
        let received_at = app.now();
        let (mut payloads, mut answers) = (Vec::with_capacity(group.len()), Vec::with_capacity(group.len()));
        for (source, Waiting { body, answer, .. }) in admit(&app, std::mem::take(&mut group)).await {
            match source {
                Ok(source) => {
                    let reading = readers.read(&source.row, &body);
                    let text = String::from_utf8_lossy(&body).into_owned();
                    payloads.push(Payload { source, reading, text, received_at });
                    answers.push(answer);
                }
                Err(error) => {
                    let _ = answer.send(Err(error));
                }
            }
        }
        if is_little(&payloads) && backlog.is_empty() {
            write(&app, payloads, answers).await;
        } else {
            put_off(&app, &backlog, payloads, answers).await;
        }
    }
}

/// Whether so much can be done at once.
fn is_little(payloads: &[Payload]) -> bool {
    let commands: usize = payloads.iter().map(|payload| payload.reading.commands.len()).sum();
    payloads.len() == 1 || payloads.len() <= AT_ONCE && commands <= COMMANDS
}

type Admitted = Result<Source, IntegrationError>;

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
async fn write(app: &App, payloads: Vec<Payload>, answers: Vec<Answer>) {
    let rejected: Vec<Option<Vec<Unreadable>>> =
        payloads.iter().map(|payload| payload.reading.is_rejected().then(|| payload.reading.errors.clone())).collect();
    let outcomes = run::take_all(app, payloads).await;
    for ((outcome, rejected), answer) in outcomes.into_iter().zip(rejected).zip(answers) {
        let taken = match (outcome, rejected) {
            (Ok(_), Some(errors)) => Err(IntegrationError::Unreadable(errors)),
            (outcome, _) => outcome.map(|done| Taken { accepted: done.accepted, alerts: done.alerts }),
        };
        let _ = answer.send(taken);
    }
}

/// Lets payloads wait for their turn; those that cannot be read are only kept, which is done at once. Their callers are
/// told when that is durable.
async fn put_off(app: &App, backlog: &Backlog, payloads: Vec<Payload>, answers: Vec<Answer>) {
    backlog.room().await;
    let (mut rejected, mut told) = (Vec::new(), Vec::new());
    for (payload, answer) in payloads.into_iter().zip(answers) {
        if payload.reading.is_rejected() {
            rejected.push(payload);
            told.push(answer);
            continue;
        }
        let foreseen = foreseen(&payload);
        let tell = move |stored: Result<(), IntegrationError>| drop(answer.send(stored.map(|()| foreseen)));
        backlog.add(payload, Box::new(tell));
    }
    if !rejected.is_empty() {
        write(app, rejected, told).await;
    }
}

/// What a payload that waits will come to, as far as that can be said before.
fn foreseen(payload: &Payload) -> Taken {
    let ignored = |command: &AlertCommand| matches!(command, AlertCommand::Ignore { .. });
    let accepted = payload.reading.commands.iter().filter(|placed| !ignored(&placed.command)).count();
    Taken { accepted, alerts: Vec::new() }
}
