//! The port through which the engine knows and spends time.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;

/// Tells the time and waits. The engine has no other access to a clock.
#[async_trait]
pub trait Clock: Debug + Send + Sync + 'static {
    /// The present moment, in the zone that records are to be written in (Helm writes the machine's local one).
    fn now(&self) -> jiff::Zoned;

    /// Waits for that long.
    ///
    /// # Cancellation
    /// Dropping the future leaves nothing behind.
    async fn sleep(&self, duration: Duration);
}
