//! One unit of change.

use std::{collections::HashMap, sync::Arc};

use jiff::Timestamp;
use kernel::{Event, EventId};
use sea_orm::{DatabaseConnection, DatabaseTransaction, Value};
use uuid::Uuid;

use super::{Backend, DbError, FromRow, Memory, Sql, param::placeholder_rows, sql, sqlite::Sqlite};
use crate::{
    auth::Ctx,
    event_log::{self, NewEvent},
    live::Left,
    work::{self, Finished, Job, NewJob},
};

/// What a transaction runs on, and what its end means.
pub(super) enum Level {
    /// A savepoint of the writer's connection: others share the commit.
    Shared(Savepoint),
    /// A transaction of its own.
    Own {
        transaction: DatabaseTransaction,
        /// For what is counted beside it.
        counters: DatabaseConnection,
    },
}

impl Level {
    /// Begins a change in the open transaction of the writer's connection. The first needs no savepoint: there is
    /// nothing before it that must stay when it is rolled back.
    pub(super) fn shared(on: &Arc<Sqlite>, first: bool) -> Result<Self, DbError> {
        if !first {
            on.run("SAVEPOINT change")?;
        }
        Ok(Self::Shared(Savepoint { on: on.clone(), first, open: true }))
    }

    async fn commit(self) -> Result<(), DbError> {
        match self {
            Self::Shared(savepoint) => savepoint.release(),
            Self::Own { transaction, .. } => Ok(transaction.commit().await?),
        }
    }

    async fn rollback(self) -> Result<(), DbError> {
        match self {
            Self::Shared(mut savepoint) => savepoint.rollback(),
            Self::Own { transaction, .. } => Ok(transaction.rollback().await?),
        }
    }
}

/// The place of a change in its group. Dropped without a release, nothing of the change stays.
pub(super) struct Savepoint {
    on: Arc<Sqlite>,
    first: bool,
    open: bool,
}

impl Savepoint {
    fn release(mut self) -> Result<(), DbError> {
        if !self.first {
            self.on.run("RELEASE change")?;
        }
        self.open = false;
        Ok(())
    }

    fn rollback(&mut self) -> Result<(), DbError> {
        self.open = false;
        if self.first {
            self.on.run("ROLLBACK")?;
            return self.on.run("BEGIN IMMEDIATE");
        }
        self.on.run("ROLLBACK TO change")?;
        self.on.run("RELEASE change")
    }
}

impl Drop for Savepoint {
    fn drop(&mut self) {
        if self.open
            && let Err(error) = self.rollback()
        {
            tracing::warn!(error = &error as &dyn std::error::Error, "a change could not be rolled back alone");
        }
    }
}

/// Parameters of one statement on PostgreSQL, which takes 65,535.
const PARAMETERS: usize = 10_000;

/// How many columns `head` names, which `values` fill a whole number of times.
fn columns_of(head: &str, values: usize) -> Result<usize, DbError> {
    let columns = head.matches(',').count() + 1;
    if values.is_multiple_of(columns) {
        Ok(columns)
    } else {
        Err(DbError::Corrupt(format!("{values} values for rows of {columns} columns: {head}")))
    }
}

fn row_text(head: &str, rows: usize, columns: usize, tail: &str) -> String {
    format!("{head} VALUES {} {tail}", placeholder_rows(rows, columns))
}

/// The statements for these rows, with their values.
fn row_texts(head: &str, mut values: Vec<Value>, columns: usize, tail: &str) -> Vec<(String, Vec<Value>)> {
    let mut texts = Vec::new();
    while !values.is_empty() {
        let later = values.split_off(values.len().min(PARAMETERS / columns * columns));
        texts.push((row_text(head, values.len() / columns, columns, tail), values));
        values = later;
    }
    texts
}

/// A transaction: the database, who acts ([`Ctx`]), when, and the events to write with the change.
pub struct Tx {
    level: Level,
    ctx: Ctx,
    now: Timestamp,
    events: Vec<NewEvent>,
    left: Left,
    memory: Memory,
}

impl Tx {
    pub(super) fn new(level: Level, ctx: Ctx, now: Timestamp) -> Self {
        Self { level, ctx, now, events: Vec::new(), left: Left::default(), memory: Memory::default() }
    }

    /// The instant of this change; it does not move while the transaction runs.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Who acts.
    pub fn ctx(&self) -> &Ctx {
        &self.ctx
    }

    /// From now on `ctx` acts: for callers that share a transaction.
    pub fn act_as(&mut self, ctx: Ctx) {
        self.ctx = ctx;
    }

    /// A new id, which sorts by time.
    pub fn new_id(&self) -> Uuid {
        crate::secret::new_id(self.now)
    }

    /// Adds an event, written with the change. Lock the record's row first, so that a record's events stand in
    /// the log in the order in which its changes were committed.
    pub fn emit(&mut self, event: Event) {
        self.emit_known(event);
    }

    /// As [`Tx::emit`], for a request that shares the transaction with others.
    pub fn emit_for(&mut self, event: Event, request_id: Option<String>) {
        self.emit_known(event);
        if let (Some(new), Some(request_id)) = (self.events.last_mut(), request_id) {
            new.request_id = Some(request_id);
        }
    }

    /// As [`Tx::emit`], and gives the id that the event will have in the log.
    pub fn emit_known(&mut self, event: Event) -> EventId {
        let id = self.new_id();
        let Ctx { actor, origin, request_id, .. } = &self.ctx;
        let (actor, origin, request_id) = (actor.clone(), *origin, request_id.clone());
        self.events.push(NewEvent { id, event, actor, origin, request_id });
        EventId(id)
    }

    /// What to append to a SELECT that locks its rows: nothing on SQLite, which has one writer. New rows may go on
    /// referring to the locked ones. Who locks several rows of a table locks them all at once and in one order.
    pub fn for_update(&self) -> &'static str {
        match self.backend() {
            Backend::Sqlite => "",
            Backend::Postgres => " FOR NO KEY UPDATE",
        }
    }

    /// Runs a statement that counts on, beside the change: on PostgreSQL nobody who counts on the same row waits until
    /// this change is committed, and what was counted stays when it is rolled back. Only for rows that were there before
    /// the change, and that it has not locked. On SQLite it is part of the change.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_on<R: FromRow + Send>(&self, text: &str, params: Vec<Value>) -> Result<Option<R>, DbError> {
        match &self.level {
            Level::Shared(savepoint) => savepoint.on.one(text, &params),
            Level::Own { counters, .. } => {
                for _ in 0..super::connect::POSTGRES_COUNTERS {
                    match sql::one(counters, Backend::Postgres, text, params.clone()).await {
                        // If it was counted all the same, a number is left out.
                        Err(error) if error.is_dead_connection() => {}
                        counted => return counted,
                    }
                }
                sql::one(counters, Backend::Postgres, text, params).await
            }
        }
    }

    /// Inserts rows. `head` is `INSERT INTO table (column, …)`, `values` holds one value per column, row by row, and
    /// `tail` is what follows the rows, such as `ON CONFLICT DO NOTHING`. Gives how many rows it touched.
    ///
    /// Many rows share a statement on PostgreSQL. On SQLite each has its own, which stays prepared: a statement of many
    /// rows takes longer to write down than to run.
    ///
    /// # Errors
    /// When the database fails, or refuses one of them. The change has to be given up then: rows before it may stand.
    pub async fn insert_rows(&self, head: &str, values: Vec<Value>, tail: &str) -> Result<u64, DbError> {
        let columns = columns_of(head, values.len())?;
        if values.is_empty() {
            return Ok(0);
        }
        match &self.level {
            Level::Shared(savepoint) => {
                let mut all = 0;
                savepoint.on.repeat(&row_text(head, 1, columns, tail), values.chunks(columns), |_, touched, _| {
                    all += touched;
                })?;
                Ok(all)
            }
            Level::Own { transaction, .. } => {
                let mut touched = 0;
                for (text, part) in row_texts(head, values, columns, tail) {
                    touched += sql::execute(transaction, Backend::Postgres, &text, part).await?;
                }
                Ok(touched)
            }
        }
    }

    /// As [`Tx::insert_rows`] for a table whose rows have a number, `seq`, and whose first column in `head` is `id`; the
    /// tail may leave out rows that conflict. Gives the numbers of those that were inserted, by their ids.
    ///
    /// # Errors
    /// As [`Tx::insert_rows`].
    pub async fn insert_numbered_rows(
        &self,
        head: &str,
        values: Vec<Value>,
        tail: &str,
    ) -> Result<HashMap<Uuid, i64>, DbError> {
        #[derive(FromRow)]
        struct Numbered {
            id: Uuid,
            seq: i64,
        }
        let columns = columns_of(head, values.len())?;
        let mut numbers = HashMap::with_capacity(values.len() / columns);
        match &self.level {
            // RETURNING would make SQLite ready to take back each row alone, which costs as much as the row.
            Level::Shared(savepoint) => {
                savepoint.on.repeat(
                    &row_text(head, 1, columns, tail),
                    values.chunks(columns),
                    |row, touched, seq| {
                        if let (1, Some(Value::Uuid(Some(id)))) = (touched, row.first()) {
                            numbers.insert(*id, seq);
                        }
                    },
                )?;
            }
            Level::Own { transaction, .. } => {
                let tail = format!("{tail} RETURNING id, seq");
                for (text, part) in row_texts(head, values, columns, &tail) {
                    let rows = sql::all::<Numbered>(transaction, Backend::Postgres, &text, part).await?;
                    numbers.extend(rows.into_iter().map(|row| (row.id, row.seq)));
                }
            }
        }
        Ok(numbers)
    }

    /// Creates or replaces the timer or job with this kind and key. A job that runs at this moment loses its
    /// lease: its change will not be committed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn schedule(&mut self, job: NewJob) -> Result<(), DbError> {
        self.schedule_all(vec![job]).await
    }

    /// As [`Tx::schedule`], for several whose kinds and keys differ.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn schedule_all(&mut self, jobs: Vec<NewJob>) -> Result<(), DbError> {
        for job in &jobs {
            // A timer is found when it is due; only what is due already has to wake somebody.
            if job.due_at.is_none_or(|due| due <= self.now) {
                self.left.jobs.insert(job.kind);
            }
        }
        work::store::upsert(self, jobs).await
    }

    /// Removes the timer or job with this kind and key, if there is one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn cancel(&mut self, kind: &str, key: &str) -> Result<(), DbError> {
        work::store::delete_by_key(self, kind, key).await
    }

    /// Ends a job in this transaction. Fenced: when another node took the job over, or it was rescheduled or
    /// cancelled, this fails and the whole change is rolled back.
    ///
    /// # Errors
    /// [`DbError::LeaseLost`], or when the database fails.
    pub async fn finish(&mut self, job: &Job) -> Result<Finished, DbError> {
        work::store::finish(self, job).await
    }

    /// Writes the events and commits. Gives what it leaves to do.
    pub(super) async fn commit(mut self) -> Result<Left, DbError> {
        let events = std::mem::take(&mut self.events);
        self.left.events = events.iter().map(|new| (new.event.record_kind.0, new.event.kind)).collect();
        event_log::append(&self, &events).await?;
        self.level.commit().await?;
        Ok(self.left)
    }

    pub(super) async fn rollback(self) {
        if let Err(error) = self.level.rollback().await {
            tracing::warn!(%error, "a rollback failed");
        }
    }
}

impl Sql for Tx {
    fn backend(&self) -> Backend {
        match self.level {
            Level::Shared(_) => Backend::Sqlite,
            Level::Own { .. } => Backend::Postgres,
        }
    }

    fn memory(&self) -> &Memory {
        &self.memory
    }

    async fn all<R: FromRow + Send>(&self, text: &str, params: Vec<Value>) -> Result<Vec<R>, DbError> {
        match &self.level {
            Level::Shared(savepoint) => savepoint.on.all(text, &params),
            Level::Own { transaction, .. } => sql::all(transaction, Backend::Postgres, text, params).await,
        }
    }

    async fn one<R: FromRow + Send>(&self, text: &str, params: Vec<Value>) -> Result<Option<R>, DbError> {
        match &self.level {
            Level::Shared(savepoint) => savepoint.on.one(text, &params),
            Level::Own { transaction, .. } => sql::one(transaction, Backend::Postgres, text, params).await,
        }
    }

    async fn execute(&self, text: &str, params: Vec<Value>) -> Result<u64, DbError> {
        match &self.level {
            Level::Shared(savepoint) => savepoint.on.execute(text, &params),
            Level::Own { transaction, .. } => sql::execute(transaction, Backend::Postgres, text, params).await,
        }
    }
}
