//! The port through which the engine knows and spends time.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;

/// Tells the time and waits. The engine has no other access to a clock.
#[async_trait]
pub trait Clock: Debug + Send + Sync + 'static {
    /// The present moment, in the zone that records are to be written in (Helm writes the machine's local one).
    fn now(&self) -> jiff::Zoned;

    /// How long ago some fixed moment was: never goes back, whatever somebody sets the machine's clock to.
    ///
    /// The default goes by [`Clock::now`].
    fn elapsed(&self) -> Duration {
        Duration::try_from(self.now().timestamp().as_duration()).unwrap_or_default()
    }

    /// Waits for that long.
    ///
    /// # Cancellation
    /// Dropping the future leaves nothing behind.
    async fn sleep(&self, duration: Duration);
}
