//! Keeps requests at the pace that was asked for.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// A token bucket, as client-go's `flowcontrol` has it.
#[derive(Debug)]
pub(super) struct Pace {
    limit: Option<Limit>,
}

#[derive(Debug)]
struct Limit {
    interval: Duration,
    burst: u32,
    /// When the bucket will be full again: requests move it into the future.
    full_at: Mutex<Option<Instant>>,
}

impl Pace {
    /// No limit when `qps` is absent or not above zero.
    pub(super) fn new(qps: Option<f32>, burst: u32) -> Self {
        let interval = qps.filter(|qps| *qps > 0.0).and_then(|qps| Duration::try_from_secs_f32(1.0 / qps).ok());
        Self { limit: interval.map(|interval| Limit { interval, burst: burst.max(1), full_at: Mutex::new(None) }) }
    }

    /// Waits until the next request may be made.
    pub(super) async fn turn(&self) {
        if let Some(limit) = &self.limit {
            tokio::time::sleep_until(limit.reserve(Instant::now())).await;
        }
    }
}

impl Limit {
    /// The moment at which the next request may be made.
    fn reserve(&self, now: Instant) -> Instant {
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let next = full_at.map_or(now, |at| at.max(now)) + self.interval;
        *full_at = Some(next);
        // A bucket of `burst` tokens is empty when it is `burst` intervals away from full.
        next.checked_sub(self.interval * self.burst).map_or(now, |at| at.max(now))
    }
}

#[cfg(test)]
mod tests;
