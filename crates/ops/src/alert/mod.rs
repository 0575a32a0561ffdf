//! Alerts: something that a machine or a person says is wrong, until it is closed.
//!
//! **Vocabulary.** *Alias*: what de-duplicates reports; *report* or *raise*: say that it is wrong (again);
//! *acknowledge*: take it; *snooze*: keep it quiet until an instant; *owner*: the person it is assigned to;
//! *responder*: somebody named on the alert itself; *affected service*: found by the sender's name or by rules.
//!
//! **Invariants**
//! - At most one alert is open per alias: a partial unique index.
//! - A report of an open alias adds one to its count and a line to its log; it never overwrites the alert.
//! - Every change goes through `AlertRow::apply` (or `raise_in`), and appends to the log and the event log in the
//!   same transaction, after the alert's row was locked.
//! - Free text (message, description, notes) stays in its own rows and never enters the event log.
//! - Absent on purpose: paging. It reads the events of this module and calls the functions ending in `_in`.
//!
//! **One request walked through.** `POST /api/v1/alerts/{id}/acknowledge` is parsed by `routes`; `service::act`
//! requires `alerts:write`, reads the alert within the caller's scope and calls `change::apply_in`, which locks the
//! row, lets `domain::alert` decide, stores the row, a log line and the event `AlertAcknowledged`. After the commit the
//! answer is built by `view`, and paging stops because it reads the event.

pub mod api;
pub mod change;
mod error;
pub mod jobs;
pub mod query;
mod raise;
mod routes;
pub mod search;
pub mod service;
mod state;
mod store;
mod titles;
mod view;
mod words;

pub use change::{
    AlertState, Change, Responder, acknowledge_in, add_responder_in, apply_in, close_in, find_in, find_number_in,
    find_open_in, get_all_in, get_in, lock_in, log_all_in, log_in, set_incident_in, time_out_acknowledgement_in,
    unacknowledge_in,
};
pub use error::AlertError;
pub use raise::{RaiseAlert, Raised, raise_in};
pub use routes::routes;
pub use state::{IncidentState, Verb};
pub use store::AlertRow;
pub use titles::{AlertTitles, AlertsOfTicket, OpenAlertsOfService};
pub use view::instant;

use platform::{App, Ctx, DbError, Lane, Work};

/// Alerts whose words are noted in one transaction.
const CAUGHT_UP: i64 = 500;

/// What the first start needs: queues over alerts. The words of alerts of an earlier version are noted too.
///
/// # Errors
/// When the database fails.
pub async fn seed(app: &App) -> Result<(), DbError> {
    let system = Ctx::system("catch_up");
    loop {
        let done = app.db.write(&system, Lane::Bulk, |tx| {
            Box::pin(async move {
                let rows = store::list_without_words(&*tx, CAUGHT_UP).await?;
                let words: Vec<_> = rows.iter().map(words::of).collect();
                store::insert_words(tx, &words).await?;
                Ok::<_, DbError>(words.len())
            })
        });
        if done.await? == 0 {
            break;
        }
    }
    let first = Ctx::system("first_start");
    app.db.write(&first, Lane::Front, |tx| Box::pin(async move { query::seed_in(tx).await })).await
}

/// What runs by itself: the end of snoozes.
pub fn work(app: &App) -> Work {
    Work::new().job(jobs::EndSnooze::new(app))
}
