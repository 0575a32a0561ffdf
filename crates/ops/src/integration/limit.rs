//! A token bucket per integration, so that one broken monitor does not drown the others.
//!
//! The buckets stand in the memory of this process: they protect it, and decide nothing that must be remembered.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use jiff::Timestamp;
use kernel::IntegrationId;

/// Requests per second in the long run, unless the integration's settings say otherwise (`rate_per_s`).
pub const PER_SECOND: u32 = 500;
/// Seconds of the long-run rate that may come at once.
const BURST_S: f64 = 2.0;
/// Full buckets are forgotten when this many stand.
const FORGET_AT: usize = 1_000;

struct Bucket {
    tokens: f64,
    at: Timestamp,
}

static BUCKETS: LazyLock<Mutex<HashMap<IntegrationId, Bucket>>> = LazyLock::new(|| Mutex::new(HashMap::new()));

/// Takes one token; `Err` gives the whole seconds after which there is one again.
pub fn take(integration: IntegrationId, per_second: u32, now: Timestamp) -> Result<(), u64> {
    let rate = f64::from(per_second.max(1));
    let mut buckets = BUCKETS.lock().unwrap_or_else(PoisonError::into_inner);
    if buckets.len() > FORGET_AT {
        buckets.retain(|_, bucket| bucket.idle_s(now) < BURST_S);
    }
    let bucket = buckets.entry(integration).or_insert(Bucket { tokens: rate * BURST_S, at: now });
    bucket.tokens = (bucket.tokens + bucket.idle_s(now) * rate).min(rate * BURST_S);
    bucket.at = now;
    if bucket.tokens < 1.0 {
        return Err(1);
    }
    bucket.tokens -= 1.0;
    Ok(())
}

impl Bucket {
    fn idle_s(&self, now: Timestamp) -> f64 {
        now.duration_since(self.at).as_secs_f64().max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_empties_the_bucket_and_time_fills_it() {
        let integration = IntegrationId(uuid::Uuid::from_u128(7_001));
        let start: Timestamp = "2026-01-05T09:00:00Z".parse().unwrap();
        for _ in 0..20 {
            assert_eq!(take(integration, 10, start), Ok(()));
        }
        assert_eq!(take(integration, 10, start), Err(1));
        let later: Timestamp = "2026-01-05T09:00:01Z".parse().unwrap();
        for _ in 0..10 {
            assert_eq!(take(integration, 10, later), Ok(()));
        }
        assert_eq!(take(integration, 10, later), Err(1));
    }
}
