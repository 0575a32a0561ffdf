//! Readers and jobs: exactly once in the database, retried, put aside, fenced.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use async_trait::async_trait;
use jiff::SignedDuration;
use kernel::{Clock, Event, RecordKind};
use platform::app::Stopping;
use platform::db::FromRow;
use platform::{
    Ctx, Db, DbError, Finished, Job, JobHandler, Lane, NewJob, Reader, Sql, StoredEvent, Tx, Work, WorkError, params,
};
use serde_json::json;
use testkit::process::shows;
use testkit::{Backend, TestApp};
use uuid::Uuid;

#[derive(FromRow, Debug, PartialEq)]
struct JobRow {
    state: String,
    attempt: i64,
    due_at: i64,
}

async fn job_rows(db: &Db, kind: &str) -> Vec<JobRow> {
    db.read().all("SELECT state, attempt, due_at FROM jobs WHERE kind = $1", params![kind]).await.unwrap()
}

/// Writes a job per event, so that an event handled twice would show.
struct Copier;

#[async_trait]
impl Reader for Copier {
    fn name(&self) -> &'static str {
        "copier"
    }

    fn concerns(&self, _: &str, _: &str) -> bool {
        true
    }

    async fn handle(&self, tx: &mut Tx, event: &StoredEvent) -> Result<(), WorkError> {
        if event.record_version == 3 {
            return Err(WorkError::Failed("three is poison".to_owned()));
        }
        let insert = "INSERT INTO readers (name, position) VALUES ($1, 0)";
        tx.execute(insert, params![format!("seen {}", event.record_version)]).await?;
        Ok(())
    }
}

/// Fails until the given attempt.
struct Flaky {
    db: Db,
    succeeds_at: i64,
    runs: Arc<AtomicI64>,
}

#[async_trait]
impl JobHandler for Flaky {
    fn kind(&self) -> &'static str {
        "flaky"
    }

    async fn run(&self, job: &Job) -> Result<Finished, WorkError> {
        self.runs.fetch_add(1, Ordering::SeqCst);
        if job.attempt < self.succeeds_at {
            return Err(WorkError::Failed("not yet".to_owned()));
        }
        let job = job.clone();
        self.db
            .write(&Ctx::system("flaky"), Lane::Front, move |tx| Box::pin(async move { Ok(tx.finish(&job).await?) }))
            .await
    }
}

async fn schedule(app: &TestApp, job: NewJob) {
    app.app
        .db
        .write::<(), DbError, _>(&Ctx::system("test"), Lane::Front, |tx| {
            Box::pin(async move { tx.schedule(job).await })
        })
        .await
        .unwrap();
}

/// Hangs until it is told to go on.
struct Hangs {
    db: Db,
    go_on: Arc<tokio::sync::Notify>,
    runs: Arc<AtomicI64>,
}

#[async_trait]
impl JobHandler for Hangs {
    fn kind(&self) -> &'static str {
        "hangs"
    }

    async fn run(&self, job: &Job) -> Result<Finished, WorkError> {
        self.runs.fetch_add(1, Ordering::SeqCst);
        self.go_on.notified().await;
        let job = job.clone();
        self.db
            .write(&Ctx::system("hangs"), Lane::Front, move |tx| Box::pin(async move { Ok(tx.finish(&job).await?) }))
            .await
    }
}

/// A server of its own on the app's database.
async fn server(app: &TestApp, succeeds_at: i64) -> (Db, Work, Arc<tokio::sync::Notify>, [Arc<AtomicI64>; 2]) {
    let db = Db::connect(&app.database().url, app.clock.clone()).await.unwrap();
    let (go_on, runs) = (Arc::new(tokio::sync::Notify::new()), [Arc::default(), Arc::default()]);
    let hangs = Hangs { db: db.clone(), go_on: go_on.clone(), runs: Arc::clone(&runs[0]) };
    let flaky = Flaky { db: db.clone(), succeeds_at, runs: Arc::clone(&runs[1]) };
    (db, Work::new().job(hangs).job(flaky), go_on, runs)
}

async fn lease(app: &TestApp) -> Option<i64> {
    let sql = "SELECT state, attempt, lease_until AS due_at FROM jobs WHERE kind = 'hangs' AND lease_until IS NOT NULL";
    app.app.db.read().all::<JobRow>(sql, vec![]).await.unwrap().first().map(|row| row.due_at)
}

testkit::both_databases! {
    async fn a_long_job_is_kept_by_the_server_that_works_on_it(kind) {
        let app = TestApp::builder().build(kind).await;
        schedule(&app, NewJob::now("hangs", "a", json!({}))).await;
        let (one, work, go_on, runs) = server(&app, 1).await;
        let working = tokio::spawn(async move { work.step(&one).await });
        let first = shows("the job to be claimed", || lease(&app)).await;
        app.clock.set(app.clock.now() + SignedDuration::from_secs(4));
        shows("the lease to be renewed", || async { (lease(&app).await? > first).then_some(()) }).await;
        app.clock.set(app.clock.now() + SignedDuration::from_secs(4));
        let (other, others_work, _, others_runs) = server(&app, 1).await;
        assert!(!others_work.step(&other).await.unwrap(), "another server must not take what is being worked on");
        go_on.notify_one();
        assert!(working.await.unwrap().unwrap());
        assert!(job_rows(&app.app.db, "hangs").await.is_empty());
        assert_eq!((runs[0].load(Ordering::SeqCst), others_runs[0].load(Ordering::SeqCst)), (1, 0));
    }

    async fn a_killed_servers_jobs_pass_on(kind) {
        let app = TestApp::builder().build(kind).await;
        schedule(&app, NewJob::now("hangs", "a", json!({}))).await;
        let (one, work, _, _) = server(&app, 1).await;
        let working = tokio::spawn(async move { work.step(&one).await });
        shows("the job to be claimed", || lease(&app)).await;
        working.abort();
        // One server has a SQLite file to itself and need not wait; on PostgreSQL the lease must run out.
        let (next, work, go_on, runs) = server(&app, 1).await;
        let (stop, stopping) = Stopping::new();
        let serving = tokio::spawn(work.run(next, stopping));
        if kind == Backend::Postgres {
            app.clock.set(app.clock.now() + SignedDuration::from_secs(16));
        }
        shows("the next server to take the job", || async { (runs[0].load(Ordering::SeqCst) == 1).then_some(()) }).await;
        go_on.notify_one();
        shows("the job to be done", || async { job_rows(&app.app.db, "hangs").await.is_empty().then_some(()) }).await;
        stop.send_replace(true);
        serving.await.unwrap();
    }

    async fn a_kind_that_hangs_holds_up_no_other(kind) {
        let app = TestApp::builder().build(kind).await;
        let (db, work, go_on, runs) = server(&app, 1).await;
        let (stop, stopping) = Stopping::new();
        let serving = tokio::spawn(work.run(db, stopping));
        for n in 0..40 {
            schedule(&app, NewJob::now("hangs", n.to_string(), json!({}))).await;
        }
        shows("the first to hang", || async { (runs[0].load(Ordering::SeqCst) > 0).then_some(()) }).await;
        schedule(&app, NewJob::now("flaky", "a", json!({}))).await;
        shows("the other kind to be done", || async { job_rows(&app.app.db, "flaky").await.is_empty().then_some(()) }).await;
        stop.send_replace(true);
        shows("the server to end", || async {
            go_on.notify_one();
            serving.is_finished().then_some(())
        })
        .await;
    }

    async fn a_reader_sees_each_event_once_and_survives_poison(kind) {
        let app = TestApp::builder().work(|_| Work::new().reader(Copier)).build(kind).await;
        for n in 1..=5 {
            app.app.db.write::<(), DbError, _>(&Ctx::system("test"), Lane::Front, move |tx| Box::pin(async move {
                tx.emit(Event::new("Tested", RecordKind::JOB, Uuid::nil(), n, json!({})));
                Ok(())
            })).await.unwrap();
        }
        app.settle().await;
        for (n, seen) in [(1, 1), (2, 1), (3, 0), (4, 1), (5, 1)] {
            let rows = app.app.db.read().all::<JobRow>(
                "SELECT name AS state, position AS attempt, position AS due_at FROM readers WHERE name = $1",
                params![format!("seen {n}")],
            ).await.unwrap();
            assert_eq!(rows.len(), seen, "event {n}");
        }
        let dead = job_rows(&app.app.db, "reader.event").await;
        assert_eq!(dead.len(), 1);
        assert_eq!(dead[0].state, "dead");
    }

    async fn a_failing_job_is_tried_later_and_later_and_then_put_aside(kind) {
        let runs = Arc::new(AtomicI64::new(0));
        let counter = runs.clone();
        let app = TestApp::builder().work(|app| Work::new().job(Flaky { db: app.db.clone(), succeeds_at: 99, runs: counter })).build(kind).await;
        schedule(&app, NewJob::now("flaky", "a", json!({})).max_attempts(3)).await;
        app.settle().await;
        assert_eq!(runs.load(Ordering::SeqCst), 1);
        app.advance(SignedDuration::from_secs(5)).await;
        assert_eq!(runs.load(Ordering::SeqCst), 2);
        app.advance(SignedDuration::from_secs(5)).await;
        assert_eq!(runs.load(Ordering::SeqCst), 2, "the second pause is ten seconds");
        app.advance(SignedDuration::from_secs(5)).await;
        assert_eq!(runs.load(Ordering::SeqCst), 3);
        let rows = job_rows(&app.app.db, "flaky").await;
        assert_eq!((rows[0].state.as_str(), rows[0].attempt), ("dead", 3));
        app.advance(SignedDuration::from_hours(24)).await;
        assert_eq!(runs.load(Ordering::SeqCst), 3, "a dead job rests");
    }

    async fn a_timer_runs_when_it_is_due_and_once(kind) {
        let runs = Arc::new(AtomicI64::new(0));
        let counter = runs.clone();
        let app = TestApp::builder().work(|app| Work::new().job(Flaky { db: app.db.clone(), succeeds_at: 1, runs: counter })).build(kind).await;
        let due = app.clock.now() + SignedDuration::from_mins(5);
        schedule(&app, NewJob::at("flaky", "a", due, json!({}))).await;
        app.advance(SignedDuration::from_secs(299)).await;
        assert_eq!(runs.load(Ordering::SeqCst), 0);
        app.advance(SignedDuration::from_hours(2)).await;
        assert_eq!(runs.load(Ordering::SeqCst), 1);
        assert!(job_rows(&app.app.db, "flaky").await.is_empty());
    }

    async fn a_job_that_was_rescheduled_while_it_ran_does_not_commit(kind) {
        let app = TestApp::builder().build(kind).await;
        struct Stale { db: Db, app_now: jiff::Timestamp }
        #[async_trait]
        impl JobHandler for Stale {
            fn kind(&self) -> &'static str { "stale" }
            async fn run(&self, job: &Job) -> Result<Finished, WorkError> {
                let later = self.app_now + SignedDuration::from_hours(1);
                let again = NewJob::at("stale", job.key.clone(), later, json!({}));
                self.db.write::<(), DbError, _>(&Ctx::system("test"), Lane::Front, |tx| Box::pin(async move { tx.schedule(again).await })).await?;
                let job = job.clone();
                self.db.write(&Ctx::system("stale"), Lane::Front, move |tx| Box::pin(async move {
                    tx.execute("INSERT INTO readers (name, position) VALUES ('stale effect', 0)", vec![]).await?;
                    Ok(tx.finish(&job).await?)
                })).await
            }
        }
        schedule(&app, NewJob::now("stale", "a", json!({}))).await;
        let work = Work::new().job(Stale { db: app.app.db.clone(), app_now: app.clock.now() });
        assert!(work.step(&app.app.db).await.unwrap());
        let effects = app.app.db.read().all::<JobRow>("SELECT name AS state, position AS attempt, position AS due_at FROM readers", vec![]).await.unwrap();
        assert!(effects.is_empty(), "the stale run must not take effect");
        assert_eq!(job_rows(&app.app.db, "stale").await.len(), 1);
    }
}
