//! `--demo`: the made-up Nordhaven, a retailer with shops, a web shop and a payments team.
//!
//! The company is made through the same API that everybody uses, by its own people, over a clock that walks through the
//! last four weeks: so its history, its pages and its figures are real ones, and the demo is also a test of the whole.
//!
//! **Invariant**: it fills an empty database only.

mod company;
mod month;
mod person;

use std::sync::Arc;

use anyhow::Context;
use jiff::{SignedDuration, Timestamp};
use kernel::{Clock, ManualClock};
use platform::{Db, app::Stopping};

use crate::{assembly, config::Config, setup};

/// The company.
pub const COMPANY: &str = "Nordhaven";
/// The password of everybody at Nordhaven.
pub const PASSWORD: &str = "nordhaven-at-night";
/// Who the printed sign-in is for.
pub const SIGN_IN: &str = "amara.okafor@nordhaven.example";
/// How much history there is.
const HISTORY: SignedDuration = SignedDuration::from_hours(28 * 24);

/// The server of the past: everything as it will run, over a clock that the demo moves.
struct Past {
    app: platform::App,
    router: axum::Router,
    work: platform::Work,
    clock: Arc<ManualClock>,
}

impl Past {
    /// Lets readers and jobs do what is due.
    async fn settle(&self) -> anyhow::Result<()> {
        while self.work.step(&self.app.db).await? {}
        Ok(())
    }

    /// Walks to an instant, stopping wherever something falls due.
    async fn walk_to(&self, end: Timestamp) -> anyhow::Result<()> {
        self.settle().await?;
        while let Some(due) = self.work.next_due(&self.app.db).await?.filter(|due| *due <= end) {
            self.clock.set(due);
            self.settle().await?;
        }
        self.clock.set(end.max(self.clock.now()));
        self.settle().await
    }
}

/// Fills the database when nobody is in it. Gives whether it did.
///
/// # Errors
/// When a step of the story is refused, which is a defect of the demo.
pub async fn fill(config: &Config, now: Timestamp) -> anyhow::Result<bool> {
    let clock = Arc::new(ManualClock::new(now - HISTORY));
    let db = Db::connect(&config.database_url()?, clock.clone()).await?;
    db.migrate(&assembly::migrations()).await?;
    if !identity::setup::needed(&db).await? {
        return Ok(false);
    }
    tracing::info!("filling the database with the demo company; this takes a moment");
    let app = assembly::app(assembly::configured(config, db, Stopping::new().1)?);
    let past = Past { router: assembly::router(app.clone()), work: assembly::work(&app), app, clock };
    let company = company::found(&past).await.context("the demo company could not be made")?;
    month::live(&past, &company, now).await.context("the demo company's history could not be made")?;
    company.leave(&past).await?;
    setup::demo::mark(&past.app.db).await?;
    Ok(true)
}
