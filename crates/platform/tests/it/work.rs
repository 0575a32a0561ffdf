//! Readers and jobs: exactly once in the database, retried, put aside, fenced.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use async_trait::async_trait;
use jiff::SignedDuration;
use kernel::{Clock, Event, RecordKind};
use platform::{
    Ctx, Db, DbError, Finished, Job, JobHandler, Lane, NewJob, Reader, Sql, StoredEvent, Tx, Work, WorkError, params,
};
use sea_orm::FromQueryResult;
use serde_json::json;
use testkit::TestApp;
use uuid::Uuid;

#[derive(FromQueryResult, Debug, PartialEq)]
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

testkit::both_databases! {
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
