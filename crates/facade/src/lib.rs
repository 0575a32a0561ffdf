//! APIs of other products at their original paths, so that their clients move by changing an address and a key.
//!
//! - [`opsgenie`]: the alert API of Opsgenie, as its SDKs and Alertmanager's `opsgenie_configs` use it.
//!
//! **Invariants**
//! - Nothing is decided here: every operation calls the service functions of the slice that owns the record.
//! - A client of the original product needs no change beside host and key. Where it would lose an alert by an error,
//!   what it sends is cut to fit instead.

pub mod opsgenie;

use platform::{App, Migration, Work};
use utoipa_axum::router::OpenApiRouter;

/// The tables of this crate.
pub const MIGRATIONS: &[Migration] =
    &[Migration { name: "facade_0001_opsgenie", sql: include_str!("../migrations/0001_opsgenie.sql") }];

/// The routes of this crate.
pub fn routes() -> OpenApiRouter<App> {
    opsgenie::routes()
}

/// Nothing runs by itself here.
pub fn work(_app: &App) -> Work {
    Work::new()
}
