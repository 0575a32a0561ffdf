//! The real clock: the only place that reads the time.

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

/// Sleeps in real time: for loops that look again, never for a decision.
#[expect(clippy::disallowed_methods, reason = "the one place that sleeps")]
pub async fn pause(duration: std::time::Duration) {
    tokio::time::sleep(duration).await;
}
