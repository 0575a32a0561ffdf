//! The real clock: the only place that reads the time.

use std::sync::Arc;

use jiff::Timestamp;
use kernel::Clock;

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A clock in whole microseconds, as instants are stored: what was computed from an instant before it was stored is
/// then equal to what is computed after it was read.
pub(crate) struct StoredPrecision(pub Arc<dyn Clock>);

impl Clock for StoredPrecision {
    fn now(&self) -> Timestamp {
        kernel::timestamp(kernel::micros(self.0.now()))
    }
}

/// Sleeps in real time: for loops that look again, never for a decision.
#[expect(clippy::disallowed_methods, reason = "the one place that sleeps")]
pub async fn pause(duration: std::time::Duration) {
    tokio::time::sleep(duration).await;
}
